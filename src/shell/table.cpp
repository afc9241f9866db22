#include "shell/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cwchar>

namespace leat::shell {

bool is_utf8(std::string_view text) {
    std::mbstate_t state{};
    while (!text.empty()) {
        wchar_t character = 0;
        size_t used = std::mbrtowc(&character, text.data(), text.size(), &state);
        if (used > text.size()) return false;
        text.remove_prefix(std::max<size_t>(used, 1));  // a NUL counts as none
    }
    return true;
}

int display_width(std::string_view text) {
    std::mbstate_t state{};
    int width = 0;
    while (!text.empty()) {
        wchar_t character = 0;
        size_t used = std::mbrtowc(&character, text.data(), text.size(), &state);
        if (used == 0 || used > text.size()) {  // not UTF-8, or a NUL: one column each
            state = {};
            used = 1;
            character = L'?';
        }
        width += std::max(0, wcwidth(character));
        text.remove_prefix(used);
    }
    return width;
}

void Table::print() const {
    if (rows.empty()) {
        fmt::print("(none)\n");
        return;
    }
    std::vector<int> widths;
    for (size_t i = 0; i < header.size(); ++i) {
        int width = display_width(header[i]);
        for (const auto& row : rows)
            if (i < row.size()) width = std::max(width, display_width(row[i]));
        widths.push_back(width);
    }
    auto line = [&](const std::vector<std::string>& cells) {
        std::string out;
        for (size_t i = 0; i < header.size(); ++i) {
            const std::string cell = i < cells.size() ? cells[i] : "";
            std::string pad(static_cast<size_t>(widths[i] - display_width(cell)), ' ');
            if (i) out += "  ";
            out += i < right.size() && right[i] ? pad + cell : cell + pad;
        }
        out.erase(out.find_last_not_of(' ') + 1);
        fmt::print("{}\n", out);
    };
    line(header);
    std::vector<std::string> rule;
    for (int width : widths) rule.emplace_back(static_cast<size_t>(width), '-');
    line(rule);
    for (const auto& row : rows) line(row);
}

}  // namespace leat::shell
