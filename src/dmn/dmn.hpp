// dmn: OMG's XML of DMN models (1.1 to 1.5) to plain data. The only room that includes pugixml, and only where LEAT_DMN
// is set; without it read() says so.
//
// Knows the elements of the standard's XML, by their local names whatever their prefixes; knows no meaning (references,
// types and expressions are decision::Graph's). Nothing outside the text is ever read: entities and document types are
// refused. Start reading at read(); boxed.cpp has the boxed expressions.
#pragma once
#include <string>
#include <string_view>

#include "base/diagnostic.hpp"
#include "base/limits.hpp"
#include "model/dmn.hpp"

namespace leat::dmn {

// Reads one model; `sources` keeps its text under `name`. False after at least one error: dmn.built_without (no reader
// was built in), dmn.encoding, dmn.xml (not well-formed, a DOCTYPE), dmn.limit, dmn.root (no DMN definitions),
// dmn.name, dmn.logic (a box that is no boxed expression or lacks a part), dmn.language (not FEEL), dmn.table,
// dmn.reference (no or a malformed href).
bool read(std::string_view text, const std::string& name, const Limits& limits, Sources& sources, model::DmnModel& out,
          Diagnostics& diagnostics);

}  // namespace leat::dmn
