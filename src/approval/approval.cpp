#include "approval/approval.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace leat::approval {

namespace {

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

Error pass_error(std::string_view text, std::string_view why) {
    return make_error(
        Status::usage, "approval.pass",
        fmt::format("'{}' is no passing mark: {}; write '> 50%', '>= 60%' or a number of approvals such as "
                    "'3'",
                    text, why));
}

bool is_plain_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

Result<Policy> parse_share(std::string_view whole, std::string_view digits, bool inclusive) {
    std::optional<Decimal> percent = is_plain_number(digits) ? Decimal::parse(digits) : std::nullopt;
    if (!percent) return pass_error(whole, "the share is not a number");
    if (*percent > Decimal(100) || (!inclusive && *percent == Decimal(100))) {
        return pass_error(whole, "no vote can reach it");
    }
    if (inclusive && percent->is_zero()) return pass_error(whole, "it passes without any vote");
    Policy policy;
    policy.mode = Mode::vote;
    policy.pass_percent = *percent;
    policy.pass_inclusive = inclusive;
    return policy;
}

struct Counts {
    size_t members = 0, approved = 0, rejected = 0;
    size_t open() const { return members - approved - rejected; }
};

Counts count(const std::vector<Member>& members) {
    Counts counts;
    counts.members = members.size();
    for (const Member& member : members) {
        counts.approved += member.vote == Vote::approved;
        counts.rejected += member.vote == Vote::rejected;
    }
    return counts;
}

Verdict tally_count(int64_t needed, const Counts& counts) {
    if (static_cast<int64_t>(counts.approved) >= needed) return Verdict::approved;
    bool lost = static_cast<int64_t>(counts.approved + counts.open()) < needed;
    return lost ? Verdict::rejected : Verdict::open;
}

// Shares are compared as weight * 100 against percent * total, so that thirds stay exact.
Verdict tally_share(const Policy& policy, const std::vector<Member>& members) {
    Decimal approved = 0, reachable = 0, total = 0;
    auto add = [](Decimal& sum, Decimal weight) { sum = Decimal::add(sum, weight).value_or(sum); };
    for (const Member& member : members) {
        add(total, member.weight);
        if (member.vote != Vote::rejected) add(reachable, member.weight);
        if (member.vote == Vote::approved) add(approved, member.weight);
    }
    if (total.is_zero()) return Verdict::open;
    auto passes = [&](Decimal weight) {
        std::optional<Decimal> have = Decimal::multiply(weight, 100);
        std::optional<Decimal> need = Decimal::multiply(policy.pass_percent, total);
        if (!have || !need) return false;
        return policy.pass_inclusive ? *have >= *need : *have > *need;
    };
    if (passes(approved)) return Verdict::approved;
    return passes(reachable) ? Verdict::open : Verdict::rejected;
}

}  // namespace

Result<Policy> parse_pass(std::string_view text) {
    std::string_view rest = trim(text);
    bool more = rest.starts_with('>');
    bool inclusive = rest.starts_with(">=");
    if (more) rest = trim(rest.substr(inclusive ? 2 : 1));
    if (rest.ends_with('%')) {
        if (!more) return pass_error(text, "whether exactly this share passes is not said");
        return parse_share(text, trim(rest.substr(0, rest.size() - 1)), inclusive);
    }
    if (rest.find('/') != std::string_view::npos) return pass_error(text, "a fraction is not taken");
    bool digits = !rest.empty() && rest.find_first_not_of("0123456789") == std::string_view::npos;
    if (!digits) return pass_error(text, rest.empty() ? "it is empty" : "it is neither a percentage nor a number");
    if (more) return pass_error(text, "a number of approvals stands alone");
    std::optional<Decimal> number = Decimal::parse(rest);
    std::optional<int64_t> needed = number ? number->to_int64() : std::nullopt;
    if (!needed) return pass_error(text, "the number is too large");
    if (*needed == 0) return pass_error(text, "it passes without any vote");
    Policy policy;
    policy.mode = Mode::vote;
    policy.pass_count = *needed;
    return policy;
}

Verdict tally(const Policy& policy, const std::vector<Member>& members) {
    if (members.empty()) return Verdict::open;
    Counts counts = count(members);
    switch (policy.mode) {
        case Mode::any:
            if (counts.rejected > 0) return Verdict::rejected;
            return counts.approved > 0 ? Verdict::approved : Verdict::open;
        case Mode::all:
        case Mode::sequence:
            if (counts.rejected > 0) return Verdict::rejected;
            return counts.open() == 0 ? Verdict::approved : Verdict::open;
        case Mode::vote:
            return policy.pass_count ? tally_count(*policy.pass_count, counts) : tally_share(policy, members);
    }
    return Verdict::open;
}

std::optional<size_t> next(const Policy& policy, const std::vector<Member>& members) {
    if (policy.mode != Mode::sequence || tally(policy, members) != Verdict::open) return std::nullopt;
    auto it = std::find_if(members.begin(), members.end(), [](const Member& m) { return m.vote == Vote::open; });
    if (it == members.end()) return std::nullopt;
    return static_cast<size_t>(it - members.begin());
}

}  // namespace leat::approval
