// file: bytes under their SHA-256, in the table leat_file or, where a folder is given, as files in it. It does not know
// who may read them or which records name them: the engine does.
//
// A field of type file holds a digest and perhaps a name: base::file_digest reads it.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "store/store.hpp"

namespace leat::file {

Result<void> create_tables(store::Connection& connection);

// Where contents are: "" the database itself, else a folder, which is made when the first file comes.
struct Place {
    std::string folder;
};
// Keeps the bytes and answers their digest. In a folder they are there and flushed before the row is. Inside the
// caller's transaction. Errors: the store's; file.write for the folder.
Result<std::string> put(store::Connection& connection, const Place& place, std::string_view bytes, int64_t time_us);
Result<bool> exists(store::Connection& connection, std::string_view digest);
// Errors: not_found file.unknown; file.damaged where the bytes are not what their name says.
Result<std::string> get(store::Connection& connection, const Place& place, std::string_view digest);
// Drops the files stored before a time that `used` does not know. How many. What stands in a folder is removed only
// after `forget` was called with its digest: the caller does that once the transaction is committed.
Result<int64_t> drop_unused(store::Connection& connection, int64_t before_us,
                            const std::function<bool(std::string_view digest)>& used,
                            const std::function<void(std::string_view digest)>& forget);
void remove_from_folder(const Place& place, std::string_view digest);

}  // namespace leat::file
