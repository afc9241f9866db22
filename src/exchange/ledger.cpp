#include "exchange/ledger.hpp"

#include <fmt/format.h>

#include <fstream>

#include "base/csv.hpp"
#include "base/json.hpp"
#include "exchange/cell.hpp"

namespace leat::exchange {

Result<void> create_import_tables(store::Connection& connection) {
    return connection.execute(
        "CREATE TABLE IF NOT EXISTS leat_import(job TEXT PRIMARY KEY, entity TEXT NOT NULL, source TEXT NOT NULL, "
        "mapping TEXT NOT NULL, status TEXT NOT NULL, records INTEGER NOT NULL, created INTEGER NOT NULL, changed "
        "INTEGER NOT NULL, unchanged INTEGER NOT NULL, rejected INTEGER NOT NULL, rejections INTEGER NOT NULL, "
        "started_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS leat_import_rejection(job TEXT NOT NULL, number INTEGER NOT NULL, line_row INTEGER "
        "NOT NULL, line INTEGER NOT NULL, field TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, PRIMARY "
        "KEY(job, number)) STRICT, WITHOUT ROWID;");
}

Result<std::optional<ImportJob>> find_import(store::Connection& connection, std::string_view job) {
    LEAT_TRY(auto found, connection.prepare("SELECT * FROM leat_import WHERE job = ?1"));  // as it was made above
    found.bind(1, job);
    LEAT_TRY(bool there, found.step());
    if (!there) return std::optional<ImportJob>();
    ImportJob out;
    out.job = job;
    out.entity = found.text(1);
    out.source = found.text(2);
    out.mapping = found.text(3);
    out.done = found.text(4) == "done";
    out.records = found.integer(5);
    out.created = found.integer(6);
    out.changed = found.integer(7);
    out.unchanged = found.integer(8);
    out.rejected = found.integer(9);
    out.rejections = found.integer(10);
    out.started_us = found.integer(11);
    return std::optional(std::move(out));
}

Result<void> put_import(store::Connection& connection, const ImportJob& job) {
    LEAT_TRY(auto put,
             connection.prepare("INSERT OR REPLACE INTO leat_import(job, entity, source, mapping, status, records, "
                                "created, changed, unchanged, rejected, rejections, started_us) VALUES (?1, ?2, ?3, "
                                "?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"));
    put.bind(1, job.job);
    put.bind(2, job.entity);
    put.bind(3, job.source);
    put.bind(4, job.mapping);
    put.bind(5, job.done ? std::string_view("done") : std::string_view("running"));
    put.bind(6, job.records);
    put.bind(7, job.created);
    put.bind(8, job.changed);
    put.bind(9, job.unchanged);
    put.bind(10, job.rejected);
    put.bind(11, job.rejections);
    put.bind(12, job.started_us);
    LEAT_CHECK(put.step());
    return {};
}

Result<void> add_rejection(store::Connection& connection, ImportJob& job, const ImportProblem& problem) {
    LEAT_TRY(auto add, connection.prepare("INSERT INTO leat_import_rejection(job, number, line_row, line, field, code, "
                                          "message) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
    add.bind(1, job.job);
    add.bind(2, ++job.rejections);
    add.bind(3, static_cast<int64_t>(problem.row));
    add.bind(4, static_cast<int64_t>(problem.line));
    add.bind(5, problem.field);
    add.bind(6, problem.code);
    add.bind(7, problem.message);
    LEAT_CHECK(add.step());
    return {};
}

Result<std::vector<ImportProblem>> rejections(store::Connection& connection, std::string_view job) {
    LEAT_TRY(auto rows, connection.prepare("SELECT line_row, line, field, code, message FROM leat_import_rejection "
                                           "WHERE job = ?1 ORDER BY line_row, number"));
    rows.bind(1, job);
    std::vector<ImportProblem> out;
    while (true) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return out;
        ImportProblem one;
        one.row = static_cast<uint64_t>(rows.integer(0));
        one.line = static_cast<uint64_t>(rows.integer(1));
        one.field = rows.text(2);
        one.code = rows.text(3);
        one.message = rows.text(4);
        out.push_back(std::move(one));
    }
}

Result<void> clear_rejections(store::Connection& connection, std::string_view job) {
    LEAT_TRY(auto clear, connection.prepare("DELETE FROM leat_import_rejection WHERE job = ?1"));
    clear.bind(1, job);
    LEAT_CHECK(clear.step());
    return {};
}

Result<void> write_report(const std::string& path, const std::vector<ImportProblem>& problems) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    auto format = format_of(path);
    const bool lines = format && *format == Format::json_lines;
    std::string text = lines ? "" : "row,line,field,code,message\r\n";
    for (const auto& one : problems) {
        if (lines) {
            JsonWriter(text)
                .begin_object()
                .key("row")
                .number(static_cast<int64_t>(one.row))
                .key("line")
                .number(static_cast<int64_t>(one.line))
                .key("field")
                .string(one.field)
                .key("code")
                .string(one.code)
                .key("message")
                .string(one.message)
                .end_object();
            text += '\n';
        } else {
            text += fmt::format("{},{},{},{},{}\r\n", one.row, one.line, base::csv_cell(guarded(one.field)),
                                base::csv_cell(one.code), base::csv_cell(guarded(one.message)));
        }
    }
    file << text;
    file.close();
    if (file) return {};
    return make_error(
        Status::store, "import.report",
        fmt::format("the report cannot be written to '{}': is there room, and may you write there?", path));
}

}  // namespace leat::exchange
