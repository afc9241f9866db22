// Many new records of one entity at once, from columns: each is made, computed and checked as a command of its own
// would do it, and written at once, without being kept in memory (docs/decisions/bulk_load.md).
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest_stream.hpp"
#include "query/access_scope.hpp"
#include "record/canonical.hpp"
#include "record/records.hpp"

namespace leat::record {

// The values of one field for many records; the memory is the caller's. The numbers are LEAT_KIND_….
struct LoadColumn {
    enum class Kind : uint8_t {
        boolean = 1,          // uint8_t
        number = 2,           // int64_t / 10^scale
        string = 3,           // bytes, at `offsets`
        date = 4,             // int64_t days since 1970
        time = 5,             // int64_t microseconds of the day
        date_time = 6,        // int64_t microseconds since 1970 UTC
        days_duration = 7,    // int64_t microseconds
        months_duration = 8,  // int64_t months
        record = 13,          // int64_t ids
    };
    FieldId field = 0;
    Kind kind = Kind::string;
    int scale = 0;
    const void* values = nullptr;
    const uint32_t* offsets = nullptr;
    const uint8_t* valid = nullptr;  // bit i % 8 of byte i / 8 is 0 where value i is null; nullptr: none is

    bool is_null(size_t i) const { return valid && (valid[i / 8] >> (i % 8) & 1) == 0; }
    int64_t integer(size_t i) const { return static_cast<const int64_t*>(values)[i]; }
    std::string_view text(size_t i) const {
        return {static_cast<const char*>(values) + offsets[i], offsets[i + 1] - offsets[i]};
    }
};

// Why records of this entity cannot be loaded that way, since making one does more than write its own row; "": they
// can.
std::string cannot_load(const program::Program& program, const program::Entity& entity);

// Whether each column may be given by who makes a record, and none twice. Errors: usage (load.field).
Result<void> check_columns(const program::Entity& entity, std::span<const LoadColumn> columns);

class CellReader;

// The value of row `i` of a column for its field; its texts are lent from the column. Errors: usage, as of coerce.
Result<void> load_value(const program::Program& program, const program::Field& field, const LoadColumn& column,
                        size_t i, Records& records, Value& out);

class Loader {
 public:
    struct Origin {
        const query::AccessScope& scope;
        std::string_view actor, language;
        int64_t sequence = 0;  // of the log row to come
        int64_t time_us = 0;
    };
    // The records, columns and origin must outlive it.
    Loader(Records& records, const program::Entity& entity, std::span<const LoadColumn> columns, const Origin& origin);
    ~Loader();
    // Errors: usage "load.field" for a column that no field takes, "load.key" where the key is missing.
    Result<void> prepare();
    // Makes record `row` of the columns. Problems, if there are any, go to `problems`: then nothing was written.
    Result<void> add(size_t row, std::vector<Violation>& problems);

    int64_t first_id() const { return first_id_; }
    int64_t last_id() const { return last_id_; }
    uint64_t count() const { return count_; }
    // Before the first record: what the digest begins with.
    void salt(std::string_view salt) { digest_.add(salt); }
    // SHA-256 of the salt and of all records, as rows_digest() computes it from the table; once, at the end.
    base::Digest digest();
    // The columns that it covers, in order.
    std::vector<std::string> columns() const;

 private:
    Result<void> read(size_t row, std::vector<Violation>& problems);
    Result<void> complete();
    Result<void> make_key(std::vector<Violation>& problems);
    Result<void> check_rights(size_t row, std::vector<Violation>& problems);
    Result<bool> exists(EntityId entity, int64_t id);
    Result<void> insert(std::vector<Violation>& problems);
    void problem(FieldId field, std::string code, std::string message, std::vector<Violation>& problems);

    Records& records_;
    const program::Entity& entity_;
    std::span<const LoadColumn> columns_;
    const Origin& origin_;
    std::vector<CellReader> cells_;
    struct State;
    std::unique_ptr<State> state_;
    base::DigestStream digest_;
    Canonical canonical_;  // of rows that digest_ has not taken yet
    int64_t first_id_ = 0, last_id_ = 0;
    uint64_t count_ = 0;
};

// What a column of a record held when it was loaded, as its first later change in the log says it: a value of the
// parameter's kind, with a text of its own.
struct LoadedValue {
    query::Parameter::Kind kind = query::Parameter::Kind::null;
    int64_t integer = 0;
    std::string text;
};
// Of a record that commands have changed since; what is not in it holds what it held. `gone`: it was deleted, and what
// is not in it was empty.
struct LoadedRow {
    std::map<std::string, LoadedValue, std::less<>> columns;
    bool gone = false;
};
using LoadedRows = std::map<int64_t, LoadedRow>;  // by id
// A value of the log's changes as the field's column holds it; nullopt: it is none of the field's (any more).
std::optional<LoadedValue> logged_value(const program::Program& program, const program::Field& field, const Json& json);

// The digest of the rows [first, last] of a table as Loader computes it, of these columns in this order. `changed`
// counts the rows that something touched since (their version is not `sequence`) or that are gone, and of which
// `former` does not say what they were: then there is no digest.
struct RowsDigest {
    base::Digest digest{};
    int64_t changed = 0;
};
Result<RowsDigest> rows_digest(store::Connection& connection, std::string_view table,
                               const std::vector<std::string>& columns, int64_t first, int64_t last, int64_t sequence,
                               std::string_view salt, const LoadedRows& former = {});

}  // namespace leat::record
