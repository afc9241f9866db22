// Rights by brute force: random roles, rules, states, people, records and shares; every door's answer is compared with
// a plain model of its own, and searched for values that the reader may not see. LEAT_TEST_SEED repeats a run.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <random>
#include <set>

#include "engine/fixture.hpp"
#include "explain/may.hpp"
#include "explain/why.hpp"

using namespace leat;
using namespace leat::test;

namespace {

enum Right { kNone, kMask, kRead, kWrite };
constexpr const char* kRightNames[] = {"none", "mask", "read", "write"};
enum Op { kOpRead, kOpWrite, kOpDelete, kOpExport, kOpPrint, kOpShare, kOps };
constexpr const char* kOpNames[] = {"read", "write", "delete", "export", "print", "share"};
constexpr const char* kFields[] = {"first", "second", "third"};  // with a secret each
constexpr size_t kFieldCount = 3;

struct User {
    std::string key;
    int department = -1, manager = -1;
    std::set<int> roles;  // with what they include
};

struct Record {
    std::string key;
    int owner = -1, level = 0, state = 0;
    std::string team;
    std::string values[kFieldCount];
    int amount = 0;
    std::vector<std::tuple<bool, int, bool>> shares;  // user or role, which, for writing
};

struct Condition {
    const char* text;
    std::function<bool(const std::vector<User>&, const User&, int, const Record&)> holds;
};

bool departments(const std::vector<User>& all, const User& user, const Record& record) {
    return record.owner >= 0 && user.department >= 0 &&
           all[static_cast<size_t>(record.owner)].department == user.department;
}

const std::vector<Condition>& conditions() {
    static const std::vector<Condition> all = {
        {"true", [](auto&, auto&, int, auto&) { return true; }},
        {"owner = actor", [](auto&, auto&, int me, auto& r) { return r.owner == me; }},
        {"team = \"a\"", [](auto&, auto&, int, auto& r) { return r.team == "a"; }},
        {"level > 2", [](auto&, auto&, int, auto& r) { return r.level > 2; }},
        {"owner.department = actor.department and owner.department != null",
         [](auto& all_, auto& u, int, auto& r) { return departments(all_, u, r); }},
        // d1 lies two levels below d0.
        {"under(owner.department, actor.department)",
         [](auto& all_, auto& u, int, auto& r) {
             if (r.owner < 0 || u.department < 0) return false;
             const int of = all_[static_cast<size_t>(r.owner)].department;
             return of >= 0 && (of == u.department || (of == 1 && u.department == 0));
         }},
        {"owner.manager = actor",
         [](auto& all_, auto&, int me, auto& r) {
             return r.owner >= 0 && all_[static_cast<size_t>(r.owner)].manager == me;
         }},
        // Has no counterpart in SQL.
        {"string length(team) = 1 and level + 1 < 4",
         [](auto&, auto&, int, auto& r) { return r.team.size() == 1 && r.level + 1 < 4; }},
        {"level < 2 or owner = actor", [](auto&, auto&, int me, auto& r) { return r.level < 2 || r.owner == me; }},
    };
    return all;
}

struct Rule {
    bool there = false;
    int given[kOps];  // number of a condition; -1: no such right
    Right fields[kFieldCount];
};

class World {
 public:
    explicit World(unsigned seed) : random_(seed) {
        roles();
        users();
        fixture = std::make_unique<Fixture>(definitions());
        fill();
    }

    size_t pick(size_t n) { return static_cast<size_t>(random_() % n); }

    // --- the plain model ---

    bool holds(int condition, int user, const Record& record) const {
        return condition >= 0 && conditions()[static_cast<size_t>(condition)].holds(
                                     people, people[static_cast<size_t>(user)], user, record);
    }
    Right shared(int user, const Record& record) const {
        Right best = kNone;
        for (const auto& [is_user, who, write] : record.shares) {
            bool his = is_user ? who == user : people[static_cast<size_t>(user)].roles.count(who) > 0;
            if (his) best = std::max(best, write ? kWrite : kRead);
        }
        return best;
    }
    bool may(int user, Op op, const Record& record) const {
        if (op == kOpRead && shared(user, record) != kNone) return true;
        if (op == kOpWrite && shared(user, record) == kWrite) return true;
        for (int role : people[static_cast<size_t>(user)].roles)
            if (rules[static_cast<size_t>(role)].there &&
                holds(rules[static_cast<size_t>(role)].given[op], user, record))
                return true;
        return false;
    }
    Right field(int user, const Record& record, size_t which, bool write) const {
        Right best = kNone;
        bool ruled = false;
        Right share = shared(user, record);
        for (int role : people[static_cast<size_t>(user)].roles) {
            const Rule& rule = rules[static_cast<size_t>(role)];
            if (!rule.there) continue;
            ruled = true;
            Right base = kNone;
            if (write && (share == kWrite || holds(rule.given[kOpWrite], user, record)))
                base = kWrite;
            else if (share != kNone || holds(rule.given[kOpRead], user, record))
                base = kRead;
            best = std::max(best, std::min(base, rule.fields[which]));
        }
        if (!ruled && share != kNone) {
            best = write && share == kWrite ? kWrite : kRead;
            for (const Rule& rule : rules)
                if (rule.there) best = std::min(best, rule.fields[which]);
        }
        return std::min(best, narrowed[static_cast<size_t>(record.state)][which]);
    }
    bool sees(int user, const Record& record, size_t which) const { return field(user, record, which, false) >= kRead; }

    // Nothing of what the user may not see is in the text.
    void leaks_nothing(int user, const std::string& text, const char* door) const {
        for (const Record& record : records)
            for (size_t i = 0; i < kFieldCount; ++i) {
                bool visible = may(user, kOpRead, record) && sees(user, record, i);
                if (visible || record.values[i].empty()) continue;
                INFO(door << " tells " << people[static_cast<size_t>(user)].key << " " << record.key << "."
                          << kFields[i] << " in " << text);
                CHECK(text.find(record.values[i]) == std::string::npos);
            }
    }

    std::vector<std::set<int>> includes;
    std::vector<Rule> rules;
    Right narrowed[2][kFieldCount];
    std::vector<User> people;
    std::vector<Record> records;
    bool shareable = false;
    std::unique_ptr<Fixture> fixture;

 private:
    void roles() {
        for (size_t i = 0; i < 4; ++i) {
            std::set<int> all = {static_cast<int>(i)};
            for (size_t lower = 0; lower < i; ++lower)
                if (pick(3) == 0) all.insert(includes[lower].begin(), includes[lower].end());
            includes.push_back(all);
            Rule rule;
            rule.there = pick(5) != 0;
            for (int op = 0; op < kOps; ++op)
                rule.given[op] = pick(3) == 0 ? -1 : static_cast<int>(pick(conditions().size()));
            for (auto& right : rule.fields) right = pick(2) ? kWrite : static_cast<Right>(pick(4));
            shareable = shareable || (rule.there && rule.given[kOpShare] >= 0);
            rules.push_back(rule);
        }
        for (auto& state : narrowed)
            for (auto& right : state) right = pick(4) ? kWrite : static_cast<Right>(pick(4));
    }

    void users() {
        for (int i = 0; i < 6; ++i) {
            User user;
            user.key = fmt::format("u{}", i);
            if (pick(3)) user.department = static_cast<int>(pick(2));
            if (i > 0 && pick(3)) user.manager = static_cast<int>(pick(static_cast<size_t>(i)));
            for (size_t role = 0; role < 4; ++role)
                if (pick(3) == 0) user.roles.insert(static_cast<int>(role));
            people.push_back(user);
        }
    }

    std::string definitions() {
        std::string out = "leat: 1\napp: world\nlanguage: en\ncurrency: CNY\n---\nroles:\n";
        for (size_t i = 0; i < includes.size(); ++i) {
            std::string names;
            for (int one : includes[i])
                if (one != static_cast<int>(i)) names += fmt::format("{}r{}", names.empty() ? "" : ", ", one);
            out += fmt::format("  r{}: {{title: R{}, includes: [{}]}}\n", i, i, names);
        }
        out +=
            "---\nentity: thing\nkey: \"T-{seq}\"\nfields:\n  owner: {type: ref, to: user}\n  team: {type: string}\n"
            "  level: {type: integer}\n  amount: {type: money}\n  first: {type: string}\n  second: {type: string}\n"
            "  third: {type: text}\nsearch: [first, third]\n";
        std::string access;
        for (size_t i = 0; i < rules.size(); ++i) {
            if (!rules[i].there) continue;
            access += fmt::format("  r{}:\n", i);
            for (int op = 0; op < kOps; ++op)
                if (rules[i].given[op] >= 0)
                    access += fmt::format("    {}: '{}'\n", kOpNames[op],
                                          conditions()[static_cast<size_t>(rules[i].given[op])].text);
            access += "    fields: {";
            for (size_t f = 0; f < kFieldCount; ++f)
                access += fmt::format("{}{}: {}", f ? ", " : "", kFields[f], kRightNames[rules[i].fields[f]]);
            access += "}\n";
        }
        if (!access.empty()) out += "access:\n" + access;
        out += "---\nflow: life\nof: thing\nfield: status\nevents: {go: [r0, r1, r2, r3]}\nstates:\n";
        for (int state = 0; state < 2; ++state) {
            out += fmt::format("  s{}:\n    fields: {{", state);
            for (size_t f = 0; f < kFieldCount; ++f)
                out += fmt::format("{}{}: {}", f ? ", " : "", kFields[f], kRightNames[narrowed[state][f]]);
            out += "}\n";
            if (state == 0) out += "    on: {go: {target: s1, guard: 'first != null or second != null'}}\n";
        }
        out +=
            "---\nreport: probe\nfrom: thing\nparams: {x: {type: string}}\nwhere: first = params.x\n"
            "measures: {n: count(rows)}\n---\nreport: seconds\nfrom: thing\ngroup: {second: second}\n"
            "measures: {n: count(rows)}\n";
        return out;
    }

    void fill() {
        auto& system = *fixture->system;
        for (const char* one : {R"({"key":"d0","name":"d0"})", R"({"key":"中层","name":"中层","parent":"d0"})",
                                R"({"key":"d1","name":"d1","parent":"中层"})"})
            fixture->done(system.create("department", one));
        for (const User& user : people) {
            std::string names;
            for (int role : user.roles) names += fmt::format("{}\"r{}\"", names.empty() ? "" : ",", role);
            std::string more;
            if (user.department >= 0) more += fmt::format(",\"department\":\"d{}\"", user.department);
            if (user.manager >= 0) more += fmt::format(",\"manager\":\"u{}\"", user.manager);
            fixture->user(user.key, "[" + names + "]", more);
        }
        // A user has what his roles include, too.
        for (User& user : people) {
            std::set<int> all;
            for (int role : user.roles)
                all.insert(includes[static_cast<size_t>(role)].begin(), includes[static_cast<size_t>(role)].end());
            user.roles = all;
        }
        for (int i = 0; i < 12; ++i) add(i);
    }

    void add(int number) {
        Record record;
        if (pick(4)) record.owner = static_cast<int>(pick(people.size()));
        record.level = static_cast<int>(pick(5));
        record.team = std::vector<std::string>{"a", "b", "cc"}[pick(3)];
        record.amount = static_cast<int>(pick(100));
        std::string json =
            fmt::format(R"({{"level":{},"team":"{}","amount":{})", record.level, record.team, record.amount);
        if (record.owner >= 0) json += fmt::format(R"(,"owner":"u{}")", record.owner);
        for (size_t f = 0; f < kFieldCount; ++f) {
            if (pick(6) == 0) continue;
            record.values[f] = fmt::format("Zq{}保密{}x", number, static_cast<char>('A' + f));
            json += fmt::format(R"(,"{}":"{}")", kFields[f], record.values[f]);
        }
        auto outcome = fixture->done(fixture->system->create("thing", json + "}"));
        record.key = outcome.key;
        if (pick(2) && !(record.values[0].empty() && record.values[1].empty())) {
            fixture->done(fixture->system->send("thing", record.key, "go", ""));
            record.state = 1;
        }
        for (int i = 0; shareable && i < 2; ++i) {
            if (pick(2)) continue;
            bool to_user = pick(2) != 0, write = pick(2) != 0;
            int who = static_cast<int>(to_user ? pick(people.size()) : pick(4));
            std::string holder = to_user ? fmt::format("user:u{}", who) : fmt::format("role:r{}", who);
            fixture->done(fixture->system->share("thing", record.key, holder, write ? "write" : "read"));
            std::erase_if(record.shares,
                          [&](const auto& s) { return std::get<0>(s) == to_user && std::get<1>(s) == who; });
            record.shares.emplace_back(to_user, who, write);
        }
        records.push_back(record);
    }

    std::mt19937 random_;
};

std::string must(Result<std::string> text) {
    if (!text) FAIL(describe(text.error()));
    return *text;
}

std::vector<std::string> keys_of(const Json& list) {
    std::vector<std::string> out;
    for (const Json& item : list.items) out.push_back(item.find("key")->text);
    return out;
}

// One reader and everything that he may ask.
class Reader {
 public:
    Reader(World& world, int user) : world_(world), user_(user), session_(world.fixture->as(world.people[at()].key)) {}

    void ask_everything() {
        INFO("reader " << world_.people[at()].key);
        lists();
        filters();
        orders();
        groups();
        searches();
        reports();
        for (const Record& record : world_.records) {
            INFO("record " << record.key);
            one(record);
            rights(record);
            writes(record);
        }
    }

 private:
    size_t at() const { return static_cast<size_t>(user_); }
    std::vector<const Record*> readable() const {
        std::vector<const Record*> out;
        for (const Record& record : world_.records)
            if (world_.may(user_, kOpRead, record)) out.push_back(&record);
        return out;
    }
    std::vector<std::string> keys(const std::function<bool(const Record&)>& chosen) const {
        std::vector<std::string> out;
        for (const Record* record : readable())
            if (chosen(*record)) out.push_back(record->key);
        return out;
    }
    std::string ask(const std::string& query) {
        std::string text = must(session_->query("thing", query));
        world_.leaks_nothing(user_, text, "query");
        return text;
    }

    void lists() {
        std::string text = must(session_->list("thing", "", 0, 100));
        world_.leaks_nothing(user_, text, "list");
        CHECK(keys_of(*Fixture::json(text).find("records")) == keys([](const Record&) { return true; }));
        std::string few = ask(R"({"fields":["second","owner.name","team"]})");
        Json page = Fixture::json(few);
        for (const Json& item : page.find("records")->items) {
            const Record& record = find(item.find("key")->text);
            Right right = world_.field(user_, record, 1, false);
            CHECK((item.find("second") != nullptr) == (right != kNone));
            if (right == kMask) CHECK(item.find("second")->text == "***");
        }
    }

    void filters() {
        for (size_t f = 0; f < kFieldCount; ++f) {
            std::string value = world_.records[world_.pick(world_.records.size())].values[f];
            std::string where = fmt::format("{} = \\\"{}\\\"", kFields[f], value);
            auto expected = keys(
                [&](const Record& r) { return r.values[f] == value && !value.empty() && world_.sees(user_, r, f); });
            CHECK(keys_of(*Fixture::json(ask("{\"where\":\"" + where + "\"}")).find("records")) == expected);
            // What is hidden does not even differ from something else.
            auto others = keys([&](const Record& r) { return r.values[f] != value && world_.sees(user_, r, f); });
            if (!value.empty()) {
                std::string not_it = fmt::format("{} != \\\"{}\\\" and level >= 0", kFields[f], value);
                CHECK(keys_of(*Fixture::json(ask("{\"where\":\"" + not_it + "\"}")).find("records")) == others);
            }
        }
    }

    void orders() {
        for (size_t f = 0; f < kFieldCount; ++f)
            for (bool descending : {false, true}) {
                auto expected = readable();
                auto value = [&](const Record* r) { return world_.sees(user_, *r, f) ? r->values[f] : std::string(); };
                std::stable_sort(expected.begin(), expected.end(), [&](const Record* a, const Record* b) {
                    return descending ? value(a) > value(b) : value(a) < value(b);
                });
                std::vector<std::string> wanted, got;
                for (const Record* record : expected) wanted.push_back(record->key);
                std::string after;
                for (int page = 0; page < 20; ++page) {
                    std::string query =
                        fmt::format(R"({{"sort":["{}{}"],"limit":5{}}})", descending ? "-" : "", kFields[f],
                                    after.empty() ? "" : fmt::format(R"(,"after":"{}")", after));
                    Json answer = Fixture::json(ask(query));
                    for (const auto& key : keys_of(*answer.find("records"))) got.push_back(key);
                    if (answer.find("next")->is_null()) break;
                    after = answer.find("next")->text;
                }
                INFO("sorted by " << kFields[f] << (descending ? " descending" : ""));
                CHECK(got == wanted);
            }
    }

    void groups() {
        std::map<std::string, std::pair<int, int>> expected;
        for (const Record* record : readable()) {
            auto& total = expected[world_.sees(user_, *record, 1) ? record->values[1] : ""];
            ++total.first;
            total.second += record->amount;
        }
        Json answer = Fixture::json(ask(R"j({"group":["second"],"measures":{"n":"count","total":"sum(amount)"}})j"));
        std::map<std::string, std::pair<int, int>> got;
        for (const Json& item : answer.find("groups")->items)
            got[item.find("second")->is_null() ? "" : item.find("second")->text] = {
                std::stoi(item.find("n")->text), static_cast<int>(std::stod(item.find("total")->text))};
        CHECK(got == expected);
    }

    void searches() {
        // Three letters and more are in the index; fewer are looked for without it.
        for (const std::string& text :
             {std::string("zq1"), std::string("保密"), std::string("Zq3保密A"), std::string("q5")}) {
            std::string lowered = text;
            for (char& c : lowered) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            auto has = [&](const Record& r, size_t f) {
                std::string value = r.values[f];
                for (char& c : value) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
                return value.find(lowered) != std::string::npos && world_.sees(user_, r, f);
            };
            INFO("search " << text);
            CHECK(keys_of(*Fixture::json(ask("{\"search\":\"" + text + "\"}")).find("records")) ==
                  keys([&](const Record& r) { return has(r, 0) || has(r, 2); }));
        }
    }

    // Whether some row may show the field, as far as the definitions say.
    bool shown_somewhere(size_t f) const {
        if (world_.shareable) return true;
        for (int role : world_.people[at()].roles) {
            const Rule& rule = world_.rules[static_cast<size_t>(role)];
            if (rule.there && rule.given[kOpRead] >= 0 && rule.fields[f] >= kRead) return true;
        }
        return false;
    }
    bool reads_rows() const {
        for (int role : world_.people[at()].roles)
            if (world_.rules[static_cast<size_t>(role)].there &&
                world_.rules[static_cast<size_t>(role)].given[kOpRead] >= 0)
                return true;
        return false;
    }

    void reports() {
        const std::string& value = world_.records[world_.pick(world_.records.size())].values[0];
        auto answer = session_->report("probe", "{\"x\":\"" + value + "\"}");
        if (reads_rows() && !shown_somewhere(0)) {
            REQUIRE_FALSE(answer);
            CHECK(answer.error().code == "access.report");
        } else {
            Json table = Fixture::json(must(std::move(answer)));
            auto expected = keys(
                [&](const Record& r) { return r.values[0] == value && !value.empty() && world_.sees(user_, r, 0); });
            CHECK(table.find("rows")->items.at(0).find("n")->text == std::to_string(expected.size()));
        }
        world_.leaks_nothing(user_, must(session_->report("seconds", "{}")), "report");
    }

    const Record& find(const std::string& key) const {
        return *std::find_if(world_.records.begin(), world_.records.end(), [&](const auto& r) { return r.key == key; });
    }

    void one(const Record& record) {
        bool read = world_.may(user_, kOpRead, record);
        auto shown = session_->show("thing", record.key);
        CHECK(static_cast<bool>(shown) == read);
        auto log = session_->log("thing", record.key, 0, 100);
        CHECK(static_cast<bool>(log) == read);
        auto view = session_->view("thing", record.key, 100);
        CHECK(static_cast<bool>(view) == read);
        auto why = explain::why(*session_, "thing", record.key, "");
        CHECK(static_cast<bool>(why) == read);
        if (!read || !shown || !log || !view || !why) return;
        Json json = Fixture::json(*shown);
        for (size_t f = 0; f < kFieldCount; ++f) {
            Right right = world_.field(user_, record, f, false);
            INFO(kFields[f]);
            CHECK((json.find(kFields[f]) != nullptr) == (right != kNone));
            if (right == kMask) CHECK(json.find(kFields[f])->text == "***");
            if (right >= kRead) CHECK(json.find(kFields[f])->text == record.values[f]);
            bool in_log = log->find(record.values[f]) != std::string::npos;
            if (!record.values[f].empty()) CHECK(in_log == (right >= kRead));
        }
        world_.leaks_nothing(user_, *shown, "show");
        world_.leaks_nothing(user_, *log, "log");
        world_.leaks_nothing(user_, *view, "view");
        world_.leaks_nothing(user_, *why, "why");
    }

    void rights(const Record& record) {
        for (int op = 0; op < kOps; ++op) {
            // Asked by the system about the user.
            std::string text = must(
                explain::may(*world_.fixture->system, world_.people[at()].key, kOpNames[op], "thing", record.key, ""));
            INFO(text);
            CHECK(Fixture::json(text).find("may")->boolean == world_.may(user_, static_cast<Op>(op), record));
        }
        for (size_t f = 0; f < kFieldCount; ++f)
            for (bool write : {false, true}) {
                std::string text = must(explain::may(*world_.fixture->system, world_.people[at()].key,
                                                     write ? "write" : "read", "thing", record.key, kFields[f]));
                INFO(text);
                bool expected = world_.may(user_, write ? kOpWrite : kOpRead, record) &&
                                world_.field(user_, record, f, write) >= (write ? kWrite : kRead);
                CHECK(Fixture::json(text).find("may")->boolean == expected);
            }
        if (!world_.may(user_, kOpRead, record)) return;
        world_.leaks_nothing(user_, must(explain::may(*session_, "", "read", "thing", record.key, "first")), "may");
    }

    // In a batch that is taken back.
    void writes(const Record& record) {
        bool addressed = world_.may(user_, kOpRead, record);
        for (size_t f = 0; f < kFieldCount; ++f) {
            REQUIRE(session_->begin_batch());
            auto outcome = session_->patch("thing", record.key, fmt::format(R"({{"{}":"new"}})", kFields[f]));
            REQUIRE(session_->rollback_batch());
            CHECK(static_cast<bool>(outcome) == addressed);
            if (!outcome) continue;
            bool expected = world_.may(user_, kOpWrite, record) && world_.field(user_, record, f, true) == kWrite;
            INFO(outcome->json);
            CHECK(outcome->refused == !expected);
            world_.leaks_nothing(user_, outcome->json, "outcome");
        }
    }

    World& world_;
    int user_;
    std::unique_ptr<engine::Session> session_;
};

}  // namespace

TEST_CASE("every door answers what a plain model of the rights allows, and no more") {
    unsigned seed = std::random_device{}();
    if (const char* given = std::getenv("LEAT_TEST_SEED")) seed = static_cast<unsigned>(std::stoul(given));
    std::cout << "access random seed " << seed << " (LEAT_TEST_SEED repeats it)\n";
    for (unsigned round = 0; round < 12; ++round) {
        INFO("seed " << seed << ", world " << round);
        World world(seed + round);
        for (size_t user = 0; user < world.people.size(); ++user)
            Reader(world, static_cast<int>(user)).ask_everything();
    }
}
