// Pending rows into their tables: only the changed columns of known rows, whole rows of new ones.
#include <fmt/format.h>

#include "query/table.hpp"
#include "record/parts.hpp"

namespace leat::record {

using program::Field;
using program::kNone;

Error Records::Parts::write_error(const Entry& entry, Error problem) {
    if (problem.code == "store.constraint" && entry.plan->has_key && !entry.key().empty()) {
        auto statement = connection.prepare(entry.plan->select_key);
        if (statement) {
            statement->bind(1, entry.key());
            auto found = statement->step();
            if (found && *found && statement->integer(0) != entry.id) {
                return make_error(Status::conflict, "record.key_exists",
                                  fmt::format("there is a {} '{}' already", entry.plan->entity.name, entry.key()));
            }
        }
    }
    problem.message += fmt::format(" (writing {} '{}')", entry.plan->entity.name, entry.key());
    return problem;
}

Result<void> Records::Parts::insert(Entry& entry) {
    LEAT_TRY(auto statement, connection.prepare(entry.plan->insert));
    int number = 1;
    for (FieldId id : entry.plan->columns) {
        query::Parameter value = to_column(program, entry.plan->entity.fields[id], entry.fields[id], arena);
        if (value.kind == query::Parameter::Kind::integer)
            statement.bind(number, value.integer);
        else if (value.kind == query::Parameter::Kind::text)
            statement.bind(number, value.text);
        else
            statement.bind_null(number);
        ++number;
    }
    auto done = statement.step();
    if (!done) return std::move(done.error());
    return {};
}

Result<void> Records::Parts::update(Entry& entry) {
    if (!entry.unwritten) return {};
    places.clear();
    places.reserve(entry.plan->columns.size());
    for (uint32_t place = 0; place < entry.plan->columns.size(); ++place) {
        if (!bit(entry.unwritten, place)) continue;
        FieldId field = entry.plan->columns[place];
        if (entry.written || records.changed(entry, field)) places.push_back(place);
        clear_bit(entry.unwritten, place);
    }
    return write_places(entry, entry.fields);
}

// The columns of `places`, from these values.
Result<void> Records::Parts::write_places(const Entry& entry, const Value* values) {
    if (places.empty()) return {};
    LEAT_TRY(auto statement, connection.prepare(entry.plan->update(places)));
    int number = 1;
    for (uint32_t place : places) {
        FieldId id = entry.plan->columns[place];
        query::Parameter value = to_column(program, entry.plan->entity.fields[id], values[id], arena);
        if (value.kind == query::Parameter::Kind::integer)
            statement.bind(number, value.integer);
        else if (value.kind == query::Parameter::Kind::text)
            statement.bind(number, value.text);
        else
            statement.bind_null(number);
        ++number;
    }
    statement.bind(number, entry.id);
    auto done = statement.step();
    if (!done) return std::move(done.error());
    return {};
}

// An id that was given is never given again: the greatest one lives on in leat_identity when its row goes.
Result<void> Records::Parts::remember_id(Entry& entry) {
    int64_t greatest = 0;
    {
        LEAT_TRY(auto statement, connection.prepare(entry.plan->max_id));
        LEAT_TRY(bool found, statement.step());
        if (found && !statement.is_null(0)) greatest = statement.integer(0);
    }
    if (greatest != entry.id) return {};
    LEAT_TRY(auto statement,
             connection.prepare("INSERT INTO leat_identity (entity, last_id) VALUES (?1, ?2) "
                                "ON CONFLICT (entity) DO UPDATE SET last_id = max(last_id, excluded.last_id)"));
    statement.bind(1, entry.plan->entity.name);
    statement.bind(2, entry.id);
    auto done = statement.step();
    if (!done) return std::move(done.error());
    return {};
}

Result<void> Records::Parts::erase(Entry& entry) {
    if (entry.created && !entry.written) return {};
    LEAT_CHECK(remember_id(entry));
    if (entry.plan->entity.shareable) LEAT_CHECK(remove_shares(connection, entry.plan->entity.name, entry.id));
    LEAT_TRY(auto statement, connection.prepare(entry.plan->remove));
    statement.bind(1, entry.id);
    auto done = statement.step();
    if (!done) return std::move(done.error());
    return {};
}

Result<void> Records::Parts::write(Entry& entry) {
    if (!entry.dirty) return {};
    Result<void> done;
    if (entry.deleted) {
        done = erase(entry);
    } else if (entry.created && !entry.written) {
        done = insert(entry);
        if (entry.unwritten) std::fill_n(entry.unwritten, (entry.plan->columns.size() + 63) / 64, 0);
    } else {
        done = update(entry);
    }
    if (!done) return write_error(entry, std::move(done.error()));
    entry.written = true;
    entry.dirty = false;
    return {};
}

Result<void> Records::flush(EntityId entity) {
    EntityState& state = parts_->entities[entity];
    if (!state.dirty) return {};
    for (size_t i = 0; i < state.pending.size(); ++i) LEAT_CHECK(parts_->write(*state.pending[i]));
    state.dirty = false;
    return {};
}

Result<void> Records::write_all(int64_t sequence, int64_t time_us, std::string_view actor) {
    Parts& parts = *parts_;
    Value version = Value::number(Decimal(sequence));
    Value instant = instant_value(program_, time_us);
    Value by = Value::string(arena_.copy(actor));
    for (Row* row : parts.touched) {
        Entry& entry = of(*row);
        if (!entry.deleted && differs(entry)) {
            auto stamp = [&](FieldId field, const Value& value) {
                entry.fields[field] = value;
                parts.mark(entry, field);
            };
            if (entry.created) {
                stamp(program::kCreatedAt, instant);
                stamp(program::kCreatedBy, by);
            }
            stamp(program::kVersion, version);
            stamp(program::kUpdatedAt, instant);
            stamp(program::kUpdatedBy, by);
            entry.version = sequence;
        }
        LEAT_CHECK(parts.write(entry));
    }
    for (EntityState& state : parts.entities) state.dirty = false;
    return {};
}

bool Records::only_changes() const {
    for (const Row* row : parts_->touched) {
        const Entry& entry = of(*row);
        // The full text is kept by triggers: more is written there than the row.
        if (entry.created || entry.deleted || entry.written || !entry.plan->entity.search.empty()) return false;
    }
    return true;
}

Result<void> Records::take_back() {
    Parts& parts = *parts_;
    // The last first: a unique value that one row gave up may have gone to a later one.
    for (auto at = parts.touched.rbegin(); at != parts.touched.rend(); ++at) {
        const Entry& entry = of(**at);
        if (!entry.written) continue;
        parts.places.clear();
        for (uint32_t place = 0; place < entry.plan->columns.size(); ++place)
            if (changed(entry, entry.plan->columns[place])) parts.places.push_back(place);
        LEAT_CHECK(parts.write_places(entry, entry.original));
    }
    return {};
}

}  // namespace leat::record
