// leat.hpp: leat.h for C++17 hosts. Header-only and thin: handles that free themselves, failures as leat::Error, texts
// as std::string_view in and std::string out, callbacks as std::function. What each call means is said in leat.h.
//
// A refused command is no failure: Outcome::refused() says so and refusals() say why.
#ifndef LEAT_LEAT_HPP
#define LEAT_LEAT_HPP

#include <leat/leat.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

inline leat_str to_c(std::string_view text) {
    return leat_str{text.data(), text.size()};
}
inline std::string_view view(leat_str text) {
    return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}
inline std::string copy(leat_str text) {
    return std::string(view(text));
}

struct Diagnostic {
    explicit Diagnostic(const leat_diagnostic *d)
        : severity(leat_diagnostic_severity(d)),
          code(copy(leat_diagnostic_code(d))),
          message(copy(leat_diagnostic_message(d))),
          hint(copy(leat_diagnostic_hint(d))),
          source(copy(leat_diagnostic_source(d))),
          text(copy(leat_diagnostic_text(d))),
          line(leat_diagnostic_line(d)),
          column(leat_diagnostic_column(d)),
          end_line(leat_diagnostic_end_line(d)),
          end_column(leat_diagnostic_end_column(d)) {}
    std::int32_t severity;  // LEAT_SEVERITY_…
    std::string code, message, hint, source, text;
    std::uint32_t line, column, end_line, end_column;
};

// A call that failed. what() is the message; text() adds every diagnostic as compilers print them.
class Error : public std::runtime_error {
 public:
    Error(leat_status status, const leat_error *error)
        : std::runtime_error(error == nullptr ? std::string("the call failed") : copy(leat_error_message(error))),
          status_(status),
          code_(copy(leat_error_code(error))),
          text_(copy(leat_error_text(error))) {
        for (std::size_t i = 0; i < leat_error_diagnostic_count(error); ++i)
            diagnostics_.emplace_back(leat_error_diagnostic(error, i));
    }
    leat_status status() const { return status_; }
    const std::string &code() const { return code_; }
    const std::string &text() const { return text_; }
    const std::vector<Diagnostic> &diagnostics() const { return diagnostics_; }

 private:
    leat_status status_;
    std::string code_, text_;
    std::vector<Diagnostic> diagnostics_;
};

namespace detail {

struct Free {
    void operator()(leat_program *p) const { leat_program_free(p); }
    void operator()(leat_engine *p) const { leat_engine_free(p); }
    void operator()(leat_session *p) const { leat_session_free(p); }
    void operator()(leat_outcome *p) const { leat_outcome_free(p); }
    void operator()(leat_text *p) const { leat_text_free(p); }
    void operator()(leat_error *p) const { leat_error_free(p); }
    void operator()(leat_decision *p) const { leat_decision_free(p); }
    void operator()(leat_scratch *p) const { leat_scratch_free(p); }
    void operator()(leat_feel *p) const { leat_feel_free(p); }
};
template <class T>
using Handle = std::unique_ptr<T, Free>;

// call: (leat_error **) -> leat_status. Throws Error when it fails.
template <class Call>
void check(Call &&call) {
    leat_error *error = nullptr;
    leat_status status = call(&error);
    if (status == LEAT_OK) return;
    Handle<leat_error> owned(error);
    throw Error(status, error);
}
// call: (T **, leat_error **) -> leat_status.
template <class T, class Call>
Handle<T> made(Call &&call) {
    T *out = nullptr;
    check([&](leat_error **error) { return call(&out, error); });
    return Handle<T>(out);
}
template <class Call>
std::string text(Call &&call) {
    return copy(leat_text_str(made<leat_text>(call).get()));
}
inline leat_diagram_options diagram_options(std::uint64_t flags, std::string_view language) {
    leat_diagram_options options = {};
    options.struct_size = sizeof options;
    options.flags = flags;
    options.language = to_c(language);
    return options;
}

}  // namespace detail

// How newer definitions come into a file that has data: what may be lost, which flows' records are moved, where a copy
// of the database goes first.
struct DeployOptions {
    std::vector<std::string> drop, move;
    std::string backup;
};

namespace detail {

// The same for C; lends from the options, which must outlive it.
struct DeployOptionsView {
    explicit DeployOptionsView(const DeployOptions &given) {
        for (const std::string &one : given.drop) drop += one + '\n';
        for (const std::string &one : given.move) move += one + '\n';
        options.struct_size = sizeof options;
        options.drop = to_c(drop);
        options.move = to_c(move);
        options.backup = to_c(given.backup);
    }
    DeployOptionsView(const DeployOptionsView &) = delete;
    std::string drop, move;
    leat_deploy_options options = {};
};

}  // namespace detail

// What a callback is asked. Lives only while it runs.
class Call {
 public:
    explicit Call(leat_call *call) : call_(call) {}
    std::string_view name() const { return view(leat_call_name(call_)); }
    std::string_view input() const { return view(leat_call_input(call_)); }
    std::int64_t id() const { return leat_call_id(call_); }
    std::int64_t attempt() const { return leat_call_attempt(call_); }

 private:
    leat_call *call_;
};

// Answers with a text (JSON for functions, a receipt for deliveries). An exception is a failure with its message.
using Callback = std::function<std::string(const Call &)>;

namespace detail {

extern "C" {
inline leat_status leat_hpp_run(void *user_data, leat_call *call) {
    try {
        return leat_call_answer(call, to_c((*static_cast<Callback *>(user_data))(Call(call))));
    } catch (const std::exception &e) {
        return leat_call_fail(call, leat_str_of(e.what()));
    } catch (...) {
        return leat_call_fail(call, leat_str_of("an exception of an unknown type"));
    }
}
inline void leat_hpp_destroy(void *user_data) {
    delete static_cast<Callback *>(user_data);
}
// What takes a text and answers nothing: the caller's function object.
inline leat_status leat_hpp_take(void *user_data, leat_call *call) {
    try {
        (*static_cast<std::function<void(std::string_view)> *>(user_data))(view(leat_call_input(call)));
        return LEAT_OK;
    } catch (const std::exception &e) {
        return leat_call_fail(call, leat_str_of(e.what()));
    } catch (...) {
        return leat_call_fail(call, leat_str_of("an exception of an unknown type"));
    }
}
inline std::int64_t leat_hpp_now(void *user_data) {
    return (*static_cast<std::function<std::int64_t()> *>(user_data))();
}
inline void leat_hpp_destroy_clock(void *user_data) {
    delete static_cast<std::function<std::int64_t()> *>(user_data);
}
}

}  // namespace detail

struct Refusal {
    std::string code, at, message;
    std::vector<std::string> fields;
    std::vector<std::string> pointers;  // where they are in the record's document: "/lines/2/quantity"
};

// Which form: see leat_form_options.
struct FormWanted {
    std::string_view language, event, role, state;
    bool numbers = false;
    std::int64_t choices_max = 0;
};

namespace detail {
inline leat_form_options form_options(const FormWanted &wanted) {
    leat_form_options options = {};
    options.struct_size = sizeof options;
    options.flags = wanted.numbers ? LEAT_FORM_NUMBERS : 0;
    options.language = to_c(wanted.language);
    options.event = to_c(wanted.event);
    options.role = to_c(wanted.role);
    options.state = to_c(wanted.state);
    options.choices_max = wanted.choices_max;
    return options;
}
}  // namespace detail

class Outcome {
 public:
    explicit Outcome(detail::Handle<leat_outcome> handle) : handle_(std::move(handle)) {}
    bool refused() const { return leat_outcome_refused(get()); }
    explicit operator bool() const { return !refused(); }
    std::int64_t sequence() const { return leat_outcome_sequence(get()); }
    std::string_view entity() const { return view(leat_outcome_entity(get())); }
    std::string_view key() const { return view(leat_outcome_key(get())); }
    std::int64_t id() const { return leat_outcome_id(get()); }
    std::int64_t version() const { return leat_outcome_version(get()); }
    std::string_view json() const { return view(leat_outcome_json(get())); }
    std::vector<Refusal> refusals() const {
        std::vector<Refusal> all;
        for (std::size_t i = 0; i < leat_outcome_refusal_count(get()); ++i) {
            Refusal one{copy(leat_outcome_refusal_code(get(), i)),
                        copy(leat_outcome_refusal_at(get(), i)),
                        copy(leat_outcome_refusal_message(get(), i)),
                        {},
                        {}};
            for (std::size_t j = 0; j < leat_outcome_refusal_field_count(get(), i); ++j)
                one.fields.push_back(copy(leat_outcome_refusal_field(get(), i, j)));
            for (std::size_t j = 0; j < leat_outcome_refusal_pointer_count(get(), i); ++j)
                one.pointers.push_back(copy(leat_outcome_refusal_pointer(get(), i, j)));
            all.push_back(std::move(one));
        }
        return all;
    }
    leat_outcome *get() const { return handle_.get(); }

 private:
    detail::Handle<leat_outcome> handle_;
};

class Program {
 public:
    explicit Program(detail::Handle<leat_program> handle) : handle_(std::move(handle)) {}
    // (name, text) of each source. flags: LEAT_PROGRAM_…
    static Program load(const std::vector<std::pair<std::string, std::string>> &sources, std::uint64_t flags = 0) {
        std::vector<leat_source> views;
        for (const auto &source : sources) views.push_back(leat_source{to_c(source.first), to_c(source.second)});
        leat_program_options options = options_of(flags);
        return Program(detail::made<leat_program>([&](leat_program **out, leat_error **error) {
            return leat_program_load(out, views.data(), views.size(), &options, error);
        }));
    }
    static Program load_file(std::string_view path, std::uint64_t flags = 0) {
        leat_program_options options = options_of(flags);
        return Program(detail::made<leat_program>([&](leat_program **out, leat_error **error) {
            return leat_program_load_file(out, to_c(path), &options, error);
        }));
    }
    std::string_view name() const { return view(leat_program_name(get())); }
    std::string_view version() const { return view(leat_program_version(get())); }
    std::string_view hash() const { return view(leat_program_hash(get())); }
    std::vector<Diagnostic> warnings() const {
        std::vector<Diagnostic> all;
        for (std::size_t i = 0; i < leat_program_warning_count(get()); ++i)
            all.emplace_back(leat_program_warning(get(), i));
        return all;
    }
    std::string_view warnings_text() const { return view(leat_program_warnings_text(get())); }
    std::string describe() const {
        return detail::text(
            [&](leat_text **out, leat_error **error) { return leat_program_describe(out, get(), error); });
    }
    // format and flags: LEAT_DIAGRAM_…
    std::string diagram(std::string_view flow, std::int32_t format, std::uint64_t flags = 0,
                        std::string_view language = {}) const {
        leat_diagram_options options = detail::diagram_options(flags, language);
        return detail::text([&](leat_text **out, leat_error **error) {
            return leat_program_diagram(out, get(), to_c(flow), format, &options, error);
        });
    }
    // By role and state, without data; wanted.role and wanted.state say which.
    std::string form(std::string_view entity, const FormWanted &wanted = {}) const {
        leat_form_options options = detail::form_options(wanted);
        return detail::text([&](leat_text **out, leat_error **error) {
            return leat_program_form(out, get(), to_c(entity), &options, error);
        });
    }
    std::string to_scxml(std::string_view flow) const {
        return detail::text(
            [&](leat_text **out, leat_error **error) { return leat_scxml_export(out, get(), to_c(flow), error); });
    }
    // The report on an event log, as JSON.
    std::string replay(std::string_view flow, std::string_view log_path, std::string_view mapping = {}) const {
        return detail::text([&](leat_text **out, leat_error **error) {
            return leat_replay(out, get(), to_c(flow), to_c(log_path), to_c(mapping), error);
        });
    }
    // format: LEAT_FORMAT_…
    std::string import_plan(std::string_view entity, std::string_view table, std::int32_t format,
                            std::string_view mapping = {}) const {
        return detail::text([&](leat_text **out, leat_error **error) {
            return leat_import_plan(out, get(), to_c(entity), to_c(table), format, to_c(mapping), error);
        });
    }
    // inputs and answer are JSON; flags: LEAT_DECIDE_…; as_of: a date, empty: today.
    std::string decide(std::string_view decision, std::string_view inputs, std::uint64_t flags = 0,
                       std::string_view as_of = {}) const {
        leat_decide_options options = {};
        options.struct_size = sizeof options;
        options.flags = flags;
        options.as_of = to_c(as_of);
        return detail::text([&](leat_text **out, leat_error **error) {
            return leat_decide(out, get(), to_c(decision), to_c(inputs), &options, error);
        });
    }
    std::uint32_t entity_id(std::string_view entity) const { return leat_entity_id(get(), to_c(entity)); }
    std::uint32_t field_id(std::uint32_t entity, std::string_view field) const {
        return leat_field_id(get(), entity, to_c(field));
    }
    std::uint64_t event_id(std::uint32_t entity, std::string_view event) const {
        return leat_event_id(get(), entity, to_c(event));
    }
    const leat_program *get() const { return handle_.get(); }

 private:
    static leat_program_options options_of(std::uint64_t flags) {
        leat_program_options options = {};
        options.struct_size = sizeof options;
        options.flags = flags;
        return options;
    }
    detail::Handle<leat_program> handle_;
};

// What of a submitted document a command takes; and where a refusal's reasons belong on the form. See leat.h.
inline std::string form_input(std::string_view form_json, std::string_view data_json) {
    return detail::text([&](leat_text **out, leat_error **error) {
        return leat_form_input(out, to_c(form_json), to_c(data_json), error);
    });
}
inline std::string form_errors(std::string_view outcome_json) {
    return detail::text(
        [&](leat_text **out, leat_error **error) { return leat_form_errors(out, to_c(outcome_json), error); });
}

// The definitions of an SCXML document's flow, in YAML.
inline std::string from_scxml(std::string_view scxml, std::string_view source_name) {
    return detail::text([&](leat_text **out, leat_error **error) {
        return leat_scxml_import(out, to_c(scxml), to_c(source_name), error);
    });
}
inline std::string format(std::string_view yaml, std::string_view source_name) {
    return detail::text(
        [&](leat_text **out, leat_error **error) { return leat_format(out, to_c(yaml), to_c(source_name), error); });
}

class Session {
 public:
    explicit Session(detail::Handle<leat_session> handle) : handle_(std::move(handle)) {}

    Outcome create(std::string_view entity, std::string_view input = {}) {
        return command([&](leat_outcome **out, leat_error **error) {
            return leat_session_create(out, get(), to_c(entity), to_c(input), error);
        });
    }
    Outcome patch(std::string_view entity, std::string_view key, std::string_view input, std::int64_t version = 0) {
        return command([&](leat_outcome **out, leat_error **error) {
            return leat_session_patch(out, get(), to_c(entity), to_c(key), to_c(input), version, error);
        });
    }
    Outcome remove(std::string_view entity, std::string_view key, std::int64_t version = 0) {
        return command([&](leat_outcome **out, leat_error **error) {
            return leat_session_delete(out, get(), to_c(entity), to_c(key), version, error);
        });
    }
    Outcome send(std::string_view entity, std::string_view key, std::string_view event, std::string_view input = {},
                 std::int64_t version = 0) {
        return command([&](leat_outcome **out, leat_error **error) {
            return leat_session_send(out, get(), to_c(entity), to_c(key), to_c(event), to_c(input), version, error);
        });
    }
    Outcome complete_task(std::int64_t task, std::string_view decision, std::string_view comment = {},
                          std::string_view input = {}) {
        return command([&](leat_outcome **out, leat_error **error) {
            return leat_session_complete_task(out, get(), task, to_c(decision), to_c(comment), to_c(input), error);
        });
    }
    // take: a JSON array of the fields that are the other's in any case.
    Outcome merge(std::string_view entity, std::string_view key, std::string_view other, std::string_view take = {},
                  std::int64_t version = 0) {
        return command([&](leat_outcome **out, leat_error **error) {
            return leat_session_merge(out, get(), to_c(entity), to_c(key), to_c(other), to_c(take), version, error);
        });
    }
    // The SHA-256 of the bytes, for fields of type file.
    std::string put_file(std::string_view bytes) {
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_put_file(out, get(), bytes.data(), bytes.size(), error);
        });
    }
    std::string get_file(std::string_view entity, std::string_view key, std::string_view sha256) {
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_get_file(out, get(), to_c(entity), to_c(key), to_c(sha256), error);
        });
    }
    // Of a record, or with an empty key of what one with these fields would be.
    std::string duplicates(std::string_view entity, std::string_view key, std::string_view input = {},
                           std::int64_t limit = 0) {
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_duplicates(out, get(), to_c(entity), to_c(key), to_c(input), limit, error);
        });
    }
    // Out of order, with a reason that is logged: see leat_session_suspend.
    Outcome suspend(std::string_view entity, std::string_view key, std::string_view reason) {
        return command([&](leat_outcome **out, leat_error **error) {
            return leat_session_suspend(out, get(), to_c(entity), to_c(key), to_c(reason), error);
        });
    }
    Outcome resume(std::string_view entity, std::string_view key, std::string_view reason) {
        return command([&](leat_outcome **out, leat_error **error) {
            return leat_session_resume(out, get(), to_c(entity), to_c(key), to_c(reason), error);
        });
    }
    Outcome jump(std::string_view entity, std::string_view key, std::string_view flow, std::string_view state,
                 std::string_view reason) {
        return command([&](leat_outcome **out, leat_error **error) {
            return leat_session_jump(out, get(), to_c(entity), to_c(key), to_c(flow), to_c(state), to_c(reason), error);
        });
    }
    Outcome erase(std::string_view entity, std::string_view key, std::string_view reason) {
        return command([&](leat_outcome **out, leat_error **error) {
            return leat_session_erase(out, get(), to_c(entity), to_c(key), to_c(reason), error);
        });
    }
    // holder: "user:KEY" or "role:NAME"; right: "read", "write" or "none".
    Outcome share(std::string_view entity, std::string_view key, std::string_view holder, std::string_view right) {
        return command([&](leat_outcome **out, leat_error **error) {
            return leat_session_share(out, get(), to_c(entity), to_c(key), to_c(holder), to_c(right), error);
        });
    }
    Outcome change_setting(std::string_view name, std::string_view valid_from, std::string_view value) {
        return command([&](leat_outcome **out, leat_error **error) {
            return leat_session_change_setting(out, get(), to_c(name), to_c(valid_from), to_c(value), error);
        });
    }

    void begin() {
        detail::check([&](leat_error **error) { return leat_batch_begin(get(), error); });
    }
    void commit() {
        detail::check([&](leat_error **error) { return leat_batch_commit(get(), error); });
    }
    void rollback() {
        detail::check([&](leat_error **error) { return leat_batch_rollback(get(), error); });
    }

    // By columns: see leat_session_load.
    std::string load(std::uint32_t entity, const std::uint32_t *fields, const leat_column *columns,
                     std::size_t column_count, std::size_t row_count, leat_load_options options = {}) {
        options.struct_size = sizeof options;
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_load(out, get(), entity, fields, columns, column_count, row_count, &options, error);
        });
    }
    // format: LEAT_FORMAT_…; options as of leat_session_import, without struct_size, progress and user_data. progress
    // gets the counts as JSON; what it throws stops the import.
    std::string import_table(std::string_view entity, std::int32_t format, leat_import_options options,
                             std::function<void(std::string_view counts)> progress = {}) {
        options.struct_size = sizeof options;
        if (progress) {
            options.progress = detail::leat_hpp_take;
            options.user_data = &progress;
        }
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_import(out, get(), to_c(entity), format, &options, error);
        });
    }
    // options as of leat_session_export, without struct_size, write and user_data. write gets the bytes in pieces.
    std::string export_records(std::string_view entity, std::int32_t format, leat_export_options options = {},
                               std::function<void(std::string_view bytes)> write = {}) {
        options.struct_size = sizeof options;
        if (write) {
            options.write = detail::leat_hpp_take;
            options.user_data = &write;
        }
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_export(out, get(), to_c(entity), format, &options, error);
        });
    }

    // Of the record `key`, or with JSON inputs; flags: LEAT_DECIDE_…; as_of: a date, empty: today.
    std::string decide(std::string_view decision, std::string_view key, std::string_view inputs = {},
                       std::uint64_t flags = 0, std::string_view as_of = {}) {
        leat_decide_options options = {};
        options.struct_size = sizeof options;
        options.flags = flags;
        options.as_of = to_c(as_of);
        return detail::text([&](leat_text **out, leat_error **error) {
            return leat_session_decide(out, get(), to_c(decision), to_c(key), to_c(inputs), &options, error);
        });
    }
    std::string show(std::string_view entity, std::string_view key) {
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_show(out, get(), to_c(entity), to_c(key), error);
        });
    }
    std::string list(std::string_view entity, std::string_view where = {}, std::int64_t after_id = 0,
                     std::int64_t limit = 0) {
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_list(out, get(), to_c(entity), to_c(where), after_id, limit, error);
        });
    }
    // A JSON query: where, search, sort, limit, after, fields; or group and measures.
    std::string query(std::string_view entity, std::string_view query_json) {
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_query(out, get(), to_c(entity), to_c(query_json), error);
        });
    }
    std::string view(std::string_view entity, std::string_view key, std::int64_t limit = 0) {
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_view(out, get(), to_c(entity), to_c(key), limit, error);
        });
    }
    // user: empty for the actor; right: "read" … or "send EVENT".
    std::string may(std::string_view user, std::string_view right, std::string_view entity, std::string_view key = {},
                    std::string_view field = {}) {
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_may(out, get(), to_c(user), to_c(right), to_c(entity), to_c(key), to_c(field), error);
        });
    }
    std::string who_may(std::string_view right, std::string_view entity, std::string_view key = {},
                        std::string_view field = {}) {
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_who_may(out, get(), to_c(right), to_c(entity), to_c(key), to_c(field), error);
        });
    }
    std::string explain_sql(std::string_view entity, std::string_view expression) {
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_explain_sql(out, get(), to_c(entity), to_c(expression), error);
        });
    }
    std::string tasks(bool everybody = false, std::int64_t limit = 0) {
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_tasks(out, get(), everybody, limit, error);
        });
    }
    std::string report(std::string_view name, std::string_view params = {}) {
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_report(out, get(), to_c(name), to_c(params), error);
        });
    }
    std::string log(std::string_view entity = {}, std::string_view key = {}, std::int64_t from = 0,
                    std::int64_t limit = 0) {
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_log(out, get(), to_c(entity), to_c(key), from, limit, error);
        });
    }
    std::string why(std::string_view entity, std::string_view key, std::string_view event) {
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_why(out, get(), to_c(entity), to_c(key), to_c(event), error);
        });
    }
    // flow: empty for the only one; format and flags: LEAT_DIAGRAM_…
    std::string diagram(std::string_view entity, std::string_view key, std::string_view flow, std::int32_t format,
                        std::uint64_t flags = 0, std::string_view language = {}) {
        leat_diagram_options options = detail::diagram_options(flags, language);
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_diagram(out, get(), to_c(entity), to_c(key), to_c(flow), format, &options, error);
        });
    }
    // key: empty for a form to create a record.
    std::string form(std::string_view entity, std::string_view key = {}, const FormWanted &wanted = {}) {
        leat_form_options options = detail::form_options(wanted);
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_form(out, get(), to_c(entity), to_c(key), &options, error);
        });
    }
    std::string sla_report(std::string_view from = {}, std::string_view to = {}, std::string_view by = {}) {
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_sla_report(out, get(), to_c(from), to_c(to), to_c(by), error);
        });
    }
    std::string slas() {
        return read([&](leat_text **out, leat_error **error) { return leat_session_slas(out, get(), error); });
    }
    std::string outbox(std::string_view status = {}, std::int64_t limit = 0) {
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_outbox(out, get(), to_c(status), limit, error);
        });
    }
    std::string incidents(bool open_only = true, std::int64_t limit = 0) {
        return read([&](leat_text **out, leat_error **error) {
            return leat_session_incidents(out, get(), open_only, limit, error);
        });
    }
    std::string stuck(std::int64_t limit = 0) {
        return read([&](leat_text **out, leat_error **error) { return leat_session_stuck(out, get(), limit, error); });
    }
    std::string settings() {
        return read([&](leat_text **out, leat_error **error) { return leat_session_settings(out, get(), error); });
    }
    std::int64_t id_of(std::string_view entity, std::string_view key) {
        std::int64_t id = 0;
        detail::check(
            [&](leat_error **error) { return leat_session_id_of(&id, get(), to_c(entity), to_c(key), error); });
        return id;
    }
    void set_language(std::string_view language) {
        detail::check([&](leat_error **error) { return leat_session_set_language(get(), to_c(language), error); });
    }
    void interrupt() { leat_session_interrupt(get()); }  // from any thread
    std::string_view actor() const { return leat::view(leat_session_actor(get())); }
    leat_session *get() const { return handle_.get(); }

 private:
    template <class F>
    Outcome command(F &&call) {
        return Outcome(detail::made<leat_outcome>(call));
    }
    template <class F>
    std::string read(F &&call) {
        return detail::text(call);
    }
    detail::Handle<leat_session> handle_;
};

// Several commands, one commit. Rolled back at the end of its scope unless committed.
class Batch {
 public:
    explicit Batch(Session &session) : session_(&session) { session.begin(); }
    Batch(const Batch &) = delete;
    Batch &operator=(const Batch &) = delete;
    ~Batch() {
        // Nothing can be reported from here; freeing the session would roll back as well.
        if (session_ != nullptr) leat_batch_rollback(session_->get(), nullptr);
    }
    void commit() {
        session_->commit();
        session_ = nullptr;
    }

 private:
    Session *session_;
};

struct EngineOptions {
    std::string path;         // or joined
    void *joined = nullptr;   // sqlite3 *
    std::uint64_t flags = 0;  // LEAT_ENGINE_…
    std::string language;
    std::uint64_t busy_timeout_ms = 0;
    std::string files_folder;             // of the contents of files; empty: in the store
    std::function<std::int64_t()> clock;  // microseconds since 1970 UTC; must not throw. Empty: the system's
};

struct FeelOptions {
    std::uint64_t flags = 0;           // LEAT_FEEL_…
    std::string types, now, timezone;  // as of leat_feel_options
    std::uint64_t steps_max = 0;
};

// A FEEL expression over contexts, for one thread at a time.
class Feel {
 public:
    // program may be nullptr.
    Feel(const Program *program, std::string_view expression, const FeelOptions &options = {})
        : handle_(detail::made<leat_feel>([&](leat_feel **out, leat_error **error) {
              leat_feel_options given = {};
              given.struct_size = sizeof given;
              given.flags = options.flags;
              given.types = to_c(options.types);
              given.now = to_c(options.now);
              given.timezone = to_c(options.timezone);
              given.steps_max = options.steps_max;
              return leat_feel_new(out, program == nullptr ? nullptr : program->get(), to_c(expression), &given, error);
          })) {}
    // context: JSON or FEEL; the answer is JSON {"value", "null_reasons" …}.
    std::string evaluate(std::string_view context = {}) {
        return detail::text(
            [&](leat_text **out, leat_error **error) { return leat_feel_eval(out, get(), to_c(context), error); });
    }
    // One value per declared entry; the answer is lent until the next call.
    leat_value evaluate(const std::vector<leat_value> &inputs) {
        leat_value out = leat_value_null();
        detail::check([&](leat_error **error) {
            return leat_feel_eval_values(&out, get(), inputs.data(), inputs.size(), error);
        });
        return out;
    }
    std::string_view null_reason() const { return view(leat_feel_null_reason(handle_.get())); }
    leat_feel *get() { return handle_.get(); }

 private:
    detail::Handle<leat_feel> handle_;
};

// A decision by itself with memory of its own, for one thread at a time. Answers are lent until the next call.
class Decision {
 public:
    Decision(const Program &program, std::string_view name)
        : handle_(detail::made<leat_decision>([&](leat_decision **out, leat_error **error) {
              return leat_decision_new(out, program.get(), to_c(name), error);
          })),
          scratch_(detail::made<leat_scratch>(
              [](leat_scratch **out, leat_error **error) { return leat_scratch_new(out, error); })),
          out_(leat_decision_output_count(handle_.get())) {}
    std::uint32_t input_index(std::string_view name) const {
        return leat_decision_input_index(handle_.get(), to_c(name));
    }
    std::uint32_t input_count() const { return leat_decision_input_count(handle_.get()); }
    std::uint32_t output_count() const { return leat_decision_output_count(handle_.get()); }
    // One value per input; answers one value per output.
    const std::vector<leat_value> &decide(const std::vector<leat_value> &inputs) {
        out_.resize(output_count());
        detail::check([&](leat_error **error) {
            return leat_decide_values(out_.data(), get(), scratch_.get(), inputs.data(), inputs.size(), error);
        });
        return out_;
    }
    // Why decide() answers as it does for these inputs, as JSON. flags: LEAT_DECIDE_NEAREST, LEAT_DECIDE_KINDS.
    std::string explain(const std::vector<leat_value> &inputs, std::uint64_t flags = 0) {
        return detail::text([&](leat_text **out, leat_error **error) {
            return leat_decision_explain(out, get(), scratch_.get(), inputs.data(), inputs.size(), flags, error);
        });
    }
    // Row by row, output by output.
    const std::vector<leat_value> &decide(const std::vector<leat_column> &columns, std::size_t rows) {
        out_.resize(rows * output_count());
        detail::check([&](leat_error **error) {
            return leat_decide_columns(out_.data(), get(), scratch_.get(), columns.data(), columns.size(), rows, error);
        });
        return out_;
    }
    std::string_view null_reason(std::size_t index = 0) const {
        return view(leat_scratch_null_reason(scratch_.get(), index));
    }
    const leat_decision *get() const { return handle_.get(); }

 private:
    detail::Handle<leat_decision> handle_;
    detail::Handle<leat_scratch> scratch_;
    std::vector<leat_value> out_;
};

class Engine {
 public:
    explicit Engine(detail::Handle<leat_engine> handle) : handle_(std::move(handle)) {}
    // program nullptr: the definitions stored in the file.
    static Engine open(const Program *program, const EngineOptions &options) {
        leat_clock clock = {};
        clock.struct_size = sizeof clock;
        leat_engine_options given = {};
        given.struct_size = sizeof given;
        given.flags = options.flags;
        given.store_path = to_c(options.path);
        given.joined_sqlite3 = options.joined;
        given.language = to_c(options.language);
        given.busy_timeout_ms = options.busy_timeout_ms;
        given.files_folder = to_c(options.files_folder);
        if (options.clock) {
            clock.now_us = detail::leat_hpp_now;
            clock.user_data = new std::function<std::int64_t()>(options.clock);
            clock.destroy = detail::leat_hpp_destroy_clock;
            given.clock = &clock;
        }
        return Engine(detail::made<leat_engine>([&](leat_engine **out, leat_error **error) {
            return leat_engine_open(out, program == nullptr ? nullptr : program->get(), &given, error);
        }));
    }
    Session session(std::string_view actor) {
        return Session(detail::made<leat_session>(
            [&](leat_session **out, leat_error **error) { return leat_session_open(out, get(), to_c(actor), error); }));
    }
    // `actor` works as the user `as`.
    Session session(std::string_view actor, std::string_view as) {
        return Session(detail::made<leat_session>([&](leat_session **out, leat_error **error) {
            return leat_session_open_as(out, get(), to_c(actor), to_c(as), error);
        }));
    }
    Program program() const {
        return Program(detail::made<leat_program>(
            [&](leat_program **out, leat_error **error) { return leat_engine_program(out, get(), error); }));
    }
    void on_function(std::string_view name, Callback run) {
        auto *data = new Callback(std::move(run));  // destroyed by the library, also when it refuses
        detail::check([&](leat_error **error) {
            return leat_engine_on_function(get(), to_c(name), detail::leat_hpp_run, data, detail::leat_hpp_destroy,
                                           error);
        });
    }
    void on_delivery(std::string_view topic, Callback run) {
        auto *data = new Callback(std::move(run));
        detail::check([&](leat_error **error) {
            return leat_engine_on_delivery(get(), to_c(topic), detail::leat_hpp_run, data, detail::leat_hpp_destroy,
                                           error);
        });
    }
    leat_due_counts run_due(std::int64_t max = 1000) {
        leat_due_counts counts = {};
        counts.struct_size = sizeof counts;
        detail::check([&](leat_error **error) { return leat_engine_run_due(&counts, get(), max, error); });
        return counts;
    }
    // nullopt: no timer is set.
    std::optional<std::int64_t> next_due_us() {
        std::int64_t due = LEAT_NEVER;
        detail::check([&](leat_error **error) { return leat_engine_next_due(&due, get(), error); });
        return due == LEAT_NEVER ? std::nullopt : std::optional<std::int64_t>(due);
    }
    leat_delivery_counts deliver(std::int64_t max = 1000) {
        leat_delivery_counts counts = {};
        counts.struct_size = sizeof counts;
        detail::check([&](leat_error **error) { return leat_engine_deliver(&counts, get(), max, error); });
        return counts;
    }
    Outcome receive(std::string_view name, std::string_view id, std::string_view payload) {
        return Outcome(detail::made<leat_outcome>([&](leat_outcome **out, leat_error **error) {
            return leat_engine_receive(out, get(), to_c(name), to_c(id), to_c(payload), error);
        }));
    }
    std::int64_t drop_unused_files(std::int64_t older_than_us) {
        std::int64_t out = 0;
        detail::check(
            [&](leat_error **error) { return leat_engine_drop_unused_files(&out, get(), older_than_us, error); });
        return out;
    }
    std::string verify() {
        return detail::text([&](leat_text **out, leat_error **error) { return leat_engine_verify(out, get(), error); });
    }
    std::string plan(const Program &program, const DeployOptions &options = {}) {
        const detail::DeployOptionsView view(options);
        return detail::text([&](leat_text **out, leat_error **error) {
            return leat_engine_plan_with(out, get(), program.get(), &view.options, error);
        });
    }
    Outcome deploy(const Program &program, std::string_view actor, const DeployOptions &options = {}) {
        const detail::DeployOptionsView view(options);
        return Outcome(detail::made<leat_outcome>([&](leat_outcome **out, leat_error **error) {
            return leat_engine_deploy_with(out, get(), program.get(), to_c(actor), &view.options, error);
        }));
    }
    Outcome undo_deploy(std::string_view actor, const DeployOptions &options = {}) {
        const detail::DeployOptionsView view(options);
        return Outcome(detail::made<leat_outcome>([&](leat_outcome **out, leat_error **error) {
            return leat_engine_undo_deploy(out, get(), to_c(actor), &view.options, error);
        }));
    }
    void backup(std::string_view path) {
        detail::check([&](leat_error **error) { return leat_engine_backup(get(), to_c(path), error); });
    }
    Outcome seal(std::int64_t before_us, std::string_view folder = {}) {
        return Outcome(detail::made<leat_outcome>([&](leat_outcome **out, leat_error **error) {
            return leat_engine_seal(out, get(), before_us, to_c(folder), error);
        }));
    }
    Outcome retain(std::string_view folder = {}) {
        return Outcome(detail::made<leat_outcome>([&](leat_outcome **out, leat_error **error) {
            return leat_engine_retain(out, get(), to_c(folder), error);
        }));
    }
    std::string archives() {
        return detail::text(
            [&](leat_text **out, leat_error **error) { return leat_engine_archives(out, get(), error); });
    }
    void resolve_delivery(std::int64_t id, std::string_view decision, std::string_view receipt = {}) {
        detail::check([&](leat_error **error) {
            return leat_engine_resolve_delivery(get(), id, to_c(decision), to_c(receipt), error);
        });
    }
    void close_incident(std::int64_t id, std::string_view status) {
        detail::check([&](leat_error **error) { return leat_engine_close_incident(get(), id, to_c(status), error); });
    }
    leat_engine *get() const { return handle_.get(); }

 private:
    detail::Handle<leat_engine> handle_;
};

}  // namespace leat

#endif
