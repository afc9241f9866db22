// leat feel: one expression, its value, and why it is null where it is.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "shell/answer.hpp"
#include "shell/shell.hpp"

namespace leat::shell {

namespace {

struct Arguments {
    std::string expression, context, types, program, now, zone;
    bool strict = false, explain = false;
    std::uint64_t steps_max = 0;
};

// The text itself, or the content of @FILE.
std::string text_or_file(const std::string& given) {
    return !given.empty() && given.front() == '@' ? read_file(given.substr(1)) : given;
}

// The line with a caret under [column, end), in characters.
void print_place(const std::string& expression, const rapidjson::Value& reason) {
    if (!reason.HasMember("line")) return;
    size_t wanted = std::stoul(member(reason, "line"));
    size_t begin = 0;
    for (size_t line = 1; line < wanted && begin < expression.size(); ++line)
        begin = std::min(expression.find('\n', begin), expression.size() - 1) + 1;
    std::string line = expression.substr(begin, expression.find('\n', begin) - begin);
    // Byte offset of the character in a column, from 1.
    auto offset = [&](size_t column) {
        size_t at = 0;
        for (size_t i = 1; i < column && at < line.size(); ++i) {
            ++at;
            while (at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0) == 0x80) ++at;
        }
        return at;
    };
    size_t first = offset(std::stoul(member(reason, "column")));
    bool same_line = member(reason, "end_line") == member(reason, "line");
    size_t last = same_line ? offset(std::stoul(member(reason, "end_column"))) : line.size();
    int width = std::max(1, display_width(std::string_view(line).substr(first, last - first)));
    fmt::print("    {}\n    {}{}\n", line, std::string(static_cast<size_t>(display_width(line.substr(0, first))), ' '),
               std::string(static_cast<size_t>(width), '^'));
}

void print_answer(const std::string& expression, const std::string& json, bool explain) {
    fmt::print("{}\n", raw_cell(raw_member(json, "value")));
    auto answer = parse(json);
    for (const auto& reason : answer["null_reasons"].GetArray()) {
        std::string path = member(reason, "path");
        fmt::print("  {}null: {}  [{}]\n", path.empty() ? "" : path + " is ", member(reason, "text"),
                   member(reason, "code"));
        print_place(expression, reason);
    }
    if (!explain) return;
    Table table;
    table.header = {"expression", "value"};
    for (std::string_view part : raw_items(raw_member(json, "parts"))) {
        std::string text = raw_cell(raw_member(part, "text"));
        std::replace(text.begin(), text.end(), '\n', ' ');
        table.rows.push_back({text, raw_cell(raw_member(part, "value"))});
    }
    table.print();
}

void evaluate(const Invocation& invocation, const Arguments& given) {
    std::unique_ptr<Program> program;
    if (!given.program.empty()) program = std::make_unique<Program>(Program::load_file(given.program));
    FeelOptions options;
    options.flags = (given.strict ? 0u : +LEAT_FEEL_LENIENT) | (given.explain ? +LEAT_FEEL_EXPLAIN : 0u);
    options.types = text_or_file(given.types);
    options.now = given.now;
    options.timezone = given.zone;
    options.steps_max = given.steps_max;
    std::string expression = text_or_file(given.expression);
    while (!expression.empty() && expression.back() == '\n') expression.pop_back();
    std::string answer = Feel(program.get(), expression, options).evaluate(text_or_file(given.context));
    if (invocation.json)
        fmt::print("{}\n", answer);
    else
        print_answer(expression, answer, given.explain);
}

}  // namespace

void add_feel_command(CLI::App& app, Invocation& invocation) {
    auto given = std::make_shared<Arguments>();
    CLI::App* feel = app.add_subcommand("feel", "the value of a FEEL expression");
    feel->add_option("expression", given->expression, "the expression, or @FILE")->required();
    feel->add_option("--context,-c", given->context, "names and values: a JSON object, a FEEL context, or @FILE");
    feel->add_option("--types", given->types, "types of the names: {\"due\": \"date\"}, or @FILE");
    feel->add_option("--program", given->program, "definitions whose functions and decisions may be called");
    feel->add_flag("--strict", given->strict, "type errors and unknown names are errors, not null");
    feel->add_flag("--explain", given->explain, "show what the parts came to");
    feel->add_option("--now", given->now, "what now() is: 2026-11-21T08:00:00Z");
    feel->add_option("--timezone", given->zone, "of today() and now(): Asia/Shanghai");
    feel->add_option("--steps", given->steps_max, "give up after so many steps");
    feel->callback([given, &invocation] { evaluate(invocation, *given); });
}

}  // namespace leat::shell
