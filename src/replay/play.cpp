#include "replay/play.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

namespace leat::replay {

namespace {

using flow::EventId;
using flow::StateId;
using program::EventOrigin;
using program::Flow;

constexpr size_t kWaysMax = 256;      // followed side by side: more means that the log says too little about the flow
constexpr size_t kChoicesMax = 4096;  // tried for one event of one way

// Answers yes to each question at first; next() goes on to the answers not yet tried, like counting in binary.
class Choices {
 public:
    bool ask() {
        if (at_ == made_.size()) made_.push_back(true);
        return made_[at_++];
    }
    bool next() {
        made_.resize(at_);
        while (!made_.empty() && !made_.back()) made_.pop_back();
        at_ = 0;
        if (made_.empty()) return false;
        made_.back() = false;
        return true;
    }

 private:
    std::vector<bool> made_;
    size_t at_ = 0;
};

// One macrostep with one set of answers.
class Macrostep {
 public:
    Macrostep(const Flow& flow, const Limits& limits, Choices& choices, const Answers* answers, int64_t time_us)
        : flow_(flow), limits_(limits), choices_(choices), answers_(answers), time_us_(time_us) {}

    Result<bool> start(Way& way) {
        apply(way, flow::start(flow_.chart));
        LEAT_CHECK(settle(way));
        return true;
    }
    // False when nothing takes the event.
    Result<bool> run(Way& way, EventId event, bool own_event) {
        if (way.configuration.empty()) return event == flow_.start ? start(way) : Result<bool>(false);
        own_event_ = own_event;
        bool taken = step(way, event);
        own_event_ = false;
        if (!taken) return false;
        LEAT_CHECK(settle(way));
        return true;
    }

 private:
    bool step(Way& way, EventId event) {
        auto selection = flow::select(
            flow_.chart, way.configuration, event,
            [&](uint32_t number) {
                return guard(flow_.chart.transitions[number].number) ? flow::Truth::yes : flow::Truth::no;
            },
            &way.history);
        if (selection.transitions.empty()) return false;
        apply(way, flow::take(flow_.chart, way.configuration, selection.transitions, &way.history));
        return true;
    }

    bool guard(uint32_t number) {
        const program::TransitionPart& part = flow_.transitions[number];
        if (!part.guard) return true;
        if (!part.guard->is_constant()) {
            auto told = answers_ ? answers_->holds(number, own_event_) : std::nullopt;
            return told ? *told : choices_.ask();
        }
        Arena arena;
        feel::Frame frame;
        uint64_t steps = limits_.steps_max;
        frame.arena = &arena;
        frame.steps_left = &steps;
        return part.guard->evaluate(frame).is_true();
    }

    Result<void> settle(Way& way) {
        for (uint32_t steps = 0; !way.finished; ++steps) {
            if (steps == limits_.microsteps_max)
                return make_error(
                    Status::limit, "limit.microsteps",
                    fmt::format("flow '{}' goes round in circles: {} microsteps after one event", flow_.name, steps));
            if (step(way, flow::kNone)) continue;
            if (queue_.empty()) return {};
            EventId event = queue_.front();
            queue_.pop_front();
            step(way, event);  // an internal event that nothing hears is dropped
        }
        return {};
    }

    void apply(Way& way, flow::Microstep step) {
        for (auto& [state, remembered] : step.remembered) way.history.put(state, std::move(remembered));
        for (StateId state : step.exited) {
            auto entry = std::find_if(way.entered.begin(), way.entered.end(),
                                      [&](const auto& one) { return one.first == state; });
            if (entry != way.entered.end()) {
                way.visits.push_back({state, entry->second, time_us_});
                way.entered.erase(entry);
            }
            raise(flow_.states[state].exit);
        }
        for (uint32_t number : step.transitions) raise(flow_.transitions[flow_.chart.transitions[number].number].steps);
        for (StateId state : step.entered) {
            if (state != 0) way.entered.emplace_back(state, time_us_);
            raise(flow_.states[state].entry);
            for (const auto& [of, number] : step.defaults)
                if (of == state) raise(flow_.transitions[flow_.chart.transitions[number].number].steps);
        }
        for (StateId state : step.done) done(state);
        way.configuration = std::move(step.configuration);
        way.finished = way.finished || step.finished;
    }

    void done(StateId state) {
        for (EventId event = 0; event < flow_.events.size(); ++event) {
            if (flow_.events[event].origin == EventOrigin::done && flow_.events[event].state == state)
                queue_.push_back(event);
        }
    }

    void raise(const program::Steps& steps) {
        for (const program::Step& step : steps) {
            if (step.kind == program::StepKind::raise) queue_.push_back(step.event);
            // Asked only where something hangs on the answer.
            if (!raises(step.do_) && !raises(step.then) && !raises(step.else_)) continue;
            if (step.kind == program::StepKind::if_)
                raise(choices_.ask() ? step.then : step.else_);
            else if (choices_.ask())
                raise(step.do_);
        }
    }
    static bool raises(const program::Steps& steps) {
        return std::any_of(steps.begin(), steps.end(), [](const program::Step& step) {
            return step.kind == program::StepKind::raise || raises(step.do_) || raises(step.then) || raises(step.else_);
        });
    }

    const Flow& flow_;
    const Limits& limits_;
    Choices& choices_;
    const Answers* answers_;
    bool own_event_ = false;
    int64_t time_us_;
    std::deque<EventId> queue_;
};

}  // namespace

// All outcomes of one event (kNone: of starting) in one way. Ways to the same configuration are one: the first stays.
Result<void> Player::add_outcomes(const Way* from, flow::EventId event, int64_t time_us, std::vector<Way>& out,
                                  bool own_event) const {
    Choices choices;
    size_t tried = 0;
    do {
        Way way = from ? *from : Way();
        Macrostep macrostep(flow_, limits_, choices, answers_, time_us);
        LEAT_TRY(bool taken, from ? macrostep.run(way, event, own_event) : macrostep.start(way));
        auto same = [&](const Way& one) {
            return one.configuration == way.configuration && one.history.remembered == way.history.remembered;
        };
        if (taken && std::none_of(out.begin(), out.end(), same)) out.push_back(std::move(way));
        if (out.size() > kWaysMax || ++tried > kChoicesMax)
            return make_error(Status::limit, "limit.ways",
                              fmt::format("flow '{}' leaves more than {} ways open: too many of its guards hang on "
                                          "what a log does not say",
                                          flow_.name, kWaysMax));
    } while (choices.next());
    return {};
}

Result<void> Player::silent_closure(std::vector<Way>& ways, int64_t time_us) const {
    for (size_t i = 0; i < ways.size(); ++i) {
        for (flow::EventId event : silent_) {
            Way from = ways[i];  // the list grows
            LEAT_CHECK(add_outcomes(&from, event, time_us, ways));
        }
    }
    return {};
}

Result<std::vector<Way>> Player::start(int64_t time_us) const {
    std::vector<Way> ways;
    if (flow_.start != flow::kNone) {
        ways.emplace_back();  // a draft, until the event comes that starts it
    } else {
        LEAT_CHECK(add_outcomes(nullptr, flow::kNone, time_us, ways));
    }
    return ways;
}

Result<std::vector<Way>> Player::play(const std::vector<Way>& ways, const std::vector<flow::EventId>& events,
                                      int64_t time_us) const {
    std::vector<Way> before = ways, after;
    LEAT_CHECK(silent_closure(before, time_us));
    for (const Way& way : before) {
        if (way.finished) continue;
        for (flow::EventId event : events) LEAT_CHECK(add_outcomes(&way, event, time_us, after, true));
    }
    return after;
}

Result<std::vector<flow::EventId>> Player::expected(const std::vector<Way>& ways) const {
    std::vector<Way> all = ways;
    LEAT_CHECK(silent_closure(all, 0));
    std::vector<flow::EventId> out;
    for (const Way& way : all) {
        if (way.finished) continue;
        if (way.configuration.empty() && std::find(out.begin(), out.end(), flow_.start) == out.end())
            out.push_back(flow_.start);
        for (flow::StateId state : way.configuration) {
            for (uint32_t number : flow_.chart.states[state].transitions) {
                flow::EventId event = flow_.chart.transitions[number].event;
                for (flow::EventId more : flow_.chart.transitions[number].also)
                    if (std::find(out.begin(), out.end(), more) == out.end()) out.push_back(more);
                if (event != flow::kNone && std::find(out.begin(), out.end(), event) == out.end()) out.push_back(event);
            }
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

Result<bool> Player::can_finish(const std::vector<Way>& ways, int64_t time_us) const {
    std::vector<Way> all = ways;
    LEAT_CHECK(silent_closure(all, time_us));
    return std::any_of(all.begin(), all.end(), [](const Way& way) { return way.finished; });
}

}  // namespace leat::replay
