// Which entities there are, and which fields: declared ones, built-in ones, lines of lists, extensions.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;

namespace {

constexpr std::array<std::string_view, kFirstField> kBuiltInNames = {
    "id", "key", "version", "created_at", "created_by", "updated_at", "updated_by"};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return out;
}

Text word(std::string_view text) {
    Text out;
    out.text = text;
    return out;
}

model::Localized both(std::string_view english, std::string_view chinese) {
    model::Localized out;
    out.texts.emplace_back("en", word(english));
    out.texts.emplace_back("zh", word(chinese));
    return out;
}

model::Field built_in_field(std::string_view name, std::string_view type, model::Localized title,
                            std::string_view to = {}) {
    model::Field out;
    out.name = word(name);
    out.type = word(type);
    out.title = std::move(title);
    if (type == "list") {
        out.of = word("string");
    } else {
        out.to = word(to);
    }
    return out;
}

}  // namespace

// `user` and `department` are written down as sections, so that everything below treats them as any other.
void Compiler::built_in_sources() {
    model::Entity user, department;
    user.name = word("user");
    user.title = both("User", "用户");
    user.display = word("name");
    user.fields = {built_in_field("name", "string", both("Name", "姓名")),
                   built_in_field("email", "string", both("E-mail", "邮箱")),
                   built_in_field("phone", "string", both("Phone", "电话")),
                   built_in_field("department", "ref", both("Department", "部门"), "department"),
                   built_in_field("manager", "ref", both("Manager", "上级"), "user"),
                   built_in_field("active", "boolean", both("Active", "在职")),
                   built_in_field("roles", "list", both("Roles", "角色"))};
    user.fields[0].required = word("true");
    user.fields[5].default_value.text = word("true");
    department.name = word("department");
    department.title = both("Department", "部门");
    department.display = word("name");
    department.fields = {built_in_field("name", "string", both("Name", "名称")),
                         built_in_field("head", "ref", both("Head", "负责人"), "user"),
                         built_in_field("parent", "ref", both("Parent", "上级部门"), "department")};
    department.fields[0].required = word("true");
    built_in_.entities.push_back(std::move(user));
    built_in_.entities.push_back(std::move(department));
}

void Compiler::declare_entities() {
    built_in_sources();
    for (const model::Entity& source : built_in_.entities) {
        EntityDraft draft;
        draft.section = &source;
        EntityId id = add_entity(source.name.text, std::move(draft));
        program_.entities[id].built_in = program_.entities[id].explicit_key = true;
        entity_names_.emplace(source.name.text, Span{});
    }
    program_.user = 0;
    std::vector<EntityId> order = {0, 1};
    for (const model::Entity& source : model_.entities) {
        if (source.is_extend) continue;
        if (source.name.text == "user" || source.name.text == "department") {
            error("program.entity.built_in", source.name.span, fmt::format("'{}' is built in", source.name.text),
                  fmt::format("write 'extend: {}' to add fields", source.name.text));
            continue;
        }
        if (!declare(entity_names_, source.name, "entity")) continue;
        if (!is_identifier(source.name.text) || is_root(source.name.text)) {
            error("program.name", source.name.span,
                  fmt::format("'{}' cannot be the name of an entity", source.name.text),
                  "a name is letters, digits and '_', and no word of FEEL");
        }
        if (!within(program_.entities.size(), kEntitiesMax, source.name.span, "entities")) break;
        EntityDraft draft;
        draft.section = &source;
        draft.span = source.span;
        order.push_back(add_entity(source.name.text, std::move(draft)));
    }
    // A flow about nothing has records of its own: they hold its state and nothing else.
    for (const model::Flow& source : model_.flows) {
        if (source.is_extend || source.pinned || !source.of.empty() || !is_identifier(source.name.text)) continue;
        if (!declare(entity_names_, source.name, "entity")) continue;
        model::Entity& made = made_entities_.emplace_back();
        made.name = source.name;
        made.title = source.title;
        made.span = source.span;
        EntityDraft draft;
        draft.section = &made;
        draft.span = source.span;
        order.push_back(add_entity(source.name.text, std::move(draft)));
    }
    for (const model::Entity& source : model_.entities) {
        if (!source.is_extend) continue;
        if (auto id = entity_named(source.name, "'extend'")) drafts_[*id].extensions.push_back(&source);
    }
    for (EntityId id : order) {
        EntityDraft& draft = drafts_[id];
        for (const model::Field& field : draft.section->fields) draft.fields.push_back(&field);
        use_mixins(draft, *draft.section);
        for (const model::Entity* extension : draft.extensions) {
            for (const model::Field& field : extension->fields) draft.fields.push_back(&field);
            use_mixins(draft, *extension);
        }
        add_lines(id);
    }
    std::map<std::string, std::string> tables;
    for (const Entity& entity : program_.entities) {
        for (const std::string& table : {lower(entity.table), lower(entity.table) + "_v"}) {
            auto [taken, made] = tables.emplace(table, entity.name);
            if (made && table.rfind("leat_", 0) != 0 && table.rfind("sqlite_", 0) != 0) continue;
            error("program.entity.table", entity.span,
                  made ? fmt::format("entity '{}' would be table '{}', a name that is reserved", entity.name, table)
                       : fmt::format("entities '{}' and '{}' would both be table '{}'", taken->second, entity.name,
                                     table),
                  "rename the entity");
        }
    }
    formulas_.resize(program_.entities.size());
    for (EntityId id = 0; id < program_.entities.size(); ++id) declare_fields(id);
}

// The fields of mixins follow the entity's own, its constraints likewise.
void Compiler::use_mixins(EntityDraft& draft, const model::Entity& section) {
    for (const Text& name : section.uses) {
        auto mixin = std::find_if(model_.mixins.begin(), model_.mixins.end(),
                                  [&](const model::Mixin& one) { return one.name.text == name.text; });
        if (mixin == model_.mixins.end()) {
            std::vector<std::string> known;
            for (const model::Mixin& one : model_.mixins) known.push_back(one.name.text);
            unknown("program.mixin.unknown", name, "mixin", known);
        } else if (std::find(draft.mixins.begin(), draft.mixins.end(), &*mixin) != draft.mixins.end()) {
            error("program.duplicate", name.span,
                  fmt::format("'{}' uses the mixin '{}' already", draft.section->name.text, name.text));
        } else {
            draft.mixins.push_back(&*mixin);
            for (const model::Field& field : mixin->fields) draft.fields.push_back(&field);
        }
    }
}

EntityId Compiler::add_entity(std::string name, EntityDraft draft) {
    Entity entity;
    entity.id = static_cast<EntityId>(program_.entities.size());
    entity.table = name;
    std::replace(entity.table.begin(), entity.table.end(), '.', '_');
    entity.name = std::move(name);
    entity.span = draft.section ? draft.section->name.span : draft.span;
    if (draft.section) {
        entity.title = titles(draft.section->title);
        entity.key_source = draft.section->key.text;
        entity.was = draft.section->was.text;
    }
    program_.entities.push_back(std::move(entity));
    drafts_.push_back(std::move(draft));
    return program_.entities.back().id;
}

// A line entity for each list that owns its lines.
void Compiler::add_lines(EntityId owner) {
    std::vector<const model::Field*> fields = drafts_[owner].fields;
    for (const model::Field* field : fields) {
        if (field->type.text != "list" || field->fields.empty()) continue;
        std::string name = program_.entities[owner].name + "." + field->name.text;
        if (program_.find_entity(name))
            continue;  // the second field of that name is reported where fields are declared
        EntityDraft draft;
        draft.span = field->name.span;
        for (const model::Field& inner : field->fields) draft.fields.push_back(&inner);
        EntityId lines = add_entity(std::move(name), std::move(draft));
        Entity& entity = program_.entities[lines];
        entity.title = titles(field->title);
        entity.owner = owner;
        entity.owner_field = kFirstField;
        if (!within(lines, 2 * kEntitiesMax, field->name.span, "lists with fields")) return;
        for (const model::Field& inner : field->fields) {
            if (!inner.fields.empty()) not_built(inner.name.span, "a list with fields inside a list");
        }
    }
}

Field& Compiler::append_field(EntityId id, std::string name, Origin origin) {
    Entity& entity = program_.entities[id];
    Field field;
    field.name = std::move(name);
    field.id = static_cast<FieldId>(entity.fields.size());
    field.origin = origin;
    field.span = entity.span;
    entity.field_by_name.emplace(field.name, field.id);
    entity.fields.push_back(std::move(field));
    formulas_[id].emplace_back();
    return entity.fields.back();
}

void Compiler::add_built_in_fields(Entity& entity) {
    for (FieldId id = 0; id < kFirstField; ++id) {
        Field& field = append_field(entity.id, std::string(kBuiltInNames[id]), Origin::built_in);
        switch (id) {
            case kId:
            case kVersion:
                field.kind = FieldKind::integer;
                field.type = types_.decimal(0, false);
                break;
            case kCreatedAt:
            case kUpdatedAt:
                field.kind = FieldKind::datetime;
                field.type = types_.basic(TypeKind::date_time, false);
                break;
            default:
                field.type = types_.basic(TypeKind::string, false);
        }
    }
}

void Compiler::declare_fields(EntityId id) {
    Entity& entity = program_.entities[id];
    add_built_in_fields(entity);
    if (entity.owner != kNone) {
        Field& owner = append_field(id, program_.entities[entity.owner].name, Origin::owner);
        owner.kind = FieldKind::ref;
        owner.to = entity.owner;
        owner.required = true;
        owner.title = program_.entities[entity.owner].title;
        owner.type = types_.record(entity.owner, false);
    }
    drafts_[id].first_field = static_cast<FieldId>(entity.fields.size());
    std::vector<const model::Field*> sources;
    sources.swap(drafts_[id].fields);
    drafts_[id].fields = sources;  // siblings, for currencies
    std::vector<const model::Field*> kept;
    for (const model::Field* source : sources) {
        size_t before = entity.fields.size();
        declare_field(id, *source);
        if (entity.fields.size() > before) kept.push_back(source);
    }
    drafts_[id].fields = std::move(kept);
}

void Compiler::declare_field(EntityId id, const model::Field& source) {
    Entity& entity = program_.entities[id];
    const std::string& name = source.name.text;
    if (!within(entity.fields.size(), kFieldsMax, source.name.span, "fields in one entity")) return;
    if (!source.allowed.empty())
        error("program.key", source.allowed.span, "'allowed' belongs to an input of a decision",
              "bound a field with minimum, maximum or a constraint");
    if (is_root(name) || std::find(kBuiltInNames.begin(), kBuiltInNames.end(), name) != kBuiltInNames.end()) {
        error("program.field.reserved", source.name.span, fmt::format("'{}' is reserved and cannot name a field", name),
              "choose another name");
        return;
    }
    if (!is_identifier(name)) {
        error("program.name", source.name.span, fmt::format("'{}' cannot be the name of a field", name),
              "a name is letters, digits and '_', and no word of FEEL");
    }
    for (const Field& other : entity.fields) {
        if (lower(other.name) != lower(name)) continue;
        Diagnostic& told = error("program.duplicate", source.name.span,
                                 fmt::format("{} has two fields called '{}'", entity.name, name));
        told.notes.push_back({other.span, other.origin == Origin::owner ? "a line refers to its owner by this name"
                                                                        : "first defined here"});
        return;
    }
    Field& field = append_field(id, name, Origin::declared);
    FieldId number = field.id;
    Field shaped;
    shape(source, entity.name + "." + name, &drafts_[id], shaped);
    shaped.id = number;
    shaped.required = boolean(source.required, "required").value_or(false);
    shaped.unique = boolean(source.unique, "unique").value_or(false);
    shaped.personal = boolean(source.personal, "personal").value_or(false);
    shaped.was = source.was.text;
    if (shaped.owned) program_.entities[shaped.to].owner_list = number;
    bool list = shaped.kind == FieldKind::list && !shaped.scalar_list;
    if (list && shaped.required) {
        error("program.key", source.required.span, fmt::format("the list '{}' is never null", name),
              "write 'minItems: 1'");
    }
    if (list && !source.formula.empty()) {
        error("program.key", source.formula.span,
              fmt::format("'{}' is a list of records and cannot have a formula", name));
    } else if (!source.formula.empty()) {
        formulas_[id][number].source = &source;
        shaped.formula_kind = FormulaKind::row;  // until the order of formulas is known
    }
    // A field with a default is never null for long: null gives the default again. Whether an expression can be null is
    // known once it is compiled.
    bool computed_default = source.default_value.is_expression;
    bool sure = shaped.required || (!source.default_value.empty() && !computed_default);
    if (!list && computed_default) formulas_[id][number].source = &source;
    if (!source.series.empty()) sure = false;  // it is drawn at the end of a command
    if (!list) shaped.type = types_.with_nullable(shaped.type, !sure);
    entity.fields[number] = std::move(shaped);
}

// Reverse lists and currency fields name fields of entities that are complete only now.
void Compiler::link_reverse_lists() {
    for (Entity& entity : program_.entities) {
        const EntityDraft& draft = drafts_[entity.id];
        for (size_t i = 0; i < draft.fields.size(); ++i) {
            const model::Field& source = *draft.fields[i];
            Field& field = entity.fields[draft.first_field + i];
            if (field.kind == FieldKind::money && field.currency == "*") {
                field.currency_field = entity.find(source.currency.text)->id;
                FieldKind kind = entity.fields[field.currency_field].kind;
                if (kind != FieldKind::string && kind != FieldKind::enumeration) {
                    error("program.currency", source.currency.span,
                          fmt::format("field '{}' holds no currency code", source.currency.text),
                          "it should be a string or an enum of codes");
                }
            }
            if (field.kind != FieldKind::list || field.owned || field.scalar_list || field.to == kNone) continue;
            auto by = field_named(field.to, source.by);
            if (!by) continue;
            const Field& back = program_.entities[field.to].fields[*by];
            if (back.kind != FieldKind::ref || back.to != entity.id) {
                error("program.field.by", source.by.span,
                      fmt::format("'{}' of {} does not refer to {}", back.name, program_.entities[field.to].name,
                                  entity.name));
                continue;
            }
            field.by = *by;
        }
    }
}

}  // namespace leat::program
