// Values into JSON that is being written; append_json() of value.hpp makes a text of its own.
#pragma once
#include "base/json_buffer.hpp"
#include "value/value.hpp"

namespace leat::value {

// What append_json() says, into the buffer. Quick for texts, booleans and whole numbers.
void write_json(JsonBuffer& json, const Value& value);

}  // namespace leat::value
