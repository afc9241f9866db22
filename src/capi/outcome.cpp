#include "capi/capi.hpp"

using namespace leat::capi;
using leat::Result;

namespace {

const leat::engine::Refusal* refusal(const leat_outcome* outcome, size_t index) {
    return outcome == nullptr || index >= outcome->outcome.refusals.size() ? nullptr
                                                                           : &outcome->outcome.refusals[index];
}
const leat_str kEmpty{"", 0};

}  // namespace

extern "C" {

LEAT_API leat_status leat_outcome_new(leat_outcome** out, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        place = new leat_outcome;
        return {};
    });
}
LEAT_API void leat_outcome_free(leat_outcome* outcome) {
    delete outcome;
}

LEAT_API bool leat_outcome_refused(const leat_outcome* outcome) {
    return outcome != nullptr && outcome->outcome.refused;
}
LEAT_API int64_t leat_outcome_sequence(const leat_outcome* outcome) {
    return outcome == nullptr ? 0 : outcome->outcome.sequence;
}
LEAT_API leat_str leat_outcome_entity(const leat_outcome* outcome) {
    return outcome == nullptr ? kEmpty : lend(outcome->outcome.entity);
}
LEAT_API leat_str leat_outcome_key(const leat_outcome* outcome) {
    return outcome == nullptr ? kEmpty : lend(outcome->outcome.key);
}
LEAT_API int64_t leat_outcome_id(const leat_outcome* outcome) {
    return outcome == nullptr ? 0 : outcome->outcome.id;
}
LEAT_API int64_t leat_outcome_version(const leat_outcome* outcome) {
    return outcome == nullptr ? 0 : outcome->outcome.version;
}
LEAT_API leat_str leat_outcome_json(const leat_outcome* outcome) {
    return outcome == nullptr ? kEmpty : lend(outcome->outcome.json);
}

LEAT_API size_t leat_outcome_refusal_count(const leat_outcome* outcome) {
    return outcome == nullptr ? 0 : outcome->outcome.refusals.size();
}
LEAT_API leat_str leat_outcome_refusal_code(const leat_outcome* outcome, size_t index) {
    const auto* found = refusal(outcome, index);
    return found == nullptr ? kEmpty : lend(found->code);
}
LEAT_API leat_str leat_outcome_refusal_at(const leat_outcome* outcome, size_t index) {
    const auto* found = refusal(outcome, index);
    return found == nullptr ? kEmpty : lend(found->at);
}
LEAT_API leat_str leat_outcome_refusal_message(const leat_outcome* outcome, size_t index) {
    const auto* found = refusal(outcome, index);
    return found == nullptr ? kEmpty : lend(found->message);
}
LEAT_API size_t leat_outcome_refusal_field_count(const leat_outcome* outcome, size_t index) {
    const auto* found = refusal(outcome, index);
    return found == nullptr ? 0 : found->fields.size();
}
LEAT_API leat_str leat_outcome_refusal_field(const leat_outcome* outcome, size_t index, size_t field_index) {
    const auto* found = refusal(outcome, index);
    return found == nullptr || field_index >= found->fields.size() ? kEmpty : lend(found->fields[field_index]);
}

LEAT_API size_t leat_outcome_refusal_pointer_count(const leat_outcome* outcome, size_t index) {
    const auto* found = refusal(outcome, index);
    return found == nullptr ? 0 : found->pointers.size();
}
LEAT_API leat_str leat_outcome_refusal_pointer(const leat_outcome* outcome, size_t index, size_t pointer_index) {
    const auto* found = refusal(outcome, index);
    return found == nullptr || pointer_index >= found->pointers.size() ? kEmpty : lend(found->pointers[pointer_index]);
}

}  // extern "C"
