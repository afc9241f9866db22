#include "exchange/scxml.hpp"
#include "value/value.hpp"

#if LEAT_SCXML
#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>
#endif

namespace leat::exchange {

#if LEAT_SCXML

namespace {

using flow::StateId;
using flow::StateType;
using program::EventOrigin;
using program::Flow;
using program::Step;
using program::StepKind;
using Xml = pugi::xml_node;

std::string feel_of(const program::Operand& operand) {
    if (operand.expression) return operand.expression->source().text;
    const Value& value = operand.constant;
    switch (value.kind) {
        case value::Kind::string: {
            std::string out = "\"";
            for (char c : value.as_string()) {
                if (c == '"' || c == '\\') out += '\\';
                out += c;
            }
            return out + '"';
        }
        case value::Kind::days_duration:
        case value::Kind::months_duration:
        case value::Kind::date:
        case value::Kind::time:
        case value::Kind::date_time:
            return fmt::format("@\"{}\"", value::to_text(value));
        default:
            return value::to_text(value);
    }
}

void set(Xml node, const char* name, const std::string& value) {
    node.append_attribute(name).set_value(value.c_str());
}

class Writer {
 public:
    Writer(const program::Program& program, const Flow& flow) : program_(program), flow_(flow) {}

    std::string run() {
        Xml declaration = document_.append_child(pugi::node_declaration);
        set(declaration, "version", "1.0");
        set(declaration, "encoding", "UTF-8");
        Xml root = document_.append_child("scxml");
        set(root, "xmlns", kScxmlNamespace);
        set(root, "xmlns:leat", kScxmlExtras);
        set(root, "version", "1.0");
        set(root, "datamodel", "feel");
        set(root, "name", flow_.name);
        if (!flow_.pure)
            set(root, "leat:of", program_.entities[flow_.entity].name);
        else
            set(root, "leat:pure", "true");
        std::string column = program_.entities[flow_.entity].fields[flow_.state_field].name;
        if (column != "state") set(root, "leat:field", column);
        if (flow_.invoked || flow_.start != flow::kNone)
            set(root, "leat:start", flow_.invoked ? "invoked" : flow_.events[flow_.start].name);
        const flow::ChartState& shape = flow_.chart.states[0];
        if (shape.initial_transition == flow::kNone && shape.initial != flow::kNone)
            set(root, "initial", name(shape.initial));
        titles(root, flow_.title);
        for (const program::Event& event : flow_.events) declared(root, event);
        data(root, 0);
        start(root, shape);
        // The flow's own transitions leave any state. SCXML's root has none: each of its children that may gets them.
        for (StateId child : shape.children) state(root, child);
        std::ostringstream text;
        document_.save(text, "  ", pugi::format_indent, pugi::encoding_utf8);
        return text.str();
    }

 private:
    const std::string& name(StateId state) const { return flow_.chart.states[state].name; }
    bool is_made(StateId state) const { return name(state).find('.') != std::string::npos; }

    void titles(Xml node, const program::Titles& title) {
        for (const auto& [language, text] : title.texts) {
            Xml child = node.append_child("leat:title");
            if (!language.empty()) set(child, "xml:lang", language);
            child.text().set(text.c_str());
        }
    }

    void declared(Xml root, const program::Event& event) {
        if (event.origin != EventOrigin::declared) return;
        Xml node = root.append_child("leat:event");
        set(node, "name", event.name);
        std::string roles;
        for (auto role : event.allow) roles += (roles.empty() ? "" : " ") + program_.roles[role].name;
        set(node, "allow", roles);
        titles(node, event.title);
        if (event.allow_if) left_out(node, fmt::format("{}.events.{}.allow", flow_.name, event.name));
        for (const program::Field& field : event.payload) {
            Xml brought = node.append_child("leat:payload");
            set(brought, "name", field.name);
            if (plain(field.kind))
                set(brought, "type", program::kind_name(field.kind));
            else
                left_out(brought, fmt::format("{}.events.{}.payload.{}", flow_.name, event.name, field.name));
            if (field.required) set(brought, "required", "true");
        }
    }

    // Kinds that need nothing but their word.
    static bool plain(program::FieldKind kind) {
        using program::FieldKind;
        return kind != FieldKind::enumeration && kind != FieldKind::ref && kind != FieldKind::list;
    }

    // Something that the document has no words for; who reads it is told.
    static void left_out(Xml node, const std::string& at) { set(node.append_child("leat:left_out"), "at", at); }

    // What only the flow's own language says: who else decides and how, what must hold, who may see what.
    void unsaid(Xml node, const program::StatePart& part) {
        const std::string at = flow_.name + "." + part.name;
        if (!part.entry_criteria.empty()) left_out(node, at + ".entry_criteria");
        if (!part.exit_criteria.empty()) left_out(node, at + ".exit_criteria");
        if (!part.fields.empty()) left_out(node, at + ".fields");
        if (!part.approval) return;
        const program::Approval& one = *part.approval;
        const bool roles_alone = !one.role && !one.near && !one.users && !one.manager_of && one.escalate.empty() &&
                                 !one.within.present && !one.remind.present && !one.forbid &&
                                 one.policy.mode == approval::Mode::any && one.empty == program::OnEmpty::incident &&
                                 one.self == program::OnSelf::manager && one.comment_on_refusal;
        if (!roles_alone) left_out(node, one.at);
    }

    void data(Xml holder, StateId state) {
        Xml model;
        for (const program::Datum& datum : flow_.data) {
            if (datum.state != state) continue;
            if (!model) model = holder.append_child("datamodel");
            Xml node = model.append_child("data");
            set(node, "id", datum.name);
            if (datum.initial.present || datum.initial.expression) set(node, "expr", feel_of(datum.initial));
        }
    }

    // <initial>, where it is more than a name.
    void start(Xml node, const flow::ChartState& shape) {
        if (shape.initial_transition == flow::kNone) return;
        transition(node.append_child("initial").append_child("transition"), shape.initial_transition);
    }

    void state(Xml parent, StateId id) {
        const flow::ChartState& shape = flow_.chart.states[id];
        const program::StatePart& part = flow_.states[id];
        bool simple = shape.type == StateType::compound && is_made(shape.children.front());
        const char* element = shape.type == StateType::parallel  ? "parallel"
                              : shape.type == StateType::final   ? "final"
                              : shape.type == StateType::history ? "history"
                                                                 : "state";
        Xml node = parent.append_child(element);
        set(node, "id", shape.name);
        if (shape.type == StateType::history) {
            set(node, "type", shape.deep ? "deep" : "shallow");
            if (shape.initial_transition != flow::kNone)
                transition(node.append_child("transition"), shape.initial_transition);
            return;
        }
        if (shape.type == StateType::compound && !simple && shape.initial_transition == flow::kNone &&
            shape.initial != flow::kNone)
            set(node, "initial", name(shape.initial));
        if (part.state_field != program::kNone)
            set(node, "leat:field", program_.entities[flow_.entity].fields[part.state_field].name);
        if (!part.outcome.empty()) set(node, "leat:outcome", part.outcome);
        if (part.approval) set(node, "leat:approve", approvers(*part.approval));
        titles(node, part.title);
        unsaid(node, part);
        data(node, id);
        entry_and_exit(node, part);
        if (part.undo != program::kNone) steps(node.append_child("leat:compensate"), flow_.undos[part.undo].steps);
        if (!simple) start(node, shape);
        for (uint32_t number : shape.transitions) {
            // Where approving leads that nothing hears is not written: the approval says so.
            const auto& to = flow_.chart.transitions[number].targets;
            if (to.empty() || !is_made(to.front())) transition(node.append_child("transition"), number);
        }
        if (shape.parent == 0 && shape.type != StateType::final) {
            for (uint32_t number : flow_.chart.states[0].transitions)
                if (!hears_errors(number) || invokes_below(id)) transition(node.append_child("transition"), number);
        }
        for (uint32_t number : part.invokes) invoke(node.append_child("invoke"), flow_.invokes[number]);
        donedata(node, part);
        for (StateId child : shape.children) {
            if (!is_made(child)) state(node, child);
        }
    }

    void params(Xml node, const std::vector<program::StepAssignment>& all) {
        for (const program::StepAssignment& one : all) {
            Xml param = node.append_child("param");
            set(param, "name", one.name);
            set(param, "expr", feel_of(one.value));
        }
    }

    void donedata(Xml node, const program::StatePart& part) {
        if (part.donedata_content.present)
            set(node.append_child("donedata").append_child("content"), "expr", feel_of(part.donedata_content));
        else if (!part.donedata.empty())
            params(node.append_child("donedata"), part.donedata);
    }

    // The id that the document gives: without one of its own an only invoke is known by its state (SCXML 6.4.1).
    std::string invoke_id(const program::Invoke& invoke) const {
        if (!invoke.id.empty()) return invoke.id;
        const auto& all = flow_.states[invoke.state].invokes;
        if (all.size() == 1) return "";
        return fmt::format("{}_{}", name(invoke.state), std::find(all.begin(), all.end(), invoke.number) - all.begin());
    }

    void invoke(Xml node, const program::Invoke& invoke) {
        if (auto id = invoke_id(invoke); !id.empty()) set(node, "id", id);
        set(node, "src",
            invoke.flow != program::kNone ? "leat:flow:" + program_.flows[invoke.flow].name
                                          : "leat:call:" + program_.operations[invoke.operation].name);
        if (invoke.autoforward) set(node, "autoforward", "true");
        if (invoke.foreach_) {
            set(node, "leat:foreach", invoke.foreach_->source().text);
            for (const auto& [local, name] : invoke_locals(invoke)) set(node, local, name);
            if (invoke.sequential) set(node, "leat:sequential", "true");
            if (invoke.complete_if) set(node, "leat:complete_if", invoke.complete_if->source().text);
        }
        params(node, invoke.input);
        if (!invoke.finalize.empty()) steps(node.append_child("finalize"), invoke.finalize);
        if (invoke.undo != program::kNone) steps(node.append_child("leat:compensate"), flow_.undos[invoke.undo].steps);
    }
    static std::vector<std::pair<const char*, std::string>> invoke_locals(const program::Invoke& invoke) {
        if (invoke.as.empty()) return {};
        return {{"leat:as", invoke.as}};
    }

    bool hears_errors(uint32_t number) const { return flow_.transitions[number].at.ends_with(".onError"); }
    bool invokes_below(StateId state) const {
        return std::any_of(flow_.invokes.begin(), flow_.invokes.end(),
                           [&](const program::Invoke& one) { return within(one.state, state); });
    }

    std::string approvers(const program::Approval& approval) const {
        std::string out;
        for (auto role : approval.roles) out += (out.empty() ? "" : " ") + program_.roles[role].name;
        return out;
    }

    // A timer is SCXML's delayed send on entry, taken back on exit.
    std::string timer_event(const program::Timer& timer) const { return "after." + timer.name; }

    void entry_and_exit(Xml node, const program::StatePart& part) {
        if (!part.entry.empty() || !part.timers.empty()) {
            Xml entry = node.append_child("onentry");
            steps(entry, part.entry);
            for (uint32_t number : part.timers) timer(entry.append_child("send"), flow_.timers[number]);
        }
        if (!part.exit.empty() || !part.timers.empty()) {
            Xml exit = node.append_child("onexit");
            for (uint32_t number : part.timers)
                set(exit.append_child("cancel"), "sendid", timer_event(flow_.timers[number]));
            steps(exit, part.exit);
        }
    }

    void timer(Xml node, const program::Timer& timer) {
        set(node, "event", timer_event(timer));
        set(node, "id", timer_event(timer));
        if (timer.at) {
            set(node, "delayexpr", fmt::format("({}) - now()", timer.at->source().text));
            set(node, "leat:at", timer.at->source().text);
        } else if (timer.wait.duration.expression) {
            set(node, "delayexpr", timer.wait.duration.expression->source().text);
        } else {
            if (timer.wait.duration.present) delay(node, "delay", timer.wait.duration);
            set(node, "leat:for", timer.wait.text);
        }
        if (timer.since) set(node, "leat:since", timer.since->source().text);
        if (timer.repeat.present()) set(node, "leat:repeat", written(timer.repeat.duration, timer.repeat.text));
        if (timer.late != program::OnLate::each) left_out(node, fmt::format("{}.{}.late", flow_.name, timer.name));
        if (timer.times.present || timer.times.expression)
            set(node, "leat:times", written(timer.times, value::to_text(timer.times.constant)));
    }
    static std::string written(const program::Operand& operand, const std::string& text) {
        return operand.expression ? "= " + operand.expression->source().text : text;
    }

    // SCXML's delays are CSS times; months have none.
    void delay(Xml node, const char* attribute, const program::Operand& operand) {
        const Value& value = operand.constant;
        if (operand.expression || value.kind != value::Kind::days_duration) {
            set(node, "delayexpr", feel_of(operand));
            return;
        }
        auto duration = value::parse_duration(value::to_text(value));
        int64_t seconds = duration && duration->days ? duration->days->seconds : 0;
        int32_t ms = duration && duration->days ? duration->days->nanoseconds / 1'000'000 : 0;
        set(node, attribute, ms ? fmt::format("{}ms", seconds * 1000 + ms) : fmt::format("{}s", seconds));
    }

    std::string event_name(flow::EventId number) const {
        const program::Event& event = flow_.events[number];
        for (const program::Invoke& one : flow_.invokes) {
            if (one.done != number && one.error != number) continue;
            std::string id = invoke_id(one);
            return (one.done == number ? "done.invoke." : "error.invoke.") + (id.empty() ? name(one.state) : id);
        }
        switch (event.origin) {
            case EventOrigin::done:
                return "done.state." + name(event.state);
            case EventOrigin::timer:
                for (const program::Timer& timer : flow_.timers)
                    if (timer.event == number) return timer_event(timer);
                return event.name;
            default:
                return event.name;
        }
    }

    void transition(Xml node, uint32_t number) {
        const flow::ChartTransition& shape = flow_.chart.transitions[number];
        const program::TransitionPart& part = flow_.transitions[shape.number];
        std::string events = shape.event == flow::kNone ? "" : event_name(shape.event);
        for (flow::EventId more : shape.also) events += " " + event_name(more);
        // A state's own, not an invoke's.
        if (hears_errors(number) && part.at.find(".invoke[") == std::string::npos) events = "error.invoke";
        if (!events.empty()) set(node, "event", events);
        if (part.guard) set(node, "cond", part.guard->source().text);
        targets(node, shape);
        if (part.skip_criteria) set(node, "leat:criteria", "skip");
        if (!part.message.empty()) left_out(node, part.at + ".message");
        steps(node, part.steps);
    }

    // Without `reenter` a target inside of the source leaves the source alone: that is SCXML's type="internal", which
    // wants targets below a compound source. A state that is its own target begins anew below, or is left as it is.
    void targets(Xml node, const flow::ChartTransition& shape) {
        std::vector<StateId> all = shape.targets;
        uint32_t first = flow_.chart.states[shape.source].initial_transition;
        bool initial = first != flow::kNone && &flow_.chart.transitions[first] == &shape;
        bool inside = !all.empty() && !shape.reenter && shape.source != 0 &&
                      std::all_of(all.begin(), all.end(), [&](StateId target) { return within(target, shape.source); });
        if (inside && all.size() == 1 && all.front() == shape.source) {
            const flow::ChartState& source = flow_.chart.states[shape.source];
            if (source.children.empty()) return;
            if (source.type == StateType::compound)
                all = {source.initial == flow::kNone ? source.children.front() : source.initial};
            else
                all = source.children;
        }
        std::string text;
        for (StateId target : all) text += (text.empty() ? "" : " ") + name(target);
        if (!text.empty()) set(node, "target", text);
        if (inside && !initial) set(node, "type", "internal");
    }

    bool within(StateId state, StateId ancestor) const {
        while (state != flow::kNone && state != ancestor) state = flow_.chart.states[state].parent;
        return state == ancestor;
    }

    void steps(Xml parent, const program::Steps& all) {
        for (const Step& one : all) step(parent, one);
    }

    // False for a text with expressions inside, which <log> cannot say.
    bool log(Xml parent, const program::Operand& text) {
        if (text.text && !text.text->is_constant()) return false;
        Xml node = parent.append_child("log");
        feel::Frame frame;
        if (text.expression)
            set(node, "expr", text.expression->source().text);
        else
            set(node, "label", text.text ? text.text->render(frame) : value::to_text(text.constant));
        return true;
    }

    void step(Xml parent, const Step& one) {
        switch (one.kind) {
            case StepKind::set:
                for (const auto& assignment : one.assignments) assign(parent, assignment);
                return;
            case StepKind::raise:
                set(parent.append_child("raise"), "event", flow_.events[one.event].name);
                return;
            case StepKind::log:
                if (!log(parent, one.text)) break;
                return;
            case StepKind::if_: {
                Xml node = parent.append_child("if");
                set(node, "cond", one.target->source().text);
                steps(node, one.then);
                if (one.else_.empty()) return;
                node.append_child("else");
                steps(node, one.else_);
                return;
            }
            case StepKind::foreach: {
                Xml node = parent.append_child("foreach");
                set(node, "array", one.target->source().text);
                set(node, "item", one.name);
                if (!one.index_name.empty()) set(node, "leat:index", one.index_name);
                steps(node, one.do_);
                return;
            }
            case StepKind::send: {
                // To the record itself, a parent or a child; to others there is no word in the standard.
                bool relative = one.to_parent || one.to_invoke != program::kNone;
                if (!relative && one.target && one.target->source().text != "this") break;
                if (one.to_flow != program::kNone && one.to_flow != flow_.id) break;
                Xml node = parent.append_child("send");
                set(node, "event", one.name);
                if (one.to_parent) set(node, "target", "#_parent");
                if (one.to_invoke != program::kNone) set(node, "target", "#_" + flow_.invokes[one.to_invoke].id);
                params(node, one.assignments);
                if (one.id.expression)
                    set(node, "idexpr", one.id.expression->source().text);
                else if (one.id.present)
                    set(node, "id", value::to_text(one.id.constant));
                if (one.after.present || one.after.expression) delay(node, "delay", one.after);
                return;
            }
            case StepKind::cancel_send: {
                Xml node = parent.append_child("cancel");
                if (one.id.expression)
                    set(node, "sendidexpr", one.id.expression->source().text);
                else
                    set(node, "sendid", value::to_text(one.id.constant));
                return;
            }
            case StepKind::compensate:
                set(parent.append_child("leat:undo"), "of", one.state == flow::kNone ? "all" : name(one.state));
                return;
            default:
                break;
        }
        set(parent.append_child("leat:step"), "at", one.at);
    }

    void assign(Xml parent, const program::StepAssignment& assignment) {
        Xml node = parent.append_child("assign");
        const auto& fields = program_.entities[flow_.entity].fields;
        set(node, "location", assignment.field < fields.size() ? fields[assignment.field].name : assignment.name);
        set(node, "expr", feel_of(assignment.value));
    }

    const program::Program& program_;
    const Flow& flow_;
    pugi::xml_document document_;
};

}  // namespace

Result<std::string> write_scxml(const program::Program& program, const program::Flow& flow) {
    return Writer(program, flow).run();
}

#else

Result<std::string> write_scxml(const program::Program&, const program::Flow&) {
    return make_error(Status::usage, "scxml.not_built", "this build has no SCXML (LEAT_SCXML needs pugixml)");
}

#endif

}  // namespace leat::exchange
