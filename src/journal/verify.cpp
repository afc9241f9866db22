// Recomputing the chain from the text in the columns, as any auditor could (docs/file_format.md).
#include <cstring>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "journal/chain.hpp"
#include "journal/journal.hpp"
#include "journal/rows.hpp"
#include "journal/scan.hpp"
#include "value/temporal.hpp"

namespace leat::journal {

namespace {

class Verifier {
 public:
    // What is wrong with the row, or nullopt: then it is the new head.
    std::optional<std::string> check(const store::Statement& row);
    // Goes on after rows that were not read.
    void skip_to(int64_t sequence, std::string_view hash) {
        sequence_ = sequence;
        std::memcpy(hash_.data(), hash.data(), hash_.size());
    }
    int64_t expected() const { return sequence_ + 1; }
    const base::Digest& head() const { return hash_; }

 private:
    bool append_digests(std::string_view segments);
    int64_t sequence_ = 0;
    std::string time_;
    base::Digest hash_{};
    std::string hashed_, buffer_;
};

// Adds the digest of each segment of the array to hashed_; false when the text is not such an array.
bool Verifier::append_digests(std::string_view segments) {
    if (segments == "[]") return true;
    if (segments.size() < 2 || segments.front() != '[' || segments.back() != ']') return false;
    size_t at = 1;
    while (true) {
        size_t end = skip_value(segments, at);
        base::Digest digest;
        if (end == std::string_view::npos || !digest_segment(segments.substr(at, end - at), buffer_, digest))
            return false;
        hashed_ += bytes_of(digest);
        if (end == segments.size() - 1) return true;
        if (segments[end] != ',') return false;
        at = end + 1;
    }
}

std::optional<std::string> Verifier::check(const store::Statement& row) {
    Header header{row.integer(0), row.integer(1), row.text(2), row.text(3), row.text(4), row.text(5)};
    Body body{row.text(6), row.text(7), row.text(8), row.text(9)};
    std::string_view segments = row.text(10);
    std::string_view hash = row.blob(11);
    if (header.chain != kChain) return fmt::format("it belongs to chain {}, which does not exist", header.chain);
    auto time_us = value::parse_instant(header.time);
    if (!time_us || value::format_instant(*time_us) != header.time) return "its time is no instant";
    if (header.time < time_)
        return fmt::format("its time {} is before that of the row before it, {}", header.time, time_);
    // Parts that are not single values could shift text from one column to the next under the same bytes.
    if (!is_one_value(header.roles)) return "its roles are not JSON";
    if (!is_one_value(body.command)) return "its command is not JSON";
    if (!is_one_value(body.drawn)) return "its drawn part is not JSON";
    if (!is_one_value(body.cause)) return "its cause is not JSON";
    hashed_ = bytes_of(hash_);
    append_header(hashed_, header);
    base::Digest digest;
    if (!digest_body(body, buffer_, digest)) return "its command is not salted as the journal does it";
    hashed_ += bytes_of(digest);
    if (!append_digests(segments)) return "its segments are not the JSON that the journal writes";
    base::Digest computed = base::sha256(hashed_);
    if (hash != bytes_of(computed))
        return "its hash does not follow from its contents and the row before it: it, or its hash, was altered";
    sequence_ = header.sequence;
    time_ = header.time;
    hash_ = computed;
    return std::nullopt;
}

}  // namespace

namespace {

// The rows of the log, or of an archive, in a row. False: one does not hold.
Result<bool> read_on(store::Connection& connection, Verifier& verifier, Verification& verification) {
    LEAT_TRY(auto rows,
             connection.prepare("SELECT seq, chain, time, actor, roles, definition, salt, command, drawn, cause, "
                                "segments, hash FROM leat_log ORDER BY seq"));
    auto bad = [&](int64_t sequence, std::string problem) {
        verification.first_bad = sequence;
        verification.problem = std::move(problem);
        return false;
    };
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return true;
        int64_t sequence = rows.integer(0);
        if (sequence < verifier.expected())
            return bad(verifier.expected(),
                       verifier.expected() == 1
                           ? fmt::format("row {} was inserted: the log begins with row 1", sequence)
                           : fmt::format("row {} was inserted: it was sealed", sequence));
        if (sequence > verifier.expected()) {
            return bad(verifier.expected(), fmt::format("row {} is missing: after row {} comes row {}",
                                                        verifier.expected(), verifier.expected() - 1, sequence));
        }
        if (auto problem = verifier.check(rows)) return bad(sequence, fmt::format("row {}: {}", sequence, *problem));
        ++verification.rows;
        verification.head = verifier.head();
    }
}

}  // namespace

Result<Verification> verify(store::Connection& connection) {
    Verification verification;
    Verifier verifier;
    LEAT_TRY(auto sealed, Sealed::open(connection));
    for (const Sealed::Part& part : sealed.parts()) {
        LEAT_TRY(auto* archive, sealed.archive(part));
        if (!archive) {
            verification.missing.push_back(part.path);
            verifier.skip_to(part.last, part.hash);
            verification.head = verifier.head();
            continue;
        }
        LEAT_TRY(bool holds, read_on(*archive, verifier, verification));
        if (!holds) return verification;
        if (verifier.expected() != part.last + 1 || bytes_of(verifier.head()) != part.hash) {
            verification.first_bad = part.last;
            verification.problem =
                fmt::format("archive '{}' does not end with row {} as it was sealed", part.path, part.last);
            return verification;
        }
        verification.sealed = verification.rows;
    }
    LEAT_TRY(bool holds, read_on(connection, verifier, verification));
    (void)holds;
    return verification;
}

}  // namespace leat::journal
