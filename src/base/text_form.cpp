#include "base/text_form.hpp"

#include <algorithm>
#include <cstdint>

#include "base/utf8.hpp"

namespace leat::base {

namespace {

constexpr size_t kDigestDigits = 64;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_ascii(char c) {
    return static_cast<unsigned char>(c) < 0x80;
}
bool among(char c, std::string_view set) {
    return set.find(c) != std::string_view::npos;
}

// --- hosts ---

bool ipv4(std::string_view text) {
    int parts = 0;
    size_t at = 0;
    while (true) {
        size_t begin = at;
        int number = 0;
        while (at < text.size() && is_digit(text[at]) && at - begin < 4) number = number * 10 + (text[at++] - '0');
        size_t size = at - begin;
        if (size == 0 || size > 3 || number > 255 || (size > 1 && text[begin] == '0')) return false;
        ++parts;
        if (at == text.size()) return parts == 4;
        if (text[at++] != '.') return false;
    }
}

// Eight groups, a run of them perhaps left out as "::", the last two perhaps as an IPv4 address.
bool ipv6(std::string_view text) {
    int groups = 0;
    bool cut = false;
    size_t at = 0;
    if (text.starts_with("::")) {
        cut = true;
        at = 2;
        if (at == text.size()) return true;
    }
    while (true) {
        size_t end = std::min(text.find(':', at), text.size());
        std::string_view group = text.substr(at, end - at);
        if (group.find('.') != std::string_view::npos) {
            if (end != text.size() || !ipv4(group)) return false;
            groups += 2;
            break;
        }
        if (group.empty() || group.size() > 4 || !std::all_of(group.begin(), group.end(), is_hex)) return false;
        ++groups;
        if (end == text.size()) break;
        at = end + 1;
        if (at == text.size()) return false;
        if (text[at] != ':') continue;
        if (cut) return false;
        cut = true;
        if (++at == text.size()) break;
    }
    return cut ? groups <= 7 : groups == 8;
}

// Labels of letters, digits and hyphens, no hyphen at an end; `wide` lets in everything beyond ASCII.
bool host_name(std::string_view text, bool wide) {
    if (text.empty() || text.size() > 255) return false;
    while (true) {
        size_t end = std::min(text.find('.'), text.size());
        std::string_view label = text.substr(0, end);
        if (label.empty() || (!wide && label.size() > 63) || label.front() == '-' || label.back() == '-') return false;
        for (char c : label)
            if (!is_letter(c) && !is_digit(c) && c != '-' && !(wide && !is_ascii(c))) return false;
        if (end == text.size()) return true;
        text.remove_prefix(end + 1);
    }
}

// --- e-mail ---

bool local_part(std::string_view text, bool wide) {
    if (text.empty() || text.size() > 64) return false;
    if (text.front() == '"') {
        if (text.size() < 2 || text.back() != '"') return false;
        std::string_view inner = text.substr(1, text.size() - 2);
        for (size_t i = 0; i < inner.size(); ++i) {
            if (inner[i] == '\\') {
                if (++i == inner.size()) return false;
                if (inner[i] < ' ' || inner[i] == '\x7f') return false;
            } else if (inner[i] == '"' || inner[i] == '\x7f' || (is_ascii(inner[i]) && inner[i] < ' ') ||
                       (!is_ascii(inner[i]) && !wide)) {
                return false;
            }
        }
        return true;
    }
    char before = '.';
    for (char c : text) {
        bool atom = is_letter(c) || is_digit(c) || among(c, "!#$%&'*+-/=?^_`{|}~") || (wide && !is_ascii(c));
        if (!atom && (c != '.' || before == '.')) return false;
        before = c;
    }
    return before != '.';
}

bool mailbox(std::string_view text, bool wide) {
    size_t at = text.rfind('@');
    if (at == std::string_view::npos || text.size() > 254) return false;
    std::string_view domain = text.substr(at + 1);
    if (!local_part(text.substr(0, at), wide)) return false;
    if (domain.size() > 2 && domain.front() == '[' && domain.back() == ']') {
        std::string_view literal = domain.substr(1, domain.size() - 2);
        if (literal.starts_with("IPv6:")) return ipv6(literal.substr(5));
        return ipv4(literal);
    }
    return host_name(domain, wide);
}

// --- telephone ---

// What follows the number and begins an extension; the size of it, or 0.
size_t extension_mark(std::string_view text) {
    static constexpr std::string_view kMarks[] = {";ext=", "ext.", "ext", "x", "转"};
    for (std::string_view mark : kMarks)
        if (text.starts_with(mark)) return mark.size();
    return 0;
}

bool phone(std::string_view text) {
    size_t at = 0, digits = 0, open = std::string_view::npos;
    if (text.starts_with('+')) ++at;
    bool separated = true;  // nothing but digits or a bracket may follow
    for (; at < text.size(); ++at) {
        char c = text[at];
        if (is_digit(c)) {
            ++digits;
            separated = false;
        } else if (c == '(') {
            if (open != std::string_view::npos) return false;
            open = digits;
            separated = true;
        } else if (c == ')') {
            if (open == std::string_view::npos || open == digits) return false;
            open = std::string_view::npos;
            separated = false;
        } else if (c == ' ' && (at + 1 < text.size() && extension_mark(text.substr(at + 1)) != 0)) {
            continue;
        } else if (among(c, " -./")) {
            if (separated) return false;
            separated = true;
            if (at + 1 < text.size() && text[at + 1] == '(') separated = false;
        } else {
            break;
        }
    }
    if (digits < 2 || digits > 15 || open != std::string_view::npos || separated) return false;
    if (at == text.size()) return true;
    size_t mark = extension_mark(text.substr(at));
    std::string_view extension = text.substr(at + mark);
    if (mark != 0 && extension.starts_with(' ')) extension.remove_prefix(1);
    return mark != 0 && !extension.empty() && extension.size() <= 11 &&
           std::all_of(extension.begin(), extension.end(), is_digit);
}

// --- URI and IRI (RFC 3986, RFC 3987) ---

bool beyond_ascii(char32_t c) {
    bool good = (c >= 0xA0 && c <= 0xD7FF) || (c >= 0xF900 && c <= 0xFDCF) || (c >= 0xFDF0 && c <= 0xFFEF);
    return good || (c >= 0x10000 && c <= 0xEFFFD && (c & 0xFFFE) != 0xFFFE);
}
bool private_use(char32_t c) {
    return (c >= 0xE000 && c <= 0xF8FF) || (c >= 0xF0000 && c <= 0x10FFFD);
}

// Unreserved, percent-encoded and sub-delimiters, and the characters of `more`.
bool uri_characters(std::string_view text, std::string_view more, bool wide, bool private_too = false) {
    for (size_t at = 0; at < text.size();) {
        char c = text[at];
        if (!is_ascii(c)) {
            char32_t point = next_code_point(text, at);
            if (!wide || (!beyond_ascii(point) && !(private_too && private_use(point)))) return false;
        } else if (c == '%') {
            if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2])) return false;
            at += 3;
        } else if (is_letter(c) || is_digit(c) || among(c, "-._~!$&'()*+,;=") || among(c, more)) {
            ++at;
        } else {
            return false;
        }
    }
    return true;
}

bool uri_host(std::string_view host, bool wide) {
    if (!host.starts_with('[')) return uri_characters(host, "", wide);
    if (host.size() < 3 || !host.ends_with(']')) return false;
    std::string_view literal = host.substr(1, host.size() - 2);
    if (literal[0] != 'v' && literal[0] != 'V') return ipv6(literal);
    size_t dot = literal.find('.');
    if (dot == std::string_view::npos || dot < 2 || dot + 1 == literal.size()) return false;
    std::string_view version = literal.substr(1, dot - 1), rest = literal.substr(dot + 1);
    return std::all_of(version.begin(), version.end(), is_hex) && rest.find('%') == std::string_view::npos &&
           uri_characters(rest, ":", false);
}

bool uri_authority(std::string_view authority, bool wide, std::string_view& host) {
    if (size_t at = authority.find('@'); at != std::string_view::npos) {
        if (!uri_characters(authority.substr(0, at), ":", wide)) return false;
        authority.remove_prefix(at + 1);
    }
    size_t end = authority.starts_with('[') ? authority.find(']') : 0;
    if (end == std::string_view::npos) return false;
    size_t colon = authority.find(':', end);
    host = authority.substr(0, colon);
    if (!uri_host(host, wide)) return false;
    if (colon == std::string_view::npos) return true;
    std::string_view port = authority.substr(colon + 1);
    return std::all_of(port.begin(), port.end(), is_digit);
}

struct UriKind {
    bool wide = false;      // an IRI
    bool relative = false;  // may lack its scheme
    bool web = false;       // http or https, with a host
};

bool uri(std::string_view text, UriKind kind) {
    std::string_view fragment, query, scheme, host;
    if (size_t at = text.find('#'); at != std::string_view::npos) {
        fragment = text.substr(at + 1);
        text = text.substr(0, at);
    }
    if (size_t at = text.find('?'); at != std::string_view::npos) {
        query = text.substr(at + 1);
        text = text.substr(0, at);
    }
    if (!uri_characters(fragment, ":@/?", kind.wide) || !uri_characters(query, ":@/?", kind.wide, true)) return false;
    size_t colon = text.find(':');
    bool has_scheme = colon != std::string_view::npos && colon < text.find('/');
    if (has_scheme) {
        scheme = text.substr(0, colon);
        text.remove_prefix(colon + 1);
        if (scheme.empty() || !is_letter(scheme[0])) return false;
        for (char c : scheme)
            if (!is_letter(c) && !is_digit(c) && !among(c, "+-.")) return false;
    } else if (!kind.relative) {
        return false;
    }
    if (text.starts_with("//")) {
        size_t end = std::min(text.find('/', 2), text.size());
        if (!uri_authority(text.substr(2, end - 2), kind.wide, host)) return false;
        text.remove_prefix(end);
    }
    if (!uri_characters(text, ":@/", kind.wide)) return false;
    if (!kind.web) return true;
    auto same = [](std::string_view a, std::string_view b) {
        return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
                   return (x >= 'A' && x <= 'Z' ? static_cast<char>(x + 32) : x) == y;
               });
    };
    return (same(scheme, "http") || same(scheme, "https")) && !host.empty();
}

bool uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (size_t i = 0; i < text.size(); ++i) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? text[i] != '-' : !is_hex(text[i])) return false;
    }
    return true;
}

}  // namespace

const std::vector<std::string_view>& text_forms() {
    static const std::vector<std::string_view> names = {"email", "idn-email", "phone", "uri",  "uri-reference", "iri",
                                                        "url",   "hostname",  "ipv4",  "ipv6", "uuid"};
    return names;
}

bool has_text_form(std::string_view name, std::string_view text) {
    if (name == "email") return mailbox(text, false);
    if (name == "idn-email") return mailbox(text, true);
    if (name == "phone") return phone(text);
    if (name == "uri") return uri(text, {});
    if (name == "uri-reference") return uri(text, {.wide = false, .relative = true, .web = false});
    if (name == "iri") return uri(text, {.wide = true, .relative = false, .web = false});
    if (name == "url") return uri(text, {.wide = true, .relative = false, .web = true});
    if (name == "hostname") return host_name(text, false) && text.size() <= 253;
    if (name == "ipv4") return ipv4(text);
    if (name == "ipv6") return ipv6(text);
    if (name == "uuid") return uuid(text);
    return false;
}

std::optional<std::string> file_digest(std::string_view value) {
    if (value.size() < kDigestDigits ||
        (value.size() > kDigestDigits && (value[kDigestDigits] != '/' || value.size() == kDigestDigits + 1)))
        return std::nullopt;
    std::string out(value.substr(0, kDigestDigits));
    for (char& c : out) {
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c + 32);
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return std::nullopt;
    }
    return out;
}

}  // namespace leat::base
