#include "engine/definitions.hpp"

#include <fmt/format.h>

#include "catalog/catalog.hpp"
#include "program/load.hpp"

namespace leat::engine {

namespace {

using program::Program;
using program::Source;

// nullptr after at least one error.
std::unique_ptr<Program> load(const std::vector<Source>& stored, program::LoadOptions options,
                              Diagnostics& diagnostics) {
    // What another source names is found among the stored ones by the end of its name.
    auto files = [&](const std::string&, const std::string& path) -> std::optional<std::string> {
        for (const auto& one : stored)
            if (one.name == path || one.name.ends_with("/" + path)) return one.text;
        return std::nullopt;
    };
    std::vector<Source> roots;
    for (const auto& one : stored)
        if (one.root) roots.push_back(one);
    base::Sources printing;
    return program::load(roots, files, options, diagnostics, printing);
}

Result<std::vector<Source>> sources_of(store::Connection& connection, std::string_view hash) {
    LEAT_TRY(auto stored, catalog::load_definition(connection, hash));
    std::vector<Source> sources;
    for (auto& one : stored) sources.push_back({std::move(one.name), std::move(one.text), one.root});
    return sources;
}

}  // namespace

Result<std::shared_ptr<const Program>> stored_program(store::Connection& connection, const Limits& limits,
                                                      std::string_view wanted) {
    std::string hash(wanted);
    if (hash.empty()) {
        LEAT_TRY(hash, catalog::get(connection, "definition"));
    }
    if (hash.empty())
        return make_error(
            Status::not_found, "engine.no_definitions",
            fmt::format("'{}' holds no definitions yet: open it with a program first", connection.path()));
    LEAT_TRY(auto sources, sources_of(connection, hash));
    Diagnostics diagnostics;
    program::LoadOptions options;
    options.limits = limits;
    auto program = load(sources, std::move(options), diagnostics);
    if (program) return std::shared_ptr<const Program>(std::move(program));
    Error error = make_error(
        Status::program, "engine.stored_definitions",
        fmt::format("the definitions stored in '{}' no longer compile with this version of Leat", connection.path()));
    error.diagnostics = diagnostics.take();
    return error;
}

Result<program::PinnedFlow> former_flow(store::Connection& connection, std::string_view flow, int64_t version,
                                        std::string_view definition, std::string_view former_name) {
    program::PinnedFlow pinned{std::string(flow), std::string(former_name), version, {}};
    LEAT_TRY(pinned.sources, sources_of(connection, definition));
    return pinned;
}

Result<std::shared_ptr<const Program>> with_flows(std::shared_ptr<const Program> program,
                                                  std::vector<program::PinnedFlow> pinned, const Limits& limits) {
    if (pinned.empty()) return program;
    Diagnostics diagnostics;
    program::LoadOptions options;
    options.limits = limits;
    std::string names;
    for (const auto& one : pinned)
        names += fmt::format("{}version {} of {}", names.empty() ? "" : ", ", one.version, one.flow);
    options.pinned = std::move(pinned);
    auto made = load(program->sources_text, std::move(options), diagnostics);
    if (made) return std::shared_ptr<const Program>(std::move(made));
    Error error = make_error(Status::program, "engine.former_flow",
                             fmt::format("records run on {}, which these definitions no longer carry", names));
    error.diagnostics = diagnostics.take();
    return error;
}

Result<std::shared_ptr<const Program>> with_former_flows(std::shared_ptr<const Program> program,
                                                         store::Connection& connection, const Limits& limits) {
    std::vector<program::PinnedFlow> pinned;
    LEAT_TRY(auto versions, catalog::flow_versions(connection));
    for (const auto& one : versions) {
        const auto* flow = program->find_flow(one.flow);
        if (!one.pinned || !flow || flow->digest == one.digest) continue;
        LEAT_TRY(auto former, former_flow(connection, one.flow, one.version, one.definition, one.name));
        pinned.push_back(std::move(former));
    }
    return with_flows(std::move(program), std::move(pinned), limits);
}

}  // namespace leat::engine
