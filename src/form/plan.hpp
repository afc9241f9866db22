// What a form asks, decided once and printed three times (schema, uiSchema, layout).
#pragma once
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "form/condition.hpp"
#include "form/form.hpp"

namespace leat::form {

struct Property {
    const program::Field* field = nullptr;
    std::string title, description;
    bool read_only = false;
    bool masked = false;
    bool required = false;
    bool hidden = false;       // the server has judged visible_if: not now
    std::string visible_when;  // a condition's schema; "": always, or the server's business
    std::vector<std::string> required_when;
    std::string default_json;                               // "": none
    std::vector<std::pair<std::string, std::string>> told;  // "required_if" …: its FEEL, for who may see what it reads
    std::vector<std::string> by_server;                     // those of them that the schema does not say
    std::vector<std::pair<std::string, std::string>> choices;  // constants and their titles; empty: any
    const program::Entity* lines = nullptr;                    // an owned list, with `items`
    std::vector<Property> items;
};

struct Group {
    std::string title;
    size_t begin = 0, end = 0;  // among Plan::properties
};

struct Plan {
    std::string language;
    bool numbers = false;
    bool creating = false;
    std::string title;
    std::vector<Property> properties;  // in the order of the form
    std::vector<Group> groups;         // all properties, in order; one without a title where the entity declares none
    const program::Event* event = nullptr;
    std::vector<Property> payload;
};

// Errors: not_found "form.nothing", "event.unknown".
Result<Plan> plan(const Subject& subject, const Options& options);

// The JSON Schema of the document.
std::string schema_of(const Subject& subject, const Plan& plan);
// react-jsonschema-form's uiSchema, and JSON Forms' layout.
std::string ui_schema_of(const Plan& plan);
std::string layout_of(const Plan& plan);
// The document as it is; {} without a record.
Result<std::string> data_of(const Subject& subject, const Plan& plan);

}  // namespace leat::form
