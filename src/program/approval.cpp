// Approvals: who is asked, how the votes count, what happens when time runs out, and where an approval leads.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;
using flow::StateId;
using flow::StateType;

namespace {

template <class E, size_t N>
bool parse_word(std::string_view text, const std::array<std::pair<std::string_view, E>, N>& words, E& out) {
    for (const auto& [word, value] : words) {
        if (word != text) continue;
        out = value;
        return true;
    }
    return false;
}

constexpr std::array<std::pair<std::string_view, approval::Mode>, 4> kModes = {
    {{"any", approval::Mode::any},
     {"all", approval::Mode::all},
     {"vote", approval::Mode::vote},
     {"sequence", approval::Mode::sequence}}};
constexpr std::array<std::pair<std::string_view, OnTimeout>, 4> kTimeouts = {{{"approve", OnTimeout::approve},
                                                                              {"reject", OnTimeout::reject},
                                                                              {"escalate", OnTimeout::escalate},
                                                                              {"expire", OnTimeout::expire}}};
constexpr std::array<std::pair<std::string_view, OnEmpty>, 3> kEmpties = {
    {{"incident", OnEmpty::incident}, {"approve", OnEmpty::approve}, {"reject", OnEmpty::reject}}};
constexpr std::array<std::pair<std::string_view, OnSelf>, 4> kSelves = {
    {{"manager", OnSelf::manager}, {"skip", OnSelf::skip}, {"allow", OnSelf::allow}, {"forbid", OnSelf::forbid}}};

bool is_user(feel::TypeRef type, EntityId user, bool list_too) {
    if (list_too && type->kind == TypeKind::list) return !type->element || is_user(type->element, user, false);
    return type->kind == TypeKind::any || type->kind == TypeKind::null ||
           (type->kind == TypeKind::record && type->class_id == user);
}

}  // namespace

std::unique_ptr<Approval> Compiler::approval(const model::Approve& source, const FlowDraft& draft, const Flow& flow,
                                             const std::string& at) {
    auto out = std::make_unique<Approval>();
    out->at = at;
    Names names = names_of(flow.entity);
    approval_by(source.by, "by", source.span, names, *out);
    approval_ways(source, names, *out);
    approval_levels(source, names, *out);
    approval_not_built(source);
    approval_shown(draft, flow, *out);
    return out;
}

void Compiler::approval_by(const model::ApproveBy& source, std::string_view key, const Span& span, const Names& names,
                           ApprovalBy& out) {
    for (const model::Operand& role : source.roles) {
        if (!role.is_expression) {
            if (auto id = role_named(role.text)) out.roles.push_back(*id);
        } else if (source.roles.size() > 1) {
            error("program.approve.by", role.text.span, "an expression must be the only role");
        } else {
            out.role = expression(role.text, names, role_type());
        }
    }
    auto user = [&](const Text& text, std::string_view part, bool list_too) -> ExpressionPtr {
        ExpressionPtr compiled = expression(text, names);
        if (compiled && !is_user(compiled->type(), program_.user, list_too)) {
            error("program.type", text.span,
                  fmt::format("'{}' wants a user, not {}", part, feel::describe(compiled->type())));
        }
        return compiled;
    };
    if (!source.near.empty()) out.near = user(source.near, "near", false);
    if (!source.manager_of.empty()) out.manager_of = user(source.manager_of, "manager_of", false);
    if (!source.users.empty()) {
        if (source.users.is_expression) {
            out.users = user(source.users.text, "users", true);
        } else {
            error("program.approve.by", source.users.text.span, "'users' wants an expression",
                  "write '= owner.manager'");
        }
    }
    if (!source.until.empty()) not_built(source.until.text.span, "until");
    if (!source.levels.empty() && (source.levels.is_expression || source.levels.text.text != "1")) {
        not_built(source.levels.text.span, "levels");
    }
    int ways = !source.roles.empty() + !source.users.empty() + !source.manager_of.empty();
    if (ways != 1) {
        error("program.approve.by", span,
              ways == 0 ? "an approval does not say who is asked"
                        : "an approval asks a role, users or a manager, not several of them",
              fmt::format("write '{0}: ROLE', or role, users or manager_of under '{0}:'", key));
    }
    if (!source.near.empty() && source.roles.empty())
        error("program.approve.by", source.near.span, "'near' needs a role");
}

void Compiler::approval_ways(const model::Approve& source, const Names& names, Approval& out) {
    auto word = [&](const Text& text, const auto& words, auto& value, std::string_view key) {
        if (text.empty() || parse_word(text.text, words, value)) return;
        std::string known;
        for (const auto& [name, meaning] : words) known += (known.empty() ? "" : ", ") + std::string(name);
        error("program.approve", text.span, fmt::format("'{}' cannot be '{}'", key, text.text), "one of " + known);
    };
    word(source.mode, kModes, out.policy.mode, "mode");
    if (!source.pass.empty()) {
        approval::Mode mode = out.policy.mode;
        auto policy = approval::parse_pass(source.pass.text);
        if (!policy) {
            error(policy.error().code, source.pass.span, policy.error().message);
        } else if (mode != approval::Mode::vote) {
            error("program.approve", source.pass.span, "'pass' is for 'mode: vote'");
        } else {
            out.policy = *policy;
            out.policy.mode = mode;
        }
    }
    word(source.timeout, kTimeouts, out.timeout, "timeout");
    word(source.empty, kEmpties, out.empty, "empty");
    word(source.self, kSelves, out.self, "self");
    out.within = duration_operand(source.within, names);
    out.remind = duration_operand(source.remind, names);
    if (!source.timeout.empty() && source.within.empty())
        error("program.approve", source.timeout.span, "'timeout' needs 'within'");
    if (!source.comment.empty()) {
        if (source.comment.text == "required" || source.comment.text == "refusal" ||
            source.comment.text == "optional") {
            if (source.comment.text == "required") not_built(source.comment.span, "comment: required");
            out.comment_on_refusal = source.comment.text != "optional";
        } else {
            error("program.approve", source.comment.span, fmt::format("'comment' cannot be '{}'", source.comment.text),
                  "one of refusal, optional");
        }
    }
    if (source.forbid.empty()) return;
    // Users named by fields or expressions; several make a list.
    Text forbid = source.forbid.front();
    if (source.forbid.size() > 1) {
        forbid.text = "[" + source.forbid.front().text;
        for (size_t i = 1; i < source.forbid.size(); ++i) forbid.text += ", " + source.forbid[i].text;
        forbid.text += "]";
        forbid.line_starts.clear();
    }
    out.forbid = expression(forbid, names);
    if (out.forbid && !is_user(out.forbid->type(), program_.user, true)) {
        error("program.type", forbid.span,
              fmt::format("'forbid' wants users, not {}", feel::describe(out.forbid->type())));
    }
}

// An escalation chain: who decides when those before have let their time pass.
void Compiler::approval_levels(const model::Approve& source, const Names& names, Approval& out) {
    if (source.escalate.empty()) return;
    if (source.within.empty())
        error("program.approve", source.escalate.front().span, "'escalate' needs 'within'",
              "write how long there is to decide before it goes up, as 'within: PT8H'");
    for (const model::Escalation& level : source.escalate) {
        Escalation& one = out.escalate.emplace_back();
        one.at = fmt::format("{}.escalate[{}]", out.at, out.escalate.size());
        approval_by(level.to, "to", level.span, names, one.to);
        one.within = duration_operand(level.within, names);
    }
}

void Compiler::approval_not_built(const model::Approve& source) {
    if (!source.repeated.empty()) not_built(source.repeated.span, "repeated");
    if (!source.cc.empty()) not_built(source.cc.front().span, "cc");
    if (!source.allow.empty()) not_built(source.allow.front().span, "allow: " + source.allow.front().text);
    if (!source.fields.empty()) not_built(source.fields.front().field.span, "fields in an approval");
    if (source.has_return) not_built(source.return_to.empty() ? source.span : source.return_to.front().span, "return");
}

void Compiler::approval_shown_by(const ApprovalBy& by, EntityId entity, std::vector<FieldId>& fields) {
    for (const ExpressionPtr* part : {&by.role, &by.near, &by.users, &by.manager_of}) {
        if (!*part) continue;
        for (FieldId field : own_reads(**part, entity)) fields.push_back(field);
    }
}

// What is recorded and locked while an approval is pending: the fields its own rule read, and those on which the flow's
// guards depend. Other fields (a reason for losing the deal, a phone number) may still be filled in.
void Compiler::approval_shown(const FlowDraft& draft, const Flow& flow, Approval& out) {
    std::vector<FieldId> fields = draft.guard_reads;
    approval_shown_by(out, flow.entity, fields);
    for (const Escalation& level : out.escalate) approval_shown_by(level.to, flow.entity, fields);
    if (out.forbid)
        for (FieldId field : own_reads(*out.forbid, flow.entity)) fields.push_back(field);
    // What is computed on reading has no value of its own: what it reads of the record counts instead. Of lists those
    // with lines of their own; other records are not this one's.
    for (size_t i = 0; i < fields.size(); ++i) {
        const Field& field = program_.entities[flow.entity].fields[fields[i]];
        bool seen = std::find(out.shown.begin(), out.shown.end(), field.id) != out.shown.end();
        if (seen || (field.origin != Origin::declared && field.origin != Origin::owner)) continue;
        if (field.stored || field.owned) {
            out.shown.push_back(field.id);
        } else if (field.formula && std::find(fields.begin(), fields.begin() + static_cast<ptrdiff_t>(i), field.id) ==
                                        fields.begin() + static_cast<ptrdiff_t>(i)) {
            for (FieldId read : own_reads(*field.formula, flow.entity)) fields.push_back(read);
        }
    }
    std::sort(out.shown.begin(), out.shown.end());
}

// Nothing hears `approved` of a state with children: approving ends the state, whatever they do. Regions cannot be
// given one more child to end in: there approving is what `onDone` answers.
void Compiler::approval_end(FlowDraft& draft, Flow& flow, const model::State& source, StateId id) {
    if (flow.chart.states[id].type == StateType::compound) {
        StateId done = add_state(draft, flow, source.name.text + ".approved", id, nullptr);
        flow.chart.states[done].type = StateType::final;
    } else if (flow.chart.states[id].type == StateType::parallel && !source.on_done) {
        error("program.approve", source.approve->span,
              fmt::format("nothing says where the approval of the parallel state '{}' leads", source.name.text),
              "write 'on: {approved: STATE}', or 'onDone: STATE'");
    }
}

// Where nothing hears `approved`: the end that approving reaches, or of regions what their `onDone` says.
void Compiler::wire_approved(FlowDraft& draft, Flow& flow, StateId state, const model::State& source,
                             const std::string& at) {
    if (!source.approve) return;
    flow::EventId approved = flow.states[state].approved;
    const std::string end = source.name.text + ".approved";
    if (draft.state_by_name.contains(end)) {
        model::Transition completes;
        completes.span = source.approve->span;
        completes.target.text.text = end;
        StateId from = source.states.empty() ? state + 1 : state;
        wire_transition(draft, flow, from, completes, approved, false, at + ".approve");
        if (draft.transitions.back().source == &completes) draft.transitions.back().source = nullptr;
        return;
    }
    if (flow.chart.states[state].type != StateType::parallel || !source.on_done) return;
    bool heard = std::any_of(flow.chart.transitions.begin(), flow.chart.transitions.end(),
                             [&](const flow::ChartTransition& one) { return one.event == approved; });
    if (!heard) wire_transition(draft, flow, state, *source.on_done, approved, true, at + ".onDone");
}

}  // namespace leat::program
