#include "yaml/sections.hpp"

namespace leat::yaml {

using namespace model;

namespace {

void read_transition(Reader& reader, const Node& node, std::string_view key, Transition& transition) {
    transition.span = node.span;
    if (node.kind == Node::Kind::scalar) {
        transition.target = reader.operand(node, key);
    } else {
        transition_table().read(reader, node, transition);
    }
}

// One target, or one in each of several regions.
void read_targets(Reader& reader, const Node& node, Transition& transition) {
    if (node.kind != Node::Kind::list) {
        transition.target = reader.operand(node, "target");
        return;
    }
    for (const Text& name : reader.names(node, "target")) {
        if (transition.target.empty()) {
            transition.target.text = name;
        } else {
            transition.more_targets.push_back(name);
        }
    }
}

// The name of a state, or a transition with several targets or steps.
template <class T>
void read_initial(Reader& reader, const Node& node, T& out) {
    if (node.kind == Node::Kind::scalar) {
        out.initial = reader.text(node, "initial");
        return;
    }
    Transition transition;
    transition.span = node.span;
    if (node.kind == Node::Kind::list) {
        read_targets(reader, node, transition);
    } else {
        initial_table().read(reader, node, transition);
    }
    out.initial_transition = std::move(transition);
}

template <class T>
Key<T> initial() {
    return K<T>::custom("initial", schema::any_of({schema::ref("names"), schema::ref("initial")}),
                        [](Reader& r, const Node& n, T& t) { read_initial(r, n, t); });
}

void read_data(Reader& reader, const Node& node, std::vector<Datum>& data) {
    if (!reader.is_map(node, "data")) return;
    for (const auto& [name, value] : node.entries) {
        Datum datum;
        datum.name = name.text;
        datum.value = reader.feel(value, name.text.text);
        data.push_back(std::move(datum));
    }
}

template <class T>
Key<T> data() {
    return K<T>::custom("data", schema::map_of("feel"),
                        [](Reader& r, const Node& n, T& t) { read_data(r, n, t.data); });
}

void read_donedata(Reader& reader, const Node& node, State& state) {
    if (node.kind == Node::Kind::map) {
        read_assignments(reader, node, "donedata", false, state.donedata);
    } else {
        state.donedata_content = reader.operand(node, "donedata");
    }
}

void read_event_transitions(Reader& reader, const Node& node, std::string_view key,
                            std::vector<EventTransitions>& out) {
    if (node.kind == Node::Kind::list) {
        // A list keeps the order of transitions for different events, which matters where their descriptors overlap.
        for (const Node& item : node.items) {
            Transition transition;
            transition.span = item.span;
            on_table().read(reader, item, transition);
            EventTransitions entry;
            entry.event = transition.event;
            entry.transitions.push_back(std::move(transition));
            if (!entry.event.empty()) out.push_back(std::move(entry));
        }
        return;
    }
    if (!reader.is_map(node, key)) return;
    for (const auto& [event, value] : node.entries) {
        EventTransitions entry;
        entry.event = event.text;
        read_transitions(reader, value, event.text.text, entry.transitions);
        out.push_back(std::move(entry));
    }
}

void read_events(Reader& reader, const Node& node, std::vector<Event>& events) {
    if (!reader.is_map(node, "events")) return;
    for (const auto& [name, value] : node.entries) {
        Event event;
        event.name = name.text;
        if (value.kind == Node::Kind::map) {
            event_table().read(reader, value, event);
        } else {
            event.allow = reader.names(value, name.text.text);
        }
        events.push_back(std::move(event));
    }
}

// [roles], one role, or "= condition".
void read_event_allow(Reader& reader, const Node& node, Event& event) {
    if (node.kind == Node::Kind::scalar) {
        Operand allow = reader.operand(node, "allow");
        if (allow.is_expression) {
            event.allow_if = std::move(allow.text);
        } else if (!allow.empty()) {
            event.allow.push_back(std::move(allow.text));
        }
        return;
    }
    event.allow = reader.names(node, "allow");
}

void read_delays(Reader& reader, const Node& node, std::vector<Delay>& delays) {
    if (!reader.is_map(node, "delays")) return;
    for (const auto& [name, value] : node.entries) {
        Delay delay;
        delay.name = name.text;
        delay_table().read(reader, value, delay);
        const int ways = !delay.for_.empty() + !delay.at.empty() + !delay.every.empty();
        if (value.kind == Node::Kind::map && !value.damaged && ways == 0) {
            reader.error("yaml.key.missing", name.span,
                         "a delay needs one of 'for' (a duration), 'at' (a moment) and 'every' (a schedule)");
        }
        delays.push_back(std::move(delay));
    }
}

void read_states(Reader& reader, const Node& node, std::vector<State>& states) {
    if (!reader.is_map(node, "states")) return;
    for (const auto& [name, value] : node.entries) {
        State state;
        state.name = name.text;
        state.span = {name.span.source, name.span.begin, value.span.end};
        state_table().read(reader, value, state);
        states.push_back(std::move(state));
    }
}

// sales_manager, [a, b], or {role: …, near: …} and the like.
void read_approve_by(Reader& reader, const Node& node, ApproveBy& by) {
    if (node.kind == Node::Kind::map) {
        approve_by_table().read(reader, node, by);
        return;
    }
    for (const Node* item : Reader::one_or_list(node)) {
        Operand role = reader.operand(*item, "by");
        if (!role.empty()) by.roles.push_back(std::move(role));
    }
}

// `boss`, or {to: boss, within: PT4H}; or a list of levels.
void read_escalations(Reader& reader, const Node& node, std::vector<Escalation>& levels) {
    for (const Node* item : Reader::one_or_list(node)) {
        Escalation level;
        level.span = item->span;
        if (item->kind == Node::Kind::map)
            escalation_table().read(reader, *item, level);
        else
            read_approve_by(reader, *item, level.to);
        levels.push_back(std::move(level));
    }
}

void read_invokes(Reader& reader, const Node& node, std::vector<Invoke>& invokes) {
    for (const Node* item : Reader::one_or_list(node)) {
        Invoke invoke;
        invoke.span = item->span;
        invoke_table().read(reader, *item, invoke);
        invokes.push_back(std::move(invoke));
    }
}

template <class T>
Key<T> single_transition(const std::string& name, std::optional<Transition> T::*member) {
    return K<T>::custom(name, schema::ref("transition"), [=](Reader& r, const Node& n, T& t) {
        Transition transition;
        read_transition(r, n, name, transition);
        t.*member = std::move(transition);
    });
}

template <class T>
Key<T> event_transitions(const std::string& name, std::vector<EventTransitions> T::*member) {
    return K<T>::custom(name,
                        name == "on" ? schema::any_of({schema::map_of("transitions"), schema::list_of("on")})
                                     : schema::map_of("transitions"),
                        [=](Reader& r, const Node& n, T& t) { read_event_transitions(r, n, name, t.*member); });
}

template <class T>
Key<T> states(std::vector<State> T::*member) {
    return K<T>::custom("states", schema::map_of("state"),
                        [=](Reader& r, const Node& n, T& t) { read_states(r, n, t.*member); });
}

Key<State> criteria(const std::string& name, std::vector<Criterion> State::*member) {
    return K<State>::custom(name, schema::list_of("criterion"),
                            [=](Reader& r, const Node& n, State& s) { read_criteria(r, n, name, s.*member); });
}

Key<Invoke> invoke_steps(const std::string& name, Steps Invoke::*member) {
    return K<Invoke>::custom(name, schema::list_of("step"),
                             [=](Reader& r, const Node& n, Invoke& i) { read_steps(r, n, name, i.*member); });
}

Key<State> state_steps(const std::string& name, Steps State::*member) {
    return K<State>::custom(name, schema::list_of("step"),
                            [=](Reader& r, const Node& n, State& s) { read_steps(r, n, name, s.*member); });
}

}  // namespace

void read_transitions(Reader& reader, const Node& node, std::string_view key, std::vector<Transition>& transitions) {
    for (const Node* item : Reader::one_or_list(node)) {
        Transition transition;
        read_transition(reader, *item, key, transition);
        transitions.push_back(std::move(transition));
    }
}

namespace {

std::vector<Key<Transition>> transition_keys() {
    using T = K<Transition>;
    return {T::custom("target", schema::one_or_list_of("value"), read_targets),
            T::feel("guard", &Transition::guard),
            T::localized("message", &Transition::message),
            T::custom("do", schema::list_of("step"),
                      [](Reader& r, const Node& n, Transition& t) { read_steps(r, n, "do", t.do_); }),
            T::word("criteria", &Transition::criteria, {"skip"}),
            T::boolean("reenter", &Transition::reenter)};
}

Key<Flow> delays() {
    return K<Flow>::custom("delays", schema::map_of("delay"),
                           [](Reader& r, const Node& n, Flow& f) { read_delays(r, n, f.delays); });
}
Key<Flow> events() {
    return K<Flow>::custom("events", schema::map_of("event"),
                           [](Reader& r, const Node& n, Flow& f) { read_events(r, n, f.events); });
}

}  // namespace

const Table<Transition>& transition_table() {
    static const Table<Transition> table("a transition", transition_keys());
    return table;
}

const Table<Transition>& on_table() {
    static const Table<Transition> table("a transition with its event", [] {
        std::vector<Key<Transition>> keys = transition_keys();
        keys.insert(keys.begin(), K<Transition>::required(K<Transition>::text("event", &Transition::event)));
        return keys;
    }());
    return table;
}

const Table<Transition>& initial_table() {
    using T = K<Transition>;
    static const Table<Transition> table(
        "'initial'", {T::required(T::custom("target", schema::one_or_list_of("value"), read_targets)),
                      T::custom("do", schema::list_of("step"),
                                [](Reader& r, const Node& n, Transition& t) { read_steps(r, n, "do", t.do_); })});
    return table;
}

const Table<Event>& event_table() {
    using E = K<Event>;
    static const Table<Event> table(
        "an event", {E::custom("allow", schema::ref("names"), read_event_allow),
                     E::custom("payload", schema::ref("fields"),
                               [](Reader& r, const Node& n, Event& e) { read_fields(r, n, "payload", e.payload); }),
                     E::localized("title", &Event::title)});
    return table;
}

const Table<Delay>& delay_table() {
    using D = K<Delay>;
    static const Table<Delay> table(
        "a delay", {D::operand("for", &Delay::for_), D::feel("at", &Delay::at), D::feel("since", &Delay::since),
                    D::operand("repeat", &Delay::repeat), D::operand("every", &Delay::every),
                    D::operand("times", &Delay::times), D::text("late", &Delay::late)});
    return table;
}

const Table<ApproveBy>& approve_by_table() {
    using B = K<ApproveBy>;
    static const Table<ApproveBy> table(
        "'by'", {B::custom("role", schema::one_or_list_of("value"), read_approve_by), B::feel("near", &ApproveBy::near),
                 B::feel("manager_of", &ApproveBy::manager_of), B::operand("until", &ApproveBy::until),
                 B::operand("levels", &ApproveBy::levels), B::operand("users", &ApproveBy::users)});
    return table;
}

const Table<Approve>& approve_return_table() {
    using A = K<Approve>;
    static const Table<Approve> table(
        "'return'", {A::names("to", &Approve::return_to), A::word("redo", &Approve::return_redo, {"all", "jump"}),
                     A::word("siblings", &Approve::return_siblings, {"keep", "cancel"})});
    return table;
}

const Table<Escalation>& escalation_table() {
    using E = K<Escalation>;
    static const Table<Escalation> table(
        "a level of 'escalate'",
        {E::required(E::custom("to", schema::any_of({schema::one_or_list_of("value"), schema::ref("approve_by")}),
                               [](Reader& r, const Node& n, Escalation& e) { read_approve_by(r, n, e.to); })),
         E::operand("within", &Escalation::within)});
    return table;
}

const Table<Approve>& approve_table() {
    using A = K<Approve>;
    static const Table<Approve> table(
        "an approval",
        {A::required(A::custom("by", schema::any_of({schema::one_or_list_of("value"), schema::ref("approve_by")}),
                               [](Reader& r, const Node& n, Approve& a) { read_approve_by(r, n, a.by); })),
         A::not_built("chain"), A::word("mode", &Approve::mode, {"any", "all", "vote", "sequence"}),
         A::text("pass", &Approve::pass), A::operand("within", &Approve::within),
         A::operand("remind", &Approve::remind), A::text("timeout", &Approve::timeout),
         A::custom("escalate", schema::one_or_list_of("escalation"),
                   [](Reader& r, const Node& n, Approve& a) { read_escalations(r, n, a.escalate); }),
         A::text("self", &Approve::self), A::text("repeated", &Approve::repeated), A::text("empty", &Approve::empty),
         A::names("forbid", &Approve::forbid), A::names("allow", &Approve::allow),
         A::custom("return", schema::ref("approve_return"),
                   [](Reader& r, const Node& n, Approve& a) {
                       a.has_return = true;
                       approve_return_table().read(r, n, a);
                   }),
         A::custom("fields", schema::ref("rights"),
                   [](Reader& r, const Node& n, Approve& a) { read_access_fields(r, n, "fields", a.fields); }),
         A::names("cc", &Approve::cc), A::text("comment", &Approve::comment)});
    return table;
}

const Table<Invoke>& invoke_table() {
    using I = K<Invoke>;
    static const Table<Invoke> table(
        "'invoke'",
        {I::required(I::text("src", &Invoke::src)), I::text("id", &Invoke::id),
         I::custom("input", schema::map_of("value"),
                   [](Reader& r, const Node& n, Invoke& i) { read_assignments(r, n, "input", false, i.input); }),
         I::text("idlocation", &Invoke::id_location), I::operand("type", &Invoke::type),
         I::boolean("autoforward", &Invoke::autoforward), invoke_steps("finalize", &Invoke::finalize),
         I::feel("foreach", &Invoke::foreach_), I::text("as", &Invoke::as),
         I::boolean("sequential", &Invoke::sequential), I::feel("complete_if", &Invoke::complete_if),
         invoke_steps("compensate", &Invoke::compensate), single_transition<Invoke>("onDone", &Invoke::on_done),
         single_transition<Invoke>("onError", &Invoke::on_error)});
    return table;
}

const Table<State>& state_table() {
    using S = K<State>;
    static const Table<State> table(
        "a state",
        {S::localized("title", &State::title),
         S::localized("description", &State::description),
         S::text("was", &State::was),
         S::word("type", &State::type, {"parallel", "final", "history"}),
         S::word("history", &State::history, {"shallow", "deep"}),
         initial<State>(),
         data<State>(),
         S::custom("donedata", schema::any_of({schema::ref("value"), schema::map_of("value")}), read_donedata),
         S::text("outcome", &State::outcome),
         S::text("field", &State::field),
         states<State>(&State::states),
         criteria("entry_criteria", &State::entry_criteria),
         criteria("exit_criteria", &State::exit_criteria),
         S::custom("fields", schema::ref("rights"),
                   [](Reader& r, const Node& n, State& s) { read_access_fields(r, n, "fields", s.fields); }),
         state_steps("entry", &State::entry),
         state_steps("exit", &State::exit),
         state_steps("compensate", &State::compensate),
         event_transitions<State>("on", &State::on),
         S::custom("always", schema::ref("transitions"),
                   [](Reader& r, const Node& n, State& s) { read_transitions(r, n, "always", s.always); }),
         event_transitions<State>("after", &State::after),
         S::custom("invoke", schema::one_or_list_of("invoke"),
                   [](Reader& r, const Node& n, State& s) { read_invokes(r, n, s.invoke); }),
         S::custom("approve", schema::ref("approve"),
                   [](Reader& r, const Node& n, State& s) {
                       Approve approve;
                       approve.span = n.span;
                       approve_table().read(r, n, approve);
                       s.approve = std::move(approve);
                   }),
         single_transition<State>("onDone", &State::on_done),
         single_transition<State>("onError", &State::on_error)});
    return table;
}

std::vector<Key<Flow>> added_flow_keys() {
    return {delays(), events(), states<Flow>(&Flow::states), event_transitions<Flow>("on", &Flow::on)};
}

const Table<Flow>& flow_table() {
    using F = K<Flow>;
    static const Table<Flow> table(
        "a flow",
        section_keys<Flow>(
            "flow",
            {F::text("was", &Flow::was), F::text("of", &Flow::of), F::text("field", &Flow::field), initial<Flow>(),
             data<Flow>(), F::text("start", &Flow::start), F::word("binding", &Flow::binding, {"early", "late"}),
             delays(), events(), F::required(states<Flow>(&Flow::states)), event_transitions<Flow>("on", &Flow::on),
             single_transition<Flow>("onError", &Flow::on_error), F::word("dialect", &Flow::dialect, {"scxml"})}));
    return table;
}

}  // namespace leat::yaml
