#include <fmt/format.h>

#include "capi/alone.hpp"
#include "capi/capi.hpp"
#include "capi/value.hpp"
#include "feel/expression.hpp"
#include "feel/shortcut.hpp"

namespace {

constexpr size_t kListBytesMax = 16u << 20;  // of all list values set in one frame

}  // namespace

struct leat_frame {
    leat_frame(std::shared_ptr<const leat::program::Program> bound, uint32_t of)
        : program(std::move(bound)), entity(of), environment(*program, 0), locals(program->locals_max) {
        for (const auto& field : program->entities[entity].fields) row.push_back(leat::Value::null(&field.empty));
        texts.resize(row.size());
    }
    std::shared_ptr<const leat::program::Program> program;
    uint32_t entity;
    leat::capi::Alone environment;
    std::vector<leat::Value> locals;  // actor and the like: nothing
    std::vector<leat::Value> row;
    std::vector<std::string> texts;             // of the row's strings: set again and again, they need no more memory
    leat::Arena lists{kListBytesMax}, working;  // of the row's lists; of one evaluation
    std::string null_reason;
};

struct leat_guard {
    std::shared_ptr<const leat::program::Program> program;
    uint32_t entity = 0;
    std::unique_ptr<leat::feel::Expression> expression;
    const leat::feel::Shortcut* shortcut = nullptr;  // the expression's
};

using namespace leat::capi;
using leat::Result;
using leat::Value;

namespace {

const leat::program::Entity& entity_of(const leat::program::Program& program, uint32_t entity) {
    if (entity >= program.entities.size())
        throw ArgumentError("usage.entity", fmt::format("the program has no entity {}", entity));
    return program.entities[entity];
}

// What a condition without an engine may not read, in words; "" when it may be bound.
std::string unbound(const leat::feel::Expression& expression, const leat::program::Program& program,
                    const leat::program::Entity& entity) {
    Needs needs = needs_of(expression.reads(), program, &entity);
    if (!expression.queries().empty()) return "collections of records";
    if (!expression.reads().functions.empty()) return "decisions and functions of the program";
    if (needs.clock) return "today() or now()";
    return needs.engine;
}

std::string why_null(const Value& null) {
    const leat::NullReason* reason = null.null_reason;
    if (reason == nullptr) return "the condition is null";
    if (reason->code == "empty") return fmt::format("field '{}' is empty", reason->name);
    return std::string(reason->text);
}

constexpr uint64_t kSteps = leat::Limits{}.steps_max;

leat_status evaluate_guard(int32_t* out, const leat_guard* guard_handle, leat_frame* frame, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        required(out, "out") = LEAT_TRUTH_NULL;
        const leat_guard& condition = required(guard_handle, "guard");
        leat_frame& values = required(frame, "frame");
        if (condition.program != values.program || condition.entity != values.entity) {
            throw ArgumentError("usage.frame", "guard and frame belong to different programs or entities");
        }
        values.working.reset();
        if (!values.null_reason.empty()) values.null_reason.clear();
        uint64_t steps = kSteps;
        leat::feel::Frame running;
        running.row = values.row.data();
        running.locals = values.locals.data();
        running.environment = &values.environment;
        running.self = Value::record_of(values.entity, 0, values.row.data());
        running.arena = &values.working;
        running.steps_left = &steps;
        Value result = condition.expression->evaluate(running);
        if (result.is_true()) *out = LEAT_TRUTH_YES;
        if (result.is_false()) *out = LEAT_TRUTH_NO;
        if (result.is_null()) values.null_reason = why_null(result);
        return {};
    });
}

}  // namespace

extern "C" {

LEAT_API leat_status leat_frame_new(leat_frame** out, const leat_program* program, uint32_t entity,
                                    leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        const auto& bound = required(program, "program").program;
        entity_of(*bound, entity);
        place = new leat_frame(bound, entity);
        return {};
    });
}

LEAT_API leat_status leat_frame_set(leat_frame* frame, uint32_t field, const leat_value* value, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        leat_frame& into = required(frame, "frame");
        if (field >= into.row.size())
            throw ArgumentError("usage.field", fmt::format("the entity has no field {}", field));
        const leat_value& given = required(value, "value");
        if (given.kind == LEAT_KIND_NULL) {
            into.row[field] = Value::null(&into.program->entities[into.entity].fields[field].empty);
        } else if (given.kind == LEAT_KIND_STRING) {
            into.texts[field] = text(leat_str{given.as.text, given.size}, "value");
            into.row[field] = Value::string(into.texts[field]);
        } else {
            into.row[field] = to_value(given, into.lists);
        }
        return {};
    });
}

LEAT_API leat_str leat_frame_null_reason(const leat_frame* frame) {
    return frame == nullptr ? leat_str{"", 0} : lend(frame->null_reason);
}
LEAT_API void leat_frame_free(leat_frame* frame) {
    delete frame;
}

LEAT_API leat_status leat_guard_new(leat_guard** out, const leat_program* program, uint32_t entity, leat_str feel,
                                    leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        const auto& bound = required(program, "program").program;
        const auto& described = entity_of(*bound, entity);
        leat::Diagnostics diagnostics;
        leat::base::Sources sources;
        leat::Text source;
        source.text = required_text(feel, "feel");
        source.span.source = sources.add("<guard>", source.text);
        source.span.begin = {1, 1};
        source.line_starts = {{1, 1}};
        auto scope = bound->scope_of(entity);
        leat::feel::CompileOptions options;
        options.expected = scope->types().basic(leat::feel::TypeKind::boolean);
        options.self = scope->types().record(entity, false);
        auto made = std::make_unique<leat_guard>();
        made->expression = leat::feel::compile(source, *scope, options, diagnostics);
        if (made->expression == nullptr) {
            Failure failure(leat::Status::program, "program.invalid", "the condition has errors");
            failure.diagnostics = to_c(diagnostics.take(), sources, "");
            throw failure;
        }
        if (std::string what = unbound(*made->expression, *bound, described); !what.empty()) {
            throw Failure(
                leat::Status::program, "guard.unbound",
                fmt::format("the condition reads {}, which only an engine knows; pass the value in a field", what));
        }
        made->program = bound;
        made->entity = entity;
        made->shortcut = leat::feel::shortcut_of(*made->expression);
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_guard_eval(int32_t* out, const leat_guard* guard_handle, leat_frame* frame,
                                     leat_error** error) {
    // Most conditions over a record are decided here; what is left may have to say why.
    bool bound = out != nullptr && guard_handle != nullptr && frame != nullptr &&
                 guard_handle->entity == frame->entity && guard_handle->program == frame->program;
    if (bound && guard_handle->shortcut != nullptr) {
        auto answer = guard_handle->shortcut->decide(frame->row.data(), frame->locals.data());
        if (answer != leat::feel::Shortcut::Answer::unknown) {
            if (error != nullptr) *error = nullptr;
            if (!frame->null_reason.empty()) frame->null_reason.clear();
            *out = answer == leat::feel::Shortcut::Answer::yes ? LEAT_TRUTH_YES : LEAT_TRUTH_NO;
            return LEAT_OK;
        }
    }
    return evaluate_guard(out, guard_handle, frame, error);
}

LEAT_API void leat_guard_free(leat_guard* guard_handle) {
    delete guard_handle;
}

}  // extern "C"
