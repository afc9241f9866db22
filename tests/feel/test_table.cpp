// The tables of expressions, *.txt: one line a case (see core.txt). A table lenient*.txt is evaluated as DMN has it.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "feel/standalone.hpp"

using namespace leat;

namespace {

std::string trim(const std::string& text) {
    size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// A bar between spaces ends a cell; others belong to it (patterns have them).
std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    size_t begin = 0;
    for (size_t bar = line.find(" |"); bar != std::string::npos; bar = line.find(" |", bar + 1)) {
        if (bar + 2 < line.size() && line[bar + 2] != ' ') continue;
        cells.push_back(trim(line.substr(begin, bar - begin)));
        begin = bar + 2;
    }
    cells.push_back(trim(line.substr(std::min(begin, line.size()))));
    return cells;
}

void run_line(const std::string& line, const std::string& where, bool lenient) {
    std::vector<std::string> cells = cells_of(line);
    feel::StandaloneOptions options;
    options.lenient = lenient;
    INFO(where << ": " << line);
    REQUIRE(cells.size() == 3);
    Arena arena;
    Value context;
    if (!cells[1].empty()) {
        auto made = feel::evaluate_text(cells[1], Value(), nullptr, arena);
        REQUIRE(made);
        context = *made;
    }
    auto result = feel::evaluate_text(cells[0], context, nullptr, arena, options);
    std::stringstream expected(cells[2]);
    std::string word, code;
    uint32_t column = 0;
    expected >> word >> code >> column;
    if (word == "error") {
        REQUIRE_FALSE(result);
        REQUIRE_FALSE(result.error().diagnostics.empty());
        INFO(result.error().message);
        CHECK(result.error().code == code);
        CHECK(result.error().diagnostics[0].span.begin.column == column);
        return;
    }
    INFO((result ? std::string() : result.error().message));
    REQUIRE(result);
    if (word == "null") {
        CHECK(result->is_null());
        if (!code.empty()) {
            REQUIRE(result->null_reason);
            CHECK(result->null_reason->code == code);
            CHECK(!result->null_reason->text.empty());
        }
        return;
    }
    auto wanted = feel::evaluate_text(cells[2], Value(), nullptr, arena);
    REQUIRE(wanted);
    INFO("answered " << value::to_text(*result));
    CHECK(value::identical(*result, *wanted));
}

}  // namespace

TEST_CASE("feel: the tables of expressions") {
    std::vector<std::filesystem::path> tables;
    for (const auto& entry : std::filesystem::directory_iterator(std::string(LEAT_SOURCE_DIR) + "/tests/feel")) {
        if (entry.path().extension() == ".txt") tables.push_back(entry.path());
    }
    std::sort(tables.begin(), tables.end());
    CHECK(tables.size() > 3);
    for (const auto& table : tables) {
        std::string name = table.filename().string();
        std::ifstream file(table);
        REQUIRE(file);
        int number = 0, cases = 0;
        for (std::string line; std::getline(file, line);) {
            number++;
            if (trim(line).empty() || trim(line)[0] == '#') continue;
            run_line(line, name + ":" + std::to_string(number), name.starts_with("lenient"));
            cases++;
        }
        INFO(name);
        CHECK(cases > 10);
    }
}
