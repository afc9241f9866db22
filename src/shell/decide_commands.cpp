// leat decide: a decision of definitions, or of a file with records; once, or for a whole list.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <stdexcept>

#include "shell/answer.hpp"
#include "shell/shell.hpp"

namespace leat::shell {

namespace {

struct Arguments {
    std::string file, decision, input, as_of, batch;
    std::vector<std::string> given;
    bool explain = false;
};

bool is_database(const std::string& path) {
    std::string head = path == "-" ? std::string() : read_start(path, 16);
    return head.rfind("SQLite format 3", 0) == 0;
}

// The cells of CSV text, row by row (RFC 4180).
std::vector<std::vector<std::string>> csv_rows(const std::string& text) {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> row(1);
    bool quoted = false;
    for (size_t i = text.rfind("\xEF\xBB\xBF", 0) == 0 ? 3 : 0; i < text.size(); ++i) {
        char c = text[i];
        if (quoted) {
            if (c != '"')
                row.back() += c;
            else if (i + 1 < text.size() && text[i + 1] == '"')
                row.back() += text[++i];
            else
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',') {
            row.emplace_back();
        } else if (c == '\n') {
            rows.push_back(std::move(row));
            row.assign(1, "");
        } else if (c != '\r') {
            row.back() += c;
        }
    }
    if (quoted) throw std::runtime_error("the CSV ends inside a quoted cell");
    if (row.size() > 1 || !row[0].empty()) rows.push_back(std::move(row));
    return rows;
}

// A JSON array of inputs: from CSV with the inputs' names as header (an empty cell is null), or JSON Lines.
std::string batch_of(const std::string& path) {
    std::string text = read_file(path);
    std::string out = "[";
    if (path.size() > 4 && path.compare(path.size() - 4, 4, ".csv") == 0) {
        auto rows = csv_rows(text);
        if (rows.empty()) throw std::runtime_error(fmt::format("'{}' is empty: its first line names the inputs", path));
        for (size_t r = 1; r < rows.size(); ++r) {
            if (rows[r].size() != rows[0].size())
                throw std::runtime_error(fmt::format("row {} of '{}' has {} cells, the header has {}", r + 1, path,
                                                     rows[r].size(), rows[0].size()));
            out += r > 1 ? ",{" : "{";
            for (size_t i = 0; i < rows[0].size(); ++i) {
                const std::string& value = rows[r][i];
                bool word = value == "true" || value == "false";
                out += fmt::format("{}{}:{}", i > 0 ? "," : "", json_text(rows[0][i]),
                                   value.empty() ? "null"
                                   : word        ? value
                                                 : json_text(value));
            }
            out += '}';
        }
        return out + "]";
    }
    for (size_t begin = 0; begin < text.size();) {
        size_t end = std::min(text.find('\n', begin), text.size());
        std::string line = text.substr(begin, end - begin);
        begin = end + 1;
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        out += (out.size() > 1 ? "," : "") + line;
    }
    return out + "]";
}

void print_one(std::string_view json) {
    auto answer = parse(json);
    fmt::print("{}\n", raw_cell(raw_member(json, "answer")));
    if (answer.HasMember("reason"))
        fmt::print("  {}  [{}]\n", member(answer["reason"], "text"), member(answer["reason"], "code"));
    if (answer.HasMember("text")) fmt::print("{}", member(answer, "text"));
}

void print_batch(const std::string& inputs_json, const std::string& answers, bool explain) {
    auto inputs = parse(inputs_json);
    if (explain) {
        for (std::string_view answer : raw_items(answers)) print_one(answer);
        return;
    }
    Table table;
    table.header = {"#"};
    if (!inputs.Empty() && inputs[0].IsObject()) {
        for (const auto& input : inputs[0].GetObject()) table.header.emplace_back(input.name.GetString());
    }
    size_t given = table.header.size();
    table.header.insert(table.header.end(), {"answer", "why"});
    rapidjson::SizeType number = 0;
    for (std::string_view answer : raw_items(answers)) {
        std::vector<std::string> row = {std::to_string(number + 1)};
        for (size_t c = 1; c < given; ++c) row.push_back(member(inputs[number], table.header[c].c_str()));
        row.push_back(raw_cell(raw_member(answer, "answer")));
        std::string_view reason = raw_member(answer, "reason");
        row.push_back(reason.empty() ? "" : raw_cell(raw_member(reason, "text")));
        table.rows.push_back(std::move(row));
        ++number;
    }
    table.print();
}

std::string inputs_of(const Arguments& given) {
    if (!given.input.empty() && !given.given.empty())
        throw std::runtime_error("inputs come as --input or as NAME=VALUE, not both");
    return input_of(given.input.empty() ? given.given : std::vector<std::string>{given.input});
}

void decide(const Invocation& invocation, const Arguments& given) {
    std::uint64_t flags = given.explain ? +LEAT_DECIDE_EXPLAIN | +LEAT_DECIDE_NEAREST | +LEAT_DECIDE_TEXT : 0u;
    std::string inputs, answer;
    if (is_database(given.file)) {
        if (!given.batch.empty())
            throw std::runtime_error("--batch is for definitions: give the YAML instead of the database");
        Invocation with = invocation;
        with.database = given.file;
        Engine engine = open_engine(with);
        Session session = open_session(engine, invocation);
        bool key = given.input.empty() && given.given.size() == 1 && given.given[0].front() != '{' &&
                   given.given[0].front() != '@' && given.given[0].find('=') == std::string::npos;
        answer =
            session.decide(given.decision, key ? given.given[0] : "", key ? "" : inputs_of(given), flags, given.as_of);
    } else {
        Program program = Program::load_file(given.file);
        inputs = given.batch.empty() ? inputs_of(given) : batch_of(given.batch);
        answer = program.decide(given.decision, inputs, flags, given.as_of);
    }
    if (invocation.json)
        fmt::print("{}\n", answer);
    else if (given.batch.empty())
        print_one(answer);
    else
        print_batch(inputs, answer, given.explain);
}

}  // namespace

void add_decide_command(CLI::App& app, Invocation& invocation) {
    auto given = std::make_shared<Arguments>();
    CLI::App* sub = app.add_subcommand("decide", "what a decision, scorecard or service answers, and why");
    sub->add_option("file", given->file, "definitions, a DMN model, or a database")->required();
    sub->add_option("decision", given->decision)->required();
    sub->add_option("inputs", given->given, "NAME=VALUE …, a JSON object or @FILE; in a database, a record's key");
    sub->add_option("--input", given->input, "the inputs as a JSON object or @FILE");
    sub->add_option("--as-of", given->as_of, "decide as of that day: 2026-11-21");
    sub->add_flag("--explain", given->explain, "the rows and cells, and the rows that missed by the fewest");
    sub->add_option("--batch", given->batch, "decide for each row of a CSV or JSON Lines file");
    sub->callback([given, &invocation] { decide(invocation, *given); });
}

}  // namespace leat::shell
