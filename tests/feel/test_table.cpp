// The table of expressions: one line a case (see core.txt).
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

void run_line(const std::string& line, const std::string& where) {
    std::vector<std::string> cells;
    std::stringstream stream(line);
    for (std::string cell; std::getline(stream, cell, '|');) cells.push_back(trim(cell));
    INFO(where << ": " << line);
    REQUIRE(cells.size() == 3);
    Arena arena;
    Value context;
    if (!cells[1].empty()) {
        auto made = feel::evaluate_text(cells[1], Value(), nullptr, arena);
        REQUIRE(made);
        context = *made;
    }
    auto result = feel::evaluate_text(cells[0], context, nullptr, arena);
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

TEST_CASE("feel: the table of expressions") {
    std::string path = std::string(LEAT_SOURCE_DIR) + "/tests/feel/core.txt";
    std::ifstream file(path);
    REQUIRE(file);
    int number = 0, cases = 0;
    for (std::string line; std::getline(file, line);) {
        number++;
        if (trim(line).empty() || trim(line)[0] == '#') continue;
        run_line(line, "core.txt:" + std::to_string(number));
        cases++;
    }
    CHECK(cases > 200);
}
