// IANA zones: names to ids and offsets, on Hinnant's date library over the system's zone files.
#include <algorithm>
#include <array>
#include <atomic>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

#include <date/tz.h>

#include "value/temporal.hpp"

namespace leat::value {

namespace {

struct Entry {
    std::string name;
    const date::time_zone* zone;
};

// Ids are handed out in order of first use and read without a lock.
constexpr size_t kZonesMax = 4096;
std::array<std::atomic<const Entry*>, kZonesMax>& table() {
    static std::array<std::atomic<const Entry*>, kZonesMax> entries{};
    return entries;
}

struct Registry {
    std::mutex mutex;
    std::map<std::string, int32_t, std::less<>> ids;
    int32_t count = 0;
};

Registry& registry() {
    static Registry* instance = new Registry;  // never freed: values may outlive static destruction
    return *instance;
}

const Entry* entry(int32_t id) {
    if (id < 0 || static_cast<size_t>(id) >= kZonesMax) return nullptr;
    return table()[static_cast<size_t>(id)].load(std::memory_order_acquire);
}

bool plausible(std::string_view name) {
    if (name.empty() || name.size() > 64) return false;
    for (char c : name) {
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != '+' && c != '/') return false;
    }
    return true;
}

constexpr int64_t kYear2037 = 2'114'380'800;  // seconds at 2037-01-01T00:00:00
constexpr int64_t kYear3000 = 32'503'680'000;

// Zone files list changes to 2037 and then give a rule, which the date library does not read. A later time is answered
// by the same weekday and day of the year before: January and February of a year that begins on the same weekday, the
// other months of one whose March does. Of any eleven years, those from 2026 to 2036 hold all seven kinds.
int64_t equivalent(int64_t seconds) {
    int64_t days = seconds / 86'400;
    int64_t year = 0;
    int month = 0, day = 0;
    Date{days}.civil(year, month, day);
    int start = month <= 2 ? 1 : 3;
    Date first = *Date::of(std::min(year, kYearMax), start, 1);
    for (int64_t like = 2026; like <= 2036; ++like) {
        Date candidate = *Date::of(like, start, 1);
        if (candidate.weekday() == first.weekday()) return seconds - (first.days - candidate.days) * 86'400;
    }
    return seconds;
}

int32_t offset_of(const date::sys_info& info) {
    return static_cast<int32_t>(info.offset.count());
}

bool after_last_change(int64_t seconds, const date::sys_info& info) {
    return seconds >= kYear2037 && info.end.time_since_epoch().count() > kYear3000;
}

// The stretch between two changes that was last asked for: a record's moments mostly lie in one, and looking it up in
// the zone's list costs more than the rest of reading a moment.
struct Stretch {
    int32_t zone = -1;
    int32_t offset = 0;
    int64_t begin = 0, end = 0;  // in UTC, before 2037

    bool holds(int32_t of, int64_t utc_seconds) const {
        return of == zone && utc_seconds >= begin && utc_seconds < end;
    }
    // Two days from both ends no other offset can be meant: none differs from its neighbour by more than a day or so.
    bool holds_local(int32_t of, int64_t local_seconds) const {
        constexpr int64_t kMargin = 2 * 86'400;
        int64_t utc_seconds = local_seconds - offset;
        return of == zone && utc_seconds - kMargin >= begin && utc_seconds + kMargin < end;
    }
};

thread_local Stretch last_stretch;

void remember(int32_t zone, const date::sys_info& info) {
    constexpr int64_t kBegin = -int64_t{1} << 60;  // the library's first stretch begins at the lowest number
    last_stretch = {zone, offset_of(info), std::max<int64_t>(info.begin.time_since_epoch().count(), kBegin),
                    std::min<int64_t>(info.end.time_since_epoch().count(), kYear2037)};
}

}  // namespace

std::optional<int32_t> zone_id(std::string_view name) {
    if (!plausible(name)) return std::nullopt;
    Registry& all = registry();
    std::lock_guard<std::mutex> lock(all.mutex);
    auto found = all.ids.find(name);
    if (found != all.ids.end()) return found->second;
    if (static_cast<size_t>(all.count) >= kZonesMax) return std::nullopt;
    const date::time_zone* zone = nullptr;
    try {
        zone = date::locate_zone(std::string(name));
        zone->get_info(date::sys_seconds{});  // reads the file now, so that nothing can fail later
    } catch (const std::runtime_error&) {
        return std::nullopt;  // how the library says that there is no such zone, or no readable file of it
    }
    int32_t id = all.count;
    table()[static_cast<size_t>(id)].store(new Entry{std::string(name), zone}, std::memory_order_release);
    all.ids.emplace(std::string(name), id);
    ++all.count;
    return id;
}

std::string_view zone_name(int32_t id) {
    const Entry* found = entry(id);
    return found ? std::string_view(found->name) : std::string_view();
}

std::string zone_database_version() {
    std::string version;
    try {
        version = date::get_tzdb().version;
    } catch (const std::runtime_error&) {
        return "none";
    }
    if (!version.empty() && version != "unknown") return version;
    std::ifstream file("/usr/share/zoneinfo/tzdata.zi");  // Debian writes the version here only: "# version 2026f"
    std::string line;
    std::string_view mark = "# version ";
    if (std::getline(file, line) && line.compare(0, mark.size(), mark) == 0) return line.substr(mark.size());
    return "unknown";
}

int32_t zone_offset_at(int32_t zone, int64_t utc_seconds) {
    if (last_stretch.holds(zone, utc_seconds)) return last_stretch.offset;
    const Entry* found = entry(zone);
    if (!found) return 0;
    auto info = found->zone->get_info(date::sys_seconds{std::chrono::seconds{utc_seconds}});
    remember(zone, info);
    if (after_last_change(utc_seconds, info)) {
        info = found->zone->get_info(date::sys_seconds{std::chrono::seconds{equivalent(utc_seconds)}});
    }
    return offset_of(info);
}

int32_t zone_offset_of_local(int32_t zone, int64_t local_seconds) {
    if (last_stretch.holds_local(zone, local_seconds)) return last_stretch.offset;
    const Entry* found = entry(zone);
    if (!found) return 0;
    auto info = found->zone->get_info(date::local_seconds{std::chrono::seconds{local_seconds}});
    remember(zone, info.first);
    if (after_last_change(local_seconds, info.first)) {
        info = found->zone->get_info(date::local_seconds{std::chrono::seconds{equivalent(local_seconds)}});
    }
    // Of an overlap and of a gap, `first` is the one before the change.
    return offset_of(info.first);
}

}  // namespace leat::value
