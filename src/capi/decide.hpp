// Decisions by themselves: what the handles hold, and one decision with its inputs in place.
#pragma once
#include <leat/leat.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "base/json_buffer.hpp"
#include "capi/alone.hpp"
#include "program/decide.hpp"
#include "program/program.hpp"

namespace leat::capi {

struct DecisionInput {
    std::string_view name;
    feel::TypeRef type = nullptr;
    const feel::EnumType* enumeration = nullptr;
    const NullReason* empty = nullptr;  // what a missing value says
    uint32_t place = 0;                 // in the row of the entity, or among the locals
    uint32_t kinds = 0;                 // a bit for each Kind that fits the type
};

}  // namespace leat::capi

struct leat_decision {
    // Throws Failure "decision.unknown", "decision.unbound" or "decision.of_model".
    leat_decision(std::shared_ptr<const leat::program::Program> program, std::string_view name);
    std::shared_ptr<const leat::program::Program> program;
    uint32_t index = 0;
    const leat::program::Decision* decision = nullptr;
    std::vector<leat::capi::DecisionInput> inputs;
    bool clock = false;   // today() or now() is read
    uint64_t number = 0;  // of this handle, never used again
    // Where the table's input columns stand among the inputs, when it answers quickly (Table::quick); else empty.
    std::vector<uint32_t> quick_columns;
};

struct leat_scratch {
    leat_scratch() { answers.reserve(1); }
    leat::Arena arena;  // of one call: lists and whatever formulas make
    std::vector<leat::Value> locals, row;
    std::vector<leat::Value> answers;
    std::optional<int64_t> now_us;
    uint64_t prepared = 0;  // number of the decision that locals and row are made for
};

namespace leat::capi {

// One decision at work in a scratch: values go to input(), then decide() answers, as often as wanted.
class Deciding {
 public:
    // Forgets what the scratch held.
    Deciding(const leat_decision& decision, leat_scratch& scratch);
    Value& input(size_t index) { return places_[decision_.inputs[index].place]; }
    // Throws LimitError.
    Value decide(uint64_t steps);
    feel::Frame frame(uint64_t* steps);
    Value* locals() { return scratch_.locals.data(); }

 private:
    const leat_decision& decision_;
    leat_scratch& scratch_;
    Value* places_;
    Alone environment_;
};

// The flags of leat_decide_options. Throws ArgumentError.
struct DecideFlags {
    bool explain = false, nearest = false, kinds = false, text = false;
};
DecideFlags decide_flags(uint64_t flags);
inline constexpr size_t kNearestMost = 3;  // rows that missed by the fewest cells, where nobody says how many

// The decision with its inputs in place, as leat_decide() answers it with an explanation. Throws LimitError.
void write_explained(JsonBuffer& json, const leat_decision& decision, Deciding& deciding, uint64_t steps,
                     size_t nearest, program::AnswerParts parts);

// "answer", and "reason" where it is null for a reason.
void write_answer(JsonBuffer& json, const Value& answer);

// Why a null is null, in words that live as long as the value's reason.
std::string_view reason_text(const Value& null);

}  // namespace leat::capi
