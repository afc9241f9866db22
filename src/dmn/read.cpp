#include "dmn/dmn.hpp"

#include <fmt/format.h>

#if LEAT_DMN
#include "dmn/reader.hpp"

namespace leat::dmn {

namespace {

constexpr std::string_view kSpecification = "/spec/DMN/";

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

bool is_feel(std::string_view language) {
    return language.empty() || contains(language, "FEEL") || contains(language, "feel");
}

}  // namespace

void Reader::definitions(Xml root) {
    std::string_view space = namespace_of(root);
    if (local_name(root) != "definitions" || !(contains(space, kSpecification) || contains(space, "/DMN"))) {
        diagnostics_.error("dmn.root", document_.span(root),
                           fmt::format("'{}' is not the definitions of a DMN model", root.name()),
                           "the root is <definitions> in a namespace of OMG's DMN, such as "
                           "https://www.omg.org/spec/DMN/20230324/MODEL/");
        return;
    }
    out_.name = document_.attribute(root, "name");
    out_.space = document_.attribute(root, "namespace").text;
    out_.span = document_.span(root);
    check_language(root, "expressionLanguage");
    // Imports first: the prefixes of DMN 1.1's types mean them.
    each_child(root, "import", [&](Xml node) { import(node); });
    each_child(root, [&](Xml node) {
        std::string_view name = local_name(node);
        if (name == "itemDefinition") out_.items.push_back(item(node));
        if (name == "decision") decision(node);
        if (name == "businessKnowledgeModel") knowledge(node);
        if (name == "decisionService") service(node);
        if (name == "inputData") {
            out_.inputs.emplace_back();
            element(node, out_.inputs.back());
        }
    });
}

void Reader::check_language(Xml element, const char* attribute) {
    Text language = document_.attribute(element, attribute);
    if (is_feel(language.text)) return;
    diagnostics_.error("dmn.language", language.span,
                       fmt::format("expressions in '{}' cannot be evaluated", language.text),
                       "write them in FEEL and leave the attribute out");
}

void Reader::import(Xml element) {
    model::DmnImport made;
    made.name = document_.attribute(element, "name");
    made.space = document_.attribute(element, "namespace").text;
    made.location = document_.attribute(element, "locationURI");
    std::string type = document_.attribute(element, "importType").text;
    made.is_dmn = type.empty() || contains(type, "DMN");
    made.span = document_.span(element);
    out_.imports.push_back(std::move(made));
}

Text Reader::required_name(Xml element) {
    Text name = document_.attribute(element, "name");
    if (name.text.empty()) {
        diagnostics_.error("dmn.name", document_.span(element), fmt::format("<{}> has no name", local_name(element)));
    }
    return name;
}

Text Reader::resolved_type(Xml element, Text type) const {
    size_t colon = type.text.find(':');
    if (colon == std::string::npos) return type;
    std::string_view space = namespace_of(element, std::string_view(type.text).substr(0, colon));
    if (space.empty()) return type;
    std::string name = type.text.substr(colon + 1);
    for (const model::DmnImport& import : out_.imports) {
        if (import.space == space && !import.name.text.empty()) name = import.name.text + "." + name;
    }
    type.text = name;
    return type;
}

Text Reader::type_of(Xml element) {
    Text type = document_.attribute(element, "typeRef");
    if (type.empty()) {
        if (Xml inside = child(element, "typeRef")) type = document_.content(inside);
    }
    return resolved_type(element, type);
}

model::DmnItem Reader::item(Xml element) {
    model::DmnItem made;
    made.span = document_.span(element);
    made.name = required_name(element);
    made.type = type_of(element);
    made.collection = document_.attribute(element, "isCollection").text == "true";
    check_language(element, "typeLanguage");
    if (Xml allowed = child(element, "allowedValues")) made.allowed = text_of(allowed);
    if (Xml constraint = child(element, "typeConstraint")) made.constraint = text_of(constraint);
    each_child(element, "itemComponent", [&](Xml node) { made.components.push_back(item(node)); });
    if (Xml function = child(element, "functionItem")) {
        made.function = true;
        made.type = resolved_type(function, document_.attribute(function, "outputTypeRef"));
        each_child(function, "parameters", [&](Xml node) { made.components.push_back(item(node)); });
    }
    return made;
}

void Reader::element(Xml element, model::DmnElement& out) {
    out.span = document_.span(element);
    out.name = required_name(element);
    out.variable = out.name;
    out.id = document_.attribute(element, "id").text;
    Xml variable = child(element, "variable");
    if (!variable) return;
    Text name = document_.attribute(variable, "name");
    if (!name.text.empty()) out.variable = name;
    out.type = type_of(variable);
}

void Reader::reference(Xml element, std::vector<model::DmnReference>& out) {
    Text href = document_.attribute(element, "href");
    size_t hash = href.text.rfind('#');
    if (hash == std::string::npos || hash + 1 == href.text.size()) {
        diagnostics_.error("dmn.reference", href.empty() ? document_.span(element) : href.span,
                           fmt::format("<{}> needs an href of the form '#id' or 'namespace#id'", local_name(element)));
        return;
    }
    model::DmnReference made;
    made.space = href.text.substr(0, hash);
    made.id = href.text.substr(hash + 1);
    made.span = href.span;
    out.push_back(std::move(made));
}

void Reader::references(Xml element, std::string_view requirement, std::string_view what,
                        std::vector<model::DmnReference>& out) {
    each_child(element, requirement,
               [&](Xml node) { each_child(node, what, [&](Xml required) { reference(required, out); }); });
}

void Reader::decision(Xml element) {
    model::DmnDecision made;
    this->element(element, made);
    each_child(element, "informationRequirement", [&](Xml node) {
        each_child(node, "requiredInput", [&](Xml required) { reference(required, made.information); });
        each_child(node, "requiredDecision", [&](Xml required) { reference(required, made.information); });
    });
    references(element, "knowledgeRequirement", "requiredKnowledge", made.knowledge);
    made.logic = box_inside(element);
    out_.decisions.push_back(std::move(made));
}

void Reader::knowledge(Xml element) {
    model::DmnKnowledge made;
    this->element(element, made);
    references(element, "knowledgeRequirement", "requiredKnowledge", made.knowledge);
    if (Xml logic = child(element, "encapsulatedLogic")) {
        made.logic.span = document_.span(logic);
        function(logic, made.logic);
    }
    out_.knowledge.push_back(std::move(made));
}

void Reader::service(Xml element) {
    model::DmnService made;
    this->element(element, made);
    each_child(element, [&](Xml node) {
        std::string_view name = local_name(node);
        if (name == "outputDecision") reference(node, made.outputs);
        if (name == "encapsulatedDecision") reference(node, made.encapsulated);
        if (name == "inputDecision") reference(node, made.input_decisions);
        if (name == "inputData") reference(node, made.inputs);
    });
    out_.services.push_back(std::move(made));
}

bool read(std::string_view text, const std::string& name, const Limits& limits, Sources& sources, model::DmnModel& out,
          Diagnostics& diagnostics) {
    size_t errors = diagnostics.error_count();
    uint32_t source = sources.add(name, std::string(text));
    Document document;
    if (!document.parse(sources.text(source), source, limits, diagnostics)) return false;
    Reader(document, out, diagnostics).definitions(document.root());
    return diagnostics.error_count() == errors;
}

}  // namespace leat::dmn
#else
namespace leat::dmn {

bool read(std::string_view text, const std::string& name, const Limits&, Sources& sources, model::DmnModel&,
          Diagnostics& diagnostics) {
    Span top{sources.add(name, std::string(text)), {1, 1}, {1, 1}};
    diagnostics.error("dmn.built_without", top,
                      fmt::format("'{}' cannot be read: this library was built without DMN XML (LEAT_DMN)", name),
                      "build it with -DLEAT_DMN=ON, which needs pugixml");
    return false;
}

}  // namespace leat::dmn
#endif
