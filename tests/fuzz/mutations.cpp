// Runs a fuzz target without libFuzzer: `feel_fuzz RUNS FILE…` mutates the lines of the files (cells of a table of
// expressions count as lines) and prints the seed; LEAT_TEST_SEED repeats a run.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

void add_cells(const std::string& line, std::vector<std::string>& seeds) {
    size_t begin = 0;
    while (begin <= line.size()) {
        size_t bar = std::min(line.find(" | ", begin), line.size());
        if (bar > begin) seeds.push_back(line.substr(begin, bar - begin));
        begin = bar + 3;
    }
}

class Mutator {
 public:
    Mutator(const std::vector<std::string>& seeds, uint64_t seed) : seeds_(seeds), random_(seed) {}

    std::string next() {
        std::string text = any();
        for (uint64_t edits = below(4); edits > 0; edits--) edit(text);
        if (below(5) == 0) text = any() + "\n" + std::string("smixq").substr(below(6)) + "\n" + text;
        return static_cast<char>(below(5)) + text;
    }

 private:
    size_t below(size_t end) { return static_cast<size_t>(random_() % end); }
    const std::string& any() { return seeds_[below(seeds_.size())]; }

    void edit(std::string& text) {
        size_t at = below(text.size() + 1), length = below(6);
        const std::string& other = any();
        size_t from = below(other.size() + 1);
        switch (below(5)) {
            case 0:
                text.erase(at, length);
                break;
            case 1:
                text.insert(at, other.substr(from, 1 + below(16)));
                break;
            case 2:
                text.replace(at, length, other.substr(from, length));
                break;
            case 3:
                text.insert(at, text.substr(below(text.size() + 1), below(20)));
                break;
            default:
                if (at < text.size()) text[at] = static_cast<char>(below(256));
                break;
        }
    }

    const std::vector<std::string>& seeds_;
    std::mt19937_64 random_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: %s RUNS FILE…\n", argv[0]);
        return 2;
    }
    std::vector<std::string> seeds;
    for (int i = 2; i < argc; i++) {
        std::ifstream file(argv[i]);
        for (std::string line; std::getline(file, line);) {
            if (!line.empty() && line[0] != '#') add_cells(line, seeds);
        }
    }
    if (seeds.empty()) {
        std::fprintf(stderr, "the files hold nothing to mutate\n");
        return 2;
    }
    const char* given = std::getenv("LEAT_TEST_SEED");
    uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::printf("seed %llu (LEAT_TEST_SEED repeats it)\n", static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    Mutator mutator(seeds, seed);
    for (long runs = std::strtol(argv[1], nullptr, 10); runs > 0; runs--) {
        std::string input = mutator.next();
        LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
    }
    return 0;
}
