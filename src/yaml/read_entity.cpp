#include "yaml/sections.hpp"

namespace leat::yaml {

using namespace model;

namespace {

Node without(Node map, std::string_view key) {
    std::erase_if(map.entries, [&](const Entry& entry) { return entry.key.text.text == key; });
    return map;
}

void read_enum(Reader& reader, const Node& node, std::vector<EnumValue>& values) {
    if (node.kind == Node::Kind::map) {
        for (const auto& [key, title] : node.entries) {
            EnumValue value{key.text, {}, {}};
            const Node* was = title.kind == Node::Kind::map ? title.find("was") : nullptr;
            if (was) value.was = reader.text(*was, "was");
            if (!was || title.entries.size() > 1) value.title = reader.localized(without(title, "was"), key.text.text);
            values.push_back(std::move(value));
        }
        return;
    }
    if (!reader.is_list(node, "enum")) return;
    for (const Node& item : node.items) {
        Text value = reader.text(item, "enum");
        if (!value.empty()) values.push_back({std::move(value), {}, {}});
    }
}

// [[product, warehouse], sku]: each item is one index; a bare name is an index of one field.
void read_indexes(Reader& reader, const Node& node, std::string_view key, std::vector<Index>& indexes) {
    if (!reader.is_list(node, key)) return;
    for (const Node& item : node.items) {
        Index index{reader.names(item, key)};
        if (!index.fields.empty()) indexes.push_back(std::move(index));
    }
}

void read_access(Reader& reader, const Node& node, std::vector<AccessRule>& access) {
    if (!reader.is_map(node, "access")) return;
    for (const auto& [role, value] : node.entries) {
        AccessRule rule;
        rule.role = role.text;
        rule.span = role.span;
        access_table().read(reader, value, rule);
        access.push_back(std::move(rule));
    }
}

void read_duplicates(Reader& reader, const Node& node, std::vector<DuplicateRule>& rules) {
    if (!reader.is_list(node, "duplicates")) return;
    for (const Node& item : node.items) {
        DuplicateRule rule;
        rule.span = item.span;
        duplicate_table().read(reader, item, rule);
        rules.push_back(std::move(rule));
    }
}

// What an entity, an extension of one and a mixin may all say.
template <class T>
Key<T> fields_key() {
    return K<T>::custom("fields", schema::ref("fields"),
                        [](Reader& r, const Node& n, T& t) { read_fields(r, n, "fields", t.fields); });
}
template <class T>
Key<T> constraints_key() {
    return K<T>::custom("constraints", schema::list_of("criterion"),
                        [](Reader& r, const Node& n, T& t) { read_criteria(r, n, "constraints", t.constraints); });
}

std::vector<Key<Entity>> added_keys() {
    using E = K<Entity>;
    return {
        E::names("uses", &Entity::uses),
        fields_key<Entity>(),
        constraints_key<Entity>(),
        E::custom("unique", schema::ref("indexes"),
                  [](Reader& r, const Node& n, Entity& e) { read_indexes(r, n, "unique", e.unique); }),
        E::custom("index", schema::ref("indexes"),
                  [](Reader& r, const Node& n, Entity& e) { read_indexes(r, n, "index", e.index); }),
        E::names("search", &Entity::search),
        E::custom("duplicates", schema::list_of("duplicate"),
                  [](Reader& r, const Node& n, Entity& e) { read_duplicates(r, n, e.duplicates); }),
        E::custom("access", schema::map_of("access"),
                  [](Reader& r, const Node& n, Entity& e) { read_access(r, n, e.access); }),
        E::custom("form", schema::ref("form"), [](Reader& r, const Node& n, Entity& e) { form_table().read(r, n, e); }),
        E::custom("retention", schema::ref("retention"), [](Reader& r, const Node& n, Entity& e) {
            e.retention.present = true;
            e.retention.span = n.span;
            retention_table().read(r, n, e.retention);
        })};
}

Key<Field> length(const std::string& name, Text Field::*member) {
    return K<Field>::integer(name, member);
}

}  // namespace

const Table<Field>& field_table() {
    using F = K<Field>;
    static const Table<Field> table(
        "a field", {F::text("type", &Field::type),
                    F::localized("title", &Field::title),
                    F::localized("description", &Field::description),
                    F::boolean("required", &Field::required),
                    F::boolean("unique", &Field::unique),
                    F::boolean("personal", &Field::personal),
                    F::text("was", &Field::was),
                    F::operand("default", &Field::default_value),
                    F::feel("formula", &Field::formula),
                    F::text("minimum", &Field::minimum),
                    F::text("maximum", &Field::maximum),
                    F::text("exclusiveMinimum", &Field::exclusive_minimum),
                    F::text("exclusiveMaximum", &Field::exclusive_maximum),
                    length("minLength", &Field::min_length),
                    length("maxLength", &Field::max_length),
                    length("minItems", &Field::min_items),
                    length("maxItems", &Field::max_items),
                    F::text("pattern", &Field::pattern),
                    F::text("format", &Field::format),
                    F::custom("enum", schema::ref("enum"),
                              [](Reader& r, const Node& n, Field& f) { read_enum(r, n, f.enumeration); }),
                    F::integer("scale", &Field::scale),
                    F::integer("digits", &Field::digits),
                    F::text("currency", &Field::currency),
                    F::text("unit", &Field::unit),
                    F::text("to", &Field::to),
                    F::text("of", &Field::of),
                    F::text("by", &Field::by),
                    F::word("on_delete", &Field::on_delete, {"restrict", "cascade", "clear"}),
                    F::custom("fields", schema::ref("fields"),
                              [](Reader& r, const Node& n, Field& f) { read_fields(r, n, "fields", f.fields); }),
                    F::text("series", &Field::series),
                    F::feel("required_if", &Field::required_if),
                    F::feel("visible_if", &Field::visible_if),
                    F::feel("readonly_if", &Field::readonly_if),
                    F::feel("allowed", &Field::allowed)});
    return table;
}

void read_fields(Reader& reader, const Node& node, std::string_view key, std::vector<Field>& fields) {
    if (!reader.is_map(node, key)) return;
    for (const auto& [name, value] : node.entries) {
        Field field;
        field.name = name.text;
        field.span = {name.span.source, name.span.begin, value.span.end};
        if (value.kind == Node::Kind::scalar) {
            field.type = value.text;
            field.type_implied = true;
        } else if (value.kind == Node::Kind::map) {
            field_table().read(reader, value, field);
        } else {
            reader.wrong_shape(value, name.text.text, "a type, or a mapping of the field's keys");
            continue;
        }
        fields.push_back(std::move(field));
    }
}

const Table<Criterion>& criterion_table() {
    using C = K<Criterion>;
    static const Table<Criterion> table(
        "a criterion",
        {C::feel("assert", &Criterion::assert_), C::names("required", &Criterion::required),
         C::localized("message", &Criterion::message), C::feel("if", &Criterion::if_), C::text("id", &Criterion::id)});
    return table;
}

void read_criteria(Reader& reader, const Node& node, std::string_view key, std::vector<Criterion>& criteria) {
    if (!reader.is_list(node, key)) return;
    for (const Node& item : node.items) {
        Criterion criterion;
        criterion.span = item.span;
        if (item.kind == Node::Kind::scalar) {
            reader.wrong_shape(item, key, "a list of criteria", "write {assert: …, message: …} or {required: [field]}");
            continue;
        }
        criterion_table().read(reader, item, criterion);
        bool has_assert = !criterion.assert_.empty();
        if (has_assert == !criterion.required.empty() && item.kind == Node::Kind::map && !item.damaged) {
            reader.error("yaml.criterion", item.span,
                         has_assert ? "a criterion has either 'assert' or 'required', not both"
                                    : "a criterion needs 'assert' or 'required'",
                         has_assert ? "write two criteria" : "write {assert: …, message: …} or {required: [field]}");
        }
        criteria.push_back(std::move(criterion));
    }
}

void read_access_fields(Reader& reader, const Node& node, std::string_view key, std::vector<AccessField>& fields) {
    if (!reader.is_map(node, key)) return;
    for (const auto& [name, value] : node.entries) {
        Text right = reader.word(value, name.text.text, {"none", "mask", "read", "write", "required"});
        if (!right.empty()) fields.push_back({name.text, std::move(right)});
    }
}

const Table<AccessRule>& access_table() {
    using A = K<AccessRule>;
    static const Table<AccessRule> table(
        "access",
        {A::feel("add", &AccessRule::add), A::feel("read", &AccessRule::read), A::feel("write", &AccessRule::write),
         A::feel("delete", &AccessRule::delete_), A::feel("export", &AccessRule::export_),
         A::feel("print", &AccessRule::print), A::feel("share", &AccessRule::share),
         A::custom("fields", schema::ref("rights"),
                   [](Reader& r, const Node& n, AccessRule& a) { read_access_fields(r, n, "fields", a.fields); })});
    return table;
}

const Table<DuplicateRule>& duplicate_table() {
    using D = K<DuplicateRule>;
    static const Table<DuplicateRule> table(
        "a duplicate rule",
        {D::required(D::names("match", &DuplicateRule::match)), D::text("similarity", &DuplicateRule::similarity),
         D::feel("if", &DuplicateRule::if_), D::text("id", &DuplicateRule::id)});
    return table;
}

const Table<Retention>& retention_table() {
    using R = K<Retention>;
    static const Table<Retention> table(
        "a retention rule", {R::required(R::operand("for", &Retention::for_)), R::feel("since", &Retention::since),
                             R::feel("if", &Retention::if_)});
    return table;
}

const Table<FormGroup>& form_group_table() {
    using G = K<FormGroup>;
    static const Table<FormGroup> table(
        "a group of a form",
        {G::localized("title", &FormGroup::title), K<FormGroup>::required(G::names("fields", &FormGroup::fields))});
    return table;
}

const Table<Entity>& form_table() {
    static const Table<Entity> table(
        "a form", {K<Entity>::custom("groups", schema::list_of("form_group"), [](Reader& r, const Node& n, Entity& e) {
            if (!r.is_list(n, "groups")) return;
            for (const Node& item : n.items) {
                FormGroup group;
                group.span = item.span;
                form_group_table().read(r, item, group);
                e.form.push_back(std::move(group));
            }
        })});
    return table;
}

const Table<Entity>& entity_table() {
    using E = K<Entity>;
    static const Table<Entity> table("an entity", section_keys<Entity>("entity", [] {
                                         std::vector<Key<Entity>> keys = {E::text("was", &Entity::was),
                                                                          E::text("key", &Entity::key),
                                                                          E::text("display", &Entity::display)};
                                         for (Key<Entity>& key : added_keys()) keys.push_back(std::move(key));
                                         return keys;
                                     }()));
    return table;
}

const Table<Mixin>& mixin_table() {
    static const Table<Mixin> table("a mixin", {K<Mixin>::localized("title", &Mixin::title),
                                                K<Mixin>::localized("description", &Mixin::description),
                                                fields_key<Mixin>(), constraints_key<Mixin>()});
    return table;
}

// What `extend` adds to an entity is an entity's, what it adds to a flow a flow's.
const Table<Extension>& extend_table() {
    using X = K<Extension>;
    static const Table<Extension> table("an extension", [] {
        std::vector<Key<Extension>> keys = {
            X::required(X::custom("extend", schema::ref("text"), [](Reader& r, const Node& n, Extension& x) {
                x.entity.name = x.flow.name = r.text(n, "extend");
            }))};
        for (const Key<Entity>& key : added_keys())
            keys.push_back(X::custom(key.name, key.schema, [read = key.read](Reader& r, const Node& n, Extension& x) {
                x.of_entity = true;
                read(r, n, x.entity);
            }));
        for (const Key<Flow>& key : added_flow_keys())
            keys.push_back(X::custom(key.name, key.schema, [read = key.read](Reader& r, const Node& n, Extension& x) {
                x.of_flow = true;
                read(r, n, x.flow);
            }));
        return keys;
    }());
    return table;
}

}  // namespace leat::yaml
