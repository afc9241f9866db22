// Service levels kept and missed, by period: read from the clocks, those that were reset included.
#include <fmt/format.h>

#include <map>

#include "base/json.hpp"
#include "engine/reading.hpp"
#include "timer/timer.hpp"

namespace leat::engine {

namespace {

using value::Date;

enum class By : uint8_t { all, year, month, week, day };

struct Counts {
    int64_t started = 0, kept = 0, breached = 0, cancelled = 0;
};

// The first day of the period that a day lies in.
int64_t period_of(By by, int64_t day) {
    int64_t year = 0;
    int month = 0, of_month = 0;
    Date{day}.civil(year, month, of_month);
    switch (by) {
        case By::all:
            return INT64_MIN;
        case By::year:
            return Date::of(year, 1, 1)->days;
        case By::month:
            return Date::of(year, month, 1)->days;
        case By::week:
            return day - (Date{day}.weekday() - 1);
        case By::day:
            return day;
    }
    return day;
}

int64_t local_day(int64_t instant_us, value::Zone zone) {
    return DateTime::from_utc_us(instant_us, zone).date().days;
}

}  // namespace

// What became of clocks from the day `from` to before the day `to`, each where it was decided: kept or cancelled when
// it ended, breached when its time was over. Days are the app's; null: without bound.
Result<std::string> Session::sla_report(std::string_view from, std::string_view to, std::string_view by) {
    auto bound = [](std::string_view text, int64_t otherwise) -> Result<int64_t> {
        if (text.empty()) return otherwise;
        auto date = Date::parse(text);
        if (!date)
            return make_error(Status::usage, "sla.period",
                              fmt::format("'{}' is no date; write it as 2026-10-01", text));
        return date->days;
    };
    LEAT_TRY(int64_t first, bound(from, INT64_MIN));
    LEAT_TRY(int64_t end, bound(to, INT64_MAX));
    static constexpr std::pair<std::string_view, By> kBy[] = {
        {"", By::all}, {"year", By::year}, {"month", By::month}, {"week", By::week}, {"day", By::day}};
    const auto* unit = std::find_if(std::begin(kBy), std::end(kBy), [&](const auto& one) { return one.first == by; });
    if (unit == std::end(kBy))
        return make_error(Status::usage, "sla.period", fmt::format("'{}' is no period: year, month, week or day", by));
    std::string out;
    LEAT_CHECK(read([&](Reading& view) -> Result<void> {
        std::map<std::pair<std::string, int64_t>, Counts> periods;
        auto count = [&](const timer::SlaClock& clock, int64_t instant_us, int64_t Counts::*what) {
            int64_t day = local_day(instant_us, view.program().time_zone);
            if (day >= first && day < end) ++(periods[{clock.name, period_of(unit->second, day)}].*what);
        };
        Result<void> inner;
        LEAT_CHECK(timer::visit_slas(view.connection(), [&](const timer::SlaClock& clock) {
            auto readable = view.may_read(clock.entity, clock.record);
            if (!readable) inner = std::move(readable.error());
            if (!inner) return false;
            if (!*readable) return true;
            count(clock, clock.started_us, &Counts::started);
            switch (clock.status) {
                case timer::SlaStatus::running:
                case timer::SlaStatus::paused:
                    break;
                case timer::SlaStatus::kept:
                    count(clock, clock.stopped_us, &Counts::kept);
                    break;
                case timer::SlaStatus::breached:
                    count(clock, clock.breached_us, &Counts::breached);
                    break;
                case timer::SlaStatus::cancelled:
                    count(clock, clock.stopped_us, &Counts::cancelled);
                    break;
            }
            return true;
        }));
        if (!inner) return inner;
        JsonWriter json(out);
        json.begin_object().key("periods").begin_array();
        for (const auto& [key, counts] : periods) {
            std::string_view title;
            for (const auto& sla : view.program().slas)
                if (sla.name == key.first) title = sla.title.in(view.language());
            json.begin_object().key("sla").string(key.first).key("title").string(title).key("period");
            if (unit->second == By::all)
                json.null();
            else
                json.string(Date{key.second}.to_string());
            json.key("started").number(counts.started).key("kept").number(counts.kept);
            json.key("breached").number(counts.breached).key("cancelled").number(counts.cancelled).end_object();
        }
        json.end_array().end_object();
        return {};
    }));
    return out;
}

}  // namespace leat::engine
