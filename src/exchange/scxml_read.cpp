#include "exchange/scxml.hpp"

#if LEAT_SCXML
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/json.hpp"
#include "exchange/scxml_document.hpp"
#include "exchange/scxml_feel.hpp"
#endif

namespace leat::exchange {

#if LEAT_SCXML

namespace {

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

class Reader : private ScxmlDocument {
 public:
    using ScxmlDocument::ScxmlDocument;

    std::optional<std::string> run(const Limits& limits) {
        size_t before = diagnostics_.error_count();
        if (!parse(limits)) return std::nullopt;
        Xml root = document_.document_element();
        if (local(root) != "scxml") {
            error("scxml.element", root, fmt::format("this is no SCXML: it begins with <{}>", root.name()));
            return std::nullopt;
        }
        feel_ = std::string_view(root.attribute("datamodel").value()) == "feel";
        name_states(root, 0, limits.depth_max);
        if (diagnostics_.error_count() == before) write(root);
        if (diagnostics_.error_count() != before) return std::nullopt;
        return finished(root);
    }

 private:
    struct Event {
        std::set<std::string> payload;
        bool sent_inside = false, heard = false;
        std::string allow;  // as written by us
        bool declared = false;
        std::vector<std::pair<std::string, std::string>> titles;
    };

    // --- YAML ---

    void line(int depth, const std::string& text) {
        out_.append(static_cast<size_t>(depth) * 2, ' ');
        out_ += text + "\n";
    }

    std::string expression(Xml node, const char* attribute, const std::string& event = "") {
        std::string text = node.attribute(attribute).value();
        if (feel_) {
            payload(text, event);
            return text;
        }
        auto feel = feel_of_ecmascript(text);
        if (!feel) {
            error("scxml.expression", node, fmt::format("'{}' is more ECMAScript than can be turned into FEEL", text),
                  "write it in FEEL and set datamodel=\"feel\"");
            return "null";
        }
        payload(*feel, event);
        return *feel;
    }
    // What an expression reads of an event must be declared with it.
    void payload(const std::string& feel, const std::string& event) {
        if (event.empty()) return;
        for (size_t at = feel.find("event."); at != std::string::npos; at = feel.find("event.", at + 1)) {
            if (at > 0 &&
                (std::isalnum(static_cast<unsigned char>(feel[at - 1])) || feel[at - 1] == '_' || feel[at - 1] == '.'))
                continue;
            size_t end = at + 6;
            while (end < feel.size() &&
                   (std::isalnum(static_cast<unsigned char>(feel[end])) || feel[end] == '_' || (feel[end] & 0x80)))
                ++end;
            if (end > at + 6) event_at(event).payload.insert(feel.substr(at + 6, end - at - 6));
        }
    }

    Event& event_at(const std::string& name) {
        auto [place, made] = events_.try_emplace(name);
        if (made) event_order_.push_back(name);
        return place->second;
    }
    std::string event_name(std::string_view descriptor) {
        if (descriptor.size() > 2 && descriptor.substr(descriptor.size() - 2) == ".*") descriptor.remove_suffix(2);
        return identifier(descriptor);
    }

    void titles(Xml node, int depth) {
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

    void write(Xml root) {
        for (Xml event : root.children("leat:event")) {
            Event& known = event_at(identifier(event.attribute("name").value()));
            known.declared = true;
            for (const std::string& role : words(event.attribute("allow").value())) {
                known.allow += (known.allow.empty() ? "" : ", ") + role;
                roles_.insert(role);
            }
            for (Xml title : event.children("leat:title"))
                known.titles.emplace_back(title.attribute("xml:lang").value(), title.text().get());
        }
        initial(root, 0);
        for (Xml model : root.children()) {
            if (local(model) == "datamodel") data(model);
        }
        out_ += "states:\n";
        for (Xml child : root.children()) {
            std::string_view name = local(child);
            if (is_extra(child) || name == "datamodel" || name == "initial") continue;
            if (is_state(name))
                state(child, 1);
            else if (child.type() == pugi::node_element)
                unknown(child);
        }
    }

    void unknown(Xml node) {
        error("scxml.element", node, fmt::format("<{}> is not read", node.name()),
              "the standard's core is: states, history, transitions, assign, if, raise, send, cancel, log, data");
    }

    void data(Xml model) {
        line(0, "data:");
        for (Xml datum : model.children()) {
            if (local(datum) != "data") continue;
            if (!datum.attribute("expr")) {
                if (datum.attribute("src") || datum.first_child())
                    error("scxml.expression", datum, "only data with 'expr' are read");
                line(1, fmt::format("{}: \"null\"", identifier(datum.attribute("id").value())));
                continue;
            }
            line(1,
                 fmt::format("{}: {}", identifier(datum.attribute("id").value()), quoted(expression(datum, "expr"))));
        }
    }

    void initial(Xml node, int depth) {
        auto named = targets(node, "initial");
        if (!named.empty()) line(depth, "initial: " + flow_list(named));
        Xml element = child_named(node, "initial");
        if (!element) return;
        Xml transition = child_named(element, "transition");
        named = targets(transition, "target");
        if (!has_steps(transition)) {
            line(depth, "initial: " + flow_list(named));
            return;
        }
        line(depth, "initial:");
        line(depth + 1, "target: " + flow_list(named));
        line(depth + 1, "do:");
        steps(transition, depth + 2, "");
    }

    static Xml child_named(Xml node, std::string_view name) {
        for (Xml child : node.children()) {
            if (local(child) == name && !is_extra(child)) return child;
        }
        return {};
    }
    static bool has_steps(Xml node) {
        for (Xml child : node.children()) {
            if (child.type() == pugi::node_element) return true;
        }
        return false;
    }

    void state(Xml node, int depth) {
        const std::string& name = state_of_node_[node.offset_debug()];
        std::string_view kind = local(node);
        line(depth, name + ":");
        size_t before = out_.size();
        titles(node, depth + 1);
        if (kind == "parallel" || kind == "final") line(depth + 1, fmt::format("type: {}", kind));
        if (kind == "history") {
            line(depth + 1, "type: history");
            if (std::string_view(node.attribute("type").value()) == "deep") line(depth + 1, "history: deep");
            if (Xml transition = child_named(node, "transition"))
                line(depth + 1, "initial: " + flow_list(targets(transition, "target")));
            return;
        }
        if (auto outcome = node.attribute("leat:outcome")) line(depth + 1, "outcome: " + std::string(outcome.value()));
        if (auto approve = node.attribute("leat:approve")) {
            auto by = words(approve.value());
            roles_.insert(by.begin(), by.end());
            line(depth + 1, "approve: {by: " + flow_list(by) + "}");
        }
        initial(node, depth + 1);
        content(node, "onentry", "entry", depth + 1);
        content(node, "onexit", "exit", depth + 1);
        transitions(node, name, depth + 1);
        bool open = false;
        for (Xml child : node.children()) {
            std::string_view inner = local(child);
            if (is_extra(child) || child.type() != pugi::node_element) continue;
            if (is_state(inner)) {
                if (!open) line(depth + 1, "states:");
                open = true;
                state(child, depth + 2);
            } else if (inner != "onentry" && inner != "onexit" && inner != "transition" && inner != "initial") {
                unknown(child);
            }
        }
        if (out_.size() == before) {  // nothing to say of it
            out_.pop_back();
            out_ += " {}\n";
        }
    }

    // --- timers: a delayed send on entry that is cancelled on exit, by our own naming ---

    static bool is_timer(Xml send) {
        std::string_view event = send.attribute("event").value();
        return local(send) == "send" && event.rfind("after.", 0) == 0 && event == send.attribute("id").value();
    }
    static bool is_timer_end(Xml cancel) {
        return local(cancel) == "cancel" &&
               std::string_view(cancel.attribute("sendid").value()).rfind("after.", 0) == 0;
    }

    void content(Xml node, std::string_view element, const char* key, int depth) {
        bool open = false;
        for (Xml block : node.children()) {
            if (local(block) != element) continue;
            for (Xml step : block.children()) {
                if (step.type() != pugi::node_element || is_timer(step) || is_timer_end(step)) continue;
                if (!open) line(depth, std::string(key) + ":");
                open = true;
                one_step(step, depth + 1, "");
            }
        }
    }

    // The delay of a timer: what stands in `after`, and a section of its own where it is more than a duration.
    std::string timer(Xml node, const std::string& event) {
        for (Xml block : node.children()) {
            if (local(block) != "onentry") continue;
            for (Xml send : block.children()) {
                if (!is_timer(send) || event != send.attribute("event").value()) continue;
                std::string_view rest = std::string_view(event).substr(6);
                std::string name = identifier(rest.substr(rest.find('.') + 1));
                std::string text;
                auto add = [&](const char* key, const std::string& value) {
                    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", key, value);
                };
                bool plain = false;
                if (auto at = send.attribute("leat:at")) {
                    add("at", quoted(at.value()));
                } else if (auto duration = send.attribute("leat:for")) {
                    add("for", quoted(duration.value()));
                    plain = rest.substr(rest.find('.') + 1) == std::string_view(duration.value());
                } else if (send.attribute("delayexpr")) {
                    add("for", quoted("= " + expression(send, "delayexpr")));
                } else {
                    add("for", delay(send));
                }
                if (auto since = send.attribute("leat:since")) add("since", quoted(since.value()));
                if (auto repeat = send.attribute("leat:repeat")) add("repeat", quoted(repeat.value()));
                if (auto times = send.attribute("leat:times")) add("times", quoted(times.value()));
                if (plain && text.find(", ") == std::string::npos) return std::string(rest.substr(rest.find('.') + 1));
                delays_[name] = "{" + text + "}";
                return name;
            }
        }
        return "";
    }

    // --- transitions ---

    void transitions(Xml node, const std::string& name, int depth) {
        std::vector<std::pair<std::string, std::vector<Xml>>> on, after;
        std::vector<std::pair<std::string, Xml>> heard;
        std::vector<Xml> always, done;
        bool wild = false;
        for (Xml one : node.children()) {
            if (local(one) != "transition") continue;
            auto events = words(one.attribute("event").value());
            if (events.empty()) always.push_back(one);
            for (const std::string& event : events) {
                if (event.rfind("done.state.", 0) == 0) {
                    auto found = states_.find(event.substr(11));
                    if (found == states_.end() || found->second != name)
                        error("scxml.event", one, fmt::format("'{}' is heard in another state than its own", event),
                              "move the transition into that state");
                    done.push_back(one);
                } else if (std::string delay = event.rfind("after.", 0) == 0 ? timer(node, event) : "";
                           !delay.empty()) {
                    add_transition(after, delay, one);
                } else if (event.rfind("error.", 0) == 0 || event.rfind("done.", 0) == 0) {
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
        if (done.size() > 1) error("scxml.event", done[1], "a flow's state has one transition for its end");
        if (!done.empty()) {
            line(depth, "onDone:");
            body(done.front(), "", depth + 1);
        }
    }
    static void add_transition(std::vector<std::pair<std::string, std::vector<Xml>>>& to, const std::string& key,
                               Xml one) {
        auto known = std::find_if(to.begin(), to.end(), [&](const auto& entry) { return entry.first == key; });
        if (known == to.end())
            to.push_back({key, {one}});
        else
            known->second.push_back(one);
    }
    // With a wildcard the order across events counts: a list.
    void ordered(const std::vector<std::pair<std::string, Xml>>& heard, int depth) {
        line(depth, "on:");
        for (const auto& [event, one] : heard) {
            bool any = event == "*";
            if (!any) event_at(event).heard = true;
            line(depth + 1, "- event: " + (any ? "\"*\"" : event));
            body(one, any ? "" : event, depth + 2, false);
        }
    }
    void group(const char* key, const std::vector<std::pair<std::string, std::vector<Xml>>>& all, int depth) {
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

    void transition(Xml one, const std::string& event, int depth) {
        line(depth, "-");
        body(one, event, depth + 1);
    }
    void body(Xml one, const std::string& event, int depth, bool alone = true) {
        size_t before = out_.size();
        auto to = targets(one, "target");
        if (!to.empty()) line(depth, "target: " + flow_list(to));
        if (one.attribute("cond")) line(depth, "guard: " + quoted(expression(one, "cond", event)));
        bool internal = std::string_view(one.attribute("type").value()) == "internal";
        bool inside = std::any_of(to.begin(), to.end(),
                                  [&](const std::string& target) { return is_inside(target, one.parent()); });
        if (inside && !internal) line(depth, "reenter: true");
        if (has_steps(one)) {
            line(depth, "do:");
            steps(one, depth + 1, event);
        }
        if (alone && out_.size() == before) {
            out_.pop_back();
            out_ += " {}\n";
        }
    }
    bool is_inside(const std::string& target, Xml source) {
        if (state_of_node_[source.offset_debug()] == target) return true;
        for (Xml child : source.children()) {
            if (is_state(local(child)) && is_inside(target, child)) return true;
        }
        return false;
    }

    // --- steps ---

    // A number stands for itself, anything else is an expression.
    static std::string value(const std::string& feel) {
        bool number = !feel.empty() && feel.size() < 16 && feel.find_first_not_of("0123456789") == std::string::npos;
        return number ? feel : quoted("= " + feel);
    }

    void steps(Xml node, int depth, const std::string& event) {
        for (Xml child : node.children()) {
            if (child.type() == pugi::node_element) one_step(child, depth, event);
        }
    }
    void one_step(Xml node, int depth, const std::string& event) {
        std::string_view kind = local(node);
        if (is_extra(node)) {
            error("scxml.element", node, fmt::format("the step at {} is not in SCXML", node.attribute("at").value()),
                  "write it in the flow's own language");
        } else if (kind == "assign") {
            if (!node.attribute("expr")) error("scxml.expression", node, "only assignments with 'expr' are read");
            line(depth, fmt::format("- set: {{{}: {}}}", identifier(node.attribute("location").value()),
                                    value(expression(node, "expr", event))));
        } else if (kind == "raise") {
            std::string name = event_name(node.attribute("event").value());
            event_at(name).sent_inside = true;
            line(depth, "- raise: " + name);
        } else if (kind == "log") {
            std::string text = node.attribute("label").value();
            if (text.empty() && node.attribute("expr"))
                text = "= " + expression(node, "expr", event);
            else if (node.attribute("expr"))
                text += (text.empty() ? "{" : ": {") + expression(node, "expr", event) + "}";
            line(depth, "- log: " + quoted(text.empty() ? "log" : text));
        } else if (kind == "send") {
            send(node, depth, event);
        } else if (kind == "cancel") {
            if (node.attribute("sendidexpr"))
                line(depth, "- cancel_send: " + quoted("= " + expression(node, "sendidexpr", event)));
            else
                line(depth, "- cancel_send: " + quoted(node.attribute("sendid").value()));
        } else if (kind == "if") {
            choice(node, depth, event);
        } else {
            unknown(node);
        }
    }

    void send(Xml node, int depth, const std::string& event) {
        if (node.attribute("target") || node.attribute("targetexpr") || node.attribute("eventexpr") ||
            node.first_child() || !node.attribute("event")) {
            error("scxml.element", node, "only events to the flow itself, without content, are read");
            return;
        }
        std::string name = event_name(node.attribute("event").value());
        event_at(name).sent_inside = true;
        line(depth, "- send: " + name);
        if (node.attribute("delayexpr"))
            line(depth + 1, "after: " + quoted("= " + expression(node, "delayexpr", event)));
        if (node.attribute("delay")) line(depth + 1, "after: " + delay(node));
        if (node.attribute("id")) line(depth + 1, "id: " + quoted(node.attribute("id").value()));
    }

    void choice(Xml node, int depth, const std::string& event) {
        line(depth, "- if: " + quoted(expression(node, "cond", event)));
        line(depth + 1, "then:");
        size_t place = out_.size();
        for (Xml child : node.children()) {
            std::string_view kind = local(child);
            if (child.type() != pugi::node_element) continue;
            if (kind == "elseif" || kind == "else") {
                if (out_.size() == place) out_.insert(out_.size() - 1, " []");
                line(depth + 1, "else:");
                place = out_.size();
                if (kind == "else") continue;
                depth += 2;
                line(depth, "- if: " + quoted(expression(child, "cond", event)));
                line(depth + 1, "then:");
                place = out_.size();
            } else {
                one_step(child, depth + 2, event);
            }
        }
        if (out_.size() == place) out_.insert(out_.size() - 1, " []");
    }

    // The sections around the states, once all events and roles are known.
    std::string finished(Xml root) {
        bool anybody = false;
        std::string events;
        for (const std::string& name : event_order_) {
            const Event& event = events_[name];
            if (kApprovalEvents.count(name) && !event.declared) continue;
            std::string allow = event.allow;
            if (allow.empty() && !event.declared && event.heard && !event.sent_inside) {
                allow = "operator";
                anybody = true;
            }
            std::string text = "allow: [" + allow + "]", payload;
            for (const std::string& field : event.payload) payload += (payload.empty() ? "" : ", ") + field + ": json";
            if (!payload.empty()) text += ", payload: {" + payload + "}";
            std::string title;
            for (const auto& [language, words] : event.titles)
                title += language.empty() ? quoted(words)
                                          : fmt::format("{}{}: {}", title.empty() ? "" : ", ", language, quoted(words));
            if (!title.empty()) text += title.front() == '"' ? ", title: " + title : ", title: {" + title + "}";
            events += fmt::format("  {}: {{{}}}\n", name, text);
        }
        if (anybody) roles_.insert("operator");
        // A flow of a known entity goes beside it; any other is an application of its own, with an entity for it.
        std::string of = root.attribute("leat:of").value();
        const bool alone = of.empty();
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
        out += fmt::format("{}flow: {}\n", alone ? "---\n" : "", flow_);
        std::string states = std::exchange(out_, {});
        titles(root, 0);
        out += out_;
        out += "of: " + of + "\n";
        if (!delays_.empty()) {
            out += "delays:\n";
            for (const auto& [name, text] : delays_) out += fmt::format("  {}: {}\n", name, text);
        }
        if (!events.empty()) out += "events:\n" + events;
        return out + states;
    }

    static const std::set<std::string> kApprovalEvents;
    bool feel_ = false;
    std::string out_;
    std::set<std::string> roles_, languages_;
    std::map<std::string, Event> events_;
    std::vector<std::string> event_order_;  // as they are first named
    std::map<std::string, std::string> delays_;
};

const std::set<std::string> Reader::kApprovalEvents = {"approved", "rejected", "returned", "withdrawn", "expired"};

}  // namespace

std::optional<std::string> read_scxml(std::string_view xml, uint32_t source, const Limits& limits,
                                      Diagnostics& diagnostics) {
    return Reader(xml, source, diagnostics).run(limits);
}

#else

std::optional<std::string> read_scxml(std::string_view, uint32_t source, const Limits&, Diagnostics& diagnostics) {
    diagnostics.error("scxml.not_built", {source, {1, 1}, {1, 1}},
                      "this build has no SCXML (LEAT_SCXML needs pugixml)");
    return std::nullopt;
}

#endif

}  // namespace leat::exchange
