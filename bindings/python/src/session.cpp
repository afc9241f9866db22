#include <pybind11/stl.h>

#include "core.hpp"
#include "engine.hpp"

namespace leat_python {

namespace {

class Session {
 public:
    Session(Engine &engine, const std::string &actor) {
        leat_engine *handle = engine.get();  // opening is thread-safe
        running([&](leat_error **error) { return leat_session_open(&handle_, handle, to_c(actor), error); });
    }
    Session(Engine &engine, const std::string &actor, const std::string &as) {
        leat_engine *handle = engine.get();
        running(
            [&](leat_error **error) { return leat_session_open_as(&handle_, handle, to_c(actor), to_c(as), error); });
    }
    Session(const Session &) = delete;
    ~Session() {
        if (handle_ != nullptr) free_handle();
    }
    void close() {
        if (handle_ == nullptr) return;
        OneThread::Use use(gate_, kBusy);
        free_handle();
    }
    bool closed() const { return handle_ == nullptr; }
    leat_session *get() const {
        if (handle_ == nullptr) raise_usage("session.closed", "the session is closed");
        return handle_;
    }
    template <class Call>
    void use(Call &&call) {
        leat_session *handle = get();
        OneThread::Use use(gate_, kBusy);
        running([&](leat_error **error) { return call(handle, error); });
    }

 private:
    static constexpr const char *kBusy = "another thread is using this session; give each thread a session of its own";
    void free_handle() {
        leat_session *freed = std::exchange(handle_, nullptr);
        py::gil_scoped_release released;
        leat_session_free(freed);
    }
    leat_session *handle_ = nullptr;
    OneThread gate_;
};

// call: (leat_outcome **, leat_session *, leat_error **) -> leat_status
template <class Call>
py::tuple command(Session &session, Call &&call) {
    leat_outcome *out = nullptr;
    session.use([&](leat_session *handle, leat_error **error) { return call(&out, handle, error); });
    std::unique_ptr<leat_outcome, void (*)(leat_outcome *)> owned(out, leat_outcome_free);
    return to_py(out);
}

template <class Call>
py::bytes read_bytes(Session &session, Call &&call) {
    leat_text *out = nullptr;
    session.use([&](leat_session *handle, leat_error **error) { return call(&out, handle, error); });
    std::unique_ptr<leat_text, void (*)(leat_text *)> owned(out, leat_text_free);
    leat_str lent = leat_text_str(out);
    return py::bytes(lent.data, lent.size);
}

template <class Call>
py::str read(Session &session, Call &&call) {
    leat_text *out = nullptr;
    session.use([&](leat_session *handle, leat_error **error) { return call(&out, handle, error); });
    std::unique_ptr<leat_text, void (*)(leat_text *)> owned(out, leat_text_free);
    return to_py(leat_text_str(out));
}

using std::string;
using O = leat_outcome **;
using T = leat_text **;
using S = leat_session *;
using E = leat_error **;

void add_commands(py::class_<Session> &c) {
    c.def(
        "create",
        [](Session &s, const string &entity, const string &input) {
            return command(
                s, [&](O out, S h, E error) { return leat_session_create(out, h, to_c(entity), to_c(input), error); });
        },
        py::arg("entity"), py::arg("input"));
    c.def(
        "patch",
        [](Session &s, const string &entity, const string &key, const string &input, int64_t version) {
            return command(s, [&](O out, S h, E error) {
                return leat_session_patch(out, h, to_c(entity), to_c(key), to_c(input), version, error);
            });
        },
        py::arg("entity"), py::arg("key"), py::arg("input"), py::arg("version"));
    c.def(
        "delete",
        [](Session &s, const string &entity, const string &key, int64_t version) {
            return command(s, [&](O out, S h, E error) {
                return leat_session_delete(out, h, to_c(entity), to_c(key), version, error);
            });
        },
        py::arg("entity"), py::arg("key"), py::arg("version"));
    c.def(
        "send",
        [](Session &s, const string &entity, const string &key, const string &event, const string &input,
           int64_t version) {
            return command(s, [&](O out, S h, E error) {
                return leat_session_send(out, h, to_c(entity), to_c(key), to_c(event), to_c(input), version, error);
            });
        },
        py::arg("entity"), py::arg("key"), py::arg("event"), py::arg("input"), py::arg("version"));
    c.def(
        "complete_task",
        [](Session &s, int64_t task, const string &decision, const string &comment, const string &input) {
            return command(s, [&](O out, S h, E error) {
                return leat_session_complete_task(out, h, task, to_c(decision), to_c(comment), to_c(input), error);
            });
        },
        py::arg("task"), py::arg("decision"), py::arg("comment"), py::arg("input"));
    c.def(
        "merge",
        [](Session &s, const string &entity, const string &key, const string &other, const string &take,
           int64_t version) {
            return command(s, [&](O out, S h, E error) {
                return leat_session_merge(out, h, to_c(entity), to_c(key), to_c(other), to_c(take), version, error);
            });
        },
        py::arg("entity"), py::arg("key"), py::arg("other"), py::arg("take"), py::arg("version"));
    c.def(
        "put_file",
        [](Session &s, const py::bytes &content) {
            char *bytes = nullptr;
            Py_ssize_t size = 0;
            if (PyBytes_AsStringAndSize(content.ptr(), &bytes, &size) != 0) throw py::error_already_set();
            return read(s, [&](T out, S h, E error) {
                return leat_session_put_file(out, h, bytes, static_cast<size_t>(size), error);
            });
        },
        py::arg("content"));
    c.def(
        "suspend",
        [](Session &s, const string &entity, const string &key, const string &reason) {
            return command(s, [&](O out, S h, E error) {
                return leat_session_suspend(out, h, to_c(entity), to_c(key), to_c(reason), error);
            });
        },
        py::arg("entity"), py::arg("key"), py::arg("reason"));
    c.def(
        "resume",
        [](Session &s, const string &entity, const string &key, const string &reason) {
            return command(s, [&](O out, S h, E error) {
                return leat_session_resume(out, h, to_c(entity), to_c(key), to_c(reason), error);
            });
        },
        py::arg("entity"), py::arg("key"), py::arg("reason"));
    c.def(
        "jump",
        [](Session &s, const string &entity, const string &key, const string &flow, const string &state,
           const string &reason) {
            return command(s, [&](O out, S h, E error) {
                return leat_session_jump(out, h, to_c(entity), to_c(key), to_c(flow), to_c(state), to_c(reason), error);
            });
        },
        py::arg("entity"), py::arg("key"), py::arg("flow"), py::arg("state"), py::arg("reason"));
    c.def(
        "erase",
        [](Session &s, const string &entity, const string &key, const string &reason) {
            return command(s, [&](O out, S h, E error) {
                return leat_session_erase(out, h, to_c(entity), to_c(key), to_c(reason), error);
            });
        },
        py::arg("entity"), py::arg("key"), py::arg("reason"));
    c.def(
        "share",
        [](Session &s, const string &entity, const string &key, const string &holder, const string &right) {
            return command(s, [&](O out, S h, E error) {
                return leat_session_share(out, h, to_c(entity), to_c(key), to_c(holder), to_c(right), error);
            });
        },
        py::arg("entity"), py::arg("key"), py::arg("holder"), py::arg("right"));
    c.def(
        "change_setting",
        [](Session &s, const string &name, const string &valid_from, const string &value) {
            return command(s, [&](O out, S h, E error) {
                return leat_session_change_setting(out, h, to_c(name), to_c(valid_from), to_c(value), error);
            });
        },
        py::arg("name"), py::arg("valid_from"), py::arg("value"));
    c.def("begin", [](Session &s) { s.use([](S h, E error) { return leat_batch_begin(h, error); }); });
    c.def("commit", [](Session &s) { s.use([](S h, E error) { return leat_batch_commit(h, error); }); });
    c.def("rollback", [](Session &s) { s.use([](S h, E error) { return leat_batch_rollback(h, error); }); });
}

// run: a callable as of run_callback, or None.
void add_tables(py::class_<Session> &c) {
    c.def(
        "import_table",
        [](Session &s, const string &entity, const string &table, const string &path, int32_t format,
           const string &mapping, const string &job, const string &report, uint64_t chunk, uint64_t flags,
           const py::object &run) {
            leat_import_options options = {};
            options.struct_size = sizeof options;
            options.flags = flags;
            options.table = to_c(table);
            options.path = to_c(path);
            options.mapping_json = to_c(mapping);
            options.job = to_c(job);
            options.report_path = to_c(report);
            options.records_per_transaction = chunk;
            Callback callback{run};
            if (!run.is_none()) {
                options.progress = run_callback;
                options.user_data = &callback;
            }
            return read(s, [&](T out, S h, E error) {
                return leat_session_import(out, h, to_c(entity), format, &options, error);
            });
        },
        py::arg("entity"), py::arg("table"), py::arg("path"), py::arg("format"), py::arg("mapping"), py::arg("job"),
        py::arg("report"), py::arg("chunk"), py::arg("flags"), py::arg("run"));
    c.def(
        "export_records",
        [](Session &s, const string &entity, int32_t format, const string &fields, const string &where,
           const string &sort, const string &path, uint64_t flags, const py::object &run) {
            leat_export_options options = {};
            options.struct_size = sizeof options;
            options.flags = flags;
            options.fields = to_c(fields);
            options.where = to_c(where);
            options.sort = to_c(sort);
            options.path = to_c(path);
            Callback callback{run};
            if (!run.is_none()) {
                options.write = run_callback;
                options.user_data = &callback;
            }
            return read(s, [&](T out, S h, E error) {
                return leat_session_export(out, h, to_c(entity), format, &options, error);
            });
        },
        py::arg("entity"), py::arg("format"), py::arg("fields"), py::arg("where"), py::arg("sort"), py::arg("path"),
        py::arg("flags"), py::arg("run"));
}

// Columns are (kind, scale, values, offsets, valid), the last three as buffers.
py::str load(Session &s, Engine &e, const string &entity, const std::vector<string> &fields,
            const std::vector<std::tuple<int, int, py::buffer, py::buffer, py::buffer>> &given, size_t rows,
            uint64_t flags, uint64_t chunk) {
    leat_program *program = nullptr;
    e.use([&](leat_engine *h, leat_error **error) { return leat_engine_program(&program, h, error); });
    std::unique_ptr<leat_program, void (*)(leat_program *)> owned(program, leat_program_free);
    const uint32_t number = leat_entity_id(program, to_c(entity));
    std::vector<uint32_t> numbers;
    for (const string &field : fields) numbers.push_back(leat_field_id(program, number, to_c(field)));
    std::vector<leat_column> columns;
    std::vector<py::buffer_info> kept;  // as long as the call
    for (const auto &[kind, scale, values, offsets, valid] : given) {
        leat_column column = {};
        column.kind = static_cast<uint8_t>(kind);
        column.scale = static_cast<int16_t>(scale);
        for (const py::buffer *one : {&values, &offsets, &valid}) kept.push_back(one->request());
        auto bytes = [&](size_t back) -> const void * {
            const py::buffer_info &info = kept[kept.size() - back];
            return info.size == 0 ? nullptr : info.ptr;
        };
        auto size = [&](size_t back) {
            const py::buffer_info &info = kept[kept.size() - back];
            return static_cast<size_t>(info.size * info.itemsize);
        };
        const bool text = kind == LEAT_KIND_STRING;
        const size_t width = kind == LEAT_KIND_BOOLEAN ? 1 : 8;
        if ((text ? size(2) < (rows + 1) * 4 : size(3) < rows * width) || (size(1) != 0 && size(1) < (rows + 7) / 8))
            raise_usage("usage.input_count", "a column is shorter than the count of rows");
        column.values = bytes(3);
        column.offsets = static_cast<const uint32_t *>(bytes(2));
        column.valid = static_cast<const uint8_t *>(bytes(1));
        columns.push_back(column);
    }
    leat_load_options options = {};
    options.struct_size = sizeof options;
    options.flags = flags;
    options.records_per_command = chunk;
    return read(s, [&](T out, S h, E error) {
        return leat_session_load(out, h, number, numbers.data(), columns.data(), columns.size(), rows, &options, error);
    });
}

void add_reads(py::class_<Session> &c) {
    c.def(
        "decide",
        [](Session &s, const string &decision, const string &key, const string &inputs, uint64_t flags,
           const string &as_of, uint64_t nearest) {
            leat_decide_options options = {};
            options.struct_size = sizeof options;
            options.flags = flags;
            options.as_of = to_c(as_of);
            options.nearest_max = nearest;
            return read(s, [&](T out, S h, E error) {
                return leat_session_decide(out, h, to_c(decision), to_c(key), to_c(inputs), &options, error);
            });
        },
        py::arg("decision"), py::arg("key"), py::arg("inputs"), py::arg("flags"), py::arg("as_of"), py::arg("nearest"));
    c.def(
        "show",
        [](Session &s, const string &entity, const string &key) {
            return read(s,
                        [&](T out, S h, E error) { return leat_session_show(out, h, to_c(entity), to_c(key), error); });
        },
        py::arg("entity"), py::arg("key"));
    c.def(
        "get_file",
        [](Session &s, const string &entity, const string &key, const string &sha256) {
            return read_bytes(s, [&](T out, S h, E error) {
                return leat_session_get_file(out, h, to_c(entity), to_c(key), to_c(sha256), error);
            });
        },
        py::arg("entity"), py::arg("key"), py::arg("sha256"));
    c.def(
        "duplicates",
        [](Session &s, const string &entity, const string &key, const string &input, int64_t limit) {
            return read(s, [&](T out, S h, E error) {
                return leat_session_duplicates(out, h, to_c(entity), to_c(key), to_c(input), limit, error);
            });
        },
        py::arg("entity"), py::arg("key"), py::arg("input"), py::arg("limit"));
    c.def(
        "list",
        [](Session &s, const string &entity, const string &where, int64_t after_id, int64_t limit) {
            return read(s, [&](T out, S h, E error) {
                return leat_session_list(out, h, to_c(entity), to_c(where), after_id, limit, error);
            });
        },
        py::arg("entity"), py::arg("where"), py::arg("after_id"), py::arg("limit"));
    c.def(
        "tasks",
        [](Session &s, bool everybody, int64_t limit) {
            return read(s, [&](T out, S h, E error) { return leat_session_tasks(out, h, everybody, limit, error); });
        },
        py::arg("everybody"), py::arg("limit"));
    c.def(
        "report",
        [](Session &s, const string &name, const string &params) {
            return read(
                s, [&](T out, S h, E error) { return leat_session_report(out, h, to_c(name), to_c(params), error); });
        },
        py::arg("name"), py::arg("params"));
    c.def(
        "log",
        [](Session &s, const string &entity, const string &key, int64_t from, int64_t limit) {
            return read(s, [&](T out, S h, E error) {
                return leat_session_log(out, h, to_c(entity), to_c(key), from, limit, error);
            });
        },
        py::arg("entity"), py::arg("key"), py::arg("start"), py::arg("limit"));
    c.def(
        "diagram",
        [](Session &s, const string &entity, const string &key, const string &flow, int32_t form, uint64_t flags,
           const string &language) {
            leat_diagram_options options = diagram_options(flags, language);
            return read(s, [&](T out, S h, E error) {
                return leat_session_diagram(out, h, to_c(entity), to_c(key), to_c(flow), form, &options, error);
            });
        },
        py::arg("entity"), py::arg("key"), py::arg("flow"), py::arg("form"), py::arg("flags"), py::arg("language"));
    c.def(
        "form",
        [](Session &s, const string &entity, const string &key, const string &event, const string &language,
           uint64_t flags, int64_t choices) {
            leat_form_options options = form_options("", "", event, language, flags, choices);
            return read(s, [&](T out, S h, E error) {
                return leat_session_form(out, h, to_c(entity), to_c(key), &options, error);
            });
        },
        py::arg("entity"), py::arg("key"), py::arg("event"), py::arg("language"), py::arg("flags"), py::arg("choices"));
    c.def(
        "why",
        [](Session &s, const string &entity, const string &key, const string &event) {
            return read(s, [&](T out, S h, E error) {
                return leat_session_why(out, h, to_c(entity), to_c(key), to_c(event), error);
            });
        },
        py::arg("entity"), py::arg("key"), py::arg("event"));
    c.def("sla_report", [](Session &s, std::string_view from, std::string_view to, std::string_view by) {
        return read(s, [&](T out, S h, E error) {
            return leat_session_sla_report(out, h, to_c(from), to_c(to), to_c(by), error);
        });
    });
    c.def("slas",
          [](Session &s) { return read(s, [&](T out, S h, E error) { return leat_session_slas(out, h, error); }); });
    c.def(
        "outbox",
        [](Session &s, const string &status, int64_t limit) {
            return read(s,
                        [&](T out, S h, E error) { return leat_session_outbox(out, h, to_c(status), limit, error); });
        },
        py::arg("status"), py::arg("limit"));
    c.def(
        "incidents",
        [](Session &s, bool open_only, int64_t limit) {
            return read(s,
                        [&](T out, S h, E error) { return leat_session_incidents(out, h, open_only, limit, error); });
        },
        py::arg("open_only"), py::arg("limit"));
    c.def(
        "query",
        [](Session &s, const string &entity, const string &query) {
            return read(
                s, [&](T out, S h, E error) { return leat_session_query(out, h, to_c(entity), to_c(query), error); });
        },
        py::arg("entity"), py::arg("query"));
    c.def(
        "view",
        [](Session &s, const string &entity, const string &key, int64_t limit) {
            return read(s, [&](T out, S h, E error) {
                return leat_session_view(out, h, to_c(entity), to_c(key), limit, error);
            });
        },
        py::arg("entity"), py::arg("key"), py::arg("limit"));
    c.def(
        "may",
        [](Session &s, const string &user, const string &right, const string &entity, const string &key,
           const string &field) {
            return read(s, [&](T out, S h, E error) {
                return leat_session_may(out, h, to_c(user), to_c(right), to_c(entity), to_c(key), to_c(field), error);
            });
        },
        py::arg("user"), py::arg("right"), py::arg("entity"), py::arg("key"), py::arg("field"));
    c.def(
        "who_may",
        [](Session &s, const string &right, const string &entity, const string &key, const string &field) {
            return read(s, [&](T out, S h, E error) {
                return leat_session_who_may(out, h, to_c(right), to_c(entity), to_c(key), to_c(field), error);
            });
        },
        py::arg("right"), py::arg("entity"), py::arg("key"), py::arg("field"));
    c.def(
        "explain_sql",
        [](Session &s, const string &entity, const string &expression) {
            return read(s, [&](T out, S h, E error) {
                return leat_session_explain_sql(out, h, to_c(entity), to_c(expression), error);
            });
        },
        py::arg("entity"), py::arg("expression"));
    c.def(
        "stuck",
        [](Session &s, int64_t limit) {
            return read(s, [&](T out, S h, E error) { return leat_session_stuck(out, h, limit, error); });
        },
        py::arg("limit"));
    c.def("settings", [](Session &s) {
        return read(s, [&](T out, S h, E error) { return leat_session_settings(out, h, error); });
    });
    c.def(
        "id_of",
        [](Session &s, const string &entity, const string &key) {
            int64_t id = 0;
            s.use([&](S h, E error) { return leat_session_id_of(&id, h, to_c(entity), to_c(key), error); });
            return id;
        },
        py::arg("entity"), py::arg("key"));
}

}  // namespace

// (refused, sequence, entity, key, id, version, json, [(code, at, message, [field…], [pointer…])…])
py::tuple to_py(const leat_outcome *o) {
    py::list refusals;
    for (size_t i = 0; i < leat_outcome_refusal_count(o); ++i) {
        py::list fields;
        for (size_t j = 0; j < leat_outcome_refusal_field_count(o, i); ++j)
            fields.append(to_py(leat_outcome_refusal_field(o, i, j)));
        py::list pointers;
        for (size_t j = 0; j < leat_outcome_refusal_pointer_count(o, i); ++j)
            pointers.append(to_py(leat_outcome_refusal_pointer(o, i, j)));
        refusals.append(py::make_tuple(to_py(leat_outcome_refusal_code(o, i)), to_py(leat_outcome_refusal_at(o, i)),
                                       to_py(leat_outcome_refusal_message(o, i)), fields, pointers));
    }
    return py::make_tuple(leat_outcome_refused(o), leat_outcome_sequence(o), to_py(leat_outcome_entity(o)),
                          to_py(leat_outcome_key(o)), leat_outcome_id(o), leat_outcome_version(o),
                          to_py(leat_outcome_json(o)), refusals);
}

void add_session(py::module_ &module) {
    py::class_<Session> c(module, "Session");
    c.def(py::init<Engine &, const string &>(), py::arg("engine"), py::arg("actor"));
    c.def(py::init<Engine &, const string &, const string &>(), py::arg("engine"), py::arg("actor"),
          py::arg("as_user"));
    c.def("close", &Session::close);
    c.def_property_readonly("closed", &Session::closed);
    c.def("interrupt", [](Session &s) { leat_session_interrupt(s.get()); });
    c.def(
        "set_language",
        [](Session &s, const string &language) {
            s.use([&](S h, E error) { return leat_session_set_language(h, to_c(language), error); });
        },
        py::arg("language"));
    add_commands(c);
    add_tables(c);
    c.def("load", &load, py::arg("engine"), py::arg("entity"), py::arg("fields"), py::arg("columns"), py::arg("rows"),
          py::arg("flags"), py::arg("chunk"));
    add_tables(c);
    add_reads(c);
}

}  // namespace leat_python
