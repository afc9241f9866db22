// What a state invokes, and what its end brings.
#if LEAT_SCXML
#include <fmt/format.h>

#include <algorithm>

#include "exchange/scxml_reader.hpp"

namespace leat::exchange {

namespace {

constexpr std::string_view kFlow = "leat:flow:", kCall = "leat:call:";

}  // namespace

// Their ids are known before anything is sent to them.
void ScxmlReader::collect_invokes(Xml node) {
    for (Xml child : node.children()) {
        if (is_extra(child)) continue;
        if (local(child) == "invoke" && child.attribute("id"))
            invoked_[child.attribute("id").value()] = identifier(child.attribute("id").value());
        if (is_state(local(child))) collect_invokes(child);
    }
}

// What the outer chart sends to a child, the child declares with what it brings.
void ScxmlReader::told_by_parent(Xml holder, const std::string& target, ScxmlReader& child) {
    for (Xml one : holder.children()) {
        if (local(one) == "scxml") continue;  // another chart's sends are its own
        if (local(one) != "send" || target != one.attribute("target").value()) {
            told_by_parent(one, target, child);
            continue;
        }
        Event& event = child.event_at(event_name(one.attribute("event").value()));
        event.sent_inside = true;
        for (const std::string& name : words(one.attribute("namelist").value())) event.payload.insert(identifier(name));
        for (Xml param : one.children())
            if (local(param) == "param") event.payload.insert(identifier(param.attribute("name").value()));
    }
}

std::vector<ScxmlReader::Invoke> ScxmlReader::invokes_of(Xml node) {
    std::vector<Invoke> out;
    for (Xml child : node.children()) {
        if (local(child) != "invoke" || is_extra(child)) continue;
        Invoke invoke;
        invoke.node = child;
        if (auto id = child.attribute("id")) invoke.id = identifier(id.value());
        out.push_back(std::move(invoke));
    }
    return out;
}

// `src`: a flow or a call of ours by its name, or the chart that stands inside.
bool ScxmlReader::invoke_source(Xml node, int depth) {
    std::string_view src = node.attribute("src").value(), type = node.attribute("type").value();
    auto wrong = [&](const std::string& why, const char* hint = "") {
        error("scxml.element", node, "this <invoke> has no counterpart: " + why, hint);
        return false;
    };
    if (!type.empty() && type != "scxml" && type.rfind("http://www.w3.org/TR/scxml", 0) != 0)
        return wrong(fmt::format("'{}' is another kind of service than a flow", type));
    if (has_any(node, {"srcexpr", "typeexpr", "idlocation"}))
        return wrong("what is invoked must be known when the flow is loaded");
    for (std::string_view prefix : {kFlow, kCall}) {
        if (src.rfind(prefix, 0) != 0) continue;
        line(depth, "src: " + std::string(src.substr(prefix.size())));
        return true;
    }
    if (!src.empty()) return wrong("other documents are not fetched", "put the chart into <content>");
    Xml chart = child_named(child_named(node, "content"), "scxml");
    if (!chart) return wrong("there is no chart in it", "put one into <content>");
    if (depth_ + 1 >= limits_.depth_max) return wrong("charts are nested too deep");
    size_t errors = diagnostics_.error_count();
    ScxmlReader child(text_, source_, diagnostics_);
    child.parent_ = this;
    child.limits_ = limits_;
    child.depth_ = depth_ + 1;
    child.name_states(chart, 0, limits_.depth_max);
    std::string wanted = child.flow_;
    // Flows have names of their own in an application: nothing of the outer chart may have it.
    ScxmlReader* top = this;
    while (top->parent_) top = top->parent_;
    child.flow_ = top->unused(chart.attribute("name") ? wanted : top->flow_ + "_child");
    if (diagnostics_.error_count() == errors) child.write(chart);
    child_data_ = child.data_;
    if (auto id = node.attribute("id")) told_by_parent(chart_, std::string("#_") + id.value(), child);
    line(depth, "src: " + child.flow_);
    if (diagnostics_.error_count() == errors) top->flows_ += "---\n" + child.finished(chart);
    return true;
}

void ScxmlReader::invokes(const std::vector<Invoke>& all, int depth) {
    if (all.empty()) return;
    line(depth, "invoke:");
    for (const Invoke& one : all) {
        line(depth + 1, "-");
        child_data_.reset();
        if (!invoke_source(one.node, depth + 2)) continue;
        if (!one.id.empty()) line(depth + 2, "id: " + one.id);
        if (std::string_view(one.node.attribute("autoforward").value()) == "true") line(depth + 2, "autoforward: true");
        for (const char* key : {"foreach", "as", "sequential", "complete_if"})
            if (auto extra = one.node.attribute((std::string("leat:") + key).c_str()))
                line(depth + 2, fmt::format("{}: {}", key, quoted(extra.value())));
        params(one.node, "input", depth + 2, "", nullptr);
        finalize(one.node, depth + 2);
        content(one.node, "leat:compensate", "compensate", depth + 2);
        single("onDone", one.done, depth + 2);
        single("onError", one.error, depth + 2);
    }
}

// SCXML 6.5.2: an empty one takes what is named like the parameters out of the event.
void ScxmlReader::finalize(Xml node, int depth) {
    Xml element = child_named(node, "finalize");
    if (!element) return;
    line(depth, "finalize:");
    size_t before = out_.size();
    steps(element, depth + 1, "");
    if (out_.size() != before) return;
    std::vector<std::pair<std::string, std::string>> all;  // where, and what
    for (const std::string& name : words(node.attribute("namelist").value()))
        all.emplace_back(identifier(name), identifier(name));
    for (Xml param : node.children()) {
        if (local(param) != "param" || !param.attribute("location")) continue;
        all.emplace_back(identifier(param.attribute("location").value()), identifier(param.attribute("name").value()));
    }
    for (const auto& [place, name] : all)
        line(depth + 1, fmt::format("- {{if: event.{1} != null, then: [{{set: {{{0}: = event.{1}}}}}]}}", place, name));
    if (all.empty()) out_.insert(out_.size() - 1, " []");
}

// The text of <content>, as a value.
std::string ScxmlReader::donedata_text(Xml node) {
    if (node.attribute("expr")) return quoted("= " + expression(node, "expr"));
    if (has_steps(node)) error("scxml.element", node, "XML is no value here", "write 'expr' or a text");
    std::string text;
    for (const std::string& word : words(node.text().get())) text += (text.empty() ? "" : " ") + word;
    return quoted(text);
}

void ScxmlReader::donedata(Xml node, int depth) {
    Xml element = child_named(node, "donedata");
    if (!element) return;
    if (Xml content = child_named(element, "content"))
        line(depth, "donedata: " + donedata_text(content));
    else
        params(element, "donedata", depth, "", nullptr);
}

}  // namespace leat::exchange
#endif
