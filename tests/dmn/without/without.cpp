// The library without its reader of DMN XML (-DLEAT_DMN=OFF): one clear error.
#include "catch.hpp"
#include "dmn/dmn.hpp"

namespace leat {

TEST_CASE("a library without DMN XML says so") {
    Sources sources;
    Diagnostics diagnostics;
    model::DmnModel model;
    CHECK_FALSE(dmn::read("<definitions/>", "loan.dmn", Limits(), sources, model, diagnostics));
    auto told = diagnostics.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].code == "dmn.built_without");
    CHECK_THAT(told[0].message, Catch::Matchers::Contains("built without DMN XML (LEAT_DMN)"));
    CHECK(sources.name(told[0].span.source) == "loan.dmn");
}

}  // namespace leat
