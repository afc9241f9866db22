// The cells of one column of a load, as a field takes them. Internal to this room.
#pragma once
#include "record/load.hpp"
#include "record/parts.hpp"

namespace leat::record {

class CellReader {
 public:
    CellReader(const program::Program& program, const program::Field& field, const LoadColumn& column);
    const program::Field& field() const { return field_; }
    program::FieldId id() const { return id_; }  // the field's, without a look at it
    // The value of row `i`; texts stay in the column's memory. Errors: usage, as Records::coerce and from_json.
    Result<void> read(size_t i, Value& out, Records& records) const;

 private:
    Result<void> read_text(std::string_view text, Value& out, Records& records) const;
    Result<Value> value_at(size_t i) const;  // of kinds other than texts
    Result<Value> text_value(std::string_view text, Records& records) const;
    const program::Program& program_;
    const program::Field& field_;
    const LoadColumn& column_;
    const program::FieldId id_;
    int64_t number_end_ = 1;  // of coefficients that the field's digits hold
    // What is taken as it stands: texts once they are UTF-8, numbers of the column's own scale.
    enum class Plain : uint8_t { none, text, number, date, boolean, record };
    Plain plain_ = Plain::none;
};

}  // namespace leat::record
