// FEEL by itself: one expression over contexts, in JSON or in values.
#include <optional>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "capi/alone.hpp"
#include "capi/capi.hpp"
#include "capi/input.hpp"
#include "capi/value.hpp"
#include "feel/context_expression.hpp"
#include "feel/standalone.hpp"
#include "feel/value_kinds.hpp"

namespace {

constexpr uint64_t kFlags = LEAT_FEEL_LENIENT | LEAT_FEEL_KINDS | LEAT_FEEL_EXPLAIN;

// The clock, the zone and, where there is one, the program's functions.
class Surroundings final : public leat::feel::Environment {
 public:
    explicit Surroundings(const leat::program::Program* program) : program_(program) {}
    leat::Value member(const leat::Value&, uint32_t, leat::feel::Frame&) override { return leat::Value(); }
    bool query(const leat::feel::CollectionQuery&, std::span<const leat::Value>, leat::feel::Frame&,
               leat::Value& out) override {
        out = leat::Value();
        return true;
    }
    leat::Value call(uint32_t function, std::span<const leat::Value> arguments, leat::feel::Frame& frame) override {
        if (program_ == nullptr) return leat::Value();
        leat::capi::Alone alone(*program_, now_us());
        return alone.call(function, arguments, frame);
    }
    int64_t now_us() override { return now ? *now : leat::base::system_clock().now_us(); }
    leat::value::Zone time_zone() override { return zone; }

    std::optional<int64_t> now;
    leat::value::Zone zone{leat::value::ZoneKind::offset, 0};

 private:
    const leat::program::Program* program_;
};

}  // namespace

struct leat_feel {
    leat_feel(std::shared_ptr<const leat::program::Program> of, size_t memory)
        : program(std::move(of)), surroundings(program.get()), arena(memory) {}
    std::shared_ptr<const leat::program::Program> program;
    std::string text;
    uint64_t flags = 0;
    leat::Limits limits;
    Surroundings surroundings;
    std::unique_ptr<leat::feel::ContextExpression> expression;
    leat::Arena arena;  // of one evaluation
    std::string null_reason;
};

using namespace leat::capi;
using leat::Json;
using leat::JsonWriter;
using leat::Kind;
using leat::Result;
using leat::Value;
using leat::feel::ContextExpression;

namespace {

leat::Limits limits_of(const leat_feel_options& options) {
    leat::Limits limits;
    limits.source_bytes_max = 1u << 20;  // a megabyte of one expression is a mistake
    if (options.steps_max != 0) limits.steps_max = options.steps_max;
    if (options.source_bytes_max != 0) limits.source_bytes_max = options.source_bytes_max;
    if (options.memory_bytes_max != 0) limits.memory_bytes_max = options.memory_bytes_max;
    auto small = [](uint64_t value) { return static_cast<uint32_t>(std::min<uint64_t>(value, UINT32_MAX)); };
    if (options.list_items_max != 0) limits.list_items_max = small(options.list_items_max);
    if (options.depth_max != 0) limits.depth_max = small(options.depth_max);
    return limits;
}

// Failure with the diagnostics, printed with the expression's lines.
[[noreturn]] void throw_error(leat::Error&& error, const std::string& text) {
    leat::base::Sources sources;
    uint32_t source = sources.add("<expression>", text);
    for (leat::Diagnostic& one : error.diagnostics) one.span.source = source;
    Failure failure(error.status, std::move(error.code), std::move(error.message));
    failure.diagnostics = to_c(error.diagnostics, sources, "");
    throw failure;
}

void read_types(leat_str given, const leat::Limits& limits, ContextExpression::Options& options) {
    std::string_view types = text(given, "types");
    if (types.empty()) return;
    auto json = leat::parse_json(types, limits.depth_max);
    if (!json) throw ArgumentError(json.error().code, "'types': " + json.error().message);
    if (json->kind != Json::Kind::object)
        throw ArgumentError("input.shape", "'types' is a JSON object {\"name\": \"type\"}");
    options.declared = true;
    for (const auto& [name, type] : json->members) {
        if (type.kind != Json::Kind::string)
            throw ArgumentError("input.shape", fmt::format("the type of '{}' is a text such as \"number\"", name));
        options.types.emplace_back(name, type.text);
    }
}

void read_time(const leat_feel_options& options, leat_feel& feel) {
    if (feel.program != nullptr) feel.surroundings.zone = feel.program->time_zone;
    if (std::string_view name = text(options.timezone, "timezone"); !name.empty()) {
        auto id = leat::value::zone_id(name);
        if (!id) throw ArgumentError("value.zone", fmt::format("there is no time zone '{}'", name));
        feel.surroundings.zone = {leat::value::ZoneKind::zone, *id};
    }
    if (std::string_view now = text(options.now, "now"); !now.empty()) {
        auto instant = leat::DateTime::parse(now);
        if (!instant)
            throw ArgumentError("input.type",
                                fmt::format("'now' is a date and time such as 2026-11-21T08:00:00Z, not '{}'", now));
        feel.surroundings.now = instant->utc_us();
    }
}

// A JSON object, else a FEEL context.
Value context_of(std::string_view given, leat_feel& feel) {
    if (given.find_first_not_of(" \t\r\n") == std::string_view::npos) return Value();
    if (given.size() > feel.limits.input_bytes_max)
        throw Failure(leat::Status::limit, "limit.input", "the context is too long");
    auto json = leat::parse_json(given, feel.limits.depth_max);
    if (json) {
        if (json->kind != Json::Kind::object) throw ArgumentError("input.shape", "the context is a JSON object");
        auto* entries = feel.arena.array<leat::value::ContextEntry>(json->members.size());
        static const leat::feel::Type kAny{};
        for (size_t i = 0; i < json->members.size(); ++i) {
            const auto& [name, value] = json->members[i];
            leat::feel::TypeRef type = &kAny;
            if (feel.expression) {
                for (const auto& input : feel.expression->inputs()) {
                    if (input.name == name && leat_feel_input_count(&feel) > 0) type = input.type;
                }
            }
            new (entries + i)
                leat::value::ContextEntry{feel.arena.copy(name), value_of_json(value, type, name, feel.arena)};
        }
        return Value::context_of(feel.arena.make<leat::value::ContextData>(
            leat::value::ContextData{entries, static_cast<uint32_t>(json->members.size())}));
    }
    if (json.error().code.rfind("limit.", 0) == 0)
        throw Failure(leat::Status::limit, json.error().code, json.error().message);
    leat::feel::StandaloneOptions options;
    options.limits = feel.limits;
    auto value = leat::feel::evaluate_text(given, Value(), &feel.surroundings, feel.arena, options);
    if (!value && value.error().status == leat::Status::limit)
        throw_error(std::move(value.error()), std::string(given));
    if (!value)
        throw ArgumentError("input.context", fmt::format("the context is neither JSON ({}) nor FEEL ({})",
                                                         json.error().message, value.error().message));
    if (value->kind != Kind::context)
        throw ArgumentError("input.shape", "the context is a JSON object or a FEEL context {name: value}");
    return *value;
}

void write_value(JsonWriter& json, const char* key, const Value& value) {
    std::string text;
    leat::value::append_json(text, value);
    json.key(key).raw(text);
}

std::string answer_json(leat_feel& feel, const Value& value) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    write_value(json, "value", value);
    if ((feel.flags & LEAT_FEEL_KINDS) != 0) {
        json.key("kinds");
        leat::feel::write_kinds(json, value);
    }
    json.key("null_reasons").begin_array();
    for (const leat::feel::NullPlace& place : feel.expression->nulls(value)) {
        json.begin_object().key("path").string(place.path).key("code").string(place.code);
        json.key("text").string(place.text);
        if (place.span.begin.line != 0) {
            json.key("line").number(static_cast<int64_t>(place.span.begin.line));
            json.key("column").number(static_cast<int64_t>(place.span.begin.column));
            json.key("end_line").number(static_cast<int64_t>(place.span.end.line));
            json.key("end_column").number(static_cast<int64_t>(place.span.end.column));
        }
        json.end_object();
    }
    json.end_array();
    if ((feel.flags & LEAT_FEEL_EXPLAIN) != 0) {
        json.key("parts").begin_array();
        for (const leat::feel::PartValue& part : feel.expression->parts(feel.surroundings, feel.arena)) {
            json.begin_object().key("text").string(part.text);
            write_value(json, "value", part.value);
            json.end_object();
        }
        json.end_array();
    }
    json.end_object();
    return out;
}

void keep_reason(leat_feel& feel, const Value& value) {
    feel.null_reason.clear();
    if (!value.is_null()) return;
    feel.null_reason = value.null_reason ? std::string(value.null_reason->text) : "the expression says null";
}

}  // namespace

extern "C" {

LEAT_API leat_status leat_feel_new(leat_feel** out, const leat_program* program, leat_str expression,
                                   const leat_feel_options* options, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto given = read_struct(options, "options");
        auto& place = cleared(out);
        refuse_unknown(options, sizeof given, "options");
        if ((given.flags & ~kFlags) != 0) throw ArgumentError("usage.flags", "unknown flags in the options");
        leat::Limits limits = limits_of(given);
        std::string_view source = required_text(expression, "expression");
        if (source.size() > limits.source_bytes_max) {
            throw Failure(
                leat::Status::limit, "limit.source",
                fmt::format("the expression has {} bytes; the limit is {}", source.size(), limits.source_bytes_max));
        }
        auto made =
            std::make_unique<leat_feel>(program == nullptr ? nullptr : program->program, limits.memory_bytes_max);
        made->text = source;
        made->flags = given.flags;
        made->limits = limits;
        read_time(given, *made);
        ContextExpression::Options wanted;
        wanted.lenient = (given.flags & LEAT_FEEL_LENIENT) != 0;
        wanted.limits = limits;
        read_types(given.types, limits, wanted);
        if (made->program != nullptr)
            wanted.outer = [of = made->program.get()] { return of->scope_of(leat::program::kNone); };
        wanted.check = [of = made->program.get()](const leat::feel::Reads& reads) -> Result<void> {
            if (of == nullptr) return {};
            Needs needs = needs_of(reads, *of, nullptr);
            if (needs.engine.empty()) return {};
            return leat::make_error(leat::Status::program, "decision.unbound",
                                    fmt::format("the expression reads {}, which only an engine knows", needs.engine));
        };
        auto compiled = ContextExpression::make(source, std::move(wanted));
        if (!compiled) throw_error(std::move(compiled.error()), made->text);
        made->expression = std::move(*compiled);
        place = made.release();
        return {};
    });
}
LEAT_API void leat_feel_free(leat_feel* feel) {
    delete feel;
}

LEAT_API leat_status leat_feel_eval(leat_text** out, leat_feel* feel, leat_str context, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        leat_feel& of = required(feel, "feel");
        of.arena.reset();
        of.null_reason.clear();
        Value given = context_of(text(context, "context"), of);
        auto value = of.expression->evaluate(given, of.surroundings, of.arena);
        if (!value) throw_error(std::move(value.error()), of.text);
        keep_reason(of, *value);
        auto answer = std::make_unique<leat_text>();
        answer->text = answer_json(of, *value);
        place = answer.release();
        return {};
    });
}

LEAT_API uint32_t leat_feel_input_count(const leat_feel* feel) {
    return feel == nullptr || !feel->expression->declared() ? 0
                                                            : static_cast<uint32_t>(feel->expression->inputs().size());
}
LEAT_API leat_str leat_feel_input_name(const leat_feel* feel, uint32_t index) {
    return index >= leat_feel_input_count(feel) ? leat_str{"", 0} : lend(feel->expression->inputs()[index].name);
}

LEAT_API leat_status leat_feel_eval_values(leat_value* out, leat_feel* feel, const leat_value* inputs,
                                           size_t input_count, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        required(out, "out") = leat_value_null();
        leat_feel& of = required(feel, "feel");
        if (input_count != 0) required(inputs, "inputs");
        of.arena.reset();
        of.null_reason.clear();
        auto* values = of.arena.array<Value>(input_count);
        for (size_t i = 0; i < input_count; ++i) values[i] = to_value(inputs[i], of.arena);
        auto value = of.expression->evaluate({values, input_count}, of.surroundings, of.arena);
        if (!value) throw_error(std::move(value.error()), of.text);
        keep_reason(of, *value);
        *out = from_value(*value, of.arena);
        return {};
    });
}

LEAT_API leat_str leat_feel_null_reason(const leat_feel* feel) {
    return feel == nullptr ? leat_str{"", 0} : lend(feel->null_reason);
}

}  // extern "C"
