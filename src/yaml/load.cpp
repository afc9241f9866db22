// load(): which section a document is, and what it includes.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "yaml/parse.hpp"
#include "yaml/sections.hpp"
#include "yaml/yaml.hpp"

namespace leat::yaml {

using namespace model;

namespace {

// Sections of the language reference; `built` is what this version reads.
struct SectionName {
    std::string_view name;
    bool built;
};
constexpr SectionName kSingular[] = {
    {"leat", true},      {"entity", true},    {"extend", true},     {"decision", true},  {"flow", true},
    {"rule", true},      {"sla", true},       {"assignment", true}, {"pool", false},     {"message", true},
    {"connector", true}, {"report", true},    {"notice", true},     {"document", false}, {"test", false},
    {"migration", true}, {"scorecard", true}, {"service", true},    {"texts", true}};
constexpr SectionName kPlural[] = {{"roles", true},     {"calendars", true}, {"settings", true},
                                   {"functions", true}, {"include", true},   {"mixins", true}};

template <size_t N>
const SectionName* find_section(const SectionName (&names)[N], const std::string& key) {
    auto found = std::find_if(std::begin(names), std::end(names),
                              [&](const SectionName& section) { return section.name == key; });
    return found == std::end(names) ? nullptr : found;
}

class Loader {
 public:
    Loader(Reader& reader, Model& model) : reader_(reader), model_(model) { remember_names(); }

    void read_source(uint32_t source) {
        loaded_.push_back(reader_.sources().name(source));
        open_.push_back(reader_.sources().name(source));
        for (const Node& document : parse(reader_.sources(), source, reader_.limits(), reader_.diagnostics()))
            read_document(document);
        open_.pop_back();
    }

 private:
    void read_document(const Node& document) {
        if (document.kind != Node::Kind::map) {
            reader_.error("yaml.section.type", document.span,
                          "a document is a mapping: a section such as 'entity: NAME' and its keys",
                          document.kind == Node::Kind::scalar && document.text.text.find(':') != std::string::npos
                              ? "a ':' needs a space after it"
                              : "");
            return;
        }
        for (const auto& [key, value] : document.entries) {
            const SectionName* singular = find_section(kSingular, key.text.text);
            if (singular == nullptr) continue;
            if (!singular->built) {
                reader_.not_built(key.span, fmt::format("'{}' sections are", singular->name));
            } else if (singular->name == "texts") {
                read_texts(reader_, document, model_.texts);
            } else if (check_alone(document, key.text.text)) {
                read_section(document, key.text.text);
            }
            return;
        }
        bool told = false;  // a misspelt section makes all its keys unknown: one word about it is enough
        for (const auto& [key, value] : document.entries) {
            if (find_section(kPlural, key.text.text) == nullptr && std::exchange(told, true)) continue;
            read_plural(key, value);
        }
    }

    // One singular section a document: a second section in it is most likely a forgotten "---". What stands before it
    // is not read on, since half of the document's keys belong elsewhere.
    bool check_alone(const Node& document, const std::string& section) {
        for (const auto& [key, value] : document.entries) {
            const std::string& name = key.text.text;
            if (name == section || (section == "leat" && name == "include")) continue;
            bool other = find_section(kPlural, name) != nullptr ||
                         (find_section(kSingular, name) != nullptr && key.span.begin.column == 1);
            if (!other) continue;
            reader_.error("yaml.section.two", key.span, fmt::format("'{}' is a section of its own", name),
                          fmt::format("put a line '---' before it to end '{}'", section));
            return false;
        }
        return true;
    }

    template <class T>
    void add(const Table<T>& table, const Node& document, const char* kind, std::vector<T>& list) {
        T section;
        section.span = document.span;
        table.read(reader_, document, section);
        add_named(std::move(section), kind, list);
    }
    template <class T>
    void add_named(T section, const char* kind, std::vector<T>& list) {
        if (!section.name.empty()) {
            std::string full = fmt::format("{} {}", kind, section.name.text);
            auto [first, added] = names_.emplace(std::move(full), section.name.span);
            if (!added) {
                Diagnostic& diagnostic = reader_.error("yaml.section.duplicate", section.name.span,
                                                       fmt::format("{} '{}' is defined twice", kind, section.name.text),
                                                       "rename one of them");
                diagnostic.notes.push_back({first->second, "first defined here"});
                return;
            }
        }
        list.push_back(std::move(section));
    }

    // What an earlier call has put into the model.
    void remember_names() {
        auto remember = [&](const char* kind, const auto& list) {
            for (const auto& section : list) {
                if constexpr (requires { section.is_extend; }) {
                    if (section.is_extend) continue;
                }
                names_.emplace(fmt::format("{} {}", kind, section.name.text), section.name.span);
            }
        };
        remember("role", model_.roles);
        remember("calendar", model_.calendars);
        remember("setting", model_.settings);
        remember("function", model_.functions);
        remember("mixin", model_.mixins);
        remember("entity", model_.entities);
        remember("decision", model_.decisions);
        remember("scorecard", model_.scorecards);
        remember("service", model_.services);
        remember("flow", model_.flows);
        remember("rule", model_.rules);
        remember("sla", model_.slas);
        remember("message", model_.messages);
        remember("connector", model_.connectors);
        remember("report", model_.reports);
        remember("notice", model_.notices);
        remember("assignment", model_.assignments);
        remember("migration", model_.migrations);
    }

    void read_section(const Node& document, const std::string& section) {
        if (section == "leat") read_app(document);
        if (section == "entity") add(entity_table(), document, "entity", model_.entities);
        if (section == "flow") {
            const size_t before = model_.flows.size();
            add(flow_table(), document, "flow", model_.flows);
            if (model_.flows.size() > before) model_.flows.back().digest = flow_digest(document);
        }
        if (section == "migration") add(migration_table(), document, "migration", model_.migrations);
        if (section == "extend") read_extension(document);
        if (section == "rule") add(rule_table(), document, "rule", model_.rules);
        if (section == "sla") add(sla_table(), document, "sla", model_.slas);
        if (section == "assignment") add(assignment_table(), document, "assignment", model_.assignments);
        if (section == "message") add(message_table(), document, "message", model_.messages);
        if (section == "connector") add(connector_table(), document, "connector", model_.connectors);
        if (section == "report") add(report_table(), document, "report", model_.reports);
        if (section == "notice") add(notice_table(), document, "notice", model_.notices);
        if (section == "scorecard") add(scorecard_table(), document, "scorecard", model_.scorecards);
        if (section == "service") add(service_table(), document, "service", model_.services);
        if (section == "decision") {
            Decision decision;
            decision.span = document.span;
            decision_table().read(reader_, document, decision);
            finish_decision(reader_, document, decision);
            add_named(std::move(decision), "decision", model_.decisions);
        }
    }

    // One section may add to an entity, to a flow of the same name, or to both.
    void read_extension(const Node& document) {
        Extension extension;
        extension.entity.span = extension.flow.span = document.span;
        extension.entity.is_extend = extension.flow.is_extend = true;
        extend_table().read(reader_, document, extension);
        if (extension.entity.name.empty()) return;
        if (!extension.of_entity && !extension.of_flow && !document.damaged)
            reader_.error("yaml.extend.empty", extension.entity.name.span,
                          fmt::format("this adds nothing to '{}'", extension.entity.name.text),
                          "give it fields, constraints, access … of an entity, or events, states, on … of a flow");
        if (extension.of_entity) model_.entities.push_back(std::move(extension.entity));
        if (!extension.of_flow) return;
        extension.flow.digest = flow_digest(document);
        model_.flows.push_back(std::move(extension.flow));
    }

    void read_app(const Node& document) {
        App app;
        app.span = document.span;
        app_table().read(reader_, document, app);
        if (!app.leat.empty() && app.leat.text != "1") {
            reader_.error("yaml.app.version", app.leat.span,
                          fmt::format("this version of Leat reads dialect 1, not '{}'", app.leat.text),
                          "write 'leat: 1'");
        }
        if (!model_.app.leat.empty()) {
            Diagnostic& diagnostic =
                reader_.error("yaml.section.duplicate", app.leat.span, "there is an app section already",
                              "one file says 'leat: 1'; the others hold only sections");
            diagnostic.notes.push_back({model_.app.leat.span, "first defined here"});
            return;
        }
        std::vector<Text> include = app.include;
        model_.app = std::move(app);
        for (const Text& path : include) read_include(path);
    }

    void read_plural(const Node& key, const Node& value) {
        const std::string& name = key.text.text;
        const SectionName* section = find_section(kPlural, name);
        if (section == nullptr) {
            std::vector<std::string> known;
            for (const SectionName& candidate : kPlural) {
                if (candidate.built) known.emplace_back(candidate.name);
            }
            for (const SectionName& candidate : kSingular) {
                if (candidate.built) known.emplace_back(candidate.name);
            }
            reader_.unknown(key.text, "yaml.section.unknown", "the language", known);
        } else if (!section->built) {
            reader_.not_built(key.span, fmt::format("'{}' sections are", name));
        } else if (name == "include") {
            for (const Text& path : reader_.names(value, name)) read_include(path);
        } else if (name == "roles") {
            std::vector<Role> roles;
            read_roles(reader_, value, roles);
            for (Role& role : roles) add_named(std::move(role), "role", model_.roles);
        } else if (name == "calendars") {
            std::vector<Calendar> calendars;
            read_calendars(reader_, value, calendars);
            for (Calendar& calendar : calendars) add_named(std::move(calendar), "calendar", model_.calendars);
        } else if (name == "settings") {
            std::vector<Setting> settings;
            read_settings(reader_, value, settings);
            for (Setting& setting : settings) add_named(std::move(setting), "setting", model_.settings);
        } else if (name == "mixins") {
            std::vector<Mixin> mixins;
            read_mixins(reader_, value, mixins);
            for (Mixin& mixin : mixins) add_named(std::move(mixin), "mixin", model_.mixins);
        } else if (name == "functions") {
            std::vector<Function> functions;
            read_functions(reader_, value, functions);
            for (Function& function : functions) add_named(std::move(function), "function", model_.functions);
        }
    }

    void read_include(const Text& path) {
        if (path.text.ends_with(".dmn")) {
            model_.models.push_back(path);
            return;
        }
        std::string name = Reader::join_path(reader_.sources().name(path.span.source), path.text);
        if (std::find(open_.begin(), open_.end(), name) != open_.end()) {
            reader_.error("yaml.include.cycle", path.span,
                          fmt::format("'{}' includes itself: {} → {}", name, fmt::join(open_, " → "), name),
                          "remove one of these lines");
            return;
        }
        if (std::find(loaded_.begin(), loaded_.end(), name) != loaded_.end()) return;  // by two ways: read once
        if (open_.size() > reader_.limits().depth_max) {
            reader_.error("limit.depth", path.span,
                          fmt::format("more than {} files include one another", reader_.limits().depth_max));
            return;
        }
        if (uint32_t source = reader_.open_file(path); source != 0) read_source(source);
    }

    Reader& reader_;
    Model& model_;
    std::unordered_map<std::string, Span> names_;  // "entity customer": where it was defined
    std::vector<std::string> open_;                // the files being read, outermost first
    std::vector<std::string> loaded_;              // all files read
};

}  // namespace

bool load(std::string_view text, const std::string& source_name, const FileReader& files, const Limits& limits,
          Sources& sources, Model& model, Diagnostics& diagnostics) {
    size_t errors = diagnostics.error_count();
    Reader reader(sources, files, limits, diagnostics);
    uint32_t source = sources.add(source_name, normalize(text));
    Loader(reader, model).read_source(source);
    return diagnostics.error_count() == errors;
}

}  // namespace leat::yaml
