#include "core.hpp"

namespace leat_python {

thread_local Trip *Trip::current = nullptr;

py::tuple to_py(const leat_diagnostic *d) {
    return py::make_tuple(leat_diagnostic_severity(d), to_py(leat_diagnostic_code(d)),
                          to_py(leat_diagnostic_message(d)), to_py(leat_diagnostic_hint(d)),
                          to_py(leat_diagnostic_source(d)), leat_diagnostic_line(d), leat_diagnostic_column(d),
                          leat_diagnostic_end_line(d), leat_diagnostic_end_column(d), to_py(leat_diagnostic_text(d)));
}

namespace {

// leat.errors chooses the class by status.
[[noreturn]] void raise_made(leat_status status, py::str code, py::str message, py::str text, py::list diagnostics,
                             const py::object &cause) {
    py::object exception =
        py::module_::import("leat.errors").attr("from_core")(status, code, message, text, diagnostics);
    if (cause) PyException_SetCause(exception.ptr(), py::object(cause).release().ptr());
    PyErr_SetObject(py::type::handle_of(exception).ptr(), exception.ptr());
    throw py::error_already_set();
}

}  // namespace

void raise(leat_status status, leat_error *error, const py::object &cause) {
    std::unique_ptr<leat_error, void (*)(leat_error *)> owned(error, leat_error_free);
    py::list diagnostics;
    for (size_t i = 0; i < leat_error_diagnostic_count(error); ++i)
        diagnostics.append(to_py(leat_error_diagnostic(error, i)));
    raise_made(status, to_py(leat_error_code(error)), to_py(leat_error_message(error)), to_py(leat_error_text(error)),
               diagnostics, cause);
}

void raise_usage(const char *code, const char *message) {
    raise_made(LEAT_E_USAGE, py::str(code), py::str(message), py::str(message), py::list(), py::object());
}

void raise_if_not_exception(const py::object &raised) {
    if (!raised || PyObject_IsInstance(raised.ptr(), PyExc_Exception) == 1) return;
    PyErr_SetObject(py::type::handle_of(raised).ptr(), raised.ptr());
    throw py::error_already_set();
}

}  // namespace leat_python
