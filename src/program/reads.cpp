#include "program/reads.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace leat::program {

using feel::Binding;
using feel::TypeKind;
using feel::ast::Node;
using feel::ast::NodeKind;

namespace {

// Where a record, or a list of records, comes from.
struct Origin {
    enum class Kind : uint8_t { other, self, owner, items };
    Kind kind = Kind::other;
    FieldId list = kNone;

    friend bool operator==(const Origin&, const Origin&) = default;
};

bool holds_records(feel::TypeRef type) {
    while (type && type->kind == TypeKind::list) type = type->element;
    return !type || type->kind == TypeKind::record || type->kind == TypeKind::any || type->kind == TypeKind::collection;
}

class Walk {
 public:
    Walk(const Program& program, EntityId entity, const AskFunction& ask)
        : program_(program), entity_(program.entities[entity]), ask_(ask) {}

    Origin visit(const Node* node) {
        switch (node->kind) {
            case NodeKind::name:
                return name(node);
            case NodeKind::member:
                return member(node);
            case NodeKind::item:
            case NodeKind::local: {
                auto known = slots_.find(node->index);
                return known == slots_.end() ? Origin{} : known->second;
            }
            case NodeKind::filter:
            case NodeKind::index: {
                Origin list = visit(node->children[0]);
                slots_[node->index] = list;
                visit(node->children[1]);
                return list;
            }
            case NodeKind::for_each:
            case NodeKind::some:
            case NodeKind::every:
                return iteration(node);
            case NodeKind::context:
                for (size_t i = 0; i < node->children.size(); ++i)
                    slots_[node->index + static_cast<uint32_t>(i)] = visit(node->children[i]);
                return {};
            case NodeKind::if_else: {
                visit(node->children[0]);
                Origin then = visit(node->children[1]), otherwise = visit(node->children[2]);
                return then == otherwise ? then : Origin{};
            }
            case NodeKind::call:
                return call(node);
            default:
                for (const Node* child : node->children) visit(child);
                return {};
        }
    }

    void foreign(std::string why) {
        if (found_.foreign.empty()) found_.foreign = std::move(why);
    }
    FormulaReads take() { return std::move(found_); }

 private:
    Origin name(const Node* node) {
        switch (node->binding.kind) {
            case Binding::Kind::field:
                return field(Origin{Origin::Kind::self, kNone}, node->binding.index);
            case Binding::Kind::self:
                return {Origin::Kind::self, kNone};
            case Binding::Kind::object:
                foreign(fmt::format("it reads {}", node->text));
                return {};
            case Binding::Kind::function:
                foreign(fmt::format("it passes function '{}' on", node->text));
                return {};
            case Binding::Kind::local:
            case Binding::Kind::constant:
                return {};
        }
        return {};
    }

    Origin member(const Node* node) {
        const Node* object = node->children[0];
        Origin origin = visit(object);
        if (origin.kind != Origin::Kind::other) return field(origin, node->index);
        if (holds_records(object->type)) foreign(fmt::format("it reads '{}' of another record", node->text));
        return {};
    }

    // A field of the record or records at `origin`; answers where the field's own value comes from.
    Origin field(const Origin& origin, FieldId id) {
        const Entity& entity = entity_at(origin);
        const Field& field = entity.fields[id];
        if (field.id == kVersion || field.id == kUpdatedAt || field.id == kUpdatedBy ||
            (field.id == kKey && !entity.key_source.empty())) {
            foreign(fmt::format("'{}' is only known when the command ends", field.name));
        }
        bool list = field.kind == FieldKind::list && !field.scalar_list;
        if (list && origin.kind != Origin::Kind::self) {
            foreign(fmt::format("it reads the list '{}' of another record", field.name));
            return {};
        }
        if (list) {
            add(found_.lists, field.id);
            return {Origin::Kind::items, field.id};
        }
        FormulaRead read;
        read.entity = entity.id;
        read.field = field.id;
        if (origin.kind == Origin::Kind::owner) read.path = FormulaRead::Path::owner;
        if (origin.kind == Origin::Kind::items) {
            read.path = FormulaRead::Path::items;
            read.list = origin.list;
        }
        add(found_.reads, read);
        if (origin.kind == Origin::Kind::self && entity.owner != kNone && field.id == entity.owner_field)
            return {Origin::Kind::owner, kNone};
        // Back from an item to the record that the list belongs to.
        if (origin.kind == Origin::Kind::items && field.id == entity_.fields[origin.list].by)
            return {Origin::Kind::self, kNone};
        return {};
    }

    const Entity& entity_at(const Origin& origin) const {
        if (origin.kind == Origin::Kind::owner) return program_.entities[entity_.owner];
        if (origin.kind == Origin::Kind::items) return program_.entities[entity_.fields[origin.list].to];
        return entity_;
    }

    Origin iteration(const Node* node) {
        for (size_t i = 0; i < node->names.size(); ++i)
            slots_[node->index + static_cast<uint32_t>(i)] = visit(node->children[i]);
        return visit(node->children.back());
    }

    Origin call(const Node* node) {
        const Node* callee = node->text.empty() ? node->children[0] : nullptr;
        if (callee && callee->kind == NodeKind::name && callee->binding.kind == Binding::Kind::function)
            return bound_call(node, *callee);
        // A built-in keeps where the records of its first list come from; a function written as an argument gets them.
        Origin records;
        for (const Node* argument : node->children) {
            if (argument->kind == NodeKind::function_definition) {
                for (size_t i = 0; i < argument->names.size(); ++i)
                    slots_[argument->index + static_cast<uint32_t>(i)] = records;
                visit(argument->children[0]);
                continue;
            }
            Origin origin = visit(argument);
            if (records.kind == Origin::Kind::other) records = origin;
        }
        return records.kind == Origin::Kind::items ? records : Origin{};
    }

    Origin bound_call(const Node* node, const Node& callee) {
        Origin first;
        for (size_t i = 1; i < node->children.size(); ++i) {
            Origin origin = visit(node->children[i]);
            if (i == 1) first = origin;
        }
        FunctionReads reads = ask_(callee.binding.index);
        if (!reads.foreign.empty()) foreign(fmt::format("'{}' {}", callee.text, reads.foreign));
        if (reads.fields.empty()) return {};
        if (first.kind == Origin::Kind::other) {
            foreign(fmt::format("'{}' reads another record", callee.text));
            return {};
        }
        if (entity_at(first).id != reads.entity) return {};
        for (FieldId id : reads.fields) field(first, id);
        return {};
    }

    template <class T>
    static void add(std::vector<T>& items, const T& item) {
        if (std::find(items.begin(), items.end(), item) == items.end()) items.push_back(item);
    }

    const Program& program_;
    const Entity& entity_;
    const AskFunction& ask_;
    std::map<uint32_t, Origin> slots_;
    FormulaReads found_;
};

}  // namespace

FormulaReads formula_reads(const Program& program, EntityId entity, const feel::Expression& formula,
                           const AskFunction& ask) {
    Walk walk(program, entity, ask);
    if (formula.tree()) walk.visit(formula.tree());
    if (formula.reads().clock) walk.foreign("it reads the clock");
    return walk.take();
}

}  // namespace leat::program
