#include "exchange/scxml.hpp"

#include <fmt/format.h>

#include "capi/capi.hpp"

using namespace leat::capi;
using leat::Result;

extern "C" {

LEAT_API leat_status leat_scxml_export(leat_text** out, const leat_program* program, leat_str flow,
                                       leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        const auto& bound = *required(program, "program").program;
        LEAT_TRY(const auto* found, flow_named(bound, required_text(flow, "flow")));
        auto made = std::make_unique<leat_text>();
        LEAT_TRY(made->text, leat::exchange::write_scxml(bound, *found));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_scxml_import(leat_text** out, leat_str scxml, leat_str source_name, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        std::string_view given = text(scxml, "scxml");
        leat::base::Sources sources;
        uint32_t source = sources.add(std::string(text(source_name, "source_name")), std::string(given));
        leat::Diagnostics diagnostics;
        auto made = std::make_unique<leat_text>();
        auto yaml = leat::exchange::read_scxml(sources.text(source), source, leat::Limits(), diagnostics);
        if (!yaml) {
            size_t errors = diagnostics.error_count();
            Failure failure(leat::Status::program, "scxml.invalid",
                            fmt::format("the document has {} error{}", errors, errors == 1 ? "" : "s"));
            failure.diagnostics = to_c(diagnostics.take(), sources, "");
            throw failure;
        }
        made->text = std::move(*yaml);
        place = made.release();
        return {};
    });
}

}  // extern "C"
