// matches, replace, split, extract: texts by regular expressions (DMN 1.5, 10.3.4.3). Where XPath has an error, the
// answer is null.
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "feel/arguments.hpp"
#include "feel/functions.hpp"
#include "feel/regex.hpp"

namespace leat::feel {

namespace {

using Arguments = std::span<const Value>;
using Span = Regex::Span;

constexpr size_t kTextMax = 256u << 20;
constexpr size_t kKeptMax = 64u << 10;  // of the room for a text in the making, which stays with the thread

// One search, paid for in steps.
bool search(Evaluation& evaluation, const Regex& regex, std::string_view text, size_t from, std::vector<Span>& spans) {
    uint64_t work = 0;
    bool found = regex.search(text, from, spans, work);
    // PCRE2 skips quickly to where a match may begin.
    size_t passed = (found ? spans[0].begin : text.size()) - from;
    evaluation.charge(1 + work / 4 + passed / 1024);
    return found;
}

// Every match in turn, up to one without characters: use(spans). Answers the end of the last one.
template <class Use>
size_t each_match(Evaluation& evaluation, const Regex& regex, std::string_view text, const Use& use) {
    thread_local std::vector<Span> spans;
    size_t at = 0;
    const PlainPattern* plain = regex.plain();
    if (!plain) {
        while (search(evaluation, regex, text, at, spans) && spans[0].end > spans[0].begin) {
            use(spans);
            at = spans[0].end;
        }
        return at;
    }
    if (!base::valid_utf8(text)) return 0;
    spans.resize(1);
    uint64_t count = 1;
    for (; plain->search(text, at, spans[0].begin, spans[0].end); count++) {
        use(spans);
        at = spans[0].end;
    }
    evaluation.charge(count + text.size() / 64);
    return at;
}

struct Pattern {
    std::shared_ptr<const Regex> regex;
    RegexFlags flags;
};

// The pattern in arguments[1] with the flags in arguments[flags_at]; false: `out` is the null to answer.
bool want_pattern(Evaluation& evaluation, Arguments arguments, size_t flags_at, Pattern& pattern, Value& out) {
    Value letters;
    bool flagged = arguments.size() > flags_at && !arguments[flags_at].is_null();
    if (flagged && !want(evaluation, arguments[flags_at], Kind::string, letters)) {
        out = letters;
        return false;
    }
    if (!want(evaluation, arguments[1], Kind::string, out)) return false;
    if (flagged) {
        auto flags = RegexFlags::parse(letters.as_string());
        if (!flags) {
            out = evaluation.fail("feel.regex", "the flags of a pattern are s, m, i, x and q");
            return false;
        }
        pattern.flags = *flags;
    }
    std::string fault;
    pattern.regex = Regex::get(out.as_string(), pattern.flags, fault);
    if (!pattern.regex) out = evaluation.fail_copy("feel.regex", fmt::format("the pattern {}", fault));
    return pattern.regex != nullptr;
}

Value matches(Evaluation& evaluation, Arguments arguments) {
    Value text, bad;
    if (!want(evaluation, arguments[0], Kind::string, text)) return text;
    Pattern pattern;
    if (!want_pattern(evaluation, arguments, 2, pattern, bad)) return bad;
    std::vector<Span> spans;
    return Value::boolean(search(evaluation, *pattern.regex, text.as_string(), 0, spans));
}

// A replacement is texts and groups: "$1" a group, "\$" and "\\" themselves.
struct ReplacementPart {
    std::string literal;
    int group = -1;
};

// Empty, or why it is no replacement.
std::string read_replacement(std::string_view text, int groups, std::vector<ReplacementPart>& parts) {
    ReplacementPart literal;
    for (size_t i = 0; i < text.size(); i++) {
        if (text[i] == '\\') {
            if (i + 1 == text.size() || (text[i + 1] != '\\' && text[i + 1] != '$'))
                return "has a '\\' before neither '\\' nor '$'";
            literal.literal += text[++i];
        } else if (text[i] == '$') {
            auto digit = [&](size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
            if (!digit(i + 1)) return "has a '$' without the number of a group: write '\\$'";
            int group = text[++i] - '0';
            // As many digits as still name a group; the rest are themselves.
            while (digit(i + 1) && group * 10 + (text[i + 1] - '0') <= groups) group = group * 10 + (text[++i] - '0');
            parts.push_back(literal);
            literal.literal.clear();
            parts.push_back({{}, group});
        } else {
            literal.literal += text[i];
        }
    }
    parts.push_back(literal);
    return {};
}

void append_replacement(std::string& out, std::string_view text, const std::vector<ReplacementPart>& parts,
                        const std::vector<Span>& spans) {
    for (const ReplacementPart& part : parts) {
        out += part.literal;
        if (part.group < 0 || static_cast<size_t>(part.group) >= spans.size()) continue;
        const Span& span = spans[static_cast<size_t>(part.group)];
        if (span.begin != std::string_view::npos) out += text.substr(span.begin, span.end - span.begin);
    }
}

Value replace(Evaluation& evaluation, Arguments arguments) {
    Value text, replacement, bad;
    if (!want(evaluation, arguments[0], Kind::string, text)) return text;
    Pattern pattern;
    if (!want_pattern(evaluation, arguments, 3, pattern, bad)) return bad;
    if (!want(evaluation, arguments[2], Kind::string, replacement)) return replacement;
    if (pattern.regex->matches_nothing())
        return evaluation.fail("feel.regex", "the pattern matches a text without characters: nothing can be replaced");
    // A text, or texts and groups.
    std::string_view literal = replacement.as_string();
    std::vector<ReplacementPart> parts;
    if (!pattern.flags.literal && literal.find_first_of("\\$") != std::string_view::npos) {
        std::string fault = read_replacement(literal, pattern.regex->groups(), parts);
        if (!fault.empty()) return evaluation.fail_copy("feel.regex", fmt::format("the replacement {}", fault));
    }
    std::string_view from = text.as_string();
    thread_local std::string out;
    struct Keep {
        ~Keep() {
            out.clear();
            if (out.capacity() > kKeptMax) std::string().swap(out);
        }
    } keep_at_end;
    size_t at = 0;
    at = each_match(evaluation, *pattern.regex, from, [&](const std::vector<Span>& spans) {
        out.append(from, at, spans[0].begin - at);
        size_t before = out.size();
        if (parts.empty())
            out += literal;
        else
            append_replacement(out, from, parts, spans);
        if (out.size() > kTextMax) throw LimitError("limit.memory", "a text is longer than 256 MiB");
        if (out.size() - before >= 64) evaluation.charge((out.size() - before) / 64);
        at = spans[0].end;
    });
    if (at == 0) return text;
    out += from.substr(at);
    return Value::string(evaluation.arena.copy(out));
}

Value split(Evaluation& evaluation, Arguments arguments) {
    Value text, bad;
    if (!want(evaluation, arguments[0], Kind::string, text)) return text;
    Pattern pattern;
    if (!want_pattern(evaluation, arguments, 2, pattern, bad)) return bad;
    if (pattern.regex->matches_nothing())
        return evaluation.fail("feel.regex", "the delimiter matches a text without characters: nothing can be split");
    std::string_view from = text.as_string();
    ListBuilder out(evaluation);
    size_t at = 0;
    at = each_match(evaluation, *pattern.regex, from, [&](const std::vector<Span>& spans) {
        out.push(Value::string(from.substr(at, spans[0].begin - at)));
        at = spans[0].end;
    });
    out.push(Value::string(from.substr(at)));
    return out.list();
}

// Every part that matches, in order; parts without characters are left out.
Value extract(Evaluation& evaluation, Arguments arguments) {
    Value text, bad;
    if (!want(evaluation, arguments[0], Kind::string, text)) return text;
    Pattern pattern;
    if (!want_pattern(evaluation, arguments, 2, pattern, bad)) return bad;
    std::string_view from = text.as_string();
    ListBuilder out(evaluation);
    std::vector<Span> spans;
    size_t at = 0;
    while (at <= from.size() && search(evaluation, *pattern.regex, from, at, spans)) {
        auto [begin, end] = spans[0];
        if (end > begin) out.push(Value::string(from.substr(begin, end - begin)));
        at = end;
        if (end > begin) continue;
        if (at == from.size()) break;
        // On by one code point, whose following bytes begin with 10.
        for (at++; at < from.size() && (static_cast<unsigned char>(from[at]) & 0xC0) == 0x80;) at++;
    }
    return out.list();
}

TypeRef text_list(const Call& call) {
    return call.types.list(call.types.basic(TypeKind::string, false), true);
}

}  // namespace

void add_regex_functions(std::vector<Builtin>& table) {
    table.push_back(builtin("matches(input: string, pattern: string, flags?: ~string): boolean", matches));
    table.push_back(
        builtin("replace(input: string, pattern: string, replacement: string, flags?: ~string): string", replace));
    table.push_back(builtin("split(string: string, delimiter: string): list", split, text_list));
    table.push_back(builtin("extract(input: string, pattern: string, flags?: ~string): list", extract, text_list));
}

}  // namespace leat::feel
