// leat_conformance SUITE [FILE_OR_FOLDER] [--csv FILE]: runs a public suite from a path and prints passed, failed and
// skipped cases; the suite tck also writes its result file.
// A new suite is a run_… function in report.hpp, a file of its own and a line in kSuites.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "report.hpp"

namespace {

using leat::conformance::kNotThere;

struct Suite {
    const char* name;
    const char* about;
    const char* place;  // under LEAT_CONFORMANCE_DIR
    int (*run)(const std::string& path);
    int (*run_to_file)(const std::string& path, const std::string& csv);  // of suites that have a result file
};

const Suite kSuites[] = {
    {"decimal", "General Decimal Arithmetic, *.decTest files", "decimal", leat::conformance::run_decimal, nullptr},
    {"feel", "expressions of the DMN TCK, feel_cases.jsonl", "feel_cases.jsonl", leat::conformance::run_feel, nullptr},
    {"scxml", "statecharts of the W3C's report and of SCION, scxml_cases.jsonl", "scxml_cases.jsonl",
     leat::conformance::run_scxml, nullptr},
    {"tck", "models of the DMN TCK, folders of *.dmn and *-test-*.xml", "tck", nullptr, leat::conformance::run_tck},
};

int usage() {
    fmt::print(stderr, "usage: leat_conformance SUITE [FILE_OR_FOLDER] [--csv FILE]\nsuites:\n");
    for (const Suite& suite : kSuites) fmt::print(stderr, "  {:<10} {}\n", suite.name, suite.about);
    fmt::print(stderr, "Without a path the suite is looked for in the folder that LEAT_CONFORMANCE_DIR names.\n");
    return 2;
}

std::string default_path(const Suite& suite) {
    const char* folder = std::getenv("LEAT_CONFORMANCE_DIR");
    std::filesystem::path base = folder && *folder ? folder : LEAT_CONFORMANCE_DEFAULT;
    return (base / suite.place).lexically_normal().string();
}

int run(const Suite& suite, const std::string& path, const std::string& csv) {
    if (!std::filesystem::exists(path)) {
        fmt::print("{} is not there: no case of the suite '{}' was run (set LEAT_CONFORMANCE_DIR, or name a path)\n",
                   path, suite.name);
        return kNotThere;
    }
    return suite.run ? suite.run(path) : suite.run_to_file(path, csv);
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> words;
    std::string csv;
    for (int i = 1; i < argc; ++i) {
        if (std::string_view(argv[i]) == "--csv" && i + 1 < argc)
            csv = argv[++i];
        else
            words.emplace_back(argv[i]);
    }
    if (words.empty() || words.size() > 2) return usage();
    for (const Suite& suite : kSuites) {
        if (words[0] != suite.name) continue;
        if (!csv.empty() && !suite.run_to_file) {
            fmt::print(stderr, "the suite '{}' has no result file\n", suite.name);
            return 2;
        }
        try {
            return run(suite, words.size() == 2 ? words[1] : default_path(suite), csv);
        } catch (const std::exception& error) {
            fmt::print(stderr, "leat_conformance: {}\n", error.what());
            return 2;
        }
    }
    fmt::print(stderr, "there is no suite '{}'\n", words[0]);
    return usage();
}
