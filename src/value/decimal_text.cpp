// Decimal from text and to text.
#include <charconv>
#include <cmath>
#include <limits>

#include "value/decimal.hpp"

namespace leat::value {

namespace {

constexpr int kPlainMax = 40;  // digits that plain text may have
constexpr __int128 kEnd = static_cast<__int128>(10'000'000'000'000'000) * 1'000'000'000'000'000'000;  // 10^34

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The digits of a number text: leading zeros skipped, the point left out.
struct Scanned {
    bool negative = false;
    std::string_view digits;  // with at most one '.' among them
    int64_t exponent = 0;     // of the last digit
    int64_t count = 0;        // significant digits
};

bool scan(std::string_view text, Scanned& out) {
    size_t i = 0;
    if (i < text.size() && text[i] == '-') {
        out.negative = true;
        ++i;
    }
    size_t begin = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    size_t whole = i - begin;
    size_t places = 0;
    if (i < text.size() && text[i] == '.') {
        ++i;
        while (i < text.size() && is_digit(text[i])) ++i, ++places;
        if (places == 0) return false;
    }
    if (whole + places == 0) return false;
    size_t end = i;
    int64_t exponent = 0;
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        ++i;
        bool minus = false;
        if (i < text.size() && (text[i] == '+' || text[i] == '-')) minus = text[i++] == '-';
        if (i >= text.size()) return false;
        for (; i < text.size() && is_digit(text[i]); ++i) {
            if (exponent < 1'000'000'000'000) exponent = exponent * 10 + (text[i] - '0');
        }
        if (!is_digit(text[i - 1])) return false;
        if (minus) exponent = -exponent;
    }
    if (i != text.size()) return false;
    while (begin < end && (text[begin] == '0' || text[begin] == '.')) ++begin;
    out.digits = text.substr(begin, end - begin);
    out.exponent = exponent - static_cast<int64_t>(places);
    out.count = 0;
    for (char c : out.digits) out.count += c != '.';
    return true;
}

// Raises the coefficient until the exponent is in range (decimal128's clamping); nullopt: too large.
std::optional<Decimal> clamped(__int128 c, int64_t exponent, bool negative) {
    if (c == 0) {
        if (exponent < Decimal::kExponentMin) exponent = Decimal::kExponentMin;
        if (exponent > Decimal::kExponentMax) exponent = Decimal::kExponentMax;
        return Decimal::make(0, static_cast<int>(exponent));
    }
    while (exponent > Decimal::kExponentMax) {
        c *= 10;
        --exponent;
        if (c >= kEnd) return std::nullopt;
    }
    return Decimal::make(negative ? -c : c, static_cast<int>(exponent));
}

// The magnitude's digits, most significant first; returns their count (1 for zero).
int to_digits(__int128 coefficient, char* out) {
    unsigned __int128 m =
        coefficient < 0 ? -static_cast<unsigned __int128>(coefficient) : static_cast<unsigned __int128>(coefficient);
    char reversed[40];
    int count = 0;
    while (m > std::numeric_limits<uint64_t>::max()) {
        reversed[count++] = static_cast<char>('0' + static_cast<int>(m % 10));
        m /= 10;
    }
    auto small = static_cast<uint64_t>(m);
    do {
        reversed[count++] = static_cast<char>('0' + small % 10);
        small /= 10;
    } while (small != 0);
    for (int i = 0; i < count; ++i) out[i] = reversed[count - 1 - i];
    return count;
}

}  // namespace

namespace {

constexpr size_t kQuickMax = 18;  // so many digits fit 64 bits

// Digits, perhaps with a point between them: what numbers in texts nearly always are. False: the full rules have to
// say.
bool parse_quick(std::string_view text, int64_t& coefficient, int& exponent) {
    if (text.empty() || text.size() > kQuickMax) return false;
    coefficient = 0;
    exponent = 0;
    size_t point = text.size();
    for (size_t i = 0; i < text.size(); i++) {
        char c = text[i];
        if (c >= '0' && c <= '9') {
            coefficient = coefficient * 10 + (c - '0');
        } else if (c == '.' && point == text.size() && i > 0 && i + 1 < text.size()) {
            point = i;
        } else {
            return false;
        }
    }
    if (point < text.size()) exponent = -static_cast<int>(text.size() - point - 1);
    return true;
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
    int64_t coefficient = 0;
    int quick_exponent = 0;
    if (parse_quick(text, coefficient, quick_exponent)) return make(coefficient, quick_exponent);
    Scanned scanned;
    if (!scan(text, scanned)) return std::nullopt;
    int64_t drop = 0;
    if (scanned.count > kDigitsMax) drop = scanned.count - kDigitsMax;
    if (scanned.exponent + drop < kExponentMin) drop = kExponentMin - scanned.exponent;
    int64_t keep = scanned.count - drop;
    if (keep < 0) return clamped(0, kExponentMin, false);  // below half of the smallest number
    __int128 c = 0;
    uint64_t chunk = 0;
    int64_t seen = 0;
    int next = 0;       // the first digit that is dropped
    bool more = false;  // is anything behind it?
    for (char digit : scanned.digits) {
        if (digit == '.') continue;
        if (seen < keep) {
            // The first 19 digits need no 128-bit arithmetic.
            if (seen < 19) {
                chunk = chunk * 10 + static_cast<uint64_t>(digit - '0');
                c = chunk;
            } else {
                c = c * 10 + (digit - '0');
            }
        } else if (seen == keep) {
            next = digit - '0';
        } else {
            more = more || digit != '0';
        }
        ++seen;
    }
    int64_t exponent = scanned.exponent + drop;
    if (next > 5 || (next == 5 && (more || (c & 1)))) {
        ++c;
        if (c == kEnd) {
            c /= 10;
            ++exponent;
        }
    }
    return clamped(c, exponent, scanned.negative);
}

std::string Decimal::to_string() const {
    char digits[40];
    int count = to_digits(coefficient_, digits);
    std::string out;
    if (coefficient_ < 0) out += '-';
    int exponent = exponent_;
    if (coefficient_ == 0 && exponent > 0) exponent = 0;
    if (exponent >= 0 && count + exponent <= kPlainMax) {
        out.append(digits, static_cast<size_t>(count));
        out.append(static_cast<size_t>(exponent), '0');
        return out;
    }
    if (exponent < 0 && -exponent <= kPlainMax - 1) {
        int whole = count + exponent;  // digits before the point
        if (whole <= 0) {
            out += "0.";
            out.append(static_cast<size_t>(-whole), '0');
            out.append(digits, static_cast<size_t>(count));
        } else {
            out.append(digits, static_cast<size_t>(whole));
            out += '.';
            out.append(digits + whole, static_cast<size_t>(-exponent));
        }
        return out;
    }
    out += digits[0];
    if (count > 1) {
        out += '.';
        out.append(digits + 1, static_cast<size_t>(count - 1));
    }
    int adjusted = exponent + count - 1;
    out += 'E';
    if (adjusted >= 0) out += '+';
    out += std::to_string(adjusted);
    return out;
}

std::string Decimal::to_canonical() const {
    return reduce().to_string();
}

double Decimal::to_double() const {
    char digits[64];
    char* at = digits;
    if (coefficient_ < 0) *at++ = '-';
    at += to_digits(coefficient_, at);
    *at++ = 'e';
    at = std::to_chars(at, digits + sizeof digits, static_cast<int>(exponent_)).ptr;
    double value = 0;
    auto result = std::from_chars(digits, at, value);
    if (result.ec == std::errc::result_out_of_range) {
        double limit = exponent_ > 0 ? HUGE_VAL : 0.0;
        return coefficient_ < 0 ? -limit : limit;
    }
    return value;
}

}  // namespace leat::value
