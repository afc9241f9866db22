// Finding the ends of JSON values in text without building anything: the log's hashes are of text, not of meaning.
#pragma once
#include <cstddef>
#include <string_view>

namespace leat::journal {

// The end of the JSON string or value that begins at `begin`; npos when it does not end, or none begins there. Strings
// and the nesting of brackets are exact; the inside of a number or word is not looked at.
size_t skip_string(std::string_view text, size_t begin);
size_t skip_value(std::string_view text, size_t begin);
// Exactly one value, and nothing before or after it.
bool is_one_value(std::string_view text);

}  // namespace leat::journal
