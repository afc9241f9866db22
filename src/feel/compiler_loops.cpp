// for, some, every, filters, and queries with the filter that runs when the host cannot.
#include <algorithm>

#include "feel/checker.hpp"
#include "feel/compiler.hpp"
#include "feel/functions.hpp"

namespace leat::feel {

using ast::Node;
using ast::NodeKind;

namespace {

Operand in_register(uint32_t index) {
    return Operand(Operand::registers, index);
}

// Whether an expression reads what is bound to the slot.
bool reads_slot(const Node* node, uint32_t slot) {
    if (node->kind == NodeKind::local && node->index == slot) return true;
    return std::any_of(node->children.begin(), node->children.end(),
                       [&](const Node* child) { return reads_slot(child, slot); });
}

}  // namespace

// One loop a domain, each inside the one before. `starts` jump when a domain cannot be run over, `heads` at its end.
Compiler::Loop Compiler::open_loops(const Node* node) {
    Loop loop;
    for (size_t i = 0; i < node->names.size(); i++) {
        uint32_t state = take(3);
        uint32_t item = take();
        Operand domain = value(node->children[i]);
        uint8_t downwards = node->children[i]->kind == NodeKind::range && node->children[i]->text == "..";
        loop.starts.push_back(emit(node->children[i], Op::iterate, state, domain.bits, 0, 0, downwards));
        loop.heads.push_back(emit(node->children[i], Op::next, state, item));
        loop.states.push_back(state);
        bind_slot(node->index + static_cast<uint32_t>(i), in_register(item));
    }
    return loop;
}

// Back to the innermost head; each loop's end goes to the head outside it. Then the ways out: a domain that is null
// makes the result null. `builder`: dst is its list at the end.
void Compiler::close_loops(const Node* node, const Loop& loop, uint32_t dst, size_t skip_to_end, uint32_t builder) {
    emit(node, Op::jump, 0, 0, 0, static_cast<uint32_t>(loop.heads.back()));
    for (size_t i = loop.heads.size() - 1; i > 0; i--)
        block_.instructions[loop.heads[i]].c = static_cast<uint32_t>(loop.heads[i - 1]);
    land(loop.heads[0]);
    if (builder != Jumps::kNone) emit(node, Op::built, dst, in_register(builder).bits);
    std::vector<size_t> ends = {emit(node, Op::jump, 0)};
    for (size_t i = 0; i < loop.starts.size(); i++) {
        land(loop.starts[i]);
        emit(node, Op::move, dst, in_register(loop.states[i]).bits);
        ends.push_back(emit(node, Op::jump, 0));
    }
    for (size_t end : ends) land(end);
    if (skip_to_end != SIZE_MAX) land(skip_to_end);
}

void Compiler::for_each(const Node* node, uint32_t dst) {
    uint32_t builder = take();
    uint32_t partial = take();
    emit(node, Op::build, builder);
    emit(node, Op::built, partial, in_register(builder).bits);
    bind_slot(node->index + static_cast<uint32_t>(node->names.size()), in_register(partial));
    // The result is the list so far, kept in `partial`: a null domain replaces it.
    Loop loop = open_loops(node);
    Operand body = value(node->children.back());
    emit(node, Op::push, builder, body.bits);
    // Where nothing asks for the list so far, it is made once at the end.
    uint32_t slot = node->index + static_cast<uint32_t>(node->names.size());
    bool asked = reads_slot(node, slot);
    if (asked) emit(node, Op::built, partial, in_register(builder).bits);
    close_loops(node, loop, partial, SIZE_MAX, asked ? Jumps::kNone : builder);
    emit(node, Op::move, dst, in_register(partial).bits);
}

void Compiler::quantified(const Node* node, uint32_t dst) {
    bool some = node->kind == NodeKind::some;
    emit(node, Op::move, dst, constant(Value::boolean(!some)).bits);
    Loop loop = open_loops(node);
    Operand condition = value(node->children.back());
    emit(node, some ? Op::logical_or : Op::logical_and, dst, in_register(dst).bits, condition.bits);
    size_t decided = emit(node, some ? Op::or_left : Op::and_left, dst);
    close_loops(node, loop, dst, decided);
}

void Compiler::filter(const Node* node, uint32_t dst) {
    filter_list(node, value(node->children[0]), dst);
}

void Compiler::filter_list(const Node* node, Operand source, uint32_t dst) {
    uint32_t builder = take(2);  // and the number when the condition turns out to be one
    uint32_t state = take(3);
    uint32_t item = take();
    emit(node, Op::build, builder);
    size_t start = emit(node, Op::iterate, state, source.bits);
    size_t head = emit(node, Op::next, state, item);
    bind_slot(node->index, in_register(item));
    Operand condition = value(node->children[1]);
    size_t unclear = node->strict ? emit(node, Op::need_boolean, dst, condition.bits) : SIZE_MAX;
    size_t push = emit(node, Op::filter_push, builder, condition.bits, in_register(item).bits);
    emit(node, Op::jump, 0, 0, 0, static_cast<uint32_t>(head));
    land(head);
    emit(node, Op::built, dst, in_register(builder).bits);
    size_t end = emit(node, Op::jump, 0);
    land(push);
    emit(node, Op::index, dst, source.bits, in_register(builder + 1).bits);
    size_t indexed = emit(node, Op::jump, 0);
    land(start);
    emit(node, Op::move, dst, in_register(state).bits);
    land(end);
    land(indexed);
    if (node->strict) land(unclear);
}

// records.X[…]: the parameters, the host's answer, and the filter in memory when it has none. What comes out is the
// list, or the host's count: `count` is then called with a number and gives it back.
void Compiler::query(const Node* node, uint32_t dst) {
    uint32_t index = query_of_.at(node);
    const CollectionQuery& query = *code_.queries[index];
    auto count = static_cast<uint32_t>(query.parameters.size());
    uint32_t base = take(count);
    for (uint32_t i = 0; i < count; i++) into(query.parameters[i], base + i);
    emit(node, Op::query, dst, base, count, index);
    size_t answered = emit(node, Op::jump, 0);
    if (query.part) {
        // What the host does not answer whole is evaluated as it is written.
        size_t past = SIZE_MAX;
        if (node->kind == NodeKind::index) {
            past = emit(node, Op::jump, 0);
            land(answered);
            emit(node, Op::index, dst, in_register(dst).bits, constant(Value::number(Decimal(1))).bits);
            answered = emit(node, Op::jump, 0);
            land(past);
        }
        plainly(node, dst);
    } else if (query.filter) {
        auto outer = computed_;
        for (uint32_t i = 0; i < count; i++) computed_.emplace_back(query.parameters[i], in_register(base + i));
        filter_list(node, in_register(dst), dst);
        computed_ = std::move(outer);
    }
    land(answered);
}

}  // namespace leat::feel
