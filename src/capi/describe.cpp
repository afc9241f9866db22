// leat_program_describe: what a program contains, for hosts that draw forms, convert values or list what can be done.
#include <iterator>

#include "base/json.hpp"
#include "capi/capi.hpp"
#include "record/records.hpp"

namespace leat::capi {

namespace {

using program::Field;
using program::FieldKind;
using program::Origin;

constexpr const char* kKinds[] = {"string",   "text",     "integer", "decimal", "money", "boolean", "date", "time",
                                  "datetime", "duration", "enum",    "ref",     "list",  "role",    "file", "json"};
constexpr const char* kOrigins[] = {"built_in",      "declared", "state",     "since",       "entries",
                                    "configuration", "owner",    "flow_data", "flow_version"};
constexpr const char* kStateTypes[] = {"atomic", "compound", "parallel", "final"};
constexpr const char* kEventOrigins[] = {"declared", "approval", "timer", "done", "internal"};
constexpr const char* kFunctions[] = {"decision", "formula", "host"};

template <class Enum, size_t N>
const char* word(const char* const (&words)[N], Enum value) {
    auto index = static_cast<size_t>(value);
    return index < N ? words[index] : "";
}

class Description {
 public:
    Description(const program::Program& program, std::string& out) : program_(program), json_(out) {}

    void write(const std::string& hash) {
        json_.begin_object();
        text("app", program_.app_name);
        text("version", program_.app_version);
        text("language", program_.language);
        text("currency", program_.currency);
        if (program_.time_zone.kind == value::ZoneKind::zone)
            text("timezone", value::zone_name(program_.time_zone.offset));
        text("hash", hash);
        titles(program_.title);
        list("roles", program_.roles, [&](const program::Role& role) {
            text("name", role.name);
            titles(role.title);
            roles("includes", role.includes);
        });
        list("entities", program_.entities, [&](const program::Entity& entity) { describe(entity); });
        std::vector<const program::Flow*> flows;  // former versions that records run on are nobody's to draw
        for (const program::Flow& flow : program_.flows)
            if (flow.pinned == 0) flows.push_back(&flow);
        list("flows", flows, [&](const program::Flow* flow) { describe(*flow); });
        list("reports", program_.reports, [&](const program::Report& report) { describe(report); });
        list("messages", program_.messages, [&](const program::Message& message) {
            text("name", message.name);
            fields("payload", message.payload);
        });
        names("operations", program_.operations);
        names("notices", program_.notices);
        std::vector<const program::Function*> functions;
        for (const program::Function& function : program_.functions) {
            using Kind = program::Function::Kind;
            if (function.kind <= Kind::host) functions.push_back(&function);
        }
        list("functions", functions, [&](const program::Function* function) {
            text("name", function->name);
            text("kind", word(kFunctions, function->kind));
        });
        list("decisions", program_.decisions, [&](const program::Decision& decision) {
            text("name", decision.name);
            titles(decision.title);
            text("kind", decision.service     ? "service"
                         : decision.table     ? "table"
                         : decision.scorecard ? "scorecard"
                                              : "logic");
            if (decision.entity != program::kNone) text("of", program_.entities[decision.entity].name);
            fields("inputs", decision.inputs);
            fields("outputs", decision.outputs);
            json_.key("requires").begin_array();
            for (const program::Requirement& one : decision.requirements)
                json_.string(program_.decisions[one.decision].name);
            json_.end_array();
        });
        list("settings", program_.settings, [&](const program::Setting& setting) {
            text("name", setting.name);
            titles(setting.title);
            text("kind", word(kKinds, setting.kind));
            json_.key("scale").number(static_cast<int64_t>(setting.scale));
            roles("allow", setting.allow);
        });
        models();
        in_engine();
        json_.key("sources").begin_array();
        for (const auto& source : program_.sources_text) json_.string(source.name);
        json_.end_array();
        json_.end_object();
    }

 private:
    void text(const char* name, std::string_view value) { json_.key(name).string(value); }
    void flag(const char* name, bool value) {
        if (value) json_.key(name).boolean(true);
    }
    void titles(const program::Titles& titles) {
        if (titles.empty()) return;
        json_.key("title").begin_object();
        for (const auto& [language, title] : titles.texts) json_.key(language).string(title);
        json_.end_object();
    }
    void roles(const char* name, const std::vector<program::RoleId>& roles) {
        json_.key(name).begin_array();
        for (auto role : roles) json_.string(program_.roles[role].name);
        json_.end_array();
    }
    template <class T, class Write>
    void list(const char* name, const std::vector<T>& items, Write&& write) {
        json_.key(name).begin_array();
        for (const T& item : items) {
            json_.begin_object();
            write(item);
            json_.end_object();
        }
        json_.end_array();
    }
    template <class T>
    void names(const char* name, const std::vector<T>& items) {
        json_.key(name).begin_array();
        for (const T& item : items) json_.string(item.name);
        json_.end_array();
    }
    void in_engine() {
        list("in_engine", record::uncompiled(program_), [&](const record::Uncompiled& one) {
            text("source", program_.sources.name(one.span.source));
            json_.key("line").number(static_cast<int64_t>(one.span.begin.line));
            json_.key("column").number(static_cast<int64_t>(one.span.begin.column));
            text("text", one.text);
            text("why", one.why);
        });
    }
    void fields(const char* name, const std::vector<Field>& fields) {
        list(name, fields, [&](const Field& field) { describe(field); });
    }

    // DMN models: what may be given to them, and what they decide.
    void models() {
        json_.key("models").begin_array();
        if (program_.models) {
            for (uint32_t i = 0; i < program_.models->models().size(); ++i) model(*program_.models, i);
        }
        json_.end_array();
    }
    void model(const decision::Graph& graph, uint32_t number) {
        json_.begin_object();
        text("name", graph.models()[number].name);
        text("namespace", graph.models()[number].space);
        using Kind = decision::GraphElement::Kind;
        elements("inputs", graph, number, Kind::input);
        elements("decisions", graph, number, Kind::decision);
        elements("services", graph, number, Kind::service);
        elements("knowledge", graph, number, Kind::knowledge);
        json_.end_object();
    }
    void elements(const char* name, const decision::Graph& graph, uint32_t model, decision::GraphElement::Kind kind) {
        auto other = [&](const char* key, const std::vector<uint32_t>& elements) {
            if (elements.empty()) return;
            json_.key(key).begin_array();
            for (uint32_t element : elements) json_.string(graph.elements()[element].name);
            json_.end_array();
        };
        json_.key(name).begin_array();
        for (const auto& element : graph.elements()) {
            if (element.model != model || element.kind != kind) continue;
            json_.begin_object();
            text("name", element.name);
            if (!element.type_name.empty()) text("type", element.type_name);
            other("parameters", element.parameters);
            other("requires", element.requires_);
            json_.end_object();
        }
        json_.end_array();
    }

    void describe(const Field& field) {
        text("name", field.name);
        titles(field.title);
        text("kind", word(kKinds, field.kind));
        text("origin", word(kOrigins, field.origin));
        flag("required", field.required);
        flag("unique", field.unique);
        flag("formula", field.formula != nullptr);
        flag("series", !field.series.empty());
        if (field.kind == FieldKind::decimal || field.kind == FieldKind::money)
            json_.key("scale").number(static_cast<int64_t>(field.scale));
        if (!field.currency.empty()) text("currency", field.currency);
        if (field.to != program::kNone && field.to < program_.entities.size())
            text("to", program_.entities[field.to].name);
        flag("owned", field.owned);
        if (field.scalar_list) text("of", word(kKinds, field.item_kind));
        if (field.enumeration == nullptr) return;
        json_.key("enum").begin_array();
        for (size_t i = 0; i < field.enumeration->items.size(); ++i) {
            json_.begin_object();
            text("value", field.enumeration->items[i].value);
            if (i < field.enumeration_titles.size()) titles(field.enumeration_titles[i]);
            json_.end_object();
        }
        json_.end_array();
    }
    void describe(const program::Entity& entity) {
        json_.key("id").number(static_cast<int64_t>(entity.id));
        text("name", entity.name);
        text("table", entity.table);
        titles(entity.title);
        if (entity.owner != program::kNone) text("owner", program_.entities[entity.owner].name);
        fields("fields", entity.fields);
        json_.key("flows").begin_array();
        for (auto flow : entity.flows) json_.string(program_.flows[flow].name);
        json_.end_array();
    }
    void describe(const program::Flow& flow) {
        const program::Entity& entity = program_.entities[flow.entity];
        text("name", flow.name);
        titles(flow.title);
        text("of", entity.name);
        if (flow.state_field != program::kNone) text("field", entity.fields[flow.state_field].name);
        json_.key("states").begin_array();
        for (size_t i = 1; i < flow.chart.states.size() && i < flow.states.size(); ++i) {  // 0 is the flow itself
            const flow::ChartState& state = flow.chart.states[i];
            json_.begin_object();
            text("name", state.name);
            titles(flow.states[i].title);
            if (state.parent != flow::kNone && state.parent != 0) text("parent", flow.chart.states[state.parent].name);
            text("type", word(kStateTypes, state.type));
            if (!flow.states[i].outcome.empty()) text("outcome", flow.states[i].outcome);
            json_.end_object();
        }
        json_.end_array();
        list("events", flow.events, [&](const program::Event& event) {
            text("name", event.name);
            titles(event.title);
            text("origin", word(kEventOrigins, event.origin));
            roles("allow", event.allow);
            fields("payload", event.payload);
        });
    }
    void describe(const program::Report& report) {
        text("name", report.name);
        titles(report.title);
        text("from", program_.entities[report.entity].name);
        fields("params", report.params);
        json_.key("columns").begin_array();
        for (const auto& column : report.group) describe(column, false);
        for (const auto& column : report.measures) describe(column, true);
        json_.end_array();
    }
    void describe(const program::ReportColumn& column, bool measure) {
        json_.begin_object();
        text("name", column.name);
        titles(column.title);
        flag("measure", measure);
        if (!column.format.empty()) text("format", column.format);
        json_.end_object();
    }

    const program::Program& program_;
    JsonWriter json_;
};

}  // namespace

}  // namespace leat::capi

extern "C" LEAT_API leat_status leat_program_describe(leat_text** out, const leat_program* program,
                                                      leat_error** error) {
    using namespace leat::capi;
    return guard(error, [&]() -> leat::Result<void> {
        auto& place = cleared(out);
        const leat_program& described = required(program, "program");
        auto made = std::make_unique<leat_text>();
        Description(*described.program, made->text).write(described.hash);
        place = made.release();
        return {};
    });
}
