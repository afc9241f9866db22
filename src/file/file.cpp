#include "file/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "base/digest.hpp"

namespace leat::file {

namespace {

std::string path_of(const Place& place, std::string_view digest) {
    return fmt::format("{}/{}/{}", place.folder, digest.substr(0, 2), digest.substr(2));
}

Error write_error(const std::string& path) {
    return make_error(Status::store, "file.write", fmt::format("cannot write '{}': {}", path, std::strerror(errno)));
}

// The bytes under a name that is not theirs yet, flushed, then renamed: a crash leaves nothing half.
Result<void> write_whole(const std::string& path, std::string_view bytes) {
    std::string made = path + ".new";
    int handle = ::open(made.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (handle < 0) return write_error(made);
    bool good = true;
    while (good && !bytes.empty()) {
        ssize_t written = ::write(handle, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        good = written > 0;
        if (good) bytes.remove_prefix(static_cast<size_t>(written));
    }
    good = good && ::fsync(handle) == 0;
    Error problem = good ? Error{} : write_error(made);
    ::close(handle);
    if (good && ::rename(made.c_str(), path.c_str()) == 0) return {};
    if (good) problem = write_error(path);
    ::unlink(made.c_str());
    return problem;
}

Result<void> put_in_folder(const Place& place, std::string_view digest, std::string_view bytes) {
    std::string path = path_of(place, digest);
    std::error_code failed;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
    if (failed)
        return make_error(Status::store, "file.write",
                          fmt::format("cannot make the folder of '{}': {}", path, failed.message()));
    if (std::filesystem::exists(path, failed)) return {};
    return write_whole(path, bytes);
}

}  // namespace

Result<void> create_tables(store::Connection& connection) {
    return connection.execute(
        "CREATE TABLE IF NOT EXISTS leat_file (sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL, stored_us INTEGER NOT "
        "NULL, "
        "content BLOB) STRICT;");
}

Result<std::string> put(store::Connection& connection, const Place& place, std::string_view bytes, int64_t time_us) {
    std::string digest = base::to_hex(base::sha256(bytes));
    LEAT_TRY(bool known, exists(connection, digest));
    if (known) return digest;
    if (!place.folder.empty()) LEAT_CHECK(put_in_folder(place, digest, bytes));
    LEAT_TRY(auto insert, connection.prepare("INSERT INTO leat_file (sha256, size, stored_us, content) VALUES (?1, ?2, "
                                             "?3, ?4)"));
    insert.bind(1, digest);
    insert.bind(2, static_cast<int64_t>(bytes.size()));
    insert.bind(3, time_us);
    if (place.folder.empty())
        insert.bind_blob(4, bytes);
    else
        insert.bind_null(4);
    LEAT_CHECK(insert.step());
    return digest;
}

Result<bool> exists(store::Connection& connection, std::string_view digest) {
    LEAT_TRY(auto find, connection.prepare("SELECT 1 FROM leat_file WHERE sha256 = ?1"));
    find.bind(1, digest);
    return find.step();
}

Result<std::string> get(store::Connection& connection, const Place& place, std::string_view digest) {
    LEAT_TRY(auto find, connection.prepare("SELECT content, size FROM leat_file WHERE sha256 = ?1"));
    find.bind(1, digest);
    LEAT_TRY(bool found, find.step());
    if (!found) return make_error(Status::not_found, "file.unknown", fmt::format("there is no file {}", digest));
    std::string bytes;
    if (!find.is_null(0)) {
        bytes = find.blob(0);
    } else if (find.integer(1) > 0 || !place.folder.empty()) {
        std::ifstream in(path_of(place, digest), std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(in), {});
    }
    if (base::to_hex(base::sha256(bytes)) == digest) return bytes;
    return make_error(Status::store, "file.damaged",
                      fmt::format("the file {} is missing or damaged{}", digest,
                                  place.folder.empty() ? "" : fmt::format(" in '{}'", place.folder)));
}

Result<int64_t> drop_unused(store::Connection& connection, int64_t before_us,
                            const std::function<bool(std::string_view)>& used,
                            const std::function<void(std::string_view)>& forget) {
    std::vector<std::string> unused;
    {
        LEAT_TRY(auto all, connection.prepare("SELECT sha256 FROM leat_file WHERE stored_us < ?1 ORDER BY sha256"));
        all.bind(1, before_us);
        while (true) {
            LEAT_TRY(bool found, all.step());
            if (!found) break;
            if (!used(all.text(0))) unused.emplace_back(all.text(0));
        }
    }
    LEAT_TRY(auto drop, connection.prepare("DELETE FROM leat_file WHERE sha256 = ?1"));
    for (const std::string& digest : unused) {
        drop.bind(1, digest);
        LEAT_CHECK(drop.step());
        drop.reset();
        forget(digest);
    }
    return static_cast<int64_t>(unused.size());
}

void remove_from_folder(const Place& place, std::string_view digest) {
    if (place.folder.empty()) return;
    std::error_code gone_already;
    std::filesystem::remove(path_of(place, digest), gone_already);
}

}  // namespace leat::file
