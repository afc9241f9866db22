// An engine handle that can be closed before Python lets go of it.
#pragma once
#include <map>
#include <string>

#include "core.hpp"

namespace leat_python {

class Engine {
 public:
    static constexpr const char *kBusy = "another thread is using this engine; pumps run in one thread at a time";

    Engine(const Program *program, const std::string &path, uint64_t flags, const std::string &language,
           uint64_t joined, const std::map<std::string, uint64_t> &numbers, const py::object &clock,
           const py::object &random, const std::string &files_folder);
    Engine(const Engine &) = delete;
    ~Engine();
    void close();
    bool closed() const { return handle_ == nullptr; }
    leat_engine *get() const;  // raises after close()

    // call: (leat_engine *, leat_error **) -> leat_status
    template <class Call>
    void use(Call &&call) {
        leat_engine *handle = get();
        OneThread::Use use(gate, kBusy);
        running([&](leat_error **error) { return call(handle, error); });
    }

 private:
    void free_handle();
    leat_engine *handle_ = nullptr;
    OneThread gate;
};

}  // namespace leat_python
