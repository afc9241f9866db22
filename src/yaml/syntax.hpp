// YAML faults in words an author understands, with the likely cause read off the line.
#pragma once
#include <string>

#include "yaml/places.hpp"

namespace leat::yaml {

// `message` is yaml-cpp's; the fault was noticed at `offset` of the document [begin, end).
Diagnostic& report_syntax(const Places& places, size_t begin, size_t end, size_t offset, const std::string& message,
                          Diagnostics& diagnostics);
Diagnostic& report_open_quote(const Places& places, size_t offset, Diagnostics& diagnostics);
void report_anchor(const Places& places, size_t offset, Diagnostics& diagnostics);
void report_alias(const Places& places, size_t offset, Diagnostics& diagnostics);

// The first full-width sign that stands for one of YAML's or FEEL's own, as {found, meant}; empty when there is none.
std::pair<std::string_view, std::string_view> find_full_width(std::string_view text);

// Whether ( or [ outside of "…" stay open: more than closed (positive), fewer (negative).
int open_brackets(std::string_view text);

}  // namespace leat::yaml
