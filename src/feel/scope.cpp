#include "feel/scope.hpp"

namespace leat::feel {

bool is_phrase(std::string_view name) {
    for (size_t i = 0; i < name.size(); i++) {
        switch (name[i]) {
            case ' ':
            case '+':
            case '-':
            case '*':
            case '/':
            case '.':
            case '\'':
                return true;
            case '\xE2':
                if (name.substr(i).starts_with("’")) return true;
                break;
            default:
                break;
        }
    }
    return false;
}

const std::vector<std::string>& Scope::phrases() const {
    static const std::vector<std::string> none;
    return none;
}

TypeRef Scope::named_type(std::string_view) const {
    return nullptr;
}

}  // namespace leat::feel
