// The way back: a submitted document as a command's input, and a refusal's reasons at the fields of the form.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "form/form.hpp"

namespace leat::form {

namespace {

Error shape(std::string_view what) {
    return make_error(Status::usage, "form.shape", std::string(what));
}

using Named = std::pair<std::string_view, const Json*>;

// The properties of a document's schema, those behind conditions included.
std::vector<Named> properties_of(const Json& schema) {
    std::vector<Named> out;
    auto add = [&](const Json* properties) {
        if (!properties) return;
        for (const auto& [name, property] : properties->members) out.emplace_back(name, &property);
    };
    add(schema.find("properties"));
    if (const Json* all = schema.find("allOf")) {
        for (const Json& one : all->items)
            if (const Json* then = one.find("then")) add(then->find("properties"));
    }
    return out;
}

bool is_true(const Json* json) {
    return json && json->kind == Json::Kind::boolean && json->boolean;
}

bool empty(const Json* json) {
    return !json || json->is_null() || (json->kind == Json::Kind::string && json->text.empty());
}

// 1.50 and 1.5 are one number.
bool same(const Json& a, const Json& b) {
    if (a.kind != b.kind) return false;
    switch (a.kind) {
        case Json::Kind::null:
            return true;
        case Json::Kind::boolean:
            return a.boolean == b.boolean;
        case Json::Kind::string:
            return a.text == b.text;
        case Json::Kind::number: {
            auto left = Decimal::parse(a.text), right = Decimal::parse(b.text);
            return left && right ? *left == *right : a.text == b.text;
        }
        case Json::Kind::array:
            return std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), same);
        case Json::Kind::object:
            return a.members.size() == b.members.size() &&
                   std::all_of(a.members.begin(), a.members.end(), [&](const auto& member) {
                       const Json* other = b.find(member.first);
                       return other && same(member.second, *other);
                   });
    }
    return false;
}

std::string token(std::string_view name) {
    std::string out = "/";
    for (char c : name) {
        if (c == '~' || c == '/')
            out += c == '~' ? "~0" : "~1";
        else
            out += c;
    }
    return out;
}

Result<Json> object_of(const Json& schema, const Json* data, const std::string& at);

// A value without what its reader cannot have changed; the text of a JSON field as what it says. `at`: a JSON Pointer.
Result<Json> cleaned(const Json& property, const Json& value, const std::string& at) {
    const Json* type = property.find("x-leat-type");
    if (type && type->text == "json" && value.kind == Json::Kind::string) {
        auto parsed = parse_json(value.text);
        if (parsed) return parsed;
        return make_error(Status::usage, "form.json",
                          fmt::format("{}: this is no JSON: {}", at, parsed.error().message));
    }
    const Json* items = property.find("items");
    if (!items || !items->find("properties") || value.kind != Json::Kind::array) return value;
    Json out;
    out.kind = Json::Kind::array;
    for (size_t i = 0; i < value.items.size(); ++i) {
        LEAT_TRY(Json line, object_of(*items, &value.items[i], fmt::format("{}/{}", at, i)));
        out.items.push_back(std::move(line));
    }
    return out;
}

Result<Json> object_of(const Json& schema, const Json* data, const std::string& at) {
    Json out;
    out.kind = Json::Kind::object;
    if (!data || data->kind != Json::Kind::object) return out;
    for (const auto& [name, property] : properties_of(schema)) {
        const Json* value = data->find(name);
        if (is_true(property->find("readOnly")) || empty(value)) continue;
        LEAT_TRY(Json made, cleaned(*property, *value, at + token(name)));
        out.members.emplace_back(std::string(name), std::move(made));
    }
    return out;
}

// Errors by place, as react-jsonschema-form nests them.
struct Place {
    std::string name;
    std::vector<Place> children;
    std::vector<std::string> errors;

    Place& at(std::string token) {
        for (Place& child : children)
            if (child.name == token) return child;
        children.emplace_back();
        children.back().name = std::move(token);
        return children.back();
    }
    void print(JsonWriter& json) const {
        json.begin_object();
        if (!errors.empty()) {
            json.key("__errors").begin_array();
            for (const auto& one : errors) json.string(one);
            json.end_array();
        }
        for (const Place& child : children) {
            json.key(child.name);
            child.print(json);
        }
        json.end_object();
    }
};

std::string unescaped(std::string_view token) {
    std::string out;
    for (size_t i = 0; i < token.size(); ++i) {
        bool escape = token[i] == '~' && i + 1 < token.size();
        out += escape ? (token[++i] == '1' ? '/' : '~') : token[i];
    }
    return out;
}

struct Reason {
    std::string message;
    std::vector<std::string> pointers;
};

// A failure's message begins with the pointer to what is wrong with the input, where that is known.
Reason reason_of_failure(const Json& failure) {
    Reason out{failure.find("message")->text, {}};
    if (const Json* pointer = failure.find("pointer"); pointer && !pointer->text.empty()) {
        out.pointers.push_back(pointer->text);
    } else if (size_t colon = out.message.find(": "); out.message.starts_with("/") && colon != std::string::npos) {
        out.pointers.push_back(out.message.substr(0, colon));
        out.message.erase(0, colon + 2);
    }
    return out;
}

}  // namespace

Result<Json> input_of(const Json& form, const Json& data) {
    const Json* schema = form.find("schema");
    const Json* mode = form.find("mode");
    if (!schema || !mode || !schema->find("properties"))
        return shape("this is no form: it has no 'schema' and 'mode' as leat_session_form gives them");
    if (data.kind != Json::Kind::object) return shape("a submitted document is a JSON object");
    Json record;
    record.kind = Json::Kind::object;
    const Json* before = form.find("data");
    const bool event = mode->text == "event";
    const bool present = mode->text != "create";
    for (const auto& [name, property] : properties_of(*schema)) {
        if (is_true(property->find("readOnly")) || (event && name == "event")) continue;
        const Json* given = data.find(name);
        const Json* had = present && before ? before->find(name) : nullptr;
        if (empty(given)) {
            if (!empty(had)) record.members.emplace_back(std::string(name), Json());
            continue;
        }
        LEAT_TRY(Json value, cleaned(*property, *given, token(name)));
        if (had) {
            LEAT_TRY(Json was, cleaned(*property, *had, token(name)));
            if (same(value, was)) continue;
        }
        record.members.emplace_back(std::string(name), std::move(value));
    }
    Json out;
    out.kind = Json::Kind::object;
    out.members.emplace_back("record", std::move(record));
    if (event) {
        const Json* payload = schema->find("properties")->find("event");
        if (!payload) return shape("this is no form for an event: its schema has no 'event'");
        LEAT_TRY(Json brought, object_of(*payload, data.find("event"), "/event"));
        out.members.emplace_back("event", std::move(brought));
    }
    return out;
}

Result<std::string> errors_of(const Json& outcome) {
    std::vector<Reason> reasons;
    if (const Json* refusals = outcome.find("refusals"); refusals && refusals->kind == Json::Kind::array) {
        for (const Json& refusal : refusals->items) {
            const Json* message = refusal.find("message");
            const Json* code = refusal.find("code");
            Reason one;
            one.message = message && !message->text.empty() ? message->text : code ? code->text : "";
            if (const Json* pointers = refusal.find("pointers"))
                for (const Json& pointer : pointers->items) one.pointers.push_back(pointer.text);
            reasons.push_back(std::move(one));
        }
    } else if (outcome.find("message")) {
        reasons.push_back(reason_of_failure(outcome));
    } else {
        return shape("this is neither an outcome with 'refusals' nor a failure with a 'message'");
    }
    Place root;
    std::string additional, general, out;
    JsonWriter errors(additional), messages(general);
    errors.begin_array();
    messages.begin_array();
    auto add = [&](const std::string& pointer, const std::string& message) {
        errors.begin_object().key("instancePath").string(pointer).key("message").string(message);
        errors.key("schemaPath").string("").key("keyword").string("").key("params").begin_object().end_object();
        errors.end_object();
    };
    for (const Reason& one : reasons) {
        if (one.pointers.empty()) {
            root.errors.push_back(one.message);
            messages.string(one.message);
            add("", one.message);
        }
        for (const auto& pointer : one.pointers) {
            Place* place = &root;
            for (size_t at = 0; at < pointer.size();) {
                size_t end = std::min(pointer.find('/', at + 1), pointer.size());
                place = &place->at(unescaped(std::string_view(pointer).substr(at + 1, end - at - 1)));
                at = end;
            }
            place->errors.push_back(one.message);
            add(pointer, one.message);
        }
    }
    errors.end_array();
    messages.end_array();
    JsonWriter json(out);
    json.begin_object().key("extraErrors");
    root.print(json);
    json.key("additionalErrors").raw(additional).key("messages").raw(general).end_object();
    return out;
}

}  // namespace leat::form
