// Boxed expressions (DMN 1.5, chapters 8 and 10.2.2).
#if LEAT_DMN
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "dmn/reader.hpp"

namespace leat::dmn {

using model::Boxed;
using Kind = Boxed::Kind;

namespace {

constexpr std::array<std::pair<std::string_view, Kind>, 12> kBoxes = {{
    {"literalExpression", Kind::expression},
    {"decisionTable", Kind::table},
    {"context", Kind::context},
    {"invocation", Kind::invocation},
    {"list", Kind::list},
    {"relation", Kind::relation},
    {"functionDefinition", Kind::function},
    {"conditional", Kind::conditional},
    {"filter", Kind::filter},
    {"for", Kind::for_each},
    {"some", Kind::some},
    {"every", Kind::every},
}};

const std::pair<std::string_view, Kind>* known_box(std::string_view name) {
    auto found = std::find_if(kBoxes.begin(), kBoxes.end(), [&](const auto& one) { return one.first == name; });
    return found == kBoxes.end() ? nullptr : &*found;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

Text plain(std::string_view text, Span span) {
    Text made;
    made.text = std::string(text);
    made.span = span;
    return made;
}

}  // namespace

Boxed typed(Boxed box, Text type) {
    if (type.text.empty() || box.type.text == type.text) return box;
    if (box.type.text.empty()) {
        box.type = std::move(type);
        return box;
    }
    // A context of nothing but a result is that result.
    Boxed outer;
    outer.kind = Kind::context;
    outer.type = std::move(type);
    outer.span = box.span;
    outer.names.emplace_back();
    outer.children.push_back(std::move(box));
    return outer;
}

bool Reader::is_expression(Xml element) const {
    return known_box(local_name(element)) != nullptr;
}

Xml Reader::expression_of(Xml element) const {
    for (Xml node = element.first_child(); node; node = node.next_sibling()) {
        if (node.type() == pugi::node_element && is_expression(node)) return node;
    }
    return {};
}

Boxed Reader::box_inside(Xml element) {
    if (Xml inside = expression_of(element)) return box(inside);
    Boxed nothing;
    nothing.span = document_.span(element);
    return nothing;
}

Boxed Reader::box_of(Xml element, const char* name) {
    Xml place = child(element, name);
    if (!place) {
        diagnostics_.error("dmn.logic", document_.span(element),
                           fmt::format("<{}> lacks its <{}>", local_name(element), name));
        return {};
    }
    return box_inside(place);
}

Text Reader::text_of(Xml element) {
    Xml text = child(element, "text");
    if (text) return document_.content(text);
    Text none;
    none.span = document_.span(element);
    return none;
}

Boxed Reader::box(Xml element) {
    Boxed made;
    made.kind = known_box(local_name(element))->second;
    made.span = document_.span(element);
    made.type = type_of(element);
    switch (made.kind) {
        case Kind::expression:
            literal(element, made);
            break;
        case Kind::context:
            context(element, made);
            break;
        case Kind::relation:
            relation(element, made);
            break;
        case Kind::invocation:
            invocation(element, made);
            break;
        case Kind::function:
            function(element, made);
            break;
        case Kind::table:
            table(element, made);
            break;
        case Kind::for_each:
            iteration(element, made, "return");
            break;
        case Kind::some:
        case Kind::every:
            iteration(element, made, "satisfies");
            break;
        case Kind::conditional:
            for (const char* part : {"if", "then", "else"}) made.children.push_back(box_of(element, part));
            break;
        case Kind::filter:
            for (const char* part : {"in", "match"}) made.children.push_back(box_of(element, part));
            break;
        default:  // a list: its expressions in order
            each_child(element, [&](Xml node) {
                if (is_expression(node)) made.children.push_back(box(node));
            });
    }
    return made;
}

void Reader::literal(Xml element, Boxed& out) {
    check_language(element, "expressionLanguage");
    if (Xml imported = child(element, "importedValues")) {
        diagnostics_.error("dmn.logic", document_.span(imported), "values of other documents cannot be imported",
                           "write the values as a FEEL expression");
    }
    out.text = text_of(element);
    if (out.text.text.empty()) out.kind = Kind::nothing;
}

void Reader::context(Xml element, Boxed& out) {
    Xml result;
    each_child(element, "contextEntry", [&](Xml entry) {
        if (result) {
            diagnostics_.error("dmn.logic", document_.span(result),
                               "only the last entry of a context may be without a variable");
            result = {};
        }
        Xml variable = child(entry, "variable");
        if (!variable) result = entry;
        out.names.push_back(variable ? required_name(variable) : Text());
        out.children.push_back(typed(box_inside(entry), variable ? type_of(variable) : Text()));
    });
}

void Reader::relation(Xml element, Boxed& out) {
    each_child(element, "column", [&](Xml column) {
        out.names.push_back(required_name(column));
        out.types.push_back(type_of(column));
    });
    each_child(element, "row", [&](Xml row) {
        Boxed cells;
        cells.kind = Kind::list;
        cells.span = document_.span(row);
        each_child(row, [&](Xml node) {
            if (is_expression(node)) cells.children.push_back(box(node));
        });
        if (cells.children.size() != out.names.size()) {
            diagnostics_.error(
                "dmn.logic", cells.span,
                fmt::format("this row has {} cells, its relation {} columns", cells.children.size(), out.names.size()));
        }
        out.children.push_back(std::move(cells));
    });
}

void Reader::invocation(Xml element, Boxed& out) {
    Boxed called = box_inside(element);
    each_child(element, "binding", [&](Xml binding) {
        Xml parameter = child(binding, "parameter");
        if (!parameter) {
            diagnostics_.error("dmn.logic", document_.span(binding), "<binding> lacks its <parameter>");
            return;
        }
        out.names.push_back(required_name(parameter));
        out.children.push_back(typed(box_inside(binding), type_of(parameter)));
    });
    if (called.kind == Kind::expression) {
        out.text = called.text;
        return;
    }
    if (called.kind == Kind::nothing) {
        diagnostics_.error("dmn.logic", out.span, "this invocation says no function to call",
                           "put a literal expression with the function's name first");
        return;
    }
    // A function that is a box itself gets a name.
    constexpr const char* kCalled = "called";
    Boxed call = std::move(out);
    call.text = plain(kCalled, call.span);
    out = Boxed();
    out.kind = Kind::context;
    out.span = call.span;
    out.type = std::exchange(call.type, Text());
    out.names = {plain(kCalled, out.span), Text()};
    out.children = {std::move(called), std::move(call)};
}

void Reader::function(Xml element, Boxed& out) {
    out.kind = Kind::function;
    each_child(element, "formalParameter", [&](Xml parameter) {
        out.names.push_back(required_name(parameter));
        out.types.push_back(type_of(parameter));
    });
    Text kind = document_.attribute(element, "kind");
    if (!kind.text.empty() && lower(kind.text) != "feel" && lower(kind.text) != "f") out.text = kind;
    // The declared type is the answer's.
    Text type = out.type.empty() ? type_of(element) : out.type;
    out.type = Text();
    out.children.push_back(typed(box_inside(element), std::move(type)));
}

void Reader::iteration(Xml element, Boxed& out, const char* second) {
    Text name = document_.attribute(element, "iteratorVariable");
    if (name.text.empty()) {
        diagnostics_.error("dmn.name", out.span, fmt::format("<{}> has no iteratorVariable", local_name(element)));
    }
    out.names.push_back(name);
    out.children.push_back(box_of(element, "in"));
    out.children.push_back(box_of(element, second));
}

Text Reader::hit_policy(Xml element) {
    Text policy = document_.attribute(element, "hitPolicy");
    Text aggregation = document_.attribute(element, "aggregation");
    if (policy.empty()) policy.span = document_.span(element);
    std::string name = lower(policy.text);
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kLetters = {{{"u", "unique"},
                                                                                        {"a", "any"},
                                                                                        {"p", "priority"},
                                                                                        {"f", "first"},
                                                                                        {"c", "collect"},
                                                                                        {"o", "output order"},
                                                                                        {"r", "rule order"}}};
    for (const auto& [letter, word] : kLetters) {
        if (name == letter) name = word;
    }
    if (name.empty()) name = "unique";
    std::replace(name.begin(), name.end(), '_', ' ');
    policy.text = name == "collect" && !aggregation.text.empty() ? name + " " + lower(aggregation.text) : name;
    return policy;
}

void Reader::table(Xml element, Boxed& out) {
    out.table = std::make_shared<model::DecisionTable>();
    model::DecisionTable& table = *out.table;
    table.span = out.span;
    table.hit = hit_policy(element);
    each_child(element, "input", [&](Xml input) {
        model::DecisionTable::Column column;
        Xml expression = child(input, "inputExpression");
        if (!expression) {
            diagnostics_.error("dmn.table", document_.span(input), "<input> lacks its <inputExpression>");
            return;
        }
        check_language(expression, "expressionLanguage");
        column.header = text_of(expression);
        if (column.header.text.empty()) {
            diagnostics_.error("dmn.table", document_.span(expression), "this input has no expression");
        }
        column.type = type_of(expression);
        if (Xml values = child(input, "inputValues")) column.allowed = text_of(values);
        table.inputs.push_back(std::move(column));
    });
    each_child(element, "output", [&](Xml output) {
        model::DecisionTable::Column column;
        column.header = document_.attribute(output, "name");
        if (column.header.empty()) column.header.span = document_.span(output);
        column.type = type_of(output);
        if (Xml values = child(output, "outputValues")) column.allowed = text_of(values);
        if (Xml entry = child(output, "defaultOutputEntry")) column.default_value = text_of(entry);
        table.outputs.push_back(std::move(column));
    });
    each_child(element, "rule", [&](Xml node) { rule(node, table); });
}

void Reader::rule(Xml element, model::DecisionTable& out) {
    model::TableRow row;
    row.span = document_.span(element);
    auto cells = [&](std::string_view name, const char* empty) {
        each_child(element, name, [&](Xml entry) {
            check_language(entry, "expressionLanguage");
            Text text = text_of(entry);
            if (text.text.empty()) text.text = empty;
            row.cells.push_back(std::move(text));
        });
    };
    cells("inputEntry", "-");
    size_t inputs = row.cells.size();
    cells("outputEntry", "null");
    size_t outputs = row.cells.size() - inputs;
    if (inputs != out.inputs.size() || outputs != out.outputs.size()) {
        diagnostics_.error("dmn.table", row.span,
                           fmt::format("rule {} has {} input and {} output entries, its table {} and {}",
                                       out.rows.size() + 1, inputs, outputs, out.inputs.size(), out.outputs.size()));
    }
    std::string comment;
    each_child(element, "annotationEntry", [&](Xml entry) {
        Text text = text_of(entry);
        if (!comment.empty() && !text.text.empty()) comment += "; ";
        comment += text.text;
    });
    if (comment.empty())
        comment = [&] {
            Xml description = child(element, "description");
            return description ? document_.content(description).text : std::string();
        }();
    out.comments.push_back(std::move(comment));
    out.rows.push_back(std::move(row));
}

}  // namespace leat::dmn
#endif  // LEAT_DMN
