// diagram: a flow as a picture's text: Mermaid (stateDiagram-v2), Graphviz's DOT, and SVG drawn by the program `dot`.
//
// A diagram is made from the compiled flow alone: states with titles, nesting, regions, events, guards, timers and
// approvals; a record only says which states to highlight. Titles and labels are escaped for each format, so what a
// definition calls a state can never change what the picture's text means. It may not: read records, decide rights.
//
// Start reading at draw(); graph.hpp is what both languages print.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "program/program.hpp"

namespace leat::diagram {

enum class Format : uint8_t { mermaid, dot, svg };

struct Options {
    std::string language;               // of titles; "": the app's
    bool left_to_right = false;         // else from the top down
    bool guards = true;                 // conditions on the labels
    std::vector<flow::StateId> active;  // a record's configuration, to be highlighted
};

// The diagram's text. Mermaid and DOT always succeed; SVG asks the program `dot`. Errors of SVG: not_found
// "diagram.dot" (the program is not installed), host "diagram.dot_failed" (it failed; says how).
Result<std::string> draw(const program::Program& program, const program::Flow& flow, Format format,
                         const Options& options);

// DOT to SVG by the program `dot`, found as a shell finds programs. Errors as above.
Result<std::string> svg_of(const std::string& dot);

}  // namespace leat::diagram
