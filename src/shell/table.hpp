// Tables on a terminal, in columns by display width (Chinese characters are two wide).
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace leat::shell {

struct Table {
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows;
    std::vector<bool> right;  // numbers: aligned right; empty: none
    void print() const;       // "(none)" without rows
};

bool is_utf8(std::string_view text);
int display_width(std::string_view text);

}  // namespace leat::shell
