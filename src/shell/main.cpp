#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "shell/answer.hpp"
#include "shell/shell.hpp"

namespace leat::shell {

Engine open_engine(const Invocation& invocation, std::uint64_t flags) {
    EngineOptions options;
    options.path = invocation.database;
    options.language = invocation.language;
    options.files_folder = invocation.files_folder;
    options.flags = flags;
    return Engine::open(nullptr, options);
}

std::string read_file(const std::string& path) {
    std::ostringstream text;
    if (path == "-") {
        text << std::cin.rdbuf();
        return text.str();
    }
    std::ifstream file(path, std::ios::binary);
    if (std::error_code none; std::filesystem::is_directory(path, none))
        throw std::runtime_error(fmt::format("'{}' is a folder, not a file", path));
    if (!file) throw std::runtime_error(fmt::format("cannot read '{}': does it exist, and may you read it?", path));
    text << file.rdbuf();
    return text.str();
}

std::string read_start(const std::string& path, std::size_t size) {
    if (std::error_code none; std::filesystem::is_directory(path, none)) return {};
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(fmt::format("cannot read '{}': does it exist, and may you read it?", path));
    std::string start(size, '\0');
    file.read(start.data(), static_cast<std::streamsize>(size));
    start.resize(static_cast<std::size_t>(file.gcount()));
    return start;
}

namespace {

int exit_code_of(leat_status status) {
    switch (status) {
        case LEAT_E_USAGE:
            return kUsage;
        case LEAT_E_PROGRAM:
            return kRefused;
        case LEAT_E_NOT_FOUND:
            return kNotFound;
        case LEAT_E_CONFLICT:
            return kConflict;
        case LEAT_E_STORE:
            return kStore;
        case LEAT_E_LIMIT:
            return kLimit;
        default:
            return kInternal;
    }
}

}  // namespace
}  // namespace leat::shell

int main(int argc, char** argv) {
    using namespace leat::shell;
    std::setlocale(LC_CTYPE, "C.UTF-8");
    std::signal(SIGXFSZ, SIG_IGN);  // a file-size limit is then what a full disk is: a failed write, which is told
    Invocation invocation;
    CLI::App app{"Leat: business processes and rules in one file.", "leat"};
    app.set_version_flag("--version", [] {
        unsigned number = static_cast<unsigned>(leat_version_number());
        return fmt::format("leat {}.{}.{}", number / 10000, number / 100 % 100, number % 100);
    });
    app.require_subcommand(1);
    app.fallthrough();
    app.add_flag("--json", invocation.json, "answer with JSON");
    app.add_option("--as", invocation.actor, "key of the user in whose name to work; the system by default");
    app.add_option("--by", invocation.by, "key of the user who works as the one after --as; he needs that right");
    app.add_option("--lang", invocation.language, "language of messages and titles (zh, en)");
    app.add_option("--files", invocation.files_folder,
                   "the folder that holds the contents of files, if not the database");
    add_file_commands(app, invocation);
    add_deploy_commands(app, invocation);
    add_exchange_commands(app, invocation);
    add_record_commands(app, invocation);
    add_content_commands(app, invocation);
    add_flow_commands(app, invocation);
    add_read_commands(app, invocation);
    add_access_commands(app, invocation);
    add_diagram_command(app, invocation);
    add_form_command(app, invocation);
    add_replay_command(app, invocation);
    add_scxml_command(app, invocation);
    add_sql_command(app, invocation);
    add_feel_command(app, invocation);
    add_decide_command(app, invocation);
    add_dmn_commands(app, invocation);
    try {
        app.parse(argc, argv);
        return invocation.exit_code;
    } catch (const CLI::ParseError& error) {
        if (app.get_subcommands().empty() && !app.remaining().empty()) {
            fmt::print(stderr, "leat: there is no command '{}'; 'leat --help' names them\n", app.remaining().front());
            return kUsage;
        }
        int code = app.exit(error);
        return code == 0 ? 0 : kUsage;
    } catch (const leat::Error& error) {
        if (invocation.json) {
            fmt::print(stderr, "{{\"exit_code\":{},\"code\":{},\"message\":{}}}\n", exit_code_of(error.status()),
                       json_text(error.code()), json_text(error.what()));
            return exit_code_of(error.status());
        }
        fmt::print(stderr, "leat: {}", error.text());
        if (error.text().empty() || error.text().back() != '\n') fmt::print(stderr, "\n");
        return exit_code_of(error.status());
    } catch (const std::exception& error) {
        if (invocation.json)
            fmt::print(stderr, "{{\"exit_code\":{},\"code\":\"usage\",\"message\":{}}}\n", +kUsage,
                       json_text(error.what()));
        else
            fmt::print(stderr, "leat: {}\n", error.what());
        return kUsage;
    }
}
