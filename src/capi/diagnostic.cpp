#include "capi/capi.hpp"

namespace leat::capi {

std::vector<leat_diagnostic> to_c(const std::vector<Diagnostic>& diagnostics, const base::Sources& sources,
                                  const std::string& prefix) {
    std::vector<leat_diagnostic> result;
    if (diagnostics.empty()) return result;
    // Index 0 is "no source" here and there, so that spans keep their meaning.
    base::Sources printed;
    for (uint32_t source = 1; source < sources.size(); ++source) {
        const std::string& name = sources.name(source);
        bool absolute = name.empty() || name.front() == '/' || name.front() == '<';
        printed.add(absolute ? name : prefix + name, sources.text(source));
    }
    result.reserve(diagnostics.size());
    for (const Diagnostic& diagnostic : diagnostics) {
        leat_diagnostic copy;
        copy.severity = diagnostic.severity;
        copy.code = diagnostic.code;
        copy.message = diagnostic.message;
        copy.hint = diagnostic.hint;
        if (diagnostic.span.source != 0 && diagnostic.span.source < printed.size())
            copy.source = printed.name(diagnostic.span.source);
        copy.begin = diagnostic.span.begin;
        copy.end = diagnostic.span.end;
        copy.text = base::format(diagnostic, printed);
        result.push_back(std::move(copy));
    }
    return result;
}

std::string join_texts(const std::vector<leat_diagnostic>& diagnostics) {
    std::string text;
    for (const leat_diagnostic& diagnostic : diagnostics) text += diagnostic.text;
    return text;
}

}  // namespace leat::capi

using leat::capi::lend;

extern "C" {

LEAT_API int32_t leat_diagnostic_severity(const leat_diagnostic* d) {
    return d == nullptr ? 0 : static_cast<int32_t>(d->severity);
}
LEAT_API leat_str leat_diagnostic_code(const leat_diagnostic* d) {
    return d == nullptr ? leat_str{"", 0} : lend(d->code);
}
LEAT_API leat_str leat_diagnostic_message(const leat_diagnostic* d) {
    return d == nullptr ? leat_str{"", 0} : lend(d->message);
}
LEAT_API leat_str leat_diagnostic_hint(const leat_diagnostic* d) {
    return d == nullptr ? leat_str{"", 0} : lend(d->hint);
}
LEAT_API leat_str leat_diagnostic_source(const leat_diagnostic* d) {
    return d == nullptr ? leat_str{"", 0} : lend(d->source);
}
LEAT_API leat_str leat_diagnostic_text(const leat_diagnostic* d) {
    return d == nullptr ? leat_str{"", 0} : lend(d->text);
}
LEAT_API uint32_t leat_diagnostic_line(const leat_diagnostic* d) {
    return d == nullptr ? 0 : d->begin.line;
}
LEAT_API uint32_t leat_diagnostic_column(const leat_diagnostic* d) {
    return d == nullptr ? 0 : d->begin.column;
}
LEAT_API uint32_t leat_diagnostic_end_line(const leat_diagnostic* d) {
    return d == nullptr ? 0 : d->end.line;
}
LEAT_API uint32_t leat_diagnostic_end_column(const leat_diagnostic* d) {
    return d == nullptr ? 0 : d->end.column;
}

}  // extern "C"
