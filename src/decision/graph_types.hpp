// The item definitions of a graph's models as feel's types. Inside this room only.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "feel/expression.hpp"
#include "model/dmn.hpp"

namespace leat::decision {

// FEEL's own types by the names that the standard's versions gave them ("number", "dateTime", "date and time").
// nullptr: no such name; "Any" is feel's any.
feel::TypeRef built_in_type(std::string_view name, feel::Types& types);

class GraphTypes {
 public:
    // `models` outlive this; imports[m][i] is the model that import i of model m names, or kNone.
    static constexpr uint32_t kNone = UINT32_MAX;
    GraphTypes(const std::vector<const model::DmnModel*>& models, const std::vector<std::vector<uint32_t>>& imports,
               feel::Types& types, const feel::CompileOptions& options, Diagnostics& diagnostics);

    // The type of that name in a model: "number", "tPerson", "import.tPerson", "list<tPerson>". nullptr after the
    // error dmn.type; an empty name is any.
    feel::TypeRef named(uint32_t model, const Text& name, Diagnostics& diagnostics);
    // The same without a word about it.
    feel::TypeRef find(uint32_t model, std::string_view name);
    // All item definitions made, so that what is wrong in one that nothing uses is told too.
    void make_all();
    // Unary tests that an item definition lists as its allowed values, also through the definition that it names;
    // nullptr: none.
    const Text* allowed(uint32_t model, std::string_view name);
    // Names of components that are no single words.
    const std::vector<std::string>& phrases() const { return phrases_; }
    std::vector<std::unique_ptr<feel::Expression>> take_constraints() { return std::move(constraints_); }

 private:
    struct Known {
        const model::DmnItem* item = nullptr;
        feel::TypeRef type = nullptr;
        bool making = false;
        feel::TypeRef inner = nullptr;  // itself, where it is met inside itself
    };
    Known* known(uint32_t model, std::string_view name, uint32_t* owner);
    feel::TypeRef make(uint32_t model, Known& known);
    feel::TypeRef type_of(uint32_t model, const model::DmnItem& item);
    feel::TypeRef constrained(feel::TypeRef type, uint32_t model, const Text& tests, const Text* outer);
    feel::TypeRef generic(uint32_t model, std::string_view name);

    const std::vector<const model::DmnModel*>& models_;
    const std::vector<std::vector<uint32_t>>& imports_;
    feel::Types& types_;
    const feel::CompileOptions& options_;
    Diagnostics& diagnostics_;
    std::vector<std::unordered_map<std::string, Known>> items_;  // per model
    std::vector<std::unique_ptr<feel::Expression>> constraints_;
    std::vector<std::string> phrases_;
    uint32_t depth_ = 0;  // of definitions being made
};

// Whether FEEL spells the name as one word, so that the parser needs no list to find it.
bool is_word(std::string_view name);

}  // namespace leat::decision
