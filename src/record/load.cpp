#include "record/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <unordered_set>

#include "base/utf8.hpp"
#include "feel/quick_compare.hpp"
#include "record/load_cells.hpp"
#include "record/parts.hpp"

namespace leat::record {

using program::Field;
using program::FieldKind;
using program::kFirstField;
using program::kKey;

namespace {

// Whether an expression looks at nothing but the record itself, what it refers to, settings and the clock.
bool own(const program::ExpressionPtr& expression) {
    if (!expression) return true;
    const feel::Reads& reads = expression->reads();
    return reads.collections.empty() && reads.functions.empty();
}

bool own(const program::Criterion& criterion) {
    return own(criterion.condition) && own(criterion.if_);
}

}  // namespace

std::string cannot_load(const program::Program& program, const program::Entity& entity) {
    if (entity.built_in) return "people and departments are made one by one";
    if (entity.owner != program::kNone) return "lines are made with the record that owns them";
    if (!entity.flows.empty()) return "its flow starts";
    if (!entity.rules.empty()) return "its rules run";
    if (!entity.slas.empty()) return "its service levels begin";
    if (!entity.search.empty()) return "its texts go into the full text";
    for (const auto& part : entity.key_parts)
        if (part.kind == program::KeyPart::Kind::sequence || !own(part.expression))
            return "its keys are drawn from a series";
    if (!entity.row_dependents.empty()) return "roll-ups of other records count it";
    for (const auto& dependents : entity.dependents)
        for (const auto& one : dependents)
            if (one.path == program::Dependent::Path::referenced) return "formulas of other records read it";
    for (const Field& field : entity.fields) {
        bool plain = own(field.formula) || !field.stored;
        if (!plain || !own(field.default_value) || !own(field.required_if))
            return fmt::format("'{}' reads other records", field.name);
        if (field.currency_field != program::kNone) return fmt::format("'{}' has a currency of its own", field.name);
        if (field.readonly_if) return fmt::format("'{}' may be closed to who makes one", field.name);
        if (field.wide) return fmt::format("'{}' has more digits than a column of numbers", field.name);
        if (!field.series.empty()) return fmt::format("'{}' is drawn from a series", field.name);
    }
    for (const auto& constraint : entity.constraints)
        if (!own(constraint)) return "a constraint reads other records";
    for (const auto& rule : entity.access)
        if (!own(rule.add) || !own(rule.write) || !own(rule.read)) return "rights on it depend on other records";
    // An eventless transition over there may wait for a record like this one.
    for (const auto& other : program.entities) {
        if (other.flows.empty()) continue;
        for (const Field& list : other.fields)
            if (list.kind == FieldKind::list && !list.scalar_list && list.to == entity.id)
                return "flows of other records list it";
    }
    return {};
}

Result<void> check_columns(const program::Entity& entity, std::span<const LoadColumn> columns) {
    const size_t size = entity.fields.size();
    std::vector<bool> is_given(size, false);
    for (const LoadColumn& column : columns) {
        const Field* field = column.field < size ? &entity.fields[column.field] : nullptr;
        bool key = field && field->id == kKey && entity.explicit_key;
        bool fits = field && (key || (field->origin == program::Origin::declared && !field->formula && field->stored));
        if (!fits || is_given[column.field])
            return make_error(
                Status::usage, "load.field",
                fmt::format("column {} cannot be loaded into {}: {}", &column - columns.data(), entity.name,
                            !field  ? std::string("there is no such field")
                            : !fits ? fmt::format("'{}' is not given by who makes a record", field->name)
                                    : fmt::format("'{}' has a column already", field->name)));
        is_given[column.field] = true;
    }
    return {};
}

// What the digest of a chunk covers: what differs from row to row.
static bool digested(FieldId id) {
    return id == program::kId || id == kKey || id >= kFirstField;
}

struct Loader::State {
    Entry row;
    const EntityPlan* plan = nullptr;
    std::vector<FieldId> computed;  // formulas by rank
    std::vector<FieldId> defaults;  // fields with one
    std::vector<FieldId> given;     // fields of the columns
    std::vector<Value> empty;       // by field: what a new record starts with
    std::optional<store::Statement> insert;
    // A column that differs from row to row: what a row needs to know of it, apart from the field, which is large.
    struct Written {
        int number = 0;  // of the statement's parameter
        FieldId field = 0;
        int16_t exponent = 0;  // of a number as the column keeps it
        bool general = false;  // JSON and lists
    };
    std::vector<Written> written;
    std::vector<std::pair<EntityId, int64_t>> known;  // references that exist, by a hash
    Value instant, by, version;
    uint64_t steps = 0;            // of one record
    bool everything = false;       // the actor may do all
    bool constant_rights = false;  // his rights are the same for every record …
    bool granted = false;          // … and give him all that he does here
    bool reads_key = false;        // some expression reads the key, where it is the id's text
};

Loader::Loader(Records& records, const program::Entity& entity, std::span<const LoadColumn> columns,
               const Origin& origin)
    : records_(records), entity_(entity), columns_(columns), origin_(origin), state_(std::make_unique<State>()) {}

Loader::~Loader() = default;

Result<void> Loader::prepare() {
    State& state = *state_;
    Records::Parts& parts = *records_.parts_;
    state.plan = &parts.plan(entity_.id);
    LEAT_CHECK(check_columns(entity_, columns_));
    for (const LoadColumn& column : columns_) {
        state.given.push_back(column.field);
        cells_.emplace_back(records_.program(), entity_.fields[column.field], column);
    }
    for (const Field& field : entity_.fields) {
        state.empty.push_back(Value::null(&field.empty));
        if (!field.default_value || field.formula || !field.stored) continue;
        if (!field.default_value->is_constant()) {
            state.defaults.push_back(field.id);
            continue;
        }
        feel::Frame frame = records_.frame(nullptr, nullptr, &field.default_value->reads());
        Value value = field.default_value->evaluate(frame);
        if (value.is_null()) continue;
        LEAT_TRY(state.empty.back(), records_.coerce(field, value));
    }
    state.computed = entity_.formulas;
    state.everything = origin_.scope.sees_everything();
    state.constant_rights = true;
    auto look = [&](const program::ExpressionPtr& expression) {
        if (!expression) return true;
        for (const feel::Read& read : expression->reads().fields)
            state.reads_key = state.reads_key || (read.entity == entity_.id && read.field == kKey);
        return expression->is_constant();
    };
    for (const auto& rule : entity_.access) {
        if (!origin_.scope.has(rule.role)) continue;
        for (const auto* one : {&rule.add, &rule.write, &rule.read})
            if (!look(*one)) state.constant_rights = false;
    }
    for (const Field& field : entity_.fields)
        for (const auto* one : {&field.formula, &field.default_value, &field.required_if}) look(*one);
    for (const auto& part : entity_.key_parts) look(part.expression);
    for (const auto& one : entity_.constraints) {
        look(one.condition);
        look(one.if_);
        if (const feel::Template* message = one.message.in(origin_.language))
            for (const feel::Read& read : message->reads().fields)
                state.reads_key = state.reads_key || (read.entity == entity_.id && read.field == kKey);
    }
    state.row.entity = entity_.id;
    state.row.plan = state.plan;
    state.row.created = true;
    state.row.touched = true;
    state.row.fields = records_.arena().array<Value>(entity_.fields.size());
    LEAT_TRY(auto insert, records_.connection().prepare(state.plan->insert));
    state.insert.emplace(std::move(insert));
    state.known.assign(4096, {program::kNone, 0});
    LEAT_TRY(first_id_, parts.next_id(entity_.id));
    last_id_ = first_id_ - 1;
    parts.entities[entity_.id].last_id = last_id_;
    state.steps = records_.steps_left;
    state.version = Value::number(Decimal(origin_.sequence));
    state.instant = instant_value(records_.program(), origin_.time_us);
    state.by = Value::string(records_.arena().copy(origin_.actor));
    // What is the same in every row is bound once.
    for (size_t place = 0; place < state.plan->columns.size(); ++place) {
        FieldId id = state.plan->columns[place];
        const Value* value = id == program::kVersion                                  ? &state.version
                             : id == program::kCreatedAt || id == program::kUpdatedAt ? &state.instant
                             : id == program::kCreatedBy || id == program::kUpdatedBy ? &state.by
                                                                                      : nullptr;
        const int number = static_cast<int>(place) + 1;
        if (!value) {
            if (!digested(id)) continue;
            const Field& field = entity_.fields[id];
            const bool general = field.kind == FieldKind::json || field.kind == FieldKind::list;
            state.written.push_back({number, id, static_cast<int16_t>(-field.scale), general});
            continue;
        }
        query::Parameter constant = to_column(records_.program(), entity_.fields[id], *value, records_.arena());
        query::bind(*state.insert, {constant}, number);
    }
    return {};
}

void Loader::problem(FieldId field, std::string code, std::string message, std::vector<Violation>& problems) {
    Violation one;
    one.code = std::move(code);
    one.at = fmt::format("{}.{}", entity_.name, entity_.fields[field].name);
    one.message = std::move(message);
    one.fields = {entity_.fields[field].name};
    one.entity = entity_.name;
    problems.push_back(std::move(one));
}

// A reference to a record that is there; asked once for each of them, as long as there is room to remember.
Result<bool> Loader::exists(EntityId entity, int64_t id) {
    auto& known = state_->known[(static_cast<uint64_t>(id) * 0x9E3779B97F4A7C15u + entity) >> 52];
    if (known.first == entity && known.second == id) return true;
    LEAT_TRY(Row * target, records_.get(entity, id));
    if (!target) return false;
    known = {entity, id};
    return true;
}

Result<void> Loader::read(size_t row, std::vector<Violation>& problems) {
    State& state = *state_;
    std::copy(state.empty.begin(), state.empty.end(), state.row.fields);
    state.row.id = last_id_ + 1;
    state.row.fields[program::kId] = Value::number(Decimal(state.row.id));
    state.row.fields[program::kCreatedAt] = state.instant;
    state.row.fields[program::kCreatedBy] = state.by;
    if (!state.plan->has_key && state.reads_key)
        state.row.fields[kKey] = Value::string(records_.arena().copy(fmt::format_int(state.row.id).str()));
    for (CellReader& cell : cells_) {
        Value& value = state.row.fields[cell.id()];
        auto read = cell.read(row, value, records_);
        if (!read) {
            if (read.error().status != Status::usage) return std::move(read.error());
            problem(cell.field().id, read.error().code, std::move(read.error().message), problems);
            continue;
        }
        if (value.kind != Kind::record) continue;
        LEAT_TRY(bool there, exists(cell.field().to, value.record.id));
        if (!there)
            problem(cell.field().id, "input.unknown_reference",
                    fmt::format("field '{}': there is no {} with id {}", cell.field().name,
                                records_.program().entities[cell.field().to].name, value.record.id),
                    problems);
    }
    return {};
}

// Defaults, formulas and the key, in the order of a command of its own.
Result<void> Loader::complete() {
    State& state = *state_;
    Records::Parts& parts = *records_.parts_;
    Value* fields = state.row.fields;
    auto fill = [&]() -> Result<bool> {
        bool filled = false;
        for (FieldId id : state.defaults) {
            const Field& field = entity_.fields[id];
            if (!fields[id].is_null()) continue;
            feel::Frame frame = records_.frame(&state.row, nullptr, &field.default_value->reads());
            Value value = field.default_value->evaluate(frame);
            if (parts.error) return *parts.error;
            if (value.is_null()) continue;
            LEAT_TRY(fields[id], records_.coerce(field, value));
            filled = true;
        }
        return filled;
    };
    auto compute = [&]() -> Result<void> {
        for (FieldId id : state.computed) {
            fields[id] = parts.evaluate_formula(state.row, entity_.fields[id]);
            if (parts.error) return *parts.error;
        }
        return {};
    };
    LEAT_CHECK(fill());
    if (state.computed.empty()) return {};
    LEAT_CHECK(compute());
    LEAT_TRY(bool more, fill());  // defaults that read formulas
    if (more) LEAT_CHECK(compute());
    return {};
}

Result<void> Loader::make_key(std::vector<Violation>& problems) {
    State& state = *state_;
    if (entity_.key_parts.empty()) {
        if (entity_.explicit_key && state.row.key().empty())
            problem(kKey, "constraint", fmt::format("a new {} needs a 'key'", entity_.name), problems);
        return {};
    }
    std::string key;
    DateTime local = DateTime::from_utc_us(origin_.time_us, records_.program().time_zone);
    int64_t year = 0;
    int month = 0, day = 0;
    local.date().civil(year, month, day);
    using Part = program::KeyPart::Kind;
    for (const auto& part : entity_.key_parts) {
        switch (part.kind) {
            case Part::literal:
                key += part.literal;
                break;
            case Part::year4:
                key += fmt::format("{:04}", year);
                break;
            case Part::year2:
                key += fmt::format("{:02}", year % 100);
                break;
            case Part::month:
                key += fmt::format("{:02}", month);
                break;
            case Part::day:
                key += fmt::format("{:02}", day);
                break;
            case Part::sequence:
                break;  // not loaded that way
            case Part::expression: {
                feel::Frame frame = records_.frame(&state.row, nullptr, &part.expression->reads());
                Value value = part.expression->evaluate(frame);
                if (records_.parts_->error) return *records_.parts_->error;
                if (value.is_null()) {
                    problem(kKey, "null",
                            fmt::format("'{}' is empty, so the key cannot be made", part.expression->source().text),
                            problems);
                    return {};
                }
                if (value.kind == Kind::record) {
                    LEAT_TRY(std::string other, records_.parts_->key_of(value));
                    key += other;
                } else {
                    key += value::to_text(value);
                }
            }
        }
    }
    state.row.fields[kKey] = Value::string(records_.arena().copy(key));
    return {};
}

// The right to add this very record, and to set each field that was given.
Result<void> Loader::check_rights(size_t row, std::vector<Violation>& problems) {
    State& state = *state_;
    if (state.everything || (state.constant_rights && state.granted)) return {};
    Records::Parts& parts = *records_.parts_;
    ++parts.stamp;  // what is remembered of rights is of the row before
    const bool chinese = origin_.language == "zh";
    if (!parts.may(state.row, origin_.scope, &program::AccessRule::add)) {
        Violation one;
        one.code = "access.row";
        one.at = one.entity = entity_.name;
        one.message = chinese ? fmt::format("“{}”无权新建此{}", origin_.actor, entity_.name)
                              : fmt::format("'{}' may not add this {}", origin_.actor, entity_.name);
        problems.push_back(std::move(one));
        return {};
    }
    const auto& rights = parts.field_rights(state.row, origin_.scope, true);
    state.granted = true;
    for (size_t i = 0; i < state.given.size(); ++i) {
        FieldId id = state.given[i];
        if (rights[id] == program::FieldRight::write) continue;
        state.granted = false;
        if (!columns_[i].is_null(row))
            problem(id, "access.field", fmt::format("you may not set: {}", entity_.fields[id].name), problems);
    }
    if (parts.error) return *parts.error;
    return {};
}

static void append_digits(char* out, int64_t number, int count) {
    for (int i = count - 1; i >= 0; --i, number /= 10) out[i] = static_cast<char>('0' + number % 10);
}

// As to_column: the kinds that most cells are of, without its general ways.
static query::Parameter parameter(Records& records, const program::Entity& entity, const Value& value, FieldId id,
                                  int16_t exponent, bool general) {
    if (value.is_null()) return {};
    if (!general) {
        switch (value.kind) {
            case Kind::string:
                return query::Parameter::of(value.as_string());
            case Kind::boolean:
                return query::Parameter::of(static_cast<int64_t>(value.is_true()));
            case Kind::record:
                return query::Parameter::of(value.record.id);
            case Kind::number:
                if (value.exponent == exponent && feel::fits_64(value))
                    return query::Parameter::of(static_cast<int64_t>(value.bits.low));
                break;
            case Kind::date: {
                int64_t year = 0;
                int month = 0, day = 0;
                value.as_date().civil(year, month, day);
                if (year < 0 || year > 9999) break;
                char* text = records.arena().array<char>(10);
                append_digits(text, year, 4);
                text[4] = text[7] = '-';
                append_digits(text + 5, month, 2);
                append_digits(text + 8, day, 2);
                return query::Parameter::of(std::string_view(text, 10));
            }
            default:
                break;
        }
    }
    return to_column(records.program(), entity.fields[id], value, records.arena());
}

Result<void> Loader::insert(std::vector<Violation>& problems) {
    State& state = *state_;
    store::Statement& statement = *state.insert;
    const size_t before = canonical_.size();
    for (const State::Written& column : state.written) {
        query::Parameter value =
            parameter(records_, entity_, state.row.fields[column.field], column.field, column.exponent, column.general);
        canonical_.add(value);
        if (value.kind == query::Parameter::Kind::integer)
            statement.bind(column.number, value.integer);
        else if (value.kind == query::Parameter::Kind::text)
            statement.bind(column.number, value.text);
        else
            statement.bind_null(column.number);
    }
    auto done = statement.step();
    statement.reset();
    if (!done) {
        canonical_.cut(before);
        if (done.error().code != "store.constraint" || !state.plan->has_key) return std::move(done.error());
        // The index on keys says no: the check says why.
        const size_t told = problems.size();
        LEAT_CHECK(records_.parts_->check_key(state.row, origin_.language, origin_.scope, problems));
        if (problems.size() == told) return std::move(done.error());
        return {};
    }
    if (canonical_.size() > (size_t{1} << 15)) {
        digest_.add(canonical_.view());
        canonical_.clear();
    }
    return {};
}

Result<void> Loader::add(size_t row, std::vector<Violation>& problems) {
    const size_t before = problems.size();
    records_.steps_left = state_->steps;
    LEAT_CHECK(read(row, problems));
    if (problems.size() != before) return {};
    LEAT_CHECK(complete());
    LEAT_CHECK(make_key(problems));
    if (problems.size() != before) return {};
    LEAT_CHECK(check_rights(row, problems));
    if (problems.size() != before) return {};
    LEAT_CHECK(records_.parts_->check_made(state_->row, origin_.language, origin_.scope, problems));
    if (problems.size() != before) return {};
    LEAT_CHECK(insert(problems));
    if (problems.size() != before) return {};
    last_id_ = state_->row.id;
    records_.parts_->entities[entity_.id].last_id = last_id_;
    ++count_;
    return {};
}

base::Digest Loader::digest() {
    digest_.add(canonical_.view());
    canonical_.clear();
    return digest_.finish();
}

std::vector<std::string> Loader::columns() const {
    std::vector<std::string> names;
    for (FieldId id : state_->plan->columns)
        if (digested(id)) names.emplace_back(column_name(entity_.fields[id]));
    return names;
}

static query::Parameter former_column(const LoadedRows::value_type& row, const std::string& column) {
    if (column == "id") return query::Parameter::of(row.first);
    auto at = row.second.columns.find(column);
    if (at == row.second.columns.end() || at->second.kind == query::Parameter::Kind::null) return {};
    if (at->second.kind == query::Parameter::Kind::integer) return query::Parameter::of(at->second.integer);
    return query::Parameter::of(std::string_view(at->second.text));
}

Result<RowsDigest> rows_digest(store::Connection& connection, std::string_view table,
                               const std::vector<std::string>& columns, int64_t first, int64_t last, int64_t sequence,
                               std::string_view salt, const LoadedRows& former) {
    RowsDigest out;
    std::vector<bool> integers;
    for (const std::string& column : columns) {
        LEAT_TRY(auto type, connection.prepare("SELECT type FROM pragma_table_info(?1) WHERE name = ?2"));
        type.bind(1, table);
        type.bind(2, column);
        LEAT_TRY(bool known, type.step());
        if (!known) {  // a later deployment took it away
            out.changed = last - first + 1;
            return out;
        }
        integers.push_back(type.text(0) == "INTEGER");
    }
    query::Select select;
    select.table = table;
    select.columns = {"id", "leat_version"};
    for (const std::string& column : columns) select.columns.push_back(column);
    select.after_id = first - 1;
    query::Predicate end;
    end.op = query::Op::less_equal;
    end.left.column = query::Column{"id", {}, {}};
    end.right.parameter = query::Parameter::of(last);
    select.where.children.push_back(std::move(end));
    std::string sql;
    std::vector<query::Parameter> parameters;
    query::print(select, sql, parameters);
    LEAT_TRY(auto rows, connection.prepare(sql));
    query::bind(rows, parameters);
    int64_t found = 0;
    base::DigestStream digest;
    digest.add(salt);
    Canonical canonical;
    auto was = former.begin();
    // The rows that are gone, up to the next one that is there.
    auto pass = [&](int64_t next) {
        for (; was != former.end() && was->first < next; ++was) {
            if (was->first < first || !was->second.gone) continue;
            canonical.clear();
            for (const std::string& column : columns) canonical.add(former_column(*was, column));
            digest.add(canonical.view());
            ++found;
        }
    };
    while (true) {
        LEAT_TRY(bool more, rows.step());
        if (!more) break;
        const int64_t id = rows.integer(0);
        pass(id);
        ++found;
        const LoadedRow* before = was != former.end() && was->first == id ? &was->second : nullptr;
        if (rows.integer(1) != sequence && !before) {
            ++out.changed;
            continue;
        }
        canonical.clear();
        for (size_t i = 0; i < columns.size(); ++i) {
            int column = static_cast<int>(i) + 2;
            query::Parameter value;
            if (before && before->columns.count(columns[i]))
                value = former_column(*was, columns[i]);
            else if (rows.is_null(column))
                value = {};
            else if (integers[i])
                value = query::Parameter::of(rows.integer(column));
            else
                value = query::Parameter::of(rows.text(column));
            canonical.add(value);
        }
        digest.add(canonical.view());
    }
    pass(last + 1);
    out.changed += last - first + 1 - found;
    out.digest = digest.finish();
    return out;
}

void Records::append_creation(const Row& row, std::string& out) const {
    const Entry& entry = of(row);
    Entry made = entry;
    made.original = nullptr;
    made.deleted = false;
    append_changes(made, out);
}

}  // namespace leat::record
