// Regular expressions as XPath has them (XQuery 1.0 and XPath 2.0 Functions and Operators 7.6, which DMN cites; and
// what 3.1 adds: "(?:…)" and the flag q), run by PCRE2.
//
// The pattern is checked by XPath's grammar first: much that PCRE2 takes is an error in XPath, and means null in FEEL.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feel/plain_pattern.hpp"

namespace leat::feel {

// What a flag string says; nullopt for a letter that is none of s m i x q.
struct RegexFlags {
    bool dot_all = false;            // s: '.' is also a newline
    bool multiline = false;          // m: '^' and '$' are also at the lines' ends
    bool ignore_case = false;        // i
    bool ignore_whitespace = false;  // x: spaces in the pattern, outside of character classes, do not count
    bool literal = false;            // q: the pattern is a text, not an expression
    static std::optional<RegexFlags> parse(std::string_view letters);
};

// The pattern in PCRE2's syntax, or why it is no XPath pattern (a sentence without its end).
struct RegexTranslation {
    std::string pattern;
    std::string fault;
    int groups = 0;  // capturing ones
};
RegexTranslation translate_regex(std::string_view pattern, const RegexFlags& flags);
// The same for ECMAScript's patterns with the flag u (ECMA-262, 22.2.1), which JSON Schema's `pattern` has.
RegexTranslation translate_ecmascript(std::string_view pattern);

// The code points of an XML Schema block name ("BasicLatin"), first and last; nullopt for an unknown name.
struct CodePointRange {
    char32_t first = 0, last = 0;
};
std::optional<CodePointRange> unicode_block(std::string_view name);

// Immutable and shared between threads.
class Regex {
 public:
    // Compiled, from a process-wide store of the patterns used last (bounded). nullptr: `fault` says why.
    static std::shared_ptr<const Regex> get(std::string_view pattern, const RegexFlags& flags, std::string& fault);
    // An ECMAScript pattern, for its holder alone. nullptr: `fault` says why.
    static std::shared_ptr<const Regex> make_ecmascript(std::string_view pattern, std::string& fault);
    ~Regex();
    Regex(const Regex&) = delete;
    Regex& operator=(const Regex&) = delete;

    // Byte offsets of the match and its groups; a group that took no part has begin == npos.
    struct Span {
        size_t begin = std::string_view::npos, end = std::string_view::npos;
    };
    // The first match at or after byte `from` into `spans` (whole match first). `work` grows by what the search took:
    // parts of the pattern tried, and sixteenths of the bytes run over. Throws LimitError("limit.regex", …) when it
    // needs more work or memory than a search may.
    bool search(std::string_view text, size_t from, std::vector<Span>& spans, uint64_t& work) const;
    // Where the pattern needs no engine: then its own search may be used on any valid text. Else nullptr.
    const PlainPattern* plain() const { return plain_ ? &*plain_ : nullptr; }
    int groups() const { return groups_; }
    // Whether the pattern matches a text without characters: an error where XPath cuts or replaces.
    bool matches_nothing() const { return matches_nothing_; }

 private:
    Regex(void* code, int groups) : code_(code), groups_(groups) {}
    explicit Regex(PlainPattern plain) : plain_(std::move(plain)) {}

    std::optional<PlainPattern> plain_;  // then there is no code
    void* code_ = nullptr;               // pcre2_code: the header stays in regex.cpp
    int groups_ = 0;
    bool matches_nothing_ = false;
};

}  // namespace leat::feel
