// What a flow remembers beside its record's fields, where its states begin, and events by descriptor.
#include <algorithm>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;
using flow::StateId;
using flow::StateType;

namespace {

using Visit = std::function<void(const model::Step&)>;

void each_step(const model::Steps& steps, const Visit& visit) {
    for (const model::Step& step : steps) {
        visit(step);
        for (const model::Steps* inner : {&step.do_, &step.then, &step.else_, &step.compensate})
            each_step(*inner, visit);
    }
}

void each_step(const std::vector<model::EventTransitions>& on, const Visit& visit) {
    for (const model::EventTransitions& entry : on)
        for (const model::Transition& transition : entry.transitions) each_step(transition.do_, visit);
}

void each_step(const std::optional<model::Transition>& transition, const Visit& visit) {
    if (transition) each_step(transition->do_, visit);
}

void each_step(const model::State& state, const Visit& visit) {
    each_step(state.entry, visit);
    each_step(state.exit, visit);
    each_step(state.compensate, visit);
    each_step(state.on, visit);
    each_step(state.after, visit);
    for (const model::Transition& transition : state.always) each_step(transition.do_, visit);
    each_step(state.on_done, visit);
    each_step(state.on_error, visit);
    each_step(state.initial_transition, visit);
    for (const model::Invoke& invoke : state.invoke) {
        each_step(invoke.finalize, visit);
        each_step(invoke.compensate, visit);
        each_step(invoke.on_done, visit);
        each_step(invoke.on_error, visit);
    }
    for (const model::State& child : state.states) each_step(child, visit);
}

void each_step(const model::Flow& flow, const Visit& visit) {
    each_step(flow.on, visit);
    each_step(flow.initial_transition, visit);
    each_step(flow.on_error, visit);
    for (const model::State& state : flow.states) each_step(state, visit);
}

bool any_state(const std::vector<model::State>& states, const std::function<bool(const model::State&)>& holds) {
    return std::any_of(states.begin(), states.end(),
                       [&](const model::State& state) { return holds(state) || any_state(state.states, holds); });
}

std::vector<Text> words_of(const Text& text) {
    std::vector<Text> out;
    for (size_t begin = 0; begin < text.text.size();) {
        size_t end = std::min(text.text.find(' ', begin), text.text.size());
        if (end > begin) out.push_back(slice(text, begin, end));
        begin = end + 1;
    }
    return out;
}

}  // namespace

// A column is made only for flows that have something to keep there.
bool Compiler::remembers(const model::Flow& source) const {
    if (source.dialect.text == "scxml" || !source.data.empty() || source.start.text == "invoked") return true;
    bool found = any_state(source.states, [](const model::State& state) {
        return state.type.text == "history" || !state.data.empty() || !state.invoke.empty() ||
               !state.compensate.empty();
    });
    each_step(source, [&](const model::Step& step) {
        found = found || !step.compensate.empty() || !step.id.empty() || step.kind == model::Step::Kind::compensate;
    });
    if (found) return true;
    // Somebody's child: it must know whose.
    for (const model::Flow& other : model_.flows) {
        found = found || any_state(other.states, [&](const model::State& state) {
                    return std::any_of(state.invoke.begin(), state.invoke.end(), [&](const model::Invoke& invoke) {
                        return invoke.src.text == source.name.text;
                    });
                });
    }
    return found;
}

// `start`: the event that begins it, or `invoked`; without it creating the record does.
void Compiler::declare_start(const model::Flow& source, Flow& flow) {
    if (source.start.empty() || source.start.text == "created") return;
    if (source.start.text == "invoked") {
        flow.invoked = true;
        return;
    }
    flow.start = flow.find_event(source.start.text);
    if (flow.start != flow::kNone) return;
    std::vector<std::string> known{"created", "invoked"};
    for (const Event& event : flow.events) known.push_back(event.name);
    error("program.event.unknown", source.start.span,
          fmt::format("flow '{}' declares no event '{}' that could start it", flow.name, source.start.text),
          did_you_mean(source.start.text, known));
}

void Compiler::declare_datum(Flow& flow, const Text& name, StateId state) {
    for (const Datum& datum : flow.data)
        if (datum.name == name.text) return;
    Datum datum;
    datum.name = name.text;
    datum.local = kFirstLocal + static_cast<uint32_t>(flow.data.size());
    datum.state = state;
    flow.data.push_back(std::move(datum));
}

void Compiler::declare_data(FlowDraft& draft, Flow& flow) {
    std::map<std::string, Span, std::less<>> known;
    auto declare_all = [&](const std::vector<model::Datum>& data, StateId state) {
        for (const model::Datum& one : data) {
            if (!is_identifier(one.name.text) || (!flow.scxml && is_root(one.name.text))) {
                error("program.name", one.name.span, fmt::format("'{}' cannot be a name", one.name.text));
            }
            const Entity& entity = program_.entities[flow.entity];
            if (const Field* field = flow.pure ? nullptr : entity.find(one.name.text)) {
                Diagnostic& told = error("program.local.shadows", one.name.span,
                                         fmt::format("'{}' is a field of {} already", one.name.text, entity.name),
                                         "choose another name");
                told.notes.push_back({field->span, "first defined here"});
                continue;
            }
            if (!declare(known, one.name, "data")) continue;
            declare_datum(flow, one.name, state);
            draft.data.push_back(one.value);
        }
    };
    declare_all(draft.source.data, 0);
    for (StateId state = 1; state < draft.states.size(); ++state)
        if (draft.states[state].source) declare_all(draft.states[state].source->data, state);
    if (!flow.scxml) return;
    // SCXML 4.6: foreach declares the variables that it names.
    each_step(draft.source, [&](const model::Step& step) {
        if (step.kind != model::Step::Kind::foreach) return;
        for (const Text* name : {&step.as, &step.index})
            if (is_identifier(name->text)) declare_datum(flow, *name, 0);
    });
    flow.system_local = kFirstLocal + static_cast<uint32_t>(flow.data.size());
}

// Data are names like fields; SCXML's system variables stand behind them.
Names Compiler::flow_names(const Flow& flow) {
    Names out = flow.pure ? names() : names_of(flow.entity);
    if (!flow.scxml) out.add("actor", kActor, types_.record(program_.user));
    feel::TypeRef any = types_.basic(TypeKind::any);
    if (flow.scxml) {
        out.add("event", kEvent, any);
        uint32_t slot = flow.system_local;
        for (const char* name : {"sessionid", "name", "ioprocessors"}) out.add(name, slot++, any);
    }
    for (const Datum& datum : flow.data) out.add(datum.name, datum.local, any);
    out.in_flow();
    reserve_locals(out.next_local());
    return out;
}

void Compiler::compile_data(FlowDraft& draft, Flow& flow) {
    Names names = flow_names(flow);
    for (size_t i = 0; i < draft.data.size(); ++i) {
        Operand& initial = flow.data[i].initial;
        initial.present = true;
        if (flow.scxml) {
            initial.expression = scxml_expression(draft.data[i], names);
            initial.fails = !initial.expression;
        } else {
            initial.expression = expression(draft.data[i], names);
        }
    }
}

// A value for a datum: a literal is of the kind that it begins with.
Operand Compiler::datum_operand(const model::Operand& source, const Datum& datum, const Names& names) {
    Operand out;
    out.present = true;
    const Text& text = source.text;
    if (source.is_expression) {
        out.expression = expression(text, names);
        return out;
    }
    TypeKind kind = datum.initial.expression ? datum.initial.expression->type()->kind : TypeKind::any;
    if (kind == TypeKind::number) {
        if (auto number = Decimal::parse(text.text)) {
            out.constant = Value::number(*number);
        } else {
            error("program.literal", text.span, fmt::format("'{}' wants a number, not '{}'", datum.name, text.text),
                  "write '=' before an expression");
        }
    } else if (kind == TypeKind::boolean) {
        if (auto truth = boolean(text, datum.name)) out.constant = Value::boolean(*truth);
    } else {
        out.constant = constant_string(text.text);
        warn_spelled_name(text, names);
    }
    return out;
}

void Compiler::donedata(const model::State& source, const Names& names, const Flow& flow, StatePart& part) {
    auto value = [&](const model::Operand& operand) {
        if (flow.scxml) return scxml_operand(operand, names);
        Operand out;
        out.present = true;
        if (operand.is_expression) {
            out.expression = expression(operand.text, names);
        } else {
            out.constant = constant_string(operand.text.text);
        }
        return out;
    };
    for (const model::Assignment& one : source.donedata) {
        StepAssignment assignment;
        assignment.name = one.field.text;
        assignment.value = value(one.value);
        part.donedata.push_back(std::move(assignment));
    }
    if (!source.donedata_content.empty()) part.donedata_content = value(source.donedata_content);
}

// A compound state that begins with more than one of its children's names, or a history state without a past.
void Compiler::wire_initial(FlowDraft& draft, Flow& flow, StateId state, const Text& name,
                            const std::optional<model::Transition>& transition) {
    bool history = flow.chart.states[state].type == StateType::history;
    const model::Transition* source = transition ? &*transition : nullptr;
    if (!source) {
        flow::ChartState& shape = flow.chart.states[state];
        auto found = draft.state_by_name.find(name.text);
        bool child = found != draft.state_by_name.end() && shape.initial == found->second;
        if (!history && (name.empty() || child || found == draft.state_by_name.end())) return;
        model::Transition made;
        made.span = name.empty() ? flow.states[state].span : name.span;
        made.target.text = name;
        if (name.empty()) {
            // Without a word of it history begins as its parent would.
            const flow::ChartState& parent = flow.chart.states[shape.parent];
            for (StateId other : parent.children) {
                if (flow.chart.states[other].type == StateType::history) continue;
                if (parent.type == StateType::compound && other != parent.initial) continue;
                Text target;
                target.text = flow.chart.states[other].name;
                target.span = made.span;
                if (made.target.text.empty())
                    made.target.text = target;
                else
                    made.more_targets.push_back(target);
            }
        }
        source = &made_transitions_.emplace_back(std::move(made));
    }
    auto number = static_cast<uint32_t>(flow.chart.transitions.size());
    wire_transition(draft, flow, state, *source, flow::kNone, false,
                    fmt::format("{}.{}.initial", flow.name, flow.states[state].name));
    if (number == flow.chart.transitions.size()) return;
    flow.chart.states[state].transitions.pop_back();
    flow.chart.states[state].initial_transition = number;
    StateId within = history ? flow.chart.states[state].parent : state;
    for (StateId target : flow.chart.transitions[number].targets) {
        StateId up = target;
        while (up != flow::kNone && up != within) up = flow.chart.states[up].parent;
        if (up == within && target != within && target != state) continue;
        error("program.state.unknown", source->span,
              fmt::format("'{}' does not lie in '{}' and cannot be where it begins", flow.states[target].name,
                          flow.states[within].name));
    }
}

// Targets must fit together: each lies in a region of its own.
void Compiler::check_targets(const Flow& flow, const std::vector<StateId>& targets, const model::Transition& source) {
    for (size_t i = 0; i < targets.size(); ++i) {
        for (size_t k = 0; k < i; ++k) {
            StateId a = targets[i], b = targets[k];
            while (a != b) {
                StateId& later = a > b ? a : b;  // ids are in document order: the larger one lies deeper or behind
                later = flow.chart.states[later].parent;
            }
            if (a != targets[i] && a != targets[k] && flow.chart.states[a].type == StateType::parallel) continue;
            error("program.transition.targets", source.span,
                  fmt::format("'{}' and '{}' cannot be active together", flow.states[targets[k]].name,
                              flow.states[targets[i]].name),
                  "several targets are one in each of several regions");
            return;
        }
    }
}

// "submit approve", "pay.*", "*": SCXML's lists and descriptors. Under its dialect they stay names; else they stand for
// the declared events that they match.
void Compiler::wire_descriptors(FlowDraft& draft, Flow& flow, StateId state, const model::EventTransitions& source,
                                const std::string& at) {
    std::vector<flow::EventId> events;
    std::vector<std::string> descriptors;
    for (const Text& word : words_of(source.event)) {
        descriptors.push_back(word.text);
        if (flow.scxml) continue;
        size_t before = events.size();
        for (flow::EventId id = 0; id < flow.events.size(); ++id) {
            if (flow.events[id].origin == EventOrigin::declared && flow::matches(word.text, flow.events[id].name) &&
                std::find(events.begin(), events.end(), id) == events.end())
                events.push_back(id);
        }
        if (events.size() != before) continue;
        std::vector<std::string> known;
        for (const Event& one : flow.events)
            if (one.origin == EventOrigin::declared) known.push_back(one.name);
        error("program.event.unknown", word.span,
              fmt::format("flow '{}' declares no event that '{}' stands for", flow.name, word.text),
              did_you_mean(word.text, known));
    }
    if (!flow.scxml && events.empty()) return;
    for (size_t i = 0; i < source.transitions.size(); ++i) {
        auto number = static_cast<uint32_t>(flow.chart.transitions.size());
        wire_transition(draft, flow, state, source.transitions[i], flow.scxml ? flow::kNone : events.front(), false,
                        fmt::format("{}.on.{}[{}]", at, source.event.text, i + 1));
        if (number == flow.chart.transitions.size()) return;
        flow::ChartTransition& made = flow.chart.transitions[number];
        if (flow.scxml)
            made.descriptors = descriptors;
        else
            made.also.assign(events.begin() + 1, events.end());
    }
}

}  // namespace leat::program
