// Recomputing the chain from the text in the columns, as any auditor could (docs/file_format.md).
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "journal/chain.hpp"
#include "journal/journal.hpp"
#include "journal/scan.hpp"
#include "value/temporal.hpp"

namespace leat::journal {

namespace {

class Verifier {
 public:
    // What is wrong with the row, or nullopt: then it is the new head.
    std::optional<std::string> check(const store::Statement& row);
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
    Header header{row.integer(0), row.integer(1), row.text(2), row.text(3), row.text(4),
                  row.text(5),    row.text(6),    row.text(7), row.text(8)};
    std::string_view segments = row.text(9);
    std::string_view hash = row.blob(10);
    if (header.chain != kChain) return fmt::format("it belongs to chain {}, which does not exist", header.chain);
    auto time_us = value::parse_instant(header.time);
    if (!time_us || value::format_instant(*time_us) != header.time) return "its time is no instant";
    if (header.time < time_)
        return fmt::format("its time {} is before that of the row before it, {}", header.time, time_);
    // Parts that are not single values could shift text from one column to the next under the same bytes.
    if (!is_one_value(header.roles)) return "its roles are not JSON";
    if (!is_one_value(header.command)) return "its command is not JSON";
    if (!is_one_value(header.drawn)) return "its drawn part is not JSON";
    if (!is_one_value(header.cause)) return "its cause is not JSON";
    hashed_ = bytes_of(hash_);
    append_header(hashed_, header);
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

Result<Verification> verify(store::Connection& connection) {
    LEAT_TRY(auto rows,
             connection.prepare("SELECT seq, chain, time, actor, roles, definition, command, drawn, cause, segments, "
                                "hash FROM leat_log ORDER BY seq"));
    Verification verification;
    Verifier verifier;
    auto bad = [&](int64_t sequence, std::string problem) {
        verification.first_bad = sequence;
        verification.problem = std::move(problem);
        return verification;
    };
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return verification;
        int64_t sequence = rows.integer(0);
        if (sequence < verifier.expected()) {
            return bad(verifier.expected(), fmt::format("row {} was inserted: the log begins with row 1", sequence));
        }
        if (sequence > verifier.expected()) {
            return bad(verifier.expected(), fmt::format("row {} is missing: after row {} comes row {}",
                                                        verifier.expected(), verifier.expected() - 1, sequence));
        }
        if (auto problem = verifier.check(rows)) return bad(sequence, fmt::format("row {}: {}", sequence, *problem));
        ++verification.rows;
        verification.head = verifier.head();
    }
}

}  // namespace leat::journal
