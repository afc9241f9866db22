// One deployment, or the rehearsal of one. Internal to this room.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "deploy/deploy.hpp"
#include "deploy/match.hpp"
#include "engine/unit_of_work.hpp"
#include "record/migrate.hpp"
#include "timer/timer.hpp"

namespace leat::deploy {

// What undoing needs: the deployment that is undone, and what it kept.
struct Undo {
    catalog::Deployment deployment;
    Renames renames;
    std::vector<catalog::SavedRecord> saved;
    std::string backup;                   // where its copy of the database is; "": none was made
    std::map<std::string, int64_t> gone;  // entities that it dropped, and how many records they had
};

// The timers of every record, those that wait for somebody (parked ones, and of suspended records) among them.
using Pending = std::map<std::pair<std::string, int64_t>, std::vector<timer::Timer>>;
Result<Pending> pending_timers(store::Connection& connection);

class Run {
 public:
    Run(engine::Engine& engine, std::shared_ptr<const program::Program> next, const Options& options,
        const Undo* undo = nullptr);
    // Everything in one transaction; rolled back where the plan is blocked, and in a rehearsal.
    Result<engine::Outcome> run(std::string_view actor, bool rehearse);
    Plan& plan() { return plan_; }

 private:
    struct Instances {
        int64_t running = 0, all = 0;
        std::vector<std::string> keys;
    };
    struct Broken {
        int64_t records = 0, empty = 0;  // so many break it; of these because there is no value
        std::vector<std::string> keys;
        std::string message;  // of the first
    };
    struct Loss {
        int64_t lost = 0, rounded = 0;
        std::vector<int64_t> ids;
    };
    using Places = std::map<std::pair<int64_t, std::string>, Instances>;  // by version and state

    // before: under the former definitions (before.cpp)
    Result<void> before(engine::UnitOfWork& work, std::shared_ptr<const program::Program>& next);
    Result<void> count_records(engine::UnitOfWork& work);
    Result<Places> count_instances(engine::UnitOfWork& work, const program::Flow& flow);
    Result<void> look_at_flows(engine::UnitOfWork& work, std::shared_ptr<const program::Program>& next);
    Result<void> look_at_flow(engine::UnitOfWork& work, const program::Flow& was, const program::Flow& now,
                              const Places& places, std::vector<program::PinnedFlow>& pinned);
    Result<void> ask_sets(engine::UnitOfWork& work);
    Result<void> keep_values(engine::UnitOfWork& work);
    const program::Flow* version_of(const program::Flow& was, int64_t version) const;

    Result<void> look_at_saved(engine::UnitOfWork& work);

    // tables and after: under the new ones (after.cpp)
    Result<void> tables(store::Connection& connection);
    Result<void> after(engine::UnitOfWork& work);
    Result<void> rename_memories(engine::UnitOfWork& work);
    void rename_in(Json& json) const;
    void rename_sends(Json& sends) const;
    Result<void> move_instances(engine::UnitOfWork& work);
    Result<void> apply_sets(engine::UnitOfWork& work);
    Result<void> restore(engine::UnitOfWork& work);
    Result<void> restore_record(engine::UnitOfWork& work, record::Row& row, const Json& saved,
                                const std::vector<timer::Timer>& pending);
    Result<void> restore_flow(engine::UnitOfWork& work, record::Row& row, const program::Flow& flow, const Json& saved,
                              const std::vector<timer::Timer>& pending);
    Result<void> recompute(engine::UnitOfWork& work);
    Result<void> draw_numbers(engine::UnitOfWork& work);
    Result<void> written(engine::UnitOfWork& work);
    Result<void> check_entity(engine::UnitOfWork& work, const program::Entity& entity);
    Result<void> note_dropped(store::Connection& connection);
    Result<void> write_saved(store::Connection& connection, int64_t sequence);
    void tell_losses();
    void tell_violations();
    void tell(Change& change, const Broken& broken, bool rule);

    // compare.cpp
    void compare();
    void compare_entity(const program::Entity& was, const program::Entity& now);
    void compare_field(const program::Entity& was, const program::Field& before, const program::Entity& now,
                       const program::Field& after);
    void compare_rules(const program::Entity& was, const program::Entity& now);
    void compare_states(const program::Flow& was, const program::Flow& now);

    Change& add(Change::Kind kind, std::string what, std::string message, int64_t affected = 0);
    bool may_drop(const std::string& what) const;
    bool set_by_migration(EntityId entity, FieldId field) const;
    bool moves(const program::Flow& now) const;

    engine::Engine& engine_;
    std::shared_ptr<const program::Program> former_program_, next_program_;
    const program::Program& former_;
    const program::Program* next_;
    const Options& options_;
    const Undo* undo_;
    Match match_;
    Plan plan_;
    std::string former_hash_;
    bool rehearse_ = false;
    std::vector<record::EntityChange> table_changes_;
    std::vector<int64_t> records_;                            // by former entity
    std::map<std::pair<EntityId, FieldId>, int64_t> filled_;  // by former entity and field
    std::map<std::pair<EntityId, FieldId>, Loss> losses_;
    std::set<EntityId> to_check_;                        // new entities whose records may break a rule that is new
    std::map<std::string, Broken> violations_;           // by place
    std::set<std::pair<EntityId, FieldId>> to_compute_;  // new entities' formulas whose values may be others now
    std::set<std::pair<EntityId, FieldId>> to_draw_;     // new entities' series that ask for numbers where none were
    struct SetValue {
        EntityId entity;
        int64_t id;
        FieldId field;
        std::string typed;  // as flow_memory keeps values
        Value record;       // instead: of the new program
    };
    std::vector<std::pair<EntityId, FieldId>> set_fields_;  // by new entity
    std::vector<SetValue> sets_;
    std::map<std::pair<uint32_t, int64_t>, std::pair<int64_t, engine::UnitOfWork::Standing>>
        standing_;  // by new flow, id: version
    std::vector<catalog::FlowVersion> versions_;
    std::map<std::pair<std::string, int64_t>, std::string> stands_;  // undo: by former flow and id, where it stands now
    std::map<std::pair<std::string, int64_t>, int64_t> touched_;     // undo: by former entity and id, its last log row
    std::map<uint32_t, std::set<int64_t>> moved_versions_;           // by new flow: former versions whose records move
    std::map<std::pair<std::string, int64_t>, std::map<std::string, std::string>>
        saved_;  // entity now, id: member, JSON
};

}  // namespace leat::deploy
