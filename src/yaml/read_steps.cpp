#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "yaml/sections.hpp"

namespace leat::yaml {

using namespace model;

namespace {

using S = K<Step>;

Key<Step> steps(const std::string& name, Steps Step::*member) {
    return S::custom(name, schema::list_of("step"),
                     [=](Reader& r, const Node& n, Step& s) { read_steps(r, n, name, s.*member); });
}

Key<Step> assignments(const std::string& name, bool feel) {
    return S::custom(name, schema::map_of(feel ? "feel" : "value"),
                     [=](Reader& r, const Node& n, Step& s) { read_assignments(r, n, name, feel, s.assignments); });
}

Key<Step> target(const std::string& name, bool feel) {
    return S::custom(name, schema::ref(feel ? "feel" : "value"), [=](Reader& r, const Node& n, Step& s) {
        if (!feel) {
            s.target = r.operand(n, name);
            return;
        }
        s.target.text = r.feel(n, name);
        s.target.is_expression = true;
    });
}

Key<Step> as() {
    return S::text("as", &Step::as);
}

// A kind of step: its own key first, then what may stand beside it.
struct Shape {
    Step::Kind kind;
    Table<Step> table;
    bool built = true;
};

std::vector<Key<Step>> step_keys(Key<Step> main, std::vector<Key<Step>> more) {
    std::vector<Key<Step>> keys{S::required(std::move(main))};
    for (Key<Step>& key : more) keys.push_back(std::move(key));
    return keys;
}

const std::vector<std::unique_ptr<Shape>>& shapes() {
    static const std::vector<std::unique_ptr<Shape>> all = [] {
        std::vector<std::unique_ptr<Shape>> list;
        auto add = [&](Step::Kind kind, Key<Step> main, std::vector<Key<Step>> more, bool built = true) {
            std::string what = fmt::format("the step '{}'", main.name);
            list.emplace_back(new Shape{kind, {what, step_keys(std::move(main), std::move(more))}, built});
        };
        add(Step::Kind::set, assignments("set", false), {});
        add(Step::Kind::let, assignments("let", true), {});
        add(Step::Kind::create, target("create", false),
            {S::names("copy", &Step::copy), assignments("set", false), as()});
        add(Step::Kind::append, target("append", true), {assignments("set", false), as()});
        add(Step::Kind::update, target("update", true), {assignments("set", false), as()});
        add(Step::Kind::delete_, target("delete", true), {});
        add(Step::Kind::foreach, target("foreach", true),
            {as(), S::text("index", &Step::index), S::required(steps("do", &Step::do_))});
        add(Step::Kind::if_, target("if", true),
            {S::required(steps("then", &Step::then)), steps("else", &Step::else_)});
        add(Step::Kind::raise, target("raise", false), {assignments("with", false)});
        add(Step::Kind::send, target("send", false),
            {S::operand("id", &Step::id), S::operand("to", &Step::to), assignments("with", false),
             S::operand("after", &Step::after), S::operand("content", &Step::content), S::operand("type", &Step::type),
             S::text("idlocation", &Step::id_location)});
        add(Step::Kind::cancel_send, target("cancel_send", false), {});
        add(Step::Kind::log, target("log", false), {});
        add(Step::Kind::task, target("task", false), {S::operand("to", &Step::to), S::operand("due", &Step::due)});
        add(Step::Kind::notify, target("notify", false),
            {S::operand("notice", &Step::notice), S::operand("text", &Step::text), assignments("with", false)});
        add(Step::Kind::invite, target("invite", false), {}, false);
        add(Step::Kind::call, target("call", false),
            {assignments("with", false), as(), steps("compensate", &Step::compensate)});
        add(Step::Kind::document, target("document", false), {}, false);
        add(Step::Kind::assign, target("assign", false), {});
        add(Step::Kind::draw, target("draw", false), {});
        add(Step::Kind::run, target("run", false), {assignments("with", false)});
        add(Step::Kind::assert_, target("assert", true), {S::localized("message", &Step::message)});
        add(Step::Kind::block, steps("block", &Step::do_), {});
        add(Step::Kind::compensate, target("compensate", false), {});
        return list;
    }();
    return all;
}

const std::string& main_key(const Shape& shape) {
    return shape.table.keys().front()->name;
}

// The kind of a step is the one of its keys that only a kind may have: `set` stands beside `create` as well.
const Shape* find_shape(Reader& reader, const Node& node) {
    const Shape* found = nullptr;
    for (const auto& shape : shapes()) {
        const Node* value = node.find(main_key(*shape));
        if (value == nullptr) continue;
        bool beside =
            found != nullptr && std::any_of(found->table.keys().begin(), found->table.keys().end(),
                                            [&](const KeyInfo* key) { return key->name == main_key(*shape); });
        bool holds_found =
            found != nullptr && std::any_of(shape->table.keys().begin() + 1, shape->table.keys().end(),
                                            [&](const KeyInfo* key) { return key->name == main_key(*found); });
        if (beside) continue;
        if (found == nullptr || holds_found) {
            found = shape.get();
            continue;
        }
        reader.error(
            "yaml.step.two", node.span,
            fmt::format("a step does one thing; this one has '{}' and '{}'", main_key(*found), main_key(*shape)),
            "write two steps, each with its own '- '");
        return nullptr;
    }
    if (found != nullptr) return found;
    std::vector<std::string> known;
    for (const auto& shape : shapes()) {
        if (shape->built) known.push_back(main_key(*shape));
    }
    if (node.damaged && node.entries.empty()) return nullptr;
    if (node.entries.empty()) {
        reader.error("yaml.step.empty", node.span, "a step says what to do",
                     fmt::format("known: {}", fmt::join(known, ", ")));
    } else {
        reader.unknown(node.entries.front().key.text, "yaml.step.unknown", "a list of steps", known);
    }
    return nullptr;
}

}  // namespace

void read_assignments(Reader& reader, const Node& node, std::string_view key, bool feel, std::vector<Assignment>& out) {
    if (!reader.is_map(node, key)) return;
    for (const auto& [name, value] : node.entries) {
        Assignment assignment;
        assignment.field = name.text;
        if (feel) {
            assignment.value.text = reader.feel(value, name.text.text);
            assignment.value.is_expression = true;
        } else {
            assignment.value = reader.operand(value, name.text.text);
        }
        if (!assignment.value.empty()) out.push_back(std::move(assignment));
    }
}

void read_steps(Reader& reader, const Node& node, std::string_view key, Steps& out) {
    if (!reader.is_list(node, key)) return;
    for (const Node& item : node.items) {
        if (item.kind != Node::Kind::map) {
            reader.wrong_shape(item, key, "a list of steps, each a mapping", "write for example {set: {field: value}}");
            continue;
        }
        const Shape* shape = find_shape(reader, item);
        if (shape == nullptr) continue;
        if (!shape->built) {
            reader.not_built(item.span, fmt::format("the step '{}' is", main_key(*shape)));
            continue;
        }
        Step step;
        step.kind = shape->kind;
        step.span = item.span;
        shape->table.read(reader, item, step);
        if (step.kind == Step::Kind::notify && !item.damaged && step.notice.empty() == step.text.empty()) {
            reader.error("yaml.key.missing", item.span, "the step 'notify' needs either 'notice' or 'text'");
        }
        out.push_back(std::move(step));
    }
}

std::string step_schema() {
    std::vector<std::string> alternatives;
    for (const auto& shape : shapes()) {
        if (!shape->built) continue;
        std::string properties;
        std::string required;
        for (const KeyInfo* key : shape->table.keys()) {
            properties += fmt::format("{}\"{}\":{}", properties.empty() ? "" : ",", key->name, key->schema);
            if (key->required) required += fmt::format("{}\"{}\"", required.empty() ? "" : ",", key->name);
        }
        alternatives.push_back(fmt::format(
            "{{\"type\":\"object\",\"properties\":{{{}}},\"required\":[{}],\"additionalProperties\":false}}",
            properties, required));
    }
    return schema::any_of(alternatives);
}

}  // namespace leat::yaml
