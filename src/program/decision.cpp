// Decisions and functions: what a name before "(" stands for.
#include <algorithm>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

using decision::Hit;
using feel::TypeKind;

namespace {

bool answers_a_list(Hit hit) {
    return hit == Hit::collect || hit == Hit::rule_order || hit == Hit::output_order;
}

bool answers_one_row(Hit hit) {
    return hit == Hit::unique || hit == Hit::any || hit == Hit::first || hit == Hit::priority;
}

}  // namespace

void Compiler::declare_functions() {
    for (const model::Decision& source : model_.decisions) {
        if (!within(program_.functions.size(), kFunctionsMax, source.name.span, "decisions and functions")) break;
        if (declare(function_names_, source.name, "decision or function")) declare_decision(source);
    }
    for (const model::Function& source : model_.functions) {
        if (!within(program_.functions.size(), kFunctionsMax, source.name.span, "decisions and functions")) break;
        if (!declare(function_names_, source.name, "decision or function")) continue;
        if (!is_identifier(source.name.text))
            error("program.name", source.name.span, fmt::format("'{}' cannot be a name", source.name.text));
        Function function;
        function.kind = source.formula.empty() ? Function::Kind::host : Function::Kind::formula;
        function.name = source.name.text;
        function.number = static_cast<uint32_t>(program_.functions.size());
        for (const model::Field& param : source.params) {
            feel::Member member{param.name.text, static_cast<uint32_t>(function.params.size()),
                                types_.basic(TypeKind::any)};
            if (!is_identifier(member.name) || is_root(member.name)) {
                error("program.name", param.name.span, fmt::format("'{}' cannot name a parameter", member.name));
            }
            if (!param.type.empty()) member.type = named_type(param.type);
            function.params.push_back(std::move(member));
        }
        feel::TypeRef result = source.returns.empty() ? types_.basic(TypeKind::any) : named_type(source.returns);
        function.type = types_.function(function.params, result);
        program_.functions.push_back(std::move(function));
        function_sources_.push_back(&source);
    }
    function_states_.assign(program_.functions.size(), FormulaState::untouched);
}

void Compiler::declare_decision(const model::Decision& source) {
    if (!is_identifier(source.name.text))
        error("program.name", source.name.span, fmt::format("'{}' cannot be a name", source.name.text));
    Decision decision;
    decision.name = source.name.text;
    decision.title = titles(source.title);
    std::vector<feel::Member> params;
    if (!source.of.empty()) {
        if (!source.inputs.empty())
            error("program.key", source.inputs.front().name.span, "a decision has 'of' or 'inputs', not both");
        auto entity = entity_named(source.of, "'of'");
        decision.entity = entity.value_or(kNone);
        params.push_back({"record", 0, entity ? types_.record(*entity) : types_.basic(TypeKind::any)});
    } else {
        decision.inputs = shapes(source.inputs, decision.name);
        for (const Field& input : decision.inputs)
            params.push_back({input.name, input.id, types_.with_nullable(input.type, true)});
        if (source.inputs.empty()) {
            error("program.key", source.name.span, fmt::format("decision '{}' needs 'of' or 'inputs'", decision.name));
        }
    }
    decision.outputs = shapes(source.outputs, decision.name);
    if (decision.outputs.empty())
        error("program.key", source.name.span, fmt::format("decision '{}' needs 'outputs'", decision.name));
    if (!source.default_value.empty() && decision.outputs.size() == 1) {
        if (source.default_value.is_expression) {
            not_built(source.default_value.text.span, "a decision's default as an expression");
        } else if (auto value = literal(source.default_value.text, decision.outputs.front())) {
            decision.default_value = *value;
        }
    } else if (!source.default_value.empty()) {
        error("program.key", source.default_value.text.span, "a default needs a decision with one output");
    }
    decision.dated = !source.as_of.empty() || std::any_of(source.columns.begin(), source.columns.end(),
                                                          [&](const model::TableColumn& c) { return is_dating(c); });
    Function function;
    function.kind = Function::Kind::decision;
    function.name = decision.name;
    function.number = static_cast<uint32_t>(program_.decisions.size());
    function.params = params;
    function.type = types_.function(std::move(params), decision_type(source, decision));
    program_.functions.push_back(std::move(function));
    function_sources_.push_back(nullptr);
    program_.decisions.push_back(std::move(decision));
    decision_sources_.push_back(&source);
}

// What the caller gets, known before the table is compiled: formulas and tables may need each other's types.
feel::TypeRef Compiler::decision_type(const model::Decision& source, const Decision& decision) {
    Hit hit = Hit::unique;
    if (!source.hit.empty() && !decision::parse_hit(source.hit.text, hit)) {
        error("program.decision.hit", source.hit.span, fmt::format("there is no hit policy '{}'", source.hit.text),
              "one of unique, any, first, priority, rule order, output order, collect, collect sum, min, max or count");
    }
    if (decision.outputs.empty()) return types_.basic(TypeKind::any);
    feel::TypeRef row = types_.with_nullable(decision.outputs.front().type, true);
    if (decision.outputs.size() > 1) {
        std::vector<feel::Member> members;
        for (const Field& output : decision.outputs)
            members.push_back({output.name, output.id, types_.with_nullable(output.type, true)});
        row = types_.context(std::move(members));
    }
    if (answers_a_list(hit)) return types_.list(row, false);
    if (hit == Hit::collect_count) return types_.decimal(0, false);
    return types_.with_nullable(row, decision.default_value.is_null());
}

bool Compiler::is_dating(const model::TableColumn& column) const {
    return column.kind == model::TableColumn::Kind::input &&
           (column.header.text == "valid_from" || column.header.text == "valid_to");
}

Names Compiler::decision_names(const Decision& decision) const {
    if (decision.entity != kNone) return names_of(decision.entity);
    Names out = names();
    for (const Field& input : decision.inputs) out.add(input.name, kFirstLocal + input.id, input.type);
    return out;
}

void Compiler::compile_decisions() {
    for (size_t i = 0; i < program_.decisions.size(); ++i)
        compile_decision(*decision_sources_[i], program_.decisions[i]);
}

void Compiler::compile_decision(const model::Decision& source, Decision& decision) {
    if (decision.outputs.empty() || (decision.entity == kNone && !source.of.empty())) return;  // reported
    decision::TableSource table;
    table.name = decision.name;
    table.span = source.span;
    if (!source.hit.empty() && !decision::parse_hit(source.hit.text, table.hit)) return;
    if (!decision_columns(source, decision, table)) return;
    bool ok = true;
    for (const model::TableRow& row : source.rows) ok = decision_row(source, row, table) && ok;
    if (!ok) return;
    Names names = decision_names(decision);
    feel::CompileOptions options;
    options.self = names.self();
    options.limits = options_.limits;
    reserve_locals(names.next_local());
    decision.table = decision::compile(std::move(table), names, options, *diagnostics_);
    if (decision.table && answers_one_row(decision.table->source().hit) && decision.table->reads_null_unsafe()) {
        warning(
            "program.decision.null", source.name.span,
            fmt::format("an input of '{}' may be empty, and an empty input matches only '-' and null", decision.name),
            "give the field a default, or add a row for null");
    }
}

bool Compiler::decision_columns(const model::Decision& source, const Decision& decision, decision::TableSource& table) {
    if (source.columns.empty()) {
        // A file that could not be read is reported by whoever reads it.
        if (source.file.empty())
            error("program.decision.table", source.name.span, fmt::format("decision '{}' has no table", decision.name),
                  "write 'table:' or 'file:'");
        return false;
    }
    bool ok = true;
    std::vector<bool> filled(decision.outputs.size(), false);
    for (const model::TableColumn& column : source.columns) {
        if (column.kind == model::TableColumn::Kind::annotation) continue;
        if (column.kind == model::TableColumn::Kind::input) {
            decision::InputColumn input;
            input.expression = column.header;
            if (is_dating(column)) {
                input.expression = source.as_of;
                if (source.as_of.empty()) {
                    input.expression = column.header;
                    input.expression.text = "today()";
                }
            }
            table.inputs.push_back(std::move(input));
            continue;
        }
        auto output = std::find_if(decision.outputs.begin(), decision.outputs.end(),
                                   [&](const Field& field) { return field.name == column.header.text; });
        if (output == decision.outputs.end()) {
            std::vector<std::string> known;
            for (const Field& field : decision.outputs) known.push_back(field.name);
            unknown("program.decision.output", column.header, "output", known);
            ok = false;
            continue;
        }
        filled[output->id] = true;
        table.outputs.push_back({output->name, types_.with_nullable(output->type, true), column.header.span});
        std::vector<std::string> allowed;
        if (output->enumeration) {
            for (const feel::EnumItem& item : output->enumeration->items) allowed.push_back(item.value);
        }
        table.allowed.push_back(std::move(allowed));
    }
    for (const Field& output : decision.outputs) {
        if (filled[output.id] || !ok) continue;
        error("program.decision.output", output.span,
              fmt::format("the table of '{}' has no column '-> {}'", decision.name, output.name));
        ok = false;
    }
    return ok;
}

bool Compiler::decision_row(const model::Decision& source, const model::TableRow& row, decision::TableSource& table) {
    decision::TableRow out;
    out.span = row.span;
    if (row.cells.size() != source.columns.size()) {
        error("program.decision.cells", row.span,
              fmt::format("this row has {} cells, the header has {}", row.cells.size(), source.columns.size()));
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < row.cells.size(); ++i) {
        const model::TableColumn& column = source.columns[i];
        Text cell = row.cells[i];
        if (column.kind == model::TableColumn::Kind::annotation) {
            if (!out.annotation.empty() && !cell.text.empty()) out.annotation += "; ";
            out.annotation += cell.text;
        } else if (column.kind == model::TableColumn::Kind::output) {
            out.outputs.push_back(std::move(cell));
        } else if (is_dating(column)) {
            if (cell.text.empty() || cell.text == "-") {
                cell.text = "-";
            } else if (value::Date::parse(cell.text)) {
                // Both ends belong to the period.
                cell.text = fmt::format("{} @\"{}\"", column.header.text == "valid_from" ? ">=" : "<=", cell.text);
            } else {
                error("program.literal", cell.span, fmt::format("'{}' is no date", cell.text),
                      "write it as 2026-01-01");
                ok = false;
            }
            cell.line_starts.clear();
            out.inputs.push_back(std::move(cell));
        } else {
            out.inputs.push_back(std::move(cell));
        }
    }
    table.rows.push_back(std::move(out));
    return ok;
}

feel::TypeRef Compiler::function_type(uint32_t function) {
    if (depth_ < kTypeDepth) compile_function(function);
    return program_.functions[function].type;
}

// Once; asked for again while it is compiled it calls itself, which no bound could hold.
void Compiler::compile_function(uint32_t number) {
    Function& function = program_.functions[number];
    if (function.kind != Function::Kind::formula || function_states_[number] == FormulaState::compiled) return;
    const model::Function& source = *function_sources_[number];
    if (function_states_[number] == FormulaState::compiling) {
        error("program.function.cycle", source.name.span, fmt::format("function '{}' calls itself", function.name),
              "a function may only call others");
        function_states_[number] = FormulaState::compiled;
        return;
    }
    function_states_[number] = FormulaState::compiling;
    Names names = this->names();
    for (const feel::Member& param : function.params) names.add(param.name, kFirstLocal + param.index, param.type);
    feel::TypeRef returns = source.returns.empty() ? nullptr : function.type->result;
    ++depth_;
    ExpressionPtr formula = expression(source.formula, names, returns);
    --depth_;
    function_states_[number] = FormulaState::compiled;
    if (formula && !returns) function.type = types_.function(function.params, formula->type());
    function.formula = std::move(formula);
}

}  // namespace leat::program
