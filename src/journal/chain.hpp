// The bytes that the chain hashes: one place for the writer and for verify.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/digest.hpp"

namespace leat::journal {

inline constexpr int64_t kChain = 0;  // several writers would each have one (SEMANTICS 12); there is one
inline constexpr size_t kSaltBytes = 16;
inline constexpr std::string_view kSaltMember = "{\"salt\":\"";  // what each segment begins with

struct Header {
    int64_t sequence = 0;
    int64_t chain = kChain;
    std::string_view time, actor, roles, definition;
};
void append_header(std::string& out, const Header& header);

// What the row itself says besides: hashed apart and salted, so that it can be erased.
struct Body {
    std::string_view salt;  // 32 hex digits; empty where the body was erased: then `command` is its tombstone
    std::string_view command, drawn, cause;
};
// False when the salt, or the tombstone, is not well-formed. `buffer` is scratch memory.
bool digest_body(const Body& body, std::string& buffer, base::Digest& digest);
inline constexpr std::string_view kErasedMember = "{\"erased\":\"";  // what a tombstone begins with

// The digest of a segment as it stands in its column; false when it does not begin with a well-formed salt. `buffer` is
// scratch memory.
bool digest_segment(std::string_view segment, std::string& buffer, base::Digest& digest);

inline std::string_view bytes_of(const base::Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace leat::journal
