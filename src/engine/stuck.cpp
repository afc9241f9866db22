// Finding records that stand still: suspended ones, those with an open incident or a delivery that did not work, and
// those whose states wait for nothing that could still happen.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/json.hpp"
#include "catalog/catalog.hpp"
#include "engine/configuration.hpp"
#include "engine/flow_memory.hpp"
#include "engine/reading.hpp"
#include "outbox/outbox.hpp"
#include "task/task.hpp"
#include "timer/suspension.hpp"

namespace leat::engine {

using flow::StateId;
using program::Flow;
using record::Row;

namespace {

class StuckSearch {
 public:
    StuckSearch(Reading& view, int64_t limit, std::string& out) : view_(view), limit_(limit), json_(out) {}

    Result<void> run() {
        json_.begin_object().key("stuck").begin_array();
        LEAT_TRY(auto suspended, timer::suspensions(view_.connection()));
        for (const auto& one : suspended)
            LEAT_CHECK(tell_of(one.entity, one.record, "suspended", fmt::format("{} (by {})", one.reason, one.by)));
        LEAT_TRY(auto incidents, catalog::incidents(view_.connection(), true, limit_));
        for (const auto& one : incidents)
            LEAT_CHECK(tell_of(one.entity, one.record, "incident", fmt::format("{}: {}", one.place, one.error)));
        for (auto status : {outbox::Status::failed, outbox::Status::unknown}) {
            LEAT_TRY(auto items, outbox::list(view_.connection(), status, limit_));
            for (const auto& one : items)
                LEAT_CHECK(tell_of(one.entity, one.record, "delivery", fmt::format("{}: {}", one.topic, one.receipt)));
        }
        for (const Flow& flow : view_.program().flows)
            if (!flow.pinned) LEAT_CHECK(search(flow));
        json_.end_array().key("more").boolean(count_ >= limit_).end_object();
        return {};
    }

 private:
    Result<void> tell_of(const std::string& entity, int64_t record, const char* reason, const std::string& detail) {
        const auto* found = view_.program().find_entity(entity);
        if (!found || count_ >= limit_) return {};
        LEAT_TRY(Row * row, view_.records().get(found->id, record));
        if (!row || !view_.records().may(*row, view_.actor().scope(), &program::AccessRule::read)) return {};
        if (found->flows.empty()) return tell(*row, nullptr, reason, detail), Result<void>();
        for (uint32_t number : found->flows) tell(*row, &view_.program().flows[number], reason, detail);
        return {};
    }

    void tell(const Row& row, const Flow* flow, const char* reason, const std::string& detail) {
        if (count_ >= limit_ || !told_.insert({row.entity, row.id, flow ? flow->id : program::kNone, reason}).second)
            return;
        ++count_;
        json_.begin_object().key("entity").string(view_.program().entities[row.entity].name);
        json_.key("key").string(row.key());
        if (flow) {
            const Value& state = row.fields[flow->state_field];
            const Value& since = row.fields[flow->since_field];
            json_.key("flow").string(flow->name);
            json_.key("state").string(state.is_null() ? std::string_view{} : state.as_string());
            if (since.kind == Kind::date_time)
                json_.key("since").string(value::format_instant(since.as_date_time().utc_us()));
        }
        json_.key("reason").string(reason).key("detail").string(detail).end_object();
    }

    // Something in this state or around it may still come by itself or be sent by somebody.
    static bool expects_something(const Flow& flow, StateId state) {
        for (; state != flow::kNone; state = flow.chart.states[state].parent) {
            if (!flow.states[state].timers.empty()) return true;
            for (uint32_t number : flow.chart.states[state].transitions) {
                const auto& transition = flow.chart.transitions[number];
                bool eventless = transition.event == flow::kNone && transition.descriptors.empty();
                if (eventless || !transition.descriptors.empty()) return true;
                std::vector<flow::EventId> events = transition.also;
                events.push_back(transition.event);
                for (flow::EventId event : events)
                    if (flow.events[event].origin == program::EventOrigin::declared) return true;
            }
        }
        return false;
    }

    Result<bool> waits(const Row& row, const Flow& flow, StateId atomic, const FlowMemory& memory) {
        if (expects_something(flow, atomic)) return true;
        for (StateId state = atomic; state != flow::kNone; state = flow.chart.states[state].parent) {
            for (const Invoked& one : memory.invoked)
                if (flow.invokes[one.number].state == state) return true;
            if (!flow.states[state].approval) continue;
            LEAT_TRY(auto tasks,
                     task::of_record(view_.connection(), view_.program().entities[row.entity].name, row.id));
            if (std::any_of(tasks.begin(), tasks.end(),
                            [](const task::Task& one) { return one.status == task::Status::open; }))
                return true;
        }
        return false;
    }

    Result<void> search(const Flow& flow) {
        Result<void> problem;
        LEAT_CHECK(
            view_.records().scan(flow.entity, nullptr, view_.locals().data(), view_.actor().scope(), [&](Row& row) {
                problem = look_at(row, flow);
                return problem && count_ < limit_;
            }));
        return problem;
    }

    Result<void> look_at(Row& row, const Flow& current) {
        const Flow& flow = view_.program().flow_of(current.id, row.fields);
        flow::Configuration configuration;
        auto atomic = active_states(row, flow, configuration);
        FlowMemory memory;
        if (flow.data_field != program::kNone && !row.fields[flow.data_field].is_null()) {
            LEAT_TRY(memory,
                     read_flow_memory(view_.program(), flow, row.fields[flow.data_field].as_string(), view_.arena()));
        }
        if (memory.ended) return {};
        for (StateId state : atomic)
            if (flow.chart.states[state].type == flow::StateType::final && flow.chart.states[state].parent == 0)
                return {};
        // One region that can still move may let the others go.
        for (StateId state : atomic) {
            LEAT_TRY(bool waiting, waits(row, flow, state, memory));
            if (waiting) return {};
        }
        if (!atomic.empty())
            tell(row, &flow, "nothing_to_wait_for",
                 fmt::format("no event, timer, task or child can move it out of '{}'",
                             flow.states[declared_state(flow, atomic[0])].name));
        return {};
    }

    struct Told {
        program::EntityId entity;
        int64_t record;
        uint32_t flow;
        std::string reason;
        auto operator<=>(const Told&) const = default;
    };
    Reading& view_;
    int64_t limit_;
    JsonWriter json_;
    int64_t count_ = 0;
    std::set<Told> told_;
};

}  // namespace

Result<std::string> Session::stuck(int64_t limit) {
    std::string out;
    LEAT_CHECK(read([&](Reading& view) { return StuckSearch(view, limit, out).run(); }));
    return out;
}

}  // namespace leat::engine
