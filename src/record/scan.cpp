// Scans, whose rows leave: the reader's condition, his rights, his order, in pages.
#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.hpp"
#include "feel/letter_case.hpp"
#include "query/search.hpp"
#include "record/statements.hpp"

namespace leat::record {

using feel::Binding;
using feel::ast::Node;
using feel::ast::NodeKind;
using program::AccessRule;
using program::Field;
using program::FieldKind;
using program::FieldRight;
using program::kNone;
using query::Op;
using query::Parameter;
using query::Predicate;

query::Select select_of(const EntityPlan& plan) {
    query::Select select;
    select.table = plan.entity.table;
    select.columns = plan.names;
    return select;
}

Result<void> flush_all(Records& records, EntityId entity, const std::vector<EntityId>& through) {
    LEAT_CHECK(records.flush(entity));
    for (EntityId other : through) LEAT_CHECK(records.flush(other));
    return {};
}

Result<std::vector<Entry*>> rows_of(Records::Parts& parts, const query::Select& select, const EntityPlan& plan) {
    std::string sql;
    std::vector<Parameter> parameters;
    query::print(select, sql, parameters);
    LEAT_TRY(auto statement, parts.connection.prepare(sql));
    query::bind(statement, parameters);
    std::vector<Entry*> out;
    while (true) {
        LEAT_TRY(bool found, statement.step());
        if (!found) break;
        LEAT_TRY(Entry * row, parts.read(plan, statement));
        out.push_back(row);
    }
    parts.found_together(plan, out);
    return out;
}

void Records::Parts::found_together(const EntityPlan& plan, const std::vector<Entry*>& rows) {
    if (rows.size() < 2) return;
    Batch& batch = batches[plan.entity.id];
    batch.rows.assign(rows.begin(), rows.end());
    batch.fetched.clear();
    batch.missed = 0;
}

Result<std::vector<Entry*>> Records::Parts::list_of(Entry& entry, const Field& list) {
    auto together = batches.find(entry.entity);
    if (together != batches.end()) {
        auto& fetched = together->second.fetched;
        if (std::find(fetched.begin(), fetched.end(), list.id) == fetched.end()) {
            fetched.push_back(list.id);
            std::vector<Row*> rows = together->second.rows;  // fetching finds rows together, too
            LEAT_CHECK(fetch_list(rows, list));
        }
    }
    return pointing_at(list.to, list.by, entry);
}

// A record that is asked for may be what some row of a batch refers to: then the others' are fetched with it.
Result<void> Records::Parts::fetch_siblings(EntityId entity, int64_t id) {
    constexpr int kMissesMax = 8;
    for (auto& [of, batch] : batches) {
        if (batch.missed >= kMissesMax) continue;
        for (const Field& field : program.entities[of].fields) {
            if (field.kind != FieldKind::ref || field.to != entity) continue;
            if (std::find(batch.fetched.begin(), batch.fetched.end(), field.id) != batch.fetched.end()) continue;
            bool theirs = std::any_of(batch.rows.begin(), batch.rows.end(), [&](const Row* row) {
                return row->fields[field.id].kind == Kind::record && row->fields[field.id].record.id == id;
            });
            if (!theirs) continue;
            batch.fetched.push_back(field.id);
            std::vector<Row*> rows = batch.rows;  // fetching finds rows together, too
            return fetch_targets(rows, field);
        }
        ++batch.missed;
    }
    return {};
}

std::optional<Value> known(Records& records, const Node* node, const Value* locals) {
    if (node->kind == NodeKind::name) {
        if (node->binding.kind == Binding::Kind::local) return locals[node->binding.index];
        return std::nullopt;
    }
    if (node->kind != NodeKind::member) return std::nullopt;
    const Node* object = node->children[0];
    std::optional<Value> of;
    if (object->kind == NodeKind::name && object->binding.kind == Binding::Kind::object)
        of = Value::object_of(object->binding.index);
    else
        of = known(records, object, locals);
    if (!of) return std::nullopt;
    if (of->is_null()) return of;
    if (node->by_index && (of->kind == Kind::record || of->kind == Kind::object)) {
        feel::Frame frame;
        return records.member(*of, node->index, frame);
    }
    if (of->kind != Kind::context) return std::nullopt;
    const Value* member = of->context->find(node->text);
    return member ? *member : Value();
}

namespace {

Predicate test(Op op, const query::Column& column, Parameter parameter) {
    Predicate p;
    p.op = op;
    p.left.column = column;
    p.right.parameter = parameter;
    return p;
}

Predicate one_of(std::vector<Predicate> children) {
    Predicate p;
    p.op = Op::any;
    p.children = std::move(children);
    return p;
}

// Behind a key, in its own direction; nulls are before everything.
Predicate behind(const query::Order& order, Parameter key) {
    const bool null = key.kind == Parameter::Kind::null;
    if (!order.descending) return test(null ? Op::not_equal : Op::greater, order.column, null ? Parameter{} : key);
    if (null) return one_of({});
    return one_of({test(Op::less, order.column, key), test(Op::equal, order.column, {})});
}

// Where the rows behind a position are.
Predicate behind(const std::vector<query::Order>& order, const Position& after, size_t from) {
    if (from == order.size()) return test(Op::greater, {"id", {}, {}}, Parameter::of(after.id));
    Predicate tied;
    tied.children.push_back(test(Op::equal, order[from].column, after.keys[from]));
    tied.children.push_back(behind(order, after, from + 1));
    Predicate either = one_of({behind(order[from], after.keys[from]), std::move(tied)});
    if (order[from].descending || after.keys[from].kind == Parameter::Kind::null) return either;
    // Said once more in a form that an index can begin at.
    Predicate both;
    both.children.push_back(test(Op::greater_equal, order[from].column, after.keys[from]));
    both.children.push_back(std::move(either));
    return both;
}

// FTS5 knows no text under three characters.
bool is_short(std::string_view text) {
    return base::count_code_points(text) < 3;
}

}  // namespace

// A candidate has the text in some field, whoever may read that; what is shown is asked row by row.
static Predicate searched(const EntityPlan& plan, const std::string& text, Arena& arena) {
    if (!is_short(text)) {
        Predicate found;
        found.op = Op::found;
        found.right.parameter = Parameter::of(arena.copy(query::search_phrase(text)));
        return found;
    }
    std::vector<Predicate> any;
    std::string_view pattern = arena.copy(query::like_pattern(text));
    for (FieldId field : plan.entity.search)
        any.push_back(test(Op::like, {column_name(plan.entity.fields[field]), {}, {}}, Parameter::of(pattern)));
    return one_of(std::move(any));
}

bool Records::Parts::contains(Entry& entry, const std::string& lowered, const query::AccessScope& scope) {
    const auto& allowed = field_rights(entry, scope, false);
    for (FieldId field : entry.plan->entity.search) {
        const Value& text = entry.fields[field];
        if (allowed[field] < FieldRight::read || text.kind != Kind::string) continue;
        if (feel::lower_case(text.as_string()).find(lowered) != std::string::npos) return true;
    }
    return false;
}

bool Records::shown_in_every_row(EntityId number, FieldId field, const query::AccessScope& scope) {
    if (scope.sees_everything()) return true;
    const program::Entity* entity = &program_.entities[number];
    if (entity->owner != kNone) {
        field = entity->owner_list;
        entity = &program_.entities[entity->owner];
    }
    for (uint32_t flow : entity->flows)
        for (const auto& state : program_.flows[flow].states)
            for (const auto& [narrowed, right] : state.fields)
                if (narrowed == field && right < FieldRight::read) return false;
    auto shows = [&](const AccessRule& rule) {
        return std::none_of(rule.fields.begin(), rule.fields.end(),
                            [&](const auto& one) { return one.first == field && one.second < FieldRight::read; });
    };
    bool ruled = false, denied_somewhere = false;
    for (const AccessRule& rule : entity->access) {
        denied_somewhere = denied_somewhere || !shows(rule);
        if (!scope.has(rule.role)) continue;
        ruled = true;
        if ((rule.read || entity->shareable) && !shows(rule)) return false;
    }
    return ruled || !entity->shareable || !denied_somewhere;
}

bool Records::shown(EntityId entity, const Path& path, const query::AccessScope& scope) {
    if (path.through == kNone) return shown_in_every_row(entity, path.field, scope);
    if (!shown_in_every_row(entity, path.through, scope)) return false;
    if (scope.sees_everything()) return true;
    return parts_->always_readable(program_.entities[entity].fields[path.through].to, path.field, scope);
}

bool Records::sorts(EntityId entity, const Path& path, const query::AccessScope& scope) {
    parts_->plan(entity);
    auto none = [](const Node*) { return std::optional<Value>(); };
    Translator translator(program_, *parts_->plans, entity, Subject::self, none, arena_);
    return shown(entity, path, scope) && translator.column_of(path.field, path.through).has_value();
}

Result<Value> Records::value_at(Row& row, const Path& path, const query::AccessScope& scope) {
    Parts& parts = *parts_;
    Entry* at = &of(row);
    if (path.through != kNone) {
        if (parts.field_rights(*at, scope, false)[path.through] < FieldRight::read) return Value();
        const Value& target = at->fields[path.through];
        if (target.kind != Kind::record) return Value();
        LEAT_TRY(at, parts.load(target.aux, target.record.id));
        if (!at || at->deleted) return Value();
    }
    bool shown = path.field < program::kFirstField;  // the key and the like, as where the reference is shown
    if (!shown && path.through != kNone) shown = parts.always_readable(at->entity, path.field, scope);
    if (!shown) shown = parts.field_rights(*at, scope, false)[path.field] >= FieldRight::read;
    if (!shown) return Value();
    parts.refresh(*at, path.field);
    if (parts.error) return *parts.error;
    return at->fields[path.field];
}

Result<void> Records::prefetch(std::span<Row* const> rows, std::span<const FieldId> fields) {
    if (rows.size() < 2) return {};
    Parts& parts = *parts_;
    const program::Entity& entity = parts.plan(rows[0]->entity).entity;
    for (FieldId id : fields) {
        const Field& field = entity.fields[id];
        if (field.kind == FieldKind::ref) {
            LEAT_CHECK(parts.fetch_targets(rows, field));
        } else if (field.kind == FieldKind::list && !field.formula && !field.scalar_list) {
            LEAT_CHECK(parts.fetch_list(rows, field));
        }
    }
    return {};
}

static std::string_view array_of(const std::vector<int64_t>& ids, Arena& arena) {
    return arena.copy(fmt::format("[{}]", fmt::join(ids, ",")));
}

Result<void> Records::Parts::fetch_targets(std::span<Row* const> rows, const Field& field) {
    std::vector<int64_t> ids;
    for (const Row* row : rows) {
        const Value& target = row->fields[field.id];
        if (target.kind == Kind::record && !entry(field.to, target.record.id)) ids.push_back(target.record.id);
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    if (ids.size() < 2) return {};
    query::Select select = select_of(plan(field.to));
    select.where = test(Op::among, {"id", {}, {}}, Parameter::of(array_of(ids, arena)));
    LEAT_TRY(auto found, rows_of(*this, select, plan(field.to)));
    return {};
}

// The lists of all rows, kept for pointing_at() until a membership changes.
Result<void> Records::Parts::fetch_list(std::span<Row* const> rows, const Field& field) {
    std::vector<int64_t> ids;
    for (const Row* row : rows)
        if (!row->created) ids.push_back(row->id);
    const EntityPlan& shape = plan(field.to);
    query::Select select = select_of(shape);
    select.where =
        test(Op::among, {column_name(shape.entity.fields[field.by]), {}, {}}, Parameter::of(array_of(ids, arena)));
    LEAT_TRY(auto found, rows_of(*this, select, shape));
    for (int64_t id : ids) pointing[{field.to, field.by, id}] = {stamp, {}};
    std::vector<Row*> lines;
    for (Entry* row : found) {
        if (row->touched) continue;  // pending rows follow, as they are now
        const Value& target = row->fields[field.by];
        if (target.kind != Kind::record) continue;
        pointing[{field.to, field.by, target.record.id}].rows.push_back(row);
        lines.push_back(row);
    }
    if (!field.owned) return {};
    std::vector<FieldId> inside;
    for (const Field& one : shape.entity.fields)
        if (one.kind == FieldKind::ref && one.id != field.by) inside.push_back(one.id);
    return records.prefetch(lines, inside);
}

// The reader's rights as a predicate; false: he has none on any row.
static bool permit(Records& records, const EntityPlan& plan, PlanCache& plans, const query::AccessScope& scope,
                   std::string_view holders, const Value* actor, Prepared& out) {
    auto parameter = [&](const Node* node) { return known(records, node, actor); };
    std::vector<Predicate> any;
    for (const AccessRule& rule : plan.entity.access) {
        if (!scope.has(rule.role) || !rule.read) continue;
        Translation one =
            Translator(records.program(), plans, plan.entity.id, Subject::self, parameter, records.arena())
                .translate(rule.read->tree());
        out.access_exact = out.access_exact && one.exact;
        any.push_back(std::move(one.predicate));
        out.through.insert(out.through.end(), one.through.begin(), one.through.end());
    }
    if (plan.entity.shareable) {
        Predicate shared;
        shared.op = Op::shared;
        shared.left.parameter = Parameter::of(std::string_view(plan.entity.name));
        shared.right.parameter = Parameter::of(holders);
        any.push_back(std::move(shared));
    }
    if (any.empty()) return false;
    out.select.where.children.push_back(one_of(std::move(any)));
    return true;
}

Result<Prepared> Records::prepare(EntityId entity, const ScanOptions& options, const query::AccessScope& scope) {
    Parts& parts = *parts_;
    const EntityPlan& plan = parts.plan(entity);
    const Value* locals = parts.locals_or_empty(options.locals);
    Prepared out;
    out.select = select_of(plan);
    if (options.where) {
        auto parameter = [&](const Node* node) { return known(*this, node, locals); };
        Translation condition = Translator(program_, *parts.plans, entity, Subject::self, parameter, arena_)
                                    .translate(options.where->tree());
        out.where_exact = condition.exact;
        out.through = std::move(condition.through);
        out.select.where.children.push_back(std::move(condition.predicate));
        out.where_shown = parts.sees_in_every_row(entity, options.where->reads(), scope);
    }
    if (!scope.sees_everything()) {
        // Lines are as open as their owners, which SQL is not asked about.
        if (plan.entity.owner != kNone)
            out.access_exact = false;
        else
            out.nothing =
                !permit(*this, plan, *parts.plans, scope, parts.holders(scope), parts.access_locals(scope), out);
    }
    if (options.pointing != kNone)
        out.select.where.children.push_back(test(Op::equal, {column_name(plan.entity.fields[options.pointing]), {}, {}},
                                                 Parameter::of(options.target)));
    for (const std::string& text : options.search) {
        out.select.where.children.push_back(searched(plan, text, arena_));
        for (FieldId field : plan.entity.search)
            out.search_exact = out.search_exact && shown_in_every_row(entity, field, scope);
    }
    auto none = [](const Node*) { return std::optional<Value>(); };
    Translator columns(program_, *parts.plans, entity, Subject::self, none, arena_);
    for (const SortKey& key : options.order) {
        auto column = columns.column_of(key.path.field, key.path.through);
        if (!column) return make_error(Status::internal, "query.order", "a scan is ordered by what is no column");
        out.select.order.push_back({*column, key.descending});
        if (key.path.through != kNone) out.through.push_back(plan.entity.fields[key.path.through].to);
    }
    if (parts.error) return *parts.error;
    return out;
}

// What a page of rows will be asked for, in the few statements that all of it takes.
Result<void> Records::Parts::fetch_page(std::span<Entry* const> page, const ScanOptions& options, bool ask_access,
                                        const query::AccessScope& scope) {
    if (page.size() < 2) return {};
    const program::Entity& entity = page[0]->plan->entity;
    std::vector<FieldId> wanted = options.wanted;
    auto add = [&](const feel::Reads& reads) {
        for (const feel::Read& read : reads.fields)
            if (read.entity == entity.id && !read.through_reference) wanted.push_back(read.field);
    };
    if (ask_access && entity.owner_field != kNone) wanted.push_back(entity.owner_field);
    if (!scope.sees_everything()) {
        for (const AccessRule& rule : entity.access)
            if (scope.has(rule.role) && rule.read) add(rule.read->reads());
    }
    if (options.where) add(options.where->reads());
    for (const SortKey& key : options.order)
        if (key.path.through != kNone) wanted.push_back(key.path.through);
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    std::vector<Row*> rows(page.begin(), page.end());
    return records.prefetch(rows, wanted);
}

Result<void> Records::scan(EntityId entity, const ScanOptions& options, const query::AccessScope& scope,
                           const std::function<bool(Row&)>& visit) {
    Parts& parts = *parts_;
    const EntityPlan& plan = parts.plan(entity);
    const Value* locals = parts.locals_or_empty(options.locals);
    LEAT_TRY(Prepared prepared, prepare(entity, options, scope));
    if (prepared.nothing) return {};
    const bool ask_access = !scope.sees_everything() && !prepared.access_exact;
    LEAT_CHECK(flush_all(*this, entity, prepared.through));
    LEAT_CHECK(parts.load_shares(plan.entity.owner == kNone ? entity : plan.entity.owner, scope));
    std::vector<std::string> lowered;
    for (const std::string& text : options.search) lowered.push_back(feel::lower_case(text));
    Position at = options.after;
    bool positioned = at.id != 0 || !at.keys.empty();
    query::Select select = prepared.select;
    select.limit = options.page_rows;
    while (true) {
        if (positioned && !select.order.empty()) {
            select.where = prepared.select.where;
            select.where.children.push_back(behind(select.order, at, 0));
        } else {
            select.after_id = at.id;
        }
        LEAT_TRY(auto rows, rows_of(parts, select, plan));
        LEAT_CHECK(parts.fetch_page(rows, options, ask_access, scope));
        for (Entry* row : rows) {
            if (ask_access && !parts.may(*row, scope, &AccessRule::read)) continue;
            // A condition over what is hidden from who asks is null, which is no match.
            if (options.where && !prepared.where_shown && !sees(*row, options.where->reads(), scope)) continue;
            if (options.where && !prepared.where_exact) {
                feel::Frame running = frame(row, locals, &options.where->reads());
                if (!options.where->evaluate(running).is_true()) continue;
            }
            if (!prepared.search_exact && !std::all_of(lowered.begin(), lowered.end(), [&](const std::string& text) {
                    return parts.contains(*row, text, scope);
                }))
                continue;
            if (parts.error) return *parts.error;
            if (!visit(*row)) return {};
        }
        if (parts.error) return *parts.error;
        if (static_cast<int64_t>(rows.size()) < *select.limit) return {};
        LEAT_TRY(at, position(*rows.back(), options.order));
        positioned = true;
    }
}

Result<Position> Records::position(Row& row, const std::vector<SortKey>& order) {
    Position out;
    out.id = row.id;
    for (const SortKey& key : order) {
        LEAT_TRY(Value value, value_at(row, key.path, query::AccessScope::everything()));
        out.keys.push_back(to_column(program_, field_at(row.entity, key.path), value, arena_));
    }
    return out;
}

const Field& Records::field_at(EntityId entity, const Path& path) const {
    const auto& fields = program_.entities[entity].fields;
    return path.through == kNone ? fields[path.field] : program_.entities[fields[path.through].to].fields[path.field];
}

Result<void> Records::scan(EntityId entity, const feel::Expression* where, const Value* locals,
                           const query::AccessScope& scope, const std::function<bool(Row&)>& visit, int64_t after_id) {
    ScanOptions options;
    options.where = where;
    options.locals = locals;
    options.after.id = after_id;
    return scan(entity, options, scope, visit);
}

Result<bool> Records::measure(const Prepared& prepared, const std::function<void(const store::Statement&)>& row) {
    std::string sql;
    std::vector<Parameter> parameters;
    query::print(prepared.select, sql, parameters);
    LEAT_TRY(auto statement, connection_.prepare(sql));
    query::bind(statement, parameters);
    while (true) {
        auto found = statement.step();
        // SQLite has no sum beyond 64 bits; the engine has.
        if (!found && found.error().code == "store.sql" && found.error().message.find("overflow") != std::string::npos)
            return false;
        if (!found) return std::move(found.error());
        if (!*found) return true;
        row(statement);
    }
}

}  // namespace leat::record
