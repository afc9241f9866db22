#include "capi/decide.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "capi/capi.hpp"
#include "capi/decide_quick.hpp"
#include "capi/dmn.hpp"
#include "capi/value.hpp"
#include "program/decide.hpp"

namespace leat::capi {

namespace {

constexpr uint32_t bit(Kind kind) {
    return 1u << static_cast<uint32_t>(kind);
}
constexpr uint32_t kAllKinds = UINT32_MAX;

uint32_t kinds_of(feel::TypeRef type) {
    switch (type->kind) {
        case feel::TypeKind::boolean:
            return bit(Kind::boolean);
        case feel::TypeKind::number:
            return bit(Kind::number);
        case feel::TypeKind::string:
        case feel::TypeKind::enumeration:
            return bit(Kind::string);
        case feel::TypeKind::date:
            return bit(Kind::date);
        case feel::TypeKind::time:
            return bit(Kind::time);
        case feel::TypeKind::date_time:
            return bit(Kind::date_time);
        case feel::TypeKind::days_duration:
            return bit(Kind::days_duration);
        case feel::TypeKind::months_duration:
            return bit(Kind::months_duration);
        case feel::TypeKind::duration:
            return bit(Kind::days_duration) | bit(Kind::months_duration);
        case feel::TypeKind::list:
            return bit(Kind::list);
        case feel::TypeKind::context:
            return bit(Kind::context);
        case feel::TypeKind::record:
            return bit(Kind::record);
        default:
            return kAllKinds;
    }
}

DecisionInput input_of(const program::Field& field, uint32_t place) {
    return {field.name, field.type, field.enumeration, &field.empty, place, kinds_of(field.type) | bit(Kind::null)};
}

std::atomic<uint64_t> last_number{0};

}  // namespace

std::string_view reason_text(const Value& null) {
    const NullReason* reason = null.null_reason;
    return reason == nullptr || reason->text.empty() ? "the answer is null" : reason->text;
}

Deciding::Deciding(const leat_decision& decision, leat_scratch& scratch)
    : decision_(decision),
      scratch_(scratch),
      places_(nullptr),
      environment_(*decision.program,
                   decision.clock && !scratch.now_us ? base::system_clock().now_us() : scratch.now_us.value_or(0)) {
    scratch.arena.reset();
    bool of_entity = decision.decision->entity != program::kNone;
    if (scratch.prepared != decision.number) {
        scratch.locals.assign(decision.program->locals_max, Value());
        scratch.row.clear();
        if (of_entity) {
            for (const auto& field : decision.program->entities[decision.decision->entity].fields)
                scratch.row.push_back(Value::null(&field.empty));
        }
        scratch.prepared = decision.number;
    }
    places_ = of_entity ? scratch.row.data() : scratch.locals.data();
}

feel::Frame Deciding::frame(uint64_t* steps) {
    feel::Frame frame;
    frame.locals = scratch_.locals.data();
    if (decision_.decision->entity != program::kNone) {
        frame.row = scratch_.row.data();
        frame.self = Value::record_of(decision_.decision->entity, 0, frame.row);
    }
    frame.environment = &environment_;
    frame.arena = &scratch_.arena;
    frame.steps_left = steps;
    return frame;
}

Value Deciding::decide(uint64_t steps) {
    feel::Frame running = frame(&steps);
    // The common case, without the detour: a table that requires no other decision.
    const program::Decision& of = *decision_.decision;
    if (of.table && of.requirements.empty() && !of.input_defaults) return decision_.decision->table->decide(running);
    return program::decide_in(*decision_.program, decision_.index, running, scratch_.locals.data(), nullptr);
}

}  // namespace leat::capi

leat_decision::leat_decision(std::shared_ptr<const leat::program::Program> of, std::string_view name)
    : program(std::move(of)), number(++leat::capi::last_number) {
    using namespace leat;
    uint32_t found = program->find_decision(name);
    if (found == program::kNone) {
        if (capi::model_decision(*program, name))
            throw capi::Failure(Status::usage, "decision.of_model",
                                fmt::format("decision '{}' is one of a DMN model, which cannot be prepared: ask it by "
                                            "name, with leat_decide",
                                            name));
        std::vector<std::string> names;
        for (const auto& one : program->decisions) names.push_back(one.name);
        using Element = decision::GraphElement::Kind;
        if (program->models)
            for (const auto& one : program->models->elements())
                if (one.kind == Element::decision || one.kind == Element::service) names.push_back(one.name);
        std::string near = base::nearest(name, names);
        throw capi::Failure(Status::not_found, "decision.unknown",
                            fmt::format("there is no decision '{}'{}", name,
                                        near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    }
    index = found;
    decision = &program->decisions[found];
    const program::Entity* self = decision->entity == program::kNone ? nullptr : &program->entities[decision->entity];
    capi::Needs needs = capi::needs_of(decision->reads, *program, self);
    if (!needs.engine.empty()) {
        throw capi::Failure(Status::program, "decision.unbound",
                            fmt::format("decision '{}' reads {}, which only an engine knows; ask it of a record in a "
                                        "session, or pass the value as an input",
                                        name, needs.engine));
    }
    clock = needs.clock;
    if (self) {
        for (uint32_t field : needs.fields) inputs.push_back(capi::input_of(self->fields[field], field));
    }
    for (const auto& input : decision->inputs) inputs.push_back(capi::input_of(input, program::kFirstLocal + input.id));
    quick_columns = capi::quick_columns_of(*this);
}

using namespace leat::capi;
using leat::Kind;
using leat::LimitError;
using leat::NullReason;
using leat::Result;
using leat::Value;

namespace {

constexpr uint64_t kSteps = leat::Limits{}.steps_max;

void check_count(const leat_decision& decision, size_t count) {
    if (count == decision.inputs.size()) return;
    throw ArgumentError("usage.input_count", fmt::format("decision '{}' has {} inputs, {} were given",
                                                         decision.decision->name, decision.inputs.size(), count));
}

[[noreturn]] void bad_kind(const leat_decision& decision, size_t index, const Value& value) {
    const DecisionInput& input = decision.inputs[index];
    throw ArgumentError("value.kind", fmt::format("input '{}' of decision '{}' takes {}, not a value of kind {}",
                                                  input.name, decision.decision->name, leat::feel::describe(input.type),
                                                  static_cast<int>(value.kind)));
}

template <class Word>
bool high_bits(const char* text) {
    Word bits;
    std::memcpy(&bits, text, sizeof bits);
    return (bits & static_cast<Word>(0x8080808080808080u)) != 0;
}

// Plain ASCII, which needs no look at its UTF-8; in loads that may overlap.
inline bool is_ascii(const char* text, uint32_t size) {
    if (size >= 8) {
        for (uint32_t at = 0; at + 8 < size; at += 8)
            if (high_bits<uint64_t>(text + at)) return false;
        return !high_bits<uint64_t>(text + size - 8);
    }
    if (size >= 4) return !high_bits<uint32_t>(text) && !high_bits<uint32_t>(text + size - 4);
    for (uint32_t at = 0; at < size; ++at)
        if (high_bits<uint8_t>(text + at)) return false;
    return true;
}

// An input in its place, quickly where it is a number of 64 bits or plain text. Texts stay where they are.
inline void put(Value& place, const leat_value& given, const leat_decision& decision, size_t index,
                leat::Arena& arena) {
    const DecisionInput& input = decision.inputs[index];
    auto low = static_cast<int64_t>(given.as.number.low);
    if (given.kind == LEAT_KIND_NUMBER && given.as.number.high == static_cast<uint64_t>(low >> 63) &&
        given.scale >= -kScaleNear && given.scale <= kScaleNear) {
        set_header(place, Kind::number, static_cast<int16_t>(-given.scale), 0);
        place.bits = {given.as.number.low, given.as.number.high};
    } else if (given.kind == LEAT_KIND_STRING && given.as.text != nullptr && is_ascii(given.as.text, given.size)) {
        set_header(place, Kind::string, 0, given.size);
        place.text = given.as.text;
    } else if (given.kind == LEAT_KIND_NULL) {
        place = Value::null(input.empty);
    } else {
        place = lend_value(given, arena);
    }
    if ((input.kinds >> static_cast<uint32_t>(place.kind) & 1) == 0) bad_kind(decision, index, place);
}

// One answer to one place per output.
class Giver {
 public:
    Giver(const leat_decision& decision, leat_scratch& scratch)
        : outputs_(decision.decision->outputs), scratch_(scratch) {}

    // `kept`: a place per output, too.
    void give(const Value& answer, leat_value* out, Value* kept) const {
        if (outputs_.size() <= 1) {  // logic need not name one
            keep(answer, out, kept);
            return;
        }
        for (size_t o = 0; o < outputs_.size(); ++o) keep(part(answer, outputs_[o].name), out + o, kept + o);
    }

 private:
    Value part(const Value& answer, std::string_view name) const {
        if (answer.kind == Kind::context) {
            const Value* found = answer.context->find(name);
            return found ? *found : Value();
        }
        if (answer.kind != Kind::list) return answer;
        Value* items = scratch_.arena.array<Value>(answer.aux);
        for (uint32_t i = 0; i < answer.aux; ++i) items[i] = part(answer.items[i], name);
        return Value::list(items, answer.aux);
    }
    void keep(const Value& value, leat_value* out, Value* kept) const {
        *kept = value;
        if (value.kind == Kind::number)
            give_number(value, out);
        else
            *out = from_value(value, scratch_.arena);
    }
    const std::vector<leat::program::Field>& outputs_;
    leat_scratch& scratch_;
};

// A column's values, one after the other.
class ColumnReader {
 public:
    ColumnReader(const leat_column& column, size_t rows) : column_(column) {
        if (rows == 0) return;
        required(static_cast<const char*>(column.values), "values");
        if (column.kind == LEAT_KIND_STRING) required(column.offsets, "offsets");
        bool known = (column.kind >= LEAT_KIND_BOOLEAN && column.kind <= LEAT_KIND_MONTHS_DURATION) ||
                     column.kind == LEAT_COLUMN_VALUES;
        if (!known) throw ArgumentError("value.kind", fmt::format("{} is no kind of a column", column.kind));
    }
    leat_value at(size_t i) const {
        if (column_.valid != nullptr && (column_.valid[i / 8] >> (i % 8) & 1) == 0) return leat_value_null();
        switch (column_.kind) {
            case LEAT_COLUMN_VALUES:
                return static_cast<const leat_value*>(column_.values)[i];
            case LEAT_KIND_BOOLEAN:
                return leat_value_boolean(static_cast<const uint8_t*>(column_.values)[i] != 0);
            case LEAT_KIND_NUMBER:
                return leat_value_decimal(static_cast<const int64_t*>(column_.values)[i], column_.scale);
            case LEAT_KIND_STRING: {
                uint32_t begin = column_.offsets[i], end = column_.offsets[i + 1];
                if (end < begin) throw ArgumentError("usage.offsets", "the offsets of a column of texts must not fall");
                return leat_value_string({static_cast<const char*>(column_.values) + begin, end - begin});
            }
            case LEAT_KIND_DATE_TIME:
                return leat_value_instant(static_cast<const int64_t*>(column_.values)[i], {nullptr, 0});
            default:
                return leat_value_of(column_.kind, static_cast<const int64_t*>(column_.values)[i]);
        }
    }

 private:
    const leat_column& column_;
};

Value limited(leat::Arena& arena, const LimitError& error) {
    static const NullReason kFull{"limit.memory", {}, "the decisions need more memory than they may take", 0, 0};
    if (error.code() == "limit.memory") return Value::null(&kFull);
    NullReason reason{};
    reason.code = arena.copy(error.code());
    reason.text = arena.copy(error.what());
    return Value::null(arena.make<NullReason>(reason));
}

}  // namespace

extern "C" {

LEAT_API leat_status leat_decision_new(leat_decision** out, const leat_program* program, leat_str name,
                                       leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        place = new leat_decision(required(program, "program").program, required_text(name, "name"));
        return {};
    });
}
LEAT_API void leat_decision_free(leat_decision* decision) {
    delete decision;
}

LEAT_API uint32_t leat_decision_input_count(const leat_decision* decision) {
    return decision == nullptr ? 0 : static_cast<uint32_t>(decision->inputs.size());
}
LEAT_API leat_str leat_decision_input_name(const leat_decision* decision, uint32_t index) {
    return index >= leat_decision_input_count(decision) ? leat_str{"", 0} : lend(decision->inputs[index].name);
}
LEAT_API uint32_t leat_decision_input_index(const leat_decision* decision, leat_str name) {
    if (name.data == nullptr) return LEAT_NONE;
    for (uint32_t i = 0; i < leat_decision_input_count(decision); ++i)
        if (decision->inputs[i].name == std::string_view(name.data, name.size)) return i;
    return LEAT_NONE;
}
LEAT_API uint32_t leat_decision_output_count(const leat_decision* decision) {
    return decision == nullptr ? 0 : std::max(1u, static_cast<uint32_t>(decision->decision->outputs.size()));
}
LEAT_API leat_str leat_decision_output_name(const leat_decision* decision, uint32_t index) {
    if (index >= leat_decision_output_count(decision)) return leat_str{"", 0};
    const auto& outputs = decision->decision->outputs;
    return lend(outputs.empty() ? decision->decision->name : outputs[index].name);
}

LEAT_API leat_status leat_scratch_new(leat_scratch** out, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        place = new leat_scratch;
        return {};
    });
}
LEAT_API leat_status leat_scratch_set_now(leat_scratch* scratch, int64_t now_us, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& now = required(scratch, "scratch").now_us;
        if (now_us == LEAT_NEVER)
            now.reset();
        else
            now = now_us;
        return {};
    });
}
LEAT_API leat_str leat_scratch_null_reason(const leat_scratch* scratch, size_t index) {
    if (scratch == nullptr || index >= scratch->answers.size() || !scratch->answers[index].is_null())
        return leat_str{"", 0};
    return lend(reason_text(scratch->answers[index]));
}
LEAT_API void leat_scratch_free(leat_scratch* scratch) {
    delete scratch;
}

LEAT_API leat_status leat_decide_values(leat_value* out, const leat_decision* decision, leat_scratch* scratch,
                                        const leat_value* inputs, size_t input_count, leat_error** error) {
    if (out != nullptr && decision != nullptr && scratch != nullptr && inputs != nullptr && is_quick(*decision) &&
        input_count == decision->inputs.size() && decide_quickly(out, *decision, *scratch, inputs)) {
        if (error != nullptr) *error = nullptr;
        return LEAT_OK;
    }
    return guard(error, [&]() -> Result<void> {
        required(out, "out");
        const leat_decision& of = required(decision, "decision");
        leat_scratch& with = required(scratch, "scratch");
        check_count(of, input_count);
        if (input_count != 0) required(inputs, "inputs");
        Deciding deciding(of, with);
        with.answers.assign(leat_decision_output_count(&of), Value());
        for (size_t i = 0; i < input_count; ++i) {
            put(deciding.input(i), inputs[i], of, i, with.arena);
        }
        Giver(of, with).give(deciding.decide(kSteps), out, with.answers.data());
        return {};
    });
}

LEAT_API leat_status leat_decision_explain(leat_text** out, const leat_decision* decision, leat_scratch* scratch,
                                           const leat_value* inputs, size_t input_count, uint64_t flags,
                                           leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        const leat_decision& of = required(decision, "decision");
        leat_scratch& with = required(scratch, "scratch");
        check_count(of, input_count);
        if (input_count != 0) required(inputs, "inputs");
        const DecideFlags read = decide_flags(flags);
        Deciding deciding(of, with);
        with.answers.clear();
        for (size_t i = 0; i < input_count; ++i) {
            put(deciding.input(i), inputs[i], of, i, with.arena);
        }
        leat::JsonBuffer json;
        write_explained(json, of, deciding, kSteps, read.nearest ? kNearestMost : 0, {read.kinds, read.text});
        auto made = std::make_unique<leat_text>();
        made->text = json.view();
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_decide_columns(leat_value* out, const leat_decision* decision, leat_scratch* scratch,
                                         const leat_column* inputs, size_t input_count, size_t row_count,
                                         leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        const leat_decision& of = required(decision, "decision");
        leat_scratch& with = required(scratch, "scratch");
        check_count(of, input_count);
        if (row_count != 0) required(out, "out");
        if (input_count != 0) required(inputs, "inputs");
        std::vector<ColumnReader> columns;
        for (size_t i = 0; i < input_count; ++i) columns.emplace_back(inputs[i], row_count);
        Deciding deciding(of, with);
        Giver giver(of, with);
        const size_t outputs = leat_decision_output_count(&of);
        with.answers.assign(row_count * outputs, Value());
        auto decide_row = [&](size_t row) {
            Value answer;
            try {
                for (size_t i = 0; i < input_count; ++i) {
                    put(deciding.input(i), columns[i].at(row), of, i, with.arena);
                }
                answer = deciding.decide(kSteps);
            } catch (const LimitError& e) {
                answer = limited(with.arena, e);
            }
            giver.give(answer, out + row * outputs, with.answers.data() + row * outputs);
        };
        for (size_t begin = 0; begin < row_count; begin += kBlock) {
            const size_t count = std::min(kBlock, row_count - begin);
            uint64_t other = bits_of(count);
            if (is_quick(of))
                other = decide_block(out + begin, with.answers.data() + begin, of, with.arena, inputs, begin, count);
            for (; other != 0; other &= other - 1) decide_row(begin + static_cast<size_t>(std::countr_zero(other)));
        }
        return {};
    });
}

}  // extern "C"
