#include "record/migrate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text_form.hpp"
#include "query/search.hpp"
#include "query/table.hpp"
#include "record/column.hpp"
#include "record/plan_cache.hpp"
#include "record/table_of.hpp"

namespace leat::record {

using program::Entity;
using program::Field;
using program::FieldKind;
using program::kNone;
using program::Program;

namespace {

constexpr int64_t kChunk = 1'000;
constexpr std::string_view kSpare = "leat_spare";  // a column on its way

bool number_kind(FieldKind kind) {
    return kind == FieldKind::integer || kind == FieldKind::decimal || kind == FieldKind::money;
}

bool plain_text(FieldKind kind) {
    return kind == FieldKind::string || kind == FieldKind::text || kind == FieldKind::file;
}

// A list's items, or the field itself, as far as converting a value asks. Fields cannot be copied.
Field item_type(const Field& field) {
    Field item;
    item.kind = field.kind == FieldKind::list ? field.item_kind : field.kind;
    item.scale = field.scale;
    item.digits = field.digits;
    item.enumeration = field.enumeration;
    item.to = field.to;
    return item;
}

// The value in the shape of another field. `whole` false: not all of it came through.
Value converted(const Program& program, const Field& before, const Field& after, const FieldChange& change,
                const Value& value, Arena& arena, bool& whole) {
    whole = true;
    auto renamed = [&](std::string_view text) {
        for (const auto& [was, now] : change.renamed_values)
            if (was == text) return std::string_view(now);
        return text;
    };
    auto lost = [&] {
        whole = false;
        return Value();
    };
    if (value.is_null()) return value;
    if (after.kind == FieldKind::list) {
        auto* items = arena.array<Value>(std::max<size_t>(value.kind == Kind::list ? value.as_list().size() : 1, 1));
        size_t count = 0;
        const Field from = item_type(before), to = item_type(after);
        auto keep = [&](const Value& item) {
            // A list's decimals are as they were written, whatever scale others have.
            const bool as_it_is = item.kind == Kind::number && to.kind == FieldKind::decimal;
            bool kept_whole = true;
            Value kept = as_it_is ? item : converted(program, from, to, change, item, arena, kept_whole);
            if (!after.scalar_list || kept.is_null())
                whole = false;
            else
                items[count++] = kept;
            whole = whole && kept_whole;
        };
        if (value.kind == Kind::list)
            for (const Value& item : value.as_list()) keep(item);
        else
            keep(value);
        return Value::list(items, count);
    }
    if (before.kind == FieldKind::list) {
        if (value.kind != Kind::list || value.as_list().size() > 1) return lost();
        if (value.as_list().empty()) return Value();
        return converted(program, item_type(before), after, change, value.as_list()[0], arena, whole);
    }
    if (number_kind(after.kind)) {
        auto number = value.kind == Kind::number   ? std::optional(value.as_number())
                      : value.kind == Kind::string ? Decimal::parse(value.as_string())
                                                   : std::nullopt;
        if (!number) return lost();
        auto scaled = number->rescale(after.scale, program.rounding);
        if (!scaled || !fits_digits(after, *scaled)) return lost();
        whole = *scaled == *number;
        return Value::number(*scaled);
    }
    // Where references point elsewhere, the columns are made anew.
    if (after.kind == FieldKind::ref) return before.kind == FieldKind::ref ? value : lost();
    if (before.kind == FieldKind::ref || before.kind == FieldKind::json || after.kind == FieldKind::json) {
        if (after.kind != FieldKind::json) return lost();
        return before.kind == FieldKind::ref ? lost() : value;
    }
    std::string_view text;
    if (value.kind == Kind::string)
        text = renamed(value.as_string());
    else if (value.kind == Kind::number)
        text = arena.copy(value.as_number().to_string());
    else if (value.kind == Kind::boolean)
        text = value.is_true() ? "true" : "false";
    else
        text = arena.copy(scalar_text(program, value));
    if (after.kind == FieldKind::file && !base::file_digest(text)) return lost();
    if (plain_text(after.kind)) return Value::string(text);
    if (after.enumeration) return after.enumeration->find(text) >= 0 ? Value::string(text) : lost();
    if (after.kind == FieldKind::date && value.kind == Kind::date_time) {
        Value date = Value::of(value.as_date_time().date());
        whole = value.as_date_time().seconds % 86400 == 0 && value.as_date_time().nanoseconds == 0;
        return date;
    }
    if (after.kind == FieldKind::datetime && value.kind == Kind::date) {
        DateTime midnight;
        midnight.seconds = value.as_date().days * 86400;
        midnight.zone = program.time_zone;
        return instant_value(program, midnight.utc_us());
    }
    if (after.kind == FieldKind::role && !program.find_role(text)) return lost();
    auto read = scalar_from_text(program, after.kind, text, arena);
    return read ? *read : lost();
}

class Change {
 public:
    Change(const Program& before, const Program& after, store::Connection& connection,
           const std::function<void(const Loss&)>& lost)
        : before_(before), after_(after), connection_(connection), lost_(lost), plans_before_(before), plans_(after) {}

    Result<void> views() {
        for (const Entity& entity : before_.entities) {
            LEAT_CHECK(connection_.execute(query::print_drop_view(table_of(before_, plans_before_, entity))));
            // Its triggers would stand in the way of renaming and dropping columns; it is made anew in the end.
            if (!entity.search.empty()) LEAT_CHECK(connection_.execute(query::print_drop_search(entity.table)));
        }
        return {};
    }

    // Indexes whose columns change or go, and those that are declared no longer.
    Result<void> indexes(const EntityChange& change) {
        const Entity& entity = before_.entities[change.before];
        query::TableDefinition was = table_of(before_, plans_before_, entity);
        std::vector<query::IndexDefinition> stay;
        std::set<std::string> moved;
        if (change.after != kNone) {
            query::TableDefinition now = table_of(after_, plans_, after_.entities[change.after]);
            if (now.name == was.name) stay = now.indexes;
            for (const FieldChange& field : change.fields)
                if (field.before != kNone && (field.after == kNone || !untouched(change, field)))
                    moved.insert(std::string(column_name(entity.fields[field.before])));
        }
        for (const auto& index : was.indexes) {
            bool keep = std::any_of(stay.begin(), stay.end(), [&](const auto& one) {
                return one.name == index.name && one.columns == index.columns && one.unique == index.unique;
            });
            for (const auto& column : index.columns) keep = keep && !moved.count(column);
            if (!keep) LEAT_CHECK(connection_.execute(query::print_drop_index(index.name)));
        }
        return {};
    }

    Result<void> names(const EntityChange& change) {
        if (change.after == kNone) return {};
        const Entity& was = before_.entities[change.before];
        const Entity& now = after_.entities[change.after];
        if (was.table != now.table) LEAT_CHECK(connection_.execute(query::print_rename_table(was.table, now.table)));
        std::set<std::string> taken;
        std::vector<std::pair<std::string, std::string>> renames;
        for (FieldId field : plans_before_.of(was.id).columns) taken.emplace(column_name(was.fields[field]));
        for (const FieldChange& field : change.fields) {
            if (field.before == kNone || field.after == kNone || field.fresh) continue;
            std::string from(column_name(was.fields[field.before])), to(column_name(now.fields[field.after]));
            if (from != to) renames.emplace_back(std::move(from), std::move(to));
        }
        // What goes makes room first.
        for (const FieldChange& field : change.fields) {
            if (field.before == kNone || (field.after != kNone && !field.fresh)) continue;
            std::string column(column_name(was.fields[field.before]));
            LEAT_CHECK(connection_.execute(query::print_drop_column(now.table, column)));
            taken.erase(column);
        }
        while (!renames.empty()) {
            auto free =
                std::find_if(renames.begin(), renames.end(), [&](const auto& one) { return !taken.count(one.second); });
            if (free == renames.end()) {  // a circle: one of them steps aside
                LEAT_CHECK(connection_.execute(query::print_rename_column(now.table, renames[0].first, kSpare)));
                taken.erase(renames[0].first);
                renames[0].first = kSpare;
                continue;
            }
            LEAT_CHECK(connection_.execute(query::print_rename_column(now.table, free->first, free->second)));
            taken.erase(free->first);
            taken.insert(free->second);
            renames.erase(free);
        }
        return {};
    }

    Result<void> values(const EntityChange& change) {
        if (change.after == kNone) return {};
        for (const FieldChange& field : change.fields)
            if (field.before != kNone && field.after != kNone && !field.fresh && !untouched(change, field))
                LEAT_CHECK(convert(change, field));
        const bool key_is_new = plans_.of(change.after).has_key && !plans_before_.of(change.before).has_key;
        return key_is_new ? fill_keys(after_.entities[change.after]) : Result<void>();
    }

    Result<void> drop(const EntityChange& change) {
        if (change.after != kNone) return {};
        return connection_.execute(query::print_drop_table(before_.entities[change.before].table));
    }

    Result<void> own_tables(std::span<const EntityChange> changes) {
        LEAT_CHECK(connection_.execute("DELETE FROM leat_column"));
        for (const EntityChange& change : changes) {
            if (change.before == kNone) continue;
            const std::string& was = before_.entities[change.before].name;
            const char* sql = change.after == kNone ? "DELETE FROM leat_identity WHERE entity = ?1"
                                                    : "UPDATE leat_identity SET entity = ?2 WHERE entity = ?1";
            if (change.after != kNone && after_.entities[change.after].name == was) continue;
            if (before_.entities[change.before].shareable)
                LEAT_CHECK(
                    move_shares(connection_, was, change.after == kNone ? "" : after_.entities[change.after].name));
            LEAT_TRY(auto statement, connection_.prepare(sql));
            statement.bind(1, was);
            if (change.after != kNone) statement.bind(2, after_.entities[change.after].name);
            LEAT_CHECK(statement.step());
        }
        return {};
    }

 private:
    bool untouched(const EntityChange& change, const FieldChange& field) const {
        const Field& was = before_.entities[change.before].fields[field.before];
        const Field& now = after_.entities[change.after].fields[field.after];
        return field.renamed_values.empty() && !field.fresh && same_column(was, now, true);
    }

    Result<void> convert(const EntityChange& change, const FieldChange& field) {
        const Entity& entity = after_.entities[change.after];
        const Field& was = before_.entities[change.before].fields[field.before];
        const Field& now = entity.fields[field.after];
        const std::string name(column_name(now));
        query::ColumnDefinition to = column_of(after_, plans_, now);
        const bool other_type = column_of(before_, plans_before_, was).type != to.type;
        std::string target = name;
        query::TableDefinition table;
        table.name = entity.table;
        if (other_type) {
            target = to.name = kSpare;
            to.references.clear();
            LEAT_CHECK(connection_.execute(query::print_add_column(table, to)));
        }
        LEAT_CHECK(rows(entity, was, now, field, before_.entities[change.before], name, target));
        if (!other_type) return {};
        LEAT_CHECK(connection_.execute(query::print_drop_column(entity.table, name)));
        return connection_.execute(query::print_rename_column(entity.table, kSpare, name));
    }

    Result<void> rows(const Entity& entity, const Field& was, const Field& now, const FieldChange& field,
                      const Entity& former, std::string_view from, std::string_view to) {
        const std::string_view target[] = {to};
        const std::string update = query::print_update(entity.table, target);
        Arena arena(64u << 20);
        for (int64_t after = 0;;) {
            arena.reset();
            query::Select select;
            select.table = entity.table;
            select.columns = {"id", from};
            select.after_id = after;
            select.limit = kChunk;
            std::string sql;
            std::vector<query::Parameter> parameters;
            query::print(select, sql, parameters);
            std::vector<std::pair<int64_t, Value>> chunk;
            {
                LEAT_TRY(auto statement, connection_.prepare(sql));
                query::bind(statement, parameters);
                while (true) {
                    LEAT_TRY(bool found, statement.step());
                    if (!found) break;
                    LEAT_TRY(Value value, from_column(before_, was, statement, 1, arena));
                    chunk.emplace_back(statement.integer(0), value);
                }
            }
            if (chunk.empty()) return {};
            after = chunk.back().first;
            LEAT_TRY(auto write, connection_.prepare(update));
            for (const auto& [id, value] : chunk) {
                bool whole = true;
                Value made = converted(after_, was, now, field, value, arena, whole);
                query::Parameter column = to_column(after_, now, made, arena);
                if (!made.is_null() && column.kind == query::Parameter::Kind::null) whole = false;
                if (!whole) lost_({&former, &was, id, column.kind != query::Parameter::Kind::null});
                if (value.is_null() && made.is_null()) continue;
                write.reset();
                query::bind(write, {column});
                write.bind(2, id);
                LEAT_CHECK(write.step());
            }
        }
    }

    // A record without a key was called by its id: that stays its key.
    Result<void> fill_keys(const Entity& entity) {
        query::TableDefinition table;
        table.name = entity.table;
        LEAT_CHECK(connection_.execute(
            query::print_add_column(table, column_of(after_, plans_, entity.fields[program::kKey]))));
        return connection_.execute(query::print_keys_from_ids(entity.table));
    }

    const Program& before_;
    const Program& after_;
    store::Connection& connection_;
    const std::function<void(const Loss&)>& lost_;
    PlanCache plans_before_, plans_;
};

}  // namespace

bool values_kept(const Field& before, const Field& after) {
    if (!before.enumeration || !after.enumeration) return true;
    return std::all_of(before.enumeration->items.begin(), before.enumeration->items.end(),
                       [&](const auto& item) { return after.enumeration->find(item.value) >= 0; });
}

bool same_column(const Field& before, const Field& after, bool same_target) {
    if (before.origin != program::Origin::declared) return true;  // a flow's own columns hold what the flow says
    if (before.kind == FieldKind::ref || after.kind == FieldKind::ref) return before.kind == after.kind && same_target;
    if (before.kind == FieldKind::enumeration && after.kind == FieldKind::enumeration)
        return values_kept(before, after);
    // A column of fewer digits is gone through: what does not fit any more is told.
    if (number_kind(before.kind) && number_kind(after.kind))
        return before.scale == after.scale && before.wide == after.wide && digits_kept(before) <= digits_kept(after);
    if (before.kind == FieldKind::list || after.kind == FieldKind::list)
        return before.kind == after.kind && before.scalar_list == after.scalar_list &&
               before.item_kind == after.item_kind && before.scale == after.scale && values_kept(before, after) &&
               (before.item_kind != FieldKind::ref || same_target);
    if (after.kind == FieldKind::file) return before.kind == FieldKind::file;
    if (plain_text(after.kind))
        return plain_text(before.kind) || before.kind == FieldKind::enumeration || before.kind == FieldKind::role;
    return before.kind == after.kind;
}

Result<void> change_tables(const Program& before, const Program& after, std::span<const EntityChange> changes,
                           store::Connection& connection, const std::function<void(const Loss&)>& lost) {
    Change work(before, after, connection, lost);
    LEAT_CHECK(work.views());
    for (const auto& one : changes)
        if (one.before != kNone) LEAT_CHECK(work.indexes(one));
    for (const auto& one : changes)
        if (one.before != kNone) LEAT_CHECK(work.names(one));
    for (const auto& one : changes)
        if (one.before != kNone) LEAT_CHECK(work.values(one));
    for (const auto& one : changes)
        if (one.before != kNone) LEAT_CHECK(work.drop(one));
    return work.own_tables(changes);
}

}  // namespace leat::record
