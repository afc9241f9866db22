// Cells that are written in a country's or a program's own way, and texts that spreadsheets would run.
#include <fmt/format.h>

#include "exchange/cell.hpp"
#include "value/decimal.hpp"

namespace leat::exchange {

using program::Field;
using program::FieldKind;

namespace {

constexpr std::string_view kRun = "=+-@\t\r\n";  // what a spreadsheet takes for a formula, at a cell's beginning

struct Parts {
    int year = -1, month = -1, day = -1, hour = 0, minute = 0, second = 0;
};

// Reads digits[at…] as the pattern's letter wants: "d" one or two digits, "dd" two, "yyyy" four.
bool read_number(std::string_view text, size_t& at, size_t width, int& out) {
    size_t end = at;
    size_t most = width == 1 ? 2 : width;
    while (end < text.size() && end - at < most && text[end] >= '0' && text[end] <= '9') ++end;
    if (end == at || (width > 1 && end - at != width)) return false;
    out = 0;
    for (; at < end; ++at) out = out * 10 + (text[at] - '0');
    return true;
}

bool read_pattern(std::string_view pattern, std::string_view text, Parts& parts) {
    size_t at = 0;
    for (size_t i = 0; i < pattern.size();) {
        size_t end = i;
        while (end < pattern.size() && pattern[end] == pattern[i]) ++end;
        size_t width = end - i;
        int* place = nullptr;
        switch (pattern[i]) {
            case 'y':
                place = &parts.year;
                break;
            case 'M':
                place = &parts.month;
                break;
            case 'd':
                place = &parts.day;
                break;
            case 'H':
                place = &parts.hour;
                break;
            case 'm':
                place = &parts.minute;
                break;
            case 's':
                place = &parts.second;
                break;
            default:
                break;
        }
        if (!place) {
            if (at >= text.size() || text[at] != pattern[i]) return false;
            ++at;
            ++i;
            continue;
        }
        if (!read_number(text, at, width, *place)) return false;
        if (place == &parts.year && width == 2) *place += *place < 70 ? 2000 : 1900;
        i = end;
    }
    return at == text.size();
}

}  // namespace

Result<std::string> formatted_cell(const Field& field, const Mapping::ColumnFormat& format, const std::string& text) {
    auto wrong = [&](std::string_view wanted) {
        return make_error(Status::usage, "import.cell",
                          fmt::format("field '{}' takes {}, not '{}'", field.name, wanted, text.substr(0, 60)));
    };
    if (format.number) {
        std::string plain;
        for (size_t i = 0; i < text.size();) {
            if (!format.thousands.empty() && text.compare(i, format.thousands.size(), format.thousands) == 0) {
                i += format.thousands.size();
            } else if (text.compare(i, format.decimal.size(), format.decimal) == 0) {
                plain += '.';
                i += format.decimal.size();
            } else if (text[i] == '.' || text[i] == ',') {
                return wrong(fmt::format("a number with '{}' before its decimals", format.decimal));
            } else {
                plain += text[i++];
            }
        }
        if (!value::Decimal::parse(plain))
            return wrong(fmt::format("a number with '{}' before its decimals", format.decimal));
        return plain;
    }
    Parts parts;
    if (!read_pattern(format.pattern, text, parts)) return wrong("what is written as " + format.pattern);
    std::string date = fmt::format("{:04}-{:02}-{:02}", parts.year, parts.month, parts.day);
    std::string time = fmt::format("{:02}:{:02}:{:02}", parts.hour, parts.minute, parts.second);
    if (field.kind == FieldKind::time) return time;
    if (parts.year < 0 || parts.month < 0 || parts.day < 0)
        return wrong("a date, and the format has no year, month or day");
    return field.kind == FieldKind::datetime ? date + "T" + time : date;
}

bool is_text(const Field& field) {
    switch (field.kind) {
        case FieldKind::string:
        case FieldKind::text:
        case FieldKind::enumeration:
        case FieldKind::ref:
        case FieldKind::role:
        case FieldKind::file:
        case FieldKind::json:
            return true;
        case FieldKind::list:
            return field.scalar_list;
        default:
            return field.id == program::kKey;
    }
}

// Where the text behind its leading apostrophes begins with something that would run.
static bool runs(std::string_view text) {
    size_t first = text.find_first_not_of('\'');
    return first != std::string_view::npos && kRun.find(text[first]) != std::string_view::npos;
}

std::string guarded(std::string text) {
    if (runs(text)) text.insert(text.begin(), '\'');
    return text;
}

std::string unguarded(std::string text) {
    if (!text.empty() && text[0] == '\'' && runs(text)) text.erase(text.begin());
    return text;
}

}  // namespace leat::exchange
