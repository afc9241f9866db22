// A DMN model as plain data, as its XML has it (DMN 1.5, chapters 6 and 7): references are still references, types
// names and expressions texts. `dmn` fills it from files, code may fill it by hand, decision::Graph gives it meaning.
#pragma once
#include <string>
#include <vector>

#include "model/model.hpp"

namespace leat::model {

// An item definition, or a component of one.
struct DmnItem {
    Text name;
    Text type;  // of which it is one, or a collection of; empty: it has components, or is a function
    bool collection = false;
    Text allowed;     // unary tests that a value must meet; of a collection: each item
    Text constraint;  // unary tests that the whole must meet (typeConstraint)
    std::vector<DmnItem> components;
    bool function = false;  // a function item: components are its parameters, `type` is its answer's
    Span span;
};

// Names another model's elements by its namespace; empty: this model's.
struct DmnReference {
    std::string space;
    std::string id;
    Span span;
};

struct DmnElement {
    Text name;
    Text variable;  // its name in scope of those that require it; mostly the same
    std::string id;
    Text type;  // of its variable; empty: any
    Span span;
};
struct DmnInput : DmnElement {};
struct DmnDecision : DmnElement {
    std::vector<DmnReference> information;  // inputs and decisions
    std::vector<DmnReference> knowledge;    // business knowledge models and decision services
    Boxed logic;                            // nothing: the decision is null
};
struct DmnKnowledge : DmnElement {
    std::vector<DmnReference> knowledge;
    Boxed logic;  // a function; nothing: null
};
struct DmnService : DmnElement {
    std::vector<DmnReference> outputs, encapsulated, input_decisions, inputs;
};

struct DmnImport {
    Text name;  // empty: the other model's names are names here
    std::string space;
    Text location;  // a file to read it from, where it is not among the sources; empty: none
    bool is_dmn = true;  // else of another kind (XML schema, PMML), of which nothing is used
    Span span;
};

struct DmnModel {
    Text name;
    std::string space;  // its namespace
    std::vector<DmnImport> imports;
    std::vector<DmnItem> items;
    std::vector<DmnInput> inputs;
    std::vector<DmnDecision> decisions;
    std::vector<DmnKnowledge> knowledge;
    std::vector<DmnService> services;
    Span span;
};

}  // namespace leat::model
