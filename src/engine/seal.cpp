// Old log into archive files: copied first, let go of afterwards, so that nothing is ever in neither place.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/json.hpp"
#include "engine/unit_of_work.hpp"

namespace leat::engine {

namespace {

// "orders.db" and rows 1 to 5000: "orders.log-1-5000.leat", beside it or in a folder of the caller's.
std::string archive_name(const std::string& database, const std::string& folder, int64_t first, int64_t last) {
    namespace fs = std::filesystem;
    fs::path path(std::u8string(database.begin(), database.end()));
    auto stem = path.stem().u8string();
    std::string name = fmt::format("{}.log-{}-{}.leat", std::string(stem.begin(), stem.end()), first, last);
    return folder.empty() ? name : folder + (folder.back() == '/' ? "" : "/") + name;
}

}  // namespace

Result<Outcome> Engine::seal(int64_t before_us, const std::string& folder) {
    LEAT_CHECK(parts_->not_in_batch());
    auto& connection = *writer_;
    if (connection.path() == ":memory:" && folder.empty())
        return make_error(Status::usage, "seal.folder", "a database in memory has no place beside it: name a folder");
    Outcome outcome;
    journal::Archive archive;
    parts_->queue.lock();
    auto written = [&]() -> Result<void> {
        LEAT_TRY(archive.last, journal::last_before(connection, before_us));
        // Who asked for an approval is looked up in the log until it is decided.
        LEAT_TRY(int64_t oldest, task::oldest_open(connection));
        if (oldest > 0) archive.last = std::min(archive.last, oldest - 1);
        LEAT_TRY(auto before, journal::archives(connection));
        const int64_t begin = before.empty() ? 1 : before.back().last + 1;
        if (archive.last < begin) {
            archive.last = 0;
            return {};
        }
        LEAT_TRY(archive, journal::write_archive(connection, archive.last,
                                                 archive_name(connection.path(), folder, begin, archive.last)));
        return {};
    }();
    parts_->queue.unlock();
    LEAT_CHECK(std::move(written));
    if (archive.last > 0) {
        UnitOfWork work(*this, parts_->system, parts_->arena, false);
        LEAT_CHECK(work.begin());
        LEAT_CHECK(journal::seal(connection, archive));
        work.set_quiet();
        work.mark_effects();
        std::string command;
        JsonWriter(command)
            .begin_object()
            .key("do")
            .string("seal")
            .key("first")
            .number(archive.first)
            .key("last")
            .number(archive.last)
            .key("archive")
            .string(archive.path)
            .end_object();
        LEAT_CHECK(work.conclude(outcome, command, nullptr, false));
    }
    JsonWriter json(outcome.json);
    json.begin_object().key("refused").boolean(false).key("sequence").number(outcome.sequence);
    json.key("rows").number(archive.last == 0 ? 0 : archive.last - archive.first + 1);
    json.key("archive");
    if (archive.last == 0)
        json.null();
    else
        json.string(archive.path);
    json.end_object();
    return outcome;
}

Result<std::vector<journal::Archive>> Engine::archives() {
    LEAT_CHECK(parts_->not_in_batch());
    parts_->queue.lock();
    auto found = journal::archives(*writer_);
    parts_->queue.unlock();
    return found;
}

}  // namespace leat::engine
