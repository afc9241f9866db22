#include "program/load.hpp"

#include <algorithm>

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
    bool ok = true;
    for (const Source& source : sources) {
        remember(source.name, source.text, true);
        ok = yaml::load(source.text, source.name, remembering, options.limits, sources_for_printing, model,
                        diagnostics) &&
             ok;
    }
    // Also after errors: what else is wrong is told at the same time.
    std::unique_ptr<Program> program = compile(model, sources_for_printing, options, diagnostics);
    if (!ok || !program) return nullptr;
    program->hash = definition_hash(read);
    program->sources_text = std::move(read);
    return program;
}

}  // namespace leat::program
