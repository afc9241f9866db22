#include "capi/exchange.hpp"

#include "base/json.hpp"
#include "capi/capi.hpp"
#include "engine/exchange.hpp"

using namespace leat::capi;
using leat::Result;

namespace {

std::vector<std::string> names_of(std::string_view text) {
    std::vector<std::string> names;
    while (!text.empty()) {
        size_t end = std::min(text.find(','), text.size());
        std::string_view name = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
        while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
        if (!name.empty()) names.emplace_back(name);
    }
    return names;
}

// A callback that takes a text and answers nothing.
Result<void> take(const HostCallback& callback, std::string_view name, std::string_view text) {
    leat_call call;
    call.name = name;
    call.input = text;
    auto answered = callback.ask(call);
    if (!answered) return std::move(answered.error());
    return {};
}

}  // namespace

extern "C" {

LEAT_API leat_status leat_session_import(leat_text** out, leat_session* session, leat_str entity, int32_t format,
                                         const leat_import_options* options, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto given = read_struct(&required(options, "options"), "options");
        HostData data(given.user_data, given.destroy);
        refuse_unknown(options, sizeof given, "options");
        auto& place = cleared(out);
        auto& running = enter(session);
        constexpr uint64_t kKnown = LEAT_IMPORT_DRY_RUN | LEAT_IMPORT_ALL_OR_NOTHING | LEAT_IMPORT_RESTART;
        if ((given.flags & ~kKnown) != 0) throw ArgumentError("usage.flags", "unknown flags");
        leat::engine::ImportOptions asked;
        asked.format = format_of(format);
        asked.text = text(given.table, "table");
        asked.path = text(given.path, "path");
        if (!asked.text.empty() && !asked.path.empty())
            throw ArgumentError("usage.table", "either 'table' or 'path', not both");
        asked.mapping = text(given.mapping_json, "mapping_json");
        asked.job = text(given.job, "job");
        asked.report = text(given.report_path, "report_path");
        asked.chunk = given.records_per_transaction;
        asked.dry_run = (given.flags & LEAT_IMPORT_DRY_RUN) != 0;
        asked.all_or_nothing = (given.flags & LEAT_IMPORT_ALL_OR_NOTHING) != 0;
        asked.restart = (given.flags & LEAT_IMPORT_RESTART) != 0;
        HostCallback callback(given.progress, std::move(data), session->box.get());
        if (given.progress != nullptr)
            asked.progress = [&](const std::string& counts) { return take(callback, "progress", counts); };
        auto made = std::make_unique<leat_text>();
        LEAT_TRY(made->text, running.import_records(required_text(entity, "entity"), asked));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_session_export(leat_text** out, leat_session* session, leat_str entity, int32_t format,
                                         const leat_export_options* options, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto given = read_struct(options, "options");
        HostData data(given.user_data, given.destroy);
        if (options != nullptr) refuse_unknown(options, sizeof given, "options");
        auto& place = cleared(out);
        auto& running = enter(session);
        constexpr uint64_t kKnown = LEAT_EXPORT_BYTE_ORDER_MARK | LEAT_EXPORT_UNGUARDED;
        if ((given.flags & ~kKnown) != 0) throw ArgumentError("usage.flags", "unknown flags");
        leat::engine::ExportOptions asked;
        asked.format = format_of(format);
        asked.fields = names_of(text(given.fields, "fields"));
        asked.where = text(given.where, "where");
        asked.sort = names_of(text(given.sort, "sort"));
        asked.path = text(given.path, "path");
        asked.byte_order_mark = (given.flags & LEAT_EXPORT_BYTE_ORDER_MARK) != 0;
        asked.unguarded = (given.flags & LEAT_EXPORT_UNGUARDED) != 0;
        HostCallback callback(given.write, std::move(data), session->box.get());
        std::string bytes;
        const bool in_answer = given.write == nullptr && asked.path.empty();
        if (given.write != nullptr)
            asked.sink = [&](std::string_view piece) { return take(callback, "write", piece); };
        else if (in_answer)
            asked.sink = [&](std::string_view piece) {
                bytes += piece;
                return Result<void>();
            };
        auto made = std::make_unique<leat_text>();
        LEAT_TRY(made->text, running.export_records(required_text(entity, "entity"), asked));
        if (in_answer) {
            made->text.pop_back();
            made->text += ",\"text\":";
            leat::JsonWriter(made->text).string(bytes);
            made->text += '}';
        }
        place = made.release();
        return {};
    });
}

}  // extern "C"
