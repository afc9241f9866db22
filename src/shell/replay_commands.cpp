// `leat replay`: an event log through a flow, as tables.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>

#include "shell/answer.hpp"
#include "shell/shell.hpp"

namespace leat::shell {

namespace {

struct Arguments {
    std::string log, flow, source = ".", mapping;
    std::vector<std::pair<const char*, std::string>> texts = {{"case", ""},        {"activity", ""},  {"time", ""},
                                                              {"time_format", ""}, {"lifecycle", ""}, {"end", ""}};
    std::vector<std::string> events, ignored, silent;
    bool complete = false, grouped = false, collapse = false;
    std::int64_t shown = 20;
};

std::string list_of(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : ",") + json_text(text);
    return "[" + all + "]";
}

// The options as a mapping; without any the file's is taken.
std::string mapping_of(const Arguments& given) {
    std::string json;
    auto add = [&](std::string_view key, const std::string& value) {
        json += fmt::format("{}\"{}\":{}", json.empty() ? "" : ",", key, value);
    };
    for (const auto& [key, text] : given.texts) {
        if (!text.empty()) add(key, json_text(text));
    }
    std::string events;
    for (const std::string& pair : given.events) {
        size_t equals = pair.rfind('=');
        if (equals == std::string::npos)
            throw std::runtime_error(fmt::format("--event takes ACTIVITY=EVENT, not '{}'", pair));
        events += fmt::format("{}{}:{}", events.empty() ? "" : ",", json_text(pair.substr(0, equals)),
                              json_text(pair.substr(equals + 1)));
    }
    if (!events.empty()) add("events", "{" + events + "}");
    if (!given.ignored.empty()) add("ignore", list_of(given.ignored));
    if (!given.silent.empty()) add("silent", list_of(given.silent));
    if (given.complete) add("complete", "true");
    if (given.grouped) add("grouped", "true");
    if (given.collapse) add("repeats", "\"collapse\"");
    if (given.mapping.empty()) return json.empty() ? "" : "{" + json + "}";
    if (!json.empty()) throw std::runtime_error("give a mapping file (--map), or options that say the same, not both");
    return read_file(given.mapping);
}

// "3d 04:05:06", of seconds.
std::string span_text(const std::string& seconds) {
    if (seconds.empty()) return "";
    auto all = static_cast<std::int64_t>(std::llround(std::stod(seconds)));
    return fmt::format("{}d {:02}:{:02}:{:02}", all / 86400, all / 3600 % 24, all / 60 % 60, all % 60);
}

void print_states(const rapidjson::Value& states) {
    Table table;
    table.header = {"state", "visits", "open", "median", "mean", "p90"};
    table.right = {false, true, true, true, true, true};
    for (const auto& one : states.GetArray()) {
        std::string title = member(one, "title");
        table.rows.push_back({title.empty() ? member(one, "state") : title, member(one, "visits"), member(one, "open"),
                              span_text(member(one, "median_s")), span_text(member(one, "mean_s")),
                              span_text(member(one, "p90_s"))});
    }
    table.print();
}

std::string joined(const rapidjson::Value& list) {
    std::string all;
    for (const auto& one : list.GetArray()) all += (all.empty() ? "" : ", ") + cell(one);
    return all;
}

void print_deviations(const rapidjson::Value& answer, std::int64_t shown) {
    Table places = table_of(answer["places"], {"cases", "states", "activity", "why"});
    places.right = {true, false, false, false};
    fmt::print("\nwhere cases deviate first:\n");
    if (static_cast<std::int64_t>(places.rows.size()) > shown) places.rows.resize(static_cast<std::size_t>(shown));
    places.print();
    Table table;
    table.header = {"case", "position", "activity", "in", "expected"};
    table.right = {false, true, false, false, false};
    for (const auto& one : answer["deviations"].GetArray()) {
        if (static_cast<std::int64_t>(table.rows.size()) == shown) break;
        table.rows.push_back({member(one, "case"), member(one, "position"), member(one, "activity"),
                              joined(one["states"]), joined(one["expected"])});
    }
    fmt::print("\nthe first cases of them:\n");
    table.print();
}

void replay(Invocation& invocation, const Arguments& given) {
    std::string json = program_of(given.source).replay(given.flow, given.log, mapping_of(given));
    auto answer = parse(json);
    if (member(answer, "deviating") != "0") invocation.exit_code = kRefused;
    if (invocation.json) {
        fmt::print("{}\n", json);
        return;
    }
    fmt::print("{} of {} cases conform to {}, {} deviate; {} events, {} of them passed over\n",
               member(answer, "conforming"), member(answer, "cases"), member(answer, "flow"),
               member(answer, "deviating"), member(answer, "events"), member(answer, "ignored"));
    if (member(answer, "out_of_order") != "0")
        fmt::print("{} events are earlier than the one before: the times of their cases are left out\n",
                   member(answer, "out_of_order"));
    for (const auto& one : answer["unmapped"].GetArray())
        fmt::print("activity '{}' ({} events) is no event of the flow: map or ignore it\n", member(one, "activity"),
                   member(one, "events"));
    fmt::print("\n");
    print_states(answer["states"]);
    if (member(answer, "deviating") != "0") print_deviations(answer, given.shown);
}

}  // namespace

void add_replay_command(CLI::App& app, Invocation& invocation) {
    auto given = std::make_shared<Arguments>();
    CLI::App* sub =
        app.add_subcommand("replay", "play an event log through a flow: does it conform, how long does it take");
    sub->add_option("log", given->log, "CSV or XES, also compressed with gzip")->required();
    sub->add_option("--flow", given->flow, "the flow's name")->required();
    sub->add_option("--in", given->source, "a YAML file, a folder of them or a database; this folder by default");
    sub->add_option("--map", given->mapping, "a YAML file with the mapping");
    sub->add_option("--case", given->texts[0].second, "the column of the case");
    sub->add_option("--activity", given->texts[1].second, "the column of the activity");
    sub->add_option("--time", given->texts[2].second, "the column of the time");
    sub->add_option("--time-format", given->texts[3].second,
                    "how times are written: \"%d/%m/%Y %H:%M\"; ISO 8601 by default");
    sub->add_option("--lifecycle", given->texts[4].second, "only events of this lifecycle:transition");
    sub->add_option("--end", given->texts[5].second, "an event to send at the end of each case");
    sub->add_option("--event", given->events, "ACTIVITY=EVENT, for activities that are not called like their event");
    sub->add_option("--ignore", given->ignored, "an activity to pass over");
    sub->add_option("--silent", given->silent, "an event that may happen without being in the log");
    sub->add_flag("--complete", given->complete, "cases must end in a final state of the flow");
    sub->add_flag("--grouped", given->grouped, "the rows of a case stand together: less memory");
    sub->add_flag("--collapse", given->collapse, "the same activity again at once counts as one");
    sub->add_option("--show", given->shown, "so many deviations, at most");
    sub->callback([&invocation, given] { replay(invocation, *given); });
}

}  // namespace leat::shell
