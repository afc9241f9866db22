// Reading: one consistent view in an actor's name, for everything that answers without changing. Uses the session's own
// read connection; a store in memory, a joined one or a session inside a batch reads through the writer.
#pragma once
#include "engine/parts.hpp"

namespace leat::engine {

class Reading final : public record::Host {
 public:
    Reading(Session& session);
    ~Reading() override;
    Reading(const Reading&) = delete;
    Result<void> begin();

    record::Records& records() { return *records_; }
    // Forgets the records read so far, and their memory; the view stays the same.
    void renew();
    const program::Program& program() const { return *program_; }
    store::Connection& connection() { return *connection_; }
    Arena& arena() { return arena_; }
    const Actor& actor() const { return actor_; }
    std::vector<Value>& locals() { return locals_; }
    std::string_view language() const;
    // The record if the actor may read it (or has an open task on it); not_found otherwise.
    Result<record::Row*> target(std::string_view entity, std::string_view key);
    // Whether the actor may read a record by its row; false for one that is gone, but to the system.
    Result<bool> may_read(std::string_view entity, int64_t record);
    Result<bool> may_decide(std::string_view user, std::string_view role) const;
    Result<Value> evaluate(const feel::Expression& expression, record::Row* row);
    Value setting(uint32_t index, int64_t day, Arena& arena) override;
    Value host_function(uint32_t function, std::span<const Value> arguments, Arena& arena) override;
    int64_t now_us() override { return now_us_; }
    void set_now(int64_t now_us) { now_us_ = now_us; }  // to ask as of another day
    Result<void> failure() const;                       // of settings or records, during an evaluation

 private:
    Session& session_;
    Engine& engine_;
    std::shared_ptr<const program::Program> program_;
    std::shared_ptr<record::PlanCache> plans_;
    Actor& actor_;
    Arena& arena_;
    store::Connection* connection_ = nullptr;
    std::unique_ptr<record::Records> records_;
    std::vector<Value> locals_;
    SettingsNow settings_;
    bool locked_ = false, begun_ = false, settings_read_ = false;
    int64_t now_us_ = 0;
    Error settings_error_;
    bool settings_failed_ = false;
};

}  // namespace leat::engine
