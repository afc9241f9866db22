// Values of the log's changes as columns hold them: what a record that was loaded held before it was changed.
#include "record/column.hpp"
#include "record/load.hpp"

namespace leat::record {

using program::Field;
using program::FieldKind;

namespace {

// As append_logged() in output.cpp writes it: references are ids, decimals and moments texts.
std::optional<Value> value_of(const program::Program& program, FieldKind kind, program::EntityId to, const Json& json,
                              Arena& arena) {
    switch (kind) {
        case FieldKind::json:
            return value_of_json(json, arena);
        case FieldKind::boolean:
            if (json.kind != Json::Kind::boolean) return std::nullopt;
            return Value::boolean(json.boolean);
        case FieldKind::ref: {
            auto number = Decimal::parse(json.text);
            auto id = number ? number->to_int64() : std::nullopt;
            if (json.kind != Json::Kind::number || !id) return std::nullopt;
            return Value::record_of(to, *id);
        }
        default:
            if (json.kind != Json::Kind::string && json.kind != Json::Kind::number) return std::nullopt;
            return scalar_from_text(program, kind, json.text, arena);
    }
}

}  // namespace

std::optional<LoadedValue> logged_value(const program::Program& program, const Field& field, const Json& json) {
    LoadedValue out;
    if (json.is_null()) return out;
    Arena arena(64u << 20);
    std::optional<Value> value;
    if (field.kind == FieldKind::list) {
        if (json.kind != Json::Kind::array || !field.scalar_list) return std::nullopt;
        auto* items = arena.array<Value>(json.items.size());
        for (size_t i = 0; i < json.items.size(); ++i) {
            auto item = value_of(program, field.item_kind, field.to, json.items[i], arena);
            if (!item) return std::nullopt;
            items[i] = *item;
        }
        value = Value::list(items, json.items.size());
    } else {
        value = value_of(program, field.kind, field.to, json, arena);
    }
    if (!value) return std::nullopt;
    const query::Parameter parameter = to_column(program, field, *value, arena);
    out.kind = parameter.kind;
    out.integer = parameter.integer;
    out.text = parameter.text;
    return out;
}

}  // namespace leat::record
