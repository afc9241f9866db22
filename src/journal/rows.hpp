// Rows wherever they are: in the log, or in archives beside it. Internal to this room.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "journal/journal.hpp"

namespace leat::journal {

inline constexpr uint32_t kArchiveId = 0x4c656141;  // "LeaA": application_id of archive files

// From seq, time, actor, roles, definition, command, drawn, cause, segments, hash.
Result<Row> to_row(const store::Statement& statement);

class Sealed {
 public:
    struct Part {
        int64_t first = 0, last = 0;
        std::string path, hash, time;  // hash: bytes, of the last row
    };
    static Result<Sealed> open(store::Connection& connection);

    const std::vector<Part>& parts() const { return parts_; }
    // nullptr: the file is not there. Errors: it is there and not what was sealed.
    Result<store::Connection*> archive(const Part& part);
    bool is_sealed(int64_t sequence) const { return !parts_.empty() && sequence <= parts_.back().last; }
    int64_t after(int64_t sequence) const;  // the first row behind the archive that holds this one
    // In the log or an archive; nullopt: nowhere.
    Result<std::optional<Row>> find(int64_t sequence);

 private:
    explicit Sealed(store::Connection& log) : log_(&log) {}
    store::Connection* log_;
    std::vector<Part> parts_;
    std::vector<std::unique_ptr<store::Connection>> open_;  // parallel to parts_
    std::vector<bool> missing_;
};

// Where an archive is that was written as `path` for this database: beside it, unless the path is whole.
std::string archive_path(const store::Connection& log, const std::string& path);

}  // namespace leat::journal
