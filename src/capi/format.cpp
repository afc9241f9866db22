#include "format/format.hpp"

#include "capi/capi.hpp"

extern "C" LEAT_API leat_status leat_format(leat_text** out, leat_str yaml, leat_str source_name, leat_error** error) {
    using namespace leat::capi;
    return guard(error, [&]() -> leat::Result<void> {
        auto& place = cleared(out);
        if (yaml.data == nullptr && yaml.size != 0) throw ArgumentError("usage.null", "'yaml' has a size but no data");
        std::string_view given(yaml.size == 0 ? "" : yaml.data, yaml.size);  // a wrong byte is told with its place
        std::string name(text(source_name, "source_name"));
        auto made = std::make_unique<leat_text>();
        auto formatted = leat::format::format(given, name);
        if (!formatted) {
            Failure failure(formatted.error().status, formatted.error().code, formatted.error().message);
            leat::base::Sources sources;
            sources.add(name, std::string(given));
            failure.diagnostics = to_c(formatted.error().diagnostics, sources, "");
            throw failure;
        }
        made->text = std::move(*formatted);
        place = made.release();
        return {};
    });
}
