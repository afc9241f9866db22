// Rows in memory: finding, loading, making, changing and removing them.
#include "record/records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "program/currency.hpp"
#include "record/parts.hpp"

namespace leat::record {

using program::Entity;
using program::Field;
using program::FieldKind;
using program::kKey;

namespace {

// The top bits of Fibonacci hashing (Knuth, 6.4), which lay neighbouring ids far apart; those in the middle do not.
size_t slot_of(EntityId entity, int64_t id, size_t buckets) {
    uint64_t hash = static_cast<uint64_t>(id) * 0x9E3779B97F4A7C15u + entity * 0xC2B2AE3D27D4EB4Fu;
    return static_cast<size_t>(hash >> (64 - std::countr_zero(buckets)));
}

uint64_t* bits(Arena& arena, size_t count) {
    size_t words = (count + 63) / 64;
    auto* out = arena.array<uint64_t>(words);
    std::memset(out, 0, words * sizeof(uint64_t));
    return out;
}

std::optional<int64_t> id_of_key(std::string_view key) {
    if (key.empty() || key.size() > 18 || key[0] == '0') return std::nullopt;
    int64_t id = 0;
    for (char c : key) {
        if (c < '0' || c > '9') return std::nullopt;
        id = id * 10 + (c - '0');
    }
    return id;
}

}  // namespace

Records::Parts::Parts(Records& owner, const Limits& bounds, Host& lender)
    : records(owner),
      program(owner.program_),
      connection(owner.connection_),
      arena(owner.arena_),
      limits(bounds),
      host(lender),
      entities(owner.program_.entities.size()),
      buckets(64) {}

Records::Records(const program::Program& program, store::Connection& connection, Arena& arena, const Limits& limits,
                 Host& host)
    : steps_left(limits.steps_max), program_(program), connection_(connection), arena_(arena) {
    parts_ = std::make_unique<Parts>(*this, limits, host);
}

Records::~Records() = default;

void Records::use(PlanCache& cache) {
    parts_->plans = &cache;
}

const EntityPlan& Records::Parts::plan(EntityId entity) {
    EntityState& state = entities[entity];
    if (state.plan) return *state.plan;
    if (!plans) {
        own_plans = std::make_unique<PlanCache>(program);
        plans = own_plans.get();
    }
    state.plan = &plans->of(entity);
    return *state.plan;
}

Entry* Records::Parts::entry(EntityId entity, int64_t id) const {
    for (Entry* at = buckets[slot_of(entity, id, buckets.size())]; at; at = at->next) {
        if (at->id == id && at->entity == entity) return at;
    }
    return nullptr;
}

Entry* Records::Parts::add(EntityId entity, int64_t id, Value* fields) {
    if (count >= buckets.size() * 2) {
        std::vector<Entry*> old = std::exchange(buckets, std::vector<Entry*>(buckets.size() * 4));
        for (Entry* at : old) {
            while (at) {
                Entry* next = at->next;
                Entry*& head = buckets[slot_of(at->entity, at->id, buckets.size())];
                at->next = head;
                head = at;
                at = next;
            }
        }
    }
    auto* made = new (arena.allocate(sizeof(Entry), alignof(Entry))) Entry;
    made->entity = entity;
    made->id = id;
    made->fields = fields;
    made->plan = &plan(entity);
    Entry*& head = buckets[slot_of(entity, id, buckets.size())];
    made->next = head;
    head = made;
    ++count;
    return made;
}

Result<Entry*> Records::Parts::read(const EntityPlan& plan, const store::Statement& statement) {
    int64_t id = statement.integer(0);
    EntityId entity = plan.entity.id;
    if (Entry* known = entry(entity, id)) return known;
    const auto& declared = plan.entity.fields;
    auto* fields = arena.array<Value>(declared.size());
    for (const Field& field : declared) {
        int32_t column = plan.column_of[field.id];
        if (column < 0) {
            fields[field.id] = Value::null(&field.empty);
            continue;
        }
        auto value = from_column(program, field, statement, column, arena);
        if (!value) {
            Error problem = std::move(value.error());
            problem.message += fmt::format(" (table '{}', row {})", plan.entity.table, id);
            return problem;
        }
        fields[field.id] = *value;
    }
    if (!plan.has_key) fields[kKey] = Value::string(arena.copy(fmt::format_int(id).str()));
    Entry* made = add(entity, id, fields);
    made->original = fields;
    if (const Value& version = fields[program::kVersion]; !version.is_null())
        made->version = version.as_number().to_int64().value_or(0);
    return made;
}

Result<Entry*> Records::Parts::load(EntityId entity, int64_t id) {
    if (Entry* known = entry(entity, id)) return known;
    if (!batches.empty()) {
        LEAT_CHECK(fetch_siblings(entity, id));
        if (Entry* known = entry(entity, id)) return known;
    }
    const EntityPlan& shape = plan(entity);
    LEAT_TRY(auto statement, connection.prepare(shape.select_id));
    statement.bind(1, id);
    LEAT_TRY(bool found, statement.step());
    if (!found) return static_cast<Entry*>(nullptr);
    return read(shape, statement);
}

Result<Row*> Records::get(EntityId entity, int64_t id) {
    LEAT_TRY(Entry * entry, parts_->load(entity, id));
    return static_cast<Row*>(entry && !entry->deleted ? entry : nullptr);
}

Result<Row*> Records::find(EntityId entity, std::string_view key) {
    const EntityPlan& plan = parts_->plan(entity);
    if (!plan.has_key) {
        auto id = id_of_key(key);
        if (!id) return static_cast<Row*>(nullptr);
        return get(entity, *id);
    }
    for (Entry* pending : parts_->entities[entity].pending) {
        if (!pending->deleted && pending->key() == key) return static_cast<Row*>(pending);
    }
    LEAT_TRY(auto statement, connection_.prepare(plan.select_key));
    statement.bind(1, key);
    LEAT_TRY(bool found, statement.step());
    if (!found) return static_cast<Row*>(nullptr);
    LEAT_TRY(Entry * entry, parts_->read(plan, statement));
    // A pending row may have given this key up.
    return static_cast<Row*>(!entry->deleted && entry->key() == key ? entry : nullptr);
}

Result<int64_t> Records::Parts::next_id(EntityId entity) {
    EntityState& state = entities[entity];
    if (state.last_id < 0) {
        const EntityPlan& shape = plan(entity);
        state.last_id = 0;
        {
            LEAT_TRY(auto statement, connection.prepare(shape.max_id));
            LEAT_TRY(bool found, statement.step());
            if (found && !statement.is_null(0)) state.last_id = statement.integer(0);
        }
        LEAT_TRY(auto statement, connection.prepare("SELECT last_id FROM leat_identity WHERE entity = ?1"));
        statement.bind(1, shape.entity.name);
        LEAT_TRY(bool found, statement.step());
        if (found) state.last_id = std::max(state.last_id, statement.integer(0));
    }
    return ++state.last_id;
}

void Records::Parts::touch(Entry& entry) {
    if (entry.touched) return;
    if (touched.size() >= limits.records_max) {
        throw LimitError("limit.records", fmt::format("one command may touch at most {} records", limits.records_max));
    }
    entry.touched = true;
    touched.push_back(&entry);
    entities[entry.entity].pending.push_back(&entry);
    if (!entry.created) {
        size_t size = entry.plan->entity.fields.size();
        auto* before = arena.array<Value>(size);
        std::copy_n(entry.fields, size, before);
        entry.original = before;
    }
}

void Records::Parts::mark(Entry& entry, FieldId field) {
    int32_t place = entry.plan->column_of[field];
    if (place < 0) return;
    if (!entry.unwritten) entry.unwritten = bits(arena, entry.plan->columns.size());
    set_bit(entry.unwritten, static_cast<uint32_t>(place));
    entry.dirty = true;
    entities[entry.entity].dirty = true;
}

void Records::Parts::fail(Error problem) {
    if (!error) error = std::make_unique<Error>(std::move(problem));
}

Result<Row*> Records::create(EntityId entity) {
    Parts& parts = *parts_;
    const EntityPlan& plan = parts.plan(entity);
    LEAT_TRY(int64_t id, parts.next_id(entity));
    const auto& declared = plan.entity.fields;
    auto* fields = arena_.array<Value>(declared.size());
    for (const Field& field : declared) fields[field.id] = Value::null(&field.empty);
    fields[program::kId] = Value::number(Decimal(id));
    if (!plan.has_key) fields[kKey] = Value::string(arena_.copy(fmt::format_int(id).str()));
    Entry* entry = parts.add(entity, id, fields);
    entry->created = true;
    entry->dirty = true;
    parts.entities[entity].dirty = true;
    parts.touch(*entry);
    ++parts.stamp;
    parts.entities[entity].lists_stamp = parts.stamp;
    parts.changes.push_back({entry, program::kNone, 0});
    return static_cast<Row*>(entry);
}

// Rounded to the digits of the currency that the record itself names: one with more than the column keeps is refused at
// the end of the command.
Value Records::Parts::in_currency(const Entry& entry, FieldId amount, const Value& value) const {
    const Field& field = entry.plan->entity.fields[amount];
    if (field.currency_field == program::kNone || value.kind != Kind::number) return value;
    const Value& code = entry.fields[field.currency_field];
    if (code.kind != Kind::string || !program::is_currency_code(code.as_string())) return value;
    int digits = program::currency_digits(code.as_string());
    if (digits >= field.scale) return value;
    auto rounded = value.as_number().rescale(digits, program.rounding);
    auto stored = rounded ? rounded->rescale(field.scale) : std::nullopt;
    return stored ? Value::number(*stored) : value;
}

void Records::set(Row& row, FieldId field, const Value& given) {
    Parts& parts = *parts_;
    Entry& entry = of(row);
    const Value value = entry.plan->currencies.empty() ? given : parts.in_currency(entry, field, given);
    if (value::identical(row.fields[field], value)) return;
    parts.touch(entry);
    int64_t parent_was = 0;
    if (entry.plan->parent_of[field]) {
        if (!row.fields[field].is_null()) parent_was = row.fields[field].record.id;
        parts.entities[row.entity].lists_stamp = parts.stamp + 1;
    }
    row.fields[field] = value;
    parts.mark(entry, field);
    ++parts.stamp;
    const Entity& entity = entry.plan->entity;
    bool followed =
        entry.plan->parent_of[field] || (field < entity.dependents.size() && !entity.dependents[field].empty());
    if (followed) parts.changes.push_back({&entry, field, parent_was});
    for (const auto& [currency, amount] : entry.plan->currencies) {
        if (currency != field) continue;
        if (entity.fields[amount].formula && entity.fields[amount].stored)
            parts.wait(entry, amount);
        else if (entity.fields[amount].stored)
            set(row, amount, row.fields[amount]);
    }
}

// Its lines go with it, and what refers to it goes, is emptied or stays to be refused, as each reference says. A chain
// of such records may be as long as a command is.
Result<void> Records::remove(Row& row) {
    Parts& parts = *parts_;
    std::vector<Entry*> waiting = {&of(row)};
    while (!waiting.empty()) {
        Entry& entry = *waiting.back();
        waiting.pop_back();
        if (entry.deleted) continue;
        parts.touch(entry);
        for (const Field& field : entry.plan->entity.fields) {
            if (!field.owned) continue;
            LEAT_TRY(auto lines, parts.pointing_at(field.to, field.by, entry));
            waiting.insert(waiting.end(), lines.rbegin(), lines.rend());
        }
        entry.deleted = true;
        entry.dirty = true;
        parts.entities[entry.entity].dirty = true;
        ++parts.stamp;
        parts.entities[entry.entity].lists_stamp = parts.stamp;
        parts.changes.push_back({&entry, program::kNone, 0});
        for (const auto& [other, by] : entry.plan->references) {
            const Field& field = program_.entities[other].fields[by];
            if (field.on_delete == program::OnDelete::restrict || by == program_.entities[other].owner_field) continue;
            LEAT_TRY(auto rows, parts.pointing_at(other, by, entry));
            if (field.on_delete == program::OnDelete::cascade)
                waiting.insert(waiting.end(), rows.rbegin(), rows.rend());
            else
                for (Entry* pointing : rows) parts.forget_reference(*pointing, field, entry);
        }
    }
    return {};
}

// Empties a reference to the target, or takes it off a list of them.
void Records::Parts::forget_reference(Entry& row, const Field& field, const Entry& target) {
    if (!field.scalar_list) return records.set(row, field.id, Value::null(&field.empty));
    auto items = row.fields[field.id].as_list();
    Value* kept = arena.array<Value>(items.size());
    size_t size = 0;
    for (const Value& item : items)
        if (item.kind != Kind::record || item.record.id != target.id) kept[size++] = item;
    records.set(row, field.id, Value::list(kept, size));
}

Result<std::vector<Entry*>> Records::Parts::pointing_at(EntityId entity, FieldId by, const Entry& target) {
    std::vector<Entry*> out;
    bool list = plan(entity).entity.fields[by].scalar_list;
    auto points = [&](const Entry& row) {
        const Value& value = row.fields[by];
        if (row.deleted || value.is_null()) return false;
        if (!list) return value.record.id == target.id;
        return std::any_of(value.as_list().begin(), value.as_list().end(),
                           [&](const Value& item) { return item.kind == Kind::record && item.record.id == target.id; });
    };
    auto fetched = pointing.find({entity, by, target.id});
    if (fetched != pointing.end() && fetched->second.stamp < entities[entity].lists_stamp) {
        pointing.erase(fetched);
        fetched = pointing.end();
    }
    if (fetched != pointing.end()) {
        for (Entry* row : fetched->second.rows)
            if (!row->touched) out.push_back(row);
    } else if (!target.created) {
        const EntityPlan& shape = plan(entity);
        query::Select select;
        select.table = shape.entity.table;
        select.columns = shape.names;
        select.where.op = list ? query::Op::has_item : query::Op::equal;
        select.where.left.column = query::Column{column_name(shape.entity.fields[by]), {}, {}};
        select.where.right.parameter = query::Parameter::of(target.id);
        std::string sql;
        std::vector<query::Parameter> parameters;
        query::print(select, sql, parameters);
        LEAT_TRY(auto statement, connection.prepare(sql));
        query::bind(statement, parameters);
        while (true) {
            LEAT_TRY(bool found, statement.step());
            if (!found) break;
            LEAT_TRY(Entry * row, read(shape, statement));
            if (!row->touched) out.push_back(row);  // touched ones follow, as they are now
        }
    }
    for (Entry* row : entities[entity].pending) {
        if (points(*row)) out.push_back(row);
    }
    std::sort(out.begin(), out.end(), [](const Entry* a, const Entry* b) { return a->id < b->id; });
    return out;
}

Result<std::vector<Row*>> Records::list(Row& row, FieldId list_field) {
    const Field& field = of(row).plan->entity.fields[list_field];
    LEAT_TRY(auto entries, parts_->list_of(of(row), field));
    return std::vector<Row*>(entries.begin(), entries.end());
}

Result<Records::Place> Records::place(Row& row) {
    const program::Entity& entity = of(row).plan->entity;
    Place out;
    if (row.deleted) return out;
    if (entity.owner == program::kNone) {
        out.record = &row;
        return out;
    }
    const Value& owner = row.fields[entity.owner_field];
    if (owner.kind != Kind::record) return out;
    LEAT_TRY(Row * record, get(entity.owner, owner.record.id));
    if (!record) return out;
    LEAT_TRY(auto lines, list(*record, entity.owner_list));
    auto at = std::find(lines.begin(), lines.end(), &row);
    if (at == lines.end()) return out;
    out.record = record;
    out.pointer =
        fmt::format("/{}/{}", parts_->plan(entity.owner).entity.fields[entity.owner_list].name, at - lines.begin());
    return out;
}

Result<Row*> Records::row_of(const Value& record) {
    if (record.kind != Kind::record) {
        return make_error(Status::usage, "record.type", fmt::format("'{}' is not a record", value::to_text(record)));
    }
    return get(record.aux, record.record.id);
}

const std::vector<Row*>& Records::touched() const {
    return parts_->touched;
}

bool Records::changed(const Row& row, FieldId field) const {
    if (!row.original) return !row.fields[field].is_null();
    return !value::identical(row.original[field], row.fields[field]);
}

bool Records::differs(const Row& row) const {
    if (!row.touched) return false;
    if (row.created || row.deleted) return !(row.created && row.deleted);
    for (FieldId field : of(row).plan->columns) {
        if (changed(row, field)) return true;
    }
    return false;
}

const Error* Records::pending_error() const {
    return parts_->error.get();
}

Result<void> Records::apply_defaults(Row& row) {
    for (const Field& field : of(row).plan->entity.fields) {
        if (!field.default_value || field.formula || !row.fields[field.id].is_null()) continue;
        feel::Frame running = frame(&row, nullptr, &field.default_value->reads());
        Value value = field.default_value->evaluate(running);
        if (parts_->error) return *parts_->error;
        if (value.is_null()) continue;
        LEAT_TRY(Value stored, coerce(field, value));
        set(row, field.id, stored);
    }
    return {};
}

}  // namespace leat::record
