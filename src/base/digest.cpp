#include "base/digest.hpp"
#include "base/digest_stream.hpp"

#include <new>
#include <stdexcept>

#include <openssl/evp.h>

namespace leat::base {

namespace {

// Fetching the algorithm costs more than hashing a log row: once a process. The context is once a thread.
const EVP_MD* sha256_algorithm() {
    static EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (!algorithm) throw std::runtime_error("OpenSSL offers no SHA-256");
    return algorithm;
}

struct Context {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    Context() {
        if (!context) throw std::bad_alloc();
    }
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() { EVP_MD_CTX_free(context); }
};

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

Digest sha256(std::string_view bytes) {
    thread_local Context local;
    Digest digest;
    unsigned size = 0;
    if (EVP_DigestInit_ex2(local.context, sha256_algorithm(), nullptr) != 1 ||
        EVP_DigestUpdate(local.context, bytes.data(), bytes.size()) != 1 ||
        EVP_DigestFinal_ex(local.context, digest.data(), &size) != 1 || size != digest.size()) {
        throw std::runtime_error("OpenSSL could not compute SHA-256");
    }
    return digest;
}

struct DigestStream::State : Context {
    void begin() {
        if (EVP_DigestInit_ex2(context, sha256_algorithm(), nullptr) != 1)
            throw std::runtime_error("OpenSSL could not begin SHA-256");
    }
};

DigestStream::DigestStream() : state_(std::make_unique<State>()) {
    state_->begin();
}

DigestStream::~DigestStream() = default;

void DigestStream::add(std::string_view bytes) {
    if (EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) != 1)
        throw std::runtime_error("OpenSSL could not go on with SHA-256");
}

Digest DigestStream::finish() {
    Digest digest;
    unsigned size = 0;
    if (EVP_DigestFinal_ex(state_->context, digest.data(), &size) != 1 || size != digest.size())
        throw std::runtime_error("OpenSSL could not compute SHA-256");
    state_->begin();
    return digest;
}

std::string to_hex(const uint8_t* bytes, size_t size) {
    static const char kDigits[] = "0123456789abcdef";
    std::string text(size * 2, '0');
    for (size_t i = 0; i < size; ++i) {
        text[2 * i] = kDigits[bytes[i] >> 4];
        text[2 * i + 1] = kDigits[bytes[i] & 15];
    }
    return text;
}

bool from_hex(std::string_view hex, Digest& out) {
    if (hex.size() != out.size() * 2) return false;
    Digest digest;
    for (size_t i = 0; i < digest.size(); ++i) {
        int high = hex_digit(hex[2 * i]);
        int low = hex_digit(hex[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        digest[i] = static_cast<uint8_t>(high << 4 | low);
    }
    out = digest;
    return true;
}

}  // namespace leat::base
