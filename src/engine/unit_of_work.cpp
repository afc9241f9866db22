#include "engine/unit_of_work.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "catalog/catalog.hpp"

namespace leat::engine {

using record::Row;

UnitOfWork::UnitOfWork(Engine& engine, Actor& actor, Arena& arena, bool nested)
    : engine_(engine),
      program_(engine.program()),
      connection_(engine.connection()),
      actor_(actor),
      arena_(arena),
      nested_(nested) {}

UnitOfWork::~UnitOfWork() {
    undo();
}

void UnitOfWork::undo() {
    if (!open_) return;
    open_ = false;
    auto& parts = *engine_.parts_;
    if (with_batch_) {
        connection_.abandon();
    } else if (by_hand_) {
        Result<void> undone;
        try {
            undone = take_back();
        } catch (...) {
            undone = make_error(Status::memory, "store.memory", "no memory is left");
        }
        if (!undone) connection_.abandon();  // the batch is lost, and says so from now on
    } else if (nested_) {
        connection_.rollback_to(kCommandSavepoint);
    } else {
        connection_.rollback();
        parts.queue.unlock();
    }
    parts.data_version = -1;  // what was cached of the file may be of the undone command
}

// In a batch on a connection of our own every command may fail alone, for which SQLite copies each page before a
// command changes it. A command that so far has written nothing, and is about to change a few known records, to log and
// to plan calls, can be undone by three kinds of statements instead.
bool UnitOfWork::can_take_back() const {
    constexpr size_t kFew = 8;
    return nested_ && connection_.savepoint_waits() && records_->touched().size() <= kFew && sent_.size() <= kFew &&
           more_segments_.empty() && records_->only_changes();
}

Result<void> UnitOfWork::take_back() {
    // Whatever sequence it was to have: when the log's row was what failed, there is none.
    if (logged_ != 0) LEAT_CHECK(engine_.parts_->journal->take_back(logged_));
    LEAT_CHECK(records_->take_back());
    while (sent_written_ > 0) LEAT_CHECK(outbox::take_back(connection_, sent_[--sent_written_].id));
    return {};
}

Result<void> UnitOfWork::begin() {
    auto& parts = *engine_.parts_;
    if (callback_of == &engine_)
        return make_error(Status::usage, "engine.in_callback",
                          "a callback of this engine may not start a command on it; answer first, then send");
    if (!nested_) {
        LEAT_CHECK(parts.not_in_batch());
        parts.queue.lock();
        auto begun = connection_.begin_write();
        if (!begun) {
            parts.queue.unlock();
            return std::move(begun.error());
        }
    } else {
        // A host may write on its own connection from within a command, unseen by us: there it is set at once.
        if (with_batch_) {
            // no savepoint
        } else if (connection_.joined()) {
            LEAT_CHECK(connection_.savepoint(kCommandSavepoint));
        } else {
            connection_.savepoint_before_write(kCommandSavepoint);
        }
    }
    open_ = true;
    arena_.reset();
    locals_.assign(program_.locals_max, Value());
    records_ = std::make_unique<record::Records>(program_, connection_, arena_, engine_.options_.limits, *this);
    records_->use(*parts.plans);
    LEAT_CHECK(engine_.refresh(nested_));
    Clock& clock = engine_.options_.clock ? *engine_.options_.clock : base::system_clock();
    now_us_ = std::max(clock.now_us(), parts.head.time_us);
    definition_ = parts.definition_hex;
    if (actor_.resolved_at != parts.people) {
        LEAT_CHECK(resolve(actor_, *records_));
        actor_.resolved_at = parts.people;
    }
    locals_[program::kActor] = actor_.value();
    return {};
}

std::string_view UnitOfWork::language() const {
    return actor_.language.empty() ? std::string_view{program_.language} : std::string_view{actor_.language};
}

std::vector<std::string> UnitOfWork::pointers(Row* row, const std::vector<std::string>& fields) {
    std::vector<std::string> out;
    if (!row || fields.empty()) return out;
    auto place = records_->place(*row);
    // The refusal itself is the answer; where the file cannot be read any more, the next command will say so.
    if (!place || place->record != target_) return out;
    for (const auto& field : fields)
        if (program_.entities[row->entity].find(field)) out.push_back(place->pointer + "/" + field);
    return out;
}

Error UnitOfWork::at_field(Error error, Row& row, std::string_view field) {
    auto place = records_->place(row);
    if (place && place->record == target_)
        error.message = fmt::format("{}/{}: {}", place->pointer, field, error.message);
    return error;
}

Error UnitOfWork::refuse(std::string code, std::string at, std::string message, std::vector<std::string> fields,
                         Row* row) {
    auto where = pointers(row, fields);
    refusals_.push_back({std::move(code), std::move(at), std::move(message), std::move(fields), std::move(where)});
    return Error{Status::ok, "refused", {}, {}};
}

Error UnitOfWork::refuse_all(std::vector<Refusal> refusals) {
    for (auto& refusal : refusals) refusals_.push_back(std::move(refusal));
    return Error{Status::ok, "refused", {}, {}};
}

Result<Outcome> UnitOfWork::fail(Error error) {
    undo();
    if (error.status != Status::ok) return error;
    Outcome outcome;
    outcome.refused = true;
    outcome.refusals = std::move(refusals_);
    JsonWriter json(outcome.json);
    json.begin_object().key("refused").boolean(true).key("refusals").begin_array();
    for (const auto& refusal : outcome.refusals) {
        json.begin_object().key("code").string(refusal.code).key("at").string(refusal.at);
        json.key("message").string(refusal.message).key("fields").begin_array();
        for (const auto& field : refusal.fields) json.string(field);
        json.end_array().key("pointers").begin_array();
        for (const auto& pointer : refusal.pointers) json.string(pointer);
        json.end_array().end_object();
    }
    json.end_array().end_object();
    return outcome;
}

Value UnitOfWork::setting(uint32_t index, int64_t day, Arena&) {
    return engine_.parts_->settings.at(index, day);
}

Value UnitOfWork::host_function(uint32_t function, std::span<const Value> arguments, Arena& arena) {
    auto failed = [&](Error error) {
        if (!has_host_error_) host_error_ = std::move(error);
        has_host_error_ = true;
        return Value::null();
    };
    const auto& definition = program_.functions[function];
    auto& parts = *engine_.parts_;
    auto at = parts.functions.find(definition.name);
    if (at == parts.functions.end())
        return failed(make_error(Status::host, "host.no_function",
                                 fmt::format("the host has not registered function '{}'", definition.name)));
    std::string json = "[";
    for (size_t i = 0; i < arguments.size(); ++i) {
        if (i) json += ',';
        append_payload(json, arguments[i]);
    }
    json += ']';
    InCallback guard(&engine_);
    auto answer = at->second(json);
    if (!answer) return failed(std::move(answer.error()));
    std::string drawn;
    JsonWriter(drawn).begin_object().key("function").string(definition.name).key("answer").raw(*answer).end_object();
    auto parsed = parse_json(*answer);
    if (!parsed)
        return failed(
            make_error(Status::host, "host.answer",
                       fmt::format("function '{}' answered no JSON: {}", definition.name, parsed.error().message)));
    drawn_.push_back(std::move(drawn));
    switch (parsed->kind) {
        case Json::Kind::boolean:
            return Value::boolean(parsed->boolean);
        case Json::Kind::string:
            return Value::string(arena.copy(parsed->text));
        case Json::Kind::number:
            return Value::number(*Decimal::parse(parsed->text));
        case Json::Kind::null:
            return Value::null();
        default:
            return failed(make_error(
                Status::host, "host.answer",
                fmt::format("function '{}' answered a list or an object; a single value is wanted", definition.name)));
    }
}

Result<Value> UnitOfWork::evaluate(const feel::Expression& expression, record::Row* row) {
    feel::Frame frame = records_->frame(row, locals_.data(), &expression.reads());
    Value value = expression.evaluate(frame);
    if (has_host_error_) return std::move(host_error_);
    if (const Error* error = records_->pending_error()) return *error;
    return value;
}

Result<Value> UnitOfWork::evaluate(const program::Operand& operand, record::Row* row) {
    if (operand.expression) return evaluate(*operand.expression, row);
    if (operand.text) {
        feel::Frame frame = records_->frame(row, locals_.data(), &operand.text->reads());
        std::string text = operand.text->render(frame);
        if (const Error* error = records_->pending_error()) return *error;
        return Value::string(arena_.copy(text));
    }
    return operand.constant;
}

Error UnitOfWork::null_refusal(const Value& value, std::string_view at, std::string_view source, Row* row) {
    std::vector<std::string> fields;
    std::string why = fmt::format("'{}' gives no answer", source);
    if (value.is_null() && value.null_reason) {
        if (!value.null_reason->name.empty()) {
            fields.emplace_back(value.null_reason->name);
            why = language() == "zh"
                      ? fmt::format("字段“{}”为空，无法判断“{}”", value.null_reason->name, source)
                      : fmt::format("'{}' is empty, so '{}' cannot be decided", value.null_reason->name, source);
        } else if (!value.null_reason->text.empty()) {
            why = fmt::format("'{}' cannot be decided: {}", source, value.null_reason->text);
        }
    }
    return refuse("null", std::string(at), std::move(why), std::move(fields), row);
}

Result<bool> UnitOfWork::condition(const feel::Expression& expression, record::Row* row, std::string_view at) {
    LEAT_TRY(Value value, evaluate(expression, row));
    if (value.kind == Kind::boolean) return value.is_true();
    return null_refusal(value, at, expression.source().text, row);
}

Result<std::string> UnitOfWork::render(const program::LocalizedTemplate& text, record::Row* row) {
    const feel::Template* chosen = text.in(language());
    if (!chosen) return std::string();
    feel::Frame frame = records_->frame(row, locals_.data(), &chosen->reads());
    std::string out = chosen->render(frame);
    if (const Error* error = records_->pending_error()) return *error;
    return out;
}

Result<std::string> UnitOfWork::refusal_text(const program::LocalizedTemplate& text, record::Row& row,
                                             std::string_view otherwise) {
    const feel::Template* chosen = text.in(language());
    if (!chosen) return std::string(otherwise);
    std::string out = records_->told(row, *chosen, locals_.data(), actor_.scope(), otherwise);
    if (const Error* error = records_->pending_error()) return *error;
    return out.empty() ? std::string(otherwise) : out;
}

Result<int64_t> UnitOfWork::add_duration(int64_t from_us, const Value& duration, std::string_view at) {
    if (duration.kind == Kind::days_duration)
        return calendar::add(from_us, duration.as_days_duration(), duration.calendar(), duration.whole_days(),
                             program_.calendars);
    if (duration.kind == Kind::months_duration)
        return calendar::add(from_us, duration.as_months_duration(), duration.calendar(), program_.time_zone,
                             program_.calendars);
    return null_refusal(duration, at, "duration");
}

Result<int64_t> UnitOfWork::instant_of(const Value& value, std::string_view at) {
    if (value.kind == Kind::date_time) return value.as_date_time().utc_us();
    if (value.kind == Kind::date) {
        DateTime midnight;
        midnight.seconds = value.as_date().days * 86400;
        midnight.zone = program_.time_zone;
        return midnight.utc_us();
    }
    return null_refusal(value, at, "date and time");
}

void UnitOfWork::append_payload(std::string& out, const Value& value) {
    if (value.kind == Kind::record) {
        auto row = records_->row_of(value);
        if (row && *row)
            JsonWriter(out).string((*row)->key());
        else
            out += "null";
        return;
    }
    if (value.kind == Kind::list) {
        out += '[';
        bool comma = false;
        for (const Value& item : value.as_list()) {
            if (comma) out += ',';
            comma = true;
            append_payload(out, item);
        }
        out += ']';
        return;
    }
    if (value.kind == Kind::context && value.context) {
        out += '{';
        for (uint32_t i = 0; i < value.context->count; ++i) {
            if (i) out += ',';
            JsonWriter(out).string(value.context->entries[i].name);
            out += ':';
            append_payload(out, value.context->entries[i].value);
        }
        out += '}';
        return;
    }
    if (value.kind == Kind::date_time) {
        JsonWriter(out).string(value::format_instant(value.as_date_time().utc_us()));
        return;
    }
    if (value.kind == Kind::number) {
        out += value.as_number().to_string();  // with the column's digits: 1000.10
        return;
    }
    value::append_json(out, value);
}

}  // namespace leat::engine
