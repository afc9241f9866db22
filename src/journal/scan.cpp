#include "journal/scan.hpp"

#include <array>

namespace leat::journal {

namespace {

// What ends a run of characters that say nothing of a value's shape.
constexpr std::array<bool, 256> kShape = [] {
    std::array<bool, 256> marks{};
    for (unsigned char c : {'"', '{', '}', '[', ']'}) marks[c] = true;
    return marks;
}();

}  // namespace

size_t skip_string(std::string_view text, size_t begin) {
    if (begin >= text.size() || text[begin] != '"') return std::string_view::npos;
    for (size_t i = begin + 1; i < text.size(); ++i) {
        if (text[i] == '"') return i + 1;
        if (text[i] == '\\') ++i;
    }
    return std::string_view::npos;
}

size_t skip_value(std::string_view text, size_t begin) {
    constexpr size_t kDepthMax = 128;  // inputs nest 64 deep at most, and segments put them a few deeper
    if (begin >= text.size()) return std::string_view::npos;
    if (text[begin] == '"') return skip_string(text, begin);
    if (text[begin] != '{' && text[begin] != '[') {
        size_t end = text.find_first_of(",:]}\"[{ \t\r\n", begin);
        if (end == std::string_view::npos) end = text.size();
        return end > begin ? end : std::string_view::npos;
    }
    char closers[kDepthMax];
    size_t depth = 0;
    for (size_t i = begin; i < text.size();) {
        char c = text[i];
        if (!kShape[static_cast<unsigned char>(c)]) {
            ++i;
            continue;
        }
        if (c == '"') {
            i = skip_string(text, i);
            if (i == std::string_view::npos) return i;
            continue;
        }
        if (c == '{' || c == '[') {
            if (depth == kDepthMax) return std::string_view::npos;
            closers[depth++] = c == '{' ? '}' : ']';
        } else if (c == '}' || c == ']') {
            if (closers[depth - 1] != c) return std::string_view::npos;
            if (--depth == 0) return i + 1;
        }
        ++i;
    }
    return std::string_view::npos;
}

bool is_one_value(std::string_view text) {
    return !text.empty() && skip_value(text, 0) == text.size();
}

}  // namespace leat::journal
