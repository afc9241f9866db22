// Old rows in files of their own. An archive is a database with a table leat_log like the one it comes from, complete
// before the log lets go of its rows; leat_archive keeps the hash it must end with.
#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "journal/chain.hpp"
#include "journal/rows.hpp"
#include "value/temporal.hpp"

namespace leat::journal {

namespace fs = std::filesystem;

namespace {

fs::path to_path(const std::string& utf8) {
    return fs::path(std::u8string(utf8.begin(), utf8.end()));
}

bool exists(const std::string& path) {
    std::error_code failure;
    return fs::exists(to_path(path), failure);
}

store::OpenOptions options_of(const std::string& path, bool read_only) {
    store::OpenOptions options;
    options.path = path;
    options.read_only = read_only;
    options.application_id = kArchiveId;
    options.durability = store::Durability::full;
    return options;
}

constexpr std::string_view kColumns =
    "seq, chain, time, actor, roles, definition, salt, command, drawn, cause, segments, hash";

Result<void> copy_rows(store::Connection& from, store::Connection& to, int64_t last, Archive& archive) {
    LEAT_TRY(auto rows, from.prepare(fmt::format("SELECT {} FROM leat_log WHERE seq <= ?1 ORDER BY seq", kColumns)));
    rows.bind(1, last);
    LEAT_TRY(auto insert, to.prepare(fmt::format("INSERT INTO leat_log({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
                                                 "?10, ?11, ?12)",
                                                 kColumns)));
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return {};
        insert.reset();
        insert.bind(1, rows.integer(0));
        insert.bind(2, rows.integer(1));
        for (int column = 2; column <= 10; ++column) insert.bind(column + 1, rows.text(column));
        insert.bind_blob(12, rows.blob(11));
        LEAT_CHECK(insert.step());
        if (archive.first == 0) archive.first = rows.integer(0);
        archive.time = rows.text(2);
    }
}

// First and last row of a table leat_log; nothing when it is empty.
Result<std::optional<Sealed::Part>> ends(store::Connection& connection, int64_t last) {
    LEAT_TRY(auto row, connection.prepare("SELECT (SELECT min(seq) FROM leat_log), seq, hash, time FROM leat_log WHERE "
                                          "seq <= ?1 ORDER BY seq DESC LIMIT 1"));
    row.bind(1, last);
    LEAT_TRY(bool found, row.step());
    if (!found) return std::optional<Sealed::Part>();
    return std::optional(
        Sealed::Part{row.integer(0), row.integer(1), {}, std::string(row.blob(2)), std::string(row.text(3))});
}

}  // namespace

std::string archive_path(const store::Connection& log, const std::string& path) {
    fs::path whole = to_path(path);
    if (whole.is_absolute() || log.path() == ":memory:") return path;
    auto beside = (to_path(log.path()).parent_path() / whole).u8string();
    return {beside.begin(), beside.end()};
}

Result<Sealed> Sealed::open(store::Connection& connection) {
    Sealed sealed(connection);
    LEAT_TRY(auto rows, connection.prepare("SELECT first, last, path, hash, time FROM leat_archive ORDER BY last"));
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) break;
        sealed.parts_.push_back({rows.integer(0), rows.integer(1), std::string(rows.text(2)), std::string(rows.blob(3)),
                                 std::string(rows.text(4))});
    }
    sealed.open_.resize(sealed.parts_.size());
    sealed.missing_.resize(sealed.parts_.size());
    return sealed;
}

Result<store::Connection*> Sealed::archive(const Part& part) {
    const auto at = static_cast<size_t>(&part - parts_.data());
    if (open_[at] || missing_[at]) return open_[at].get();
    const std::string path = archive_path(*log_, part.path);
    if (!exists(path)) {
        missing_[at] = true;
        return static_cast<store::Connection*>(nullptr);
    }
    LEAT_TRY(open_[at], store::Connection::open(options_of(path, true)));
    return open_[at].get();
}

int64_t Sealed::after(int64_t sequence) const {
    for (const Part& part : parts_)
        if (sequence <= part.last) return part.last + 1;
    return sequence;
}

Result<std::optional<Row>> Sealed::find(int64_t sequence) {
    store::Connection* from = log_;
    for (const Part& part : parts_) {
        if (sequence > part.last) continue;
        LEAT_TRY(from, archive(part));
        if (!from) return std::optional<Row>();
        break;
    }
    LEAT_TRY(auto one, from->prepare("SELECT seq, time, actor, roles, definition, command, drawn, cause, segments, "
                                     "hash FROM leat_log WHERE seq = ?1"));
    one.bind(1, sequence);
    LEAT_TRY(bool found, one.step());
    if (!found) return std::optional<Row>();
    LEAT_TRY(Row row, to_row(one));
    return std::optional(std::move(row));
}

Result<std::vector<Archive>> archives(store::Connection& connection) {
    LEAT_TRY(Sealed sealed, Sealed::open(connection));
    std::vector<Archive> out;
    for (const auto& part : sealed.parts()) out.push_back({part.first, part.last, part.path, part.time});
    return out;
}

Result<int64_t> last_before(store::Connection& connection, int64_t time_us) {
    // Times never go back, so the first row that is too late ends what may go.
    LEAT_TRY(auto row, connection.prepare("SELECT max(seq) FROM leat_log WHERE time < ?1 AND seq < (SELECT max(seq) "
                                          "FROM leat_log)"));
    constexpr int64_t kYear9999_us = 253'402'300'799'000'000;  // the log's times have four digits of year
    const std::string time = value::format_instant(std::clamp<int64_t>(time_us, 0, kYear9999_us));
    row.bind(1, time);
    LEAT_TRY(bool found, row.step());
    return found && !row.is_null(0) ? row.integer(0) : int64_t{0};
}

Result<Archive> write_archive(store::Connection& connection, int64_t last, const std::string& path) {
    Archive archive;
    archive.last = last;
    archive.path = path;
    const std::string place = archive_path(connection, path);
    LEAT_TRY(auto wanted, ends(connection, last));
    if (exists(place)) {
        // Written before something went wrong: it is taken when it is what would be written.
        LEAT_TRY(auto known, store::Connection::open(options_of(place, true)));
        LEAT_TRY(auto there, ends(*known, INT64_MAX));
        if (!there || !wanted || there->last != wanted->last || there->first != wanted->first ||
            there->hash != wanted->hash)
            return make_error(Status::usage, "journal.archive_exists",
                              fmt::format("'{}' is there already and holds something else: move it away", place));
        archive.first = there->first;
        archive.time = there->time;
        return archive;
    }
    auto write = [&]() -> Result<void> {
        LEAT_TRY(auto file, store::Connection::open(options_of(place, false)));
        LEAT_CHECK(file->begin_write());
        LEAT_CHECK(Journal::create_tables(*file));
        LEAT_CHECK(copy_rows(connection, *file, last, archive));
        LEAT_CHECK(file->commit());
        LEAT_CHECK(file->checkpoint(true));
        // One file without companions: it is only read from now on.
        return file->execute("PRAGMA journal_mode = DELETE");
    };
    auto written = write();
    if (written) return archive;
    std::error_code failure;
    for (const char* tail : {"", "-wal", "-shm"}) fs::remove(to_path(place + tail), failure);
    return std::move(written.error());
}

Result<void> seal(store::Connection& connection, const Archive& archive) {
    LEAT_TRY(auto end, ends(connection, archive.last));
    if (!end || end->last != archive.last || end->first != archive.first)
        return make_error(Status::conflict, "journal.archive_stale",
                          fmt::format("the log has changed since '{}' was written: seal again", archive.path));
    {
        LEAT_TRY(auto insert, connection.prepare("INSERT INTO leat_archive(last, first, path, hash, time) VALUES (?1, "
                                                 "?2, ?3, ?4, ?5)"));
        insert.bind(1, archive.last);
        insert.bind(2, archive.first);
        insert.bind(3, archive.path);
        insert.bind_blob(4, end->hash);
        insert.bind(5, end->time);
        LEAT_CHECK(insert.step());
    }
    LEAT_TRY(auto remove, connection.prepare("DELETE FROM leat_log WHERE seq <= ?1"));
    remove.bind(1, archive.last);
    LEAT_CHECK(remove.step());
    return {};
}

}  // namespace leat::journal
