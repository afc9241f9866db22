// The cells of a table's rows. Inside this room only.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace leat::decision {

// The rows' cells, row by row.
struct Grid {
    std::vector<uint32_t> cells;  // numbers in their columns
    uint32_t rows = 0;
    uint32_t columns = 0;
    const uint32_t* row(uint32_t number) const { return cells.data() + size_t{number} * columns; }
};

}  // namespace leat::decision
