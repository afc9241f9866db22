// SCXML (W3C Recommendation of 2015) out and in: a flow's states, regions, history, transitions, conditions and the
// standard's own steps. Conditions are FEEL (datamodel="feel"); what the standard has no word for is written in a
// namespace of ours, kScxmlExtras, which other tools pass over.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostic.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"
#include "program/program.hpp"

namespace leat::exchange {

inline constexpr const char* kScxmlNamespace = "http://www.w3.org/2005/07/scxml";
inline constexpr const char* kScxmlExtras = "urn:leat:flow:1";

// The flow as an SCXML document. Steps that the standard does not have (create, notify, call …) become
// <leat:step kind="…"/>, so that nothing disappears unseen. Error: usage "scxml.not_built" (built without pugixml).
Result<std::string> write_scxml(const program::Program& program, const program::Flow& flow);

// Definitions with the document's flow in YAML: an application of its own, to be completed (who may send an event is
// not in SCXML: everybody in the role `operator`). nullopt after an error: scxml.xml, scxml.element, scxml.target,
// scxml.event, scxml.expression, scxml.delay, scxml.not_built, each with its place. Conditions and values are taken
// as FEEL where datamodel="feel", else as ECMAScript, of which comparisons, arithmetic, and, or, not, In() and
// _event.data are translated; anything beyond is an error that shows it.
std::optional<std::string> read_scxml(std::string_view xml, uint32_t source, const Limits& limits,
                                      Diagnostics& diagnostics);

}  // namespace leat::exchange
