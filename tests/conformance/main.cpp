// leat_conformance SUITE [FILE_OR_FOLDER]: runs a public suite from a path and prints passed, failed and skipped cases.
// A new suite is a run_… function in report.hpp, a file of its own and a line in kSuites.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "report.hpp"

namespace {

using leat::conformance::kNotThere;

struct Suite {
    const char* name;
    const char* about;
    const char* place;  // under LEAT_CONFORMANCE_DIR
    int (*run)(const std::string& path);
};

const Suite kSuites[] = {
    {"decimal", "General Decimal Arithmetic, *.decTest files", "decimal", leat::conformance::run_decimal},
    {"feel", "expressions of the DMN TCK, feel_cases.jsonl", "feel_cases.jsonl", leat::conformance::run_feel},
};

int usage() {
    fmt::print(stderr, "usage: leat_conformance SUITE [FILE_OR_FOLDER]\nsuites:\n");
    for (const Suite& suite : kSuites) fmt::print(stderr, "  {:<10} {}\n", suite.name, suite.about);
    fmt::print(stderr, "Without a path the suite is looked for in the folder that LEAT_CONFORMANCE_DIR names.\n");
    return 2;
}

std::string default_path(const Suite& suite) {
    const char* folder = std::getenv("LEAT_CONFORMANCE_DIR");
    std::filesystem::path base = folder && *folder ? folder : LEAT_CONFORMANCE_DEFAULT;
    return (base / suite.place).lexically_normal().string();
}

int run(const Suite& suite, const std::string& path) {
    if (!std::filesystem::exists(path)) {
        fmt::print("{} is not there: no case of the suite '{}' was run (set LEAT_CONFORMANCE_DIR, or name a path)\n",
                   path, suite.name);
        return kNotThere;
    }
    return suite.run(path);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || argc > 3) return usage();
    for (const Suite& suite : kSuites) {
        if (std::string_view(argv[1]) != suite.name) continue;
        try {
            return run(suite, argc == 3 ? std::string(argv[2]) : default_path(suite));
        } catch (const std::exception& error) {
            fmt::print(stderr, "leat_conformance: {}\n", error.what());
            return 2;
        }
    }
    fmt::print(stderr, "there is no suite '{}'\n", argv[1]);
    return usage();
}
