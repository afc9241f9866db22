// What type a field has: kind, FEEL type, target, bounds.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text_form.hpp"
#include "feel/type_text.hpp"
#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;

namespace {

constexpr std::array<std::pair<std::string_view, FieldKind>, 16> kKinds = {{{"string", FieldKind::string},
                                                                            {"text", FieldKind::text},
                                                                            {"integer", FieldKind::integer},
                                                                            {"decimal", FieldKind::decimal},
                                                                            {"money", FieldKind::money},
                                                                            {"boolean", FieldKind::boolean},
                                                                            {"date", FieldKind::date},
                                                                            {"time", FieldKind::time},
                                                                            {"datetime", FieldKind::datetime},
                                                                            {"duration", FieldKind::duration},
                                                                            {"enum", FieldKind::enumeration},
                                                                            {"ref", FieldKind::ref},
                                                                            {"list", FieldKind::list},
                                                                            {"role", FieldKind::role},
                                                                            {"file", FieldKind::file},
                                                                            {"json", FieldKind::json}}};

std::optional<FieldKind> kind_of(std::string_view text) {
    for (const auto& [name, kind] : kKinds) {
        if (name == text) return kind;
    }
    return std::nullopt;
}

std::vector<std::string> kind_names() {
    std::vector<std::string> out;
    for (const auto& [name, kind] : kKinds) out.emplace_back(name);
    return out;
}

constexpr int kColumnDigits = 18;                       // of an INTEGER column (SEMANTICS 8)
constexpr int kDigitsMax = value::Decimal::kDigitsMax;  // of any number

bool is_number(FieldKind kind) {
    return kind == FieldKind::integer || kind == FieldKind::decimal || kind == FieldKind::money;
}
bool is_text(FieldKind kind) {
    return kind == FieldKind::string || kind == FieldKind::text;
}

}  // namespace

bool is_currency_code(std::string_view text) {
    return text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

int currency_digits(std::string_view code) {
    static constexpr std::array<std::string_view, 16> kWhole = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW",
                                                                "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"};
    static constexpr std::array<std::string_view, 7> kThree = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
    if (std::find(kWhole.begin(), kWhole.end(), code) != kWhole.end()) return 0;
    return std::find(kThree.begin(), kThree.end(), code) != kThree.end() ? 3 : 2;
}

feel::TypeRef Compiler::role_type() {
    return types_.enumeration(role_enum_);
}

bool Compiler::shape(const model::Field& source, const std::string& path, const EntityDraft* siblings, Field& out) {
    out.name = source.name.text;
    out.title = titles(source.title);
    out.description = titles(source.description);
    out.span = source.name.empty() ? source.span : source.name.span;
    out.kind = FieldKind::json;
    out.type = types_.basic(TypeKind::any);
    if (source.type.empty()) {
        error("program.type.missing", out.span, fmt::format("'{}' needs a type", out.name),
              "for example 'type: string'");
        return false;
    }
    auto kind = kind_of(source.type.text);
    if (!kind) {
        std::string hint = did_you_mean(source.type.text, kind_names());
        if (program_.find_entity(source.type.text)) hint = fmt::format("write {{type: ref, to: {}}}", source.type.text);
        error("program.type.unknown", source.type.span, fmt::format("there is no type '{}'", source.type.text),
              std::move(hint));
        return false;
    }
    out.kind = *kind;

    switch (*kind) {
        case FieldKind::enumeration:
            shape_enum(source, path, out);
            break;
        case FieldKind::ref:
            shape_ref(source, out);
            break;
        case FieldKind::list:
            shape_list(source, path, out);
            break;
        case FieldKind::money:
            shape_money(source, siblings, out);
            break;
        default:
            shape_scalar(source, *kind, siblings, out);
    }
    bool enum_list = out.scalar_list && out.item_kind == FieldKind::enumeration;
    if (*kind != FieldKind::enumeration && !enum_list && !source.enumeration.empty()) {
        error("program.key", source.enumeration.front().value.span,
              fmt::format("'enum' is for type enum, '{}' is a {}", out.name, kind_name(out.kind)),
              "write 'type: enum'");
    }
    if (!source.to.empty() && *kind != FieldKind::ref) error("program.key", source.to.span, "'to' is for type ref");
    shape_on_delete(source, out);
    bounds(source, out);
    text_constraints(source, out);
    return true;
}

void Compiler::shape_scalar(const model::Field& source, FieldKind kind, const EntityDraft*, Field& out) {
    switch (kind) {
        case FieldKind::string:
        case FieldKind::text:
        case FieldKind::file:
            out.type = types_.basic(TypeKind::string);
            break;
        case FieldKind::integer:
            out.type = types_.decimal(0);
            break;
        case FieldKind::decimal:
            out.scale = 2;
            if (!source.scale.empty()) {
                if (auto scale = integer(source.scale, "scale", 0, kDigitsMax)) out.scale = static_cast<int>(*scale);
            }
            out.type = types_.decimal(out.scale);
            break;
        case FieldKind::boolean:
            out.type = types_.basic(TypeKind::boolean);
            break;
        case FieldKind::date:
            out.type = types_.basic(TypeKind::date);
            break;
        case FieldKind::time:
            out.type = types_.basic(TypeKind::time);
            break;
        case FieldKind::datetime:
            out.type = types_.basic(TypeKind::date_time);
            break;
        case FieldKind::duration:
            out.type = types_.basic(TypeKind::duration);
            break;
        case FieldKind::role:
            out.type = role_type();
            out.enumeration = role_enum_;
            break;
        default:
            out.type = types_.basic(TypeKind::any);
    }
    if (!source.scale.empty() && kind != FieldKind::decimal) {
        error("program.key", source.scale.span, "'scale' is for type decimal",
              kind == FieldKind::money ? "money has its currency's digits" : "");
    }
    if (!source.currency.empty()) error("program.key", source.currency.span, "'currency' is for type money");
}

// `currency` names a code or a sibling field that holds one; without it money is in the app's currency.
void Compiler::shape_money(const model::Field& source, const EntityDraft* siblings, Field& out) {
    const std::string& currency = source.currency.text;
    bool sibling = siblings && std::any_of(siblings->fields.begin(), siblings->fields.end(),
                                           [&](const model::Field* field) { return field->name.text == currency; });
    if (!source.scale.empty() && !sibling)
        error("program.key", source.scale.span, "'scale' is for type decimal", "money has its currency's digits");
    if (source.currency.empty()) {
        out.currency = program_.currency;
    } else if (sibling) {
        out.currency = "*";  // the field's number follows when all fields are there
    } else if (is_currency_code(currency)) {
        out.currency = currency;
    } else {
        error("program.currency", source.currency.span,
              fmt::format("'{}' is neither a currency code nor a field beside this one", currency),
              "a code is three capital letters, as in CNY");
    }
    // Of a currency that each record names for itself, the column keeps as many digits as the widest of them.
    out.scale = out.currency == "*" ? 2 : currency_digits(out.currency);
    if (sibling && !source.scale.empty()) {
        if (auto scale = integer(source.scale, "scale", 0, 4)) out.scale = static_cast<int>(*scale);
    }
    out.type = types_.money(out.currency, out.scale);
}

void Compiler::shape_enum(const model::Field& source, const std::string& path, Field& out) {
    auto type = std::make_unique<feel::EnumType>();
    type->name = path;
    if (source.enumeration.empty()) {
        error("program.enum.empty", source.type.span, fmt::format("'{}' lists no values", out.name),
              "write 'enum: [first, second]'");
    }
    for (const model::EnumValue& value : source.enumeration) {
        if (type->find(value.value.text) >= 0) {
            error("program.duplicate", value.value.span, fmt::format("'{}' is listed twice", value.value.text));
            continue;
        }
        feel::EnumItem item{value.value.text, {}};
        Titles title = titles(value.title);
        for (const auto& [language, text] : title.texts) item.titles.push_back(text);
        type->items.push_back(std::move(item));
        out.enumeration_titles.push_back(std::move(title));
        if (!value.was.empty()) out.enumeration_was.emplace_back(value.was.text, value.value.text);
    }
    out.enumeration = type.get();
    out.type = types_.enumeration(type.get());
    program_.enumerations.push_back(std::move(type));
}

void Compiler::shape_ref(const model::Field& source, Field& out) {
    if (source.to.empty()) {
        error("program.key", source.type.span, fmt::format("'{}' does not say what it refers to", out.name),
              "write {type: ref, to: ENTITY}");
        out.type = types_.basic(TypeKind::any);
        out.kind = FieldKind::json;
        return;
    }
    auto entity = entity_named(source.to, "'to'");
    if (!entity) {
        out.type = types_.basic(TypeKind::any);
        out.kind = FieldKind::json;
        return;
    }
    out.to = *entity;
    out.type = types_.record(*entity);
}

void Compiler::shape_list(const model::Field& source, const std::string& path, Field& out) {
    if (!source.fields.empty()) {
        const Entity* lines = program_.find_entity(path);
        if (!lines) {
            // Inside of a list's lines it has been told where those were declared.
            const Entity* around = program_.find_entity(path.substr(0, path.rfind('.')));
            if (!around || around->owner == kNone) not_built(out.span, "a list with fields outside an entity");
            return;
        }
        out.owned = true;
        out.stored = false;
        out.to = lines->id;
        out.by = lines->owner_field;
        out.type = types_.list(types_.record(lines->id, false), false);
        return;
    }
    if (source.of.empty()) {
        error("program.key", source.type.span, fmt::format("list '{}' needs 'of' or 'fields'", out.name),
              "'fields' owns its lines, 'of' with 'by' is the reverse of a ref");
        return;
    }
    if (auto kind = kind_of(source.of.text)) {
        shape_items(source, *kind, path, out);
        return;
    }
    auto entity = entity_named(source.of, "'of'");
    if (!entity) return;
    if (source.by.empty()) {
        out.scalar_list = true;
        out.item_kind = FieldKind::ref;
        out.to = *entity;
        out.type = types_.list(types_.record(*entity, false));
        return;
    }
    out.stored = false;
    out.to = *entity;
    out.type = types_.list(types_.record(*entity, false), false);
}

// A list of single values: each is what a field of that type would take.
void Compiler::shape_items(const model::Field& source, FieldKind kind, const std::string& path, Field& out) {
    if (kind == FieldKind::list || kind == FieldKind::ref) {
        error("program.key", source.of.span, fmt::format("'{}' cannot be a list of {}", out.name, kind_name(kind)),
              kind == FieldKind::ref ? "name the entity: {type: list, of: user}"
                                     : "give the list 'fields', and each of its lines is a record");
        return;
    }
    if (!source.by.empty())
        error("program.key", source.by.span, fmt::format("'by' names a ref, and '{}' holds single values", out.name));
    Field item;
    item.name = out.name;
    model::Field item_source;
    item_source.name = source.name;
    item_source.type = source.of;
    item_source.scale = source.scale;
    item_source.currency = source.currency;
    item_source.enumeration = source.enumeration;
    if (kind == FieldKind::enumeration) {
        shape_enum(item_source, path, item);
    } else if (kind == FieldKind::money) {
        shape_money(item_source, nullptr, item);
    } else {
        shape_scalar(item_source, kind, nullptr, item);
    }
    out.scalar_list = true;
    out.item_kind = kind;
    out.scale = item.scale;
    out.currency = item.currency;
    out.enumeration = item.enumeration;
    out.enumeration_titles = std::move(item.enumeration_titles);
    out.type = types_.list(types_.with_nullable(item.type, false));
}

void Compiler::shape_on_delete(const model::Field& source, Field& out) {
    if (source.on_delete.empty()) return;
    bool list = out.scalar_list && out.item_kind == FieldKind::ref;
    std::string_view what = source.on_delete.text;
    if (out.kind != FieldKind::ref && !list) {
        error("program.key", source.on_delete.span, "'on_delete' is for refs and lists of them");
    } else if (what == "cascade" && list) {
        error(
            "program.on_delete", source.on_delete.span,
            fmt::format("'{}' names several records: that one of them goes is no reason to delete this one", out.name),
            "restrict or clear, which takes it off the list");
    } else if (what == "cascade") {
        out.on_delete = OnDelete::cascade;
    } else if (what == "clear") {
        out.on_delete = OnDelete::clear;
        if (!list && source.required.text == "true")
            error("program.on_delete", source.on_delete.span,
                  fmt::format("'{}' is required and cannot be cleared", out.name), "restrict or cascade");
    } else if (what != "restrict") {
        error("program.on_delete", source.on_delete.span, fmt::format("'{}' is no rule for a deletion", what),
              "one of restrict, cascade, clear");
    }
}

// Of a list they are for each of its items.
void Compiler::bounds(const model::Field& source, Field& out) {
    FieldKind kind = out.scalar_list ? out.item_kind : out.kind;
    bool number = is_number(kind);
    decimal_bound(source.minimum, "minimum", out.minimum, number);
    decimal_bound(source.maximum, "maximum", out.maximum, number);
    decimal_bound(source.exclusive_minimum, "exclusiveMinimum", out.exclusive_minimum, number);
    decimal_bound(source.exclusive_maximum, "exclusiveMaximum", out.exclusive_maximum, number);
    count_bound(source.min_length, "minLength", out.min_length, is_text(kind));
    count_bound(source.max_length, "maxLength", out.max_length, is_text(kind));
    count_bound(source.min_items, "minItems", out.min_items, out.kind == FieldKind::list);
    count_bound(source.max_items, "maxItems", out.max_items, out.kind == FieldKind::list);
    if (out.minimum && out.maximum && *out.minimum > *out.maximum) {
        error("program.bounds", source.minimum.span,
              fmt::format("nothing is between {} and {}", source.minimum.text, source.maximum.text));
    }
    if (out.min_length && out.max_length && *out.min_length > *out.max_length) {
        error("program.bounds", source.min_length.span,
              fmt::format("no text has at least {} and at most {} characters", *out.min_length, *out.max_length));
    }
    if (out.min_items && out.max_items && *out.min_items > *out.max_items) {
        error("program.bounds", source.min_items.span,
              fmt::format("no list has at least {} and at most {} items", *out.min_items, *out.max_items));
    }
    out.unit = source.unit.text;
    digits_of(source, number && !out.scalar_list, out);
}

// How many digits a number has in all. Beyond what a column's integer holds it is kept as text.
void Compiler::digits_of(const model::Field& source, bool allowed, Field& out) {
    if (source.digits.empty()) {
        if (out.scale > kColumnDigits)
            error(
                "program.digits", source.scale.span,
                fmt::format("a decimal of {} digits after the point has more than {} in all", out.scale, kColumnDigits),
                fmt::format("say how many with 'digits', {} at most", kDigitsMax));
        return;
    }
    if (!allowed) {
        error("program.key", source.digits.span, "'digits' is for type integer, decimal or money");
        return;
    }
    auto digits = integer(source.digits, "digits", 1, kDigitsMax);
    if (!digits) return;
    out.digits = static_cast<int>(*digits);
    out.wide = out.digits > kColumnDigits;
    if (out.scale > out.digits) {
        error("program.digits", source.digits.span,
              fmt::format("{} digits in all are fewer than {} after the point", out.digits, out.scale));
    }
}

void Compiler::text_constraints(const model::Field& source, Field& out) {
    bool text = is_text(out.scalar_list ? out.item_kind : out.kind);
    if (!source.pattern.empty()) {
        std::string fault;
        out.pattern = source.pattern.text;
        if (!text) {
            error("program.key", source.pattern.span, "'pattern' is for type string or text");
        } else if (!(out.matcher = feel::Regex::make_ecmascript(out.pattern, fault))) {
            error("program.pattern", source.pattern.span, fmt::format("the pattern {}", fault),
                  "patterns are ECMAScript's, as in JSON Schema");
        }
    }
    if (!source.series.empty() && out.kind != FieldKind::string) {
        error("program.key", source.series.span, "'series' is for type string");
    } else if (!source.series.empty() && (!source.default_value.empty() || !source.formula.empty())) {
        error("program.key", source.series.span,
              fmt::format("'{}' is drawn from its series and has no {}", out.name,
                          source.formula.empty() ? "default" : "formula"));
    }
    if (source.format.empty()) return;
    out.format = source.format.text;
    const auto& forms = base::text_forms();
    if (!text) {
        error("program.key", source.format.span, "'format' is for type string or text");
    } else if (std::find(forms.begin(), forms.end(), out.format) == forms.end()) {
        error("program.format", source.format.span, fmt::format("there is no format '{}'", out.format),
              fmt::format("one of {}", fmt::join(forms, ", ")));
    }
}

void Compiler::decimal_bound(const Text& text, std::string_view key, std::optional<Decimal>& out, bool allowed) {
    if (text.empty()) return;
    if (!allowed) {
        error("program.key", text.span, fmt::format("'{}' is for numbers", key));
        return;
    }
    out = Decimal::parse(text.text);
    if (!out) error("program.literal", text.span, fmt::format("'{}' wants a number, not '{}'", key, text.text));
}

void Compiler::count_bound(const Text& text, std::string_view key, std::optional<uint32_t>& out, bool allowed) {
    if (text.empty()) return;
    if (!allowed) {
        error("program.key", text.span, fmt::format("'{}' does not go with this type", key));
        return;
    }
    if (auto count = integer(text, key, 0, 1'000'000'000)) out = static_cast<uint32_t>(*count);
}

// Fields of a payload, of parameters, of inputs: numbered from 0, with defaults, without formulas.
std::vector<Field> Compiler::shapes(const std::vector<model::Field>& sources, const std::string& path, bool inputs) {
    std::vector<Field> out;
    std::map<std::string, Span, std::less<>> known;
    for (const model::Field& source : sources) {
        if (!declare(known, source.name, "field")) continue;
        Field field;
        field.id = static_cast<FieldId>(out.size());
        shape(source, path + "." + source.name.text, nullptr, field);
        field.id = static_cast<FieldId>(out.size());
        if (!is_identifier(field.name))
            error("program.name", field.span, fmt::format("'{}' cannot be a name", field.name));
        if (!source.formula.empty())
            error("program.key", source.formula.span, "a formula belongs to an entity's field");
        if (!source.series.empty()) error("program.key", source.series.span, "a series belongs to an entity's field");
        if (!source.on_delete.empty())
            error("program.key", source.on_delete.span, "'on_delete' belongs to an entity's field");
        if (!inputs && !source.allowed.empty())
            error("program.key", source.allowed.span, "'allowed' belongs to an input of a decision");
        if (!source.fields.empty() && field.kind == FieldKind::list) field.type = types_.basic(TypeKind::any);
        field.required = boolean(source.required, "required").value_or(false);
        if (!source.default_value.empty()) default_of(source, field, names());
        field.type = types_.with_nullable(field.type, !(field.required || field.default_value));
        out.push_back(std::move(field));
    }
    return out;
}

feel::TypeRef Compiler::context_of(const std::vector<Field>& fields) {
    std::vector<feel::Member> members;
    for (const Field& field : fields) members.push_back({field.name, field.id, field.type});
    return types_.context(std::move(members), false);
}

feel::TypeRef Compiler::named_type(const Text& text, int depth) {
    std::string_view name = text.text;
    if (name == "number") return types_.basic(TypeKind::number);
    if (name == "any") return types_.basic(TypeKind::any);
    if (name.substr(0, 5) == "list<" && name.back() == '>') {
        if (depth < 8) return types_.list(named_type(slice(text, 5, text.text.size() - 1), depth + 1));
        error("program.limit", text.span, "lists of lists go 8 deep at most");
        return types_.basic(TypeKind::any);
    }
    if (const Entity* entity = program_.find_entity(name)) return types_.record(entity->id);
    auto kind = kind_of(name);
    if (!kind || *kind == FieldKind::enumeration || *kind == FieldKind::ref || *kind == FieldKind::list) {
        if (feel::TypeRef type = feel::parse_type(name, names())) return type;  // FEEL's: context<a: number>
        std::vector<std::string> known = kind_names();
        for (const Entity& entity : program_.entities) known.push_back(entity.name);
        known.push_back("number");
        unknown("program.type.unknown", text, "type", known);
        return types_.basic(TypeKind::any);
    }
    model::Field source;
    source.type = text;
    Field field;
    if (*kind == FieldKind::money) {
        shape_money(source, nullptr, field);
    } else {
        shape_scalar(source, *kind, nullptr, field);
    }
    return field.type;
}

}  // namespace leat::program
