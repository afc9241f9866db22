// `leat scxml`: a flow out to SCXML, and in from it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <memory>

#include "shell/answer.hpp"
#include "shell/shell.hpp"

namespace leat::shell {

namespace {

struct Arguments {
    std::string flow, document, source = ".", file;
};

void answer(const Invocation& invocation, const Arguments& given, const char* kind, const std::string& text) {
    if (given.file.empty() && invocation.json) {
        fmt::print("{{{}:{}}}\n", json_text(kind), json_text(text));
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

void add_scxml_command(CLI::App& app, Invocation& invocation) {
    auto given = std::make_shared<Arguments>();
    CLI::App* scxml = app.add_subcommand("scxml", "flows out to SCXML, and in from it");
    scxml->require_subcommand(1);
    CLI::App* sub = scxml->add_subcommand("export", "a flow as an SCXML document");
    sub->add_option("flow", given->flow, "the flow's name")->required();
    sub->add_option("--in", given->source, "a YAML file, a folder of them or a database; this folder by default");
    sub->add_option("-o,--output", given->file, "write it to a file");
    sub->callback(
        [&invocation, given] { answer(invocation, *given, "scxml", program_of(given->source).to_scxml(given->flow)); });
    sub = scxml->add_subcommand("import", "definitions in YAML of an SCXML document's flow");
    sub->add_option("document", given->document, "the document, or - for standard input")->required();
    sub->add_option("-o,--output", given->file, "write them to a file");
    sub->callback([&invocation, given] {
        answer(invocation, *given, "yaml", from_scxml(read_file(given->document), given->document));
    });
}

}  // namespace leat::shell
