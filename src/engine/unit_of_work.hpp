// UnitOfWork: one command inside one transaction. Everything it does is undone together: on a refusal, on an error, on
// a thrown limit. The order of SEMANTICS 1 is run() and conclude(), top to bottom.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/flow_memory.hpp"
#include "engine/parts.hpp"
#include "flow/chart.hpp"
#include "outbox/outbox.hpp"
#include "task/task.hpp"
#include "timer/timer.hpp"

namespace leat::engine {

// First in, first out. A command mostly queues one event, for which a deque would take four pieces of memory.
template <class T>
class Fifo {
 public:
    bool empty() const { return at_ == items_.size(); }
    void push_back(T item) { items_.push_back(std::move(item)); }
    T take() {
        T item = std::move(items_[at_++]);
        if (empty()) {
            items_.clear();
            at_ = 0;
        }
        return item;
    }
    template <class Wanted>
    void erase_if(Wanted wanted) {
        items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(at_));
        at_ = 0;
        std::erase_if(items_, wanted);
    }

 private:
    std::vector<T> items_;
    size_t at_ = 0;
};

inline constexpr std::string_view kCommandSavepoint = "leat_command";  // of a command in a batch

class UnitOfWork final : public record::Host {
 public:
    // `nested`: the session's batch already holds the queue and the transaction.
    UnitOfWork(Engine& engine, Actor& actor, Arena& arena, bool nested);
    ~UnitOfWork() override;
    UnitOfWork(const UnitOfWork&) = delete;

    // When it fails, the batch that it is part of is lost: it has no savepoint. Before begin().
    void set_undone_with_batch() { with_batch_ = nested_ && !connection_.joined(); }

    // Takes the queue and the transaction, checks the definitions, fixes the command's time, resolves the actor.
    Result<void> begin();
    // Runs everything queued to quiescence, checks, writes, logs, commits.
    Result<void> conclude(Outcome& outcome, std::string_view command_json, record::Row* target, bool with_json = true);
    // Answers the outcome of a refusal; any other error passes through. Undoes everything.
    Result<Outcome> fail(Error error);

    // --- authority and input (authorise.cpp) ---
    Result<record::Row*> target(std::string_view entity, std::string_view key);
    // Target by id, readable by the actor; a record that may not be read does not exist for him.
    Result<record::Row*> target(program::EntityId entity, int64_t id);
    Result<bool> may_address(record::Row& row);
    Result<void> expect_version(const record::Row& row, int64_t version) const;
    Result<void> authorise_event(record::Row& row, const program::Flow& flow, const program::Event& event);
    // Applies a JSON object of fields in the actor's name: rights, locks, types. `creating`: with the right to add.
    Result<void> apply_input(record::Row& row, const Json& input, bool creating);
    Result<void> check_written(record::Row& row, bool creating);
    Result<Value> payload(const std::vector<program::Field>& fields, const Json& input, std::string_view what);
    Result<void> check_payload(const program::Field& field, const Value& value, std::string_view what);
    Result<Value> payload(const std::vector<program::Field>& fields, std::span<const Value> input,
                          std::string_view what);

    Result<Value> any_payload(const Json& input);  // of an event that declares none: null for {}
    Result<Value> payload_of(const program::Event& event, const Value& sent);

    // --- files (files.cpp) ---
    Result<void> check_files();  // that those which records of this command name were put

    // --- one record of two (duplicates.cpp) ---
    Result<void> merge(record::Row& row, record::Row& other, const Json& take);
    Result<std::vector<program::FieldId>> taken_fields(const record::Row& row, const record::Row& other,
                                                       const Json& take);

    // --- records (commands.cpp) ---
    Result<record::Row*> create_row(program::EntityId entity);
    // Defaults, formulas, key; then its flows are queued to start.
    Result<void> complete_row(record::Row& row);
    // All of a create and of a patch but the log's command: rights, input, formulas, what follows.
    Result<record::Row*> create_record(const program::Entity& entity, const Json& input);
    Result<void> patch_record(record::Row& row, const Json& input);
    // What a key's or a series' template gives for the row; a number of it is drawn. `series` names it in leat_series;
    // the parts of a date are those of the moment `at_us`.
    Result<std::string> numbered(record::Row& row, const std::vector<program::KeyPart>& parts,
                                 const std::string& series, int64_t at_us);
    // The number of a series field, unless it has one, as of a moment.
    Result<void> draw_number(record::Row& row, const program::Field& field, int64_t at_us);
    // The same of a record that was there before the field was: false where it needs none yet. A number that it would
    // have got at its creation says the day of that.
    Result<bool> draw_late(record::Row& row, const program::Field& field);
    // Numbers that records of this command must have by now: of fields that are required and drawn from a series.
    Result<bool> draw_numbers();

    // --- flows (flow_run.cpp) ---
    struct Queued {
        record::Row* row = nullptr;
        uint32_t flow = program::kNone;
        flow::EventId event = flow::kNone;  // kNone with `start`: the flow starts
        bool start = false;
        bool must_be_heard = false;  // a command's own event: unheard is a refusal
        Value payload = {};
        std::string_view name = {};        // of an event of SCXML's dialect, which has no number
        std::string_view invoke_id = {};   // of the child that it comes from
        uint32_t invoke = program::kNone;  // the answer to this one of Flow::invokes …
        int64_t entry = 0;                 // … that began with this entry of its state
        bool failed = false;               // … and went wrong
    };
    void queue(Queued event) { queue_.push_back(event); }
    Result<void> run();  // to quiescence: events, formulas, rules, eventless transitions
    int64_t entry_of(const record::Row& row, const program::Flow& flow, flow::StateId state);
    FlowMemory& memory(record::Row& row, const program::Flow& flow);
    bool heard() const { return heard_; }
    Error unexpected(record::Row& row, std::string_view event);  // what the record's states do expect

    // --- administrators (administer.cpp) ---
    bool is_suspended(const record::Row& row) const;
    Error suspended_refusal(const record::Row& row);
    Result<record::Row*> administered(std::string_view entity, std::string_view key, std::string_view reason);
    Result<void> jump(record::Row& row, const program::Flow& flow, flow::StateId state);

    // --- SCXML's dialect (scxml.cpp) ---
    // An event from outside, by any name, with its data.
    void queue_scxml(record::Row& row, const program::Flow& flow, std::string_view name, const Value& data);

    // --- child flows (invoke.cpp) ---
    // What a connector answered to an invoked call; false when nobody waits for it any more.
    Result<bool> answer(record::Row& row, int64_t delivery, bool done, std::string_view receipt);

    // --- tasks (approvals.cpp) ---
    Result<void> decide(task::Task& task, std::string_view decision, std::string_view comment);
    Result<bool> may_decide(const task::Task& task);

    // --- timers (timers.cpp) ---
    enum class Fired : uint8_t { acted, stale, taken };  // taken: another process had it, or it was replaced
    // Takes the timer away, plans its next time where it has one, and lets it act.
    Result<Fired> fire(const timer::Timer& timer);
    // Of a timer that failed: one that repeats goes on with its next time, another is parked until its incident is
    // dealt with. Answers the record that it failed for.
    Result<int64_t> park(const timer::Timer& timer);
    // Derived anew: the zones' rules or the calendars changed. True: it moved.
    Result<bool> recompute(const timer::Timer& timer);
    // Rules that run by themselves: those that wait for no next time yet begin, those that are gone end.
    Result<void> plan_schedules();
    // `when: {message: …}`: false when no rule took it.
    Result<bool> run_message_rules(const program::Message& message, record::Row* row);

    // --- deployment (migrate.cpp) ---
    // A record goes on in another version of its flow.
    struct FlowMove {
        enum class Timers : uint8_t { keep, restart, rescale };
        const program::Flow* from = nullptr;                     // of the former program
        const program::Flow* to = nullptr;                       // of this one
        std::map<std::string, std::string, std::less<>> states;  // every state of `from` that a record may stand in
        Timers timers = Timers::keep;
    };
    // Where a record stood, as its columns said it.
    struct Standing {
        std::string state, configuration, data;
        int64_t entries = 0;
    };
    // Why a record cannot be moved; "" when it can.
    Result<std::string> cannot_move(const FlowMove& move, const Standing& standing);
    // States, version, timers and tasks; nothing is entered or left. `pending`: the record's timers. Error: internal
    // deploy.move, where cannot_move() was not asked.
    Result<void> move(record::Row& row, const FlowMove& move, const Standing& standing,
                      const std::vector<timer::Timer>& pending);
    Result<void> finish_moves();  // arms what move() found to be armed, and takes eventless transitions

    // --- erasure (erase.cpp) ---
    Result<std::vector<record::Row*>> personal_rows(record::Row& row);
    Result<void> erase_fields(record::Row& row);
    // What fields call personal goes, of these rows: from them, from the log and from all that was made of them.
    // Answers the rows of the log concerned.
    Result<std::vector<int64_t>> erase_rows(const std::vector<record::Row*>& rows);
    // Records whose retention is over and that hold something personal still.
    Result<std::vector<record::Row*>> past_retention(const program::Retention& rule);
    // The log of this command says what changed and not what it was.
    void set_erasing() { quiet_ = erasing_ = true; }

    // --- plumbing ---
    record::Records& records() { return *records_; }
    const program::Program& program() const { return program_; }
    store::Connection& connection() { return connection_; }
    Arena& arena() { return arena_; }
    Actor& actor() { return actor_; }
    Engine& engine() { return engine_; }
    std::vector<Value>& locals() { return locals_; }
    std::string_view language() const;
    int64_t sequence() const { return engine_.parts_->head.sequence + 1; }
    // A deployment's own writes: no rules, no flows, no checks (they are the definition's change, not a business one).
    void set_quiet() { quiet_ = true; }
    // One more segment of the log besides those of the records touched; its texts live as long as the command.
    void add_segment(const journal::Segment& segment) { more_segments_.push_back(segment); }
    std::string random_bytes(size_t size);
    void mark_effects() { effects_ = true; }  // something is written besides entity rows: the command is logged

    // A refusal is recorded and travels as an Error of status ok to fail().
    // `row`: whose fields they are.
    Error refuse(std::string code, std::string at, std::string message, std::vector<std::string> fields = {},
                 record::Row* row = nullptr);
    Error refuse_all(std::vector<Refusal> refusals);
    // The record that the command is about: pointers lead into it.
    void set_target(record::Row& row) { target_ = &row; }
    // Pointers to fields of a row; none where it is no part of the command's record.
    std::vector<std::string> pointers(record::Row* row, const std::vector<std::string>& fields);
    // An input's error; its message begins with the pointer: "/lines/2/quantity: …".
    Error at_field(Error error, record::Row& row, std::string_view field);
    const std::vector<Refusal>& refusals() const { return refusals_; }

    // record::Host
    int64_t now_us() override { return now_us_; }
    Value setting(uint32_t index, int64_t day, Arena& arena) override;
    Value host_function(uint32_t function, std::span<const Value> arguments, Arena& arena) override;

    // FEEL in the definition's name; the store's error, if one was met, comes out.
    Result<Value> evaluate(const feel::Expression& expression, record::Row* row);
    Result<Value> evaluate(const program::Operand& operand, record::Row* row);
    // true, false, or a refusal naming the empty field (SEMANTICS 1.4).
    Result<bool> condition(const feel::Expression& expression, record::Row* row, std::string_view at);
    Result<std::string> render(const program::LocalizedTemplate& text, record::Row* row);
    // A refusal's words, as the actor may know them; `otherwise` where the definition has none, or none for him.
    Result<std::string> refusal_text(const program::LocalizedTemplate& text, record::Row& row,
                                     std::string_view otherwise);
    Error null_refusal(const Value& value, std::string_view at, std::string_view source, record::Row* row = nullptr);
    Result<int64_t> add_duration(int64_t from_us, const Value& duration, std::string_view at);
    Result<int64_t> instant_of(const Value& value, std::string_view at);
    void append_payload(std::string& out, const Value& value);  // JSON; records as their keys

 private:
    friend class Engine;
    friend class Session;
    struct StateChange {
        record::Row* row;
        uint32_t flow;
        flow::StateId state;
        bool entered;
    };
    // What a rule last saw of a record (SEMANTICS 1.1).
    struct RuleMemory {
        rule::Seen seen;
        bool ready = false;
        const Value* fields = nullptr;
        size_t changes_read = 0;  // of state_changes_
    };

    // flow_run.cpp
    Result<void> process(Queued& event);
    Result<void> macrostep(record::Row& row, const program::Flow& flow);
    Result<bool> eventless(record::Row& row, const program::Flow& flow);
    // `refuse_unheard`: where guards say no, each says why.
    Result<bool> take_event(record::Row& row, const program::Flow& flow, const Queued& event, bool refuse_unheard);
    Result<flow::Selection> choose(record::Row& row, const program::Flow& flow,
                                   const flow::Configuration& configuration, const Queued* event);
    Result<void> refuse_guards(record::Row& row, const program::Flow& flow, const flow::Selection& selection);
    Result<void> apply(record::Row& row, const program::Flow& flow, const flow::Configuration& before,
                       const flow::Microstep& step);
    Result<void> enter_all(record::Row& row, const program::Flow& flow, const flow::Microstep& step, bool skip_criteria,
                           int64_t entry);
    Result<void> done_events(record::Row& row, const program::Flow& flow, const flow::Microstep& step,
                             flow::StateId final_state);
    // Runs steps of a flow: under SCXML's dialect an error ends them and becomes an event.
    Result<void> flow_steps(const program::Steps& steps, record::Row& row, const program::Flow& flow);
    // Data and system variables into their locals; whose steps and guards run from here on.
    void use(record::Row& row, const program::Flow& flow);
    void set_datum(record::Row& row, const program::Flow& flow, uint32_t datum, const Value& value);
    Result<void> begin_flow(record::Row& row, const program::Flow& flow);
    Result<void> begin_data(record::Row& row, const program::Flow& flow, flow::StateId state);
    Result<void> end_flow(record::Row& row, const program::Flow& flow, flow::StateId final_state, const Value& data);
    Result<Value> done_data(record::Row& row, const program::Flow& flow, flow::StateId state);
    void flush_memories();
    // invoke.cpp
    Result<bool> start_invokes();
    Result<void> start_invoke(record::Row& row, const program::Flow& flow, const program::Invoke& invoke,
                              int64_t entry);
    Result<bool> invoke_input(record::Row& row, const program::Flow& flow, const program::Invoke& invoke,
                              std::vector<std::pair<std::string, Value>>& input);
    Result<void> start_call(record::Row& row, const program::Flow& flow, const program::Invoke& invoke,
                            Invoked& invoked);
    Result<bool> start_child(record::Row& row, const program::Flow& flow, const program::Invoke& invoke,
                             Invoked& invoked, uint32_t index);
    Result<void> child_done(record::Row& child, const program::Flow& flow, const Value& data, bool failed);
    Result<void> one_done(record::Row& row, const program::Flow& flow, Invoked& invoked, uint32_t index,
                          const FlowLink& child, const Value& data, bool failed);
    void answer_invoke(record::Row& row, const program::Flow& flow, const Invoked& invoked, const Value& data,
                       bool failed);
    Result<void> cancel_invokes(record::Row& row, const program::Flow& flow, flow::StateId state);
    Result<void> cancel_child(const FlowLink& child);
    Result<void> hold(const Queued& event);
    Result<bool> before_event(record::Row& row, const program::Flow& flow, const Queued& event);
    Result<void> unheard_failure(record::Row& row, const program::Flow& flow, const Queued& event);
    // compensation.cpp
    void remember_undo(record::Row& row, const program::Flow& flow, uint32_t undo, uint32_t locals_end,
                       const FlowLink& child);
    Result<void> compensate(record::Row& row, const program::Flow& flow, flow::StateId only);
    // scxml.cpp
    // False: an error event was raised and the block is over.
    Result<bool> scxml_block(const program::Steps& steps, record::Row& row, const program::Flow& flow);
    Result<bool> scxml_step(const program::Step& step, record::Row& row, const program::Flow& flow);
    Result<bool> scxml_foreach(const program::Step& step, record::Row& row, const program::Flow& flow);
    Result<bool> scxml_send(const program::Step& step, record::Row& row, const program::Flow& flow);
    Result<bool> scxml_deliver(record::Row& row, const program::Flow& flow, std::string_view target,
                               std::string_view name, std::string_view send_id, const Value& data);
    // nullopt: asking is error.execution, which is raised.
    Result<std::optional<Value>> scxml_value(const program::Operand& operand, record::Row& row,
                                             const program::Flow& flow);
    Result<std::optional<Value>> scxml_params(const program::Step& step, record::Row& row, const program::Flow& flow);
    Value scxml_event(std::string_view name, std::string_view type, std::string_view send_id, std::string_view origin,
                      std::string_view invoke_id, const Value& data);
    void scxml_raise(record::Row& row, const program::Flow& flow, std::string_view name, const Value& data);
    void scxml_error(record::Row& row, const program::Flow& flow, std::string_view name, std::string_view send_id = {});
    std::string scxml_session(const record::Row& row, const program::Flow& flow) const;
    Result<bool> fire_scxml(const timer::Timer& timer, record::Row& row);
    Result<void> enter(record::Row& row, const program::Flow& flow, flow::StateId state, int64_t entry);
    Result<void> leave(record::Row& row, const program::Flow& flow, flow::StateId state, int64_t entry);
    Result<void> check_criteria(record::Row& row, const std::vector<program::Criterion>& criteria,
                                std::string_view code);
    Result<bool> criteria_hold(record::Row& row, const std::vector<program::Criterion>& criteria);
    Result<bool> transition_holds(record::Row& row, const program::Flow& flow, uint32_t transition);
    void note_state(record::Row& row, const program::Flow& flow, flow::StateId state, bool entered);
    void store_configuration(record::Row& row, const program::Flow& flow, const flow::Microstep& step, int64_t entry);
    void store_own_columns(record::Row& row, const program::Flow& flow, const flow::Microstep& step);
    void narrow_configuration(record::Row& row, const program::Flow& flow, const flow::Configuration& staying,
                              const std::vector<flow::StateId>& moving, flow::StateId last);
    struct ToInvoke {
        record::Row* row;
        uint32_t flow;
        uint32_t invoke;
        int64_t entry;
    };
    // steps.cpp
    Result<void> steps(const program::Steps& steps, record::Row* row);
    Result<void> step(const program::Step& step, record::Row* row);
    Result<void> step_create(const program::Step& step, record::Row* row);
    Result<void> step_append(const program::Step& step, record::Row* row);
    Result<void> step_update(const program::Step& step, record::Row* row);
    Result<void> step_delete(const program::Step& step, record::Row* row);
    Result<void> step_foreach(const program::Step& step, record::Row* row);
    Result<void> step_send(const program::Step& step, record::Row* row);
    Result<void> send_to_relative(const program::Step& step, record::Row& row);
    Result<void> step_send_later(const program::Step& step, record::Row* row, const std::vector<record::Row*>& targets,
                                 const Value& payload);
    Result<void> cancel_send(const std::string& id, record::Row& row, const program::Flow& flow);
    Result<void> step_task(const program::Step& step, record::Row* row);
    Result<void> step_notify(const program::Step& step, record::Row* row);
    Result<void> step_call(const program::Step& step, record::Row* row);
    Result<void> step_assign(const program::Step& step, record::Row* row);
    Result<void> assign(const std::vector<program::StepAssignment>& assignments, record::Row* source,
                        record::Row& target);
    Result<void> set_field(record::Row& row, program::FieldId field, const Value& value, std::string_view at);
    Result<void> copy_lines(record::Row& from, program::FieldId from_list, record::Row& to, program::FieldId to_list);
    Result<std::vector<record::Row*>> rows_of(const Value& value, std::string_view at);
    Result<std::vector<std::string>> receivers(const program::Step& step, record::Row* row);
    Result<Value> with(const std::vector<program::StepAssignment>& assignments, record::Row* row);
    Result<void> plan(outbox::Item item, const record::Row* row);
    Result<void> write_sent();  // the calls and notices planned so far, into the outbox
    // rules.cpp
    Result<bool> run_rules();
    Result<bool> run_rule(const program::Rule& rule, record::Row& row, RuleMemory& memory);
    Result<bool> retry_eventless();
    // approvals.cpp
    static constexpr std::string_view kWentUp = "escalated";  // the outcome of a task that another level took over
    using Deciders =
        std::vector<std::pair<std::string, std::string>>;  // user and role; user "": any holder of the role
    Result<Deciders> deciders(record::Row& row, const program::Approval& approval, const program::ApprovalBy& by,
                              bool anybody, const std::string& at);
    // Who asks for the approvals that open now: the actor; where an approval led here, who asked for that one.
    struct Asker {
        std::string key;
        int64_t sequence;  // of the log row in which he asked
    };
    Asker asker_of(const record::Row& row) const;
    Result<void> hand_to_manager(const std::string& asker, Deciders& members);
    Result<bool> decides_by_asking(const std::string& asker, const program::Approval& approval, const std::string& user,
                                   const std::string& role);
    Result<task::Task> approval_task(record::Row& row, const program::Flow& flow, flow::StateId state, int64_t entry);
    Result<void> open_approval(record::Row& row, const program::Flow& flow, flow::StateId state, int64_t entry);
    Result<std::vector<record::Row*>> holders(program::RoleId role);
    Result<record::Row*> nearest(program::RoleId role, record::Row& user);
    Result<void> finish_approval(record::Row& row, const program::Flow& flow, flow::StateId state, int64_t entry,
                                 flow::EventId event);
    // Who asked for this approval: the actor of the command that opened its tasks.
    Result<std::string> asked_by(const task::Task& task);
    Result<void> cancel_tasks(record::Row& row, const program::Flow& flow, flow::StateId state, int64_t entry);
    Result<std::string> digest_of(record::Row& row, const program::Approval& approval);
    Result<std::vector<program::FieldId>> locked_fields(record::Row& row);
    // timers.cpp
    struct Arming {
        record::Row* row;
        const program::Flow* flow;
        const program::Timer* timer;
        int64_t entry;
    };
    // From where a timer counts, and when it fires first.
    struct Moment {
        int64_t base_us = 0, due_us = 0;
    };
    // A state that is entered notes its timers; they are armed with what the record is at the end of the command.
    Result<void> arm(record::Row& row, const program::Flow& flow, const program::Timer& timer, int64_t entry);
    Result<void> arm_timers();
    Result<void> move_timers(record::Row& row);
    Result<std::optional<Moment>> moment_of(record::Row& row, const program::Flow& flow, const program::Timer& timer,
                                            int64_t entered_us, bool before);
    Result<int64_t> after_pace(int64_t from_us, const program::Pace& pace, record::Row* row, std::string_view at);
    Result<int64_t> times_of(const program::Operand& times, bool repeats, record::Row* row, std::string_view at);
    Result<Value> evaluate_before(const feel::Expression& expression, record::Row& row);
    const program::Timer* timer_of(const timer::Timer& timer, const record::Row& row, const program::Flow** flow) const;
    Result<bool> plan_next(const timer::Timer& timer, const program::Timer& definition, record::Row& row);
    Result<int64_t> next_time(const program::Pace& pace, int64_t from_us, bool coalesce, record::Row* row,
                              std::string_view at);
    Result<bool> moved_on(const timer::Timer& timer, const program::Flow& flow, const program::Timer& definition,
                          record::Row& row);
    Result<Fired> fire_flow(const timer::Timer& timer, record::Row& row);
    Result<Fired> fire_send(const timer::Timer& timer, record::Row& row);
    Result<Fired> fire_approval(const timer::Timer& timer, record::Row& row);
    flow::StateId approval_of(const timer::Timer& timer, const record::Row& row, const program::Flow** flow);
    Result<bool> recompute_approval(const timer::Timer& timer, record::Row& row);
    // migrate.cpp
    Result<void> move_timers_of(record::Row& row, const FlowMove& move, const std::vector<timer::Timer>& pending,
                                const flow::Configuration& active, const std::vector<int64_t>& entries);
    Result<void> move_tasks_of(record::Row& row, const FlowMove& move, const flow::Configuration& active,
                               const std::vector<int64_t>& entries);
    // reminders.cpp
    Result<void> arm_approval(record::Row& row, const program::Flow& flow, flow::StateId state, int64_t entry,
                              int64_t due_us);
    Result<Fired> fire_reminder(const timer::Timer& timer, record::Row& row, const program::Flow& flow,
                                flow::StateId state);
    Result<void> approval_timeout(record::Row& row, const program::Flow& flow, flow::StateId state,
                                  const timer::Timer& timer);
    Result<void> overdue(const program::Approval& approval, const timer::Timer& timer);
    Result<void> ask_later(record::Row& row, const program::Approval& approval, int64_t entry);
    Result<void> ask_again(record::Row& row, const program::Flow& flow, flow::StateId state, const timer::Timer& timer);
    Result<bool> to_next_level(record::Row& row, const program::Approval& approval, const timer::Timer& timer,
                               std::vector<task::Task>& opened);
    Result<void> to_managers(record::Row& row, const program::Approval& approval, const timer::Timer& timer,
                             std::vector<task::Task>& opened);
    // schedules.cpp
    const program::Rule* rule_of(const timer::Timer& timer) const;
    Result<bool> plan_schedule(const timer::Timer& timer, const program::Rule& rule);
    Result<Fired> fire_schedule(const timer::Timer& timer);
    Result<Fired> fire_sweep(const timer::Timer& timer);
    Result<record::Row*> next_of_sweep(const timer::Timer& timer, const program::Rule& rule);
    // sla.cpp
    Result<void> settle_slas();
    Result<bool> run_slas(bool first);
    Result<bool> run_sla(record::Row& row, const program::Sla& sla, timer::SlaClock* clock);
    Result<bool> restart_sla(record::Row& row, const program::Sla& sla, timer::SlaClock& clock);
    Result<void> begin_sla(record::Row& row, const program::Sla& sla, int64_t entry);
    Result<void> plan_sla(record::Row& row, const program::Sla& sla, timer::SlaClock& clock);
    Result<int64_t> worked(record::Row& row, const program::Sla& sla, const timer::SlaClock& clock);
    Result<void> breach(record::Row& row, const program::Sla& sla, timer::SlaClock& clock);
    Result<bool> holds(const program::ExpressionPtr& expression, record::Row& row);
    Result<bool> became(const program::ExpressionPtr& expression, record::Row& row);
    Result<Fired> fire_sla(const timer::Timer& timer, record::Row& row);
    Result<bool> recompute_sla(const timer::Timer& timer, record::Row& row);
    // conclude.cpp
    Result<void> check_end_state();
    Result<void> cancel_tasks_of_deleted();
    Result<void> check_states_of(record::Row& row);
    Result<void> check_states(record::Row& row);
    bool shown_changed(const record::Row& row, program::FieldId field) const;
    Result<void> check_roles();
    Result<void> write_log(std::string_view command_json);
    Result<void> outcome_json(Outcome& outcome, record::Row* target);
    void note_cause(std::string text) { causes_.push_back(std::move(text)); }
    void undo();
    Result<void> take_back();
    bool can_take_back() const;

    Engine& engine_;
    const program::Program& program_;
    store::Connection& connection_;
    Actor& actor_;
    Arena& arena_;
    bool nested_;
    bool open_ = false;
    int64_t now_us_ = 0;
    std::unique_ptr<record::Records> records_;
    std::vector<Value> locals_;
    Fifo<Queued> queue_;
    Fifo<Queued> internal_;
    std::map<std::pair<const record::Row*, uint32_t>, FlowMemory> memories_;
    std::vector<ToInvoke> to_invoke_;  // of states entered in this macrostep
    bool jumping_ = false;             // an administrator's command: no criteria are asked
    bool failing_ = false;             // what is left now is left because something in it went wrong
    uint64_t sends_later_ = 0;         // delayed sends so far, for their names
    std::vector<StateChange> state_changes_;
    std::unordered_map<const record::Row*, std::vector<RuleMemory>> rule_memory_;
    size_t rule_row_ = 0, rule_next_ = 0;  // where asking the rules goes on: of touched(), and in its entity's rules
    size_t eventless_row_ = 0;
    uint64_t events_ = 0;  // processed so far
    std::vector<Arming> arming_;
    std::vector<std::pair<record::Row*, uint32_t>> moved_;               // by a deployment
    std::vector<std::pair<const record::Row*, uint32_t>> sla_restarts_;  // one a command
    std::vector<Refusal> refusals_;
    const record::Row* target_ = nullptr;
    std::vector<std::string> causes_, drawn_;
    const record::Row* asked_row_ = nullptr;  // whose approval this command decides
    Asker asked_{};
    std::vector<task::Task> opened_tasks_;
    std::vector<outbox::Item> sent_;  // calls and notices; the first of them are in the file
    size_t sent_written_ = 0;         // … so many
    bool with_batch_ = false;
    bool by_hand_ = false;  // what conclude() writes has no savepoint: take_back() undoes it
    int64_t logged_ = 0;    // the sequence under which it is logged; 0: not yet
    Error host_error_;
    bool has_host_error_ = false;
    std::vector<journal::Segment> more_segments_;
    bool heard_ = false;
    bool people_changed_ = false;
    bool quiet_ = false;
    bool erasing_ = false;
    bool effects_ = false;  // something was written besides entity rows
    std::string definition_;
};

}  // namespace leat::engine
