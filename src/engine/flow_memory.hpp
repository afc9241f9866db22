// What a flow remembers of one record beside its state: data, history, children, what can be undone, delayed sends that
// can be taken back. Kept as JSON in the flow's `_data` column (docs/file_format.md), read once a command.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "flow/chart.hpp"
#include "program/program.hpp"
#include "record/records.hpp"

namespace leat::engine {

// A flow that runs on a record.
struct FlowLink {
    program::EntityId entity = program::kNone;
    int64_t record = 0;
    uint32_t flow = program::kNone;
    bool operator==(const FlowLink&) const = default;
};

// An invocation that is still running.
struct Invoked {
    struct Child {
        FlowLink link;
        uint32_t index = 0;  // of the item it was started for
    };
    std::string id;
    uint32_t number = 0;  // into Flow::invokes
    int64_t entry = 0;    // of its state
    std::vector<Child> active;
    int64_t delivery = 0;        // of a call: the outbox item that will answer
    bool several = false;        // was started for each item of a list
    uint32_t completed = 0;      // so many instances are done
    std::vector<Value> items;    // all of them
    uint32_t next = 0;           // the first item that has no instance yet
    std::vector<Value> results;  // parallel to items: done data
};

// Something that was done and can be undone.
struct Undoable {
    uint32_t undo = program::kNone;  // into Flow::undos; kNone: what the child did
    std::vector<Value> locals;       // as they were, from the end of the flow's data on
    FlowLink child;
};

struct PendingSend {
    std::string id;
    int64_t due_us = 0;
    FlowLink target;  // its record is the timer's
    std::string timer;
};

struct FlowMemory {
    std::vector<Value> data;  // parallel to Flow::data
    flow::History history;
    std::vector<Invoked> invoked;
    std::vector<Undoable> undo;
    std::vector<PendingSend> sends;
    std::optional<FlowLink> parent;
    std::string parent_invoke;                          // the id under which the parent knows it
    uint32_t parent_index = 0;                          // which of several
    std::vector<std::pair<std::string, Value>> params;  // given by the parent; gone once the flow has begun
    std::vector<flow::StateId> bound;                   // binding: late; states whose data have their value
    int64_t counter = 0;                                // ids drawn so far
    bool ended = false;                                 // cancelled, or SCXML's session is over
    bool cancelled = false;                             // in this command: what it still says is not heard
    bool dirty = false;
};

// JSON and back. What names a state or step that the definitions no longer have is dropped.
std::string flow_memory_json(const program::Program& program, const program::Flow& flow, const FlowMemory& memory);
Result<FlowMemory> read_flow_memory(const program::Program& program, const program::Flow& flow, std::string_view json,
                                    Arena& arena);
// A value with its kind: JSON's own kinds plain, others as {"@": kind, "v": text}. Functions and ranges are null.
void append_typed(const program::Program& program, const Value& value, std::string& out);
Value typed_value(const program::Program& program, const Json& json, Arena& arena);

}  // namespace leat::engine
