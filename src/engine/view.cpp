// A record with all around it, in the reader's name: nothing comes out here that another read would not show him.
#include <fmt/format.h>

#include <algorithm>

#include "catalog/catalog.hpp"
#include "engine/configuration.hpp"
#include "engine/history.hpp"
#include "outbox/outbox.hpp"
#include "record/share.hpp"
#include "task/task.hpp"
#include "timer/timer.hpp"

namespace leat::engine {

using program::AccessRule;
using program::Field;
using program::FieldKind;
using program::FieldRight;
using record::Row;

namespace {

constexpr std::string_view kOutboxStatus[] = {"planned", "claimed", "done", "failed", "unknown"};
constexpr std::string_view kTaskStatus[] = {"open", "done", "cancelled", "waiting"};
constexpr std::string_view kSlaStatus[] = {"running", "paused", "kept", "breached", "cancelled"};

class View {
 public:
    View(Reading& reading, Row& row, int64_t limit, std::string& out)
        : view_(reading),
          row_(row),
          entity_(reading.program().entities[row.entity]),
          scope_(reading.actor().scope()),
          limit_(limit),
          json_(out) {}

    Result<void> write() {
        json_.begin_object()
            .key("entity")
            .string(entity_.name)
            .key("key")
            .string(row_.key())
            .key("title")
            .string(title());
        std::string record;
        LEAT_CHECK(view_.records().append_json(row_, scope_, record));
        json_.key("record").raw(record);
        states();
        LEAT_CHECK(references());
        LEAT_CHECK(referring());
        LEAT_CHECK(tasks());
        LEAT_CHECK(messages());
        LEAT_CHECK(slas());
        LEAT_CHECK(shares());
        LEAT_CHECK(timeline());
        json_.end_object();
        return {};
    }

 private:
    bool reads(program::FieldId field) {
        return view_.records().field_right(row_, field, scope_, false) >= FieldRight::read;
    }

    // What stands for the record: its display field, if the reader may see that; else its key.
    std::string title() {
        auto display = entity_.display_field;
        if (display < program::kFirstField || !reads(display)) return std::string(row_.key());
        auto text = view_.records().text_of(row_, display);
        return text && !text->empty() ? *text : std::string(row_.key());
    }

    void states() {
        json_.key("states").begin_array();
        for (uint32_t number : entity_.flows) {
            const auto& definition = view_.program().flow_of(number, row_.fields);
            if (!reads(definition.state_field)) continue;
            flow::Configuration configuration;
            for (auto atomic : active_states(row_, definition, configuration)) {
                auto state = declared_state(definition, atomic);
                json_.begin_object()
                    .key("flow")
                    .string(definition.name)
                    .key("state")
                    .string(definition.states[state].name);
                json_.key("title").string(definition.states[state].title.in(view_.language())).end_object();
            }
        }
        json_.end_array();
    }

    Result<void> append(Row& row) {
        std::string text;
        LEAT_CHECK(view_.records().append_json(row, scope_, text));
        json_.raw(text);
        return {};
    }

    // What the record refers to, where the reader may read that too; its key is in the record anyway.
    Result<void> references() {
        view_.records().frame(&row_, view_.locals().data());  // computed references are made current
        json_.key("references").begin_array();
        for (const Field& field : entity_.fields) {
            if (field.kind != FieldKind::ref || field.id < program::kFirstField || !reads(field.id)) continue;
            const Value& value = row_.fields[field.id];
            if (value.kind != Kind::record) continue;
            LEAT_TRY(Row * target, view_.records().row_of(value));
            if (!target || !view_.records().may(*target, scope_, &AccessRule::read)) continue;
            json_.begin_object()
                .key("field")
                .string(field.name)
                .key("entity")
                .string(view_.program().entities[field.to].name);
            json_.key("record");
            LEAT_CHECK(append(*target));
            json_.end_object();
        }
        json_.end_array();
        return {};
    }

    // What refers to the record, by entity and field, the newest first.
    Result<void> referring() {
        json_.key("referring").begin_array();
        for (const auto& other : view_.program().entities) {
            if (other.owner != program::kNone) continue;  // lines are in their owners
            for (const Field& field : other.fields)
                if (field.kind == FieldKind::ref && field.to == entity_.id && field.stored && !field.formula)
                    LEAT_CHECK(referring(other, field));
        }
        json_.end_array();
        return {};
    }

    Result<void> referring(const program::Entity& other, const Field& field) {
        record::ScanOptions options;
        options.pointing = field.id;
        options.target = row_.id;
        options.order = {{{program::kId, program::kNone}, true}};
        options.page_rows = std::min<int64_t>(500, limit_ + 1);
        for (const Field& one : other.fields)
            if (one.kind == FieldKind::ref || one.owned) options.wanted.push_back(one.id);
        std::vector<Row*> found;
        bool more = false;
        LEAT_CHECK(view_.records().scan(other.id, options, scope_, [&](Row& row) {
            // Where the reference is hidden nobody learns that it points here.
            if (view_.records().field_right(row, field.id, scope_, false) < FieldRight::read) return true;
            more = static_cast<int64_t>(found.size()) == limit_;
            if (!more) found.push_back(&row);
            return !more;
        }));
        if (found.empty()) return {};
        json_.begin_object().key("entity").string(other.name).key("title").string(other.title.in(view_.language()));
        json_.key("field").string(field.name).key("records").begin_array();
        for (Row* row : found) LEAT_CHECK(append(*row));
        json_.end_array().key("more").boolean(more).end_object();
        return {};
    }

    // One more moment of the timeline.
    void note(int64_t time_us, std::string json) {
        if (time_us != 0) moments_.push_back({time_us, moments_.size(), std::move(json)});
    }
    std::string moment(int64_t time_us, std::string_view what, std::string_view text, std::string_view by) {
        std::string out;
        JsonWriter json(out);
        json.begin_object().key("time").string(value::format_instant(time_us)).key("what").string(what);
        json.key("text").string(text).key("by").string(by).end_object();
        return out;
    }

    void when(JsonWriter& json, std::string_view name, int64_t time_us) {
        json.key(name);
        if (time_us)
            json.string(value::format_instant(time_us));
        else
            json.null();
    }

    Result<void> tasks() {
        LEAT_TRY(auto found, task::of_record(view_.connection(), entity_.name, row_.id));
        json_.key("tasks").begin_array();
        int64_t left = limit_;
        for (auto one = found.rbegin(); one != found.rend() && left > 0; ++one, --left) {
            // A to-do's title is written by the definition, which sees everything, for whom it is for.
            LEAT_TRY(bool mine, view_.may_decide(one->user, one->role));
            bool shown = mine || one->kind == task::Kind::approval;
            std::string title = shown ? one->title : "hidden";
            json_.begin_object().key("task").number(one->id).key("title").string(title).key("status").string(
                kTaskStatus[static_cast<int>(one->status)]);
            json_.key("user").string(one->user).key("role").string(one->role).key("outcome").string(one->outcome);
            json_.key("decided_by").string(one->decided_by).key("comment").string(shown ? one->comment : "");
            when(json_, "created", one->created_us);
            when(json_, "due", one->due_us);
            when(json_, "decided", one->decided_us);
            json_.end_object();
            note(one->created_us, moment(one->created_us, "task", title, ""));
            if (one->status == task::Status::done)
                note(one->decided_us, moment(one->decided_us, "task_" + one->outcome, title, one->decided_by));
        }
        json_.end_array();
        return {};
    }

    // What was said to the outside. What is in it was written by the definition, which sees everything.
    Result<void> messages() {
        LEAT_TRY(auto found, outbox::of_record(view_.connection(), entity_.name, row_.id, limit_));
        json_.key("messages").begin_array();
        for (const auto& one : found) {
            json_.begin_object().key("id").number(one.id).key("topic").string(one.topic).key("status").string(
                kOutboxStatus[static_cast<int>(one.status)]);
            when(json_, "created", one.created_us);
            if (scope_.sees_everything()) json_.key("payload").raw(one.payload);
            json_.end_object();
            note(one.created_us, moment(one.created_us, "message", one.topic, ""));
        }
        json_.end_array();
        return {};
    }

    Result<void> slas() {
        LEAT_TRY(auto found, timer::slas_of(view_.connection(), entity_.name, row_.id));
        json_.key("slas").begin_array();
        for (const auto& one : found) {
            json_.begin_object().key("sla").string(one.name).key("status").string(
                kSlaStatus[static_cast<int>(one.status)]);
            when(json_, "started", one.started_us);
            when(json_, "due", one.due_us);
            when(json_, "stopped", one.stopped_us);
            when(json_, "breached", one.breached_us);
            json_.end_object();
            note(one.started_us, moment(one.started_us, "sla_started", one.name, ""));
            note(one.breached_us, moment(one.breached_us, "sla_breached", one.name, ""));
            note(one.stopped_us, moment(one.stopped_us, "sla_stopped", one.name, ""));
        }
        json_.end_array();
        return {};
    }

    // With whom it is shared is for those who may share it.
    Result<void> shares() {
        if (!entity_.shareable) return {};
        if (!scope_.sees_everything() && !view_.records().may(row_, scope_, &AccessRule::share)) return {};
        LEAT_TRY(auto found, record::shares_of(view_.connection(), entity_.name, row_.id));
        json_.key("shares").begin_array();
        for (const auto& one : found) {
            std::string with = one.holder;
            if (int64_t user = 0; record::user_of_holder(one.holder, user)) {
                LEAT_TRY(Row * row, view_.records().get(view_.program().user, user));
                with = fmt::format("user:{}", row ? row->key() : "");
            }
            json_.begin_object().key("with").string(with).key("right").string(
                one.right == record::ShareRight::write ? "write" : "read");
            json_.end_object();
        }
        json_.end_array();
        return {};
    }

    Result<void> timeline() {
        LEAT_TRY(auto names, catalog::former_names(view_.connection(), entity_.name));
        names.insert(names.begin(), entity_.name);
        LEAT_TRY(auto rows, journal::read_record(view_.connection(), names, row_.id, row_.version, limit_));
        for (const auto& one : rows) {
            std::string text;
            JsonWriter json(text);
            LEAT_CHECK(append_history(json, view_, &row_, rows, static_cast<size_t>(&one - rows.data()), names));
            auto time = DateTime::parse(one.time);
            note(time ? time->utc_us() : 1, "{\"what\":\"change\"," + text.substr(1));
        }
        std::sort(moments_.begin(), moments_.end(), [](const Moment& a, const Moment& b) {
            return a.time_us != b.time_us ? a.time_us > b.time_us : a.place > b.place;
        });
        json_.key("timeline").begin_array();
        for (size_t i = 0; i < moments_.size() && static_cast<int64_t>(i) < limit_; ++i) json_.raw(moments_[i].json);
        json_.end_array();
        return {};
    }

    struct Moment {
        int64_t time_us;
        size_t place;
        std::string json;
    };
    Reading& view_;
    Row& row_;
    const program::Entity& entity_;
    query::AccessScope scope_;
    int64_t limit_;
    JsonWriter json_;
    std::vector<Moment> moments_;
};

}  // namespace

Result<std::string> Session::view(std::string_view entity, std::string_view key, int64_t limit) {
    std::string out;
    LEAT_CHECK(read([&](Reading& view) -> Result<void> {
        LEAT_TRY(Row * row, view.target(entity, key));
        LEAT_CHECK(View(view, *row, limit, out).write());
        return view.failure();
    }));
    return out;
}

}  // namespace leat::engine
