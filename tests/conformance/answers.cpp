#include "answers.hpp"

#include <fmt/format.h>

namespace leat::conformance {

namespace {

bool near(Decimal a, Decimal b) {
    auto apart = Decimal::subtract(a, b);
    return apart && apart->abs() <= Decimal::make(1, -8);
}

}  // namespace

bool same(const Value& wanted, const Value& got) {
    if (wanted.kind != got.kind) return false;
    switch (wanted.kind) {
        case Kind::number:
            return near(wanted.as_number(), got.as_number());
        case Kind::list:
            if (wanted.aux != got.aux) return false;
            for (uint32_t i = 0; i < wanted.aux; ++i) {
                if (!same(wanted.items[i], got.items[i])) return false;
            }
            return true;
        case Kind::context:
            if (wanted.context->count != got.context->count) return false;
            for (uint32_t i = 0; i < wanted.context->count; ++i) {
                const value::ContextEntry& entry = wanted.context->entries[i];
                const Value* other = got.context->find(entry.name);
                if (!other || !same(entry.value, *other)) return false;
            }
            return true;
        default:
            return value::identical(wanted, got);
    }
}

std::string shown(const Value& value) {
    if (!value.is_null()) return value.kind == Kind::string ? '"' + value::to_text(value) + '"' : value::to_text(value);
    if (!value.null_reason) return "null";
    return fmt::format("null ({}: {})", value.null_reason->code, value.null_reason->text);
}

}  // namespace leat::conformance
