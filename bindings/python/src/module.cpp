#include "core.hpp"

PYBIND11_MODULE(_core, module) {
    module.doc() = "Native half of the package leat; use leat instead.";
    module.def("version_number", &leat_version_number);
    leat_python::add_program(module);
    leat_python::add_engine(module);
    leat_python::add_session(module);
    leat_python::add_feel(module);
}
