#include "exchange/source.hpp"

#include <fmt/format.h>
#include <iconv.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "base/digest_stream.hpp"
#include "exchange/byte_stream.hpp"

namespace leat::exchange {

namespace {

constexpr size_t kBlock = size_t{1} << 16;
const iconv_t kNoConverter = reinterpret_cast<iconv_t>(-1);

// The stream of event logs has codes of its own.
Error renamed(Error problem) {
    if (problem.code == "log.not_found") problem.code = "import.file";
    if (problem.code == "log.unreadable") problem.code = "import.unreadable";
    if (problem.code == "log.gzip") problem.code = "import.gzip";
    return problem;
}

}  // namespace

struct Source::Parts {
    std::optional<ByteStream> file;
    std::string_view text;  // what is left of it
    std::string encoding;
    iconv_t converter = kNoConverter;
    std::string raw;      // read and not yet decoded
    std::string decoded;  // what data_ points at
    bool fresh = true;    // raw has not been decoded yet
    uint64_t consumed = 0;
    std::string problem;

    ~Parts() {
        if (converter != kNoConverter) iconv_close(converter);
    }
    // Some more bytes behind `raw`; false at the end.
    bool more() {
        if (!file) {
            size_t size = std::min(text.size(), kBlock);
            raw.append(text.substr(0, size));
            text.remove_prefix(size);
            return size > 0;
        }
        size_t before = raw.size();
        for (int byte; raw.size() - before < kBlock && (byte = file->get()) >= 0;) raw += static_cast<char>(byte);
        return raw.size() > before;
    }
};

Source::Source() : parts_(std::make_unique<Parts>()) {}
Source::~Source() = default;

Result<std::unique_ptr<Source>> Source::made(std::unique_ptr<Source> source, std::string_view encoding) {
    Parts& parts = *source->parts_;
    parts.encoding = encoding;
    parts.more();
    source->read_mark();
    std::string plain;
    for (char c : parts.encoding)
        if (c != '-' && c != '_') plain += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    if (plain.empty() || plain == "UTF8") {
        parts.encoding.clear();
        return source;
    }
    parts.converter = iconv_open("UTF-8", parts.encoding.c_str());
    if (parts.converter == kNoConverter)
        return make_error(Status::usage, "import.encoding",
                          fmt::format("there is no encoding '{}' here; write UTF-8, GB18030 or another name that "
                                      "iconv knows",
                                      parts.encoding));
    return source;
}

// A byte order mark is no text; without a declared encoding it says which one it is.
void Source::read_mark() {
    Parts& parts = *parts_;
    auto begins = [&](std::string_view mark) { return parts.raw.compare(0, mark.size(), mark) == 0; };
    auto drop = [&](size_t size) {
        parts.raw.erase(0, size);
        parts.consumed += size;
    };
    if (begins("\xEF\xBB\xBF")) {
        if (parts.encoding.empty() || parts.encoding[0] == 'U' || parts.encoding[0] == 'u') drop(3);
    } else if (parts.encoding.empty() && begins("\xFF\xFE")) {
        parts.encoding = "UTF-16LE";
        drop(2);
    } else if (parts.encoding.empty() && begins("\xFE\xFF")) {
        parts.encoding = "UTF-16BE";
        drop(2);
    }
}

Result<std::unique_ptr<Source>> Source::of_text(std::string_view text, std::string_view encoding) {
    std::unique_ptr<Source> source(new Source());
    source->parts_->text = text;
    return made(std::move(source), encoding);
}

Result<std::unique_ptr<Source>> Source::of_file(const std::string& path, std::string_view encoding) {
    std::unique_ptr<Source> source(new Source());
    auto file = ByteStream::open(path);
    if (!file) return renamed(std::move(file.error()));
    source->parts_->file.emplace(std::move(*file));
    return made(std::move(source), encoding);
}

bool Source::decode() {
    Parts& parts = *parts_;
    parts.decoded.resize(parts.raw.size() * 4 + 16);
    char* in = parts.raw.data();
    size_t in_left = parts.raw.size();
    char* out = parts.decoded.data();
    size_t out_left = parts.decoded.size();
    errno = 0;
    size_t done = iconv(parts.converter, &in, &in_left, &out, &out_left);
    size_t used = parts.raw.size() - in_left;
    parts.consumed += used;
    parts.decoded.resize(parts.decoded.size() - out_left);
    // A character that is cut off at the block's end waits for the rest (EINVAL).
    if (done == static_cast<size_t>(-1) && errno != EINVAL)
        parts.problem = fmt::format("byte {} is no text in {}", parts.consumed + 1, parts.encoding);
    parts.raw.erase(0, used);
    return !parts.decoded.empty();
}

bool Source::fill() {
    Parts& parts = *parts_;
    if (!parts.problem.empty()) return false;
    at_ = 0;
    size_ = 0;
    while (true) {
        if (parts.converter == kNoConverter) {
            if (parts.raw.empty() && !parts.more()) return false;
            parts.decoded.swap(parts.raw);
            parts.raw.clear();
        } else {
            if (!parts.fresh && !parts.more()) {
                if (!parts.raw.empty())
                    parts.problem = fmt::format("it ends in the middle of a character of {}", parts.encoding);
                return false;
            }
            parts.fresh = false;
            if (!decode()) {
                if (!parts.problem.empty()) return false;
                continue;
            }
        }
        data_ = parts.decoded.data();
        size_ = parts.decoded.size();
        return true;
    }
}

Result<void> Source::finish() const {
    if (!parts_->problem.empty()) return make_error(Status::usage, "import.encoding", parts_->problem);
    if (!parts_->file) return {};
    auto done = parts_->file->finish();
    if (!done) return renamed(std::move(done.error()));
    return {};
}

Result<std::string> digest_of(std::string_view text, const std::string& path) {
    if (path.empty()) return base::to_hex(base::sha256(text));
    auto file = ByteStream::open(path);
    if (!file) return renamed(std::move(file.error()));
    base::DigestStream digest;
    std::string block;
    for (int byte; (byte = file->get()) >= 0;) {
        block += static_cast<char>(byte);
        if (block.size() < kBlock) continue;
        digest.add(block);
        block.clear();
    }
    auto done = file->finish();
    if (!done) return renamed(std::move(done.error()));
    digest.add(block);
    return base::to_hex(digest.finish());
}

}  // namespace leat::exchange
