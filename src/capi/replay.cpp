#include "capi/capi.hpp"
#include "replay/log.hpp"

using namespace leat::capi;
using leat::Result;

extern "C" LEAT_API leat_status leat_replay(leat_text** out, const leat_program* program, leat_str flow,
                                            leat_str log_path, leat_str mapping, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        const auto& bound = *required(program, "program").program;
        LEAT_TRY(const auto* found, flow_named(bound, required_text(flow, "flow")));
        LEAT_TRY(auto wanted, leat::replay::read_mapping(text(mapping, "mapping")));
        auto made = std::make_unique<leat_text>();
        LEAT_TRY(made->text, leat::replay::run(bound, *found, std::string(required_text(log_path, "log_path")), wanted,
                                               leat::Limits()));
        place = made.release();
        return {};
    });
}
