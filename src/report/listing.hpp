// listing: a reader's question over one entity, as a JSON object: which records, in which order, page by page, with
// which fields; or groups of them with counts, sums and averages. What is hidden from the reader is null in all of it:
// it matches nothing, orders as empty and is in no sum (SEMANTICS 5).
//
// Where the condition and the reader's rights have SQL shapes, SQLite orders, pages and sums; else the engine does,
// with the same answer. Start reading at answer().
#pragma once
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "program/program.hpp"
#include "query/access_scope.hpp"
#include "record/records.hpp"

namespace leat::report {

// A condition over records of the entity, by an actor. Error: usage where.invalid with its diagnostics.
Result<std::unique_ptr<feel::Expression>> compile_condition(const program::Program& program, program::EntityId entity,
                                                            std::string_view where);

// {"where": FEEL, "search": text, "sort": ["-amount", "customer.name"], "limit": 50, "after": token, "fields": ["key",
// "amount", "customer.name"]}, all of it optional, answers {"records": […], "next": token or null}.
// {"group": ["region"], "measures": {"deals": "count", "total": "sum(amount)"}, "where", "search", "sort", "limit"}
// answers {"groups": [{"region": …, "deals": …, "total": …}]}. Errors: usage query.shape, query.field, query.sort,
// query.measure, query.search, query.after, where.invalid.
Result<std::string> answer(record::Records& records, const program::Entity& entity, std::string_view query_json,
                           const Value* locals, const query::AccessScope& scope);

}  // namespace leat::report
