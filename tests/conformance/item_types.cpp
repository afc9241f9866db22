#include "item_types.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "feel/type_text.hpp"

namespace leat::conformance {

feel::TypeRef ItemTypes::named_type(std::string_view name) const {
    for (const feel::Member& type : defined_) {
        if (type.name == name) return type.type;
    }
    return nullptr;
}

feel::TypeRef ItemTypes::named(const std::string& type_ref) {
    feel::TypeRef type = feel::parse_type(type_ref, *this);
    if (!type) throw std::runtime_error(fmt::format("there is no type '{}'", type_ref));
    return type;
}

feel::TypeRef ItemTypes::constrain(feel::TypeRef type, const std::string& allowed) {
    Text text;
    text.text = allowed;
    text.span.begin = {1, 1};
    Diagnostics diagnostics;
    auto tests = feel::compile_unary_tests(text, type, *this, feel::CompileOptions(), diagnostics);
    if (!tests) throw std::runtime_error(fmt::format("the allowed values '{}' cannot be read", allowed));
    constraints_.push_back(std::move(tests));
    return types_.constrained(type, constraints_.back().get());
}

feel::TypeRef ItemTypes::define(const Json& definition) {
    feel::TypeRef type = types_.basic(feel::TypeKind::any);
    const Json* components = definition.find("components");
    const Json* inner = definition.find("type");
    const Json* type_ref = definition.find("typeRef");
    if (components) {
        std::vector<feel::Member> members;
        for (const Json& component : components->items) {
            auto index = static_cast<uint32_t>(members.size());
            members.push_back({component.find("name")->text, index, define(component)});
        }
        type = types_.context(std::move(members));
    } else if (inner) {
        type = define(*inner);
    } else if (type_ref && !type_ref->is_null()) {
        type = named(type_ref->text);
    }
    if (const Json* allowed = definition.find("allowedValues")) type = constrain(type, allowed->text);
    const Json* collection = definition.find("collection");
    if (collection && collection->boolean) type = types_.list(type);
    if (const Json* name = definition.find("name")) defined_.push_back({name->text, 0, type});
    return type;
}

}  // namespace leat::conformance
