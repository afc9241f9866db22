// The program `dot`, run as a process of its own: never linked, so that a host without Graphviz is none the worse. Its
// input and output are unnamed files, not pipes: neither side can wait for the other, and no SIGPIPE can arise.
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "diagram/diagram.hpp"

extern char** environ;

namespace leat::diagram {

namespace {

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

Error failed(const std::string& why) {
    return make_error(Status::host, "diagram.dot_failed",
                      fmt::format("Graphviz's 'dot' could not draw the diagram: {}", why));
}

Result<std::string> content(std::FILE* file) {
    std::string text;
    std::rewind(file);
    char buffer[1 << 14];
    for (size_t size; (size = std::fread(buffer, 1, sizeof buffer, file)) > 0;) text.append(buffer, size);
    if (std::ferror(file)) return failed(std::strerror(errno));
    return text;
}

// posix_spawn's actions, freed whatever happens.
struct Actions {
    posix_spawn_file_actions_t list;
    Actions() { posix_spawn_file_actions_init(&list); }
    ~Actions() { posix_spawn_file_actions_destroy(&list); }
};

}  // namespace

Result<std::string> svg_of(const std::string& dot) {
    File in(std::tmpfile()), out(std::tmpfile()), problems(std::tmpfile());
    if (!in || !out || !problems) return failed(fmt::format("no temporary file: {}", std::strerror(errno)));
    if (std::fwrite(dot.data(), 1, dot.size(), in.get()) != dot.size() || std::fflush(in.get()) != 0)
        return failed(fmt::format("its input cannot be written: {}", std::strerror(errno)));
    std::rewind(in.get());
    Actions actions;
    posix_spawn_file_actions_adddup2(&actions.list, fileno(in.get()), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions.list, fileno(out.get()), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions.list, fileno(problems.get()), STDERR_FILENO);
    char name[] = "dot", format[] = "-Tsvg";
    char* arguments[] = {name, format, nullptr};
    pid_t child = 0;
    int error = posix_spawnp(&child, name, &actions.list, nullptr, arguments, environ);
    if (error == ENOENT)
        return make_error(Status::not_found, "diagram.dot",
                          "SVG needs Graphviz's program 'dot', which is not installed here: install graphviz, or ask "
                          "for dot or mermaid");
    if (error != 0) return failed(std::strerror(error));
    int status = 0;
    pid_t waited;
    do waited = waitpid(child, &status, 0);
    while (waited < 0 && errno == EINTR);
    LEAT_TRY(std::string svg, content(out.get()));
    LEAT_TRY(std::string said, content(problems.get()));
    // A host that ignores SIGCHLD has no status of its children: then the answer itself must show that it is whole.
    bool whole = svg.find("</svg>") != std::string::npos;
    if ((waited == child && status != 0) || !whole)
        return failed(said.empty() ? fmt::format("it ended with status {}", status) : said);
    return svg;
}

}  // namespace leat::diagram
