// leat.hpp: handles, exceptions, callbacks, batches.
#include <leat/leat.hpp>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#define CHECK(condition)                                                                   \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            std::fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
            std::exit(1);                                                                  \
        }                                                                                  \
    } while (0)

namespace {

template <class F>
leat::Error failure(F &&call) {
    try {
        call();
    } catch (const leat::Error &error) {
        return error;
    }
    std::fprintf(stderr, "nothing was thrown\n");
    std::exit(1);
}

void test_program() {
    auto error = failure([] { leat::Program::load({{"x.yaml", "leat: 1\napp: x\n---\nentty: y\n"}}); });
    CHECK(error.status() == LEAT_E_PROGRAM && error.code() == "program.invalid" && !error.diagnostics().empty());
    CHECK(error.diagnostics().front().source == "x.yaml" && error.diagnostics().front().line == 4);
    CHECK(error.text().find("x.yaml:4:1") != std::string::npos);
    CHECK(leat::format("a: {b: 1,c: 2}\n", "a.yaml") == "a: {b: 1, c: 2}\n");
}

void test_decision() {
    auto program =
        leat::Program::load({{"d.yaml",
                              "leat: 1\napp: d\n---\ndecision: rate\ninputs: {amount: {type: decimal, scale: "
                              "2}}\noutputs: {rate: {type: decimal, scale: 2}}\nhit: first\ntable: |\n"
                              "  | amount | -> rate |\n  | > 10 | 0.5 |\n"}});
    CHECK(program.decide("rate", "{\"amount\":11}") == "{\"answer\":0.5}");
    CHECK(program.decide("rate", "{\"amount\":1}", LEAT_DECIDE_NEAREST).find("\"nearest\":[{\"row\":1") !=
          std::string::npos);
    leat::Decision rate(program, "rate");
    CHECK(rate.input_count() == 1 && rate.output_count() == 1 && rate.input_index("amount") == 0);
    CHECK(rate.decide({leat_value_integer(11)}).at(0).as.number.low == 5);
    CHECK(rate.decide({leat_value_integer(1)}).at(0).kind == LEAT_KIND_NULL && !rate.null_reason().empty());
    const std::int64_t amounts[] = {1, 11};
    leat_column column = {};
    column.kind = LEAT_KIND_NUMBER;
    column.values = amounts;
    const auto &answers = rate.decide({column}, 2);
    CHECK(answers.size() == 2 && answers[0].kind == LEAT_KIND_NULL && answers[1].kind == LEAT_KIND_NUMBER);
    CHECK(failure([&] { rate.decide({}); }).code() == "usage.input_count");
}

void test_engine() {
    auto program = leat::Program::load_file(LEAT_CAPI_DIR "/shop.yaml");
    CHECK(program.name() == "shop" && program.describe().find("\"order\"") != std::string::npos);
    leat::EngineOptions options;
    options.path = ":memory:";
    std::int64_t now = 1795219200LL * 1000000;
    options.clock = [&now] { return now; };
    auto engine = leat::Engine::open(&program, options);
    engine.on_function("risk", [](const leat::Call &call) -> std::string {
        if (call.input() == "[\"bad\"]") throw std::runtime_error("bad risk");
        return "3";
    });
    auto session = engine.session("system");
    auto made = session.create("order", R"({"name":"ok","lines":[{"product":"bolt","quantity":1,"price":2}]})");
    CHECK(made && made.key() == "SO-0001" && made.version() > 0);
    CHECK(session.send("order", made.key(), "assess"));
    CHECK(session.show("order", made.key()).find("\"risk_of\":3") != std::string::npos);
    auto bad = session.create("order", R"({"name":"bad"})");
    auto refused = session.send("order", bad.key(), "confirm");
    CHECK(refused.refused() && refused.refusals().size() == 1 && refused.refusals()[0].code == "criteria.exit");
    CHECK(refused.refusals()[0].pointers == std::vector<std::string>{"/lines"});
    CHECK(leat::form_errors(refused.json()).find("{\"extraErrors\":{\"lines\":") == 0);
    leat::FormWanted wanted;
    wanted.event = "pay";
    wanted.numbers = true;
    CHECK(session.form("order", made.key(), wanted).find("\"mode\":\"event\"") != std::string::npos);
    wanted = leat::FormWanted();
    wanted.role = "clerk";
    CHECK(program.form("order", wanted).find("\"mode\":\"create\"") != std::string::npos);
    CHECK(leat::form_input(session.form("order"), R"({"name":"x","total":"1"})") == R"({"record":{"name":"x"}})");
    auto thrown = failure([&] { session.send("order", bad.key(), "assess"); });
    CHECK(std::string(thrown.what()).find("bad risk") != std::string::npos || refused.refused());
    {
        leat::Batch batch(session);
        session.create("order", R"({"name":"undone"})");
    }
    {
        leat::Batch batch(session);
        session.create("order", R"({"name":"kept"})");
        batch.commit();
    }
    CHECK(session.list("order", "name = \"undone\"").find("undone") == std::string::npos);
    CHECK(session.list("order", "name = \"kept\"").find("kept") != std::string::npos);
    CHECK(engine.next_due_us().has_value());
    CHECK(failure([&] { session.show("order", "SO-9999"); }).status() == LEAT_E_NOT_FOUND);
    CHECK(engine.verify().find("\"ok\":true") != std::string::npos);
}

}  // namespace

int main() {
    test_program();
    test_decision();
    test_engine();
    return 0;
}
