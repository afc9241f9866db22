// Titles and messages in one or several languages.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feel/expression.hpp"

namespace leat::program {

// Plain texts by language; the app's own language stands first.
struct Titles {
    std::vector<std::pair<std::string, std::string>> texts;
    bool empty() const { return texts.empty(); }
    // The text in `language`, else the first, else "".
    std::string_view in(std::string_view language) const {
        for (const auto& [name, text] : texts)
            if (name == language) return text;
        return texts.empty() ? std::string_view{} : std::string_view{texts.front().second};
    }
};

// Texts with {expressions} by language.
struct LocalizedTemplate {
    std::vector<std::pair<std::string, std::unique_ptr<feel::Template>>> texts;
    bool empty() const { return texts.empty(); }
    const feel::Template* in(std::string_view language) const {
        for (const auto& [name, text] : texts)
            if (name == language) return text.get();
        return texts.empty() ? nullptr : texts.front().second.get();
    }
};

}  // namespace leat::program
