// What `extend` sections add to flows. What they add to entities is put together in entity.cpp.
#include <algorithm>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

namespace {

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
    to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

void Compiler::merge_flow_extensions() {
    std::map<std::string, Span, std::less<>> known;
    for (const model::Flow& source : model_.flows) {
        if (source.is_extend || (source.pinned == 0 && !declare(known, source.name, "flow"))) continue;
        FlowDraft draft;
        draft.source = source;
        flow_drafts_.push_back(std::move(draft));
    }
    for (const model::Flow& source : model_.flows) {
        if (!source.is_extend) continue;
        auto draft = std::find_if(flow_drafts_.begin(), flow_drafts_.end(), [&](const FlowDraft& one) {
            return one.source.name.text == source.name.text && one.source.pinned == source.pinned;
        });
        if (draft == flow_drafts_.end()) {
            std::vector<std::string> names;
            for (const FlowDraft& one : flow_drafts_) names.push_back(one.source.name.text);
            unknown("program.flow.unknown", source.name, "flow", names);
            continue;
        }
        append(draft->source.delays, source.delays);
        append(draft->source.events, source.events);
        extend_states(draft->source.states, source.states);
        append(draft->source.on, source.on);
        draft->source.digest += source.digest;
    }
}

// A state that is there already gets more; another one is new.
void Compiler::extend_states(std::vector<model::State>& to, const std::vector<model::State>& from) {
    for (const model::State& source : from) {
        auto there = std::find_if(to.begin(), to.end(),
                                  [&](const model::State& one) { return one.name.text == source.name.text; });
        if (there == to.end())
            to.push_back(source);
        else
            extend_state(*there, source);
    }
}

void Compiler::extend_state(model::State& to, const model::State& from) {
    for (const Text* said : {&from.type, &from.history, &from.initial, &from.outcome, &from.field}) {
        if (!said->empty())
            error("program.extend", said->span,
                  fmt::format("'extend' only adds: state '{}' is there already", to.name.text),
                  "give it on, after, always, entry, exit, states or criteria");
    }
    bool replaces = from.approve || from.on_done || from.on_error || from.initial_transition || !from.data.empty() ||
                    !from.donedata.empty() || !from.donedata_content.empty() || !from.compensate.empty() ||
                    !from.title.empty() || !from.description.empty();
    if (replaces)
        error("program.extend", from.name.span,
              fmt::format("'extend' only adds: state '{}' is there already", to.name.text),
              "give it on, after, always, entry, exit, states or criteria");
    append(to.entry_criteria, from.entry_criteria);
    append(to.exit_criteria, from.exit_criteria);
    append(to.fields, from.fields);
    append(to.entry, from.entry);
    append(to.exit, from.exit);
    append(to.on, from.on);
    append(to.always, from.always);
    append(to.after, from.after);
    append(to.invoke, from.invoke);
    extend_states(to.states, from.states);
}

}  // namespace leat::program
