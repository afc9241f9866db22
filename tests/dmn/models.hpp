// DMN models written as XML in tests, compiled and asked.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"
#include "decision/graph.hpp"
#include "dmn/dmn.hpp"
#include "feel/standalone.hpp"

namespace leat {

inline std::string definitions(const std::string& content, const std::string& name = "M",
                               const std::string& space = "urn:m") {
    return "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" name=\"" + name + "\" namespace=\"" +
           space + "\">\n" + content + "\n</definitions>";
}

inline std::string literal(const std::string& text, const std::string& type = "") {
    std::string ref = type.empty() ? "" : " typeRef=\"" + type + "\"";
    return "<literalExpression" + ref + "><text>" + text + "</text></literalExpression>";
}

struct Models {
    Sources sources;
    Diagnostics diagnostics;
    std::vector<std::unique_ptr<model::DmnModel>> models;
    std::unique_ptr<decision::Graph> graph;
    Arena arena;
    std::vector<decision::Evaluated> explanation;
    bool explain = false;
    bool json = false;

    explicit Models(const std::vector<std::string>& texts, bool tolerant = false) {
        std::vector<const model::DmnModel*> all;
        bool read = true;
        for (size_t i = 0; i < texts.size(); ++i) {
            models.push_back(std::make_unique<model::DmnModel>());
            read =
                dmn::read(texts[i], "m" + std::to_string(i) + ".dmn", Limits(), sources, *models.back(), diagnostics) &&
                read;
            all.push_back(models.back().get());
        }
        decision::GraphOptions options;
        options.tolerant = tolerant;
        if (read) graph = decision::compile(all, options, diagnostics);
    }
    explicit Models(const std::string& text, bool tolerant = false)
        : Models(std::vector<std::string>{text}, tolerant) {}

    // All that is wrong, as it is printed.
    std::string faults() {
        std::string out;
        for (const Diagnostic& one : diagnostics.take()) out += base::format(one, sources);
        return out;
    }

    // The answer as FEEL prints it; of a null its reason behind it; of a failure "code: message".
    std::string decide(const std::string& name, const std::string& inputs = "{}") {
        if (!graph) return faults();
        auto context = feel::evaluate_text(inputs, Value(), nullptr, arena);
        REQUIRE(context);
        explanation.clear();
        decision::GraphRun run;
        run.arena = &arena;
        run.inputs_are_json = json;
        if (explain) run.explanation = &explanation;
        auto answer = graph->decide(name, *context, run);
        if (!answer) return answer.error().code + ": " + answer.error().message;
        if (!answer->is_null()) return value::to_text(*answer);
        if (!answer->null_reason) return "null";
        return "null: " + std::string(answer->null_reason->text);
    }
};

}  // namespace leat
