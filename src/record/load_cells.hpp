// The cells of one column of a load, as a field takes them. Internal to this room.
#pragma once
#include "record/load.hpp"
#include "record/parts.hpp"

namespace leat::record {

class CellReader {
 public:
    CellReader(const program::Program& program, const program::Field& field, const LoadColumn& column);
    const program::Field& field() const { return field_; }
    // The value of row `i`; texts stay in the column's memory. Errors: usage, as Records::coerce and from_json.
    Result<void> read(size_t i, Value& out, Records& records) const;

 private:
    Result<Value> value_at(size_t i) const;  // of kinds other than texts
    Result<Value> text_value(std::string_view text, Records& records) const;
    const program::Program& program_;
    const program::Field& field_;
    const LoadColumn& column_;
    bool plain_text_ = false;    // taken as it is, once it is UTF-8
    bool plain_number_ = false;  // of the column's own scale
    bool plain_date_ = false;
};

}  // namespace leat::record
