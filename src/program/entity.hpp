// Entities, fields and access, compiled.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "feel/expression.hpp"
#include "feel/regex.hpp"
#include "program/text.hpp"

namespace leat::program {

using EntityId = uint32_t;
using FieldId = uint32_t;  // the field's place in the row
using RoleId = uint32_t;
inline constexpr uint32_t kNone = UINT32_MAX;
using ExpressionPtr = std::unique_ptr<feel::Expression>;

// The first places of every row. Declared fields follow in declared order, then the columns of the entity's flows.
enum BuiltIn : FieldId {
    kId = 0,         // integer, the rowid
    kKey = 1,        // text; equals the id's text where the entity declares no key
    kVersion = 2,    // sequence of the last log row that touched the record; the version that callers may expect
    kCreatedAt = 3,  // instants
    kCreatedBy = 4,  // key of a user, or "system"
    kUpdatedAt = 5,
    kUpdatedBy = 6,
    kFirstField = 7,
};

enum class FieldKind : uint8_t {
    string,
    text,
    integer,
    decimal,
    money,
    boolean,
    date,
    time,
    datetime,
    duration,
    enumeration,
    ref,
    list,
    role,
    file,
    json,
};

// Its word in definitions: "enum", "ref".
const char* kind_name(FieldKind kind);

enum class Origin : uint8_t {
    built_in,
    declared,
    state,          // of a flow: the root's active child, as text; read-only
    since,          // of a flow: when that state was entered
    entries,        // of a flow: counts entries; voids stale timers
    configuration,  // of a flow with nesting: active atomic states as text, separated by spaces; null when it is just
                    // `state`
    owner,          // of a line: the record that owns it
    flow_data,      // of a flow that remembers: data, history, children, undo, as JSON
    flow_version,   // of a flow: the version that the record runs on; null: the first
};

enum class FormulaKind : uint8_t {
    none,
    row,       // over this row (of a line: also its owner): stored
    roll_up,   // over owned lists and declared reverse lists: stored
    computed,  // over other entities, settings, dated decisions or the clock: virtual, made on reading
};

// A part of a key's or a series' template: "OPP-{yyyy}{MM}-{seq:5}", "{product.sku}@{warehouse.code}". Sequences are
// drawn inside the command, gapless, per prefix (what the other parts make).
struct KeyPart {
    enum class Kind : uint8_t { literal, year4, year2, month, day, sequence, expression };
    Kind kind = Kind::literal;
    std::string literal;
    uint32_t width = 0;        // sequence: at least so many digits
    ExpressionPtr expression;  // over the record
};

// What a reference says to the deletion of the record that it names.
enum class OnDelete : uint8_t {
    restrict,  // refused
    cascade,   // this record goes, too
    clear,     // the reference becomes empty
};

struct Field {
    std::string name;
    FieldId id = 0;
    Titles title, description;
    FieldKind kind = FieldKind::string;
    Origin origin = Origin::declared;
    feel::TypeRef type = nullptr;
    bool stored = true;  // has a column; false: lists with lines, reverse lists, computed formulas
    bool required = false;
    bool unique = false;
    bool personal = false;
    int scale = 0;         // decimal, money
    int digits = 0;        // numbers: in all; 0: as many as an integer column takes (18)
    bool wide = false;     // a number of more than 18 digits: its column is TEXT, not comparable in SQL (SEMANTICS 8)
    std::string unit;      // what a number counts, for people ("kg")
    std::string currency;  // money: a code
    FieldId currency_field = kNone;
    const feel::EnumType* enumeration = nullptr;
    std::vector<Titles> enumeration_titles;                            // of enumeration->items
    std::vector<std::pair<std::string, std::string>> enumeration_was;  // former value, its item now
    std::string was;                                                   // what it was called before; "": the same
    EntityId to = kNone;                      // ref: its target; list: the entity of its records
    FieldId by = kNone;                       // list: the ref field over there that points here
    OnDelete on_delete = OnDelete::restrict;  // ref, list of refs
    bool owned = false;                       // list: lines live and die with this record
    FieldKind item_kind = FieldKind::string;  // list of scalars: stored as JSON
    bool scalar_list = false;

    FormulaKind formula_kind = FormulaKind::none;
    ExpressionPtr formula;
    std::string computed_because;  // computed: what it reads, for messages
    uint32_t rank = 0;             // of a stored formula: lower ones are computed first, over all entities
    ExpressionPtr default_value;   // constant or expression
    ExpressionPtr required_if, visible_if, readonly_if;
    std::optional<Decimal> minimum, maximum, exclusive_minimum, exclusive_maximum;
    std::optional<uint32_t> min_length, max_length, min_items, max_items;
    std::string format;                          // email, phone, uri …: see record/text_forms.hpp
    std::string pattern;                         // ECMAScript's, as written
    std::shared_ptr<const feel::Regex> matcher;  // of the pattern
    std::vector<KeyPart> series;                 // text: numbers are drawn for it; empty: it is no series
    NullReason empty;                            // what a null of this field says; rows hold pointers to it
    Span span;
};

// Something stored must be recomputed when something else changes.
struct Dependent {
    enum class Path : uint8_t {
        self,        // the same row
        lines,       // every line (rows of `entity` whose `by` is this row)
        referenced,  // the row that this row's field `by` points at (owner of a line, target of a reverse list)
    };
    Path path = Path::self;
    EntityId entity = 0;  // of the formula
    FieldId field = 0;
    FieldId by = kNone;
};

struct Criterion {
    ExpressionPtr condition;        // or
    std::vector<FieldId> required;  // fields that must not be empty
    ExpressionPtr if_;
    LocalizedTemplate message;    // may be empty: the engine makes one
    std::vector<FieldId> fields;  // that the condition reads: named in refusals
    std::string id;               // the author's own, "" none
    std::string at;               // "sales_flow.discovery.exit_criteria[1]"
    Span span;
};

enum class FieldRight : uint8_t { none, mask, read, write };
struct AccessRule {
    RoleId role = 0;
    ExpressionPtr add, read, write, delete_, export_, print, share;  // nullptr: no right
    std::vector<std::pair<FieldId, FieldRight>> fields;
};

// Records whose fields are alike may be one thing twice: candidates are listed, people decide.
struct DuplicateRule {
    std::vector<FieldId> match;         // all of them must be alike; an empty one is like none
    std::optional<Decimal> similarity;  // of trigrams, 0 … 1; none: the same once spelling is set aside
    ExpressionPtr if_;                  // of both records
    std::string id;                     // the author's own, "" none
    std::string at;                     // "customer.duplicates[1]"
};

// Fields that a form shows together.
struct FormGroup {
    Titles title;
    std::vector<FieldId> fields;
};

struct Entity {
    std::string name;  // of a line entity: "opportunity.lines"; its table is "opportunity_lines"
    std::string table;
    std::string was;  // what it was called before; "": the same
    EntityId id = 0;
    Titles title;
    bool built_in = false;        // user, department
    EntityId owner = kNone;       // of a line entity
    FieldId owner_field = kNone;  // in this entity, the ref to the owner
    FieldId owner_list = kNone;   // in the owner, the list
    std::vector<Field> fields;    // fields[i].id == i
    std::map<std::string, FieldId, std::less<>> field_by_name;
    std::unique_ptr<feel::Template> key;  // always nullptr: key_parts says it
    std::string key_source;               // "OPP-{yyyy}{MM}-{seq:5}"; "": the id's text
    std::vector<KeyPart> key_parts;       // of key_source; empty: the id's text, or `explicit_key`
    bool explicit_key = false;            // user, department: whoever creates one gives the key
    std::string display;                  // a field name; "" the key
    FieldId display_field = kKey;
    std::vector<std::vector<FieldId>> unique;
    std::vector<std::vector<FieldId>> indexes;
    std::vector<Criterion> constraints;
    std::vector<FieldId> search;  // of the full text; empty: none is kept
    std::vector<DuplicateRule> duplicates;
    std::vector<AccessRule> access;
    bool shareable = false;       // some rule has `share`
    std::vector<FormGroup> form;  // fields in none of them follow the last one
    std::vector<uint32_t> flows;  // of this entity
    std::vector<uint32_t> rules;  // in firing order
    std::vector<uint32_t> slas;
    std::vector<FieldId> formulas;                   // stored ones, by rank
    std::vector<FieldId> computed;                   // virtual ones, in dependency order
    std::vector<FieldId> series;                     // fields that are drawn from one
    std::vector<std::vector<Dependent>> dependents;  // by changed field id
    std::vector<Dependent> row_dependents;           // when a row appears, disappears or changes its parent
    Span span;

    const Field* find(std::string_view field_name) const {
        auto at = field_by_name.find(field_name);
        return at == field_by_name.end() ? nullptr : &fields[at->second];
    }
};

}  // namespace leat::program
