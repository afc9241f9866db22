// Commands on a whole file and its past: plan, deploy, erase, seal, archives.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "shell/answer.hpp"
#include "shell/shell.hpp"

namespace leat::shell {

namespace {

struct Arguments {
    std::string definitions, entity, key, reason, before, folder;
    DeployOptions options;
    bool no_backup = false, undo = false;
};

bool is_new(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return !file || file.peek() == std::ifstream::traits_type::eof();
}

std::string name_of(const Program& program) {
    return fmt::format("{}{}{}", program.name(), program.version().empty() ? "" : " ", program.version());
}

void print_plan(const std::string& json) {
    auto plan = parse(json);
    Table table = table_of(plan["changes"], {"kind", "what", "affected", "blocks", "message"});
    if (table.rows.empty())
        fmt::print("no table and no record changes\n");
    else
        table.print();
    for (const auto& one : plan["changes"].GetArray()) {
        std::string drop = member(one, "drop");
        if (member(one, "blocks") == "true" && !drop.empty()) fmt::print("to lose it: --drop \"{}\"\n", drop);
    }
}

void plan(Invocation& invocation, const Arguments& given) {
    Program program = Program::load_file(given.definitions);
    if (is_new(invocation.database)) {
        if (invocation.json)
            fmt::print("{{\"changes\":[]}}\n");
        else
            fmt::print("'{}' is new: everything would be made\n", invocation.database);
        return;
    }
    Engine engine = [&] {
        try {
            return open_engine(invocation);
        } catch (const Error& error) {
            if (error.code() != "store.readonly") throw;
            return open_engine(invocation, LEAT_ENGINE_NO_CREATE | LEAT_ENGINE_READ_ONLY);
        }
    }();
    std::string made = engine.plan(program, given.options);
    if (invocation.json)
        fmt::print("{}\n", made);
    else
        print_plan(made);
}

// "orders.db": "orders.before-1.db", or the next number that is free.
std::string backup_name(const std::string& database) {
    std::filesystem::path path(database);
    for (int number = 1;; ++number) {
        std::filesystem::path next = path;
        next.replace_filename(fmt::format("{}.before-{}{}", path.stem().string(), number, path.extension().string()));
        if (!std::filesystem::exists(next)) return next.string();
    }
}

void deploy(Invocation& invocation, const Arguments& given) {
    if (given.undo != given.definitions.empty())
        throw CLI::ValidationError("deploy", given.undo ? "--undo takes no definitions: those before are in the file"
                                                        : "name the definitions, or --undo");
    DeployOptions options = given.options;
    if (!given.undo && is_new(invocation.database)) {
        Program program = Program::load_file(given.definitions);
        EngineOptions create;
        create.path = invocation.database;
        Engine engine = Engine::open(&program, create);
        if (invocation.json)
            fmt::print("{{\"refused\":false,\"definition\":\"{}\"}}\n", program.hash());
        else
            fmt::print("{} is in {}\n", name_of(program), invocation.database);
        return;
    }
    Engine engine = open_engine(invocation);
    const bool named = !options.backup.empty();
    if (!named && !given.no_backup) options.backup = backup_name(invocation.database);
    if (given.undo) {
        print_outcome(invocation, engine.undo_deploy(invocation.actor, options));
    } else {
        Program program = Program::load_file(given.definitions);
        const std::string made = engine.plan(program, options);
        // Where no data are touched a copy of them is only made when it was asked for.
        if (!named && parse(made)["changes"].Empty()) options.backup.clear();
        if (!invocation.json) print_plan(made);
        print_outcome(invocation, engine.deploy(program, invocation.actor, options));
    }
    if (!invocation.json && invocation.exit_code == 0 && !options.backup.empty())
        fmt::print("the database as it was: {}\n", options.backup);
}

void erase(Invocation& invocation, const Arguments& given) {
    Engine engine = open_engine(invocation);
    Session session = engine.session(invocation.actor);
    Outcome outcome = session.erase(given.entity, given.key, given.reason);
    print_outcome(invocation, outcome);
    if (invocation.json || outcome.refused()) return;
    auto answer = parse(outcome.json());
    fmt::print("erased in {} records and {} rows of the log\n", member(answer, "records"), member(answer, "log_rows"));
}

// A date, from the beginning of that day in UTC.
std::int64_t moment_of(const std::string& date) {
    std::tm day = {};
    int year = 0, month = 0, at = 0;
    if (std::sscanf(date.c_str(), "%4d-%2d-%2d%n", &year, &month, &day.tm_mday, &at) != 3 ||
        static_cast<std::size_t>(at) != date.size())
        throw CLI::ValidationError("--before", fmt::format("'{}' is no date such as 2020-01-31", date));
    day.tm_year = year - 1900;
    day.tm_mon = month - 1;
    return static_cast<std::int64_t>(timegm(&day)) * 1'000'000;
}

void seal(Invocation& invocation, const Arguments& given) {
    Engine engine = open_engine(invocation);
    Outcome outcome = engine.seal(moment_of(given.before), given.folder);
    if (invocation.json) {
        fmt::print("{}\n", outcome.json());
        return;
    }
    auto answer = parse(outcome.json());
    if (member(answer, "rows") == "0")
        fmt::print("nothing to seal\n");
    else
        fmt::print("{} rows of the log are in {}\n", member(answer, "rows"), member(answer, "archive"));
}

void retain(Invocation& invocation, const Arguments& given) {
    Engine engine = open_engine(invocation);
    Outcome outcome = engine.retain(given.folder);
    if (invocation.json) {
        fmt::print("{}\n", outcome.json());
        return;
    }
    auto answer = parse(outcome.json());
    fmt::print("retention was over for {} records: erased in {} and in {} rows of the log\n", member(answer, "erased"),
               member(answer, "records"), member(answer, "log_rows"));
    if (!member(answer, "archive").empty())
        fmt::print("{} rows of the log are in {}\n", member(answer, "rows"), member(answer, "archive"));
}

void archives(Invocation& invocation) {
    Engine engine = open_engine(invocation);
    std::string json = engine.archives();
    if (invocation.json) {
        fmt::print("{}\n", json);
        return;
    }
    auto answer = parse(json);
    Table table = table_of(answer["archives"], {"first", "last", "until", "path"});
    if (table.rows.empty())
        fmt::print("no archives\n");
    else
        table.print();
}

}  // namespace

void add_deploy_commands(CLI::App& app, Invocation& invocation) {
    auto given = std::make_shared<Arguments>();
    for (bool only_plan : {true, false}) {
        CLI::App* sub = app.add_subcommand(
            only_plan ? "plan" : "deploy",
            only_plan ? "what deploying definitions would do" : "make definitions those of a file (made if it is new)");
        sub->add_option("database", invocation.database, "the file")->required();
        auto* definitions = sub->add_option("definitions", given->definitions, "a YAML file or a folder of them");
        sub->add_option("--drop", given->options.drop, "what may be lost, as the plan names it; several times");
        sub->add_option("--move", given->options.move, "a flow whose running records go on in the new version");
        if (only_plan) {
            definitions->required();
            sub->callback([&invocation, given] { plan(invocation, *given); });
            continue;
        }
        sub->add_option("--backup", given->options.backup, "a new file for the database as it was");
        sub->add_flag("--no-backup", given->no_backup, "make no copy");
        sub->add_flag("--undo", given->undo, "back to the definitions before the last deployment");
        sub->callback([&invocation, given] { deploy(invocation, *given); });
    }

    CLI::App* sub = app.add_subcommand("erase", "erase the personal data of a record, everywhere");
    sub->add_option("database", invocation.database, "the file")->required();
    sub->add_option("entity", given->entity)->required();
    sub->add_option("key", given->key)->required();
    sub->add_option("--reason", given->reason, "why; it is logged, and should name nobody")->required();
    sub->callback([&invocation, given] { erase(invocation, *given); });

    sub = app.add_subcommand("seal", "move old rows of the log into an archive file");
    sub->add_option("database", invocation.database, "the file")->required();
    sub->add_option("--before", given->before, "a date: rows of the days before it")->required();
    sub->add_option("--folder", given->folder, "where to; else beside the database");
    sub->callback([&invocation, given] { seal(invocation, *given); });

    sub = app.add_subcommand("retain", "erase personal data and seal the log as the definitions say");
    sub->add_option("database", invocation.database, "the file")->required();
    sub->add_option("--folder", given->folder, "where an archive goes; else beside the database");
    sub->callback([&invocation, given] { retain(invocation, *given); });

    sub = app.add_subcommand("archives", "the archive files of a database");
    sub->add_option("database", invocation.database, "the file")->required();
    sub->callback([&invocation] { archives(invocation); });
}

}  // namespace leat::shell
