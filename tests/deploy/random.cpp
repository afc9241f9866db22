// Random pairs of definitions over random data: never a stuck record, a value lost without being told, or half a step.
#include <cstdlib>
#include <random>

#include <fmt/format.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deploy/app.hpp"
#include "store/temporary_folder.hpp"

using namespace leat;
using test::Fixture;

namespace {

constexpr const char* kTypes[] = {
    "type: string",           "type: text", "type: integer",  "type: decimal, scale: 1",     "type: decimal, scale: 3",
    "type: boolean",          "type: date", "type: datetime", "type: enum, enum: [a, b, c]", "type: enum, enum: [a, b]",
    "type: list, of: string",
};

struct FieldShape {
    std::string name, was;
    size_t type = 0;
    bool required = false, short_ = false;
};
struct StateShape {
    std::string name, was, to;
};
struct Shape {
    std::vector<FieldShape> fields;
    std::vector<StateShape> states;
    std::string map;

    std::string yaml() const {
        std::string fields_text, states_text;
        for (const auto& one : fields) {
            fields_text += fmt::format("{}{}: {{{}", fields_text.empty() ? "" : ", ", one.name, kTypes[one.type]);
            if (!one.was.empty()) fields_text += ", was: " + one.was;
            if (one.required) fields_text += ", required: true";
            if (one.short_ && one.type < 2) fields_text += ", maxLength: 2";
            fields_text += "}";
        }
        for (const auto& one : states)
            states_text += fmt::format("{}: {{{}on: {{go: {}}}}}\n  ", one.name,
                                       one.was.empty() ? "" : "was: " + one.was + ", ", one.to);
        return test::notes(fields_text, states_text + "over: {type: final}") + map;
    }
};

class World {
 public:
    explicit World(uint32_t seed) : random_(seed) {}

    size_t below(size_t bound) { return std::uniform_int_distribution<size_t>(0, bound - 1)(random_); }

    Shape first() {
        Shape shape;
        for (size_t i = 0; i < 1 + below(5); ++i) shape.fields.push_back({name("f"), "", below(std::size(kTypes))});
        for (size_t i = 0; i < 1 + below(4); ++i) shape.states.push_back({name("s"), "", ""});
        point(shape);
        return shape;
    }

    Shape next(const Shape& before) {
        Shape shape;
        for (FieldShape field : before.fields) {
            switch (below(8)) {
                case 0:
                    continue;
                case 1:
                    field.was = field.name;
                    field.name = name("f");
                    break;
                case 2:
                    field.type = below(std::size(kTypes));
                    break;
                case 3:
                    field.required = !field.required;
                    break;
                case 4:
                    field.short_ = !field.short_;
                    break;
                default:
                    break;
            }
            if (field.was == field.name) field.was.clear();
            shape.fields.push_back(field);
        }
        if (below(2) || shape.fields.empty()) shape.fields.push_back({name("f"), "", below(std::size(kTypes))});
        const bool change = below(3) > 0;
        std::string map;
        for (StateShape state : before.states) {
            if (change && below(4) == 0) {
                if (below(2)) map += fmt::format("{}{}: over", map.empty() ? "" : ", ", state.name);
                continue;
            }
            if (change && below(5) == 0) {
                state.was = state.name;
                state.name = name("s");
            }
            shape.states.push_back(state);
        }
        if (shape.states.empty() || (change && below(2))) shape.states.push_back({name("s"), "", ""});
        if (change) point(shape);
        for (auto& state : shape.states)  // where states went, others lead elsewhere
            if (std::none_of(shape.states.begin(), shape.states.end(),
                             [&](const auto& one) { return one.name == state.to; }) &&
                state.to != "over")
                point(shape);
        if (!map.empty())
            shape.map = "---\nmigration: there\nfrom: [\"1\"]\nmap: {note_flow: {" + map + "}}\ntimers: restart\n";
        return shape;
    }

    std::string record(const Shape& shape) {
        std::string json = "{";
        for (const auto& field : shape.fields) {
            if (below(4) == 0 && !field.required) continue;
            json += fmt::format("{}\"{}\":{}", json.size() > 1 ? "," : "", field.name, value(field.type));
        }
        return json + "}";
    }

 private:
    std::string name(const char* prefix) { return fmt::format("{}{}", prefix, ++names_); }

    void point(Shape& shape) {
        for (size_t i = 0; i < shape.states.size(); ++i) {
            size_t to = i + 1 + below(shape.states.size() - i);
            shape.states[i].to = to < shape.states.size() ? shape.states[to].name : "over";
        }
        // Every state is reached: each leads to the next.
        for (size_t i = 0; i + 1 < shape.states.size(); ++i) shape.states[i].to = shape.states[i + 1].name;
    }

    std::string value(size_t type) {
        switch (type) {
            case 0:
            case 1: {
                const char* texts[] = {"\"a\"",    "\"中文\"",      "\"17\"",  "\"2026-01-31\"",
                                       "\"true\"", "\"long text\"", "\"1.25\""};
                return texts[below(std::size(texts))];
            }
            case 2:
                return std::to_string(static_cast<int>(below(2000)) - 1000);
            case 3:
                return fmt::format("{}.{}", below(100), below(10));
            case 4:
                return fmt::format("-{}.{:03}", below(100), below(1000));
            case 5:
                return below(2) ? "true" : "false";
            case 6:
                return fmt::format("\"2026-0{}-1{}\"", 1 + below(9), below(10));
            case 7:
                return fmt::format("\"2026-0{}-1{}T{}:30:00Z\"", 1 + below(9), below(10), 10 + below(10));
            case 8:
                return fmt::format("\"{}\"", static_cast<char>('a' + below(3)));
            case 9:
                return fmt::format("\"{}\"", static_cast<char>('a' + below(2)));
            default:
                return below(2) ? "[\"x\"]" : "[\"x\",\"y\"]";
        }
    }

    std::mt19937 random_;
    int names_ = 0;
};

using Snapshot = std::map<std::string, std::string>;

Snapshot snapshot(Fixture& s, size_t records) {
    Snapshot out;
    for (size_t i = 1; i <= records; ++i) {
        auto shown = s.system->show("note", std::to_string(i));
        if (!shown) FAIL(test::describe(shown.error()));
        Json json = *parse_json(*shown);
        std::string text;
        for (const auto& [name, value] : json.members) {
            if (name == "version" || name == "key" || name == "id") continue;
            std::string one;
            JsonWriter(one).value(value);
            out[fmt::format("{}.{}", i, name)] = one;
        }
    }
    return out;
}

// The same value, as far as the new type can tell.
bool same(const std::string& before, const std::string& after) {
    if (before == after) return true;
    auto bare = [](std::string text) {
        if (text.size() >= 2 && text.front() == '"') text = text.substr(1, text.size() - 2);
        if (text.size() >= 2 && text.front() == '[') text = text.substr(1, text.size() - 2);
        if (text.size() >= 2 && text.front() == '"') text = text.substr(1, text.size() - 2);
        return text;
    };
    std::string a = bare(before), b = bare(after);
    if (a == b) return true;
    auto x = Decimal::parse(a), y = Decimal::parse(b);
    if (x && y) return *x == *y;
    return a.size() == 10 && b == a + "T00:00:00.000000Z";
}

void try_pair(uint32_t seed) {
    CAPTURE(seed);
    World world(seed);
    Shape before = world.first();
    Shape after = world.next(before);
    INFO(before.yaml());
    INFO(after.yaml());
    Fixture s(before.yaml());
    const size_t records = world.below(8);
    for (size_t i = 0; i < records; ++i) {
        auto made = s.system->create("note", world.record(before));
        if (!made) FAIL(test::describe(made.error()));
        REQUIRE_FALSE(made->refused);
        for (size_t j = world.below(before.states.size() + 2); j > 0; --j)
            (void)s.system->send("note", std::to_string(i + 1), "go", "{}");
    }
    const Snapshot was = snapshot(s, records);
    deploy::Options options;
    auto next = test::load(after.yaml());
    auto deployed = deploy::deploy(*s.engine, next, "system", options);
    if (!deployed) FAIL(test::describe(deployed.error()));
    auto plan = deployed->refused ? test::planned(s, after.yaml()) : deploy::Plan{};
    if (deployed->refused) {
        CHECK(plan.blocked());
        CHECK(snapshot(s, records) == was);
        for (const auto& one : plan.changes)
            if (!one.drop.empty()) options.drop.push_back(one.drop);
        deployed = deploy::deploy(*s.engine, next, "system", options);
        if (!deployed) FAIL(test::describe(deployed.error()));
    }
    CHECK(s.engine->verify()->first_bad == 0);
    if (deployed->refused) {  // some record breaks a rule, or has nowhere to go
        CHECK(snapshot(s, records) == was);
        if (records) Fixture::done(s.system->suspend("note", "1", "still works"));
        return;
    }
    s.system = s.as("system");
    const Snapshot is = snapshot(s, records);
    for (const auto& field : after.fields) {
        const std::string& old = field.was.empty() ? field.name : field.was;
        for (size_t i = 1; i <= records; ++i) {
            auto a = was.find(fmt::format("{}.{}", i, old)), b = is.find(fmt::format("{}.{}", i, field.name));
            if (a == was.end()) continue;
            REQUIRE(b != is.end());
            if (same(a->second, b->second)) continue;
            INFO(a->first << ": " << a->second << " became " << b->second);
            bool told = std::find(options.drop.begin(), options.drop.end(), "field note." + old) != options.drop.end();
            CHECK(told);
        }
    }
    auto stuck = Fixture::json(s.system->stuck(100));
    CHECK(stuck.find("stuck")->items.empty());
    for (size_t i = 1; i <= records; ++i) {
        CHECK(is.at(fmt::format("{}.status", i)) != "null");
        // Every record can go on to its end.
        if (world.below(3) == 0) continue;
    }
    options = {};
    options.drop = {"*"};
    Fixture::done(deploy::undo(*s.engine, "system", options));
    s.system = s.as("system");
    const Snapshot back = snapshot(s, records);
    for (const auto& [place, value] : was) {
        INFO(place);
        CHECK(back.at(place) == value);
    }
    CHECK(s.engine->verify()->first_bad == 0);
    for (size_t i = 1; i <= records; ++i)
        for (size_t j = 0; j < 10 && s.field("note", std::to_string(i), "status") != "over"; ++j)
            Fixture::done(s.system->send("note", std::to_string(i), "go", "{}"));
}

// The process dies after that time, wherever it is then.
void die_after(int64_t us) {
    itimerval timer = {};
    timer.it_value.tv_sec = us / 1'000'000;
    timer.it_value.tv_usec = us % 1'000'000;
    setitimer(ITIMER_REAL, &timer, nullptr);
}

}  // namespace

TEST_CASE("random pairs of definitions lose nothing untold, strand nobody, and can be undone") {
    uint32_t first = std::random_device{}();
    if (const char* given = std::getenv("LEAT_SEED")) first = static_cast<uint32_t>(std::strtoul(given, nullptr, 10));
    for (uint32_t i = 0; i < 60; ++i) try_pair(first + i);
}

TEST_CASE("a process that dies in a deployment leaves the file as it was") {
    const std::string before =
        test::notes("text: string, size: integer", "open: {on: {go: done}}\n  done: {type: final}");
    const std::string after = test::notes(
        "body: {type: string, was: text}, size: {type: decimal, scale: 2}, colour: {type: string, default: red}",
        "begin: {was: open, on: {go: done}}\n  done: {type: final}");
    // Later each time, until it lives to the end.
    size_t deaths = 0;
    for (int64_t us = 1; us < 60'000'000; us += us / 4 + 1, ++deaths) {
        store::TemporaryFolder folder;
        const std::string path = folder.file("notes.db");
        {
            Fixture s(before, path);
            for (int i = 0; i < 4; ++i) Fixture::done(s.system->create("note", R"({"text":"t","size":7})"));
        }
        auto program = test::load(before), next = test::load(after);
        pid_t child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            engine::Options options;
            options.store.path = path;
            options.store.create = false;
            auto engine = engine::Engine::open(program, options);
            if (!engine) _exit(1);
            die_after(us);
            (void)deploy::deploy(**engine, next, "system");
            _exit(2);
        }
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);
        if (!WIFSIGNALED(status)) {
            CHECK(WEXITSTATUS(status) == 2);
            break;
        }
        Fixture s(before, path);
        CHECK(s.engine->verify()->first_bad == 0);
        CHECK(s.field("note", "4", "text") == "t");
        CHECK(s.field("note", "4", "size") == "7");
        CHECK(s.field("note", "4", "status") == "open");
        test::deployed(s, after);
        CHECK(s.field("note", "4", "body") == "t");
        CHECK(s.field("note", "4", "size") == "7.00");
        CHECK(s.field("note", "4", "colour") == "red");
        CHECK(s.field("note", "4", "status") == "begin");
    }
    CHECK(deaths > 0);
}

TEST_CASE("a write that fails in a deployment undoes all of it") {
    const std::string before = test::notes("text: string, size: integer");
    const std::string after =
        test::notes("body: {type: string, was: text}, size: string, more: {type: integer, default: 1}");
    for (uint64_t nth = 1;; nth += 3) {
        Fixture s(before);
        Fixture::done(s.system->create("note", R"({"text":"t","size":7})"));
        s.engine->connection().fail_write(nth);
        auto outcome = deploy::deploy(*s.engine, test::load(after), "system");
        s.engine->connection().fail_write(0);
        if (outcome) break;  // more than there are
        CHECK(outcome.error().code == "store.full");
        CHECK(s.field("note", "1", "text") == "t");
        CHECK(s.field("note", "1", "size") == "7");
        Fixture::done(s.system->patch("note", "1", R"({"size":8})"));
        CHECK(s.engine->verify()->first_bad == 0);
        REQUIRE(nth < 1'000);
    }
}
