// Rules, SLAs and assignments: what happens by itself.
#include <algorithm>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;
using When = model::Rule::When;

// Names first: steps ask for them before the load of a pool can be compiled.
void Compiler::declare_assignments() {
    std::map<std::string, Span, std::less<>> known;
    for (const model::AssignmentSection& source : model_.assignments) {
        if (!declare(known, source.name, "assignment")) continue;
        auto entity = entity_named(source.of, "'of'");
        if (!entity) continue;
        Assignment assignment;
        assignment.name = source.name.text;
        assignment.entity = *entity;
        Text field = source.field;
        if (field.empty()) {
            field = source.name;
            field.text = "owner";
        }
        if (auto id = field_named(*entity, field)) {
            assignment.field = *id;
            const Field& target = program_.entities[*entity].fields[*id];
            if (target.kind != FieldKind::ref || target.to != program_.user ||
                target.formula_kind != FormulaKind::none) {
                error("program.assignment.field", field.span,
                      fmt::format("'{}' cannot be assigned: it is no plain ref to user", target.name));
            }
        }
        program_.assignments.push_back(std::move(assignment));
    }
}

void Compiler::compile_assignments() {
    for (const model::AssignmentSection& source : model_.assignments) {
        auto found = std::find_if(program_.assignments.begin(), program_.assignments.end(),
                                  [&](const Assignment& one) { return one.name == source.name.text; });
        if (found == program_.assignments.end()) continue;
        Names names = names_of(found->entity);
        for (const model::Pool& pool : source.pools) {
            AssignmentPool out;
            auto role = role_named(pool.role);
            if (!pool.if_.empty()) out.if_ = filter(pool.if_, names);
            if (!role) continue;
            out.role = *role;
            found->pools.push_back(std::move(out));
        }
        if (source.pools.empty())
            error("program.assignment.pools", source.name.span,
                  fmt::format("assignment '{}' needs pools", found->name));
        if (!source.pick.empty() && source.pick.text != "least_loaded") {
            if (source.pick.text == "round_robin") {
                not_built(source.pick.span, "pick: round_robin");
            } else {
                error("program.assignment.pick", source.pick.span,
                      fmt::format("'pick' cannot be '{}'", source.pick.text), "write least_loaded");
            }
        }
        if (source.load.empty()) {
            error("program.assignment.load", source.name.span,
                  fmt::format("assignment '{}' needs a load to compare", found->name),
                  "for example 'load: count(records.lead[owner = candidate])'");
        } else {
            names.add("candidate", kCandidate, types_.record(program_.user, false));
            found->load = expression(source.load, names, types_.basic(TypeKind::number));
        }
        if (!source.capacity.empty()) not_built(source.capacity.span, "capacity");
        if (!source.available.empty()) not_built(source.available.span, "available");
        if (!source.otherwise.empty()) not_built(source.otherwise.text.span, "otherwise");
    }
}

void Compiler::compile_rules() {
    std::map<std::string, Span, std::less<>> known;
    for (const model::Rule& source : model_.rules) {
        if (!declare(known, source.name, "rule")) continue;
        Rule rule;
        rule.id = static_cast<uint32_t>(program_.rules.size());
        rule.at = source.name.text;
        rule.shape.name = source.name.text;
        if (!source.order.empty()) {
            if (auto order = integer(source.order, "order", -1'000'000, 1'000'000))
                rule.shape.order = static_cast<int32_t>(*order);
        }
        if (compile_rule(source, rule)) program_.rules.push_back(std::move(rule));
    }
    std::vector<rule::RuleShape> shapes;
    for (const Rule& one : program_.rules) shapes.push_back(one.shape);
    for (uint32_t index : rule::firing_order(shapes)) {
        const Rule& rule = program_.rules[index];
        if (rule.message != kNone) {
            program_.messages[rule.message].rules.push_back(index);
        } else if (!rule.every) {
            program_.entities[rule.entity].rules.push_back(index);
        }
    }
}

// False after an error that leaves nothing to run.
bool Compiler::compile_rule(const model::Rule& source, Rule& rule) {
    if (!rule_trigger(source, rule)) return false;
    const bool by_itself = rule.shape.trigger == rule::Trigger::every || rule.shape.trigger == rule::Trigger::message;
    if (!source.of.empty() || !by_itself) {
        auto entity = entity_named(source.of, "'of'");
        if (!entity) return false;
        rule.entity = *entity;
    }
    if (rule.shape.trigger == rule::Trigger::message) return rule_message(source, rule);
    if (rule.shape.trigger == rule::Trigger::every) return rule_every(source, rule);
    const EntityId* entity = &rule.entity;
    Names names = names_with_actor(*entity);
    names.add("old", kOld, types_.record(*entity));
    for (const Text& name : source.changed_fields) {
        auto field = field_named(*entity, name);
        if (!field) continue;
        forbid_computed(*entity, *field, name.span, "'changed'");
        const Field& found = program_.entities[*entity].fields[*field];
        if (found.kind == FieldKind::list && !found.scalar_list) {
            not_built(name.span, "changed of a list of records");
        } else {
            rule.changed.push_back(*field);
        }
    }
    if (rule.shape.trigger == rule::Trigger::becomes) {
        rule.condition = filter(source.argument, names);
        if (rule.condition) forbid_computed(*rule.condition, *entity, source.argument.span, "'becomes'");
    }
    if ((rule.shape.trigger == rule::Trigger::entered || rule.shape.trigger == rule::Trigger::left) &&
        !rule_state(source, rule))
        return false;
    if (!source.if_.empty()) rule.if_ = condition(source.if_, names);
    rule.steps = steps(source.do_, names, {nullptr, source.name.text + ".do"});
    if (source.do_.empty())
        warning("program.rule.empty", source.name.span, fmt::format("rule '{}' does nothing", source.name.text));
    return true;
}

// `every`: for each record of the entity that `if` picks, or once without `of`.
bool Compiler::rule_every(const model::Rule& source, Rule& rule) {
    Names names = rule.entity == kNone ? this->names() : names_with_actor(rule.entity);
    rule.every = schedule({source.argument, false}, names);
    if (!rule.every) return false;
    if (rule.entity == kNone) {
        if (!source.if_.empty()) rule.if_ = condition(source.if_, names);
        if (!without_record(source.do_)) return false;
    } else if (!source.if_.empty()) {
        rule.condition = filter(source.if_, names);
    }
    rule.steps = steps(source.do_, names, {nullptr, source.name.text + ".do"});
    return true;
}

// `message`: for the record that the message's `to` finds; without `of`, for none.
bool Compiler::rule_message(const model::Rule& source, Rule& rule) {
    std::vector<std::string> known;
    for (uint32_t i = 0; i < program_.messages.size(); ++i) {
        known.push_back(program_.messages[i].name);
        if (known.back() == source.argument.text) rule.message = i;
    }
    if (rule.message == kNone) {
        unknown("program.message.unknown", source.argument, "message", known);
        return false;
    }
    const Message& message = program_.messages[rule.message];
    if (rule.entity != kNone && rule.entity != message.entity) {
        error("program.rule.message", source.of.span,
              message.entity == kNone
                  ? fmt::format("message '{}' is for no record, so this rule cannot be of one", message.name)
                  : fmt::format("message '{}' is for a record of {}", message.name,
                                program_.entities[message.entity].name),
              message.entity == kNone ? "give the message a 'to', or leave 'of' out" : "");
        return false;
    }
    Names names = rule.entity == kNone ? this->names() : names_with_actor(rule.entity);
    if (!message.payload.empty()) names.add("event", kEvent, message.payload_type);
    if (!source.if_.empty()) rule.if_ = condition(source.if_, names);
    if (rule.entity == kNone && !without_record(source.do_)) return false;
    rule.steps = steps(source.do_, names, {nullptr, source.name.text + ".do"});
    return true;
}

// Steps of a rule without a record leave alone what needs one.
bool Compiler::without_record(const model::Steps& steps) {
    using Kind = model::Step::Kind;
    bool fine = true;
    for (const model::Step& step : steps) {
        bool needs = step.kind == Kind::set || step.kind == Kind::raise || step.kind == Kind::assign ||
                     step.kind == Kind::task || step.kind == Kind::assert_ || !step.copy.empty() ||
                     (step.kind == Kind::send && step.to.empty());
        if (needs) {
            error("program.rule.no_record", step.span, "this step needs a record, and the rule has no 'of'",
                  "say 'of:', or use create, update, send with 'to', notify or call");
            fine = false;
        }
        fine = without_record(step.do_) && fine;
        fine = without_record(step.then) && fine;
        fine = without_record(step.else_) && fine;
    }
    return fine;
}

bool Compiler::rule_trigger(const model::Rule& source, Rule& rule) {
    switch (source.when) {
        case When::created:
            rule.shape.trigger = rule::Trigger::created;
            return true;
        case When::changed:
            rule.shape.trigger = rule::Trigger::changed;
            return true;
        case When::deleted:
            rule.shape.trigger = rule::Trigger::deleted;
            return true;
        case When::entered:
            rule.shape.trigger = rule::Trigger::entered;
            return true;
        case When::left:
            rule.shape.trigger = rule::Trigger::left;
            return true;
        case When::becomes:
            rule.shape.trigger = rule::Trigger::becomes;
            return true;
        case When::message:
            rule.shape.trigger = rule::Trigger::message;
            return true;
        case When::every:
            rule.shape.trigger = rule::Trigger::every;
            return true;
    }
    return false;
}

// `entered: effective`, or with its flow where several know the name: `entered: contract_flow.effective`.
bool Compiler::rule_state(const model::Rule& source, Rule& rule) {
    const std::string& text = source.argument.text;
    size_t dot = text.find('.');
    std::string_view name = std::string_view(text).substr(dot == std::string::npos ? 0 : dot + 1);
    std::vector<std::string> known;
    for (uint32_t number : program_.entities[rule.entity].flows) {
        const Flow& flow = program_.flows[number];
        if (dot != std::string::npos && std::string_view(text).substr(0, dot) != flow.name) continue;
        for (flow::StateId state = 1; state < flow.chart.states.size(); ++state) {
            known.push_back(flow.chart.states[state].name);
            if (flow.chart.states[state].name != name) continue;
            if (rule.flow != kNone) {
                error("program.state.ambiguous", source.argument.span, fmt::format("two flows have a state '{}'", name),
                      fmt::format("write {}.{}", flow.name, name));
                return false;
            }
            rule.flow = number;
            rule.state = state;
        }
    }
    if (rule.flow != kNone) return true;
    error("program.state.unknown", source.argument.span,
          fmt::format("no flow of {} has a state '{}'", program_.entities[rule.entity].name, text),
          did_you_mean(name, known));
    return false;
}

void Compiler::compile_slas() {
    std::map<std::string, Span, std::less<>> known;
    for (const model::Sla& source : model_.slas) {
        if (!declare(known, source.name, "sla")) continue;
        auto entity = entity_named(source.of, "'of'");
        if (!entity) continue;
        Sla sla;
        sla.name = sla.at = source.name.text;
        sla.id = static_cast<uint32_t>(program_.slas.size());
        sla.title = titles(source.title);
        sla.entity = *entity;
        Names names = names_of(*entity);
        auto part = [&](const Text& text) -> ExpressionPtr { return text.empty() ? nullptr : filter(text, names); };
        if (source.start.empty())
            error("program.sla.start", source.name.span, fmt::format("sla '{}' needs 'start'", sla.name));
        if (source.stop.empty())
            error("program.sla.stop", source.name.span, fmt::format("sla '{}' needs 'stop'", sla.name));
        if (source.within.empty())
            error("program.sla.within", source.name.span, fmt::format("sla '{}' needs 'within'", sla.name));
        sla.start = part(source.start);
        sla.stop = part(source.stop);
        sla.pause = part(source.pause);
        sla.resume = part(source.resume);
        sla.cancel = part(source.cancel);
        sla.reset = part(source.reset);
        sla.within = duration_operand(source.within, names);
        if (sla.within.expression) sla.reads = own_reads(*sla.within.expression, *entity);
        for (const Text& text : source.warn) {
            Text number = text;
            bool percent = !number.text.empty() && number.text.back() == '%';
            if (percent) number.text.pop_back();
            if (!percent) {
                error("program.literal", text.span, fmt::format("'warn' wants a percentage, not '{}'", text.text),
                      "write it as 50%");
            } else if (auto value = integer(number, "warn", 1, 99)) {
                sla.warn_percent.push_back(static_cast<int32_t>(*value));
            }
        }
        std::sort(sla.warn_percent.begin(), sla.warn_percent.end());
        sla.on_warning = steps(source.on_warning, names, {nullptr, sla.name + ".on.warning"});
        sla.on_breach = steps(source.on_breach, names, {nullptr, sla.name + ".on.breach"});
        program_.entities[*entity].slas.push_back(sla.id);
        program_.slas.push_back(std::move(sla));
    }
}

}  // namespace leat::program
