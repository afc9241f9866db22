// Loads against the log's digests: what was loaded must still be there, but for what commands have changed since, which
// the log says.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/json.hpp"
#include "catalog/catalog.hpp"
#include "engine/engine.hpp"
#include "engine/parts.hpp"
#include "journal/load.hpp"
#include "record/column.hpp"
#include "record/load.hpp"
#include "record/plan_cache.hpp"

namespace leat::engine {

namespace {

constexpr int64_t kRows = 1'000;  // of the log at a time

struct Judged {
    journal::Load load;
    const program::Entity* entity = nullptr;
    std::vector<std::string> names;  // what the entity is called, and what it was
    std::vector<std::string> columns;
    std::string digest;
    record::LoadedRows former;
    bool unknown = false;  // a change of one of its records is of a field that is no more

    bool holds(int64_t id) const { return load.first <= id && id <= load.last; }
};

int64_t number_of(const Json* json) {
    auto number = json ? Decimal::parse(json->text) : std::nullopt;
    return number ? number->to_int64().value_or(0) : 0;
}

// The first change of a field says what it was loaded with.
void note(const program::Program& program, const Json& segment, Judged& load) {
    const Json* changes = segment.find("changes");
    if (!changes) return;
    record::LoadedRow& row = load.former[number_of(segment.find("id"))];
    const Json* operation = segment.find("op");
    row.gone = row.gone || (operation && operation->text == "delete");
    for (const auto& [name, change] : changes->members) {
        const program::Field* field = load.entity->find(name);
        if (!field || change.items.size() != 2) {
            load.unknown = true;
            continue;
        }
        auto value = record::logged_value(program, *field, change.items[0]);
        if (!value) load.unknown = true;
        if (value) row.columns.emplace(record::column_name(*field), std::move(*value));
    }
}

}  // namespace

// The segment that made them, if the log still has it.
static Result<bool> read_load(store::Connection& connection, Judged& load) {
    LEAT_TRY(auto rows, journal::read(connection, load.load.sequence, 1));
    if (rows.empty() || rows[0].sequence != load.load.sequence) return false;  // sealed away
    LEAT_TRY(Json segments, parse_json(rows[0].segments));
    for (const Json& segment : segments.items) {
        if (!journal::loaded(segment, {load.load.entity}, load.load.first)) continue;
        const Json& changes = *segment.find("changes");
        const Json* digest = changes.find("digest");
        const Json* listed = changes.find("columns");
        if (!digest || !listed) continue;
        load.digest = digest->text;
        for (const Json& one : listed->items) load.columns.push_back(one.text);
        return true;
    }
    return false;
}

// What commands did to records of these loads; the sequence of the last deployment among them.
static Result<int64_t> read_changes(store::Connection& connection, const program::Program& program,
                                    std::vector<Judged>& loads) {
    int64_t from = INT64_MAX, deployed = 0;
    std::map<std::string, std::vector<Judged*>, std::less<>> by_name;
    for (Judged& one : loads) {
        from = std::min(from, one.load.sequence + 1);
        for (const std::string& name : one.names) by_name[name].push_back(&one);
    }
    for (;;) {
        LEAT_TRY(auto rows, journal::read(connection, from, kRows));
        if (rows.empty()) return deployed;
        from = rows.back().sequence + 1;
        for (const auto& row : rows) {
            if (row.command.starts_with("{\"do\":\"deploy\"")) deployed = row.sequence;
            const bool likely = std::any_of(by_name.begin(), by_name.end(), [&](const auto& one) {
                return row.segments.find('"' + one.first + '"') != std::string::npos;
            });
            if (!likely) continue;
            LEAT_TRY(Json segments, parse_json(row.segments, 128));
            for (const Json& segment : segments.items) {
                const Json* entity = segment.find("entity");
                auto at = entity ? by_name.find(entity->text) : by_name.end();
                if (at == by_name.end()) continue;
                const int64_t id = number_of(segment.find("id"));
                for (Judged* one : at->second)
                    if (row.sequence > one->load.sequence && one->holds(id)) note(program, segment, *one);
            }
        }
    }
}

Result<void> Engine::verify_loads(journal::Verification& found) {
    LEAT_TRY(auto all, journal::loads(*writer_));
    auto differs = [&](const Judged& one) {
        if (found.first_bad) return;
        found.first_bad = one.load.sequence;
        found.problem = fmt::format(
            "row {}: it loaded records {} to {} of {}, and the table holds other values for them than the "
            "log says: somebody changed them without Leat",
            one.load.sequence, one.load.first, one.load.last, one.load.entity);
    };
    std::vector<Judged> changed;
    for (auto& load : all) {
        Judged one;
        one.load = std::move(load);
        for (const auto& entity : program_->entities) {
            LEAT_TRY(auto names, catalog::former_names(*writer_, entity.name));
            names.push_back(entity.name);
            if (std::find(names.begin(), names.end(), one.load.entity) == names.end()) continue;
            one.entity = &entity;
            one.names = std::move(names);
        }
        if (!one.entity) continue;    // a later deployment took it away
        if (one.load.salt.empty()) {  // a record of it was erased, or a deployment changed what its columns hold
            ++found.loads_changed;
            continue;
        }
        LEAT_TRY(bool known, read_load(*writer_, one));
        if (!known) continue;
        LEAT_TRY(auto now, record::rows_digest(*writer_, one.entity->table, one.columns, one.load.first, one.load.last,
                                               one.load.sequence, one.load.salt));
        if (now.changed)
            changed.push_back(std::move(one));
        else if (base::to_hex(now.digest) == one.digest)
            ++found.loads;
        else
            differs(one);
    }
    if (changed.empty()) return {};
    LEAT_TRY(int64_t deployed, read_changes(*writer_, *program_, changed));
    for (const Judged& one : changed) {
        LEAT_TRY(auto then, record::rows_digest(*writer_, one.entity->table, one.columns, one.load.first, one.load.last,
                                                one.load.sequence, one.load.salt, one.former));
        const bool same = then.changed == 0 && !one.unknown && base::to_hex(then.digest) == one.digest;
        if (same)
            ++found.loads;
        else if (then.changed || one.unknown || deployed > one.load.sequence)
            ++found.loads_changed;  // what was cannot be told
        else
            differs(one);
    }
    return {};
}

}  // namespace leat::engine
