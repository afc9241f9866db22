// Item definitions of a suite's row as FEEL types.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "feel/expression.hpp"
#include "feel/scope.hpp"

namespace leat::conformance {

// The types of one row: built from JSON, asked by name. What it makes lives as long as it does.
class ItemTypes final : public feel::Scope {
 public:
    // {"name", "typeRef"? | "components"?, "collection"?, "allowedValues"?, "type"?: the definition that typeRef names}
    feel::TypeRef define(const Json& definition);
    // A typeRef: FEEL's own or one defined before. Throws std::runtime_error for an unknown name.
    feel::TypeRef named(const std::string& type_ref);
    const std::vector<feel::Member>& defined() const { return defined_; }

    std::optional<feel::Binding> find(std::string_view) const override { return std::nullopt; }
    std::optional<feel::Member> member(feel::TypeRef, std::string_view) const override { return std::nullopt; }
    std::vector<std::string> names(feel::TypeRef) const override { return {}; }
    std::optional<uint32_t> calendar(std::string_view) const override { return std::nullopt; }
    feel::Types& types() const override { return types_; }
    feel::TypeRef named_type(std::string_view name) const override;

 private:
    feel::TypeRef constrain(feel::TypeRef type, const std::string& allowed);

    mutable feel::Types types_;
    std::vector<feel::Member> defined_;
    std::deque<std::unique_ptr<feel::Expression>> constraints_;
};

}  // namespace leat::conformance
