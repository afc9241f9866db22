// Statecharts in memory: the two machines of the shared bench folder, guards and actions included, on the kernel and
// FEEL; and the same beside XState's actor, run in the same session by its own script.
//
//     bench_machine [--quick] [--machines FOLDER] [--xstate FOLDER]
//
// FOLDER of --machines: bench_flat.json and bench_hier.json ($LEAT_BENCH_DIR/machines, by default the shared folder
// beside the repository; without it the program says so and ends with 77). FOLDER of --xstate: a copy of it in which
// `npm install xstate` has run; without one, or without node, XState is left out and that is said. After every event
// the configuration is compared with the file's, after three cycles the variables.
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/json.hpp"
#include "measure.hpp"
#include "program/load.hpp"
#include "value/value.hpp"

namespace {

using leat::Json;
using leat::Value;
using leat::flow::EventId;
using leat::flow::StateId;
using leat::program::Flow;

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "bench_machine: %s\n", what.c_str());
    std::exit(1);
}

std::string json_text(std::string_view text) {
    std::string out;
    leat::JsonWriter(out).string(text);
    return out;
}

std::string text_of(const Json& json, std::string_view name) {
    const Json* found = json.find(name);
    return found ? found->text : "";
}

// The bench's charts keep what an event brings in event.data, our flows in event itself.
std::string feel_of(std::string text) {
    for (size_t at; (at = text.find("event.data.")) != std::string::npos;) text.erase(at + 6, 5);
    return text;
}

// --- the chart as definitions: JSON is YAML ---

std::string steps_of(const Json& actions) {
    std::string out;
    for (const Json& action : actions.items) {
        out += (out.empty() ? "" : ",") + ("{\"set\":{" + json_text(text_of(action, "location")) + ":" +
                                           json_text("= " + feel_of(text_of(action, "expr_feel"))) + "}}");
    }
    return "[" + out + "]";
}

std::string transition_of(const Json& source, const std::string& state) {
    std::string out;
    auto add = [&](const std::string& key, const std::string& value) {
        out += (out.empty() ? "" : ",") + json_text(key) + ":" + value;
    };
    if (const Json* targets = source.find("targets")) {
        add("target", json_text(targets->items.at(0).text));
        if (targets->items[0].text == state) add("reenter", "true");
    }
    if (source.find("cond_feel")) add("guard", json_text(feel_of(text_of(source, "cond_feel"))));
    if (const Json* actions = source.find("actions")) add("do", steps_of(*actions));
    return "{" + out + "}";
}

std::string states_of(const Json& states);

std::string state_of(const Json& state) {
    std::string id = text_of(state, "id"), out;
    auto add = [&](const std::string& key, const std::string& value) {
        out += (out.empty() ? "" : ",") + json_text(key) + ":" + value;
    };
    std::string type = text_of(state, "type");
    if (type == "parallel" || type == "final" || type == "history") add("type", json_text(type));
    if (type == "history") {
        add("history", json_text(text_of(state, "history")));
        return "{" + out + "}";
    }
    if (const Json* initial = state.find("initial"))
        add("initial", json_text(initial->find("targets")->items.at(0).text));
    if (const Json* entry = state.find("onentry")) add("entry", steps_of(entry->items.at(0)));
    if (const Json* exit = state.find("onexit")) add("exit", steps_of(exit->items.at(0)));
    std::vector<std::pair<std::string, std::string>> on;  // by event, in order
    std::string always;
    if (const Json* transitions = state.find("transitions")) {
        for (const Json& one : transitions->items) {
            std::string made = transition_of(one, id);
            const Json* events = one.find("events");
            std::string event = events ? events->items.at(0).text : "";
            if (event.empty()) {
                always += (always.empty() ? "" : ",") + made;
            } else if (event.rfind("done.state.", 0) == 0) {
                add("onDone", made);
            } else {
                auto same = std::find_if(on.begin(), on.end(), [&](const auto& known) { return known.first == event; });
                if (same == on.end())
                    on.emplace_back(event, made);
                else
                    same->second += "," + made;
            }
        }
    }
    if (!always.empty()) add("always", "[" + always + "]");
    std::string all;
    for (const auto& [event, made] : on) all += (all.empty() ? "" : ",") + json_text(event) + ":[" + made + "]";
    if (!all.empty()) add("on", "{" + all + "}");
    if (const Json* children = state.find("states")) add("states", states_of(*children));
    return "{" + out + "}";
}

std::string states_of(const Json& states) {
    std::string out;
    for (const Json& state : states.items)
        out += (out.empty() ? "" : ",") + json_text(text_of(state, "id")) + ":" + state_of(state);
    return "{" + out + "}";
}

std::string definitions_of(const Json& bench) {
    const Json& chart = *bench.find("chart");
    std::string fields, events;
    for (const Json& datum : chart.find("data")->items)
        fields += (fields.empty() ? "" : ",") + json_text(text_of(datum, "id")) +
                  ":{\"type\":\"decimal\",\"required\":\"true\"}";
    std::map<std::string, std::map<std::string, bool>> payloads;
    for (const Json& step : bench.find("cycle")->items) {
        auto& payload = payloads[text_of(step, "event")];
        if (const Json* data = step.find("data"))
            for (const auto& [name, value] : data->members) payload[name] = true;
    }
    payloads["cancel"];
    for (const auto& [event, payload] : payloads) {
        std::string all;
        for (const auto& [name, present] : payload)
            all += (all.empty() ? "" : ",") + json_text(name) + ":{\"type\":\"decimal\",\"required\":\"true\"}";
        events += (events.empty() ? "" : ",") + json_text(event) + ":{\"allow\":[]" +
                  (all.empty() ? "" : ",\"payload\":{" + all + "}") + "}";
    }
    return "leat: 1\napp: bench\nlanguage: en\n---\nentity: thing\nfields: {" + fields +
           "}\n---\nflow: machine\nof: thing\ninitial: " + chart.find("initial")->find("targets")->items.at(0).text +
           "\nevents: {" + events + "}\nstates: " + states_of(*chart.find("states")) + "\n";
}

// --- one instance ---

// Answers in_state() from the instance's configuration.
class InState final : public leat::feel::Environment {
 public:
    InState(const leat::flow::Chart& chart, const leat::flow::Configuration& configuration)
        : chart_(chart), configuration_(configuration) {}
    Value member(const Value&, uint32_t, leat::feel::Frame&) override { return {}; }
    bool query(const leat::feel::CollectionQuery&, std::span<const Value>, leat::feel::Frame&, Value&) override {
        return false;
    }
    Value call(uint32_t, std::span<const Value> arguments, leat::feel::Frame&) override {
        StateId state = chart_.find(arguments[0].as_string());
        return Value::boolean(std::binary_search(configuration_.begin(), configuration_.end(), state));
    }
    int64_t now_us() override { return 0; }
    leat::value::Zone time_zone() override { return {}; }

 private:
    const leat::flow::Chart& chart_;
    const leat::flow::Configuration& configuration_;
};

class Instance {
 public:
    Instance(const leat::program::Program& program, const Flow& flow)
        : flow_(flow),
          row_(program.entities[flow.entity].fields.size()),
          locals_(program.locals_max),
          in_state_(flow.chart, configuration_),
          done_(flow.states.size(), leat::flow::kNone) {
        for (EventId event = 0; event < flow.events.size(); ++event) {
            if (flow.events[event].origin == leat::program::EventOrigin::done) done_[flow.events[event].state] = event;
        }
        for (const auto& field : program.entities[flow.entity].fields) {
            if (field.origin == leat::program::Origin::declared) row_[field.id] = Value::number(0);
        }
        frame_.row = row_.data();
        frame_.locals = locals_.data();
        frame_.arena = &arena_;
        frame_.environment = &in_state_;
        ask_ = [this](uint32_t transition) {
            const auto& guard = flow_.transitions[transition].guard;
            Value answer = guard->evaluate(frame_);
            return answer.is_true()   ? leat::flow::Truth::yes
                   : answer.is_null() ? leat::flow::Truth::null
                                      : leat::flow::Truth::no;
        };
        step_ = leat::flow::start(flow.chart);
        apply();
        settle();
    }

    void send(EventId event, const Value& payload) {
        arena_.reset();
        locals_[leat::program::kEvent] = payload;
        if (step(event)) settle();
    }

    std::vector<std::string> atoms() const {
        std::vector<std::string> out;
        for (StateId state : leat::flow::atomic_states(flow_.chart, configuration_))
            out.push_back(flow_.chart.states[state].name);
        std::sort(out.begin(), out.end());
        return out;
    }
    const Value& field(uint32_t id) const { return row_[id]; }

 private:
    bool step(EventId event) {
        leat::flow::select(flow_.chart, configuration_, event, ask_, selection_, &history_);
        if (selection_.transitions.empty()) return false;
        leat::flow::take(flow_.chart, configuration_, selection_.transitions, step_, &history_);
        apply();
        return true;
    }
    void settle() {
        for (;;) {
            if (step(leat::flow::kNone)) continue;
            if (queue_.empty()) return;
            EventId event = queue_.back();
            queue_.pop_back();
            step(event);
        }
    }
    void apply() {
        for (auto& [state, remembered] : step_.remembered) history_.put(state, std::move(remembered));
        for (StateId state : step_.exited) run(flow_.states[state].exit);
        for (uint32_t number : step_.transitions) run(flow_.transitions[number].steps);
        for (StateId state : step_.entered) run(flow_.states[state].entry);
        for (StateId state : step_.done) {
            if (done_[state] != leat::flow::kNone) queue_.push_back(done_[state]);
        }
        configuration_.swap(step_.configuration);
    }
    void run(const leat::program::Steps& steps) {
        for (const auto& one : steps) {
            for (const auto& assignment : one.assignments) {
                const auto& value = assignment.value;
                row_[assignment.field] = value.expression ? value.expression->evaluate(frame_) : value.constant;
            }
        }
    }

    const Flow& flow_;
    std::vector<Value> row_, locals_;
    leat::flow::Configuration configuration_;
    InState in_state_;
    std::vector<EventId> done_;
    leat::Arena arena_;
    leat::feel::Frame frame_;
    leat::flow::AskGuard ask_;
    leat::flow::History history_;
    leat::flow::Selection selection_;
    leat::flow::Microstep step_;
    std::vector<EventId> queue_;  // at most one waits in these charts
};

std::unique_ptr<leat::program::Program> load(const std::string& definitions) {
    leat::Diagnostics diagnostics;
    leat::base::Sources sources;
    auto program = leat::program::load({{"bench.yaml", definitions}}, {}, {}, diagnostics, sources);
    if (program) return program;
    for (const auto& one : diagnostics.all()) std::fputs(leat::base::format(one, sources).c_str(), stderr);
    fail("the chart does not load");
}

struct Sent {
    EventId event;
    Value payload;
};

// The cycle's events with their payloads made once, as XState's runner makes its objects once.
std::vector<Sent> cycle_of(const Json& bench, const Flow& flow, leat::Arena& arena) {
    std::vector<Sent> out;
    for (const Json& step : bench.find("cycle")->items) {
        Sent sent{flow.find_event(text_of(step, "event")), {}};
        const auto& fields = flow.events[sent.event].payload;
        auto* entries = arena.array<leat::value::ContextEntry>(fields.size());
        for (size_t i = 0; i < fields.size(); ++i) {
            const Json* data = step.find("data");
            entries[i] = {fields[i].name, Value::number(*leat::Decimal::parse(data->find(fields[i].name)->text))};
        }
        sent.payload =
            Value::context_of(arena.make<leat::value::ContextData>(entries, static_cast<uint32_t>(fields.size())));
        out.push_back(sent);
    }
    return out;
}

long mistakes(const Json& bench, const leat::program::Program& program, const std::vector<Sent>& cycle) {
    const Flow& flow = program.flows.front();
    Instance instance(program, flow);
    long wrong = 0;
    for (int round = 0; round < 3; ++round) {
        for (size_t i = 0; i < cycle.size(); ++i) {
            instance.send(cycle[i].event, cycle[i].payload);
            std::vector<std::string> expected;
            for (const Json& name : bench.find("cycle")->items[i].find("expect")->items) expected.push_back(name.text);
            if (instance.atoms() == expected) continue;
            if (++wrong == 1) std::printf("wrong after %s\n", text_of(bench.find("cycle")->items[i], "event").c_str());
        }
    }
    for (const auto& [name, value] : bench.find("vars_after_3_cycles")->members) {
        const Value& found = instance.field(program.entities[flow.entity].find(name)->id);
        Value expected = Value::number(*leat::Decimal::parse(value.text));
        if (leat::value::equal(found, expected) == std::optional<bool>(true)) continue;
        ++wrong;
        std::printf("wrong %s: %s\n", name.c_str(), leat::value::to_text(found).c_str());
    }
    return wrong;
}

// Events a second of XState's actor, by its own script's words; empty when it cannot run.
std::map<std::string, double> xstate(const std::string& folder) {
    std::map<std::string, double> rates;
    if (folder.empty()) {
        std::printf("XState is left out: name a folder with --xstate\n");
        return rates;
    }
    if (std::system("node --version > /dev/null 2>&1") != 0) {
        std::printf("XState is left out: node is not installed\n");
        return rates;
    }
    std::string command = "cd '" + folder + "' && node bench_xstate.mjs 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    if (!pipe) fail("cannot run node");
    char line[512];
    while (std::fgets(line, sizeof line, pipe)) {
        char file[64];
        double rate = 0;
        std::fputs(line, stdout);
        if (std::sscanf(line, "%63s xstate actor.send: median %lf", file, &rate) == 2) rates[file] = rate;
    }
    if (pclose(pipe) != 0) fail("XState's script failed");
    return rates;
}

// A ring of states with one guarded event: what an event costs must not hang on how many states there are.
std::string ring(int states) {
    std::string text =
        "leat: 1\napp: ring\nlanguage: en\n---\nentity: thing\nfields: {n: {type: decimal, required: true}}\n"
        "---\nflow: ring\nof: thing\nevents: {next: []}\nstates:\n";
    for (int i = 0; i < states; ++i) {
        text += "  s" + std::to_string(i) + ": {on: {next: {target: s" + std::to_string((i + 1) % states) +
                ", guard: n >= 0, do: [{set: {n: = n + 1}}]}}}\n";
    }
    return text;
}

void measure_rings(bool quick) {
    std::vector<std::unique_ptr<leat::program::Program>> programs;
    std::vector<std::unique_ptr<Instance>> instances;
    std::vector<leat::bench::Side> sides;
    const long events = quick ? 1'000 : 1'000'000;
    for (int states : {10, 999}) {
        programs.push_back(load(ring(states)));
        const Flow& flow = programs.back()->flows.front();
        instances.push_back(std::make_unique<Instance>(*programs.back(), flow));
        Instance* instance = instances.back().get();
        EventId next = flow.find_event("next");
        leat::bench::Side side;
        side.engine = std::to_string(states) + "_states";
        side.run = [instance, next, events] {
            for (long i = 0; i < events; ++i) instance->send(next, {});
        };
        sides.push_back(std::move(side));
    }
    leat::bench::measure("machine_states", events, quick ? 1 : 5, sides);
    leat::bench::print_ratio("machine_states", sides[1], sides[0]);
    if (quick) return;
    // The first round of an instance against its sixth: by then it has seen five million events more.
    std::printf("machine_age: the last million events of an instance take %.2f times what the first take\n",
                sides[0].rates.front() / sides[0].rates.back());
}

}  // namespace

int main(int argc, char** argv) {
    const bool quick = leat::bench::quick(argc, argv);
    const char* named = std::getenv("LEAT_BENCH_DIR");
    std::string machines = named ? std::string(named) + "/machines" : LEAT_BENCH_DEFAULT "/machines", rival;
    for (int i = 1; i + 1 < argc; ++i) {
        if (std::strcmp(argv[i], "--machines") == 0) machines = argv[i + 1];
        if (std::strcmp(argv[i], "--xstate") == 0) rival = argv[i + 1];
    }
    measure_rings(quick);
    if (!std::filesystem::exists(machines + "/bench_flat.json")) {
        std::printf("no machines in %s: skipped\n", machines.c_str());
        return 77;
    }
    auto rates = quick ? std::map<std::string, double>() : xstate(rival);
    long wrong = 0;
    for (const char* file : {"bench_flat.json", "bench_hier.json"}) {
        std::ostringstream text;
        text << std::ifstream(machines + "/" + file).rdbuf();
        auto bench = leat::parse_json(text.str());
        if (!bench) fail(std::string(file) + ": " + bench.error().message);
        auto program = load(definitions_of(*bench));
        const Flow& flow = program->flows.front();
        leat::Arena arena;
        auto cycle = cycle_of(*bench, flow, arena);
        Instance instance(*program, flow);
        const long rounds = quick ? 10 : 50'000;
        std::vector<leat::bench::Side> sides(1);
        sides[0].engine = "leat";
        sides[0].wrong = mistakes(*bench, *program, cycle);
        sides[0].run = [&] {
            for (long round = 0; round < rounds; ++round)
                for (const Sent& sent : cycle) instance.send(sent.event, sent.payload);
        };
        std::string name = std::string("machine_") + (std::strstr(file, "flat") ? "flat" : "hier");
        leat::bench::measure(name, rounds * static_cast<long>(cycle.size()), quick ? 1 : 5, sides);
        if (rates.count(file))
            std::printf("%s: leat takes %.0f times as many events a second as XState's actor\n", name.c_str(),
                        leat::bench::median(sides[0].rates) / rates[file]);
        wrong += sides[0].wrong;
    }
    return wrong ? 1 : 0;
}
