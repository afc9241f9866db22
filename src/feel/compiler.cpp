#include "feel/compiler.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "feel/checker.hpp"
#include "feel/functions.hpp"

namespace leat::feel {

using ast::Node;
using ast::NodeKind;

namespace {

constexpr uint32_t kInputSlot = 0xffffffffu;

Op comparison(NodeKind kind) {
    switch (kind) {
        case NodeKind::equal:
            return Op::equal;
        case NodeKind::not_equal:
            return Op::not_equal;
        case NodeKind::less:
            return Op::less;
        case NodeKind::less_equal:
            return Op::less_equal;
        case NodeKind::greater:
            return Op::greater;
        default:
            return Op::greater_equal;
    }
}

// (> 5) has no high end; an end that turns out null is another thing.
bool open_end(const Node* end) {
    return end->kind == NodeKind::literal && end->text == "unbounded";
}
bool bounded(const Node* range) {
    return !open_end(range->children[0]) && !open_end(range->children[1]);
}

}  // namespace

void generate(Code& code, const Checker& checker) {
    code.blocks.reserve(1);
    code.blocks.push_back(Block(code.tree.memory));  // its place is the first, before those of functions
    Compiler compiler(code, checker.query_of(), nullptr);
    const Block& block = compiler.compile(code.tree.root, 0, 0, true);
    code.blocks[0] = block;
}

const Block& Compiler::compile(const Node* root, uint32_t parameter_slot, uint32_t parameter_count, bool takes_input) {
    block_.parameter_count = parameter_count;
    block_.instructions.reserve(12);
    block_.places.reserve(12);
    if (code_.constants.empty()) code_.constants.reserve(6);
    for (uint32_t i = 0; i < parameter_count; i++) bind_slot(parameter_slot + i, Operand(Operand::registers, take()));
    if (takes_input) bind_slot(kInputSlot, Operand(Operand::registers, take()));
    Operand result = value(root);
    emit(root, Op::give, 0, result.bits);
    return block_;
}

uint32_t Compiler::take(uint32_t count) {
    uint32_t first = next_;
    next_ += count;
    block_.register_count = std::max(block_.register_count, next_);
    return first;
}

size_t Compiler::emit(const Node* node, Op op, uint32_t dst, uint32_t a, uint32_t b, uint32_t c, uint8_t flag) {
    Instruction& instruction = block_.instructions.add();
    instruction.op = op;
    instruction.flag = flag;
    instruction.dst = static_cast<uint16_t>(dst);
    instruction.a = a;
    instruction.b = b;
    instruction.c = c;
    block_.places.push_back({node->begin, node->end});
    return block_.instructions.size() - 1;
}

void Compiler::land(size_t instruction) {
    block_.instructions[instruction].c = here();
}

void Compiler::add_jump(Jumps& jumps, const Node* node, Op op, uint32_t dst, uint32_t a) {
    jumps.last = static_cast<uint32_t>(emit(node, op, dst, a, 0, jumps.last));
}

void Compiler::land(const Jumps& jumps) {
    for (uint32_t at = jumps.last; at != Jumps::kNone;) {
        uint32_t before = block_.instructions[at].c;
        land(size_t{at});
        at = before;
    }
}

const Operand* Compiler::computed(const Node* node) const {
    for (const auto& [known, operand] : computed_) {
        if (known == node) return &operand;
    }
    return nullptr;
}

Operand Compiler::constant(const Value& value) {
    for (size_t i = 0; i < code_.constants.size(); i++) {
        const Value& other = code_.constants[i];
        // All of a value, or a text with its bytes.
        bool same = value.kind == Kind::string ? other.kind == Kind::string && other.as_string() == value.as_string()
                                               : std::memcmp(&other, &value, sizeof value) == 0;
        if (same) return Operand(Operand::constants, static_cast<uint32_t>(i));
    }
    code_.constants.push_back(value);
    return Operand(Operand::constants, static_cast<uint32_t>(code_.constants.size() - 1));
}

Operand Compiler::text_constant(std::string_view text) {
    return constant(Value::string(text));  // in the tree, or of the table of built-ins
}

// A slot bound in an enclosing block is captured.
Operand Compiler::slot(uint32_t index) {
    for (size_t i = slots_.size(); i > 0; i--) {
        if (slots_[i - 1].number == index) return slots_[i - 1].operand;
    }
    assert(outer_ && "the checker binds every slot");
    Operand there = outer_->slot(index);
    if (there.space() != Operand::constants && there.space() != Operand::locals) {
        block_.captures.push_back(there);
        there = Operand(Operand::captures, static_cast<uint32_t>(block_.captures.size() - 1));
    }
    bind_slot(index, there);
    return there;
}

bool Compiler::leaf(const Node* node, Operand& out) {
    if (const Operand* known = computed(node)) {
        out = *known;
        return true;
    }
    switch (node->kind) {
        case NodeKind::literal:
            out = constant(node->constant);
            return true;
        case NodeKind::dash:
            out = constant(Value::boolean(true));
            return true;
        case NodeKind::item:
        case NodeKind::local:
            out = slot(node->index);
            return true;
        case NodeKind::input:
            out = slot(kInputSlot);
            return true;
        case NodeKind::name:
            switch (node->binding.kind) {
                case Binding::Kind::field:
                    out = Operand(Operand::row, node->binding.index);
                    return true;
                case Binding::Kind::local:
                    out = Operand(Operand::locals, node->binding.index);
                    return true;
                case Binding::Kind::constant:
                    out = constant(code_.tree.keep(node->binding.constant));
                    return true;
                case Binding::Kind::object:
                    out = constant(Value::object_of(node->binding.index));
                    return true;
                default:
                    return false;
            }
        case NodeKind::member: {
            const Node* object = node->children[0];
            if (!node->by_index || object->kind != NodeKind::name || object->binding.kind != Binding::Kind::self)
                return false;
            out = Operand(Operand::row, node->index);
            return true;
        }
        default:
            return false;
    }
}

Operand Compiler::value(const Node* node) {
    Operand operand;
    if (leaf(node, operand) && !node->has_query) return operand;
    uint32_t dst = take();
    into(node, dst);
    return Operand(Operand::registers, dst);
}

void Compiler::into(const Node* node, uint32_t dst) {
    if (!node->has_query || computed(node)) return plainly(node, dst);
    uint32_t mark = next_;
    query(node, dst);
    next_ = mark;
}

// Over sixty lines: one case a kind of node, and no shorter in parts.
void Compiler::plainly(const Node* node, uint32_t dst) {
    uint32_t mark = next_;
    Operand operand;
    if (leaf(node, operand)) {
        emit(node, Op::move, dst, operand.bits);
        return;
    }
    switch (node->kind) {
        case NodeKind::name:
            if (node->binding.kind == Binding::Kind::self)
                emit(node, Op::self, dst);
            else
                emit(node, Op::move, dst, constant(Value()).bits);  // a function's name without a call has no value
            break;
        case NodeKind::member:
            member(node, dst);
            break;
        case NodeKind::negate:
            emit(node, Op::negate, dst, value(node->children[0]).bits);
            break;
        case NodeKind::add:
            binary(node, dst, Op::add);
            break;
        case NodeKind::subtract:
            binary(node, dst, Op::subtract);
            break;
        case NodeKind::multiply:
            binary(node, dst, Op::multiply);
            break;
        case NodeKind::divide:
            binary(node, dst, Op::divide);
            break;
        case NodeKind::power:
            binary(node, dst, Op::power);
            break;
        case NodeKind::equal:
        case NodeKind::not_equal:
        case NodeKind::less:
        case NodeKind::less_equal:
        case NodeKind::greater:
        case NodeKind::greater_equal:
            binary(node, dst, comparison(node->kind));
            break;
        case NodeKind::logical_and:
        case NodeKind::logical_or:
            logical(node, dst);
            break;
        case NodeKind::between: {
            Operand subject = value(node->children[0]);
            Operand low = value(node->children[1]);
            Operand high = value(node->children[2]);
            emit(node, Op::between, dst, subject.bits, low.bits, high.bits);
            break;
        }
        case NodeKind::in:
            in(node, dst);
            break;
        case NodeKind::if_else:
            if_else(node, dst);
            break;
        case NodeKind::for_each:
            for_each(node, dst);
            break;
        case NodeKind::some:
        case NodeKind::every:
            quantified(node, dst);
            break;
        case NodeKind::filter:
            filter(node, dst);
            break;
        case NodeKind::index: {
            Operand source = value(node->children[0]);
            bind_slot(node->index, constant(Value()));  // an index that mentions the item has none
            emit(node, Op::index, dst, source.bits, value(node->children[1]).bits);
            break;
        }
        case NodeKind::call:
            call(node, dst);
            break;
        case NodeKind::list:
            emit(node, Op::list, dst, arguments(node, 0), static_cast<uint32_t>(node->children.size()));
            break;
        case NodeKind::context:
            context(node, dst);
            break;
        case NodeKind::range: {
            Operand low = value(node->children[0]);
            Operand high = node->children[1] == node->children[0] ? low : value(node->children[1]);
            uint8_t flag = static_cast<uint8_t>((node->low_closed ? 1 : 0) | (node->high_closed ? 2 : 0) |
                                                (open_end(node->children[0]) ? 4 : 0) |
                                                (open_end(node->children[1]) ? 8 : 0) | (node->text == "=" ? 16 : 0));
            emit(node, Op::range, dst, low.bits, high.bits, 0, flag);
            break;
        }
        case NodeKind::instance_of:
            if (node->declared)
                emit(node, Op::instance_of, dst, value(node->children[0]).bits, type_number(node->declared));
            else
                emit(node, Op::move, dst, constant(Value()).bits);  // of an unknown type
            break;
        case NodeKind::coerce:
            emit(node, Op::coerce, dst, value(node->children[0]).bits, type_number(node->declared));
            break;
        case NodeKind::function_definition:
            function(node, dst);
            break;
        case NodeKind::unary_compare:
            emit(node, Op::move, dst, constant(Value()).bits);
            break;  // only where a type error was let pass
        default:
            assert(false && "a leaf");
    }
    next_ = mark;
}

void Compiler::binary(const Node* node, uint32_t dst, Op op) {
    Operand left = value(node->children[0]);
    Operand right = value(node->children[1]);
    emit(node, op, dst, left.bits, right.bits);
}

void Compiler::logical(const Node* node, uint32_t dst) {
    bool conjunction = node->kind == NodeKind::logical_and;
    into(node->children[0], dst);
    size_t left = emit(node, conjunction ? Op::and_left : Op::or_left, dst);
    Operand right = value(node->children[1]);
    emit(node, conjunction ? Op::logical_and : Op::logical_or, dst, Operand(Operand::registers, dst).bits, right.bits);
    land(left);
}

void Compiler::member(const Node* node, uint32_t dst) {
    Operand object = value(node->children[0]);
    Operand name = text_constant(node->text);
    if (node->children.size() > 1) {
        emit(node, Op::member_or, dst, object.bits, name.bits, value(node->children[1]).bits);
        return;
    }
    if (node->by_index)
        emit(node, Op::member_index, dst, object.bits, name.bits, node->index);
    else
        emit(node, Op::member_name, dst, object.bits, name.bits);
}

void Compiler::in(const Node* node, uint32_t dst) {
    Operand input = value(node->children[0]);
    bool cell = node->children[0]->kind == NodeKind::input;
    Jumps done;
    for (size_t i = 1; i < node->children.size(); i++) {
        if (i == 1) {
            test(node->children[i], input, cell, dst);
            continue;
        }
        add_jump(done, node, Op::or_left, dst);
        uint32_t mark = next_;
        uint32_t next_test = take();
        test(node->children[i], input, cell, next_test);
        Operand sofar(Operand::registers, dst);
        emit(node, Op::logical_or, dst, sofar.bits, Operand(Operand::registers, next_test).bits);
        next_ = mark;
    }
    land(done);
}

void Compiler::test(const Node* node, Operand input, bool cell, uint32_t dst, bool in_list) {
    uint32_t mark = next_;
    if (node->kind == NodeKind::unary_compare) {
        emit(node, comparison(node->op), dst, input.bits, value(node->children[0]).bits);
    } else if (node->kind == NodeKind::list && !computed(node) && !node->children.empty() &&
               node->type->element->kind != TypeKind::list) {
        // in [a, b]: one test after the other, no list is made.
        Jumps done;
        for (size_t i = 0; i < node->children.size(); i++) {
            if (i == 0) {
                test(node->children[i], input, cell, dst, true);
                continue;
            }
            add_jump(done, node, Op::or_left, dst);
            uint32_t next_test = take();
            test(node->children[i], input, cell, next_test, true);
            emit(node, Op::logical_or, dst, Operand(Operand::registers, dst).bits,
                 Operand(Operand::registers, next_test).bits);
            next_ = mark;
        }
        land(done);
    } else if (node->kind == NodeKind::range && !computed(node) && bounded(node)) {
        Operand low = value(node->children[0]);
        Operand high = value(node->children[1]);
        uint8_t open = static_cast<uint8_t>((node->low_closed ? 0 : 1) | (node->high_closed ? 0 : 2));
        emit(node, Op::between, dst, input.bits, low.bits, high.bits, open);
    } else if (node->kind == NodeKind::literal && !node->constant.is_null()) {
        emit(node, in_list ? Op::equal_item : Op::equal, dst, input.bits, value(node).bits);
    } else {
        uint8_t condition = cell && node->type->kind == TypeKind::boolean && node->kind != NodeKind::name &&
                            node->kind != NodeKind::member;
        emit(node, Op::in_test, dst, input.bits, value(node).bits, 0, condition);
    }
    next_ = mark;
}

void Compiler::if_else(const Node* node, uint32_t dst) {
    uint32_t mark = next_;
    Operand condition = value(node->children[0]);
    size_t unclear = node->strict ? emit(node, Op::need_boolean, dst, condition.bits) : SIZE_MAX;
    size_t otherwise = emit(node, Op::branch_unless, 0, condition.bits);
    next_ = mark;
    into(node->children[1], dst);
    size_t end = emit(node, Op::jump, 0);
    land(otherwise);
    into(node->children[2], dst);
    land(end);
    if (node->strict) land(unclear);
}

// The children from `first` into neighbouring registers; answers the first one's number.
uint32_t Compiler::arguments(const Node* node, size_t first) {
    uint32_t base = take(static_cast<uint32_t>(node->children.size() - first));
    for (size_t i = first; i < node->children.size(); i++)
        into(node->children[i], base + static_cast<uint32_t>(i - first));
    return base;
}

void Compiler::call(const Node* node, uint32_t dst) {
    if (!node->text.empty()) {
        auto count = static_cast<uint32_t>(node->children.size());
        if (node->text == "not" && count == 1) {
            emit(node, Op::logical_not, dst, value(node->children[0]).bits);
            return;
        }
        if (node->text == "count" && count == 1 && node->children[0]->has_query) {
            emit(node, Op::count, dst, value(node->children[0]).bits);
            return;
        }
        uint32_t base = arguments(node, 0);
        emit(node, Op::builtin, dst, base, count, node->index);
        return;
    }
    const Node* callee = node->children[0];
    auto count = static_cast<uint32_t>(node->children.size() - 1);
    if (callee->kind == NodeKind::name && callee->binding.kind == Binding::Kind::function) {
        uint32_t base = arguments(node, 1);
        emit(node, Op::call_host, dst, base, count, callee->binding.index);
        return;
    }
    Operand function_value = value(callee);
    uint32_t base = arguments(node, 1);
    if (node->argument_names.empty()) {
        emit(node, Op::call_value, dst, function_value.bits, base, count);
        return;
    }
    std::vector<std::string_view> names;
    names.assign(node->argument_names.begin(), node->argument_names.end());
    code_.keys.push_back(std::move(names));
    emit(node, Op::call_named, dst, function_value.bits, base, static_cast<uint32_t>(code_.keys.size() - 1));
}

void Compiler::context(const Node* node, uint32_t dst) {
    auto count = static_cast<uint32_t>(node->children.size());
    uint32_t base = take(count);
    std::vector<std::string_view> keys;
    for (uint32_t i = 0; i < count; i++) {
        into(node->children[i], base + i);
        bind_slot(node->index + i, Operand(Operand::registers, base + i));
        if (i + 1 == count && node->names[i].empty()) {
            emit(node, Op::move, dst, Operand(Operand::registers, base + i).bits);
            return;
        }
        keys.push_back(node->names[i]);
    }
    code_.keys.push_back(std::move(keys));
    emit(node, Op::context, dst, base, count, static_cast<uint32_t>(code_.keys.size() - 1));
}

uint32_t Compiler::type_number(TypeRef type) {
    code_.types.push_back(type);
    return static_cast<uint32_t>(code_.types.size() - 1);
}

void Compiler::function(const Node* node, uint32_t dst) {
    Compiler inner(code_, query_of_, this);
    Block block = inner.compile(node->children[0], node->index, static_cast<uint32_t>(node->names.size()), false);
    block.type = node->type;
    block.coerces = std::any_of(node->parameter_types.begin(), node->parameter_types.end(),
                                [](TypeRef type) { return type != nullptr; });
    code_.blocks.push_back(std::move(block));
    emit(node, Op::function, dst, 0, 0, static_cast<uint32_t>(code_.blocks.size() - 1));
}

}  // namespace leat::feel
