// Messages from outside: recognised by their id, sent to the record they are for, kept while nobody expects them.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "engine/unit_of_work.hpp"
#include "engine/unknown.hpp"
#include "inbox/inbox.hpp"

namespace leat::engine {

namespace {

// One message on its way: offered to its record first; when nothing takes it, kept in a command of its own.
struct Reception {
    const program::Message& definition;
    inbox::Message message;
    Json input;
    const char* status = "consumed";
    std::string why{};
    Outcome outcome{};

    // What a command logs of it.
    std::string command() const {
        std::string text;
        JsonWriter json(text);
        json.begin_object()
            .key("do")
            .string("receive")
            .key("message")
            .string(message.name)
            .key("id")
            .string(message.id);
        if (!definition.from.empty()) json.key("from").string(definition.from);
        json.key("status").string(status).key("payload").value(input).end_object();
        return text;
    }

    std::string answer() const {
        std::string text;
        JsonWriter json(text);
        json.begin_object().key("refused").boolean(false).key("sequence").number(outcome.sequence);
        json.key("message").string(status);
        if (!why.empty()) json.key("why").string(why);
        if (!outcome.key.empty()) {
            json.key("entity").string(outcome.entity).key("key").string(outcome.key);
            json.key("version").number(outcome.version);
        }
        json.end_object();
        return text;
    }

    // The record that `to` finds; a refusal when there is none yet, or more than one.
    Result<record::Row*> target(UnitOfWork& work) const {
        if (!definition.to) return nullptr;  // for rules without a record
        LEAT_TRY(Value to, work.evaluate(*definition.to, nullptr));
        if (to.kind == Kind::list && to.aux == 1) to = to.as_list()[0];
        if (to.kind == Kind::list && to.aux > 1)
            return work.refuse(
                "message.ambiguous", message.name,
                fmt::format("message '{}' fits {} records; its `to` must find one", message.name, to.aux));
        record::Row* row = nullptr;
        if (to.kind == Kind::record) {
            LEAT_TRY(row, work.records().row_of(to));
        }
        if (!row) return work.refuse("message.early", message.name, "no record waits for it yet");
        return row;
    }

    Result<void> send_event(UnitOfWork& work, record::Row& row, const Value& payload) const {
        for (uint32_t number : work.program().entities[row.entity].flows) {
            const auto& flow = work.program().flow_of(number, row.fields);
            auto event = flow.find_event(definition.event);
            if (event == flow::kNone) continue;
            LEAT_TRY(Value given, work.payload_of(flow.events[event], payload));
            work.queue({&row, flow.id, event, false, true, given});
        }
        return work.run();
    }

    // Sends its event to the record, and asks the rules; a refusal when the record does not expect it now.
    Result<record::Row*> consume(UnitOfWork& work, const Value& payload) {
        LEAT_TRY(record::Row * row, target(work));
        if (row && !definition.event.empty()) LEAT_CHECK(send_event(work, *row, payload));
        bool heard = work.heard();
        work.locals()[program::kEvent] = payload;
        LEAT_TRY(bool taken, work.run_message_rules(definition, row));
        if (!heard && !taken)
            return work.refuse(
                "message.early", message.name,
                row ? fmt::format("{} '{}' does not expect '{}' now", work.program().entities[row->entity].name,
                                  row->key(), definition.event.empty() ? definition.name : definition.event)
                    : "no rule takes it now");
        status = "consumed";
        message.status = inbox::Status::consumed;
        message.consumed_us = work.now_us();
        message.sequence = work.sequence();
        return row;
    }

    Result<void> run(UnitOfWork& work, bool keep) {
        LEAT_CHECK(work.begin());
        LEAT_TRY(auto known, inbox::find(work.connection(), message.name, message.id));
        bool expired = known && known->expires_us != 0 && known->expires_us <= work.now_us();
        if (known && (known->status != inbox::Status::waiting || expired)) {
            status = known->status == inbox::Status::consumed ? "duplicate" : "expired";
            return work.conclude(outcome, "{}", nullptr, false);
        }
        message.received_us = known ? known->received_us : work.now_us();
        message.expires_us = known ? known->expires_us : 0;
        LEAT_TRY(Value payload, work.payload(definition.payload, input, message.name));
        work.locals()[program::kEvent] = payload;
        if (!known && definition.expires.present) {
            LEAT_TRY(Value lifetime, work.evaluate(definition.expires, nullptr));
            LEAT_TRY(message.expires_us, work.add_duration(work.now_us(), lifetime, message.name));
        }
        record::Row* row = nullptr;
        if (keep) {
            status = "waiting";
            message.status = inbox::Status::waiting;
            message.sequence = known ? work.sequence() - 1 : work.sequence();
            if (known) {  // it waits already: noted when it was tried, and nothing logged
                LEAT_CHECK(inbox::update(work.connection(), message));
                return work.conclude(outcome, "{}", nullptr, false);
            }
        } else {
            LEAT_TRY(row, consume(work, payload));
        }
        LEAT_CHECK(known ? inbox::update(work.connection(), message) : inbox::add(work.connection(), message));
        work.mark_effects();
        return work.conclude(outcome, command(), row, true);
    }
};

}  // namespace

Result<Outcome> Engine::receive(std::string_view name, std::string_view id, std::string_view payload_json) {
    const auto* definition = program_->find_message(name);
    if (!definition)
        return make_error(
            Status::not_found, "message.unknown",
            fmt::format("the definitions declare no message '{}'{}", name, did_you_mean(name, program_->messages)));
    if (id.empty())
        return make_error(Status::usage, "message.id",
                          "a message needs an id, by which a second delivery is recognised");
    LEAT_TRY(Json input, parse_json(payload_json.empty() ? "{}" : payload_json));
    Reception reception{*definition, {}, std::move(input)};
    reception.message.id = id;
    reception.message.name = name;
    reception.message.payload = payload_json.empty() ? "{}" : payload_json;
    // Once to consume it; when nothing takes it yet, once more to keep it.
    for (bool keep : {false, true}) {
        UnitOfWork work(*this, parts_->system, parts_->arena, false);
        Result<void> done;
        try {
            done = reception.run(work, keep);
        } catch (const LimitError& limit) {
            done = make_error(Status::limit, limit.code(), limit.what());
        }
        if (done) break;
        if (done.error().status != Status::ok || keep) return work.fail(std::move(done.error()));
        bool malformed = std::any_of(work.refusals().begin(), work.refusals().end(),
                                     [](const auto& one) { return one.code == "constraint"; });
        reception.why = reasons(work.refusals());
        auto refused = work.fail(std::move(done.error()));
        if (malformed) return refused;  // waiting would not make it better
    }
    reception.outcome.json = reception.answer();
    return std::move(reception.outcome);
}

}  // namespace leat::engine
