#include "feel/machine.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <new>

#include <fmt/format.h>

#include "feel/coerce.hpp"
#include "feel/functions.hpp"
#include "feel/operations.hpp"
#include "feel/quick_arithmetic.hpp"
#include "feel/quick_compare.hpp"

namespace leat::feel {

namespace {

// Registers without running 24-byte constructors: whatever is read has been written.
template <size_t Count>
struct RegisterBuffer {
    alignas(Value) unsigned char bytes[Count * sizeof(Value)];
    Value* get() { return reinterpret_cast<Value*>(bytes); }
};

// The common comparison: two numbers, or two texts. Anything else is FEEL's full rule, which may fail and so needs to
// know the place.
template <Comparison C, class Where>
inline void compare_into(Value& place, const Where& where, const Value& a, const Value& b) {
    if (a.kind == Kind::number && b.kind == Kind::number) {
        int order = compare_numbers(a, b);
        set_boolean(place, C == Comparison::equal        ? order == 0
                           : C == Comparison::not_equal  ? order != 0
                           : C == Comparison::less       ? order < 0
                           : C == Comparison::less_equal ? order <= 0
                           : C == Comparison::greater    ? order > 0
                                                         : order >= 0);
        return;
    }
    if constexpr (C == Comparison::equal || C == Comparison::not_equal) {
        if (a.kind == Kind::string && b.kind == Kind::string) {
            set_boolean(place, same_text(a, b) == (C == Comparison::equal));
            return;
        }
    }
    place = compare(where(), C, a, b);
}

}  // namespace

// Over sixty lines: the one loop, a case an instruction.
Value Machine::execute(const Block& block, Value* registers, const Value* captures, const Value* locals) {
    const Value* spaces[5] = {registers, code_.constants.data(), evaluation_.frame.row, locals, captures};
    const Instruction* first = block.instructions.data();
    const Instruction* at = first;
    auto operand = [&](uint32_t bits) -> const Value& { return spaces[bits >> 29][bits & 0x1fffffffu]; };
    auto charge = [left = evaluation_.frame.steps_left, this](uint64_t steps) {
        if (left && *left >= steps)
            *left -= steps;
        else
            evaluation_.charge(steps);
    };
    charge(block.instructions.size());
    // Only what may fail needs to know where in the text it stands.
    auto place = [&](const Instruction* instruction) -> Evaluation& {
        const Place& where = block.places[static_cast<size_t>(instruction - first)];
        evaluation_.begin = where.begin;
        evaluation_.end = where.end;
        return evaluation_;
    };
    while (true) {
        const Instruction& i = *at++;
        switch (i.op) {
            case Op::give:
                return operand(i.a);
            case Op::move:
                registers[i.dst] = operand(i.a);
                break;
            case Op::self:
                registers[i.dst] = evaluation_.frame.self;
                break;
            case Op::jump:
                at = first + i.c;
                break;
            case Op::branch_unless:
                if (!operand(i.a).is_true()) at = first + i.c;
                break;
            case Op::branch_if:
                if (operand(i.a).is_true()) at = first + i.c;
                break;
            case Op::need_boolean: {
                const Value& condition = operand(i.a);
                if (condition.kind == Kind::boolean || condition.is_null()) break;
                registers[i.dst] = place(&i).fail("feel.type.mismatch", "a condition must be true or false");
                at = first + i.c;
                break;
            }
            case Op::and_left:
                if (registers[i.dst].is_false()) at = first + i.c;
                break;
            case Op::or_left:
                if (registers[i.dst].is_true()) at = first + i.c;
                break;
            case Op::logical_and:
                if (const Value& left = operand(i.a), &right = operand(i.b);
                    left.kind == Kind::boolean && right.kind == Kind::boolean)
                    set_boolean(registers[i.dst], left.is_true() && right.is_true());
                else
                    registers[i.dst] = logical_and(left, right);
                break;
            case Op::logical_or:
                if (const Value& left = operand(i.a), &right = operand(i.b);
                    left.kind == Kind::boolean && right.kind == Kind::boolean)
                    set_boolean(registers[i.dst], left.is_true() || right.is_true());
                else
                    registers[i.dst] = logical_or(left, right);
                break;
            case Op::logical_not:
                registers[i.dst] = logical_not(place(&i), operand(i.a));
                break;
            case Op::add:
                if (!compute_into<Arithmetic::add>(registers[i.dst], operand(i.a), operand(i.b)))
                    registers[i.dst] = add(place(&i), operand(i.a), operand(i.b));
                break;
            case Op::subtract:
                if (!compute_into<Arithmetic::subtract>(registers[i.dst], operand(i.a), operand(i.b)))
                    registers[i.dst] = subtract(place(&i), operand(i.a), operand(i.b));
                break;
            case Op::multiply:
                if (!compute_into<Arithmetic::multiply>(registers[i.dst], operand(i.a), operand(i.b)))
                    registers[i.dst] = multiply(place(&i), operand(i.a), operand(i.b));
                break;
            case Op::divide:
                if (!divide_into(registers[i.dst], operand(i.a), operand(i.b)))
                    registers[i.dst] = divide(place(&i), operand(i.a), operand(i.b));
                break;
            case Op::power:
                registers[i.dst] = power(place(&i), operand(i.a), operand(i.b));
                break;
            case Op::negate:
                registers[i.dst] = negate(place(&i), operand(i.a));
                break;
            case Op::equal:
                compare_into<Comparison::equal>(
                    registers[i.dst], [&]() -> Evaluation& { return place(&i); }, operand(i.a), operand(i.b));
                break;
            case Op::not_equal:
                compare_into<Comparison::not_equal>(
                    registers[i.dst], [&]() -> Evaluation& { return place(&i); }, operand(i.a), operand(i.b));
                break;
            case Op::less:
                compare_into<Comparison::less>(
                    registers[i.dst], [&]() -> Evaluation& { return place(&i); }, operand(i.a), operand(i.b));
                break;
            case Op::less_equal:
                compare_into<Comparison::less_equal>(
                    registers[i.dst], [&]() -> Evaluation& { return place(&i); }, operand(i.a), operand(i.b));
                break;
            case Op::greater:
                compare_into<Comparison::greater>(
                    registers[i.dst], [&]() -> Evaluation& { return place(&i); }, operand(i.a), operand(i.b));
                break;
            case Op::greater_equal:
                compare_into<Comparison::greater_equal>(
                    registers[i.dst], [&]() -> Evaluation& { return place(&i); }, operand(i.a), operand(i.b));
                break;
            case Op::between: {
                const Value& value = operand(i.a);
                const Value &low = operand(i.b), &high = operand(i.c);
                if (value.kind == Kind::number && low.kind == Kind::number && high.kind == Kind::number) {
                    int from = compare_numbers(value, low), to = compare_numbers(value, high);
                    set_boolean(registers[i.dst],
                                (i.flag & 1 ? from > 0 : from >= 0) && (i.flag & 2 ? to < 0 : to <= 0));
                    break;
                }
                place(&i);
                Value above = compare(evaluation_, i.flag & 1 ? Comparison::greater : Comparison::greater_equal, value,
                                      operand(i.b));
                registers[i.dst] = logical_and(
                    above,
                    compare(evaluation_, i.flag & 2 ? Comparison::less : Comparison::less_equal, value, operand(i.c)));
                break;
            }
            case Op::equal_item: {
                const Value& value = operand(i.a);
                const Value& item = operand(i.b);
                if (value.kind != item.kind && !value.is_null())
                    set_boolean(registers[i.dst], false);
                else
                    compare_into<Comparison::equal>(
                        registers[i.dst], [&]() -> Evaluation& { return place(&i); }, value, item);
                break;
            }
            case Op::in_test:
                registers[i.dst] = in_test(place(&i), operand(i.a), operand(i.b), i.flag != 0);
                break;
            case Op::range: {
                value::RangeData range{operand(i.a), operand(i.b), (i.flag & 1) != 0, (i.flag & 2) != 0,
                                       (i.flag & 16) != 0};
                bool composite = range.low.kind >= Kind::list || range.high.kind >= Kind::list;
                bool missing = (range.low.is_null() && !(i.flag & 4)) || (range.high.is_null() && !(i.flag & 8));
                if (composite)
                    registers[i.dst] = place(&i).fail("feel.range", "a range's ends have an order");
                else if (missing)
                    registers[i.dst] = Evaluation::null_of(range.low, range.high);
                else
                    registers[i.dst] = Value::range_of(evaluation_.arena.make<value::RangeData>(range));
                break;
            }
            case Op::member_index: {
                const Value& object = operand(i.a);
                if (object.kind == Kind::record && object.record.row)
                    registers[i.dst] = object.record.row[i.c];
                else
                    registers[i.dst] = member_by_index(place(&i), object, i.c, operand(i.b).as_string());
                break;
            }
            case Op::member_name: {
                const Value& object = operand(i.a);
                std::string_view name = operand(i.b).as_string();
                const Value* found = object.kind == Kind::context ? object.context->find(name) : nullptr;
                registers[i.dst] = found ? *found : member_by_name(place(&i), object, name);
                break;
            }
            case Op::member_or: {
                const Value& object = operand(i.a);
                const Value* found =
                    object.kind == Kind::context ? object.context->find(operand(i.b).as_string()) : nullptr;
                registers[i.dst] = found ? *found : operand(i.c);
                break;
            }
            case Op::index:
                registers[i.dst] = item_at(place(&i), operand(i.a), operand(i.b));
                break;
            case Op::list: {
                Value* items = evaluation_.arena.array<Value>(i.b);
                std::copy_n(registers + i.a, i.b, items);
                registers[i.dst] = make_list(items, i.b);
                break;
            }
            case Op::context:
                registers[i.dst] = new_context(i, registers + i.a);
                break;
            case Op::builtin: {
                charge(1);
                // Made in its place: the arguments are in other registers.
                new (&registers[i.dst]) Value(builtins()[i.c].code(place(&i), {registers + i.a, i.b}));
                break;
            }
            case Op::call_host: {
                charge(1);
                registers[i.dst] = evaluation_.frame.environment->call(i.c, {registers + i.a, i.b}, evaluation_.frame);
                break;
            }
            case Op::call_value:
                registers[i.dst] = place(&i).call(operand(i.a), {registers + i.b, i.c});
                break;
            case Op::call_named:
                registers[i.dst] = call_named(place(&i), operand(i.a), i, registers + i.b);
                break;
            case Op::function:
                registers[i.dst] = make_function(i, spaces);
                break;
            case Op::instance_of:
                registers[i.dst] = Value::boolean(instance_of(operand(i.a), code_.types[i.b]));
                break;
            case Op::coerce:
                registers[i.dst] = coerce(operand(i.a), code_.types[i.b], place(&i).frame);
                break;
            case Op::iterate: {
                place(&i);
                Value domain = operand(i.a);
                if (!begin_iteration(registers + i.dst, domain, i.flag != 0)) at = first + i.c;
                break;
            }
            case Op::next:
                charge(4);
                if (Value* state = registers + i.dst; state[0].kind == Kind::list) {
                    uint64_t position = state[1].bits.low;
                    if (position == state[1].bits.high) {
                        at = first + i.c;
                        break;
                    }
                    registers[i.a] = state[0].items[position];
                    state[1].bits.low = position + 1;
                    break;
                }
                if (!next_item(registers + i.dst, registers[i.a])) at = first + i.c;
                break;
            case Op::count: {
                const Value& list = operand(i.a);
                registers[i.dst] =
                    list.kind == Kind::list ? Value::number(Decimal(static_cast<int64_t>(list.aux))) : list;
                break;
            }
            case Op::build: {
                auto* builder = new (evaluation_.arena.allocate(sizeof(ListBuilder), alignof(ListBuilder)))
                    ListBuilder(evaluation_);
                registers[i.dst] = Value();
                registers[i.dst].function = builder;
                break;
            }
            case Op::push:
                static_cast<ListBuilder*>(const_cast<void*>(registers[i.dst].function))->push(operand(i.a));
                break;
            case Op::built:
                registers[i.dst] = static_cast<const ListBuilder*>(operand(i.a).function)->list();
                break;
            case Op::filter_push: {
                const Value& condition = operand(i.a);
                if (condition.is_true()) {
                    static_cast<ListBuilder*>(const_cast<void*>(registers[i.dst].function))->push(operand(i.b));
                } else if (condition.kind == Kind::number) {
                    Value number = condition;
                    registers[i.dst + 1] = number;
                    at = first + i.c;
                }
                break;
            }
            case Op::query:
                if (!ask(i, registers, registers[i.dst])) at++;
                break;
        }
    }
}

// state[0] is what is run over, state[1] holds position and end; false leaves the reason in state[0].
bool Machine::begin_iteration(Value* state, const Value& domain, bool downwards) {
    state[1] = Value();
    state[2] = Value();
    state[0] = domain;
    switch (domain.kind) {
        case Kind::null:
            return false;
        case Kind::list:
            state[1].bits = {0, domain.aux};
            return true;
        case Kind::range: {
            const Value& low = domain.range->low;
            const Value& high = domain.range->high;
            std::optional<int64_t> from, to;
            if (low.kind == Kind::number && high.kind == Kind::number) {
                from = low.as_number().to_int64();
                to = high.as_number().to_int64();
            } else if (low.kind == Kind::date && high.kind == Kind::date) {
                from = low.as_date().days;
                to = high.as_date().days;
            }
            constexpr int64_t kEdge = INT64_MAX / 4;
            if (!from || !to || *from > kEdge || *to > kEdge || *from < -kEdge || *to < -kEdge) {
                state[0] = low.is_null() || high.is_null()
                               ? Evaluation::null_of(low, high)
                               : evaluation_.fail("feel.range", "a loop runs over whole numbers or dates");
                return false;
            }
            if (*from > *to && !downwards) {
                state[0] = evaluation_.fail("feel.range", "the range ends before it begins");
                return false;
            }
            int64_t step = *from <= *to ? 1 : -1;
            int64_t start = domain.range->low_closed ? *from : *from + step;
            int64_t stop = domain.range->high_closed ? *to + step : *to;
            bool empty = step > 0 ? start >= stop : start <= stop;
            state[0] = low;
            state[1].bits = {static_cast<uint64_t>(start), static_cast<uint64_t>(empty ? start : stop)};
            state[2].bits.low = static_cast<uint64_t>(step);
            return true;
        }
        default:
            state[1].bits = {0, 1};
            return true;
    }
}

bool Machine::next_item(Value* state, Value& item) {
    if (state[1].bits.low == state[1].bits.high) return false;
    uint64_t position = state[1].bits.low;
    auto step = static_cast<int64_t>(state[2].bits.low);
    if (step != 0) {
        auto number = static_cast<int64_t>(position);
        item = state[0].kind == Kind::date ? Value::of(Date{number}) : Value::number(Decimal(number));
        state[1].bits.low = static_cast<uint64_t>(number + step);
        return true;
    }
    item = state[0].kind == Kind::list ? state[0].items[position] : state[0];
    state[1].bits.low = position + 1;
    return true;
}

Value Machine::new_context(const Instruction& instruction, const Value* values) {
    const auto& keys = code_.keys[instruction.c];
    auto* entries = evaluation_.arena.array<value::ContextEntry>(instruction.b);
    for (uint32_t k = 0; k < instruction.b; k++) entries[k] = {keys[k], values[k]};
    return make_context(evaluation_.arena, entries, instruction.b);
}

Value Machine::make_function(const Instruction& instruction, const Value* const* spaces) {
    const Block& block = code_.blocks[instruction.c];
    Value* captures = evaluation_.arena.array<Value>(block.captures.size());
    for (size_t k = 0; k < block.captures.size(); k++)
        captures[k] = spaces[block.captures[k].space()][block.captures[k].index()];
    Value function;
    function.kind = Kind::function;
    function.function = evaluation_.arena.make<Function>(Function{&code_, &block, captures, spaces[Operand::locals]});
    return function;
}

// The values in the order of the function's parameters; a name that it does not have makes the result null.
Value Machine::call_named(Evaluation& evaluation, const Value& function, const Instruction& instruction,
                          const Value* values) {
    const auto& names = code_.keys[instruction.c];
    if (function.is_null()) return function;
    if (function.kind != Kind::function) return evaluation.fail("feel.type.mismatch", "only a function can be called");
    const auto& parameters = static_cast<const Function*>(function.function)->block->type->parameters;
    if (parameters.size() != names.size())
        return evaluation.fail("feel.argument", "the function takes another number of arguments");
    Value* ordered = evaluation.arena.array<Value>(parameters.size());
    for (size_t i = 0; i < parameters.size(); i++) {
        size_t given = 0;
        while (given < names.size() && names[given] != parameters[i].name) given++;
        if (given == names.size())
            return evaluation.fail_copy("feel.argument", fmt::format("the function needs '{}'", parameters[i].name));
        ordered[i] = values[given];
    }
    return evaluation.call(function, {ordered, parameters.size()});
}

bool Machine::ask(const Instruction& instruction, const Value* registers, Value& out) {
    evaluation_.charge(16);
    const CollectionQuery& query = *code_.queries[instruction.c];
    Value answer;
    bool filtered = evaluation_.frame.environment->query(query, {registers + instruction.a, instruction.b},
                                                         evaluation_.frame, answer);
    out = answer;
    return filtered;
}

Value Evaluation::call(const Value& function, std::span<const Value> arguments) {
    if (function.is_null()) return function;
    if (function.kind != Kind::function) return fail("feel.type.mismatch", "only a function can be called");
    const auto& target = *static_cast<const Function*>(function.function);
    if (arguments.size() != target.block->parameter_count)
        return fail("feel.argument", "the function takes another number of arguments");
    // An argument of another type: DMN never invokes the function.
    Value* coerced = nullptr;
    if (target.block->coerces) {
        coerced = arena.array<Value>(arguments.size());
        for (size_t i = 0; i < arguments.size(); i++) {
            coerced[i] = coerce(arguments[i], target.block->type->parameters[i].type, frame);
            if (coerced[i].is_null() && !arguments[i].is_null()) return coerced[i];
        }
        arguments = {coerced, arguments.size()};
    }
    if (++frame.depth > kCallDepthMax) throw LimitError("limit.depth", "functions call each other too deeply");
    uint32_t outer_begin = begin, outer_end = end;
    Value* registers = arena.array<Value>(target.block->register_count);
    std::copy(arguments.begin(), arguments.end(), registers);
    Value result;
    if (target.code == &code) {
        result = Machine(*this).execute(*target.block, registers, target.captures, target.locals);
    } else {
        Evaluation other(*target.code, frame);
        result = Machine(other).execute(*target.block, registers, target.captures, target.locals);
    }
    begin = outer_begin;
    end = outer_end;
    frame.depth--;
    return result;
}

Value run(const Code& code, Frame& frame, const Value* input) {
    constexpr uint32_t kInline = 40;
    Evaluation evaluation(code, frame);
    const Block& block = code.blocks[0];
    if (code.shortcut) {
        auto answer = code.shortcut->decide(frame.row, frame.locals);
        if (answer != Shortcut::Answer::unknown) {
            evaluation.charge(block.instructions.size());
            return Value::boolean(answer == Shortcut::Answer::yes);
        }
    }
    if (block.register_count <= kInline) {
        RegisterBuffer<kInline> buffer;
        Value* registers = buffer.get();
        registers[0] = input ? *input : Value();
        return Machine(evaluation).execute(block, registers, nullptr, frame.locals);
    }
    Value* registers = frame.arena->array<Value>(block.register_count);
    registers[0] = input ? *input : Value();
    return Machine(evaluation).execute(block, registers, nullptr, frame.locals);
}

}  // namespace leat::feel
