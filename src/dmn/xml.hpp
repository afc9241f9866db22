// An XML document with the places of its parts. Inside this room only, and the only file that knows pugixml.
#pragma once
#include <pugixml.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/limits.hpp"

namespace leat::dmn {

using Xml = pugi::xml_node;

class Document {
 public:
    // The text must outlive the document. False after an error: dmn.encoding, dmn.xml, dmn.limit.
    bool parse(std::string_view text, uint32_t source, const Limits& limits, Diagnostics& diagnostics);

    Xml root() const { return document_.document_element(); }
    Span span(Xml element) const;  // of its name in the start tag
    // An attribute's value, blanks at its ends cut and runs of blanks made one; empty where there is none.
    Text attribute(Xml element, const char* name) const;
    // All text directly inside the element, without the blanks around it.
    Text content(Xml element) const;

 private:
    bool check_depth(uint32_t depth_max, Diagnostics& diagnostics) const;
    size_t count(size_t offset) const;
    base::Position at(size_t offset) const;
    size_t offset_of(Xml node) const { return static_cast<size_t>(node.offset_debug()); }
    Text place(std::string value, size_t begin, size_t end) const;

    pugi::xml_document document_;
    std::string_view text_;
    uint32_t source_ = 0;
    std::vector<size_t> lines_;
    std::vector<size_t> counts_;  // characters before every kStride-th byte
};

std::string_view local_name(Xml element);
// The URI that a prefix ("": the default) stands for at the element; empty: none.
std::string_view namespace_of(Xml element, std::string_view prefix);
// The namespace of the element itself.
std::string_view namespace_of(Xml element);
Xml child(Xml element, std::string_view local_name);  // the first such, else null
// use(child) for each child element.
template <class Use>
void each_child(Xml element, const Use& use) {
    for (Xml node = element.first_child(); node; node = node.next_sibling()) {
        if (node.type() == pugi::node_element) use(node);
    }
}
template <class Use>
void each_child(Xml element, std::string_view name, const Use& use) {
    each_child(element, [&](Xml node) {
        if (local_name(node) == name) use(node);
    });
}

}  // namespace leat::dmn
