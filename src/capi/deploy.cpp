#include "deploy/deploy.hpp"

#include "capi/capi.hpp"

using namespace leat::capi;
using leat::Result;

extern "C" {

LEAT_API leat_status leat_engine_plan(leat_text** out, leat_engine* engine, const leat_program* program,
                                      leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto box = enter(engine);
        auto made = std::make_unique<leat_text>();
        LEAT_TRY(leat::deploy::Plan plan, leat::deploy::plan(*box->engine, *required(program, "program").program));
        made->text = plan.to_json();
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_engine_deploy(leat_outcome** out, leat_engine* engine, const leat_program* program,
                                        leat_str actor, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto box = enter(engine);
        auto made = std::make_unique<leat_outcome>();
        LEAT_TRY(made->outcome, leat::deploy::deploy(*box->engine, required(program, "program").program,
                                                     required_text(actor, "actor")));
        place = made.release();
        return {};
    });
}

}  // extern "C"
