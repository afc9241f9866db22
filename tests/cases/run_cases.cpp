// Runs a case: FOLDER/definitions.yaml and FOLDER/steps.jsonl, one step a line:
//   {"as":"ann","do":"create","entity":…,"input":{…},"expect":{…}}
// do: create patch delete send task set receive show list report decide (of a key, or with input; as_of) tasks why slas
// outbox incidents incident (closes one: its number, its status) run_due deliver advance (seconds) reopen verify.
// `expect` must be contained in the answer (objects by member, lists item by item); `fails` is the error code that the
// call must fail with, `lacks` a text that the answer must not contain. The store is a file, so that `reopen` means
// something.
#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <leat/leat.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

namespace {

using Json = rapidjson::Value;

rapidjson::Document parse(const std::string& text) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseNumbersAsStringsFlag>(text.c_str());  // as exact as they are written
    return document;
}

// Numbers were read as text: inputs hand them over so (fields take both), answers are compared as written.
std::string to_text(const Json& json) {
    if (json.IsString()) return json.GetString();
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    json.Accept(writer);
    return buffer.GetString();
}

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// Whether `actual` contains `expected`; `where` gets the first difference.
bool contains(const Json& actual, const Json& expected, const std::string& at, std::string& where) {
    auto differs = [&](const std::string& why) {
        where = fmt::format("{}: {} (wanted {}, got {})", at, why, to_text(expected), to_text(actual));
        return false;
    };
    if (actual.GetType() != expected.GetType()) return differs("differs");
    if (expected.IsArray()) {
        if (actual.Size() != expected.Size()) return differs("another length");
        for (rapidjson::SizeType i = 0; i < expected.Size(); ++i)
            if (!contains(actual[i], expected[i], fmt::format("{}[{}]", at, i), where)) return false;
        return true;
    }
    if (expected.IsObject()) {
        for (const auto& [name, value] : expected.GetObject()) {
            auto found = actual.FindMember(name.GetString());
            if (found == actual.MemberEnd()) return differs(fmt::format("no member {}", name.GetString()));
            if (!contains(found->value, value, fmt::format("{}.{}", at, name.GetString()), where)) return false;
        }
        return true;
    }
    return actual == expected || differs("differs");
}

struct Case {
    std::string path;
    int64_t now_us = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z
    leat::Program program;
    std::unique_ptr<leat::Engine> engine;
    std::map<std::string, std::unique_ptr<leat::Session>> sessions;

    Case(std::string store, const std::string& definitions)
        : path(std::move(store)), program(leat::Program::load({{"definitions.yaml", definitions}})) {
        open();
    }
    void open() {
        sessions.clear();
        engine.reset();
        leat::EngineOptions options;
        options.path = path;
        options.clock = [this] { return now_us; };
        engine = std::make_unique<leat::Engine>(leat::Engine::open(&program, options));
        engine->on_delivery("erp.*", [](const leat::Call& call) { return "receipt " + std::to_string(call.id()); });
    }
    leat::Session& as(const std::string& actor) {
        auto& session = sessions[actor];
        if (!session) session = std::make_unique<leat::Session>(engine->session(actor));
        return *session;
    }
    std::string run(const Json& step) {
        auto text = [&](const char* name, const char* otherwise = "") {
            auto found = step.FindMember(name);
            return found == step.MemberEnd() ? std::string(otherwise) : to_text(found->value);
        };
        auto number = [&](const char* name) { return step.HasMember(name) ? std::stoll(step[name].GetString()) : 0LL; };
        std::string what = text("do");
        leat::Session& session = as(text("as", "system"));
        if (what == "create") return std::string(session.create(text("entity"), text("input")).json());
        if (what == "patch")
            return std::string(session.patch(text("entity"), text("key"), text("input"), number("version")).json());
        if (what == "delete") return std::string(session.remove(text("entity"), text("key"), number("version")).json());
        if (what == "send")
            return std::string(
                session.send(text("entity"), text("key"), text("event"), text("input"), number("version")).json());
        if (what == "task")
            return std::string(
                session.complete_task(number("task"), text("decision"), text("comment"), text("input")).json());
        if (what == "suspend") return std::string(session.suspend(text("entity"), text("key"), text("reason")).json());
        if (what == "resume") return std::string(session.resume(text("entity"), text("key"), text("reason")).json());
        if (what == "jump")
            return std::string(
                session.jump(text("entity"), text("key"), text("flow"), text("state"), text("reason")).json());
        if (what == "stuck") return session.stuck();
        if (what == "set") return std::string(session.change_setting(text("name"), text("from"), text("value")).json());
        if (what == "receive") return std::string(engine->receive(text("name"), text("id"), text("input")).json());
        if (what == "show") return session.show(text("entity"), text("key"));
        if (what == "list") return session.list(text("entity"), text("where"));
        if (what == "query") return session.query(text("entity"), text("input"));
        if (what == "view") return session.view(text("entity"), text("key"));
        if (what == "may") return session.may(text("user"), text("right"), text("entity"), text("key"), text("field"));
        if (what == "share")
            return std::string(session.share(text("entity"), text("key"), text("holder"), text("right")).json());
        if (what == "report") return session.report(text("name"), text("input"));
        if (what == "decide") return session.decide(text("name"), text("key"), text("input"), 0, text("as_of"));
        if (what == "tasks") return session.tasks();
        if (what == "why") return session.why(text("entity"), text("key"), text("event"));
        if (what == "slas") return session.slas();
        if (what == "outbox") return session.outbox();
        if (what == "incidents") return session.incidents();
        if (what == "incident") return engine->close_incident(number("incident"), text("status")), "{}";
        if (what == "verify") return engine->verify();
        if (what == "advance") return now_us += number("seconds") * 1'000'000, "{}";
        if (what == "reopen") return open(), "{}";
        if (what == "run_due") {
            auto counts = engine->run_due(1000);
            return fmt::format("{{\"fired\":{},\"stale\":{},\"incidents\":{},\"expired\":{}}}", counts.fired,
                               counts.stale, counts.incidents, counts.expired);
        }
        if (what == "deliver") {
            auto counts = engine->deliver(1000);
            return fmt::format("{{\"done\":{},\"failed\":{},\"unknown\":{}}}", counts.done, counts.failed,
                               counts.unknown);
        }
        throw std::runtime_error(fmt::format("'{}' is no step", what));
    }
};

int run_folder(const std::filesystem::path& folder) {
    auto scratch = std::filesystem::temp_directory_path() /
                   fmt::format("leat-case-{}-{}", folder.filename().string(), std::random_device{}());
    std::filesystem::create_directories(scratch);
    int failed = 0, steps = 0;
    try {
        Case story((scratch / "case.db").string(), read(folder / "definitions.yaml"));
        std::istringstream lines(read(folder / "steps.jsonl"));
        std::string line;
        for (int number = 1; std::getline(lines, line); ++number) {
            if (line.empty() || line[0] == '#') continue;
            ++steps;
            auto step = parse(line);
            if (step.HasParseError()) {
                fmt::print("{}:{}: no JSON\n", (folder / "steps.jsonl").string(), number);
                return 1;
            }
            std::string answer, code;
            try {
                answer = story.run(step);
            } catch (const leat::Error& error) {
                code = error.code();
                answer = error.text();
            }
            std::string where;
            const bool fails = step.HasMember("fails");
            bool ok = fails ? code == step["fails"].GetString() : code.empty();
            if (!ok)
                where = fails ? fmt::format("wanted the failure {}, got {}", step["fails"].GetString(),
                                            code.empty() ? "none" : code)
                              : "failed: " + answer;
            if (ok && !fails) {
                auto actual = parse(answer);
                // A command that says nothing else must be done, not refused.
                if (step.HasMember("expect"))
                    ok = contains(actual, step["expect"], "$", where);
                else if (actual.IsObject() && actual.HasMember("refused") && actual["refused"].GetBool())
                    ok = false, where = "refused";
            }
            if (ok && step.HasMember("lacks") && answer.find(step["lacks"].GetString()) != std::string::npos)
                ok = false, where = fmt::format("says '{}'", step["lacks"].GetString());
            if (ok) continue;
            ++failed;
            fmt::print("{}:{}: {}\n  step:   {}\n  answer: {}\n", (folder / "steps.jsonl").string(), number, where,
                       line, answer);
        }
    } catch (const leat::Error& error) {
        fmt::print("{}: {}\n", folder.string(), error.text());
        failed = 1;
    }
    std::filesystem::remove_all(scratch);
    fmt::print("{}: {} steps, {} failed\n", folder.filename().string(), steps, failed);
    return failed || !steps ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        fmt::print(stderr, "usage: leat_cases FOLDER…\n");
        return 2;
    }
    int worst = 0;
    for (int i = 1; i < argc; ++i) worst = std::max(worst, run_folder(argv[i]));
    return worst;
}
