// Schoolbook decimal arithmetic on digit strings: slow, plain, and written apart from Decimal, to judge it.
#pragma once
#include <algorithm>
#include <string>

namespace leat::test {

// sign * digits * 10^exponent; `digits` most significant first, never empty.
struct Plain {
    bool negative = false;
    std::string digits = "0";
    int exponent = 0;
};

inline std::string trimmed(std::string digits) {
    size_t first = digits.find_first_not_of('0');
    return first == std::string::npos ? "0" : digits.substr(first);
}

inline int compare_digits(std::string a, std::string b) {
    a = trimmed(a), b = trimmed(b);
    if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
    return a.compare(b);
}

inline std::string add_digits(std::string a, std::string b) {
    if (a.size() < b.size()) std::swap(a, b);
    b.insert(0, a.size() - b.size(), '0');
    int carry = 0;
    for (size_t i = a.size(); i-- > 0;) {
        int sum = a[i] - '0' + (b[i] - '0') + carry;
        a[i] = static_cast<char>('0' + sum % 10);
        carry = sum / 10;
    }
    return trimmed(carry ? "1" + a : a);
}

inline std::string subtract_digits(std::string a, std::string b) {  // a >= b
    a = trimmed(a), b = trimmed(b);
    b.insert(0, a.size() - b.size(), '0');
    int borrow = 0;
    for (size_t i = a.size(); i-- > 0;) {
        int difference = a[i] - b[i] - borrow;
        borrow = difference < 0;
        a[i] = static_cast<char>('0' + difference + (borrow ? 10 : 0));
    }
    return trimmed(a);
}

inline Plain add(Plain a, Plain b) {
    int low = std::min(a.exponent, b.exponent);
    a.digits.append(static_cast<size_t>(a.exponent - low), '0');
    b.digits.append(static_cast<size_t>(b.exponent - low), '0');
    if (a.negative == b.negative) return {a.negative, add_digits(a.digits, b.digits), low};
    if (compare_digits(a.digits, b.digits) >= 0) return {a.negative, subtract_digits(a.digits, b.digits), low};
    return {b.negative, subtract_digits(b.digits, a.digits), low};
}

inline Plain multiply(const Plain& a, const Plain& b) {
    std::string product(a.digits.size() + b.digits.size(), '\0');
    for (size_t i = a.digits.size(); i-- > 0;) {
        int carry = 0;
        for (size_t j = b.digits.size(); j-- > 0;) {
            int sum = product[i + j + 1] + (a.digits[i] - '0') * (b.digits[j] - '0') + carry;
            product[i + j + 1] = static_cast<char>(sum % 10);
            carry = sum / 10;
        }
        product[i] = static_cast<char>(product[i] + carry);
    }
    for (char& c : product) c = static_cast<char>(c + '0');
    return {a.negative != b.negative, trimmed(product), a.exponent + b.exponent};
}

// 45 digits of the quotient, the last one 1 where more follow (so that rounding to 34 is right).
inline Plain divide(const Plain& a, const Plain& b) {
    std::string digits, rest;
    int exponent = a.exponent - b.exponent;
    size_t taken = 0;
    while (trimmed(digits).size() < 45 || taken < a.digits.size()) {
        rest += taken < a.digits.size() ? a.digits[taken] : '0';
        if (taken >= a.digits.size()) --exponent;
        ++taken;
        char digit = '0';
        while (compare_digits(rest, b.digits) >= 0) {
            rest = subtract_digits(rest, b.digits);
            ++digit;
        }
        digits += digit;
        if (taken >= a.digits.size() && trimmed(rest) == "0" && digits.size() > 0) break;
    }
    if (trimmed(rest) != "0") digits.back() = '1';
    return {a.negative != b.negative, trimmed(digits), exponent};
}

// Half-even to 34 digits, without trailing zeros: what Decimal's canonical number must be.
inline Plain rounded(Plain a) {
    a.digits = trimmed(a.digits);
    if (a.digits.size() > 34) {
        std::string rest = a.digits.substr(34);
        a.digits.resize(34);
        a.exponent += static_cast<int>(rest.size());
        bool more = rest.find_first_not_of('0', 1) != std::string::npos;
        if (rest[0] > '5' || (rest[0] == '5' && (more || (a.digits.back() - '0') % 2 == 1)))
            a.digits = add_digits(a.digits, "1");
    }
    while (a.digits.size() > 1 && a.digits.back() == '0') {
        a.digits.pop_back();
        ++a.exponent;
    }
    if (a.digits == "0") return {};
    return a;
}

inline std::string text(const Plain& a) {
    return (a.negative ? "-" : "") + a.digits + "E" + std::to_string(a.exponent);
}

}  // namespace leat::test
