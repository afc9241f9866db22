// What hangs on an entity besides its fields: key, display, constraints, unique groups, indexes, access.
#include <algorithm>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

namespace {

bool parse_right(std::string_view text, FieldRight& out) {
    if (text == "none")
        out = FieldRight::none;
    else if (text == "mask")
        out = FieldRight::mask;
    else if (text == "read")
        out = FieldRight::read;
    else if (text == "write")
        out = FieldRight::write;
    else
        return false;
    return true;
}

}  // namespace

void Compiler::entity_parts() {
    for (Entity& entity : program_.entities) {
        const EntityDraft& draft = drafts_[entity.id];
        if (!draft.section) continue;
        std::vector<const model::Entity*> sections = {draft.section};
        sections.insert(sections.end(), draft.extensions.begin(), draft.extensions.end());
        for (const model::Entity* section : sections) {
            bool extends = section != draft.section;
            if (extends && !section->key.empty())
                error("program.key", section->key.span, "'extend' only adds: it cannot give a key");
            if (!extends && !section->key.empty()) key_of(entity.id, section->key);
            if (!section->display.empty()) {
                entity.display = section->display.text;
                if (auto field = field_named(entity.id, section->display)) entity.display_field = *field;
            }
            constraints_of(entity.id, section->constraints);
            groups_of(entity.id, section->unique, "unique", entity.unique);
            groups_of(entity.id, section->index, "index", entity.indexes);
            search_of(entity.id, section->search);
            duplicates_of(entity.id, section->duplicates);
            access_of(entity.id, section->access);
            form_of(entity.id, section->form);
            retention_of(entity.id, section->retention);
        }
        for (const model::Mixin* mixin : draft.mixins) constraints_of(entity.id, mixin->constraints);
    }
}

void Compiler::constraints_of(EntityId id, const std::vector<model::Criterion>& sources) {
    Entity& entity = program_.entities[id];
    std::string at = entity.name + ".constraints";
    for (Criterion& criterion : criteria(sources, names_of(id), at)) {
        if (criterion.condition) forbid_computed(*criterion.condition, id, criterion.span, "a constraint");
        criterion.at = fmt::format("{}[{}]", at, entity.constraints.size() + 1);
        entity.constraints.push_back(std::move(criterion));
    }
}

// Groups of a form; a field stands in one place.
void Compiler::form_of(EntityId entity_id, const std::vector<model::FormGroup>& groups) {
    Entity& entity = program_.entities[entity_id];
    for (const model::FormGroup& source : groups) {
        FormGroup group;
        group.title = titles(source.title);
        for (const Text& name : source.fields) {
            auto field = field_named(entity_id, name);
            if (!field) continue;
            bool twice = std::find(group.fields.begin(), group.fields.end(), *field) != group.fields.end();
            for (const FormGroup& other : entity.form)
                twice = twice || std::find(other.fields.begin(), other.fields.end(), *field) != other.fields.end();
            if (twice) {
                error("program.duplicate", name.span, fmt::format("'{}' stands in the form twice", name.text));
                continue;
            }
            group.fields.push_back(*field);
        }
        // A group of a title that is there already, an extension's, goes on with that one.
        auto same = std::find_if(entity.form.begin(), entity.form.end(), [&](const FormGroup& one) {
            return !one.title.empty() && one.title.texts == group.title.texts;
        });
        if (same == entity.form.end())
            entity.form.push_back(std::move(group));
        else
            same->fields.insert(same->fields.end(), group.fields.begin(), group.fields.end());
    }
}

void Compiler::key_of(EntityId entity, const Text& key) {
    program_.entities[entity].key_parts = key_parts(entity, key, "a key");
}

// A text that is numbered, as a key is: drawn for it once, and never set by hand.
void Compiler::series_of(EntityId entity, const model::Field& source, Field& field) {
    std::vector<KeyPart> parts = key_parts(entity, source.series, "a series");
    bool numbered =
        std::any_of(parts.begin(), parts.end(), [](const auto& part) { return part.kind == KeyPart::Kind::sequence; });
    if (!numbered)
        error("program.key_template", source.series.span,
              fmt::format("the series of '{}' has no '{{seq}}'", field.name), "write it as in \"RMA-{yyyy}-{seq:5}\"");
    field.series = std::move(parts);
    program_.entities[entity].series.push_back(field.id);
}

// "OPP-{yyyy}{MM}-{seq:5}", "{product.sku}": parts of dates, one sequence, expressions over the record.
std::vector<KeyPart> Compiler::key_parts(EntityId entity, const Text& key, std::string_view what) {
    const std::string& text = key.text;
    std::vector<KeyPart> out;
    KeyPart literal;
    auto flush = [&] {
        if (!literal.literal.empty()) out.push_back(std::move(literal));
        literal = KeyPart{};
    };
    for (size_t i = 0; i < text.size();) {
        bool doubled = i + 1 < text.size() && text[i + 1] == text[i];
        if ((text[i] == '{' || text[i] == '}') && doubled) {
            literal.literal += text[i];
            i += 2;
        } else if (text[i] == '{') {
            size_t end = text.find('}', i);
            if (end == std::string::npos) {
                error("program.key_template", key.at(i, i + 1), "this '{' has no '}'",
                      "write '{{' for the character itself");
                return out;
            }
            flush();
            if (auto part = key_part(entity, key, i + 1, end, what)) out.push_back(std::move(*part));
            i = end + 1;
        } else {
            literal.literal += text[i++];
        }
    }
    flush();
    auto sequences =
        std::count_if(out.begin(), out.end(), [](const auto& part) { return part.kind == KeyPart::Kind::sequence; });
    if (sequences > 1) error("program.key_template", key.span, fmt::format("{} has one '{{seq}}' at most", what));
    return out;
}

std::optional<KeyPart> Compiler::key_part(EntityId entity, const Text& key, size_t begin, size_t end,
                                          std::string_view what) {
    std::string_view name = std::string_view(key.text).substr(begin, end - begin);
    KeyPart part;
    if (name == "yyyy") {
        part.kind = KeyPart::Kind::year4;
    } else if (name == "yy") {
        part.kind = KeyPart::Kind::year2;
    } else if (name == "MM") {
        part.kind = KeyPart::Kind::month;
    } else if (name == "dd") {
        part.kind = KeyPart::Kind::day;
    } else if (name == "seq" || name.substr(0, 4) == "seq:") {
        part.kind = KeyPart::Kind::sequence;
        if (name.size() > 4) {
            if (auto width = integer(slice(key, begin + 4, end), "seq", 1, 18))
                part.width = static_cast<uint32_t>(*width);
        }
    } else {
        part.kind = KeyPart::Kind::expression;
        Text source = slice(key, begin, end);
        part.expression = expression(source, names_of(entity));
        if (!part.expression) return std::nullopt;
        for (const feel::Read& read : part.expression->reads().fields) {
            const Field& field = program_.entities[read.entity].fields[read.field];
            if (field.personal) {
                error("program.key_template", source.span,
                      fmt::format("'{}' is personal and must not be part of {}", field.name, what),
                      "numbers stay in the log when a person is erased");
            }
            if (field.id == kKey && !read.through_reference && what == "a key")
                error("program.key_template", source.span, "a key cannot be made of itself");
        }
        forbid_computed(*part.expression, entity, source.span, what);
    }
    return part;
}

// Records that may be one thing twice.
void Compiler::duplicates_of(EntityId entity, const std::vector<model::DuplicateRule>& rules) {
    for (const model::DuplicateRule& source : rules) {
        DuplicateRule rule;
        rule.id = source.id.text;
        rule.at = fmt::format("{}.duplicates[{}]", program_.entities[entity].name,
                              program_.entities[entity].duplicates.size() + 1);
        if (!source.similarity.empty()) {
            rule.similarity = Decimal::parse(source.similarity.text);
            if (!rule.similarity || *rule.similarity <= Decimal(0) || *rule.similarity > Decimal(1)) {
                error("program.duplicates", source.similarity.span,
                      fmt::format("'similarity' wants a number above 0 and up to 1, not '{}'", source.similarity.text),
                      "0.8 finds what is nearly the same, 0.4 what has something in common");
            }
        }
        for (const Text& name : source.match) {
            auto field = field_named(entity, name);
            if (!field) continue;
            const Field& found = program_.entities[entity].fields[*field];
            if (!found.stored || found.kind == FieldKind::list || found.kind == FieldKind::json) {
                error("program.duplicates", name.span,
                      fmt::format(
                          "'{}' is {} and cannot be matched", found.name,
                          found.stored || found.kind == FieldKind::list ? "a list or JSON" : "computed on reading"));
                continue;
            }
            if (rule.similarity && found.kind != FieldKind::string && found.kind != FieldKind::text) {
                error("program.duplicates", name.span,
                      fmt::format("'{}' is a {}: only texts are similar", found.name, kind_name(found.kind)),
                      "match it in a rule without 'similarity'");
                continue;
            }
            rule.match.push_back(*field);
        }
        if (!source.if_.empty()) {
            rule.if_ = filter(source.if_, names_of(entity));
            if (rule.if_) forbid_computed(*rule.if_, entity, source.if_.span, "a duplicate rule");
        }
        if (!rule.match.empty()) program_.entities[entity].duplicates.push_back(std::move(rule));
    }
}

void Compiler::groups_of(EntityId entity, const std::vector<model::Index>& groups, std::string_view what,
                         std::vector<std::vector<FieldId>>& out) {
    for (const model::Index& group : groups) {
        std::vector<FieldId> fields;
        for (const Text& name : group.fields) {
            auto field = field_named(entity, name);
            if (!field) continue;
            forbid_computed(entity, *field, name.span, what == "index" ? "an index" : "'unique'");
            const Field& found = program_.entities[entity].fields[*field];
            if (found.kind == FieldKind::list) {
                error("program.key", name.span, fmt::format("the list '{}' cannot be part of '{}'", found.name, what));
            } else if (std::find(fields.begin(), fields.end(), *field) == fields.end()) {
                fields.push_back(*field);
            }
        }
        if (!fields.empty()) out.push_back(std::move(fields));
    }
}

// What is searched are columns of text: a formula over other records would change without a write of this one.
void Compiler::search_of(EntityId entity, const std::vector<Text>& fields) {
    for (const Text& name : fields) {
        auto id = field_named(entity, name);
        if (!id) continue;
        const Field& field = program_.entities[entity].fields[*id];
        auto& search = program_.entities[entity].search;
        if ((field.kind != FieldKind::string && field.kind != FieldKind::text) || !field.stored ||
            field.id < kFirstField) {
            error("program.search", name.span, fmt::format("'{}' is no text that is stored", field.name),
                  "fields of 'search' have the type string or text");
        } else if (std::find(search.begin(), search.end(), *id) == search.end()) {
            search.push_back(*id);
        }
    }
}

void Compiler::access_of(EntityId entity, const std::vector<model::AccessRule>& rules) {
    Names names = names_with_actor(entity);
    auto right = [&](const Text& text) -> ExpressionPtr {
        if (text.empty()) return nullptr;
        ExpressionPtr compiled = filter(text, names);
        if (compiled) forbid_computed(*compiled, entity, text.span, "access");
        return compiled;
    };
    for (const model::AccessRule& source : rules) {
        auto role = role_named(source.role);
        AccessRule rule;
        rule.role = role.value_or(kNone);
        rule.add = right(source.add);
        rule.read = right(source.read);
        rule.write = right(source.write);
        rule.delete_ = right(source.delete_);
        rule.export_ = right(source.export_);
        rule.print = right(source.print);
        rule.share = right(source.share);
        if (rule.share) program_.entities[entity].shareable = true;
        access_fields(entity, source.fields, rule.fields, nullptr);
        if (role) program_.entities[entity].access.push_back(std::move(rule));
    }
}

// `required` is a right of states only.
void Compiler::access_fields(EntityId entity, const std::vector<model::AccessField>& fields,
                             std::vector<std::pair<FieldId, FieldRight>>& out, std::vector<FieldId>* required) {
    for (const model::AccessField& source : fields) {
        auto field = field_named(entity, source.field);
        FieldRight right = FieldRight::none;
        if (required && source.right.text == "required") {
            if (field) {
                required->push_back(*field);
                out.emplace_back(*field, FieldRight::write);
            }
        } else if (!parse_right(source.right.text, right)) {
            error("program.access.right", source.right.span, fmt::format("there is no right '{}'", source.right.text),
                  required ? "one of none, mask, read, write, required" : "one of none, mask, read, write");
        } else if (field) {
            out.emplace_back(*field, right);
        }
    }
}

std::vector<Criterion> Compiler::criteria(const std::vector<model::Criterion>& sources, const Names& names,
                                          const std::string& at) {
    std::vector<Criterion> out;
    EntityId entity = names.entity();
    for (size_t i = 0; i < sources.size(); ++i) {
        const model::Criterion& source = sources[i];
        Criterion criterion;
        criterion.at = fmt::format("{}[{}]", at, i + 1);
        criterion.id = source.id.text;
        criterion.span = source.assert_.empty() ? source.span : source.assert_.span;
        if (!source.assert_.empty() && !source.required.empty()) {
            error("program.key", source.assert_.span, "a criterion has 'assert' or 'required', not both",
                  "write two criteria");
        }
        if (source.assert_.empty() && source.required.empty()) {
            error("program.key", source.span, "a criterion needs 'assert' or 'required'");
        }
        if (!source.assert_.empty()) {
            criterion.condition = condition(source.assert_, names);
            if (criterion.condition) criterion.fields = own_reads(*criterion.condition, entity);
        }
        for (const Text& name : source.required) {
            if (auto field = field_named(entity, name)) {
                criterion.required.push_back(*field);
                criterion.fields.push_back(*field);
            }
        }
        if (!source.if_.empty()) criterion.if_ = condition(source.if_, names);
        criterion.message = templates(source.message, names);
        out.push_back(std::move(criterion));
    }
    return out;
}

}  // namespace leat::program
