// One row of a table: its cells become fields of a record and of a line.
#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.hpp"
#include "exchange/cell.hpp"
#include "exchange/record_reader.hpp"
#include "record/column.hpp"

namespace leat::exchange {

using program::Field;
using program::FieldKind;

namespace {

constexpr size_t kLineBytesMax = size_t{64} << 20;  // of one line of JSON Lines

bool plain_text(const Field& field) {
    return field.kind == FieldKind::string || field.kind == FieldKind::text;
}

std::string trimmed(const std::string& text) {
    size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// A formula sees the columns of a row and nothing else; a fixed clock makes two readings of a file agree.
class RowEnvironment final : public feel::Environment {
 public:
    Value member(const Value&, uint32_t, feel::Frame&) override { return Value(); }
    bool query(const feel::CollectionQuery&, std::span<const Value>, feel::Frame&, Value& out) override {
        out = Value();
        return true;
    }
    Value call(uint32_t, std::span<const Value>, feel::Frame&) override { return Value(); }
    int64_t now_us() override { return 0; }
    value::Zone time_zone() override { return {value::ZoneKind::offset, 0}; }
};

Json object() {
    Json json;
    json.kind = Json::Kind::object;
    return json;
}

}  // namespace

void RecordReader::problem(Row& row, std::string field, std::string message, std::string code) {
    row.problems.push_back({row.line, std::move(field), std::move(message), row.row, std::move(code)});
}

std::string RecordReader::replaced(const std::string& path, std::string text) const {
    for (const auto& replacement : mapping_.replacements)
        if (replacement.field == path && replacement.from == text) return replacement.to;
    return text;
}

void RecordReader::add_cell(Row& row, const Target& target, std::string text, bool quoted) {
    if (mapping_.trim) text = trimmed(text);
    text = replaced(target.path, std::move(text));
    if (target.key) {
        if (mapping_.unguard) text = unguarded(std::move(text));
        row.key = std::move(text);
        return;
    }
    Json& into = target.list ? row.line_fields : row.fields;
    const Field& field = *target.field;
    if (text.empty()) {
        if (quoted && plain_text(field)) {
            Json empty;
            empty.kind = Json::Kind::string;
            into.members.emplace_back(field.name, std::move(empty));
        } else if (mapping_.clear_empty) {
            into.members.emplace_back(field.name, Json());
        }
        return;
    }
    if (mapping_.unguard && is_text(field)) text = unguarded(std::move(text));
    if (target.format) {
        auto formatted = formatted_cell(field, *target.format, text);
        if (!formatted) return problem(row, target.path, std::move(formatted.error().message));
        text = std::move(*formatted);
    }
    auto value = json_of_cell(program_, field, text);
    if (!value) return problem(row, target.path, std::move(value.error().message));
    if (field.owned) clean_lines(*value, field);
    into.members.emplace_back(field.name, std::move(*value));
}

// Lines as exports write them hold what Leat makes itself: only what can be imported stays.
void RecordReader::clean_lines(Json& lines, const Field& list) {
    const auto& entity = program_.entities[list.to];
    for (Json& line : lines.items) {
        std::erase_if(line.members, [&](const auto& member) {
            const Field* field = entity.find(member.first);
            if (!field || importable(*field)) return false;  // an unknown one is the engine's to refuse
            if (field->id >= program::kFirstField && field->id != entity.owner_field)
                note_unused(list.name + "." + field->name);
            return true;
        });
    }
}

Result<void> RecordReader::add_formulas(Row& row,
                                        const std::vector<std::pair<std::string, const std::string*>>& cells) {
    if (formulas_.empty()) return {};
    arena_.reset();
    auto* entries = arena_.array<value::ContextEntry>(cells.size());
    for (size_t i = 0; i < cells.size(); ++i)
        new (entries + i)
            value::ContextEntry{cells[i].first, cells[i].second->empty() ? Value() : Value::string(*cells[i].second)};
    Value context = Value::context_of(arena_.make<value::ContextData>(entries, static_cast<uint32_t>(cells.size())));
    RowEnvironment environment;
    for (Formula& formula : formulas_) {
        LEAT_TRY(Value answer, formula.expression->evaluate(context, environment, arena_));
        const Target& target = formula.target;
        Json& into = target.list ? row.line_fields : row.fields;
        if (!target.key) std::erase_if(into.members, [&](const auto& one) { return one.first == target.field->name; });
        if (answer.is_null()) continue;
        std::string text = answer.kind == Kind::boolean ? (answer.is_true() ? "true" : "false")
                                                        : record::scalar_text(program_, answer);
        if (target.key)
            row.key = std::move(text);
        else if (target.field->kind == FieldKind::list || answer.kind == Kind::list || answer.kind == Kind::context)
            problem(row, target.path, fmt::format("the formula of '{}' must answer one value", target.path));
        else if (plain_text(*target.field) && text.empty())
            add_json(row, target, Json());
        else if (auto value = json_of_cell(program_, *target.field, text))
            into.members.emplace_back(target.field->name, std::move(*value));
        else
            problem(row, target.path, std::move(value.error().message));
    }
    return {};
}

void RecordReader::add_constants(Row& row) {
    for (const auto& [target, constant] : constants_) {
        if (target.key) {
            if (row.key.empty()) row.key = constant->value;
            continue;
        }
        const Json& into = target.list ? row.line_fields : row.fields;
        // A constant of a line makes no line where the row has none.
        if (target.list && into.members.empty()) continue;
        if (!into.find(target.field->name)) add_cell(row, target, constant->value, false);
    }
}

Result<bool> RecordReader::read_row(Row& row) {
    row = {};
    row.fields = object();
    row.line_fields = object();
    return format_ == Format::csv ? read_csv_row(row) : read_json_row(row);
}

Result<bool> RecordReader::read_csv_row(Row& row) {
    size_t count = 0;
    LEAT_TRY(bool more, csv_->next(cells_, count));
    if (!more) return false;
    row.row = ++row_;
    row.line = csv_->line();
    row.group = group_of(cells_, count);
    if (count != header_.size()) {
        problem(row, "", fmt::format("the row has {} cells, the header {}", count, header_.size()));
        return true;
    }
    std::vector<std::pair<std::string, const std::string*>> names;
    for (size_t i = 0; i < count; ++i) {
        CsvCell& cell = cells_[i];
        if (!base::valid_utf8(cell.text)) {
            if (targets_[i].used())
                problem(row, targets_[i].path,
                        fmt::format("column '{}' is not UTF-8 text: say its \"encoding\" in the mapping", header_[i]),
                        "import.encoding");
            continue;
        }
        if (!formulas_.empty()) names.emplace_back(header_[i], &cell.text);
        if (targets_[i].used()) add_cell(row, targets_[i], cell.text, cell.quoted);
    }
    LEAT_CHECK(add_formulas(row, names));
    add_constants(row);
    return true;
}

bool RecordReader::next_line(std::string& line) {
    line.clear();
    if (source_->peek() < 0) return false;
    ++line_;
    while (true) {
        std::string_view ready = source_->ready();
        if (ready.empty()) return true;
        size_t end = std::min(ready.find('\n'), ready.size());
        if (line.size() + end > kLineBytesMax)
            throw LimitError("limit.input", fmt::format("line {} is longer than {} bytes", line_, kLineBytesMax));
        line.append(ready.substr(0, end));
        source_->take(std::min(end + 1, ready.size()));
        if (end < ready.size()) return true;
    }
}

void RecordReader::add_json(Row& row, const Target& target, Json value) {
    Json& into = target.list ? row.line_fields : row.fields;
    if (into.find(target.field->name))
        return problem(row, target.path, fmt::format("two members feed field '{}'", target.path));
    if (target.field->owned) clean_lines(value, *target.field);
    into.members.emplace_back(target.field->name, std::move(value));
}

Result<bool> RecordReader::read_json_row(Row& row) {
    std::string text;
    do {
        if (!next_line(text)) {
            LEAT_CHECK(source_->finish());
            return false;
        }
    } while (text.find_first_not_of(" \t\r") == std::string::npos);
    row.row = ++row_;
    row.line = line_;
    auto json = base::parse_json(text);
    if (!json || json->kind != Json::Kind::object) {
        problem(row, "", json ? "a line is one JSON object" : json.error().message);
        return true;
    }
    std::vector<std::pair<std::string, const std::string*>> names;
    static const std::string kNothing;
    for (auto& [name, value] : json->members) {
        if (!formulas_.empty())
            names.emplace_back(
                name, value.kind == Json::Kind::string || value.kind == Json::Kind::number ? &value.text : &kNothing);
    }
    std::vector<std::string> copies;  // of texts that formulas read: members move into the record
    copies.reserve(names.size());
    for (auto& [name, cell] : names) {
        copies.push_back(*cell);
        cell = &copies.back();
    }
    for (auto& [name, value] : json->members) {
        auto at = json_targets_.find(name);
        if (at == json_targets_.end()) {
            bool left_out = false;
            LEAT_TRY(Target found, target_of(name, left_out));
            if (!found.used() && !left_out) note_unused(name);
            at = json_targets_.emplace(name, std::move(found)).first;
        }
        const Target& target = at->second;
        if (!target.used()) continue;
        if (target.list) {
            problem(row, target.path, "a line of JSON Lines holds its lines as a list of objects");
            continue;
        }
        if (value.kind == Json::Kind::string) {
            value.text = replaced(target.path, value.text);
            if (value.text.empty() && (target.key || !plain_text(*target.field))) continue;
            if (target.format) {
                auto formatted = formatted_cell(*target.field, *target.format, value.text);
                if (!formatted) {
                    problem(row, target.path, std::move(formatted.error().message));
                    continue;
                }
                value.text = std::move(*formatted);
            }
        }
        if (!target.key) {
            add_json(row, target, std::move(value));
        } else if (value.kind == Json::Kind::string || value.kind == Json::Kind::number) {
            row.key = value.text;
        } else {
            problem(row, target.path, "a key is a text");
        }
    }
    LEAT_CHECK(add_formulas(row, names));
    add_constants(row);
    return true;
}

// The key that a record of this input will have, where the entity makes keys of nothing but texts of the record
// ("{isbn}"): so a second import finds the records of the first. "" where that cannot be known.
std::string RecordReader::key_of(const Json& input) const {
    std::string_view source = entity_.key_source;
    std::string key;
    while (!source.empty()) {
        size_t open = source.find('{');
        key += source.substr(0, open);
        if (open == std::string_view::npos) break;
        size_t close = source.find('}', open);
        if (close == std::string_view::npos) return {};
        std::string_view name = source.substr(open + 1, close - open - 1);
        const Field* field = entity_.find(name);
        const Json* value = input.find(name);
        if (!field || !value || value->kind != Json::Kind::string) return {};
        if (field->kind != FieldKind::string && field->kind != FieldKind::text && field->kind != FieldKind::enumeration)
            return {};
        key += value->text;
        source.remove_prefix(close + 1);
    }
    return key;
}

}  // namespace leat::exchange
