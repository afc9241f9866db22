#include "format/indent.hpp"

#include <algorithm>
#include <optional>

namespace leat::format {

using yaml::Node;

namespace {

struct Line {
    std::string_view text;
    size_t indent = 0;              // leading spaces now
    std::optional<size_t> wanted;   // leading spaces to be, of a line that begins a key or an item
    bool dash = false;              // begins with an item's "- "
    std::optional<size_t> follows;  // the line that a value began on which goes on here: moves with it
    bool verbatim = false;          // inside a text: its end and blank lines are content
    std::optional<size_t> block;    // content of a block text: its new indentation
    size_t block_indent = 0;        // and its old one
    bool blank() const { return text.find_first_not_of(" \t") == std::string_view::npos; }
    bool comment() const { return !blank() && text[text.find_first_not_of(" \t")] == '#'; }
};

class Indenter {
 public:
    explicit Indenter(std::string_view text) {
        for (size_t at = 0; at < text.size();) {
            size_t end = std::min(text.find('\n', at), text.size());
            Line line;
            line.text = text.substr(at, end - at);
            line.indent = std::min(line.text.find_first_not_of(' '), line.text.size());
            lines_.push_back(line);
            at = end + 1;
        }
    }

    // `indent` is where the keys of a block map or the dashes of a block list stand.
    void visit(const Node& node, size_t indent) {
        if (node.flow) return;
        if (node.kind == Node::Kind::map) {
            for (const auto& [key, value] : node.entries) {
                begin_line(key, indent, false);
                visit_value(key.span.begin.line, value, indent);
            }
        }
        for (const Node& item : node.items) {
            size_t dash_line = find_dash(item);
            if (dash_line != 0) {
                Line& line = lines_[dash_line - 1];
                if (line.indent < line.text.size() && line.text[line.indent] == '-' && !line.wanted) {
                    line.wanted = indent;
                    line.dash = true;
                }
            }
            if (is_block(item)) {
                visit(item, indent + 2);
            } else {
                go_on(dash_line == 0 ? item.span.begin.line : dash_line, item, indent);
            }
        }
    }

    std::string print() {
        place_comments();
        std::string out;
        bool blank_before = true;
        for (size_t i = 0; i < lines_.size(); ++i) {
            const Line& line = lines_[i];
            if (!line.verbatim && line.blank()) {
                if (!blank_before) out += '\n';
                blank_before = true;
                continue;
            }
            blank_before = false;
            out += printed(i);
            out += '\n';
        }
        while (out.size() > 1 && out.back() == '\n' && out[out.size() - 2] == '\n' && !(lines_.back().verbatim))
            out.pop_back();
        return out;
    }

 private:
    static bool is_block(const Node& node) {
        return !node.flow && (node.kind == Node::Kind::map || node.kind == Node::Kind::list);
    }

    void begin_line(const Node& key, size_t indent, bool dash) {
        Line& line = lines_[key.span.begin.line - 1];
        if (key.span.begin.column != line.indent + 1 || line.wanted) return;  // not the first word of its line
        line.wanted = indent;
        line.dash = dash;
    }

    void visit_value(size_t line, const Node& value, size_t indent) {
        if (is_block(value)) {
            visit(value, indent + 2);
        } else {
            go_on(line, value, indent);
        }
    }

    // The lines that a text or brackets take up after the one they belong to.
    void go_on(size_t line, const Node& value, size_t indent) {
        bool text = value.kind == Node::Kind::scalar;
        bool block = text && (value.style == Node::Style::literal || value.style == Node::Style::folded);
        size_t last = std::min<size_t>(value.span.end.line, lines_.size());
        if (block) {
            size_t old = 0;
            for (const auto& start : value.text.line_starts) {
                if (!value.text.text.empty()) old = std::max<size_t>(old, start.column - 1);
            }
            for (const Node::Line& start : value.lines) old = std::max<size_t>(old, start.begin.column - 1);
            size_t wanted = indent + 2;
            std::string_view header = lines_[value.span.begin.line - 1].text;
            size_t digit = header.find_first_of("123456789", value.span.begin.column);
            size_t comment = header.find('#', value.span.begin.column);
            if (digit != std::string_view::npos && digit < comment)
                wanted = indent + static_cast<size_t>(header[digit] - '0');
            for (size_t i = value.span.begin.line + 1; i <= last; ++i) {
                lines_[i - 1].block = wanted;
                lines_[i - 1].block_indent = old;
                lines_[i - 1].verbatim = true;
            }
            last = value.span.begin.line;
        }
        for (size_t i = line + 1; i <= last; ++i) {
            lines_[i - 1].follows = line;
            lines_[i - 1].verbatim = text && i > value.span.begin.line;
        }
        mark_texts(value);
    }

    // Texts of several lines inside brackets are content too.
    void mark_texts(const Node& node) {
        if (node.kind == Node::Kind::scalar && node.span.end.line > node.span.begin.line &&
            !lines_[node.span.begin.line - 1].block) {
            for (size_t i = node.span.begin.line + 1; i <= std::min<size_t>(node.span.end.line, lines_.size()); ++i)
                lines_[i - 1].verbatim = true;
        }
        for (const Node& item : node.items) mark_texts(item);
        for (const auto& [key, value] : node.entries) mark_texts(value);
    }

    // The line of an item's dash: its own, or the nearest above that ends in one.
    size_t find_dash(const Node& item) const {
        for (size_t i = item.span.begin.line; i >= 1; --i) {
            const Line& line = lines_[i - 1];
            bool own = i == item.span.begin.line;
            if (!own && (line.blank() || line.comment())) continue;
            // Before an item on its line there are only dashes and spaces, so bytes are columns.
            size_t dash = line.text.substr(0, own ? item.span.begin.column - 1 : std::string_view::npos).rfind('-');
            if (dash == std::string_view::npos && own) continue;
            return dash == std::string_view::npos ? 0 : i;
        }
        return 0;
    }

    // A comment stands with what follows it, or, where it was aligned with something before, with that.
    void place_comments() {
        // The next line that begins a key or an item of the same document; lines_.size(): none.
        std::vector<size_t> next(lines_.size() + 1, lines_.size());
        for (size_t i = lines_.size(); i-- > 0;) {
            bool marker = lines_[i].text.substr(0, 3) == "---";
            next[i] = lines_[i].wanted ? i : marker ? lines_.size() : next[i + 1];
        }
        size_t content = lines_.size();  // the last line that is neither blank nor a comment
        for (size_t i = 0; i < lines_.size(); ++i) {
            Line& line = lines_[i];
            bool loose = line.comment() && !line.wanted && !line.follows && !line.verbatim;
            if (!loose) {
                if (line.block || !line.blank()) content = i;
                continue;
            }
            line.wanted = comment_indent(i, next[i]);
            // After a block text it must not stand as deep as the text, or it would be part of it.
            if (content < i && lines_[content].block) {
                line.wanted = std::min(*line.wanted, std::max<size_t>(*lines_[content].block, 2) - 2);
            }
        }
    }

    size_t comment_indent(size_t i, size_t next) const {
        const Line& line = lines_[i];
        if (next < lines_.size() && lines_[next].indent == line.indent) return *lines_[next].wanted;
        for (size_t before = i; before-- > 0;) {
            if (lines_[before].text.substr(0, 3) == "---") break;
            if (!lines_[before].wanted || lines_[before].indent > line.indent) continue;
            return *lines_[before].wanted + (lines_[before].indent == line.indent ? 0 : 2);
        }
        return next < lines_.size() ? *lines_[next].wanted : 0;
    }

    std::string printed(size_t index) const {
        const Line& line = lines_[index];
        if (line.block) {
            if (line.blank() && line.text.size() <= line.block_indent) return "";
            return std::string(*line.block, ' ') +
                   std::string(line.text.substr(std::min(line.block_indent, line.text.size())));
        }
        size_t indent = line.indent;
        if (line.wanted) {
            indent = *line.wanted;
        } else if (line.follows) {
            const Line& first = lines_[*line.follows - 1];
            size_t wanted = first.wanted.value_or(first.indent);
            indent = line.indent + wanted > first.indent ? line.indent + wanted - first.indent : 0;
        }
        std::string_view rest = line.text.substr(line.indent);
        if (!line.verbatim) rest = rest.substr(0, rest.find_last_not_of(" \t") + 1);
        if (rest.empty()) return "";
        std::string out(indent, ' ');
        if (line.dash) {
            while (rest.size() > 1 && rest[0] == '-' && rest[1] == ' ') {
                out += "- ";
                rest.remove_prefix(std::min(rest.find_first_not_of(' ', 1), rest.size()));
            }
        }
        return out + std::string(rest);
    }

    std::vector<Line> lines_;
};

}  // namespace

std::string indent_lines(std::string_view text, const std::vector<Node>& documents) {
    Indenter indenter(text);
    for (const Node& document : documents) indenter.visit(document, 0);
    return indenter.print();
}

}  // namespace leat::format
