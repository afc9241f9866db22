// Approvals and time: reminders of who has to decide, and the way up when nobody does.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/json.hpp"
#include "catalog/catalog.hpp"
#include "engine/unit_of_work.hpp"

namespace leat::engine {

using record::Row;

namespace {

constexpr std::string_view kRemind = ".remind";
constexpr std::string_view kApprove = ".approve";  // a timer that waits for an incident has its place as its name

// What the due time of an approval's timer counts from, kept with it so that another calendar moves it.
std::string counted_from(int64_t base_us) {
    return fmt::format("{}", base_us);
}

std::optional<int64_t> base_of(const timer::Timer& timer) {
    int64_t base = 0;
    const char* end = timer.data.data() + timer.data.size();
    auto [stop, problem] = std::from_chars(timer.data.data(), end, base);
    if (problem != std::errc() || stop != end) return std::nullopt;
    return base;
}

// How long there is to decide once it went up `count` times.
const program::Operand& time_of(const program::Approval& approval, int64_t count) {
    if (count == 0 || static_cast<size_t>(count) > approval.escalate.size()) return approval.within;
    const program::Operand& own = approval.escalate[static_cast<size_t>(count) - 1].within;
    return own.present ? own : approval.within;
}

}  // namespace

// The timers of an approval that opens, or that went up a level: its end, and its reminders.
Result<void> UnitOfWork::arm_approval(Row& row, const program::Flow& definition, flow::StateId state, int64_t entry,
                                      int64_t due_us) {
    const auto& approval = *definition.states[state].approval;
    timer::Timer timer;
    timer.entity = program_.entities[row.entity].name;
    timer.record = row.id;
    timer.name = definition.name + "." + definition.states[state].name;
    timer.entry = entry;
    timer.data = counted_from(now_us_);
    effects_ = true;
    if (due_us != 0 && (approval.timeout != program::OnTimeout::none || !approval.escalate.empty())) {
        timer.kind = timer::Kind::approval;
        timer.due_us = due_us;
        LEAT_CHECK(timer::add(connection_, timer));
    }
    if (!approval.remind.present) return {};
    LEAT_TRY(Value remind, evaluate(approval.remind, &row));
    timer.kind = timer::Kind::reminder;
    timer.name += kRemind;
    LEAT_TRY(timer.due_us, add_duration(now_us_, remind, approval.at + ".remind"));
    return timer::add(connection_, timer);
}

// Everybody whose decision is still open gets a notice; and again after the same time.
Result<UnitOfWork::Fired> UnitOfWork::fire_reminder(const timer::Timer& timer, Row& row,
                                                    const program::Flow& definition, flow::StateId state) {
    const auto& approval = *definition.states[state].approval;
    LEAT_TRY(auto asked, task::of_state(connection_, timer.entity, timer.record, definition.name,
                                        definition.states[state].name, timer.entry));
    std::vector<std::string> people;
    std::string title;
    for (const auto& one : asked) {
        if (one.status != task::Status::open) continue;
        std::string receiver = one.user.empty() ? "role:" + one.role : one.user;
        if (std::find(people.begin(), people.end(), receiver) == people.end()) people.push_back(std::move(receiver));
        title = one.title;
    }
    if (people.empty()) return Fired::stale;
    LEAT_TRY(Value remind, evaluate(approval.remind, &row));
    timer::Timer next = timer;
    ++next.count;
    next.data = counted_from(timer.due_us);
    LEAT_TRY(next.due_us, add_duration(timer.due_us, remind, approval.at + ".remind"));
    if (next.due_us <= now_us_) {  // missed ones are sent once
        next.data = counted_from(now_us_);
        LEAT_TRY(next.due_us, add_duration(now_us_, remind, approval.at + ".remind"));
    }
    if (next.due_us <= timer.due_us)
        return make_error(Status::usage, "timer.repeat",
                          fmt::format("'{}' repeats after no time at all; its interval must lead on", timer.name));
    LEAT_CHECK(timer::add(connection_, next));
    outbox::Item item;
    item.kind = outbox::Kind::notice;
    item.topic = "notice";
    const std::string text =
        language() == "zh" ? fmt::format("待审批：{}", title) : fmt::format("Waiting for your decision: {}", title);
    JsonWriter json(item.payload);
    json.begin_object().key("to").begin_array();
    for (const auto& receiver : people) json.string(receiver);
    json.end_array().key("channels").begin_array().end_array();
    json.key("subject").string(text).key("text").string(text);
    json.key("entity").string(timer.entity).key("key").string(row.key());
    json.key("with").begin_object().key("count").number(timer.count + 1).end_object().end_object();
    LEAT_CHECK(plan(std::move(item), &row));
    note_cause(fmt::format("reminder {} of {}", timer.count + 1, timer.name));
    return Fired::acted;
}

// The state whose approval a timer belongs to, while it is still the same visit; kNone else.
flow::StateId UnitOfWork::approval_of(const timer::Timer& timer, const Row& row, const program::Flow** flow) {
    std::string_view name = timer.name;
    if (timer.kind == timer::Kind::reminder && name.ends_with(kRemind)) name.remove_suffix(kRemind.size());
    if (timer.kind == timer::Kind::approval && name.ends_with(kApprove)) name.remove_suffix(kApprove.size());
    size_t dot = name.find('.');
    *flow = program_.find_flow(name.substr(0, dot));
    if (!*flow || dot == std::string_view::npos) return flow::kNone;
    *flow = &program_.flow_of((*flow)->id, row.fields);
    auto state = (*flow)->chart.find(name.substr(dot + 1));
    if (state == flow::kNone || !(*flow)->states[state].approval) return flow::kNone;
    return entry_of(row, **flow, state) == timer.entry ? state : flow::kNone;
}

Result<UnitOfWork::Fired> UnitOfWork::fire_approval(const timer::Timer& timer, Row& row) {
    const program::Flow* definition = nullptr;
    flow::StateId state = approval_of(timer, row, &definition);
    if (state == flow::kNone) return Fired::stale;
    if (timer.kind == timer::Kind::reminder) return fire_reminder(timer, row, *definition, state);
    if (timer.name.ends_with(kApprove)) {
        LEAT_CHECK(ask_again(row, *definition, state, timer));
    } else {
        LEAT_CHECK(approval_timeout(row, *definition, state, timer));
    }
    return Fired::acted;
}

// Nobody is there to decide: people are told, and once they have seen to it somebody is asked again.
Result<void> UnitOfWork::ask_later(Row& row, const program::Approval& approval, int64_t entry) {
    timer::Timer waiting;
    waiting.kind = timer::Kind::approval;
    waiting.due_us = timer::kParked;
    waiting.entity = program_.entities[row.entity].name;
    waiting.record = row.id;
    waiting.name = approval.at;
    waiting.entry = entry;
    waiting.data = fmt::format("{}", asker_of(row).sequence);
    LEAT_CHECK(timer::add(connection_, waiting));
    LEAT_CHECK(catalog::add_incident(connection_, {0, waiting.entity, row.id, approval.at,
                                                   "nobody holds the role that has to approve", now_us_, "open"}));
    effects_ = true;
    return {};
}

// An incident of an approval is retried: whoever there is now is asked, by the one who asked then.
Result<void> UnitOfWork::ask_again(Row& row, const program::Flow& definition, flow::StateId state,
                                   const timer::Timer& timer) {
    const auto& part = definition.states[state];
    LEAT_TRY(auto opened,
             task::of_state(connection_, timer.entity, timer.record, definition.name, part.name, timer.entry));
    if (!opened.empty()) {
        timer::Timer overdue = timer;
        overdue.name.resize(overdue.name.size() - kApprove.size());
        return approval_timeout(row, definition, state, overdue);
    }
    task::Task asked;
    asked.sequence = base_of(timer).value_or(0);
    LEAT_TRY(std::string asker, asked_by(asked));
    asked_row_ = &row;
    asked_ = {asker, asked.sequence};
    return open_approval(row, definition, state, timer.entry);
}

// The time to decide is over: the next level decides; after the last one, what `timeout` says.
Result<void> UnitOfWork::approval_timeout(Row& row, const program::Flow& definition, flow::StateId state,
                                          const timer::Timer& timer) {
    const auto& part = definition.states[state];
    const auto& approval = *part.approval;
    LEAT_TRY(auto opened,
             task::of_state(connection_, timer.entity, timer.record, definition.name, part.name, timer.entry));
    if (opened.empty()) return {};
    LEAT_TRY(std::string asker, asked_by(opened.front()));
    asked_row_ = &row;
    asked_ = {asker, opened.front().sequence};
    LEAT_TRY(bool went_up, to_next_level(row, approval, timer, opened));
    if (went_up) return {};
    switch (approval.timeout) {
        case program::OnTimeout::none:
            break;
        case program::OnTimeout::approve:
            return finish_approval(row, definition, state, timer.entry, part.approved);
        case program::OnTimeout::reject:
            return finish_approval(row, definition, state, timer.entry, part.rejected);
        case program::OnTimeout::expire:
            return finish_approval(row, definition, state, timer.entry, part.expired);
        case program::OnTimeout::escalate:
            return to_managers(row, approval, timer, opened);
    }
    return overdue(approval, timer);
}

Result<void> UnitOfWork::overdue(const program::Approval& approval, const timer::Timer& timer) {
    effects_ = true;
    timer::Timer waiting = timer;  // for the incident to be retried
    waiting.name = approval.at;
    waiting.due_us = timer::kParked;
    LEAT_CHECK(timer::add(connection_, waiting));
    LEAT_CHECK(catalog::add_incident(connection_,
                                     {0, timer.entity, timer.record, approval.at,
                                      "the approval is overdue and there is nobody to escalate to", now_us_, "open"}));
    return {};
}

// What nobody has decided is decided by the people of the next level that has any. False: there is none.
Result<bool> UnitOfWork::to_next_level(Row& row, const program::Approval& approval, const timer::Timer& timer,
                                       std::vector<task::Task>& opened) {
    for (auto level = static_cast<size_t>(timer.count); level < approval.escalate.size(); ++level) {
        const program::Escalation& up = approval.escalate[level];
        LEAT_TRY(Deciders people, deciders(row, approval, up.to, true, up.at + ".to"));
        if (people.empty()) continue;
        timer::Timer next = timer;
        next.count = static_cast<int64_t>(level) + 1;
        next.data = counted_from(now_us_);
        LEAT_TRY(Value within, evaluate(time_of(approval, next.count), &row));
        LEAT_TRY(next.due_us, add_duration(now_us_, within, up.at + ".within"));
        for (auto& one : opened) {
            if (one.status != task::Status::open && one.status != task::Status::waiting) continue;
            one.status = task::Status::cancelled;
            one.outcome = kWentUp;
            one.decided_us = now_us_;
            LEAT_CHECK(task::update(connection_, one));
        }
        task::Task todo = opened.front();
        todo.id = 0;
        todo.status = task::Status::open;
        todo.outcome = todo.comment = todo.decided_by = "";
        todo.decided_us = 0;
        todo.created_us = now_us_;
        todo.due_us = next.due_us;
        std::string names;
        for (const auto& [user, role] : people) {
            todo.user = user;
            todo.role = role;
            LEAT_CHECK(task::add(connection_, todo));
            names += (names.empty() ? "" : ", ") + (user.empty() ? role : user);
        }
        note_cause(fmt::format("{} went up to {}", up.at, names));
        effects_ = true;
        LEAT_CHECK(timer::add(connection_, next));
        return true;
    }
    return false;
}

// Hands open tasks to the managers of their people; where nobody has one it is an incident.
Result<void> UnitOfWork::to_managers(Row& row, const program::Approval& approval, const timer::Timer& timer,
                                     std::vector<task::Task>& opened) {
    int64_t due_us = 0;
    const auto* manager = program_.entities[program_.user].find("manager");
    for (auto& one : opened) {
        if (one.status != task::Status::open || one.user.empty() || !manager) continue;
        LEAT_TRY(Row * person, records_->find(program_.user, one.user));
        if (!person || person->fields[manager->id].kind != Kind::record) continue;
        LEAT_TRY(Row * above, records_->row_of(person->fields[manager->id]));
        if (!above) continue;
        // Whoever has a vote of his own here gets no second one.
        if (std::any_of(opened.begin(), opened.end(), [&](const auto& other) { return other.user == above->key(); }))
            continue;
        note_cause(fmt::format("task {} escalated from {} to {}", one.id, one.user, above->key()));
        one.user = std::string(above->key());
        LEAT_TRY(Value within, evaluate(approval.within, &row));
        LEAT_TRY(one.due_us, add_duration(now_us_, within, approval.at + ".within"));
        LEAT_CHECK(task::update(connection_, one));
        due_us = one.due_us;
    }
    if (due_us == 0) return overdue(approval, timer);
    effects_ = true;  // and further up, when the manager lets the same time pass
    timer::Timer next = timer;
    ++next.count;
    next.due_us = due_us;
    next.data = counted_from(now_us_);
    return timer::add(connection_, next);
}

// The deadline of an approval, told again to those who decide; or the next reminder.
Result<bool> UnitOfWork::recompute_approval(const timer::Timer& timer, Row& row) {
    const program::Flow* definition = nullptr;
    flow::StateId state = approval_of(timer, row, &definition);
    auto base = base_of(timer);
    if (state == flow::kNone || !base) return false;
    const auto& approval = *definition->states[state].approval;
    bool reminds = timer.kind == timer::Kind::reminder;
    use(row, *definition);
    LEAT_TRY(Value wait, evaluate(reminds ? approval.remind : time_of(approval, timer.count), &row));
    timer::Timer again = timer;
    LEAT_TRY(again.due_us, add_duration(*base, wait, approval.at + (reminds ? ".remind" : ".within")));
    if (again.due_us == timer.due_us) return false;
    LEAT_TRY(bool mine, timer::remove(connection_, timer));
    if (!mine) return false;
    LEAT_CHECK(timer::add(connection_, again));
    effects_ = true;
    if (reminds) return true;
    LEAT_TRY(auto asked, task::of_state(connection_, timer.entity, timer.record, definition->name,
                                        definition->states[state].name, timer.entry));
    for (auto& one : asked) {
        if (one.status != task::Status::open && one.status != task::Status::waiting) continue;
        one.due_us = again.due_us;
        LEAT_CHECK(task::update(connection_, one));
    }
    return true;
}

}  // namespace leat::engine
