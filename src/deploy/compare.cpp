// What the difference between two definitions means for the data that is there.
#include <fmt/format.h>

#include <algorithm>

#include "deploy/run.hpp"
#include "record/column.hpp"

namespace leat::deploy {

namespace {

using program::Entity;
using program::Field;
using program::FieldKind;
using program::Flow;
using program::Origin;

std::string kind_text(const Field& field) {
    switch (field.kind) {
        case FieldKind::string:
            return "string";
        case FieldKind::text:
            return "text";
        case FieldKind::integer:
            return "integer";
        case FieldKind::decimal:
            if (field.digits != 0)
                return fmt::format("decimal of {} digits, {} of them after the point", field.digits, field.scale);
            return fmt::format("decimal with {} digits after the point", field.scale);
        case FieldKind::money:
            return fmt::format("money in {}", field.currency.empty() ? "a currency of its own" : field.currency);
        case FieldKind::boolean:
            return "boolean";
        case FieldKind::date:
            return "date";
        case FieldKind::time:
            return "time";
        case FieldKind::datetime:
            return "date and time";
        case FieldKind::duration:
            return "duration";
        case FieldKind::enumeration:
            return "enum";
        case FieldKind::ref:
            return "reference";
        case FieldKind::list:
            return "list";
        case FieldKind::role:
            return "role";
        case FieldKind::file:
            return "file";
        case FieldKind::json:
            return "JSON";
    }
    return "";
}

bool refers(const Field& field) {
    return field.kind == FieldKind::ref || (field.scalar_list && field.item_kind == FieldKind::ref);
}

bool number(const Field& field) {
    return field.kind == FieldKind::integer || field.kind == FieldKind::decimal || field.kind == FieldKind::money;
}

// Every value of `before` is a value of `after`, as far as types say.
bool wider(const Field& before, const Field& after) {
    // Who says nothing of digits in all is asked for those after the point only.
    if (number(before) && number(after))
        return after.scale >= before.scale &&
               ((before.digits == 0 && after.digits == 0) ||
                record::digits_kept(after) - after.scale >= record::digits_kept(before) - before.scale);
    if (after.kind == FieldKind::text || after.kind == FieldKind::string)
        return before.kind != FieldKind::ref && before.kind != FieldKind::json && before.kind != FieldKind::list;
    if (before.kind == FieldKind::date && after.kind == FieldKind::datetime) return true;
    return after.kind == FieldKind::list && after.scalar_list && before.kind != FieldKind::list;
}

// -1: `after` allows less, 1: more, 0: the same.
template <class T>
int bound(const std::optional<T>& before, const std::optional<T>& after, bool upper) {
    if (before == after || (!before && !after)) return 0;
    if (!before) return -1;
    if (!after) return 1;
    return (*after < *before) == upper ? -1 : 1;
}

}  // namespace

Change& Run::add(Change::Kind kind, std::string what, std::string message, int64_t affected) {
    plan_.changes.push_back({kind, std::move(what), std::move(message), false, affected, {}, {}, false});
    return plan_.changes.back();
}

bool Run::may_drop(const std::string& what) const {
    return std::find(options_.drop.begin(), options_.drop.end(), what) != options_.drop.end() ||
           std::find(options_.drop.begin(), options_.drop.end(), "*") != options_.drop.end();
}

void Run::compare() {
    for (const Entity& was : former_.entities) {
        EntityId after = match_.entity_after[was.id];
        if (after != kNone) {
            compare_entity(was, next_->entities[after]);
            continue;
        }
        std::string what = "entity " + was.name;
        Change& change =
            add(Change::Kind::removed, what,
                records_[was.id] == 0 ? "it has no records"
                : options_.backup.empty()
                    ? "its table goes, with its records; undoing will not bring them back: they are in a backup only"
                    : fmt::format("its table goes, with its records; undoing will not bring them back: they are in the "
                                  "backup '{}' only",
                                  options_.backup),
                records_[was.id]);
        if (records_[was.id] == 0) continue;
        change.drop = what;
        const bool with_list = was.owner != kNone && may_drop(fmt::format("field {}", was.name));
        change.blocks = !may_drop(what) && !with_list;
    }
    for (const Entity& now : next_->entities) {
        if (match_.entity_before[now.id] != kNone) continue;
        const std::string what = "entity " + now.name;
        Change& change = add(Change::Kind::added, what, "gets a table of its own");
        if (!undo_ || !undo_->gone.count(now.name)) continue;
        change.affected = undo_->gone.at(now.name);
        change.message = "comes back without its records, which the deployment dropped: " +
                         (undo_->backup.empty() ? std::string("it made no backup of them")
                                                : fmt::format("they are in its backup '{}'", undo_->backup));
        change.drop = what;
        change.blocks = !may_drop(what);
    }
    for (const Flow& now : next_->flows) {
        if (now.pinned) continue;
        uint32_t was = match_.flow_before[now.id];
        if (was != kNone) {
            compare_states(former_.flows[was], now);
        } else {
            const EntityId entity = match_.entity_before[now.entity];
            const int64_t records = entity == kNone ? 0 : records_[entity];
            add(Change::Kind::added, "flow " + now.name,
                records ? "records that are there do not run it; new ones do" : "runs on records that will be made",
                records);
        }
    }
}

void Run::compare_entity(const Entity& was, const Entity& now) {
    if (was.name != now.name)
        add(Change::Kind::renamed, "entity " + now.name, fmt::format("was {}; its records keep everything", was.name),
            records_[was.id]);
    for (const Field& before : was.fields) {
        if (before.origin != Origin::declared) continue;
        FieldId after = match_.field_after[was.id][before.id];
        if (after != kNone) {
            compare_field(was, before, now, now.fields[after]);
            continue;
        }
        if (!before.stored && !before.owned) continue;
        std::string what = fmt::format("field {}.{}", was.name, before.name);
        if (before.owned) continue;  // told as an entity
        const int64_t filled = filled_[{was.id, before.id}];
        Change& change = add(Change::Kind::removed, what,
                             before.formula ? "was computed"
                             : filled       ? "its values go; the log keeps them"
                                            : "it holds no values",
                             before.formula ? 0 : filled);
        if (before.formula || filled == 0) continue;
        change.drop = what;
        change.blocks = !may_drop(what);
    }
    for (const Field& after : now.fields) {
        if (after.origin != Origin::declared || match_.field_before[now.id][after.id] != kNone) continue;
        std::string what = fmt::format("field {}.{}", now.name, after.name);
        const int64_t records = records_[was.id];
        if (after.owned || !after.stored) {
            add(Change::Kind::added, what, after.owned ? "records begin without lines" : "is computed when it is read");
            continue;
        }
        const bool set = set_by_migration(now.id, after.id);
        add(Change::Kind::added, what,
            records == 0           ? "there are no records yet"
            : undo_                ? "what the deployment took away comes back"
            : after.formula        ? "is computed for every record"
            : set                  ? "gets what the migration says"
            : after.default_value  ? "existing records get its default"
            : after.series.empty() ? "is empty in existing records"
            : after.required       ? "existing records get numbers"
            : after.required_if    ? "existing records get numbers where they must have one"
                                   : "existing records have no number until one is drawn",
            records);
        if (after.formula) to_compute_.insert({now.id, after.id});
        if (records && !after.series.empty()) to_draw_.insert({now.id, after.id});
        if (records && (after.required || after.required_if || after.unique || after.min_items))
            to_check_.insert(now.id);
    }
    compare_rules(was, now);
}

void Run::compare_field(const Entity& was, const Field& before, const Entity& now, const Field& after) {
    const std::string what = fmt::format("field {}.{}", now.name, after.name);
    const int64_t filled = filled_[{was.id, before.id}];
    if (before.name != after.name)
        add(Change::Kind::renamed, what, fmt::format("was {}; it keeps its values", before.name), filled);
    auto source = [](const program::ExpressionPtr& formula) {
        return formula ? std::string_view(formula->source().text) : std::string_view();
    };
    if (source(before.formula) != source(after.formula) || before.formula_kind != after.formula_kind) {
        if (after.formula && after.stored) to_compute_.insert({now.id, after.id});
        add(Change::Kind::changed, what,
            !after.formula    ? "is no longer computed; people fill it in, and it keeps its values"
            : !before.formula ? "is computed from now on; what people wrote is replaced"
                              : "is computed anew for every record",
            records_[was.id]);
        if (after.formula && !before.formula && before.stored && filled) {
            Change& change = plan_.changes.back();
            change.drop = fmt::format("field {}.{}", was.name, before.name);
            change.blocks = !may_drop(change.drop);
        }
    }
    if (before.stored && !after.stored && !after.formula && filled) {
        Change& change = add(Change::Kind::narrowed, what,
                             fmt::format("was {}, is a list of records; its values go", kind_text(before)), filled);
        change.drop = fmt::format("field {}.{}", was.name, before.name);
        change.blocks = !may_drop(change.drop);
    }
    if (!before.stored || !after.stored) return;
    const bool from_ref = refers(before), to_ref = refers(after);
    const bool same_target = from_ref == to_ref && (!from_ref || match_.entity_after[before.to] == after.to);
    const bool same_money =
        before.kind != FieldKind::money || after.kind != FieldKind::money || before.currency == after.currency;
    const bool set = set_by_migration(now.id, after.id);
    bool values_go = !record::values_kept(before, after) && match_.values[now.id][after.id].empty();
    const bool other_digits =
        number(before) && number(after) &&
        (before.scale != after.scale || record::digits_kept(before) != record::digits_kept(after));
    if (before.kind != after.kind || other_digits || !same_target || !same_money || values_go) {
        const bool wide = wider(before, after) && same_money && same_target && !values_go;
        Change& change = add(wide ? Change::Kind::widened : Change::Kind::narrowed, what,
                             values_go ? std::string("some values of its list go")
                                       : fmt::format("was {}, is {}", kind_text(before), kind_text(after)),
                             filled);
        if (set) change.message += "; the migration sets it";
        if (!set && filled && (!same_target || !same_money)) {
            change.message += same_target ? "; amounts would mean another currency: set it in a migration"
                                          : "; references cannot point elsewhere: set it in a migration";
            change.drop = fmt::format("field {}.{}", was.name, before.name);
            change.blocks = !may_drop(change.drop);
        }
    } else if (before.enumeration && after.enumeration && before.origin == Origin::declared) {
        for (const auto& [old, name] : match_.values[now.id][after.id])
            add(Change::Kind::renamed, fmt::format("value {}.{}", what.substr(6), name),
                fmt::format("was {}; records follow", old), filled);
        for (const auto& item : after.enumeration->items) {
            bool known = before.enumeration->find(item.value) >= 0;
            for (const auto& [old, name] : match_.values[now.id][after.id]) known = known || name == item.value;
            if (!known) add(Change::Kind::widened, what, fmt::format("can be {} too", item.value), 0);
        }
    }
    if (!after.series.empty() && records_[was.id] &&
        (before.series.empty() || before.required != after.required ||
         source(before.required_if) != source(after.required_if)))
        to_draw_.insert({now.id, after.id});
    if (after.default_value && !before.default_value && !after.formula && filled < records_[was.id])
        add(Change::Kind::changed, what, "records where it is empty get its default", records_[was.id] - filled);
    int less = 0, more = 0;
    auto note = [&](int way) { (way < 0 ? less : more) += way != 0; };
    note(bound(before.minimum, after.minimum, false));
    note(bound(before.maximum, after.maximum, true));
    note(bound(before.exclusive_minimum, after.exclusive_minimum, false));
    note(bound(before.exclusive_maximum, after.exclusive_maximum, true));
    note(bound(before.min_length, after.min_length, false));
    note(bound(before.max_length, after.max_length, true));
    note(bound(before.min_items, after.min_items, false));
    note(bound(before.max_items, after.max_items, true));
    if (before.required != after.required) note(after.required ? -1 : 1);
    if (before.unique != after.unique) note(after.unique ? -1 : 1);
    if (before.format != after.format) note(after.format.empty() ? 1 : -1);
    if (before.pattern != after.pattern) note(after.pattern.empty() ? 1 : -1);
    if (source(before.required_if) != source(after.required_if)) note(after.required_if ? -1 : 1);
    if (less) {
        to_check_.insert(now.id);
        add(Change::Kind::narrowed, what, "what it asks for becomes stricter", records_[was.id]).asks = true;
    } else if (more) {
        add(Change::Kind::widened, what, "what it asks for becomes less strict", 0);
    }
}

void Run::compare_rules(const Entity& was, const Entity& now) {
    auto texts = [](const Entity& entity) {
        std::vector<std::string> out;
        for (const auto& one : entity.constraints) {
            std::string text = one.condition ? one.condition->source().text : "";
            for (FieldId field : one.required) text += " " + entity.fields[field].name;
            if (one.if_) text += " if " + one.if_->source().text;
            out.push_back(std::move(text));
        }
        return out;
    };
    auto before = texts(was), after = texts(now);
    for (size_t i = 0; i < after.size(); ++i) {
        if (std::find(before.begin(), before.end(), after[i]) != before.end()) continue;
        to_check_.insert(now.id);
        add(Change::Kind::narrowed, "rule " + now.constraints[i].at, fmt::format("asks for {}", after[i]),
            records_[was.id])
            .asks = true;
    }
    auto names = [](const Entity& entity) {
        std::vector<std::string> out;
        for (const auto& fields : entity.unique) {
            std::string text;
            for (FieldId field : fields) text += (text.empty() ? "" : ", ") + entity.fields[field].name;
            out.push_back(std::move(text));
        }
        return out;
    };
    auto unique_before = names(was), unique_after = names(now);
    for (size_t i = 0; i < unique_after.size(); ++i) {
        if (std::find(unique_before.begin(), unique_before.end(), unique_after[i]) != unique_before.end()) continue;
        to_check_.insert(now.id);
        add(Change::Kind::narrowed, fmt::format("field {}.{}", now.name, now.fields[now.unique[i][0]].name),
            fmt::format("no two records may have the same {}", unique_after[i]), records_[was.id])
            .asks = true;
    }
    const bool had = !was.key_parts.empty() || was.explicit_key, has = !now.key_parts.empty() || now.explicit_key;
    if (had == has) return;
    Change& change = add(has ? Change::Kind::widened : Change::Kind::narrowed, "entity " + now.name,
                         has ? "records keep their numbers as keys; new ones get keys"
                             : "records would be known by their numbers only; their keys go",
                         records_[was.id]);
    if (has || records_[was.id] == 0) return;
    change.drop = "key " + was.name;
    change.blocks = !may_drop(change.drop);
}

void Run::compare_states(const Flow& was, const Flow& now) {
    if (was.name != now.name) add(Change::Kind::renamed, "flow " + now.name, fmt::format("was {}", was.name));
    for (size_t i = 1; i < now.states.size(); ++i) {
        const auto& name = now.states[i].name;
        bool former = false;
        for (const auto& [old, state] : match_.states[now.id]) {
            if (state != name || was.chart.find(old) == flow::kNone) continue;
            former = true;
            if (old != name && was.chart.find(name) == flow::kNone)
                add(Change::Kind::renamed, fmt::format("state {}.{}", now.name, name), fmt::format("was {}", old));
        }
        if (!former) add(Change::Kind::added, fmt::format("state {}.{}", now.name, name), "no record stands in it yet");
    }
    for (size_t i = 1; i < was.states.size(); ++i) {
        auto at = match_.states[now.id].find(was.states[i].name);
        if (at == match_.states[now.id].end())
            add(Change::Kind::removed, fmt::format("state {}.{}", was.name, was.states[i].name),
                "new records do not come through it");
    }
}

}  // namespace leat::deploy
