#include "base/diagnostic.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace leat::base {

namespace {

constexpr size_t kLineMax = 240;  // columns of a line that is shown whole
constexpr uint32_t kBefore = 60;  // characters shown before the span of a longer one

// A tab is shown as one space, so that the caret line can be padded with spaces.
std::string printable(std::string_view line) {
    std::string text(line);
    std::replace(text.begin(), text.end(), '\t', ' ');
    return text;
}

// The bytes of the first `characters` code points of a line.
std::string_view prefix(std::string_view line, uint32_t characters) {
    size_t offset = 0;
    for (uint32_t i = 0; i < characters && offset < line.size(); ++i) next_code_point(line, offset);
    return line.substr(0, offset);
}

const char* severity_name(Severity severity) {
    switch (severity) {
        case Severity::error:
            return "error";
        case Severity::warning:
            return "warning";
        case Severity::note:
            return "note";
    }
    return "error";
}

std::string place(const Span& span, const Sources& sources) {
    if (span.source == 0 || span.source >= sources.size()) return {};
    std::string text = sources.name(span.source);
    if (span.begin.line != 0) text += fmt::format(":{}:{}", span.begin.line, span.begin.column);
    return text + ": ";
}

void append_excerpt(std::string& out, const Span& span, const Sources& sources) {
    if (span.source == 0 || span.source >= sources.size() || span.begin.line == 0) return;
    std::string_view raw = sources.line(span.source, span.begin.line);
    if (raw.empty()) return;
    std::string line = printable(raw);
    uint32_t column = std::max(span.begin.column, 1u);
    size_t before = display_width(prefix(line, column - 1));
    // A span over several lines is underlined to the end of its first; an empty one shows one caret.
    size_t end = before + 1;
    if (span.end.line > span.begin.line) end = display_width(line);
    if (span.end.line == span.begin.line && span.end.column > column)
        end = display_width(prefix(line, span.end.column - 1));
    size_t width = end > before ? end - before : 1;
    std::string number = std::to_string(span.begin.line);
    if (display_width(line) > kLineMax) {  // of a very long line, what is around the span
        std::string_view left_out = prefix(line, column > kBefore ? column - 1 - kBefore : 0);
        std::string_view shown = prefix(std::string_view(line).substr(left_out.size()), kLineMax / 2);
        bool more = left_out.size() + shown.size() < line.size();
        before -= display_width(left_out);
        std::string clipped = fmt::format("{}{}{}", left_out.empty() ? "" : "...", shown, more ? "..." : "");
        if (!left_out.empty()) before += 3;
        size_t all = display_width(clipped);
        width = all > before ? std::min(width, all - before) : 1;
        line = std::move(clipped);
    }
    out += fmt::format("  {} | {}\n", number, line);
    out += fmt::format("  {:{}} | {:{}}{}\n", "", number.size(), "", before, std::string(width, '^'));
}

// Edit distance where swapping two neighbours is one edit, on code points.
size_t distance(const std::u32string& a, const std::u32string& b) {
    std::vector<size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + cost});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = std::min(now[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, now);
    }
    return last[b.size()];
}

std::u32string folded(std::string_view text) {
    std::u32string out;
    for (size_t i = 0; i < text.size();) {
        char32_t c = next_code_point(text, i);
        out += c >= U'A' && c <= U'Z' ? c + 32 : c;
    }
    return out;
}

}  // namespace

Sources::Sources() {
    entries_.push_back({"", "", {}});
}

uint32_t Sources::add(std::string name, std::string text) {
    std::vector<size_t> offsets{0};
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\n') offsets.push_back(i + 1);
    }
    entries_.push_back({std::move(name), std::move(text), std::move(offsets)});
    return static_cast<uint32_t>(entries_.size() - 1);
}

const std::string& Sources::name(uint32_t source) const {
    return entries_[source < entries_.size() ? source : 0].name;
}

const std::string& Sources::text(uint32_t source) const {
    return entries_[source < entries_.size() ? source : 0].text;
}

std::string_view Sources::line(uint32_t source, uint32_t line) const {
    if (source >= entries_.size()) return {};
    const Entry& entry = entries_[source];
    if (line == 0 || line > entry.line_offsets.size()) return {};
    size_t begin = entry.line_offsets[line - 1];
    size_t end = line < entry.line_offsets.size() ? entry.line_offsets[line] - 1 : entry.text.size();
    std::string_view text = std::string_view(entry.text).substr(begin, end - begin);
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    return text;
}

Span Text::at(size_t begin, size_t end) const {
    if (line_starts.empty()) return span;
    auto locate = [&](size_t offset) {
        std::string_view bytes = std::string_view(text).substr(0, std::min(offset, text.size()));
        size_t line = static_cast<size_t>(std::count(bytes.begin(), bytes.end(), '\n'));
        size_t start = bytes.rfind('\n');
        start = start == std::string_view::npos ? 0 : start + 1;
        if (line >= line_starts.size()) return span.end;
        Position position = line_starts[line];
        position.column += static_cast<uint32_t>(count_code_points(bytes.substr(start)));
        for (uint32_t escape : escapes) position.column += escape >= start && escape < bytes.size() ? 1 : 0;
        return position;
    };
    return {span.source, locate(begin), locate(std::max(begin, end))};
}

Diagnostic& Diagnostics::error(std::string code, Span span, std::string message, std::string hint) {
    ++errors_;
    if (all_.size() >= kMax) {
        dropped_ = Diagnostic{};
        return dropped_;
    }
    all_.push_back({Severity::error, std::move(code), std::move(message), span, std::move(hint), {}});
    return all_.back();
}

Diagnostic& Diagnostics::warning(std::string code, Span span, std::string message, std::string hint) {
    if (all_.size() >= kMax) {
        dropped_ = Diagnostic{};
        return dropped_;
    }
    all_.push_back({Severity::warning, std::move(code), std::move(message), span, std::move(hint), {}});
    return all_.back();
}

std::vector<Diagnostic> Diagnostics::take() {
    auto key = [](const Diagnostic& d) { return std::tuple(d.span.source, d.span.begin.line, d.span.begin.column); };
    std::stable_sort(all_.begin(), all_.end(),
                     [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
    std::vector<Diagnostic> taken = std::move(all_);
    all_.clear();
    errors_ = 0;
    return taken;
}

std::string format(const Diagnostic& diagnostic, const Sources& sources) {
    std::string out = place(diagnostic.span, sources);
    out += severity_name(diagnostic.severity);
    if (!diagnostic.code.empty()) out += fmt::format("[{}]", diagnostic.code);
    out += fmt::format(": {}\n", diagnostic.message);
    append_excerpt(out, diagnostic.span, sources);
    if (!diagnostic.hint.empty()) out += fmt::format("  hint: {}\n", diagnostic.hint);
    for (const Note& note : diagnostic.notes) {
        out += fmt::format("  {}note: {}\n", place(note.span, sources), note.message);
        append_excerpt(out, note.span, sources);
    }
    return out;
}

std::string nearest(std::string_view name, const std::vector<std::string>& candidates) {
    std::u32string wanted = folded(name);
    const std::string* best = nullptr;
    // A third of the name may be wrong, at least one character; of equals the first declared wins.
    size_t least = std::max<size_t>(1, wanted.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        std::u32string other = folded(candidate);
        size_t gap = other.size() > wanted.size() ? other.size() - wanted.size() : wanted.size() - other.size();
        if (gap >= least) continue;
        size_t edits = distance(wanted, other);
        if (edits < least && edits < std::max(wanted.size(), other.size())) {
            least = edits;
            best = &candidate;
        }
    }
    return best ? *best : std::string();
}

}  // namespace leat::base
