// What a suite reports: passed, failed and skipped per group, each skip with its reason.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace leat::conformance {

struct Group {
    std::string name;
    uint64_t passed = 0;
    uint64_t failed = 0;
    std::map<std::string, uint64_t> skipped;  // by reason
    std::vector<std::string> failures;        // one line each

    uint64_t skipped_total() const;
};

class Report {
 public:
    explicit Report(std::string suite) : suite_(std::move(suite)) {}
    Group& group(const std::string& name);  // made at its first mention; valid until the next new one
    // Prints failures, a line a group, the reasons for skipping, and the total as JSON on the last line.
    // Answers the exit code: 1 after any failure, or when nothing at all was run.
    int print() const;

 private:
    std::string suite_;
    std::vector<Group> groups_;
};

constexpr int kNotThere = 77;  // the exit code for a suite that is not on this machine

// A subcommand: `path` names a file or folder. Answers the exit code.
int run_decimal(const std::string& path);
int run_feel(const std::string& path);
int run_scxml(const std::string& path);

// Whole models; `csv` names the file that receives a line a case (folder, file, case, SUCCESS | ERROR | SKIPPED, note);
// empty: none.
int run_tck(const std::string& path, const std::string& csv);

}  // namespace leat::conformance
