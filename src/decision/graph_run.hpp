// One evaluation of a graph. Inside this room only.
#pragma once
#include <span>
#include <vector>

#include "decision/graph_parts.hpp"

namespace leat::decision {

// The environment of all its expressions: their tables and services are its functions, everything else the host's.
class GraphEvaluation final : public feel::Environment {
 public:
    GraphEvaluation(const Graph::Parts& parts, const GraphRun& run) : parts_(parts), run_(run), steps_(run.steps_max) {}

    // Throws LimitError.
    Value run(uint32_t element, std::span<const Given> given);

    Value member(const Value& object, uint32_t index, feel::Frame& frame) override;
    bool query(const feel::CollectionQuery& query, std::span<const Value> parameters, feel::Frame& frame,
               Value& out) override;
    Value call(uint32_t function, std::span<const Value> arguments, feel::Frame& frame) override;
    int64_t now_us() override { return run_.environment ? run_.environment->now_us() : 0; }
    value::Zone time_zone() override {
        return run_.environment ? run_.environment->time_zone() : value::Zone{ZoneKind::offset, 0};
    }

 private:
    enum class Mark : uint8_t { none, open, done };
    // The places' values in one scope of inputs: the evaluation's, or that of one call of a service.
    struct World {
        Value* values = nullptr;
        Mark* marks = nullptr;
    };
    World new_world();
    feel::Frame frame();
    void give(uint32_t place, const Value& value);
    void need(uint32_t place);  // computes it and what it requires, each once
    void compute(uint32_t place);
    Value logic(uint32_t place);
    Value names(const Graph::Parts::Place& place);
    Value converted(const Value& value, feel::TypeRef type);
    Value answer(uint32_t service);  // of its output decisions, in this world
    Value call_service(uint32_t service, std::span<const Value> arguments);
    Value decide(const Table& table, uint32_t place, feel::Frame& frame);
    void note(uint32_t place, const Value& value);

    const Graph::Parts& parts_;
    const GraphRun& run_;
    uint64_t steps_;
    World world_;
    std::vector<uint32_t> pending_;  // places still to compute, of all worlds under way
    uint32_t depth_ = 0;             // of calls under way
};

}  // namespace leat::decision
