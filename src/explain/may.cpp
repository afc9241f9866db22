#include "explain/may.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "engine/configuration.hpp"
#include "engine/reading.hpp"
#include "engine/unknown.hpp"
#include "record/share.hpp"
#include "task/task.hpp"

namespace leat::explain {

namespace {

using engine::Actor;
using engine::Reading;
using program::AccessRule;
using program::Entity;
using program::Field;
using program::FieldRight;
using record::Row;

constexpr std::string_view kRights[] = {"none", "mask", "read", "write"};

struct Asked {
    std::string_view name;                                // "read", or the event's
    program::ExpressionPtr AccessRule::*right = nullptr;  // nullptr: an event
    const program::Flow* flow = nullptr;
    const program::Event* event = nullptr;
    const Entity* entity = nullptr;
    Row* row = nullptr;  // nullptr: any
    const Field* field = nullptr;
    bool writes() const { return right == &AccessRule::write || right == &AccessRule::add; }
};

enum class Verdict : uint8_t { no, depends, yes };

// One user's answer, with what led to it as JSON.
class Judgement {
 public:
    Judgement(Reading& view, const Asked& asked, Actor& user)
        : view_(view),
          asked_(asked),
          user_(user),
          scope_(user.scope()),
          locals_(view.program().locals_max),
          json_(because_) {
        locals_[program::kActor] = user.value();
    }

    Result<Verdict> judge() {
        json_.begin_array();
        Verdict verdict = Verdict::no;
        if (user_.system) {
            json_.begin_object().key("system").boolean(true).end_object();
            verdict =
                asked_.event && asked_.event->allow.empty() && !asked_.event->allow_if ? Verdict::no : Verdict::yes;
        } else if (asked_.event) {
            LEAT_TRY(verdict, event());
        } else {
            LEAT_TRY(verdict, record());
        }
        json_.end_array();
        return verdict;
    }

    const std::string& because() const { return because_; }

 private:
    // The role that the user was given and that includes this one.
    std::string through(program::RoleId role) {
        const auto& program = view_.program();
        auto row = view_.records().get(program.user, user_.id);
        const Field* roles = program.entities[program.user].find("roles");
        if (!row || !*row || !roles || (*row)->fields[roles->id].kind != Kind::list) return "";
        for (const Value& item : (*row)->fields[roles->id].as_list()) {
            const auto* given = item.kind == Kind::string ? program.find_role(item.as_string()) : nullptr;
            if (given && std::find(given->includes.begin(), given->includes.end(), role) != given->includes.end())
                return given->name;
        }
        return "";
    }

    // A condition's answer for this user; without a record only one that is constant has one.
    Result<std::optional<Value>> answer(const feel::Expression& condition, Row* row) {
        if (!row && !condition.is_constant()) return std::optional<Value>();
        feel::Frame frame = view_.records().frame(row, locals_.data(), &condition.reads());
        Value value = condition.evaluate(frame);
        LEAT_CHECK(view_.failure());
        return std::optional<Value>(value);
    }

    void condition(const feel::Expression& expression, const std::optional<Value>& value, Row* row) {
        json_.key("condition").string(expression.source().text).key("answer");
        if (!value)
            json_.string("depends");
        else
            json_.raw(value->is_true() ? "true" : value->is_false() ? "false" : "null");
        if (!row) return;
        json_.key("values").begin_object();
        const auto& entity = view_.program().entities[row->entity];
        const auto asker = view_.actor().scope();
        std::vector<program::FieldId> told;
        for (const auto& read : expression.reads().fields) {
            if (read.through_reference || read.entity != row->entity) continue;
            if (std::find(told.begin(), told.end(), read.field) != told.end()) continue;
            told.push_back(read.field);
            bool shown = read.field < program::kFirstField ||
                         view_.records().field_right(*row, read.field, asker, false) >= FieldRight::read;
            std::string text;
            if (shown) {
                auto done = view_.records().append_shown(row->fields[read.field], text);
                if (!done) text = "null";
            }
            json_.key(entity.fields[read.field].name).raw(shown ? text : "\"hidden\"");
        }
        json_.end_object();
    }

    Result<Verdict> event() {
        Verdict best = Verdict::no;
        if (asked_.event->origin != program::EventOrigin::declared) {
            json_.begin_object().key("engine").string("this event is the engine's own").end_object();
            return best;
        }
        for (auto role : asked_.event->allow) {
            if (!user_.has(role)) continue;
            json_.begin_object()
                .key("role")
                .string(view_.program().roles[role].name)
                .key("through")
                .string(through(role));
            json_.key("rule").string(asked_.flow->name + "." + asked_.event->name + ".allow").end_object();
            best = Verdict::yes;
        }
        if (asked_.event->allow_if) {
            LEAT_TRY(auto value, answer(*asked_.event->allow_if, asked_.row));
            json_.begin_object().key("rule").string(asked_.flow->name + "." + asked_.event->name + ".allow");
            condition(*asked_.event->allow_if, value, asked_.row);
            json_.end_object();
            best = std::max(best, !value ? Verdict::depends : value->is_true() ? Verdict::yes : Verdict::no);
        }
        return best;
    }

    Result<Verdict> record() {
        const Entity* entity = asked_.entity;
        Row* row = asked_.row;
        const Field* field = asked_.field;
        auto right = asked_.right;
        // A line is as open as the list that owns it; changing it in any way is changing its owner.
        if (entity->owner != program::kNone) {
            const Entity& owner = view_.program().entities[entity->owner];
            json_.begin_object()
                .key("owner")
                .string(owner.name)
                .key("list")
                .string(owner.fields[entity->owner_list].name);
            json_.end_object();
            if (asked_.writes() || right == &AccessRule::delete_) right = &AccessRule::write;
            field = &owner.fields[entity->owner_list];
            if (row) {
                LEAT_TRY(row, view_.records().row_of(row->fields[entity->owner_field]));
            }
            entity = &owner;
        }
        Verdict rows = Verdict::no, fields = Verdict::no;
        for (const AccessRule& rule : entity->access) {
            if (!scope_.has(rule.role)) continue;
            LEAT_TRY(Verdict one, by_rule(*entity, rule, right, row, field));
            rows = std::max(rows, one);
            bool shown = !field || listed(rule, *field) >= (asked_.writes() ? FieldRight::write : FieldRight::read);
            if (shown) fields = std::max(fields, one);
        }
        if (!row) return field ? fields : rows;
        LEAT_CHECK(shares(*entity, *row));
        LEAT_CHECK(open_tasks(*entity, *row));
        if (field) states(*entity, *row, *field);
        // What the rules add up to is asked where commands and reads ask it.
        bool allowed = view_.records().may(*row, scope_, right);
        if (field) {
            auto given = view_.records().field_right(*row, field->id, scope_, asked_.writes());
            allowed = allowed && given >= (asked_.writes() ? FieldRight::write : FieldRight::read);
            if (asked_.writes() && (field->formula || field->origin != program::Origin::declared))
                json_.begin_object().key("computed").string(field->name).end_object();
        }
        LEAT_CHECK(view_.failure());
        return allowed ? Verdict::yes : Verdict::no;
    }

    static FieldRight listed(const AccessRule& rule, const Field& field) {
        for (const auto& [one, given] : rule.fields)
            if (one == field.id) return given;
        return FieldRight::write;
    }

    Result<Verdict> by_rule(const Entity& entity, const AccessRule& rule, program::ExpressionPtr AccessRule::*right,
                            Row* row, const Field* field) {
        const std::string& role = view_.program().roles[rule.role].name;
        json_.begin_object().key("role").string(role).key("through").string(through(rule.role));
        json_.key("rule").string(fmt::format("{}.access.{}", entity.name, role));
        Verdict verdict = Verdict::no;
        if (rule.*right) {
            LEAT_TRY(auto value, answer(*(rule.*right), row));
            condition(*(rule.*right), value, row);
            verdict = !value ? Verdict::depends : value->is_true() ? Verdict::yes : Verdict::no;
        } else {
            json_.key("answer").string("no such right");
        }
        if (field && listed(rule, *field) != FieldRight::write)
            json_.key("field").string(kRights[static_cast<int>(listed(rule, *field))]);
        json_.end_object();
        return verdict;
    }

    Result<void> shares(const Entity& entity, Row& row) {
        if (!entity.shareable) return {};
        LEAT_TRY(auto found, record::shares_of(view_.connection(), entity.name, row.id));
        std::string user = record::holder_of_user(user_.id);
        for (const auto& one : found) {
            bool his = one.holder == user || std::any_of(user_.roles.begin(), user_.roles.end(), [&](auto role) {
                           return one.holder == record::holder_of_role(view_.program().roles[role].name);
                       });
            if (!his) continue;
            json_.begin_object().key("share").string(one.holder == user ? "user:" + user_.key : one.holder);
            json_.key("right").string(kRights[one.right == record::ShareRight::write ? 3 : 2]).end_object();
        }
        return {};
    }

    Result<void> open_tasks(const Entity& entity, Row& row) {
        LEAT_TRY(auto found, task::of_record(view_.connection(), entity.name, row.id));
        view_.records().open_for_reading(row, false);  // it may have been for somebody else
        for (const auto& one : found) {
            program::RoleId role = 0;
            bool his = one.user.empty() ? view_.program().find_role(one.role, &role) && user_.has(role)
                                        : one.user == user_.key;
            if (one.status != task::Status::open || !his) continue;
            json_.begin_object().key("task").number(one.id).key("right").string("read").end_object();
            view_.records().open_for_reading(row);
            return {};
        }
        return {};
    }

    // Which active states narrow the field.
    void states(const Entity& entity, Row& row, const Field& field) {
        for (uint32_t number : entity.flows) {
            const auto& flow = view_.program().flow_of(number, row.fields);
            flow::Configuration configuration;
            engine::active_states(row, flow, configuration);
            for (auto state : configuration)
                for (const auto& [narrowed, right] : flow.states[state].fields)
                    if (narrowed == field.id)
                        json_.begin_object()
                            .key("state")
                            .string(flow.name + "." + flow.states[state].name)
                            .key("field")
                            .string(kRights[static_cast<int>(right)])
                            .end_object();
        }
    }

    Reading& view_;
    const Asked& asked_;
    Actor& user_;
    query::AccessScope scope_;
    std::vector<Value> locals_;
    std::string because_;
    JsonWriter json_;
};

bool administers(Reading& view) {
    const auto& actor = view.actor();
    if (actor.system) return true;
    return std::any_of(actor.roles.begin(), actor.roles.end(), [&](program::RoleId role) {
        return view.program().roles[role].impersonate || view.program().roles[role].name == "administrator";
    });
}

Result<Asked> asked(Reading& view, std::string_view right, std::string_view entity, std::string_view key,
                    std::string_view field) {
    static constexpr std::pair<std::string_view, program::ExpressionPtr AccessRule::*> kNames[] = {
        {"read", &AccessRule::read},      {"write", &AccessRule::write},    {"add", &AccessRule::add},
        {"delete", &AccessRule::delete_}, {"export", &AccessRule::export_}, {"print", &AccessRule::print},
        {"share", &AccessRule::share}};
    const auto& program = view.program();
    Asked out;
    out.entity = program.find_entity(entity);
    if (!out.entity) return engine::unknown_entity(program, entity);
    constexpr std::string_view kSend = "send ";
    if (right.substr(0, kSend.size()) == kSend) {
        out.name = right.substr(kSend.size());
        for (uint32_t number : out.entity->flows)
            for (const auto& event : program.flows[number].events)
                if (event.name == out.name || program.flows[number].name + "." + event.name == out.name) {
                    out.flow = &program.flows[number];
                    out.event = &event;
                }
        if (!out.event)
            return make_error(Status::not_found, "event.unknown",
                              fmt::format("no flow of {} declares an event '{}'", entity, out.name));
    } else {
        auto at =
            std::find_if(std::begin(kNames), std::end(kNames), [&](const auto& one) { return one.first == right; });
        if (at == std::end(kNames))
            return make_error(Status::usage, "may.right",
                              fmt::format("'{}' is no right: read, write, add, delete, export, print, share, or 'send "
                                          "EVENT'",
                                          right));
        out.name = at->first;
        out.right = at->second;
    }
    if (!field.empty()) {
        out.field = out.entity->find(field);
        if (!out.field)
            return make_error(Status::not_found, "field.unknown", fmt::format("{} has no field '{}'", entity, field));
    }
    if (!key.empty()) {
        LEAT_TRY(out.row, view.target(entity, key));
    }
    return out;
}

void head(JsonWriter& json, std::string_view right, std::string_view entity, std::string_view key,
          std::string_view field) {
    json.key("right").string(right).key("entity").string(entity);
    if (!key.empty()) json.key("key").string(key);
    if (!field.empty()) json.key("field").string(field);
}

void verdict_of(JsonWriter& json, Verdict verdict) {
    json.key("may");
    if (verdict == Verdict::depends)
        json.null();
    else
        json.boolean(verdict == Verdict::yes);
}

}  // namespace

Result<std::string> may(engine::Session& session, std::string_view user, std::string_view right,
                        std::string_view entity, std::string_view key, std::string_view field) {
    std::string out;
    LEAT_CHECK(session.read([&](Reading& view) -> Result<void> {
        std::string_view whom = user.empty() ? std::string_view{view.actor().key} : user;
        if (whom != view.actor().key && !administers(view))
            return make_error(Status::usage, "access.may",
                              fmt::format("'{}' may ask about himself only", view.actor().key));
        LEAT_TRY(Asked question, asked(view, right, entity, key, field));
        Actor person{std::string(whom)};
        LEAT_CHECK(engine::resolve(person, view.records()));
        Judgement judgement(view, question, person);
        LEAT_TRY(Verdict verdict, judgement.judge());
        JsonWriter json(out);
        json.begin_object().key("user").string(whom);
        head(json, right, entity, key, field);
        verdict_of(json, verdict);
        json.key("roles").raw(person.roles_json).key("because").raw(judgement.because()).end_object();
        return {};
    }));
    return out;
}

Result<std::string> who_may(engine::Session& session, std::string_view right, std::string_view entity,
                            std::string_view key, std::string_view field) {
    std::string out;
    LEAT_CHECK(session.read([&](Reading& view) -> Result<void> {
        if (!administers(view))
            return make_error(Status::usage, "access.may",
                              fmt::format("'{}' may ask about himself only", view.actor().key));
        LEAT_TRY(Asked question, asked(view, right, entity, key, field));
        const auto& program = view.program();
        std::vector<std::pair<std::string, std::string>> users;
        const Field* name = program.entities[program.user].find("name");
        const Field* active = program.entities[program.user].find("active");
        LEAT_CHECK(view.records().scan(
            program.user, nullptr, view.locals().data(), query::AccessScope::everything(), [&](Row& row) {
                if (active && row.fields[active->id].is_false()) return true;
                const Value& called = row.fields[name->id];
                users.emplace_back(row.key(), called.kind == Kind::string ? std::string(called.as_string()) : "");
                return true;
            }));
        JsonWriter json(out);
        json.begin_object();
        head(json, right, entity, key, field);
        json.key("users").begin_array();
        for (const auto& [user, called] : users) {
            Actor person{user};
            LEAT_CHECK(engine::resolve(person, view.records()));
            Judgement judgement(view, question, person);
            LEAT_TRY(Verdict verdict, judgement.judge());
            if (verdict == Verdict::no) continue;
            json.begin_object().key("user").string(user).key("name").string(called);
            verdict_of(json, verdict);
            json.key("because").raw(judgement.because()).end_object();
        }
        json.end_array().end_object();
        return {};
    }));
    return out;
}

}  // namespace leat::explain
