// Measuring two sides in one run: interleaved rounds, the median of each, the ratio of the medians. Absolute figures of
// a shared machine mean nothing; ratios do.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

namespace leat::bench {

inline double seconds_now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// The processor time of this program: for work that waits for nothing, on a machine that others use, too.
inline double cpu_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

struct Side {
    std::string engine;
    std::function<void()> run;  // `count` operations
    std::vector<double> rates{};
    long wrong = 0;
};

inline double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
}

// One warm-up, then `rounds` rounds with the sides in turn. Prints case,engine,n,rate,wrong= lines.
inline void measure(const std::string& name, long count, int rounds, std::vector<Side>& sides,
                    double (*now)() = seconds_now) {
    for (int round = 0; round <= rounds; ++round)
        for (auto& side : sides) {
            double begin = now();
            side.run();
            double taken = std::max(now() - begin, 1e-6);
            if (round) side.rates.push_back(static_cast<double>(count) / taken);
        }
    for (auto& side : sides)
        std::printf("%s,%s,%ld,%.0f,wrong=%ld\n", name.c_str(), side.engine.c_str(), count, median(side.rates),
                    side.wrong);
}

// How many times longer the first side takes than the second.
inline void print_ratio(const char* what, const Side& first, const Side& second) {
    std::printf("%s: %s takes %.2f times what %s takes\n", what, first.engine.c_str(),
                median(second.rates) / median(first.rates), second.engine.c_str());
}

inline bool quick(int argc, char** argv) {
    for (int i = 1; i < argc; ++i)
        if (std::strcmp(argv[i], "--quick") == 0) return true;
    return false;
}

}  // namespace leat::bench
