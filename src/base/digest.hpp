// SHA-256, on OpenSSL's libcrypto. The only header of the house that knows it.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace leat::base {

using Digest = std::array<uint8_t, 32>;
Digest sha256(std::string_view bytes);
std::string to_hex(const uint8_t* bytes, size_t size);
inline std::string to_hex(const Digest& digest) {
    return to_hex(digest.data(), digest.size());
}
// False when `hex` is not exactly 64 hexadecimal digits.
bool from_hex(std::string_view hex, Digest& out);

}  // namespace leat::base
