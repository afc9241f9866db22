#include <pybind11/stl.h>

#include "core.hpp"

namespace leat_python {

namespace {

// A compiled expression with its memory; keeps its program.
class Feel {
 public:
    Feel(const Program *program, const std::string &expression, uint64_t flags, const std::string &types,
         const std::string &now, const std::string &timezone, uint64_t steps_max) {
        if (program != nullptr) program_ = program->handle;
        leat_feel_options options = {};
        options.struct_size = sizeof options;
        options.flags = flags;
        options.types = to_c(types);
        options.now = to_c(now);
        options.timezone = to_c(timezone);
        options.steps_max = steps_max;
        leat_feel *out = nullptr;
        running(
            [&](leat_error **error) { return leat_feel_new(&out, program_.get(), to_c(expression), &options, error); });
        handle_.reset(out);
    }
    py::str eval(const std::string &context) {
        OneThread::Use use(gate_, "another thread is using this expression; give each thread its own");
        return answer([&](leat_text **out, leat_error **error) {
            return leat_feel_eval(out, handle_.get(), to_c(context), error);
        });
    }

 private:
    struct Free {
        void operator()(leat_feel *feel) const { leat_feel_free(feel); }
    };
    std::shared_ptr<leat_program> program_;
    std::unique_ptr<leat_feel, Free> handle_;
    OneThread gate_;
};

}  // namespace

void add_feel(py::module_ &module) {
    py::class_<Feel>(module, "Feel")
        .def(py::init<const Program *, const std::string &, uint64_t, const std::string &, const std::string &,
                      const std::string &, uint64_t>(),
             py::arg("program").none(true), py::arg("expression"), py::arg("flags"), py::arg("types"), py::arg("now"),
             py::arg("timezone"), py::arg("steps_max"))
        .def("eval", &Feel::eval, py::arg("context"));
}

}  // namespace leat_python
