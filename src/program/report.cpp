// Reports: rows of one entity, grouped and measured.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;

namespace {

bool is_format(std::string_view text) {
    static constexpr std::array kFormats = {"money", "percent", "number", "date", "datetime", "duration"};
    return std::find(kFormats.begin(), kFormats.end(), text) != kFormats.end();
}

}  // namespace

void Compiler::compile_reports() {
    std::map<std::string, Span, std::less<>> known;
    for (const model::Report& source : model_.reports) {
        if (!declare(known, source.name, "report")) continue;
        Report report;
        report.name = source.name.text;
        report.title = titles(source.title);
        if (compile_report(source, report)) program_.reports.push_back(std::move(report));
    }
}

bool Compiler::compile_report(const model::Report& source, Report& report) {
    if (!source.kind.empty()) {
        not_built(source.kind.span, "kind: " + source.kind.text);
        return false;
    }
    if (source.from.text.size() > 7 && source.from.text.substr(source.from.text.size() - 7) == ".visits") {
        not_built(source.from.span, "from: FLOW.visits");
        return false;
    }
    if (!source.stages.empty()) not_built(source.stages.front().span, "stages");
    if (!source.columns.empty()) not_built(source.columns.front().name.span, "columns of a report");
    auto entity = entity_named(source.from, "'from'");
    if (!entity) return false;
    report.entity = *entity;
    report.params = shapes(source.params, report.name);
    report.params_type = context_of(report.params);
    report_columns(source, report);
    report_sort(source, report);
    if (!source.limit.empty()) {
        if (auto limit = integer(source.limit, "limit", 1, 1'000'000)) report.limit = static_cast<uint32_t>(*limit);
    }
    return true;
}

// Groups are over one record, measures over `rows` and the groups before them, by name.
void Compiler::report_columns(const model::Report& source, Report& report) {
    Names rows = names_of(report.entity);
    Names measures = names();
    if (!report.params.empty()) {
        rows.add("params", kParams, report.params_type);
        measures.add("params", kParams, report.params_type);
    }
    measures.add("rows", kRows, types_.list(types_.record(report.entity, false), false));
    if (!source.where.empty()) report.where = filter(source.where, rows);
    std::map<std::string, Span, std::less<>> known;
    auto column = [&](const Text& name, const model::Localized& title) {
        ReportColumn out;
        out.name = name.text;
        out.title = titles(title);
        if (!is_identifier(name.text))
            error("program.name", name.span, fmt::format("'{}' cannot be the name of a column", name.text));
        return out;
    };
    for (const model::GroupBy& group : source.group) {
        if (!declare(known, group.name, "column")) continue;
        ReportColumn out = column(group.name, {});
        out.expression = expression(group.expression, rows);
        feel::TypeRef type = out.expression ? out.expression->type() : types_.basic(TypeKind::any);
        if (is_root(out.name)) {
            error("program.name", group.name.span, fmt::format("'{}' is reserved", out.name));
        } else {
            measures.add(out.name, kFirstLocal + static_cast<uint32_t>(report.group.size()), type);
        }
        report.group.push_back(std::move(out));
    }
    for (const model::Measure& measure : source.measures) {
        if (!declare(known, measure.name, "column")) continue;
        ReportColumn out = column(measure.name, measure.title);
        out.expression = expression(measure.formula, measures);
        out.format = measure.format.text;
        if (!measure.format.empty() && !is_format(out.format)) {
            error("program.format", measure.format.span, fmt::format("there is no format '{}'", out.format),
                  "one of money, percent, number, date, datetime, duration");
        }
        report.measures.push_back(std::move(out));
    }
    if (source.measures.empty() && source.group.empty()) {
        error("program.report.columns", source.name.span,
              fmt::format("report '{}' has neither 'group' nor 'measures'", report.name));
    }
}

void Compiler::report_sort(const model::Report& source, Report& report) {
    for (const Text& text : source.sort) {
        bool descending = !text.text.empty() && text.text[0] == '-';
        Text name = descending ? slice(text, 1, text.text.size()) : text;
        uint32_t column = kNone;
        std::vector<std::string> known;
        for (const auto* columns : {&report.group, &report.measures}) {
            for (const ReportColumn& one : *columns) {
                if (one.name == name.text) column = static_cast<uint32_t>(known.size());
                known.push_back(one.name);
            }
        }
        if (column == kNone) {
            error("program.report.sort", name.span,
                  fmt::format("report '{}' has no column '{}'", report.name, name.text),
                  did_you_mean(name.text, known));
        } else {
            report.sort.emplace_back(column, descending);
        }
    }
}

}  // namespace leat::program
