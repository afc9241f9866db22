// UTF-8 by code point, and the width of text on a terminal (Chinese characters are two columns wide).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace leat::base {

bool valid_utf8(std::string_view text);
size_t count_code_points(std::string_view text);
// The code point at `offset`, which moves on; U+FFFD and one byte for an invalid sequence.
char32_t next_code_point(std::string_view text, size_t& offset);
void append_utf8(std::string& out, char32_t code_point);
// Columns on a terminal, by East Asian Width (wide and fullwidth: 2, combining: 0).
size_t display_width(std::string_view text);

}  // namespace leat::base
