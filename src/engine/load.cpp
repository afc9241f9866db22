// Loads: chunks of new records, each chunk one command with one segment in the log.
#include "engine/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "catalog/catalog.hpp"
#include "engine/unit_of_work.hpp"
#include "engine/unknown.hpp"
#include "journal/load.hpp"
#include "record/column.hpp"

namespace leat::engine {

using record::LoadColumn;
using record::Row;

namespace {

constexpr size_t kAnswered = 1000;  // rejections in the answer

struct Rejected {
    uint64_t row;
    std::string field, code, message;
};

// A record of the columns as JSON input, for records whose making does more than write their own row.
Json input_of(const program::Program& program, const program::Entity& entity, std::span<const LoadColumn> columns,
              size_t row, record::Records& records) {
    Json input;
    input.kind = Json::Kind::object;
    for (const LoadColumn& column : columns) {
        if (column.is_null(row)) continue;
        const auto& field = entity.fields[column.field];
        Json value;
        value.kind = Json::Kind::string;
        switch (column.kind) {
            case LoadColumn::Kind::boolean:
                value.kind = Json::Kind::boolean;
                value.boolean = static_cast<const uint8_t*>(column.values)[row] != 0;
                break;
            case LoadColumn::Kind::string:
                value.text = column.text(row);
                if (field.kind == program::FieldKind::boolean) {
                    value.kind = value.text == "true" || value.text == "false" ? Json::Kind::boolean : value.kind;
                    value.boolean = value.text == "true";
                }
                break;
            case LoadColumn::Kind::record: {
                Json id;
                id.kind = Json::Kind::number;
                id.text = std::to_string(column.integer(row));
                value.kind = Json::Kind::object;
                value.members.emplace_back("id", std::move(id));
                break;
            }
            default: {
                Value cell;
                auto read = record::load_value(program, field, column, row, records, cell);
                value.text = read ? record::scalar_text(program, cell) : read.error().message;
            }
        }
        input.members.emplace_back(field.name, std::move(value));
    }
    return input;
}

}  // namespace

class BulkLoad {
 public:
    BulkLoad(Session& session, const program::Program& program, const program::Entity& entity,
             std::span<const LoadColumn> columns, const LoadOptions& options)
        : session_(session), program_(program), entity_(entity), columns_(columns), options_(options) {}

    Result<std::string> run(size_t rows) {
        if (session_.batch_ && options_.all_or_nothing)
            return make_error(Status::usage, "import.batch",
                              "all or nothing needs a transaction of its own: end the batch first");
        because_ = record::cannot_load(program_, entity_);
        const bool own = !session_.batch_;
        if (own) LEAT_CHECK(session_.begin_batch());
        session_.parts_->interrupted = false;
        session_.parts_->long_running = true;
        // Chunks refuse nothing: what ends one ends the load, and the batch of its own goes with it.
        session_.parts_->undone_with_batch = own && because_.empty();
        Result<void> done;
        try {
            done = because_.empty() ? by_columns(rows) : by_commands(rows);
        } catch (const LimitError& limit) {
            done = make_error(Status::limit, limit.code(), limit.what());
        } catch (...) {
            session_.parts_->long_running = session_.parts_->undone_with_batch = false;
            if (own) LEAT_CHECK(session_.rollback_batch());
            throw;
        }
        session_.parts_->long_running = session_.parts_->undone_with_batch = false;
        kept_ = done && !(options_.all_or_nothing && count_rejected_ > 0);
        if (own) LEAT_CHECK(kept_ ? session_.commit_batch() : session_.rollback_batch());
        if (!done) return std::move(done.error());
        return answer();
    }

 private:
    Result<void> by_columns(size_t rows) {
        const uint64_t most = session_.engine_->options_.limits.records_max;
        const uint64_t chunk = options_.chunk ? std::min<uint64_t>(options_.chunk, most) : most;
        for (size_t begin = 0; begin < rows; begin += chunk) {
            size_t end = std::min<size_t>(begin + chunk, rows);
            Outcome outcome;
            LEAT_CHECK(session_.command(outcome, false, [&](UnitOfWork& work, std::string& log) -> Result<Row*> {
                LEAT_CHECK(one_chunk(work, log, begin, end));
                return static_cast<Row*>(nullptr);
            }));
            if (outcome.sequence) {
                if (!first_sequence_) first_sequence_ = outcome.sequence;
                last_sequence_ = outcome.sequence;
            }
        }
        return {};
    }

    Result<void> one_chunk(UnitOfWork& work, std::string& log, size_t begin, size_t end) {
        const auto scope = work.actor().scope();
        record::Loader::Origin origin{scope, work.actor().key, work.language(), work.sequence(), work.now_us()};
        record::Loader loader(work.records(), entity_, columns_, origin);
        LEAT_CHECK(loader.prepare());
        journal::Load made;
        made.salt = work.random_bytes(16);
        loader.salt(made.salt);
        std::vector<record::Violation> problems;
        uint64_t rejected = 0;
        for (size_t row = begin; row < end; ++row) {
            LEAT_CHECK(loader.add(row, problems));
            if (problems.empty()) continue;
            ++rejected;
            for (auto& one : problems)
                reject(row, one.fields.empty() ? "" : one.fields[0], std::move(one.code), std::move(one.message));
            problems.clear();
        }
        count_rejected_ += rejected;
        if (loader.count() == 0) return {};
        if (!first_id_) first_id_ = loader.first_id();
        last_id_ = loader.last_id();
        created_ += loader.count();
        made.sequence = work.sequence();
        made.entity = entity_.name;
        made.first = loader.first_id();
        made.last = loader.last_id();
        LEAT_CHECK(journal::put_load(work.connection(), made));
        std::string changes;
        JsonWriter json(changes);
        json.begin_object()
            .key("first")
            .number(made.first)
            .key("last")
            .number(made.last)
            .key("count")
            .number(static_cast<int64_t>(loader.count()));
        json.key("columns").begin_array();
        for (const auto& column : loader.columns()) json.string(column);
        json.end_array().key("digest").string(base::to_hex(loader.digest())).end_object();
        work.add_segment({entity_.name, 0, "", 0, "load", work.arena().copy(changes)});
        work.mark_effects();
        JsonWriter(log)
            .begin_object()
            .key("do")
            .string("load")
            .key("entity")
            .string(entity_.name)
            .key("records")
            .number(static_cast<int64_t>(loader.count()))
            .key("rejected")
            .number(static_cast<int64_t>(rejected))
            .end_object();
        return {};
    }

    // One command a record: what making it sets off happens, and is logged with it.
    Result<void> by_commands(size_t rows) {
        for (size_t row = 0; row < rows; ++row) {
            if (session_.parts_->interrupted.load(std::memory_order_relaxed))
                return make_error(Status::store, "store.interrupted", "the load was interrupted");
            Outcome outcome;
            auto done = session_.command(outcome, false, [&](UnitOfWork& work, std::string& log) -> Result<Row*> {
                Json input = input_of(program_, entity_, columns_, row, work.records());
                JsonWriter(log)
                    .begin_object()
                    .key("do")
                    .string("create")
                    .key("entity")
                    .string(entity_.name)
                    .key("input")
                    .value(input)
                    .end_object();
                return work.create_record(entity_, input);
            });
            if (!done) {
                const Error& error = done.error();
                bool of_the_row = error.status == Status::usage || error.status == Status::not_found ||
                                  error.status == Status::limit || error.status == Status::host ||
                                  error.code.starts_with("record.");
                if (!of_the_row) return std::move(done.error());
                ++count_rejected_;
                reject(row, "", error.code, error.message);
                continue;
            }
            if (outcome.refused) {
                ++count_rejected_;
                for (const auto& one : outcome.refusals)
                    reject(row, one.fields.empty() ? "" : one.fields[0], one.code, one.message);
                continue;
            }
            if (!first_id_) {
                first_id_ = outcome.id;
                first_sequence_ = outcome.sequence;
            }
            last_id_ = outcome.id;
            last_sequence_ = outcome.sequence;
            ++created_;
        }
        return {};
    }

    void reject(size_t row, std::string field, std::string code, std::string message) {
        if (rejected_.size() < kAnswered)
            rejected_.push_back({row, std::move(field), std::move(code), std::move(message)});
        else
            more_ = true;
    }

    std::string answer() const {
        std::string out;
        JsonWriter json(out);
        json.begin_object().key("created").number(static_cast<int64_t>(created_));
        json.key("rejected").number(static_cast<int64_t>(count_rejected_)).key("rejections").begin_array();
        for (const auto& one : rejected_)
            json.begin_object()
                .key("row")
                .number(static_cast<int64_t>(one.row))
                .key("field")
                .string(one.field)
                .key("code")
                .string(one.code)
                .key("message")
                .string(one.message)
                .end_object();
        json.end_array().key("more_rejections").boolean(more_).key("kept").boolean(kept_);
        json.key("first_id").number(first_id_).key("last_id").number(last_id_);
        json.key("first_sequence").number(first_sequence_).key("last_sequence").number(last_sequence_);
        json.key("one_by_one").string(because_).end_object();
        return out;
    }

    Session& session_;
    const program::Program& program_;
    const program::Entity& entity_;
    std::span<const LoadColumn> columns_;
    const LoadOptions& options_;
    std::string because_;  // why each is a command of its own; "": they are loaded by columns
    std::vector<Rejected> rejected_;
    bool more_ = false, kept_ = true;
    uint64_t created_ = 0, count_rejected_ = 0;
    int64_t first_id_ = 0, last_id_ = 0, first_sequence_ = 0, last_sequence_ = 0;
};

Result<std::string> Session::load(program::EntityId number, std::span<const LoadColumn> columns, size_t rows,
                                  const LoadOptions& options) {
    auto program = engine_->shared_program();
    if (number >= program->entities.size()) return make_error(Status::usage, "entity.unknown", "no such entity number");
    const auto& entity = program->entities[number];
    if (entity.owner != program::kNone) return unknown_entity(*program, entity.name);
    LEAT_CHECK(record::check_columns(entity, columns));
    return BulkLoad(*this, *program, entity, columns, options).run(rows);
}

std::string UnitOfWork::random_bytes(size_t size) {
    std::string bytes(size, '\0');
    Random& random = engine_.options_.random ? *engine_.options_.random : base::system_random();
    random.fill(bytes.data(), bytes.size());
    return bytes;
}

Result<void> unfold_loads(record::Records& records, const Row& row, const std::vector<std::string>& names,
                          const std::vector<journal::Row>& rows, size_t index, Json& segments) {
    const std::string id = std::to_string(row.id);
    for (Json& segment : segments.items) {
        if (!journal::loaded(segment, names, row.id)) continue;
        std::string text;
        records.append_creation(row, text);
        LEAT_TRY(Json changes, parse_json(text));
        // What changed since: the first change of a field says what it was made with.
        std::set<std::string> known;
        for (size_t later = index + 1; later < rows.size(); ++later) {
            LEAT_TRY(Json others, parse_json(rows[later].segments));
            for (const Json& other : others.items) {
                const Json* of = other.find("entity");
                const Json* number = other.find("id");
                const Json* changed = other.find("changes");
                if (!of || std::find(names.begin(), names.end(), of->text) == names.end() || !number ||
                    number->text != id || !changed)
                    continue;
                for (const auto& [name, change] : changed->members) {
                    if (change.items.size() != 2 || !known.insert(name).second) continue;
                    std::erase_if(changes.members, [&, &field = name](const auto& one) { return one.first == field; });
                    if (change.items[0].is_null()) continue;
                    Json made;
                    made.kind = Json::Kind::array;
                    made.items = {Json(), change.items[0]};
                    changes.members.emplace_back(name, std::move(made));
                }
            }
        }
        for (auto& [name, part] : segment.members) {
            if (name == "id") part.text = id;
            if (name == "key") part.text = row.key();
            if (name == "op") part.text = "create";
            if (name == "changes") part = std::move(changes);
        }
    }
    return {};
}

}  // namespace leat::engine
