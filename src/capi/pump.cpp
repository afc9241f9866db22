#include <fmt/format.h>

#include "base/json.hpp"
#include "capi/capi.hpp"

using namespace leat::capi;
using leat::Result;

namespace {

int64_t bound(int64_t max) {
    if (max < 0) throw ArgumentError("usage.max", "'max' must not be negative");
    return max;
}

}  // namespace

extern "C" {

LEAT_API leat_status leat_engine_run_due(leat_due_counts* out, leat_engine* engine, int64_t max, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        if (out != nullptr) write_struct(out, leat_due_counts{});
        auto box = enter(engine);
        LEAT_TRY(leat::engine::RunDue ran, box->engine->run_due(bound(max)));
        leat_due_counts counts{};
        counts.fired = ran.fired;
        counts.stale = ran.stale;
        counts.incidents = ran.incidents;
        counts.expired = ran.expired;
        counts.lateness_us_max = ran.lateness_us_max;
        counts.more = ran.more ? 1 : 0;
        if (out != nullptr) write_struct(out, counts);
        return {};
    });
}

LEAT_API leat_status leat_engine_deliver(leat_delivery_counts* out, leat_engine* engine, int64_t max,
                                         leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        if (out != nullptr) write_struct(out, leat_delivery_counts{});
        auto box = enter(engine);
        LEAT_TRY(leat::engine::Delivered delivered, box->engine->deliver(bound(max)));
        leat_delivery_counts counts{};
        counts.done = delivered.done;
        counts.failed = delivered.failed;
        counts.unknown = delivered.unknown;
        counts.more = delivered.more ? 1 : 0;
        if (out != nullptr) write_struct(out, counts);
        return {};
    });
}

LEAT_API leat_status leat_engine_next_due(int64_t* out, leat_engine* engine, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        required(out, "out") = LEAT_NEVER;
        auto box = enter(engine);
        LEAT_TRY(auto due, box->engine->next_due_us());
        if (due) *out = *due;
        return {};
    });
}

LEAT_API leat_status leat_engine_receive(leat_outcome** out, leat_engine* engine, leat_str name, leat_str id,
                                         leat_str payload_json, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto box = enter(engine);
        auto made = std::make_unique<leat_outcome>();
        LEAT_TRY(made->outcome, box->engine->receive(required_text(name, "name"), required_text(id, "id"),
                                                     input(*box, payload_json, "payload_json")));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_engine_drop_unused_files(int64_t* out, leat_engine* engine, int64_t older_than_us,
                                                   leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        if (out == nullptr) throw ArgumentError("usage.null", "'out' is NULL");
        *out = 0;
        auto box = enter(engine);
        LEAT_TRY(*out, box->engine->drop_unused_files(older_than_us));
        return {};
    });
}

LEAT_API leat_status leat_engine_verify(leat_text** out, leat_engine* engine, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto box = enter(engine);
        auto made = std::make_unique<leat_text>();
        LEAT_TRY(leat::journal::Verification found, box->engine->verify());
        leat::JsonWriter json(made->text);
        json.begin_object();
        json.key("ok").boolean(found.first_bad == 0);
        json.key("rows").number(found.rows);
        json.key("first_bad").number(found.first_bad);
        json.key("problem").string(found.problem);
        json.key("head").string(leat::base::to_hex(found.head));
        json.key("sealed").number(found.sealed).key("missing").begin_array();
        for (const auto& path : found.missing) json.string(path);
        json.end_array();
        if (found.loads + found.loads_changed > 0)
            json.key("loads").number(found.loads).key("loads_changed").number(found.loads_changed);
        json.end_object();
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_engine_resolve_delivery(leat_engine* engine, int64_t id, leat_str decision, leat_str receipt,
                                                  leat_error** error) {
    return guard(error, [&] {
        auto box = enter(engine);
        return box->engine->resolve_delivery(id, required_text(decision, "decision"), text(receipt, "receipt"));
    });
}

LEAT_API leat_status leat_engine_close_incident(leat_engine* engine, int64_t id, leat_str status, leat_error** error) {
    return guard(error, [&] {
        auto box = enter(engine);
        return box->engine->close_incident(id, required_text(status, "status"));
    });
}

}  // extern "C"
