// Boxed expressions: a tree of parts for feel, and the tables among them.
#include <fmt/format.h>

#include "decision/boxed.hpp"
#include "feel/parts.hpp"
#include "feel/place_names.hpp"
#include "program/compiler.hpp"

namespace leat::program {

using feel::Part;
using model::Boxed;

// Turns boxes into parts, and compiles the tables among them when feel comes to their place.
class BoxCompiler final : public feel::EmbeddedHost {
 public:
    BoxCompiler(Compiler& compiler, feel::TypeRef self, const std::vector<Text>& allow, std::string_view name)
        : compiler_(compiler), self_(self), allow_(allow), name_(name) {}

    Part part(const Boxed& box) {
        Part out;
        out.kind = decision::part_kind(box.kind);
        out.text = box.text;
        out.span = box.span;
        if (!box.type.empty()) out.type = compiler_.named_type(box.type);
        for (const Text& name : box.names) out.names.push_back(name.text);
        if (box.kind == Boxed::Kind::function) {
            for (const Text& type : box.types) out.types.push_back(type.empty() ? nullptr : compiler_.named_type(type));
        }
        if (box.kind == Boxed::Kind::table) {
            out.embedded = static_cast<uint32_t>(tables_.size());
            tables_.push_back(box.table.get());
        }
        for (const Boxed& child : box.children) out.children.push_back(part(child));
        if (box.kind == Boxed::Kind::relation) {
            // Each row is a context of the columns.
            for (Part& row : out.children) {
                row.kind = Part::Kind::context;
                row.names = out.names;
            }
            out.names.clear();
        }
        return out;
    }

    std::optional<feel::Embedded> compile_embedded(uint32_t embedded, const feel::Scope& names,
                                                   Diagnostics& diagnostics) override {
        const model::DecisionTable& source = *tables_[embedded];
        decision::TableSource table;
        table.name = name_;
        table.span = source.span;
        if (!source.hit.empty() && !decision::parse_hit(source.hit.text, table.hit)) return std::nullopt;
        for (const auto& column : source.inputs) table.inputs.push_back({column.header, nullptr, column.allowed});
        for (const auto& column : source.outputs) {
            feel::TypeRef type =
                column.type.empty() ? compiler_.types_.basic(feel::TypeKind::any) : compiler_.named_type(column.type);
            table.outputs.push_back({column.header.text, compiler_.types_.with_nullable(type, true), column.header.span,
                                     column.default_value});
            table.allowed.emplace_back();
        }
        for (size_t i = 0; i < source.rows.size(); ++i) {
            decision::TableRow row;
            row.span = source.rows[i].span;
            auto cells = source.rows[i].cells.begin();
            auto outputs = cells + static_cast<ptrdiff_t>(source.inputs.size());
            row.inputs.assign(cells, outputs);
            row.outputs.assign(outputs, source.rows[i].cells.end());
            if (i < source.comments.size()) row.annotation = source.comments[i];
            table.rows.push_back(std::move(row));
        }
        feel::PlaceNames own(names, kFirstLocal);
        feel::CompileOptions options;
        options.self = self_;
        options.limits = compiler_.options_.limits;
        auto compiled = decision::compile(std::move(table), own, options, diagnostics);
        if (!compiled) return std::nullopt;
        compiler_.reserve_locals(kFirstLocal + static_cast<uint32_t>(own.reads().size()));
        compiler_.check_table(*compiled, allow_, fmt::format("the table in '{}'", name_));
        feel::TypeRef type = compiled->type();
        return feel::Embedded{compiler_.add_embedded_table(std::move(compiled)), own.reads(), type};
    }

 private:
    Compiler& compiler_;
    feel::TypeRef self_;
    const std::vector<Text>& allow_;
    std::string_view name_;
    std::vector<const model::DecisionTable*> tables_;
};

uint32_t Compiler::add_embedded_table(std::unique_ptr<decision::Table> table) {
    Function function;
    function.kind = Function::Kind::table;
    function.number = static_cast<uint32_t>(program_.embedded_tables.size());
    function.type = types_.function({}, table->type());
    program_.embedded_tables.push_back({std::move(table)});
    program_.functions.push_back(std::move(function));
    function_sources_.push_back(nullptr);
    function_states_.push_back(FormulaState::compiled);
    return static_cast<uint32_t>(program_.functions.size() - 1);
}

ExpressionPtr Compiler::logic(const Boxed& source, const Names& names, feel::TypeRef expected,
                              const std::vector<Text>& allow, std::string_view name) {
    if (gave_up()) return nullptr;
    BoxCompiler boxes(*this, names.self(), allow, name);
    Part part = boxes.part(source);
    if (expected && !part.type) part.type = expected;
    feel::CompileOptions options;
    options.self = names.self();
    options.limits = options_.limits;
    reserve_locals(names.next_local());
    return feel::compile_parts(part, &boxes, names, options, *diagnostics_);
}

void Compiler::compile_decision_logic(const DecisionDraft& draft, Decision& decision) {
    const model::Decision& source = *draft.source;
    if (!source.default_value.empty() || !source.default_outputs.empty()) {
        error("program.key", source.name.span, "a default belongs to a table",
              "in logic, 'get or else(value, other)' stands for null");
    }
    bool typed = !source.type.empty() || !source.outputs.empty();
    uint32_t number = draft.decision, function = draft.function;
    // Tables in boxes add functions while this runs.
    ExpressionPtr made =
        logic(source.logic, decision_names(draft), typed ? decision.type : nullptr, source.allow, source.name.text);
    if (!made) return;
    Decision& out = program_.decisions[number];
    if (!typed) {
        out.type = made->type();
        Function& declared = program_.functions[function];
        declared.type = types_.function(declared.params, out.type);
    }
    out.logic = std::move(made);
}

}  // namespace leat::program
