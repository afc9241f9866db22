// leat dmn: what DMN models contain, and what is wrong with them; leat decide asks their decisions.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "shell/answer.hpp"
#include "shell/shell.hpp"

namespace leat::shell {

namespace {

struct Arguments {
    std::string file;
    bool strict = false;
};

std::string joined(const rapidjson::Value& element, const char* name) {
    std::string all;
    if (!element.HasMember(name)) return all;
    for (const auto& one : element[name].GetArray()) all += (all.empty() ? "" : ", ") + cell(one);
    return all;
}

void add_rows(Table& table, const rapidjson::Value& model, const char* kind, const char* word) {
    for (const auto& element : model[kind].GetArray()) {
        std::string needs = joined(element, element.HasMember("parameters") ? "parameters" : "requires");
        std::string type = element.HasMember("type") ? member(element, "type") : std::string();
        table.rows.push_back({word, member(element, "name"), type, needs});
    }
}

void check(Invocation& invocation, const Arguments& given) {
    try {
        Program program = Program::load_file(given.file, given.strict ? LEAT_PROGRAM_STRICT : 0);
        std::string description = program.describe();
        if (invocation.json) {
            fmt::print("{}\n", raw_member(description, "models"));
            return;
        }
        fmt::print("{}", program.warnings_text());
        auto all = parse(description);
        for (const auto& model : all["models"].GetArray()) {
            fmt::print("{}  ({})\n", member(model, "name"), member(model, "namespace"));
            Table table;
            table.header = {"kind", "name", "type", "needs"};
            add_rows(table, model, "inputs", "input");
            add_rows(table, model, "decisions", "decision");
            add_rows(table, model, "services", "service");
            add_rows(table, model, "knowledge", "knowledge");
            table.print();
        }
        if (all["models"].Empty()) fmt::print("'{}' has no DMN model\n", given.file);
    } catch (const Error& error) {
        if (error.status() != LEAT_E_PROGRAM || invocation.json) throw;
        invocation.exit_code = kRefused;
        fmt::print("{}", error.text());
    }
}

}  // namespace

void add_dmn_commands(CLI::App& app, Invocation& invocation) {
    CLI::App* dmn = app.add_subcommand("dmn", "DMN models (XML of the OMG); 'leat decide' asks them");
    dmn->require_subcommand(1);
    auto given = std::make_shared<Arguments>();
    CLI::App* sub = dmn->add_subcommand("check", "what a model contains, and what is wrong with it");
    sub->add_option("file", given->file, "a .dmn file, a folder of them, or definitions that include some")->required();
    sub->add_flag("--strict", given->strict, "warnings are errors");
    sub->callback([given, &invocation] { check(invocation, *given); });
    add_decide_command(*dmn, invocation);
}

}  // namespace leat::shell
