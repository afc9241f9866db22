#include "capi/capi.hpp"
#include "explain/may.hpp"
#include "explain/sql.hpp"
#include "explain/why.hpp"

using namespace leat::capi;
using leat::Result;

namespace {

constexpr int64_t kLimit = 100;  // items of one answer when the caller names none

int64_t bound(int64_t limit) {
    if (limit < 0) throw ArgumentError("usage.limit", "'limit' must not be negative");
    return limit == 0 ? kLimit : limit;
}

// Ask: (engine::Session&) -> Result<std::string>.
template <class Ask>
leat_status read(leat_text** out, leat_session* session, leat_error** error, Ask&& ask) noexcept {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto& running = enter(session);
        auto made = std::make_unique<leat_text>();
        LEAT_TRY(made->text, ask(running));
        place = made.release();
        return {};
    });
}

using Session = leat::engine::Session;

}  // namespace

extern "C" {

LEAT_API leat_status leat_session_show(leat_text** out, leat_session* session, leat_str entity, leat_str key,
                                       leat_error** error) {
    return read(out, session, error,
                [&](Session& s) { return s.show(required_text(entity, "entity"), required_text(key, "key")); });
}

LEAT_API leat_status leat_session_list(leat_text** out, leat_session* session, leat_str entity, leat_str where,
                                       int64_t after_id, int64_t limit, leat_error** error) {
    return read(out, session, error, [&](Session& s) {
        return s.list(required_text(entity, "entity"), text(where, "where"), after_id, bound(limit));
    });
}

LEAT_API leat_status leat_session_query(leat_text** out, leat_session* session, leat_str entity, leat_str query_json,
                                        leat_error** error) {
    return read(out, session, error, [&](Session& s) {
        return s.query(required_text(entity, "entity"), input(*session->box, query_json, "query_json"));
    });
}

LEAT_API leat_status leat_session_view(leat_text** out, leat_session* session, leat_str entity, leat_str key,
                                       int64_t limit, leat_error** error) {
    return read(out, session, error, [&](Session& s) {
        return s.view(required_text(entity, "entity"), required_text(key, "key"), bound(limit));
    });
}

LEAT_API leat_status leat_session_may(leat_text** out, leat_session* session, leat_str user, leat_str right,
                                      leat_str entity, leat_str key, leat_str field, leat_error** error) {
    return read(out, session, error, [&](Session& s) {
        return leat::explain::may(s, text(user, "user"), required_text(right, "right"), required_text(entity, "entity"),
                                  text(key, "key"), text(field, "field"));
    });
}

LEAT_API leat_status leat_session_who_may(leat_text** out, leat_session* session, leat_str right, leat_str entity,
                                          leat_str key, leat_str field, leat_error** error) {
    return read(out, session, error, [&](Session& s) {
        return leat::explain::who_may(s, required_text(right, "right"), required_text(entity, "entity"),
                                      text(key, "key"), text(field, "field"));
    });
}

LEAT_API leat_status leat_session_explain_sql(leat_text** out, leat_session* session, leat_str entity,
                                              leat_str expression, leat_error** error) {
    return read(out, session, error, [&](Session& s) {
        return leat::explain::explain_sql(s, text(entity, "entity"), required_text(expression, "expression"));
    });
}

LEAT_API leat_status leat_session_duplicates(leat_text** out, leat_session* session, leat_str entity, leat_str key,
                                             leat_str input_json, int64_t limit, leat_error** error) {
    return read(out, session, error, [&](Session& s) {
        return s.duplicates(required_text(entity, "entity"), text(key, "key"),
                            input(*session->box, input_json, "input_json"), limit == 0 ? 20 : bound(limit));
    });
}

LEAT_API leat_status leat_session_get_file(leat_text** out, leat_session* session, leat_str entity, leat_str key,
                                           leat_str sha256, leat_error** error) {
    return read(out, session, error, [&](Session& s) {
        return s.get_file(required_text(entity, "entity"), required_text(key, "key"), required_text(sha256, "sha256"));
    });
}

LEAT_API leat_status leat_session_tasks(leat_text** out, leat_session* session, bool everybody, int64_t limit,
                                        leat_error** error) {
    return read(out, session, error, [&](Session& s) { return s.tasks(everybody, bound(limit)); });
}

LEAT_API leat_status leat_session_report(leat_text** out, leat_session* session, leat_str name, leat_str params_json,
                                         leat_error** error) {
    return read(out, session, error, [&](Session& s) {
        return s.report(required_text(name, "name"), input(*session->box, params_json, "params_json"));
    });
}

LEAT_API leat_status leat_session_log(leat_text** out, leat_session* session, leat_str entity, leat_str key,
                                      int64_t from, int64_t limit, leat_error** error) {
    return read(out, session, error,
                [&](Session& s) { return s.log(text(entity, "entity"), text(key, "key"), from, bound(limit)); });
}

LEAT_API leat_status leat_session_why(leat_text** out, leat_session* session, leat_str entity, leat_str key,
                                      leat_str event, leat_error** error) {
    return read(out, session, error, [&](Session& s) {
        return leat::explain::why(s, required_text(entity, "entity"), required_text(key, "key"), text(event, "event"));
    });
}

LEAT_API leat_status leat_session_sla_report(leat_text** out, leat_session* session, leat_str from, leat_str to,
                                             leat_str by, leat_error** error) {
    return read(out, session, error,
                [&](Session& s) { return s.sla_report(text(from, "from"), text(to, "to"), text(by, "by")); });
}

LEAT_API leat_status leat_session_slas(leat_text** out, leat_session* session, leat_error** error) {
    return read(out, session, error, [&](Session& s) { return s.slas(); });
}

LEAT_API leat_status leat_session_outbox(leat_text** out, leat_session* session, leat_str status, int64_t limit,
                                         leat_error** error) {
    return read(out, session, error, [&](Session& s) { return s.outbox(text(status, "status"), bound(limit)); });
}

LEAT_API leat_status leat_session_incidents(leat_text** out, leat_session* session, bool open_only, int64_t limit,
                                            leat_error** error) {
    return read(out, session, error, [&](Session& s) { return s.incidents(open_only, bound(limit)); });
}

LEAT_API leat_status leat_session_stuck(leat_text** out, leat_session* session, int64_t limit, leat_error** error) {
    return read(out, session, error, [&](Session& s) { return s.stuck(bound(limit)); });
}

LEAT_API leat_status leat_session_settings(leat_text** out, leat_session* session, leat_error** error) {
    return read(out, session, error, [&](Session& s) { return s.settings(); });
}

}  // extern "C"
