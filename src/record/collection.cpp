// Collections: records.X[…] as FEEL asks for them.

#include "record/parts.hpp"
#include "record/statements.hpp"
#include "record/translate.hpp"

namespace leat::record {

using feel::ast::Node;

// The order and bounds of a part into the statement; false where SQL has another order than FEEL, or a key is empty
// somewhere: comparing with null makes FEEL's sort null.
static Result<bool> arrange(Records::Parts& parts, Translator& translator, const feel::CollectionQuery& query,
                            query::Select& select) {
    for (const auto& key : query.order) {
        auto through = key.through < 0 ? program::kNone : static_cast<FieldId>(key.through);
        auto column = translator.ordered(key.field, through);
        if (!column) return false;
        select.order.push_back({*column, key.descending});
    }
    if (query.limit != UINT64_MAX) {
        if (query.limit > INT64_MAX || query.skip > INT64_MAX) return false;
        select.limit = static_cast<int64_t>(query.limit);
        select.offset = static_cast<int64_t>(query.skip);
    }
    if (query.order.empty()) return true;
    query::Select empty;
    empty.table = select.table;
    empty.columns = {"id"};
    empty.limit = 1;
    query::Predicate any;
    any.op = query::Op::any;
    for (const auto& order : select.order) {
        query::Predicate null;
        null.op = query::Op::equal;
        null.left.column = order.column;
        any.children.push_back(std::move(null));
    }
    empty.where.children = {select.where, std::move(any)};
    std::string sql;
    std::vector<query::Parameter> parameters;
    query::print(empty, sql, parameters);
    LEAT_TRY(auto statement, parts.connection.prepare(sql));
    query::bind(statement, parameters);
    LEAT_TRY(bool found, statement.step());
    return !found;
}

bool Records::query(const feel::CollectionQuery& query, std::span<const Value> parameters, feel::Frame&, Value& out) {
    Parts& parts = *parts_;
    const EntityPlan& plan = parts.plan(query.entity);
    auto parameter = [&](const Node* node) -> std::optional<Value> {
        for (size_t i = 0; i < query.parameters.size(); ++i) {
            if (query.parameters[i] == node) return parameters[i];
        }
        return std::nullopt;
    };
    Translator translator(program_, *parts.plans, query.entity, Subject::item, parameter, arena_);
    Translation translation = translator.translate(query.filter);
    if (query.part && !translation.exact) return false;
    query::Select select = select_of(plan);
    select.where = std::move(translation.predicate);
    out = Value();
    bool answered = translation.exact;
    bool counted = translation.exact && query.want == feel::CollectionQuery::Want::count;
    auto run = [&]() -> Result<Value> {
        LEAT_CHECK(flush_all(*this, query.entity, translation.through));
        if (query.part) {
            for (const auto& key : query.order)
                if (key.through >= 0) LEAT_CHECK(flush(plan.entity.fields[static_cast<size_t>(key.through)].to));
            LEAT_TRY(answered, arrange(parts, translator, query, select));
            if (!answered) return Value();
        }
        if (counted) {
            select.count = true;
            std::string sql;
            std::vector<query::Parameter> bound;
            query::print(select, sql, bound);
            LEAT_TRY(auto statement, connection_.prepare(sql));
            query::bind(statement, bound);
            LEAT_TRY(bool found, statement.step());
            return Value::number(Decimal(found ? statement.integer(0) : 0));
        }
        LEAT_TRY(auto rows, rows_of(parts, select, plan));
        if (rows.size() > parts.limits.list_items_max)
            throw LimitError("limit.list", "a list holds more items than allowed");
        if (query.part && rows.empty()) answered = false;
        Value* items = arena_.array<Value>(rows.size());
        for (size_t i = 0; i < rows.size(); ++i) items[i] = parts.value_of(*rows[i]);
        return Value::list(items, rows.size());
    };
    auto answer = run();
    if (!answer) {
        parts.fail(std::move(answer.error()));
        return true;  // with a null: the command ends with the error
    }
    out = *answer;
    return answered;
}

}  // namespace leat::record
