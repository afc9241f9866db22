// CSV logs, row by row, as RFC 4180 has it; cells may be separated by semicolons or tabs, which the header shows.
#include <algorithm>
#include <array>
#include <vector>

#include "base/utf8.hpp"
#include "exchange/event_log_parts.hpp"

namespace leat::exchange {

namespace {

// What exporters call the columns.
constexpr std::array<std::string_view, 5> kCaseNames = {"case", "case_id", "case:concept:name", "case id", "caseid"};
constexpr std::array<std::string_view, 3> kActivityNames = {"activity", "concept:name", "event"};
constexpr std::array<std::string_view, 5> kTimeNames = {"time", "timestamp", "time:timestamp", "complete timestamp",
                                                        "complete_timestamp"};
constexpr std::string_view kLifecycle = "lifecycle:transition";

class Rows {
 public:
    explicit Rows(ByteStream& bytes) : bytes_(bytes) {}

    // Answers false at the end. Empty lines are passed over.
    Result<bool> next(std::vector<std::string>& cells) {
        cells.clear();
        while (bytes_.peek() == '\n' || bytes_.peek() == '\r') newline();
        if (bytes_.peek() < 0) return false;
        row_line_ = line_;
        size_ = 0;
        for (;;) {
            cells.emplace_back();
            LEAT_CHECK(cell(cells.back()));
            int c = bytes_.peek();
            if (c < 0) return true;
            if (c == '\n' || c == '\r') {
                newline();
                return true;
            }
            bytes_.get();  // the separator
        }
    }
    uint64_t line() const { return row_line_; }

    // The header decides what separates: whichever of the three it has most of, outside of quotes.
    Result<bool> header(std::vector<std::string>& cells) {
        separator_ = '\n';
        LEAT_TRY(bool any, next(cells));
        if (!any) return false;
        std::string whole = cells.front();
        separator_ = ',';
        for (char other : {';', '\t'}) {
            if (std::count(whole.begin(), whole.end(), other) > std::count(whole.begin(), whole.end(), separator_))
                separator_ = other;
        }
        cells.clear();
        split(whole, cells);
        return true;
    }

 private:
    void newline() {
        if (bytes_.get() == '\r' && bytes_.peek() == '\n') bytes_.get();
        ++line_;
    }

    // The header's one long cell kept its quotes: cut it where separators stand outside of them.
    void split(const std::string& whole, std::vector<std::string>& cells) const {
        bool quoted = false;
        cells.emplace_back();
        for (char c : whole) {
            if (c == '"')
                quoted = !quoted;
            else if (c == separator_ && !quoted)
                cells.emplace_back();
            else
                cells.back() += c;
        }
    }

    Result<void> cell(std::string& out) {
        bool raw = separator_ == '\n';  // the header, not yet split
        bool quoted = !raw && bytes_.peek() == '"';
        if (quoted) bytes_.get();
        for (;;) {
            int c = bytes_.peek();
            if (c < 0) {
                if (quoted) return log_error("log.syntax", fmt::format("line {}: a quote is never closed", row_line_));
                return {};
            }
            if (quoted && c == '"') {
                bytes_.get();
                if (bytes_.peek() != '"') {
                    quoted = false;
                    if (!at_end(bytes_.peek()))
                        return log_error("log.syntax", fmt::format("line {}: text after a closing quote", line_));
                    return {};
                }
            } else if (!quoted && at_end(c)) {
                return {};
            }
            if (c == '\n') ++line_;
            out += static_cast<char>(bytes_.get());
            if (++size_ > kPieceBytesMax)
                return make_error(Status::limit, "log.limit",
                                  fmt::format("line {}: the row has more than {} bytes; is a quote missing?", row_line_,
                                              kPieceBytesMax));
        }
    }
    bool at_end(int c) const { return c < 0 || c == '\n' || c == '\r' || c == separator_; }

    ByteStream& bytes_;
    char separator_ = ',';
    uint64_t line_ = 1, row_line_ = 1;
    size_t size_ = 0;
};

constexpr size_t kMissing = SIZE_MAX;

size_t column(const std::vector<std::string>& header, std::string_view name) {
    auto found = std::find(header.begin(), header.end(), name);
    return found == header.end() ? kMissing : static_cast<size_t>(found - header.begin());
}

template <size_t N>
size_t usual_column(const std::vector<std::string>& header, const std::array<std::string_view, N>& names) {
    for (std::string_view name : names) {
        for (size_t i = 0; i < header.size(); ++i) {
            if (same_word(header[i], name)) return i;
        }
    }
    return kMissing;
}

Error missing(const std::vector<std::string>& header, const std::string& name, const char* what) {
    return log_error("log.column",
                     fmt::format("{}; the columns are {}",
                                 name.empty() ? fmt::format("no column is called as {} usually is: name it", what)
                                              : fmt::format("there is no column '{}' for {}", name, what),
                                 fmt::join(header, ", ")));
}

struct Places {
    size_t case_id = kMissing, activity = kMissing, time = kMissing, lifecycle = kMissing;
    std::vector<size_t> attributes;
};

Result<Places> find_columns(const std::vector<std::string>& header, const LogColumns& columns) {
    Places out;
    out.case_id = columns.case_id.empty() ? usual_column(header, kCaseNames) : column(header, columns.case_id);
    if (out.case_id == kMissing) return missing(header, columns.case_id, "the case");
    out.activity = columns.activity.empty() ? usual_column(header, kActivityNames) : column(header, columns.activity);
    if (out.activity == kMissing) return missing(header, columns.activity, "the activity");
    out.time = columns.time.empty() ? usual_column(header, kTimeNames) : column(header, columns.time);
    if (out.time == kMissing && !columns.time.empty()) return missing(header, columns.time, "the time");
    for (const std::string& name : columns.attributes) {
        out.attributes.push_back(column(header, name));
        if (out.attributes.back() == kMissing) return missing(header, name, "a field");
    }
    if (columns.lifecycle.empty()) return out;
    out.lifecycle = column(header, kLifecycle);
    if (out.lifecycle == kMissing) return missing(header, std::string(kLifecycle), "the lifecycle");
    return out;
}

}  // namespace

Result<void> read_csv_log(ByteStream& bytes, const LogColumns& columns, LogReader& reader) {
    Rows rows(bytes);
    std::vector<std::string> cells;
    LEAT_TRY(bool any, rows.header(cells));
    if (!any) return log_error("log.syntax", "the log is empty");
    const size_t width = cells.size();
    LEAT_TRY(Places places, find_columns(cells, columns));
    for (;;) {
        LEAT_TRY(bool more, rows.next(cells));
        if (!more) return {};
        if (cells.size() != width)
            return log_error("log.syntax", fmt::format("line {}: the row has {} cells, the header {}", rows.line(),
                                                       cells.size(), width));
        for (const std::string* cell : {&cells[places.case_id], &cells[places.activity]}) {
            if (!base::valid_utf8(*cell))
                return log_error("log.encoding",
                                 fmt::format("line {}: this is not UTF-8: save it as UTF-8", rows.line()));
        }
        if (places.lifecycle != kMissing && !same_word(cells[places.lifecycle], columns.lifecycle)) continue;
        LogEvent event;
        event.line = rows.line();
        if (places.time != kMissing && !cells[places.time].empty()) {
            LEAT_TRY(event.time_us, log_time(cells[places.time], columns, fmt::format("line {}", rows.line())));
        }
        for (size_t place : places.attributes) {
            if (!base::valid_utf8(cells[place]))
                return log_error("log.encoding",
                                 fmt::format("line {}: this is not UTF-8: save it as UTF-8", rows.line()));
            event.attributes.push_back(cells[place]);
        }
        event.activity = std::move(cells[places.activity]);
        LEAT_CHECK(reader.event(cells[places.case_id], std::move(event)));
    }
}

}  // namespace leat::exchange
