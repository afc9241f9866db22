// Approvals and time: reminders of who has to decide, and the way up when nobody does.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/json.hpp"
#include "engine/unit_of_work.hpp"

namespace leat::engine {

using record::Row;

namespace {

constexpr std::string_view kRemind = ".remind";

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
    if (due_us != 0 && approval.timeout != program::OnTimeout::none) {
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
    LEAT_CHECK(approval_timeout(row, *definition, state, timer));
    return Fired::acted;
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
    LEAT_TRY(Value wait, evaluate(reminds ? approval.remind : approval.within, &row));
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
