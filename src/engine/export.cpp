// An export: records that an actor may read and export, in pages of one consistent view, then a command that says so.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <variant>

#include "base/digest_stream.hpp"
#include "base/json.hpp"
#include "engine/exchange.hpp"
#include "engine/reading.hpp"
#include "engine/unit_of_work.hpp"
#include "engine/unknown.hpp"
#include "exchange/export.hpp"

namespace leat::engine {

using record::Row;

namespace {

constexpr size_t kPageRows = 500;                // after which memory is given back
constexpr size_t kPieceBytes = size_t{1} << 18;  // handed to the sink at once

// A value to sort by that outlives the page it was read in: nothing, a number or a text.
using SortValue = std::variant<std::monostate, Decimal, std::string>;

bool less(const SortValue& a, const SortValue& b) {
    if (a.index() != b.index()) return a.index() < b.index();
    if (const auto* number = std::get_if<Decimal>(&a)) return *number < std::get<Decimal>(b);
    if (const auto* text = std::get_if<std::string>(&a)) return *text < std::get<std::string>(b);
    return false;
}

}  // namespace

class Exporter {
 public:
    Exporter(Session& session, std::string_view entity, const ExportOptions& options)
        : session_(session), options_(options), name_(entity) {}
    Result<std::string> run();

 private:
    struct Sorted {
        std::vector<SortValue> values;
        int64_t id;
    };
    struct SortField {
        program::FieldId field;
        bool descending;
    };
    Result<void> prepare(Reading& view);
    Result<void> compile_where(Reading& view);
    Result<void> write(Reading& view);
    Result<void> write_sorted(Reading& view);
    Result<void> pages(Reading& view, const std::function<Result<void>(Row&)>& take);
    Result<void> put(bool last);
    Result<void> log();
    Result<void> to_file();

    Session& session_;
    const ExportOptions& options_;
    std::string name_;
    std::shared_ptr<const program::Program> program_;
    const program::Entity* entity_ = nullptr;
    std::unique_ptr<feel::Expression> where_;
    std::vector<SortField> sort_;
    std::optional<exchange::RecordWriter> writer_;
    base::DigestStream digest_;
    std::string buffer_, hash_;
    std::ofstream file_;
    std::string beside_;  // the file until it is logged
    uint64_t rows_ = 0, withheld_ = 0, bytes_ = 0;
    int64_t sequence_ = 0;
};

Result<void> Exporter::compile_where(Reading& view) {
    if (options_.where.empty()) return {};
    Diagnostics diagnostics;
    base::Sources sources;
    Text text;
    text.text = options_.where;
    text.span.source = sources.add("where", options_.where);
    text.span.begin = {1, 1};
    text.line_starts = {{1, 1}};
    auto scope = view.program().scope_of(entity_->id);
    feel::CompileOptions compile;
    compile.expected = scope->types().basic(feel::TypeKind::boolean);
    compile.self = scope->types().record(entity_->id);
    where_ = feel::compile(text, *scope, compile, diagnostics);
    if (where_) return {};
    Error error = make_error(Status::usage, "where.invalid",
                             fmt::format("the condition '{}' does not compile: {}", options_.where,
                                         diagnostics.all().empty() ? "" : diagnostics.all().front().message));
    error.diagnostics = diagnostics.take();
    return error;
}

Result<void> Exporter::prepare(Reading& view) {
    program_ = session_.engine_->shared_program();
    entity_ = program_->find_entity(name_);
    if (!entity_) return unknown_entity(*program_, name_);
    const Actor& actor = view.actor();
    bool may = actor.system || std::any_of(entity_->access.begin(), entity_->access.end(),
                                           [&](const auto& rule) { return rule.export_ && actor.has(rule.role); });
    if (!may)
        return make_error(Status::usage, "access.export",
                          fmt::format("'{}' may not export {}: no role of theirs has that right", actor.key, name_));
    LEAT_CHECK(compile_where(view));
    for (const std::string& one : options_.sort) {
        SortField field{0, one.starts_with('-')};
        const auto* found = entity_->find(std::string_view(one).substr(field.descending ? 1 : 0));
        if (!found || (found->kind == program::FieldKind::list))
            return make_error(Status::usage, "export.field", fmt::format("{} cannot be sorted by '{}'", name_, one));
        field.field = found->id;
        sort_.push_back(field);
    }
    exchange::ExportOptions options;
    options.format = options_.format;
    options.fields = options_.fields;
    options.byte_order_mark = options_.byte_order_mark;
    options.guard = !options_.unguarded;
    LEAT_TRY(auto writer, exchange::RecordWriter::make(*program_, *entity_, options));
    writer_.emplace(std::move(writer));
    return {};
}

// Every record that goes out, in creation order; memory is given back page by page.
Result<void> Exporter::pages(Reading& view, const std::function<Result<void>(Row&)>& take) {
    int64_t after = 0;
    for (bool more = true; more;) {
        more = false;
        size_t seen = 0;
        Result<void> inner;
        const auto scope = view.actor().scope();
        LEAT_CHECK(view.records().scan(
            entity_->id, where_.get(), view.locals().data(), scope,
            [&](Row& row) {
                if (seen == kPageRows) {
                    more = true;
                    return false;
                }
                ++seen;
                after = row.id;
                auto verdict = exchange::judge(view.records(), row, where_.get(), scope);
                if (verdict == exchange::Verdict::withheld) ++withheld_;
                if (verdict == exchange::Verdict::out) inner = take(row);
                return static_cast<bool>(inner);
            },
            after));
        if (!inner) return inner;
        LEAT_CHECK(view.failure());
        view.renew();
    }
    return {};
}

Result<void> Exporter::put(bool last) {
    if (buffer_.size() < kPieceBytes && !last) return {};
    digest_.add(buffer_);
    bytes_ += buffer_.size();
    if (file_.is_open() && !file_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size())))
        return make_error(Status::store, "export.file",
                          fmt::format("'{}' cannot be written: is there room?", options_.path));
    if (options_.sink) {
        InCallback guard(session_.engine_.get());
        LEAT_CHECK(options_.sink(buffer_));
    }
    buffer_.clear();
    return {};
}

Result<void> Exporter::write(Reading& view) {
    writer_->begin(buffer_);
    if (!sort_.empty()) return write_sorted(view);
    LEAT_CHECK(pages(view, [&](Row& row) -> Result<void> {
        LEAT_CHECK(writer_->append(view.records(), row, view.actor().scope(), buffer_));
        ++rows_;
        return put(false);
    }));
    return put(true);
}

// The values to sort by are read first, the records in their order then.
Result<void> Exporter::write_sorted(Reading& view) {
    std::vector<Sorted> all;
    LEAT_CHECK(pages(view, [&](Row& row) -> Result<void> {
        Sorted one;
        one.id = row.id;
        const auto scope = view.actor().scope();
        for (const auto& by : sort_) {
            SortValue value;
            bool shown = by.field < program::kFirstField ||
                         view.records().field_right(row, by.field, scope, false) >= program::FieldRight::read;
            if (shown) {
                LEAT_TRY(std::string text, view.records().text_of(row, by.field));
                const Value& current = row.fields[by.field];
                if (current.kind == Kind::number)
                    value = current.as_number();
                else if (!current.is_null())
                    value = std::move(text);
            }
            one.values.push_back(std::move(value));
        }
        all.push_back(std::move(one));
        return {};
    }));
    std::stable_sort(all.begin(), all.end(), [&](const Sorted& a, const Sorted& b) {
        for (size_t i = 0; i < sort_.size(); ++i) {
            const SortValue& first = sort_[i].descending ? b.values[i] : a.values[i];
            const SortValue& second = sort_[i].descending ? a.values[i] : b.values[i];
            if (less(first, second)) return true;
            if (less(second, first)) return false;
        }
        return false;
    });
    for (const Sorted& one : all) {
        LEAT_TRY(Row * row, view.records().get(entity_->id, one.id));
        if (!row) continue;  // not in one view
        LEAT_CHECK(writer_->append(view.records(), *row, view.actor().scope(), buffer_));
        if (++rows_ % kPageRows == 0) view.renew();
        LEAT_CHECK(put(false));
    }
    return put(true);
}

Result<void> Exporter::log() {
    hash_ = base::to_hex(digest_.finish());
    Outcome outcome;
    LEAT_CHECK(session_.command(outcome, false, [&](UnitOfWork& work, std::string& log) -> Result<Row*> {
        JsonWriter json(log);
        json.begin_object().key("do").string("export").key("entity").string(name_).key("format").string(
            options_.format == exchange::Format::csv ? "csv" : "jsonl");
        json.key("fields").begin_array();
        for (const auto& field : options_.fields) json.string(field);
        json.end_array().key("where").string(options_.where);
        json.key("rows").number(static_cast<int64_t>(rows_)).key("bytes").number(static_cast<int64_t>(bytes_));
        json.key("sha256").string(hash_).end_object();
        work.mark_effects();
        return static_cast<Row*>(nullptr);
    }));
    sequence_ = outcome.sequence;
    return {};
}

Result<void> Exporter::to_file() {
    if (options_.path.empty()) return {};
    beside_ = options_.path + ".leat-part";
    file_.open(beside_, std::ios::binary | std::ios::trunc);
    if (file_) return {};
    return make_error(Status::store, "export.file",
                      fmt::format("'{}' cannot be made: may you write its folder?", beside_));
}

Result<std::string> Exporter::run() {
    if (session_.batch_)
        return make_error(Status::usage, "export.batch",
                          "an export is logged at once: commit the batch or roll it back first");
    auto done = [&]() -> Result<void> {
        LEAT_CHECK(session_.read([&](Reading& view) -> Result<void> {
            LEAT_CHECK(prepare(view));
            LEAT_CHECK(to_file());
            return write(view);
        }));
        if (file_.is_open()) {
            file_.close();
            if (!file_)
                return make_error(Status::store, "export.file",
                                  fmt::format("'{}' cannot be written: is there room?", options_.path));
        }
        return log();
    }();
    std::error_code none;
    if (!done) {
        file_.close();
        if (!beside_.empty()) std::filesystem::remove(beside_, none);
        return std::move(done.error());
    }
    if (!beside_.empty()) {
        std::filesystem::rename(beside_, options_.path, none);
        if (none)
            return make_error(
                Status::store, "export.file",
                fmt::format("'{}' cannot be put in its place; the export is in '{}'", options_.path, beside_));
    }
    std::string out;
    JsonWriter(out)
        .begin_object()
        .key("rows")
        .number(static_cast<int64_t>(rows_))
        .key("withheld")
        .number(static_cast<int64_t>(withheld_))
        .key("bytes")
        .number(static_cast<int64_t>(bytes_))
        .key("sha256")
        .string(hash_)
        .key("sequence")
        .number(sequence_)
        .end_object();
    return out;
}

Result<std::string> Session::export_records(std::string_view entity, const ExportOptions& options) {
    return Exporter(*this, entity, options).run();
}

}  // namespace leat::engine
