// report: questions over the records that an actor may read: filtered, grouped, measured, sorted, cut.
//
// run() reads through record::Records and an AccessScope and writes nothing. What the actor may not read does not come
// out by way of a sum either: a column whose expression reads a hidden field is hidden as a whole (SEMANTICS 5).
// Measures are ordinary FEEL over the list `rows`. Start reading at run().
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "program/program.hpp"
#include "query/access_scope.hpp"
#include "record/records.hpp"

namespace leat::report {

struct Column {
    std::string name;
    std::string title;   // in the asked language; the name where there is none
    std::string format;  // money, percent, number, date, duration; "": as it is
    std::string type;    // of its values, in words: "number", "string", "record" …
    bool measure = false;
    bool hidden = false;  // it reads what the actor may not: all its values are null
};

// Values live in the arena of the records.
struct Table {
    std::string name, title;
    std::vector<Column> columns;           // groups, then measures
    std::vector<std::vector<Value>> rows;  // one value a column
    uint64_t records = 0;                  // that were read
};

// The report's parameters from a JSON object, as the context `params`. Errors: usage "report.param" naming the
// parameter, what it wants and which ones there are.
Result<Value> parameters(record::Records& records, const program::Report& report, const Json& params);

// Errors: the parameters', limits, the store's.
Result<Table> run(record::Records& records, const program::Report& report, const Json& params,
                  const query::AccessScope& scope, std::string_view language);

// {"report":…,"title":…,"columns":[{name,title,format,type,measure,hidden}],"rows":[{column: value}]}; records as keys.
Result<std::string> to_json(record::Records& records, const Table& table);
// A header of names, then a line a row; records as keys, hidden columns "hidden".
Result<std::string> to_csv(record::Records& records, const Table& table);

}  // namespace leat::report
