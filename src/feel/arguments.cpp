#include "feel/arguments.hpp"

namespace leat::feel {

const Value& only(const Value& argument) {
    return argument.kind == Kind::list && argument.aux == 1 ? argument.items[0] : argument;
}

Value null_argument(Evaluation& evaluation, const Value& argument) {
    return argument.null_reason ? argument : evaluation.fail("feel.argument", "an argument is null");
}

bool want(Evaluation& evaluation, const Value& argument, Kind kind, Value& out) {
    out = argument;
    if (out.kind == Kind::list && out.aux == 1 && kind != Kind::list) out = out.items[0];
    if (out.kind == kind) return true;
    out = out.is_null() ? null_argument(evaluation, out)
                        : evaluation.fail("feel.argument", "an argument has another type than the function takes");
    return false;
}

bool want_whole(Evaluation& evaluation, const Value& argument, int64_t& whole, Value& out) {
    if (!want(evaluation, argument, Kind::number, out)) return false;
    auto number = out.as_number().rescale(0, Rounding::down);
    auto exact = number ? number->to_int64() : std::nullopt;
    if (!exact) {
        out = evaluation.fail("feel.argument", "the number is too large here");
        return false;
    }
    whole = *exact;
    return true;
}

bool want_list(const Value& argument, Value& single, std::span<const Value>& items) {
    if (argument.is_null()) return false;
    if (argument.kind == Kind::list) {
        items = argument.as_list();
    } else {
        single = argument;
        items = {&single, 1};
    }
    return true;
}

}  // namespace leat::feel
