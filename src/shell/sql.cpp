// leat sql: a read-only question to the file, asked of SQLite's own tool: the file is the user's, any tool may read it.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "shell/answer.hpp"
#include "shell/shell.hpp"

namespace leat::shell {

namespace {

// Runs sqlite3 -readonly -json FILE SQL, without a shell in between; its own messages go to our standard error.
std::string ask_sqlite(const std::string& database, const std::string& sql, int& code) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error(fmt::format("no pipe: {}", std::strerror(errno)));
    pid_t child = fork();
    if (child < 0) throw std::runtime_error(fmt::format("no process: {}", std::strerror(errno)));
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        execlp("sqlite3", "sqlite3", "-readonly", "-json", database.c_str(), sql.c_str(), static_cast<char*>(nullptr));
        _exit(127);
    }
    close(ends[1]);
    std::string out;
    char buffer[65536];
    for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) != 0;) {
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) break;
        out.append(buffer, static_cast<size_t>(n));
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    code = WIFEXITED(status) ? WEXITSTATUS(status) : kInternal;
    if (code == 127)
        throw std::runtime_error("the program 'sqlite3' is not installed (Debian: apt-get install sqlite3)");
    return out;
}

}  // namespace

void add_sql_command(CLI::App& app, Invocation& invocation) {
    auto sql = std::make_shared<std::string>();
    CLI::App* sub = app.add_subcommand("sql", "ask the file in SQL; read-only, sees everything");
    sub->add_option("database", invocation.database, "the file")->required();
    sub->add_option("sql", *sql, "one SELECT")->required();
    sub->callback([&invocation, sql] {
        if (access(invocation.database.c_str(), R_OK) != 0)
            throw std::runtime_error(fmt::format("cannot read '{}': {}", invocation.database, std::strerror(errno)));
        size_t begin = sql->find_first_not_of(" \t\r\n");
        if (begin == std::string::npos || (*sql)[begin] == '.' || (*sql)[begin] == '-')
            throw std::runtime_error("this is no SELECT: sqlite3's own commands and options are not passed on");
        int code = 0;
        std::string out = ask_sqlite(invocation.database, *sql, code);
        if (code != 0) {
            invocation.exit_code = kUsage;
            return;
        }
        if (invocation.json) {
            fmt::print("{}", out.empty() ? "[]\n" : out);
            return;
        }
        auto rows = parse(out.empty() ? "[]" : out);
        std::vector<const char*> names;
        if (!rows.Empty())
            for (const auto& column : rows[0].GetObject()) names.push_back(column.name.GetString());
        table_of(rows, names).print();
    });
}

}  // namespace leat::shell
