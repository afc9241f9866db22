#include "capi/guard.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "capi/capi.hpp"

namespace leat::capi {

namespace {

// Handed out when there is no memory for an error; never freed. Made when the library is loaded.
leat_error memory_error{Status::memory, "memory", "out of memory", "out of memory", {}};

constexpr size_t kStructSizeMax = 4096;  // beyond that struct_size was not set but is what lay on the stack

}  // namespace

leat_status fail_memory(leat_error** out) noexcept {
    if (out != nullptr) *out = &memory_error;
    return LEAT_E_MEMORY;
}

leat_status fail(leat_error** out, Error&& error, std::vector<leat_diagnostic>&& diagnostics) noexcept {
    // An "ok" error would tell the caller that he holds a result.
    leat_status status = error.status == Status::ok ? LEAT_E_INTERNAL : static_cast<leat_status>(error.status);
    if (out == nullptr) return status;
    try {
        auto made = std::make_unique<leat_error>();
        made->status = static_cast<Status>(status);
        made->text = error.message;
        std::string printed = join_texts(diagnostics);
        if (!printed.empty()) made->text += "\n" + printed;
        made->code = std::move(error.code);
        made->message = std::move(error.message);
        made->diagnostics = std::move(diagnostics);
        *out = made.release();
    } catch (...) {
        return fail_memory(out);
    }
    return status;
}

leat_status fail(leat_error** out, Error&& error) noexcept {
    try {
        return fail(out, std::move(error), to_c(error.diagnostics, base::Sources(), ""));
    } catch (...) {
        return fail_memory(out);
    }
}

leat_status fail_message(leat_error** out, Status status, const char* code, const char* message) noexcept {
    if (out == nullptr) return static_cast<leat_status>(status);
    try {
        return fail(out, make_error(status, code, message));
    } catch (...) {
        return fail_memory(out);
    }
}

std::string_view text(leat_str view, const char* name) {
    if (view.data == nullptr) {
        if (view.size != 0) throw ArgumentError("usage.null", fmt::format("'{}' has a size but no data", name));
        return {};
    }
    std::string_view result(view.data, view.size);
    if (!base::valid_utf8(result)) throw ArgumentError("usage.utf8", fmt::format("'{}' is not valid UTF-8", name));
    return result;
}

std::string_view required_text(leat_str view, const char* name) {
    std::string_view result = text(view, name);
    if (result.empty()) throw ArgumentError("usage.empty", fmt::format("'{}' must not be empty", name));
    return result;
}

size_t struct_size_of(const void* given, const char* name) {
    size_t size = 0;
    std::memcpy(&size, given, sizeof size);
    if (size < sizeof size || size > kStructSizeMax) {
        throw ArgumentError("usage.struct_size",
                            fmt::format("struct_size of '{}' is {}; set it to the sizeof of the struct", name, size));
    }
    return size;
}

void refuse_unknown(const void* given, size_t known, const char* name) {
    if (given == nullptr) return;
    size_t size = struct_size_of(given, name);
    const auto* bytes = static_cast<const unsigned char*>(given);
    if (size > known && std::any_of(bytes + known, bytes + size, [](unsigned char byte) { return byte != 0; })) {
        throw ArgumentError(
            "usage.struct_size",
            fmt::format("'{}' uses fields that this version of the library does not know; link a newer one", name));
    }
}

}  // namespace leat::capi

extern "C" {

LEAT_API leat_status leat_error_status(const leat_error* error) {
    return error == nullptr ? LEAT_OK : static_cast<leat_status>(error->status);
}
LEAT_API leat_str leat_error_code(const leat_error* error) {
    return error == nullptr ? leat_str{"", 0} : leat::capi::lend(error->code);
}
LEAT_API leat_str leat_error_message(const leat_error* error) {
    return error == nullptr ? leat_str{"", 0} : leat::capi::lend(error->message);
}
LEAT_API leat_str leat_error_text(const leat_error* error) {
    return error == nullptr ? leat_str{"", 0} : leat::capi::lend(error->text);
}
LEAT_API size_t leat_error_diagnostic_count(const leat_error* error) {
    return error == nullptr ? 0 : error->diagnostics.size();
}
LEAT_API const leat_diagnostic* leat_error_diagnostic(const leat_error* error, size_t index) {
    return error == nullptr || index >= error->diagnostics.size() ? nullptr : &error->diagnostics[index];
}
LEAT_API void leat_error_free(leat_error* error) {
    if (error != &leat::capi::memory_error) delete error;
}

}  // extern "C"
