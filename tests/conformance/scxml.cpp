// The suite `scxml`: the W3C's implementation report tests and SCION's, as data. Each chart is written as YAML of
// `dialect: scxml` (JSON is YAML) and goes through the loader and the engine, on a store in memory with a clock of its
// own, so that what passes is the language.
#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "base/json.hpp"
#include "engine/configuration.hpp"
#include "engine/engine.hpp"
#include "engine/reading.hpp"
#include "program/load.hpp"
#include "report.hpp"

namespace leat::conformance {

namespace {

using Skips = std::map<std::string, std::string>;

class VirtualClock final : public Clock {
 public:
    int64_t now = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z
    int64_t now_us() override { return now; }
};

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what);
}

const Json& part(const Json& json, std::string_view name) {
    const Json* found = json.find(name);
    if (!found) fail(fmt::format("the case has no '{}'", name));
    return *found;
}

std::string quoted(std::string_view text) {
    std::string out;
    JsonWriter(out).string(text);
    return out;
}

// --- expressions ---

std::string feel(const Json& tree);

std::string feel_text(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '\n') {
            out += "\\n";
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string constant(const Json& value) {
    switch (value.kind) {
        case Json::Kind::string:
            return feel_text(value.text);
        case Json::Kind::number:
            return value.text;
        case Json::Kind::boolean:
            return value.boolean ? "true" : "false";
        default:
            return "null";
    }
}

std::string path(std::string root, const Json& steps, size_t from) {
    for (size_t i = from; i < steps.items.size(); ++i) root += "." + steps.items[i].text;
    return root;
}

std::string joined(const Json& operands, std::string_view sign) {
    std::string out;
    for (const Json& one : operands.items) out += (out.empty() ? "" : fmt::format(" {} ", sign)) + feel(one);
    return "(" + out + ")";
}

std::string feel(const Json& tree) {
    static const std::map<std::string, std::string, std::less<>> kSigns = {
        {"eq", "="},  {"ne", "!="}, {"lt", "<"},  {"le", "<="},  {"gt", ">"},    {"ge", ">="}, {"add", "+"},
        {"sub", "-"}, {"mul", "*"}, {"div", "/"}, {"pow", "**"}, {"and", "and"}, {"or", "or"}};
    if (tree.members.size() != 1) fail("an expression that is no tree: " + to_text(tree));
    const auto& [name, value] = tree.members[0];
    if (auto sign = kSigns.find(name); sign != kSigns.end()) return joined(value, sign->second);
    if (name == "const") return constant(value);
    if (name == "var") return value.text;
    if (name == "event") return path("event", value, 0);
    if (name == "sys") return path(value.items.at(0).text.substr(1), value, 1);
    if (name == "in") return fmt::format("in_state({})", feel_text(value.text));
    if (name == "not") return fmt::format("not({})", feel(value));
    if (name == "bound") return fmt::format("({} != null)", feel(value));
    if (name == "unbound") return fmt::format("({} = null)", feel(value));
    if (name == "error") return "error()";
    if (name == "has")
        return fmt::format("list contains(get entries({}).key, {})", feel(value.items.at(0)), feel(value.items.at(1)));
    if (name == "prefix") return fmt::format("starts with({}, {})", feel(value.items.at(1)), feel(value.items.at(0)));
    if (name == "list") {
        std::string out;
        for (const Json& one : value.items) out += (out.empty() ? "" : ", ") + feel(one);
        return "[" + out + "]";
    }
    if (name == "object") {
        std::string out;
        for (const auto& [key, one] : value.members)
            out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", feel_text(key), feel(one));
        return "{" + out + "}";
    }
    fail(fmt::format("an expression this driver does not know: {}", to_text(tree)));
}

// An expression beside its tree; the text stands in where the tree is missing, or has more than this driver knows.
std::string expression_of(const Json& holder, std::string_view name) {
    const Json* tree = holder.find(name);
    const Json* text = holder.find(std::string(name) + "_feel");
    if (!tree) return text ? text->text : part(holder, name).text;
    try {
        return feel(*tree);
    } catch (const std::runtime_error&) {
        if (!text || text->kind != Json::Kind::string) throw;
        return text->text;
    }
}

// A value of a key that may be a literal.
std::string value_of(const Json& tree) {
    const Json* text = tree.find("const");
    if (text && text->kind == Json::Kind::string && !text->text.empty() && text->text[0] != '=')
        return quoted(text->text);
    return quoted("= " + feel(tree));
}

// --- executable content ---

void steps(const Json& actions, JsonWriter& json);

void params(const Json& list, JsonWriter& json) {
    json.begin_object();
    for (const Json& one : list.items) json.key(part(one, "name").text).raw(quoted("= " + expression_of(one, "expr")));
    json.end_object();
}

void write_send(const Json& action, JsonWriter& json) {
    json.key("send").raw(value_of(part(action, "event")));
    if (const Json* target = action.find("target")) json.key("to").raw(value_of(*target));
    if (const Json* type = action.find("type")) json.key("type").raw(value_of(*type));
    if (const Json* id = action.find("id"))
        json.key("id").raw(id->kind == Json::Kind::string ? quoted(id->text) : value_of(*id));
    if (const Json* location = action.find("idlocation")) json.key("idlocation").string(location->text);
    if (const Json* delay = action.find("delay_ms")) json.key("after").string(delay->text + "ms");
    if (const Json* delay = action.find("delay")) json.key("after").raw(value_of(*delay));
    if (const Json* content = action.find("content")) json.key("content").raw(quoted("= " + feel(*content)));
    if (const Json* list = action.find("params")) {
        json.key("with");
        params(*list, json);
    }
}

// if, else if, else: the others are the else of the one before.
void write_if(const Json& action, size_t branch, JsonWriter& json) {
    const Json& branches = part(action, "branches");
    const Json& here = branches.items.at(branch);
    json.key("if").string(expression_of(here, "cond")).key("then");
    steps(part(here, "actions"), json);
    if (branch + 1 < branches.items.size()) {
        json.key("else").begin_array().begin_object();
        write_if(action, branch + 1, json);
        json.end_object().end_array();
    } else if (const Json* otherwise = action.find("else")) {
        json.key("else");
        steps(*otherwise, json);
    }
}

void write_step(const Json& action, JsonWriter& json) {
    const std::string& what = part(action, "do").text;
    json.begin_object();
    if (what == "raise") {
        json.key("raise").string(part(action, "event").text);
    } else if (what == "send") {
        write_send(action, json);
    } else if (what == "cancel") {
        json.key("cancel_send").raw(value_of(part(action, "sendid")));
    } else if (what == "assign") {
        json.key("set").begin_object().key(part(action, "location").text);
        json.string("= " + expression_of(action, "expr")).end_object();
    } else if (what == "log") {
        bool computed = action.find("expr") || action.find("expr_feel");
        const Json* label = action.find("label");
        json.key("log").string(computed ? "= " + expression_of(action, "expr") : label ? label->text : "log");
    } else if (what == "if") {
        write_if(action, 0, json);
    } else if (what == "foreach") {
        json.key("foreach").string(expression_of(action, "array")).key("as").string(part(action, "item").text);
        if (const Json* index = action.find("index")) json.key("index").string(index->text);
        json.key("do");
        steps(part(action, "actions"), json);
    } else {
        fail(fmt::format("an action this driver does not know: {}", what));
    }
    json.end_object();
}

void steps(const Json& actions, JsonWriter& json) {
    json.begin_array();
    for (const Json& one : actions.items) write_step(one, json);
    json.end_array();
}

// --- charts ---

class Writer {
 public:
    // The YAML of a chart and of the charts in it; `name` is the flow that it becomes.
    std::string yaml(const Json& chart, std::string& name) {
        text_ = "app: scxml\nleat: \"1\"\nlanguage: en\n";
        collect(chart);
        name = write_flow(chart);
        for (size_t i = 0; i < waiting_.size(); ++i) write_flow(*waiting_[i].second, waiting_[i].first);
        return text_;
    }

 private:
    void collect(const Json& json) {
        if (const Json* name = json.find("id")) taken_.insert(name->text);
        for (const Json& one : json.items) collect(one);
        for (const auto& [key, value] : json.members) collect(value);
    }

    std::string fresh(const std::string& wanted) {
        std::string name = wanted;
        for (int i = 2; taken_.count(name) > 0; ++i) name = fmt::format("{}_{}", wanted, i);
        taken_.insert(name);
        return name;
    }

    std::string write_flow(const Json& chart, std::string name = {}) {
        const Json* given = chart.find("name");
        if (name.empty()) name = fresh(given ? given->text : "machine");
        std::string out;
        JsonWriter json(out);
        json.begin_object().key("flow").string(name).key("dialect").string("scxml");
        if (const Json* binding = chart.find("binding")) json.key("binding").string(binding->text);
        write_data(chart, json);
        const Json* initial = chart.find("initial");
        if (const Json* script = chart.find("script"); script && !script->items.empty())
            write_script(chart, *script, initial, json);
        else if (initial)
            write_initial(*initial, json);
        write_states(chart, json);
        json.end_object();
        text_ += "---\n" + out + "\n";
        return name;
    }

    static void write_data(const Json& holder, JsonWriter& json) {
        const Json* data = holder.find("data");
        if (!data || data->items.empty()) return;
        json.key("data").begin_object();
        for (const Json& one : data->items) {
            bool computed = one.find("expr") || one.find("expr_feel");
            json.key(part(one, "id").text).string(computed ? expression_of(one, "expr") : "null");
        }
        json.end_object();
    }

    static void write_targets(const Json& transition, JsonWriter& json) {
        const Json* targets = transition.find("targets");
        if (!targets || targets->items.empty()) return;
        json.key("target").begin_array();
        for (const Json& one : targets->items) json.string(one.text);
        json.end_array();
    }

    static void write_actions(const Json& transition, JsonWriter& json) {
        const Json* actions = transition.find("actions");
        if (!actions || actions->items.empty()) return;
        json.key("do");
        steps(*actions, json);
    }

    // SCXML 5.8: a chart's script runs when its data have their values and before anything is entered.
    static void write_script(const Json& chart, const Json& script, const Json* initial, JsonWriter& json) {
        json.key("initial").begin_object();
        if (initial) {
            write_targets(*initial, json);
        } else {
            for (const Json& state : part(chart, "states").items) {
                if (part(state, "type").text == "history") continue;
                json.key("target").string(part(state, "id").text);
                break;
            }
        }
        json.key("do").begin_array();
        for (const Json& one : script.items) write_step(one, json);
        if (const Json* actions = initial ? initial->find("actions") : nullptr)
            for (const Json& one : actions->items) write_step(one, json);
        json.end_array().end_object();
    }

    static void write_initial(const Json& initial, JsonWriter& json) {
        json.key("initial").begin_object();
        write_targets(initial, json);
        write_actions(initial, json);
        json.end_object();
    }

    void write_states(const Json& holder, JsonWriter& json) {
        json.key("states").begin_object();
        for (const Json& state : part(holder, "states").items) {
            json.key(part(state, "id").text).begin_object();
            write_state(state, json);
            json.end_object();
        }
        json.end_object();
    }

    static void write_blocks(const Json& state, std::string_view from, const char* key, JsonWriter& json) {
        const Json* blocks = state.find(from);
        if (!blocks || blocks->items.empty()) return;
        json.key(key).begin_array();
        for (const Json& block : blocks->items) {
            json.begin_object().key("block");
            steps(block, json);
            json.end_object();
        }
        json.end_array();
    }

    void write_state(const Json& state, JsonWriter& json) {
        const std::string& type = part(state, "type").text;
        const Json* transitions = state.find("transitions");
        if (type == "history") {
            json.key("type").string("history").key("history").string(part(state, "history").text);
            if (transitions && !transitions->items.empty()) write_initial(transitions->items[0], json);
            return;
        }
        if (type == "parallel" || type == "final") json.key("type").string(type);
        if (const Json* initial = state.find("initial")) write_initial(*initial, json);
        write_data(state, json);
        write_blocks(state, "onentry", "entry", json);
        write_blocks(state, "onexit", "exit", json);
        write_transitions(transitions, json);
        if (const Json* data = state.find("donedata")) {
            if (const Json* list = data->find("params")) {
                json.key("donedata");
                params(*list, json);
            } else {
                json.key("donedata").raw(quoted("= " + expression_of(*data, "content")));
            }
        }
        if (const Json* invokes = state.find("invoke")) {
            json.key("invoke").begin_array();
            for (const Json& invoke : invokes->items) write_invoke(invoke, json);
            json.end_array();
        }
        if (state.find("states") && !part(state, "states").items.empty()) write_states(state, json);
    }

    static void write_transition(const Json& transition, JsonWriter& json) {
        json.begin_object();
        if (const Json* events = transition.find("events"); events && !events->items.empty()) {
            std::string words;
            for (const Json& one : events->items) words += (words.empty() ? "" : " ") + one.text;
            json.key("event").string(words);
        }
        if (transition.find("cond") || transition.find("cond_feel"))
            json.key("guard").string(expression_of(transition, "cond"));
        write_targets(transition, json);
        if (const Json* type = transition.find("type"))
            json.key("reenter").raw(type->text == "internal" ? "false" : "true");
        write_actions(transition, json);
        json.end_object();
    }

    // Which of two transitions for one event comes first matters, not how they stand to those without an event.
    static void write_transitions(const Json* transitions, JsonWriter& json) {
        if (!transitions) return;
        for (bool eventless : {false, true}) {
            auto belongs = [&](const Json& one) {
                const Json* events = one.find("events");
                return (!events || events->items.empty()) == eventless;
            };
            if (std::none_of(transitions->items.begin(), transitions->items.end(), belongs)) continue;
            json.key(eventless ? "always" : "on").begin_array();
            for (const Json& one : transitions->items)
                if (belongs(one)) write_transition(one, json);
            json.end_array();
        }
    }

    void write_invoke(const Json& invoke, JsonWriter& json) {
        std::string child = fresh("child");
        waiting_.emplace_back(child, &part(invoke, "chart"));
        json.begin_object().key("src").string(child);
        if (const Json* id = invoke.find("id")) json.key("id").string(id->text);
        if (const Json* location = invoke.find("idlocation")) json.key("idlocation").string(location->text);
        if (const Json* type = invoke.find("type")) json.key("type").raw(value_of(*type));
        if (const Json* forward = invoke.find("autoforward")) json.key("autoforward").boolean(forward->boolean);
        if (const Json* list = invoke.find("params")) {
            json.key("input");
            params(*list, json);
        }
        if (const Json* finalize = invoke.find("finalize"); finalize && !finalize->items.empty()) {
            json.key("finalize");
            steps(*finalize, json);
        }
        json.end_object();
    }

    std::string text_;
    std::set<std::string> taken_{"user", "department", "scxml"};
    std::vector<std::pair<std::string, const Json*>> waiting_;
};

// --- running ---

template <class T>
T must(Result<T> result, const char* what) {
    if (!result) fail(fmt::format("{}: {}: {}", what, result.error().code, result.error().message));
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

class Machine {
 public:
    Machine(const Json& chart, std::string& yaml) {
        yaml = Writer().yaml(chart, flow_);
        Diagnostics diagnostics;
        base::Sources sources;
        auto program = program::load(
            {{"case.yaml", yaml}},
            [](const std::string&, const std::string&) -> std::optional<std::string> { return std::nullopt; }, {},
            diagnostics, sources);
        if (!program) {
            std::string all = "the loader refuses the chart:";
            for (const auto& one : diagnostics.all())
                if (one.severity == base::Severity::error) all += "\n" + base::format(one, sources);
            fail(all);
        }
        program_ = std::move(program);
        engine::Options options;
        options.store.path = ":memory:";
        options.clock = &clock_;
        options.random = &random_;
        engine_ = must(engine::Engine::open(program_, options), "open");
        session_ = must(engine_->session("system"), "session");
        engine::Outcome created = must(session_->create(flow_, "{}"), "create");
        if (created.refused) fail("create: " + created.json);
        key_ = created.key;
    }

    void advance(int64_t ms, const std::string& until) {
        int64_t end = clock_.now + ms * 1000;
        for (;;) {
            if (!until.empty() && active() == std::set<std::string>{until}) return;
            auto due = must(engine_->next_due_us(), "next_due");
            if (!due || *due > end) break;
            clock_.now = std::max(clock_.now, *due);
            engine::RunDue done = must(engine_->run_due(1), "run_due");
            if (done.incidents) fail("a timer failed: " + must(session_->incidents(true, 10), "incidents"));
        }
        clock_.now = end;
    }

    void send(const std::string& event, const Json* data) {
        std::string input = data && data->kind == Json::Kind::object ? to_text(*data) : "{}";
        engine::Outcome sent = must(session_->send(flow_, key_, event, input), "send");
        if (sent.refused) fail("send: " + sent.json);
    }

    // The active atomic states.
    std::set<std::string> active() {
        std::set<std::string> out;
        must(session_->read([&](engine::Reading& view) -> Result<void> {
            LEAT_TRY(record::Row * row, view.target(flow_, key_));
            const auto* definition = view.program().find_flow(flow_);
            flow::Configuration configuration;
            for (auto state : engine::active_states(*row, *definition, configuration))
                out.insert(definition->states[state].name);
            return {};
        }),
             "read");
        return out;
    }

 private:
    std::string flow_, key_;
    VirtualClock clock_;
    base::SeededRandom random_{1};
    std::shared_ptr<const program::Program> program_;
    std::shared_ptr<engine::Engine> engine_;
    std::unique_ptr<engine::Session> session_;
};

void expect(Machine& machine, const Json& states, const std::string& when) {
    std::set<std::string> wanted;
    for (const Json& one : states.items) wanted.insert(one.text);
    auto found = machine.active();
    if (found != wanted)
        fail(fmt::format("{}: expected {}, found {}", when, fmt::join(wanted, " "), fmt::join(found, " ")));
}

void run_case(const Json& one, std::string& yaml) {
    Machine machine(part(one, "chart"), yaml);
    if (const Json* wanted = one.find("expect_final")) {
        const Json* most = one.find("max_virtual_ms");
        machine.advance(most ? std::stoll(most->text) : 60'000, wanted->text);
        auto found = machine.active();
        if (found != std::set<std::string>{wanted->text})
            fail(fmt::format("expected {}, found {}", wanted->text, fmt::join(found, " ")));
        return;
    }
    expect(machine, part(one, "expect_initial"), "at first");
    size_t number = 0;
    for (const Json& step : part(one, "script").items) {
        ++number;
        if (const Json* after = step.find("after_ms")) machine.advance(std::stoll(after->text), "");
        const std::string& event = part(step, "event").text;
        machine.send(event, step.find("data"));
        expect(machine, part(step, "expect"), fmt::format("after {}. {}", number, event));
    }
}

Skips read_skips() {
    Skips out;
    std::ifstream in(std::string(LEAT_CONFORMANCE_SOURCE) + "/scxml_skip.txt");
    for (std::string line; std::getline(in, line);) {
        size_t bar = line.find(" | ");
        if (line.empty() || line[0] == '#' || bar == std::string::npos) continue;
        out[line.substr(0, bar)] = line.substr(bar + 3);
    }
    return out;
}

}  // namespace

int run_scxml(const std::string& path) {
    Report report("scxml");
    Skips skips = read_skips();
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        if (line.empty()) continue;
        Json one = must(parse_json(line, 256), "case");
        const std::string& id = part(one, "id").text;
        const Json* tier = one.find("tier");
        Group& group = report.group(fmt::format("{} {}", part(one, "suite").text, tier ? tier->text : "any"));
        if (auto skip = skips.find(id); skip != skips.end()) {
            ++group.skipped[skip->second];
            continue;
        }
        std::string yaml;
        try {
            run_case(one, yaml);
            ++group.passed;
        } catch (const std::exception& problem) {
            ++group.failed;
            group.failures.push_back(fmt::format("{}: {}", id, problem.what()));
            if (std::getenv("LEAT_CONFORMANCE_SHOW")) group.failures.back() += "\n" + yaml;
        }
    }
    return report.print();
}

}  // namespace leat::conformance
