#include "decision/graph_run.hpp"

#include <algorithm>

#include "decision/boxed.hpp"
#include "feel/coerce.hpp"

namespace leat::decision {

using Place = Graph::Parts::Place;

namespace {

// The innermost of several: restored also where a limit is met.
template <class T>
class Restored {
 public:
    Restored(T& place, T value) : place_(place), before_(place) { place_ = value; }
    ~Restored() { place_ = before_; }
    Restored(const Restored&) = delete;
    Restored& operator=(const Restored&) = delete;

 private:
    T& place_;
    T before_;
};

}  // namespace

Value GraphEvaluation::run(uint32_t element, std::span<const Given> given) {
    world_ = new_world();
    for (const Given& one : given) give(one.element, one.value);
    if (parts_.places[element].kind != Place::Kind::service) {
        need(element);
        return world_.values[element];
    }
    for (uint32_t parameter : parts_.elements[element].parameters) {
        if (world_.marks[parameter] != Mark::done) give(parameter, Value::null(&parts_.places[parameter].missing));
    }
    return answer(element);
}

GraphEvaluation::World GraphEvaluation::new_world() {
    size_t count = parts_.places.size();
    World made{run_.arena->array<Value>(count), run_.arena->array<Mark>(count)};
    std::fill_n(made.values, count, Value());
    std::fill_n(made.marks, count, Mark::none);
    return made;
}

feel::Frame GraphEvaluation::frame() {
    feel::Frame made;
    made.locals = world_.values;
    made.environment = this;
    made.arena = run_.arena;
    made.steps_left = run_.steps_left ? run_.steps_left : &steps_;
    made.depth = depth_;
    return made;
}

void GraphEvaluation::note(uint32_t place, const Value& value) {
    if (!run_.explanation || place >= parts_.elements.size()) return;
    Evaluated step;
    step.element = place;
    step.value = value;
    run_.explanation->push_back(std::move(step));
}

Value GraphEvaluation::converted(const Value& value, feel::TypeRef type) {
    if (!type) return value;
    feel::Frame here = frame();
    return feel::coerce(value, type, here);
}

void GraphEvaluation::give(uint32_t place, const Value& value) {
    world_.values[place] = converted(value, parts_.places[place].type);
    world_.marks[place] = Mark::done;
    note(place, world_.values[place]);
}

void GraphEvaluation::need(uint32_t wanted) {
    size_t bottom = pending_.size();
    pending_.push_back(wanted);
    while (pending_.size() > bottom) {
        uint32_t place = pending_.back();
        if (world_.marks[place] == Mark::none) {
            world_.marks[place] = Mark::open;
            const auto& required = parts_.places[place].required;
            for (auto one = required.rbegin(); one != required.rend(); ++one) {
                if (world_.marks[*one] == Mark::none) pending_.push_back(*one);
            }
            continue;
        }
        pending_.pop_back();
        if (world_.marks[place] == Mark::open) compute(place);
    }
}

void GraphEvaluation::compute(uint32_t number) {
    const Place& place = parts_.places[number];
    Value value;
    switch (place.kind) {
        case Place::Kind::import:
            value = names(place);
            break;
        case Place::Kind::decision:
            value = converted(logic(number), place.type);
            break;
        default:
            value = logic(number);
    }
    world_.values[number] = value;
    world_.marks[number] = Mark::done;
    bool function = place.kind == Place::Kind::knowledge || place.kind == Place::Kind::service;
    if (!function) note(number, value);
}

Value GraphEvaluation::logic(uint32_t number) {
    const Place& place = parts_.places[number];
    feel::Frame here = frame();
    if (place.table) return decide(*place.table, number, here);
    if (place.expression) return place.expression->evaluate(here);
    return Value::null(&place.missing);
}

Value GraphEvaluation::names(const Place& place) {
    auto* entries = run_.arena->array<value::ContextEntry>(place.members.size());
    for (size_t i = 0; i < place.members.size(); ++i)
        entries[i] = {place.members[i].first, world_.values[place.members[i].second]};
    auto count = static_cast<uint32_t>(place.members.size());
    return Value::context_of(run_.arena->make<value::ContextData>(value::ContextData{entries, count}));
}

Value GraphEvaluation::decide(const Table& table, uint32_t place, feel::Frame& frame) {
    if (!run_.explanation) return table.decide(frame);
    Evaluated step;
    step.element = place;
    step.table = &table;
    auto* inputs = run_.arena->array<Value>(table.input_count());
    table.input_values(frame, inputs);
    step.why = explain(table, frame, {inputs, table.input_count()}, run_.nearest);
    step.value = step.why.answer;
    run_.explanation->push_back(std::move(step));
    return run_.explanation->back().value;
}

// DMN 1.5, 10.4: the value of the one output decision, or a context of them all.
Value GraphEvaluation::answer(uint32_t service) {
    const Place& place = parts_.places[service];
    for (uint32_t output : place.outputs) need(output);
    Value value;
    if (place.outputs.size() == 1) {
        value = world_.values[place.outputs[0]];
    } else {
        auto* entries = run_.arena->array<value::ContextEntry>(place.outputs.size());
        for (size_t i = 0; i < place.outputs.size(); ++i)
            entries[i] = {parts_.elements[place.outputs[i]].name, world_.values[place.outputs[i]]};
        auto count = static_cast<uint32_t>(place.outputs.size());
        value = Value::context_of(run_.arena->make<value::ContextData>(value::ContextData{entries, count}));
    }
    value = converted(value, place.type);
    note(service, value);
    return value;
}

Value GraphEvaluation::call_service(uint32_t service, std::span<const Value> arguments) {
    Restored<World> inner(world_, new_world());
    const auto& parameters = parts_.elements[service].parameters;
    for (size_t i = 0; i < parameters.size() && i < arguments.size(); ++i) give(parameters[i], arguments[i]);
    return answer(service);
}

Value GraphEvaluation::call(uint32_t number, std::span<const Value> arguments, feel::Frame& frame) {
    if (frame.depth >= feel::kCallDepthMax)
        throw LimitError("limit.depth", "decision services and tables call each other too deeply");
    Restored<uint32_t> deeper(depth_, frame.depth + 1);
    const Graph::Parts::Function& function = parts_.functions[number];
    if (!function.table) return call_service(function.place, arguments);
    // In the arena: a function that an output makes remembers them.
    Value* locals = frame.arena->array<Value>(arguments.size());
    std::copy(arguments.begin(), arguments.end(), locals);
    feel::Frame inner = frame;
    inner.locals = locals;
    inner.depth = depth_;
    return decide(*function.table, function.place, inner);
}

Value GraphEvaluation::member(const Value& object, uint32_t index, feel::Frame& frame) {
    return run_.environment ? run_.environment->member(object, index, frame) : Value();
}

bool GraphEvaluation::query(const feel::CollectionQuery& query, std::span<const Value> parameters, feel::Frame& frame,
                            Value& out) {
    if (run_.environment) return run_.environment->query(query, parameters, frame, out);
    out = Value::list(nullptr, 0);
    return false;
}

}  // namespace leat::decision
