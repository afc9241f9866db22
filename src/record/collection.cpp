// Collections: records.X[…] as FEEL asks for them, and scans whose rows leave.
#include <algorithm>

#include "record/parts.hpp"
#include "record/translate.hpp"

namespace leat::record {

using feel::Binding;
using feel::ast::Node;
using feel::ast::NodeKind;

namespace {

constexpr int64_t kPageRows = 500;

query::Select select_of(const EntityPlan& plan) {
    query::Select select;
    select.table = plan.entity.table;
    select.columns = plan.names;
    return select;
}

Result<void> flush_all(Records& records, EntityId entity, const std::vector<EntityId>& through) {
    LEAT_CHECK(records.flush(entity));
    for (EntityId other : through) LEAT_CHECK(records.flush(other));
    return {};
}

}  // namespace

static Result<std::vector<Entry*>> rows_of(Records::Parts& parts, const query::Select& select, const EntityPlan& plan) {
    std::string sql;
    std::vector<query::Parameter> parameters;
    query::print(select, sql, parameters);
    LEAT_TRY(auto statement, parts.connection.prepare(sql));
    query::bind(statement, parameters);
    std::vector<Entry*> out;
    while (true) {
        LEAT_TRY(bool found, statement.step());
        if (!found) return out;
        LEAT_TRY(Entry * row, parts.read(plan, statement));
        out.push_back(row);
    }
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
    Translation translation =
        Translator(program_, *parts.plans, query.entity, Subject::item, parameter, arena_).translate(query.filter);
    query::Select select = select_of(plan);
    select.where = std::move(translation.predicate);
    out = Value();
    bool counted = translation.exact && query.want == feel::CollectionQuery::Want::count;
    auto run = [&]() -> Result<Value> {
        LEAT_CHECK(flush_all(*this, query.entity, translation.through));
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
    return translation.exact;
}

// What a condition over `this` reads besides the record, where it is known before the query: locals and their members.
static std::optional<Value> known(Records& records, const Node* node, const Value* locals) {
    if (node->kind == NodeKind::name) {
        if (node->binding.kind == Binding::Kind::local) return locals[node->binding.index];
        return std::nullopt;
    }
    if (node->kind != NodeKind::member) return std::nullopt;
    const Node* object = node->children[0];
    std::optional<Value> of;
    if (object->kind == NodeKind::name && object->binding.kind == Binding::Kind::object)
        of = Value::object_of(object->binding.index);
    else
        of = known(records, object, locals);
    if (!of) return std::nullopt;
    if (of->is_null()) return of;
    if (node->by_index && (of->kind == Kind::record || of->kind == Kind::object)) {
        feel::Frame frame;
        return records.member(*of, node->index, frame);
    }
    if (of->kind != Kind::context) return std::nullopt;
    const Value* member = of->context->find(node->text);
    return member ? *member : Value();
}

Result<void> Records::scan(EntityId entity, const feel::Expression* where, const Value* locals,
                           const query::AccessScope& scope, const std::function<bool(Row&)>& visit, int64_t after_id) {
    Parts& parts = *parts_;
    const EntityPlan& plan = parts.plan(entity);
    locals = parts.locals_or_empty(locals);
    query::Select select = select_of(plan);
    Translation condition;
    if (where) {
        auto parameter = [&](const Node* node) { return known(*this, node, locals); };
        condition =
            Translator(program_, *parts.plans, entity, Subject::self, parameter, arena_).translate(where->tree());
        select.where.children.push_back(condition.predicate);
    }
    bool ask_access = !scope.sees_everything();
    if (ask_access && plan.entity.owner == program::kNone) {
        const Value* actor = parts.access_locals(scope);
        auto parameter = [&](const Node* node) { return known(*this, node, actor); };
        query::Predicate any;
        any.op = query::Op::any;
        bool exact = true;
        for (const auto& rule : plan.entity.access) {
            if (!scope.has(rule.role) || !rule.read) continue;
            Translation one = Translator(program_, *parts.plans, entity, Subject::self, parameter, arena_)
                                  .translate(rule.read->tree());
            exact = exact && one.exact;
            any.children.push_back(std::move(one.predicate));
            condition.through.insert(condition.through.end(), one.through.begin(), one.through.end());
        }
        if (any.children.empty()) return {};  // no role grants anything
        select.where.children.push_back(std::move(any));
        ask_access = !exact;
    }
    if (parts.error) return *parts.error;
    LEAT_CHECK(flush_all(*this, entity, condition.through));
    select.limit = kPageRows;
    while (true) {
        select.after_id = after_id;
        LEAT_TRY(auto rows, rows_of(parts, select, plan));
        for (Entry* row : rows) {
            after_id = row->id;
            if (ask_access && !parts.may(*row, scope, &program::AccessRule::read)) continue;
            if (where && !condition.exact) {
                feel::Frame running = frame(row, locals, &where->reads());
                if (!where->evaluate(running).is_true()) continue;
            }
            if (parts.error) return *parts.error;
            if (!visit(*row)) return {};
        }
        if (parts.error) return *parts.error;
        if (static_cast<int64_t>(rows.size()) < kPageRows) return {};
    }
}

}  // namespace leat::record
