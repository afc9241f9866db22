// The order that SQLite gives columns, for what the engine orders itself: nulls, then numbers, then texts by bytes.
#pragma once
#include <compare>

#include "query/select.hpp"

namespace leat::report {

inline std::strong_ordering in_column_order(const query::Parameter& a, const query::Parameter& b) {
    if (a.kind != b.kind) return a.kind <=> b.kind;
    if (a.kind == query::Parameter::Kind::integer) return a.integer <=> b.integer;
    if (a.kind == query::Parameter::Kind::null) return std::strong_ordering::equal;
    int order = a.text.compare(b.text);
    return order <=> 0;
}

}  // namespace leat::report
