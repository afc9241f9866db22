#include <pybind11/functional.h>
#include <pybind11/stl.h>

#include <map>

#include "core.hpp"
#include "engine.hpp"

namespace leat_python {

namespace {

// A clock that raises cannot fail the call that asks: the last good time stands and the exception goes on afterwards.
struct Clock {
    py::object now;
    int64_t last = 0;
};
int64_t clock_now(void *user_data) {
    py::gil_scoped_acquire held;
    auto *clock = static_cast<Clock *>(user_data);
    try {
        clock->last = clock->now().cast<int64_t>();
    } catch (py::error_already_set &e) {
        Trip::keep(e.value());
    } catch (const py::cast_error &) {
        Trip::keep(py::module_::import("builtins").attr("TypeError")("a clock answers microseconds as int"));
    }
    return clock->last;
}
void destroy_clock(void *user_data) {
    if (!Py_IsInitialized()) return;
    py::gil_scoped_acquire held;
    delete static_cast<Clock *>(user_data);
}

void random_fill(void *user_data, void *data, size_t size) {
    py::gil_scoped_acquire held;
    try {
        auto bytes = static_cast<Callback *>(user_data)->run(size).cast<std::string>();
        if (bytes.size() != size) throw py::value_error("a random source answers as many bytes as it is asked for");
        std::memcpy(data, bytes.data(), size);
    } catch (py::error_already_set &e) {
        std::memset(data, 0, size);
        Trip::keep(e.value());
    } catch (const std::exception &e) {
        std::memset(data, 0, size);
        Trip::keep(py::module_::import("builtins").attr("ValueError")(e.what()));
    }
}

}  // namespace

Engine::Engine(const Program *program, const std::string &path, uint64_t flags, const std::string &language,
               uint64_t joined, const std::map<std::string, uint64_t> &numbers, const py::object &clock,
               const py::object &random, const std::string &files_folder) {
    leat_clock own_clock = {};
    own_clock.struct_size = sizeof own_clock;
    leat_random own_random = {};
    own_random.struct_size = sizeof own_random;
    leat_engine_options options = {};
    options.struct_size = sizeof options;
    options.flags = flags;
    options.store_path = to_c(path);
    options.joined_sqlite3 = reinterpret_cast<void *>(static_cast<uintptr_t>(joined));
    options.language = to_c(language);
    options.files_folder = to_c(files_folder);
    const std::pair<const char *, uint64_t *> places[] = {{"busy_timeout_ms", &options.busy_timeout_ms},
                                                          {"eval_steps_max", &options.eval_steps_max},
                                                          {"records_max", &options.records_max},
                                                          {"microsteps_max", &options.microsteps_max},
                                                          {"rounds_max", &options.rounds_max},
                                                          {"memory_bytes_max", &options.memory_bytes_max},
                                                          {"depth_max", &options.depth_max},
                                                          {"input_bytes_max", &options.input_bytes_max},
                                                          {"list_items_max", &options.list_items_max}};
    for (const auto &[name, place] : places)
        if (auto found = numbers.find(name); found != numbers.end()) *place = found->second;
    if (!random.is_none()) {
        own_random.fill = random_fill;
        own_random.user_data = new Callback{random};
        own_random.destroy = destroy_callback;
        options.random = &own_random;
    }
    if (!clock.is_none()) {
        own_clock.now_us = clock_now;
        own_clock.user_data = new Clock{clock};
        own_clock.destroy = destroy_clock;
        options.clock = &own_clock;
    }
    running([&](leat_error **error) {
        return leat_engine_open(&handle_, program == nullptr ? nullptr : program->handle.get(), &options, error);
    });
}

Engine::~Engine() {
    if (handle_ != nullptr) free_handle();
}

void Engine::free_handle() {
    leat_engine *freed = std::exchange(handle_, nullptr);
    py::gil_scoped_release released;  // closing may wait for another thread's command
    leat_engine_free(freed);
}

void Engine::close() {
    if (handle_ == nullptr) return;
    OneThread::Use use(gate, kBusy);
    free_handle();
}

leat_engine *Engine::get() const {
    if (handle_ == nullptr) raise_usage("engine.closed", "the engine is closed");
    return handle_;
}

namespace {

py::tuple run_due(Engine &engine, int64_t max) {
    leat_due_counts c = {};
    c.struct_size = sizeof c;
    engine.use([&](leat_engine *handle, leat_error **error) { return leat_engine_run_due(&c, handle, max, error); });
    return py::make_tuple(c.fired, c.stale, c.incidents, c.expired, c.lateness_us_max, c.more != 0);
}

py::tuple deliver(Engine &engine, int64_t max) {
    leat_delivery_counts c = {};
    c.struct_size = sizeof c;
    engine.use([&](leat_engine *handle, leat_error **error) { return leat_engine_deliver(&c, handle, max, error); });
    return py::make_tuple(c.done, c.failed, c.unknown, c.more != 0);
}

py::object next_due(Engine &engine) {
    int64_t due = LEAT_NEVER;
    engine.use([&](leat_engine *handle, leat_error **error) { return leat_engine_next_due(&due, handle, error); });
    return due == LEAT_NEVER ? py::object(py::none()) : py::object(py::int_(due));
}

template <class Call>
py::tuple outcome(Engine &engine, Call &&call) {
    leat_outcome *out = nullptr;
    engine.use([&](leat_engine *handle, leat_error **error) { return call(&out, handle, error); });
    std::unique_ptr<leat_outcome, void (*)(leat_outcome *)> owned(out, leat_outcome_free);
    return to_py(out);
}

template <class Call>
py::str text(Engine &engine, Call &&call) {
    leat_text *out = nullptr;
    engine.use([&](leat_engine *handle, leat_error **error) { return call(&out, handle, error); });
    std::unique_ptr<leat_text, void (*)(leat_text *)> owned(out, leat_text_free);
    return to_py(leat_text_str(out));
}

Program program_of(const Engine &engine) {
    leat_program *out = nullptr;
    leat_engine *handle = engine.get();
    running([&](leat_error **error) { return leat_engine_program(&out, handle, error); });
    return Program(out);
}

}  // namespace

void add_engine(py::module_ &module) {
    using std::string;
    py::class_<Engine>(module, "Engine")
        .def(py::init<const Program *, const string &, uint64_t, const string &, uint64_t,
                      const std::map<string, uint64_t> &, const py::object &, const py::object &, const string &>(),
             py::arg("program"), py::arg("path"), py::arg("flags"), py::arg("language"), py::arg("joined"),
             py::arg("numbers"), py::arg("clock"), py::arg("random"), py::arg("files_folder"))
        .def("close", &Engine::close)
        .def_property_readonly("closed", &Engine::closed)
        .def("program", &program_of)
        .def(
            "on_function",
            [](Engine &e, const string &name, const py::object &run) {
                auto data = std::make_unique<Callback>(Callback{run});
                e.use([&](leat_engine *h, leat_error **error) {
                    return leat_engine_on_function(h, to_c(name), run_callback, data.release(), destroy_callback,
                                                   error);
                });
            },
            py::arg("name"), py::arg("run"))
        .def(
            "on_delivery",
            [](Engine &e, const string &topic, const py::object &run) {
                auto data = std::make_unique<Callback>(Callback{run});
                e.use([&](leat_engine *h, leat_error **error) {
                    return leat_engine_on_delivery(h, to_c(topic), run_callback, data.release(), destroy_callback,
                                                   error);
                });
            },
            py::arg("topic"), py::arg("run"))
        .def("run_due", &run_due, py::arg("max"))
        .def("next_due", &next_due)
        .def("deliver", &deliver, py::arg("max"))
        .def(
            "receive",
            [](Engine &e, const string &name, const string &id, const string &payload) {
                return outcome(e, [&](leat_outcome **out, leat_engine *h, leat_error **error) {
                    return leat_engine_receive(out, h, to_c(name), to_c(id), to_c(payload), error);
                });
            },
            py::arg("name"), py::arg("id"), py::arg("payload"))
        .def(
            "deploy",
            [](Engine &e, const Program &program, const string &actor, const string &drop, const string &move,
               const string &backup) {
                leat_deploy_options options = deploy_options(drop, move, backup);
                return outcome(e, [&](leat_outcome **out, leat_engine *h, leat_error **error) {
                    return leat_engine_deploy_with(out, h, program.handle.get(), to_c(actor), &options, error);
                });
            },
            py::arg("program"), py::arg("actor"), py::arg("drop"), py::arg("move"), py::arg("backup"))
        .def(
            "undo_deploy",
            [](Engine &e, const string &actor, const string &drop, const string &move, const string &backup) {
                leat_deploy_options options = deploy_options(drop, move, backup);
                return outcome(e, [&](leat_outcome **out, leat_engine *h, leat_error **error) {
                    return leat_engine_undo_deploy(out, h, to_c(actor), &options, error);
                });
            },
            py::arg("actor"), py::arg("drop"), py::arg("move"), py::arg("backup"))
        .def(
            "backup",
            [](Engine &e, const string &path) {
                e.use([&](leat_engine *h, leat_error **error) { return leat_engine_backup(h, to_c(path), error); });
            },
            py::arg("path"))
        .def(
            "seal",
            [](Engine &e, int64_t before_us, const string &folder) {
                return outcome(e, [&](leat_outcome **out, leat_engine *h, leat_error **error) {
                    return leat_engine_seal(out, h, before_us, to_c(folder), error);
                });
            },
            py::arg("before_us"), py::arg("folder"))
        .def(
            "retain",
            [](Engine &e, const string &folder) {
                return outcome(e, [&](leat_outcome **out, leat_engine *h, leat_error **error) {
                    return leat_engine_retain(out, h, to_c(folder), error);
                });
            },
            py::arg("folder"))
        .def("archives",
             [](Engine &e) {
                 return text(e, [](leat_text **out, leat_engine *h, leat_error **error) {
                     return leat_engine_archives(out, h, error);
                 });
             })
        .def(
            "plan",
            [](Engine &e, const Program &program, const string &drop, const string &move) {
                leat_deploy_options options = deploy_options(drop, move, {});
                return text(e, [&](leat_text **out, leat_engine *h, leat_error **error) {
                    return leat_engine_plan_with(out, h, program.handle.get(), &options, error);
                });
            },
            py::arg("program"), py::arg("drop"), py::arg("move"))
        .def(
            "drop_unused_files",
            [](Engine &e, int64_t older_than_us) {
                int64_t out = 0;
                e.use([&](leat_engine *h, leat_error **error) {
                    return leat_engine_drop_unused_files(&out, h, older_than_us, error);
                });
                return out;
            },
            py::arg("older_than_us"))
        .def("verify",
             [](Engine &e) {
                 return text(e, [](leat_text **out, leat_engine *h, leat_error **error) {
                     return leat_engine_verify(out, h, error);
                 });
             })
        .def(
            "resolve_delivery",
            [](Engine &e, int64_t id, const string &decision, const string &receipt) {
                e.use([&](leat_engine *h, leat_error **error) {
                    return leat_engine_resolve_delivery(h, id, to_c(decision), to_c(receipt), error);
                });
            },
            py::arg("id"), py::arg("decision"), py::arg("receipt"))
        .def(
            "close_incident",
            [](Engine &e, int64_t id, const string &status) {
                e.use([&](leat_engine *h, leat_error **error) {
                    return leat_engine_close_incident(h, id, to_c(status), error);
                });
            },
            py::arg("id"), py::arg("status"));
}

}  // namespace leat_python
