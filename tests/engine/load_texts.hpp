// Texts as a column of a load has them: their bytes one after the other, and where each ends.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace leat::test {

struct LoadTexts {
    std::string bytes;
    std::vector<uint32_t> offsets{0};
    explicit LoadTexts(const std::vector<std::string>& texts) {
        for (const auto& one : texts) {
            bytes += one;
            offsets.push_back(static_cast<uint32_t>(bytes.size()));
        }
    }
};

}  // namespace leat::test
