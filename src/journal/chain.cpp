#include "journal/chain.hpp"

#include <array>
#include <charconv>
#include <cstring>

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

// The value of each character as a hex digit; -1: it is none. Capitals are none: one salt has one text.
constexpr std::array<int8_t, 256> kHexDigits = [] {
    std::array<int8_t, 256> digits{};
    for (size_t i = 0; i < digits.size(); ++i)
        digits[i] = static_cast<int8_t>(i >= '0' && i <= '9' ? i - '0' : i >= 'a' && i <= 'f' ? i - 'a' + 10 : -1);
    return digits;
}();

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
    out += '}';
}

namespace {

// Hex digits into bytes; false when it is not that.
bool append_bytes(std::string_view hex, std::string& out) {
    if (hex.size() % 2 != 0) return false;
    const size_t begin = out.size();
    out.resize(begin + hex.size() / 2);
    for (size_t i = 0; i < hex.size(); i += 2) {
        int high = kHexDigits[static_cast<uint8_t>(hex[i])];
        int low = kHexDigits[static_cast<uint8_t>(hex[i + 1])];
        if (high < 0 || low < 0) return false;
        out[begin + i / 2] = static_cast<char>(high << 4 | low);
    }
    return true;
}

// {"erased":"DIGEST"…: what stands in the place of an erased part is its digest.
bool digest_tombstone(std::string_view text, std::string& buffer, base::Digest& digest) {
    constexpr size_t kEnd = kErasedMember.size() + 2 * sizeof(base::Digest);
    if (text.size() < kEnd + 2 || text[kEnd] != '"') return false;
    buffer.clear();
    if (!append_bytes(text.substr(kErasedMember.size(), 2 * sizeof(base::Digest)), buffer)) return false;
    std::memcpy(digest.data(), buffer.data(), digest.size());
    return true;
}

}  // namespace

bool digest_body(const Body& body, std::string& buffer, base::Digest& digest) {
    if (body.salt.empty())
        return body.command.starts_with(kErasedMember) && body.drawn == "null" && body.cause == "null" &&
               digest_tombstone(body.command, buffer, digest);
    buffer.clear();
    if (body.salt.size() != 2 * kSaltBytes || !append_bytes(body.salt, buffer)) return false;
    buffer += "{\"command\":";
    buffer += body.command;
    buffer += ",\"drawn\":";
    buffer += body.drawn;
    buffer += ",\"cause\":";
    buffer += body.cause;
    buffer += '}';
    digest = base::sha256(buffer);
    return true;
}

bool digest_segment(std::string_view segment, std::string& buffer, base::Digest& digest) {
    if (segment.starts_with(kErasedMember)) return digest_tombstone(segment, buffer, digest);
    constexpr size_t kHexEnd = kSaltMember.size() + 2 * kSaltBytes;
    if (!segment.starts_with(kSaltMember) || segment.size() < kHexEnd + 3 || segment.substr(kHexEnd, 2) != "\",")
        return false;
    buffer.clear();
    if (!append_bytes(segment.substr(kSaltMember.size(), 2 * kSaltBytes), buffer)) return false;
    buffer += '{';
    buffer += segment.substr(kHexEnd + 2);
    digest = base::sha256(buffer);
    return true;
}

}  // namespace leat::journal
