// Diagnostics: what is wrong in definitions, each with its place, a stable code and a way out.
//
// A loader collects all of them and goes on; nobody stops at the first. Places are one-based; columns count
// characters (code points), as editors do.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace leat::base {

struct Position {
    uint32_t line = 0;  // one-based; 0 means "nowhere"
    uint32_t column = 0;
};

struct Span {
    uint32_t source = 0;  // index in Sources; 0 means "no source" (built by code)
    Position begin;
    Position end;  // one past the last character
};

// The texts that definitions came from, so that a message can show its line.
class Sources {
 public:
    Sources();
    uint32_t add(std::string name, std::string text);  // answers the index, from 1
    const std::string& name(uint32_t source) const;
    const std::string& text(uint32_t source) const;
    std::string_view line(uint32_t source, uint32_t line) const;  // without its line end; empty when out of range
    size_t size() const { return entries_.size(); }

 private:
    struct Entry {
        std::string name;
        std::string text;
        std::vector<size_t> line_offsets;
    };
    std::deque<Entry> entries_;  // so that lent names, texts and lines outlive a later add()
};

// A scalar of a definition: its text after YAML has unquoted it, and where each of its lines stands in the source,
// so that an error inside a formula points at the character and not at the key.
struct Text {
    std::string text;
    Span span;
    std::vector<Position> line_starts;  // where line i of `text` begins in the source; empty: unknown, use span
    bool quoted = false;
    // Bytes of `text` in front of which the source holds one character more (an escape: \" or ''), in order, each as
    // often as there are such characters.
    std::vector<uint32_t> escapes;

    bool empty() const { return text.empty() && span.begin.line == 0; }
    // The source place of bytes [begin, end) of `text`.
    Span at(size_t begin, size_t end) const;
};

enum class Severity : uint8_t { error, warning, note };

struct Note {
    Span span;
    std::string message;
};

struct Diagnostic {
    Severity severity = Severity::error;
    std::string code;     // "feel.name.unknown": stable, documented in docs/diagnostics.md
    std::string message;  // one sentence, no final stop
    Span span;
    std::string hint;  // "did you mean 'amount'?"; empty: none
    std::vector<Note> notes;
};

class Diagnostics {
 public:
    Diagnostic& error(std::string code, Span span, std::string message, std::string hint = {});
    Diagnostic& warning(std::string code, Span span, std::string message, std::string hint = {});
    bool has_errors() const { return errors_ > 0; }
    size_t error_count() const { return errors_; }
    const std::vector<Diagnostic>& all() const { return all_; }
    std::vector<Diagnostic> take();      // in order of source and place
    static constexpr size_t kMax = 200;  // beyond that only the count grows

 private:
    std::vector<Diagnostic> all_;
    Diagnostic dropped_;
    size_t errors_ = 0;
};

// file:line:column: error[code]: message, the source line, a caret under the span (wide characters count two), hint
// and notes. Ends in a newline.
std::string format(const Diagnostic& diagnostic, const Sources& sources);

// The candidate nearest to `name` by edit distance, or "" when none is near enough to suggest.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace leat::base

namespace leat {
using base::Diagnostic;
using base::Diagnostics;
using base::Severity;
using base::Sources;
using base::Span;
using base::Text;
}  // namespace leat
