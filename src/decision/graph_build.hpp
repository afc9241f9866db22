// From models to a graph. Inside this room only.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "decision/boxed.hpp"
#include "decision/graph_parts.hpp"
#include "decision/graph_types.hpp"

namespace leat::decision {

class GraphBuilder final : public BoxedHost {
 public:
    GraphBuilder(Graph& graph, const std::vector<const model::DmnModel*>& models, const GraphOptions& options,
                 Diagnostics& diagnostics);
    bool run();

    feel::TypeRef type(const Text& name, Diagnostics& diagnostics) override;
    const Text* allowed_values(const Text& type) override;
    uint32_t add_table(std::unique_ptr<Table> table) override;

 private:
    // One element as it was written; its number is its place.
    struct Source {
        GraphElement::Kind kind = GraphElement::Kind::input;
        uint32_t model = 0;
        const model::DmnElement* element = nullptr;
        const model::Boxed* logic = nullptr;
        std::vector<std::string> phrases;  // that its value's members may have, those of what it requires included
        std::vector<std::pair<std::string, uint32_t>> scope;  // names and places
    };

    // An error, or where the standard's suite is to run all the same a warning.
    Diagnostic& complain(std::string code, Span span, std::string message, std::string hint = {});
    void find_imports();
    void add_elements();
    template <class T>
    void add(GraphElement::Kind kind, uint32_t model, const std::vector<T>& elements);
    void check_names();
    void type_elements();
    void connect();
    void connect(uint32_t place, const std::vector<model::DmnReference>& references, bool functions);
    void connect_service(uint32_t place, const model::DmnService& service);
    uint32_t find(uint32_t model, const model::DmnReference& reference);
    bool import_path(uint32_t from, uint32_t to, std::vector<std::string>& path) const;
    void require(uint32_t place, uint32_t required);
    uint32_t import_place(uint32_t place, const std::string& name, uint32_t inside);
    bool order(std::vector<uint32_t>& out);
    void report_cycle(const std::vector<uint32_t>& path, uint32_t again);
    void compile_place(uint32_t place);
    void compile_logic(uint32_t place, const feel::Scope& scope, Diagnostics& diagnostics);
    feel::TypeRef answer_type(uint32_t service);
    void compile_service(uint32_t place, const feel::Scope& scope, Diagnostics& diagnostics);
    void say_why_null(uint32_t place, std::string_view code, std::string text);
    void pass_on(uint32_t place, Diagnostics& found);
    void note_phrases(uint32_t place, feel::TypeRef type, uint32_t depth);

    Graph::Parts& parts_;
    const std::vector<const model::DmnModel*>& models_;
    const GraphOptions& options_;
    Diagnostics& diagnostics_;
    feel::CompileOptions compile_options_;
    std::vector<std::vector<uint32_t>> imports_;  // per model and import: the model, kNone
    std::unique_ptr<GraphTypes> types_;
    std::vector<Source> sources_;
    std::vector<std::unordered_map<std::string, uint32_t>> by_id_;  // per model
    uint32_t current_ = 0;                                          // the place being compiled
};

}  // namespace leat::decision
