// shell: the `leat` command, a host on leat.h alone. Parses arguments, asks the library, prints tables for people or
// JSON for programs. It may not include any other room.
//
// Start reading at main.cpp. Exit codes (docs/shell.md): 0 done, 1 refused or the check failed, 2 wrong use,
// 3 not found, 4 conflict, 5 the store, 6 a limit, 70 anything else.
#pragma once
#include <leat/leat.hpp>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace leat::shell {

inline constexpr int kRefused = 1, kUsage = 2, kNotFound = 3, kConflict = 4, kStore = 5, kLimit = 6, kInternal = 70;

// What every command takes.
struct Invocation {
    std::string database;
    std::string actor = "system";
    std::string by;  // who works as the actor; "": the actor himself
    std::string language;
    std::string files_folder;
    bool json = false;
    int exit_code = 0;
};

Engine open_engine(const Invocation& invocation, std::uint64_t flags = LEAT_ENGINE_NO_CREATE);
// For commands that only read, also of a file that may not be written; working as somebody else is written, though.
Engine open_to_read(const Invocation& invocation);
// A session of the actor, in the invocation's language.
Session open_session(Engine& engine, const Invocation& invocation);
std::string read_file(const std::string& path);  // "-": standard input. Throws std::runtime_error naming the path.
// The first bytes of a file, fewer where it is shorter; "" for a folder. Throws as read_file.
std::string read_start(const std::string& path, std::size_t size);

// The definitions of a YAML file, of a folder of them, or of a database.
Program program_of(const std::string& source);

// Prints an outcome: what happened, or each refusal; sets the exit code.
void print_outcome(Invocation& invocation, const Outcome& outcome);

void add_record_commands(CLI::App& app, Invocation& invocation);  // create, patch, delete, send, task, setting
void add_flow_commands(CLI::App& app, Invocation& invocation);    // suspend, resume, jump, stuck, incident, delivery
void add_read_commands(CLI::App& app,
                       Invocation& invocation);  // show, list, tasks, report, log, why, settings, outbox …
void add_file_commands(CLI::App& app, Invocation& invocation);      // check, fmt, run-due, verify
void add_deploy_commands(CLI::App& app, Invocation& invocation);    // plan, deploy, erase, seal, archives
void add_exchange_commands(CLI::App& app, Invocation& invocation);  // import, export
void add_dmn_commands(CLI::App& app, Invocation& invocation);       // dmn check, dmn decide, dmn import
void add_access_commands(CLI::App& app, Invocation& invocation);    // query, view, may, who-may, explain-sql, share
// put-file, get-file, drop-unused-files, duplicates, merge
void add_content_commands(CLI::App& app, Invocation& invocation);
void add_diagram_command(CLI::App& app, Invocation& invocation);
void add_form_command(CLI::App& app, Invocation& invocation);
void add_scxml_command(CLI::App& app, Invocation& invocation);
void add_replay_command(CLI::App& app, Invocation& invocation);
void add_sql_command(CLI::App& app, Invocation& invocation);
void add_feel_command(CLI::App& app, Invocation& invocation);
void add_decide_command(CLI::App& app, Invocation& invocation);

// FIELD=VALUE pairs (or a whole JSON object, or @FILE) as one JSON object: true, false and null as such, everything
// else as text, which fields of numbers and dates read; FIELD:=JSON takes JSON.
std::string input_of(const std::vector<std::string>& pairs);

}  // namespace leat::shell
