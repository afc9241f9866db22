#include "yaml/syntax.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

namespace leat::yaml {

namespace {

struct Explanation {
    std::string_view theirs;
    std::string_view code;
    std::string_view ours;
    std::string_view hint;
};

constexpr std::array kExplanations = {
    Explanation{"end of map flow not found", "yaml.syntax",
                "the '{' is not closed, or its entries are not 'key: value' with commas between", "close it with '}'"},
    Explanation{"end of sequence flow not found", "yaml.syntax",
                "the '[' is not closed, or its items are not separated by commas", "close it with ']'"},
    Explanation{"end of map not found", "yaml.syntax", "this does not continue the mapping above it",
                "align it with the key above, or quote the value before it"},
    Explanation{"end of sequence not found", "yaml.syntax", "this does not continue the list above it",
                "begin each item with '- ' in the same column"},
    Explanation{"illegal map value", "yaml.syntax", "a ': ' cannot stand here",
                "quote this value, or put the key on a line of its own"},
    Explanation{"illegal map key", "yaml.syntax", "a key cannot stand here", "put the key on a line of its own"},
    Explanation{"illegal block entry", "yaml.syntax", "a list item '- ' cannot stand here",
                "put the list on lines of its own, below its key"},
    Explanation{"illegal EOF in scalar", "yaml.syntax", "the text that a quote opens here is never closed",
                "close the quote"},
    Explanation{"illegal document indicator in scalar", "yaml.syntax",
                "the text that a quote opens is not closed before '---'", "close the quote"},
    Explanation{"illegal flow end", "yaml.syntax", "this bracket closes nothing",
                "remove it, or quote the value it belongs to"},
    Explanation{"illegal tab when looking for indentation", "yaml.tab", "a tab cannot indent", "indent with spaces"},
    Explanation{"unknown token", "yaml.syntax", "this character cannot begin a value", "quote this value"},
    Explanation{"bad file", "yaml.depth", "this is nested too deep", "give the inner parts a name of their own"},
    Explanation{"the referenced anchor is not defined", "yaml.alias",
                "'*' begins a YAML alias, and aliases are not part of the language",
                "write the value out; quote a text that begins with '*'"},
    Explanation{"alias not found after *", "yaml.alias",
                "'*' begins a YAML alias, and aliases are not part of the language",
                "quote a text that begins with '*'"},
    Explanation{"illegal character found while scanning alias", "yaml.alias",
                "'*' begins a YAML alias, and aliases are not part of the language",
                "quote a text that begins with '*'"},
    Explanation{"anchor not found after &", "yaml.anchor",
                "'&' begins a YAML anchor, and anchors are not part of the language",
                "quote a text that begins with '&'"},
    Explanation{"illegal character found while scanning anchor", "yaml.anchor",
                "'&' begins a YAML anchor, and anchors are not part of the language",
                "quote a text that begins with '&'"},
    Explanation{"cannot set zero indentation for a block scalar", "yaml.syntax",
                "the lines of a block text must be indented", "indent them under their key"},
    Explanation{"unexpected character in block scalar", "yaml.syntax", "nothing may follow '|' or '>' on its line",
                "begin the text on the next line"},
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kFullWidth = {{
    {"：", ":"},
    {"，", ","},
    {"（", "("},
    {"）", ")"},
    {"＞", ">"},
    {"＜", "<"},
    {"＝", "="},
    {"＋", "+"},
    {"［", "["},
    {"］", "]"},
    {"｛", "{"},
    {"｝", "}"},
    {"“", "\""},
    {"”", "\""},
}};

bool identifier(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// What an author writes in expressions: comparison signs, calls, filters.
bool looks_like_expression(std::string_view line) {
    for (std::string_view sign : {" = ", " > ", " < ", " >= ", " <= ", " != ", ": = ", " and ", " or "}) {
        if (line.find(sign) != std::string_view::npos) return true;
    }
    for (size_t i = 1; i < line.size(); ++i) {
        if ((line[i] == '(' || line[i] == '[') && identifier(line[i - 1])) return true;
    }
    return false;
}

// "key:value" without a space is no key: where it stands in a line, or npos.
size_t find_missing_space(std::string_view line) {
    size_t i = line.find_first_not_of(" -");
    if (i == std::string_view::npos) return i;
    size_t begin = i;
    while (i < line.size() && identifier(line[i])) ++i;
    if (i > begin && i + 1 < line.size() && line[i] == ':' && line[i + 1] != ' ' && line[i + 1] != '/') return i;
    return std::string_view::npos;
}

// Full-width signs before any key of the line: "status：open" or "- 数量，…".
bool full_width_key(std::string_view line) {
    auto [found, meant] = find_full_width(line);
    return !found.empty() && meant == ":" && line.substr(0, line.find(found)).find(": ") == std::string_view::npos;
}

struct Fault {
    size_t offset = 0;
    size_t line = 0;  // where the line begins that shows the likely cause
    std::string_view text;
};

// The innermost { or [ before `offset` that nothing closes, or the quote that hides its closing; or npos.
size_t find_unclosed(std::string_view text, size_t begin, size_t offset) {
    std::vector<size_t> open;
    for (size_t i = begin; i < offset; ++i) {
        char c = text[i];
        bool starts = i == begin || std::string_view(" \n[{,").find(text[i - 1]) != std::string_view::npos;
        if (starts && c == '#') {
            i = std::min(text.find('\n', i), offset);
        } else if (starts && (c == '"' || c == '\'')) {
            size_t quote = i;
            for (++i; i < offset && text[i] != c; ++i) {
                if (c == '"' && text[i] == '\\') ++i;
            }
            if (i >= offset) return quote;
        } else if ((c == '{' || c == '[') && (starts || !open.empty())) {
            open.push_back(i);
        } else if ((c == '}' || c == ']') && !open.empty()) {
            open.pop_back();
        }
    }
    return open.empty() ? std::string_view::npos : open.back();
}

// A tab before the first word, or "key:" deeper than a "key: value" above it.
Diagnostic* report_indentation(const Places& places, size_t begin, size_t offset, Diagnostics& diagnostics) {
    std::string_view text = places.text();
    size_t line = places.line_begin(offset);
    size_t first = std::min(text.find_first_not_of(" \t", line), text.size());
    size_t tab = text.find('\t', line);
    if (tab < first) {
        return &diagnostics.error("yaml.tab", places.span(tab, tab + 1), "a tab cannot indent", "indent with spaces");
    }
    size_t colon = first;
    while (colon < text.size() && identifier(text[colon])) ++colon;
    if (colon != offset || colon == first || line <= begin) return nullptr;
    size_t above = places.line_begin(line - 1);
    std::string_view before = text.substr(above, line - 1 - above);
    size_t start = before.find_first_not_of(' ');
    size_t split = before.find(": ");
    if (start == std::string_view::npos || split == std::string_view::npos || start >= first - line) return nullptr;
    return &diagnostics.error("yaml.indentation", places.span(first, colon),
                              "this is deeper than the line above, which has its value already",
                              "align it with the key above");
}

// A full-width comma, colon or bracket in the value before the fault: {title: 客户，type: string}, fields: ｛a: b｝.
Diagnostic* report_full_width(const Places& places, size_t offset, Diagnostics& diagnostics) {
    size_t line = places.line_begin(offset);
    std::string_view before = places.text().substr(line, offset - line);
    size_t value = before.find_last_of("{[,");
    if (value == std::string_view::npos) value = before.rfind(": ");
    if (value == std::string_view::npos) return nullptr;
    auto [found, meant] = find_full_width(before.substr(value));
    if (found.empty() || std::string_view(",:[]{}").find(meant) == std::string_view::npos) return nullptr;
    size_t at = line + value + before.substr(value).find(found);
    return &diagnostics.error(
        "yaml.full_width", places.span(at, at + found.size()), fmt::format("'{}' is a full-width sign", found),
        fmt::format("write '{}{}'; quote a text that contains it", meant, meant == "," || meant == ":" ? " " : ""));
}

// A bracket inside a plain value inside brackets: {update: records.stock[x = 1]}.
Diagnostic* report_bracket(const Places& places, size_t offset, const std::string& message, Diagnostics& diagnostics) {
    std::string_view text = places.text();
    if (message.find("flow not found") == std::string::npos || offset == 0 || offset >= text.size()) return nullptr;
    char here = text[offset];
    char before = text[offset - 1];
    bool opens = (here == '[' || here == '{') && before != ' ' && before != ',' && before != '[' && before != '{';
    bool follows = (before == '}' || before == ']') && std::string_view(" \n,}]").find(here) == std::string_view::npos;
    if (!opens && !follows) return nullptr;
    return &diagnostics.error("yaml.syntax", places.span(offset, offset + 1),
                              opens ? fmt::format("inside {{…}} and […] a '{}' ends a plain value", here)
                                    : fmt::format("'{}' has ended this value", before),
                              "quote this value");
}

// The line of the fault, or the one before where the fault is only that something did not go on.
Fault locate_cause(const Places& places, size_t begin, size_t offset) {
    std::string_view text = places.text();
    Fault fault{offset, places.line_begin(offset), {}};
    for (int back = 0; back < 2; ++back) {
        fault.text = text.substr(fault.line, places.line_end(fault.line) - fault.line);
        if (find_missing_space(fault.text) != std::string_view::npos || full_width_key(fault.text) ||
            fault.line <= begin)
            break;
        if (back == 0) fault.line = places.line_begin(fault.line - 1);
    }
    return fault;
}

}  // namespace

std::pair<std::string_view, std::string_view> find_full_width(std::string_view text) {
    size_t first = std::string_view::npos;
    std::pair<std::string_view, std::string_view> answer;
    for (const auto& pair : kFullWidth) {
        size_t at = text.find(pair.first);
        if (at < first) {
            first = at;
            answer = pair;
        }
    }
    return answer;
}

int open_brackets(std::string_view text) {
    int open = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.size(); ++i) {
        if (quoted && text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            quoted = !quoted;
        } else if (!quoted && (text[i] == '(' || text[i] == '[')) {
            ++open;
        } else if (!quoted && (text[i] == ')' || text[i] == ']')) {
            --open;
        }
    }
    return open;
}

Diagnostic& report_open_quote(const Places& places, size_t offset, Diagnostics& diagnostics) {
    return diagnostics.error("yaml.quote", places.span(offset, offset + 1), "this quote is never closed",
                             "close it at the end of the text");
}

void report_anchor(const Places& places, size_t offset, Diagnostics& diagnostics) {
    size_t end = std::min(places.text().find_first_of(" ,]}\n", offset), places.text().size());
    diagnostics.error("yaml.anchor", places.span(offset, end), "YAML anchors are not part of the language",
                      "remove the '&…'; quote a text that begins with '&'");
}

void report_alias(const Places& places, size_t offset, Diagnostics& diagnostics) {
    size_t end = std::min(places.text().find_first_of(" ,]}\n", offset), places.text().size());
    diagnostics.error("yaml.alias", places.span(offset, end), "YAML aliases are not part of the language",
                      "write the value out; quote a text that begins with '*'");
}

Diagnostic& report_syntax(const Places& places, size_t begin, size_t end, size_t offset, const std::string& message,
                          Diagnostics& diagnostics) {
    offset = std::min(std::max(offset, begin), end);
    Fault fault = locate_cause(places, begin, offset);
    if (size_t colon = find_missing_space(fault.text); colon != std::string_view::npos) {
        return diagnostics.error("yaml.syntax", places.span(fault.line + colon, fault.line + colon + 1),
                                 "a ':' needs a space after it", "write 'key: value'");
    }
    if (full_width_key(fault.text)) {
        auto [found, meant] = find_full_width(fault.text);
        size_t at = fault.line + fault.text.find(found);
        return diagnostics.error("yaml.full_width", places.span(at, at + found.size()),
                                 fmt::format("'{}' is a full-width sign", found), fmt::format("write '{} '", meant));
    }
    if (Diagnostic* told = report_indentation(places, begin, offset, diagnostics)) return *told;
    if (Diagnostic* told = report_full_width(places, offset, diagnostics)) return *told;
    if (Diagnostic* told = report_bracket(places, offset, message, diagnostics)) return *told;
    std::string_view line =
        places.text().substr(places.line_begin(offset), places.line_end(offset) - places.line_begin(offset));
    const Explanation* known = nullptr;
    for (const Explanation& explanation : kExplanations) {
        if (message.compare(0, explanation.theirs.size(), explanation.theirs) == 0) known = &explanation;
    }
    std::string text = known != nullptr ? std::string(known->ours) : fmt::format("this is not YAML ({})", message);
    std::string hint(known != nullptr ? known->hint : "");
    std::string code(known != nullptr ? known->code : "yaml.syntax");
    if (code == "yaml.syntax" && looks_like_expression(line)) {
        hint = hint.empty() || hint.find("quote this value") != std::string::npos
                   ? std::string("quote this value")
                   : hint + "; or quote this value: an expression with , : [ ] { } or # needs it";
    } else if (message.compare(0, 24, "unknown escape character") == 0) {
        text = "this '\\' sequence is not one of YAML's";
        hint = "write '\\\\' for a backslash, or use single quotes";
    }
    size_t stop = offset < places.text().size() && places.text()[offset] != '\n' ? offset + 1 : offset;
    size_t opened = message.find("flow not found") == std::string::npos ? std::string_view::npos
                                                                        : find_unclosed(places.text(), begin, offset);
    if (opened != std::string_view::npos && (places.text()[opened] == '"' || places.text()[opened] == '\'')) {
        return report_open_quote(places, opened, diagnostics);
    }
    bool elsewhere = opened != std::string_view::npos && places.at(opened).line != places.at(offset).line;
    if (elsewhere) offset = stop = opened;
    return diagnostics.error(std::move(code), places.span(offset, elsewhere ? stop + 1 : stop), std::move(text),
                             std::move(hint));
}

}  // namespace leat::yaml
