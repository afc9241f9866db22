#include "report/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/csv.hpp"

namespace leat::report {

using program::Field;
using program::FieldRight;
using program::ReportColumn;
using record::Records;
using record::Row;

namespace {

struct Group {
    std::vector<Value> values;
    std::vector<Value> rows;
};

bool readable(FieldRight right) {
    return right == FieldRight::read || right == FieldRight::write;
}

// Whether some role of the actor shows the field in at least one row; closed by default, but entities that declare no
// access at all and are built in (people) may be named.
bool shown_to(const program::Entity& entity, program::FieldId field, const query::AccessScope& scope) {
    if (entity.built_in && entity.access.empty()) return true;
    if (entity.shareable) return true;  // perhaps: asked row by row
    for (const auto& rule : entity.access) {
        if (!scope.has(rule.role) || !rule.read) continue;
        FieldRight right = FieldRight::read;
        for (const auto& [listed, given] : rule.fields) {
            if (listed == field) right = given;
        }
        if (readable(right)) return true;
    }
    return false;
}

bool rights_vary(const program::Program& program, const program::Entity& entity, const query::AccessScope& scope) {
    if (entity.owner != program::kNone) return rights_vary(program, program.entities[entity.owner], scope);
    for (const auto& rule : entity.access) {
        if ((scope.has(rule.role) || entity.shareable) && !rule.fields.empty()) return true;
    }
    for (const program::Flow& flow : program.flows) {  // former versions, too
        if (flow.entity != entity.id) continue;
        for (const auto& state : flow.states) {
            if (!state.fields.empty()) return true;
        }
    }
    return false;
}

auto reads_elsewhere(program::EntityId own) {
    return [own](const feel::Reads& reads) {
        return !reads.collections.empty() || std::any_of(reads.fields.begin(), reads.fields.end(),
                                                         [&](const feel::Read& read) { return read.entity != own; });
    };
}

class Run {
 public:
    Run(Records& records, const program::Report& report, const query::AccessScope& scope)
        : records_(records), program_(records.program()), report_(report), scope_(scope) {}

    Result<void> collect(const Value& params) {
        locals_ = empty_locals();
        locals_[program::kParams] = params;
        hide_statically();
        by_row_ =
            !scope_.sees_everything() && (rights_vary(program_, program_.entities[report_.entity], scope_) ||
                                          std::any_of(reads_.begin(), reads_.end(), reads_elsewhere(report_.entity)));
        LEAT_CHECK(check_condition());
        Result<void> inner;
        record::ScanOptions options;
        options.where = report_.where.get();
        options.locals = locals_;
        for (const feel::Reads& reads : reads_)
            for (const feel::Read& read : reads.fields)
                if (read.entity == report_.entity && !read.through_reference) options.wanted.push_back(read.field);
        auto done = records_.scan(report_.entity, options, scope_, [&](Row& row) {
            ++count_;
            inner = add(row);
            return static_cast<bool>(inner);
        });
        if (!inner) return inner;
        return done;
    }

    Result<void> measure(Table& table) {
        if (groups_.empty() && report_.group.empty()) groups_.emplace_back();
        for (const Group& group : groups_) {
            std::vector<Value> row = group.values;
            Value* locals = empty_locals();
            locals[program::kParams] = locals_[program::kParams];
            auto* items = records_.arena().array<Value>(group.rows.size());
            std::copy(group.rows.begin(), group.rows.end(), items);
            locals[program::kRows] = Value::list(items, group.rows.size());
            for (size_t i = 0; i < group.values.size() && program::kFirstLocal + i < program_.locals_max; ++i) {
                locals[program::kFirstLocal + i] = group.values[i];
            }
            for (size_t i = 0; i < report_.measures.size(); ++i) {
                if (hidden_[report_.group.size() + i]) {
                    row.emplace_back();
                    continue;
                }
                feel::Frame frame = records_.frame(nullptr, locals);
                row.push_back(report_.measures[i].expression->evaluate(frame));
                if (const Error* problem = records_.pending_error()) return *problem;
            }
            table.rows.push_back(std::move(row));
        }
        return {};
    }

    bool hidden(size_t column) const { return hidden_[column]; }
    uint64_t count() const { return count_; }

 private:
    Value* empty_locals() {
        auto* out = records_.arena().array<Value>(program_.locals_max);
        std::fill_n(out, program_.locals_max, Value());
        if (scope_.actor_id() != 0 && program_.user != program::kNone)
            out[program::kActor] = Value::record_of(program_.user, scope_.actor_id());
        return out;
    }

    const ReportColumn& column(size_t index) const {
        return index < report_.group.size() ? report_.group[index] : report_.measures[index - report_.group.size()];
    }

    // Whoever may vary a report's parameters could search for what its condition reads. Where that is hidden in every
    // record the report is refused; where it is in some, those do not match (Records::scan).
    Result<void> check_condition() const {
        if (!report_.where || scope_.sees_everything()) return {};
        const program::Entity& own = program_.entities[report_.entity];
        const auto& access = own.owner == program::kNone ? own.access : program_.entities[own.owner].access;
        bool reads_rows = std::any_of(access.begin(), access.end(),
                                      [&](const auto& rule) { return scope_.has(rule.role) && rule.read; });
        if (!reads_rows) return {};  // and will see an empty report
        for (const feel::Read& read : report_.where->reads().fields) {
            if (read.field < program::kFirstField || may_show(read)) continue;
            const program::Entity& entity = program_.entities[read.entity];
            return make_error(Status::usage, "access.report",
                              fmt::format("report '{}' chooses its records by '{}' of {}, which '{}' may not read",
                                          report_.name, entity.fields[read.field].name, entity.name, scope_.actor()));
        }
        return {};
    }

    bool may_show(const feel::Read& read) const {
        const program::Entity* entity = &program_.entities[read.entity];
        program::FieldId field = read.field;
        if (entity->owner != program::kNone) {
            field = entity->owner_list;
            entity = &program_.entities[entity->owner];
        }
        return shown_to(*entity, field, scope_);
    }

    // What no role of the actor shows in any row.
    void hide_statically() {
        size_t columns = report_.group.size() + report_.measures.size();
        hidden_.assign(columns, false);
        for (size_t i = 0; i < columns; ++i) {
            reads_.push_back(column(i).expression->reads());
            reads_[i].functions.clear();  // the definition's, which sees everything
            const auto& collections = reads_[i].collections;
            bool others = std::find(collections.begin(), collections.end(), report_.entity) != collections.end();
            for (feel::Read& read : reads_[i].fields) {
                // A measure reads its rows as a group column reads `this`.
                if (read.entity == report_.entity && !others) read.through_reference = false;
                if (scope_.sees_everything() || read.field < program::kFirstField) continue;
                if (!may_show(read)) hidden_[i] = true;
            }
        }
    }

    Result<void> add(Row& row) {
        if (by_row_) {
            for (size_t i = 0; i < hidden_.size(); ++i)
                if (!hidden_[i] && !records_.sees(row, reads_[i], scope_)) hide(i);
        }
        std::vector<Value> values;
        std::string key;
        for (size_t i = 0; i < report_.group.size(); ++i) {
            Value value;
            if (!hidden_[i]) {
                const feel::Expression& expression = *report_.group[i].expression;
                feel::Frame frame = records_.frame(&row, locals_, &expression.reads());
                value = expression.evaluate(frame);
                if (const Error* problem = records_.pending_error()) return *problem;
            }
            key += static_cast<char>('a' + static_cast<int>(value.kind));
            value::append_json(key, value);
            values.push_back(value);
        }
        auto [at, fresh] = group_of_.try_emplace(std::move(key), groups_.size());
        if (fresh) groups_.push_back({std::move(values), {}});
        groups_[at->second].rows.push_back(records_.value_of(row));
        return {};
    }

    // A group column that turns out hidden at some row: groups that differed only there become one.
    void hide(size_t column) {
        hidden_[column] = true;
        if (column >= report_.group.size()) return;
        std::vector<Group> before = std::move(groups_);
        groups_.clear();
        group_of_.clear();
        for (Group& group : before) {
            group.values[column] = Value();
            std::string key;
            for (const Value& value : group.values) {
                key += static_cast<char>('a' + static_cast<int>(value.kind));
                value::append_json(key, value);
            }
            auto [at, fresh] = group_of_.try_emplace(std::move(key), groups_.size());
            if (fresh)
                groups_.push_back(std::move(group));
            else
                groups_[at->second].rows.insert(groups_[at->second].rows.end(), group.rows.begin(), group.rows.end());
        }
    }

    Records& records_;
    const program::Program& program_;
    const program::Report& report_;
    const query::AccessScope& scope_;
    Value* locals_ = nullptr;
    std::vector<bool> hidden_;
    std::vector<feel::Reads> reads_;  // by column
    bool by_row_ = false;             // what may be read differs from row to row
    std::vector<Group> groups_;       // in order of first appearance
    std::unordered_map<std::string, size_t> group_of_;
    uint64_t count_ = 0;
};

Result<std::string> shown(Records& records, const Value& value) {
    if (value.kind != Kind::record) return value::to_text(value);
    LEAT_TRY(Row * row, records.row_of(value));
    if (!row) return std::to_string(value.record.id);
    return std::string(row->key());
}

// Nulls come last, whichever the direction; records order by their keys.
Result<void> sort_rows(Records& records, const program::Report& report, Table& table) {
    if (report.sort.empty()) return {};
    std::vector<std::vector<Value>> keys(table.rows.size());
    for (size_t i = 0; i < table.rows.size(); ++i) {
        for (const auto& [column, descending] : report.sort) {
            Value value = table.rows[i][column];
            if (value.kind == Kind::record) {
                LEAT_TRY(std::string key, shown(records, value));
                value = Value::string(records.arena().copy(key));
            }
            keys[i].push_back(value);
        }
    }
    std::vector<size_t> order(table.rows.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
        for (size_t i = 0; i < report.sort.size(); ++i) {
            const Value& left = keys[a][i];
            const Value& right = keys[b][i];
            if (left.is_null() != right.is_null()) return right.is_null();
            auto compared = value::compare(left, right);
            // FEEL orders no booleans; a table puts false first.
            if (left.kind == Kind::boolean && right.kind == Kind::boolean) compared = left.flags <=> right.flags;
            if (!compared || *compared == 0) continue;
            return report.sort[i].second ? *compared > 0 : *compared < 0;
        }
        return false;
    });
    std::vector<std::vector<Value>> sorted;
    sorted.reserve(order.size());
    for (size_t index : order) sorted.push_back(std::move(table.rows[index]));
    table.rows = std::move(sorted);
    return {};
}

Column column_of(const ReportColumn& source, std::string_view language, bool measure, bool hidden) {
    Column column;
    column.name = source.name;
    column.title = source.title.in(language);
    if (column.title.empty()) column.title = source.name;
    column.format = source.format;
    column.type = feel::describe(source.expression->type());
    column.measure = measure;
    column.hidden = hidden;
    return column;
}

std::string parameter_names(const program::Report& report) {
    std::string out;
    for (const Field& param : report.params) out += fmt::format("{}{}", out.empty() ? "" : ", ", param.name);
    return out.empty() ? "it takes none" : "it takes " + out;
}

}  // namespace

Result<Value> parameters(Records& records, const program::Report& report, const Json& params) {
    if (params.kind != Json::Kind::object && !params.is_null()) {
        return make_error(Status::usage, "report.param",
                          fmt::format("the parameters of report '{}' are a JSON object", report.name));
    }
    for (const auto& member : params.members) {
        const std::string& name = member.first;
        bool known = std::any_of(report.params.begin(), report.params.end(),
                                 [&](const Field& param) { return param.name == name; });
        if (!known) {
            return make_error(
                Status::usage, "report.param",
                fmt::format("report '{}' has no parameter '{}'; {}", report.name, name, parameter_names(report)));
        }
    }
    auto* entries = records.arena().array<value::ContextEntry>(report.params.size());
    for (size_t i = 0; i < report.params.size(); ++i) {
        const Field& param = report.params[i];
        const Json* given = params.find(param.name);
        Value value;
        if (given && !given->is_null()) {
            auto read = records.from_json(param, *given);
            if (!read) {
                Error problem = std::move(read.error());
                problem.message = fmt::format("report '{}': {}", report.name, problem.message);
                if (problem.status == Status::usage) problem.code = "report.param";
                return problem;
            }
            value = *read;
        } else if (param.default_value) {
            feel::Frame frame = records.frame(nullptr, nullptr);
            LEAT_TRY(value, records.coerce(param, param.default_value->evaluate(frame)));
        }
        if (value.is_null() && param.required) {
            return make_error(Status::usage, "report.param",
                              fmt::format("report '{}' needs the parameter '{}'", report.name, param.name));
        }
        entries[i] = {param.name, value};
    }
    return Value::context_of(
        records.arena().make<value::ContextData>(entries, static_cast<uint32_t>(report.params.size())));
}

Result<Table> run(Records& records, const program::Report& report, const Json& params, const query::AccessScope& scope,
                  std::string_view language) {
    LEAT_TRY(Value values, parameters(records, report, params));
    Run running(records, report, scope);
    LEAT_CHECK(running.collect(values));
    Table table;
    table.name = report.name;
    table.title = report.title.in(language);
    if (table.title.empty()) table.title = report.name;
    LEAT_CHECK(running.measure(table));
    for (size_t i = 0; i < report.group.size(); ++i)
        table.columns.push_back(column_of(report.group[i], language, false, running.hidden(i)));
    for (size_t i = 0; i < report.measures.size(); ++i) {
        table.columns.push_back(column_of(report.measures[i], language, true, running.hidden(report.group.size() + i)));
    }
    table.records = running.count();
    LEAT_CHECK(sort_rows(records, report, table));
    if (report.limit && table.rows.size() > *report.limit) table.rows.resize(*report.limit);
    return table;
}

static Result<void> append_value(Records& records, const Value& value, std::string& out) {
    if (value.kind == Kind::record) {
        LEAT_TRY(std::string key, shown(records, value));
        base::JsonWriter(out).string(key);
    } else if (value.kind == Kind::number) {
        out += value.as_number().to_string();
    } else if (value.kind == Kind::list) {
        out += '[';
        for (size_t i = 0; i < value.as_list().size(); ++i) {
            if (i) out += ',';
            LEAT_CHECK(append_value(records, value.as_list()[i], out));
        }
        out += ']';
    } else {
        value::append_json(out, value);
    }
    return {};
}

Result<std::string> to_json(Records& records, const Table& table) {
    std::string out;
    base::JsonWriter writer(out);
    writer.begin_object()
        .key("report")
        .string(table.name)
        .key("title")
        .string(table.title)
        .key("records")
        .number(static_cast<int64_t>(table.records));
    writer.key("columns").begin_array();
    for (const Column& column : table.columns) {
        writer.begin_object()
            .key("name")
            .string(column.name)
            .key("title")
            .string(column.title)
            .key("type")
            .string(column.type);
        if (!column.format.empty()) writer.key("format").string(column.format);
        writer.key("measure").boolean(column.measure);
        if (column.hidden) writer.key("hidden").boolean(true);
        writer.end_object();
    }
    writer.end_array().key("rows").begin_array();
    for (const auto& row : table.rows) {
        writer.begin_object();
        for (size_t i = 0; i < row.size(); ++i) {
            std::string value;
            LEAT_CHECK(append_value(records, row[i], value));
            writer.key(table.columns[i].name).raw(value);
        }
        writer.end_object();
    }
    writer.end_array().end_object();
    return out;
}

Result<std::string> to_csv(Records& records, const Table& table) {
    std::string out;
    for (size_t i = 0; i < table.columns.size(); ++i) {
        if (i) out += ',';
        out += base::csv_cell(table.columns[i].name);
    }
    out += "\r\n";
    for (const auto& row : table.rows) {
        for (size_t i = 0; i < row.size(); ++i) {
            if (i) out += ',';
            if (table.columns[i].hidden) {
                out += "hidden";
                continue;
            }
            LEAT_TRY(std::string text, shown(records, row[i]));
            out += base::csv_cell(text);
        }
        out += "\r\n";
    }
    return out;
}

}  // namespace leat::report
