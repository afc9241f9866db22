// Boxed expressions (DMN 1.5, 10.2.2) as YAML: a text is FEEL, a list is a list, a mapping says which box it is by its
// first word (context, relation, call …).
#include <algorithm>

#include <fmt/format.h>

#include "yaml/sections.hpp"

namespace leat::yaml {

using namespace model;

namespace {

using Kind = Boxed::Kind;

// A mapping while it is read: which words it had, and what they held.
struct Draft {
    std::vector<std::pair<std::string_view, const Node*>> words;
    std::vector<Text> columns;
    const Node* rows = nullptr;
    Decision table;
    Boxed box;

    const Node* find(std::string_view word) const {
        for (const auto& [name, node] : words) {
            if (name == word) return node;
        }
        return nullptr;
    }
};

// The boxes, each with the words that go with its own; `required` are the first so many of them.
struct Shape {
    std::string_view word;
    Kind kind;
    std::vector<std::string_view> with;
    size_t required;
};
const std::vector<Shape>& shapes() {
    static const std::vector<Shape> all = {
        {"value", Kind::expression, {}, 0},
        {"context", Kind::context, {"result"}, 0},
        {"list", Kind::list, {}, 0},
        {"relation", Kind::relation, {}, 0},
        {"call", Kind::invocation, {"with"}, 0},
        {"function", Kind::function, {"params"}, 0},
        {"if", Kind::conditional, {"then", "else"}, 2},
        {"filter", Kind::filter, {"match"}, 1},
        {"for", Kind::for_each, {"in", "return"}, 2},
        {"some", Kind::some, {"in", "satisfies"}, 2},
        {"every", Kind::every, {"in", "satisfies"}, 2},
        {"table", Kind::table, {"hit", "outputs", "default"}, 0},
    };
    return all;
}

Key<Draft> word(const std::string& name, const std::string& schema) {
    return K<Draft>::custom(name, schema, [name](Reader&, const Node& node, Draft& draft) {
        for (const Shape& shape : shapes()) {
            if (shape.word == name) draft.words.emplace_back(shape.word, &node);
            for (std::string_view with : shape.with) {
                if (with == name && draft.find(with) == nullptr) draft.words.emplace_back(with, &node);
            }
        }
    });
}

const Table<Draft>& relation_table() {
    static const Table<Draft> table(
        "a relation",
        {K<Draft>::required(K<Draft>::names("columns", &Draft::columns)),
         K<Draft>::required(K<Draft>::custom(
             "rows", "{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/boxed\"}}}",
             [](Reader&, const Node& node, Draft& draft) { draft.rows = &node; }))});
    return table;
}

const Table<Draft>& box_table() {
    using B = K<Draft>;
    static const std::string box = schema::ref("boxed");
    static const std::string boxes = schema::map_of("boxed");
    static const Table<Draft> table("a boxed expression",
                                    {word("value", schema::ref("feel")),
                                     word("context", boxes),
                                     word("result", box),
                                     word("list", schema::list_of("boxed")),
                                     word("relation", schema::ref("boxed_relation")),
                                     word("call", schema::ref("text")),
                                     word("with", boxes),
                                     word("function", box),
                                     word("params", schema::map_of("text")),
                                     word("if", box),
                                     word("then", box),
                                     word("else", box),
                                     word("filter", box),
                                     word("match", box),
                                     word("for", schema::ref("text")),
                                     word("in", box),
                                     word("return", box),
                                     word("some", schema::ref("text")),
                                     word("every", schema::ref("text")),
                                     word("satisfies", box),
                                     word("table", schema::ref("decision_table")),
                                     word("hit", schema::ref("text")),
                                     word("outputs", schema::map_of("text")),
                                     word("default", schema::any_of({schema::ref("feel"), schema::map_of("feel")})),
                                     B::custom("type", schema::ref("text"), [](Reader& r, const Node& n, Draft& draft) {
                                         draft.box.type = r.text(n, "type");
                                     })});
    return table;
}

void read_named_boxes(Reader& reader, const Node& node, std::string_view key, Boxed& box) {
    if (!reader.is_map(node, key)) return;
    for (const auto& [name, value] : node.entries) {
        box.names.push_back(name.text);
        box.children.push_back(read_boxed(reader, value));
    }
}

void read_relation(Reader& reader, const Node& node, Boxed& box) {
    Draft draft;
    relation_table().read(reader, node, draft);
    box.names = draft.columns;
    if (draft.rows == nullptr || !reader.is_list(*draft.rows, "rows")) return;
    for (const Node& row : draft.rows->items) {
        if (!reader.is_list(row, "rows")) continue;
        if (row.items.size() != box.names.size()) {
            reader.error(
                "yaml.table.cells", row.span,
                fmt::format("this row has {} cells, the relation has {} columns", row.items.size(), box.names.size()),
                "write 'null' for nothing");
            continue;
        }
        box.children.push_back(read_boxed(reader, row));
    }
}

void read_params(Reader& reader, const Node& node, Boxed& box) {
    if (!reader.is_map(node, "params")) return;
    for (const auto& [name, type] : node.entries) {
        box.names.push_back(name.text);
        Text text = reader.text(type, name.text.text);
        if (text.text == "any") text = {};
        box.types.push_back(std::move(text));
    }
}

Boxed child(Reader& reader, const Draft& draft, std::string_view word) {
    const Node* node = draft.find(word);
    return node ? read_boxed(reader, *node) : Boxed{};
}

void read_shape(Reader& reader, const Shape& shape, const Draft& draft, Boxed& box) {
    const Node& node = *draft.find(shape.word);
    box.kind = shape.kind;
    switch (shape.kind) {
        case Kind::expression:
            box.text = reader.feel(node, "value");
            break;
        case Kind::context:
            read_named_boxes(reader, node, "context", box);
            if (const Node* result = draft.find("result")) {
                box.names.emplace_back();
                box.children.push_back(read_boxed(reader, *result));
            }
            break;
        case Kind::list:
            if (reader.is_list(node, "list")) box.children = read_boxed(reader, node).children;
            break;
        case Kind::relation:
            read_relation(reader, node, box);
            break;
        case Kind::invocation:
            box.text = reader.feel(node, "call");
            if (const Node* with = draft.find("with")) read_named_boxes(reader, *with, "with", box);
            break;
        case Kind::function:
            if (const Node* params = draft.find("params")) read_params(reader, *params, box);
            box.children.push_back(read_boxed(reader, node));
            break;
        case Kind::conditional:
        case Kind::filter:
            box.children.push_back(read_boxed(reader, node));
            for (std::string_view with : shape.with) box.children.push_back(child(reader, draft, with));
            break;
        case Kind::for_each:
        case Kind::some:
        case Kind::every:
            box.names.push_back(reader.text(node, shape.word));
            for (std::string_view with : shape.with) box.children.push_back(child(reader, draft, with));
            break;
        default:
            break;
    }
}

// The outputs' types, the hit policy and the defaults of a table in a box.
void read_table_words(Reader& reader, const Draft& draft, DecisionTable& table) {
    if (const Node* hit = draft.find("hit")) table.hit = reader.word(*hit, "hit", hit_words());
    if (const Node* outputs = draft.find("outputs"); outputs && reader.is_map(*outputs, "outputs")) {
        for (const auto& [name, type] : outputs->entries) {
            const std::string& wanted = name.text.text;
            auto column = std::find_if(table.outputs.begin(), table.outputs.end(),
                                       [&](const auto& one) { return one.header.text == wanted; });
            if (column == table.outputs.end()) {
                std::vector<std::string> known;
                for (const auto& one : table.outputs) known.push_back(one.header.text);
                reader.unknown(name.text, "yaml.table.output", "the table", known);
                continue;
            }
            column->type = reader.text(type, name.text.text);
        }
    }
    const Node* value = draft.find("default");
    if (value == nullptr) return;
    if (value->kind != Node::Kind::map) {
        if (table.outputs.size() == 1) {
            table.outputs.front().default_value = reader.feel(*value, "default");
        } else {
            reader.wrong_shape(*value, "default", "a mapping from each output to its value");
        }
        return;
    }
    for (const auto& [name, text] : value->entries) {
        for (DecisionTable::Column& column : table.outputs) {
            if (column.header.text == name.text.text) column.default_value = reader.feel(text, name.text.text);
        }
    }
}

void read_boxed_table(Reader& reader, const Node& node, const Draft& draft, Boxed& box) {
    Decision source;
    source.span = node.span;
    read_table(reader, node, source);
    auto table = std::make_shared<DecisionTable>();
    table->span = node.span;
    std::vector<size_t> order;
    for (auto kind : {TableColumn::Kind::input, TableColumn::Kind::output}) {
        for (size_t i = 0; i < source.columns.size(); ++i) {
            if (source.columns[i].kind != kind) continue;
            order.push_back(i);
            (kind == TableColumn::Kind::input ? table->inputs : table->outputs)
                .push_back({source.columns[i].header, {}, {}, {}});
        }
    }
    for (TableRow& row : source.rows) {
        TableRow out;
        out.span = row.span;
        for (size_t i : order) out.cells.push_back(row.cells[i]);
        std::string comment;
        for (size_t i = 0; i < source.columns.size(); ++i) {
            if (source.columns[i].kind == TableColumn::Kind::annotation) comment += row.cells[i].text;
        }
        table->comments.push_back(std::move(comment));
        table->rows.push_back(std::move(out));
    }
    read_table_words(reader, draft, *table);
    box.table = std::move(table);
}

void read_box(Reader& reader, const Node& node, Boxed& box) {
    Draft draft;
    box_table().read(reader, node, draft);
    box.type = draft.box.type;
    const Shape* found = nullptr;
    for (const Shape& shape : shapes()) {
        if (draft.find(shape.word) == nullptr) continue;
        if (found) {
            reader.error("yaml.box", node.span, fmt::format("this is '{}' and '{}' at once", found->word, shape.word),
                         "put one into the other");
            return;
        }
        found = &shape;
    }
    if (!found) {
        if (!node.damaged && !node.entries.empty())
            reader.error(
                "yaml.box", node.span, "this mapping is no boxed expression",
                "a context is 'context: {name: …}'; others begin with list, relation, call, function, if, filter, "
                "for, some, every or table");
        return;
    }
    for (const auto& [name, value] : draft.words) {
        if (name == found->word || std::find(found->with.begin(), found->with.end(), name) != found->with.end())
            continue;
        reader.error("yaml.box", value->span, fmt::format("'{}' does not go with '{}'", name, found->word));
    }
    for (size_t i = 0; i < found->required; ++i) {
        if (draft.find(found->with[i]) == nullptr && !node.damaged)
            reader.error("yaml.key.missing", node.span, fmt::format("'{}' needs '{}'", found->word, found->with[i]));
    }
    box.kind = found->kind;
    if (found->kind == Kind::table) {
        read_boxed_table(reader, *draft.find("table"), draft, box);
    } else {
        read_shape(reader, *found, draft, box);
    }
}

}  // namespace

Boxed read_boxed(Reader& reader, const Node& node) {
    Boxed box;
    box.span = node.span;
    switch (node.kind) {
        case Node::Kind::scalar:
            box.kind = Kind::expression;
            box.text = reader.feel(node, "logic");
            break;
        case Node::Kind::list:
            box.kind = Kind::list;
            for (const Node& item : node.items) box.children.push_back(read_boxed(reader, item));
            break;
        case Node::Kind::map:
            read_box(reader, node, box);
            break;
        case Node::Kind::empty:
            break;
    }
    return box;
}

const std::vector<const KeyInfo*>& boxed_keys() {
    return box_table().keys();
}
const std::vector<const KeyInfo*>& boxed_relation_keys() {
    return relation_table().keys();
}

}  // namespace leat::yaml
