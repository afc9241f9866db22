// The checker: finds what every name means and the type of every node, reports what cannot be, and notes what the
// expression reads. It rewrites the tree where the meaning decides the shape: a bare name in a filter becomes a member
// of its item, list[3] an index, a comparison in parentheses a range.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "feel/ast.hpp"
#include "feel/expression.hpp"
#include "feel/functions.hpp"
#include "feel/parser.hpp"
#include "feel/parts.hpp"

namespace leat::feel {

class Checker {
 public:
    using Node = ast::Node;
    using NodeKind = ast::NodeKind;
    using Queries = std::vector<std::unique_ptr<CollectionQuery>>;

    // `host` compiles the tree's embedded parts; nullptr where it has none.
    Checker(const Text& source, const Scope& scope, const CompileOptions& options, Diagnostics& diagnostics, Tree& tree,
            Reads& reads, Queries& queries, EmbeddedHost* host);

    // Types the whole tree; the root may be replaced. False after errors. `input`: the type of `?`, or nullptr.
    bool run(Node*& root, TypeRef input);
    uint32_t slots() const { return slots_; }
    // The query that a node with has_query runs, as an index of the queries.
    const std::unordered_map<const Node*, uint32_t>& query_of() const { return query_of_; }

 private:
    struct Local {
        std::string_view name;  // in the tree
        TypeRef type;
        uint32_t slot;
    };
    struct Item {
        TypeRef type;
        uint32_t slot;
        size_t locals;  // how many there were outside of the filter
    };
    friend class PlaceScope;

    void error(const char* code, const Node* node, std::string message, std::string hint = {});
    TypeRef basic(TypeKind kind, bool nullable) { return types_.basic(kind, nullable); }
    TypeRef any() { return types_.basic(TypeKind::any); }

    // The type of a node as a value: a collection becomes the list of its records.
    TypeRef check(Node*& node);
    TypeRef check_raw(Node*& node);
    void make_part(Node* node);
    TypeRef dispatch(Node*& node);
    TypeRef as_value(Node* node);

    TypeRef check_literal(Node* node);
    TypeRef check_name(Node*& node);
    TypeRef check_item_name(Node* node, size_t items, size_t locals);
    TypeRef check_outer_name(Node* node, size_t locals);
    TypeRef bind(Node* node, const Binding& binding);
    TypeRef unknown_name(Node* node);
    TypeRef builtin_value(Node* node);
    bool input_value(Node* node);
    void ambiguous_value(const Node* node, const Binding& binding);
    TypeRef check_member(Node* node);
    TypeRef member_type(Node* node, TypeRef object);
    TypeRef property_type(Node* node, TypeRef object);
    TypeRef unknown_member(Node* node, TypeRef object, const std::vector<std::string>& names);
    void note_read(const Node* node, TypeRef object, const Member& member);

    TypeRef check_arithmetic(Node* node);
    TypeRef add_or_subtract(Node* node, TypeRef a, TypeRef b);
    TypeRef multiply_or_divide(Node* node, TypeRef a, TypeRef b);
    TypeRef add_numbers(Node* node, TypeRef a, TypeRef b);
    TypeRef check_negate(Node*& node);
    TypeRef check_comparison(Node* node);
    bool comparable(const Node* place, const Node* left, TypeRef a, const Node* right, TypeRef b, bool ordered);
    bool ordered_type(const Node* place, const Node* operand, TypeRef type);
    void check_enum_value(const Node* node, const EnumType* enumeration);
    void check_enum_values(const Node* node, const EnumType* enumeration);
    void mixed_money(const Node* node, TypeRef a, TypeRef b);
    TypeRef check_logical(Node* node);
    TypeRef check_between(Node* node);
    TypeRef check_in(Node* node);
    bool check_test(Node*& test, const Node* value, TypeRef input, bool& nullable);
    bool check_test_value(Node* test, const Node* value, TypeRef input, TypeRef type, bool& nullable);
    TypeRef check_range(Node* node);
    TypeRef check_if(Node* node);
    bool want_boolean(const Node* node, const char* what);

    TypeRef check_for(Node* node);
    bool check_iterators(Node* node);
    TypeRef check_quantified(Node* node);
    TypeRef check_filter(Node* node);
    void make_query(Node* node, uint32_t entity, const Node* filter, uint32_t slot);
    TypeRef check_list(Node* node);
    TypeRef check_context(Node* node);
    TypeRef check_function(Node* node);
    void check_shadow(const Node* node, std::string_view name);
    TypeRef check_instance(Node* node);
    TypeRef check_coerce(Node* node);
    TypeRef check_embedded(Node* node);
    TypeRef type_named(const Node* node, std::string_view text);
    TypeRef check_call(Node*& node);
    TypeRef check_builtin(Node* node);
    TypeRef check_convert(Node* node, const Builtin& signature);
    TypeRef give_up(Node* node);
    TypeRef check_function_value_call(Node* node);
    bool match(const Builtin& candidate, const Node* node, bool report);
    bool arguments_fit(Node* node, const std::vector<Member>& parameters, const std::string& name);
    bool order_named(Node* node, const std::vector<std::string>& names, const std::vector<bool>& optional,
                     std::string_view function);
    TypeRef builtin_type(const Builtin& candidate, Node* node);
    void check_pattern(const Node* node);

    TypeRef join(TypeRef a, TypeRef b);
    bool assignable(TypeRef from, TypeRef to) const;
    void check_expected(const Node* node, TypeRef expected);
    void warn_nullable(const Node* root);
    const Node* nullable_cause(const Node* node) const;
    void learn(const Node* condition, bool truth);

    const Text& source_;
    const Scope& scope_;
    const CompileOptions& options_;
    Diagnostics& diagnostics_;
    Tree& tree_;
    Reads& reads_;
    Queries& queries_;
    EmbeddedHost* host_;
    Types& types_;
    // Of the last mistake that lenient evaluation let pass: why what it made null is null.
    struct Excuse {
        const char* code = "feel.type.mismatch";
        std::string text;
        uint32_t begin = 0, end = 0;
    };
    Excuse excuse_;
    TypeRef input_ = nullptr;
    TypeRef lambda_item_ = nullptr;  // what a function written as an argument of sort() takes
    uint32_t slots_ = 0;
    bool failed_ = false;
    std::vector<Local> locals_;
    std::vector<Item> items_;
    std::vector<const Node*> known_;  // paths (amount, event.amount) proved not to be null here
    std::unordered_map<const Node*, uint32_t> query_of_;
};

// The static type of a value known at load.
TypeRef type_of(const Value& value, Types& types);

}  // namespace leat::feel
