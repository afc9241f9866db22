// A table's bytes on their way in: a text or a file (unpacked where it is compressed with gzip), turned into UTF-8.
// The only file that knows iconv. Inside this room only.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace leat::exchange {

class Source {
 public:
    // `text` is the caller's memory. encoding: "" is UTF-8, or UTF-16 where a byte order mark says so; else a name that
    // iconv knows ("GB18030"). Errors: usage "import.encoding".
    static Result<std::unique_ptr<Source>> of_text(std::string_view text, std::string_view encoding);
    // Errors: also not_found "import.file", store "import.unreadable", usage "import.gzip".
    static Result<std::unique_ptr<Source>> of_file(const std::string& path, std::string_view encoding);
    ~Source();

    // The next byte of UTF-8 without taking it, -1 at the end or after an error.
    int peek() { return at_ < size_ || fill() ? static_cast<unsigned char>(data_[at_]) : -1; }
    int get() {
        int byte = peek();
        if (byte >= 0) ++at_;
        return byte;
    }
    // Bytes that can be had without asking again, and taking some of them.
    std::string_view ready() { return peek() < 0 ? std::string_view{} : std::string_view(data_ + at_, size_ - at_); }
    void take(size_t count) { at_ += count; }
    // What went wrong on the way, once get() has answered -1.
    Result<void> finish() const;

 private:
    struct Parts;
    Source();
    static Result<std::unique_ptr<Source>> made(std::unique_ptr<Source> source, std::string_view encoding);
    bool fill();
    bool decode();
    void read_mark();
    std::unique_ptr<Parts> parts_;
    const char* data_ = nullptr;
    size_t at_ = 0, size_ = 0;
};

// SHA-256 over the bytes of a text or a file as they are (a compressed file's unpacked), in hex.
Result<std::string> digest_of(std::string_view text, const std::string& path);

}  // namespace leat::exchange
