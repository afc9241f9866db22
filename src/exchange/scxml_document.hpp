// An SCXML document with the places of its parts, and the names that its states get. Inside this room only, and only in
// builds with pugixml.
#pragma once
#include <map>
#include <pugixml.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/limits.hpp"

namespace leat::exchange {

using Xml = pugi::xml_node;

std::string_view local(Xml node);  // an element's name without its prefix
bool is_extra(Xml node);           // of our own namespace: its elements are written with a prefix
std::vector<std::string> words(std::string_view text);

class ScxmlDocument {
 public:
    ScxmlDocument(std::string_view text, uint32_t source, Diagnostics& diagnostics)
        : text_(text), source_(source), diagnostics_(diagnostics) {}

 protected:
    // False after an error: scxml.xml.
    bool parse(const Limits& limits);
    base::Position place_of(size_t offset) const;
    void error(const char* code, Xml node, std::string message, std::string hint = "");
    // SCXML's ids may have dots and dashes, ours are identifiers.
    static bool is_state(std::string_view name);
    static std::string identifier(std::string_view text);
    // The name, or with a number behind it where it is taken.
    std::string unused(std::string name);
    // Gives every state its name.
    void name_states(Xml parent, uint32_t depth, uint32_t depth_max);
    // The names of the states that an attribute lists.
    std::vector<std::string> targets(Xml node, const char* attribute);
    // CSS's times: "1.5s", "300ms", "2m", "1h".
    std::string delay(Xml node);

    std::string_view text_;
    uint32_t source_;
    Diagnostics& diagnostics_;
    pugi::xml_document document_;
    std::string flow_;                                // the flow's name
    std::set<std::string> taken_;                     // names
    std::map<std::string, std::string> states_;       // names by SCXML's ids
    std::map<ptrdiff_t, std::string> state_of_node_;  // names by the elements' places
};

}  // namespace leat::exchange
