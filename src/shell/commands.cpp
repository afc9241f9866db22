// Commands that change records: create, patch, delete, send, task, setting.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <stdexcept>

#include "shell/answer.hpp"
#include "shell/shell.hpp"

namespace leat::shell {

namespace {

struct Arguments {
    std::string entity, key, event, decision, comment, name, valid_from, value;
    std::vector<std::string> input;
    std::int64_t version = 0, task = 0;
};

CLI::App* command(CLI::App& app, Invocation& invocation, const char* name, const char* description) {
    CLI::App* sub = app.add_subcommand(name, description);
    sub->add_option("database", invocation.database, "the file")->required();
    return sub;
}

}  // namespace

std::string input_of(const std::vector<std::string>& pairs) {
    if (pairs.empty()) return {};
    if (pairs.size() == 1 && pairs[0].front() == '{') return pairs[0];
    if (pairs.size() == 1 && pairs[0].front() == '@') return read_file(pairs[0].substr(1));
    std::string json = "{";
    for (const auto& pair : pairs) {
        size_t at = pair.find('=');
        if (at == std::string::npos || at == 0)
            throw std::runtime_error(fmt::format("'{}' is no FIELD=VALUE (nor a JSON object, nor @FILE)", pair));
        bool raw = pair[at - 1] == ':';
        std::string value = pair.substr(at + 1);
        if (json.size() > 1) json += ',';
        json += json_text(pair.substr(0, raw ? at - 1 : at)) + ":";
        // Numbers go as texts: fields of numbers read them, and '007' stays what it is for fields of texts.
        json += raw || value == "true" || value == "false" || value == "null" ? value : json_text(value);
    }
    return json + "}";
}

void print_outcome(Invocation& invocation, const Outcome& outcome) {
    if (outcome.refused()) invocation.exit_code = kRefused;
    if (invocation.json) {
        fmt::print("{}\n", outcome.json());
        return;
    }
    if (outcome.refused()) {
        fmt::print("refused\n");
        for (const auto& one : outcome.refusals()) {
            // Which line it is, where it is one.
            std::string lines;
            for (const auto& pointer : one.pointers)
                if (pointer.find('/', 1) != std::string::npos) lines += (lines.empty() ? ": " : ", ") + pointer;
            fmt::print("  {}  [{}{}{}{}]\n", one.message, one.code, one.at.empty() ? "" : " at ", one.at, lines);
        }
        return;
    }
    auto answer = parse(outcome.json());
    if (answer.HasMember("message")) fmt::print("message {}\n", member(answer, "message"));
    if (!outcome.key().empty()) {
        fmt::print("{} {}  version {}", outcome.entity(), outcome.key(), outcome.version());
        if (answer.HasMember("state"))
            for (const auto& state : answer["state"].GetObject())
                fmt::print("  {} = {}", state.name.GetString(), cell(state.value));
        fmt::print("\n");
    } else if (outcome.sequence() != 0) {
        fmt::print("done: log row {}\n", outcome.sequence());
    }
    Table table;
    table.header = {"record", "field", "before", "after"};
    if (answer.HasMember("changed"))
        for (const auto& record : answer["changed"].GetArray())
            for (const auto& change : record["changes"].GetObject())
                table.rows.push_back({member(record, "entity") + " " + member(record, "key"), change.name.GetString(),
                                      cell(change.value[0]), cell(change.value[1])});
    if (!table.rows.empty()) table.print();
    if (answer.HasMember("tasks"))
        for (const auto& task : answer["tasks"].GetArray())
            fmt::print("task {}: {} (for {})\n", member(task, "task"), member(task, "title"),
                       member(task, "user").empty() ? "any " + member(task, "role") : member(task, "user"));
    for (const char* kind : {"calls", "notices"})
        if (answer.HasMember(kind))
            for (const auto& item : answer[kind].GetArray()) fmt::print("to send: {}\n", member(item, "topic"));
}

void add_record_commands(CLI::App& app, Invocation& invocation) {
    auto given = std::make_shared<Arguments>();
    const char* pairs = "FIELD=VALUE …, FIELD:=JSON, one JSON object, or @FILE";
    // The engine is opened where the command runs: --as and --lang may stand behind it.
    auto run = [&invocation](auto work) {
        Engine engine = open_engine(invocation);
        Session session = open_session(engine, invocation);
        print_outcome(invocation, work(session));
    };

    CLI::App* create = command(app, invocation, "create", "make a record");
    create->add_option("entity", given->entity)->required();
    create->add_option("input", given->input, pairs);
    create->callback(
        [=] { run([&](Session& session) { return session.create(given->entity, input_of(given->input)); }); });

    CLI::App* patch = command(app, invocation, "patch", "change fields of a record");
    patch->add_option("entity", given->entity)->required();
    patch->add_option("key", given->key)->required();
    patch->add_option("input", given->input, pairs)->required();
    patch->add_option("--version-is", given->version, "refuse unless the record still has this version");
    patch->callback([=] {
        run([&](Session& session) {
            return session.patch(given->entity, given->key, input_of(given->input), given->version);
        });
    });

    CLI::App* remove = command(app, invocation, "delete", "delete a record");
    remove->add_option("entity", given->entity)->required();
    remove->add_option("key", given->key)->required();
    remove->add_option("--version-is", given->version, "refuse unless the record still has this version");
    remove->callback(
        [=] { run([&](Session& session) { return session.remove(given->entity, given->key, given->version); }); });

    CLI::App* send = command(app, invocation, "send", "send an event to a record");
    send->add_option("entity", given->entity)->required();
    send->add_option("key", given->key)->required();
    send->add_option("event", given->event)->required();
    send->add_option("input", given->input, pairs);
    send->add_option("--version-is", given->version, "refuse unless the record still has this version");
    send->callback([=] {
        run([&](Session& session) {
            return session.send(given->entity, given->key, given->event, input_of(given->input), given->version);
        });
    });

    CLI::App* task = command(app, invocation, "task", "complete a task");
    task->add_option("task", given->task, "its number (see: leat tasks)")->required();
    task->add_option("decision", given->decision, "approve, reject, or done")->required();
    task->add_option("input", given->input, pairs);
    task->add_option("--comment", given->comment);
    task->callback([=] {
        run([&](Session& session) {
            return session.complete_task(given->task, given->decision, given->comment, input_of(given->input));
        });
    });

    CLI::App* setting = command(app, invocation, "set", "change a setting");
    setting->add_option("setting", given->name)->required();
    setting->add_option("value", given->value)->required();
    setting->add_option("--from", given->valid_from, "a date; without it the value holds always");
    setting->callback([=] {
        run([&](Session& session) { return session.change_setting(given->name, given->valid_from, given->value); });
    });

    CLI::App* receive = command(app, invocation, "receive", "take a message from outside");
    receive->add_option("message", given->name)->required();
    receive->add_option("id", given->key, "the sender's number of it: a second one is recognised")->required();
    receive->add_option("input", given->input, pairs);
    receive->callback([&invocation, given] {
        Engine engine = open_engine(invocation);
        print_outcome(invocation, engine.receive(given->name, given->key, input_of(given->input)));
    });
}

}  // namespace leat::shell
