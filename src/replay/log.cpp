#include "replay/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/json.hpp"
#include "replay/facts.hpp"
#include "replay/play.hpp"
#include "value/temporal.hpp"

namespace leat::replay {

namespace {

using exchange::LogEvent;
using flow::EventId;
using flow::StateId;

struct Deviation {
    std::string case_id, activity, why;
    uint64_t position = 0, line = 0;
    std::optional<int64_t> time_us;
    std::vector<std::string> states, expected;
};

// One case under way.
struct Case {
    std::vector<Way> ways;
    uint64_t position = 0;  // of the last event, from 1
    int64_t time_us = 0;
    bool timed = true;  // every event so far has a time
    bool deviated = false;
    std::string last_activity;
    std::vector<std::string> cells;  // the last ones that were not empty, of mapped columns
};

struct StateTimes {
    std::vector<int64_t> durations_us;
    uint64_t visits = 0, open = 0;
};

// A quantile by the nearest rank; the median of an even count is the mean of the two in the middle.
double quantile(const std::vector<int64_t>& sorted, double share) {
    size_t n = sorted.size();
    if (share == 0.5 && n % 2 == 0)
        return (static_cast<double>(sorted[n / 2 - 1]) + static_cast<double>(sorted[n / 2])) / 2;
    auto rank = static_cast<size_t>(share * static_cast<double>(n) + 0.999999999);
    return static_cast<double>(sorted[std::min(std::max<size_t>(rank, 1), n) - 1]);
}

// Events by name: declared ones; an approval's or a timer's in every state that has it, or as STATE.NAME.
Result<std::vector<EventId>> events_named(const program::Flow& flow, const std::string& name) {
    std::vector<EventId> out;
    std::vector<std::string> known;
    for (EventId id = 0; id < flow.events.size(); ++id) {
        const program::Event& event = flow.events[id];
        std::string long_name =
            event.state == flow::kNone ? event.name : flow.chart.states[event.state].name + "." + event.name;
        if (event.name == name || long_name == name) out.push_back(id);
        known.push_back(long_name);
    }
    if (!out.empty()) return out;
    std::string near = base::nearest(name, known);
    return make_error(Status::usage, "replay.event",
                      fmt::format("flow '{}' has no event '{}'{}", flow.name, name,
                                  near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
}

class Replay final : public exchange::LogReader {
 public:
    Replay(const program::Program& program, const program::Flow& flow, const Mapping& mapping,
           std::vector<EventId> silent, Facts& facts, const Limits& limits)
        : program_(program),
          flow_(flow),
          mapping_(mapping),
          facts_(facts),
          player_(flow, std::move(silent), limits, facts.empty() ? nullptr : &facts),
          times_(flow.states.size()) {}

    Result<void> prepare() {
        for (const auto& [activity, event] : mapping_.events) {
            LEAT_TRY(auto found, events_named(flow_, event));
            mapped_.emplace(activity, std::move(found));
        }
        if (mapping_.end.empty()) return {};
        LEAT_TRY(end_, events_named(flow_, mapping_.end));
        return {};
    }

    Result<void> event(std::string_view case_id, LogEvent event) override {
        LEAT_TRY(Case * current, case_of(case_id));
        return play(std::string(case_id), *current, event);
    }
    Result<void> trace_end(std::string_view case_id) override {
        auto found = cases_.find(std::string(case_id));
        if (found == cases_.end()) {  // a trace without events
            LEAT_TRY(Case * made, case_of(case_id));
            LEAT_CHECK(close(std::string(case_id), *made));
        } else {
            LEAT_CHECK(close(found->first, found->second));
        }
        // Traces may have the same name, and are cases of their own all the same.
        cases_.erase(std::string(case_id));
        closed_.clear();
        order_.clear();
        return {};
    }

    Result<std::string> report() {
        for (const std::string& case_id : order_) {
            auto found = cases_.find(case_id);
            if (found != cases_.end()) LEAT_CHECK(close(case_id, found->second));
        }
        return write();
    }

 private:
    Result<Case*> case_of(std::string_view case_id) {
        auto [place, made] = cases_.try_emplace(std::string(case_id));
        if (!made) return &place->second;
        if (mapping_.grouped) {
            if (!order_.empty()) {
                auto before = cases_.find(order_.back());
                LEAT_CHECK(close(before->first, before->second));
                cases_.erase(before);
                order_.clear();
            }
            if (!closed_.insert(std::hash<std::string_view>()(case_id)).second)
                return make_error(
                    Status::usage, "log.grouped",
                    fmt::format("case '{}' comes back after another one: the log is not grouped by case", case_id));
        }
        order_.emplace_back(case_id);
        return &cases_.find(std::string(case_id))->second;
    }

    Result<void> play(const std::string& case_id, Case& current, const LogEvent& event) {
        ++events_;
        if (std::find(mapping_.ignore.begin(), mapping_.ignore.end(), event.activity) != mapping_.ignore.end()) {
            ++ignored_;
            return {};
        }
        bool repeated = mapping_.collapse && current.position > 0 && event.activity == current.last_activity;
        if (repeated) {
            ++ignored_;
            return {};
        }
        current.last_activity = event.activity;
        if (!event.time_us) current.timed = false;
        if (event.time_us && current.position > 0 && *event.time_us < current.time_us) {
            ++out_of_order_;
            current.timed = false;
        }
        if (event.time_us) current.time_us = *event.time_us;
        const std::vector<EventId>& events = events_of(event.activity);
        if (!facts_.empty()) {
            std::string where = event.line ? fmt::format("line {}", event.line) : fmt::format("case '{}'", case_id);
            LEAT_CHECK(facts_.take(event.attributes, events, where, current.cells));
        }
        if (current.position == 0) {
            LEAT_TRY(current.ways, player_.start(current.time_us));
        }
        ++current.position;
        if (events.empty()) ++unmapped_[event.activity];
        if (current.deviated) return {};
        std::vector<Way> after;
        if (!events.empty()) {
            LEAT_TRY(after, player_.play(current.ways, events, current.time_us));
        }
        if (!after.empty()) {
            current.ways = std::move(after);
            return {};
        }
        return deviate(case_id, current, event.activity, event.line, event.time_us,
                       events.empty() ? "unmapped" : "not_expected");
    }

    // Numbers of the events that an activity stands for; none when it stands for nothing.
    const std::vector<EventId>& events_of(const std::string& activity) {
        auto found = mapped_.find(activity);
        if (found != mapped_.end()) return found->second;
        std::vector<EventId> out;
        for (EventId id = 0; id < flow_.events.size(); ++id) {
            const program::Event& event = flow_.events[id];
            if (event.origin != program::EventOrigin::declared) continue;
            bool titled = std::any_of(event.title.texts.begin(), event.title.texts.end(),
                                      [&](const auto& one) { return one.second == activity; });
            if (event.name == activity || titled) out.push_back(id);
        }
        return mapped_.emplace(activity, std::move(out)).first->second;
    }

    Result<void> deviate(const std::string& case_id, Case& current, const std::string& activity, uint64_t line,
                         std::optional<int64_t> time_us, const char* why) {
        current.deviated = true;
        ++deviating_;
        Deviation deviation;
        deviation.case_id = case_id;
        deviation.activity = activity;
        deviation.why = why;
        deviation.position = current.position;
        deviation.line = line;
        deviation.time_us = time_us;
        for (StateId state : flow::atomic_states(flow_.chart, current.ways.front().configuration))
            deviation.states.push_back(flow_.chart.states[state].name);
        auto place = std::make_pair(fmt::format("{}", fmt::join(deviation.states, " ")), activity + "\n" + why);
        ++places_[place];
        if (deviations_.size() >= mapping_.deviations_max) return {};
        LEAT_TRY(auto expected, player_.expected(current.ways));
        for (EventId event : expected) {
            std::string name = expected_name(event);
            if (std::find(deviation.expected.begin(), deviation.expected.end(), name) == deviation.expected.end())
                deviation.expected.push_back(std::move(name));
        }
        deviations_.push_back(std::move(deviation));
        return {};
    }

    // An event in the log's words where the mapping has one.
    std::string expected_name(EventId event) const {
        for (const auto& [activity, name] : mapping_.events) {
            const auto& events = mapped_.find(activity)->second;
            if (std::find(events.begin(), events.end(), event) != events.end()) return activity;
        }
        if (std::find(end_.begin(), end_.end(), event) != end_.end()) return "(end of the case)";
        return flow_.events[event].name;
    }

    Result<void> close(const std::string& case_id, Case& current) {
        ++count_;
        if (!facts_.empty()) LEAT_CHECK(facts_.take({}, {}, case_id, current.cells));
        if (current.position == 0) {
            LEAT_TRY(current.ways, player_.start(0));
            current.timed = false;
        }
        if (!current.deviated && !end_.empty()) {
            ++current.position;
            LEAT_TRY(auto after, player_.play(current.ways, end_, current.time_us));
            if (after.empty()) {
                LEAT_CHECK(deviate(case_id, current, "", 0, std::nullopt, "unfinished"));
            } else {
                current.ways = std::move(after);
            }
        }
        if (!current.deviated && mapping_.complete) {
            LEAT_TRY(bool finished, player_.can_finish(current.ways, current.time_us));
            if (!finished) {
                ++current.position;
                LEAT_CHECK(deviate(case_id, current, "", 0, std::nullopt, "unfinished"));
            }
        }
        // Of several ways that explain the case the first is told: the one whose conditions held.
        const Way& way = current.ways.front();
        for (const Visit& visit : way.visits) {
            StateTimes& times = times_[visit.state];
            ++times.visits;
            if (current.timed) times.durations_us.push_back(visit.end_us - visit.begin_us);
        }
        for (const auto& [state, begin] : way.entered) {
            ++times_[state].visits;
            ++times_[state].open;
        }
        current.ways.clear();
        return {};
    }

    std::string write();
    void write_deviations(JsonWriter& json) const;
    void write_places(JsonWriter& json) const;
    void write_states(JsonWriter& json);

    const program::Program& program_;
    const program::Flow& flow_;
    const Mapping& mapping_;
    Facts& facts_;
    Player player_;
    std::unordered_map<std::string, std::vector<EventId>> mapped_;
    std::vector<EventId> end_;
    std::unordered_map<std::string, Case> cases_;
    std::vector<std::string> order_;  // of the cases, as they begin
    std::unordered_set<uint64_t> closed_;
    std::vector<StateTimes> times_;
    std::vector<Deviation> deviations_;
    std::map<std::pair<std::string, std::string>, uint64_t> places_;  // (states, activity and why) to cases
    std::map<std::string, uint64_t> unmapped_;
    uint64_t count_ = 0, deviating_ = 0, events_ = 0, ignored_ = 0, out_of_order_ = 0;
};

std::string Replay::write() {
    std::string out;
    JsonWriter json(out);
    auto number = [&](const char* name, uint64_t value) { json.key(name).number(static_cast<int64_t>(value)); };
    json.begin_object().key("flow").string(flow_.name);
    number("cases", count_);
    number("conforming", count_ - deviating_);
    number("deviating", deviating_);
    number("events", events_);
    number("ignored", ignored_);
    number("out_of_order", out_of_order_);
    write_deviations(json);
    write_places(json);
    write_states(json);
    json.key("unmapped").begin_array();
    for (const auto& [activity, events] : unmapped_) {
        json.begin_object().key("activity").string(activity);
        number("events", events);
        json.end_object();
    }
    json.end_array().end_object();
    return out;
}

void Replay::write_deviations(JsonWriter& json) const {
    json.key("deviations").begin_array();
    for (const Deviation& one : deviations_) {
        json.begin_object().key("case").string(one.case_id);
        json.key("position").number(static_cast<int64_t>(one.position));
        json.key("activity").string(one.activity);
        if (one.line) json.key("line").number(static_cast<int64_t>(one.line));
        if (one.time_us) json.key("at").string(value::format_instant(*one.time_us));
        json.key("why").string(one.why).key("states").begin_array();
        for (const std::string& state : one.states) json.string(state);
        json.end_array().key("expected").begin_array();
        for (const std::string& event : one.expected) json.string(event);
        json.end_array().end_object();
    }
    json.end_array();
}

void Replay::write_places(JsonWriter& json) const {
    using Place = std::pair<std::pair<std::string, std::string>, uint64_t>;
    std::vector<Place> sorted(places_.begin(), places_.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const Place& a, const Place& b) { return a.second > b.second; });
    json.key("places").begin_array();
    for (const auto& [place, cases] : sorted) {
        size_t cut = place.second.rfind('\n');
        json.begin_object().key("states").string(place.first).key("activity").string(place.second.substr(0, cut));
        json.key("why").string(place.second.substr(cut + 1)).key("cases").number(static_cast<int64_t>(cases));
        json.end_object();
    }
    json.end_array();
}

void Replay::write_states(JsonWriter& json) {
    json.key("states").begin_array();
    for (StateId state = 1; state < times_.size(); ++state) {
        StateTimes& times = times_[state];
        auto& all = times.durations_us;
        json.begin_object().key("state").string(flow_.chart.states[state].name);
        json.key("title").string(flow_.states[state].title.in(program_.language));
        json.key("visits").number(static_cast<int64_t>(times.visits));
        json.key("open").number(static_cast<int64_t>(times.open));
        json.key("timed").number(static_cast<int64_t>(all.size()));
        if (!all.empty()) {
            std::sort(all.begin(), all.end());
            double sum = 0;
            for (int64_t one : all) sum += static_cast<double>(one);
            auto seconds = [&](const char* name, double us) { json.key(name).number(fmt::format("{:.6f}", us / 1e6)); };
            seconds("median_s", quantile(all, 0.5));
            seconds("mean_s", sum / static_cast<double>(all.size()));
            seconds("p90_s", quantile(all, 0.9));
        }
        json.end_object();
    }
    json.end_array();
}

}  // namespace

Result<std::string> run(const program::Program& program, const program::Flow& flow, const std::string& path,
                        const Mapping& mapping, const Limits& limits) {
    std::vector<EventId> silent;
    for (const std::string& name : mapping.silent) {
        LEAT_TRY(auto found, events_named(flow, name));
        silent.insert(silent.end(), found.begin(), found.end());
    }
    Facts facts(program, flow, limits);
    LEAT_CHECK(facts.map(mapping));
    Replay replay(program, flow, mapping, std::move(silent), facts, limits);
    LEAT_CHECK(replay.prepare());
    exchange::LogColumns columns = mapping.columns;
    columns.attributes = facts.columns();
    LEAT_CHECK(exchange::read_event_log(path, columns, replay));
    return replay.report();
}

}  // namespace leat::replay
