// Finding the rows that match, and making the answer that the hit policy asks for.
#include <fmt/format.h>

#include <algorithm>

#include "decision/parts.hpp"

namespace leat::decision {

namespace {

constexpr size_t kInline = 16;  // columns and rows that need no memory of the arena

// A few items on the stack, more in the arena.
template <class T>
class Scratch {
 public:
    Scratch(size_t count, Arena& arena) : data_(count <= kInline ? here_ : arena.array<T>(count)) {
        for (size_t i = 0; count > kInline && i < count; ++i) new (data_ + i) T();
    }
    T& operator[](size_t i) { return data_[i]; }
    T* data() { return data_; }

 private:
    T here_[kInline];
    T* data_;
};

class RowList {
 public:
    explicit RowList(Arena& arena) : arena_(arena) {}
    void add(uint32_t row) {
        if (size_ == capacity_) grow();
        data_[size_++] = row;
    }
    // Lists of candidates come one after the other, each ascending.
    void sort() {
        if (!std::is_sorted(data_, data_ + size_)) std::sort(data_, data_ + size_);
    }
    std::span<const uint32_t> rows() const { return {data_, size_}; }
    std::span<uint32_t> rows() { return {data_, size_}; }

 private:
    void grow() {
        auto* larger = arena_.array<uint32_t>(capacity_ * 2);
        std::copy(data_, data_ + size_, larger);
        data_ = larger;
        capacity_ *= 2;
    }
    Arena& arena_;
    uint32_t here_[kInline];
    uint32_t* data_ = here_;
    size_t size_ = 0, capacity_ = kInline;
};

// What one decision knows of a column's few distinct cells by now.
struct Memo {
    uint64_t known = 0, yes = 0;
};

// One decision's inputs against the rows.
class Search {
 public:
    Search(const Grid& grid, const std::vector<Column>& columns, const std::vector<uint32_t>& order, feel::Frame& frame,
           std::span<const Value> inputs)
        : grid_(grid),
          columns_(columns),
          order_(order),
          frame_(frame),
          inputs_(inputs),
          keys_(columns.size(), *frame.arena),
          memos_(columns.size(), *frame.arena) {
        for (size_t i = 0; i < columns.size(); ++i) keys_[i] = columns[i].key_of(inputs[i]);
    }

    bool matches(uint32_t row) {
        const uint32_t* cells = grid_.row(row);
        for (uint32_t column : order_) {
            if (cells[column] != Column::kAny && !cell_matches(column, cells[column])) return false;
        }
        return true;
    }
    const Key* keys() { return keys_.data(); }

 private:
    bool cell_matches(uint32_t column, uint32_t cell) {
        const Column& shape = columns_[column];
        if (cell >= 64) return shape.matches(cell, keys_[column], inputs_[column], frame_);
        Memo& memo = memos_[column];
        uint64_t bit = uint64_t{1} << cell;
        if ((memo.known & bit) == 0) {
            memo.known |= bit;
            if (shape.matches(cell, keys_[column], inputs_[column], frame_)) memo.yes |= bit;
        }
        return (memo.yes & bit) != 0;
    }

    const Grid& grid_;
    const std::vector<Column>& columns_;
    const std::vector<uint32_t>& order_;
    feel::Frame& frame_;
    std::span<const Value> inputs_;
    Scratch<Key> keys_;
    Scratch<Memo> memos_;
};

void charge(feel::Frame& frame, size_t steps) {
    if (!frame.steps_left) return;
    if (*frame.steps_left < steps) {
        *frame.steps_left = 0;
        throw LimitError("limit.steps", "the decision needs more evaluation steps than a command may take");
    }
    *frame.steps_left -= steps;
}

Value null_with(Arena& arena, std::string_view code, const std::string& text) {
    NullReason reason{};
    reason.code = code;
    reason.text = arena.copy(text);
    return Value::null(arena.make<NullReason>(reason));
}

std::string conflict_text(const TableSource& source, std::span<const uint32_t> rows) {
    constexpr size_t kShown = 10;
    std::string list;
    for (size_t i = 0; i < rows.size() && i < kShown; ++i) list += fmt::format("{}{}", i > 0 ? ", " : "", rows[i] + 1);
    if (rows.size() > kShown) list += fmt::format(" and {} more", rows.size() - kShown);
    if (source.hit == Hit::unique) {
        return fmt::format("rows {} of decision '{}' match at once, but its hit policy is unique", list, source.name);
    }
    return fmt::format("rows {} of decision '{}' match with different outputs, but its hit policy is any", list,
                       source.name);
}

// The answers of rows.
class Answer {
 public:
    Answer(const TableSource& source, const std::vector<OutputParts>& outputs, const Grid& results, feel::Frame& frame)
        : source_(source), outputs_(outputs), results_(results), frame_(frame) {}

    Value row(uint32_t row) const {
        if (outputs_.size() == 1) return cell(row, 0);
        auto* entries = frame_.arena->array<value::ContextEntry>(outputs_.size());
        for (size_t i = 0; i < outputs_.size(); ++i)
            new (entries + i) value::ContextEntry{outputs_[i].name, cell(row, i)};
        auto* context =
            frame_.arena->make<value::ContextData>(value::ContextData{entries, static_cast<uint32_t>(outputs_.size())});
        return Value::context_of(context);
    }
    Value list(std::span<const uint32_t> rows) const {
        Value* items = frame_.arena->array<Value>(rows.size());
        for (size_t i = 0; i < rows.size(); ++i) new (items + i) Value(row(rows[i]));
        return Value::list(items, rows.size());
    }
    bool agree(std::span<const uint32_t> rows) const {
        for (size_t i = 1; i < rows.size(); ++i) {
            for (size_t o = 0; o < outputs_.size(); ++o) {
                bool same_text = results_.row(rows[0])[o] == results_.row(rows[i])[o];
                if (!same_text && !value::identical(cell(rows[0], o), cell(rows[i], o))) return false;
            }
        }
        return true;
    }
    // Best first; rows of one rank stay in table order.
    void by_priority(std::span<uint32_t> rows) const {
        std::stable_sort(rows.begin(), rows.end(), [&](uint32_t a, uint32_t b) {
            for (size_t o = 0; o < outputs_.size(); ++o) {
                if (!outputs_[o].allowed) continue;
                uint32_t rank_a = rank(a, o), rank_b = rank(b, o);
                if (rank_a != rank_b) return rank_a < rank_b;
            }
            return false;
        });
    }
    Value sum(std::span<const uint32_t> rows) const {
        Decimal total = 0;
        for (uint32_t number : rows) {
            Value item = cell(number, 0);
            if (item.kind != Kind::number) return unfit(number, item, "a number to add");
            std::optional<Decimal> next = Decimal::add(total, item.as_number());
            if (!next) return null_with(*frame_.arena, "feel.overflow", "the sum is too large for a number");
            total = *next;
        }
        return Value::number(total);
    }
    Value extreme(std::span<const uint32_t> rows, bool greatest) const {
        Value best = cell(rows[0], 0);
        for (uint32_t number : rows) {
            Value item = cell(number, 0);
            auto order = value::compare(item, best);
            if (!order) return unfit(number, item, "comparable with the others");
            if (greatest ? *order > 0 : *order < 0) best = item;
        }
        return best;
    }

 private:
    Value cell(uint32_t row, size_t output) const { return outputs_[output].value(results_.row(row)[output], frame_); }
    uint32_t rank(uint32_t row, size_t output) const {
        const OutputParts& parts = outputs_[output];
        const OutputCell& c = parts.cells[results_.row(row)[output]];
        return c.expression ? parts.rank_of(c.expression->evaluate(frame_)) : c.rank;
    }
    Value unfit(uint32_t row, const Value& item, const char* what) const {
        if (item.is_null() && item.null_reason) return item;
        return null_with(*frame_.arena, "decision.aggregate",
                         fmt::format("the output of row {} of decision '{}' is not {}", row + 1, source_.name, what));
    }

    const TableSource& source_;
    const std::vector<OutputParts>& outputs_;
    const Grid& results_;
    feel::Frame& frame_;
};

}  // namespace

Value Table::decide(feel::Frame& frame, Match* match) const {
    const std::vector<Column>& columns = parts_->columns;
    Scratch<Value> values(columns.size(), *frame.arena);
    for (size_t i = 0; i < columns.size(); ++i) {
        bool direct = columns[i].field >= 0 && frame.row;
        values[i] = direct ? frame.row[columns[i].field] : columns[i].input->evaluate(frame);
    }
    return decide(frame, std::span<const Value>(values.data(), columns.size()), match);
}

Value Table::decide(feel::Frame& frame, std::span<const Value> inputs, Match* match) const {
    const Parts& parts = *parts_;
    Hit hit = parts.source.hit;
    Search search(parts.inputs, parts.columns, parts.order, frame, inputs);
    Answer answer(parts.source, parts.outputs, parts.results, frame);
    size_t tried = 1;
    if (hit == Hit::first && !match) {
        uint32_t best = UINT32_MAX;
        parts.index.candidates(search.keys(), [&](std::span<const uint32_t> rows) {
            tried += rows.size();
            for (uint32_t row : rows) {
                if (row >= best) break;
                if (search.matches(row)) best = row;
            }
        });
        charge(frame, tried);
        return best == UINT32_MAX ? Value::null(&parts.none) : answer.row(best);
    }
    RowList list(*frame.arena);
    parts.index.candidates(search.keys(), [&](std::span<const uint32_t> rows) {
        tried += rows.size();
        for (uint32_t row : rows) {
            if (search.matches(row)) list.add(row);
        }
    });
    charge(frame, tried);
    list.sort();
    std::span<uint32_t> rows = list.rows();
    bool conflict = rows.size() > 1 && (hit == Hit::unique || (hit == Hit::any && !answer.agree(rows)));
    if (match) {
        match->rows.assign(rows.begin(), rows.end());
        match->conflict = conflict;
    }
    if (conflict) return null_with(*frame.arena, "decision.conflict", conflict_text(parts.source, rows));
    if (hit == Hit::collect_count) return Value::number(static_cast<int64_t>(rows.size()));
    bool lists = hit == Hit::collect || hit == Hit::rule_order || hit == Hit::output_order;
    if (rows.empty() && !lists) return Value::null(&parts.none);
    if (hit == Hit::priority || hit == Hit::output_order) answer.by_priority(rows);
    switch (hit) {
        case Hit::collect:
        case Hit::rule_order:
        case Hit::output_order:
            return answer.list(rows);
        case Hit::collect_sum:
            return answer.sum(rows);
        case Hit::collect_min:
            return answer.extreme(rows, false);
        case Hit::collect_max:
            return answer.extreme(rows, true);
        default:
            return answer.row(rows[0]);
    }
}

}  // namespace leat::decision
