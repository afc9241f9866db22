// What a stored formula may read, found by walking its typed tree: fields of its own row, of the record that owns its
// line, of the lines of a list. Anything else makes the formula virtual. Internal to this room.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "feel/ast.hpp"
#include "program/program.hpp"

namespace leat::program {

struct FormulaRead {
    enum class Path : uint8_t { self, owner, items };
    Path path = Path::self;
    EntityId entity = 0;  // that the field belongs to
    FieldId field = 0;
    FieldId list = kNone;  // items: the list of this entity they come through

    friend bool operator==(const FormulaRead&, const FormulaRead&) = default;
};

struct FormulaReads {
    std::vector<FormulaRead> reads;
    std::vector<FieldId> lists;  // lists whose membership matters
    std::string foreign;         // why it cannot be stored: "it reads records.order"; "" it can
};

// What a decision or function reads of the record it is given, for formulas that call it.
struct FunctionReads {
    EntityId entity = kNone;      // of the first argument; kNone: it is given no record
    std::vector<FieldId> fields;  // of that record
    std::string foreign;          // as in FormulaReads
};
using AskFunction = std::function<FunctionReads(uint32_t function)>;

FormulaReads formula_reads(const Program& program, EntityId entity, const feel::Expression& formula,
                           const AskFunction& ask);

}  // namespace leat::program
