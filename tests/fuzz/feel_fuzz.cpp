// One input of arbitrary bytes through everything in feel and value that reads text. The first byte says what it is
// read as. Whatever comes in: no crash, no hang, and a fault always says what and where. `require` names the promise.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/utf8.hpp"
#include "feel/fake_scope.hpp"
#include "feel/regex.hpp"
#include "feel/standalone.hpp"

using namespace leat;

namespace {

void require(bool promise, const char* what, std::string_view input) {
    if (promise) return;
    std::fprintf(stderr, "broken: %s\ninput: %.*s\n", what, static_cast<int>(input.size()), input.data());
    std::abort();
}

constexpr uint64_t kSteps = 50'000;

Result<Value> evaluate(std::string_view text, const Value& context, bool lenient, Arena& arena) {
    feel::StandaloneOptions options;
    options.lenient = lenient;
    options.limits.steps_max = kSteps;
    options.limits.list_items_max = 5'000;
    return feel::evaluate_text(text, context, nullptr, arena, options);
}

void standalone(std::string_view text, bool lenient) {
    Arena arena(16u << 20), again(16u << 20);
    value::ContextEntry entries[] = {{"a", Value::number(Decimal(7))},
                                     {"名", Value::string("甲")},
                                     {"net amount", Value::number(Decimal::make(1250, -2))},
                                     {"none", Value()}};
    value::ContextData data{entries, 4};
    Value context = Value::context_of(&data);
    auto first = evaluate(text, context, lenient, arena);
    auto second = evaluate(text, context, lenient, again);
    require(static_cast<bool>(first) == static_cast<bool>(second), "the same answer twice", text);
    if (!first) {
        require(!first.error().code.empty() && !first.error().message.empty(), "an error says what", text);
        require(first.error().status != Status::program || !first.error().diagnostics.empty(), "and where", text);
        return;
    }
    if (first->kind != Kind::function)
        require(value::to_text(*first) == value::to_text(*second), "the same value", text);
    std::string json;
    value::append_json(json, *first);
    require(base::valid_utf8(json) || !base::valid_utf8(text), "JSON of UTF-8 is UTF-8", text);
}

void in_application(const std::string& text) {
    fake::World world;
    if (auto expression = world.compile(text)) {
        uint64_t steps = kSteps;
        feel::Frame frame = world.frame();
        frame.steps_left = &steps;
        try {
            expression->evaluate(frame);
        } catch (const LimitError& limit) {
            require(!limit.code().empty(), "a limit has a code", text);
        }
    } else {
        require(world.diagnostics.has_errors(), "an expression or a diagnostic", text);
    }
    world.diagnostics = {};
    auto cell =
        feel::compile_unary_tests(fake::text_of(text), world.scope.status_type(), world.scope, {}, world.diagnostics);
    require((cell != nullptr) != world.diagnostics.has_errors(), "a cell or a diagnostic", text);
    world.diagnostics = {};
    auto made = feel::compile_template(fake::text_of(text), world.scope, {}, world.diagnostics);
    require((made != nullptr) != world.diagnostics.has_errors(), "a template or a diagnostic", text);
}

// What can be read is written in a form that reads as the same.
template <class Point>
void point(std::string_view text) {
    auto read = Point::parse(text);
    if (!read) return;
    auto again = Point::parse(read->to_string());
    require(again && value::identical(Value::of(*read), Value::of(*again)), "a written point reads as itself", text);
}

void literals(std::string_view text) {
    point<Date>(text);
    point<Time>(text);
    point<DateTime>(text);
    if (auto number = Decimal::parse(text)) {
        auto again = Decimal::parse(number->to_string());
        require(again && *again == *number, "a written number reads as itself", text);
    }
    if (auto duration = value::parse_duration(text)) {
        auto again =
            value::parse_duration(duration->days ? duration->days->to_string() : duration->months->to_string());
        require(again && again->days == duration->days && again->months == duration->months,
                "a written duration reads as itself", text);
    }
}

// Pattern, flags and text between line feeds.
void pattern(std::string_view input) {
    size_t first = input.find('\n'), second = first == input.npos ? first : input.find('\n', first + 1);
    if (second == input.npos) return;
    auto flags = feel::RegexFlags::parse(input.substr(first + 1, second - first - 1));
    if (!flags) return;
    std::string fault;
    auto regex = feel::Regex::get(input.substr(0, first), *flags, fault);
    require((regex != nullptr) == fault.empty(), "a pattern or a fault", input);
    if (!regex) return;
    std::string_view text = input.substr(second + 1);
    std::vector<feel::Regex::Span> spans;
    uint64_t work = 0;
    try {
        if (!regex->search(text, 0, spans, work)) return;
    } catch (const LimitError& limit) {
        require(limit.code() == "limit.regex", "the limit of patterns", input);
        return;
    }
    require(spans.size() == static_cast<size_t>(regex->groups()) + 1, "a span for each group", input);
    require(spans[0].begin <= spans[0].end && spans[0].end <= text.size(), "a match within the text", input);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 5) {
        case 0:
            standalone(text, false);
            break;
        case 1:
            standalone(text, true);
            break;
        case 2:
            in_application(text);
            break;
        case 3:
            literals(text);
            break;
        default:
            pattern(text);
            break;
    }
    return 0;
}
