// Flows, steps, approvals, rules, SLAs, messages and connectors, compiled.
#pragma once
#include <optional>

#include "approval/approval.hpp"
#include "calendar/cron.hpp"
#include "flow/chart.hpp"
#include "program/entity.hpp"
#include "rule/agenda.hpp"

namespace leat::program {

// Places of Frame::locals that always exist; a block's own names (`as`, `let`) follow from kFirstLocal.
enum LocalSlot : uint32_t {
    kEvent = 0,      // the payload: a context
    kOld = 1,        // the record before this command (rules): a record value whose row holds the old fields
    kActor = 2,      // a record of `user`, or null for the system
    kParams = 3,     // report and notice parameters: a context
    kRows = 4,       // of a report's group: a list of records
    kCandidate = 5,  // of an assignment: a record of `user`
    kFirstLocal = 6,
};

// A value that is either constant or computed.
struct Operand {
    ExpressionPtr expression;  // nullptr: `constant`
    Value constant;
    bool present = false;
    std::unique_ptr<feel::Template> text;  // where the key is a text: a template
    bool fails = false;                    // SCXML's dialect: this does not compile; asking it is error.execution
};

// How long, or until when: a duration, or the next moment of a schedule by the clock on the wall.
struct Pace {
    Operand duration;
    std::optional<calendar::Cron> cron;
    uint32_t calendar = 0;  // of the schedule, index + 1: only its working days count; 0: none
    std::string text;       // as written
    bool present() const { return cron || duration.present; }
};

struct Step;
using Steps = std::vector<Step>;

struct StepAssignment {
    FieldId field = kNone;  // of the target entity; kNone for `with` and `let`, which have names
    std::string name;
    uint32_t local = kNone;  // let: its slot
    uint32_t datum = kNone;  // set: of Flow::data, instead of a field
    Operand value;
};

enum class StepKind : uint8_t {
    set,
    let,
    create,
    append,
    update,
    delete_,
    foreach,
    if_,
    raise,
    send,
    log,
    task,
    notify,
    call,
    assign,
    assert_,
    cancel_send,
    block,
    compensate,
    draw,
};

struct Step {
    StepKind kind = StepKind::set;
    std::string at;           // "sales_flow.signed.entry[1]"
    EntityId entity = kNone;  // create: which; append/update: of the target
    ExpressionPtr target;     // append: the owner record; update/delete: record or list; foreach: list; if/assert:
                              // condition; notify/task: receiver (a user, a list of users, a role name, or a text)
    FieldId list = kNone;     // append: the owner's list field; draw: the series field
    RoleId role = kNone;      // notify/task: a role as receiver
    std::vector<StepAssignment> assignments;
    std::vector<std::pair<FieldId, FieldId>> copy;        // create: from a field here to a field there
    std::vector<std::pair<FieldId, FieldId>> copy_lists;  // create: owned lists copied line by line
    uint32_t local = kNone;                               // as
    flow::EventId event = kNone;                          // raise
    std::string name;           // send: event name; call: connector.operation; notify: notice name; assign: assignment
    uint32_t number = kNone;    // call: operation; notify: notice; assign: assignment
    Operand due, after, text;   // task, send; task title / notify text / log text
    LocalizedTemplate message;  // assert
    LocalizedTemplate title;    // task title, notify text
    Steps do_, then, else_;
    Span span;
    uint32_t flow = kNone;                  // of a flow's own steps
    uint32_t to_flow = kNone;               // send: only to this flow of the receiver (`flow.event`)
    bool to_parent = false;                 // send: to the flow that invoked this one
    uint32_t to_invoke = kNone;             // send: to what this one of Flow::invokes started
    Operand id;                             // send, cancel_send
    bool fails = false;                     // SCXML's dialect: this step cannot be done; trying is error.execution
    Operand event_name, to, type, content;  // SCXML's send
    uint32_t as_datum = kNone, index_datum = kNone, id_datum = kNone;  // of Flow::data
    uint32_t index = kNone;                                            // foreach: a local
    std::string index_name;                                            // its name; the item's is `name`
    flow::StateId state = flow::kNone;  // compensate: only what this state declared; kNone: all
    uint32_t undo = kNone;              // call: number into Flow::undos
    uint32_t locals_end = 0;            // call with undo: the locals that its undo may read
};

enum class EventOrigin : uint8_t { declared, approval, timer, done, internal };

struct Event {
    std::string name;
    Titles title;
    EventOrigin origin = EventOrigin::declared;
    std::vector<RoleId> allow;  // roles that may send it
    ExpressionPtr allow_if;     // or a condition over record and actor
    bool anybody_declared =
        false;  // declared in `events:` at all; with neither roles nor condition only the engine sends it
    std::vector<Field> payload;  // fields[i].id == i within the payload
    feel::TypeRef payload_type = nullptr;
    flow::StateId state = flow::kNone;  // timer, done, approval: the state it belongs to
};

// What a timer does of firings that were missed: each of them, one for all, or those not later than a duration.
enum class OnLate : uint8_t { each, coalesce, within };

struct Timer {
    std::string name;  // unique in the flow: "discovery.stalled"
    flow::StateId state = 0;
    flow::EventId event = 0;  // the event that its firing raises for transitions
    Pace wait;                // counted from entering the state, or from `since`
    ExpressionPtr at;         // or an instant/date
    ExpressionPtr since;      // counts from here instead of from entering the state
    Pace repeat;
    Operand times;  // how often in all; absent: once, or with `repeat` until the state is left
    OnLate late = OnLate::each;
    Operand late_most;           // within: a duration
    std::vector<FieldId> reads;  // of the record by `at`, `since` and `for`: with one of them it moves
    bool wait_moves = false;     // `for` reads some of them
    bool elsewhere = false;      // they depend on more than the record: settings, the clock, other records
};

// What a rule that runs by itself goes by.
struct Schedule {
    Pace pace;
    std::optional<int64_t> start_us;  // of the first time; else one pace after deployment
    int64_t times = INT64_MAX;
    std::string text;  // as written: another text begins anew
};

enum class OnTimeout : uint8_t { none, approve, reject, escalate, expire };
enum class OnEmpty : uint8_t { incident, approve, reject };
enum class OnSelf : uint8_t { manager, skip, allow, forbid };

// Who is asked.
struct ApprovalBy {
    std::vector<RoleId> roles;  // literal roles
    ExpressionPtr role;         // or an expression that gives a role
    ExpressionPtr near;         // the nearest holder up the department tree of this user
    ExpressionPtr users;        // or users
    ExpressionPtr manager_of;   // or managers above this user
};

// Who decides alone when those before have let their time pass.
struct Escalation {
    ApprovalBy to;
    Operand within;  // absent: as long as the approval's
    std::string at;
};

struct Approval : ApprovalBy {
    approval::Policy policy;
    Operand within, remind;
    std::vector<Escalation> escalate;
    OnTimeout timeout = OnTimeout::none;
    OnEmpty empty = OnEmpty::incident;
    OnSelf self = OnSelf::manager;
    bool comment_on_refusal = true;
    ExpressionPtr forbid;        // users who may not decide
    std::vector<FieldId> shown;  // fields whose digest is recorded and which are locked while it is pending
    std::string at;
};

struct TransitionPart {
    ExpressionPtr guard;        // nullptr: always
    LocalizedTemplate message;  // why not, for people
    Steps steps;
    bool skip_criteria = false;
    bool guard_fails = false;  // SCXML's dialect: asking the guard is error.execution
    std::string at;            // "sales_flow.signed.on.pay[1]"
    Span span;
};

// Something a flow remembers beside its record's fields. Its value is in Frame::locals while the flow runs.
struct Datum {
    std::string name;
    uint32_t local = kNone;
    Operand initial;
    flow::StateId state = 0;  // `binding: late` gives it its value when this state is first entered
};

// A child flow or connector operation that runs while a state is active.
struct Invoke {
    std::string at;
    flow::StateId state = 0;
    uint32_t number = 0;        // of this flow's invokes
    std::string id;             // "": STATE.NUMBER
    uint32_t id_datum = kNone;  // SCXML's idlocation
    uint32_t flow = kNone;      // the child flow, or
    uint32_t operation = kNone;
    std::vector<StepAssignment> input;  // by name: data or fields of the child, or the operation's input
    Operand type;                       // SCXML's
    bool autoforward = false;
    Steps finalize;
    ExpressionPtr foreach_;  // several instances: a list
    uint32_t local = kNone;  // as
    std::string as;          // its name
    bool sequential = false;
    ExpressionPtr complete_if;  // over `instances`, `completed`, `active`, `results`: locals from counts_local on
    uint32_t counts_local = kNone;
    flow::EventId done = flow::kNone, error = flow::kNone;
    uint32_t undo = kNone;  // into Flow::undos
    uint32_t locals_end = 0;
    Span span;
};

// What undoes something that was done, and where it was declared.
struct Undo {
    std::string at;
    flow::StateId state = flow::kNone;
    Steps steps;
};

struct StatePart {
    std::string name;
    std::string was;  // what it was called before; "": the same
    Titles title;
    FieldId state_field = kNone, since_field = kNone;  // of a compound state with a column of its own
    std::string outcome;                               // of a final state: "lost" …; "" done
    std::vector<Criterion> entry_criteria, exit_criteria;
    Steps entry, exit;
    std::unique_ptr<Approval> approval;
    // Events that this state's approval raises; kNone without an approval. An event that no transition hears is there
    // all the same. An approval whose `approved` no transition hears completes its state: the chart then gives the
    // state two children NAME.pending and NAME.approved (final), whose parts are empty.
    flow::EventId approved = kNone, rejected = kNone, returned = kNone, withdrawn = kNone, expired = kNone;
    std::vector<uint32_t> timers;  // numbers into Flow::timers
    std::vector<std::pair<FieldId, FieldRight>> fields;
    std::vector<FieldId> required_fields;  // `required` in the state's fields
    std::vector<uint32_t> invokes;         // into Flow::invokes
    std::vector<StepAssignment> donedata;  // of a final state
    Operand donedata_content;
    uint32_t undo = kNone;  // into Flow::undos: what undoes having been here
    Span span;
};

struct Flow {
    std::string name;
    std::string was;  // what it was called before; "": the same
    uint32_t id = 0;
    std::string digest;                                  // of what the definitions say of it; titles do not count
    int64_t pinned = 0;                                  // a former version, by its number; 0: of this application
    uint32_t current = 0;                                // of a former version: the flow as it is now; else `id`
    std::vector<std::pair<int64_t, uint32_t>> versions;  // former ones that records run on: number, place in `flows`
    FieldId version_field = kNone;
    Titles title;
    EntityId entity = 0;
    FieldId state_field = kNone, since_field = kNone, entries_field = kNone, configuration_field = kNone;
    FieldId data_field = kNone;  // JSON of what it remembers: data, history, children, undo; kNone: it never does
    flow::Chart chart;
    std::vector<StatePart> states;            // parallel to chart.states
    std::vector<TransitionPart> transitions;  // parallel to chart.transitions
    std::vector<Event> events;                // index is flow::EventId
    std::vector<Timer> timers;
    bool flat = true;                   // every state is a child of the root: state_field says all
    bool scxml = false;                 // events are any text, errors are events (for conformance)
    bool late = false;                  // binding: late
    bool invoked = false;               // starts only as somebody's child
    flow::EventId start = flow::kNone;  // the event that starts it; kNone: creation does
    bool pure = false;                  // has an entity of its own, made for it
    std::vector<Datum> data;
    uint32_t system_local = kNone;  // SCXML's sessionid, name and ioprocessors are three locals from here
    std::vector<Invoke> invokes;
    std::vector<Undo> undos;
    // A declared event (`events:`) by name; flow::kNone: none. Events of the engine's namespace are never found.
    flow::EventId find_event(std::string_view event_name) const;
};

struct Rule {
    rule::RuleShape shape;
    uint32_t id = 0;
    EntityId entity = kNone;       // kNone: a rule on a schedule or a message, without a record
    std::vector<FieldId> changed;  // trigger changed: any of these; empty: any field
    ExpressionPtr condition;       // becomes; every: the records that it runs for
    std::optional<Schedule> every;
    uint32_t message = kNone;
    uint32_t flow = kNone;  // entered, left
    flow::StateId state = flow::kNone;
    ExpressionPtr if_;
    Steps steps;
    std::string at;
};

struct Sla {
    std::string name;
    uint32_t id = 0;
    Titles title;
    EntityId entity = 0;
    ExpressionPtr start, stop, pause, resume, cancel, reset;
    Operand within;                     // a duration
    std::vector<FieldId> reads;         // of the record by `within`: with one of them the deadline moves
    std::vector<int32_t> warn_percent;  // ascending
    Steps on_warning, on_breach;
    std::string at;
};

struct Message {
    std::string name;
    uint32_t id = 0;
    std::vector<Field> payload;
    feel::TypeRef payload_type = nullptr;
    ExpressionPtr to;  // a record, or a list of at most one; nullptr: only rules take it
    EntityId entity = kNone;
    std::string event;            // sent to the record; "": only rules take it
    std::vector<uint32_t> rules;  // `when: {message: …}`, in firing order
    std::string from;             // the connector it comes through; "": not said
    Operand expires;              // a duration; absent: kept for ever
};

struct Operation {
    std::string name;  // "erp.create_order"
    std::vector<Field> input;
};

struct Notice {
    std::string name;
    Titles title;
    std::vector<std::string> channels;
    LocalizedTemplate subject, text;
    std::vector<Field> params;
};

struct AssignmentPool {
    RoleId role = kNone;
    ExpressionPtr if_;
};
struct Assignment {
    std::string name;
    EntityId entity = 0;
    FieldId field = kNone;
    std::vector<AssignmentPool> pools;
    ExpressionPtr load;  // least_loaded: a number for each `candidate`
};

}  // namespace leat::program
