// What constraints say when the definition gives no message: Chinese for "zh…", else English.
#pragma once
#include <string>
#include <string_view>

#include "program/entity.hpp"

namespace leat::record {

enum class Problem : uint8_t {
    required,
    minimum,
    maximum,
    exclusive_minimum,
    exclusive_maximum,
    min_length,
    max_length,
    min_items,
    max_items,
    email,
    phone,
    url,
    form,
    pattern,
    currency,
    unique,
    assertion,
    undecided,
    deleted_target,
    still_referenced,
};

// `detail`: the bound, or the other record or entity that the sentence names.
std::string default_message(Problem problem, std::string_view label, std::string_view detail,
                            std::string_view language);
// The field's title in the language, else its name.
std::string label_of(const program::Field& field, std::string_view language);
bool chinese(std::string_view language);

}  // namespace leat::record
