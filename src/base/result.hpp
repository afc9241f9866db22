// base: what every room stands on; no I/O but the system's clock and random bytes. Start reading here, then
// diagnostic.hpp. Result<T> is the answer of anything that may fail for a reason outside the program's own logic. Three
// channels, never mixed: Result for what may happen (I/O, limits, a wrong argument), Diagnostics for what authors wrote
// in definitions, assert() for what we got wrong. A refused command is none of them: it is an outcome.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/diagnostic.hpp"

namespace leat::base {

// The numbers are leat_status of leat.h and are frozen with it.
enum class Status : int32_t {
    ok = 0,
    usage = -1,
    program = -2,
    not_found = -3,
    conflict = -4,
    store = -5,
    limit = -6,
    host = -7,
    memory = -8,
    internal = -9,
};

// What went wrong: a status for the program that called, a stable dotted code ("store.busy") for tools, a message
// for people (names the thing, the place and the way out), and diagnostics where a definition is at fault.
struct Error {
    Status status = Status::internal;
    std::string code;
    std::string message;
    std::vector<Diagnostic> diagnostics;
};

inline Error make_error(Status status, std::string code, std::string message) {
    return Error{status, std::move(code), std::move(message), {}};
}

template <class T>
class [[nodiscard]] Result {
 public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit
    Result(Error error) : state_(std::in_place_index<1>, std::make_unique<Error>(std::move(error))) {}  // NOLINT
    explicit operator bool() const { return state_.index() == 0; }
    T& operator*() { return *std::get_if<0>(&state_); }
    const T& operator*() const { return *std::get_if<0>(&state_); }
    T* operator->() { return std::get_if<0>(&state_); }
    const T* operator->() const { return std::get_if<0>(&state_); }
    Error& error() { return **std::get_if<1>(&state_); }
    const Error& error() const { return **std::get_if<1>(&state_); }

 private:
    std::variant<T, std::unique_ptr<Error>> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
    Result() = default;
    Result(Error error) : error_(std::make_unique<Error>(std::move(error))) {}  // NOLINT: implicit
    explicit operator bool() const { return !error_; }
    Error& error() { return *error_; }
    const Error& error() const { return *error_; }

 private:
    std::unique_ptr<Error> error_;
};

}  // namespace leat::base

namespace leat {
using base::Error;
using base::make_error;
using base::Result;
using base::Status;
}  // namespace leat

// LEAT_TRY(auto row, load(id)): the value, or return the error to the caller.
#define LEAT_JOIN_INNER(a, b) a##b
#define LEAT_JOIN(a, b) LEAT_JOIN_INNER(a, b)
#define LEAT_TRY(declaration, expression)                                                                \
    auto LEAT_JOIN(leat_result_, __LINE__) = (expression);                                               \
    if (!LEAT_JOIN(leat_result_, __LINE__)) return std::move(LEAT_JOIN(leat_result_, __LINE__).error()); \
    declaration = std::move(*LEAT_JOIN(leat_result_, __LINE__))
// LEAT_CHECK(write(row)): return the error to the caller, if any.
#define LEAT_CHECK(expression)                                                                   \
    if (auto LEAT_JOIN(leat_check_, __LINE__) = (expression); !LEAT_JOIN(leat_check_, __LINE__)) \
    return std::move(LEAT_JOIN(leat_check_, __LINE__).error())
