// `leat diagram`: a flow as a picture's text.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "shell/answer.hpp"
#include "shell/shell.hpp"

namespace leat::shell {

namespace {

struct Arguments {
    std::string flow, source = ".", record, format = "mermaid", file;
    bool left_to_right = false, no_guards = false;
};

std::int32_t format_of(const std::string& name) {
    if (name == "mermaid") return LEAT_DIAGRAM_MERMAID;
    if (name == "dot") return LEAT_DIAGRAM_DOT;
    return LEAT_DIAGRAM_SVG;
}

// What a flow is about: its records are found by the entity's name.
std::string entity_of(const Program& program, const std::string& flow) {
    auto all = parse(program.describe());
    for (const auto& one : all["flows"].GetArray()) {
        if (member(one, "name") == flow) return member(one, "of");
    }
    throw std::runtime_error(fmt::format("there is no flow '{}'", flow));
}

std::string drawn(const Invocation& invocation, const Arguments& given) {
    std::uint64_t flags =
        (given.left_to_right ? LEAT_DIAGRAM_LEFT_TO_RIGHT : 0) | (given.no_guards ? LEAT_DIAGRAM_NO_GUARDS : 0);
    if (given.record.empty())
        return program_of(given.source).diagram(given.flow, format_of(given.format), flags, invocation.language);
    Invocation opened = invocation;
    opened.database = given.source;
    Engine engine = open_engine(opened, LEAT_ENGINE_NO_CREATE | LEAT_ENGINE_READ_ONLY);
    Session session = engine.session(invocation.actor);
    return session.diagram(entity_of(engine.program(), given.flow), given.record, given.flow, format_of(given.format),
                           flags, invocation.language);
}

void diagram(const Invocation& invocation, const Arguments& given) {
    std::string text = drawn(invocation, given);
    if (given.file.empty() && invocation.json) {
        fmt::print("{{\"format\":{},\"diagram\":{}}}\n", json_text(given.format), json_text(text));
    } else if (given.file.empty()) {
        fmt::print("{}", text);
    } else {
        std::ofstream file(given.file, std::ios::binary | std::ios::trunc);
        file << text;
        file.close();
        if (!file) throw std::runtime_error(fmt::format("cannot write '{}'", given.file));
    }
}

}  // namespace

Program program_of(const std::string& source) {
    std::error_code none;
    std::string extension = std::filesystem::path(source).extension().string();
    if (std::filesystem::is_directory(source, none) || extension == ".yaml" || extension == ".yml")
        return Program::load_file(source);
    EngineOptions options;
    options.path = source;
    options.flags = LEAT_ENGINE_NO_CREATE | LEAT_ENGINE_READ_ONLY;
    return Engine::open(nullptr, options).program();
}

void add_diagram_command(CLI::App& app, Invocation& invocation) {
    auto given = std::make_shared<Arguments>();
    CLI::App* sub = app.add_subcommand("diagram", "a flow as a diagram");
    sub->add_option("flow", given->flow, "the flow's name")->required();
    sub->add_option("--in", given->source, "a YAML file, a folder of them or a database; this folder by default");
    sub->add_option("--record", given->record, "the key of a record, whose states are highlighted (of a database)");
    sub->add_option("--format", given->format, "mermaid, dot or svg")->check(CLI::IsMember({"mermaid", "dot", "svg"}));
    sub->add_option("-o,--output", given->file, "write it to a file");
    sub->add_flag("--left-to-right", given->left_to_right, "else from the top down");
    sub->add_flag("--no-guards", given->no_guards, "leave conditions out");
    sub->callback([&invocation, given] { diagram(invocation, *given); });
}

}  // namespace leat::shell
