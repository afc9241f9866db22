#include "feel/scope.hpp"

namespace leat::feel {

const std::vector<std::string>& Scope::phrases() const {
    static const std::vector<std::string> none;
    return none;
}

TypeRef Scope::named_type(std::string_view) const {
    return nullptr;
}

}  // namespace leat::feel
