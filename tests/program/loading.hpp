// Definitions inline, as every test of this room has them.
#pragma once
#include <string>
#include <vector>

#include "program/load.hpp"

namespace leat::program::test {

struct Loaded {
    std::unique_ptr<Program> program;
    Diagnostics diagnostics;
    base::Sources sources;

    // "line: code" of each diagnostic, in order.
    std::vector<std::string> codes() {
        std::vector<std::string> out;
        Diagnostics copy = diagnostics;
        for (const Diagnostic& one : copy.take()) out.push_back(std::to_string(one.span.begin.line) + ": " + one.code);
        return out;
    }
    std::string text() {
        std::string out;
        Diagnostics copy = diagnostics;
        for (const Diagnostic& one : copy.take()) out += base::format(one, sources);
        return out;
    }
    bool told(std::string_view part) { return text().find(part) != std::string::npos; }
};

inline Loaded load_text(std::string text, bool strict = false, const yaml::FileReader& files = nullptr) {
    Loaded out;
    LoadOptions options;
    options.strict = strict;
    out.program = load({{"test.yaml", std::move(text)}}, files, options, out.diagnostics, out.sources);
    return out;
}

// Roles and an entity that most tests begin with; the first line of `more` is line 5.
inline Loaded load_deal(const std::string& more, const std::string& fields = "", bool strict = false) {
    return load_text(
        "{leat: 1, app: test, language: en, currency: CNY, timezone: Asia/Shanghai}\n---\n"
        "roles: {sales: 销售, boss: {title: 老板, includes: [sales]}}\ncalendars: {office: {week: {mon-fri: "
        "[\"09:00-17:00\"]}}}\n" +
            more +
            "\n---\nentity: deal\nfields:\n  name: {type: string, required: true}\n  owner: {type: ref, to: user}\n" +
            "  amount: {type: money, default: 0}\n  region: {type: enum, enum: {east: 华东, west: 华西}}\n" + fields,
        strict);
}

}  // namespace leat::program::test
