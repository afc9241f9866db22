#include "format/edits.hpp"

#include <algorithm>

#include "base/utf8.hpp"

namespace leat::format {

using yaml::Node;

namespace {

struct Edit {
    size_t begin;
    size_t end;
    std::string text;
};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::string quoted(std::string_view value) {
    if (value.find('"') == std::string_view::npos && value.find('\\') == std::string_view::npos)
        return "\"" + std::string(value) + "\"";
    std::string out = "'";
    for (char c : value) {
        out += c;
        if (c == '\'') out += '\'';
    }
    return out + "'";
}

class Editor {
 public:
    explicit Editor(std::string_view text) : text_(text) {}

    void visit(const Node& node, const Node& document, bool in_flow) {
        if (node.kind == Node::Kind::scalar && node.joined)
            edits_.push_back({node.begin, node.end, quoted(text_.substr(node.begin, node.end - node.begin))});
        bool outermost = node.flow && !in_flow;
        for (const Node& item : node.items) visit(item, document, in_flow || node.flow);
        for (const auto& [key, value] : node.entries) {
            visit(key, document, in_flow || node.flow);
            visit(value, document, in_flow || node.flow);
            if (!node.flow) tidy_colon(key);
            if (&node == &document && is_table(document, key)) align(value);
        }
        if (!outermost) return;
        std::vector<std::pair<size_t, size_t>> scalars;
        collect(node, scalars);
        std::sort(scalars.begin(), scalars.end());
        size_t at = node.begin;
        for (auto [begin, end] : scalars) {
            tidy_gap(at, begin);
            at = end;
        }
        tidy_gap(at, node.end);
    }

    std::string apply() {
        std::sort(edits_.begin(), edits_.end(), [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
        std::string out;
        size_t at = 0;
        for (const Edit& edit : edits_) {
            out += text_.substr(at, edit.begin - at);
            out += edit.text;
            at = edit.end;
        }
        out += text_.substr(at);
        return out;
    }

 private:
    void collect(const Node& node, std::vector<std::pair<size_t, size_t>>& scalars) {
        if (node.kind == Node::Kind::scalar) scalars.emplace_back(node.begin, node.end);
        for (const Node& item : node.items) collect(item, scalars);
        for (const auto& [key, value] : node.entries) {
            collect(key, scalars);
            collect(value, scalars);
        }
    }

    // "key : value" is "key: value"; the spaces behind the colon may align a column and stay.
    void tidy_colon(const Node& key) {
        size_t colon = text_.find_first_not_of(' ', key.end);
        if (colon != std::string_view::npos && colon > key.end && text_[colon] == ':')
            edits_.push_back({key.end, colon, ""});
    }

    // Between the scalars of brackets there are only brackets, commas, colons, spaces, line ends and comments.
    void tidy_gap(size_t begin, size_t end) {
        std::string out;
        for (size_t i = begin; i < end; ++i) {
            char c = text_[i];
            if (c == '#') {
                size_t stop = std::min(text_.find('\n', i), end);
                out += text_.substr(i, stop - i);
                i = stop - 1;
                continue;
            }
            bool line_begins =
                out.empty() ? false
                            : out.find_last_not_of(' ') != std::string::npos && out[out.find_last_not_of(' ')] == '\n';
            if ((c == ',' || c == '}' || c == ']' || c == ':') && !line_begins) {
                while (!out.empty() && out.back() == ' ') out.pop_back();
            }
            out += c;
            if (c == '{' || c == '[') {
                size_t next = std::min(text_.find_first_not_of(' ', i + 1), text_.size());
                bool breaks = next < text_.size() && (text_[next] == '\n' || text_[next] == '#');
                if (!breaks) i = next - 1;
            } else if ((c == ',' || c == ':') && i + 1 < text_.size() && text_[i + 1] != ' ' && text_[i + 1] != '\n') {
                out += ' ';
            }
        }
        if (out != text_.substr(begin, end - begin)) edits_.push_back({begin, end, std::move(out)});
    }

    void align(const Node& table) {
        if (table.kind != Node::Kind::scalar || table.style != Node::Style::literal) return;
        std::vector<std::string> rows;
        std::vector<std::pair<size_t, size_t>> places;
        for (size_t line = text_.find('\n', table.begin); line != std::string_view::npos && line + 1 < table.end;) {
            size_t begin = line + 1;
            size_t end = std::min(text_.find('\n', begin), text_.size());
            size_t first = std::min(text_.find_first_not_of(' ', begin), end);
            rows.emplace_back(trimmed(text_.substr(first, end - first)));
            // The first row's column is everybody's: rows that stand deeper would be content with spaces.
            places.emplace_back(first, end);
            line = end < text_.size() ? end : std::string_view::npos;
        }
        std::vector<std::string> aligned = align_table(rows);
        for (size_t i = 0; i < rows.size(); ++i) {
            if (!rows[i].empty() && aligned[i] != text_.substr(places[i].first, places[i].second - places[i].first)) {
                edits_.push_back({places[i].first, places[i].second, aligned[i]});
            }
        }
    }

    std::string_view text_;
    std::vector<Edit> edits_;
};

bool split_row(const std::string& row, std::vector<std::string>& cells) {
    if (row.size() < 2 || row[0] != '|') return false;
    size_t cell = 1;
    for (size_t i = 1; i < row.size(); ++i) {
        if (row[i] == '\\') {
            ++i;
        } else if (row[i] == '|') {
            cells.emplace_back(trimmed(std::string_view(row).substr(cell, i - cell)));
            cell = i + 1;
        }
    }
    return cell == row.size();
}

bool is_rule(const std::vector<std::string>& cells) {
    return std::all_of(cells.begin(), cells.end(), [](const std::string& cell) {
        return cell.find_first_not_of("-:") == std::string::npos && cell.find("--") != std::string::npos;
    });
}

}  // namespace

bool is_table(const Node& document, const Node& key) {
    return key.text.text == "table" && (document.find("decision") != nullptr || document.find("test") != nullptr);
}

std::vector<std::string> align_table(const std::vector<std::string>& rows) {
    std::vector<std::vector<std::string>> table;
    std::vector<size_t> widths;
    for (const std::string& row : rows) {
        std::vector<std::string> cells;
        if (!row.empty() && !split_row(row, cells)) return rows;
        if (!row.empty() && widths.empty()) widths.resize(cells.size(), 1);
        if (!row.empty() && cells.size() != widths.size()) return rows;
        for (size_t i = 0; i < cells.size() && !is_rule(cells); ++i)
            widths[i] = std::max(widths[i], base::display_width(cells[i]));
        table.push_back(std::move(cells));
    }
    std::vector<std::string> out;
    for (const std::vector<std::string>& cells : table) {
        std::string line;
        for (size_t i = 0; i < cells.size(); ++i) {
            line += i == 0 ? "| " : " | ";
            line += is_rule(cells) ? std::string(widths[i], '-')
                                   : cells[i] + std::string(widths[i] - base::display_width(cells[i]), ' ');
        }
        out.push_back(cells.empty() ? "" : line + " |");
    }
    return out;
}

std::string edit_lines(std::string_view text, const std::vector<Node>& documents) {
    Editor editor(text);
    for (const Node& document : documents) editor.visit(document, document, false);
    return editor.apply();
}

}  // namespace leat::format
