#include "engine/reading.hpp"

#include <fmt/format.h>

#include "engine/unknown.hpp"
#include "task/task.hpp"

namespace leat::engine {

Reading::Reading(Session& session)
    : session_(session),
      engine_(*session.engine_),
      program_(engine_.shared_program()),
      plans_(engine_.parts_->plans),
      actor_(session.parts_->actor),
      arena_(session.parts_->arena) {}

Reading::~Reading() {
    records_.reset();
    if (begun_ && connection_ != engine_.writer_.get()) connection_->rollback();
    if (locked_) engine_.parts_->queue.unlock();
}

Result<void> Reading::begin() {
    auto& parts = *engine_.parts_;
    if (callback_of == &engine_)
        return make_error(Status::usage, "engine.in_callback", "a callback of this engine may not use its sessions");
    auto& writer = *engine_.writer_;
    const bool shared = writer.joined() || writer.path() == ":memory:" || session_.batch_;
    if (shared) {
        if (!session_.batch_) {
            LEAT_CHECK(parts.not_in_batch());
            parts.queue.lock();
            locked_ = true;
        }
        connection_ = &writer;
    } else {
        if (!session_.parts_->reader) {
            store::OpenOptions options = engine_.options_.store;
            options.read_only = true;
            options.create = false;
            LEAT_TRY(session_.parts_->reader, store::Connection::open(options));
        }
        connection_ = session_.parts_->reader.get();
        LEAT_CHECK(connection_->begin_read());
        begun_ = true;
    }
    arena_.reset();
    locals_.assign(program_->locals_max, Value());
    now_us_ = engine_.clock_us();
    records_ = std::make_unique<record::Records>(*program_, *connection_, arena_, engine_.options_.limits, *this);
    records_->use(*plans_);
    if (actor_.resolved_at != parts.people || connection_ != &writer) {
        LEAT_CHECK(resolve(actor_, *records_));
        actor_.resolved_at = connection_ == &writer ? parts.people : 0;
    }
    locals_[program::kActor] = actor_.value();
    return {};
}

void Reading::renew() {
    records_.reset();
    arena_.reset();
    records_ = std::make_unique<record::Records>(*program_, *connection_, arena_, engine_.options_.limits, *this);
    records_->use(*plans_);
}

std::string_view Reading::language() const {
    return actor_.language.empty() ? std::string_view{program_->language} : std::string_view{actor_.language};
}

Value Reading::setting(uint32_t index, int64_t day, Arena&) {
    if (!settings_read_) {
        settings_read_ = true;
        auto read = settings_.read(*program_, *connection_);
        if (!read) {
            settings_failed_ = true;
            settings_error_ = std::move(read.error());
        }
    }
    return settings_failed_ ? Value::null() : settings_.at(index, day);
}

// A reader asks the host nothing: its answers belong into the log of a command.
Value Reading::host_function(uint32_t, std::span<const Value>, Arena& arena) {
    return Value::null(
        arena.make<NullReason>(NullReason{"host.read", "", "host functions are asked by commands only", 0, 0}));
}

Result<Value> Reading::evaluate(const feel::Expression& expression, record::Row* row) {
    feel::Frame frame = records_->frame(row, locals_.data(), &expression.reads());
    Value value = expression.evaluate(frame);
    LEAT_CHECK(failure());
    return value;
}

Result<void> Reading::failure() const {
    if (settings_failed_) return settings_error_;
    if (const Error* error = records_->pending_error()) return *error;
    return {};
}

Result<bool> Reading::may_decide(std::string_view user, std::string_view role) const {
    if (actor_.system) return true;
    if (!user.empty()) return user == actor_.key;
    program::RoleId id = 0;
    return program_->find_role(role, &id) && actor_.has(id);
}

Result<bool> Reading::may_read(std::string_view entity, int64_t record) {
    if (actor_.system) return true;
    const auto* of = program_->find_entity(entity);
    if (!of) return false;
    LEAT_TRY(record::Row * row, records_->get(of->id, record));
    return row && records_->may(*row, actor_.scope(), &program::AccessRule::read);
}

Result<record::Row*> Reading::target(std::string_view entity_name, std::string_view key) {
    const auto* entity = program_->find_entity(entity_name);
    if (!entity) return unknown_entity(*program_, entity_name);
    auto none = [&] {
        return make_error(Status::not_found, "record.not_found", fmt::format("there is no {} '{}'", entity->name, key));
    };
    LEAT_TRY(record::Row * row, records_->find(entity->id, key));
    if (!row) return none();
    if (actor_.system || records_->may(*row, actor_.scope(), &program::AccessRule::read)) return row;
    LEAT_TRY(auto tasks, task::of_record(*connection_, entity->name, row->id));
    for (const auto& one : tasks) {
        if (one.status != task::Status::open) continue;
        LEAT_TRY(bool mine, may_decide(one.user, one.role));
        if (!mine) continue;
        records_->open_for_reading(*row);
        return row;
    }
    return none();
}

}  // namespace leat::engine
