// leat_diagnostics DIR [--approve]: loads each DIR/yaml/NAME.yaml, compiles each DIR/program/NAME.yaml and compares
// what is said about it with NAME.expected; with --approve writes the expected files instead. Exit code 1 when one
// differs.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "program/load.hpp"
#include "yaml/yaml.hpp"

namespace fs = std::filesystem;
using namespace leat;

namespace {

std::optional<std::string> read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string say(const fs::path& path) {
    std::string name = path.filename().string();
    auto files = [&](const std::string&, const std::string& other) { return read(path.parent_path() / other); };
    std::string text = read(path).value_or("");
    Sources sources;
    Diagnostics diagnostics;
    if (path.parent_path().filename() == "program") {
        program::load({program::Source{name, text, true}}, files, program::LoadOptions{}, diagnostics, sources);
    } else {
        model::Model model;
        yaml::load(text, name, files, Limits{}, sources, model, diagnostics);
    }
    std::string out;
    for (const Diagnostic& diagnostic : diagnostics.take()) out += base::format(diagnostic, sources);
    return out.empty() ? "(nothing)\n" : out;
}

// The first line that differs, from both sides.
void show_difference(const fs::path& path, const std::string& expected, const std::string& actual) {
    std::istringstream want(expected);
    std::istringstream got(actual);
    for (int line = 1;; ++line) {
        std::string a;
        std::string b;
        bool more_a = static_cast<bool>(std::getline(want, a));
        bool more_b = static_cast<bool>(std::getline(got, b));
        if (!more_a && !more_b) return;
        if (a == b && more_a == more_b) continue;
        std::cout << path.string() << ":" << line << "\n  expected: " << (more_a ? a : "(end)")
                  << "\n  actual:   " << (more_b ? b : "(end)") << "\n";
        return;
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || argc > 3 || (argc == 3 && std::string(argv[2]) != "--approve")) {
        std::cerr << "usage: leat_diagnostics DIR [--approve]\n";
        return 2;
    }
    std::vector<fs::path> cases;
    for (const char* folder : {"yaml", "program"}) {
        for (const auto& entry : fs::directory_iterator(fs::path(argv[1]) / folder)) {
            if (entry.path().extension() == ".yaml") cases.push_back(entry.path());
        }
    }
    std::sort(cases.begin(), cases.end());
    int failed = 0;
    for (const fs::path& path : cases) {
        std::string actual = say(path);
        fs::path expected_path = fs::path(path).replace_extension(".expected");
        if (argc == 3) {
            std::ofstream(expected_path, std::ios::binary) << actual;
            continue;
        }
        std::optional<std::string> expected = read(expected_path);
        if (expected && *expected == actual) continue;
        ++failed;
        show_difference(expected_path, expected.value_or(""), actual);
    }
    std::cout << cases.size() << " cases, " << failed << " differ"
              << (failed > 0 ? "; tests/diagnostics/approve.sh rewrites them" : "") << "\n";
    return failed == 0 && !cases.empty() ? 0 : 1;
}
