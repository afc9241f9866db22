// Where things stand in a source: byte offsets to lines and columns, and the extent of a scalar, which yaml-cpp does
// not tell (it gives the first byte of a node and nothing else).
#pragma once
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "yaml/node.hpp"

namespace leat::yaml {

class Places {
 public:
    Places(uint32_t source, std::string_view text);
    uint32_t source() const { return source_; }
    std::string_view text() const { return text_; }
    base::Position at(size_t offset) const;  // the column counts characters
    Span span(size_t begin, size_t end) const { return {source_, at(begin), at(end)}; }
    size_t line_begin(size_t offset) const;
    size_t line_end(size_t offset) const;  // of the line end itself
    // Fills span, text.span, text.line_starts, style and lines of a scalar node that begins at `offset` and whose
    // value (text.text) is known. Answers the offset one past it.
    size_t locate(Node& node, size_t offset, bool plain) const;

 private:
    size_t locate_plain(Node& node, size_t offset) const;
    size_t locate_quoted(Node& node, size_t offset) const;
    size_t locate_block(Node& node, size_t offset) const;
    void find_escapes(Node& node, size_t begin, size_t end) const;
    void split_quoted(Node& node, size_t begin, size_t end) const;

    uint32_t source_;
    std::string_view text_;
    size_t count(size_t offset) const;  // characters before it

    std::vector<size_t> lines_;
    std::vector<size_t> counts_;  // characters before every kStride-th byte: a line may be as long as the file
};

}  // namespace leat::yaml
