#include "record/load_cells.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.hpp"

namespace leat::record {

using program::Field;
using program::FieldKind;

namespace {

constexpr int kDigitsMost = 18;  // SEMANTICS 8

// A number or a date in place: a value made of parts and then copied whole has to wait for its parts.
void put(Value& out, Kind kind, int64_t low, int16_t exponent) {
    out.kind = kind;
    out.flags = 0;
    out.exponent = exponent;
    out.aux = 0;
    out.bits.low = static_cast<uint64_t>(low);
    out.bits.high = static_cast<uint64_t>(kind == Kind::number ? low >> 63 : 0);
}

}  // namespace

CellReader::CellReader(const program::Program& program, const Field& field, const LoadColumn& column)
    : program_(program), field_(field), column_(column), id_(field.id) {
    using Cell = LoadColumn::Kind;
    switch (field.kind) {
        case FieldKind::string:
        case FieldKind::text:
            plain_ = Plain::text;
            break;
        case FieldKind::integer:
        case FieldKind::decimal:
        case FieldKind::money:
            if (column.kind == Cell::number && column.scale == (field.kind == FieldKind::integer ? 0 : field.scale))
                plain_ = Plain::number;
            for (int digits = std::min(digits_kept(field), kDigitsMost); digits > 0; --digits) number_end_ *= 10;
            break;
        case FieldKind::date:
            if (column.kind == Cell::date) plain_ = Plain::date;
            break;
        case FieldKind::boolean:
            if (column.kind == Cell::boolean) plain_ = Plain::boolean;
            break;
        case FieldKind::ref:
            if (column.kind == Cell::record) plain_ = Plain::record;
            break;
        default:
            break;
    }
    if (field.id == program::kKey) plain_ = Plain::text;
}

// As JSON would bring it: references by key, dates ISO, numbers in digits.
Result<Value> CellReader::text_value(std::string_view text, Records& records) const {
    Json json;
    json.kind = Json::Kind::string;
    json.text = text;
    if (field_.kind == FieldKind::boolean) {
        json.kind = Json::Kind::boolean;
        json.boolean = text == "true";
        if (!json.boolean && text != "false") json.kind = Json::Kind::string;
    } else if (field_.kind == FieldKind::json || field_.kind == FieldKind::list) {
        LEAT_TRY(json, parse_json(text));
    }
    return records.from_json(field_, json);
}

Result<void> CellReader::read(size_t i, Value& out, Records& records) const {
    if (column_.is_null(i)) return {};  // as it was: empty
    if (column_.kind == LoadColumn::Kind::string) return read_text(column_.text(i), out, records);
    switch (plain_) {
        case Plain::number: {
            int64_t coefficient = column_.integer(i);
            if (coefficient >= number_end_ || coefficient <= -number_end_) break;
            put(out, Kind::number, coefficient, static_cast<int16_t>(-column_.scale));
            return {};
        }
        case Plain::date: {
            Date date;
            date.days = column_.integer(i);
            if (!stored_year(date)) break;
            put(out, Kind::date, date.days, 0);
            return {};
        }
        case Plain::boolean:
            out = Value::boolean(static_cast<const uint8_t*>(column_.values)[i] != 0);
            return {};
        case Plain::record:
            out = Value::record_of(field_.to, column_.integer(i));
            return {};
        default:
            break;
    }
    LEAT_TRY(Value given, value_at(i));
    LEAT_TRY(out, records.coerce(field_, given));
    return {};
}

Result<void> CellReader::read_text(std::string_view text, Value& out, Records& records) const {
    if (field_.kind == FieldKind::enumeration && field_.enumeration && field_.enumeration->find(text) >= 0) {
        out = Value::string(text);
        return {};
    }
    if (plain_ != Plain::text) {
        LEAT_TRY(out, text_value(text, records));
        return {};
    }
    if (!base::valid_utf8(text))
        return make_error(Status::usage, "input.utf8", fmt::format("field '{}': the text is not UTF-8", field_.name));
    out = Value::string(text);
    return {};
}

Result<Value> CellReader::value_at(size_t i) const {
    using Cell = LoadColumn::Kind;
    switch (column_.kind) {
        case Cell::boolean:
            return Value::boolean(static_cast<const uint8_t*>(column_.values)[i] != 0);
        case Cell::number:
            return Value::number(Decimal::make(column_.integer(i), -column_.scale));
        case Cell::date: {
            Date date;
            date.days = column_.integer(i);
            return Value::of(date);
        }
        case Cell::time: {
            int64_t us = column_.integer(i);
            if (us < 0 || us >= 86'400'000'000)
                return make_error(Status::usage, "value.time",
                                  fmt::format("field '{}': {} microseconds are no time of a day", field_.name, us));
            Time time;
            time.nanoseconds = us * 1000;
            return Value::of(time);
        }
        case Cell::date_time:
            return instant_value(program_, column_.integer(i));
        case Cell::days_duration: {
            int64_t us = column_.integer(i);
            int64_t part = us % 1'000'000;
            if (part < 0) part += 1'000'000;
            DaysDuration duration;
            duration.seconds = (us - part) / 1'000'000;
            duration.nanoseconds = static_cast<int32_t>(part * 1000);
            return Value::of(duration);
        }
        case Cell::months_duration: {
            MonthsDuration duration;
            duration.months = column_.integer(i);
            return Value::of(duration);
        }
        case Cell::record:
            return Value::record_of(field_.to, column_.integer(i));
        case Cell::string:
            break;
    }
    return make_error(Status::usage, "value.kind", fmt::format("field '{}': this is no kind of a column", field_.name));
}

Result<void> load_value(const program::Program& program, const Field& field, const LoadColumn& column, size_t i,
                        Records& records, Value& out) {
    return CellReader(program, field, column).read(i, out, records);
}

}  // namespace leat::record
