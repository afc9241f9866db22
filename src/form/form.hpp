// form: what a form renderer needs to ask for a record: a JSON Schema (2020-12) of its document, the uiSchema of
// react-jsonschema-form, the layout of JSON Forms, and the data there is. By role and state from the definitions alone,
// or for one actor and one record. And the way back: what of a submitted document is input for a command, and where on
// the form the reasons of a refusal belong.
//
// A form shows what its reader may see: fields without a right are not in it, masked ones say "***" and are read-only,
// and a condition is told only to who may see all that it reads. It decides nothing: the engine judges what is sent.
// It may not: change records, resolve actors, run flows.
//
// Start reading at make(); plan.hpp is what all printers print.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "flow/chart.hpp"
#include "program/program.hpp"
#include "query/access_scope.hpp"
#include "record/records.hpp"

namespace leat::form {

struct Options {
    std::string language;      // of titles; "": the app's
    std::string event;         // a form for an event, NAME or FLOW.NAME; "": for the record
    bool numbers = false;      // decimals and money as JSON numbers; else as texts, which no reader rounds
    size_t choices_max = 100;  // a reference lists its records where there are at most so many; 0: never
};

// Who asks for the form of what.
struct Subject {
    const program::Program& program;
    const program::Entity& entity;
    query::AccessScope scope;
    bool creating = false;
    // The configuration of each flow of the entity that has begun: of the version that the record runs.
    std::vector<std::pair<const program::Flow*, flow::Configuration>> states{};
    // A record, or one that is to be made (with its defaults); nullptr: from the definitions alone. Then rights that
    // depend on the record are taken as given.
    record::Records* records = nullptr;
    record::Row* row = nullptr;
    const Value* locals = nullptr;  // who acts, for conditions
};

// {"entity", "key", "version", "mode", "event", "schema", "uiSchema", "layout", "data"} as docs/forms.md has it.
// Errors: not_found "form.nothing" (the scope may see nothing of it), not_found "event.unknown".
Result<std::string> make(const Subject& subject, const Options& options);

// The configuration that a state, NAME or FLOW.NAME, stands for: with its ancestors and what is entered with it.
// Error: not_found "state.unknown".
Result<std::pair<const program::Flow*, flow::Configuration>> state_named(const program::Program& program,
                                                                         const program::Entity& entity,
                                                                         std::string_view name);

// Of a document that a form's reader submits, what a command takes: {"record": {…}, "event": {…}}. Without what is
// read-only or not in the form; of a form for a present record only what is not as the form had it, null for what was
// emptied. Errors: usage "form.shape" (one of them is no form or no document), "form.json" (the text of a JSON field is
// none; the message begins with the pointer to it).
Result<Json> input_of(const Json& form, const Json& data);

// An outcome's reasons where renderers show them: {"extraErrors": … as react-jsonschema-form takes them,
// "additionalErrors": […] as JSON Forms does, "messages": […] that belong to no field}. Also takes a failure written as
// {"message", "pointer"}. Error: usage "form.shape".
Result<std::string> errors_of(const Json& outcome);

}  // namespace leat::form
