// Decisions, scorecards, services and functions are declared: what a name before "(" stands for, and what they require.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

using decision::Hit;
using feel::TypeKind;

namespace {

// Each decision lists all that is answered before it: a bound on what a long chain of them costs.
constexpr size_t kRequirementsMax = 200;

bool answers_a_list(Hit hit) {
    return hit == Hit::collect || hit == Hit::rule_order || hit == Hit::output_order;
}

// Whether a value of the one type may stand where the other is declared, by what is written.
bool alike(const Field& a, const Field& b) {
    auto number = [](FieldKind kind) { return kind == FieldKind::integer || kind == FieldKind::decimal; };
    if (a.kind != b.kind) return number(a.kind) && number(b.kind);
    if (!a.enumeration || !b.enumeration) return a.to == b.to && a.currency == b.currency;
    const auto& left = a.enumeration->items;
    const auto& right = b.enumeration->items;
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](const feel::EnumItem& x, const feel::EnumItem& y) { return x.value == y.value; });
}

Text name_text(const Text& name) {
    Text out = name;
    out.quoted = false;
    return out;
}

}  // namespace

// Scorecards and services become decisions of their own making.
void Compiler::collect_decisions() {
    auto add = [&](const model::Decision& source) {
        if (!within(decision_drafts_.size(), kFunctionsMax, source.name.span, "decisions and functions")) return;
        if (!declare(function_names_, source.name, "decision or function")) return;
        DecisionDraft draft;
        draft.source = &source;
        draft.of = source.of;
        draft.inputs = source.inputs;
        decision_drafts_.push_back(std::move(draft));
    };
    for (const model::Decision& source : model_.decisions) add(source);
    for (const model::Scorecard& source : model_.scorecards) {
        model::Decision& made = made_decisions_.emplace_back();
        static_cast<model::Section&>(made) = source;
        made.of = source.of;
        made.inputs = source.inputs;
        made.requirements = source.requirements;
        made.allow = source.allow;
        size_t before = decision_drafts_.size();
        add(made);
        if (decision_drafts_.size() > before) decision_drafts_.back().scorecard = &source;
    }
    for (const model::Service& source : model_.services) {
        model::Decision& made = made_decisions_.emplace_back();
        static_cast<model::Section&>(made) = source;
        made.requirements = source.decisions;
        made.logic.span = source.span;
        made.logic.kind = model::Boxed::Kind::context;
        for (const Text& one : source.decisions) {
            model::Boxed answer;
            answer.kind = model::Boxed::Kind::expression;
            answer.text = name_text(one);
            answer.span = one.span;
            made.logic.names.push_back(one);
            made.logic.children.push_back(std::move(answer));
        }
        if (source.decisions.size() == 1) made.logic = model::Boxed(made.logic.children.front());
        size_t before = decision_drafts_.size();
        add(made);
        if (decision_drafts_.size() > before) decision_drafts_.back().service = true;
    }
}

void Compiler::declare_functions() {
    collect_decisions();
    std::vector<uint32_t> order, path;
    for (uint32_t i = 0; i < decision_drafts_.size(); ++i) require(i, path, order);
    for (uint32_t number : order) declare_decision(decision_drafts_[number]);
    for (const model::Function& source : model_.functions) {
        if (!within(program_.functions.size(), kFunctionsMax, source.name.span, "decisions and functions")) break;
        if (!declare(function_names_, source.name, "decision or function")) continue;
        declare_function(source);
    }
    if (!model_.flows.empty() && function_names_.find("in_state") == function_names_.end()) {
        Function function;
        function.kind = Function::Kind::in_state;
        function.name = "in_state";
        function.params.push_back({"state", 0, types_.basic(TypeKind::string)});
        function.type = types_.function(function.params, types_.basic(TypeKind::boolean, false));
        program_.functions.push_back(std::move(function));
        function_sources_.push_back(nullptr);
    }
    if (function_names_.find("under") == function_names_.end()) {
        Function function;
        function.kind = Function::Kind::under;
        function.name = "under";
        function.params.push_back({"record", 0, types_.basic(TypeKind::any)});
        function.params.push_back({"other", 1, types_.basic(TypeKind::any)});
        function.type = types_.function(function.params, types_.basic(TypeKind::boolean));
        program_.functions.push_back(std::move(function));
        function_sources_.push_back(nullptr);
    }
    declare_model_functions();
    function_states_.assign(program_.functions.size(), FormulaState::untouched);
}

void Compiler::declare_function(const model::Function& source) {
    if (!is_identifier(source.name.text))
        error("program.name", source.name.span, fmt::format("'{}' cannot be a name", source.name.text));
    bool has_logic = source.logic.kind != model::Boxed::Kind::nothing;
    if (has_logic && !source.formula.empty())
        error("program.key", source.formula.span, "a function has either 'formula' or 'logic', not both");
    Function function;
    function.kind = source.formula.empty() && !has_logic ? Function::Kind::host : Function::Kind::formula;
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

// Finds what a decision requires, directly and in turn, and takes over the inputs that come with it.
void Compiler::require(uint32_t number, std::vector<uint32_t>& path, std::vector<uint32_t>& order) {
    DecisionDraft& draft = decision_drafts_[number];
    if (draft.state == FormulaState::compiled) return;
    draft.state = FormulaState::compiling;
    path.push_back(number);
    for (const Text& name : draft.source->requirements) {
        auto needed = std::find_if(decision_drafts_.begin(), decision_drafts_.end(),
                                   [&](const DecisionDraft& one) { return one.source->name.text == name.text; });
        if (needed == decision_drafts_.end()) {
            std::vector<std::string> known;
            for (const DecisionDraft& one : decision_drafts_) known.push_back(one.source->name.text);
            unknown("program.decision.unknown", name, "decision", known);
            draft.broken = true;
            continue;
        }
        auto other = static_cast<uint32_t>(needed - decision_drafts_.begin());
        if (needed->state == FormulaState::compiling) {
            std::string text;
            for (auto at = std::find(path.begin(), path.end(), other); at != path.end(); ++at)
                text += decision_drafts_[*at].source->name.text + " → ";
            error("program.decision.cycle", name.span, "decisions require each other: " + text + name.text,
                  "one of them must do without the other");
            draft.broken = true;
            continue;
        }
        require(other, path, order);
        if (std::find(draft.needs.begin(), draft.needs.end(), other) != draft.needs.end()) continue;
        draft.needs.push_back(other);
        bring_inputs(draft, *needed, name);
    }
    path.pop_back();
    draft.state = FormulaState::compiled;
    order.push_back(number);
}

void Compiler::bring_inputs(DecisionDraft& draft, const DecisionDraft& needed, const Text& name) {
    if (!needed.of.empty()) {
        if (draft.service && draft.of.empty() && draft.inputs.empty()) draft.of = needed.of;
        if (draft.of.text != needed.of.text) {
            error("program.decision.requires", name.span,
                  fmt::format("'{}' is asked with a record of {}", name.text, needed.of.text),
                  draft.of.empty() ? fmt::format("write 'of: {}' instead of 'inputs'", needed.of.text)
                                   : fmt::format("call it: {}(…)", name.text));
        }
        return;
    }
    if (!draft.of.empty()) return;  // they are the record's fields
    for (const model::Field& input : needed.inputs) {
        bool has = std::any_of(draft.inputs.begin(), draft.inputs.end(),
                               [&](const model::Field& one) { return one.name.text == input.name.text; });
        if (!has) draft.inputs.push_back(input);
    }
}

std::vector<Field> Compiler::decision_inputs(const DecisionDraft& draft) {
    std::vector<Field> own = shapes(draft.source->inputs, draft.source->name.text, true);
    if (draft.inputs.size() == draft.source->inputs.size()) return own;
    // What is wrong with inputs of others has been said there.
    Diagnostics said;
    Diagnostics* told = std::exchange(diagnostics_, &said);
    std::vector<Field> all = shapes(draft.inputs, draft.source->name.text, true);
    diagnostics_ = told;
    return all;
}

void Compiler::declare_decision(DecisionDraft& draft) {
    const model::Decision& source = *draft.source;
    draft.state = FormulaState::untouched;
    if (!is_identifier(source.name.text))
        error("program.name", source.name.span, fmt::format("'{}' cannot be a name", source.name.text));
    Decision decision;
    decision.name = source.name.text;
    decision.span = source.name.span;
    decision.title = titles(source.title);
    decision.service = draft.service;
    std::vector<feel::Member> params;
    bool computed = source.logic.kind != model::Boxed::Kind::nothing;
    if (!draft.of.empty()) {
        if (!source.inputs.empty())
            error("program.key", source.inputs.front().name.span, "a decision has 'of' or 'inputs', not both");
        auto entity = entity_named(draft.of, "'of'");
        decision.entity = entity.value_or(kNone);
        draft.broken = draft.broken || !entity;
        params.push_back({"record", 0, entity ? types_.record(*entity) : types_.basic(TypeKind::any)});
    } else {
        decision.inputs = decision_inputs(draft);
        for (const Field& input : decision.inputs) {
            params.push_back({input.name, input.id, types_.with_nullable(input.type, true)});
            decision.input_defaults = decision.input_defaults || input.default_value;
        }
        if (draft.inputs.empty() && !computed && draft.needs.empty())
            error("program.key", source.name.span, fmt::format("'{}' needs 'of' or 'inputs'", decision.name));
    }
    decision.outputs = draft.scorecard ? scorecard_outputs(*draft.scorecard) : shapes(source.outputs, decision.name);
    if (decision.outputs.empty() && !computed)
        error("program.key", source.name.span, fmt::format("decision '{}' needs 'outputs'", decision.name));
    decision.dated = !source.as_of.empty() || std::any_of(source.columns.begin(), source.columns.end(),
                                                          [&](const model::TableColumn& c) { return is_dating(c); });
    decision.type = decision_type(source, decision, draft.scorecard != nullptr);
    draft.broken = !plan_requirements(draft, decision) || draft.broken;
    Function function;
    function.kind = Function::Kind::decision;
    function.name = decision.name;
    function.number = static_cast<uint32_t>(program_.decisions.size());
    function.params = params;
    function.type = types_.function(std::move(params), decision.type);
    draft.decision = function.number;
    draft.function = static_cast<uint32_t>(program_.functions.size());
    draft_of_decision_.push_back(static_cast<uint32_t>(&draft - decision_drafts_.data()));
    program_.functions.push_back(std::move(function));
    function_sources_.push_back(nullptr);
    program_.decisions.push_back(std::move(decision));
}

// Everything that it requires in turn, each once, in an order in which they can be answered.
bool Compiler::plan_requirements(const DecisionDraft& draft, Decision& decision) {
    std::vector<uint32_t> order;
    std::vector<bool> planned(program_.decisions.size(), false);
    auto add = [&](uint32_t number) {
        if (!planned[number]) order.push_back(number);
        planned[number] = true;
    };
    for (uint32_t need : draft.needs) {
        uint32_t number = decision_drafts_[need].decision;
        for (const Requirement& inner : program_.decisions[number].requirements) add(inner.decision);
        add(number);
    }
    if (order.size() > kRequirementsMax) {
        error("program.limit", decision.span,
              fmt::format("'{}' requires {} decisions in all, more than {}", decision.name, order.size(),
                          kRequirementsMax),
              "let a decision in between be called as a function");
        return false;
    }
    for (uint32_t number : order) {
        const Decision& needed = program_.decisions[number];
        decision.dated = decision.dated || needed.dated;
        Requirement requirement;
        requirement.decision = number;
        for (const Field& input : needed.inputs)
            requirement.values.push_back(source_of_input(draft, decision, needed, input));
        for (const Requirement& inner : needed.requirements) {
            auto at = std::find(order.begin(), order.end(), inner.decision) - order.begin();
            requirement.values.push_back(
                {false, static_cast<uint32_t>(decision.inputs.size() + static_cast<size_t>(at))});
        }
        decision.requirements.push_back(std::move(requirement));
    }
    return true;
}

Requirement::Source Compiler::source_of_input(const DecisionDraft& draft, const Decision& decision,
                                              const Decision& needed, const Field& input) {
    const Field* given = nullptr;
    bool field = decision.entity != kNone;
    if (field) {
        given = program_.entities[decision.entity].find(input.name);
    } else {
        for (const Field& one : decision.inputs) {
            if (one.name == input.name) given = &one;
        }
    }
    if (!given) {
        if (field && !draft.broken)
            error("program.decision.requires", draft.source->name.span,
                  fmt::format("'{}' requires '{}', whose input '{}' is no field of {}", decision.name, needed.name,
                              input.name, program_.entities[decision.entity].name),
                  "call it with the value instead");
        return {};
    }
    if (!alike(*given, input)) {
        error("program.decision.requires", given->span,
              fmt::format("'{}' is another kind of value here ({}) than in '{}' ({}), which '{}' requires", input.name,
                          feel::describe(given->type), needed.name, feel::describe(input.type), decision.name),
              "give one of them another name, or call it with the value");
    }
    return {field, given->id};
}

// What the caller gets, known before the table is compiled: formulas and tables may need each other's types. Logic
// without a declared type says later what it is.
feel::TypeRef Compiler::decision_type(const model::Decision& source, const Decision& decision, bool scorecard) {
    Hit hit = Hit::unique;
    if (!source.hit.empty() && !decision::parse_hit(source.hit.text, hit)) {
        error("program.decision.hit", source.hit.span, fmt::format("there is no hit policy '{}'", source.hit.text),
              "one of unique, any, first, priority, rule order, output order, collect, collect sum, min, max or count");
    }
    if (!source.type.empty()) return types_.with_nullable(named_type(source.type), true);
    if (decision.outputs.empty()) return types_.basic(TypeKind::any);
    feel::TypeRef row = types_.with_nullable(decision.outputs.front().type, true);
    if (decision.outputs.size() > 1 || scorecard) {
        std::vector<feel::Member> members;
        for (const Field& output : decision.outputs)
            members.push_back({output.name, output.id, types_.with_nullable(output.type, true)});
        row = types_.context(std::move(members));
    }
    if (answers_a_list(hit)) return types_.list(row, false);
    if (hit == Hit::collect_count) return types_.decimal(0, false);
    bool has_default = !source.default_value.empty() || !source.default_outputs.empty();
    return types_.with_nullable(row, !has_default);
}

bool Compiler::is_dating(const model::TableColumn& column) const {
    return column.kind == model::TableColumn::Kind::input &&
           (column.header.text == "valid_from" || column.header.text == "valid_to");
}

uint32_t Compiler::decision_locals_end(const Decision& decision) const {
    return kFirstLocal + static_cast<uint32_t>(decision.inputs.size() + decision.requirements.size());
}

Names Compiler::decision_names(const DecisionDraft& draft) {
    const Decision& decision = program_.decisions[draft.decision];
    Names out = decision.entity != kNone ? names_of(decision.entity) : names();
    for (const Field& input : decision.inputs) out.add(input.name, kFirstLocal + input.id, input.type);
    for (uint32_t need : draft.needs) {
        const DecisionDraft& needed = decision_drafts_[need];
        auto at = std::find_if(decision.requirements.begin(), decision.requirements.end(),
                               [&](const Requirement& one) { return one.decision == needed.decision; });
        auto place =
            static_cast<uint32_t>(decision.inputs.size()) + static_cast<uint32_t>(at - decision.requirements.begin());
        out.add(needed.source->name.text, kFirstLocal + place, program_.functions[needed.function].type->result);
    }
    return out;
}

feel::TypeRef Compiler::function_type(uint32_t function) {
    if (depth_ < kTypeDepth) compile_function(function);
    return program_.functions[function].type;
}

// Once; asked for again while it is compiled it calls itself, which no bound could hold.
void Compiler::compile_function(uint32_t number) {
    if (program_.functions[number].kind == Function::Kind::decision) {
        DecisionDraft& draft = decision_drafts_[draft_of_decision_[program_.functions[number].number]];
        if (draft.source->logic.kind != model::Boxed::Kind::nothing) compile_decision(draft);
        return;
    }
    if (program_.functions[number].kind != Function::Kind::formula ||
        function_states_[number] == FormulaState::compiled)
        return;
    const std::string name = program_.functions[number].name;
    const model::Function& source = *function_sources_[number];
    if (function_states_[number] == FormulaState::compiling) {
        error("program.function.cycle", source.name.span, fmt::format("function '{}' calls itself", name),
              "a function may only call others");
        function_states_[number] = FormulaState::compiled;
        return;
    }
    function_states_[number] = FormulaState::compiling;
    Names names = this->names();
    for (const feel::Member& param : program_.functions[number].params)
        names.add(param.name, kFirstLocal + param.index, param.type);
    feel::TypeRef returns = source.returns.empty() ? nullptr : program_.functions[number].type->result;
    ++depth_;
    ExpressionPtr formula = source.formula.empty() ? logic(source.logic, names, returns, {}, name)
                                                   : expression(source.formula, names, returns);
    --depth_;
    // Boxes with tables in them have added functions.
    Function& function = program_.functions[number];
    function_states_[number] = FormulaState::compiled;
    if (formula && !returns) function.type = types_.function(function.params, formula->type());
    function.formula = std::move(formula);
}

}  // namespace leat::program
