#include "feel/text_format.hpp"

#include <fmt/format.h>

namespace leat::feel {

namespace {

// "1234567.50" as "1,234,567.50".
std::string with_thousands(const std::string& digits) {
    size_t begin = !digits.empty() && digits[0] == '-' ? 1 : 0;
    size_t point = std::min(digits.find('.'), digits.size());
    if (digits.find('E') != std::string::npos) return digits;
    std::string out = digits.substr(0, begin);
    for (size_t i = begin; i < point; i++) {
        if (i > begin && (point - i) % 3 == 0) out += ',';
        out += digits[i];
    }
    return out + digits.substr(point);
}

std::string format_number(const Decimal& number, std::string_view format, TypeRef type) {
    if (format == "percent") {
        auto percent = Decimal::multiply(number, Decimal(100));
        auto rounded = percent ? percent->rescale(2, Rounding::half_up) : std::nullopt;
        return rounded ? rounded->to_canonical() + "%" : number.to_string();
    }
    if (format == "money") {
        auto rounded = number.rescale(type && type->scale >= 0 ? type->scale : 2, Rounding::half_up);
        return with_thousands((rounded ? *rounded : number).to_string());
    }
    return with_thousands(number.to_string());
}

std::string format_duration(const Value& value) {
    if (value.kind == Kind::months_duration) {
        int64_t months = value.as_months_duration().months;
        return fmt::format("{}{}y {}m", months < 0 ? "-" : "", std::abs(months / 12), std::abs(months % 12));
    }
    value::DaysDuration duration = value.as_days_duration();
    bool negative = duration.seconds < 0;
    uint64_t seconds =
        negative ? ~static_cast<uint64_t>(duration.seconds) + 1 : static_cast<uint64_t>(duration.seconds);
    std::string out = negative ? "-" : "";
    if (seconds >= 86'400) out += fmt::format("{}d ", seconds / 86'400);
    return out + fmt::format("{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60);
}

std::string format_moment(const DateTime& moment) {
    Time time = moment.time();
    int64_t minutes = time.nanoseconds / 60'000'000'000;
    return fmt::format("{} {:02}:{:02}", moment.date().to_string(), minutes / 60, minutes % 60);
}

}  // namespace

const std::vector<std::string>& text_formats() {
    static const std::vector<std::string> names = {"money", "number", "percent", "date", "datetime", "duration"};
    return names;
}

std::string format_text(const Value& value, std::string_view format, TypeRef type) {
    if (format.empty() || value.is_null()) return value::to_text(value);
    bool number = format == "money" || format == "number" || format == "percent";
    if (number && value.kind == Kind::number) return format_number(value.as_number(), format, type);
    if (format == "date" && value.kind == Kind::date_time) return value.as_date_time().date().to_string();
    if (format == "datetime" && value.kind == Kind::date_time) return format_moment(value.as_date_time());
    if (format == "duration" && (value.kind == Kind::days_duration || value.kind == Kind::months_duration))
        return format_duration(value);
    return value::to_text(value);
}

}  // namespace leat::feel
