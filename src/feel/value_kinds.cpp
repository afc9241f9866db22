#include "feel/value_kinds.hpp"

namespace leat::feel {

namespace {

constexpr const char* kWords[] = {"null",
                                  "boolean",
                                  "number",
                                  "string",
                                  "date",
                                  "time",
                                  "date and time",
                                  "days and time duration",
                                  "years and months duration",
                                  "list",
                                  "context",
                                  "range",
                                  "function",
                                  "record",
                                  "object"};

}  // namespace

void write_kinds(JsonWriter& json, const Value& value) {
    if (value.kind == Kind::list) {
        json.begin_array();
        for (const Value& item : value.as_list()) write_kinds(json, item);
        json.end_array();
    } else if (value.kind == Kind::context) {
        json.begin_object();
        for (uint32_t i = 0; i < value.context->count; ++i) {
            json.key(value.context->entries[i].name);
            write_kinds(json, value.context->entries[i].value);
        }
        json.end_object();
    } else {
        json.string(kWords[static_cast<size_t>(value.kind)]);
    }
}

}  // namespace leat::feel
