// leat._core: leat.h as Python sees it, without opinions. Texts are str, answers are JSON text; the package `leat`
// makes values and classes of them. Start reading at running(): the one way into the library.
#pragma once
#include <leat/leat.h>
#include <pybind11/pybind11.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace py = pybind11;

namespace leat_python {

inline leat_str to_c(std::string_view text) {
    return leat_str{text.data(), text.size()};
}
inline py::str to_py(leat_str text) {
    return py::str(text.data == nullptr ? "" : text.data, text.size);
}

inline leat_deploy_options deploy_options(std::string_view drop, std::string_view move, std::string_view backup) {
    leat_deploy_options options = {};
    options.struct_size = sizeof options;
    options.drop = to_c(drop);
    options.move = to_c(move);
    options.backup = to_c(backup);
    return options;
}
inline leat_diagram_options diagram_options(uint64_t flags, std::string_view language) {
    leat_diagram_options options = {};
    options.struct_size = sizeof options;
    options.flags = flags;
    options.language = to_c(language);
    return options;
}

// role, state, event, language and flags as of leat_form_options.
inline leat_form_options form_options(std::string_view role, std::string_view state, std::string_view event,
                                      std::string_view language, uint64_t flags, int64_t choices) {
    leat_form_options options = {};
    options.struct_size = sizeof options;
    options.flags = flags;
    options.language = to_c(language);
    options.event = to_c(event);
    options.role = to_c(role);
    options.state = to_c(state);
    options.choices_max = choices;
    return options;
}

// What a callback on this thread left behind for the call that it ran in.
class Trip {
 public:
    Trip() : outer_(current) { current = this; }
    ~Trip() { current = outer_; }
    Trip(const Trip &) = delete;
    // Called with the GIL held.
    static void keep(py::object exception) {
        if (current != nullptr) current->raised = std::move(exception);
    }
    py::object raised;

 private:
    static thread_local Trip *current;
    Trip *outer_;
};

// Throws the Python exception for a failed call, with what a callback raised as its cause; frees the error.
[[noreturn]] void raise(leat_status status, leat_error *error, const py::object &cause);
// What is not an Exception (KeyboardInterrupt, SystemExit) goes on through a call that did not fail by it.
void raise_if_not_exception(const py::object &raised);
[[noreturn]] void raise_usage(const char *code, const char *message);

// call: (leat_error **) -> leat_status, made without the GIL.
template <class Call>
void running(Call &&call) {
    Trip trip;
    leat_error *error = nullptr;
    leat_status status;
    {
        py::gil_scoped_release released;
        status = call(&error);
    }
    if (status != LEAT_OK) raise(status, error, trip.raised);
    raise_if_not_exception(trip.raised);
}

// call: (leat_text **, leat_error **) -> leat_status. The answer as str.
template <class Call>
py::str answer(Call &&call) {
    leat_text *out = nullptr;
    running([&](leat_error **error) { return call(&out, error); });
    std::unique_ptr<leat_text, void (*)(leat_text *)> owned(out, leat_text_free);
    return to_py(leat_text_str(out));
}

// One thread at a time, told apart from a callback's own thread, which the library answers itself.
class OneThread {
 public:
    class Use {
     public:
        Use(OneThread &gate, const char *what) : gate_(gate) {
            std::thread::id nobody;
            first_ = gate_.user_.compare_exchange_strong(nobody, std::this_thread::get_id());
            if (!first_ && nobody != std::this_thread::get_id()) raise_usage("usage.threads", what);
        }
        ~Use() {
            if (first_) gate_.user_.store(std::thread::id());
        }
        Use(const Use &) = delete;

     private:
        OneThread &gate_;
        bool first_;
    };

 private:
    std::atomic<std::thread::id> user_{};
};

// A Python callable as user_data of a callback; destroy() lets go of it.
struct Callback {
    py::object run;
};
leat_status run_callback(void *user_data, leat_call *call);
void destroy_callback(void *user_data);

py::tuple to_py(const leat_outcome *outcome);
py::tuple to_py(const leat_diagnostic *diagnostic);

void add_program(py::module_ &module);
void add_engine(py::module_ &module);
void add_session(py::module_ &module);
void add_feel(py::module_ &module);

struct Program {
    explicit Program(leat_program *program) : handle(program, leat_program_free) {}
    std::shared_ptr<leat_program> handle;
};

}  // namespace leat_python
