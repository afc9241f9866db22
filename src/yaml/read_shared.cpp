// app, the plural sections: roles, calendars, settings, functions, mixins; and texts.
#include <algorithm>

#include <fmt/format.h>

#include "base/csv.hpp"
#include "yaml/sections.hpp"

namespace leat::yaml {

using namespace model;

namespace {

// "NAME: …" of a plural section; `read` fills one.
template <class T, class Read>
void read_named(Reader& reader, const Node& node, std::string_view key, std::vector<T>& out, Read read) {
    if (!reader.is_map(node, key)) return;
    for (const auto& [name, value] : node.entries) {
        T item;
        item.name = name.text;
        item.span = {name.span.source, name.span.begin, value.span.end};
        read(value, item);
        out.push_back(std::move(item));
    }
}

// Days → hours, or date → days → hours: the week from that day on.
void read_week(Reader& reader, const Node& node, Calendar& calendar) {
    if (!reader.is_map(node, "week")) return;
    for (const auto& [days, hours] : node.entries) {
        if (hours.kind != Node::Kind::map) {
            calendar.week.push_back({{}, days.text, reader.names(hours, days.text.text)});
            continue;
        }
        for (const auto& [dated_days, dated_hours] : hours.entries)
            calendar.week.push_back({days.text, dated_days.text, reader.names(dated_hours, dated_days.text.text)});
    }
}

// Columns date, kind (holiday or workday), hours ("09:00-12:00;13:30-18:00"), title.
void read_exceptions_csv(Reader& reader, const Text& path, Calendar& calendar) {
    uint32_t source = reader.open_file(path);
    if (source == 0) return;
    Result<base::Csv> csv = base::parse_csv(reader.sources().text(source));
    if (!csv) {
        reader.error(csv.error().code, {source, {1, 1}, {1, 1}}, csv.error().message);
        return;
    }
    int date = csv->column("date");
    int kind = csv->column("kind");
    int hours = csv->column("hours");
    if (date < 0 || kind < 0) {
        reader.error("yaml.calendar.columns", {source, {1, 1}, {1, 1}},
                     "a calendar's exceptions have the columns date and kind",
                     "the first line is: date,kind,hours,title");
        return;
    }
    for (const base::CsvRow& row : csv->rows) {
        std::vector<Text> cells = place_csv_cells(reader.sources(), source, row.line, row.cells);
        auto cell = [&](int column) {
            return column >= 0 && static_cast<size_t>(column) < cells.size() ? cells[static_cast<size_t>(column)]
                                                                             : Text{};
        };
        Text what = cell(kind);
        if (what.text != "holiday" && what.text != "workday") {
            Span place = what.empty() ? cells.front().span : what.span;
            reader.error("yaml.calendar.kind", place,
                         fmt::format("the kind of a day is holiday or workday, not '{}'", what.text));
            continue;
        }
        CalendarException exception;
        exception.date = cell(date);
        Text times = cell(hours);
        for (size_t begin = 0; what.text == "workday" && begin < times.text.size();) {
            size_t end = std::min(times.text.find(';', begin), times.text.size());
            size_t first = std::min(times.text.find_first_not_of(' ', begin), end);
            if (end > first) exception.hours.push_back(cut(times, first, end - first));
            begin = end + 1;
        }
        exception.workday = what.text == "workday";
        calendar.exceptions.push_back(std::move(exception));
    }
}

// A file, or DATE: [] (a holiday) and DATE: ["09:00-12:00"] (a working day).
void read_exceptions(Reader& reader, const Node& node, Calendar& calendar) {
    if (node.kind == Node::Kind::scalar) {
        calendar.exceptions_file = node.text;
        return;
    }
    if (!reader.is_map(node, "exceptions")) return;
    for (const auto& [date, hours] : node.entries) {
        CalendarException exception;
        exception.date = date.text;
        exception.hours = reader.names(hours, date.text.text);
        exception.workday = !exception.hours.empty();
        calendar.exceptions.push_back(std::move(exception));
    }
}

// A working day that names no hours has those of the first entry of its week. Dates are compared as text: those that
// are written otherwise than 2026-10-01 are told later.
void fill_workdays(Calendar& calendar) {
    for (CalendarException& exception : calendar.exceptions) {
        if (!exception.workday || !exception.hours.empty() || calendar.week.empty()) continue;
        const CalendarWeek* week = &calendar.week.front();
        for (const CalendarWeek& one : calendar.week) {
            bool holds = one.valid_from.text <= exception.date.text;
            bool later = one.valid_from.text > week->valid_from.text;
            bool before_all = week->valid_from.text > exception.date.text;
            if ((holds && (later || before_all)) || (before_all && one.valid_from.text < week->valid_from.text))
                week = &one;
        }
        exception.hours = week->hours;
    }
}

// One value, or date → value.
void read_setting_values(Reader& reader, const Node& node, Setting& setting) {
    if (node.kind != Node::Kind::map) {
        setting.values.push_back({{}, reader.operand(node, "value")});
        return;
    }
    for (const auto& [from, value] : node.entries)
        setting.values.push_back({from.text, reader.operand(value, from.text.text)});
}

}  // namespace

const Table<App>& app_table() {
    using A = K<App>;
    static const Table<App> table(
        "the app",
        {A::required(A::text("leat", &App::leat)), A::required(A::text("app", &App::app)),
         A::localized("title", &App::title), A::localized("description", &App::description),
         A::text("version", &App::version), A::text("language", &App::language), A::text("timezone", &App::timezone),
         A::text("currency", &App::currency), A::text("rounding", &App::rounding),
         A::operand("keep_log", &App::keep_log), A::names("include", &App::include), A::not_built("packages")});
    return table;
}

const Table<Role>& role_table() {
    using R = K<Role>;
    static const Table<Role> table(
        "a role", {R::localized("title", &Role::title), R::localized("description", &Role::description),
                   R::names("includes", &Role::includes), R::boolean("impersonate", &Role::impersonate)});
    return table;
}

const Table<Calendar>& calendar_table() {
    using C = K<Calendar>;
    static const Table<Calendar> table(
        "a calendar",
        {C::localized("title", &Calendar::title), C::localized("description", &Calendar::description),
         C::text("timezone", &Calendar::timezone),
         C::required(C::custom("week", schema::any_of({schema::map_of("names"), schema::map_of("week")}), read_week)),
         C::custom("exceptions", schema::any_of({schema::ref("text"), schema::map_of("names")}), read_exceptions)});
    return table;
}

const Table<Setting>& setting_table() {
    using S = K<Setting>;
    static const Table<Setting> table(
        "a setting", {S::localized("title", &Setting::title), S::localized("description", &Setting::description),
                      S::required(S::text("type", &Setting::type)),
                      S::required(S::custom("value", schema::any_of({schema::ref("value"), schema::map_of("value")}),
                                            read_setting_values)),
                      S::names("allow", &Setting::allow)});
    return table;
}

const Table<Function>& function_table() {
    using F = K<Function>;
    static const Table<Function> table(
        "a function", {F::localized("title", &Function::title), F::localized("description", &Function::description),
                       F::custom("params", schema::ref("fields"),
                                 [](Reader& r, const Node& n, Function& f) { read_fields(r, n, "params", f.params); }),
                       F::text("returns", &Function::returns), F::feel("formula", &Function::formula),
                       F::custom("logic", schema::ref("boxed"),
                                 [](Reader& r, const Node& n, Function& f) { f.logic = read_boxed(r, n); })});
    return table;
}

void read_roles(Reader& reader, const Node& node, std::vector<Role>& roles) {
    read_named(reader, node, "roles", roles, [&](const Node& value, Role& role) {
        if (value.kind == Node::Kind::scalar) {
            role.title = reader.localized(value, role.name.text);
        } else {
            role_table().read(reader, value, role);
        }
    });
}

void read_calendars(Reader& reader, const Node& node, std::vector<Calendar>& calendars) {
    read_named(reader, node, "calendars", calendars, [&](const Node& value, Calendar& calendar) {
        calendar_table().read(reader, value, calendar);
        if (!calendar.exceptions_file.empty()) read_exceptions_csv(reader, calendar.exceptions_file, calendar);
        fill_workdays(calendar);
    });
}

void read_settings(Reader& reader, const Node& node, std::vector<Setting>& settings) {
    read_named(reader, node, "settings", settings,
               [&](const Node& value, Setting& setting) { setting_table().read(reader, value, setting); });
}

void read_mixins(Reader& reader, const Node& node, std::vector<Mixin>& mixins) {
    read_named(reader, node, "mixins", mixins,
               [&](const Node& value, Mixin& mixin) { mixin_table().read(reader, value, mixin); });
}

void read_texts(Reader& reader, const Node& document, std::vector<Texts>& texts) {
    Texts section;
    for (const auto& [path, value] : document.entries) {
        if (path.text.text == "texts") {
            section.language = reader.language(value);
        } else {
            Text text = reader.text(value, path.text.text);
            if (!text.empty()) section.texts.emplace_back(path.text, std::move(text));
        }
    }
    if (!section.language.empty()) texts.push_back(std::move(section));
}

void read_functions(Reader& reader, const Node& node, std::vector<Function>& functions) {
    read_named(reader, node, "functions", functions,
               [&](const Node& value, Function& function) { function_table().read(reader, value, function); });
}

}  // namespace leat::yaml
