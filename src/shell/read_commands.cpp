// Commands that only read: show, list, tasks, report, log, why, settings, slas, outbox, incidents.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <stdexcept>

#include "shell/answer.hpp"
#include "shell/shell.hpp"

namespace leat::shell {

namespace {

struct Arguments {
    std::string from_day, to_day, by;  // of slas
    std::string entity, key, event, where, name, status;
    std::vector<std::string> params;
    std::int64_t after = 0, limit = 0, from = 0;
    bool everybody = false, all = false, csv = false;
};

using Print = std::function<void(const rapidjson::Document&)>;

void answer(const Invocation& invocation, const std::string& json, const Print& print) {
    if (invocation.json)
        fmt::print("{}\n", json);
    else
        print(parse(json));
}

void print_record(const rapidjson::Document& record) {
    Table table;
    table.header = {"field", "value"};
    std::vector<const rapidjson::Value*> lists;
    for (const auto& one : record.GetObject()) {
        if (one.value.IsArray() && !one.value.Empty() && one.value[0].IsObject()) continue;
        table.rows.push_back({one.name.GetString(), cell(one.value)});
    }
    table.print();
    for (const auto& one : record.GetObject()) {
        if (!one.value.IsArray() || one.value.Empty() || !one.value[0].IsObject()) continue;
        std::vector<const char*> names;
        for (const auto& column : one.value[0].GetObject()) names.push_back(column.name.GetString());
        fmt::print("\n{}\n", one.name.GetString());
        table_of(one.value, names).print();
    }
}

void print_reasons(const rapidjson::Value& answer, const std::string& indent) {
    for (const auto& reason : answer["reasons"].GetArray()) {
        fmt::print("{}{}  [{} at {}]\n", indent, member(reason, "message"), member(reason, "code"),
                   member(reason, "at"));
        if (reason.HasMember("condition")) {
            const auto& condition = reason["condition"];
            for (const auto& part : condition["parts"].GetArray())
                if (member(part, "answer") != "true")
                    fmt::print("{}  {}: {}\n", indent, member(part, "answer"), member(part, "text"));
            std::string values;
            for (const auto& value : condition["values"].GetObject())
                values += fmt::format("{}{} = {}", values.empty() ? "" : ", ", value.name.GetString(),
                                      value.value.IsNull() ? "(empty)" : cell(value.value));
            if (!values.empty()) fmt::print("{}  where {}\n", indent, values);
        }
        if (reason.HasMember("who")) {
            std::string who;
            for (const auto& one : reason["who"].GetArray()) who += (who.empty() ? "" : ", ") + cell(one);
            fmt::print("{}  it is for: {}\n", indent, who);
        }
    }
}

void print_why(const rapidjson::Document& why) {
    std::string states;
    for (const auto& one : why["states"].GetArray()) states += (states.empty() ? "" : ", ") + cell(one);
    fmt::print("{} {} is in {}\n", member(why, "entity"), member(why, "key"), states);
    if (why.HasMember("event")) {
        fmt::print("{} {}\n", member(why, "event"),
                   member(why, "possible") == "true" ? "is possible now" : "is not possible:");
        print_reasons(why, "  ");
    } else {
        for (const auto& event : why["events"].GetArray()) {
            fmt::print("{}: {}\n", member(event, "event"),
                       member(event, "possible") == "true" ? "possible now" : "not possible");
            print_reasons(event, "  ");
        }
    }
    for (const auto& task : why["tasks"].GetArray())
        fmt::print("waiting for {}{}{}: task {} \"{}\" since {}{}\n", member(task, "user"),
                   member(task, "user").empty() ? "any " : "", member(task, "user").empty() ? member(task, "role") : "",
                   member(task, "task"), member(task, "title"), member(task, "since"),
                   member(task, "due").empty() ? "" : ", due " + member(task, "due"));
}

void print_log(const rapidjson::Document& log) {
    Table table;
    table.header = {"seq", "time", "actor", "record", "change"};
    for (const auto& row : log["log"].GetArray()) {
        bool first = true;
        auto add = [&](const std::string& record, const std::string& change) {
            table.rows.push_back({first ? member(row, "sequence") : "", first ? member(row, "time").substr(0, 19) : "",
                                  first ? actor_of(row) : "", record, change});
            first = false;
        };
        for (const auto& segment : row["changes"].GetArray()) {
            if (!segment.HasMember("changes")) {  // what it said of a person was erased
                add(fmt::format("{} #{}", member(segment, "entity"), member(segment, "id")), "(erased)");
                continue;
            }
            for (const auto& change : segment["changes"].GetObject())
                add(member(segment, "entity") + " " + member(segment, "key"),
                    change.value.IsArray() && change.value.Size() == 2
                        ? fmt::format("{}: {} -> {}", change.name.GetString(), cell(change.value[0]),
                                      cell(change.value[1]))
                        : fmt::format("{}: {}", change.name.GetString(), cell(change.value)));
        }
        if (first) add("", row.HasMember("command") ? member(row["command"], "do") : "");
    }
    table.print();
}

void print_report(const rapidjson::Document& report) {
    if (!member(report, "title").empty()) fmt::print("{}\n", member(report, "title"));
    Table table;
    for (const auto& column : report["columns"].GetArray()) {
        table.header.push_back(member(column, "title"));
        std::string type = member(column, "type");
        table.right.push_back(type == "number" || type.rfind("money", 0) == 0);
    }
    for (const auto& row : report["rows"].GetArray()) {
        std::vector<std::string> cells;
        for (const auto& column : report["columns"].GetArray())
            cells.push_back(member(row, column["name"].GetString()));
        table.rows.push_back(std::move(cells));
    }
    table.print();
}

CLI::App* command(CLI::App& app, Invocation& invocation, const char* name, const char* description) {
    CLI::App* sub = app.add_subcommand(name, description);
    sub->add_option("database", invocation.database, "the file")->required();
    return sub;
}

void add_record_reads(CLI::App& app, Invocation& invocation, std::shared_ptr<Arguments> given,
                      const std::function<void(const std::function<std::string(Session&)>&, const Print&)>& run) {
    CLI::App* show = command(app, invocation, "show", "one record");
    show->add_option("entity", given->entity)->required();
    show->add_option("key", given->key)->required();
    show->callback(
        [=] { run([&](Session& session) { return session.show(given->entity, given->key); }, print_record); });

    CLI::App* list = command(app, invocation, "list", "records of an entity");
    list->add_option("entity", given->entity)->required();
    list->add_option("--where", given->where, "a FEEL condition over the record");
    list->add_option("--after", given->after, "go on behind this id");
    list->add_option("--limit", given->limit);
    list->callback([=] {
        run([&](Session& session) { return session.list(given->entity, given->where, given->after, given->limit); },
            [](const rapidjson::Document& page) {
                std::vector<const char*> names;
                if (!page["records"].Empty())
                    for (const auto& one : page["records"][0].GetObject())
                        if (!one.value.IsArray()) names.push_back(one.name.GetString());
                table_of(page["records"], names).print();
                if (!page["next"].IsNull()) fmt::print("more: --after {}\n", cell(page["next"]));
            });
    });

    CLI::App* why = command(app, invocation, "why", "why an event can or cannot happen now");
    why->add_option("entity", given->entity)->required();
    why->add_option("key", given->key)->required();
    why->add_option("event", given->event, "without it: every event");
    why->callback([=] {
        run([&](Session& session) { return session.why(given->entity, given->key, given->event); }, print_why);
    });

    CLI::App* log = command(app, invocation, "log", "the history of a record, or of everything");
    log->add_option("entity", given->entity);
    log->add_option("key", given->key);
    log->add_option("--from", given->from, "from this log row on");
    log->add_option("--limit", given->limit);
    log->callback([=] {
        if (given->key.empty() && !given->entity.empty())
            throw std::runtime_error(fmt::format("which {}? Give its key, or neither, for everything", given->entity));
        run([&](Session& session) { return session.log(given->entity, given->key, given->from, given->limit); },
            print_log);
    });
}

}  // namespace

void add_read_commands(CLI::App& app, Invocation& invocation) {
    auto given = std::make_shared<Arguments>();
    auto run = [&invocation](const std::function<std::string(Session&)>& ask, const Print& print) {
        Engine engine = open_to_read(invocation);
        Session session = open_session(engine, invocation);
        answer(invocation, ask(session), print);
    };
    add_record_reads(app, invocation, given, run);

    CLI::App* tasks = command(app, invocation, "tasks", "open tasks of the actor (of the system: all)");
    tasks->add_option("--limit", given->limit);
    tasks->callback([=] {
        run([&](Session& session) { return session.tasks(false, given->limit); },
            [](const rapidjson::Document& all) {
                table_of(all["tasks"], {"task", "kind", "title", "entity", "key", "user", "role", "due"}).print();
            });
    });

    CLI::App* report = command(app, invocation, "report", "run a report");
    report->add_option("report", given->name)->required();
    report->add_option("params", given->params, "PARAM=VALUE …");
    report->callback([=] {
        run([&](Session& session) { return session.report(given->name, input_of(given->params)); }, print_report);
    });

    CLI::App* settings = command(app, invocation, "settings", "settings as they are today");
    settings->callback([=] {
        run([](Session& session) { return session.settings(); },
            [](const rapidjson::Document& all) {
                table_of(all["settings"], {"setting", "title", "value", "allow"}).print();
            });
    });

    CLI::App* slas = command(app, invocation, "slas", "service levels kept and missed");
    slas->add_option("--from", given->from_day, "the first day");
    slas->add_option("--to", given->to_day, "the day after the last one");
    slas->add_option("--by", given->by, "year, month, week or day");
    slas->callback([=] {
        if (!given->from_day.empty() || !given->to_day.empty() || !given->by.empty()) {
            run([&](Session& session) { return session.sla_report(given->from_day, given->to_day, given->by); },
                [](const rapidjson::Document& all) {
                    table_of(all["periods"], {"sla", "period", "started", "kept", "breached", "cancelled"}).print();
                });
            return;
        }
        run([](Session& session) { return session.slas(); },
            [](const rapidjson::Document& all) {
                table_of(all["slas"], {"sla", "running", "paused", "kept", "breached", "cancelled"}).print();
            });
    });

    CLI::App* outbox = command(app, invocation, "outbox", "calls and notices to the outside");
    outbox->add_option("--status", given->status, "planned, claimed, done, failed or unknown");
    outbox->add_option("--limit", given->limit);
    outbox->callback([=] {
        run([&](Session& session) { return session.outbox(given->status, given->limit); },
            [](const rapidjson::Document& all) {
                table_of(all["items"], {"id", "topic", "status", "attempts", "receipt", "payload"}).print();
            });
    });

    CLI::App* incidents = command(app, invocation, "incidents", "what failed by itself and waits for somebody");
    incidents->add_flag("--all", given->all, "closed ones too");
    incidents->add_option("--limit", given->limit);
    incidents->callback([=] {
        run([&](Session& session) { return session.incidents(!given->all, given->limit); },
            [](const rapidjson::Document& all) {
                table_of(all["incidents"], {"incident", "entity", "key", "place", "error", "time", "status"}).print();
            });
    });
}

}  // namespace leat::shell
