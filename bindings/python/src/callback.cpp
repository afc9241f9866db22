#include "core.hpp"

namespace leat_python {

// The callable gets (name, input, id, attempt) and answers a str, or None for "there is none".
leat_status run_callback(void *user_data, leat_call *call) {
    py::gil_scoped_acquire held;
    try {
        const py::object &run = static_cast<Callback *>(user_data)->run;
        py::object result =
            run(to_py(leat_call_name(call)), to_py(leat_call_input(call)), leat_call_id(call), leat_call_attempt(call));
        if (result.is_none()) return LEAT_E_NOT_FOUND;
        return leat_call_answer(call, to_c(result.cast<std::string>()));
    } catch (py::error_already_set &e) {
        std::string message = e.what();
        leat_status status = leat_call_fail(call, to_c(message.substr(0, message.find('\n'))));
        Trip::keep(e.value());
        return status;
    } catch (const std::exception &e) {
        return leat_call_fail(call, leat_str_of(e.what()));
    }
}

void destroy_callback(void *user_data) {
    // After the interpreter has gone there is nothing left to let go of.
    if (!Py_IsInitialized()) return;
    py::gil_scoped_acquire held;
    delete static_cast<Callback *>(user_data);
}

}  // namespace leat_python
