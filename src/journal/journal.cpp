#include "journal/journal.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "base/json.hpp"
#include "journal/chain.hpp"
#include "journal/load.hpp"
#include "journal/rows.hpp"
#include "journal/scan.hpp"
#include "value/instant.hpp"
#include "value/temporal.hpp"

namespace leat::journal {

namespace {

constexpr std::string_view kInsert =
    "INSERT INTO leat_log(seq, chain, time, actor, roles, definition, salt, command, drawn, cause, segments, hash) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

void append_hex(std::string& out, const uint8_t* bytes, size_t size) {
    static constexpr char kDigits[] = "0123456789abcdef";
    size_t at = out.size();
    out.resize(at + 2 * size);
    for (size_t i = 0; i < size; ++i) {
        out[at++] = kDigits[bytes[i] >> 4];
        out[at++] = kDigits[bytes[i] & 15];
    }
}

void append_integer(std::string& out, int64_t value) {
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void append_segment(std::string& out, const Segment& segment, const uint8_t* salt) {
    out += kSaltMember;
    append_hex(out, salt, kSaltBytes);
    out += "\",\"entity\":";
    JsonWriter(out).string(segment.entity);
    out += ",\"id\":";
    append_integer(out, segment.id);
    out += ",\"key\":";
    JsonWriter(out).string(segment.key);
    out += ",\"prev\":";
    append_integer(out, segment.previous);
    out += ",\"op\":";
    JsonWriter(out).string(segment.operation);
    out += ",\"changes\":";
    out += segment.changes;
    out += '}';
}

Result<void> check(const Head& head, const Entry& entry) {
    if (entry.time_us < head.time_us) {
        return make_error(Status::internal, "journal.time",
                          fmt::format("the log cannot go back in time: its last row is of {}, the new one of {}",
                                      value::format_instant(head.time_us), value::format_instant(entry.time_us)));
    }
    auto malformed = [](std::string_view part, std::string_view text) {
        return make_error(Status::internal, "journal.malformed",
                          fmt::format("the {} of a log row is not one JSON value: {}", part, text.substr(0, 100)));
    };
    if (!is_one_value(entry.roles)) return malformed("roles", entry.roles);
    if (!is_one_value(entry.command)) return malformed("command", entry.command);
    if (!is_one_value(entry.drawn)) return malformed("drawn part", entry.drawn);
    if (!is_one_value(entry.cause)) return malformed("cause", entry.cause);
    for (const Segment& segment : entry.segments) {
        if (!is_one_value(segment.changes)) return malformed("changes", segment.changes);
    }
    return {};
}

}  // namespace

Result<Row> to_row(const store::Statement& statement) {
    Row row;
    row.sequence = statement.integer(0);
    row.time = statement.text(1);
    row.actor = statement.text(2);
    row.roles = statement.text(3);
    row.definition = statement.text(4);
    row.command = statement.text(5);
    row.drawn = statement.text(6);
    row.cause = statement.text(7);
    row.segments = statement.text(8);
    std::string_view hash = statement.blob(9);
    append_hex(row.hash, reinterpret_cast<const uint8_t*>(hash.data()), hash.size());
    return row;
}

namespace {

// The `prev` of the segment of one record; nullopt when the row has none.
Result<std::optional<int64_t>> previous_of(const Row& row, const std::vector<std::string>& entities,
                                           std::string_view id) {
    auto segments = parse_json(row.segments, 128);
    if (!segments) {
        return make_error(Status::store, "store.corrupt",
                          fmt::format("row {} of the log is damaged: {}", row.sequence, segments.error().message));
    }
    for (const Json& segment : segments->items) {
        const Json* of_entity = segment.find("entity");
        const Json* of_id = segment.find("id");
        const Json* previous = segment.find("prev");
        int64_t number = 0;
        std::from_chars(id.data(), id.data() + id.size(), number);
        if (loaded(segment, entities, number)) return std::optional<int64_t>(0);
        if (!of_entity || !of_id || !previous || of_id->text != id ||
            std::find(entities.begin(), entities.end(), of_entity->text) == entities.end())
            continue;
        int64_t sequence = 0;
        const char* end = previous->text.data() + previous->text.size();
        auto [at, failure] = std::from_chars(previous->text.data(), end, sequence);
        if (failure == std::errc() && at == end && sequence >= 0 && sequence < row.sequence)
            return std::optional(sequence);
    }
    return std::optional<int64_t>();
}

}  // namespace

Result<void> Journal::create_tables(store::Connection& connection) {
    LEAT_CHECK(create_load_tables(connection));
    return connection.execute(
        "CREATE TABLE IF NOT EXISTS leat_log("
        "seq INTEGER PRIMARY KEY, chain INTEGER NOT NULL, time TEXT NOT NULL, actor TEXT NOT NULL, roles TEXT NOT "
        "NULL, "
        "definition TEXT NOT NULL, salt TEXT NOT NULL, command TEXT NOT NULL, drawn TEXT NOT NULL, cause TEXT NOT "
        "NULL, segments TEXT NOT "
        "NULL, "
        "hash BLOB NOT NULL) STRICT;"
        "CREATE TABLE IF NOT EXISTS leat_archive("
        "last INTEGER PRIMARY KEY, first INTEGER NOT NULL, path TEXT NOT NULL, hash BLOB NOT NULL, time TEXT NOT "
        "NULL) STRICT");
}

Result<Head> Journal::head() {
    LEAT_TRY(auto last, connection_.prepare("SELECT seq, time, hash FROM leat_log ORDER BY seq DESC LIMIT 1"));
    LEAT_TRY(bool row, last.step());
    Head head;
    if (!row) return head;
    head.sequence = last.integer(0);
    auto time_us = value::parse_instant(last.text(1));
    std::string_view hash = last.blob(2);
    if (!time_us || hash.size() != head.hash.size()) {
        return make_error(Status::store, "store.corrupt",
                          fmt::format("'{}': the last row of the log ({}) is damaged: see verify", connection_.path(),
                                      head.sequence));
    }
    head.time_us = *time_us;
    std::memcpy(head.hash.data(), hash.data(), hash.size());
    return head;
}

Result<void> Journal::append(Head& head, const Entry& entry, Random& random) {
    LEAT_CHECK(check(head, entry));
    Head next;
    next.sequence = head.sequence + 1;
    next.time_us = entry.time_us;
    value::InstantText instant;
    std::string_view time = value::format_instant(entry.time_us, instant);
    header_ = bytes_of(head.hash);
    append_header(header_, {next.sequence, kChain, time, entry.actor, entry.roles, entry.definition});
    // All of the row's salts at once: asking the operating system costs more than the bytes.
    salts_.resize((1 + entry.segments.size()) * kSaltBytes);
    random.fill(salts_.data(), salts_.size());
    const uint8_t* salt_bytes = salts_.data();
    salt_.clear();
    append_hex(salt_, salt_bytes, kSaltBytes);
    base::Digest body;
    if (!digest_body({salt_, entry.command, entry.drawn, entry.cause}, buffer_, body))
        return make_error(Status::internal, "journal.malformed", "a row of the log could not be hashed");
    header_ += bytes_of(body);
    segments_ = '[';
    for (const Segment& segment : entry.segments) {
        if (segments_.size() > 1) segments_ += ',';
        size_t begin = segments_.size();
        append_segment(segments_, segment, salt_bytes += kSaltBytes);
        base::Digest digest;
        if (!digest_segment(std::string_view(segments_).substr(begin), buffer_, digest)) {
            return make_error(Status::internal, "journal.malformed", "a segment of the log could not be hashed");
        }
        header_ += bytes_of(digest);
    }
    segments_ += ']';
    next.hash = base::sha256(header_);

    LEAT_TRY(auto insert, connection_.prepare(kInsert));
    insert.bind(1, next.sequence);
    insert.bind(2, kChain);
    insert.bind(3, time);
    insert.bind(4, entry.actor);
    insert.bind(5, entry.roles);
    insert.bind(6, entry.definition);
    insert.bind(7, salt_);
    insert.bind(8, entry.command);
    insert.bind(9, entry.drawn);
    insert.bind(10, entry.cause);
    insert.bind(11, segments_);
    insert.bind_blob(12, bytes_of(next.hash));
    LEAT_CHECK(insert.step());
    head = next;
    return {};
}

Result<void> Journal::take_back(int64_t sequence) {
    LEAT_TRY(auto remove, connection_.prepare("DELETE FROM leat_log WHERE seq = ?1"));
    remove.bind(1, sequence);
    LEAT_CHECK(remove.step());
    return {};
}

Result<std::vector<Row>> read(store::Connection& connection, int64_t from, int64_t limit) {
    LEAT_TRY(Sealed sealed, Sealed::open(connection));
    std::vector<Row> read;
    // From archives one row after the other: whoever asks for the beginning of time asks for little of it.
    while (from >= 1 && sealed.is_sealed(from) && static_cast<int64_t>(read.size()) < limit) {
        LEAT_TRY(auto found, sealed.find(from));
        if (found) read.push_back(std::move(*found));
        from = found ? from + 1 : sealed.after(from);
    }
    limit -= static_cast<int64_t>(read.size());
    LEAT_TRY(auto rows,
             connection.prepare("SELECT seq, time, actor, roles, definition, command, drawn, cause, segments, hash "
                                "FROM leat_log WHERE seq >= ?1 ORDER BY seq LIMIT ?2"));
    rows.bind(1, from);
    rows.bind(2, std::max<int64_t>(limit, 0));
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return read;
        LEAT_TRY(Row row, to_row(rows));
        read.push_back(std::move(row));
    }
}

Result<std::vector<Row>> read_record(store::Connection& connection, const std::vector<std::string>& entities,
                                     int64_t id, int64_t last, int64_t limit) {
    const std::string& entity = entities.front();
    std::string id_text = std::to_string(id);
    std::vector<Row> read;
    int64_t next = last;
    LEAT_TRY(Sealed sealed, Sealed::open(connection));
    while (next > 0 && static_cast<int64_t>(read.size()) < limit) {
        LEAT_TRY(auto found, sealed.find(next));
        if (!found && sealed.is_sealed(next)) break;  // the archive is somewhere else: history begins after it
        if (!found) {
            return make_error(
                Status::store, "store.corrupt",
                fmt::format("'{}': the history of {} {} leads to row {} of the log, which is missing: see verify",
                            connection.path(), entity, id, next));
        }
        Row row = std::move(*found);
        LEAT_TRY(auto previous, previous_of(row, entities, id_text));
        if (!previous) {
            return make_error(
                Status::store, "store.corrupt",
                fmt::format("'{}': the history of {} {} leads to row {} of the log, which does not touch it: "
                            "see verify",
                            connection.path(), entity, id, next));
        }
        next = *previous;
        read.push_back(std::move(row));
    }
    std::reverse(read.begin(), read.end());
    return read;
}

}  // namespace leat::journal
