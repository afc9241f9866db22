// Files: bytes that fields of type file name by their digest. Kept when they are put, read by whoever may read a field
// that names them, dropped when no record does any more.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/json.hpp"
#include "base/text_form.hpp"
#include "engine/reading.hpp"
#include "engine/unit_of_work.hpp"
#include "file/file.hpp"
#include "query/select.hpp"

namespace leat::engine {

using program::Field;
using program::FieldKind;
using record::Row;

namespace {

// Calls `take` with every digest that the value of a file field, or of a list of them, names.
template <class Take>
void digests(const Value& value, Take take) {
    if (value.kind == Kind::string) {
        if (auto digest = base::file_digest(value.as_string())) take(*digest);
    } else if (value.kind == Kind::list) {
        for (const Value& item : value.as_list()) digests(item, take);
    }
}

bool names(const Value& value, std::string_view wanted) {
    bool found = false;
    digests(value, [&](const std::string& digest) { found = found || digest == wanted; });
    return found;
}

}  // namespace

bool names_files(const Field& field) {
    return field.kind == FieldKind::file || (field.scalar_list && field.item_kind == FieldKind::file);
}

Result<void> UnitOfWork::check_files() {
    for (const Row* row : records_->touched()) {
        if (row->deleted) continue;
        for (program::FieldId id : engine_.parts_->file_fields[row->entity]) {
            if (!records_->changed(*row, id)) continue;
            const auto& entity = program_.entities[row->entity];
            std::string missing;
            Result<void> failed;
            digests(row->fields[id], [&](const std::string& digest) {
                auto there = file::exists(connection_, digest);
                if (!there) failed = std::move(there.error());
                if (there && !*there) missing = digest;
            });
            if (!failed) return failed;
            if (!missing.empty())
                return refuse("constraint", fmt::format("{}.{}", entity.name, entity.fields[id].name),
                              language() == "zh" ? fmt::format("没有文件 {}：请先上传", missing)
                                                 : fmt::format("there is no file {}: put it first", missing),
                              {entity.fields[id].name});
        }
    }
    return {};
}

Result<std::string> Session::put_file(std::string_view bytes) {
    std::string digest;
    Outcome outcome;
    LEAT_CHECK(command(outcome, false, [&](UnitOfWork& work, std::string&) -> Result<Row*> {
        LEAT_TRY(digest, file::put(work.connection(), {engine_->options_.files_folder}, bytes, work.now_us()));
        return static_cast<Row*>(nullptr);
    }));
    return digest;
}

// Whether a field of the row that the actor may read names the file, or one of a line of it.
static Result<bool> may_have(Reading& view, Row& row, const std::string& digest) {
    const auto& entity = view.program().entities[row.entity];
    auto scope = view.actor().scope();
    for (const Field& field : entity.fields) {
        if (view.records().field_right(row, field.id, scope, false) < program::FieldRight::read) continue;
        if (names_files(field) && field.stored && names(row.fields[field.id], digest)) return true;
        if (!field.owned) continue;
        LEAT_TRY(auto lines, view.records().list(row, field.id));
        for (Row* line : lines) {
            LEAT_TRY(bool there, may_have(view, *line, digest));
            if (there) return true;
        }
    }
    return false;
}

Result<std::string> Session::get_file(std::string_view entity, std::string_view key, std::string_view sha256) {
    std::string out;
    LEAT_CHECK(read([&](Reading& view) -> Result<void> {
        LEAT_TRY(Row * row, view.target(entity, key));
        auto digest = base::file_digest(sha256);
        bool allowed = false;
        if (digest) {
            LEAT_TRY(allowed, may_have(view, *row, *digest));
        }
        if (!allowed)
            return make_error(
                Status::not_found, "file.unknown",
                fmt::format("{} '{}' names no such file", view.program().entities[row->entity].name, key));
        LEAT_TRY(out, file::get(view.connection(), {engine_->options_.files_folder}, *digest));
        return {};
    }));
    return out;
}

// The digests in a column, without loading rows.
static Result<void> collect(store::Connection& connection, const program::Entity& entity, const Field& field,
                            std::set<std::string, std::less<>>& used) {
    query::Select select;
    select.table = entity.table;
    std::string_view column = record::column_name(field);
    select.columns = {column};
    select.where.op = query::Op::not_equal;
    select.where.left.column = query::Column{column, {}, {}};
    std::string sql;
    std::vector<query::Parameter> parameters;
    query::print(select, sql, parameters);
    LEAT_TRY(auto statement, connection.prepare(sql));
    query::bind(statement, parameters);
    while (true) {
        LEAT_TRY(bool found, statement.step());
        if (!found) return {};
        if (field.kind == FieldKind::file) {
            if (auto digest = base::file_digest(statement.text(0))) used.insert(*digest);
            continue;
        }
        LEAT_TRY(Json list, parse_json(statement.text(0)));
        for (const Json& item : list.items)
            if (auto digest = base::file_digest(item.text)) used.insert(*digest);
    }
}

Result<int64_t> Engine::drop_unused_files(int64_t older_than_us) {
    if (older_than_us < 0) return make_error(Status::usage, "usage.age", "an age is not negative");
    LEAT_CHECK(parts_->not_in_batch());
    // What is dropped may be what was erased: it must not linger in free pages, nor in the WAL. The settings of a
    // joined connection are the host's.
    const bool own = !writer_->joined();
    if (own) LEAT_CHECK(writer_->set_secure_delete(true));
    auto dropped = [&]() -> Result<int64_t> {
        UnitOfWork work(*this, parts_->system, parts_->arena, false);
        LEAT_CHECK(work.begin());
        std::set<std::string, std::less<>> used;
        for (const auto& entity : program_->entities)
            for (program::FieldId id : parts_->file_fields[entity.id])
                LEAT_CHECK(collect(*writer_, entity, entity.fields[id], used));
        std::vector<std::string> gone;
        LEAT_TRY(int64_t count, file::drop_unused(
                                      *writer_, work.now_us() - older_than_us,
                                      [&](std::string_view digest) { return used.count(digest) != 0; },
                                      [&](std::string_view digest) { gone.emplace_back(digest); }));
        std::string log;
        JsonWriter(log).begin_object().key("do").string("drop_files").key("count").number(count).end_object();
        if (count > 0) work.mark_effects();
        Outcome outcome;
        LEAT_CHECK(work.conclude(outcome, log, nullptr, false));
        // Only now: a folder is not undone with a transaction.
        for (const std::string& digest : gone) file::remove_from_folder({options_.files_folder}, digest);
        return count;
    }();
    if (own) LEAT_CHECK(writer_->set_secure_delete(false));
    if (own && dropped && *dropped > 0) {
        auto emptied = writer_->checkpoint(true);
        // A reader keeps it from being emptied: the next checkpoint does so.
        if (!emptied && emptied.error().code != "store.busy") return std::move(emptied.error());
    }
    return dropped;
}

}  // namespace leat::engine
