// query: the one printer of SQL over entity tables. A small typed tree in, a text with numbered parameters out; nobody
// else spells SELECT, UPDATE or CREATE for an entity. It knows columns and tables by name, and no definitions.
//
// Null follows FEEL (SEMANTICS 9): equality is IS, inequality IS NOT, orderings of a null are null; a collection's
// order is creation order, which is the order of ids. Start reading at Select and print(); table.hpp has the DDL and
// the writing statements; access_scope.hpp says in whose name a read happens.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace leat::query {

// A value as SQLite is given it. Texts are the caller's memory until the statement has run.
struct Parameter {
    enum class Kind : uint8_t { null, integer, text };
    Kind kind = Kind::null;
    int64_t integer = 0;
    std::string_view text;
    static Parameter of(int64_t value) { return {Kind::integer, value, {}}; }
    static Parameter of(std::string_view value) { return {Kind::text, 0, value}; }
};

// A column of the row, or of the row that its reference column `through` points at (one level, SEMANTICS 9).
struct Column {
    std::string_view name;
    std::string_view through;       // "": the row's own
    std::string_view target_table;  // where `through` points
};

struct Operand {
    std::optional<Column> column;  // nullopt: the parameter
    Parameter parameter;
};

enum class Op : uint8_t {
    all,     // children; none: true
    any,     // children; none: false
    negate,  // children[0]; three-valued
    equal,
    not_equal,  // never null
    less,
    less_equal,
    greater,
    greater_equal,  // null where a side is null
    truth,          // a boolean column itself
    contains,       // text in text, by code point and case
    starts_with,
    has_item,  // a column that holds a JSON array has the parameter among its items
    unknown,   // null: neither it nor its negation matches
    among,     // left is one of the JSON array of whole numbers at the right
    shared,    // the row is shared: left is the entity's name, right a JSON array of holders (share.hpp)
    like,      // text in text, whatever the case of its Latin letters: the right is a pattern with the escape '\'
    below,     // left, an id, is the right one or below it in a tree: children[0].left has the tree's table, and its
               // column of references to itself
    above,     // the other way round
    found,     // the full text (search.hpp) of the row's table has the right, a query of FTS5
};

struct Predicate {
    Op op = Op::all;
    Operand left, right;
    std::vector<Predicate> children;
};

// Nulls come before everything else, after it where the order descends.
struct Order {
    Column column;
    bool descending = false;
};

enum class Aggregate : uint8_t { rows, count, sum, min, max };  // rows: of the group; count: that are not null
struct Measure {
    Aggregate aggregate = Aggregate::rows;
    Column column;
};

struct Select {
    std::string_view table;
    std::vector<std::string_view> columns;  // empty with `count`
    bool count = false;                     // how many rows match
    // With measures: a row a group of equal columns, in the order of the groups; the columns of the groups come first.
    std::vector<Column> group;
    std::vector<Measure> measures;
    Predicate where;                  // default: every row
    std::optional<int64_t> after_id;  // rows with greater ids only
    std::vector<Order> order;         // ids ascending come last, and alone where this is empty
    std::optional<int64_t> limit;
    int64_t offset = 0;  // with a limit
};

// Appends the statement to `sql` and its parameters, in the order of ?1, ?2 …, to `parameters`.
void print(const Select& select, std::string& sql, std::vector<Parameter>& parameters);
// Binds them in order, from number `first`.
void bind(store::Statement& statement, const std::vector<Parameter>& parameters, int first = 1);

}  // namespace leat::query
