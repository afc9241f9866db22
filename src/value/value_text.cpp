// Values as text and as JSON.
#include "base/json.hpp"
#include "value/value.hpp"
#include "value/value_json.hpp"

namespace leat::value {

namespace {

void append_text(std::string& out, const Value& value);

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

bool plain_name(std::string_view name) {
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
    for (char c : name) {
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (static_cast<unsigned char>(c) >= 0x80);
        if (!letter && !(c >= '0' && c <= '9') && c != '_') return false;
    }
    return true;
}

void append_range(std::string& out, const RangeData& range) {
    out += range.low_closed ? '[' : '(';
    append_text(out, range.low);
    out += "..";
    append_text(out, range.high);
    out += range.high_closed ? ']' : ')';
}

void append_context(std::string& out, const ContextData& context) {
    out += '{';
    for (uint32_t i = 0; i < context.count; ++i) {
        if (i != 0) out += ", ";
        if (plain_name(context.entries[i].name)) {
            out += context.entries[i].name;
        } else {
            append_quoted(out, context.entries[i].name);
        }
        out += ": ";
        append_text(out, context.entries[i].value);
    }
    out += '}';
}

// The text of a value without structure; false for strings, lists, contexts, ranges and null.
bool append_scalar(std::string& out, const Value& value) {
    switch (value.kind) {
        case Kind::boolean:
            out += value.is_true() ? "true" : "false";
            return true;
        case Kind::number:
            out += value.as_number().to_string();
            return true;
        case Kind::date:
            out += value.as_date().to_string();
            return true;
        case Kind::time:
            out += value.as_time().to_string();
            return true;
        case Kind::date_time:
            out += value.as_date_time().to_string();
            return true;
        case Kind::days_duration:
            out += value.as_days_duration().to_string();
            return true;
        case Kind::months_duration:
            out += value.as_months_duration().to_string();
            return true;
        case Kind::record:
        case Kind::object:
            out += std::to_string(value.record.id);
            return true;
        case Kind::function:
            out += "function";
            return true;
        default:
            return false;
    }
}

// A value inside another: strings are quoted and null is written.
void append_text(std::string& out, const Value& value) {
    if (append_scalar(out, value)) return;
    switch (value.kind) {
        case Kind::string:
            append_quoted(out, value.as_string());
            return;
        case Kind::list: {
            out += '[';
            bool first = true;
            for (const Value& item : value.as_list()) {
                if (!first) out += ", ";
                first = false;
                append_text(out, item);
            }
            out += ']';
            return;
        }
        case Kind::context:
            append_context(out, *value.context);
            return;
        case Kind::range:
            append_range(out, *value.range);
            return;
        default:
            out += "null";
    }
}

}  // namespace

std::string to_text(const Value& value) {
    if (value.is_null()) return {};
    if (value.kind == Kind::string) return std::string(value.as_string());
    std::string out;
    append_text(out, value);
    return out;
}

void append_json(std::string& out, const Value& value) {
    switch (value.kind) {
        case Kind::null:
        case Kind::function:
            out += "null";
            return;
        case Kind::boolean:
            out += value.is_true() ? "true" : "false";
            return;
        case Kind::number:
            out += value.as_number().to_canonical();
            return;
        case Kind::string:
            base::JsonWriter(out).string(value.as_string());
            return;
        case Kind::list: {
            out += '[';
            bool first = true;
            for (const Value& item : value.as_list()) {
                if (!first) out += ',';
                first = false;
                append_json(out, item);
            }
            out += ']';
            return;
        }
        case Kind::context: {
            out += '{';
            for (uint32_t i = 0; i < value.context->count; ++i) {
                if (i != 0) out += ',';
                base::JsonWriter(out).string(value.context->entries[i].name);
                out += ':';
                append_json(out, value.context->entries[i].value);
            }
            out += '}';
            return;
        }
        case Kind::range: {
            std::string text;
            append_range(text, *value.range);
            base::JsonWriter(out).string(text);
            return;
        }
        case Kind::record:
        case Kind::object:
            out += std::to_string(value.record.id);
            return;
        default: {
            out += '"';
            append_scalar(out, value);
            out += '"';
        }
    }
}

void write_json(JsonBuffer& json, const Value& value) {
    switch (value.kind) {
        case Kind::null:
            json.null();
            return;
        case Kind::boolean:
            json.boolean(value.is_true());
            return;
        case Kind::string:
            json.string(value.as_string());
            return;
        case Kind::number: {
            auto low = static_cast<int64_t>(value.bits.low);
            if (value.exponent == 0 && value.bits.high == static_cast<uint64_t>(low >> 63)) {
                json.number(low);
                return;
            }
            break;
        }
        default:
            break;
    }
    std::string text;
    append_json(text, value);
    json.raw(text);
}

}  // namespace leat::value
