#include "capi/capi.hpp"

using namespace leat::capi;
using leat::Result;

namespace {

int64_t expected(int64_t version) {
    if (version < 0)
        throw ArgumentError("usage.version", "'version' is 0 (any) or the version that the record must have");
    return version;
}

}  // namespace

extern "C" {

LEAT_API leat_status leat_session_open(leat_session** out, leat_engine* engine, leat_str actor, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto box = enter(engine);
        auto made = std::make_unique<leat_session>();
        LEAT_TRY(made->session, box->engine->session(required_text(actor, "actor")));
        made->box = std::move(box);
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_session_open_as(leat_session** out, leat_engine* engine, leat_str actor, leat_str as,
                                          leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto box = enter(engine);
        auto made = std::make_unique<leat_session>();
        LEAT_TRY(made->session, box->engine->session(required_text(actor, "actor"), required_text(as, "as")));
        made->box = std::move(box);
        place = made.release();
        return {};
    });
}

LEAT_API void leat_session_free(leat_session* session) {
    // In a child the session and its engine are left alone: closing them would touch the parent's file.
    if (session != nullptr && !forked(*session->box)) delete session;
}

LEAT_API void leat_session_interrupt(leat_session* session) {
    if (session != nullptr) session->session->interrupt();
}

LEAT_API leat_str leat_session_actor(const leat_session* session) {
    return session == nullptr ? leat_str{"", 0} : lend(session->session->actor());
}

LEAT_API leat_status leat_session_set_language(leat_session* session, leat_str language, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        enter(session).set_language(text(language, "language"));
        return {};
    });
}

LEAT_API leat_status leat_session_create(leat_outcome** out, leat_session* session, leat_str entity,
                                         leat_str input_json, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto& running = enter(session);
        auto made = std::make_unique<leat_outcome>();
        LEAT_TRY(made->outcome,
                 running.create(required_text(entity, "entity"), input(*session->box, input_json, "input_json")));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_session_patch(leat_outcome** out, leat_session* session, leat_str entity, leat_str key,
                                        leat_str input_json, int64_t version, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto& running = enter(session);
        auto made = std::make_unique<leat_outcome>();
        LEAT_TRY(made->outcome, running.patch(required_text(entity, "entity"), required_text(key, "key"),
                                              input(*session->box, input_json, "input_json"), expected(version)));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_session_delete(leat_outcome** out, leat_session* session, leat_str entity, leat_str key,
                                         int64_t version, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto& running = enter(session);
        auto made = std::make_unique<leat_outcome>();
        LEAT_TRY(made->outcome,
                 running.remove(required_text(entity, "entity"), required_text(key, "key"), expected(version)));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_session_send(leat_outcome** out, leat_session* session, leat_str entity, leat_str key,
                                       leat_str event, leat_str input_json, int64_t version, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto& running = enter(session);
        auto made = std::make_unique<leat_outcome>();
        LEAT_TRY(made->outcome,
                 running.send(required_text(entity, "entity"), required_text(key, "key"), required_text(event, "event"),
                              input(*session->box, input_json, "input_json"), expected(version)));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_session_merge(leat_outcome** out, leat_session* session, leat_str entity, leat_str key,
                                        leat_str other, leat_str take_json, int64_t version, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto& running = enter(session);
        auto made = std::make_unique<leat_outcome>();
        LEAT_TRY(made->outcome, running.merge(required_text(entity, "entity"), required_text(key, "key"),
                                              required_text(other, "other"),
                                              input(*session->box, take_json, "take_json"), expected(version)));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_session_put_file(leat_text** out, leat_session* session, const void* bytes, size_t size,
                                           leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto& running = enter(session);
        if (bytes == nullptr && size != 0) throw ArgumentError("usage.null", "'bytes' is NULL");
        auto made = std::make_unique<leat_text>();
        LEAT_TRY(made->text, running.put_file({static_cast<const char*>(bytes), size}));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_session_suspend(leat_outcome** out, leat_session* session, leat_str entity, leat_str key,
                                          leat_str reason, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto& running = enter(session);
        auto made = std::make_unique<leat_outcome>();
        LEAT_TRY(made->outcome,
                 running.suspend(required_text(entity, "entity"), required_text(key, "key"), text(reason, "reason")));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_session_resume(leat_outcome** out, leat_session* session, leat_str entity, leat_str key,
                                         leat_str reason, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto& running = enter(session);
        auto made = std::make_unique<leat_outcome>();
        LEAT_TRY(made->outcome,
                 running.resume(required_text(entity, "entity"), required_text(key, "key"), text(reason, "reason")));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_session_erase(leat_outcome** out, leat_session* session, leat_str entity, leat_str key,
                                        leat_str reason, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto& running = enter(session);
        auto made = std::make_unique<leat_outcome>();
        LEAT_TRY(made->outcome,
                 running.erase(required_text(entity, "entity"), required_text(key, "key"), text(reason, "reason")));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_session_jump(leat_outcome** out, leat_session* session, leat_str entity, leat_str key,
                                       leat_str flow, leat_str state, leat_str reason, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto& running = enter(session);
        auto made = std::make_unique<leat_outcome>();
        LEAT_TRY(made->outcome,
                 running.jump(required_text(entity, "entity"), required_text(key, "key"), required_text(flow, "flow"),
                              required_text(state, "state"), text(reason, "reason")));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_session_complete_task(leat_outcome** out, leat_session* session, int64_t task,
                                                leat_str decision, leat_str comment, leat_str input_json,
                                                leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto& running = enter(session);
        auto made = std::make_unique<leat_outcome>();
        LEAT_TRY(made->outcome,
                 running.complete_task(task, required_text(decision, "decision"), text(comment, "comment"),
                                       input(*session->box, input_json, "input_json")));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_session_share(leat_outcome** out, leat_session* session, leat_str entity, leat_str key,
                                        leat_str holder, leat_str right, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto& running = enter(session);
        auto made = std::make_unique<leat_outcome>();
        LEAT_TRY(made->outcome, running.share(required_text(entity, "entity"), required_text(key, "key"),
                                              required_text(holder, "holder"), required_text(right, "right")));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_session_change_setting(leat_outcome** out, leat_session* session, leat_str name,
                                                 leat_str valid_from, leat_str value, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto& running = enter(session);
        auto made = std::make_unique<leat_outcome>();
        LEAT_TRY(made->outcome, running.change_setting(required_text(name, "name"), text(valid_from, "valid_from"),
                                                       text(value, "value")));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_batch_begin(leat_session* session, leat_error** error) {
    return guard(error, [&] { return enter(session).begin_batch(); });
}
LEAT_API leat_status leat_batch_commit(leat_session* session, leat_error** error) {
    return guard(error, [&] { return enter(session).commit_batch(); });
}
LEAT_API leat_status leat_batch_rollback(leat_session* session, leat_error** error) {
    return guard(error, [&] { return enter(session).rollback_batch(); });
}

}  // extern "C"
