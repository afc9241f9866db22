// The tables of a program's entities, made or extended.
#include <set>

#include "query/search.hpp"
#include "query/table.hpp"
#include "record/plan_cache.hpp"
#include "record/records.hpp"
#include "record/share.hpp"
#include "record/table_of.hpp"

namespace leat::record {

using program::Entity;
using program::Field;
using program::FieldKind;
using query::ColumnDefinition;

namespace {

constexpr std::string_view kOwnTables =
    "CREATE TABLE IF NOT EXISTS leat_identity (entity TEXT PRIMARY KEY, last_id INTEGER NOT NULL) STRICT, WITHOUT "
    "ROWID;"
    "CREATE TABLE IF NOT EXISTS leat_column (table_name TEXT NOT NULL, column_name TEXT NOT NULL, entity TEXT NOT "
    "NULL, "
    "kind TEXT NOT NULL, scale INTEGER, currency TEXT, refers_to TEXT, title TEXT, PRIMARY KEY (table_name, "
    "column_name)) "
    "STRICT, WITHOUT ROWID;";

bool integer_column(FieldKind kind) {
    return kind == FieldKind::integer || kind == FieldKind::decimal || kind == FieldKind::money ||
           kind == FieldKind::boolean || kind == FieldKind::ref;
}

}  // namespace

ColumnDefinition column_of(const program::Program& program, PlanCache& plans, const Field& field) {
    ColumnDefinition column;
    column.name = column_name(field);
    column.type =
        integer_column(field.kind) && !field.wide ? ColumnDefinition::Type::integer : ColumnDefinition::Type::text;
    column.primary_key = field.id == program::kId;
    column.scale = field.scale;
    if ((field.kind == FieldKind::decimal || field.kind == FieldKind::money) && !field.wide)
        column.show = ColumnDefinition::Show::scaled;
    if (field.kind == FieldKind::ref) {
        column.references = program.entities[field.to].table;
        if (plans.of(field.to).has_key) column.show = ColumnDefinition::Show::key;
    }
    return column;
}

namespace {

// Declared indexes, the key, and what lists and uniqueness are found by. Uniqueness itself is checked at the end of a
// command, so these are plain indexes: half-built rows may be flushed.
void add_indexes(const EntityPlan& plan, query::TableDefinition& table) {
    const Entity& entity = plan.entity;
    std::set<std::string> names;
    auto add = [&](const std::vector<program::FieldId>& fields, bool unique) {
        query::IndexDefinition index;
        index.name = table.name;
        for (program::FieldId field : fields) {
            if (plan.column_of[field] < 0) return;
            index.columns.emplace_back(column_name(entity.fields[field]));
            index.name += "_" + index.columns.back();
        }
        index.unique = unique;
        index.name += "_i";
        if (names.insert(index.name).second) table.indexes.push_back(std::move(index));
    };
    if (plan.has_key) add({program::kKey}, true);
    for (const Field& field : entity.fields) {
        if (field.unique || plan.parent_of[field.id]) add({field.id}, false);
    }
    for (const auto& fields : entity.unique) add(fields, false);
    for (const auto& fields : entity.indexes) add(fields, false);
}

}  // namespace

query::TableDefinition table_of(const program::Program& program, PlanCache& plans, const Entity& entity) {
    const EntityPlan& plan = plans.of(entity.id);
    query::TableDefinition table;
    table.name = entity.table;
    for (program::FieldId field : plan.columns)
        table.columns.push_back(column_of(program, plans, entity.fields[field]));
    add_indexes(plan, table);
    return table;
}

namespace {

Result<std::set<std::string>> existing_columns(store::Connection& connection, const std::string& table) {
    std::set<std::string> out;
    LEAT_TRY(auto statement, connection.prepare("SELECT name FROM pragma_table_info(?1)"));
    statement.bind(1, table);
    while (true) {
        LEAT_TRY(bool found, statement.step());
        if (!found) return out;
        out.emplace(statement.text(0));
    }
}

Result<void> describe(const program::Program& program, store::Connection& connection, const Entity& entity,
                      const EntityPlan& plan) {
    for (program::FieldId id : plan.columns) {
        const Field& field = entity.fields[id];
        std::string_view kind = program::kind_name(field.kind);
        LEAT_TRY(auto statement,
                 connection.prepare("INSERT OR REPLACE INTO leat_column (table_name, column_name, entity, kind, scale, "
                                    "currency, refers_to, title) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"));
        statement.bind(1, entity.table);
        statement.bind(2, column_name(field));
        statement.bind(3, entity.name);
        statement.bind(4, kind);
        // What a TEXT column holds needs no scale to be read.
        bool scaled = !field.wide && (field.kind == FieldKind::decimal || field.kind == FieldKind::money);
        if (scaled)
            statement.bind(5, static_cast<int64_t>(field.scale));
        else
            statement.bind_null(5);
        if (field.currency.empty())
            statement.bind_null(6);
        else
            statement.bind(6, field.currency);
        if (field.kind == FieldKind::ref)
            statement.bind(7, program.entities[field.to].table);
        else
            statement.bind_null(7);
        std::string_view title = field.title.in(program.language);
        if (title.empty())
            statement.bind_null(8);
        else
            statement.bind(8, title);
        auto done = statement.step();
        if (!done) return std::move(done.error());
    }
    return {};
}

// The full text is made anew where its fields are others than before.
Result<void> create_search(store::Connection& connection, const Entity& entity) {
    std::vector<std::string_view> columns;
    for (program::FieldId id : entity.search) columns.push_back(column_name(entity.fields[id]));
    std::string wanted = columns.empty() ? "" : query::print_create_search(entity.table, columns);
    std::string known;
    {
        LEAT_TRY(auto statement, connection.prepare(query::print_search_definition()));
        std::string name = query::search_table(entity.table);
        statement.bind(1, name);
        LEAT_TRY(bool found, statement.step());
        if (found) known = statement.text(0);
    }
    if (known == wanted) return {};
    LEAT_CHECK(connection.execute(query::print_drop_search(entity.table)));
    if (wanted.empty()) return {};
    LEAT_CHECK(connection.execute(wanted));
    LEAT_CHECK(connection.execute(query::print_search_triggers(entity.table, columns)));
    return connection.execute(query::print_rebuild_search(entity.table));
}

}  // namespace

Result<void> create_entity_tables(const program::Program& program, store::Connection& connection) {
    PlanCache plans(program);
    LEAT_CHECK(connection.execute(kOwnTables));
    LEAT_CHECK(connection.execute(kShareTable));
    // All tables before any view: a view shows the keys of other tables.
    for (const Entity& entity : program.entities) {
        query::TableDefinition table = table_of(program, plans, entity);
        LEAT_TRY(auto existing, existing_columns(connection, table.name));
        LEAT_CHECK(connection.execute(query::print_drop_view(table)));
        if (existing.empty()) {
            LEAT_CHECK(connection.execute(query::print_create_table(table)));
        } else {
            for (const ColumnDefinition& column : table.columns) {
                if (!existing.count(column.name))
                    LEAT_CHECK(connection.execute(query::print_add_column(table, column)));
            }
        }
        for (const auto& index : table.indexes) LEAT_CHECK(connection.execute(query::print_create_index(table, index)));
        LEAT_CHECK(describe(program, connection, entity, plans.of(entity.id)));
        LEAT_CHECK(create_search(connection, entity));
    }
    for (const Entity& entity : program.entities)
        LEAT_CHECK(connection.execute(query::print_create_view(table_of(program, plans, entity))));
    return {};
}

Result<void> forget_searched(const program::Program& program, store::Connection& connection) {
    for (const Entity& entity : program.entities)
        if (!entity.search.empty()) LEAT_CHECK(connection.execute(query::print_merge_search(entity.table)));
    return {};
}

}  // namespace leat::record
