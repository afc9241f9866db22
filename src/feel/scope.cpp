#include "feel/scope.hpp"

namespace leat::feel {

bool is_phrase(std::string_view name) {
    return name.find_first_of(" +-*/.'") != std::string_view::npos || name.find("’") != std::string_view::npos;
}

const std::vector<std::string>& Scope::phrases() const {
    static const std::vector<std::string> none;
    return none;
}

TypeRef Scope::named_type(std::string_view) const {
    return nullptr;
}

}  // namespace leat::feel
