#include "deploy/deploy.hpp"

#include "base/json.hpp"
#include "capi/capi.hpp"

using namespace leat::capi;
using leat::Result;

namespace {

std::vector<std::string> lines(leat_str given, const char* name) {
    std::vector<std::string> out;
    std::string_view rest = text(given, name);
    while (!rest.empty()) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (!line.empty()) out.emplace_back(line);
    }
    return out;
}

leat::deploy::Options options_of(const leat_deploy_options* options) {
    auto given = read_struct(options, "options");
    refuse_unknown(options, sizeof given, "options");
    if (given.flags != 0) throw ArgumentError("usage.flags", "unknown flags in the options of a deployment");
    leat::deploy::Options out;
    out.drop = lines(given.drop, "drop");
    out.move = lines(given.move, "move");
    out.backup = text(given.backup, "backup");
    return out;
}

}  // namespace

extern "C" {

LEAT_API leat_status leat_engine_plan(leat_text** out, leat_engine* engine, const leat_program* program,
                                      leat_error** error) {
    return leat_engine_plan_with(out, engine, program, nullptr, error);
}

LEAT_API leat_status leat_engine_deploy(leat_outcome** out, leat_engine* engine, const leat_program* program,
                                        leat_str actor, leat_error** error) {
    return leat_engine_deploy_with(out, engine, program, actor, nullptr, error);
}

LEAT_API leat_status leat_engine_plan_with(leat_text** out, leat_engine* engine, const leat_program* program,
                                           const leat_deploy_options* options, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto box = enter(engine);
        auto made = std::make_unique<leat_text>();
        LEAT_TRY(leat::deploy::Plan plan,
                 leat::deploy::plan(*box->engine, required(program, "program").program, options_of(options)));
        made->text = plan.to_json();
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_engine_deploy_with(leat_outcome** out, leat_engine* engine, const leat_program* program,
                                             leat_str actor, const leat_deploy_options* options, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto box = enter(engine);
        auto made = std::make_unique<leat_outcome>();
        LEAT_TRY(made->outcome, leat::deploy::deploy(*box->engine, required(program, "program").program,
                                                     required_text(actor, "actor"), options_of(options)));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_engine_undo_deploy(leat_outcome** out, leat_engine* engine, leat_str actor,
                                             const leat_deploy_options* options, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto box = enter(engine);
        auto made = std::make_unique<leat_outcome>();
        LEAT_TRY(made->outcome, leat::deploy::undo(*box->engine, required_text(actor, "actor"), options_of(options)));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_engine_backup(leat_engine* engine, leat_str path, leat_error** error) {
    return guard(error, [&] {
        auto box = enter(engine);
        return box->engine->backup(std::string(required_text(path, "path")));
    });
}

LEAT_API leat_status leat_engine_seal(leat_outcome** out, leat_engine* engine, int64_t before_us, leat_str folder,
                                      leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto box = enter(engine);
        auto made = std::make_unique<leat_outcome>();
        LEAT_TRY(made->outcome, box->engine->seal(before_us, std::string(text(folder, "folder"))));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_engine_retain(leat_outcome** out, leat_engine* engine, leat_str folder, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto box = enter(engine);
        auto made = std::make_unique<leat_outcome>();
        LEAT_TRY(made->outcome, box->engine->retain(std::string(text(folder, "folder"))));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_engine_archives(leat_text** out, leat_engine* engine, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto box = enter(engine);
        auto made = std::make_unique<leat_text>();
        LEAT_TRY(auto archives, box->engine->archives());
        leat::JsonWriter json(made->text);
        json.begin_object().key("archives").begin_array();
        for (const auto& one : archives)
            json.begin_object()
                .key("first")
                .number(one.first)
                .key("last")
                .number(one.last)
                .key("path")
                .string(one.path)
                .key("until")
                .string(one.time)
                .end_object();
        json.end_array().end_object();
        place = made.release();
        return {};
    });
}

}  // extern "C"
