#include "yaml/places.hpp"

#include <algorithm>

#include "base/utf8.hpp"

namespace leat::yaml {

namespace {

constexpr size_t kStride = 256;

bool begins_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

bool blank(char c) {
    return c == ' ' || c == '\t';
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

}  // namespace

Places::Places(uint32_t source, std::string_view text) : source_(source), text_(text), lines_{0} {
    size_t characters = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        if (i % kStride == 0) counts_.push_back(characters);
        if (begins_character(text[i])) ++characters;
        if (text[i] == '\n') lines_.push_back(i + 1);
    }
    counts_.push_back(characters);
}

size_t Places::count(size_t offset) const {
    size_t characters = counts_[offset / kStride];
    if (offset == text_.size()) return counts_.back();
    for (size_t i = offset - offset % kStride; i < offset; ++i) characters += begins_character(text_[i]) ? 1 : 0;
    return characters;
}

base::Position Places::at(size_t offset) const {
    offset = std::min(offset, text_.size());
    auto line = std::upper_bound(lines_.begin(), lines_.end(), offset) - 1;
    return {static_cast<uint32_t>(line - lines_.begin() + 1), static_cast<uint32_t>(count(offset) - count(*line) + 1)};
}

size_t Places::line_begin(size_t offset) const {
    return *(std::upper_bound(lines_.begin(), lines_.end(), std::min(offset, text_.size())) - 1);
}

size_t Places::line_end(size_t offset) const {
    auto next = std::upper_bound(lines_.begin(), lines_.end(), std::min(offset, text_.size()));
    return next == lines_.end() ? text_.size() : *next - 1;
}

size_t Places::locate(Node& node, size_t offset, bool plain) const {
    size_t end = offset;
    char first = offset < text_.size() ? text_[offset] : '\0';
    node.text.quoted = !plain;
    if (plain) {
        end = locate_plain(node, offset);
    } else if (first == '"' || first == '\'') {
        end = locate_quoted(node, offset);
    } else {
        end = locate_block(node, offset);
    }
    node.span = span(offset, end);
    node.text.span = node.span;
    return end;
}

size_t Places::locate_plain(Node& node, size_t offset) const {
    const std::string& value = node.text.text;
    node.style = Node::Style::plain;
    node.text.line_starts = {at(offset)};
    if (text_.compare(offset, value.size(), value) == 0) return offset + value.size();
    size_t from = offset;
    size_t line = offset;
    for (size_t i = 0; i < value.size() && from < text_.size();) {
        size_t next = from;
        while (next < text_.size() && blank(text_[next])) ++next;
        if (next < text_.size() && text_[next] == '\n') {  // folded: spaces and line ends became one space or "\n"s
            node.lines.push_back({std::string(trimmed(text_.substr(line, from - line))), at(line)});
            while (next < text_.size() && (blank(text_[next]) || text_[next] == '\n')) ++next;
            while (i < value.size() && (value[i] == ' ' || value[i] == '\n')) ++i;
            from = line = next;
            continue;
        }
        ++from;
        ++i;
    }
    node.lines.push_back({std::string(trimmed(text_.substr(line, from - line))), at(line)});
    return from;
}

void Places::split_quoted(Node& node, size_t begin, size_t end) const {
    char quote = text_[begin];
    for (size_t line = begin + 1; line < end;) {
        size_t stop = std::min(line_end(line), end - 1);
        size_t first = line;
        while (first < stop && line != begin + 1 && blank(text_[first])) ++first;
        std::string text;
        for (size_t i = first; i < stop; ++i) {
            bool escape = i + 1 < stop && ((quote == '\'' && text_[i] == '\'') || (quote == '"' && text_[i] == '\\'));
            if (escape) ++i;
            text += text_[i];
        }
        node.lines.push_back({std::move(text), at(first)});
        line = stop + 1;
    }
}

// Walks a quoted text of one line beside its value: an escape is one character of the value and several of the source.
void Places::find_escapes(Node& node, size_t begin, size_t end) const {
    char quote = text_[begin];
    const std::string& value = node.text.text;
    size_t at = 0;
    for (size_t i = begin + 1; i + 1 < end && at < value.size();) {
        size_t length = 1;
        bool escape = quote == '\'' ? text_[i] == '\'' : text_[i] == '\\';
        if (escape) {
            char kind = quote == '"' && i + 1 < end ? text_[i + 1] : '\0';
            length = kind == 'x' ? 4 : kind == 'u' ? 6 : kind == 'U' ? 10 : 2;
            for (size_t more = 1; more < length; ++more) node.text.escapes.push_back(static_cast<uint32_t>(at));
        } else {
            size_t next = i;
            base::next_code_point(text_, next);
            length = next - i;
        }
        i += length;
        base::next_code_point(value, at);
    }
}

size_t Places::locate_quoted(Node& node, size_t offset) const {
    char quote = text_[offset];
    node.style = quote == '"' ? Node::Style::double_quoted : Node::Style::single_quoted;
    size_t end = offset + 1;
    for (; end < text_.size(); ++end) {
        if (quote == '"' && text_[end] == '\\') {
            ++end;
        } else if (text_[end] == quote) {
            if (quote == '\'' && end + 1 < text_.size() && text_[end + 1] == quote) {
                ++end;
            } else {
                break;
            }
        }
    }
    node.damaged = end >= text_.size();
    end = std::min(end + 1, text_.size());
    node.text.line_starts = {at(offset + 1)};
    if (text_.substr(offset, end - offset).find('\n') != std::string_view::npos) {
        split_quoted(node, offset, end);
    } else {
        find_escapes(node, offset, end);
    }
    return end;
}

size_t Places::locate_block(Node& node, size_t offset) const {
    bool folded = offset < text_.size() && text_[offset] == '>';
    node.style = folded ? Node::Style::folded : Node::Style::literal;
    const std::string& value = node.text.text;
    size_t line = std::min(line_end(offset) + 1, text_.size());
    // The indentation of the content: what stands before the first line that is not blank, less what YAML kept of it.
    size_t indent = 0;
    for (size_t probe = line; probe < text_.size(); probe = line_end(probe) + 1) {
        size_t first = text_.find_first_not_of(' ', probe);
        if (first == std::string_view::npos || text_[first] == '\n') continue;
        size_t kept = value.find_first_not_of('\n');
        size_t spaces = kept == std::string::npos ? 0 : value.find_first_not_of(' ', kept) - kept;
        indent = first - probe - std::min(spaces, first - probe);
        break;
    }
    size_t wanted = static_cast<size_t>(std::count(value.begin(), value.end(), '\n')) + 1;
    size_t end = std::min(line_end(offset), text_.size());
    while (line < text_.size()) {
        size_t stop = line_end(line);
        size_t first = std::min(text_.find_first_not_of(' ', line), stop);
        bool empty = first == stop;
        if (!empty && first - line < indent) break;
        size_t begin = std::min(line + indent, stop);
        if (folded) {
            node.lines.push_back({std::string(text_.substr(begin, stop - begin)), at(begin)});
        } else if (node.text.line_starts.size() < wanted) {
            node.text.line_starts.push_back(at(begin));
        }
        if (!empty) end = stop;
        line = stop + 1;
    }
    while (!node.lines.empty() && node.lines.back().text.empty()) node.lines.pop_back();
    if (node.text.line_starts.empty())
        node.text.line_starts = {node.lines.empty() ? at(end) : node.lines.front().begin};
    return end;
}

}  // namespace leat::yaml
