// `leat form`: what a renderer needs for a form, and what its reader submits.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>

#include "shell/answer.hpp"
#include "shell/shell.hpp"

namespace leat::shell {

namespace {

struct Arguments {
    std::string entity, key, source = ".", role, state, event, submit;
    bool numbers = false;
    std::int64_t choices = 0, version = 0;
};

bool of_definitions(const Arguments& given) {
    std::error_code none;
    std::string extension = std::filesystem::path(given.source).extension().string();
    bool yaml = extension == ".yaml" || extension == ".yml" || std::filesystem::is_directory(given.source, none);
    return yaml || !given.role.empty() || !given.state.empty();
}

// The record's part and the event's are one command or none. Answers whichever was refused.
std::optional<Outcome> send_event(Session& session, const Arguments& given, const std::string& input) {
    std::string record(raw_member(input, "record"));
    Batch batch(session);
    std::int64_t version = given.version;
    if (record != "{}") {
        Outcome patched = session.patch(given.entity, given.key, record, version);
        if (patched.refused()) return patched;
        version = 0;  // it was the expected one
    }
    Outcome sent = session.send(given.entity, given.key, given.event, raw_member(input, "event"), version);
    if (!sent.refused()) batch.commit();
    return sent;
}

// {"outcome", "errors"}: a failure that an input is to blame for has errors and no outcome.
void submit(Invocation& invocation, const Arguments& given, const FormWanted& wanted) {
    Invocation opened = invocation;
    opened.database = given.source;
    Engine engine = open_engine(opened);
    Session session = engine.session(invocation.actor);
    std::string form = session.form(given.entity, given.key, wanted);
    const std::string document = read_file(given.submit);
    try {
        std::string input = form_input(form, document);
        std::string record(raw_member(input, "record"));
        std::optional<Outcome> outcome;
        if (!given.event.empty())
            outcome = send_event(session, given, input);
        else if (given.key.empty())
            outcome = session.create(given.entity, record);
        else
            outcome = session.patch(given.entity, given.key, record, given.version);
        if (outcome->refused()) invocation.exit_code = kRefused;
        fmt::print("{{\"outcome\":{},\"errors\":{}}}\n", outcome->json(), form_errors(outcome->json()));
    } catch (const Error& error) {
        if (error.status() != LEAT_E_USAGE) throw;
        std::string failure =
            fmt::format("{{\"code\":{},\"message\":{}}}", json_text(error.code()), json_text(error.what()));
        invocation.exit_code = kUsage;
        fmt::print("{{\"outcome\":null,\"errors\":{}}}\n", form_errors(failure));
    }
}

void form(Invocation& invocation, const Arguments& given) {
    FormWanted wanted;
    wanted.language = invocation.language;
    wanted.event = given.event;
    wanted.numbers = given.numbers;
    wanted.choices_max = given.choices;
    if (!given.submit.empty()) return submit(invocation, given, wanted);
    if (of_definitions(given)) {
        if (!given.key.empty())
            throw std::runtime_error("a record is in a database: name one with --in, without --role and --state");
        wanted.role = given.role;
        wanted.state = given.state;
        fmt::print("{}\n", program_of(given.source).form(given.entity, wanted));
        return;
    }
    Invocation opened = invocation;
    opened.database = given.source;
    Engine engine = open_engine(opened, LEAT_ENGINE_NO_CREATE | LEAT_ENGINE_READ_ONLY);
    fmt::print("{}\n", engine.session(invocation.actor).form(given.entity, given.key, wanted));
}

}  // namespace

void add_form_command(CLI::App& app, Invocation& invocation) {
    auto given = std::make_shared<Arguments>();
    CLI::App* sub = app.add_subcommand("form", "a form of an entity: JSON Schema, layout and data");
    sub->add_option("entity", given->entity, "the entity's name")->required();
    sub->add_option("key", given->key, "a record's key; without it, a form to create one");
    sub->add_option("--in", given->source, "a YAML file, a folder of them or a database; this folder by default");
    sub->add_option("--role", given->role, "for who has this role (of the definitions alone)");
    sub->add_option("--state", given->state, "in this state (of the definitions alone)");
    sub->add_option("--event", given->event, "for this event: its payload and what its criteria demand");
    sub->add_flag("--numbers", given->numbers, "decimals and money as JSON numbers, not as texts");
    sub->add_option("--choices", given->choices, "references list their records up to so many (100); -1: never");
    sub->add_option("--submit", given->submit,
                    "a submitted document, '-' for standard input: creates, changes or sends");
    sub->add_option("--version-is", given->version, "with --submit: refuse unless the record still has this version");
    sub->callback([&invocation, given] { form(invocation, *given); });
}

}  // namespace leat::shell
