// model: definitions as plain data, exactly as written (LANGUAGE.md section 8), every part with its source place.
//
// No meaning lives here: names are not resolved and expressions are text. `yaml` fills it from files, code may fill it
// by hand, `program` gives it meaning, `format` prints it. Optional parts are empty Texts, empty vectors or
// std::optional.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/diagnostic.hpp"

namespace leat::model {

// One text in one or several languages; a bare text has language "" (the app's own).
struct Localized {
    std::vector<std::pair<std::string, Text>> texts;
    bool empty() const { return texts.empty(); }
};

// A value of a key that is not a FEEL key: a literal, unless it was written with a leading "=" (which is cut).
struct Operand {
    Text text;
    bool is_expression = false;
    bool empty() const { return text.empty(); }
};

// Common to every section.
struct Section {
    Text name;  // "" for app
    Localized title;
    Localized description;
    Span span;  // of the whole section
};

struct App : Section {
    Text leat, app, version, language, timezone, currency, rounding;
    Operand keep_log;  // how long rows of the log stay in the database
    std::vector<Text> include;
};

struct Role : Section {
    std::vector<Text> includes;
    Text impersonate;
};

struct CalendarWeek {
    Text valid_from;          // empty: for all time
    Text days;                // "mon-fri", "sat"
    std::vector<Text> hours;  // "09:00-12:00"
};
struct CalendarException {
    Text date;
    std::vector<Text> hours;  // empty: a holiday
    bool workday = false;  // without hours of its own it has those of the week's first entry (the loader fills them in)
};
struct Calendar : Section {
    Text timezone;
    std::vector<CalendarWeek> week;
    Text exceptions_file;  // CSV: date,kind(holiday|workday)[,hours][,title]
    std::vector<CalendarException> exceptions;
};

struct SettingValue {
    Text valid_from;  // empty: a single value
    Operand value;
};
struct Setting : Section {
    Text type;
    std::vector<SettingValue> values;
    std::vector<Text> allow;
};

struct EnumValue {
    Text value;
    Localized title;
    Text was;  // what it was called before
};

struct Field : Section {
    Text type;
    bool type_implied = false;  // short form NAME: TYPE
    Text required, unique, personal;
    Text was;  // what it was called before
    Operand default_value;
    Text formula;
    Text minimum, maximum, exclusive_minimum, exclusive_maximum, min_length, max_length, min_items, max_items, pattern,
        format, scale, digits, currency, unit, series;
    std::vector<EnumValue> enumeration;
    Text to, of, by;
    Text on_delete;  // of a ref: restrict, cascade, clear
    Text required_if, visible_if, readonly_if;
    Text allowed;               // of a decision's input: unary tests that its values meet
    std::vector<Field> fields;  // of a list that owns its lines
};

struct Criterion {
    Text assert_;                // FEEL
    std::vector<Text> required;  // or fields that must not be empty
    Localized message;
    Text if_;
    Text id;
    Span span;
};

struct AccessField {
    Text field;
    Text right;  // none, mask, read, write
};
struct AccessRule {
    Text role;
    Text add, read, write, delete_, export_, print, share;  // FEEL conditions; empty: no right
    std::vector<AccessField> fields;
    Span span;
};

struct Index {
    std::vector<Text> fields;
};

// Records that may be the same thing twice (a matching rule).
struct DuplicateRule {
    std::vector<Text> match;  // fields that all must be alike
    Text similarity;          // 0 … 1; empty: the same but for spelling
    Text if_;
    Text id;
    Span span;
};

// Fields and constraints that several entities have: `uses` names it.
struct Mixin : Section {
    std::vector<Field> fields;
    std::vector<Criterion> constraints;
};

// What the definitions say to people in one more language: the texts at these paths.
struct Texts {
    Text language;
    std::vector<std::pair<Text, Text>> texts;  // path, text
};

// A part of the form of an entity: fields under a title, in this order.
struct FormGroup {
    Localized title;
    std::vector<Text> fields;
    Span span;
};

// How long records keep personal data.
struct Retention {
    Operand for_;
    Text since, if_;
    Span span;
    bool present = false;
};

struct Entity : Section {
    bool is_extend = false;
    Text was;  // what it was called before
    Text key;
    Text display;
    std::vector<Text> uses;
    std::vector<Field> fields;
    std::vector<Criterion> constraints;
    std::vector<Index> unique;
    std::vector<Index> index;
    std::vector<Text> search;  // fields of the full text
    std::vector<DuplicateRule> duplicates;
    std::vector<AccessRule> access;
    std::vector<FormGroup> form;
    Retention retention;
};

struct TableRow {
    std::vector<Text> cells;  // inputs, outputs, annotations in the header's order
    Span span;
};
struct TableColumn {
    enum class Kind : uint8_t { input, output, annotation };
    Kind kind = Kind::input;
    Text header;
};
// A boxed expression (DMN 1.5, 10.2.2) as written; feel/parts.hpp says what each kind's parts are.
struct DecisionTable;
struct Boxed {
    enum class Kind : uint8_t {
        expression,
        context,
        list,
        relation,  // names are the columns; children are lists, a row each
        invocation,
        function,
        conditional,
        filter,
        for_each,
        some,
        every,
        table,
        nothing,
    };
    Kind kind = Kind::nothing;
    Text text;  // of an expression; of an invocation: the callee
    Text type;  // declared; empty: none
    std::vector<Text> names;
    std::vector<Text> types;  // of a function's parameters
    std::vector<Boxed> children;
    std::shared_ptr<DecisionTable> table;
    Span span;
};
// A table inside another expression, or a DMN model's: columns carry their types and allowed values.
struct DecisionTable {
    struct Column {
        Text header;         // input: an expression; output: a name, empty where there is one
        Text type;           // empty: none
        Text allowed;        // unary tests; of an output in order of priority; empty: none
        Text default_value;  // output: FEEL
    };
    Text hit;  // as hit_name() has it: "collect sum"
    std::vector<Column> inputs, outputs;
    std::vector<TableRow> rows;         // cells: inputs, then outputs
    std::vector<std::string> comments;  // annotations, one a row or none
    Span span;
};

struct Decision : Section {
    Text of;
    std::vector<Field> inputs;  // without `of`
    std::vector<Field> outputs;
    std::vector<Text> requirements;  // `requires`: decisions whose answers are names in this one
    Text hit;
    Text as_of;
    Operand default_value;                                  // of one output, or of logic
    std::vector<std::pair<Text, Operand>> default_outputs;  // of several
    std::vector<TableColumn> columns;
    std::vector<TableRow> rows;
    Text file;                // CSV, read by the loader into columns and rows
    Boxed logic;              // instead of a table; nothing: none
    Text type;                // of logic's answer; empty: as it comes
    std::vector<Text> allow;  // findings of the load-time checks that are meant
};

// A scorecard (PMML's words): the points of the first attribute that each characteristic's value meets, added up.
struct ScoreAttribute {
    Text when;    // unary tests
    Text points;  // FEEL
    Localized reason;
    Span span;
};
struct Characteristic {
    Text name;
    Text input;     // FEEL; empty: the name
    Text baseline;  // what points are compared with for reasons; empty: the most points of its attributes
    Localized reason;
    std::vector<ScoreAttribute> attributes;
    Span span;
};
struct ScoreBand {
    Text name;
    Text when;  // unary tests of the score
};
struct Scorecard : Section {
    Text of;
    std::vector<Field> inputs;  // without `of`
    std::vector<Text> requirements;
    Text initial;  // FEEL; empty: 0
    std::vector<Characteristic> characteristics;
    std::vector<ScoreBand> bands;
    Text reasons;  // how many, at most; empty: none
    std::vector<Text> allow;
};

// Decisions that are asked together: one answers its value, several a context of them.
struct Service : Section {
    std::vector<Text> decisions;
};

struct Step;
using Steps = std::vector<Step>;

struct Assignment {
    Text field;
    Operand value;
};

// One step; `kind` says which of the parts are used. The names are the keys of LANGUAGE section 8.
struct Step {
    enum class Kind : uint8_t {
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
        cancel_send,
        log,
        task,
        notify,
        invite,
        call,
        document,
        assign,
        draw,
        run,
        assert_,
        block,       // an error ends only the block it is in (SCXML's several onentry)
        compensate,  // runs what was declared to undo what is done
    };
    Kind kind = Kind::set;
    Span span;
    Operand target;  // create: entity; append/update/delete: FEEL; raise/send: event; call: connector.operation;
                     // task/notify: title/receiver; foreach: list; if: condition; assert: condition; log: text
    std::vector<Assignment> assignments;  // set, let, create/append/update `set`, call/notify `with`
    std::vector<Text> copy;
    Text as;
    Text index;        // foreach: counts from 1; under SCXML's dialect from 0
    Text id_location;  // send: data that takes the id
    Steps do_, then, else_, compensate;
    Operand to, due, after, text, id, notice, type, content;
    Localized message;  // assert
};

struct Transition {
    Operand target;                  // empty: targetless
    std::vector<Text> more_targets;  // of a list: one in each of several regions
    Text guard;
    Localized message;
    Steps do_;
    Text criteria;  // "skip"
    Text reenter;
    Text event;  // of an `on` written as a list
    Span span;
};

struct EventTransitions {
    Text event;  // or a delay's name or duration under `after`; empty under `always`
    std::vector<Transition> transitions;
};

struct ApproveBy {
    std::vector<Operand> roles;  // literal role names, or one expression giving a role
    Text near;
    Text manager_of;
    Operand until;
    Operand levels;
    Operand users;
};
// One level of an escalation chain.
struct Escalation {
    ApproveBy to;
    Operand within;
    Span span;
};
struct Approve {
    ApproveBy by;
    Text mode;  // any, all, vote, sequence
    Text pass;
    Operand within, remind;
    std::vector<Escalation> escalate;
    Text timeout, self, repeated, empty, comment;
    std::vector<Text> forbid, allow, cc;
    std::vector<AccessField> fields;
    bool has_return = false;
    std::vector<Text> return_to;
    Text return_redo, return_siblings;
    Span span;
};

struct Invoke {
    Text src;
    std::vector<Assignment> input;
    std::optional<Transition> on_done, on_error;
    Text id, id_location;
    Operand type;
    Text autoforward;
    Steps finalize;     // on each event from the child, before transitions are chosen
    Text foreach_, as;  // several instances: one an item
    Text sequential;    // one after another
    Text complete_if;   // enough are done: the others are cancelled
    Steps compensate;   // undoes it once it is done
    Span span;
};

struct Datum {
    Text name;
    Text value;  // FEEL
};

struct State : Section {
    Text was;   // what it was called before
    Text type;  // "", parallel, final, history
    Text history;
    Text initial;
    std::optional<Transition> initial_transition;  // instead: several or deeper targets, or with steps
    std::vector<Datum> data;
    std::vector<Assignment> donedata;
    Operand donedata_content;  // instead of names: one value
    Steps compensate;
    Text outcome;
    Text field;
    std::vector<State> states;
    std::vector<Criterion> entry_criteria, exit_criteria;
    std::vector<AccessField> fields;
    Steps entry, exit;
    std::vector<EventTransitions> on;
    std::vector<Transition> always;
    std::vector<EventTransitions> after;
    std::vector<Invoke> invoke;
    std::optional<Approve> approve;
    std::optional<Transition> on_done, on_error;
};

struct Event {
    Text name;
    Localized title;
    std::vector<Text> allow;  // roles
    Text allow_if;            // FEEL, from `allow: = …`
    std::vector<Field> payload;
};

struct Delay {
    Text name;
    Operand for_, repeat, times;
    Operand every;  // a duration, a cron schedule or an ISO 8601 repeat
    Text at, since;
    Text late;
};

struct Flow : Section {
    bool is_extend = false;
    std::string digest;  // of what it says, titles and `was` left out; set by the reader
    int64_t pinned = 0;  // a former version, by its number, for the records that run on it; 0: of this application
    Text was;            // what it was called before
    Text of, field, initial, dialect;
    Text start, binding;
    std::optional<Transition> initial_transition;
    std::vector<Datum> data;
    std::vector<Delay> delays;
    std::vector<Event> events;
    std::vector<State> states;
    std::vector<EventTransitions> on;
    std::optional<Transition> on_error;
};

struct Rule : Section {
    Text of;
    enum class When : uint8_t { created, changed, deleted, entered, left, becomes, message, every };
    When when = When::created;
    std::vector<Text> changed_fields;  // changed: [a, b]; empty with a bare `changed`
    Text argument;  // entered/left: state; becomes: FEEL; message: name; every: duration, schedule or repeat
    Text if_;
    Steps do_;
    Text order;
};

struct Sla : Section {
    Text of, start, cancel, pause, resume, stop, reset;
    Operand within;
    std::vector<Text> warn;  // "50%"
    Steps on_warning, on_breach;
};

struct Message : Section {
    std::vector<Field> payload;
    Operand to;
    Text send;
    Text expires;
    Text from;
};

struct ConnectorOperation {
    Text name;
    std::vector<Field> input, output;
    Text retry, unknown;
};
struct Connector : Section {
    std::vector<ConnectorOperation> operations;
};

struct Measure {
    Text name;
    Localized title;
    Text formula;
    Text format;
};
struct GroupBy {
    Text name;
    Text expression;
};
struct Report : Section {
    Text from;
    std::vector<Field> params;
    Text where;
    std::vector<GroupBy> group;
    std::vector<Measure> measures;
    std::vector<GroupBy> columns;
    std::vector<Text> sort;
    Text limit, kind;
    std::vector<Text> stages;
};

struct Notice : Section {
    std::vector<Text> channels;
    Localized subject, text;
    std::vector<Field> params;
};

struct Function : Section {
    std::vector<Field> params;
    Text returns;
    Text formula;  // neither this nor logic: a host look-up
    Boxed logic;
};

struct Pool {
    Text role, if_;
};
struct AssignmentSection : Section {
    Text of, field, pick, load, capacity, available;
    Operand otherwise;
    std::vector<Pool> pools;
};

// How records of an older version become those of this one.
struct MigrationMap {
    Text flow;
    std::vector<std::pair<Text, Text>> states;  // old, new
    Span span;
};
struct MigrationSet {
    Text entity;                                // as it is called now
    std::vector<std::pair<Text, Text>> fields;  // a field as it is called now, FEEL over the record as it was
};
struct Migration : Section {
    std::vector<Text> from;                     // versions or hashes; empty: any
    std::vector<std::pair<Text, Text>> rename;  // "order.note" to "remark"
    std::vector<MigrationMap> map;
    std::vector<MigrationSet> set;
    Text timers;  // keep, restart, rescale
};

struct TestCase : Section {
    Span body;  // read by the test runner
};

// A whole application: all sections of all files.
struct Model {
    App app;
    std::vector<Role> roles;
    std::vector<Calendar> calendars;
    std::vector<Setting> settings;
    std::vector<Entity> entities;
    std::vector<Mixin> mixins;
    std::vector<Texts> texts;
    std::vector<Decision> decisions;
    std::vector<Scorecard> scorecards;
    std::vector<Service> services;
    std::vector<Flow> flows;
    std::vector<Rule> rules;
    std::vector<Sla> slas;
    std::vector<Message> messages;
    std::vector<Connector> connectors;
    std::vector<Report> reports;
    std::vector<Notice> notices;
    std::vector<Function> functions;
    std::vector<AssignmentSection> assignments;
    std::vector<Migration> migrations;
    std::vector<Text> models;  // files of DMN models that `include` names, relative to the files that name them
};

}  // namespace leat::model
