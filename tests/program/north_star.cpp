#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "catch.hpp"
#include "loading.hpp"

using namespace leat;
using namespace leat::program;
using namespace leat::program::test;

namespace {

std::optional<std::string> read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string shared_folder() {
    const char* given = std::getenv("LEAT_SHARED_DIR");
    return given ? given : std::string(LEAT_SOURCE_DIR) + "/../shared";
}

}  // namespace

TEST_CASE("the north star compiles whole") {
    auto text = read(shared_folder() + "/north_star/app.yaml");
    if (!text) {
        std::cout << "north_star/app.yaml is absent (LEAT_SHARED_DIR says where it is): nothing compiled\n";
        return;
    }
    auto files = [](const std::string&, const std::string& path) -> std::optional<std::string> {
        if (path != "holidays.csv") return std::nullopt;
        return "date,kind,hours,title\n2026-10-01,holiday,,国庆节\n2026-10-10,workday,,调休\n";
    };
    Loaded loaded = load_text(*text, false, files);
    INFO(loaded.text());
    REQUIRE(loaded.program);
    CHECK(loaded.diagnostics.all().empty());
    CHECK(load_text(*text, true, files).program);
    const Program& program = *loaded.program;
    CHECK(program.app_name == "lead_to_cash");
    CHECK(program.sources_text.size() == 2);
    CHECK(program.sources_text[0].root);
    CHECK_FALSE(program.sources_text[1].root);

    const Entity& opportunity = *program.find_entity("opportunity");
    const Entity& lines = *program.find_entity("opportunity.lines");
    CHECK(lines.table == "opportunity_lines");
    CHECK(lines.fields[lines.owner_field].name == "opportunity");
    CHECK(opportunity.find("amount")->formula_kind == FormulaKind::roll_up);
    CHECK(lines.find("amount")->formula_kind == FormulaKind::row);
    CHECK(lines.find("amount")->rank < opportunity.find("amount")->rank);
    CHECK(opportunity.find("stage")->origin == Origin::state);
    CHECK(opportunity.find("stage_configuration")->origin == Origin::configuration);
    CHECK(program.find_entity("lead")->find("status_configuration") == nullptr);
    CHECK(program.find_entity("lead")->find("score")->formula_kind == FormulaKind::row);
    CHECK(opportunity.key_parts.size() == 5);

    const Flow& flow = *program.find_flow("sales_flow");
    flow::StateId review = flow.chart.find("review");
    REQUIRE(review != flow::kNone);
    CHECK(flow.chart.states[review].type == flow::StateType::parallel);
    // Each department's approval completes its own region, and both send it back.
    flow::StateId law = flow.chart.find("law");
    CHECK(flow.chart.states[law].children.size() == 2);
    CHECK(flow.chart.find("law.approved") != flow::kNone);
    CHECK(flow.states[law].approval->roles.size() == 1);
    CHECK(flow.chart.states[review].transitions.size() == 5);  // rejected and returned twice, done
    const Approval& discount = *flow.states[flow.chart.find("discount")].approval;
    CHECK(discount.role);
    CHECK(discount.near);
    CHECK(discount.timeout == OnTimeout::escalate);
    std::vector<FieldId> shown = {opportunity.find("owner")->id, opportunity.find("price_ratio")->id,
                                  opportunity.find("amount")->id};
    CHECK(discount.shown == shown);
}
