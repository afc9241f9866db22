#include "program/translations.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

#include "program/compiler.hpp"

namespace leat::program {

namespace {

using model::Localized;

// Every text of the definitions that may be in several languages, by its path.
class Paths {
 public:
    explicit Paths(model::Model& model) {
        section("app", model.app);
        for (auto& entity : model.entities) this->entity(entity);
        for (auto& mixin : model.mixins) {
            std::string at = "mixins." + mixin.name.text;
            section(at, mixin);
            fields(at, mixin.fields);
            criteria(at + ".constraints", mixin.constraints, 0);
        }
        for (auto& flow : model.flows) this->flow(flow);
        for (auto& role : model.roles) section("roles." + role.name.text, role);
        for (auto& calendar : model.calendars) section("calendars." + calendar.name.text, calendar);
        for (auto& setting : model.settings) section("settings." + setting.name.text, setting);
        for (auto& function : model.functions) section("functions." + function.name.text, function);
        for (auto& decision : model.decisions) {
            std::string at = "decision." + decision.name.text;
            section(at, decision);
            fields(at, decision.inputs);
            fields(at, decision.outputs);
        }
        for (auto& card : model.scorecards) scorecard(card);
        for (auto& one : model.services) section("service." + one.name.text, one);
        for (auto& one : model.rules) {
            section("rule." + one.name.text, one);
            for (const char* word : {"", "rule."}) steps(word + one.name.text + ".do", one.do_);
        }
        for (auto& one : model.slas) {
            section("sla." + one.name.text, one);
            for (const char* word : {"", "sla."}) {
                steps(word + one.name.text + ".on.warning", one.on_warning);
                steps(word + one.name.text + ".on.breach", one.on_breach);
            }
        }
        for (auto& one : model.connectors) section("connector." + one.name.text, one);
        for (auto& one : model.assignments) section("assignment." + one.name.text, one);
        for (auto& one : model.messages) {
            section("message." + one.name.text, one);
            fields("message." + one.name.text, one.payload);
        }
        for (auto& one : model.reports) report(one);
        for (auto& one : model.notices) {
            std::string at = "notice." + one.name.text;
            section(at, one);
            add(at + ".subject", one.subject);
            add(at + ".text", one.text);
        }
    }

    const std::vector<Localized*>* find(const std::string& path) const {
        // A field called `description` comes before the description of what it is in.
        for (const auto* map : {&paths_, &descriptions_}) {
            auto found = map->find(path);
            if (found != map->end()) return &found->second;
        }
        return nullptr;
    }
    std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (const auto& [path, texts] : paths_) out.push_back(path);
        return out;
    }

 private:
    void add(const std::string& path, Localized& text) { paths_[path].push_back(&text); }

    void section(const std::string& path, model::Section& section) {
        add(path, section.title);
        descriptions_[path + ".description"].push_back(&section.description);
    }

    void field(const std::string& path, model::Field& field) {
        section(path, field);
        for (auto& value : field.enumeration) add(path + "." + value.value.text, value.title);
        fields(path, field.fields);
    }

    void fields(const std::string& path, std::vector<model::Field>& all) {
        for (auto& one : all) field(path + "." + one.name.text, one);
    }

    void criteria(const std::string& path, std::vector<model::Criterion>& all, size_t before) {
        for (size_t i = 0; i < all.size(); ++i) add(fmt::format("{}[{}]", path, before + i + 1), all[i].message);
    }

    // By its name, and by kind and name, since a flow may have the same one. Extensions count on where the entity's own
    // constraints end.
    void entity(model::Entity& entity) {
        size_t& constraints = constraints_[entity.name.text];
        for (const std::string& at : {entity.name.text, "entity." + entity.name.text}) {
            if (!entity.is_extend) section(at, entity);
            fields(at, entity.fields);
            criteria(at + ".constraints", entity.constraints, constraints);
            for (auto& group : entity.form) add(numbered(at + ".form.groups"), group.title);
        }
        constraints += entity.constraints.size();
    }

    void flow(model::Flow& flow) {
        for (const std::string& at : {flow.name.text, "flow." + flow.name.text}) {
            if (!flow.is_extend) section(at, flow);
            for (auto& event : flow.events) {
                add(at + ".events." + event.name.text, event.title);
                fields(at + ".events." + event.name.text, event.payload);
            }
            transitions(at, flow.on);
            for (auto& one : flow.states) state(at, one);
        }
    }

    void state(const std::string& flow, model::State& state) {
        std::string at = flow + "." + state.name.text;
        if (states_.insert(at).second) section(at, state);  // else an extension adds to it
        size_t &entry = constraints_[at + ".entry"], &exit = constraints_[at + ".exit"];
        criteria(at + ".entry_criteria", state.entry_criteria, entry);
        criteria(at + ".exit_criteria", state.exit_criteria, exit);
        entry += state.entry_criteria.size();
        exit += state.exit_criteria.size();
        transitions(at, state.on);
        transitions(at, state.after, "after");
        for (auto& one : state.always) transition(at + ".always", one);
        if (state.on_done) transition(at + ".onDone", *state.on_done, false);
        if (state.on_error) transition(at + ".onError", *state.on_error, false);
        steps(at + ".entry", state.entry);
        steps(at + ".exit", state.exit);
        steps(at + ".compensate", state.compensate);
        for (auto& one : state.invoke) {
            const std::string invoke = numbered(at + ".invoke");
            if (one.on_done) transition(invoke + ".onDone", *one.on_done, false);
            if (one.on_error) transition(invoke + ".onError", *one.on_error, false);
            steps(invoke + ".finalize", one.finalize);
            steps(invoke + ".compensate", one.compensate);
        }
        for (auto& inner : state.states) this->state(flow, inner);
    }

    void transitions(const std::string& at, std::vector<model::EventTransitions>& on, const char* key = "on") {
        for (auto& event : on)
            for (auto& one : event.transitions) transition(fmt::format("{}.{}.{}", at, key, event.event.text), one);
    }

    // Its guard's message, and those of its steps.
    void transition(const std::string& list, model::Transition& transition, bool in_list = true) {
        const std::string at = in_list ? numbered(list) : list;
        add(at, transition.message);
        steps(at + ".do", transition.do_);
    }

    // Only an `assert` says something; the others hold steps that may.
    void steps(const std::string& list, model::Steps& steps) {
        for (auto& step : steps) {
            const std::string at = numbered(list);
            if (step.kind == model::Step::Kind::assert_) add(at, step.message);
            this->steps(at + ".do", step.kind == model::Step::Kind::block ? none_ : step.do_);
            this->steps(at + ".block", step.kind == model::Step::Kind::block ? step.do_ : none_);
            this->steps(at + ".then", step.then);
            this->steps(at + ".else", step.else_);
            this->steps(at + ".compensate", step.compensate);
        }
    }

    // The next place in a list, which extensions go on with.
    std::string numbered(const std::string& list) { return fmt::format("{}[{}]", list, ++constraints_[list]); }

    void scorecard(model::Scorecard& card) {
        std::string at = "scorecard." + card.name.text;
        section(at, card);
        for (auto& one : card.characteristics) {
            add(at + "." + one.name.text, one.reason);
            for (size_t i = 0; i < one.attributes.size(); ++i)
                add(fmt::format("{}.{}[{}]", at, one.name.text, i + 1), one.attributes[i].reason);
        }
    }

    void report(model::Report& report) {
        std::string at = "report." + report.name.text;
        section(at, report);
        fields(at + ".params", report.params);
        for (auto& measure : report.measures) add(at + "." + measure.name.text, measure.title);
    }

    std::map<std::string, std::vector<Localized*>> paths_, descriptions_;
    std::map<std::string, size_t> constraints_;  // how many there are so far, of transitions and steps as well
    model::Steps none_;
    std::set<std::string> states_;
};

}  // namespace

void place_texts(model::Model& model, Diagnostics& diagnostics) {
    if (model.texts.empty()) return;
    Paths paths(model);
    for (const model::Texts& section : model.texts) {
        const std::string& language = section.language.text;
        for (const auto& [path, text] : section.texts) {
            const auto* places = paths.find(path.text);
            if (!places) {
                diagnostics.error("program.texts.unknown", path.span,
                                  fmt::format("there is no text at '{}'", path.text),
                                  did_you_mean(path.text, paths.names()));
                continue;
            }
            if (places->size() > 1) {
                diagnostics.error("program.texts.unknown", path.span,
                                  fmt::format("'{}' could mean {} texts", path.text, places->size()),
                                  fmt::format("write 'entity.{0}' or 'flow.{0}'", path.text));
                continue;
            }
            Localized& place = *places->front();
            bool own = language == model.app.language.text || (model.app.language.empty() && language == "en");
            const Text* there = nullptr;
            for (const auto& [code, said] : place.texts)
                if (code == language || (code.empty() && own)) there = &said;
            if (there) {
                Diagnostic& told =
                    diagnostics.error("program.texts.twice", path.span,
                                      fmt::format("'{}' has a text in '{}' already", path.text, language));
                told.notes.push_back({there->span, "here"});
                continue;
            }
            place.texts.emplace_back(language, text);
        }
    }
}

}  // namespace leat::program
