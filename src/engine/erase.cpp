// Erasure of a person's data on request: what fields say they are personal, of a record and of what refers to it, goes
// from the rows, from the log and its archives, and from everything that was made of it.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "catalog/catalog.hpp"
#include "engine/unit_of_work.hpp"
#include "inbox/inbox.hpp"
#include "timer/suspension.hpp"

namespace leat::engine {

using program::Entity;
using program::Field;
using record::Row;

namespace {

constexpr std::string_view kErased = "erased";  // where a text must not be empty

bool has_personal(const Entity& entity) {
    return std::any_of(entity.fields.begin(), entity.fields.end(), [](const Field& field) { return field.personal; });
}

bool is_text(const Field& field) {
    return field.kind == program::FieldKind::string || field.kind == program::FieldKind::text;
}

void forget_texts(std::vector<Value>& values) {
    for (Value& value : values)
        if (value.kind != Kind::number && value.kind != Kind::boolean) value = Value();
}

}  // namespace

// The record, and those with personal fields that refer to it: its lines, and what says whose it is.
Result<std::vector<Row*>> UnitOfWork::personal_rows(Row& row) {
    std::vector<Row*> found{&row};
    for (const Entity& entity : program_.entities) {
        if (!has_personal(entity)) continue;
        for (const Field& field : entity.fields) {
            if (field.kind != program::FieldKind::ref || !field.stored || field.to != row.entity) continue;
            LEAT_CHECK(
                records_->scan(entity.id, nullptr, locals_.data(), query::AccessScope::everything(), [&](Row& other) {
                    const Value& to = other.fields[field.id];
                    bool here = to.kind == Kind::record && to.record.id == row.id;
                    if (here && std::find(found.begin(), found.end(), &other) == found.end()) found.push_back(&other);
                    return true;
                }));
        }
    }
    bool any = std::any_of(found.begin(), found.end(),
                           [&](const Row* one) { return has_personal(program_.entities[one->entity]); });
    if (any) return found;
    return make_error(Status::usage, "erase.nothing",
                      fmt::format("no field of {}, nor of what refers to it, says 'personal: true'",
                                  program_.entities[row.entity].name));
}

Result<void> UnitOfWork::erase_fields(Row& row) {
    const Entity& entity = program_.entities[row.entity];
    for (const Field& field : entity.fields) {
        if (!field.personal || !field.stored || field.formula || row.fields[field.id].is_null()) continue;
        // A field that must be filled in holds a word that says nothing; several of them may have to differ.
        Value value;
        if (field.required && is_text(field))
            value = Value::string(field.unique ? arena_.copy(fmt::format("{} {}", kErased, row.id))
                                               : std::string_view(kErased));
        records_->set(row, field.id, value);
    }
    for (uint32_t number : entity.flows) {
        const auto& flow = program_.flow_of(number, row.fields);
        if (flow.data_field == program::kNone || row.fields[flow.data_field].is_null()) continue;
        FlowMemory& kept = memory(row, flow);
        forget_texts(kept.data);
        for (auto& one : kept.invoked) {
            forget_texts(one.items);
            forget_texts(one.results);
        }
        for (auto& one : kept.undo) forget_texts(one.locals);
        kept.dirty = true;
    }
    return {};
}

Result<std::vector<int64_t>> UnitOfWork::erase_rows(const std::vector<Row*>& rows) {
    std::vector<journal::ErasedRecord> concerned;
    for (Row* one : rows) {
        const std::string& name = program_.entities[one->entity].name;
        journal::ErasedRecord record;
        LEAT_TRY(record.entities, catalog::former_names(connection_, name));
        record.entities.push_back(name);
        record.id = one->id;
        concerned.push_back(std::move(record));
    }
    LEAT_TRY(auto log_rows, journal::erase(connection_, concerned));
    LEAT_CHECK(inbox::erase(connection_, log_rows));
    for (Row* one : rows) {
        const std::string& name = program_.entities[one->entity].name;
        LEAT_CHECK(erase_fields(*one));
        LEAT_CHECK(task::erase_record(connection_, name, one->id));
        LEAT_CHECK(outbox::erase_record(connection_, name, one->id));
        LEAT_CHECK(timer::erase_record(connection_, name, one->id));
        LEAT_CHECK(catalog::erase_record(connection_, name, one->id));
    }
    LEAT_CHECK(records_->settle());
    set_erasing();
    return log_rows;
}

// A field that is empty, or holds the word alone, has nothing more to lose.
static bool holds_personal(const Entity& entity, const Row& row) {
    return std::any_of(entity.fields.begin(), entity.fields.end(), [&](const Field& field) {
        const Value& value = row.fields[field.id];
        if (!field.personal || !field.stored || field.formula || value.is_null()) return false;
        if (!is_text(field)) return true;
        return value.as_string() != kErased && value.as_string() != fmt::format("{} {}", kErased, row.id);
    });
}

Result<std::vector<Row*>> UnitOfWork::past_retention(const program::Retention& rule) {
    const Entity& entity = program_.entities[rule.entity];
    std::vector<Row*> candidates, found;
    LEAT_CHECK(
        records_->scan(entity.id, rule.if_.get(), locals_.data(), query::AccessScope::everything(), [&](Row& row) {
            candidates.push_back(&row);
            return true;
        }));
    for (Row* row : candidates) {
        Value since = row->fields[program::kUpdatedAt];
        if (rule.since) {
            LEAT_TRY(since, evaluate(*rule.since, row));
        }
        if (since.kind != Kind::date && since.kind != Kind::date_time) continue;  // null: not yet
        LEAT_TRY(Value wait, evaluate(rule.wait, row));
        if (wait.is_null()) continue;
        LEAT_TRY(int64_t from_us, instant_of(since, rule.at));
        LEAT_TRY(int64_t until_us, add_duration(from_us, wait, rule.at));
        if (until_us > now_us_) continue;
        LEAT_TRY(auto rows, personal_rows(*row));
        for (Row* one : rows) {
            if (!holds_personal(program_.entities[one->entity], *one)) continue;
            found.push_back(row);
            break;
        }
    }
    return found;
}

Result<Outcome> Session::erase(std::string_view entity_name, std::string_view key, std::string_view reason) {
    auto& connection = engine_->connection();
    if (batch_)
        return make_error(Status::usage, "batch.open", "erasing is a command of its own: commit the batch first");
    if (connection.joined())
        return make_error(Status::usage, "erase.joined",
                          "erasing writes the file anew, which a joined connection cannot: open the file itself");
    const Limits limits = engine_->options_.limits;
    LEAT_CHECK(connection.set_secure_delete(true));
    size_t records = 0;
    std::vector<int64_t> log_rows;
    Outcome outcome;
    auto erased = command(outcome, false, [&](UnitOfWork& work, std::string& log) -> Result<Row*> {
        engine_->options_.limits.records_max = UINT32_MAX;  // exempt, as deployments are (SEMANTICS 1.7)
        LEAT_TRY(Row * row, work.administered(entity_name, key, reason));
        LEAT_TRY(auto rows, work.personal_rows(*row));
        LEAT_TRY(log_rows, work.erase_rows(rows));
        records = rows.size();
        JsonWriter json(log);
        json.begin_object().key("do").string("erase").key("entity").string(entity_name).key("id").number(row->id);
        json.key("reason").string(reason).key("records").number(static_cast<int64_t>(records));
        json.key("rows").number(static_cast<int64_t>(log_rows.size())).end_object();
        return row;
    });
    engine_->options_.limits = limits;
    // What was deleted must not linger in free pages, nor in the WAL.
    Result<void> compacted;
    if (erased && !outcome.refused) compacted = record::forget_searched(engine_->program(), connection);
    if (erased && !outcome.refused && compacted) compacted = connection.compact();
    auto reset = connection.set_secure_delete(false);
    engine_->forget();
    LEAT_CHECK(std::move(erased));
    LEAT_CHECK(std::move(compacted));
    LEAT_CHECK(std::move(reset));
    if (outcome.refused) return outcome;
    outcome.json.clear();
    JsonWriter(outcome.json)
        .begin_object()
        .key("refused")
        .boolean(false)
        .key("sequence")
        .number(outcome.sequence)
        .key("records")
        .number(static_cast<int64_t>(records))
        .key("log_rows")
        .number(static_cast<int64_t>(log_rows.size()))
        .end_object();
    return outcome;
}

}  // namespace leat::engine
