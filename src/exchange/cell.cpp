#include "exchange/cell.hpp"

#include <fmt/format.h>

#include "value/decimal.hpp"
#include "value/temporal.hpp"

namespace leat::exchange {

using program::Field;
using program::FieldKind;

namespace {

Json string(std::string text) {
    Json json;
    json.kind = Json::Kind::string;
    json.text = std::move(text);
    return json;
}

Error problem(const Field& field, std::string_view text, std::string_view wanted) {
    return make_error(Status::usage, "import.cell",
                      fmt::format("field '{}' takes {}, not '{}'", field.name, wanted, text.substr(0, 60)));
}

// "1,234.50" has separators where a thousands separator stands; anything else with a comma is no number.
std::string without_separators(const std::string& text) {
    size_t comma = text.find(',');
    if (comma == std::string::npos) return text;
    size_t point = std::min(text.find('.'), text.size());
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != ',') {
            out += text[i];
            continue;
        }
        if (i > point || (point - i) % 4 != 0 || i == 0) return text;
    }
    return out;
}

Result<Json> number(const Field& field, const std::string& text) {
    std::string plain = without_separators(text);
    if (!value::Decimal::parse(plain))
        return problem(field, text, field.kind == FieldKind::integer ? "a whole number" : "a number");
    return string(std::move(plain));
}

Result<Json> boolean(const Field& field, const std::string& text) {
    static constexpr std::string_view kTrue[] = {"true", "TRUE", "True", "yes", "1", "是", "真"};
    static constexpr std::string_view kFalse[] = {"false", "FALSE", "False", "no", "0", "否", "假"};
    Json json;
    json.kind = Json::Kind::boolean;
    for (std::string_view word : kTrue) {
        if (text == word) {
            json.boolean = true;
            return json;
        }
    }
    for (std::string_view word : kFalse) {
        if (text == word) return json;
    }
    return problem(field, text, "true or false");
}

Result<Json> enumeration(const Field& field, const std::string& text) {
    if (!field.enumeration || field.enumeration->find(text) >= 0) return string(text);
    std::string values;
    for (const auto& item : field.enumeration->items) {
        for (const std::string& title : item.titles) {
            if (title == text) return string(item.value);
        }
        values += fmt::format("{}{}", values.empty() ? "" : ", ", item.value);
    }
    return problem(field, text, "one of " + values);
}

Result<Json> list(const program::Program& program, const Field& field, const std::string& text) {
    if (!text.empty() && text[0] == '[') {
        auto json = base::parse_json(text);
        if (!json) return problem(field, text, "a JSON array or values with ';' between them");
        return std::move(*json);
    }
    if (!field.scalar_list) return problem(field, text, "a JSON array of lines");
    Json json;
    json.kind = Json::Kind::array;
    Field item;
    item.name = field.name;
    item.kind = field.item_kind;
    item.enumeration = field.enumeration;
    for (size_t begin = 0; begin <= text.size();) {
        size_t end = std::min(text.find(';', begin), text.size());
        size_t first = text.find_first_not_of(' ', begin);
        size_t last = end;
        while (last > begin && text[last - 1] == ' ') --last;
        if (first < last) {
            auto value = json_of_cell(program, item, text.substr(first, last - first));
            if (!value) return std::move(value.error());
            json.items.push_back(std::move(*value));
        }
        begin = end + 1;
    }
    return json;
}

}  // namespace

bool importable(const Field& field) {
    if (field.origin != program::Origin::declared || field.formula || !field.series.empty()) return false;
    return field.kind != FieldKind::list || field.owned || field.scalar_list;
}

Result<Json> json_of_cell(const program::Program& program, const Field& field, const std::string& text) {
    switch (field.kind) {
        case FieldKind::integer:
        case FieldKind::decimal:
        case FieldKind::money:
            return number(field, text);
        case FieldKind::boolean:
            return boolean(field, text);
        case FieldKind::enumeration:
            return enumeration(field, text);
        case FieldKind::list:
            return list(program, field, text);
        case FieldKind::date:
            if (!value::Date::parse(text)) return problem(field, text, "a date such as 2026-11-21");
            return string(text);
        case FieldKind::json: {
            auto json = base::parse_json(text);
            if (!json) return problem(field, text, "JSON");
            return std::move(*json);
        }
        default:
            return string(text);
    }
}

}  // namespace leat::exchange
