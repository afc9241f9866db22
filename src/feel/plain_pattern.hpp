// Patterns that need no search engine, and are most of what people write: a text ("-"), or one class of ASCII
// characters, perhaps repeated ("[^0-9]", "\s+"). They answer exactly as the engine would.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace leat::feel {

struct RegexFlags;

class PlainPattern {
 public:
    // nullopt: the pattern is of another kind, or none at all.
    static std::optional<PlainPattern> of(std::string_view pattern, const RegexFlags& flags);

    // The bytes of the first match at or after `from`, where a character begins; the text is UTF-8.
    bool search(std::string_view text, size_t from, size_t& begin, size_t& end) const;

 private:
    bool read_text(std::string_view pattern);
    bool read_class(std::string_view pattern);
    bool read_item(std::string_view pattern, size_t& at);

    std::string text_;  // empty: one character of the class
    // By byte. What is beyond ASCII is all in, or all out; characters of several bytes are taken whole.
    std::array<bool, 256> in_class_{};
    bool repeated_ = false;
};

}  // namespace leat::feel
