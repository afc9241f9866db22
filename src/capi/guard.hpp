// guard(): the only way out of the library. Whatever a body answers or throws becomes a status and, where the caller
// wants one, an owned leat_error that keeps the message.
#pragma once
#include <leat/leat.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "base/utf8.hpp"

struct leat_diagnostic {
    leat::Severity severity = leat::Severity::error;
    std::string code, message, hint, source, text;
    leat::base::Position begin, end;
};

struct leat_error {
    leat::Status status = leat::Status::internal;
    std::string code, message, text;
    std::vector<leat_diagnostic> diagnostics;
};

namespace leat::capi {

// A failure that this room finds itself, thrown to guard().
struct Failure : std::exception {
    Failure(Status status, std::string code, std::string message)
        : error{status, std::move(code), std::move(message), {}} {}
    const char* what() const noexcept override { return error.message.c_str(); }
    Error error;
    std::vector<leat_diagnostic> diagnostics;
};
// A rule of leat.h that the caller broke.
struct ArgumentError final : Failure {
    ArgumentError(std::string code, std::string message)
        : Failure(Status::usage, std::move(code), std::move(message)) {}
};

leat_status fail(leat_error** out, Error&& error) noexcept;
leat_status fail(leat_error** out, Error&& error, std::vector<leat_diagnostic>&& diagnostics) noexcept;
leat_status fail_memory(leat_error** out) noexcept;
leat_status fail_message(leat_error** out, Status status, const char* code, const char* message) noexcept;

// Body: () -> Result<void>.
template <class Body>
leat_status guard(leat_error** error, Body&& body) noexcept {
    if (error != nullptr) *error = nullptr;
    try {
        Result<void> result = body();
        if (result) return LEAT_OK;
        return fail(error, std::move(result.error()));
    } catch (Failure& e) {
        return fail(error, std::move(e.error), std::move(e.diagnostics));
    } catch (const LimitError& e) {
        return fail_message(error, Status::limit, e.code().c_str(), e.what());
    } catch (const std::bad_alloc&) {
        return fail_memory(error);
    } catch (const std::exception& e) {
        return fail_message(error, Status::internal, "internal.exception", e.what());
    } catch (...) {
        return fail_message(error, Status::internal, "internal.exception", "an exception of an unknown type");
    }
}

// --- argument checks; `name` is the parameter's in leat.h ---

template <class T>
T& required(T* pointer, const char* name) {
    if (pointer == nullptr) throw ArgumentError("usage.null", std::string("'") + name + "' must not be NULL");
    return *pointer;
}
// The place for a result, cleared.
template <class T>
T*& cleared(T** out) {
    T*& place = required(out, "out");
    place = nullptr;
    return place;
}
std::string_view text(leat_str view, const char* name);
std::string_view required_text(leat_str view, const char* name);  // and not empty
inline leat_str lend(std::string_view text) {
    return {text.data(), text.size()};
}

// A copy of a struct that starts with struct_size, of any version: missing fields are zero. The caller's unknown tail
// is checked apart (refuse_unknown), after whatever has a destroy is in safe hands.
size_t struct_size_of(const void* given, const char* name);
template <class T>
T read_struct(const T* given, const char* name) {
    T copy{};
    if (given != nullptr)
        std::memcpy(static_cast<void*>(&copy), given, std::min(struct_size_of(given, name), sizeof copy));
    copy.struct_size = sizeof copy;
    return copy;
}
void refuse_unknown(const void* given, size_t known, const char* name);
// The other way: as much as the caller's version has, and zero where his is longer.
template <class T>
void write_struct(T* out, T values) {
    size_t size = struct_size_of(out, "out");
    values.struct_size = size;
    std::memset(static_cast<void*>(out), 0, size);
    std::memcpy(static_cast<void*>(out), &values, std::min(size, sizeof values));
}

}  // namespace leat::capi
