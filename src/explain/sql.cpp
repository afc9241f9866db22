#include "explain/sql.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "engine/reading.hpp"
#include "engine/unknown.hpp"

namespace leat::explain {

namespace {

Result<std::unique_ptr<feel::Expression>> compile(const program::Program& program, program::EntityId entity,
                                                  std::string_view source) {
    Diagnostics diagnostics;
    base::Sources sources;
    Text text;
    text.text = source;
    text.span.source = sources.add("expression", std::string(source));
    text.span.begin = {1, 1};
    text.line_starts = {{1, 1}};
    auto scope = program.scope_of(entity);
    feel::CompileOptions options;
    if (entity != program::kNone) options.self = scope->types().record(entity);
    auto compiled = feel::compile(text, *scope, options, diagnostics);
    if (compiled) return compiled;
    Error error = make_error(Status::usage, "where.invalid",
                             fmt::format("'{}' does not compile: {}", source,
                                         diagnostics.all().empty() ? "" : diagnostics.all().front().message));
    error.diagnostics = diagnostics.take();
    return error;
}

}  // namespace

Result<std::string> explain_sql(engine::Session& session, std::string_view entity_name, std::string_view expression) {
    std::string out;
    LEAT_CHECK(session.read([&](engine::Reading& view) -> Result<void> {
        program::EntityId entity = program::kNone;
        if (!entity_name.empty()) {
            const auto* found = view.program().find_entity(entity_name);
            if (!found) return engine::unknown_entity(view.program(), entity_name);
            entity = found->id;
        }
        LEAT_TRY(auto compiled, compile(view.program(), entity, expression));
        bool condition = entity != program::kNone && compiled->type()->kind == feel::TypeKind::boolean;
        LEAT_TRY(auto plans, view.records().plans_of(*compiled, condition, entity, view.actor().scope()));
        bool all = true;
        for (const auto& plan : plans) all = all && plan.in_engine.empty();
        JsonWriter json(out);
        json.begin_object().key("expression").string(expression).key("compiled").boolean(all && !plans.empty());
        json.key("queries").begin_array();
        for (const auto& plan : plans) {
            json.begin_object().key("entity").string(view.program().entities[plan.entity].name);
            json.key("sql").string(plan.sql).key("plan").begin_array();
            for (const auto& step : plan.steps) json.string(step);
            json.end_array().key("engine").begin_array();
            for (const auto& part : plan.in_engine) {
                json.begin_object().key("text").string(expression.substr(part.begin, part.end - part.begin));
                json.key("why").string(part.why).end_object();
            }
            json.end_array().end_object();
        }
        json.end_array().end_object();
        return view.failure();
    }));
    return out;
}

}  // namespace leat::explain
