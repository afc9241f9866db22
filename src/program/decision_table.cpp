// Decision tables: columns, rows, defaults, and what the load-time checks find.
#include <algorithm>

#include <fmt/format.h>

#include "decision/check.hpp"
#include "program/compiler.hpp"

namespace leat::program {

using decision::Hit;
using feel::TypeKind;

namespace {

// Comparisons that the checks of one table may take: all of a table of a thousand rows, the beginning of a larger one.
constexpr uint64_t kCheckWork = 4'000'000;

bool answers_one_row(Hit hit) {
    return hit == Hit::unique || hit == Hit::any || hit == Hit::first || hit == Hit::priority;
}

const char* finding_code(decision::Finding::Kind kind) {
    using Kind = decision::Finding::Kind;
    switch (kind) {
        case Kind::gap:
            return "program.decision.gap";
        case Kind::overlap:
            return "program.decision.overlap";
        case Kind::conflict:
            return "program.decision.conflict";
        case Kind::dead_row:
            return "program.decision.dead_row";
        case Kind::masked_row:
            return "program.decision.masked_row";
        case Kind::outside_allowed:
            return "program.decision.outside_allowed";
        case Kind::unchecked:
            break;
    }
    return "program.decision.unchecked";
}

// Behind a row of a FIRST table that takes everything: the table has said so when it was compiled.
bool behind_all(const decision::TableSource& source, uint32_t row) {
    if (source.hit != Hit::first) return false;
    return std::any_of(source.rows.begin(), source.rows.begin() + row, [](const decision::TableRow& before) {
        return std::all_of(before.inputs.begin(), before.inputs.end(),
                           [](const Text& cell) { return cell.text == "-"; });
    });
}

// Text that stands for what was written at a place, but is not what was written.
Text made_text(std::string text, const Span& span) {
    Text out;
    out.text = std::move(text);
    out.span = span;
    return out;
}

template <class T>
void add_once(std::vector<T>& to, const T& item) {
    if (std::find(to.begin(), to.end(), item) == to.end()) to.push_back(item);
}

}  // namespace

std::string feel_text(const Value& value) {
    switch (value.kind) {
        case Kind::string: {
            std::string out = "\"";
            for (char c : value.as_string()) {
                if (c == '"' || c == '\\') out += '\\';
                if (c == '\n')
                    out += "\\n";
                else
                    out += c;
            }
            return out + "\"";
        }
        case Kind::null:
            return "null";
        case Kind::date:
        case Kind::time:
        case Kind::date_time:
        case Kind::days_duration:
        case Kind::months_duration:
            return fmt::format("@\"{}\"", value::to_text(value));
        default:
            return value::to_text(value);
    }
}

void Compiler::compile_decisions() {
    for (uint32_t number : draft_of_decision_) compile_decision(decision_drafts_[number]);
}

// Once; what it requires comes first, since its names have their types.
void Compiler::compile_decision(DecisionDraft& draft) {
    if (draft.state == FormulaState::compiled) return;
    if (draft.state == FormulaState::compiling) {
        error("program.function.cycle", draft.source->name.span,
              fmt::format("decision '{}' calls itself", draft.source->name.text), "a decision may only call others");
        draft.state = FormulaState::compiled;
        return;
    }
    draft.state = FormulaState::compiling;
    for (uint32_t need : draft.needs) compile_decision(decision_drafts_[need]);
    Decision& decision = program_.decisions[draft.decision];
    known_findings(draft.source->allow);
    if (!draft.broken) {
        if (draft.scorecard)
            compile_scorecard(draft, decision);
        else if (draft.source->logic.kind != model::Boxed::Kind::nothing)
            compile_decision_logic(draft, decision);
        else if (!decision.outputs.empty())
            compile_decision_table(draft, decision);
    }
    add_decision_reads(decision);
    draft.state = FormulaState::compiled;
}

std::unique_ptr<decision::Table> Compiler::compiled_table(decision::TableSource table, const Names& names) {
    if (gave_up()) return nullptr;
    feel::CompileOptions options;
    options.self = names.self();
    options.limits = options_.limits;
    reserve_locals(names.next_local());
    return decision::compile(std::move(table), names, options, *diagnostics_);
}

void Compiler::compile_decision_table(const DecisionDraft& draft, Decision& decision) {
    const model::Decision& source = *draft.source;
    decision::TableSource table;
    table.name = decision.name;
    table.span = source.span;
    if (!source.hit.empty() && !decision::parse_hit(source.hit.text, table.hit)) return;
    if (!decision_columns(draft, decision, table)) return;
    bool good = decision_defaults(source, decision, table);
    for (const model::TableRow& row : source.rows) good = decision_row(source, row, table) && good;
    if (!good) return;
    decision.table = compiled_table(std::move(table), decision_names(draft));
    if (!decision.table) return;
    auto meant = [&](std::string_view name) {
        return std::any_of(source.allow.begin(), source.allow.end(), [&](const Text& one) { return one.text == name; });
    };
    if (answers_one_row(decision.table->source().hit) && decision.table->reads_null_unsafe() && !meant("nulls")) {
        warning(
            "program.decision.null", source.name.span,
            fmt::format("an input of '{}' may be empty, and an empty input matches only '-' and null", decision.name),
            "give the field a default, or add a row for null");
    }
    check_table(*decision.table, source.allow, fmt::format("'{}'", decision.name));
}

bool Compiler::decision_columns(const DecisionDraft& draft, const Decision& decision, decision::TableSource& table) {
    const model::Decision& source = *draft.source;
    if (source.columns.empty()) {
        // A file that could not be read is reported by whoever reads it.
        if (source.file.empty())
            error("program.decision.table", source.name.span, fmt::format("decision '{}' has no table", decision.name),
                  "write 'table:' or 'file:'");
        return false;
    }
    bool ok = true;
    bool dating = false;
    std::vector<bool> filled(decision.outputs.size(), false);
    for (const model::TableColumn& column : source.columns) {
        if (column.kind == model::TableColumn::Kind::annotation) continue;
        if (column.kind == model::TableColumn::Kind::input) {
            decision::InputColumn input;
            input.expression = column.header;
            if (is_dating(column)) {
                if (std::exchange(dating, true)) continue;  // both ends are one column
                input.expression = source.as_of.empty() ? made_text("today()", column.header.span) : source.as_of;
            } else {
                input.allowed = allowed_of(draft, decision, column.header);
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

// What the input's own definition says of its values: `allowed`, else its bounds.
Text Compiler::allowed_of(const DecisionDraft& draft, const Decision& decision, const Text& header) {
    const Field* field = nullptr;
    if (decision.entity != kNone) {
        field = program_.entities[decision.entity].find(header.text);
    } else {
        for (const Field& input : decision.inputs) {
            if (input.name == header.text) field = &input;
        }
        for (const model::Field& input : draft.inputs) {
            if (input.name.text == header.text && !input.allowed.empty()) return input.allowed;
        }
    }
    if (!field) return {};
    std::string low, high;
    if (field->minimum) low = "[" + field->minimum->to_string();
    if (field->exclusive_minimum) low = "(" + field->exclusive_minimum->to_string();
    if (field->maximum) high = field->maximum->to_string() + "]";
    if (field->exclusive_maximum) high = field->exclusive_maximum->to_string() + ")";
    if (low.empty() && high.empty()) return {};
    if (high.empty()) return made_text((low[0] == '[' ? ">= " : "> ") + low.substr(1), header.span);
    if (low.empty()) {
        bool closed = high.back() == ']';
        high.pop_back();
        return made_text((closed ? "<= " : "< ") + high, header.span);
    }
    return made_text(low + ".." + high, header.span);
}

bool Compiler::decision_defaults(const model::Decision& source, const Decision& decision,
                                 decision::TableSource& table) {
    std::vector<std::pair<Text, model::Operand>> given = source.default_outputs;
    if (!source.default_value.empty()) {
        if (decision.outputs.size() != 1) {
            error("program.key", source.default_value.text.span,
                  "a decision with several outputs has a default for each", "write 'default: {output: value}'");
            return false;
        }
        given.emplace_back(
            decision.outputs.front().name.empty() ? Text{} : made_text(decision.outputs.front().name, {}),
            source.default_value);
    }
    bool ok = true;
    for (const auto& [name, value] : given) {
        auto output = std::find_if(decision.outputs.begin(), decision.outputs.end(),
                                   [&, &wanted = name](const Field& one) { return one.name == wanted.text; });
        if (output == decision.outputs.end()) {
            std::vector<std::string> known;
            for (const Field& field : decision.outputs) known.push_back(field.name);
            unknown("program.decision.output", name, "output", known);
            ok = false;
            continue;
        }
        Text text = value.text;
        if (!value.is_expression) {
            auto constant = literal(value.text, *output);
            if (!constant) {
                ok = false;
                continue;
            }
            // A duration keeps its calendar.
            if (constant->kind != Kind::days_duration && constant->kind != Kind::months_duration)
                text = made_text(feel_text(*constant), value.text.span);
        }
        for (decision::OutputColumn& column : table.outputs) {
            if (column.name == output->name) column.default_value = text;
        }
    }
    return ok;
}

// valid_from and valid_to as one test of the date; both ends belong to the period.
bool Compiler::dating_cells(const model::Decision& source, const model::TableRow& row, Text& out) {
    std::string from, to;
    for (size_t i = 0; i < row.cells.size(); ++i) {
        if (!is_dating(source.columns[i])) continue;
        const Text& cell = row.cells[i];
        if (cell.text.empty() || cell.text == "-") continue;
        out.span = cell.span;
        if (!value::Date::parse(cell.text)) {
            error("program.literal", cell.span, fmt::format("'{}' is no date", cell.text), "write it as 2026-01-01");
            return false;
        }
        (source.columns[i].header.text == "valid_from" ? from : to) = fmt::format("@\"{}\"", cell.text);
    }
    if (from.empty() && to.empty())
        out.text = "-";
    else if (to.empty())
        out.text = ">= " + from;
    else if (from.empty())
        out.text = "<= " + to;
    else
        out.text = fmt::format("[{}..{}]", from, to);
    return true;
}

bool Compiler::decision_row(const model::Decision& source, const model::TableRow& row, decision::TableSource& table) {
    decision::TableRow out;
    out.span = row.span;
    if (row.cells.size() != source.columns.size()) {
        error("program.decision.cells", row.span,
              fmt::format("this row has {} cells, the header has {}", row.cells.size(), source.columns.size()));
        return false;
    }
    bool dated = false;
    for (size_t i = 0; i < row.cells.size(); ++i) {
        const model::TableColumn& column = source.columns[i];
        const Text& cell = row.cells[i];
        if (column.kind == model::TableColumn::Kind::annotation) {
            if (!out.annotation.empty() && !cell.text.empty()) out.annotation += "; ";
            out.annotation += cell.text;
        } else if (column.kind == model::TableColumn::Kind::output) {
            out.outputs.push_back(cell);
        } else if (!is_dating(column)) {
            out.inputs.push_back(cell);
        } else if (!std::exchange(dated, true)) {
            Text period;
            period.span = row.span;
            if (!dating_cells(source, row, period)) return false;
            out.inputs.push_back(std::move(period));
        }
    }
    table.rows.push_back(std::move(out));
    return true;
}

void Compiler::known_findings(const std::vector<Text>& allow) {
    static const std::vector<std::string> kNames = {"gaps",        "overlaps",        "conflicts", "dead_rows",
                                                    "masked_rows", "outside_allowed", "unchecked", "nulls"};
    for (const Text& name : allow) {
        if (std::find(kNames.begin(), kNames.end(), name.text) == kNames.end())
            unknown("program.decision.allow", name, "finding", kNames);
    }
}

// What the checks find becomes warnings, unless the definition says that it is meant. What they cannot know, because a
// cell is a formula, is not told: a table that is not wrong must load quietly. That they ended at their bound is told:
// nobody may take a table for checked that was not.
void Compiler::check_table(const decision::Table& table, const std::vector<Text>& allow, const std::string& what) {
    using decision::Finding;
    constexpr size_t kGapsTold = 3, kFindingsTold = 10;  // of each kind
    decision::CheckLimits limits;
    limits.work_max = kCheckWork;
    const decision::TableSource& source = table.source();
    Diagnostic* gap = nullptr;        // gaps come first, and are one warning
    Diagnostic* unchecked = nullptr;  // come last, and are one warning
    size_t gaps = 0;
    std::map<Finding::Kind, size_t> told;
    for (const Finding& finding : decision::check(table, limits)) {
        std::string_view name = decision::finding_name(finding.kind);
        bool meant = std::any_of(allow.begin(), allow.end(), [&](const Text& one) { return one.text == name; });
        if (meant) continue;
        if (finding.kind == Finding::Kind::unchecked) {
            if (!finding.bounded) continue;
            if (!unchecked)
                unchecked =
                    &warning(finding_code(finding.kind), source.span,
                             fmt::format("{} is too large to be checked to the end: {}", what, finding.message),
                             "split the table, or write 'allow: [unchecked]' if its rows are known to be right");
            else
                unchecked->notes.push_back({source.span, finding.message});
            continue;
        }
        if (finding.kind == Finding::Kind::gap) {
            if (!answers_one_row(source.hit) || ++gaps > kGapsTold) continue;
            if (!gap) {
                gap = &warning("program.decision.gap", source.inputs.front().expression.span,
                               fmt::format("{} has no answer for some inputs: {}", what, finding.message),
                               "add a row that takes everything else, a 'default', or 'allow: [gaps]'");
            } else {
                gap->notes.push_back({source.inputs.front().expression.span, finding.message});
            }
            continue;
        }
        if (finding.rows.empty() || (finding.kind == Finding::Kind::dead_row && behind_all(source, finding.rows[0])))
            continue;
        if (++told[finding.kind] > kFindingsTold) continue;
        const decision::TableRow& row = source.rows[finding.rows.front()];
        bool cell = finding.columns.size() == 1 && finding.rows.size() == 1;
        const Span& place = cell ? row.inputs[finding.columns.front()].span : row.span;
        Diagnostic& diagnostic =
            warning(finding_code(finding.kind), place, fmt::format("in {}, {}", what, finding.message),
                    fmt::format("change the rows, or write 'allow: [{}]' if it is meant", name));
        for (size_t i = 1; i < finding.rows.size() && i <= kGapsTold; ++i)
            diagnostic.notes.push_back(
                {source.rows[finding.rows[i]].span, fmt::format("row {} is here", finding.rows[i] + 1)});
    }
}

void Compiler::add_reads(feel::Reads& to, const feel::Reads& from) {
    for (const feel::Read& read : from.fields) {
        bool known = std::any_of(to.fields.begin(), to.fields.end(), [&](const feel::Read& one) {
            return one.entity == read.entity && one.field == read.field &&
                   one.through_reference == read.through_reference;
        });
        if (!known) to.fields.push_back(read);
    }
    for (uint32_t collection : from.collections) add_once(to.collections, collection);
    for (uint32_t object : from.objects) add_once(to.objects, object);
    for (uint32_t function : from.functions) {
        // A table in a box is part of what it stands in.
        if (program_.functions[function].kind == Function::Kind::table)
            add_reads(to, program_.embedded_tables[program_.functions[function].number].table->reads());
        else
            add_once(to.functions, function);
    }
    to.clock = to.clock || from.clock;
}

void Compiler::add_decision_reads(Decision& decision) {
    if (decision.table) add_reads(decision.reads, decision.table->reads());
    if (decision.logic) add_reads(decision.reads, decision.logic->reads());
    if (decision.scorecard) {
        const Scorecard& scorecard = *decision.scorecard;
        if (scorecard.initial) add_reads(decision.reads, scorecard.initial->reads());
        if (scorecard.bands) add_reads(decision.reads, scorecard.bands->reads());
        for (const Characteristic& one : scorecard.characteristics) {
            add_reads(decision.reads, one.table->reads());
            if (one.baseline) add_reads(decision.reads, one.baseline->reads());
            for (const ScoreAttribute& attribute : one.attributes) add_reads(decision.reads, attribute.points->reads());
        }
    }
    for (const Requirement& one : decision.requirements) {
        const Decision& needed = program_.decisions[one.decision];
        add_reads(decision.reads, needed.reads);
        for (const Requirement::Source& value : one.values) {
            if (value.field) add_reads(decision.reads, {{{decision.entity, value.index, false}}, {}, {}, {}, false});
        }
    }
}

}  // namespace leat::program
