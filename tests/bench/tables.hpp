// The decision tables of the neutral benchmark data, and the hand-written limit R beside which they are measured: a
// hash of the selective text with its rows, or a list of rows for every stretch of the selective interval.
#pragma once
#include <algorithm>
#include <climits>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace leat::bench {

struct TableLine {
    std::string region, product;
    std::vector<std::string> tiers;
    long low = 0, high = 0;
    std::string quantity_sign;  // "ge", "lt" or empty
    long quantity = 0;
};
struct TableInput {
    std::string region, tier, product;
    long amount = 0, quantity = 0;
};
struct TableData {
    std::string name;  // "dt_1000"
    std::vector<TableLine> rows;
    std::vector<TableInput> inputs;
    std::vector<long> expected;  // the first row that matches, from 0; -1: none
};

// LEAT_BENCH_DIR, else the folder shared beside the sources.
inline std::string bench_dir() {
    const char* named = std::getenv("LEAT_BENCH_DIR");
    return named != nullptr ? named : "../shared/bench";
}

inline std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::string part;
    std::stringstream stream(text);
    while (std::getline(stream, part, separator)) parts.push_back(part);
    if (!text.empty() && text.back() == separator) parts.emplace_back();
    return parts;
}

inline bool next_line(std::ifstream& file, std::string& line) {
    if (!std::getline(file, line)) return false;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return true;
}

// Empty when the data is not there.
inline TableData read_table(const std::string& name) {
    TableData data;
    data.name = name;
    const std::string base = bench_dir() + "/rules/data/" + name;
    std::ifstream rows(base + ".csv"), inputs(base + "_in.csv"), expected(base + "_exp.json");
    std::string line;
    next_line(rows, line);
    while (next_line(rows, line)) {
        auto cells = split(line, ',');
        TableLine row;
        row.region = cells[0];
        row.tiers = split(cells[1], '|');
        row.product = cells[2];
        row.low = std::stol(cells[3]);
        row.high = std::stol(cells[4]);
        row.quantity_sign = cells[5];
        row.quantity = cells[6].empty() ? 0 : std::stol(cells[6]);
        data.rows.push_back(std::move(row));
    }
    next_line(inputs, line);
    while (next_line(inputs, line)) {
        auto cells = split(line, ',');
        data.inputs.push_back({cells[0], cells[1], cells[2], std::stol(cells[3]), std::stol(cells[4])});
    }
    char mark = 0;
    long number = 0;
    expected >> mark;
    while (expected >> number) {
        data.expected.push_back(number);
        expected >> mark;
    }
    return data;
}

// A table small enough for a test of the benchmark itself, answered by trying each row.
inline TableData made_table() {
    static const char* const kRegions[] = {"North", "South", "East", "West"};
    static const char* const kTiers[] = {"Bronze", "Silver", "Gold"};
    TableData data;
    data.name = "made";
    uint64_t state = 7;
    auto pick = [&](long below) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        return static_cast<long>((state >> 33) % static_cast<uint64_t>(below));
    };
    for (int i = 0; i < 300; ++i) {
        TableLine row;
        if (pick(5) > 0) row.region = kRegions[pick(4)];
        if (pick(5) > 0) row.tiers = {kTiers[pick(3)]};
        if (pick(9) > 0) row.product = "P" + std::to_string(pick(30));
        row.low = pick(900);
        row.high = row.low + 1 + pick(200);
        if (pick(3) > 0) row.quantity_sign = pick(2) ? "ge" : "lt";
        row.quantity = pick(100);
        data.rows.push_back(std::move(row));
    }
    for (int i = 0; i < 200; ++i) {
        TableInput in{kRegions[pick(4)], kTiers[pick(3)], "P" + std::to_string(pick(32)), pick(1000), pick(100)};
        long found = -1;
        for (size_t r = 0; r < data.rows.size() && found < 0; ++r) {
            const TableLine& row = data.rows[r];
            bool tier = row.tiers.empty() || row.tiers[0] == in.tier;
            bool quantity = row.quantity_sign.empty() ||
                            (row.quantity_sign == "ge" ? in.quantity >= row.quantity : in.quantity < row.quantity);
            if ((row.region.empty() || row.region == in.region) && tier &&
                (row.product.empty() || row.product == in.product) && in.amount >= row.low && in.amount < row.high &&
                quantity)
                found = static_cast<long>(r);
        }
        data.inputs.push_back(std::move(in));
        data.expected.push_back(found);
    }
    return data;
}

// R. Doubles and numbered texts in columns; texts of inputs are looked up, as in any program that is given texts.
class Limit {
 public:
    Limit(const TableData& data, bool by_interval) : by_interval_(by_interval) {
        size_t n = data.rows.size();
        for (auto* column : {&low_, &high_, &quantity_low_, &quantity_high_}) column->resize(n);
        region_.resize(n), product_.resize(n), tiers_.resize(n);
        for (size_t i = 0; i < n; ++i) {
            const TableLine& row = data.rows[i];
            region_[i] = row.region.empty() ? -1 : number(regions_, row.region);
            product_[i] = row.product.empty() ? -1 : number(products_, row.product);
            tiers_[i] = row.tiers.empty() ? ~0u : 0;
            for (const std::string& tier : row.tiers) tiers_[i] |= 1u << number(tier_numbers_, tier);
            low_[i] = static_cast<double>(row.low);
            high_[i] = static_cast<double>(row.high);
            quantity_low_[i] = row.quantity_sign == "ge" ? static_cast<double>(row.quantity) : -1e300;
            quantity_high_[i] = row.quantity_sign == "lt" ? static_cast<double>(row.quantity) : 1e300;
        }
        if (by_interval)
            index_intervals();
        else
            index_products();
    }
    int decide(const TableInput& input) const {
        Asked in{find(regions_, input.region), find(products_, input.product), 0, static_cast<double>(input.amount),
                 static_cast<double>(input.quantity)};
        int tier = find(tier_numbers_, input.tier);
        in.tier = tier < 0 ? 0 : 1u << tier;
        if (by_interval_) {
            auto after = static_cast<size_t>(std::upper_bound(ends_.begin(), ends_.end(), in.amount) - ends_.begin());
            if (after == 0) return -1;
            for (int row : stretches_[after - 1])
                if ((product_[row] == -1 || product_[row] == in.product) && rest(row, in)) return row;
            return -1;
        }
        int best = INT_MAX;
        if (in.product >= 0) best = first_of(by_product_[in.product], in, best);
        best = first_of(others_, in, best);
        return best == INT_MAX ? -1 : best;
    }

 private:
    struct Asked {
        int region, product;
        unsigned tier;
        double amount, quantity;
    };
    using Numbers = std::unordered_map<std::string, int>;
    static int number(Numbers& numbers, const std::string& text) {
        return numbers.try_emplace(text, static_cast<int>(numbers.size())).first->second;
    }
    static int find(const Numbers& numbers, const std::string& text) {
        auto found = numbers.find(text);
        return found == numbers.end() ? -2 : found->second;
    }
    bool rest(int row, const Asked& in) const {
        return (region_[row] == -1 || region_[row] == in.region) && (tiers_[row] == ~0u || (tiers_[row] & in.tier)) &&
               in.amount >= low_[row] && in.amount < high_[row] && in.quantity >= quantity_low_[row] &&
               in.quantity < quantity_high_[row];
    }
    int first_of(const std::vector<int>& rows, const Asked& in, int best) const {
        for (int row : rows) {
            if (row > best) break;
            if (rest(row, in)) return row;
        }
        return best;
    }
    void index_products() {
        by_product_.resize(products_.size());
        for (size_t i = 0; i < product_.size(); ++i)
            (product_[i] < 0 ? others_ : by_product_[product_[i]]).push_back(static_cast<int>(i));
    }
    void index_intervals() {
        ends_ = low_;
        ends_.insert(ends_.end(), high_.begin(), high_.end());
        std::sort(ends_.begin(), ends_.end());
        ends_.erase(std::unique(ends_.begin(), ends_.end()), ends_.end());
        stretches_.resize(ends_.size());
        for (size_t i = 0; i < low_.size(); ++i) {
            auto begin = std::lower_bound(ends_.begin(), ends_.end(), low_[i]) - ends_.begin();
            auto end = std::lower_bound(ends_.begin(), ends_.end(), high_[i]) - ends_.begin();
            for (auto s = begin; s < end; ++s) stretches_[s].push_back(static_cast<int>(i));
        }
    }

    bool by_interval_;
    std::vector<int> region_, product_;
    std::vector<unsigned> tiers_;
    std::vector<double> low_, high_, quantity_low_, quantity_high_, ends_;
    Numbers regions_, products_, tier_numbers_;
    std::vector<std::vector<int>> by_product_, stretches_;
    std::vector<int> others_;
};

// The cells of a row as a definition writes them: region, tier, product, amount, quantity.
inline std::vector<std::string> cells_of(const TableLine& row) {
    auto text = [](const std::string& value) { return value.empty() ? std::string("-") : "\"" + value + "\""; };
    std::string tiers;
    for (const std::string& tier : row.tiers) tiers += (tiers.empty() ? "" : ", ") + text(tier);
    std::string quantity =
        row.quantity_sign.empty() ? "-" : (row.quantity_sign == "ge" ? ">= " : "< ") + std::to_string(row.quantity);
    return {text(row.region), tiers.empty() ? "-" : tiers, text(row.product),
            "[" + std::to_string(row.low) + ".." + std::to_string(row.high) + ")", quantity};
}

// Columns that R keeps of one row: three numbers of 4 bytes, four of 8.
inline constexpr size_t kRawBytesOfRow = 3 * 4 + 4 * 8;

}  // namespace leat::bench
