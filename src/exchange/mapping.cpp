// A mapping as JSON says it; docs/import.md describes the keys.
#include <fmt/format.h>

#include "base/json.hpp"
#include "exchange/import.hpp"

namespace leat::exchange {

namespace {

Error bad(std::string_view what) {
    return make_error(Status::usage, "import.mapping", fmt::format("the mapping's {}; see docs/import.md", what));
}

Result<std::string> text_member(const Json& object, std::string_view name, std::string_view what) {
    const Json* found = object.find(name);
    if (found == nullptr || found->kind != Json::Kind::string) return bad(what);
    return found->text;
}

Result<void> read_replacements(const Json& given, Mapping& mapping) {
    constexpr std::string_view kWhat = "'replace' is a list of {field, from, to}, all texts";
    if (given.kind != Json::Kind::array) return bad(kWhat);
    for (const Json& item : given.items) {
        Mapping::Replacement one;
        LEAT_TRY(one.field, text_member(item, "field", kWhat));
        LEAT_TRY(one.from, text_member(item, "from", kWhat));
        LEAT_TRY(one.to, text_member(item, "to", kWhat));
        mapping.replacements.push_back(std::move(one));
    }
    return {};
}

// An object of texts; calls `take` with each.
template <class F>
Result<void> read_texts(const Json& given, std::string_view name, F&& take) {
    if (given.kind == Json::Kind::object) {
        bool texts = true;
        for (const auto& [from, to] : given.members) {
            texts = texts && to.kind == Json::Kind::string;
            if (texts) take(from, to.text);
        }
        if (texts) return {};
    }
    return bad(fmt::format("'{}' is an object of texts", name));
}

Result<void> read_formats(const Json& given, Mapping& mapping) {
    constexpr std::string_view kWhat =
        "'formats' is an object: column to a pattern (\"dd.MM.yyyy HH:mm\"), or to {\"decimal\": \",\", \"thousands\": "
        "\".\"}";
    if (given.kind != Json::Kind::object) return bad(kWhat);
    for (const auto& [column, format] : given.members) {
        Mapping::ColumnFormat made;
        made.column = column;
        if (format.kind == Json::Kind::string && !format.text.empty()) {
            made.pattern = format.text;
        } else if (format.kind == Json::Kind::object) {
            made.number = true;
            for (const auto& [name, value] : format.members) {
                if (value.kind != Json::Kind::string || (name != "decimal" && name != "thousands")) return bad(kWhat);
                (name == "decimal" ? made.decimal : made.thousands) = value.text;
            }
            if (!format.find("thousands") && made.decimal == ",") made.thousands = ".";
            if (made.decimal.empty() || made.decimal == made.thousands) return bad(kWhat);
        } else {
            return bad(kWhat);
        }
        mapping.formats.push_back(std::move(made));
    }
    return {};
}

// One text, or a list of them.
Result<void> read_names(const Json& given, std::string_view name, std::vector<std::string>& out) {
    if (given.kind == Json::Kind::string) {
        out.push_back(given.text);
        return {};
    }
    if (given.kind == Json::Kind::array) {
        bool texts = true;
        for (const Json& item : given.items) {
            texts = texts && item.kind == Json::Kind::string;
            out.push_back(item.text);
        }
        if (texts) return {};
    }
    return bad(fmt::format("'{}' is a text or a list of texts", name));
}

Result<void> read_flag(const Json& given, std::string_view name, bool& out) {
    if (given.kind != Json::Kind::boolean) return bad(fmt::format("'{}' is true or false", name));
    out = given.boolean;
    return {};
}

Result<void> read_word(const std::string& name, const Json& given, Mapping& mapping) {
    const std::string& word = given.kind == Json::Kind::string ? given.text : "";
    if (name == "encoding") {
        if (word.empty()) return bad("'encoding' is a name such as \"GB18030\"");
        mapping.encoding = word;
    } else if (name == "delimiter") {
        if (word.size() != 1 || word == "\"" || word == "\n" || word == "\r")
            return bad("'delimiter' is one character such as \";\"");
        mapping.delimiter = word[0];
    } else if (name == "mode") {
        if (word != "create" && word != "upsert" && word != "update") return bad("'mode' is create, upsert or update");
        mapping.mode = word == "create"   ? Mapping::Mode::create
                       : word == "upsert" ? Mapping::Mode::upsert
                                          : Mapping::Mode::update;
    } else if (name == "differs") {
        if (word != "reject" && word != "first") return bad("'differs' is reject or first");
        mapping.first_wins = word == "first";
    } else {
        if (word != "keep" && word != "clear") return bad("'empty' is keep or clear");
        mapping.clear_empty = word == "clear";
    }
    return {};
}

Result<void> read_part(const std::string& name, const Json& part, Mapping& mapping) {
    if (name == "replace") return read_replacements(part, mapping);
    if (name == "formats") return read_formats(part, mapping);
    if (name == "columns")
        return read_texts(part, name, [&](auto& from, auto& to) { mapping.columns.push_back({from, to}); });
    if (name == "constants")
        return read_texts(part, name, [&](auto& from, auto& to) { mapping.constants.push_back({from, to}); });
    if (name == "refs")
        return read_texts(part, name, [&](auto& from, auto& to) { mapping.references.push_back({from, to}); });
    if (name == "formulas")
        return read_texts(part, name, [&](auto& from, auto& to) {
            std::string_view feel = to;
            if (feel.starts_with('=')) feel.remove_prefix(1);  // as in definitions
            mapping.formulas.push_back({from, std::string(feel)});
        });
    if (name == "group") return read_names(part, name, mapping.group);
    if (name == "match") return read_names(part, name, mapping.match);
    if (name == "unguard") return read_flag(part, name, mapping.unguard);
    if (name == "trim") return read_flag(part, name, mapping.trim);
    if (name == "encoding" || name == "delimiter" || name == "mode" || name == "differs" || name == "empty")
        return read_word(name, part, mapping);
    return bad(
        fmt::format("key '{}' is none of columns, constants, formulas, formats, replace, refs, group, differs, "
                    "mode, match, empty, encoding, delimiter, trim, unguard",
                    name));
}

}  // namespace

Result<Mapping> read_mapping(std::string_view text) {
    Mapping mapping;
    if (text.empty()) return mapping;
    auto json = parse_json(text);
    if (!json) return make_error(Status::usage, json.error().code, "the mapping: " + json.error().message);
    if (json->kind != Json::Kind::object) return bad("JSON is an object");
    for (const auto& [name, part] : json->members) LEAT_CHECK(read_part(name, part, mapping));
    return mapping;
}

}  // namespace leat::exchange
