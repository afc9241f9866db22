#include "decision/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "decision/parts.hpp"
#include "decision/pieces.hpp"

namespace leat::decision {

namespace {

constexpr std::pair<Finding::Kind, std::string_view> kNames[] = {
    {Finding::Kind::gap, "gaps"},
    {Finding::Kind::overlap, "overlaps"},
    {Finding::Kind::conflict, "conflicts"},
    {Finding::Kind::dead_row, "dead_rows"},
    {Finding::Kind::masked_row, "masked_rows"},
    {Finding::Kind::outside_allowed, "outside_allowed"},
    {Finding::Kind::unchecked, "unchecked"},
};

using Rows = std::vector<uint32_t>;  // ascending
using Box = std::vector<uint32_t>;   // a piece of each column

struct Exhausted {};  // the bound on work was met

// What two rows, or a row and a box, have in common.
enum class Meeting : uint8_t { none, maybe, certain };

std::string row_list(const Rows& rows) {
    constexpr size_t kShown = 10;
    std::string text = rows.size() == 1 ? "row " : "rows ";
    for (size_t i = 0; i < rows.size() && i < kShown; ++i) text += fmt::format("{}{}", i > 0 ? ", " : "", rows[i] + 1);
    if (rows.size() > kShown) text += fmt::format(" and {} more", rows.size() - kShown);
    return text;
}

}  // namespace

std::string_view finding_name(Finding::Kind kind) {
    for (const auto& [known, name] : kNames) {
        if (known == kind) return name;
    }
    return {};
}

std::optional<Finding::Kind> parse_finding(std::string_view name) {
    for (const auto& [kind, known] : kNames) {
        if (known == name) return kind;
    }
    return std::nullopt;
}

class Checker {
 public:
    Checker(const Table& table, const CheckLimits& limits)
        : parts_(*table.parts_), hit_(table.parts_->source.hit), limits_(limits), work_left_(limits.work_max) {
        for (const Column& column : parts_.columns) pieces_.emplace_back(column);
    }

    std::vector<Finding> run() {
        check_values();
        bounded("whether inputs are missing", [&] { check_gaps(); });
        work_left_ = limits_.work_max;
        bounded("whether rows overlap", [&] { check_meetings(); });
        work_left_ = limits_.work_max;
        bounded("whether rows are dead", [&] { check_coverage(); });
        std::stable_sort(findings_.begin(), findings_.end(),
                         [](const Finding& a, const Finding& b) { return a.kind < b.kind; });
        return std::move(findings_);
    }

 private:
    // --- the parts of a table, as pieces ---

    uint32_t cell(uint32_t row, uint32_t column) const { return parts_.inputs.row(row)[column]; }
    size_t width() const { return parts_.columns.size(); }
    bool certain(uint32_t row) const {
        for (uint32_t c = 0; c < width(); ++c) {
            if (!pieces_[c].certain(cell(row, c))) return false;
        }
        return true;
    }
    void spend(uint64_t work) {
        if (work_left_ < work) throw Exhausted{};
        work_left_ -= work;
    }
    template <class Part>
    void bounded(const char* question, const Part& part) {
        try {
            part();
        } catch (const Exhausted&) {
            unchecked({},
                      fmt::format("{} was not looked at to the end: that takes more than {} comparisons of rows",
                                  question, limits_.work_max),
                      true);
        }
    }

    bool add(Finding finding) {
        size_t& count = counts_[static_cast<size_t>(finding.kind)];
        if (count >= limits_.findings_max) return false;
        ++count;
        findings_.push_back(std::move(finding));
        return true;
    }
    void unchecked(Rows rows, std::string message, bool bounded = false) {
        Finding finding;
        finding.bounded = bounded;
        finding.kind = Finding::Kind::unchecked;
        finding.rows = std::move(rows);
        finding.message = std::move(message);
        add(std::move(finding));
    }
    bool full(Finding::Kind kind) const { return counts_[static_cast<size_t>(kind)] >= limits_.findings_max; }

    std::vector<std::string> witness(const Box& box) const {
        std::vector<std::string> texts;
        for (uint32_t c = 0; c < width(); ++c) texts.push_back(pieces_[c].witness(box[c]));
        return texts;
    }
    // "amount = 5, region = "east"": the columns in which the rows say something.
    std::string where(const std::vector<std::string>& witness) const {
        std::string text;
        for (uint32_t c = 0; c < width(); ++c) {
            if (parts_.columns[c].size() == 1) continue;
            text +=
                fmt::format("{}{} = {}", text.empty() ? "" : ", ", parts_.source.inputs[c].expression.text, witness[c]);
        }
        return text.empty() ? "any input" : text;
    }

    // --- values outside of the allowed ones, cells that nothing meets ---

    void check_values() {
        for (uint32_t r = 0; r < parts_.inputs.rows; ++r) {
            for (uint32_t c = 0; c < width(); ++c) check_cell(r, c);
            for (uint32_t o = 0; o < parts_.outputs.size(); ++o) check_output(r, o);
        }
    }
    void check_cell(uint32_t row, uint32_t column) {
        const InputColumn& source = parts_.source.inputs[column];
        const std::string& text = parts_.source.rows[row].inputs[column].text;
        Finding finding;
        finding.rows = {row};
        finding.columns = {column};
        std::string outside = pieces_[column].outside(cell(row, column));
        if (!outside.empty()) {
            finding.kind = Finding::Kind::outside_allowed;
            finding.witness.assign(width(), "null");
            finding.witness[column] = outside;
            finding.message =
                fmt::format("row {} asks whether {} meets '{}', but {} is not among its allowed values '{}'", row + 1,
                            source.expression.text, text, outside, source.allowed.text);
            add(std::move(finding));
        } else if (pieces_[column].certain(cell(row, column)) && pieces_[column].of(cell(row, column)).empty() &&
                   !parts_.columns[column].cell(cell(row, column)).null) {
            finding.kind = Finding::Kind::dead_row;
            finding.message =
                fmt::format("row {} can never match: no {} meets '{}'", row + 1, source.expression.text, text);
            add(std::move(finding));
        }
    }
    void check_output(uint32_t row, uint32_t output) {
        const OutputParts& parts = parts_.outputs[output];
        const OutputCell& c = parts.cells[parts_.results.row(row)[output]];
        if (!parts.allowed || c.expression || c.constant.is_null() || c.rank < parts.allowed->size()) return;
        Finding finding;
        finding.kind = Finding::Kind::outside_allowed;
        finding.rows = {row};
        finding.message = fmt::format("row {} answers {}, which is not among the values of output '{}'", row + 1,
                                      parts_.source.rows[row].outputs[output].text, parts.name);
        add(std::move(finding));
    }

    // --- following boxes through the rows ---

    struct Event {
        uint32_t piece;
        uint32_t row;
        bool begins;
    };

    // Calls use(piece, rows) for each stretch of pieces of a column in which the same rows hold: once with every set of
    // rows, with its first piece. `within`: only these pieces (nullptr: all). Formulas count as `formulas` says.
    // Stops when use answers false.
    template <class Use>
    bool each_stretch(const Rows& rows, uint32_t column, const std::vector<PieceRange>* within, bool formulas,
                      const Use& use) {
        Rows always;
        std::vector<Event> events;
        const Pieces& pieces = pieces_[column];
        for (uint32_t row : rows) {
            uint32_t number = cell(row, column);
            if (number == Column::kAny || (formulas && !pieces.certain(number))) {
                always.push_back(row);
            } else if (pieces.certain(number)) {
                for (const PieceRange& range : pieces.of(number)) {
                    events.push_back({range.first, row, true});
                    events.push_back({range.last + 1, row, false});
                }
            }
        }
        spend(rows.size() + events.size() + 1);
        auto visit = [&](uint32_t begin, uint32_t end, const std::set<uint32_t>& active) {
            uint32_t piece = begin;
            if (within) {
                auto range = std::find_if(within->begin(), within->end(),
                                          [&](const PieceRange& r) { return r.last >= begin && r.first < end; });
                if (range == within->end()) return true;
                piece = std::max(begin, range->first);
            }
            Rows all;
            spend(always.size() + active.size());
            std::merge(always.begin(), always.end(), active.begin(), active.end(), std::back_inserter(all));
            return use(piece, std::move(all));
        };
        std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.piece < b.piece; });
        std::set<uint32_t> active;
        uint32_t at = 0;
        for (size_t i = 0; i < events.size();) {
            uint32_t piece = events[i].piece;
            if (piece > at && !visit(at, piece, active)) return false;
            for (; i < events.size() && events[i].piece == piece; ++i) {
                if (events[i].begins)
                    active.insert(events[i].row);
                else
                    active.erase(events[i].row);
            }
            at = piece;
        }
        return at >= pieces.count() || visit(at, pieces.count(), active);
    }

    // Looks for boxes that none of the rows takes, within the cells of row `inside` (kNobody: everywhere), column by
    // column. use(box) answers whether to go on.
    struct Hole {
        uint32_t inside;
        bool formulas;
        std::vector<std::set<Rows>> seen;  // by depth: what was followed already
        Box box;
    };
    static constexpr uint32_t kNobody = UINT32_MAX;

    template <class Use>
    bool holes(Hole& hole, const Rows& rows, size_t depth, const Use& use) {
        if (rows.empty()) {
            for (size_t d = depth; d < width(); ++d) hole.box[parts_.order[d]] = some_piece(hole, parts_.order[d]);
            return use(hole.box);
        }
        if (depth == width() || takes_rest(hole, rows, depth)) return true;
        spend(rows.size());
        if (!hole.seen[depth].insert(rows).second) return true;
        uint32_t column = parts_.order[depth];
        const std::vector<PieceRange>* within = nullptr;
        if (hole.inside != kNobody && pieces_[column].certain(cell(hole.inside, column)))
            within = &pieces_[column].of(cell(hole.inside, column));
        return each_stretch(rows, column, within, hole.formulas, [&](uint32_t piece, Rows active) {
            hole.box[column] = piece;
            return holes(hole, active, depth + 1, use);
        });
    }
    uint32_t some_piece(const Hole& hole, uint32_t column) const {
        if (hole.inside == kNobody || pieces_[column].of(cell(hole.inside, column)).empty()) return 0;
        return pieces_[column].of(cell(hole.inside, column)).front().first;
    }
    // Whether one of the rows holds whatever the remaining columns are.
    bool takes_rest(const Hole& hole, const Rows& rows, size_t depth) {
        spend(rows.size());
        return std::any_of(rows.begin(), rows.end(), [&](uint32_t row) {
            for (size_t d = depth; d < width(); ++d) {
                uint32_t number = cell(row, parts_.order[d]);
                bool holds = number == Column::kAny || (hole.formulas && !pieces_[parts_.order[d]].certain(number));
                if (!holds) return false;
            }
            return true;
        });
    }
    Hole hole_of(uint32_t inside, bool formulas) const {
        return {inside, formulas, std::vector<std::set<Rows>>(width() + 1), Box(width(), 0)};
    }
    bool impossible() const {
        return std::any_of(pieces_.begin(), pieces_.end(), [](const Pieces& pieces) { return pieces.count() == 0; });
    }

    // --- gaps ---

    void check_gaps() {
        bool answers_nothing = !parts_.has_default && hit_ != Hit::collect && hit_ != Hit::rule_order &&
                               hit_ != Hit::output_order && hit_ != Hit::collect_count;
        if (!answers_nothing || impossible() || parts_.source.rows.empty()) return;
        Rows rows(parts_.inputs.rows);
        for (uint32_t row = 0; row < parts_.inputs.rows; ++row) rows[row] = row;
        bool open = std::any_of(pieces_.begin(), pieces_.end(), [](const Pieces& p) { return p.unknown_domain(); });
        Hole sure = hole_of(kNobody, true);
        bool none = true;
        holes(sure, rows, 0, [&](const Box& box) {
            none = false;
            if (open) return false;
            Finding finding;
            finding.kind = Finding::Kind::gap;
            finding.witness = witness(box);
            finding.message = fmt::format("no row takes {}", where(finding.witness));
            for (uint32_t c = 0; c < width(); ++c) {
                if (parts_.columns[c].size() > 1) finding.columns.push_back(c);
            }
            add(std::move(finding));
            return !full(Finding::Kind::gap);
        });
        if (open && !none)
            unchecked({}, "whether inputs are missing depends on the formula in a column's allowed values");
        if (!none) return;
        Hole maybe = hole_of(kNobody, false);
        holes(maybe, rows, 0, [&](const Box& box) {
            unchecked({}, fmt::format("whether a row takes {} depends on formulas in cells", where(witness(box))));
            return false;
        });
    }

    // --- rows that meet ---

    Meeting meet(uint32_t a, uint32_t b, Box* box) const {
        Meeting all = Meeting::certain;
        for (uint32_t c : parts_.order) {
            uint32_t x = cell(a, c), y = cell(b, c);
            const Pieces& pieces = pieces_[c];
            if (!pieces.certain(x) || !pieces.certain(y)) all = Meeting::maybe;
            const auto &left = pieces.of(x), &right = pieces.of(y);
            size_t i = 0, j = 0;
            bool found = false;
            while (i < left.size() && j < right.size() && !found) {
                found = left[i].first <= right[j].last && right[j].first <= left[i].last;
                if (found && box) (*box)[c] = std::max(left[i].first, right[j].first);
                if (!found) left[i].last < right[j].last ? ++i : ++j;
            }
            if (!found) return Meeting::none;
        }
        return all;
    }

    // Pairs that meet in one column are few where its cells tell rows apart: the column with the fewest is swept.
    uint32_t best_column() {
        uint32_t best = 0;
        uint64_t fewest = UINT64_MAX;
        for (uint32_t c = 0; c < width(); ++c) {
            uint64_t pairs = 0, active = 0, always = 0;
            std::vector<std::pair<uint32_t, int>> events;
            for (uint32_t row = 0; row < parts_.inputs.rows; ++row) {
                uint32_t number = cell(row, c);
                if (number == Column::kAny || !pieces_[c].certain(number)) {
                    ++always;
                    continue;
                }
                for (const PieceRange& range : pieces_[c].of(number)) {
                    events.push_back({range.first, 1});
                    events.push_back({range.last + 1, -1});
                }
            }
            spend(parts_.inputs.rows + events.size());
            std::sort(events.begin(), events.end());
            for (const auto& [piece, change] : events) {
                if (change > 0) pairs += active;
                active = static_cast<uint64_t>(static_cast<int64_t>(active) + change);
            }
            pairs += always * parts_.inputs.rows;
            if (pairs >= fewest) continue;
            fewest = pairs;
            best = c;
        }
        return best;
    }

    // Calls use(a, b) with a < b for every two rows that meet in one column, each pair once.
    template <class Use>
    void each_pair(const Use& use) {
        if (width() == 0 && parts_.inputs.rows > 1) use(0, 1);  // every row takes every input
        if (width() == 0) return;
        uint32_t column = best_column();
        std::vector<Event> events;
        std::set<uint32_t> active;
        for (uint32_t row = 0; row < parts_.inputs.rows; ++row) {
            uint32_t number = cell(row, column);
            bool open = number == Column::kAny || !pieces_[column].certain(number);
            if (open) {
                if (pieces_[column].count() > 0) events.push_back({0, row, true});
                continue;
            }
            for (const PieceRange& range : pieces_[column].of(number)) {
                events.push_back({range.first, row, true});
                events.push_back({range.last + 1, row, false});
            }
        }
        // Ends before beginnings, so that neighbours do not meet.
        std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
            return a.piece != b.piece ? a.piece < b.piece : a.begins < b.begins;
        });
        std::set<std::pair<uint32_t, uint32_t>> seen;
        for (const Event& event : events) {
            if (!event.begins) {
                active.erase(event.row);
                continue;
            }
            spend(active.size() + 1);
            for (uint32_t other : active) {
                std::pair<uint32_t, uint32_t> pair = std::minmax(other, event.row);
                if ((several(event.row, column) || several(other, column)) && !seen.insert(pair).second) continue;
                use(pair.first, pair.second);
            }
            active.insert(event.row);
        }
    }
    bool several(uint32_t row, uint32_t column) const { return pieces_[column].of(cell(row, column)).size() > 1; }

    // Whether two rows answer the same, as far as constants tell.
    Meeting differ(uint32_t a, uint32_t b) const {
        Meeting result = Meeting::none;
        for (size_t o = 0; o < parts_.outputs.size(); ++o) {
            uint32_t x = parts_.results.row(a)[o], y = parts_.results.row(b)[o];
            const OutputCell &left = parts_.outputs[o].cells[x], &right = parts_.outputs[o].cells[y];
            if (x == y) continue;
            if (left.expression || right.expression) {
                result = std::max(result, Meeting::maybe);
            } else if (!value::identical(left.constant, right.constant)) {
                return Meeting::certain;
            }
        }
        return result;
    }

    void check_meetings() {
        if ((hit_ != Hit::unique && hit_ != Hit::any) || impossible()) return;
        auto kind = hit_ == Hit::unique ? Finding::Kind::overlap : Finding::Kind::conflict;
        std::set<uint32_t> open;
        std::vector<std::pair<uint32_t, uint32_t>> sure;
        each_pair([&](uint32_t a, uint32_t b) {
            Meeting answers = hit_ == Hit::unique ? Meeting::certain : differ(a, b);
            if (answers == Meeting::none) return;
            Meeting rows = std::min(answers, meet(a, b, nullptr));
            if (rows == Meeting::certain) sure.push_back({a, b});
            if (rows != Meeting::maybe) return;
            open.insert(a);
            open.insert(b);
        });
        std::sort(sure.begin(), sure.end());
        for (const auto& [a, b] : sure) {
            if (full(kind)) break;
            add_meeting(kind, a, b);
        }
        if (!open.empty()) {
            Rows rows(open.begin(), open.end());
            std::string message = fmt::format("whether {} {} depends on formulas", row_list(rows),
                                              hit_ == Hit::unique ? "overlap" : "answer the same where they overlap");
            unchecked(std::move(rows), std::move(message));
        }
    }
    void add_meeting(Finding::Kind kind, uint32_t a, uint32_t b) {
        Box box(width(), 0);
        meet(a, b, &box);
        Finding finding;
        finding.kind = kind;
        finding.rows = {a, b};
        finding.witness = witness(box);
        for (uint32_t c = 0; c < width(); ++c) {
            if (cell(a, c) != Column::kAny || cell(b, c) != Column::kAny) finding.columns.push_back(c);
        }
        finding.message = fmt::format("rows {} and {} both take {}{}", a + 1, b + 1, where(finding.witness),
                                      kind == Finding::Kind::conflict ? " and answer differently" : "");
        add(std::move(finding));
    }

    // --- rows that others cover ---

    // Whether the policy prefers row a to row b wherever both match.
    bool before(uint32_t a, uint32_t b) const {
        if (hit_ == Hit::first) return a < b;
        for (size_t o = 0; o < parts_.outputs.size(); ++o) {
            if (!parts_.outputs[o].allowed) continue;
            const auto& cells = parts_.outputs[o].cells;
            const OutputCell &x = cells[parts_.results.row(a)[o]], &y = cells[parts_.results.row(b)[o]];
            if (x.expression || y.expression) return false;
            if (x.rank != y.rank) return x.rank < y.rank;
        }
        return a < b;
    }

    void check_coverage() {
        if ((hit_ != Hit::first && hit_ != Hit::priority) || impossible()) return;
        std::vector<Rows> rivals(parts_.inputs.rows);
        each_pair([&](uint32_t a, uint32_t b) {
            if (meet(a, b, nullptr) == Meeting::none) return;
            if (before(a, b)) rivals[b].push_back(a);
            if (before(b, a)) rivals[a].push_back(b);
        });
        for (uint32_t row = 0; row < parts_.inputs.rows; ++row) {
            Rows covering;
            std::copy_if(rivals[row].begin(), rivals[row].end(), std::back_inserter(covering),
                         [&](uint32_t other) { return certain(other); });
            std::sort(covering.begin(), covering.end());
            if (!covering.empty() && possible(row)) check_covered(row, covering);
        }
    }
    bool possible(uint32_t row) const {
        for (uint32_t c = 0; c < width(); ++c) {
            if (pieces_[c].of(cell(row, c)).empty()) return false;
        }
        return true;
    }
    void check_covered(uint32_t row, const Rows& covering) {
        Hole hole = hole_of(row, false);
        if (!holes(hole, covering, 0, [](const Box&) { return false; })) return;
        Box box(width(), 0);
        meet(row, covering.front(), &box);
        Finding finding;
        finding.kind = hit_ == Hit::first ? Finding::Kind::dead_row : Finding::Kind::masked_row;
        finding.witness = witness(box);
        finding.rows = {row};
        finding.rows.insert(finding.rows.end(), covering.begin(), covering.end());
        finding.message =
            fmt::format("row {} never decides: {} {} everything that it takes{}", row + 1, row_list(covering),
                        covering.size() == 1 ? "takes" : "take", hit_ == Hit::first ? "" : ", with higher priority");
        add(std::move(finding));
    }

    const Table::Parts& parts_;
    Hit hit_;
    CheckLimits limits_;
    uint64_t work_left_;
    std::vector<Pieces> pieces_;
    std::vector<Finding> findings_;
    size_t counts_[std::size(kNames)] = {};
};

std::vector<Finding> check(const Table& table, const CheckLimits& limits) {
    return Checker(table, limits).run();
}

}  // namespace leat::decision
