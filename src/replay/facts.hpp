// What the columns of a log say of the record and of the event at hand, and the guards that this decides. Inside this
// room only.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "replay/log.hpp"
#include "replay/play.hpp"

namespace leat::replay {

class Facts final : public Answers {
 public:
    Facts(const program::Program& program, const program::Flow& flow, const Limits& limits)
        : program_(program), flow_(flow), limits_(limits) {}

    // Which column is which field. Error: usage "replay.mapping" (no such field, or of a type that no cell holds).
    Result<void> map(const Mapping& mapping);
    // The columns to be read, in the order in which take() wants their cells.
    const std::vector<std::string>& columns() const { return columns_; }
    bool empty() const { return columns_.empty(); }
    // The cells of one event that may be one of `events`; `last` keeps a case's, since an empty cell says nothing new
    // of the record. Error: usage "replay.value", with `where`.
    Result<void> take(const std::vector<std::string>& cells, const std::vector<flow::EventId>& events,
                      const std::string& where, std::vector<std::string>& last);

    std::optional<bool> holds(uint32_t transition, bool own_event) const override;

 private:
    struct Source {
        size_t column = 0;
        const program::Field* field = nullptr;
        flow::EventId event = flow::kNone;  // of its payload; kNone: the record's
    };
    struct Need {
        bool known = false;  // the log says all that it asks for
        bool event = false;  // the payload among it
    };

    size_t column(const std::string& name);
    Need need_of(uint32_t transition) const;
    bool known(const feel::ast::Node& node, flow::EventId event, Need& need) const;
    Result<Value> value_of(const program::Field& field, const std::string& text, const std::string& where);

    const program::Program& program_;
    const program::Flow& flow_;
    const Limits& limits_;
    std::vector<std::string> columns_;
    std::vector<Source> sources_;
    std::vector<Need> needs_;  // parallel to the flow's transitions
    Arena arena_;
    std::vector<Value> row_;                   // of the record
    std::map<flow::EventId, Value> payloads_;  // of the events that the activity may be
};

}  // namespace leat::replay
