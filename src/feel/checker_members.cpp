// Members: of records and objects through the scope, of contexts, of dates and durations, and of lists item by item.
#include <fmt/format.h>

#include "feel/checker.hpp"

namespace leat::feel {

using ast::Node;
using ast::NodeKind;

TypeRef Checker::check_member(Node* node) {
    if (node->children.size() > 1) return any();  // made here, with what the name means outside
    check_raw(node->children[0]);
    return member_type(node, node->children[0]->type);
}

TypeRef Checker::unknown_member(Node* node, TypeRef object, const std::vector<std::string>& names) {
    Node place = *node;
    place.begin = node->end - static_cast<uint32_t>(std::min<size_t>(node->text.size(), node->end - node->begin));
    std::string near = base::nearest(node->text, names);
    std::string hint = near.empty() ? "" : fmt::format("did you mean '{}'?", near);
    error("feel.name.unknown", &place, fmt::format("there is no '{}' in this {}", node->text, describe(object)), hint);
    return any();
}

void Checker::note_read(const Node* node, TypeRef object, const Member& member) {
    if (object->kind == TypeKind::object) {
        if (member.type->kind != TypeKind::collection) reads_.objects.push_back(object->class_id);
        return;
    }
    const Node* parent = node->children[0];
    bool self = parent->kind == NodeKind::name && parent->binding.kind == Binding::Kind::self;
    reads_.fields.push_back({object->class_id, member.index, !self});
    if (member.type->kind == TypeKind::list && member.type->element && member.type->element->kind == TypeKind::record) {
        reads_.collections.push_back(member.type->element->class_id);
    }
}

TypeRef Checker::member_type(Node* node, TypeRef object) {
    switch (object->kind) {
        case TypeKind::any:
        case TypeKind::null:
            return any();
        case TypeKind::record:
        case TypeKind::object: {
            auto member = scope_.member(object, node->text);
            if (!member) return unknown_member(node, object, scope_.names(object));
            node->index = member->index;
            node->by_index = true;
            note_read(node, object, *member);
            TypeRef type = member->type ? member->type : any();
            bool collection = type->kind == TypeKind::collection || type->kind == TypeKind::object;
            return object->nullable && !collection ? types_.with_nullable(type, true) : type;
        }
        case TypeKind::collection: {
            as_value(node->children[0]);
            return member_type(node, node->children[0]->type);
        }
        case TypeKind::list: {
            TypeRef element = object->element ? object->element : any();
            TypeRef type = member_type(node, element);
            return types_.list(type, object->nullable);
        }
        case TypeKind::context: {
            if (object->members.empty()) return any();
            std::vector<std::string> names;
            for (const Member& member : object->members) {
                if (member.name == node->text)
                    return object->nullable ? types_.with_nullable(member.type, true) : member.type;
                names.push_back(member.name);
            }
            return unknown_member(node, object, names);
        }
        default:
            return property_type(node, object);
    }
}

TypeRef Checker::property_type(Node* node, TypeRef object) {
    struct Property {
        TypeKind of;
        const char* name;
        TypeKind type;
        bool nullable;
    };
    static constexpr TypeKind kNumber = TypeKind::number;
    static constexpr Property kProperties[] = {
        {TypeKind::date, "year", kNumber, false},
        {TypeKind::date, "month", kNumber, false},
        {TypeKind::date, "day", kNumber, false},
        {TypeKind::date, "weekday", kNumber, false},
        {TypeKind::date_time, "year", kNumber, false},
        {TypeKind::date_time, "month", kNumber, false},
        {TypeKind::date_time, "day", kNumber, false},
        {TypeKind::date_time, "weekday", kNumber, false},
        {TypeKind::date_time, "hour", kNumber, false},
        {TypeKind::date_time, "minute", kNumber, false},
        {TypeKind::date_time, "second", kNumber, false},
        {TypeKind::date_time, "time offset", TypeKind::days_duration, true},
        {TypeKind::date_time, "timezone", TypeKind::string, true},
        {TypeKind::time, "hour", kNumber, false},
        {TypeKind::time, "minute", kNumber, false},
        {TypeKind::time, "second", kNumber, false},
        {TypeKind::time, "time offset", TypeKind::days_duration, true},
        {TypeKind::time, "timezone", TypeKind::string, true},
        {TypeKind::days_duration, "days", kNumber, false},
        {TypeKind::days_duration, "hours", kNumber, false},
        {TypeKind::days_duration, "minutes", kNumber, false},
        {TypeKind::days_duration, "seconds", kNumber, false},
        {TypeKind::months_duration, "years", kNumber, false},
        {TypeKind::months_duration, "months", kNumber, false},
        {TypeKind::duration, "days", kNumber, true},
        {TypeKind::duration, "hours", kNumber, true},
        {TypeKind::duration, "minutes", kNumber, true},
        {TypeKind::duration, "seconds", kNumber, true},
        {TypeKind::duration, "years", kNumber, true},
        {TypeKind::duration, "months", kNumber, true},
        {TypeKind::range, "start", TypeKind::any, true},
        {TypeKind::range, "end", TypeKind::any, true},
        {TypeKind::range, "start included", TypeKind::boolean, false},
        {TypeKind::range, "end included", TypeKind::boolean, false},
    };
    std::vector<std::string> names;
    for (const Property& property : kProperties) {
        if (property.of != object->kind) continue;
        if (property.name == node->text) {
            if (object->kind == TypeKind::range && property.type == TypeKind::any && object->element)
                return types_.with_nullable(object->element, true);
            return basic(property.type, property.nullable || object->nullable);
        }
        names.emplace_back(property.name);
    }
    return unknown_member(node, object, names);
}

}  // namespace leat::feel
