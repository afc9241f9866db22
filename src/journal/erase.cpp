// Erasure: what was said of a record, and the commands that said it, become tombstones that keep the chain whole.
#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/json.hpp"
#include "journal/chain.hpp"
#include "journal/load.hpp"
#include "journal/rows.hpp"
#include "journal/scan.hpp"

namespace leat::journal {

namespace {

struct Found {
    int64_t sequence = 0;
    std::string salt, command, drawn, cause, segments;
};

bool concerns(const Json& segment, const std::vector<ErasedRecord>& records) {
    const Json* entity = segment.find("entity");
    const Json* id = segment.find("id");
    if (!entity || !id) return false;
    return std::any_of(records.begin(), records.end(), [&](const ErasedRecord& one) {
        return id->text == std::to_string(one.id) &&
               std::find(one.entities.begin(), one.entities.end(), entity->text) != one.entities.end();
    });
}

// The array with tombstones in it; false in `changed` when no segment concerns the records.
Result<std::string> without(const Found& row, const std::vector<ErasedRecord>& records, bool& changed) {
    LEAT_TRY(Json parsed, parse_json(row.segments, 128));
    std::string out = "[", buffer;
    size_t at = 1;
    changed = false;
    for (const Json& segment : parsed.items) {
        size_t end = skip_value(row.segments, at);
        std::string_view text = std::string_view(row.segments).substr(at, end - at);
        at = end + 1;
        if (out.size() > 1) out += ',';
        if (!concerns(segment, records)) {
            out += text;
            continue;
        }
        changed = true;
        base::Digest digest;
        if (!digest_segment(text, buffer, digest))
            return make_error(Status::store, "store.corrupt",
                              fmt::format("row {} of the log is damaged: see verify", row.sequence));
        // Where the record's history goes on is kept; its key and its values are not.
        JsonWriter json(out);
        json.begin_object().key("erased").string(base::to_hex(digest));
        json.key("entity").string(segment.find("entity")->text).key("id").raw(segment.find("id")->text);
        if (const Json* prev = segment.find("prev")) json.key("prev").raw(prev->text);
        if (const Json* op = segment.find("op")) json.key("op").string(op->text);
        json.end_object();
    }
    return out + "]";
}

// Of one table leat_log. By a scan: the log has no index by record, and erasing is rare.
Result<void> erase_in(store::Connection& connection, const std::vector<ErasedRecord>& records,
                      std::set<int64_t>& done) {
    std::vector<Found> found;
    {
        LEAT_TRY(auto rows, connection.prepare("SELECT seq, salt, command, drawn, cause, segments FROM leat_log"));
        for (;;) {
            LEAT_TRY(bool more, rows.step());
            if (!more) break;
            // Most rows are told apart without parsing: the id of a segment stands in the text as it is.
            std::string_view segments = rows.text(5);
            bool likely = std::any_of(records.begin(), records.end(), [&](const ErasedRecord& one) {
                return segments.find(fmt::format("\"id\":{},", one.id)) != std::string_view::npos;
            });
            if (!likely) continue;
            Found row{rows.integer(0),           std::string(rows.text(1)), std::string(rows.text(2)),
                      std::string(rows.text(3)), std::string(rows.text(4)), std::string(segments)};
            bool changed = false;
            LEAT_TRY(row.segments, without(row, records, changed));
            if (changed) found.push_back(std::move(row));
        }
    }
    LEAT_TRY(auto update, connection.prepare("UPDATE leat_log SET salt = '', command = ?2, drawn = 'null', cause = "
                                             "'null', segments = ?3 WHERE seq = ?1"));
    for (Found& row : found) {
        std::string buffer;
        base::Digest digest;
        if (!digest_body({row.salt, row.command, row.drawn, row.cause}, buffer, digest))
            return make_error(Status::store, "store.corrupt",
                              fmt::format("row {} of the log is damaged: see verify", row.sequence));
        std::string command = fmt::format("{}{}\"}}", kErasedMember, base::to_hex(digest));
        update.reset();
        update.bind(1, row.sequence);
        update.bind(2, command);
        update.bind(3, row.segments);
        LEAT_CHECK(update.step());
        done.insert(row.sequence);
    }
    return {};
}

}  // namespace

Result<std::vector<int64_t>> erase(store::Connection& connection, const std::vector<ErasedRecord>& records) {
    std::set<int64_t> done;
    {
        LEAT_TRY(Sealed sealed, Sealed::open(connection));
        for (const auto& part : sealed.parts()) {
            LEAT_TRY(auto* there, sealed.archive(part));
            if (!there)
                return make_error(Status::not_found, "journal.archive",
                                  fmt::format("archive '{}' is not there; bring it back, so that it can be erased in",
                                              archive_path(connection, part.path)));
        }
    }
    LEAT_TRY(auto parts, archives(connection));
    for (const auto& part : parts) {
        store::OpenOptions options;
        options.path = archive_path(connection, part.path);
        options.application_id = kArchiveId;
        options.durability = store::Durability::full;
        LEAT_TRY(auto file, store::Connection::open(options));
        LEAT_CHECK(file->set_secure_delete(true));
        LEAT_CHECK(file->begin_write());
        auto erased = erase_in(*file, records, done);
        if (!erased) {
            file->rollback();
            return std::move(erased.error());
        }
        LEAT_CHECK(file->commit());
        LEAT_CHECK(file->compact());
    }
    LEAT_CHECK(erase_in(connection, records, done));
    for (const ErasedRecord& one : records)
        for (const std::string& entity : one.entities) LEAT_CHECK(forget_load(connection, entity, one.id));
    return std::vector<int64_t>(done.begin(), done.end());
}

}  // namespace leat::journal
