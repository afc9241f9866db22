// How alike two texts are: the same once spelling is set aside, or by the trigrams they share. For finding records that
// may be one thing twice; knows nothing of them.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leat::record {

// The letters and digits of a text in lower case, full-width forms as plain ones; what is between words is gone.
std::u32string plain_letters(std::string_view text);
// The digits of a telephone number without zeros before them.
std::string plain_digits(std::string_view text);
// The same number, with or without a country or area code: one ends in the other, which has 7 digits at least.
bool same_phone(std::string_view a, std::string_view b);

// The set of trigrams, sorted: of each word, with two spaces before it and one after. Chinese and other scripts without
// spaces are words as far as they run, whatever spaces and signs are between their characters.
std::vector<uint64_t> trigrams(std::string_view text);
// Shared trigrams in thousandths of all that either has; 0 where one has none.
int similarity_permille(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b);

}  // namespace leat::record
