// approval: who has decided enough. Pure vote counting after FEATURES section 2; tasks, people and time are the
// engine's. All terms as there: 会签 all, 或签 any, 票签 vote, 顺序签 sequence. It may not: know a task, a role or the
// clock. Start at tally().
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "value/decimal.hpp"

namespace leat::approval {

enum class Mode : uint8_t { any, all, vote, sequence };
enum class Vote : uint8_t { open, approved, rejected };
enum class Verdict : uint8_t { open, approved, rejected };

struct Policy {
    Mode mode = Mode::any;
    Decimal pass_percent = 50;  // vote: passes with more than this share of all votes (or at least, see inclusive)
    bool pass_inclusive = false;
    std::optional<int64_t> pass_count;  // vote: with this many members instead, whatever their weights
};

// "> 50%", ">= 60%" or a number of approvals ("3"); mode is vote. Fractions (">= 2/3"), a bare "50%", and marks that
// every or no vote reaches are not taken. Error: usage "approval.pass".
Result<Policy> parse_pass(std::string_view text);

struct Member {
    Vote vote = Vote::open;
    Decimal weight = 1;  // of a vote; not negative
};

// any: the first decision wins either way. all: the first refusal ends it, else all must approve. vote: ends as soon
// as it is decided both ways. sequence: as all; the next open member is next(). No members, or weights that are all
// zero: open (the caller raises an incident, never passes). Should both be there under any, the refusal counts.
Verdict tally(const Policy& policy, const std::vector<Member>& members);
// sequence: index of the one whose turn it is; others: nullopt.
std::optional<size_t> next(const Policy& policy, const std::vector<Member>& members);

}  // namespace leat::approval
