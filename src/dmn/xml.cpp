#if LEAT_DMN
#include "dmn/xml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/utf8.hpp"

namespace leat::dmn {

namespace {

constexpr uint32_t kElementsPerBox = 4;  // decision, context, contextEntry, expression: XML nests deeper than boxes do

constexpr size_t kStride = 256;

bool begins_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// How many bytes of the source one byte or character of the value was written with: a reference such as &lt; is one
// character of the value, a line end may be two bytes of the source.
size_t written(std::string_view source, size_t at) {
    if (source[at] == '&') {
        size_t end = source.find(';', at);
        if (end != std::string_view::npos && end - at < 12) return end - at + 1;
    }
    if (source[at] == '\r' && at + 1 < source.size() && source[at + 1] == '\n') return 2;
    return 1;
}

std::string collapsed(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (!blank(c))
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

}  // namespace

bool Document::parse(std::string_view text, uint32_t source, const Limits& limits, Diagnostics& diagnostics) {
    text_ = text;
    source_ = source;
    lines_ = {0};
    counts_.clear();
    size_t characters = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        if (i % kStride == 0) counts_.push_back(characters);
        if (begins_character(text[i])) ++characters;
        if (text[i] == '\n') lines_.push_back(i + 1);
    }
    counts_.push_back(characters);
    Span top{source, {1, 1}, {1, 1}};
    if (text.size() > limits.source_bytes_max) {
        diagnostics.error("dmn.limit", top,
                          fmt::format("the model has {} bytes, more than {}", text.size(), limits.source_bytes_max));
        return false;
    }
    if (!base::valid_utf8(text)) {
        diagnostics.error("dmn.encoding", top, "the model is not UTF-8", "save it as UTF-8");
        return false;
    }
    // No document types: they are where entities come from, and a DMN model has none.
    unsigned flags = (pugi::parse_default | pugi::parse_doctype) & ~pugi::parse_wconv_attribute;
    auto result = document_.load_buffer(text.data(), text.size(), flags, pugi::encoding_utf8);
    if (!result) {
        base::Position place = at(static_cast<size_t>(std::max<ptrdiff_t>(result.offset, 0)));
        diagnostics.error("dmn.xml", {source_, place, {place.line, place.column + 1}},
                          fmt::format("this is not well-formed XML: {}", result.description()));
        return false;
    }
    for (Xml node : document_.children()) {
        if (node.type() != pugi::node_doctype) continue;
        base::Position place = at(offset_of(node));
        diagnostics.error("dmn.xml", {source_, place, {place.line, place.column + 1}},
                          "a DMN model has no document type", "take the DOCTYPE out");
        return false;
    }
    return check_depth(limits.depth_max * kElementsPerBox, diagnostics);
}

bool Document::check_depth(uint32_t depth_max, Diagnostics& diagnostics) const {
    uint32_t depth = 1;
    Xml node = root();
    while (node) {
        if (depth > depth_max) {
            diagnostics.error("dmn.limit", span(node), fmt::format("elements are nested more than {} deep", depth_max));
            return false;
        }
        if (node.first_child()) {
            node = node.first_child();
            ++depth;
            continue;
        }
        while (node && node != root() && !node.next_sibling()) {
            node = node.parent();
            --depth;
        }
        if (!node || node == root()) break;
        node = node.next_sibling();
    }
    return true;
}

// Characters before it. A line may be as long as the file, so some are counted beforehand.
size_t Document::count(size_t offset) const {
    if (offset >= text_.size()) return counts_.back();
    size_t characters = counts_[offset / kStride];
    for (size_t i = offset - offset % kStride; i < offset; ++i) characters += begins_character(text_[i]) ? 1 : 0;
    return characters;
}

base::Position Document::at(size_t offset) const {
    offset = std::min(offset, text_.size());
    size_t line = static_cast<size_t>(std::upper_bound(lines_.begin(), lines_.end(), offset) - lines_.begin());
    size_t begin = lines_[line - 1];
    return {static_cast<uint32_t>(line), static_cast<uint32_t>(count(offset) - count(begin) + 1)};
}

Span Document::span(Xml element) const {
    size_t begin = offset_of(element);
    return {source_, at(begin), at(begin + std::strlen(element.name()))};
}

// `value` is what bytes [begin, end) of the source mean.
Text Document::place(std::string value, size_t begin, size_t end) const {
    Text text;
    text.text = std::move(value);
    text.span = {source_, at(begin), at(end)};
    text.line_starts.push_back(text.span.begin);
    size_t from = begin, byte = 0;
    while (from < end && byte < text.text.size()) {
        size_t bytes = written(text_, from);
        size_t offset = byte;
        base::next_code_point(text.text, offset);
        if (text.text[byte] == '\n') {
            text.line_starts.push_back(at(from + bytes));
        } else if (text_[from] == '&') {
            for (size_t more = 1; more < bytes; ++more) text.escapes.push_back(static_cast<uint32_t>(byte));
        } else {
            bytes = offset - byte;
        }
        from += bytes;
        byte = offset;
    }
    return text;
}

Text Document::attribute(Xml element, const char* name) const {
    pugi::xml_attribute attribute = element.attribute(name);
    if (!attribute) return {};
    std::string value = collapsed(attribute.value());
    // pugixml does not say where an attribute stands: look through the start tag.
    size_t from = offset_of(element) + std::strlen(element.name());
    while (from < text_.size() && text_[from] != '>') {
        while (from < text_.size() && blank(text_[from])) ++from;
        size_t equals = text_.find('=', from);
        if (equals == std::string_view::npos) break;
        std::string_view found = text_.substr(from, equals - from);
        while (!found.empty() && blank(found.back())) found.remove_suffix(1);
        size_t quote = text_.find_first_of("\"'", equals);
        if (quote == std::string_view::npos) break;
        size_t end = text_.find(text_[quote], quote + 1);
        if (end == std::string_view::npos) break;
        if (found == name) return place(std::move(value), quote + 1, end);
        from = end + 1;
    }
    Text text;
    text.text = std::move(value);
    text.span = span(element);
    return text;
}

Text Document::content(Xml element) const {
    std::string value;
    size_t begin = 0, end = 0, pieces = 0;
    for (Xml node = element.first_child(); node; node = node.next_sibling()) {
        if (node.type() != pugi::node_pcdata && node.type() != pugi::node_cdata) continue;
        if (pieces++ == 0) begin = offset_of(node);
        size_t length = std::strlen(node.value());
        end = offset_of(node);
        for (size_t i = 0; i < length && end < text_.size(); ++i) end += written(text_, end);
        value += node.value();
    }
    size_t first = 0, last = value.size();
    while (first < last && blank(value[first])) ++first;
    while (last > first && blank(value[last - 1])) --last;
    if (first == last) {
        Text text;
        text.span = span(element);
        return text;
    }
    for (size_t i = 0; i < first; ++i) begin += written(text_, begin);
    return place(value.substr(first, last - first), begin, end);
}

std::string_view local_name(Xml element) {
    std::string_view name = element.name();
    size_t colon = name.rfind(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::string_view namespace_of(Xml element, std::string_view prefix) {
    std::string name = prefix.empty() ? "xmlns" : fmt::format("xmlns:{}", prefix);
    for (Xml node = element; node; node = node.parent()) {
        if (pugi::xml_attribute attribute = node.attribute(name.c_str())) return attribute.value();
    }
    return {};
}

std::string_view namespace_of(Xml element) {
    std::string_view name = element.name();
    size_t colon = name.find(':');
    return namespace_of(element, colon == std::string_view::npos ? std::string_view() : name.substr(0, colon));
}

Xml child(Xml element, std::string_view name) {
    for (Xml node = element.first_child(); node; node = node.next_sibling()) {
        if (node.type() == pugi::node_element && local_name(node) == name) return node;
    }
    return {};
}

}  // namespace leat::dmn
#endif  // LEAT_DMN
