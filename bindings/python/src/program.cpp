#include <pybind11/stl.h>

#include <vector>

#include "core.hpp"

namespace leat_python {

namespace {

leat_program_options options_of(bool strict, const py::object &read_file) {
    leat_program_options options = {};
    options.struct_size = sizeof options;
    options.flags = strict ? LEAT_PROGRAM_STRICT : 0;
    if (!read_file.is_none()) {
        options.read_file = run_callback;
        options.user_data = new Callback{read_file};
        options.destroy = destroy_callback;
    }
    return options;
}

Program load(const std::vector<std::pair<std::string, std::string>> &sources, bool strict,
             const py::object &read_file) {
    std::vector<leat_source> views;
    for (const auto &[name, text] : sources) views.push_back({to_c(name), to_c(text)});
    leat_program_options options = options_of(strict, read_file);
    leat_program *out = nullptr;
    running([&](leat_error **error) { return leat_program_load(&out, views.data(), views.size(), &options, error); });
    return Program(out);
}

Program load_file(const std::string &path, bool strict) {
    leat_program_options options = options_of(strict, py::none());
    leat_program *out = nullptr;
    running([&](leat_error **error) { return leat_program_load_file(&out, to_c(path), &options, error); });
    return Program(out);
}

py::list warnings(const Program &program) {
    py::list all;
    for (size_t i = 0; i < leat_program_warning_count(program.handle.get()); ++i)
        all.append(to_py(leat_program_warning(program.handle.get(), i)));
    return all;
}

}  // namespace

void add_program(py::module_ &module) {
    py::class_<Program>(module, "Program")
        .def_property_readonly("name", [](const Program &p) { return to_py(leat_program_name(p.handle.get())); })
        .def_property_readonly("version", [](const Program &p) { return to_py(leat_program_version(p.handle.get())); })
        .def_property_readonly("hash", [](const Program &p) { return to_py(leat_program_hash(p.handle.get())); })
        .def_property_readonly("warnings", &warnings)
        .def_property_readonly("warnings_text",
                               [](const Program &p) { return to_py(leat_program_warnings_text(p.handle.get())); })
        .def(
            "import_plan",
            [](const Program &p, const std::string &entity, const std::string &table, int32_t form,
               const std::string &mapping) {
                return answer([&](leat_text **out, leat_error **error) {
                    return leat_import_plan(out, p.handle.get(), to_c(entity), to_c(table), form, to_c(mapping), error);
                });
            },
            py::arg("entity"), py::arg("table"), py::arg("form"), py::arg("mapping"))
        .def(
            "diagram",
            [](const Program &p, const std::string &flow, int32_t form, uint64_t flags, const std::string &language) {
                leat_diagram_options options = diagram_options(flags, language);
                return answer([&](leat_text **out, leat_error **error) {
                    return leat_program_diagram(out, p.handle.get(), to_c(flow), form, &options, error);
                });
            },
            py::arg("flow"), py::arg("form"), py::arg("flags"), py::arg("language"))
        .def(
            "form",
            [](const Program &p, const std::string &entity, const std::string &role, const std::string &state,
               const std::string &event, const std::string &language, uint64_t flags) {
                leat_form_options options = form_options(role, state, event, language, flags, 0);
                return answer([&](leat_text **out, leat_error **error) {
                    return leat_program_form(out, p.handle.get(), to_c(entity), &options, error);
                });
            },
            py::arg("entity"), py::arg("role"), py::arg("state"), py::arg("event"), py::arg("language"),
            py::arg("flags"))
        .def(
            "decide",
            [](const Program &p, const std::string &decision, const std::string &inputs, uint64_t flags,
               const std::string &as_of, uint64_t nearest) {
                leat_decide_options options = {};
                options.struct_size = sizeof options;
                options.flags = flags;
                options.as_of = to_c(as_of);
                options.nearest_max = nearest;
                return answer([&](leat_text **out, leat_error **error) {
                    return leat_decide(out, p.handle.get(), to_c(decision), to_c(inputs), &options, error);
                });
            },
            py::arg("decision"), py::arg("inputs"), py::arg("flags"), py::arg("as_of"), py::arg("nearest"))
        .def(
            "to_scxml",
            [](const Program &p, const std::string &flow) {
                return answer([&](leat_text **out, leat_error **error) {
                    return leat_scxml_export(out, p.handle.get(), to_c(flow), error);
                });
            },
            py::arg("flow"))
        .def(
            "replay",
            [](const Program &p, const std::string &flow, const std::string &path, const std::string &mapping) {
                return answer([&](leat_text **out, leat_error **error) {
                    return leat_replay(out, p.handle.get(), to_c(flow), to_c(path), to_c(mapping), error);
                });
            },
            py::arg("flow"), py::arg("path"), py::arg("mapping"))
        .def("describe", [](const Program &p) {
            return answer(
                [&](leat_text **out, leat_error **error) { return leat_program_describe(out, p.handle.get(), error); });
        });
    module.def("load", &load, py::arg("sources"), py::arg("strict"), py::arg("read_file"));
    module.def("load_file", &load_file, py::arg("path"), py::arg("strict"));
    module.def(
        "from_scxml",
        [](const std::string &scxml, const std::string &name) {
            return answer([&](leat_text **out, leat_error **error) {
                return leat_scxml_import(out, to_c(scxml), to_c(name), error);
            });
        },
        py::arg("scxml"), py::arg("name"));
    module.def(
        "format",
        [](const std::string &text, const std::string &name) {
            return answer(
                [&](leat_text **out, leat_error **error) { return leat_format(out, to_c(text), to_c(name), error); });
        },
        py::arg("text"), py::arg("name"));
    module.def(
        "form_input",
        [](const std::string &form, const std::string &data) {
            return answer([&](leat_text **out, leat_error **error) {
                return leat_form_input(out, to_c(form), to_c(data), error);
            });
        },
        py::arg("form"), py::arg("data"));
    module.def(
        "form_errors",
        [](const std::string &outcome) {
            return answer(
                [&](leat_text **out, leat_error **error) { return leat_form_errors(out, to_c(outcome), error); });
        },
        py::arg("outcome"));
}

}  // namespace leat_python
