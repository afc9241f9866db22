// journal: the hash-chained log of commands (SEMANTICS 6), and its only writer. One row a command in leat_log:
//
//   leat_log(seq INTEGER PRIMARY KEY, chain, time TEXT, actor, roles, definition, salt, command, drawn, cause,
//   segments, hash BLOB)
//
// `segments` is a JSON array, one a record touched:
//   {"salt":…,"entity":…,"id":…,"key":…,"prev":…,"op":…,"changes":{field:[old,new]}}
// salt is 16 random bytes in hex. Segment digest = SHA-256(salt bytes, the segment's text without its "salt" member);
// row hash = SHA-256(previous row's hash, header bytes, body digest, segment digests). The header bytes are canonical
// JSON of the columns up to `definition`; the body is command, drawn and cause, salted like a segment. What is erased
// leaves its digest as a tombstone, so that the chain still holds. The chain's head is the last row. A prefix may be
// sealed into archive files. docs/file_format.md has all of it to the byte.
//
// The room reads and writes leat_log and knows nothing of what a command means; it changes rows only to erase, and
// moves them only to seal. Start reading at Journal::append, then verify.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace leat::journal {

struct Segment {
    std::string_view entity;
    int64_t id = 0;
    std::string_view key;
    int64_t previous = 0;        // sequence of the log row that touched this record before; 0: none
    std::string_view operation;  // create, update, delete
    std::string_view changes;    // canonical JSON object {field: [old, new]}
};

struct Entry {
    int64_t time_us = 0;
    std::string_view actor;
    std::string_view roles;       // JSON array of role names as resolved
    std::string_view definition;  // definition hash, hex
    std::string_view command;     // JSON object: {"do":"send","entity":…,"key":…,"event":…,"input":{…}}
    std::string_view drawn;       // JSON: random and host answers drawn, or "null"
    std::string_view cause;       // JSON array: what raised what, or "null"
    std::vector<Segment> segments;
};

struct Head {
    int64_t sequence = 0;
    int64_t time_us = 0;
    base::Digest hash{};
};

class Journal {
 public:
    explicit Journal(store::Connection& connection) : connection_(connection) {}
    static Result<void> create_tables(store::Connection& connection);
    // Of the last row; sequence 0 and a zero hash when the log is empty.
    Result<Head> head();
    // Appends under `head`, which moves on. The caller holds the write transaction; when that is rolled back, the
    // caller takes the old head back too. Times never go back (journal.time); JSON parts that are no single JSON value
    // are refused (journal.malformed). Both are the caller's fault and have status internal.
    Result<void> append(Head& head, const Entry& entry, Random& random);
    // Takes the last row away again, in the transaction that appended it; nothing where there is none of this sequence.
    Result<void> take_back(int64_t sequence);

 private:
    store::Connection& connection_;
    std::string buffer_, header_, segments_, salt_;  // scratch memory, as is:
    std::vector<uint8_t> salts_;
};

struct Row {
    int64_t sequence = 0;
    std::string time, actor, roles, definition, command, drawn, cause, segments;
    std::string hash;  // hex
};
// Rows from `from` on, at most `limit`, ascending; or the newest `limit` of those that touched one record, newest last,
// by walking `prev` back from `last` (the record's version). A pointer that leads nowhere is store.corrupt.
Result<std::vector<Row>> read(store::Connection& connection, int64_t from, int64_t limit);
// `entities`: what the record's entity is called, and what it was called before.
Result<std::vector<Row>> read_record(store::Connection& connection, const std::vector<std::string>& entities,
                                     int64_t id, int64_t last, int64_t limit);

struct Verification {
    int64_t rows = 0;                  // that hold, from the first on
    int64_t first_bad = 0;             // from 1; 0: the chain holds
    std::string problem;               // in words, for first_bad; empty when the chain holds
    int64_t sealed = 0;                // of `rows`: in archives
    std::vector<std::string> missing;  // archives that are not where they were written, so that they were not read
    base::Digest head{};               // hash of the last row that holds; zero for an empty log
    // Loads (load.hpp) whose records are still what the log's digest says, and those that later commands changed.
    int64_t loads = 0, loads_changed = 0;
};
// Recomputes the whole chain: altered, missing, inserted or reordered rows are named by the first bad sequence. Rows
// cut off at the end leave a shorter chain that holds: only a head kept elsewhere (printed, mailed, notarised) shows
// that.
// Archives are read where they are; one that is missing is told, and the chain goes on from its last hash.
Result<Verification> verify(store::Connection& connection);

// A record whose data are to go, by the names that its entity has and had.
struct ErasedRecord {
    std::vector<std::string> entities;
    int64_t id = 0;
};
// Replaces the record's segments, and the commands of the rows they are in, by tombstones: in the log and in archives.
// The caller holds the write transaction of the log; archives are changed at once, each in a transaction of its own, so
// that a second try finds them done. Answers the sequences of the rows concerned. Error: not_found journal.archive for
// an archive that is not there, before anything is changed.
Result<std::vector<int64_t>> erase(store::Connection& connection, const std::vector<ErasedRecord>& records);

struct Archive {
    int64_t first = 0, last = 0;
    std::string path;
    std::string time;  // of its last row
};
Result<std::vector<Archive>> archives(store::Connection& connection);
// The last row before `time_us`; 0: none, or only the head, which is never sealed.
Result<int64_t> last_before(store::Connection& connection, int64_t time_us);
// Copies the rows up to `last` into a new file at `path`, which is complete and on the disk when this returns. Outside
// of a transaction. An archive that is there already with the same rows will do. Errors: usage journal.archive_exists,
// store errors.
Result<Archive> write_archive(store::Connection& connection, int64_t last, const std::string& path);
// Takes the archived rows out of the log and notes where they are. The caller holds the write transaction.
Result<void> seal(store::Connection& connection, const Archive& archive);

}  // namespace leat::journal
