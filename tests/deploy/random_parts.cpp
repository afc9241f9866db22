// Random pairs of definitions with lines, files, series and states that have timers, over random data: what is renamed
// keeps what it holds, live timers fire as they would have, numbers are there and differ, and undoing brings all back.
#include <cstdlib>
#include <random>
#include <set>

#include <fmt/format.h>

#include "deploy/app.hpp"

using namespace leat;
using test::Fixture;

namespace {

constexpr int64_t kDay = 86'400'000'000;

// A part by what it is, whatever it is called.
struct Part {
    std::string name, was, type;
    bool there = true, more = false;  // more: it came with the newer definitions
};
struct Shape {
    Part entity{"note", "", ""}, flow{"note_flow", "", ""}, list{"lines", "", ""};
    std::vector<Part> fields, line_fields;
    std::vector<Part> states;  // each leads to the next, or after some days to `late`
    std::string migration;

    static std::string fields_yaml(const std::vector<Part>& fields) {
        std::string out;
        for (const Part& one : fields) {
            if (!one.there) continue;
            out += fmt::format("{}{}: {{{}{}}}", out.empty() ? "" : ", ", one.name,
                               one.was.empty() ? "" : "was: " + one.was + ", ", one.type);
        }
        return out;
    }
    std::string yaml() const {
        std::string out =
            "leat: 1\napp: notes\nversion: \"1\"\nlanguage: en\n---\nroles: {writer: Writer}\n---\nentity: " +
            entity.name + "\n" + (entity.was.empty() ? "" : "was: " + entity.was + "\n") + "fields:\n";
        for (const Part& one : fields)
            if (one.there)
                out += fmt::format("  {}: {{{}{}}}\n", one.name, one.was.empty() ? "" : "was: " + one.was + ", ",
                                   one.type);
        if (list.there)
            out += fmt::format("  {}: {{{}type: list, fields: {{{}}}}}\n", list.name,
                               list.was.empty() ? "" : "was: " + list.was + ", ", fields_yaml(line_fields));
        out += "---\nflow: " + flow.name + "\n" + (flow.was.empty() ? "" : "was: " + flow.was + "\n") +
               "of: " + entity.name + "\nfield: status\nevents: {go: [writer]}\nstates:\n";
        for (size_t i = 0; i < states.size(); ++i)
            out += fmt::format("  {}: {{{}{}on: {{go: {}}}}}\n", states[i].name,
                               states[i].was.empty() ? "" : "was: " + states[i].was + ", ", states[i].type,
                               i + 1 < states.size() ? states[i + 1].name : "over");
        return out + "  late: {on: {go: over}}\n  over: {type: final}\n" + migration;
    }
};

class World {
 public:
    explicit World(uint32_t seed) : random_(seed) {}
    size_t below(size_t bound) { return std::uniform_int_distribution<size_t>(0, bound - 1)(random_); }
    bool once_in(size_t bound) { return below(bound) == 0; }

    Shape first() {
        Shape shape;
        shape.fields = {{"text", "", "type: string"},
                        {"doc", "", "type: file"},
                        {"docs", "", "type: list, of: file"},
                        {"number", "", "type: string, series: \"N-{seq:2}\", required: true, unique: true"},
                        {"friend", "", "type: ref, to: note, on_delete: clear"}};
        shape.line_fields = {{"word", "", "type: string"},
                             {"count", "", "type: integer"},
                             {"paper", "", "type: file"},
                             {"place", "", "type: string, series: \"L{seq}\", required: true"}};
        for (Part& one : shape.fields) one.there = one.name == "text" || !once_in(4);
        for (Part& one : shape.line_fields) one.there = one.name == "word" || !once_in(4);
        for (size_t i = 0; i < 1 + below(3); ++i)
            shape.states.push_back({fmt::format("s{}", i), "", fmt::format("after: {{P{}D: late}}, ", 2 + below(5))});
        return shape;
    }

    Shape next(const Shape& before) {
        Shape shape = before;
        auto rename = [&](Part& one, size_t chance) {
            if (!one.there || !once_in(chance)) return;
            one.was = one.name;
            one.name = fmt::format("新{}_{}", ++names_, one.name);
        };
        rename(shape.entity, 3);
        rename(shape.flow, 3);
        rename(shape.list, 3);
        for (auto* fields : {&shape.fields, &shape.line_fields})
            for (Part& one : *fields) {
                rename(one, 3);
                if (one.type == "type: integer" && once_in(2)) one.type = "type: decimal, scale: 1";
                const size_t to = one.type.find("to: note");
                if (to != std::string::npos) one.type.replace(to, 8, "to: " + shape.entity.name);
                one.more = !one.there && once_in(2);
                one.there = one.there || one.more;
            }
        for (Part& one : shape.states) rename(one, 2);
        if (once_in(3))
            shape.fields.push_back({"colour", "", "type: string, required: true, default: red", true, true});
        if (once_in(3))
            shape.line_fields.push_back({"serial", "", "type: string, series: \"S{seq}\", required: true", true, true});
        return shape;
    }

 private:
    std::mt19937 random_;
    int names_ = 0;
};

struct Try {
    World world;
    Shape before, after;
    Fixture s;
    size_t records;
    std::vector<std::string> digests;

    explicit Try(uint32_t seed)
        : world(seed), before(world.first()), after(world.next(before)), s(before.yaml()), records(1 + world.below(5)) {
        for (const char* bytes : {"one", "two", "three"}) {
            auto digest = s.system->put_file(bytes);
            if (!digest) FAIL(test::describe(digest.error()));
            digests.push_back(*digest + "/" + bytes + ".pdf");
        }
        for (size_t i = 0; i < records; ++i) make(i);
    }
    void make(size_t number) {
        auto member = [&](const std::vector<Part>& fields, const char* name, const std::string& json) {
            for (const Part& one : fields)
                if (one.there && one.name == name) return fmt::format(",\"{}\":{}", name, json);
            return std::string();
        };
        auto file = [&] { return "\"" + digests[world.below(digests.size())] + "\""; };
        std::string json = fmt::format("{{\"text\":\"t{}\"", number);
        if (world.below(2)) json += member(before.fields, "doc", file());
        if (world.below(2)) json += member(before.fields, "docs", "[" + file() + "]");
        if (number) json += member(before.fields, "friend", fmt::format("\"{}\"", number));
        json += ",\"lines\":[";
        for (size_t i = 0, end = world.below(3); i < end; ++i)
            json += fmt::format("{}{{\"word\":\"w{}\"{}{}}}", i ? "," : "", i,
                                member(before.line_fields, "count", std::to_string(world.below(9))),
                                world.below(2) ? member(before.line_fields, "paper", file()) : "");
        Fixture::done(s.system->create("note", json + "]}"));
        for (size_t i = world.below(before.states.size() + 1); i > 0; --i)
            Fixture::done(s.system->send("note", std::to_string(number + 1), "go", "{}"));
        s.clock.now += kDay / 8;
    }
    static void without_versions(Json& json) {
        std::erase_if(json.members, [](const auto& one) { return one.first == "version"; });
        for (auto& [name, value] : json.members) without_versions(value);
        for (Json& item : json.items) without_versions(item);
    }
    Json shown(const Shape& shape, size_t i) {
        Json json = Fixture::json(s.system->show(shape.entity.name, std::to_string(i + 1)));
        without_versions(json);
        return json;
    }
    std::vector<std::string> all(const Shape& shape) {
        std::vector<std::string> out;
        for (size_t i = 0; i < records; ++i) out.push_back(base::to_text(shown(shape, i)));
        return out;
    }
    static std::string value(const Json& record, const std::string& name) {
        const Json* found = record.find(name);
        return found ? base::to_text(*found) : "(absent)";
    }
    static bool same(const std::string& a, const std::string& b) {
        auto x = Decimal::parse(a), y = Decimal::parse(b);
        return a == b || (x && y && *x == *y);
    }
    // What a record held, under its new names; numbers that are new are there.
    void compare(const Json& was, const Json& is, const std::vector<Part>& old, const std::vector<Part>& now,
                 std::set<std::string>& numbers) {
        for (size_t i = 0; i < now.size(); ++i) {
            if (!now[i].there) continue;
            INFO(now[i].name);
            const std::string here = value(is, now[i].name);
            if (i < old.size() && old[i].there) CHECK(same(value(was, old[i].name), here));
            if (now[i].type.find("series") != std::string::npos) {
                CHECK(here != "null");
                CHECK(numbers.insert(now[i].name + here).second);
            }
            if (now[i].type.find("default") != std::string::npos) CHECK(here == "\"red\"");
        }
    }
};

int64_t days_of(const Part& state) {
    return std::stoll(state.type.substr(state.type.find('P') + 1));
}

void try_pair(uint32_t seed) {
    CAPTURE(seed);
    Try t(seed);
    Fixture& s = t.s;
    INFO(t.before.yaml());
    INFO(t.after.yaml());
    std::vector<Json> was;
    for (size_t i = 0; i < t.records; ++i) was.push_back(t.shown(t.before, i));
    const std::vector<std::string> texts = t.all(t.before);
    // When the timer of each record that runs falls due.
    std::map<int64_t, size_t> due;
    for (size_t i = 0; i < t.records; ++i)
        for (const Part& state : t.before.states)
            if (state.name == was[i].find("status")->text)
                due[DateTime::parse(was[i].find("status_since")->text)->utc_us() + days_of(state) * kDay] = i;
    if (t.world.once_in(3)) Fixture::done(s.system->suspend("note", "1", "waits"));
    auto plan = test::planned(s, t.after.yaml());
    INFO(plan.to_json());
    CHECK_FALSE(plan.blocked());
    CHECK(t.all(t.before) == texts);
    test::deployed(s, t.after.yaml());
    std::set<std::string> numbers;
    for (size_t i = 0; i < t.records; ++i) {
        const Json is = t.shown(t.after, i);
        t.compare(was[i], is, t.before.fields, t.after.fields, numbers);
        const Json *old = was[i].find(t.before.list.name), *now = is.find(t.after.list.name);
        REQUIRE(now);
        REQUIRE(old->items.size() == now->items.size());
        for (size_t j = 0; j < now->items.size(); ++j)
            t.compare(old->items[j], now->items[j], t.before.line_fields, t.after.line_fields, numbers);
    }
    const bool back = t.world.once_in(2);
    if (back) {
        deploy::Options options;
        options.drop = {"*"};
        Fixture::done(deploy::undo(*s.engine, "system", options));
        s.system = s.as("system");
        CHECK(t.all(t.before) == texts);
    }
    const Shape& shape = back ? t.before : t.after;
    if (Fixture::json(s.system->stuck(100)).find("stuck")->items.size() == 1)
        Fixture::done(s.system->resume(shape.entity.name, "1", "goes on"));
    for (const auto& one : due) {
        const int64_t moment = one.first;
        const size_t record = one.second;
        INFO("record " << record + 1);
        auto state = [&] { return s.field(shape.entity.name, std::to_string(record + 1), "status"); };
        if (s.clock.now < moment) {
            s.clock.now = moment - 1;
            REQUIRE(s.engine->run_due(100));
            CHECK(state() != "late");
        }
        s.clock.now = std::max(s.clock.now, moment);
        REQUIRE(s.engine->run_due(100));
        CHECK(state() == "late");
        Fixture::done(s.system->send(shape.entity.name, std::to_string(record + 1), "go", "{}"));
        CHECK(state() == "over");
    }
    CHECK(*s.engine->drop_unused_files(0) >= 0);
    for (size_t i = 0; i < t.records; ++i)
        for (const Part& one : shape.fields) {
            const std::string name =
                one.there && one.type == "type: file" ? t.value(t.shown(shape, i), one.name) : "null";
            if (name != "null") CHECK(s.system->get_file(shape.entity.name, std::to_string(i + 1), name.substr(1, 64)));
        }
    CHECK(s.engine->verify()->problem == "");
}

}  // namespace

TEST_CASE("lines, files, series and live timers go through random pairs of definitions and back") {
    uint32_t first = std::random_device{}();
    if (const char* given = std::getenv("LEAT_SEED")) first = static_cast<uint32_t>(std::strtoul(given, nullptr, 10));
    for (uint32_t i = 0; i < 60; ++i) try_pair(first + i);
}
