#include "capi/alone.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "program/decide.hpp"

namespace leat::capi {

namespace {

constexpr uint32_t kCallDepthMax = 64;

// Everything that reads may lead to: each called decision and formula once.
class Walk {
 public:
    Walk(const program::Program& program, const program::Entity* self) : program_(program), self_(self) {}

    // Adds to `found`; ends where an engine is needed.
    void go(const feel::Reads& reads) {
        if (!reads.collections.empty()) found.engine = "collections of records";
        if (!reads.objects.empty()) found.engine = "settings";
        found.clock = found.clock || reads.clock;
        for (const auto& read : reads.fields) {
            if (read.through_reference || !self_ || read.entity != self_->id) {
                found.engine = "fields of another record";
            } else if (!self_->fields[read.field].stored) {
                found.engine = fmt::format("'{}', which has no value of its own", self_->fields[read.field].name);
            } else {
                found.fields.insert(read.field);
            }
        }
        for (uint32_t function : reads.functions) {
            if (found.engine.empty() && found.functions.insert(function).second) call(program_.functions[function]);
        }
    }
    Needs found;

 private:
    void call(const program::Function& function) {
        switch (function.kind) {
            case program::Function::Kind::host:
                found.engine = fmt::format("'{}', a function of the host", function.name);
                break;
            case program::Function::Kind::in_state:
                found.engine = "the states of a flow";
                break;
            case program::Function::Kind::under:
                found.engine = "which records are under which";
                break;
            case program::Function::Kind::formula:
                go(function.formula->reads());
                break;
            case program::Function::Kind::table:
                go(program_.embedded_tables[function.number].table->reads());
                break;
            case program::Function::Kind::model:
                found.clock = true;  // what a model reads is not known: today() may be in it
                break;
            case program::Function::Kind::decision:
                decision(program_.decisions[function.number]);
                break;
        }
    }
    void decision(const program::Decision& called) {
        if (called.entity != program::kNone && (!self_ || called.entity != self_->id))
            found.engine = fmt::format("'{}', a decision of another record", called.name);
        else
            go(called.reads);
    }
    const program::Program& program_;
    const program::Entity* self_;
};

class Deeper {
 public:
    explicit Deeper(uint32_t& depth) : depth_(depth) {
        if (depth_ >= kCallDepthMax)
            throw LimitError("limit.depth", "decisions and functions call each other too deeply");
        ++depth_;
    }
    ~Deeper() { --depth_; }
    Deeper(const Deeper&) = delete;

 private:
    uint32_t& depth_;
};

}  // namespace

Needs needs_of(const feel::Reads& reads, const program::Program& program, const program::Entity* self) {
    Walk walk(program, self);
    walk.go(reads);
    return std::move(walk.found);
}

Value Alone::member(const Value&, uint32_t, feel::Frame&) {
    return Value::null();
}

bool Alone::query(const feel::CollectionQuery&, std::span<const Value>, feel::Frame&, Value& out) {
    out = Value::null();
    return true;
}

Value Alone::call(uint32_t number, std::span<const Value> arguments, feel::Frame& running) {
    Deeper deeper(depth_);
    const program::Function& function = program_.functions[number];
    switch (function.kind) {
        case program::Function::Kind::host:
        case program::Function::Kind::in_state:
        case program::Function::Kind::under:
            return Value::null();
        case program::Function::Kind::table:
            return program::decide_embedded(program_, function.number, running, arguments);
        case program::Function::Kind::model:
            return program::decide_model(program_, function, running, arguments);
        case program::Function::Kind::decision:
            break;
        case program::Function::Kind::formula: {
            auto* locals = running.arena->array<Value>(program_.locals_max);
            std::fill_n(locals, program_.locals_max, Value());
            size_t count = std::min<size_t>(arguments.size(), program_.locals_max - program::kFirstLocal);
            std::copy_n(arguments.begin(), count, locals + program::kFirstLocal);
            feel::Frame frame = running;
            frame.locals = locals;
            frame.row = nullptr;
            frame.self = Value();
            return function.formula->evaluate(frame);
        }
    }
    feel::Frame frame = running;
    frame.row = nullptr;
    frame.self = Value();
    if (program_.decisions[function.number].entity == program::kNone)
        return program::decide(program_, function.number, frame, arguments);
    // Of the record at hand: another's is refused beforehand.
    if (arguments.empty() || arguments[0].kind != Kind::record || !arguments[0].record.row) return Value::null();
    frame.self = arguments[0];
    frame.row = arguments[0].record.row;
    return program::decide(program_, function.number, frame, {});
}

}  // namespace leat::capi
