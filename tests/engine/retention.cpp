// How long data are kept, as the definitions say.
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "engine/fixture.hpp"
#include "store/temporary_folder.hpp"

using namespace leat;
using test::Fixture;

namespace {

constexpr int64_t kDay = 86'400'000'000;

std::string app(const std::string& retention, const std::string& more = "", const std::string& keep = "") {
    return "leat: 1\napp: people\nlanguage: en\ntimezone: Asia/Shanghai\n" + keep + R"(---
settings: {保留: {type: duration, value: P30D}}
---
entity: 应聘者
key: "Y{seq}"
fields:
  姓名: {type: string, required: true, personal: true}
  邮箱: {type: string, personal: true}
  城市: string
  结束: date
  状况: {type: enum, enum: [在办, 录用, 拒绝], default: 在办}
)" + retention +
           R"(---
entity: letter
fields: {to: {type: ref, to: 应聘者}, text: {type: string, personal: true}}
)" + more;
}

bool holds(const std::string& folder, const std::string& text) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(entry.path(), std::ios::binary);
        std::string bytes{std::istreambuf_iterator<char>(file), {}};
        if (bytes.find(text) != std::string::npos) return true;
    }
    return false;
}

Json retained(Fixture& s) {
    auto outcome = s.engine->retain("");
    if (!outcome) FAIL(test::describe(outcome.error()));
    return *parse_json(outcome->json);
}

std::string counts(const Json& answer) {
    return fmt::format("{} {} {}", answer.find("erased")->text, answer.find("records")->text,
                       answer.find("rows")->text);
}

}  // namespace

TEST_CASE("what is personal goes once the retention of its record is over, and only then") {
    store::TemporaryFolder folder;
    const std::string place = std::filesystem::path(folder.file("x")).parent_path().string();
    Fixture s(app("retention: {for: P30D, since: 结束, if: 状况 = \"拒绝\"}\n"), folder.file("people.db"));
    auto make = [&](const char* name, const char* ended, const char* state) {
        Fixture::done(s.system->create(
            "应聘者", fmt::format(R"({{"姓名":"{0}独一","邮箱":"{0}@例","城市":"上海","结束":{1},"状况":"{2}"}})", name,
                                  ended, state)));
    };
    make("甲", R"("2026-01-02")", "拒绝");
    make("乙", R"("2026-01-02")", "录用");  // kept
    make("丙", "null", "拒绝");             // not ended
    make("丁", R"("2026-01-20")", "拒绝");
    Fixture::done(s.system->create("letter", R"({"to":"Y1","text":"致甲独一"})"));
    Fixture::done(s.system->create("letter", R"({"to":"Y2","text":"致乙独一"})"));
    s.clock.now += 30 * kDay;  // 2026-01-31 08:00 in Shanghai; the 30 days are over on 2026-02-01 there
    CHECK(counts(retained(s)) == "0 0 0");
    s.clock.now += kDay;
    CHECK(counts(retained(s)) == "1 2 0");
    CHECK(s.field("应聘者", "Y1", "姓名") == "erased");
    CHECK(s.field("应聘者", "Y1", "邮箱") == "null");
    CHECK(s.field("应聘者", "Y1", "城市") == "上海");
    CHECK(s.field("letter", "1", "text") == "null");
    CHECK_FALSE(holds(place, "甲独一"));
    for (const char* kept : {"乙独一", "丙独一", "丁独一"}) CHECK(holds(place, kept));
    CHECK(s.engine->verify()->problem == "");
    // Done is done: nothing is logged again, until somebody fills it in anew.
    const int64_t rows = s.engine->verify()->rows;
    CHECK(counts(retained(s)) == "0 0 0");
    CHECK(s.engine->verify()->rows == rows);
    Fixture::done(s.system->create("letter", R"({"to":"Y1","text":"又写"})"));
    CHECK(counts(retained(s)) == "1 3 0");
    s.clock.now += 30 * kDay;
    CHECK(counts(retained(s)) == "1 1 0");
    CHECK_FALSE(holds(place, "丁独一"));
    Json log = Fixture::json(s.system->log("", "", 0, 100));
    CHECK(base::to_text(*log.find("log")->items.back().find("command")) ==
          R"({"do":"retain","erased":{"应聘者":1},"records":1,"rows":1})");
}

TEST_CASE("without since it counts from the last change; the time can be a setting") {
    Fixture s(app("retention: {for: = settings.保留}\n"));
    Fixture::done(s.system->create("应聘者", R"({"姓名":"甲"})"));
    s.clock.now += 29 * kDay;
    Fixture::done(s.system->patch("应聘者", "Y1", R"({"城市":"北京"})"));
    s.clock.now += 29 * kDay;
    CHECK(counts(retained(s)) == "0 0 0");
    Fixture::done(s.system->change_setting("保留", "", "P10D"));
    CHECK(counts(retained(s)) == "1 1 0");
    CHECK(s.field("应聘者", "Y1", "姓名") == "erased");
}

TEST_CASE("old rows of the log go into an archive as keep_log says, after what is erased") {
    store::TemporaryFolder folder;
    Fixture s(app("retention: {for: P1Y}\n", "", "keep_log: P2M\n"), folder.file("people.db"));
    Fixture::done(s.system->create("应聘者", R"({"姓名":"甲"})"));
    s.clock.now += 40 * kDay;
    Fixture::done(s.system->create("应聘者", R"({"姓名":"乙"})"));
    CHECK(counts(retained(s)) == "0 0 0");
    s.clock.now += 30 * kDay;
    Json answer = retained(s);
    CHECK(counts(answer) == "0 0 2");  // the deployment and the first one
    CHECK(std::filesystem::exists(std::filesystem::path(folder.file("people.db")).parent_path() /
                                  std::filesystem::path(answer.find("archive")->text).filename()));
    CHECK(s.engine->verify()->problem == "");
    CHECK(s.engine->verify()->sealed == 2);
    s.clock.now += 330 * kDay;
    answer = retained(s);  // what is in the archive is erased, too
    CHECK(answer.find("erased")->text == "1");
    CHECK(s.engine->verify()->problem == "");
    CHECK(s.field("应聘者", "Y2", "姓名") == "乙");
}

TEST_CASE("rules that would do nothing are mistakes; definitions without any say so") {
    Fixture none(app(""));
    auto refused = none.engine->retain("");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "retention.none");
    auto mistake = [](const std::string& yaml) {
        Diagnostics diagnostics;
        base::Sources sources;
        auto reader = [](const std::string&, const std::string&) { return std::optional<std::string>(); };
        CHECK_FALSE(program::load({{"app.yaml", yaml}}, reader, {}, diagnostics, sources));
        return diagnostics.all().empty() ? std::string()
                                         : diagnostics.all()[0].code + ": " + diagnostics.all()[0].message;
    };
    CHECK(mistake(app("", "retention: {for: P1Y}\n---\nentity: plain\nfields: {a: string}\nretention: {for: P1Y}\n"))
              .starts_with("program.retention: no field of 'plain'"));
    CHECK(mistake(app("retention: {for: P1Y}\n", "---\nextend: 应聘者\nretention: {for: P2Y}\n"))
              .starts_with("program.retention: '应聘者' has a retention rule already"));
    CHECK(mistake(app("retention: {since: 结束}\n")).find("for") != std::string::npos);
    CHECK(mistake(app("retention: {for: P1Y, since: 姓名}\n")).starts_with("program.type"));
    CHECK(mistake(app("retention: {for: ever}\n")) != "");
    CHECK(mistake(app("retention: {for: P1Y, if: 没有}\n")).starts_with("feel.name.unknown"));
    CHECK(mistake(app("", "", "keep_log: long\n")) != "");
}
