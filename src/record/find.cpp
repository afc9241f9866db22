// Rows found by what they hold.
#include "record/parts.hpp"

namespace leat::record {

Result<std::vector<int64_t>> Records::find_ids(EntityId entity, std::span<const FieldId> fields,
                                               std::span<const Value> values, int64_t limit) {
    LEAT_CHECK(flush(entity));
    const EntityPlan& plan = parts_->plan(entity);
    query::Select select;
    select.table = plan.entity.table;
    select.columns = {"id"};
    select.limit = limit;
    for (size_t i = 0; i < fields.size(); ++i) {
        const program::Field& field = plan.entity.fields[fields[i]];
        query::Predicate equal;
        equal.op = query::Op::equal;
        equal.left.column = query::Column{column_name(field), {}, {}};
        equal.right.parameter = to_column(program_, field, values[i], arena_);
        select.where.children.push_back(std::move(equal));
    }
    std::string sql;
    std::vector<query::Parameter> parameters;
    query::print(select, sql, parameters);
    LEAT_TRY(auto statement, connection_.prepare(sql));
    query::bind(statement, parameters);
    std::vector<int64_t> ids;
    while (true) {
        LEAT_TRY(bool found, statement.step());
        if (!found) return ids;
        ids.push_back(statement.integer(0));
    }
}

}  // namespace leat::record
