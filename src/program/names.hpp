// What names stand for in an expression: the program's side of feel::Scope. Internal to this room.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "feel/scope.hpp"
#include "program/program.hpp"

namespace leat::program {

// A name with a place in Frame::locals.
struct Local {
    std::string name;
    uint32_t slot = 0;
    feel::TypeRef type = nullptr;
};

// Answers types that are only final once something else was compiled (a formula's nullability, a function's result).
class TypeResolver {
 public:
    virtual ~TypeResolver() = default;
    virtual feel::TypeRef field_type(EntityId entity, FieldId field) = 0;
    virtual feel::TypeRef function_type(uint32_t function) = 0;
};

// Names of one place: locals first, then the fields of `entity`'s record, then decisions and functions. Copied and
// added to where a block opens.
class Names : public feel::Scope {
 public:
    Names(const Program& program, feel::Types& types, TypeResolver* resolver)
        : program_(program), types_(types), resolver_(resolver) {}

    Names& of(EntityId entity);  // bare fields and `this`
    Names& add(std::string name, uint32_t slot, feel::TypeRef type);
    Names& in_flow();  // in_state() is known as well
    EntityId entity() const { return entity_; }
    uint32_t next_local() const { return next_local_; }
    const std::vector<Local>& locals() const { return locals_; }
    feel::TypeRef self() const;  // type of `this`; nullptr without an entity

    std::optional<feel::Binding> find(std::string_view name) const override;
    std::optional<feel::Member> member(feel::TypeRef type, std::string_view name) const override;
    std::vector<std::string> names(feel::TypeRef type) const override;
    std::optional<uint32_t> calendar(std::string_view name) const override;
    const std::vector<std::string>& phrases() const override { return program_.phrases; }
    feel::Types& types() const override { return types_; }

 private:
    feel::TypeRef type_of(EntityId entity, FieldId field) const;
    std::optional<feel::Binding> find_function(std::string_view name) const;
    std::optional<feel::Member> object_member(feel::TypeRef type, std::string_view name) const;

    const Program& program_;
    feel::Types& types_;
    TypeResolver* resolver_;
    EntityId entity_ = kNone;
    std::vector<Local> locals_;
    uint32_t next_local_ = kFirstLocal;
    bool in_flow_ = false;
};

// Words that cannot name a field or a local: the roots of LANGUAGE section 2.
bool is_root(std::string_view name);
// Letters (of any script), digits and '_', no digit first, no FEEL keyword.
bool is_identifier(std::string_view name);
// What may be a state's id in SCXML: no blank and no colon.
bool is_nmtoken(std::string_view name);

}  // namespace leat::program
