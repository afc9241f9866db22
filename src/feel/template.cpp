// Texts with {expression:format} in them.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "feel/expression.hpp"
#include "feel/text_format.hpp"

namespace leat::feel {

namespace {

struct Piece {
    size_t begin = 0, end = 0;  // of the expression
    std::string format;
};

// From just after '{' to the matching '}', minding strings and nested brackets; npos when it is not closed.
size_t find_close(std::string_view text, size_t at) {
    int depth = 0;
    bool quoted = false;
    for (; at < text.size(); at++) {
        char c = text[at];
        if (quoted) {
            if (c == '\\')
                at++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{') {
            depth++;
        } else if (c == '}' && depth-- == 0) {
            return at;
        }
    }
    return std::string_view::npos;
}

// "amount * 0.3:money": a word after the last ':' that stands outside brackets and strings is the format.
Piece split_format(std::string_view text, size_t begin, size_t end) {
    int depth = 0;
    bool quoted = false;
    size_t colon = end;
    for (size_t at = begin; at < end; at++) {
        char c = text[at];
        if (quoted && c == '\\')
            at++;
        else if (c == '"')
            quoted = !quoted;
        else if (quoted)
            continue;
        else if (c == '(' || c == '[' || c == '{')
            depth++;
        else if (c == ')' || c == ']' || c == '}')
            depth--;
        else if (c == ':' && depth == 0)
            colon = at;
    }
    Piece piece{begin, colon, {}};
    if (colon < end) {
        std::string_view format = text.substr(colon + 1, end - colon - 1);
        while (!format.empty() && format.front() == ' ') format.remove_prefix(1);
        while (!format.empty() && format.back() == ' ') format.remove_suffix(1);
        piece.format = std::string(format);
    }
    return piece;
}

// A part of a text that still knows where it stands.
Text part_of(const Text& source, size_t begin, size_t end) {
    Text part;
    part.text = source.text.substr(begin, end - begin);
    part.span = source.at(begin, end);
    part.quoted = source.quoted;
    if (source.line_starts.empty()) return part;
    part.line_starts.push_back(part.span.begin);
    auto line =
        static_cast<size_t>(std::count(source.text.begin(), source.text.begin() + static_cast<ptrdiff_t>(begin), '\n'));
    for (char c : part.text) {
        if (c == '\n' && ++line < source.line_starts.size()) part.line_starts.push_back(source.line_starts[line]);
    }
    return part;
}

void merge(Reads& into, const Reads& from) {
    into.fields.insert(into.fields.end(), from.fields.begin(), from.fields.end());
    into.collections.insert(into.collections.end(), from.collections.begin(), from.collections.end());
    into.objects.insert(into.objects.end(), from.objects.begin(), from.objects.end());
    into.functions.insert(into.functions.end(), from.functions.begin(), from.functions.end());
    into.clock |= from.clock;
}

}  // namespace

std::unique_ptr<Template> compile_template(const Text& source, const Scope& scope, const CompileOptions& options,
                                           Diagnostics& diagnostics) {
    auto made = std::make_unique<Template>();
    std::string_view text = source.text;
    std::string literal;
    CompileOptions inner = options;
    inner.expected = nullptr;
    inner.warn_nullable_condition = false;
    bool failed = false;
    for (size_t at = 0; at < text.size();) {
        char c = text[at];
        if ((c == '{' || c == '}') && at + 1 < text.size() && text[at + 1] == c) {
            literal += c;
            at += 2;
            continue;
        }
        if (c == '}') {
            diagnostics.error("feel.template", source.at(at, at + 1), "this '}' closes nothing",
                              "write '}}' for a brace");
            return nullptr;
        }
        if (c != '{') {
            literal += c;
            at++;
            continue;
        }
        size_t close = find_close(text, at + 1);
        if (close == std::string_view::npos) {
            diagnostics.error("feel.template", source.at(at, at + 1), "this '{' is not closed",
                              "write '}' after the expression, or '{{' for a brace");
            return nullptr;
        }
        Piece piece = split_format(text, at + 1, close);
        const auto& formats = text_formats();
        if (!piece.format.empty() && std::find(formats.begin(), formats.end(), piece.format) == formats.end()) {
            std::string near = base::nearest(piece.format, formats);
            diagnostics.error("feel.template", source.at(piece.end + 1, close),
                              fmt::format("there is no format '{}'", piece.format),
                              near.empty() ? fmt::format("the formats are: {}", fmt::join(formats, ", "))
                                           : fmt::format("did you mean '{}'?", near));
            failed = true;
        }
        auto expression = compile(part_of(source, piece.begin, piece.end), scope, inner, diagnostics);
        if (expression)
            merge(made->reads_, expression->reads());
        else
            failed = true;
        made->parts_.push_back({std::exchange(literal, std::string()), std::move(expression), std::move(piece.format)});
        at = close + 1;
    }
    if (failed) return nullptr;
    if (!literal.empty()) made->parts_.push_back({std::move(literal), nullptr, {}});
    return made;
}

bool Template::is_constant() const {
    return std::all_of(parts_.begin(), parts_.end(),
                       [](const Part& part) { return !part.expression || part.expression->is_constant(); });
}

std::string Template::render(Frame& frame) const {
    std::string out;
    for (const Part& part : parts_) {
        out += part.literal;
        if (!part.expression) continue;
        const Value value = part.expression->evaluate(frame);
        // What the reader may not see is said to be hidden, not empty.
        if (value.is_null() && value.null_reason && value.null_reason->code == "access.hidden")
            out += value.null_reason->text;
        else
            out += format_text(value, part.format, part.expression->type());
    }
    return out;
}

}  // namespace leat::feel
