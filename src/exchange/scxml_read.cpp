#include "exchange/scxml.hpp"

#if LEAT_SCXML
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "exchange/scxml_reader.hpp"
#endif

namespace leat::exchange {

#if LEAT_SCXML

namespace {

const std::set<std::string> kApprovalEvents = {"approved", "rejected", "returned", "withdrawn", "expired"};

// --- timers: a delayed send on entry that is cancelled on exit, by our own naming ---

bool is_timer(Xml send) {
    std::string_view event = send.attribute("event").value();
    return local(send) == "send" && event.rfind("after.", 0) == 0 && event == send.attribute("id").value();
}
bool is_timer_end(Xml cancel) {
    return local(cancel) == "cancel" && std::string_view(cancel.attribute("sendid").value()).rfind("after.", 0) == 0;
}

void add_transition(std::vector<std::pair<std::string, std::vector<Xml>>>& to, const std::string& key, Xml one) {
    auto known = std::find_if(to.begin(), to.end(), [&](const auto& entry) { return entry.first == key; });
    if (known == to.end())
        to.push_back({key, {one}});
    else
        known->second.push_back(one);
}

}  // namespace

std::string quoted(std::string_view text) {
    std::string out;
    JsonWriter(out).string(text);
    return out;
}

std::string flow_list(const std::vector<std::string>& items) {
    std::string out;
    for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
    return items.size() == 1 ? out : "[" + out + "]";
}

bool has_any(Xml node, std::initializer_list<const char*> attributes) {
    return std::any_of(attributes.begin(), attributes.end(),
                       [&](const char* name) { return static_cast<bool>(node.attribute(name)); });
}

Xml child_named(Xml node, std::string_view name) {
    for (Xml child : node.children()) {
        if (local(child) == name && !is_extra(child)) return child;
    }
    return {};
}

bool is_left_out(Xml node) {
    return std::string_view(node.name()) == "leat:left_out";
}

bool has_steps(Xml node) {
    for (Xml child : node.children()) {
        if (child.type() == pugi::node_element && !is_left_out(child)) return true;
    }
    return false;
}

std::optional<std::string> ScxmlReader::run(const Limits& limits) {
    size_t before = diagnostics_.error_count();
    limits_ = limits;
    if (!parse(limits)) return std::nullopt;
    Xml root = document_.document_element();
    if (local(root) != "scxml") {
        error("scxml.element", root, fmt::format("this is no SCXML: it begins with <{}>", root.name()));
        return std::nullopt;
    }
    name_states(root, 0, limits.depth_max);
    if (diagnostics_.error_count() == before) write(root);
    if (diagnostics_.error_count() != before) return std::nullopt;
    return finished(root) + flows_;
}

void ScxmlReader::line(int depth, const std::string& text) {
    out_.append(static_cast<size_t>(depth) * 2, ' ');
    out_ += text + "\n";
}

void ScxmlReader::titles(Xml node, int depth) {
    std::string all;
    for (Xml title : node.children("leat:title")) {
        std::string_view language = title.attribute("xml:lang").value();
        if (language.empty()) {
            line(depth, "title: " + quoted(title.text().get()));
            return;
        }
        all += fmt::format("{}{}: {}", all.empty() ? "" : ", ", language, quoted(title.text().get()));
        languages_.insert(std::string(language));
    }
    if (!all.empty()) line(depth, "title: {" + all + "}");
}

void ScxmlReader::declared(Xml root) {
    for (Xml event : root.children("leat:event")) {
        Event& known = event_at(identifier(event.attribute("name").value()));
        known.declared = true;
        for (const std::string& role : words(event.attribute("allow").value())) {
            known.allow += (known.allow.empty() ? "" : ", ") + role;
            roles_.insert(role);
        }
        for (Xml title : event.children("leat:title"))
            known.titles.emplace_back(title.attribute("xml:lang").value(), title.text().get());
        for (Xml field : event.children("leat:payload")) {
            std::string name = identifier(field.attribute("name").value());
            known.payload.insert(name);
            known.kinds[name] = field.attribute("type") ? field.attribute("type").value() : "json";
            if (std::string_view(field.attribute("required").value()) == "true") known.required.insert(name);
        }
    }
}

// What the writer had no words for.
void ScxmlReader::left_out(Xml node) {
    for (Xml child : node.children()) {
        if (is_left_out(child))
            left_out_.emplace_back(child.attribute("at").value());
        else if (!is_extra(child) || std::string_view(child.name()) == "leat:event" ||
                 std::string_view(child.name()) == "leat:payload")
            left_out(child);
    }
}

void ScxmlReader::write(Xml root) {
    feel_ = std::string_view(root.attribute("datamodel").value()) == "feel";
    chart_ = root;
    collect_invokes(root);
    declared(root);
    if (!parent_) left_out(root);
    if (auto field = root.attribute("leat:field")) line(0, "field: " + std::string(field.value()));
    initial(root, 0);
    data(root, 0);
    for (Xml child : root.children()) {
        std::string_view name = local(child);
        bool known = is_state(name) || name == "datamodel" || name == "initial";
        if (child.type() == pugi::node_element && !known && !is_extra(child)) unknown(child);
    }
    children(root, 0);
}

void ScxmlReader::unknown(Xml node) {
    if (local(node) == "script") {
        error("scxml.element", node, "a <script> outside of executable content has no counterpart in a flow",
              "give data their values in <data>, or assign them in <onentry>");
        return;
    }
    error(
        "scxml.element", node, fmt::format("<{}> is not read here", node.name()),
        "read are states, history, transitions, invoke, donedata, data, and assign, if, foreach, raise, send, cancel, "
        "log, script");
}

void ScxmlReader::data(Xml holder, int depth) {
    bool open = false;
    for (Xml model : holder.children()) {
        if (local(model) != "datamodel" || is_extra(model)) continue;
        for (Xml datum : model.children()) {
            if (local(datum) != "data") continue;
            if (!open) line(depth, "data:");
            open = true;
            std::string name = identifier(datum.attribute("id").value());
            data_.insert(name);
            if (!datum.attribute("expr")) {
                if (datum.attribute("src") || datum.first_child())
                    error("scxml.expression", datum, "only data with 'expr' are read");
                line(depth + 1, fmt::format("{}: \"null\"", name));
                continue;
            }
            line(depth + 1, fmt::format("{}: {}", name, quoted(expression(datum, "expr"))));
        }
    }
}

// Where a state or a history without a past begins.
void ScxmlReader::beginning(Xml transition, int depth) {
    auto named = targets(transition, "target");
    if (!has_steps(transition)) {
        line(depth, "initial: " + flow_list(named));
        return;
    }
    line(depth, "initial:");
    line(depth + 1, "target: " + flow_list(named));
    line(depth + 1, "do:");
    steps(transition, depth + 2, "");
}

void ScxmlReader::initial(Xml node, int depth) {
    auto named = targets(node, "initial");
    if (!named.empty()) line(depth, "initial: " + flow_list(named));
    if (Xml element = child_named(node, "initial")) beginning(child_named(element, "transition"), depth);
}

void ScxmlReader::history(Xml node, int depth) {
    line(depth, "type: history");
    if (std::string_view(node.attribute("type").value()) == "deep") line(depth, "history: deep");
    if (Xml transition = child_named(node, "transition")) beginning(transition, depth);
}

void ScxmlReader::state(Xml node, int depth) {
    const std::string& name = state_of_node_[node.offset_debug()];
    std::string_view kind = local(node);
    line(depth, name + ":");
    size_t before = out_.size();
    titles(node, depth + 1);
    if (kind == "history") return history(node, depth + 1);
    if (kind == "parallel" || kind == "final") line(depth + 1, fmt::format("type: {}", kind));
    if (auto field = node.attribute("leat:field")) line(depth + 1, "field: " + std::string(field.value()));
    if (auto outcome = node.attribute("leat:outcome")) line(depth + 1, "outcome: " + std::string(outcome.value()));
    if (auto approve = node.attribute("leat:approve")) {
        auto by = words(approve.value());
        roles_.insert(by.begin(), by.end());
        line(depth + 1, "approve: {by: " + flow_list(by) + "}");
    }
    data(node, depth + 1);
    initial(node, depth + 1);
    content(node, "onentry", "entry", depth + 1);
    content(node, "onexit", "exit", depth + 1);
    content(node, "leat:compensate", "compensate", depth + 1);
    auto invoked = invokes_of(node);
    transitions(node, name, depth + 1, invoked);
    invokes(invoked, depth + 1);
    donedata(node, depth + 1);
    for (Xml child : node.children()) {
        static const std::set<std::string_view> kKnown = {"onentry",   "onexit", "transition", "initial",
                                                          "datamodel", "invoke", "donedata"};
        std::string_view inner = local(child);
        if (child.type() == pugi::node_element && !is_extra(child) && !is_state(inner) && !kKnown.count(inner))
            unknown(child);
    }
    children(node, depth + 1);
    if (out_.size() == before) {  // nothing to say of it
        out_.pop_back();
        out_ += " {}\n";
    }
}

void ScxmlReader::children(Xml node, int depth) {
    bool open = false;
    for (Xml child : node.children()) {
        if (is_extra(child) || !is_state(local(child))) continue;
        if (!open) line(depth, "states:");
        open = true;
        state(child, depth + 1);
    }
}

void ScxmlReader::content(Xml node, std::string_view element, const char* key, int depth) {
    bool open = false;
    for (Xml block : node.children()) {
        if ((is_extra(block) ? std::string_view(block.name()) : local(block)) != element) continue;
        for (Xml step : block.children()) {
            if (step.type() != pugi::node_element || is_timer(step) || is_timer_end(step)) continue;
            if (!open) line(depth, std::string(key) + ":");
            open = true;
            one_step(step, depth + 1, "");
        }
    }
}

// A delay as a mapping. `plain`: it is no more than the duration that its name is.
std::string ScxmlReader::timer_delay(Xml send, const std::string& name, bool& plain) {
    std::string text;
    auto add = [&](const char* key, const std::string& value) {
        text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", key, value);
    };
    plain = false;
    if (auto at = send.attribute("leat:at")) {
        add("at", quoted(at.value()));
    } else if (auto duration = send.attribute("leat:for")) {
        add("for", quoted(duration.value()));
        plain = name == duration.value();
    } else if (send.attribute("delayexpr")) {
        add("for", quoted("= " + expression(send, "delayexpr")));
    } else {
        add("for", delay(send));
    }
    if (auto since = send.attribute("leat:since")) add("since", quoted(since.value()));
    if (auto repeat = send.attribute("leat:repeat")) add("repeat", quoted(repeat.value()));
    if (auto times = send.attribute("leat:times")) add("times", quoted(times.value()));
    plain = plain && text.find(", ") == std::string::npos;
    return "{" + text + "}";
}

// What stands in `after`: a duration, or the name of a delay.
std::string ScxmlReader::timer(Xml node, const std::string& event) {
    for (Xml block : node.children()) {
        if (local(block) != "onentry") continue;
        for (Xml send : block.children()) {
            if (!is_timer(send) || event != send.attribute("event").value()) continue;
            std::string_view rest = std::string_view(event).substr(6);
            std::string written(rest.substr(rest.find('.') + 1));
            bool plain = false;
            std::string delay = timer_delay(send, written, plain);
            if (plain) return written;
            std::string name = identifier(written);
            delays_[name] = delay;
            return name;
        }
    }
    return "";
}

// Whether the event tells of an end: of the state's children, or of what it invokes.
bool ScxmlReader::done_event(Xml one, const std::string& event, const std::string& name, std::vector<Xml>& done,
                             std::vector<Invoke>& invokes, std::vector<Xml>& errors) {
    if (event.rfind("done.state.", 0) == 0) {
        auto found = states_.find(event.substr(11));
        if (found == states_.end() || found->second != name)
            error("scxml.event", one, fmt::format("'{}' is heard in another state than its own", event),
                  "move the transition into that state");
        done.push_back(one);
        return true;
    }
    bool failed = event.rfind("error.invoke", 0) == 0;
    if (!failed && event.rfind("done.invoke", 0) != 0) return false;
    std::string_view id = std::string_view(event).substr(failed ? 12 : 11);
    if (!id.empty()) id.remove_prefix(1);
    if (failed && id.empty()) {
        errors.push_back(one);
        return true;
    }
    for (Invoke& invoke : invokes) {
        bool only = id.empty() || id == one.parent().attribute("id").value();
        if (id != invoke.node.attribute("id").value() && !(only && invokes.size() == 1)) continue;
        (failed ? invoke.error : invoke.done).push_back(one);
        return true;
    }
    error("scxml.event", one, fmt::format("'{}' tells of nothing that this state invokes", event),
          "move the transition into the state with the <invoke>");
    return true;
}

void ScxmlReader::transitions(Xml node, const std::string& name, int depth, std::vector<Invoke>& invokes) {
    Grouped on, after;
    std::vector<std::pair<std::string, Xml>> heard;
    std::vector<Xml> always, done, errors;
    bool wild = false;
    for (Xml one : node.children()) {
        if (local(one) != "transition") continue;
        auto events = words(one.attribute("event").value());
        if (events.empty()) always.push_back(one);
        for (const std::string& event : events) {
            if (done_event(one, event, name, done, invokes, errors)) continue;
            if (std::string delay = event.rfind("after.", 0) == 0 ? timer(node, event) : ""; !delay.empty()) {
                add_transition(after, delay, one);
            } else if (event.rfind("error", 0) == 0 && (event.size() == 5 || event[5] == '.')) {
                error("scxml.event", one, fmt::format("'{}' has no counterpart in a flow", event),
                      "what goes wrong in a step refuses the command as a whole");
            } else if (event.rfind("done.", 0) == 0) {
                error("scxml.event", one, fmt::format("'{}' has no counterpart in a flow", event));
            } else {
                std::string heard_name = event == "*" || event == ".*" ? "*" : event_name(event);
                wild = wild || heard_name == "*";
                heard.emplace_back(heard_name, one);
                add_transition(on, heard_name, one);
            }
        }
    }
    if (wild)
        ordered(heard, depth);
    else
        group("on", on, depth);
    if (!always.empty()) {
        line(depth, "always:");
        for (Xml one : always) transition(one, "", depth + 1);
    }
    group("after", after, depth);
    single("onDone", done, depth);
    single("onError", errors, depth);
}

// A flow has one transition for the end of a state, of a child, or for errors.
void ScxmlReader::single(const char* key, const std::vector<Xml>& all, int depth) {
    if (all.empty()) return;
    if (all.size() > 1)
        error("scxml.event", all[1], fmt::format("a flow has one transition as '{}'", key),
              "decide in a state behind it, with transitions that have no event");
    line(depth, std::string(key) + ":");
    body(all.front(), "", depth + 1);
}

// With a wildcard the order across events counts: a list.
void ScxmlReader::ordered(const std::vector<std::pair<std::string, Xml>>& heard, int depth) {
    line(depth, "on:");
    for (const auto& [event, one] : heard) {
        bool any = event == "*";
        if (!any) event_at(event).heard = true;
        line(depth + 1, "- event: " + (any ? "\"*\"" : event));
        body(one, any ? "" : event, depth + 2, false);
    }
}

void ScxmlReader::group(const char* key, const Grouped& all, int depth) {
    if (all.empty()) return;
    line(depth, std::string(key) + ":");
    bool declares = std::string_view(key) == "on";
    for (const auto& [event, list] : all) {
        if (declares) event_at(event).heard = true;
        line(depth + 1, event + ":");
        for (Xml one : list) {
            transition(one, declares ? event : "", depth + 2);
        }
    }
}

void ScxmlReader::transition(Xml one, const std::string& event, int depth) {
    line(depth, "-");
    body(one, event, depth + 1);
}

void ScxmlReader::body(Xml one, const std::string& event, int depth, bool alone) {
    size_t before = out_.size();
    auto to = targets(one, "target");
    if (!to.empty()) line(depth, "target: " + flow_list(to));
    if (one.attribute("cond")) line(depth, "guard: " + quoted(expression(one, "cond", event)));
    bool internal = std::string_view(one.attribute("type").value()) == "internal";
    bool inside =
        std::any_of(to.begin(), to.end(), [&](const std::string& target) { return is_inside(target, one.parent()); });
    if (inside && !internal) line(depth, "reenter: true");
    if (std::string_view(one.attribute("leat:criteria").value()) == "skip") line(depth, "criteria: skip");
    if (has_steps(one)) {
        line(depth, "do:");
        steps(one, depth + 1, event);
    }
    if (alone && out_.size() == before) {
        out_.pop_back();
        out_ += " {}\n";
    }
}

bool ScxmlReader::is_inside(const std::string& target, Xml source) {
    if (state_of_node_[source.offset_debug()] == target) return true;
    for (Xml child : source.children()) {
        if (is_state(local(child)) && is_inside(target, child)) return true;
    }
    return false;
}

std::string ScxmlReader::declared_events() {
    std::string events;
    for (const std::string& name : event_order_) {
        const Event& event = events_[name];
        if (kApprovalEvents.count(name) && !event.declared) continue;
        std::string allow = event.allow;
        if (allow.empty() && !event.declared && event.heard && !event.sent_inside && !parent_) {
            allow = "operator";
            roles_.insert("operator");
        }
        std::string text = "allow: [" + allow + "]", payload;
        for (const std::string& field : event.payload) {
            auto known = event.kinds.find(field);
            std::string kind = known == event.kinds.end() ? "json" : known->second;
            if (event.required.contains(field)) kind = "{type: " + kind + ", required: true}";
            payload += fmt::format("{}{}: {}", payload.empty() ? "" : ", ", field, kind);
        }
        if (!payload.empty()) text += ", payload: {" + payload + "}";
        std::string title;
        for (const auto& [language, words] : event.titles)
            title += language.empty() ? quoted(words)
                                      : fmt::format("{}{}: {}", title.empty() ? "" : ", ", language, quoted(words));
        if (!title.empty()) text += title.front() == '"' ? ", title: " + title : ", title: {" + title + "}";
        events += fmt::format("  {}: {{{}}}\n", name, text);
    }
    return events;
}

// The sections around the states, once all events and roles are known. A flow of a known entity goes beside it, one
// inside another beside that; any other is an application of its own, with an entity for it.
std::string ScxmlReader::finished(Xml root) {
    std::string events = declared_events();
    std::string of = root.attribute("leat:of").value();
    bool pure = parent_ || std::string_view(root.attribute("leat:pure").value()) == "true";
    const bool alone = of.empty() && !pure;
    std::string out;
    if (alone)
        out = fmt::format("leat: 1\napp: {}\nlanguage: {}\n", flow_,
                          languages_.count("zh") && !languages_.count("en") ? "zh" : "en");
    if (alone && !roles_.empty()) {
        out += "---\nroles:\n";
        for (const std::string& role : roles_) out += fmt::format("  {0}: {{title: {0}}}\n", role);
    }
    if (alone) {
        of = unused(flow_ + "_case");
        out += fmt::format("---\nentity: {}\n", of);
        std::string access;
        for (const std::string& role : roles_)
            access += fmt::format("{}{}: {{add: true, read: true, write: true}}", access.empty() ? "" : ", ", role);
        if (!access.empty()) out += "access: {" + access + "}\n";
    }
    if (alone) out += "---\n";
    for (const std::string& at : left_out_)
        out += fmt::format("# not in the document, write it here by hand: {}\n", at);
    out += fmt::format("flow: {}\n", flow_);
    std::string states = std::exchange(out_, {});
    titles(root, 0);
    out += out_;
    if (!of.empty()) out += "of: " + of + "\n";
    if (std::string_view(root.attribute("leat:start").value()) != "")
        out += fmt::format("start: {}\n", root.attribute("leat:start").value());
    if (!delays_.empty()) {
        out += "delays:\n";
        for (const auto& [name, text] : delays_) out += fmt::format("  {}: {}\n", name, text);
    }
    if (!events.empty()) out += "events:\n" + events;
    return out + states;
}

std::optional<std::string> read_scxml(std::string_view xml, uint32_t source, const Limits& limits,
                                      Diagnostics& diagnostics) {
    return ScxmlReader(xml, source, diagnostics).run(limits);
}

#else

std::optional<std::string> read_scxml(std::string_view, uint32_t source, const Limits&, Diagnostics& diagnostics) {
    diagnostics.error("scxml.not_built", {source, {1, 1}, {1, 1}},
                      "this build has no SCXML (LEAT_SCXML needs pugixml)");
    return std::nullopt;
}

#endif

}  // namespace leat::exchange
