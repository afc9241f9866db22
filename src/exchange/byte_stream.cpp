#include "exchange/byte_stream.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#if LEAT_GZIP
#include <zlib.h>
#endif

namespace leat::exchange {

namespace {

constexpr size_t kBuffer = size_t{1} << 18;

Error not_open(const std::string& path, int error) {
    if (error == ENOENT)
        return make_error(Status::not_found, "log.not_found", fmt::format("there is no file '{}'", path));
    return make_error(Status::store, "log.unreadable",
                      fmt::format("cannot read '{}': {}", path, std::strerror(error ? error : EIO)));
}

}  // namespace

#if LEAT_GZIP

// zlib reads a file that is not compressed as it is.
struct ByteStream::Source {
    std::string path;
    gzFile file = nullptr;
    ~Source() {
        if (file) gzclose_r(file);
    }
};

Result<ByteStream> ByteStream::open(const std::string& path) {
    auto source = std::make_unique<Source>();
    source->path = path;
    errno = 0;
    source->file = gzopen(path.c_str(), "rbe");
    if (!source->file) return not_open(path, errno);
    gzbuffer(source->file, static_cast<unsigned>(kBuffer));
    return ByteStream(std::move(source));
}

bool ByteStream::fill() {
    if (!problem_.empty()) return false;
    int size = gzread(source_->file, buffer_.get(), static_cast<unsigned>(kBuffer));
    at_ = 0;
    size_ = size > 0 ? static_cast<size_t>(size) : 0;
    // The end of a file that was cut off is an error, too: zlib says so without failing the read.
    int status = Z_OK;
    const char* message = gzerror(source_->file, &status);
    if (size < 0 || (size == 0 && status != Z_OK && status != Z_STREAM_END)) {
        damaged_ = status != Z_ERRNO;
        problem_ = status == Z_BUF_ERROR ? "it is cut off" : message && *message ? message : std::strerror(errno);
    }
    return size > 0;
}

#else

struct ByteStream::Source {
    std::string path;
    std::FILE* file = nullptr;
    ~Source() {
        if (file) std::fclose(file);
    }
};

Result<ByteStream> ByteStream::open(const std::string& path) {
    auto source = std::make_unique<Source>();
    source->path = path;
    source->file = std::fopen(path.c_str(), "rbe");
    if (!source->file) return not_open(path, errno);
    ByteStream stream(std::move(source));
    if (stream.fill() && stream.size_ >= 2 && std::memcmp(stream.buffer_.get(), "\x1f\x8b", 2) == 0)
        return make_error(Status::usage, "log.gzip",
                          fmt::format("'{}' is compressed, and this build has no zlib (LEAT_GZIP): unpack it", path));
    return stream;
}

bool ByteStream::fill() {
    if (!problem_.empty()) return false;
    size_ = std::fread(buffer_.get(), 1, kBuffer, source_->file);
    at_ = 0;
    if (size_ == 0 && std::ferror(source_->file)) problem_ = std::strerror(errno);
    return size_ > 0;
}

#endif

ByteStream::ByteStream(std::unique_ptr<Source> source)
    : source_(std::move(source)), buffer_(std::make_unique<char[]>(kBuffer)) {}
ByteStream::ByteStream(ByteStream&&) noexcept = default;
ByteStream::~ByteStream() = default;

Result<void> ByteStream::finish() const {
    if (problem_.empty()) return {};
    if (damaged_)
        return make_error(Status::usage, "log.gzip", fmt::format("'{}' is damaged: {}", source_->path, problem_));
    return make_error(Status::store, "log.unreadable", fmt::format("cannot read '{}': {}", source_->path, problem_));
}

}  // namespace leat::exchange
