// What rows that matched answer, under each hit policy. Inside this room only.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "decision/parts.hpp"

namespace leat::decision {

// A null with a reason, both in the arena; `code` must be a literal.
Value null_with(Arena& arena, std::string_view code, const std::string& text);

inline bool answers_lists(Hit hit) {
    return hit == Hit::collect || hit == Hit::rule_order || hit == Hit::output_order;
}

// The answers of rows.
class Answer {
 public:
    Answer(const TableSource& source, const std::vector<OutputParts>& outputs, const Grid& results, feel::Frame& frame)
        : source_(source), outputs_(outputs), results_(results), frame_(frame) {}

    Value row(uint32_t row) const {
        return outputs_.size() == 1 ? cell(row, 0) : context([&](size_t output) { return cell(row, output); });
    }
    // What is answered where no row matches; not to be asked when no output has a default.
    Value defaults() const;
    Value list(std::span<const uint32_t> rows) const {
        Value* items = frame_.arena->array<Value>(rows.size());
        for (size_t i = 0; i < rows.size(); ++i) new (items + i) Value(row(rows[i]));
        return Value::list(items, rows.size());
    }
    // Whether the rows answer the same.
    bool agree(std::span<const uint32_t> rows) const;
    // Best first: output by output, the first one counts most; rows of one rank stay in table order.
    void by_priority(std::span<uint32_t> rows) const;
    // The answer of a policy for the rows that matched, in table order. `rows` is put into the policy's order.
    Value of(std::span<uint32_t> rows) const;
    std::string conflict_text(std::span<const uint32_t> rows) const;
    Value cell(uint32_t row, size_t output) const { return outputs_[output].value(results_.row(row)[output], frame_); }

 private:
    Value sum(std::span<const uint32_t> rows) const;
    Value extreme(std::span<const uint32_t> rows, bool greatest) const;
    Value unfit(uint32_t row, const Value& item, const char* what) const;
    template <class One>
    Value context(const One& one) const {
        auto* entries = frame_.arena->array<value::ContextEntry>(outputs_.size());
        for (size_t i = 0; i < outputs_.size(); ++i) new (entries + i) value::ContextEntry{outputs_[i].name, one(i)};
        auto* context =
            frame_.arena->make<value::ContextData>(value::ContextData{entries, static_cast<uint32_t>(outputs_.size())});
        return Value::context_of(context);
    }
    uint32_t rank(uint32_t row, size_t output) const {
        const OutputParts& parts = outputs_[output];
        const OutputCell& c = parts.cells[results_.row(row)[output]];
        return c.expression ? parts.rank_of(c.expression->evaluate(frame_)) : c.rank;
    }

    const TableSource& source_;
    const std::vector<OutputParts>& outputs_;
    const Grid& results_;
    feel::Frame& frame_;
};

}  // namespace leat::decision
