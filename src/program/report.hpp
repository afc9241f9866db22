// Reports, compiled.
#pragma once
#include "program/entity.hpp"

namespace leat::program {

struct ReportColumn {
    std::string name;
    Titles title;
    ExpressionPtr expression;  // group: over one record; measure: over `rows`
    std::string format;        // money, percent, number, date, duration
};

struct Report {
    std::string name;
    Titles title;
    EntityId entity = 0;
    std::vector<Field> params;
    feel::TypeRef params_type = nullptr;
    ExpressionPtr where;
    std::vector<ReportColumn> group;  // empty: one row over all records
    std::vector<ReportColumn> measures;
    std::vector<std::pair<uint32_t, bool>> sort;  // column (groups first, then measures), descending
    std::optional<uint32_t> limit;
};

}  // namespace leat::program
