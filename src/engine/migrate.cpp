// Records that go on in another version of their flow. An instance is data, a place in a set of named states: it is
// moved by changing that data. Nothing is entered or left, so nothing that was done is done again.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "catalog/catalog.hpp"
#include "engine/configuration.hpp"
#include "engine/derived.hpp"
#include "engine/own_columns.hpp"
#include "engine/unit_of_work.hpp"
#include "flow/jump.hpp"

namespace leat::engine {

using flow::StateId;
using program::Flow;
using record::Row;

namespace {

struct Place {
    flow::Configuration active;    // in the new flow
    std::vector<int64_t> entries;  // parallel; 0: not entered before
};

// Where the record stands once its states have their new names; nullopt with the reason in `why`.
std::optional<Place> place_of(const UnitOfWork::FlowMove& move, const UnitOfWork::Standing& standing,
                              std::string& why) {
    flow::Configuration before;
    std::vector<int64_t> entries;
    std::vector<StateId> atomic =
        active_states(*move.from, standing.state, standing.configuration, standing.entries, before, &entries);
    if (atomic.empty()) {
        why = fmt::format("its state '{}' is none of the flow's", standing.state);
        return std::nullopt;
    }
    auto renamed = [&](StateId state) {
        auto at = move.states.find(move.from->states[state].name);
        return at == move.states.end() ? flow::kNone : move.to->chart.find(at->second);
    };
    std::vector<StateId> targets;
    for (StateId state : atomic) {
        StateId target = renamed(state);
        if (target == flow::kNone || target == 0) {
            why = fmt::format("nothing says what state '{}' becomes", move.from->states[state].name);
            return std::nullopt;
        }
        if (std::find(targets.begin(), targets.end(), target) == targets.end()) targets.push_back(target);
    }
    auto configuration = flow::configuration_of(move.to->chart, targets);
    if (!configuration) {
        why = "its states would exclude one another";
        return std::nullopt;
    }
    Place place;
    place.active = std::move(*configuration);
    place.entries.assign(place.active.size(), 0);
    for (size_t i = 0; i < before.size(); ++i) {
        if (before[i] == 0) continue;
        auto here = std::find(place.active.begin(), place.active.end(), renamed(before[i]));
        if (here != place.active.end()) place.entries[static_cast<size_t>(here - place.active.begin())] = entries[i];
    }
    return place;
}

}  // namespace

Result<std::string> UnitOfWork::cannot_move(const FlowMove& move, const Standing& standing) {
    std::string why;
    if (!place_of(move, standing, why) || standing.data.empty()) return why;
    // What runs for a state is found again by where it is declared.
    LEAT_TRY(Json json, parse_json(standing.data));
    const Json* invoked = json.find("invoked");
    if (!invoked) return why;
    for (const Json& one : invoked->items) {
        const Json* at = one.find("at");
        bool known = at && std::any_of(move.to->invokes.begin(), move.to->invokes.end(),
                                       [&](const program::Invoke& invoke) { return invoke.at == at->text; });
        if (!known) return fmt::format("'{}' runs for it, which the new version does not have", at ? at->text : "");
    }
    return why;
}

Result<void> UnitOfWork::move(Row& row, const FlowMove& move, const Standing& standing,
                              const std::vector<timer::Timer>& pending) {
    const Flow& to = *move.to;
    std::string why;
    auto place = place_of(move, standing, why);
    if (!place) return make_error(Status::internal, "deploy.move", why);
    flow::Configuration former;
    std::vector<int64_t> former_entries;
    active_states(*move.from, standing.state, standing.configuration, standing.entries, former, &former_entries);
    const Value& counter = row.fields[to.entries_field];
    int64_t entry = counter.is_null() ? 0 : counter.as_number().to_int64().value_or(0);
    bool fresh = std::any_of(place->entries.begin() + 1, place->entries.end(), [](int64_t at) { return at == 0; });
    if (fresh) records_->set(row, to.entries_field, Value::number(Decimal(++entry)));
    std::string text;
    for (size_t i = 1; i < place->active.size(); ++i) {
        const flow::ChartState& state = to.chart.states[place->active[i]];
        if (place->entries[i] == 0) place->entries[i] = entry;
        if (state.parent == 0) records_->set(row, to.state_field, Value::string(arena_.copy(state.name)));
        text += fmt::format("{}{}:{}", text.empty() ? "" : " ", state.name, place->entries[i]);
    }
    if (!to.flat)
        records_->set(row, to.configuration_field, Value::string(arena_.copy(text)));
    else if (to.configuration_field != program::kNone)
        records_->set(row, to.configuration_field, Value());
    settle_own_columns(*records_, row, to);
    const int64_t version = engine_.parts_->flow_versions[to.id];
    const Value& known = row.fields[to.version_field];
    if ((known.is_null() ? Decimal(1) : known.as_number()) != Decimal(version))
        records_->set(row, to.version_field, version == 1 ? Value() : Value::number(Decimal(version)));
    LEAT_CHECK(move_tasks_of(row, move, former, former_entries));
    LEAT_CHECK(move_timers_of(row, move, pending, place->active, place->entries));
    for (size_t i = 1; i < place->active.size(); ++i) {
        const StateId state = place->active[i];
        if (!to.states[state].approval) continue;
        LEAT_TRY(auto asked, task::of_state(connection_, program_.entities[row.entity].name, row.id, to.name,
                                            to.states[state].name, place->entries[i]));
        if (asked.empty()) LEAT_CHECK(open_approval(row, to, state, place->entries[i]));
    }
    if (to.data_field != program::kNone) {
        use(row, to);
        for (uint32_t i = 0; i < to.data.size(); ++i) {
            if (!memory(row, to).data[i].is_null() || !to.data[i].initial.present || to.data[i].state != 0) continue;
            LEAT_TRY(Value value, evaluate(to.data[i].initial, &row));
            set_datum(row, to, i, value);
        }
    }
    moved_.emplace_back(&row, to.id);
    return {};
}

// Tasks of an approval go with their state, or end where it asks nobody any more.
Result<void> UnitOfWork::move_tasks_of(Row& row, const FlowMove& move, const flow::Configuration& active,
                                       const std::vector<int64_t>& entries) {
    const std::string& entity = program_.entities[row.entity].name;
    for (size_t i = 0; i < active.size(); ++i) {
        const auto& state = move.from->states[active[i]];
        if (!state.approval) continue;
        LEAT_TRY(auto tasks, task::of_state(connection_, entity, row.id, move.to->name, state.name, entries[i]));
        auto at = move.states.find(state.name);
        StateId target = at == move.states.end() ? flow::kNone : move.to->chart.find(at->second);
        bool asks = target != flow::kNone && move.to->states[target].approval;
        for (auto& one : tasks) {
            bool open = one.status == task::Status::open || one.status == task::Status::waiting;
            if (asks) {
                one.state = move.to->states[target].name;
            } else if (open) {
                one.status = task::Status::cancelled;
                one.decided_us = now_us_;
            }
            LEAT_CHECK(task::update(connection_, one));
            effects_ = true;
        }
    }
    return {};
}

Result<void> UnitOfWork::move_timers_of(Row& row, const FlowMove& move, const std::vector<timer::Timer>& pending,
                                        const flow::Configuration& active, const std::vector<int64_t>& entries) {
    const Flow& to = *move.to;
    const std::string former = to.name + ".";  // of a flow that was renamed, its timers were too
    auto entry_in = [&](StateId state) {
        auto at = std::find(active.begin(), active.end(), state);
        return at == active.end() ? int64_t{-1} : entries[static_cast<size_t>(at - active.begin())];
    };
    // "flow.state.delay" or "flow.state" as it is called now; the state's number with it.
    auto renamed = [&](std::string_view name, StateId& state) {
        name.remove_prefix(former.size());
        size_t dot = name.find('.');
        auto at = move.states.find(name.substr(0, dot));
        state = at == move.states.end() ? flow::kNone : to.chart.find(at->second);
        std::string rest(dot == std::string_view::npos ? std::string_view{} : name.substr(dot));
        return at == move.states.end() ? std::string() : at->second + rest;
    };
    std::vector<const program::Timer*> armed;
    for (const timer::Timer& one : pending) {
        bool of_flow =
            one.kind == timer::Kind::flow || one.kind == timer::Kind::approval || one.kind == timer::Kind::reminder;
        if (!of_flow || !one.name.starts_with(former)) continue;
        LEAT_TRY(bool taken, timer::remove(connection_, one));
        effects_ = effects_ || taken;
        StateId state = flow::kNone;
        timer::Timer moved = one;
        const std::string name = renamed(one.name, state);
        moved.name = to.name + "." + name;
        if (state == flow::kNone || entry_in(state) != one.entry) continue;
        // Whoever retries the incident finds its timer by the place.
        if (one.due_us == timer::kParked && moved.name != one.name)
            LEAT_CHECK(catalog::rename_place(connection_, one.entity, one.record, one.name, moved.name));
        if (one.kind != timer::Kind::flow) {
            if (to.states[state].approval) LEAT_CHECK(timer::add(connection_, moved));
            continue;
        }
        auto now = std::find_if(to.timers.begin(), to.timers.end(),
                                [&](const program::Timer& timer) { return timer.name == name; });
        if (now == to.timers.end() || move.timers == FlowMove::Timers::restart) continue;
        if (move.timers == FlowMove::Timers::rescale && one.due_us != timer::kParked) {
            // The share of the time that is left stays what it was.
            const Derived derived = Derived::read(one);
            LEAT_TRY(auto moment, moment_of(row, to, *now, now_us_, false));
            const int64_t whole = derived.first_us - derived.base_us;
            if (moment && whole > 0 && one.due_us > now_us_)
                moved.due_us = now_us_ + static_cast<int64_t>(static_cast<__int128>(one.due_us - now_us_) *
                                                              (moment->due_us - moment->base_us) / whole);
        }
        LEAT_CHECK(timer::add(connection_, moved));
        armed.push_back(&*now);
    }
    for (const program::Timer& timer : to.timers) {
        bool waits = std::find(armed.begin(), armed.end(), &timer) != armed.end();
        // A delay that has fired for good does not begin again, one that the state did not have does.
        auto had = std::any_of(move.from->timers.begin(), move.from->timers.end(), [&](const program::Timer& one) {
            StateId state = flow::kNone;
            return renamed(former + one.name, state) == timer.name;
        });
        if (waits || entry_in(timer.state) < 0 || (had && move.timers != FlowMove::Timers::restart)) continue;
        LEAT_CHECK(arm(row, to, timer, entry_in(timer.state)));
    }
    return {};
}

Result<void> UnitOfWork::finish_moves() {
    flush_memories();
    for (auto [row, number] : moved_) {
        if (!engine_.parts_->has_eventless[number]) continue;
        use(*row, program_.flows[number]);
        LEAT_CHECK(macrostep(*row, program_.flows[number]));
    }
    moved_.clear();
    LEAT_CHECK(run());
    LEAT_CHECK(records_->settle());
    return arm_timers();
}

}  // namespace leat::engine
