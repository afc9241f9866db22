// Records on their way out: JSON for readers, changes for the log, texts for people.
#include <fmt/format.h>

#include "record/parts.hpp"
#include "value/instant.hpp"

namespace leat::record {

using program::Field;
using program::FieldKind;
using program::FieldRight;
using program::Origin;

namespace {

// Decimals in the log are text (SEMANTICS 6), references ids: keys may be erased, ids not.
void append_logged(std::string& out, const program::Program& program, const Value& value) {
    switch (value.kind) {
        case Kind::number:
            if (value.exponent == 0)
                out += value.as_number().to_string();
            else
                base::JsonWriter(out).string(value.as_number().to_string());
            return;
        case Kind::date_time: {
            value::InstantText text;
            base::JsonWriter(out).string(value::format_instant(value.as_date_time().utc_us(), text));
            return;
        }
        case Kind::days_duration:
        case Kind::months_duration:
            base::JsonWriter(out).string(scalar_text(program, value));
            return;
        default:
            value::append_json(out, value);
    }
}

bool shown_in_json(const Field& field) {
    return field.id >= program::kFirstField &&
           (field.origin == Origin::declared || field.origin == Origin::state || field.origin == Origin::since);
}

}  // namespace

void Records::append_changes(const Row& row, std::string& out, bool hide_old) const {
    const Entry& entry = of(row);
    out += '{';
    bool first = true;
    for (FieldId id : entry.plan->columns) {
        if (id < program::kFirstField && id != program::kKey) continue;
        if (id == program::kKey && !entry.plan->has_key) continue;
        const Value before = row.original ? row.original[id] : Value();
        const Value after = row.deleted ? Value() : row.fields[id];
        if (value::identical(before, after)) continue;
        if (!first) out += ',';
        first = false;
        base::JsonWriter(out).string(entry.plan->entity.fields[id].name);
        out += ":[";
        append_logged(out, program_, hide_old ? Value() : before);
        out += ',';
        append_logged(out, program_, after);
        out += ']';
    }
    out += '}';
}

Result<std::string> Records::Parts::key_of(const Value& reference) {
    if (!plan(reference.aux).has_key) return std::string(fmt::format_int(reference.record.id).str());
    LEAT_TRY(Entry * target, load(reference.aux, reference.record.id));
    // A record made in this command has no key before the end: its id tells which it is.
    if (!target || target->key().empty()) return std::string(fmt::format_int(reference.record.id).str());
    return std::string(target->key());
}

// A value as readers get it: numbers exact, references as keys, instants in UTC. Records of computed lists as keys too.
static Result<void> append_value(Records& records, Records::Parts& parts, const Value& value, std::string& out) {
    switch (value.kind) {
        case Kind::number:
            out += value.as_number().to_string();
            return {};
        case Kind::record: {
            LEAT_TRY(std::string key, parts.key_of(value));
            base::JsonWriter(out).string(key);
            return {};
        }
        case Kind::date_time:
        case Kind::days_duration:
        case Kind::months_duration:
            base::JsonWriter(out).string(scalar_text(records.program(), value));
            return {};
        case Kind::list: {
            out += '[';
            bool first = true;
            for (const Value& item : value.as_list()) {
                if (!first) out += ',';
                first = false;
                LEAT_CHECK(append_value(records, parts, item, out));
            }
            out += ']';
            return {};
        }
        default:
            value::append_json(out, value);
            return {};
    }
}

static Result<void> append_lines(Records::Parts& parts, Entry& entry, const Field& field,
                                 const query::AccessScope& scope, std::string& out) {
    LEAT_TRY(auto lines, parts.list_of(entry, field));
    out += '[';
    for (size_t i = 0; i < lines.size(); ++i) {
        if (i) out += ',';
        LEAT_CHECK(parts.records.append_json(*lines[i], scope, out));
    }
    out += ']';
    return {};
}

Result<void> Records::append_json(Row& row, const query::AccessScope& scope, std::string& out) {
    Parts& parts = *parts_;
    Entry& entry = of(row);
    const program::Entity& entity = entry.plan->entity;
    const std::vector<FieldRight> rights = parts.field_rights(entry, scope, false);
    if (parts.error) return *parts.error;
    fmt::format_to(std::back_inserter(out), "{{\"id\":{},\"key\":", row.id);
    if (row.fields[program::kKey].is_null())
        out += "null";
    else
        base::JsonWriter(out).string(row.key());
    fmt::format_to(std::back_inserter(out), ",\"version\":{}", row.version);
    for (const Field& field : entity.fields) {
        if (!shown_in_json(field) || rights[field.id] == FieldRight::none) continue;
        if (field.kind == FieldKind::list && !field.owned && !field.scalar_list && !field.formula)
            continue;  // reverse lists are queries
        out += ',';
        base::JsonWriter(out).string(field.name);
        out += ':';
        if (rights[field.id] == FieldRight::mask) {
            out += "\"***\"";
        } else if (field.owned) {
            LEAT_CHECK(append_lines(parts, entry, field, scope, out));
        } else {
            parts.refresh(entry, field.id);
            if (parts.error) return *parts.error;
            LEAT_CHECK(append_value(*this, parts, row.fields[field.id], out));
        }
    }
    out += '}';
    return {};
}

Result<void> Records::append_json_of(Row& row, FieldId field, std::string& out) {
    parts_->refresh(of(row), field);
    if (parts_->error) return *parts_->error;
    return append_value(*this, *parts_, row.fields[field], out);
}

Result<void> Records::append_shown(const Value& value, std::string& out) {
    return append_value(*this, *parts_, value, out);
}

Result<void> Records::append_json(Row& row, const query::AccessScope& scope, std::span<const Path> paths,
                                  std::string& out) {
    Parts& parts = *parts_;
    Entry& entry = of(row);
    const program::Entity& entity = entry.plan->entity;
    fmt::format_to(std::back_inserter(out), "{{\"id\":{},\"key\":", row.id);
    if (row.fields[program::kKey].is_null())
        out += "null";
    else
        base::JsonWriter(out).string(row.key());
    for (const Path& path : paths) {
        bool own = path.through == program::kNone;
        if (own && (path.field == program::kKey || path.field == program::kId)) continue;
        const Field& field = field_at(row.entity, path);
        const FieldId first = own ? path.field : path.through;
        FieldRight right =
            first < program::kFirstField ? FieldRight::read : parts.field_rights(entry, scope, false)[first];
        if (right == FieldRight::none) continue;
        out += ',';
        base::JsonWriter(out).string(own ? field.name : entity.fields[path.through].name + "." + field.name);
        out += ':';
        if (right == FieldRight::mask) {
            out += "\"***\"";
        } else if (own && field.owned) {
            LEAT_CHECK(append_lines(parts, entry, field, scope, out));
        } else {
            LEAT_TRY(Value value, value_at(row, path, scope));
            LEAT_CHECK(append_shown(value, out));
        }
    }
    out += '}';
    return {};
}

Result<std::string> Records::text_of(Row& row, FieldId field) {
    parts_->refresh(of(row), field);
    if (parts_->error) return *parts_->error;
    const Value& value = row.fields[field];
    if (value.is_null()) return std::string();
    if (value.kind == Kind::record) return parts_->key_of(value);
    if (value.kind == Kind::list || value.kind == Kind::context) {
        std::string out;
        LEAT_CHECK(append_value(*this, *parts_, value, out));
        return out;
    }
    return scalar_text(program_, value);
}

}  // namespace leat::record
