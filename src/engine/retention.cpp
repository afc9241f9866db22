// How long data are kept, as the definitions say: personal ones of records, rows of the log.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "engine/unit_of_work.hpp"

namespace leat::engine {

using record::Row;

// The same length of time into the past.
static Value backwards(const Value& duration) {
    if (duration.kind == Kind::months_duration)
        return Value::of(MonthsDuration{-duration.as_months_duration().months}, duration.calendar());
    if (duration.kind != Kind::days_duration) return duration;
    DaysDuration back = duration.as_days_duration();
    back.seconds = -back.seconds;
    back.nanoseconds = -back.nanoseconds;
    return Value::of(back, duration.calendar(), duration.whole_days());
}

// Erases in one command of the system's, which names no key; then the file is written anew, once.
Result<void> Engine::erase_past_retention(Outcome& outcome, int64_t& roots, int64_t& records, int64_t& log_rows) {
    auto& connection = *writer_;
    const Limits limits = options_.limits;
    options_.limits.records_max = UINT32_MAX;  // exempt, as erasing is (SEMANTICS 1.7)
    LEAT_CHECK(connection.set_secure_delete(true));
    auto erased = [&]() -> Result<void> {
        UnitOfWork work(*this, parts_->system, parts_->arena, false);
        LEAT_CHECK(work.begin());
        std::vector<Row*> rows;
        std::string counts;
        JsonWriter json(counts);
        json.begin_object();
        for (const auto& rule : program_->retentions) {
            LEAT_TRY(auto due, work.past_retention(rule));
            if (!due.empty()) json.key(program_->entities[rule.entity].name).number(static_cast<int64_t>(due.size()));
            roots += static_cast<int64_t>(due.size());
            for (Row* row : due) {
                LEAT_TRY(auto concerned, work.personal_rows(*row));
                for (Row* one : concerned)
                    if (std::find(rows.begin(), rows.end(), one) == rows.end()) rows.push_back(one);
            }
        }
        json.end_object();
        if (rows.empty()) return {};
        LEAT_TRY(auto gone, work.erase_rows(rows));
        records = static_cast<int64_t>(rows.size());
        log_rows = static_cast<int64_t>(gone.size());
        std::string command;
        JsonWriter(command)
            .begin_object()
            .key("do")
            .string("retain")
            .key("erased")
            .raw(counts)
            .key("records")
            .number(records)
            .key("rows")
            .number(log_rows)
            .end_object();
        return work.conclude(outcome, command, nullptr, false);
    }();
    options_.limits = limits;
    Result<void> compacted;
    if (erased && records > 0) compacted = record::forget_searched(*program_, connection);
    if (erased && records > 0 && compacted) compacted = connection.compact();
    auto reset = connection.set_secure_delete(false);
    forget();
    LEAT_CHECK(std::move(erased));
    LEAT_CHECK(std::move(compacted));
    return reset;
}

Result<Outcome> Engine::retain(const std::string& folder) {
    LEAT_CHECK(parts_->not_in_batch());
    if (program_->retentions.empty() && !program_->keep_log.present)
        return make_error(
            Status::usage, "retention.none",
            "the definitions say nothing of how long data are kept: give an entity 'retention', or the app "
            "'keep_log'");
    if (!program_->retentions.empty() && writer_->joined())
        return make_error(Status::usage, "erase.joined",
                          "erasing writes the file anew, which a joined connection cannot: open the file itself");
    Outcome outcome;
    int64_t roots = 0, records = 0, log_rows = 0;
    if (!program_->retentions.empty()) LEAT_CHECK(erase_past_retention(outcome, roots, records, log_rows));
    std::string sealed = "{}";
    if (program_->keep_log.present) {
        int64_t before_us = 0;
        {
            UnitOfWork work(*this, parts_->system, parts_->arena, false);
            LEAT_CHECK(work.begin());
            LEAT_TRY(Value wait, work.evaluate(program_->keep_log, nullptr));
            LEAT_TRY(before_us, work.add_duration(work.now_us(), backwards(wait), "app.keep_log"));
        }
        LEAT_TRY(Outcome done, seal(before_us, folder));
        if (done.sequence != 0) outcome.sequence = done.sequence;
        sealed = done.json;
    }
    LEAT_TRY(Json archive, parse_json(sealed));
    outcome.json.clear();
    JsonWriter json(outcome.json);
    json.begin_object().key("refused").boolean(false).key("sequence").number(outcome.sequence);
    json.key("erased").number(roots).key("records").number(records).key("log_rows").number(log_rows);
    const Json *rows = archive.find("rows"), *path = archive.find("archive");
    json.key("rows").raw(rows ? rows->text : "0").key("archive");
    if (path && !path->is_null())
        json.string(path->text);
    else
        json.null();
    json.end_object();
    return outcome;
}

}  // namespace leat::engine
