#include "explain/why.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "engine/configuration.hpp"
#include "engine/reading.hpp"
#include "feel/ast.hpp"
#include "task/task.hpp"

namespace leat::explain {

namespace {

using engine::Reading;
using program::Flow;
using record::Row;

struct Reason {
    std::string code, at, message;
    std::vector<std::string> fields;
    std::string condition;  // JSON, "" none
    std::vector<std::string> who;
};

class Explanation {
 public:
    Explanation(Reading& view, Row& row)
        : view_(view), row_(row), entity_(view.program().entities[row.entity]), chinese_(view.language() == "zh") {}

    Result<std::vector<Reason>> reasons(const Flow& flow, flow::EventId event) {
        std::vector<Reason> out;
        LEAT_CHECK(right(flow, flow.events[event], out));
        flow::Configuration configuration;
        engine::active_states(row_, flow, configuration);
        bool heard = false;
        std::vector<Reason> refused;
        // Inner states first, as the flow itself asks.
        for (auto state = configuration.rbegin(); state != configuration.rend(); ++state)
            for (uint32_t number : flow.chart.states[*state].transitions) {
                const auto& shape = flow.chart.transitions[number];
                if (shape.event != event && std::find(shape.also.begin(), shape.also.end(), event) == shape.also.end())
                    continue;
                heard = true;
                LEAT_TRY(bool taken, guard(flow, number, refused));
                if (!taken) continue;
                LEAT_CHECK(criteria(flow, number, out));
                return out;
            }
        if (!heard)
            out.push_back({"event.unexpected",
                           flow.name,
                           chinese_ ? fmt::format("当前状态不接受“{}”", flow.events[event].name)
                                    : fmt::format("no active state expects '{}'", flow.events[event].name),
                           {},
                           "",
                           {}});
        out.insert(out.end(), refused.begin(), refused.end());
        return out;
    }

    Result<void> tasks(JsonWriter& json) {
        LEAT_TRY(auto found, task::of_record(view_.connection(), entity_.name, row_.id));
        json.key("tasks").begin_array();
        for (const auto& one : found) {
            if (one.status != task::Status::open) continue;
            // A to-do's title is written by the definition, which sees everything, for whom it is for.
            bool shown = one.kind == task::Kind::approval;
            if (!shown) {
                LEAT_TRY(shown, view_.may_decide(one.user, one.role));
            }
            json.begin_object()
                .key("task")
                .number(one.id)
                .key("title")
                .string(shown ? one.title : "hidden")
                .key("user")
                .string(one.user)
                .key("role")
                .string(one.role);
            json.key("since").string(value::format_instant(one.created_us)).key("due");
            if (one.due_us)
                json.string(value::format_instant(one.due_us));
            else
                json.null();
            json.end_object();
        }
        json.end_array();
        return {};
    }

 private:
    Result<void> right(const Flow& flow, const program::Event& event, std::vector<Reason>& out) {
        const auto& actor = view_.actor();
        bool allowed = actor.system && (!event.allow.empty() || event.allow_if);
        std::vector<std::string> who;
        for (auto role : event.allow) {
            who.push_back(view_.program().roles[role].name);
            allowed = allowed || actor.has(role);
        }
        if (!allowed && event.allow_if) {
            LEAT_TRY(Value value, view_.evaluate(*event.allow_if, &row_));
            allowed = value.is_true();
            who.push_back(event.allow_if->source().text);
        }
        if (allowed) return {};
        out.push_back({"access.event",
                       flow.name + "." + event.name,
                       chinese_ ? fmt::format("“{}”无权发送“{}”", actor.key, event.name)
                                : fmt::format("'{}' may not send '{}'", actor.key, event.name),
                       {},
                       "",
                       who});
        return {};
    }

    Result<bool> guard(const Flow& flow, uint32_t number, std::vector<Reason>& refused) {
        const auto& part = flow.transitions[number];
        if (!part.guard) return true;
        LEAT_TRY(Value value, view_.evaluate(*part.guard, &row_));
        if (value.is_true()) return true;
        Reason reason;
        reason.code = value.is_null() ? "null" : "guard.none";
        reason.at = part.at;
        reason.message = message(part.message, *part.guard);
        LEAT_CHECK(condition(*part.guard, value, reason));
        refused.push_back(std::move(reason));
        return false;
    }

    Result<void> criteria(const Flow& flow, uint32_t number, std::vector<Reason>& out) {
        const auto& shape = flow.chart.transitions[number];
        if (flow.transitions[number].skip_criteria) return {};
        if (shape.source != 0 && !shape.targets.empty())
            LEAT_CHECK(check(flow.states[shape.source].exit_criteria, "criteria.exit", out));
        for (auto target : shape.targets) LEAT_CHECK(check(flow.states[target].entry_criteria, "criteria.entry", out));
        return {};
    }

    Result<void> check(const std::vector<program::Criterion>& all, std::string_view code, std::vector<Reason>& out) {
        for (const auto& one : all) {
            if (one.if_) {
                LEAT_TRY(Value applies, view_.evaluate(*one.if_, &row_));
                if (applies.is_false()) continue;
            }
            Reason reason;
            reason.code = code;
            reason.at = one.at;
            if (one.condition) {
                LEAT_TRY(Value value, view_.evaluate(*one.condition, &row_));
                if (value.is_true()) continue;
                reason.message = message(one.message, *one.condition);
                LEAT_CHECK(condition(*one.condition, value, reason));
            } else {
                for (auto field : one.required)
                    if (row_.fields[field].is_null()) reason.fields.push_back(entity_.fields[field].name);
                if (reason.fields.empty()) continue;
                reason.message =
                    told(one.message, chinese_ ? fmt::format("请先填写：{}", fmt::join(reason.fields, "、"))
                                               : fmt::format("fill in first: {}", fmt::join(reason.fields, ", ")));
            }
            out.push_back(std::move(reason));
        }
        return {};
    }

    std::string message(const program::LocalizedTemplate& text, const feel::Expression& expression) {
        return told(text, chinese_ ? fmt::format("条件未满足：{}", expression.source().text)
                                   : fmt::format("not met: {}", expression.source().text));
    }

    // A definition's message as the actor may know it.
    std::string told(const program::LocalizedTemplate& text, const std::string& otherwise) {
        const auto* chosen = text.in(view_.language());
        if (!chosen) return otherwise;
        return view_.records().told(row_, *chosen, view_.locals().data(), view_.actor().scope(), otherwise);
    }

    static std::string_view answer(const Value& value) {
        return value.is_true() ? "true" : value.is_false() ? "false" : "null";
    }

    // The condition with its answer, its and-parts each with theirs, and the values it read.
    Result<void> condition(const feel::Expression& expression, const Value& value, Reason& reason) {
        JsonWriter json(reason.condition);
        json.begin_object()
            .key("text")
            .string(expression.source().text)
            .key("answer")
            .raw(answer(value))
            .key("parts")
            .begin_array();
        std::vector<const feel::ast::Node*> parts;
        conjuncts(expression.tree(), parts);
        if (parts.size() > 1) {
            auto scope = view_.program().scope_of(row_.entity);
            for (const auto* part : parts) {
                Text text;
                text.text = expression.source().text.substr(part->begin, part->end - part->begin);
                Diagnostics
                    ignored;  // a part that needs more than the record (an event's payload) has no answer of its own
                feel::CompileOptions options;
                options.self = scope->types().record(row_.entity);
                auto compiled = feel::compile(text, *scope, options, ignored);
                json.begin_object().key("text").string(text.text).key("answer");
                if (compiled && !view_.records().sees(row_, compiled->reads(), view_.actor().scope())) {
                    json.string("hidden");
                } else if (compiled) {
                    LEAT_TRY(Value one, view_.evaluate(*compiled, &row_));
                    json.raw(answer(one));
                } else {
                    json.string("unknown");
                }
                json.end_object();
            }
        }
        json.end_array().key("values").begin_object();
        auto scope = view_.actor().scope();
        std::vector<program::FieldId> shown;
        for (const auto& read : expression.reads().fields) {
            if (read.through_reference || read.entity != row_.entity ||
                std::find(shown.begin(), shown.end(), read.field) != shown.end())
                continue;
            shown.push_back(read.field);
            const auto& field = entity_.fields[read.field];
            reason.fields.push_back(field.name);
            json.key(field.name);
            if (view_.records().field_right(row_, read.field, scope, false) < program::FieldRight::read) {
                json.string("hidden");
                continue;
            }
            std::string text;
            value::append_json(text, row_.fields[read.field]);
            json.raw(text);
        }
        json.end_object().end_object();
        return {};
    }

    static void conjuncts(const feel::ast::Node* node, std::vector<const feel::ast::Node*>& out) {
        if (!node) return;
        if (node->kind == feel::ast::NodeKind::logical_and) {
            for (const auto* child : node->children) conjuncts(child, out);
            return;
        }
        out.push_back(node);
    }

    Reading& view_;
    Row& row_;
    const program::Entity& entity_;
    bool chinese_;
};

void write_reasons(JsonWriter& json, const std::vector<Reason>& reasons) {
    json.key("possible").boolean(reasons.empty()).key("reasons").begin_array();
    for (const auto& one : reasons) {
        json.begin_object()
            .key("code")
            .string(one.code)
            .key("at")
            .string(one.at)
            .key("message")
            .string(one.message)
            .key("fields")
            .begin_array();
        for (const auto& field : one.fields) json.string(field);
        json.end_array();
        if (!one.condition.empty()) json.key("condition").raw(one.condition);
        if (!one.who.empty()) {
            json.key("who").begin_array();
            for (const auto& who : one.who) json.string(who);
            json.end_array();
        }
        json.end_object();
    }
    json.end_array();
}

}  // namespace

Result<std::string> why(engine::Session& session, std::string_view entity, std::string_view key,
                        std::string_view event_name) {
    std::string out;
    LEAT_CHECK(session.read([&](Reading& view) -> Result<void> {
        LEAT_TRY(Row * row, view.target(entity, key));
        Explanation explanation(view, *row);
        JsonWriter json(out);
        json.begin_object().key("entity").string(entity).key("key").string(row->key()).key("states").begin_array();
        for (uint32_t number : view.program().entities[row->entity].flows) {
            const auto& definition = view.program().flow_of(number, row->fields);
            flow::Configuration configuration;
            for (auto state : engine::active_states(*row, definition, configuration))
                json.string(definition.states[engine::declared_state(definition, state)].name);
        }
        json.end_array();
        bool known = event_name.empty();
        if (event_name.empty()) json.key("events").begin_array();
        for (uint32_t number : view.program().entities[row->entity].flows) {
            const auto& definition = view.program().flow_of(number, row->fields);
            for (flow::EventId id = 0; id < definition.events.size(); ++id) {
                const auto& event = definition.events[id];
                if (event.origin != program::EventOrigin::declared) continue;
                if (!event_name.empty() && event.name != event_name && definition.name + "." + event.name != event_name)
                    continue;
                LEAT_TRY(auto reasons, explanation.reasons(definition, id));
                if (event_name.empty()) {
                    json.begin_object().key("event").string(event.name);
                    write_reasons(json, reasons);
                    json.end_object();
                } else if (!known) {
                    known = true;
                    json.key("event").string(event.name);
                    write_reasons(json, reasons);
                }
            }
        }
        if (!known)
            return make_error(Status::not_found, "event.unknown",
                              fmt::format("no flow of {} declares an event '{}'", entity, event_name));
        if (event_name.empty()) json.end_array();
        LEAT_CHECK(explanation.tasks(json));
        json.end_object();
        return {};
    }));
    return out;
}

}  // namespace leat::explain
