// What a compiled graph is made of. Inside this room only.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "decision/graph.hpp"

namespace leat::decision {

struct Graph::Parts {
    // What stands at a place of Frame::locals: first the elements, then the names that imports bring.
    struct Place {
        enum class Kind : uint8_t { input, decision, knowledge, service, import };
        Kind kind = Kind::input;
        std::string name;
        feel::TypeRef type = nullptr;    // that the value is converted to; nullptr: any
        std::vector<uint32_t> required;  // places that are there before it
        std::unique_ptr<feel::Expression> expression;
        std::unique_ptr<Table> table;  // instead of an expression: logic that is nothing but a table
        NullReason missing;            // why it is null: not given, without logic, or not compiled
        std::string missing_text;      // that reason's
        std::vector<std::pair<std::string, uint32_t>> members;  // of an import: its names and their places
        std::vector<uint32_t> outputs;                          // of a service
    };
    // A function of the environment.
    struct Function {
        uint32_t place = 0;            // whose logic it is in; of a service: it
        std::unique_ptr<Table> table;  // nullptr: the service
    };

    std::vector<GraphModel> models;
    std::vector<GraphElement> elements;
    std::vector<Place> places;
    std::vector<Function> functions;
    std::vector<std::unordered_map<std::string, std::vector<uint32_t>>> by_name;  // per model
    std::vector<std::vector<std::pair<std::string, uint32_t>>> imports;           // per model: name, model
    feel::Types types;
    std::vector<std::unique_ptr<feel::Expression>> constraints;
};

}  // namespace leat::decision
