// Import plans and exports: nothing is dropped silently, every problem names its row.
#include "exchange/export.hpp"
#include "exchange/import.hpp"

#include "../record/shop.hpp"

using namespace shop;
using exchange::Format;
using exchange::Mapping;

namespace {

struct Goods {
    std::unique_ptr<program::Program> program = load(kDefinitions);
    const program::Entity& entity(std::string_view name) const { return *program->find_entity(name); }
    Result<exchange::ImportPlan> read(std::string_view of, std::string_view text, Format format = Format::csv,
                                      const Mapping& mapping = {}) const {
        return exchange::read_rows(*program, entity(of), text, format, mapping);
    }
};

std::string shown(const exchange::ImportPlan& plan) {
    std::string out;
    for (const auto& row : plan.rows) out += std::to_string(row.line) + " " + row.key + " " + row.input + "\n";
    for (const auto& problem : plan.problems)
        out += std::to_string(problem.line) + " ! " + problem.field + ": " + problem.message + "\n";
    for (const auto& column : plan.unused_columns) out += "unused " + column + "\n";
    return out;
}

}  // namespace

TEST_CASE("columns are matched by name and by title, cells by the field's type") {
    Goods goods;
    auto plan = must(
        goods.read("customer", "\xEF\xBB\xBFkey,名称,region,nick\r\nC-1,\"远东, 公司\",华东,x\r\n,西部,north,\r\n"));
    CHECK(shown(plan) ==
          "2 C-1 {\"name\":\"远东, 公司\",\"region\":\"east\"}\n"
          "3 C-西部 {\"name\":\"西部\",\"region\":\"north\"}\n"
          "unused nick\n");
    plan = must(goods.read(
        "order", "pieces,rate,urgent,due,tags,extra\n3,\"1,234.5\",是,2026-01-02,a; b ;,\"{\"\"x\"\":1}\"\n,,,,,\n"));
    CHECK(shown(plan) ==
          "2  "
          "{\"pieces\":\"3\",\"rate\":\"1234.5\",\"urgent\":true,\"due\":\"2026-01-02\",\"tags\":[\"a\",\"b\"],"
          "\"extra\":{\"x\":1}}\n"
          "3  {}\n");
}

TEST_CASE("bad rows are reported with line and reason, good ones go on") {
    Goods goods;
    auto plan = must(goods.read(
        "order", "pieces,due,urgent\n1,2026-13-01,true\n2\n\"3\",2026-01-01,vielleicht\n\"1,23\",,\n5,2026-01-01,0\n"));
    CHECK(shown(plan) ==
          "6  {\"pieces\":\"5\",\"due\":\"2026-01-01\",\"urgent\":false}\n"
          "2 ! due: field 'due' takes a date such as 2026-11-21, not '2026-13-01'\n"
          "3 ! : the row has 1 cells, the header 3\n"
          "4 ! urgent: field 'urgent' takes true or false, not 'vielleicht'\n"
          "5 ! pieces: field 'pieces' takes a whole number, not '1,23'\n");
    plan = must(goods.read("customer", "region\nwest\n"));
    CHECK(shown(plan) == "2 ! region: field 'region' takes one of east, north, not 'west'\n");
}

TEST_CASE("a mapping renames, replaces, leaves out and fills in") {
    Goods goods;
    Mapping mapping;
    mapping.columns = {{"product code", "note"}, {"stage", ""}};
    mapping.replacements = {{"note", "GTXPro", "GTX Pro"}, {"note", "-", ""}};
    mapping.constants = {{"pieces", "1"}};
    auto plan = must(goods.read("order", "product code,stage\nGTXPro,won\n-,lost\n", Format::csv, mapping));
    CHECK(shown(plan) == "2  {\"note\":\"GTX Pro\",\"pieces\":\"1\"}\n3  {\"pieces\":\"1\"}\n");

    struct Wrong {
        std::vector<Mapping::Column> columns;
        std::vector<Mapping::Constant> constants;
        const char* code;
        const char* part;
    };
    const Wrong wrong[] = {
        {{{"produkt code", "note"}}, {}, "import.column", "did you mean 'product code'"},
        {{{"stage", "nte"}}, {}, "import.field", "did you mean 'note'"},
        {{{"stage", "amount"}}, {}, "import.field", "computed"},
        {{{"product code", "note"}, {"stage", "note"}}, {}, "import.duplicate", "both feed field 'note'"},
        {{}, {{"nix", "1"}}, "import.field", "'nix'"}};
    for (const Wrong& one : wrong) {
        Mapping asked;
        asked.columns = one.columns;
        asked.constants = one.constants;
        auto result = goods.read("order", "product code,stage\na,b\n", Format::csv, asked);
        REQUIRE_FALSE(result);
        CHECK(result.error().code == one.code);
        CHECK_THAT(result.error().message, Catch::Contains(one.part));
    }
}

TEST_CASE("JSON Lines, with lines of their own and what is wrong with them") {
    Goods goods;
    auto plan = must(goods.read("order",
                                "{\"pieces\":1,\"lines\":[{\"product\":\"p\"}],\"other\":2}\n\n{broken\n[1]\n{\"key\":"
                                "7,\"note\":\"\",\"备注\":\"x\"}",
                                Format::json_lines));
    CHECK(plan.rows.size() == 2);
    CHECK(plan.rows[0].input == "{\"pieces\":1,\"lines\":[{\"product\":\"p\"}]}");
    CHECK(plan.rows[1].line == 5);
    CHECK(plan.rows[1].key == "7");
    CHECK(plan.rows[1].input == "{\"note\":\"\"}");
    REQUIRE(plan.problems.size() == 2);
    CHECK(plan.problems[0].line == 3);
    CHECK(plan.problems[1].message == "a line is one JSON object");
    CHECK(plan.unused_columns == std::vector<std::string>{"other", "备注"});
}

TEST_CASE("the file's name says its format, and an empty file is no import") {
    CHECK(must(exchange::format_of("a.b/Daten.CSV")) == Format::csv);
    CHECK(must(exchange::format_of("x.ndjson")) == Format::json_lines);
    CHECK(exchange::format_of("x.xlsx").error().code == "import.format");
    Goods goods;
    CHECK(goods.read("order", "").error().code == "csv.empty");
    CHECK(must(goods.read("order", "", Format::json_lines)).rows.empty());
}

TEST_CASE("exports are cut to what the actor may export, and come back in") {
    Shop shop;
    shop.customer("a");
    Row& customer = shop.customer("b");
    shop.set(customer, "name", "\"b,\\\"c\\\"\"");
    shop.set(customer, "region", "\"east\"");
    shop.set(customer, "secret", "\"s\"");
    shop.commit();
    exchange::ExportOptions options;
    const auto& entity = *shop.program->find_entity("customer");
    auto all = must(exchange::export_rows(*shop.records, entity, options, query::AccessScope::everything()));
    CHECK(all.rows == 2);
    CHECK(all.text == "key,name,region,owner,total,secret\r\nC-a,a,,,0.00,\r\nC-b,\"b,\"\"c\"\"\",east,,0.00,s\r\n");
    Mapping back;
    back.columns = {{"total", ""}};
    auto plan = must(exchange::read_rows(*shop.program, entity, all.text, Format::csv, back));
    CHECK(plan.problems.empty());
    CHECK(plan.rows[1].input == "{\"name\":\"b,\\\"c\\\"\",\"region\":\"east\",\"secret\":\"s\"}");

    program::RoleId manager;
    REQUIRE(shop.program->find_role("manager", &manager));
    auto none = must(exchange::export_rows(*shop.records, entity, options, query::AccessScope::of("li", 0, {manager})));
    CHECK(none.rows == 0);
    CHECK(none.withheld == 2);  // a manager reads, but exports nothing
    options.format = Format::json_lines;
    auto where = shop.compile("customer", "region = \"east\"");
    options.where = where.get();
    auto lines = must(exchange::export_rows(*shop.records, entity, options, query::AccessScope::everything()));
    CHECK(lines.rows == 1);
    CHECK_THAT(lines.text, Catch::Contains("\"region\":\"east\"") && Catch::EndsWith("}\n"));
    options.format = Format::csv;
    options.fields = {"nme"};
    CHECK_THAT(exchange::export_rows(*shop.records, entity, options, query::AccessScope::everything()).error().message,
               Catch::Contains("did you mean 'name'"));
}
