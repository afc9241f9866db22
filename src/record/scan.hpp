// How a reader goes through the records of an entity: which, in which order, from where on, and what he will read of
// them, so that it is fetched for many at once.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "feel/expression.hpp"
#include "program/program.hpp"
#include "query/select.hpp"

namespace leat::record {

// A field of a record, or of the record that its reference `through` points at.
struct Path {
    program::FieldId field = 0;
    program::FieldId through = program::kNone;
    bool operator==(const Path&) const = default;
};

struct SortKey {
    Path path;
    bool descending = false;
};

// Where a page ended: the columns of the sort keys, as SQLite has them, and the id.
struct Position {
    std::vector<query::Parameter> keys;
    int64_t id = 0;
};

struct ScanOptions {
    const feel::Expression* where = nullptr;  // over the record; nullptr: every record
    const Value* locals = nullptr;
    std::vector<std::string> search;             // each text is in some field of the entity's full text
    program::FieldId pointing = program::kNone;  // only rows whose reference points at the record `target`
    int64_t target = 0;
    std::vector<SortKey> order;            // none: creation order. Paths that Records::sorts() takes
    Position after;                        // with as many keys as `order`; id 0 and no keys: from the start
    std::vector<program::FieldId> wanted;  // references and lists that will be read of each
    int64_t page_rows = 500;               // a statement
};

// A statement over an entity as a reader may have it, and what of it must be asked again row by row.
struct Prepared {
    query::Select select;
    bool nothing = false;  // nobody's right: there is no row for this reader
    bool where_exact = true, access_exact = true, search_exact = true;
    bool where_shown = true;  // all that the condition reads is the reader's to read, in every row
    std::vector<program::EntityId> through;
    bool exact() const { return where_exact && access_exact && search_exact && where_shown; }
};

// A part of a condition that runs in the engine, and why.
struct InEngine {
    uint32_t begin = 0, end = 0;  // bytes of the expression's text
    std::string why;
};

// What became of a collection or a condition: the statement, how SQLite would run it, and what the engine does itself.
struct QueryPlan {
    program::EntityId entity = 0;
    std::string sql;
    std::vector<std::string> steps;  // of EXPLAIN QUERY PLAN
    std::vector<InEngine> in_engine;
};

}  // namespace leat::record
