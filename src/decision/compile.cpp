// From a definition to a table: inputs, cells, outputs, index, and what is wrong with them.
#include <fmt/format.h>

#include <algorithm>

#include "base/json_buffer.hpp"
#include "decision/parts.hpp"
#include "decision/search.hpp"

namespace leat::decision {

using feel::TypeKind;
using feel::TypeRef;

namespace {

// In an output column of an enum the values are names, unless the scope knows the name otherwise.
class OutputScope final : public feel::Scope {
 public:
    OutputScope(const feel::Scope& outer, TypeRef type) : outer_(outer), type_(type) {}
    std::optional<feel::Binding> find(std::string_view name) const override {
        if (auto known = outer_.find(name)) return known;
        if (!enumeration() || enumeration()->find(name) < 0) return std::nullopt;
        const feel::EnumItem& item = enumeration()->items[static_cast<size_t>(enumeration()->find(name))];
        feel::Binding binding;
        binding.kind = feel::Binding::Kind::constant;
        binding.type = outer_.types().with_nullable(type_, false);
        binding.constant = Value::string(item.value);
        return binding;
    }
    std::optional<feel::Member> member(TypeRef type, std::string_view name) const override {
        return outer_.member(type, name);
    }
    std::vector<std::string> names(TypeRef type) const override {
        std::vector<std::string> all = outer_.names(type);
        if (!type && enumeration()) {
            for (const feel::EnumItem& item : enumeration()->items) all.push_back(item.value);
        }
        return all;
    }
    std::optional<uint32_t> calendar(std::string_view name) const override { return outer_.calendar(name); }
    feel::Types& types() const override { return outer_.types(); }
    const std::vector<std::string>& phrases() const override { return outer_.phrases(); }
    TypeRef named_type(std::string_view name) const override { return outer_.named_type(name); }

 private:
    const feel::EnumType* enumeration() const {
        return type_ && type_->kind == TypeKind::enumeration ? type_->enumeration : nullptr;
    }
    const feel::Scope& outer_;
    TypeRef type_;
};

template <class T>
void add_new(std::vector<T>& all, const std::vector<T>& more) {
    for (const T& item : more) {
        if (std::find(all.begin(), all.end(), item) == all.end()) all.push_back(item);
    }
}

void merge(feel::Reads& all, const feel::Reads& more) {
    for (const feel::Read& read : more.fields) {
        bool known = std::any_of(all.fields.begin(), all.fields.end(), [&](const feel::Read& other) {
            return other.entity == read.entity && other.field == read.field &&
                   other.through_reference == read.through_reference;
        });
        if (!known) all.fields.push_back(read);
    }
    add_new(all.collections, more.collections);
    add_new(all.objects, more.objects);
    add_new(all.functions, more.functions);
    all.clock = all.clock || more.clock;
}

bool is_aggregate(Hit hit) {
    return hit == Hit::collect_sum || hit == Hit::collect_min || hit == Hit::collect_max;
}

}  // namespace

class Builder {
 public:
    Builder(Table::Parts& parts, const feel::Scope& scope, const feel::CompileOptions& options,
            Diagnostics& diagnostics)
        : parts_(parts), source_(parts.source), scope_(scope), options_(options), diagnostics_(diagnostics) {
        options_.expected = nullptr;
        options_.warn_nullable_condition = false;
    }

    bool run() {
        size_t errors = diagnostics_.error_count();
        check_shape();
        compile_inputs();
        compile_outputs();
        if (diagnostics_.error_count() > errors) return false;
        warn_of_rows();
        note_reads();
        parts_.type = type_of_answer();
        choose_order();
        parts_.masks.build(parts_.inputs, parts_.columns, parts_.order);
        if (!parts_.masks.usable()) {
            parts_.index.build(parts_.inputs, parts_.columns);
            parts_.index.give_bits(parts_.probe.build(parts_.inputs, parts_.columns, parts_.order));
        }
        parts_.none_text = fmt::format("no row of decision '{}' matches", source_.name);
        parts_.none.code = "decision.none";
        parts_.none.text = parts_.none_text;
        note_quick();
        for (const InputColumn& column : source_.inputs) {
            JsonBuffer name;
            name.begin_object().key("input").string(column.expression.text);
            parts_.json.push_back(
                {fmt::format("{},\"value\":", name.view()), fmt::format("{},\"cell\":", name.view())});
        }
        return true;
    }

 private:
    void check_shape() {
        if (source_.outputs.empty()) {
            diagnostics_.error("decision.outputs", source_.span,
                               fmt::format("decision '{}' has no output", source_.name),
                               "give it a column whose header begins with '->'");
        }
        if (is_aggregate(source_.hit) && source_.outputs.size() > 1) {
            diagnostics_.error("decision.outputs", source_.outputs[1].span,
                               fmt::format("hit policy '{}' takes one output, decision '{}' has {}",
                                           hit_name(source_.hit), source_.name, source_.outputs.size()),
                               "write 'collect' for a list of contexts");
        }
        bool ranked =
            std::any_of(source_.allowed.begin(), source_.allowed.end(), [](const auto& v) { return !v.empty(); });
        if ((source_.hit == Hit::priority || source_.hit == Hit::output_order) && !ranked) {
            diagnostics_.error(
                "decision.priority", source_.span,
                fmt::format("hit policy '{}' of decision '{}' needs an output whose values are listed in order",
                            hit_name(source_.hit), source_.name),
                "give an output the type enum, its values from the highest priority down");
        }
        for (size_t i = 0; i < source_.rows.size(); ++i) check_counts(i);
        if (source_.rows.empty()) {
            diagnostics_.warning("decision.empty", source_.span,
                                 fmt::format("decision '{}' has no rows", source_.name));
        }
    }

    void check_counts(size_t number) {
        const TableRow& row = source_.rows[number];
        auto complain = [&](const char* what, size_t have, size_t want) {
            diagnostics_.error(
                "decision.columns", row.span,
                fmt::format("row {} of decision '{}' has {} {} cell{}, its header has {}", number + 1, source_.name,
                            have, what, have == 1 ? "" : "s", want),
                have < want ? "write '-' in an input that may be anything, null in an output without a value" : "");
        };
        if (row.inputs.size() != source_.inputs.size()) complain("input", row.inputs.size(), source_.inputs.size());
        if (row.outputs.size() != source_.outputs.size())
            complain("output", row.outputs.size(), source_.outputs.size());
    }

    static constexpr uint32_t kRowsSeen = 1024;  // after so many it shows which columns have cells of their own a row

    void compile_inputs() {
        static_assert(Column::kAny == 0);
        Grid& grid = parts_.inputs;
        grid.rows = static_cast<uint32_t>(source_.rows.size());
        grid.columns = static_cast<uint32_t>(source_.inputs.size());
        grid.cells.resize(size_t{grid.rows} * grid.columns);
        parts_.columns.resize(grid.columns);
        for (uint32_t c = 0; c < grid.columns; ++c) {
            Column& column = parts_.columns[c];
            column.input = feel::compile(source_.inputs[c].expression, scope_, options_, diagnostics_);
            if (!column.input) continue;  // its cells would only repeat the complaint
            column.type = column.input->type();
            source_.inputs[c].type = column.type;
            const feel::ast::Node* tree = column.input->tree();
            if (tree->kind == feel::ast::NodeKind::name && tree->binding.kind == feel::Binding::Kind::field) {
                column.field = tree->binding.index;
            }
            if (tree->kind == feel::ast::NodeKind::name && tree->binding.kind == feel::Binding::Kind::local)
                column.local = tree->binding.index;
        }
        // Row by row: the rows of a large table lie wide apart, and are gone through once.
        for (uint32_t r = 0; r < grid.rows; ++r) {
            const TableRow& row = source_.rows[r];
            auto count = static_cast<uint32_t>(std::min<size_t>(grid.columns, row.inputs.size()));
            for (uint32_t c = 0; c < count; ++c) {
                if (!parts_.columns[c].input) continue;
                if (row.inputs[c].text == "-") continue;  // which grid.cells says already
                grid.cells[size_t{r} * grid.columns + c] =
                    parts_.columns[c].add(row.inputs[c], scope_, options_, parts_.arena, diagnostics_);
            }
            if (r == kRowsSeen) {
                for (Column& column : parts_.columns) column.expect(kRowsSeen, grid.rows);
            }
        }
        for (uint32_t c = 0; c < grid.columns; ++c) {
            Column& column = parts_.columns[c];
            if (!column.input) continue;
            if (!source_.inputs[c].allowed.empty()) {
                column.allowed = column.add(source_.inputs[c].allowed, scope_, options_, parts_.arena, diagnostics_);
            }
            column.finish(scope_, options_, diagnostics_);
        }
    }

    void compile_outputs() {
        Grid& grid = parts_.results;
        grid.rows = static_cast<uint32_t>(source_.rows.size());
        grid.columns = static_cast<uint32_t>(source_.outputs.size());
        grid.cells.resize(size_t{grid.rows} * grid.columns);
        parts_.outputs.resize(grid.columns);
        for (uint32_t c = 0; c < grid.columns; ++c) {
            OutputParts& output = parts_.outputs[c];
            output.name = source_.outputs[c].name;
            bool ranked = c < source_.allowed.size() && !source_.allowed[c].empty();
            output.allowed = ranked ? &source_.allowed[c] : nullptr;
            OutputScope scope(scope_, source_.outputs[c].type);
            Texts written;
            std::vector<uint32_t> known;
            for (uint32_t r = 0; r < grid.rows; ++r) {
                const TableRow& row = source_.rows[r];
                if (c >= row.outputs.size()) continue;
                if (r == kRowsSeen && known.size() > kRowsSeen / 2) {
                    written.reserve(grid.rows);
                    output.cells.reserve(grid.rows + 1);
                }
                auto number = static_cast<size_t>(written.add(row.outputs[c].text));
                if (number == known.size()) known.push_back(Column::kBad);
                if (known[number] == Column::kBad) known[number] = add_output(output, row.outputs[c], scope, c);
                grid.cells[size_t{r} * grid.columns + c] = known[number];
            }
            if (source_.outputs[c].default_value.empty()) continue;
            output.default_cell = add_output(output, source_.outputs[c].default_value, scope, c);
            parts_.has_default = true;
        }
    }

    uint32_t add_output(OutputParts& output, const Text& text, const feel::Scope& scope, uint32_t column) {
        OutputCell cell;
        TypeRef type = source_.outputs[column].type;
        if (auto literal = read_literal(text.text, type, parts_.arena)) {
            cell.constant = *literal;
        } else {
            feel::CompileOptions options = options_;
            options.expected = type;
            cell.expression = feel::compile(text, scope, options, diagnostics_);
            if (!cell.expression) return Column::kBad;
            outputs_nullable_ = outputs_nullable_ || cell.expression->type()->nullable;
            if (is_aggregate(source_.hit)) check_aggregate(text, cell.expression->type());
            if (cell.expression->is_constant()) fold(cell);
        }
        if (output.allowed && !cell.expression) cell.rank = output.rank_of(cell.constant);
        output.cells.push_back(std::move(cell));
        return static_cast<uint32_t>(output.cells.size() - 1);
    }

    // Computes a constant once; one that takes long stays a formula, with the fuel of whoever asks.
    void fold(OutputCell& cell) {
        constexpr uint64_t kFoldSteps = 10'000;
        Arena arena;
        feel::Frame frame;
        uint64_t steps = kFoldSteps;
        frame.arena = &arena;
        frame.steps_left = &steps;
        try {
            cell.constant = value::copy(cell.expression->evaluate(frame), parts_.arena);
        } catch (const LimitError&) {
            return;
        }
        bool tells_why = cell.constant.is_null() && cell.constant.null_reason;
        if (!tells_why) cell.expression.reset();
    }

    void check_aggregate(const Text& text, TypeRef type) {
        bool open = type->kind == TypeKind::any || type->kind == TypeKind::null;
        if (open || type->kind == TypeKind::number || source_.hit != Hit::collect_sum) return;
        diagnostics_.error("decision.aggregate", text.span,
                           fmt::format("'{}' is not a number, which hit policy 'collect sum' adds", text.text));
    }

    bool takes_all(const TableRow& row, size_t number) const {
        const uint32_t* cells = parts_.inputs.row(static_cast<uint32_t>(number));
        return std::all_of(cells, cells + row.inputs.size(), [](uint32_t cell) { return cell == Column::kAny; });
    }

    void warn_of_rows() {
        for (size_t i = 0; i < source_.rows.size(); ++i) {
            if (!takes_all(source_.rows[i], i)) continue;
            always_ = true;
            if (source_.hit != Hit::first || i + 1 == source_.rows.size()) return;
            Diagnostic& warning = diagnostics_.warning(
                "decision.row.unreachable", source_.rows[i + 1].span,
                fmt::format("row {} of decision '{}' can never match: row {} before it takes everything", i + 2,
                            source_.name, i + 1),
                "move the row that takes everything to the end");
            warning.notes.push_back({source_.rows[i].span, "this row takes everything"});
            return;
        }
    }

    void note_reads() {
        for (const Column& column : parts_.columns) {
            merge(parts_.reads, column.input->reads());
            for (const auto& expression : column.expressions()) merge(parts_.reads, expression->reads());
            bool nullable = column.type->nullable && column.type->kind != TypeKind::any;
            if (nullable && !null_has_row(column)) parts_.null_unsafe = true;
        }
        for (const OutputParts& output : parts_.outputs) {
            for (const OutputCell& cell : output.cells) {
                if (cell.expression) merge(parts_.reads, cell.expression->reads());
            }
        }
    }

    // Whether somebody has thought of null: a row names it, or says what to answer in any case.
    bool null_has_row(const Column& column) const {
        if (always_ || parts_.has_default) return true;
        bool asked = false;
        for (uint32_t c = 1; c < column.size(); ++c) {
            if (c == column.allowed) continue;
            if (column.cell(c).null) return true;
            asked = true;
        }
        return !asked;
    }

    TypeRef type_of_row(bool nullable) const {
        feel::Types& types = scope_.types();
        auto of = [&](const OutputColumn& column) { return column.type ? column.type : types.basic(TypeKind::any); };
        if (source_.outputs.size() == 1) return types.with_nullable(of(source_.outputs[0]), nullable);
        std::vector<feel::Member> members;
        for (uint32_t i = 0; i < source_.outputs.size(); ++i) {
            members.push_back({source_.outputs[i].name, i, of(source_.outputs[i])});
        }
        return types.context(std::move(members), nullable);
    }

    TypeRef type_of_answer() const {
        feel::Types& types = scope_.types();
        switch (source_.hit) {
            case Hit::collect:
            case Hit::rule_order:
            case Hit::output_order:
                return types.list(type_of_row(outputs_nullable_), false);
            case Hit::collect_count:
                return types.basic(TypeKind::number, false);
            case Hit::first:
            case Hit::priority: {
                bool whole = (always_ || all_have_defaults()) && (source_.outputs.size() > 1 || !outputs_nullable_);
                return type_of_row(!whole);
            }
            default:
                return type_of_row(true);
        }
    }

    bool all_have_defaults() const {
        return std::all_of(parts_.outputs.begin(), parts_.outputs.end(),
                           [](const OutputParts& output) { return output.default_cell != OutputParts::kNone; });
    }

    // A column tells rows apart the better, the fewer rows say `-` and the more distinct cells it has.
    void choose_order() {
        const Grid& grid = parts_.inputs;
        std::vector<double> weight(grid.columns, 0);
        for (uint32_t c = 0; c < grid.columns; ++c) {
            size_t any = 0;
            for (uint32_t r = 0; r < grid.rows; ++r) any += grid.row(r)[c] == Column::kAny;
            double open = grid.rows == 0 ? 1 : static_cast<double>(any) / grid.rows;
            weight[c] = open + (1 - open) / static_cast<double>(parts_.columns[c].size());
            if (parts_.columns[c].has_machine()) weight[c] += 2;
            parts_.order.push_back(c);
        }
        std::stable_sort(parts_.order.begin(), parts_.order.end(),
                         [&](uint32_t a, uint32_t b) { return weight[a] < weight[b]; });
    }

    // Whether constants alone answer.
    void note_quick() {
        constexpr uint32_t kRowsMax = 1'000'000;  // more may be too many for the fuel of one decision
        const Grid& grid = parts_.inputs;
        bool one_row = source_.hit == Hit::first || source_.hit == Hit::unique || source_.hit == Hit::any;
        if (!one_row || parts_.outputs.size() != 1 || grid.rows > kRowsMax || grid.columns > kInline) return;
        const OutputParts& output = parts_.outputs[0];
        for (const OutputCell& cell : output.cells) {
            if (cell.expression) return;
        }
        for (uint32_t c = 0; c < grid.columns; ++c) {
            const Column& column = parts_.columns[c];
            if (column.has_machine() || (column.field < 0 && column.local < 0)) return;
            bool asked = false;
            for (uint32_t r = 0; r < grid.rows && !asked; ++r) asked = grid.row(r)[c] != Column::kAny;
            parts_.asked.push_back(asked);
        }
        parts_.without_row =
            parts_.has_default ? output.cells[output.default_cell].constant : Value::null(&parts_.none);
        parts_.quick = parts_.masks.usable() || parts_.probe.usable();
    }

    Table::Parts& parts_;
    TableSource& source_;
    const feel::Scope& scope_;
    feel::CompileOptions options_;
    Diagnostics& diagnostics_;
    bool outputs_nullable_ = false;
    bool always_ = false;  // some row takes everything
};

std::unique_ptr<Table> compile(TableSource source, const feel::Scope& scope, const feel::CompileOptions& options,
                               Diagnostics& diagnostics) {
    auto table = std::make_unique<Table>();
    table->parts_->source = std::move(source);
    Builder builder(*table->parts_, scope, options, diagnostics);
    if (!builder.run()) return nullptr;
    return table;
}

}  // namespace leat::decision
