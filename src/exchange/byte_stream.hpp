// A file's bytes from its beginning to its end, unpacked where it is compressed with gzip. The only file that knows
// zlib. Inside this room only.
#pragma once
#include <memory>
#include <string>

#include "base/result.hpp"

namespace leat::exchange {

class ByteStream {
 public:
    // Errors: not_found "log.not_found", store "log.unreadable", usage "log.gzip" (this build has no zlib).
    static Result<ByteStream> open(const std::string& path);
    ByteStream(ByteStream&&) noexcept;
    ~ByteStream();

    // The next byte without taking it, -1 at the end or after an error.
    int peek() { return at_ < size_ || fill() ? static_cast<unsigned char>(buffer_[at_]) : -1; }
    int get() {
        int byte = peek();
        if (byte >= 0) ++at_;
        return byte;
    }
    // What went wrong on the way, once get() has answered -1. Errors: store "log.unreadable", usage "log.gzip".
    Result<void> finish() const;

 private:
    struct Source;
    explicit ByteStream(std::unique_ptr<Source> source);
    bool fill();
    std::unique_ptr<Source> source_;
    std::unique_ptr<char[]> buffer_;
    size_t at_ = 0, size_ = 0;
    std::string problem_;
    bool damaged_ = false;
};

}  // namespace leat::exchange
