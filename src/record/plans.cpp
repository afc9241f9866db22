// What becomes of collections and conditions: the statements, how SQLite would run them, and what is left to the
// engine.
#include <algorithm>

#include "feel/ast.hpp"
#include "record/statements.hpp"

namespace leat::record {

using feel::TypeKind;
using feel::ast::Node;
using feel::ast::NodeKind;

namespace {

// Stands for a value that is known only when the query runs: of its type, so that the statement has its shape.
Value example(const Node* node) {
    if (!node->type) return Value();
    switch (node->type->kind) {
        case TypeKind::boolean:
            return Value::boolean(true);
        case TypeKind::number:
            return Value::number(Decimal(1));
        case TypeKind::string:
            return Value::string("?");
        case TypeKind::date:
            return Value::of(*Date::parse("2026-01-01"));
        case TypeKind::date_time:
            return Value::of(*DateTime::parse("2026-01-01T00:00:00Z"));
        case TypeKind::record:
            return Value::record_of(node->type->class_id, 1);
        default:
            return Value();
    }
}

std::string key_text(const program::Program& program, uint32_t entity, const feel::CollectionQuery::Key& key) {
    const auto& fields = program.entities[entity].fields;
    if (key.through < 0) return "'" + fields[key.field].name + "'";
    const auto& reference = fields[static_cast<size_t>(key.through)];
    return "'" + reference.name + "." + program.entities[reference.to].fields[key.field].name + "'";
}

// Of one query: its statement (without the rows' values) and what is left.
Translation translated(const program::Program& program, PlanCache& plans, const feel::CollectionQuery& query,
                       Arena& arena, query::Select& select, std::vector<InEngine>& left) {
    auto parameter = [](const Node* node) { return std::optional<Value>(example(node)); };
    // A subtree with the item in it has no value before the query.
    auto independent = [&](const Node* node) -> std::optional<Value> {
        const auto& all = query.parameters;
        if (std::find(all.begin(), all.end(), node) == all.end()) return std::nullopt;
        return parameter(node);
    };
    Translator translator(program, plans, query.entity, Subject::item, independent, arena);
    Translation out = translator.translate(query.filter);
    for (const Node* node : out.left) left.push_back({node->begin, node->end, translator.why_not(node)});
    for (const auto& key : query.order) {
        auto through = key.through < 0 ? program::kNone : static_cast<FieldId>(key.through);
        auto column = translator.ordered(key.field, through);
        if (column)
            select.order.push_back({*column, key.descending});
        else
            left.push_back({0, 0, "the order by " + key_text(program, query.entity, key) + " is FEEL's own"});
    }
    if (query.part && query.limit != UINT64_MAX) {
        select.limit = static_cast<int64_t>(std::min<uint64_t>(query.limit, INT64_MAX));
        select.offset = static_cast<int64_t>(std::min<uint64_t>(query.skip, INT64_MAX));
    }
    return out;
}

// Under a query for a part there is one for the whole, which runs where the part cannot.
bool superseded(const std::vector<std::unique_ptr<feel::CollectionQuery>>& queries,
                const feel::CollectionQuery& query) {
    return std::any_of(queries.begin(), queries.end(), [&](const auto& other) {
        bool more =
            other->order.size() > query.order.size() || (other->limit != UINT64_MAX && query.limit == UINT64_MAX);
        return other.get() != &query && other->part && more && other->entity == query.entity &&
               other->filter == query.filter;
    });
}

}  // namespace

static Result<QueryPlan> planned(store::Connection& connection, const query::Select& select, EntityId entity,
                                 std::vector<InEngine> left) {
    QueryPlan out;
    out.entity = entity;
    out.in_engine = std::move(left);
    std::vector<query::Parameter> parameters;
    query::print(select, out.sql, parameters);
    LEAT_TRY(auto statement, connection.prepare("EXPLAIN QUERY PLAN " + out.sql));
    query::bind(statement, parameters);
    while (true) {
        LEAT_TRY(bool found, statement.step());
        if (!found) return out;
        out.steps.emplace_back(statement.text(3));
    }
}

Result<std::vector<QueryPlan>> Records::plans_of(const feel::Expression& expression, bool condition, EntityId entity,
                                                 const query::AccessScope& scope) {
    Parts& parts = *parts_;
    std::vector<QueryPlan> out;
    if (condition) {
        parts.plan(entity);
        ScanOptions options;
        options.where = &expression;
        LEAT_TRY(Prepared prepared, prepare(entity, options, scope));
        std::vector<InEngine> left;
        auto none = [](const Node*) { return std::optional<Value>(); };
        auto parameter = [&](const Node* node) { return known(*this, node, parts.locals_or_empty(nullptr)); };
        Translator words(program_, *parts.plans, entity, Subject::self, none, arena_);
        Translator translator(program_, *parts.plans, entity, Subject::self, parameter, arena_);
        for (const Node* node : translator.translate(expression.tree()).left)
            left.push_back({node->begin, node->end, words.why_not(node)});
        auto length = static_cast<uint32_t>(expression.source().text.size());
        if (!prepared.where_shown)
            left.push_back({0, length, "it reads what may be hidden from the reader: asked row by row"});
        if (!prepared.access_exact) left.push_back({0, 0, "the reader's rights on rows are asked row by row"});
        if (prepared.nothing) left.push_back({0, 0, "no role of the reader may read any record"});
        LEAT_TRY(QueryPlan plan, planned(connection_, prepared.select, entity, std::move(left)));
        out.push_back(std::move(plan));
    }
    for (const auto& query : expression.queries()) {
        if (superseded(expression.queries(), *query)) continue;
        const EntityPlan& shape = parts.plan(query->entity);
        query::Select select = select_of(shape);
        std::vector<InEngine> left;
        Translation translation = translated(program_, *parts.plans, *query, arena_, select, left);
        select.where = std::move(translation.predicate);
        if (query->want == feel::CollectionQuery::Want::count && translation.exact) select.count = true;
        LEAT_TRY(QueryPlan plan, planned(connection_, select, query->entity, std::move(left)));
        out.push_back(std::move(plan));
    }
    return out;
}

std::vector<Uncompiled> uncompiled(const program::Program& program) {
    std::vector<Uncompiled> out;
    PlanCache plans(program);
    Arena arena;
    for (const auto& use : program.collections) {
        const std::string& text = use.expression->source().text;
        for (const auto& query : use.expression->queries()) {
            if (superseded(use.expression->queries(), *query)) continue;
            query::Select select;
            std::vector<InEngine> left;
            translated(program, plans, *query, arena, select, left);
            for (const InEngine& one : left)
                out.push_back(
                    {use.span, one.end > one.begin ? text.substr(one.begin, one.end - one.begin) : text, one.why});
        }
    }
    return out;
}

}  // namespace leat::record
