// Static types of FEEL expressions: DMN's, plus what entities bring (enums, money's currency, records, collections).
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace leat::feel {

enum class TypeKind : uint8_t {
    any,
    null,
    boolean,
    number,
    string,
    enumeration,  // strings of a closed list, checked at load
    date,
    time,
    date_time,
    days_duration,
    months_duration,
    duration,  // either of the two (a setting's or a field's `duration`)
    list,
    context,
    range,
    function,
    record,      // of one entity
    collection,  // records.ENTITY: all records of an entity; a filter on it becomes a query
    object,      // settings, records, params: members resolved by the host
};

class Expression;
struct Type;
using TypeRef = const Type*;

struct EnumItem {
    std::string value;
    std::vector<std::string> titles;  // for "'华东' is the title of "east""
};
struct EnumType {
    std::string name;  // "lead.region"
    std::vector<EnumItem> items;
    int find(std::string_view value) const;  // -1: none
};

struct Member {
    std::string name;
    uint32_t index = 0;  // of a record: the field's place in its row; of an object: the host's number
    TypeRef type = nullptr;
};

// Immutable once made; compare by pointer only through Types (equal types are one object except contexts and
// functions).
struct Type {
    TypeKind kind = TypeKind::any;
    bool nullable = true;
    int16_t scale = -1;    // of a number that is stored: digits after the point; -1: any
    std::string currency;  // of money: a code; "" none; "*" taken from a field
    const EnumType* enumeration = nullptr;
    TypeRef element = nullptr;            // of a list, a range
    uint32_t class_id = 0;                // of a record or collection: the entity; of an object: the host's number
    std::vector<Member> members;          // of a context
    std::vector<Member> parameters;       // of a function
    TypeRef result = nullptr;             // of a function
    const Expression* allowed = nullptr;  // unary tests that a value must meet: an item definition's allowed values
};

// Makes and owns types. Lives in the program; not thread-safe while building, read-only after.
class Types {
 public:
    Types();
    TypeRef basic(TypeKind kind, bool nullable = true);
    TypeRef money(std::string currency, int scale, bool nullable = true);
    TypeRef decimal(int scale, bool nullable = true);
    TypeRef enumeration(const EnumType* enumeration, bool nullable = true);
    TypeRef list(TypeRef element, bool nullable = true);
    TypeRef range(TypeRef element, bool nullable = true);
    TypeRef record(uint32_t entity, bool nullable = true);
    TypeRef collection(uint32_t entity);
    TypeRef object(uint32_t class_id);
    TypeRef context(std::vector<Member> members, bool nullable = true);
    TypeRef function(std::vector<Member> parameters, TypeRef result);
    // For a type that contains itself: gives members to a context type of this object that was made without any.
    void complete(TypeRef context, std::vector<Member> members);
    TypeRef with_nullable(TypeRef type, bool nullable);
    // The type with a constraint, which coerce() asks and which must live as long as the type.
    TypeRef constrained(TypeRef type, const Expression* allowed);

 private:
    TypeRef intern(Type type);
    std::deque<Type> types_;
    std::unordered_map<std::string, TypeRef> interned_;
    TypeRef basics_[18][2] = {};  // made when they are first asked for
};

// A type for people: "number", "money (CNY)", "list of record", "\"lead.region\" value".
std::string describe(TypeRef type);

}  // namespace leat::feel
