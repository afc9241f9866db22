// program: a model compiled. Every name resolved, every expression typed, every table indexed; immutable afterwards and
// shared freely between threads. Knows no database (column types are its words, SQL is not).
//
// Start reading at load(); entity.hpp and flow.hpp are what the engine runs.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/digest.hpp"
#include "base/limits.hpp"
#include "calendar/calendar.hpp"
#include "decision/graph.hpp"
#include "decision/table.hpp"
#include "model/model.hpp"
#include "program/entity.hpp"
#include "program/flow.hpp"
#include "program/report.hpp"
#include "program/scorecard.hpp"

namespace leat::program {

struct Role {
    std::string name;
    Titles title;
    std::vector<RoleId> includes;  // all of them, transitively, itself first
    bool impersonate = false;      // whoever holds it may open a session as somebody else
};

struct SettingValue {
    int64_t valid_from_days = INT64_MIN;
    Value value;
};
struct Setting {
    std::string name;
    Titles title;
    feel::TypeRef type = nullptr;
    FieldKind kind = FieldKind::string;
    int scale = 0;
    std::vector<SettingValue> values;  // as defined, by date; the file may hold later ones
    std::vector<RoleId> allow;
};

// Another decision that one needs, itself or through others: answered before it, once.
struct Requirement {
    struct Source {
        bool field = false;  // of the record; else a place among the asking decision's inputs and answers
        uint32_t index = 0;
    };
    uint32_t decision = 0;
    std::vector<Source> values;  // of its inputs and of what it requires in turn
};

// A decision: a table, a boxed expression or a scorecard. Its locals, from kFirstLocal on, are its inputs and then the
// answers of its requirements. decide.hpp asks it.
struct Decision {
    std::string name;
    Titles title;
    EntityId entity = kNone;  // `of`; kNone: called with its inputs
    std::vector<Field> inputs;
    std::vector<Requirement> requirements;  // in an order in which they can be answered
    std::vector<Field> outputs;
    std::unique_ptr<decision::Table> table;
    ExpressionPtr logic;
    std::unique_ptr<Scorecard> scorecard;
    feel::TypeRef type = nullptr;  // of the answer
    feel::Reads reads;             // of all of that, what it requires included
    bool dated = false;            // has valid_from, valid_to or as_of: the answer depends on a date
    bool service = false;          // asks other decisions together
    bool input_defaults = false;   // some input has a default, which stands in for null
    Span span;
};

// A decision table inside a boxed expression: a function of the names that it reads there.
struct EmbeddedTable {
    std::unique_ptr<decision::Table> table;
};

// What a Binding::function number stands for.
struct Function {
    // in_state: whether the record is in a state, known in its flows' own expressions. model: a decision or service of
    // a DMN model. under: whether a record lies below another in the tree that its entity's references to itself make.
    enum class Kind : uint8_t { decision, formula, host, table, in_state, model, under };
    Kind kind = Kind::decision;
    std::string name;                  // empty: a table in a box, which no text can name
    uint32_t number = 0;               // of the decision, embedded table, or element of the models
    std::vector<feel::Member> params;  // formula: its parameters are locals from kFirstLocal on
    ExpressionPtr formula;
    std::vector<uint32_t> inputs;  // model: the elements that the parameters are values of
    feel::TypeRef type = nullptr;  // the function's type
};

struct Source {
    std::string name;
    std::string text;
    bool root = true;  // false: read because another source names it (include, CSV files)
};

// How records of an older version become those of this one; compiled against both at deployment.
struct Migration {
    struct Set {
        std::string entity, field;
        Text formula;  // over the record as it was
        Span span;
    };
    std::string name;
    std::vector<std::string> from;                             // versions, or hashes and beginnings of them; empty: any
    std::vector<std::pair<std::string, std::string>> renames;  // "order.note", "remark"
    std::vector<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>> maps;  // flow; old, new state
    std::vector<Set> sets;
    std::string timers;  // keep, restart, rescale
    Span span;
};

// Until when records of an entity keep what is personal in them; then it is erased.
struct Retention {
    EntityId entity = 0;
    Operand wait;         // a duration …
    ExpressionPtr since;  // … from this date or moment on, else from the record's last change
    ExpressionPtr if_;    // of records for which this is true
    std::string at;
    Span span;
};

// A flow as a former version of the application had it.
struct PinnedFlow {
    std::string flow;    // as it is called now
    std::string former;  // as it was called then
    int64_t version = 0;
    std::vector<Source> sources;  // of that version
};

// Class ids of object values.
enum ObjectClass : uint32_t { kRecordsObject = 0, kSettingsObject = 1 };

// An expression that reads collections, records.X[…], and where it is.
struct CollectionUse {
    const feel::Expression* expression = nullptr;
    Span span;
};

// The field whose references make a tree of the entity's records: `parent` of departments, `manager` of users, else the
// only one that refers to the entity itself; kNone: there is none, or several.
FieldId tree_field(const Entity& entity);

class Program {
 public:
    Program();
    ~Program();

    std::string app_name, app_version, language, currency;
    Titles title;
    value::Zone time_zone;
    Rounding rounding = Rounding::half_up;
    std::vector<Entity> entities;
    std::vector<Flow> flows;
    std::vector<Rule> rules;
    std::vector<Sla> slas;
    std::vector<Decision> decisions;
    std::vector<EmbeddedTable> embedded_tables;
    std::unique_ptr<decision::Graph> models;  // DMN models; nullptr: none
    std::vector<Function> functions;
    std::vector<std::string> phrases;  // names of models' decisions and inputs that are several words
    std::vector<Role> roles;
    std::vector<Setting> settings;
    std::vector<calendar::Calendar> calendars;
    std::vector<Message> messages;
    std::vector<Operation> operations;
    std::vector<Notice> notices;
    std::vector<Report> reports;
    std::vector<Assignment> assignments;
    std::vector<Migration> migrations;
    std::vector<Retention> retentions;
    Operand keep_log;  // a duration: older rows of the log go into archives; absent: nothing is said
    std::vector<CollectionUse> collections;  // what record::uncompiled() judges
    uint32_t locals_max = kFirstLocal;       // places that Frame::locals must have
    EntityId user = kNone;                   // the built-in entity of people

    base::Digest hash{};               // of all sources: the definition hash
    std::vector<Source> sources_text;  // what was read, files included, in order
    base::Sources sources;
    std::vector<Diagnostic> warnings;

    const Entity* find_entity(std::string_view name) const;
    const Flow* find_flow(std::string_view name) const;
    const Role* find_role(std::string_view name, RoleId* id = nullptr) const;
    const Setting* find_setting(std::string_view name, uint32_t* index = nullptr) const;
    const Report* find_report(std::string_view name) const;
    const Message* find_message(std::string_view name) const;
    uint32_t find_decision(std::string_view name) const;  // kNone: none
    // The flow that a record runs: the one with this number, or the former version of it that its row names.
    const Flow& flow_of(uint32_t number, const Value* fields) const {
        const Flow& flow = flows[number];
        return flow.versions.empty() ? flow : former_of(flow, fields);
    }

    // Constants, enum types and FEEL types live as long as the program.
    Arena arena;
    mutable feel::Types types;  // grows only while somebody holds a scope_of()
    std::vector<std::unique_ptr<feel::EnumType>> enumerations;

    // A scope for expressions compiled later (ad-hoc conditions, `leat feel`): names of one entity's record (kNone:
    // none) and `actor`. It holds the program's lock on types while it lives: compile, then let go of it in the same
    // thread. The compiled expression may outlive it, not the program.
    std::unique_ptr<feel::Scope> scope_of(EntityId entity) const;

 private:
    const Flow& former_of(const Flow& flow, const Value* fields) const;
    mutable std::recursive_mutex scope_mutex_;
};

// What the names of a former version's sources begin with, in messages.
inline constexpr std::string_view kFormerSource = "version ";

struct LoadOptions {
    Limits limits;
    bool strict = false;             // warnings become errors
    std::vector<Source> importable;  // DMN models of which those are read that a model imports
    std::vector<PinnedFlow> pinned;  // former versions of flows that records run on
};

// Compiles a model. nullptr after at least one error; warnings are kept in the program. `models`, whose decisions
// formulas may call, become the program's.
std::unique_ptr<Program> compile(const model::Model& model, base::Sources sources, const LoadOptions& options,
                                 Diagnostics& diagnostics, std::unique_ptr<decision::Graph> models = nullptr);

}  // namespace leat::program
