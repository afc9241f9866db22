// Tables in and out: import, export.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "shell/answer.hpp"
#include "shell/shell.hpp"

namespace leat::shell {

namespace {

struct Arguments {
    std::string entity, file, mapping, format, job, report, fields, where, sort;
    bool dry_run = false, update = false, all_or_nothing = false, restart = false, mark = false, unguarded = false;
    std::uint64_t chunk = 0;
};

// By --format, else by the file's name, compressed or not.
std::int32_t format_of(const Arguments& given) {
    auto ends = [&](std::string end) {
        for (const char* packed : {"", ".gz"}) {
            std::string whole = end + packed;
            if (given.file.size() > whole.size() &&
                given.file.compare(given.file.size() - whole.size(), whole.size(), whole) == 0)
                return true;
        }
        return false;
    };
    if (given.format == "csv") return LEAT_FORMAT_CSV;
    if (given.format == "jsonl") return LEAT_FORMAT_JSON_LINES;
    return ends(".jsonl") || ends(".ndjson") ? LEAT_FORMAT_JSON_LINES : LEAT_FORMAT_CSV;
}

std::string mapping_of(const Arguments& given) {
    std::string text = given.mapping.empty()          ? std::string()
                       : given.mapping.front() == '@' ? read_file(given.mapping.substr(1))
                                                      : given.mapping;
    if (!given.update) return text;
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) return R"({"mode":"upsert"})";
    if (text.find("\"mode\"") != std::string::npos)
        throw std::runtime_error("the mapping says its mode already: leave --update out");
    std::size_t open = text.find('{');
    if (open == std::string::npos) return text;  // no object: the library says what is wrong
    std::size_t next = text.find_first_not_of(" \t\r\n", open + 1);
    return text.insert(open + 1,
                       next != std::string::npos && text[next] == '}' ? R"("mode":"upsert")" : R"("mode":"upsert",)");
}

void print_import(const std::string& json) {
    auto answer = parse(json);
    std::string unused;
    for (const auto& column : answer["unused_columns"].GetArray()) {
        if (cell(column) == "key")
            fmt::print("new records have the keys that the definitions give them, not those of the table\n");
        else
            unused += (unused.empty() ? "" : ", ") + cell(column);
    }
    if (!unused.empty()) fmt::print("columns without a field, not read: {}\n", unused);
    Table report = table_of(answer["rejections"], {"line", "field", "message"});
    report.header[2] = "why";
    if (!report.rows.empty()) report.print();
    if (member(answer, "more_rejections") == "true") fmt::print("… and more: --report writes all of them\n");
    if (member(answer, "resumed_at") != "0")
        fmt::print("went on after {} records of an import that was cut off\n", member(answer, "resumed_at"));
    fmt::print("{} created, {} changed, {} rejected{}\n", member(answer, "created"), member(answer, "changed"),
               member(answer, "rejected"),
               member(answer, "dry_run") == "true"   ? " (dry run: nothing was written)"
               : member(answer, "kept") == "false"   ? " (nothing was written)"
               : member(answer, "already") == "true" ? " (done before)"
                                                     : "");
}

void import(Invocation& invocation, const Arguments& given) {
    Engine engine = open_engine(invocation);
    Session session = engine.session(invocation.actor);
    std::string mapping = mapping_of(given), table;
    leat_import_options options = {};
    options.mapping_json = to_c(mapping);
    if (given.file == "-") {
        table = read_file(given.file);
        options.table = to_c(table);
    } else {
        options.path = to_c(given.file);
    }
    options.job = to_c(given.job);
    options.report_path = to_c(given.report);
    options.records_per_transaction = given.chunk;
    if (given.dry_run) options.flags |= LEAT_IMPORT_DRY_RUN;
    if (given.all_or_nothing) options.flags |= LEAT_IMPORT_ALL_OR_NOTHING;
    if (given.restart) options.flags |= LEAT_IMPORT_RESTART;
    std::function<void(std::string_view)> progress;
    const bool terminal = !invocation.json && isatty(fileno(stderr)) != 0;
    if (terminal)
        progress = [](std::string_view counts) {
            auto now = parse(std::string(counts));
            fmt::print(stderr, "\r{} records, {} rejected", member(now, "records"), member(now, "rejected"));
        };
    std::string answer = session.import_table(given.entity, format_of(given), options, progress);
    if (terminal) fmt::print(stderr, "\r\x1b[K");
    if (member(parse(answer), "rejected") != "0") invocation.exit_code = kRefused;
    if (invocation.json)
        fmt::print("{}\n", answer);
    else
        print_import(answer);
}

void export_(Invocation& invocation, const Arguments& given) {
    Engine engine = open_engine(invocation);
    Session session = engine.session(invocation.actor);
    leat_export_options options = {};
    options.fields = to_c(given.fields);
    options.where = to_c(given.where);
    options.sort = to_c(given.sort);
    if (given.mark) options.flags |= LEAT_EXPORT_BYTE_ORDER_MARK;
    if (given.unguarded) options.flags |= LEAT_EXPORT_UNGUARDED;
    const bool to_file = !given.file.empty() && given.file != "-";
    if (to_file) options.path = to_c(given.file);
    std::string answer;
    if (to_file)
        answer = session.export_records(given.entity, format_of(given), options);
    else
        answer = session.export_records(given.entity, format_of(given), options, [](std::string_view bytes) {
            if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size())
                throw std::runtime_error("standard output cannot be written");
        });
    if (!to_file) return;
    if (invocation.json) {
        fmt::print("{}\n", answer);
        return;
    }
    auto counts = parse(answer);
    std::string withheld = member(counts, "withheld");
    fmt::print("{} records to {}{}\nSHA-256 {}\n", member(counts, "rows"), given.file,
               withheld == "0" ? "" : fmt::format(", {} withheld", withheld), member(counts, "sha256"));
}

}  // namespace

void add_exchange_commands(CLI::App& app, Invocation& invocation) {
    auto given = std::make_shared<Arguments>();
    CLI::App* sub = app.add_subcommand("import", "records from a CSV or JSON Lines file");
    sub->add_option("database", invocation.database, "the file")->required();
    sub->add_option("entity", given->entity)->required();
    sub->add_option("file", given->file, "*.csv, *.jsonl, these with .gz, or - for standard input")->required();
    sub->add_option("--map", given->mapping, "how columns become fields: JSON, or @FILE (docs/import.md)");
    sub->add_option("--format", given->format, "csv or jsonl; by the file's name where it is left out")
        ->check(CLI::IsMember({"csv", "jsonl"}));
    sub->add_option("--report", given->report, "write the rejected rows to this file (*.csv or *.jsonl)");
    sub->add_option("--job", given->job, "a name: done once, however often it is started");
    sub->add_option("--chunk", given->chunk, "records a transaction (1,000)");
    sub->add_flag("--update", given->update, "change records that exist");
    sub->add_flag("--dry-run", given->dry_run, "check everything, write nothing");
    sub->add_flag("--all-or-nothing", given->all_or_nothing, "write nothing where a row is rejected");
    sub->add_flag("--restart", given->restart, "begin anew where an import was cut off");
    sub->callback([&invocation, given] { import(invocation, *given); });

    sub = app.add_subcommand("export", "records to a CSV or JSON Lines file");
    sub->add_option("database", invocation.database, "the file")->required();
    sub->add_option("entity", given->entity)->required();
    sub->add_option("file", given->file, "*.csv or *.jsonl; standard output where it is left out");
    sub->add_option("--format", given->format, "csv or jsonl; by the file's name where it is left out")
        ->check(CLI::IsMember({"csv", "jsonl"}));
    sub->add_option("--fields", given->fields, "with commas: key,name,lines.code");
    sub->add_option("--where", given->where, "a FEEL condition over the record");
    sub->add_option("--sort", given->sort, "fields with commas, - before one that descends");
    sub->add_flag("--byte-order-mark", given->mark, "for spreadsheet programs that guess encodings");
    sub->add_flag("--unguarded", given->unguarded, "no ' before texts that a spreadsheet would run");
    sub->callback([&invocation, given] { export_(invocation, *given); });
}

}  // namespace leat::shell
