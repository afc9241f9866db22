// kill -9 at random between and inside commands and batches of timers, with a clock that jumps forth and back, by one
// and by two processes on one file. Afterwards nothing that was answered is lost, nothing fired twice, and every
// timer's effect is there exactly when its row in the log is.
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "engine/fixture.hpp"

using namespace leat;

namespace {

constexpr int64_t kMinute = 60'000'000;

// ticks: three of them, a minute apart; once: one; stagnant: counted from a field that changes; and a clock.
constexpr const char* kApp = R"yaml(
leat: 1
app: faults
language: en
timezone: UTC
---
roles: {staff: Staff}
---
entity: job
key: "J-{seq}"
fields:
  ticks: {type: integer, default: 0}
  once: {type: integer, default: 0}
  calls: {type: integer, default: 0}
  called_at: {type: datetime}
  stagnant: {type: integer, default: 0}
  breaches: {type: integer, default: 0}
  paid: {type: integer, default: 0}
  moves: {type: integer, default: 0}
---
entity: child
fields: {job: {type: ref, to: job, required: true}}
---
flow: job_flow
of: job
delays:
  ticking: {every: R3/PT1M}
  alone: {for: PT2M}
  stagnation: {for: PT3M, since: called_at}
events: {move: [staff], back: [staff], paid: {allow: []}}
states:
  open:
    after:
      ticking: {do: [{set: {ticks: = ticks + 1}}, {create: child, set: {job: = this}}]}
      alone: {do: [{set: {once: = once + 1}}]}
      stagnation: {do: [{set: {stagnant: = stagnant + 1}}]}
    on:
      paid: {do: [{set: {paid: = paid + 1}}]}
      move: moving
  moving:
    entry: [{set: {moves: = moves + 1}}]
    always: {target: moved, guard: moves > 0}
  moved: {on: {back: open}}
---
message: payment
payload: {job: {type: string, required: true}}
to: = records.job[key = event.job]
send: paid
---
sla: quick
of: job
start: state = "open"
stop: state = "moved"
within: PT90S
on: {breach: [{set: {breaches: = breaches + 1}}]}
)yaml";

// Shared by the processes: time, and numbers for message ids.
struct Shared {
    std::atomic<int64_t> now{1'767'225'600'000'000};
    std::atomic<int64_t> messages{0};
    std::atomic<int64_t> called{0};  // never goes back: a call that is noted twice would be met twice

    int64_t next_call() {
        int64_t before = called;
        while (!called.compare_exchange_weak(before, std::max(before + 1, now.load()))) {
        }
        return called;
    }
};

class SharedClock final : public Clock {
 public:
    explicit SharedClock(Shared& shared) : shared_(shared) {}
    int64_t now_us() override { return shared_.now; }

 private:
    Shared& shared_;
};

Shared& shared_memory() {
    void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    return *new (memory) Shared();
}

struct Scratch {
    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / fmt::format("leat-kill-{}-{}", ::getpid(), std::random_device{}());
    Scratch() { std::filesystem::create_directories(folder); }
    ~Scratch() { std::filesystem::remove_all(folder); }
    std::string file() const { return (folder / "a.db").string(); }
};

std::shared_ptr<engine::Engine> open(const std::string& path, Clock& clock) {
    engine::Options options;
    options.store.path = path;
    options.store.busy_timeout_ms = 10'000;
    options.clock = &clock;
    options.language = "en";
    auto opened = engine::Engine::open(test::load(kApp), options);
    if (!opened) FAIL(test::describe(opened.error()));
    return *opened;
}

// Works until it is killed; says on the pipe what was answered: "J-1", "m17". Ends with a code when something is wrong.
[[noreturn]] void work(const std::string& path, Shared& shared, uint32_t seed, int pipe) {
    SharedClock clock(shared);
    engine::Options options;
    options.store.path = path;
    options.store.busy_timeout_ms = 10'000;
    options.clock = &clock;
    auto opened = engine::Engine::open(nullptr, options);
    if (!opened) ::_exit(3);
    auto session = (*opened)->session("system");
    if (!session) ::_exit(4);
    std::mt19937 random(seed);
    auto say = [&](const std::string& what) {
        std::string line = what + "\n";
        if (::write(pipe, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(5);
    };
    for (int64_t jobs = 0;;) {
        std::string key = fmt::format("J-{}", 1 + random() % static_cast<uint32_t>(jobs + 1));
        bool fine = true;
        switch (random() % 8) {
            case 0: {
                auto made = (*session)->create("job", "{}");
                fine = made && !made->refused;
                if (fine) say(made->key);
                ++jobs;
                break;
            }
            case 1:
                (void)(*session)->send("job", key, random() % 2 ? "move" : "back", "");
                break;
            case 2:
                (void)(*session)->patch(
                    "job", key, fmt::format(R"({{"called_at":"{}"}})", value::format_instant(shared.next_call())));
                break;
            case 3: {
                std::string id = fmt::format("m{}", ++shared.messages);
                auto got = (*opened)->receive("payment", id, fmt::format(R"({{"job":"{}"}})", key));
                fine = static_cast<bool>(got);
                if (fine) say(id);
                break;
            }
            case 4:  // mostly forth, now and then back
                shared.now += random() % 5 ? static_cast<int64_t>(random() % 40) * 1'000'000 : -3 * kMinute;
                break;
            default: {
                auto done = (*opened)->run_due(1 + static_cast<int64_t>(random() % 150));
                fine = done && done->incidents == 0;
                break;
            }
        }
        if (!fine) ::_exit(6);
    }
}

// Runs `count` workers for so long, kills them, and collects what they said.
void run_and_kill(const std::string& path, Shared& shared, uint32_t seed, int count, int milliseconds,
                  std::set<std::string>& answered) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    std::vector<pid_t> workers;
    for (int i = 0; i < count; ++i) {
        pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            ::close(ends[0]);
            work(path, shared, seed + static_cast<uint32_t>(i), ends[1]);
        }
        workers.push_back(child);
    }
    ::close(ends[1]);
    std::string said;
    char buffer[4096];
    auto read_for = [&](int left_ms) {
        pollfd wait{ends[0], POLLIN, 0};
        if (::poll(&wait, 1, left_ms) <= 0) return false;
        ssize_t got = ::read(ends[0], buffer, sizeof buffer);
        if (got > 0) said.append(buffer, static_cast<size_t>(got));
        return got > 0;
    };
    // The kill comes after so many answers, at whatever the workers are doing then.
    for (int answers = 0; answers < milliseconds / 10 && read_for(5'000);) ++answers;
    ::usleep(static_cast<useconds_t>(seed % 3000));
    for (pid_t worker : workers) REQUIRE(::kill(worker, SIGKILL) == 0);
    for (pid_t worker : workers) {
        int status = 0;
        REQUIRE(::waitpid(worker, &status, 0) == worker);
        INFO("exit code " << (WIFEXITED(status) ? WEXITSTATUS(status) : -1));
        CHECK(WIFSIGNALED(status));
    }
    while (read_for(0)) {
    }
    ::close(ends[0]);
    for (size_t begin = 0, end = 0; (end = said.find('\n', begin)) != std::string::npos; begin = end + 1)
        answered.insert(said.substr(begin, end - begin));
}

int64_t number(const Json& record, const char* field) {
    const Json* value = record.find(field);
    return value && value->kind == Json::Kind::number ? std::stoll(value->text) : 0;
}

// What the log says of each record: how often each timer fired, and that none did so twice.
std::map<std::string, std::map<std::string, int64_t>> firings(engine::Session& session) {
    std::map<std::string, std::map<std::string, int64_t>> counts;
    std::set<std::string> seen;
    for (int64_t from = 0;;) {
        auto text = session.log("", "", from, 1000);
        REQUIRE(text);
        auto log = parse_json(*text);
        REQUIRE(log);
        const auto& rows = log->find("log")->items;
        if (rows.empty()) return counts;
        for (const auto& row : rows) {
            from = std::stoll(row.find("sequence")->text) + 1;
            const Json* command = row.find("command");
            if (command->find("do")->text != "timer") continue;
            std::string id = command->find("id")->text, timer = command->find("timer")->text;
            ++counts[id][timer];
            // The same stay in the state and the same due time is one firing.
            std::string firing = fmt::format("{} {} {} {} {}", id, timer, command->find("entry")->text,
                                             command->find("due")->text, command->find("count")->text);
            INFO(firing);
            CHECK(seen.insert(firing).second);
        }
    }
}

void check_file(const std::string& path, Shared& shared, const std::set<std::string>& answered, bool at_the_end) {
    SharedClock clock(shared);
    auto engine = open(path, clock);
    auto session = engine->session("system");
    REQUIRE(session);
    auto verified = engine->verify();
    REQUIRE(verified);
    REQUIRE(verified->first_bad == 0);
    auto counts = firings(**session);
    std::set<std::string> keys;
    std::map<std::string, int64_t> children;
    for (int64_t after = 0;;) {
        auto page = parse_json(*(*session)->list("child", "", after, 1000));
        for (const auto& one : page->find("records")->items) ++children[one.find("job")->text];
        if (page->find("next")->is_null()) break;
        after = std::stoll(page->find("next")->text);
    }
    for (int64_t after = 0;;) {
        auto page = parse_json(*(*session)->list("job", "", after, 1000));
        for (const auto& job : page->find("records")->items) {
            std::string key = job.find("key")->text, id = job.find("id")->text;
            INFO(key);
            keys.insert(key);
            auto& fired = counts[id];
            CHECK(number(job, "ticks") == fired["job_flow.open.ticking"]);
            CHECK(number(job, "once") == fired["job_flow.open.alone"]);
            CHECK(number(job, "stagnant") == fired["job_flow.open.stagnation"]);
            CHECK(children[key] == number(job, "ticks"));
            // Each time in the state has three ticks and one of the other; the last time may not be over yet.
            const int64_t stays = number(job, "moves") + (job.find("state")->text == "open" ? 1 : 0);
            CHECK(number(job, "ticks") <= 3 * (number(job, "moves") + 1));
            CHECK(number(job, "once") <= number(job, "moves") + 1);
            if (at_the_end && job.find("state")->text == "open" && number(job, "moves") == 0) {
                CHECK(stays == 1);
                CHECK(number(job, "ticks") == 3);
                CHECK(number(job, "once") == 1);
                CHECK(number(job, "stagnant") >= 1);
                CHECK(number(job, "breaches") == 1);
            }
        }
        if (page->find("next")->is_null()) break;
        after = std::stoll(page->find("next")->text);
    }
    for (const auto& what : answered) {
        INFO(what);
        if (what[0] == 'J') CHECK(keys.count(what) == 1);
        if (what[0] != 'm') continue;
        auto again = engine->receive("payment", what, R"({"job":"none"})");
        REQUIRE(again);
        auto json = parse_json(again->json);
        std::string status = json->find("message")->text;
        CHECK((status == "duplicate" || status == "waiting"));
    }
}

void kill_again_and_again(int workers, int rounds) {
    const uint32_t seed = std::random_device{}();
    CAPTURE(seed);
    fmt::print("seed {}\n", seed);
    std::mt19937 random(seed);
    Scratch scratch;
    Shared& shared = shared_memory();
    {
        SharedClock clock(shared);
        auto engine = open(scratch.file(), clock);
    }
    std::set<std::string> answered;
    for (int round = 0; round < rounds; ++round) {
        run_and_kill(scratch.file(), shared, static_cast<uint32_t>(random()), workers,
                     50 + static_cast<int>(random() % 150), answered);
        check_file(scratch.file(), shared, answered, false);
    }
    CHECK(answered.size() > 10);
    // Everything that was pending comes, late and once.
    shared.now += 1'000 * kMinute;
    {
        SharedClock clock(shared);
        auto engine = open(scratch.file(), clock);
        for (;;) {
            auto done = engine->run_due(500);
            REQUIRE(done);
            CHECK(done->incidents == 0);
            if (!done->more) break;
        }
        auto due = engine->next_due_us();
        REQUIRE(due);
        CHECK_FALSE(due->has_value());
    }
    check_file(scratch.file(), shared, answered, true);
    ::munmap(&shared, sizeof(Shared));
}

}  // namespace

TEST_CASE("a process that is killed loses nothing and repeats nothing") {
    kill_again_and_again(1, 25);
}

TEST_CASE("two processes on one file that are killed lose nothing and repeat nothing") {
    kill_again_and_again(2, 20);
}
