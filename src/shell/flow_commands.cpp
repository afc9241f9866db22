// Commands of whoever looks after the flows: suspend, resume, jump, stuck, incident, delivery.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "shell/answer.hpp"
#include "shell/shell.hpp"

namespace leat::shell {

namespace {

struct Arguments {
    std::string entity, key, flow, state, reason, decision, receipt;
    std::int64_t number = 0, limit = 0;
};

CLI::App* command(CLI::App& app, Invocation& invocation, const char* name, const char* description) {
    CLI::App* sub = app.add_subcommand(name, description);
    sub->add_option("database", invocation.database, "the file")->required();
    return sub;
}

// Out of order, so always with a reason, which is logged.
CLI::App* of_record(CLI::App& app, Invocation& invocation, Arguments& given, const char* name,
                    const char* description) {
    CLI::App* sub = command(app, invocation, name, description);
    sub->add_option("entity", given.entity)->required();
    sub->add_option("key", given.key)->required();
    sub->add_option("--reason", given.reason, "why; it is logged")->required();
    return sub;
}

void add_open_item_commands(CLI::App& app, Invocation& invocation, const std::shared_ptr<Arguments>& given) {
    CLI::App* incident = command(app, invocation, "incident", "close an incident that somebody has dealt with");
    incident->add_option("number", given->number, "its number (see: leat incidents)")->required();
    incident->add_option("decision", given->decision, "retried: what failed falls due again; or dismissed")->required();
    incident->callback([&invocation, given] {
        Engine engine = open_engine(invocation);
        engine.close_incident(given->number, given->decision);
        if (!invocation.json) fmt::print("incident {} is {}\n", given->number, given->decision);
    });

    CLI::App* delivery = command(app, invocation, "delivery", "settle a delivery that failed or is unknown");
    delivery->add_option("number", given->number, "its number (see: leat outbox)")->required();
    delivery->add_option("decision", given->decision, "done, retry or failed")->required();
    delivery->add_option("--receipt", given->receipt, "of one that is done; or why it failed");
    delivery->callback([&invocation, given] {
        Engine engine = open_engine(invocation);
        engine.resolve_delivery(given->number, given->decision, given->receipt);
        if (!invocation.json) fmt::print("delivery {}: {}\n", given->number, given->decision);
    });
}

}  // namespace

void add_flow_commands(CLI::App& app, Invocation& invocation) {
    auto given = std::make_shared<Arguments>();
    auto run = [&invocation](auto work) {
        Engine engine = open_engine(invocation);
        Session session = open_session(engine, invocation);
        print_outcome(invocation, work(session));
    };

    of_record(app, invocation, *given, "suspend", "a record takes no commands, and its timers wait")->callback([=] {
        run([&](Session& session) { return session.suspend(given->entity, given->key, given->reason); });
    });
    of_record(app, invocation, *given, "resume", "a suspended record goes on")->callback([=] {
        run([&](Session& session) { return session.resume(given->entity, given->key, given->reason); });
    });
    CLI::App* jump = of_record(app, invocation, *given, "jump", "put a flow of a record into another state");
    jump->add_option("flow", given->flow)->required();
    jump->add_option("state", given->state)->required();
    jump->callback([=] {
        run([&](Session& session) {
            return session.jump(given->entity, given->key, given->flow, given->state, given->reason);
        });
    });

    CLI::App* stuck = command(app, invocation, "stuck", "records that stand still, and why");
    stuck->add_option("--limit", given->limit);
    stuck->callback([&invocation, given] {
        Engine engine = open_to_read(invocation);
        Session session = open_session(engine, invocation);
        const std::string found = session.stuck(given->limit);
        if (invocation.json) {
            fmt::print("{}\n", found);
            return;
        }
        table_of(parse(found)["stuck"], {"entity", "key", "flow", "state", "since", "reason", "detail"}).print();
    });
    add_open_item_commands(app, invocation, given);
}

}  // namespace leat::shell
