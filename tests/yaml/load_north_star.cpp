// The applications that came with the language's design load without a word.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "catch.hpp"
#include "yaml/yaml.hpp"

using namespace leat;

namespace {

std::string shared_dir() {
    const char* set = std::getenv("LEAT_SHARED_DIR");
    return set != nullptr ? set : LEAT_SOURCE_DIR "/../shared";
}

}  // namespace

TEST_CASE("the design's lead-to-cash application loads") {
    std::string path = shared_dir() + "/north_star/app.yaml";
    if (!std::filesystem::exists(path)) {
        WARN("not run: " << path << " is absent (set LEAT_SHARED_DIR)");
        return;
    }
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    Sources sources;
    Diagnostics diagnostics;
    model::Model model;
    auto files = [](const std::string&, const std::string& name) -> std::optional<std::string> {
        if (name != "holidays.csv") return std::nullopt;
        return "date,kind,hours,title\n2026-01-01,holiday,,元旦\n2026-01-04,workday,,调休\n2026-01-10,workday,09:00-12:"
               "00,半天\n";
    };
    bool loaded = yaml::load(text.str(), path, files, Limits{}, sources, model, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.take()) UNSCOPED_INFO(base::format(diagnostic, sources));
    REQUIRE(loaded);
    CHECK(model.entities.size() == 4);
    CHECK(model.flows.size() == 2);
    CHECK(model.decisions.size() == 2);
    CHECK(model.roles.size() == 6);
    CHECK(model.settings.size() == 4);
    REQUIRE(model.calendars.size() == 1);
    const auto& exceptions = model.calendars[0].exceptions;
    REQUIRE(exceptions.size() == 3);
    CHECK(exceptions[0].hours.empty());
    REQUIRE(exceptions[1].hours.size() == 2);
    CHECK(exceptions[1].hours[1].text == "13:30-18:00");
    CHECK(exceptions[2].hours.size() == 1);
}
