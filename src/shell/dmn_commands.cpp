// leat dmn: what DMN models contain, and what is wrong with them; leat decide asks their decisions.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "shell/answer.hpp"
#include "shell/shell.hpp"

namespace leat::shell {

namespace {

namespace fs = std::filesystem;

struct Arguments {
    std::string file, out;
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

// A name of the definitions out of a model's: "Loan approval" is loan_approval.
std::string identifier(std::string_view name) {
    std::string out;
    for (char c : name) {
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'), digit = c >= '0' && c <= '9';
        if (letter || (digit && !out.empty()))
            out += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        else if (!out.empty() && out.back() != '_')
            out += '_';
    }
    while (!out.empty() && out.back() == '_') out.pop_back();
    return out.empty() ? "models" : out;
}

// Definitions that include the model and what it imports: an application that `leat deploy` and `leat decide` take.
std::string definitions_of(const Program& program, const fs::path& folder, const fs::path& beside) {
    auto all = parse(program.describe());
    std::string text =
        "# Decisions of DMN models; ask them with: leat decide THIS_FILE 'MODEL/DECISION' --input JSON\n";
    for (const auto& model : all["models"].GetArray()) {
        for (const char* kind : {"decisions", "services"}) {
            for (const auto& element : model[kind].GetArray())
                text += fmt::format("#   {}/{}\n", member(model, "name"), member(element, "name"));
        }
    }
    text += fmt::format("leat: 1\napp: {}\ninclude:\n", identifier(program.name()));
    for (const auto& source : all["sources"].GetArray()) {
        fs::path path = fs::absolute(folder / cell(source)).lexically_normal();
        text += fmt::format(
            "  - {}\n", json_text(path.lexically_relative(fs::absolute(beside).lexically_normal()).generic_string()));
    }
    return text;
}

void import(Invocation& invocation, const Arguments& given) {
    Program program = Program::load_file(given.file);
    bool whole_folder = fs::is_directory(given.file);
    fs::path folder = whole_folder ? fs::path(given.file) : fs::path(given.file).parent_path();
    if (given.out.empty()) {
        fmt::print("{}", definitions_of(program, folder, fs::current_path()));
        return;
    }
    if (fs::exists(given.out))
        throw std::runtime_error(
            fmt::format("'{}' is there already: name another file, or add the model to its "
                        "'include'",
                        given.out));
    fs::path beside = fs::absolute(given.out).parent_path();
    std::ofstream file(given.out, std::ios::binary);
    file << definitions_of(program, folder, beside);
    file.close();
    if (!file) throw std::runtime_error(fmt::format("cannot write '{}': does its folder exist?", given.out));
    Program made = Program::load_file(given.out);
    if (invocation.json)
        fmt::print("{{\"app\":{},\"definitions\":{}}}\n", json_text(made.name()), json_text(given.out));
    else
        fmt::print("{} is in {}\n", made.name(), given.out);
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
    sub = dmn->add_subcommand("import", "definitions of an application that has the model");
    sub->add_option("file", given->file, "a .dmn file, or a folder of them")->required();
    sub->add_option("--out", given->out, "the file to write, such as app.yaml; else they are printed");
    sub->callback([given, &invocation] { import(invocation, *given); });
    add_decide_command(*dmn, invocation);
}

}  // namespace leat::shell
