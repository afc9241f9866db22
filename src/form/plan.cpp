// Which fields a form has, with which rights, and which of them must be filled in.
#include "form/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/json.hpp"
#include "feel/ast.hpp"
#include "flow/jump.hpp"

namespace leat::form {

using program::Entity;
using program::Field;
using program::FieldId;
using program::FieldKind;
using program::FieldRight;
using program::Origin;

namespace {

bool never(const program::ExpressionPtr& condition) {
    if (!condition) return true;
    const auto* root = condition->tree();
    return root->kind == feel::ast::NodeKind::literal && !root->constant.is_true();
}

// A list that is only another entity's references, read from over there.
bool reverse(const Field& field) {
    return field.kind == FieldKind::list && !field.owned && !field.scalar_list;
}

class Planner {
 public:
    Planner(const Subject& subject, const Options& options)
        : subject_(subject), options_(options), program_(subject.program), entity_(subject.entity) {
        out_.language = options.language.empty() ? program_.language : options.language;
        out_.numbers = options.numbers;
        out_.creating = subject.creating;
    }

    Result<Plan> run() {
        LEAT_CHECK(rights());
        if (!options_.event.empty()) {
            LEAT_CHECK(find_event());
            ask_for_event();
        } else {
            ask_for_record();
        }
        LEAT_CHECK(collect());
        if (out_.event) LEAT_CHECK(payload());
        if (out_.properties.empty() && !out_.event)
            return make_error(Status::not_found, "form.nothing",
                              fmt::format("there is no form of {} for who asks: no role grants {}", entity_.name,
                                          subject_.creating ? "adding it" : "reading it"));
        title();
        return std::move(out_);
    }

 private:
    // --- rights ---

    Result<void> rights() {
        if (subject_.row && !subject_.creating) {
            for (const Field& field : entity_.fields)
                rights_.push_back(subject_.records->field_right(*subject_.row, field.id, subject_.scope, true));
            if (const Error* error = subject_.records->pending_error()) return *error;
            return {};
        }
        bool all = subject_.scope.sees_everything();
        rights_.assign(entity_.fields.size(), all ? FieldRight::write : FieldRight::none);
        if (all) return {};
        for (const auto& rule : entity_.access) {
            if (!subject_.scope.has(rule.role)) continue;
            FieldRight base = FieldRight::none;
            if (subject_.creating ? !never(rule.add) : !never(rule.write))
                base = FieldRight::write;
            else if (!subject_.creating && !never(rule.read))
                base = FieldRight::read;
            for (const Field& field : entity_.fields) {
                FieldRight right = base;
                for (const auto& [listed, given] : rule.fields)
                    if (listed == field.id) right = std::min(base, given);
                rights_[field.id] = std::max(rights_[field.id], right);
            }
        }
        if (subject_.creating) return {};
        for (const auto& [flow, configuration] : subject_.states)
            for (auto state : configuration)
                for (const auto& [field, right] : flow->states[state].fields)
                    rights_[field] = std::min(rights_[field], right);
        return {};
    }

    bool shown(FieldId field) const { return rights_[field] != FieldRight::none; }

    // What a pending approval was shown is locked.
    bool locked(FieldId field) const {
        if (subject_.creating) return false;
        for (const auto& [flow, configuration] : subject_.states) {
            for (auto state : configuration) {
                const auto& approval = flow->states[state].approval;
                if (approval &&
                    std::find(approval->shown.begin(), approval->shown.end(), field) != approval->shown.end())
                    return true;
            }
        }
        return false;
    }

    // The version of a flow that the record runs.
    const program::Flow& flow_of(uint32_t number) const {
        return subject_.row ? program_.flow_of(number, subject_.row->fields) : program_.flows[number];
    }

    // --- what is asked for ---

    // A criterion that demands fields: always, or where its `if` holds.
    void demand(const program::Criterion& criterion) {
        if (criterion.required.empty()) return;
        if (!criterion.if_) {
            required_.insert(criterion.required.begin(), criterion.required.end());
            return;
        }
        auto schema = schema_if(*criterion.if_, entity_);
        if (!schema && !truth_now(*criterion.if_)) return;
        for (FieldId field : criterion.required) {
            if (schema)
                required_when_[field].push_back(*schema);
            else
                required_.insert(field);
        }
    }

    void demand(const program::StatePart& state) {
        required_.insert(state.required_fields.begin(), state.required_fields.end());
        for (const auto& criterion : state.entry_criteria) demand(criterion);
    }

    void ask_for_record() {
        for (const Field& field : entity_.fields) asked_.insert(field.id);
        for (const auto& criterion : entity_.constraints) demand(criterion);
        for (const auto& [flow, configuration] : subject_.states)
            for (auto state : configuration) demand(flow->states[state]);
    }

    Result<void> find_event() {
        std::string_view only, name = options_.event;
        if (size_t dot = name.find('.'); dot != std::string_view::npos) {
            only = name.substr(0, dot);
            name = name.substr(dot + 1);
        }
        for (uint32_t number : entity_.flows) {
            const auto& flow = flow_of(number);
            if (!only.empty() && flow.name != only) continue;
            auto event = flow.find_event(name);
            if (event == flow::kNone) continue;
            flow_ = &flow;
            event_ = event;
            out_.event = &flow.events[event];
            return {};
        }
        return make_error(Status::not_found, "event.unknown",
                          fmt::format("no flow of {} declares an event '{}'", entity_.name, options_.event));
    }

    // The fields that the criteria of the event's transitions demand: those that all of them demand are required,
    // those of some of them can be filled in. Which one is taken is the guards' business, when the event comes.
    void ask_for_event() {
        const flow::Configuration* configuration = nullptr;
        for (const auto& [flow, states] : subject_.states)
            if (flow == flow_) configuration = &states;
        if (!configuration) return;
        std::set<FieldId> all, some;
        bool first = true;
        for (auto state : *configuration) {
            for (uint32_t number : flow_->chart.states[state].transitions) {
                const auto& shape = flow_->chart.transitions[number];
                bool hears = shape.event == event_ ||
                             std::find(shape.also.begin(), shape.also.end(), event_) != shape.also.end();
                if (!hears) continue;
                required_.clear();
                demand(number, *configuration);
                some.insert(required_.begin(), required_.end());
                std::set<FieldId> both;
                std::set_intersection(all.begin(), all.end(), required_.begin(), required_.end(),
                                      std::inserter(both, both.end()));
                all = first ? required_ : both;
                first = false;
            }
        }
        for (const auto& [field, schemas] : required_when_) some.insert(field);
        asked_ = some;
        required_ = all;
    }

    void demand(uint32_t transition, const flow::Configuration& configuration) {
        const auto& shape = flow_->chart.transitions[transition];
        const auto& part = flow_->transitions[transition];
        flow::Microstep step = flow::take(flow_->chart, configuration, std::span(&transition, 1));
        bool leaves = std::find(step.exited.begin(), step.exited.end(), shape.source) != step.exited.end();
        if (!part.skip_criteria && shape.source != 0 && leaves)
            for (const auto& criterion : flow_->states[shape.source].exit_criteria) demand(criterion);
        for (auto state : step.entered) {
            if (state == 0 || state >= flow_->states.size()) continue;
            const auto& entered = flow_->states[state];
            required_.insert(entered.required_fields.begin(), entered.required_fields.end());
            if (part.skip_criteria) continue;
            for (const auto& criterion : entered.entry_criteria) demand(criterion);
        }
    }

    // --- conditions ---

    // The schema of a condition; nullopt where it has none in this form.
    std::optional<std::string> schema_if(const feel::Expression& condition, const Entity& of) const {
        bool own = &of == &entity_;
        ConditionOf about{program_, of, out_.numbers, [&](const Field& field) {
                              if (field.origin != Origin::declared) return false;
                              if (!own) return true;  // a line is in the document as a whole
                              return asked_.count(field.id) && rights_[field.id] >= FieldRight::read && !reverse(field);
                          }};
        return condition_schema(condition, about);
    }

    // As the record is now; nullopt without one, or where it cannot be told.
    std::optional<bool> judged(const feel::Expression& condition) const {
        if (!subject_.row) return std::nullopt;
        feel::Frame frame = subject_.records->frame(subject_.row, subject_.locals, &condition.reads());
        Value answer = condition.evaluate(frame);
        if (answer.kind != Kind::boolean) return std::nullopt;
        return answer.is_true();
    }
    bool truth_now(const feel::Expression& condition) const { return judged(condition).value_or(false); }

    // A condition's text says what it reads: only who may see all of that is told.
    bool may_tell(const feel::Expression& condition) const {
        if (subject_.scope.sees_everything()) return true;
        if (subject_.row && !subject_.creating)
            return subject_.records->sees(*subject_.row, condition.reads(), subject_.scope);
        for (const auto& read : condition.reads().fields) {
            if (read.through_reference || read.entity != entity_.id) return false;
            if (read.field >= program::kFirstField && rights_[read.field] < FieldRight::read) return false;
        }
        return condition.reads().collections.empty() && condition.reads().functions.empty();
    }

    void tell(Property& property, std::string_view key, const feel::Expression& condition, bool by_server) const {
        if (may_tell(condition)) property.told.emplace_back(key, condition.source().text);
        if (by_server) property.by_server.emplace_back(key);
    }

    void conditions(Property& property, const Entity& of) const {
        const Field& field = *property.field;
        bool own = &of == &entity_;
        if (field.readonly_if) {
            if (own && truth_now(*field.readonly_if)) property.read_only = true;
            tell(property, "readonly_if", *field.readonly_if, true);
        }
        if (field.required_if && !property.read_only) {
            auto schema = schema_if(*field.required_if, of);
            if (schema)
                property.required_when.push_back(*schema);
            else if (own && truth_now(*field.required_if))
                property.required = true;
            tell(property, "required_if", *field.required_if, !schema);
        }
        if (field.visible_if) {
            auto schema = schema_if(*field.visible_if, of);
            if (schema)
                property.visible_when = *schema;
            else if (own && !subject_.creating && subject_.row)
                property.hidden = !truth_now(*field.visible_if);
            tell(property, "visible_if", *field.visible_if, !schema);
        }
    }

    // --- properties ---

    void texts(Property& property) const {
        property.title = property.field->title.in(out_.language);
        if (property.title.empty()) property.title = property.field->name;
        property.description = property.field->description.in(out_.language);
    }

    Result<void> property(const Field& field, bool list_read_only, const Entity& of, std::vector<Property>& out) {
        Property one;
        one.field = &field;
        texts(one);
        bool own = &of == &entity_;
        FieldRight right = own ? rights_[field.id] : FieldRight::write;
        one.masked = right == FieldRight::mask;
        bool settable = (field.origin == Origin::declared && field.series.empty()) || field.id == program::kKey;
        one.read_only =
            list_read_only || right != FieldRight::write || field.formula || !settable || (own && locked(field.id));
        if (!one.masked) conditions(one, of);
        if (!one.read_only) {
            bool wanted = field.required || (own && required_.count(field.id));
            // What a default fills in may be left empty, but not where a state or criterion asks for it.
            if (field.default_value && !(own && required_.count(field.id))) wanted = false;
            // A list that is not there has no items.
            wanted = wanted || field.min_items.value_or(0) > 0;
            one.required = one.required || wanted;
            if (auto when = required_when_.find(field.id); own && when != required_when_.end())
                one.required_when.insert(one.required_when.end(), when->second.begin(), when->second.end());
            if (field.default_value) {
                auto value = constant_of(*field.default_value, arena_);
                if (value && !value->is_null() && field.kind == FieldKind::json) {
                    std::string text;
                    value::append_json(text, *value);
                    JsonWriter(one.default_json).string(text);
                } else if (value && !value->is_null()) {
                    one.default_json = json_of(program_, field, *value, out_.numbers);
                }
            }
        }
        if (!one.masked) LEAT_CHECK(choices(one));
        if (field.owned && !one.masked) {
            one.lines = &program_.entities[field.to];
            for (const Field& inner : one.lines->fields) {
                if (inner.id < program::kFirstField || inner.origin != Origin::declared || reverse(inner))
                    continue;
                LEAT_CHECK(property(inner, one.read_only, *one.lines, one.items));
            }
        }
        out.push_back(std::move(one));
        return {};
    }

    Result<void> choices(Property& property) {
        const Field& field = *property.field;
        if (field.kind == FieldKind::ref || (field.scalar_list && field.item_kind == FieldKind::ref))
            return records_of(field, property);
        if (field.origin == Origin::state) {
            for (uint32_t number : entity_.flows) {
                const auto& flow = flow_of(number);
                if (flow.state_field != field.id) continue;
                for (auto child : flow.chart.states[0].children) {
                    std::string_view title = flow.states[child].title.in(out_.language);
                    const std::string& name = flow.states[child].name;
                    property.choices.emplace_back(name, title.empty() ? std::string_view{name} : title);
                }
            }
            return {};
        }
        if (field.kind == FieldKind::role || (field.scalar_list && field.item_kind == FieldKind::role)) {
            for (const auto& role : program_.roles) {
                std::string_view title = role.title.in(out_.language);
                property.choices.emplace_back(role.name, title.empty() ? std::string_view{role.name} : title);
            }
            return {};
        }
        if (!field.enumeration) return {};
        for (size_t i = 0; i < field.enumeration->items.size(); ++i) {
            const std::string& value = field.enumeration->items[i].value;
            std::string_view title =
                i < field.enumeration_titles.size() ? field.enumeration_titles[i].in(out_.language) : "";
            property.choices.emplace_back(value, title.empty() ? std::string_view{value} : title);
        }
        return {};
    }

    // The records that a reference may name, where they are few: keys, and what their entity displays.
    Result<void> records_of(const Field& field, Property& property) {
        if (!subject_.records || options_.choices_max == 0 || property.read_only) return {};
        auto [known, made] = records_.try_emplace(field.to);
        auto& [complete, list] = known->second;
        if (made) {
            complete = true;
            record::Records& records = *subject_.records;
            const Entity& target = program_.entities[field.to];
            // People and departments are known to everybody where the definitions say nothing of them.
            bool open = target.built_in && target.access.empty();
            auto scope = open ? query::AccessScope::everything() : subject_.scope;
            Result<void> inner;
            auto visit = [&, &few = complete, &found = list](record::Row& row) {
                if (found.size() == options_.choices_max) {
                    few = false;
                    return false;
                }
                std::string key = row.key().empty() ? std::to_string(row.id) : std::string(row.key());
                std::string title;
                if (records.field_right(row, target.display_field, scope, false) >= FieldRight::read) {
                    auto text = records.text_of(row, target.display_field);
                    if (!text) {
                        inner = std::move(text.error());
                        return false;
                    }
                    title = *text;
                }
                found.emplace_back(key, title.empty() ? key : title);
                return true;
            };
            LEAT_CHECK(records.scan(field.to, nullptr, subject_.locals, scope, visit));
            LEAT_CHECK(std::move(inner));
        }
        if (complete && !list.empty()) property.choices = list;
        return {};
    }

    bool in_form(const Field& field) const {
        if (!shown(field.id) || !asked_.count(field.id)) return false;
        // Nobody sees in a new record what he can neither fill in nor has computed.
        if (subject_.creating && rights_[field.id] != FieldRight::write && !field.formula && !field.default_value)
            return false;
        if (subject_.creating && !field.series.empty()) return false;  // drawn when it is needed
        if (field.id == program::kKey) return entity_.explicit_key && subject_.creating;
        if (field.id < program::kFirstField || reverse(field)) return false;
        return field.origin == Origin::declared || (field.origin == Origin::state && !subject_.creating && !out_.event);
    }

    Result<void> collect() {
        std::set<FieldId> placed;
        auto place = [&](FieldId id) -> Result<void> {
            if (!placed.insert(id).second || !in_form(entity_.fields[id])) return {};
            return property(entity_.fields[id], false, entity_, out_.properties);
        };
        LEAT_CHECK(place(program::kKey));
        if (!out_.properties.empty()) out_.groups.push_back({"", 0, out_.properties.size()});
        for (const auto& group : entity_.form) {
            size_t begin = out_.properties.size();
            for (FieldId id : group.fields) LEAT_CHECK(place(id));
            if (out_.properties.size() > begin)
                out_.groups.push_back({std::string(group.title.in(out_.language)), begin, out_.properties.size()});
        }
        size_t begin = out_.properties.size();
        for (const Field& field : entity_.fields) LEAT_CHECK(place(field.id));
        if (out_.properties.size() > begin) out_.groups.push_back({"", begin, out_.properties.size()});
        return {};
    }

    Result<void> payload() {
        for (const Field& field : out_.event->payload) {
            Property one;
            one.field = &field;
            texts(one);
            one.required = field.required;
            LEAT_CHECK(choices(one));
            out_.payload.push_back(std::move(one));
        }
        return {};
    }

    void title() {
        const auto& titles = out_.event ? out_.event->title : entity_.title;
        out_.title = titles.in(out_.language);
        if (out_.title.empty()) out_.title = out_.event ? out_.event->name : entity_.name;
    }

    const Subject& subject_;
    const Options& options_;
    const program::Program& program_;
    const Entity& entity_;
    Plan out_;
    std::vector<FieldRight> rights_;
    std::set<FieldId> asked_, required_;
    std::map<FieldId, std::vector<std::string>> required_when_;
    std::map<program::EntityId, std::pair<bool, std::vector<std::pair<std::string, std::string>>>> records_;
    const program::Flow* flow_ = nullptr;
    flow::EventId event_ = flow::kNone;
    Arena arena_{1u << 20};
};

}  // namespace

Result<Plan> plan(const Subject& subject, const Options& options) {
    return Planner(subject, options).run();
}

Result<std::pair<const program::Flow*, flow::Configuration>> state_named(const program::Program& program,
                                                                         const Entity& entity, std::string_view name) {
    std::string_view only, state = name;
    if (size_t dot = name.find('.'); dot != std::string_view::npos) {
        only = name.substr(0, dot);
        state = name.substr(dot + 1);
    }
    for (uint32_t number : entity.flows) {
        const auto& flow = program.flows[number];
        if (!only.empty() && flow.name != only) continue;
        flow::StateId id = flow.chart.find(state);
        if (id == flow::kNone || id == 0) continue;
        return std::pair(&flow, flow::jump(flow.chart, {0}, id, nullptr).configuration);
    }
    return make_error(Status::not_found, "state.unknown",
                      fmt::format("no flow of {} has a state '{}'", entity.name, name));
}

}  // namespace leat::form
