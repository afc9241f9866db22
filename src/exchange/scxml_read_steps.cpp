// Expressions and executable content of SCXML documents as steps of a flow.
#if LEAT_SCXML
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "exchange/scxml_feel.hpp"
#include "exchange/scxml_reader.hpp"

namespace leat::exchange {

namespace {

constexpr std::string_view kProcessor = "http://www.w3.org/TR/scxml/#SCXMLEventProcessor";

bool is_name_part(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80) != 0;
}

// A number stands for itself, anything else is an expression.
std::string value(const std::string& feel) {
    bool number = !feel.empty() && feel.size() < 16 && feel.find_first_not_of("0123456789") == std::string::npos;
    return number ? feel : quoted("= " + feel);
}

std::string trimmed(std::string_view text) {
    const char* blanks = " \t\r\n";
    size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return std::string(text.substr(begin, text.find_last_not_of(blanks) - begin + 1));
}

// Statements, which end with a semicolon or a line.
std::vector<std::string> statements(std::string_view text) {
    std::vector<std::string> out;
    std::string one;
    char quote = 0;
    for (char c : text) {
        if (quote == 0 && (c == ';' || c == '\n')) {
            if (!trimmed(one).empty()) out.push_back(trimmed(one));
            one.clear();
            continue;
        }
        if (c == quote)
            quote = 0;
        else if (quote == 0 && (c == '"' || c == '\''))
            quote = c;
        one += c;
    }
    if (!trimmed(one).empty()) out.push_back(trimmed(one));
    return out;
}

// "x = 1", "var x = 1", "x += 1", "x++": what is assigned to what; "" where it is no such statement.
std::pair<std::string, std::string> assignment_of(std::string statement) {
    for (std::string_view word : {"var ", "let ", "const "})
        if (statement.rfind(word, 0) == 0) statement = trimmed(std::string_view(statement).substr(word.size()));
    size_t end = 0;
    while (end < statement.size() && is_name_part(statement[end])) ++end;
    std::string name = statement.substr(0, end), rest = trimmed(std::string_view(statement).substr(end));
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0]))) return {};
    if (rest == "++" || rest == "--") return {name, name + " " + rest[0] + " 1"};
    for (std::string_view sign : {"+=", "-=", "*=", "/="})
        if (rest.rfind(sign, 0) == 0)
            return {name, fmt::format("{} {} ({})", name, sign[0], trimmed(std::string_view(rest).substr(2)))};
    if (rest.size() > 1 && rest[0] == '=' && rest[1] != '=') return {name, trimmed(std::string_view(rest).substr(1))};
    return {};
}

}  // namespace

std::optional<std::string> ScxmlReader::translated(Xml node, const std::string& text, const std::string& event) {
    auto feel = feel_ ? std::optional(text) : feel_of_ecmascript(text);
    if (!feel) {
        error("scxml.expression", node, fmt::format("'{}' is more ECMAScript than can be turned into FEEL", text),
              "write it in FEEL and set datamodel=\"feel\"");
        return std::nullopt;
    }
    payload(*feel, event);
    return feel;
}

std::string ScxmlReader::expression(Xml node, const char* attribute, const std::string& event) {
    return translated(node, node.attribute(attribute).value(), event).value_or("null");
}

// What an expression reads of an event must be declared with it.
void ScxmlReader::payload(const std::string& feel, const std::string& event) {
    if (event.empty()) return;
    for (size_t at = feel.find("event."); at != std::string::npos; at = feel.find("event.", at + 1)) {
        if (at > 0 && (is_name_part(feel[at - 1]) || feel[at - 1] == '.')) continue;
        size_t end = at + 6;
        while (end < feel.size() && is_name_part(feel[end])) ++end;
        if (end > at + 6) event_at(event).payload.insert(feel.substr(at + 6, end - at - 6));
    }
}

ScxmlReader::Event& ScxmlReader::event_at(const std::string& name) {
    auto [place, made] = events_.try_emplace(name);
    if (made) event_order_.push_back(name);
    return place->second;
}

std::string ScxmlReader::event_name(std::string_view descriptor) {
    if (descriptor.size() > 2 && descriptor.substr(descriptor.size() - 2) == ".*") descriptor.remove_suffix(2);
    return identifier(descriptor);
}

void ScxmlReader::steps(Xml node, int depth, const std::string& event) {
    for (Xml child : node.children()) {
        if (child.type() == pugi::node_element && !is_left_out(child)) one_step(child, depth, event);
    }
}

void ScxmlReader::one_step(Xml node, int depth, const std::string& event) {
    std::string_view kind = local(node);
    if (is_extra(node) && std::string_view(node.name()) == "leat:undo") {
        line(depth, std::string("- compensate: ") + node.attribute("of").value());
    } else if (is_extra(node)) {
        error("scxml.element", node, fmt::format("the step at {} is not in SCXML", node.attribute("at").value()),
              "write it in the flow's own language");
    } else if (kind == "assign") {
        if (!node.attribute("expr")) error("scxml.expression", node, "only assignments with 'expr' are read");
        line(depth, fmt::format("- set: {{{}: {}}}", identifier(node.attribute("location").value()),
                                value(expression(node, "expr", event))));
    } else if (kind == "raise") {
        raise_inside(node, depth);
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
    } else if (kind == "foreach") {
        loop(node, depth, event);
    } else if (kind == "script") {
        script(node, depth, event);
    } else {
        unknown(node);
    }
}

void ScxmlReader::raise_inside(Xml node, int depth) {
    std::string name = event_name(node.attribute("event").value());
    event_at(name).sent_inside = true;
    line(depth, "- raise: " + name);
}

// `namelist` and <param>, each a name and what it is. False after an error.
bool ScxmlReader::params(Xml node, const char* key, int depth, const std::string& event, std::set<std::string>* names) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const std::string& name : words(node.attribute("namelist").value()))
        all.emplace_back(identifier(name), identifier(name));
    for (Xml child : node.children()) {
        if (local(child) != "param" || is_extra(child)) continue;
        const char* from = child.attribute("expr") ? "expr" : "location";
        all.emplace_back(identifier(child.attribute("name").value()), expression(child, from, event));
    }
    // SCXML 6.4.1: what the invoked chart has no data for is passed over.
    if (child_data_ && std::string_view(key) == "input")
        std::erase_if(all, [&](const auto& one) { return !child_data_->count(one.first); });
    if (all.empty()) return true;
    line(depth, std::string(key) + ":");
    std::set<std::string> written;
    for (const auto& [name, feel] : all) {
        if (names) names->insert(name);
        if (written.insert(name).second) line(depth + 1, fmt::format("{}: {}", name, value(feel)));
    }
    return true;
}

// To the flow itself, to its parent or to what it invoked.
void ScxmlReader::send(Xml node, int depth, const std::string& event) {
    std::string_view type = node.attribute("type").value(), target = node.attribute("target").value();
    std::string why;
    if (has_any(node, {"targetexpr", "eventexpr", "typeexpr", "idlocation", "idexpr"}))
        why = "receiver, event and id must be known when the flow is loaded";
    else if (!node.attribute("event"))
        why = "it names no event";
    else if (!type.empty() && type != kProcessor && type != "scxml")
        why = fmt::format("'{}' is another kind of machine: what leaves the application is a 'call'", type);
    else if (child_named(node, "content"))
        why = "an event brings named values: write <param>";
    auto invoked = target.size() > 2 ? invoked_.find(std::string(target.substr(2))) : invoked_.end();
    bool up = target == "#_parent" && parent_, inside = target == "#_internal";
    if (why.empty() && !target.empty() && !up && !inside && invoked == invoked_.end())
        why = fmt::format("'{}' is neither this flow, nor its parent, nor something that it invokes", target);
    if (why.empty() && inside && (has_steps(node) || node.attribute("namelist"))) why = "'raise' brings no values";
    if (why.empty() && !target.empty() && has_any(node, {"delay", "delayexpr"}))
        why = "what goes to a parent or a child goes at once";
    if (!why.empty()) {
        error("scxml.element", node, "this <send> has no counterpart: " + why);
        return;
    }
    if (inside) return raise_inside(node, depth);
    std::string name = event_name(node.attribute("event").value());
    line(depth, "- send: " + name);
    if (up) line(depth + 1, "to: parent");
    if (invoked != invoked_.end()) line(depth + 1, "to: " + invoked->second);
    if (node.attribute("delayexpr")) line(depth + 1, "after: " + quoted("= " + expression(node, "delayexpr", event)));
    if (node.attribute("delay")) line(depth + 1, "after: " + delay(node));
    if (node.attribute("id")) line(depth + 1, "id: " + quoted(node.attribute("id").value()));
    std::set<std::string> names;
    params(node, "with", depth + 1, event, &names);
    if (invoked != invoked_.end()) return;  // what the child declares is its own affair
    Event& known = up ? parent_->event_at(name) : event_at(name);
    known.sent_inside = true;
    known.payload.insert(names.begin(), names.end());
}

void ScxmlReader::choice(Xml node, int depth, const std::string& event) {
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

// SCXML's item and index are data that keep their last value, and its index counts from 0; a flow's are names within
// the loop, and count from 1.
void ScxmlReader::loop(Xml node, int depth, const std::string& event) {
    std::string item = identifier(node.attribute("item").value());
    std::string index = identifier(node.attribute("index").value());
    bool counted = node.attribute("index"), ours = static_cast<bool>(node.attribute("leat:index"));
    if (ours) index = identifier(node.attribute("leat:index").value());
    bool kept_item = data_.count(item) > 0, kept_index = counted && data_.count(index) > 0;
    line(depth, "- foreach: " + quoted(expression(node, "array", event)));
    line(depth + 1, "as: " + (kept_item ? item + "_each" : item));
    if (ours)
        line(depth + 1, "index: " + index);
    else if (counted)
        line(depth + 1, "index: " + index + "_each");
    line(depth + 1, "do:");
    size_t before = out_.size();
    if (kept_item) line(depth + 2, fmt::format("- set: {{{0}: \"= {0}_each\"}}", item));
    if (kept_index)
        line(depth + 2, fmt::format("- set: {{{0}: \"= {0}_each - 1\"}}", index));
    else if (counted)
        line(depth + 2, fmt::format("- let: {{{0}: \"{0}_each - 1\"}}", index));
    steps(node, depth + 2, event);
    if (out_.size() == before) out_.insert(out_.size() - 1, " []");
}

// A script is read as far as it is a list of assignments.
void ScxmlReader::script(Xml node, int depth, const std::string& event) {
    if (node.attribute("src")) {
        error("scxml.element", node, "a <script> from elsewhere is not fetched", "write its assignments as <assign>");
        return;
    }
    for (const std::string& statement : statements(node.text().get())) {
        auto [name, text] = assignment_of(statement);
        if (name.empty()) {
            error("scxml.element", node, fmt::format("'{}' is more than an assignment", statement),
                  "a script is read as a list of assignments: name = expression");
            continue;
        }
        if (auto feel = translated(node, text, event))
            line(depth, fmt::format("- set: {{{}: {}}}", identifier(name), value(*feel)));
    }
}

}  // namespace leat::exchange
#endif
