// `dialect: scxml`: what does not compile is no mistake of the author's but an error event when it is asked (SCXML
// 3.12.2, 5.9), events are any text, and data are set where fields are elsewhere. Told as warnings.
#include <algorithm>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

using Kind = model::Step::Kind;

bool Compiler::fails(const std::function<void()>& work) {
    Diagnostics muted;
    Diagnostics* heard = diagnostics_;
    diagnostics_ = &muted;
    work();
    diagnostics_ = heard;
    bool failed = muted.has_errors();
    for (Diagnostic& one : muted.take()) {
        if (one.severity != base::Severity::error) continue;
        warning("program.scxml.error", one.span, fmt::format("this will be error.execution: {}", one.message),
                one.hint);
    }
    return failed;
}

ExpressionPtr Compiler::scxml_expression(const Text& text, const Names& names) {
    ExpressionPtr out;
    if (fails([&] { out = expression(text, names); })) return nullptr;
    return out;
}

Operand Compiler::scxml_operand(const model::Operand& source, const Names& names) {
    Operand out;
    if (source.empty()) return out;
    out.present = true;
    if (!source.is_expression) {
        out.constant = constant_string(source.text.text);
        return out;
    }
    out.expression = scxml_expression(source.text, names);
    out.fails = !out.expression;
    return out;
}

void Compiler::scxml_params(const std::vector<model::Assignment>& sources, const Names& names, Step& out) {
    for (const model::Assignment& source : sources) {
        StepAssignment param;
        param.name = source.field.text;
        param.value = scxml_operand(source.value, names);
        out.assignments.push_back(std::move(param));
    }
}

bool Compiler::scxml_step(const model::Step& source, const Names& names, const Place& place, Step& out) {
    const Flow& flow = *place.flow;
    auto datum = [&](const Text& name) {
        for (uint32_t i = 0; i < flow.data.size(); ++i)
            if (flow.data[i].name == name.text) return i;
        return kNone;
    };
    auto inner = [&](const model::Steps& steps, const char* key) {
        return this->steps(steps, names, {place.flow, place.at + key});
    };
    out.flow = flow.id;
    switch (source.kind) {
        case Kind::set:
            out.kind = StepKind::set;
            for (const model::Assignment& one : source.assignments) {
                StepAssignment assignment;
                assignment.name = one.field.text;
                assignment.datum = datum(one.field);
                assignment.value = scxml_operand(one.value, names);
                if (assignment.datum == kNone) {
                    assignment.value.fails = true;
                    warning("program.scxml.error", one.field.span,
                            fmt::format("this will be error.execution: there is no data '{}'", one.field.text));
                }
                out.assignments.push_back(std::move(assignment));
            }
            return true;
        case Kind::foreach:
            out.kind = StepKind::foreach;
            out.target = scxml_expression(source.target.text, names);
            out.name = source.as.text;
            out.index_name = source.index.text;
            out.as_datum = datum(source.as);
            out.index_datum = source.index.empty() ? kNone : datum(source.index);
            out.fails = !out.target || out.as_datum == kNone || (!source.index.empty() && out.index_datum == kNone);
            out.do_ = inner(source.do_, ".do");
            return true;
        case Kind::if_:
            out.kind = StepKind::if_;
            out.target = scxml_expression(source.target.text, names);
            out.then = inner(source.then, ".then");
            out.else_ = inner(source.else_, ".else");
            return true;
        case Kind::raise:
            out.kind = StepKind::raise;
            out.event_name = scxml_operand(source.target, names);
            scxml_params(source.assignments, names, out);
            return true;
        case Kind::send:
            out.kind = StepKind::send;
            out.event_name = scxml_operand(source.target, names);
            out.to = scxml_operand(source.to, names);
            out.type = scxml_operand(source.type, names);
            out.after = scxml_operand(source.after, names);
            out.content = scxml_operand(source.content, names);
            out.id = scxml_operand(source.id, names);
            if (!source.id_location.empty()) {
                out.id_datum = datum(source.id_location);
                out.fails = out.id_datum == kNone;
            }
            scxml_params(source.assignments, names, out);
            return true;
        case Kind::cancel_send:
            out.kind = StepKind::cancel_send;
            out.id = scxml_operand(source.target, names);
            return true;
        case Kind::log:
            out.kind = StepKind::log;
            out.text = scxml_operand(source.target, names);
            return true;
        case Kind::block:
            out.kind = StepKind::block;
            out.do_ = inner(source.do_, ".block");
            return true;
        default:
            error("program.scxml.step", source.span, "'dialect: scxml' has no such step",
                  "it has set, foreach, if, raise, send, cancel_send, log and block");
            return false;
    }
}

}  // namespace leat::program
