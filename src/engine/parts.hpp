// What an Engine and a Session keep besides their public face.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/actor.hpp"
#include "engine/engine.hpp"
#include "engine/write_queue.hpp"
#include "record/plan_cache.hpp"

namespace leat::engine {

// Settings as they are now: the definition's values with the file's changes over them.
class SettingsNow {
 public:
    Result<void> read(const program::Program& program, store::Connection& connection);
    Value at(uint32_t index, int64_t day) const;

 private:
    Arena arena_{16u << 20};
    std::vector<std::vector<program::SettingValue>> values_;
};

// The value of a setting written as text, by the setting's type. Error: usage "setting.value".
Result<Value> read_setting(const program::Program& program, const program::Setting& setting, std::string_view text,
                           Arena& arena);

// Where a change of one record may let an eventless transition of another fire: this entity's ref field points at a
// record whose flow waits.
struct Waiter {
    program::FieldId field;
    program::EntityId entity;
};

// While this thread runs a callback of an engine, that engine refuses it (SEMANTICS 10): a host function holds the
// queue.
inline thread_local const Engine* callback_of = nullptr;

class InCallback {
 public:
    explicit InCallback(const Engine* engine) : before_(callback_of) { callback_of = engine; }
    ~InCallback() { callback_of = before_; }
    InCallback(const InCallback&) = delete;

 private:
    const Engine* before_;
};

struct Engine::Parts {
    WriteQueue queue;
    std::map<std::string, HostFunction, std::less<>> functions;
    std::map<std::string, Handler, std::less<>> handlers;
    std::shared_ptr<record::PlanCache> plans;                // of the program; shared by commands and readers
    std::vector<std::vector<Waiter>> waiters;                // by entity
    std::vector<bool> has_eventless;                         // by flow
    std::vector<std::vector<program::FieldId>> file_fields;  // by entity: those that name files
    std::vector<int64_t> flow_versions;                      // by flow: its number in this file
    std::vector<bool> has_demands;                           // by flow: some state requires fields or has an approval
    SettingsNow settings;
    std::map<std::pair<std::string, int64_t>, std::string> suspended;  // entity and record; why
    std::unique_ptr<journal::Journal> journal;  // of the writer; keeps its buffers between commands
    std::string changes;                        // of the command being logged; kept for its memory
    journal::Head head;
    int64_t data_version = -1;  // of the writer connection when `head` was right; -1: read it
    uint64_t people = 1;        // counts changes to users and departments
    std::string definition_hex;
    Arena arena;
    Actor system{std::string(kSystem)};
    explicit Parts(uint64_t memory_max) : arena(memory_max) {}
    // An error where this thread would wait for itself: it has a batch open on another session of this engine.
    Result<void> not_in_batch() const {
        if (!queue.held_here()) return {};
        return make_error(Status::usage, "batch.open",
                          "this thread has a batch open on another session: commit it or roll it back first");
    }
};

// Lets a session's interrupt() end what runs on a connection, for as long as it lives.
class Watch {
 public:
    Watch(store::Connection& connection, const std::atomic<bool>& interrupted) : connection_(connection) {
        connection.watch(&interrupted);
    }
    ~Watch() { connection_.watch(nullptr); }
    Watch(const Watch&) = delete;

 private:
    store::Connection& connection_;
};

// The messages of refusals in one line, for incidents and waiting messages.
std::string reasons(const std::vector<Refusal>& refusals);

struct Session::Parts {
    std::atomic<bool> interrupted{false};  // asked from any thread; of the command or read that runs
    bool long_running = false;             // many commands in one call: the asking holds for all of them
    bool undone_with_batch = false;        // whoever runs the batch gives it up when one of its commands fails
    Actor actor;
    Arena arena;
    std::unique_ptr<store::Connection> reader;  // opened at the first read
    Parts(std::string name, uint64_t memory_max) : actor(std::move(name)), arena(memory_max) {}
};

// Whether the field's value is the name of a file, or a list of them.
bool names_files(const program::Field& field);

}  // namespace leat::engine
