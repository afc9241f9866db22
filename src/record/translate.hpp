// From a typed FEEL condition over one record to a query's predicate, with FEEL's own answers for nulls (SEMANTICS 9).
// What has no SQL shape is left out and said so: the predicate then matches a superset.
#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "feel/ast.hpp"
#include "program/program.hpp"
#include "query/select.hpp"
#include "record/plan_cache.hpp"

namespace leat::record {

struct Translation {
    query::Predicate predicate;
    bool exact = true;                         // false: records that match must still be tested
    std::vector<program::EntityId> through;    // other entities that the statement reads
    std::vector<const feel::ast::Node*> left;  // what has no SQL shape, of a conjunction
};

// The record that the condition is about: the item of a filter, or `this` and bare names.
enum class Subject : uint8_t { item, self };

// The value of a subtree that does not depend on the record; nullopt when it is not known before the query runs.
using ParameterOf = std::function<std::optional<Value>(const feel::ast::Node*)>;

class Translator {
 public:
    Translator(const program::Program& program, PlanCache& plans, program::EntityId entity, Subject subject,
               ParameterOf parameter, Arena& arena)
        : program_(program),
          plans_(plans),
          entity_(entity),
          subject_(subject),
          parameter_(std::move(parameter)),
          arena_(arena) {}

    Translation translate(const feel::ast::Node* condition);
    // Why a part of a condition has no SQL shape, in words.
    std::string why_not(const feel::ast::Node* part);
    // The column of a field, or of a field of the record that a reference points at; nullopt: there is none.
    std::optional<query::Column> column_of(program::FieldId field, program::FieldId through);
    // Likewise; nullopt also where SQL would order it otherwise than FEEL.
    std::optional<query::Column> ordered(program::FieldId field, program::FieldId through);

 private:
    using Node = feel::ast::Node;
    struct Term {
        const program::Field* field = nullptr;  // nullptr: a value
        query::Column column;
        Value value;
        program::EntityId through = program::kNone;
    };
    void conjunction(const Node* node, Translation& out);
    std::optional<query::Predicate> exact(const Node* node);
    std::optional<Term> term(const Node* node);
    std::optional<Term> column(const Node* node);
    const program::Field* own_field(const Node* node) const;
    std::optional<query::Predicate> comparison(query::Op op, const Node* left, const Node* right);
    std::optional<query::Predicate> against(query::Op op, const Term& column, const Value& value);
    std::optional<query::Predicate> against_number(query::Op op, const Term& column, Decimal number);
    std::optional<query::Parameter> encode(const program::Field& field, const Value& value);
    std::optional<query::Predicate> in(const Node* node);
    std::optional<query::Predicate> in_test(const Term& column, const Node* test);
    std::optional<query::Predicate> in_value(const Term& column, const Value& test);
    std::optional<query::Predicate> in_range(const Term& column, const Value& low, bool low_closed, const Value& high,
                                             bool high_closed);
    std::optional<query::Predicate> call(const Node* node);
    std::optional<query::Predicate> list_contains(const Node* node);
    std::optional<query::Predicate> under(const Node* node);
    query::Predicate make(query::Op op, const Term& column, query::Parameter parameter);

    const program::Program& program_;
    PlanCache& plans_;
    program::EntityId entity_;
    Subject subject_;
    ParameterOf parameter_;
    Arena& arena_;
    std::vector<program::EntityId> through_;
};

}  // namespace leat::record
