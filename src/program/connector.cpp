// What comes in and goes out: messages, connector operations, notices.
#include <algorithm>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;

void Compiler::declare_connectors() {
    std::map<std::string, Span, std::less<>> known;
    for (const model::Connector& source : model_.connectors) {
        if (!declare(known, source.name, "connector")) continue;
        std::map<std::string, Span, std::less<>> operations;
        for (const model::ConnectorOperation& operation : source.operations) {
            if (!declare(operations, operation.name, "operation")) continue;
            Operation out;
            out.name = source.name.text + "." + operation.name.text;
            out.input = shapes(operation.input, out.name);
            if (!operation.output.empty()) not_built(operation.output.front().name.span, "output of an operation");
            if (!operation.retry.empty()) not_built(operation.retry.span, "retry");
            if (!operation.unknown.empty()) not_built(operation.unknown.span, "unknown");
            program_.operations.push_back(std::move(out));
        }
    }
}

void Compiler::declare_notices() {
    std::map<std::string, Span, std::less<>> known;
    for (const model::Notice& source : model_.notices) {
        if (!declare(known, source.name, "notice")) continue;
        Notice notice;
        notice.name = source.name.text;
        notice.title = titles(source.title);
        for (const Text& channel : source.channels) notice.channels.push_back(channel.text);
        notice.params = shapes(source.params, notice.name);
        program_.notices.push_back(std::move(notice));
    }
}

// Texts say `params.name`.
void Compiler::compile_notices() {
    for (const model::Notice& source : model_.notices) {
        auto notice = std::find_if(program_.notices.begin(), program_.notices.end(),
                                   [&](const Notice& one) { return one.name == source.name.text; });
        if (notice == program_.notices.end() || !notice->text.empty()) continue;
        Names names = this->names();
        if (!notice->params.empty()) names.add("params", kParams, context_of(notice->params));
        notice->subject = templates(source.subject, names);
        notice->text = templates(source.text, names);
        if (source.text.empty())
            error("program.notice.text", source.name.span, fmt::format("notice '{}' says nothing", notice->name),
                  "write 'text:'");
    }
}

void Compiler::compile_messages() {
    std::map<std::string, Span, std::less<>> known;
    for (const model::Message& source : model_.messages) {
        if (!declare(known, source.name, "message")) continue;
        Message message;
        message.name = source.name.text;
        message.id = static_cast<uint32_t>(program_.messages.size());
        message.payload = shapes(source.payload, message.name);
        message.payload_type = context_of(message.payload);
        compile_message(source, message);
        program_.messages.push_back(std::move(message));
    }
}

// The record it is for, the event that this record gets. The payload must give what the event needs.
void Compiler::compile_message(const model::Message& source, Message& message) {
    Names names = this->names();
    if (!message.payload.empty()) names.add("event", kEvent, message.payload_type);
    if (!source.from.empty()) {
        message.from = source.from.text;
        std::vector<std::string> known;
        for (const model::Connector& one : model_.connectors) known.push_back(one.name.text);
        if (std::find(known.begin(), known.end(), message.from) == known.end())
            unknown("program.connector.unknown", source.from, "connector", known);
    }
    const bool for_rules = std::any_of(model_.rules.begin(), model_.rules.end(), [&](const model::Rule& rule) {
        return rule.when == model::Rule::When::message && rule.argument.text == message.name;
    });
    if (!source.expires.empty()) {
        model::Operand expires;
        expires.text = source.expires;
        message.expires = duration_operand(expires, names);
    }
    if (source.to.empty() && source.send.empty() && for_rules) return;
    if (source.to.empty() || !source.to.is_expression) {
        Span span = source.to.empty() ? source.name.span : source.to.text.span;
        error("program.message.to", span, fmt::format("message '{}' needs the record it is for", message.name),
              "write 'to: = records.order[…]'");
        return;
    }
    message.to = expression(source.to.text, names);
    auto entity = target_entity(message.to.get(), source.to.text, "'to'");
    if (!entity) return;
    message.entity = *entity;
    if (source.send.empty() && for_rules) return;
    if (source.send.empty()) {
        error("program.message.send", source.name.span,
              fmt::format("message '{}' sends no event, and no rule takes it", message.name),
              "write 'send: EVENT', or a rule with 'when: {message: …}'");
        return;
    }
    message.event = source.send.text;
    std::vector<std::string> known;
    const Event* found = nullptr;
    for (uint32_t number : program_.entities[*entity].flows) {
        const Flow& flow = program_.flows[number];
        for (const Event& event : flow.events) {
            if (event.origin == EventOrigin::declared) known.push_back(event.name);
        }
        flow::EventId id = flow.find_event(message.event);
        if (id != flow::kNone && !found) found = &flow.events[id];
    }
    if (!found) {
        error("program.event.unknown", source.send.span,
              fmt::format("no flow of {} declares an event '{}'", program_.entities[*entity].name, message.event),
              did_you_mean(message.event, known));
        return;
    }
    for (const Field& field : found->payload) {
        auto given = std::find_if(message.payload.begin(), message.payload.end(),
                                  [&](const Field& one) { return one.name == field.name; });
        if (field.required && !field.default_value && given == message.payload.end()) {
            error("program.message.payload", source.send.span,
                  fmt::format("event '{}' needs '{}', which the message does not bring", found->name, field.name),
                  fmt::format("add '{}' to the message's payload", field.name));
        }
    }
}

}  // namespace leat::program
