// One reading of one model. Inside this room only.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "dmn/xml.hpp"
#include "model/dmn.hpp"

namespace leat::dmn {

class Reader {
 public:
    Reader(const Document& document, model::DmnModel& out, Diagnostics& diagnostics)
        : document_(document), out_(out), diagnostics_(diagnostics) {}
    void definitions(Xml root);

 private:
    void import(Xml element);
    model::DmnItem item(Xml element);
    void element(Xml element, model::DmnElement& out);  // name, id, variable
    void decision(Xml element);
    void knowledge(Xml element);
    void service(Xml element);
    void references(Xml element, std::string_view requirement, std::string_view what,
                    std::vector<model::DmnReference>& out);
    void reference(Xml element, std::vector<model::DmnReference>& out);
    Text required_name(Xml element);
    // A type's name without the prefix that DMN 1.1 gave it; that of an imported model gets the import's name.
    Text type_of(Xml element);
    Text resolved_type(Xml element, Text type) const;
    void check_language(Xml element, const char* attribute);

    // boxed.cpp
    bool is_expression(Xml element) const;
    Xml expression_of(Xml element) const;                // the first boxed expression directly inside; null: none
    model::Boxed box(Xml element);                       // of the element that is a boxed expression
    model::Boxed box_inside(Xml element);                // of the one inside it; nothing where there is none
    model::Boxed box_of(Xml element, const char* name);  // of the one inside its child `name`, which it must have
    void literal(Xml element, model::Boxed& out);
    void context(Xml element, model::Boxed& out);
    void relation(Xml element, model::Boxed& out);
    void invocation(Xml element, model::Boxed& out);
    void function(Xml element, model::Boxed& out);
    void iteration(Xml element, model::Boxed& out, const char* second);
    void table(Xml element, model::Boxed& out);
    void rule(Xml element, model::DecisionTable& out);
    Text hit_policy(Xml element);
    Text text_of(Xml element);  // of its <text>

    const Document& document_;
    model::DmnModel& out_;
    Diagnostics& diagnostics_;
};

// The box's value as `type` too, besides the type that it declares itself.
model::Boxed typed(model::Boxed box, Text type);

}  // namespace leat::dmn
