#include "journal/chain.hpp"

#include <charconv>

#include "base/json.hpp"

namespace leat::journal {

namespace {

void append_string(std::string& out, std::string_view text) {
    JsonWriter(out).string(text);
}

void append_integer(std::string& out, int64_t value) {
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;  // capitals too: one salt has one text
}

}  // namespace

void append_header(std::string& out, const Header& header) {
    out += "{\"seq\":";
    append_integer(out, header.sequence);
    out += ",\"chain\":";
    append_integer(out, header.chain);
    out += ",\"time\":";
    append_string(out, header.time);
    out += ",\"actor\":";
    append_string(out, header.actor);
    out += ",\"roles\":";
    out += header.roles;
    out += ",\"definition\":";
    append_string(out, header.definition);
    out += ",\"command\":";
    out += header.command;
    out += ",\"drawn\":";
    out += header.drawn;
    out += ",\"cause\":";
    out += header.cause;
    out += '}';
}

bool digest_segment(std::string_view segment, std::string& buffer, base::Digest& digest) {
    constexpr size_t kHexEnd = kSaltMember.size() + 2 * kSaltBytes;
    if (!segment.starts_with(kSaltMember) || segment.size() < kHexEnd + 3 || segment.substr(kHexEnd, 2) != "\",")
        return false;
    buffer.clear();
    for (size_t i = kSaltMember.size(); i < kHexEnd; i += 2) {
        int high = hex_digit(segment[i]);
        int low = hex_digit(segment[i + 1]);
        if (high < 0 || low < 0) return false;
        buffer += static_cast<char>(high << 4 | low);
    }
    buffer += '{';
    buffer += segment.substr(kHexEnd + 2);
    digest = base::sha256(buffer);
    return true;
}

}  // namespace leat::journal
