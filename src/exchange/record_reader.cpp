#include "exchange/record_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.hpp"
#include "exchange/cell.hpp"

namespace leat::exchange {

using program::Entity;
using program::Field;

namespace {

std::vector<std::string> field_names(const Entity& entity) {
    std::vector<std::string> names = {"key"};
    for (const Field& field : entity.fields)
        if (importable(field)) names.push_back(field.name);
    return names;
}

Error no_field(const Entity& entity, const std::string& name) {
    const Field* field = entity.find(name);
    std::string near = base::nearest(name, field_names(entity));
    std::string why = field ? "is computed or kept by Leat and cannot be imported" : "does not exist";
    return make_error(Status::usage, "import.field",
                      fmt::format("field '{}' of {} {}{}", name, entity.name, why,
                                  near.empty() || field ? "" : fmt::format("; did you mean '{}'?", near)));
}

}  // namespace

RecordReader::RecordReader(const program::Program& program, const Entity& entity, Format format, const Mapping& mapping)
    : program_(program), entity_(entity), mapping_(mapping), format_(format) {}

RecordReader::~RecordReader() = default;

Result<std::unique_ptr<RecordReader>> RecordReader::open(const program::Program& program, const Entity& entity,
                                                         const Input& input, Format format, const Mapping& mapping) {
    std::unique_ptr<RecordReader> reader(new RecordReader(program, entity, format, mapping));
    LEAT_CHECK(reader->prepare(input));
    return reader;
}

static Result<std::unique_ptr<Source>> open_source(const RecordReader::Input& input, const Mapping& mapping) {
    return input.path.empty() ? Source::of_text(input.text, mapping.encoding)
                              : Source::of_file(input.path, mapping.encoding);
}

Result<void> RecordReader::prepare(const Input& input) {
    LEAT_TRY(source_, open_source(input, mapping_));
    if (format_ == Format::json_lines) {
        if (!mapping_.group.empty())
            return make_error(Status::usage, "import.mapping",
                              "'group' is for CSV: a line of JSON Lines is a whole record, with its lines inside");
        for (const auto& column : mapping_.columns)
            if (!column.field.empty()) LEAT_CHECK(target_named(column.field));
        return check_mapping();
    }
    csv_ = std::make_unique<CsvReader>(*source_, mapping_.delimiter);
    LEAT_CHECK(read_header());
    if (group_columns_.empty()) return {};
    LEAT_CHECK(count_runs(input));
    LEAT_TRY(source_, open_source(input, mapping_));
    csv_ = std::make_unique<CsvReader>(*source_, mapping_.delimiter);
    size_t count = 0;
    LEAT_TRY(bool again, csv_->next(cells_, count));
    (void)again;  // the header, which was there before
    return {};
}

Result<RecordReader::Target> RecordReader::target_named(const std::string& name) const {
    Target target;
    target.path = name;
    if (name == "key") {
        target.key = true;
        return target;
    }
    size_t dot = name.find('.');
    if (dot != std::string::npos) {
        const Field* list = entity_.find(std::string_view(name).substr(0, dot));
        if (!list || !list->owned)
            return make_error(Status::usage, "import.field",
                              fmt::format("'{}': {} has no lines '{}'", name, entity_.name, name.substr(0, dot)));
        const Entity& lines = program_.entities[list->to];
        target.field = lines.find(std::string_view(name).substr(dot + 1));
        if (!target.field || !importable(*target.field)) return no_field(lines, name.substr(dot + 1));
        target.list = list;
        return target;
    }
    target.field = entity_.find(name);
    if (!target.field || !importable(*target.field)) return no_field(entity_, name);
    return target;
}

const Field* RecordReader::by_title(std::string_view title) const {
    for (const Field& field : entity_.fields) {
        if (!importable(field)) continue;
        for (const auto& [language, text] : field.title.texts)
            if (text == title) return &field;
    }
    return nullptr;
}

Result<RecordReader::Target> RecordReader::target_of(const std::string& column, bool& left_out) const {
    left_out = false;
    Target target;
    auto mapped = std::find_if(mapping_.columns.begin(), mapping_.columns.end(),
                               [&](const auto& entry) { return entry.column == column; });
    if (mapped != mapping_.columns.end()) {
        left_out = mapped->field.empty();
        if (left_out) return target;
        LEAT_TRY(target, target_named(mapped->field));
    } else if (auto named = target_named(column)) {
        target = std::move(*named);
    } else if (const Field* field = by_title(column)) {
        target.field = field;
        target.path = field->name;
    }
    for (const auto& format : mapping_.formats)
        if (format.column == column) target.format = &format;
    return target;
}

Result<void> RecordReader::note_list(const Target& target) {
    if (!target.list) return {};
    if (list_ && list_ != target.list)
        return make_error(
            Status::usage, "import.mapping",
            fmt::format("rows can be lines of one list, not of '{}' and '{}' at once", list_->name, target.list->name));
    list_ = target.list;
    return {};
}

Result<void> RecordReader::check_mapping() {
    for (const auto& replacement : mapping_.replacements) LEAT_CHECK(target_named(replacement.field));
    for (const auto& constant : mapping_.constants) {
        LEAT_TRY(Target target, target_named(constant.field));
        constants_.emplace_back(std::move(target), &constant);
    }
    for (const auto& reference : mapping_.references) {
        LEAT_TRY(Target target, target_named(reference.field));
        if (target.key || target.field->kind != program::FieldKind::ref)
            return make_error(Status::usage, "import.mapping",
                              fmt::format("'refs': '{}' is no reference", reference.field));
        const Entity& to = program_.entities[target.field->to];
        const Field* by = to.find(reference.by);
        if (!by || !by->stored) return no_field(to, reference.by);
    }
    for (const std::string& field : mapping_.match) {
        LEAT_TRY(Target target, target_named(field));
        if (target.list || (target.field && !target.field->stored))
            return make_error(Status::usage, "import.mapping",
                              fmt::format("'match': '{}' is no stored field of {}", field, entity_.name));
    }
    for (const auto& formula : mapping_.formulas) {
        Formula made;
        LEAT_TRY(made.target, target_named(formula.field));
        LEAT_CHECK(note_list(made.target));
        made.text = formula.feel;
        feel::ContextExpression::Options options;
        options.lenient = true;  // columns are texts or null: what does not fit one row is that row's problem
        auto compiled = feel::ContextExpression::make(formula.feel, std::move(options));
        if (!compiled) {
            Error problem = std::move(compiled.error());
            problem.message = fmt::format("the formula of '{}': {}", formula.field, problem.message);
            return problem;
        }
        made.expression = std::move(*compiled);
        formulas_.push_back(std::move(made));
    }
    return {};
}

Result<void> RecordReader::read_header() {
    size_t count = 0;
    LEAT_TRY(bool there, csv_->next(cells_, count));
    if (!there)
        return make_error(Status::usage, "csv.empty", "the CSV text is empty; its first line must name the columns");
    for (size_t i = 0; i < count; ++i) header_.push_back(cells_[i].text);
    return match(header_);
}

Result<void> RecordReader::match(const std::vector<std::string>& header) {
    auto place_of = [&](const std::string& column) -> Result<size_t> {
        auto at = std::find(header.begin(), header.end(), column);
        if (at != header.end()) return static_cast<size_t>(at - header.begin());
        std::string near = base::nearest(column, header);
        return make_error(Status::usage, "import.column",
                          fmt::format("the file has no column '{}'{}", column,
                                      near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    };
    for (const auto& entry : mapping_.columns) LEAT_CHECK(place_of(entry.column));
    for (const auto& entry : mapping_.formats) LEAT_CHECK(place_of(entry.column));
    for (const auto& column : mapping_.group) {
        LEAT_TRY(size_t place, place_of(column));
        group_columns_.push_back(place);
    }
    LEAT_CHECK(check_mapping());
    for (size_t i = 0; i < header.size(); ++i) {
        bool left_out = false;
        LEAT_TRY(Target target, target_of(header[i], left_out));
        LEAT_CHECK(note_list(target));
        for (size_t j = 0; j < i; ++j) {
            if (!target.used() || targets_[j].path != target.path) continue;
            return make_error(
                Status::usage, "import.duplicate",
                fmt::format("columns '{}' and '{}' both feed field '{}'", header[j], header[i], target.path));
        }
        if (!target.used() && !left_out) note_unused(header[i]);
        targets_.push_back(std::move(target));
    }
    return {};
}

void RecordReader::note_unused(const std::string& column) {
    if (std::find(unused_.begin(), unused_.end(), column) == unused_.end()) unused_.push_back(column);
}

std::string RecordReader::group_of(const std::vector<CsvCell>& cells, size_t count) const {
    std::string group;
    for (size_t column : group_columns_) {
        if (column >= count) return {};
        if (!group.empty()) group += '\x1f';
        group += cells[column].text;
    }
    return group;
}

// Which groups stand in several places: only their rows are held until the last of them has come.
Result<void> RecordReader::count_runs(const Input& input) {
    LEAT_TRY(auto source, open_source(input, mapping_));
    CsvReader csv(*source, mapping_.delimiter);
    std::vector<CsvCell> cells;
    size_t count = 0;
    std::string last;
    bool header = true;
    while (true) {
        LEAT_TRY(bool more, csv.next(cells, count));
        if (!more) break;
        if (std::exchange(header, false)) continue;
        std::string group = group_of(cells, count);
        if (group.empty() || group == last) continue;
        ++runs_[std::hash<std::string>()(group)];
        last = std::move(group);
    }
    std::erase_if(runs_, [](const auto& entry) { return entry.second == 1; });
    return {};
}

void RecordReader::begin(ImportedRecord& record, Row&& row) {
    record.row = row.row;
    record.line = row.line;
    record.key = std::move(row.key);
    record.input = std::move(row.fields);
    record.problems = std::move(row.problems);
    if (!list_ || row.line_fields.members.empty()) return;
    Json lines;
    lines.kind = Json::Kind::array;
    lines.items.push_back(std::move(row.line_fields));
    record.input.members.emplace_back(list_->name, std::move(lines));
}

// One more row of the same record: what it says of the record itself must agree.
void RecordReader::join(ImportedRecord& record, Row&& row) {
    auto differ = [&](const std::string& field) {
        if (mapping_.first_wins) return;
        record.problems.push_back(
            {row.line, field, fmt::format("'{}' differs from row {}, which is of the same record", field, record.row),
             row.row, "import.differs"});
    };
    for (auto& member : row.fields.members) {
        auto known = std::find_if(record.input.members.begin(), record.input.members.end(),
                                  [&](const auto& one) { return one.first == member.first; });
        if (known == record.input.members.end())
            record.input.members.push_back(std::move(member));
        else if (base::to_text(known->second) != base::to_text(member.second))
            differ(member.first);
    }
    if (!row.key.empty() && record.key.empty()) record.key = std::move(row.key);
    if (!row.key.empty() && record.key != row.key) differ("key");
    for (auto& one : row.problems) record.problems.push_back(std::move(one));
    if (!list_ || row.line_fields.members.empty()) return;
    for (auto& member : record.input.members) {
        if (member.first != list_->name) continue;
        member.second.items.push_back(std::move(row.line_fields));
        return;
    }
    Json lines;
    lines.kind = Json::Kind::array;
    lines.items.push_back(std::move(row.line_fields));
    record.input.members.emplace_back(list_->name, std::move(lines));
}

void RecordReader::finish(ImportedRecord& record) const {
    if (record.key.empty()) record.key = key_of(record.input);
}

Result<bool> RecordReader::next(ImportedRecord& record) {
    record = {};
    if (group_columns_.empty()) {
        Row row;
        LEAT_TRY(bool more, read_row(row));
        if (!more) return false;
        begin(record, std::move(row));
        finish(record);
        return true;
    }
    while (true) {
        Row row;
        if (has_ahead_) {
            row = std::move(ahead_);
            has_ahead_ = false;
        } else {
            LEAT_TRY(bool more, read_row(row));
            if (!more) {
                if (waiting_.empty()) return false;
                record = std::move(waiting_.begin()->second);
                waiting_.erase(waiting_.begin());
                finish(record);
                return true;
            }
        }
        std::string group = row.group;
        if (group.empty()) {
            problem(row, "", "the row has no value in the columns that group rows", "import.group");
            begin(record, std::move(row));
            return true;
        }
        auto held = waiting_.find(group);
        if (held != waiting_.end()) {
            record = std::move(held->second);
            waiting_.erase(held);
            join(record, std::move(row));
        } else {
            begin(record, std::move(row));
        }
        while (true) {
            ahead_ = {};
            LEAT_TRY(has_ahead_, read_row(ahead_));
            if (!has_ahead_ || ahead_.group != group) break;
            join(record, std::move(ahead_));
        }
        auto runs = runs_.find(std::hash<std::string>()(group));
        if (runs == runs_.end() || --runs->second == 0) {
            finish(record);
            return true;
        }
        waiting_.emplace(std::move(group), std::move(record));
        record = {};
    }
}

}  // namespace leat::exchange
