// Commands on definitions and whole files: check, fmt, run-due, verify.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "shell/answer.hpp"
#include "shell/shell.hpp"

namespace leat::shell {

namespace {

struct Arguments {
    std::string definitions;
    bool strict = false, in_place = false;
    std::int64_t max = 1000;
};

std::string name_of(const Program& program) {
    return fmt::format("{}{}{}", program.name(), program.version().empty() ? "" : " ", program.version());
}

void check(Invocation& invocation, const Arguments& given) {
    try {
        Program program = Program::load_file(given.definitions, given.strict ? LEAT_PROGRAM_STRICT : 0);
        if (invocation.json) {
            std::string warnings;
            for (const auto& one : program.warnings())
                warnings += fmt::format("{}{{\"source\":{},\"line\":{},\"column\":{},\"code\":{},\"message\":{}}}",
                                        warnings.empty() ? "" : ",", json_text(one.source), one.line, one.column,
                                        json_text(one.code), json_text(one.message));
            fmt::print("{{\"ok\":true,\"app\":{},\"hash\":{},\"warnings\":[{}]}}\n", json_text(program.name()),
                       json_text(program.hash()), warnings);
            return;
        }
        fmt::print("{}", program.warnings_text());
        auto all = parse(program.describe());
        for (const auto& one : all["in_engine"].GetArray())
            fmt::print("{}:{}:{}: note: the engine evaluates `{}`: {}\n", member(one, "source"), member(one, "line"),
                       member(one, "column"), member(one, "text"), member(one, "why"));
        fmt::print("{}: {} entities, {} flows, {} reports; {} warnings\n", name_of(program), all["entities"].Size(),
                   all["flows"].Size(), all["reports"].Size(), program.warnings().size());
    } catch (const Error& error) {
        if (error.status() != LEAT_E_PROGRAM) throw;
        invocation.exit_code = kRefused;
        if (!invocation.json) {
            fmt::print("{}", error.text());
            return;
        }
        std::string all;
        for (const auto& one : error.diagnostics())
            all += fmt::format("{}{{\"source\":{},\"line\":{},\"column\":{},\"code\":{},\"message\":{},\"hint\":{}}}",
                               all.empty() ? "" : ",", json_text(one.source), one.line, one.column, json_text(one.code),
                               json_text(one.message), json_text(one.hint));
        fmt::print("{{\"ok\":false,\"diagnostics\":[{}]}}\n", all);
    }
}

// Written beside and put in its place at the end: on a full disk the old one is still there. A symbolic link stays one.
void replace_file(const std::string& path, const std::string& text) {
    std::error_code none;
    std::filesystem::path real = std::filesystem::canonical(path, none);
    if (none) real = path;
    std::string beside = real.string() + ".leat-fmt";
    std::ofstream file(beside, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (file) {
        std::filesystem::permissions(beside, std::filesystem::status(real).permissions(), none);
        std::filesystem::rename(beside, real, none);
        if (!none) return;
    }
    std::filesystem::remove(beside, none);
    throw std::runtime_error(fmt::format("cannot write '{}': is there room, and may you write its folder?", path));
}

void format_file(Invocation& invocation, const Arguments& given) {
    if (given.in_place && given.definitions == "-")
        throw std::runtime_error("standard input has no place: leave -i out");
    std::string before = read_file(given.definitions);
    std::string after = format(before, given.definitions);
    if (!given.in_place) {
        fmt::print("{}", after);
        return;
    }
    if (before == after) return;
    replace_file(given.definitions, after);
    if (!invocation.json) fmt::print("formatted {}\n", given.definitions);
}

void run_due(Invocation& invocation, const Arguments& given) {
    Engine engine = open_engine(invocation);
    auto counts = engine.run_due(given.max);
    if (invocation.json)
        fmt::print("{{\"fired\":{},\"stale\":{},\"incidents\":{},\"expired\":{},\"lateness_us_max\":{},\"more\":{}}}\n",
                   counts.fired, counts.stale, counts.incidents, counts.expired, counts.lateness_us_max,
                   counts.more != 0);
    else
        fmt::print("{} fired, {} stale, {} incidents, {} messages expired{}\n", counts.fired, counts.stale,
                   counts.incidents, counts.expired, counts.more ? "; more are due" : "");
}

void verify(Invocation& invocation) {
    Engine engine = open_engine(invocation);
    std::string json = engine.verify();
    auto answer = parse(json);
    bool ok = member(answer, "ok") == "true";
    if (!ok) invocation.exit_code = kRefused;
    if (invocation.json)
        fmt::print("{}\n", json);
    else if (ok)
        fmt::print("the log holds: {} rows, head {}\n", member(answer, "rows"), member(answer, "head"));
    else
        fmt::print("the log is broken: {}\n", member(answer, "problem"));
    if (invocation.json) return;
    for (const auto& path : answer["missing"].GetArray())
        fmt::print("archive '{}' is not there: its rows were not read\n", path.GetString());
}

}  // namespace

void add_file_commands(CLI::App& app, Invocation& invocation) {
    auto given = std::make_shared<Arguments>();
    CLI::App* sub = app.add_subcommand("check", "compile definitions and tell every mistake");
    sub->add_option("definitions", given->definitions, "a YAML file or a folder of them")->required();
    sub->add_flag("--strict", given->strict, "warnings are mistakes");
    sub->callback([&invocation, given] { check(invocation, *given); });

    sub = app.add_subcommand("fmt", "definitions in the house style");
    sub->add_option("definitions", given->definitions, "a YAML file, or - for standard input")->required();
    sub->add_flag("-i,--in-place", given->in_place, "rewrite the file");
    sub->callback([&invocation, given] { format_file(invocation, *given); });

    sub = app.add_subcommand("run-due", "fire due timers, retry waiting messages");
    sub->add_option("database", invocation.database, "the file")->required();
    sub->add_option("--max", given->max, "at most so many");
    sub->callback([&invocation, given] { run_due(invocation, *given); });

    sub = app.add_subcommand("verify", "recompute the log's hash chain");
    sub->add_option("database", invocation.database, "the file")->required();
    sub->callback([&invocation] { verify(invocation); });
}

}  // namespace leat::shell
