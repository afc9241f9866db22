// Records that may be one thing twice, by an entity's duplicate rules; and one record taking another's place.
#include <fmt/format.h>

#include <algorithm>

#include "record/likeness.hpp"
#include "record/parts.hpp"

namespace leat::record {

using program::Field;
using program::FieldKind;
using program::FieldRight;

namespace {

bool is_text(const Field& field) {
    return field.kind == FieldKind::string || field.kind == FieldKind::text;
}

// Values that are alike when they are equal are looked up by SQLite, with an index where the entity declares one.
bool asked_in_sql(const Field& field) {
    return !is_text(field) && !field.wide;
}

// One field of the record that others are compared with: what can be made once is.
struct Wanted {
    const Field* field;
    Value value;
    std::u32string letters;
    std::vector<uint64_t> grams;

    // How alike the other value is, in thousandths; 0: not.
    int alike(const Value& other, bool fuzzy) const {
        if (other.is_null()) return 0;
        if (!is_text(*field)) return value::identical(value, other) ? 1000 : 0;
        if (fuzzy) return similarity_permille(grams, trigrams(other.as_string()));
        if (field->format == "phone") return same_phone(value.as_string(), other.as_string()) ? 1000 : 0;
        return plain_letters(other.as_string()) == letters ? 1000 : 0;
    }
};

}  // namespace

// What one rule finds: ids with their likeness, from the columns alone.
static Result<std::vector<std::pair<int64_t, int>>> matches(Records& records, const EntityPlan& plan,
                                                            const program::DuplicateRule& rule, const Row& row) {
    std::vector<std::pair<int64_t, int>> out;
    std::vector<Wanted> wanted;
    query::Select select;
    select.table = plan.entity.table;
    select.columns = {"id"};
    for (FieldId id : rule.match) {
        const Field& field = plan.entity.fields[id];
        Wanted one{&field, row.fields[id], {}, {}};
        if (one.value.is_null()) return out;
        if (asked_in_sql(field)) {
            query::Predicate same;
            same.op = query::Op::equal;
            same.left.column = query::Column{column_name(field), {}, {}};
            same.right.parameter = to_column(records.program(), field, one.value, records.arena());
            select.where.children.push_back(std::move(same));
            continue;
        }
        if (is_text(field)) {
            one.letters = plain_letters(one.value.as_string());
            one.grams = trigrams(one.value.as_string());
            if (one.letters.empty()) return out;
        }
        wanted.push_back(std::move(one));
        select.columns.push_back(column_name(field));
    }
    int least = 1000;
    if (rule.similarity) {
        if (auto scaled = rule.similarity->rescale(3, Rounding::up)) least = static_cast<int>(scaled->coefficient());
    }
    std::string sql;
    std::vector<query::Parameter> parameters;
    query::print(select, sql, parameters);
    LEAT_TRY(auto statement, records.connection().prepare(sql));
    query::bind(statement, parameters);
    while (true) {
        LEAT_TRY(bool found, statement.step());
        if (!found) return out;
        int64_t id = statement.integer(0);
        if (id == row.id) continue;
        int lowest = 1000;
        for (size_t i = 0; i < wanted.size() && lowest >= least; ++i) {
            // Nothing of the other rows is kept: texts are compared where they stand.
            Value other;
            if (is_text(*wanted[i].field) && !statement.is_null(static_cast<int>(i) + 1)) {
                other = Value::string(statement.text(static_cast<int>(i) + 1));
            } else {
                LEAT_TRY(other, from_column(records.program(), *wanted[i].field, statement, static_cast<int>(i) + 1,
                                            records.arena()));
            }
            lowest = std::min(lowest, wanted[i].alike(other, rule.similarity.has_value()));
        }
        if (lowest >= least) out.emplace_back(id, lowest);
    }
}

Result<Row*> Records::imagine(EntityId entity) {
    const EntityPlan& plan = parts_->plan(entity);
    auto* fields = arena_.array<Value>(plan.entity.fields.size());
    for (const Field& field : plan.entity.fields) fields[field.id] = Value::null(&field.empty);
    Entry* made = parts_->add(entity, 0, fields);
    made->original = fields;
    return static_cast<Row*>(made);
}

Result<void> Records::imagine_rest(Row& row) {
    for (const Field& field : of(row).plan->entity.fields) {
        if (!field.default_value || field.formula || !row.fields[field.id].is_null()) continue;
        feel::Frame running = frame(&row, nullptr, &field.default_value->reads());
        Value value = field.default_value->evaluate(running);
        if (parts_->error) return *parts_->error;
        LEAT_TRY(row.fields[field.id], coerce(field, value));
    }
    for (FieldId id : of(row).plan->entity.formulas) {
        row.fields[id] = parts_->evaluate_formula(of(row), of(row).plan->entity.fields[id]);
        if (parts_->error) return *parts_->error;
    }
    return {};
}

Result<std::vector<Likeness>> Records::alike(Row& row, const query::AccessScope& scope, size_t limit) {
    Entry& entry = of(row);
    const program::Entity& entity = entry.plan->entity;
    std::vector<Likeness> out;
    auto holds = [&](const program::DuplicateRule& rule, Entry& one) -> Result<bool> {
        if (!rule.if_) return true;
        feel::Frame running = frame(&one, nullptr, &rule.if_->reads());
        Value answer = rule.if_->evaluate(running);
        if (parts_->error) return *parts_->error;
        return answer.is_true();
    };
    for (const program::DuplicateRule& rule : entity.duplicates) {
        LEAT_TRY(bool applies, holds(rule, entry));
        if (!applies) continue;
        LEAT_TRY(auto found, matches(*this, *entry.plan, rule, row));
        for (const auto& [id, permille] : found) {
            auto known =
                std::find_if(out.begin(), out.end(), [&, id = id](const Likeness& one) { return one.id == id; });
            if (known != out.end() && known->permille >= permille) continue;
            LEAT_TRY(Entry * other, parts_->load(entity.id, id));
            if (!other || other->deleted || !may(*other, scope, &program::AccessRule::read)) continue;
            // Who may not read a field must not learn from the answer what is in it.
            bool visible = std::all_of(rule.match.begin(), rule.match.end(), [&](FieldId field) {
                return field_right(*other, field, scope, false) >= FieldRight::read &&
                       (row.id == 0 || field_right(row, field, scope, false) >= FieldRight::read);
            });
            LEAT_TRY(bool theirs, holds(rule, *other));
            if (!visible || !theirs) continue;
            if (known == out.end()) known = out.insert(out.end(), Likeness{});
            *known = {id, permille, &rule};
        }
    }
    std::sort(out.begin(), out.end(), [](const Likeness& a, const Likeness& b) {
        return a.permille != b.permille ? a.permille > b.permille : a.id < b.id;
    });
    if (out.size() > limit) out.resize(limit);
    return out;
}

// Lines move with their references, since they have one to their owner.
Result<void> Records::repoint(Row& from, Row& to) {
    Entry& gone = of(from);
    Value instead = Value::record_of(to.entity, to.id);
    for (const auto& [entity, by] : gone.plan->references) {
        const Field& field = program_.entities[entity].fields[by];
        LEAT_TRY(auto rows, parts_->pointing_at(entity, by, gone));
        for (Entry* row : rows) {
            if (row == &gone) continue;
            bool itself = row == &of(to);  // a record that referred to its own duplicate
            if (!field.scalar_list) {
                set(*row, by, itself ? Value::null(&field.empty) : instead);
                continue;
            }
            auto items = row->fields[by].as_list();
            auto* kept = arena_.array<Value>(items.size());
            size_t size = 0;
            for (const Value& item : items) {
                const Value& next = item.record.id == from.id ? instead : item;
                bool there =
                    std::any_of(kept, kept + size, [&](const Value& one) { return one.record.id == next.record.id; });
                if (!there && !(itself && next.record.id == to.id)) kept[size++] = next;
            }
            set(*row, by, Value::list(kept, size));
        }
    }
    return {};
}

}  // namespace leat::record
