// An import: records of a table through the ordinary commands of an actor, in transactions of some records each, with
// a ledger in the file that says how far it has come.
#include <fmt/format.h>

#include "base/digest.hpp"
#include "base/json.hpp"
#include "engine/exchange.hpp"
#include "engine/unit_of_work.hpp"
#include "engine/unknown.hpp"
#include "exchange/ledger.hpp"
#include "exchange/record_reader.hpp"
#include "exchange/source.hpp"

namespace leat::engine {

using exchange::ImportedRecord;
using exchange::ImportProblem;
using exchange::Mapping;
using record::Row;

namespace {

constexpr uint64_t kChunk = 1000;
constexpr size_t kAnswered = 1000;  // rejections in the answer; a report file has them all

// What a row can do wrong; anything else (a full disk, a stopped session) stops the import.
bool of_the_row(const Error& error) {
    switch (error.status) {
        case Status::usage:
        case Status::not_found:
        case Status::limit:
        case Status::host:
            return true;
        case Status::conflict:
            return error.code.starts_with("record.");
        default:
            return false;
    }
}

}  // namespace

class Importer {
 public:
    Importer(Session& session, std::string_view entity, const ImportOptions& options)
        : session_(session),
          engine_(*session.engine_),
          program_(engine_.shared_program()),
          options_(options),
          name_(entity),
          single_(options.dry_run || options.all_or_nothing),
          own_batch_(!session.batch_) {}
    Result<std::string> run();

 private:
    Result<void> prepare();
    Result<bool> resume();
    Result<bool> chunk();
    Result<void> take(ImportedRecord& record);
    Result<Row*> run_one(UnitOfWork& work, std::string& log, ImportedRecord& record, bool& made);
    Result<Row*> existing(UnitOfWork& work, const program::Entity& entity, const ImportedRecord& record);
    Result<void> resolve(UnitOfWork& work, const program::Entity& entity, Json& input);
    Result<void> resolve_one(UnitOfWork& work, const program::Field& field, std::string_view by, Json& input);
    Result<void> reject(const ImportProblem& problem);
    Result<void> log_end();
    Result<void> report_progress();
    Result<bool> finish();
    Result<std::string> transactions();
    std::string answer() const;

    Session& session_;
    Engine& engine_;
    std::shared_ptr<const program::Program> program_;
    const ImportOptions& options_;
    std::string name_;
    bool single_;     // one transaction
    bool own_batch_;  // else the host's, which it commits
    const program::Entity* entity_ = nullptr;
    Mapping mapping_;
    std::unique_ptr<exchange::RecordReader> reader_;
    exchange::ImportJob job_;
    std::vector<ImportProblem> rejections_;
    size_t rejection_count_ = 0;
    int64_t resumed_at_ = 0;
    bool already_ = false;      // a named job that was done before
    bool keys_differ_ = false;  // keys of the table are not those that records got
    bool prepared_ = false;
    bool kept_ = true;
};

Result<void> Importer::prepare() {
    entity_ = program_->find_entity(name_);
    if (!entity_ || entity_->owner != program::kNone) return unknown_entity(*program_, name_);
    LEAT_TRY(mapping_, exchange::read_mapping(options_.mapping));
    if (!own_batch_ && single_)
        return make_error(Status::usage, "import.batch",
                          "a dry run, or all or nothing, needs a transaction of its own: end the batch first");
    LEAT_TRY(job_.source, exchange::digest_of(options_.text, options_.path));
    job_.entity = name_;
    job_.mapping = base::to_hex(base::sha256(
        fmt::format("{} {}", options_.format == exchange::Format::csv ? "csv" : "jsonl", options_.mapping)));
    job_.job = options_.job.empty() ? base::to_hex(base::sha256(job_.source + job_.mapping + job_.entity)).substr(0, 32)
                                    : options_.job;
    LEAT_TRY(reader_, exchange::RecordReader::open(*program_, *entity_, {options_.text, options_.path}, options_.format,
                                                   mapping_));
    return {};
}

// In the first transaction: true when the job was done before.
Result<bool> Importer::resume() {
    auto& connection = engine_.connection();
    LEAT_TRY(auto known, exchange::find_import(connection, job_.job));
    job_.started_us = engine_.clock_us();
    if (known && !options_.restart && !options_.dry_run) {
        if (known->source != job_.source || known->mapping != job_.mapping || known->entity != job_.entity)
            return make_error(
                Status::conflict, "import.job",
                fmt::format("job '{}' is another import (of {}): give this one another name, or restart it", job_.job,
                            known->entity));
        if (known->done && !options_.job.empty()) {
            job_ = std::move(*known);
            already_ = true;
            return true;
        }
        if (!known->done) {
            job_ = std::move(*known);
            resumed_at_ = job_.records;
            ImportedRecord skipped;
            for (int64_t i = 0; i < job_.records; ++i) {
                LEAT_TRY(bool more, reader_->next(skipped));
                if (!more) break;
            }
            return false;
        }
    }
    LEAT_CHECK(exchange::clear_rejections(connection, job_.job));
    return false;
}

Result<void> Importer::reject(const ImportProblem& problem) {
    return exchange::add_rejection(engine_.connection(), job_, problem);
}

Result<void> Importer::resolve_one(UnitOfWork& work, const program::Field& field, std::string_view by, Json& input) {
    for (auto& [name, value] : input.members) {
        if (name != field.name || value.kind != Json::Kind::string) continue;
        const auto& target = program_->entities[field.to];
        const auto& found_by = *target.find(by);
        LEAT_TRY(Value wanted, work.records().from_json(found_by, value));
        LEAT_TRY(auto ids, work.records().find_ids(field.to, {&found_by.id, 1}, {&wanted, 1}, 2));
        if (ids.size() != 1)
            return make_error(Status::usage, "input.unknown_reference",
                              fmt::format("field '{}': there {} {} with {} '{}'", field.name,
                                          ids.empty() ? "is no" : "are several", target.name, by, value.text));
        Json id, number;
        number.kind = Json::Kind::number;
        number.text = std::to_string(ids[0]);
        id.kind = Json::Kind::object;
        id.members.emplace_back("id", std::move(number));
        value = std::move(id);
    }
    return {};
}

Result<void> Importer::resolve(UnitOfWork& work, const program::Entity& entity, Json& input) {
    for (const auto& reference : mapping_.references) {
        size_t dot = reference.field.find('.');
        if (dot == std::string::npos) {
            LEAT_CHECK(resolve_one(work, *entity.find(reference.field), reference.by, input));
            continue;
        }
        const auto& list = *entity.find(std::string_view(reference.field).substr(0, dot));
        const auto& field = *program_->entities[list.to].find(std::string_view(reference.field).substr(dot + 1));
        for (auto& [name, value] : input.members) {
            if (name != list.name) continue;
            for (Json& line : value.items) LEAT_CHECK(resolve_one(work, field, reference.by, line));
        }
    }
    return {};
}

// The record that this one changes; nullptr: none is there.
Result<Row*> Importer::existing(UnitOfWork& work, const program::Entity& entity, const ImportedRecord& record) {
    Row* row = nullptr;
    if (mapping_.mode == Mapping::Mode::create) return row;
    if (mapping_.match.empty() || (mapping_.match.size() == 1 && mapping_.match[0] == "key")) {
        if (record.key.empty() && mapping_.mode == Mapping::Mode::update)
            return make_error(Status::usage, "import.match", "the row says no key of a record to change");
        if (!record.key.empty()) {
            LEAT_TRY(row, work.records().find(entity.id, record.key));
        }
    } else {
        std::vector<program::FieldId> fields;
        std::vector<Value> values;
        for (const std::string& name : mapping_.match) {
            if (name == "key")
                return make_error(Status::usage, "import.mapping", "'match' is the key, or fields, not both");
            const auto& field = *entity.find(name);
            const Json* given = record.input.find(name);
            if (!given || given->is_null())
                return make_error(Status::usage, "import.match",
                                  fmt::format("the row has no '{}' to find its record by", name));
            LEAT_TRY(Value value, work.records().from_json(field, *given));
            fields.push_back(field.id);
            values.push_back(value);
        }
        LEAT_TRY(auto ids, work.records().find_ids(entity.id, fields, values, 2));
        if (ids.size() > 1)
            return make_error(
                Status::conflict, "record.ambiguous",
                fmt::format("several records of {} have this {}", entity.name, fmt::join(mapping_.match, ", ")));
        if (!ids.empty()) {
            LEAT_TRY(row, work.records().get(entity.id, ids[0]));
        }
    }
    if (row) {
        LEAT_TRY(bool may, work.may_address(*row));
        if (!may || !row)
            return make_error(Status::not_found, "record.not_found",
                              fmt::format("there is no {} '{}'", entity.name, record.key));
    } else if (mapping_.mode == Mapping::Mode::update) {
        return make_error(Status::not_found, "record.not_found",
                          fmt::format("there is no {} {}to change", entity.name,
                                      record.key.empty() ? "" : fmt::format("'{}' ", record.key)));
    }
    return row;
}

Result<Row*> Importer::run_one(UnitOfWork& work, std::string& log, ImportedRecord& record, bool& made) {
    LEAT_CHECK(resolve(work, *entity_, record.input));
    LEAT_TRY(Row * row, existing(work, *entity_, record));
    made = row == nullptr;
    // The values are in the log's segments; what they came from is the file of the job.
    JsonWriter(log)
        .begin_object()
        .key("do")
        .string(made ? "create" : "patch")
        .key("entity")
        .string(name_)
        .key("import")
        .string(job_.job)
        .key("row")
        .number(static_cast<int64_t>(record.row))
        .end_object();
    if (row) {
        LEAT_CHECK(work.patch_record(*row, record.input));
        return row;
    }
    if (entity_->explicit_key && !record.key.empty() && !record.input.find("key")) {
        Json key;
        key.kind = Json::Kind::string;
        key.text = record.key;
        record.input.members.emplace_back("key", std::move(key));
    }
    return work.create_record(*entity_, record.input);
}

Result<void> Importer::take(ImportedRecord& record) {
    ++job_.records;
    if (!record.problems.empty()) {
        ++job_.rejected;
        for (const auto& problem : record.problems) LEAT_CHECK(reject(problem));
        return {};
    }
    Outcome outcome;
    bool made = false;
    auto done = session_.command(outcome, false, [&](UnitOfWork& work, std::string& log) -> Result<Row*> {
        return run_one(work, log, record, made);
    });
    if (!done) {
        if (!of_the_row(done.error())) return std::move(done.error());
        ++job_.rejected;
        return reject({record.line, "", done.error().message, record.row, done.error().code});
    }
    if (outcome.refused) {
        ++job_.rejected;
        for (const auto& refusal : outcome.refusals)
            LEAT_CHECK(reject({record.line, refusal.fields.empty() ? "" : refusal.fields[0], refusal.message,
                               record.row, refusal.code}));
        return {};
    }
    if (made && !record.key.empty() && outcome.key != record.key) keys_differ_ = true;
    ++(made ? job_.created : outcome.sequence ? job_.changed : job_.unchanged);
    return {};
}

// The import itself in the log: what was read, and what came of it.
Result<void> Importer::log_end() {
    Outcome outcome;
    return session_.command(outcome, false, [&](UnitOfWork& work, std::string& log) -> Result<Row*> {
        JsonWriter(log)
            .begin_object()
            .key("do")
            .string("import")
            .key("entity")
            .string(name_)
            .key("import")
            .string(job_.job)
            .key("source")
            .string(job_.source)
            .key("mapping")
            .string(job_.mapping)
            .key("records")
            .number(job_.records)
            .key("created")
            .number(job_.created)
            .key("changed")
            .number(job_.changed)
            .key("rejected")
            .number(job_.rejected)
            .end_object();
        work.mark_effects();
        return static_cast<Row*>(nullptr);
    });
}

// Of the last transaction; answers whether it is to be committed.
Result<bool> Importer::finish() {
    auto& connection = engine_.connection();
    LEAT_CHECK(log_end());
    LEAT_TRY(rejections_, exchange::rejections(connection, job_.job));
    rejection_count_ = rejections_.size();
    LEAT_CHECK(exchange::clear_rejections(connection, job_.job));
    job_.done = true;
    LEAT_CHECK(exchange::put_import(connection, job_));
    if (!options_.report.empty()) LEAT_CHECK(exchange::write_report(options_.report, rejections_));
    return !options_.dry_run && !(options_.all_or_nothing && job_.rejected > 0);
}

// The records of one transaction; true when the table has ended.
Result<bool> Importer::chunk() {
    if (engine_.shared_program() != program_)
        return make_error(Status::conflict, "engine.definitions_changed",
                          "other definitions were deployed during the import: start it again, it goes on from here");
    if (!prepared_) {
        prepared_ = true;
        LEAT_TRY(bool done, resume());
        if (done) return true;
    }
    const uint64_t most = single_ ? UINT64_MAX : options_.chunk ? options_.chunk : kChunk;
    ImportedRecord record;
    for (uint64_t i = 0; i < most; ++i) {
        if (session_.parts_->interrupted.load(std::memory_order_relaxed))
            return make_error(Status::store, "store.interrupted",
                              "the import was interrupted: start it again to go on");
        LEAT_TRY(bool more, reader_->next(record));
        if (!more) return true;
        LEAT_CHECK(take(record));
    }
    LEAT_CHECK(exchange::put_import(engine_.connection(), job_));
    return false;
}

Result<void> Importer::report_progress() {
    if (!options_.progress) return {};
    std::string json;
    JsonWriter(json)
        .begin_object()
        .key("job")
        .string(job_.job)
        .key("rows")
        .number(static_cast<int64_t>(reader_->rows()))
        .key("records")
        .number(job_.records)
        .key("created")
        .number(job_.created)
        .key("changed")
        .number(job_.changed)
        .key("unchanged")
        .number(job_.unchanged)
        .key("rejected")
        .number(job_.rejected)
        .end_object();
    InCallback guard(&engine_);
    return options_.progress(json);
}

std::string Importer::answer() const {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("job").string(job_.job).key("source").string(job_.source);
    json.key("rows").number(static_cast<int64_t>(reader_->rows())).key("records").number(job_.records);
    json.key("created").number(job_.created).key("changed").number(job_.changed);
    json.key("unchanged").number(job_.unchanged).key("rejected").number(job_.rejected);
    json.key("rejections").begin_array();
    for (size_t i = 0; i < rejections_.size() && i < kAnswered; ++i) {
        const auto& one = rejections_[i];
        json.begin_object().key("row").number(static_cast<int64_t>(one.row));
        json.key("line").number(static_cast<int64_t>(one.line)).key("field").string(one.field);
        json.key("code").string(one.code).key("message").string(one.message).end_object();
    }
    json.end_array().key("more_rejections").boolean(rejection_count_ > kAnswered);
    json.key("unused_columns").begin_array();
    for (const auto& column : reader_->unused_columns()) json.string(column);
    if (keys_differ_) json.string("key");
    json.end_array().key("dry_run").boolean(options_.dry_run).key("kept").boolean(kept_);
    json.key("resumed_at").number(resumed_at_).key("already").boolean(already_).end_object();
    return out;
}

Result<std::string> Importer::transactions() {
    for (bool end = false; !end;) {
        if (own_batch_) LEAT_CHECK(session_.begin_batch());
        auto done = [&]() -> Result<bool> {
            LEAT_TRY(end, chunk());
            if (!end || already_) return true;
            return finish();
        };
        Result<bool> keep = false;
        try {
            keep = done();
        } catch (const LimitError& limit) {
            keep = make_error(Status::limit, limit.code(), limit.what());
        } catch (...) {
            if (own_batch_) LEAT_CHECK(session_.rollback_batch());
            throw;
        }
        if (!keep) {
            if (own_batch_) LEAT_CHECK(session_.rollback_batch());
            return std::move(keep.error());
        }
        kept_ = *keep;
        if (own_batch_) LEAT_CHECK(*keep ? session_.commit_batch() : session_.rollback_batch());
        LEAT_CHECK(report_progress());
    }
    return answer();
}

Result<std::string> Importer::run() {
    LEAT_CHECK(prepare());
    auto& parts = *session_.parts_;
    parts.interrupted = false;
    parts.long_running = true;
    auto answered = [&]() -> Result<std::string> {
        try {
            return transactions();
        } catch (...) {
            parts.long_running = false;
            throw;
        }
    }();
    parts.long_running = false;
    return answered;
}

Result<std::string> Session::import_records(std::string_view entity, const ImportOptions& options) {
    return Importer(*this, entity, options).run();
}

}  // namespace leat::engine
