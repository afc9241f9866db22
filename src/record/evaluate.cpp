// What FEEL asks of records: frames whose lists and computed fields are current, members, functions and decisions.
#include <fmt/format.h>

#include <cstring>
#include <set>

#include "program/decide.hpp"
#include "record/parts.hpp"

namespace leat::record {

using program::Field;
using program::FieldKind;
using program::Function;

namespace {

// Computed fields and functions inside one another: data can chain further than definitions do.
constexpr uint32_t kDepthMax = 64;

class Deeper {
 public:
    explicit Deeper(uint32_t& depth) : depth_(depth) {
        if (++depth_ > kDepthMax) {
            --depth_;
            throw LimitError("limit.depth",
                             fmt::format("computed fields and functions are nested more than {} deep", kDepthMax));
        }
    }
    ~Deeper() { --depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

 private:
    uint32_t& depth_;
};

}  // namespace

const Value* Records::Parts::locals_or_empty(const Value* locals) {
    if (locals) return locals;
    if (!empty_locals) {
        auto* fresh = arena.array<Value>(program.locals_max);
        std::fill_n(fresh, program.locals_max, Value());
        empty_locals = fresh;
    }
    return empty_locals;
}

Value Records::Parts::value_of(Entry& entry) const {
    return Value::record_of(entry.entity, entry.id, entry.plan->virtuals == 0 ? entry.fields : nullptr);
}

Value Records::value_of(Row& row) {
    return parts_->value_of(of(row));
}

feel::Frame Records::frame(Row* row, const Value* locals, const feel::Reads* reads) {
    feel::Frame out;
    if (row) {
        Entry& entry = of(*row);
        parts_->refresh(entry, reads);
        out.row = entry.fields;
        out.self = parts_->value_of(entry);
    }
    out.locals = parts_->locals_or_empty(locals);
    out.environment = this;
    out.arena = &arena_;
    out.steps_left = &steps_left;
    return out;
}

void Records::Parts::refresh(Entry& entry, const feel::Reads* reads) {
    if (entry.plan->virtuals == 0) return;
    if (!reads) {
        for (const Field& field : entry.plan->entity.fields) refresh(entry, field.id);
        return;
    }
    for (const feel::Read& read : reads->fields) {
        if (read.entity == entry.entity && !read.through_reference) refresh(entry, read.field);
    }
}

void Records::Parts::refresh(Entry& entry, FieldId id) {
    int32_t number = entry.plan->virtual_of[id];
    if (number < 0) return;
    if (!entry.refreshed) {
        entry.refreshed = arena.array<uint64_t>(entry.plan->virtuals);
        std::memset(entry.refreshed, 0, entry.plan->virtuals * sizeof(uint64_t));
    }
    const Field& field = entry.plan->entity.fields[id];
    uint64_t made = entry.refreshed[number];
    bool is_list = field.kind == FieldKind::list && !field.formula;
    // A list is current until rows over there come, go or move; a computed field until anything changes.
    bool current = is_list ? made != 0 && made - 1 >= entities[field.to].lists_stamp : made == stamp + 1;
    if (current) return;
    entry.refreshed[number] = stamp + 1;  // also ends a circle through data
    if (is_list)
        refresh_list(entry, field);
    else
        refresh_computed(entry, field);
}

void Records::Parts::refresh_list(Entry& entry, const Field& field) {
    auto rows = list_of(entry, field);
    if (!rows) {
        fail(std::move(rows.error()));
        entry.fields[field.id] = Value::null(&field.empty);
        return;
    }
    auto* items = arena.array<Value>(rows->size());
    for (size_t i = 0; i < rows->size(); ++i) items[i] = value_of(*(*rows)[i]);
    entry.fields[field.id] = Value::list(items, rows->size());
}

void Records::Parts::refresh_computed(Entry& entry, const Field& field) {
    Deeper deeper(depth);
    entry.fields[field.id] = evaluate_formula(entry, field);
}

Value Records::Parts::evaluate_formula(Entry& entry, const Field& field) {
    feel::Frame frame = records.frame(&entry, nullptr, &field.formula->reads());
    Value value = field.formula->evaluate(frame);
    if (value.is_null() && field.default_value) {
        feel::Frame again = records.frame(&entry, nullptr, &field.default_value->reads());
        Value other = field.default_value->evaluate(again);
        if (!other.is_null()) value = other;
    }
    if (value.is_null()) return value.null_reason ? value : Value::null(&field.empty);
    // Computed values that are no column's may be of any shape: lists of records, contexts.
    if (field.kind == FieldKind::list && !field.scalar_list) return value;
    auto stored = records.coerce(field, value);
    if (stored) return *stored;
    auto* reason = arena.make<NullReason>(
        NullReason{arena.copy(stored.error().code), field.empty.name, arena.copy(stored.error().message)});
    return Value::null(reason);
}

Value Records::member(const Value& object, uint32_t index, feel::Frame&) {
    Parts& parts = *parts_;
    if (object.kind == Kind::object) {
        if (object.aux != program::kSettingsObject || index >= program_.settings.size()) return Value();
        int64_t day = DateTime::from_utc_us(parts.host.now_us(), program_.time_zone).date().days;
        return parts.host.setting(index, day, arena_);
    }
    if (object.kind != Kind::record) return Value();
    auto entry = parts.load(object.aux, object.record.id);
    if (!entry) {
        parts.fail(std::move(entry.error()));
        return Value();
    }
    if (!*entry) return Value();
    parts.refresh(**entry, index);
    return (*entry)->fields[index];
}

namespace {

// Whether some flow of the record at hand has this state active.
Value in_state(const program::Program& program, std::span<const Value> arguments, const feel::Frame& running) {
    if (arguments.empty() || arguments[0].kind != Kind::string || running.self.kind != Kind::record || !running.row)
        return Value();
    std::string_view wanted = arguments[0].as_string();
    for (uint32_t number : program.entities[running.self.aux].flows) {
        const program::Flow& flow = program.flows[number];
        const Value& nested = flow.configuration_field == program::kNone ? running.row[flow.state_field]
                                                                         : running.row[flow.configuration_field];
        const Value& text = nested.is_null() ? running.row[flow.state_field] : nested;
        if (text.is_null()) continue;
        for (std::string_view rest = text.as_string(); !rest.empty();) {
            size_t end = std::min(rest.find(' '), rest.size());
            std::string_view word = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            if (word.substr(0, word.rfind(':')) == wanted) return Value::boolean(true);
        }
    }
    return Value::boolean(false);
}

}  // namespace

Value Records::call(uint32_t number, std::span<const Value> arguments, feel::Frame& running) {
    const Function& function = program_.functions[number];
    Deeper deeper(parts_->depth);
    switch (function.kind) {
        case Function::Kind::decision:
            return parts_->call_decision(function, arguments, running);
        case Function::Kind::formula:
            return parts_->call_formula(function, arguments);
        case Function::Kind::host:
            return parts_->host.host_function(number, arguments, arena_);
        case Function::Kind::table:
            return program::decide_embedded(program_, function.number, running, arguments);
        case Function::Kind::in_state:
            return in_state(program_, arguments, running);
        case Function::Kind::under:
            return parts_->under(arguments);
        case Function::Kind::model:
            return program::decide_model(program_, function, running, arguments);
    }
    return Value();
}

// Up from the first record until the second one, or the root; a circle of references ends where it began.
Value Records::Parts::under(std::span<const Value> arguments) {
    if (arguments.size() != 2) return Value();
    for (const Value& one : arguments)
        if (one.kind != Kind::record) return one.is_null() ? one : Value();
    if (arguments[0].aux != arguments[1].aux) return Value();
    const program::EntityId entity = arguments[0].aux;
    const FieldId up = program::tree_field(program.entities[entity]);
    if (up == program::kNone) return Value();
    std::set<int64_t> seen;
    for (int64_t id = arguments[0].record.id; seen.insert(id).second;) {
        if (id == arguments[1].record.id) return Value::boolean(true);
        auto entry = load(entity, id);
        if (!entry) {
            fail(std::move(entry.error()));
            return Value();
        }
        if (!*entry || (*entry)->fields[up].kind != Kind::record) break;
        id = (*entry)->fields[up].record.id;
    }
    return Value::boolean(false);
}

Value Records::Parts::call_formula(const Function& function, std::span<const Value> arguments) {
    auto* locals = arena.array<Value>(program.locals_max);
    std::fill_n(locals, program.locals_max, Value());
    for (size_t i = 0; i < arguments.size() && program::kFirstLocal + i < program.locals_max; ++i) {
        locals[program::kFirstLocal + i] = arguments[i];
    }
    feel::Frame frame = records.frame(nullptr, locals);
    return function.formula->evaluate(frame);
}

Value Records::Parts::call_decision(const Function& function, std::span<const Value> arguments, const feel::Frame&) {
    const program::Decision& decision = program.decisions[function.number];
    if (decision.entity == program::kNone)
        return program::decide(program, function.number, records.frame(nullptr, nullptr), arguments);
    if (arguments.empty() || arguments[0].kind != Kind::record) return arguments.empty() ? Value() : arguments[0];
    auto entry = load(arguments[0].aux, arguments[0].record.id);
    if (!entry) {
        fail(std::move(entry.error()));
        return Value();
    }
    if (!*entry) return Value();
    return program::decide(program, function.number, records.frame(*entry, nullptr, &decision.reads), {});
}

int64_t Records::now_us() {
    return parts_->host.now_us();
}
value::Zone Records::time_zone() {
    return program_.time_zone;
}

}  // namespace leat::record
