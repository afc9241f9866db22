#include "program/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "dmn/dmn.hpp"
#include "program/translations.hpp"

namespace leat::program {

base::Digest definition_hash(const std::vector<Source>& sources) {
    std::string bytes;
    auto add = [&](const std::string& text) { bytes += std::to_string(text.size()) + ":" + text; };
    for (const Source& source : sources) {
        add(source.name);
        add(source.text);
    }
    return base::sha256(bytes);
}

namespace {

bool is_model(const std::string& name) {
    return name.ends_with(".dmn");
}

// A path as the file `from` means it.
std::string beside(const std::string& from, const std::string& path) {
    return path.starts_with('/') ? path : from.substr(0, from.rfind('/') + 1) + path;
}

// Reads DMN models, and those that they import, each once.
class ModelReader {
 public:
    ModelReader(const LoadOptions& options, base::Sources& sources, Diagnostics& diagnostics)
        : options_(options), sources_(sources), diagnostics_(diagnostics) {}
    using Remember = std::function<void(const std::string& name, const std::string& text)>;

    void read(const std::string& name, const std::string& text) {
        bool known = std::any_of(read_.begin(), read_.end(),
                                 [&](const Source& one) { return one.name == name && one.text == text; });
        if (known) return;
        read_.push_back({name, text, true});
        models_.push_back(std::make_unique<model::DmnModel>());
        ok_ = dmn::read(text, name, options_.limits, sources_, *models_.back(), diagnostics_) && ok_;
    }

    // What is imported and not here: from its location, else from among the importable ones.
    void read_imports(const yaml::FileReader& files, const Remember& remember) {
        std::vector<std::unique_ptr<model::DmnModel>> around;
        for (size_t i = 0; i < models_.size(); ++i) {
            for (size_t j = 0; j < models_[i]->imports.size(); ++j) {
                const model::DmnImport import = models_[i]->imports[j];
                if (!import.is_dmn || has(import.space)) continue;
                const std::string from = sources_.name(import.span.source);
                std::optional<std::string> text;
                if (is_model(import.location.text)) text = files(from, import.location.text);
                if (text)
                    read(beside(from, import.location.text), *text);
                else
                    read_around(import.space, around, remember);
            }
        }
    }

    // nullptr after an error. What is no error is told too, and added to `warnings`.
    std::unique_ptr<decision::Graph> compile(std::vector<Diagnostic>& warnings) {
        std::vector<const model::DmnModel*> all;
        for (const auto& model : models_) all.push_back(model.get());
        decision::GraphOptions options;
        options.limits = options_.limits;
        if (!ok_) return nullptr;
        Diagnostics found;
        auto graph = decision::compile(all, options, found);
        for (Diagnostic& one : found.take()) {
            bool error = one.severity == Severity::error || options_.strict;
            Diagnostic& told = error ? diagnostics_.error(one.code, one.span, one.message, one.hint)
                                     : diagnostics_.warning(one.code, one.span, one.message, one.hint);
            told.notes = one.notes;
            if (!error) warnings.push_back(std::move(one));
        }
        return graph;
    }
    bool empty() const { return models_.empty(); }
    const model::DmnModel& first() const { return *models_[0]; }

 private:
    bool has(const std::string& space) const {
        return std::any_of(models_.begin(), models_.end(), [&](const auto& model) { return model->space == space; });
    }
    void read_around(const std::string& space, std::vector<std::unique_ptr<model::DmnModel>>& around,
                     const Remember& remember) {
        // Each is read once to know its namespace; what is wrong in one that nobody imports is nobody's business.
        for (const Source& source : options_.importable) {
            if (around.size() == options_.importable.size()) break;
            base::Sources unprinted;
            Diagnostics unsaid;
            around.push_back(std::make_unique<model::DmnModel>());
            dmn::read(source.text, source.name, options_.limits, unprinted, *around.back(), unsaid);
        }
        for (size_t i = 0; i < around.size(); ++i) {
            if (around[i]->space != space) continue;
            remember(options_.importable[i].name, options_.importable[i].text);
            read(options_.importable[i].name, options_.importable[i].text);
            return;
        }
    }

    const LoadOptions& options_;
    base::Sources& sources_;
    Diagnostics& diagnostics_;
    std::vector<Source> read_;
    std::vector<std::unique_ptr<model::DmnModel>> models_;
    bool ok_ = true;
};

// A name means one decision: that of the definitions, or a model's.
void check_names(const decision::Graph& models, const std::vector<model::Decision>& decisions,
                 Diagnostics& diagnostics) {
    for (const model::Decision& decision : decisions) {
        if (models.find(decision.name.text) == decision::Graph::kNone) continue;
        diagnostics.error("dmn.duplicate", decision.name.span,
                          fmt::format("'{}' is a decision here and in a DMN model", decision.name.text),
                          "rename one of them");
    }
}

// Former versions of flows stand beside the ones of today, about the same entities and in the same columns.
bool add_pinned(const LoadOptions& options, base::Sources& printing, model::Model& model, Diagnostics& diagnostics) {
    for (const PinnedFlow& pinned : options.pinned) {
        auto today = std::find_if(model.flows.begin(), model.flows.end(), [&](const model::Flow& flow) {
            return !flow.is_extend && flow.name.text == pinned.flow;
        });
        if (today == model.flows.end()) continue;
        auto files = [&](const std::string&, const std::string& path) -> std::optional<std::string> {
            for (const Source& one : pinned.sources)
                if (one.name == path || one.name.ends_with("/" + path)) return one.text;
            return std::nullopt;
        };
        model::Model former;
        for (const Source& source : pinned.sources) {
            if (!source.root || is_model(source.name)) continue;
            std::string name = fmt::format("{}{} of {}: {}", kFormerSource, pinned.version, pinned.flow, source.name);
            if (!yaml::load(source.text, name, files, options.limits, printing, former, diagnostics)) return false;
        }
        const Text of = today->of, name = today->name;
        std::stable_partition(former.flows.begin(), former.flows.end(),
                              [](const model::Flow& flow) { return !flow.is_extend; });
        for (model::Flow& flow : former.flows) {
            if (flow.name.text != pinned.former) continue;
            flow.pinned = pinned.version;
            if (!flow.is_extend) flow.of = of.empty() ? name : of;
            flow.name.text = name.text;
            model.flows.push_back(std::move(flow));
        }
    }
    return true;
}

}  // namespace

std::unique_ptr<Program> load(const std::vector<Source>& sources, const yaml::FileReader& files,
                              const LoadOptions& options, Diagnostics& diagnostics,
                              base::Sources& sources_for_printing) {
    std::vector<Source> read;
    auto remember = [&](const std::string& name, const std::string& text, bool root) {
        bool known = std::any_of(read.begin(), read.end(),
                                 [&](const Source& one) { return one.name == name && one.text == text; });
        if (!known) read.push_back({name, text, root});
    };
    yaml::FileReader remembering = [&](const std::string& from, const std::string& path) -> std::optional<std::string> {
        std::optional<std::string> text;
        if (files) text = files(from, path);
        if (text) remember(path, *text, false);
        return text;
    };
    model::Model model;
    ModelReader models(options, sources_for_printing, diagnostics);
    bool ok = true, only_models = true;
    for (const Source& source : sources) {
        remember(source.name, source.text, true);
        if (is_model(source.name)) {
            models.read(source.name, source.text);
            continue;
        }
        only_models = false;
        ok = yaml::load(source.text, source.name, remembering, options.limits, sources_for_printing, model,
                        diagnostics) &&
             ok;
    }
    for (const Text& path : model.models) {
        const std::string from = sources_for_printing.name(path.span.source);
        if (auto text = remembering(from, path.text)) {
            models.read(beside(from, path.text), *text);
            continue;
        }
        diagnostics.error("yaml.file.missing", path.span, fmt::format("there is no file '{}'", path.text),
                          fmt::format("paths are relative to the file that names them ({})", from));
        ok = false;
    }
    models.read_imports(remembering,
                        [&](const std::string& name, const std::string& text) { remember(name, text, true); });
    size_t errors = diagnostics.error_count();
    std::vector<Diagnostic> warnings;
    std::unique_ptr<decision::Graph> graph = models.empty() ? nullptr : models.compile(warnings);
    if (graph) check_names(*graph, model.decisions, diagnostics);
    place_texts(model, diagnostics);
    ok = ok && diagnostics.error_count() == errors && (models.empty() || graph);
    ok = add_pinned(options, sources_for_printing, model, diagnostics) && ok;
    // Also after errors: what else is wrong is told at the same time.
    std::unique_ptr<Program> program = compile(model, sources_for_printing, options, diagnostics, std::move(graph));
    if (!ok || !program) return nullptr;
    program->warnings.insert(program->warnings.end(), warnings.begin(), warnings.end());
    if (only_models) program->app_name = models.first().name.text;
    program->hash = definition_hash(read);
    program->sources_text = std::move(read);
    return program;
}

}  // namespace leat::program
