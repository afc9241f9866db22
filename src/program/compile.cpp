// The order of compilation, and what every part of it uses: reporting, texts, expressions.
#include <algorithm>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

Compiler::Compiler(const model::Model& model, Program& program, const LoadOptions& options, Diagnostics& diagnostics)
    : model_(model), program_(program), types_(program.types), options_(options), diagnostics_(&diagnostics) {}

void Compiler::run() {
    application();
    roles();
    calendars();
    declare_entities();
    settings();
    declare_flows();
    link_reverse_lists();
    declare_functions();
    compile_formulas();
    compile_decisions();
    for (uint32_t i = 0; i < program_.functions.size(); ++i) compile_function(i);
    order_formulas();
    for (const Entity& entity : program_.entities) compile_field_parts(entity.id);
    entity_parts();
    check_retentions();
    declare_assignments();
    declare_connectors();
    declare_notices();
    compile_flows();
    compile_assignments();
    compile_notices();
    compile_messages();
    compile_rules();
    compile_slas();
    compile_reports();
    migrations();
    finish();
}

Diagnostic& Compiler::error(std::string code, const Span& span, std::string message, std::string hint) {
    return diagnostics_->error(std::move(code), span, std::move(message), std::move(hint));
}

Diagnostic& Compiler::warning(std::string code, const Span& span, std::string message, std::string hint) {
    return diagnostics_->warning(std::move(code), span, std::move(message), std::move(hint));
}

void Compiler::not_built(const Span& span, std::string_view what) {
    error("program.not_built", span, fmt::format("'{}' is not built yet in this version", what));
}

void Compiler::unknown(std::string code, const Text& name, std::string_view what,
                       const std::vector<std::string>& candidates) {
    error(std::move(code), name.span, fmt::format("there is no {} '{}'", what, name.text),
          gave_up() ? "" : did_you_mean(name.text, candidates));
}

bool Compiler::declare(std::map<std::string, Span, std::less<>>& names, const Text& name, std::string_view what) {
    auto [entry, made] = names.try_emplace(name.text, name.span);
    if (made) return true;
    Diagnostic& diagnostic = error("program.duplicate", name.span,
                                   fmt::format("there are two {}s called '{}'", what, name.text), "rename one of them");
    diagnostic.notes.push_back({entry->second, "first defined here"});
    return false;
}

Names Compiler::names_of(EntityId entity) const {
    Names out = names();
    out.of(entity);
    return out;
}

Names Compiler::names_with_actor(EntityId entity) const {
    Names out = names_of(entity);
    out.add("actor", kActor, types_.record(program_.user));
    return out;
}

// Beyond as many mistakes as are told, more of them only cost time.
bool Compiler::gave_up() const {
    return diagnostics_->error_count() >= Diagnostics::kMax;
}

bool Compiler::within(size_t count, size_t most, const Span& span, std::string_view what) {
    if (count < most) return true;
    if (count == most)
        error("program.limit", span, fmt::format("there are more than {} {}", most, what), "split the application");
    return false;
}

ExpressionPtr Compiler::expression(const Text& text, const Names& names, feel::TypeRef expected) {
    if (gave_up()) return nullptr;
    feel::CompileOptions options;
    options.expected = expected;
    options.self = names.self();
    options.limits = options_.limits;
    reserve_locals(names.next_local());
    return noted(feel::compile(text, names, options, *diagnostics_));
}

// Expressions that ask for collections are known by their places, so that load can say which run in the engine.
ExpressionPtr Compiler::noted(ExpressionPtr compiled) {
    if (compiled && !compiled->queries().empty())
        program_.collections.push_back({compiled.get(), compiled->source().span});
    if (compiled && compiled->tree() && compiled->source().text.find("under") != std::string::npos)
        check_trees(compiled->tree(), compiled->source());
    return compiled;
}

// The arguments of under() are records of one entity whose records make a tree.
void Compiler::check_trees(const feel::ast::Node* node, const Text& source) {
    using feel::ast::NodeKind;
    for (const feel::ast::Node* child : node->children) check_trees(child, source);
    if (node->kind != NodeKind::call || !node->text.empty() || node->children.size() != 3) return;
    const feel::ast::Node* callee = node->children[0];
    if (callee->kind != NodeKind::name || callee->binding.kind != feel::Binding::Kind::function ||
        program_.functions[callee->binding.index].kind != Function::Kind::under)
        return;
    const Text place = slice(source, callee->begin, callee->end);
    feel::TypeRef of = nullptr;
    for (size_t i = 1; i < 3; ++i) {
        feel::TypeRef type = node->children[i]->type;
        if (!type || type->kind == feel::TypeKind::any || type->kind == feel::TypeKind::null) continue;
        if (type->kind != feel::TypeKind::record) {
            error("program.type", place.span, fmt::format("under() asks for records, not {}", feel::describe(type)),
                  "write under(owner.department, actor.department)");
            return;
        }
        if (of && of->class_id != type->class_id) {
            error("program.type", place.span,
                  fmt::format("under() asks for two records of one entity, not {} and {}", feel::describe(of),
                              feel::describe(type)));
            return;
        }
        of = type;
        if (tree_field(program_.entities[type->class_id]) != kNone) continue;
        error("program.type", place.span,
              fmt::format("'{}' has no single reference to itself: its records make no tree",
                          program_.entities[type->class_id].name));
        return;
    }
}

ExpressionPtr Compiler::condition(const Text& text, const Names& names) {
    if (gave_up()) return nullptr;
    feel::CompileOptions options;
    options.expected = types_.basic(feel::TypeKind::boolean);
    options.self = names.self();
    options.warn_nullable_condition = true;
    options.limits = options_.limits;
    reserve_locals(names.next_local());
    return noted(feel::compile(text, names, options, *diagnostics_));
}

ExpressionPtr Compiler::filter(const Text& text, const Names& names) {
    return expression(text, names, types_.basic(feel::TypeKind::boolean));
}

std::unique_ptr<feel::Template> Compiler::text_template(const Text& text, const Names& names) {
    if (gave_up()) return nullptr;
    feel::CompileOptions options;
    options.self = names.self();
    options.limits = options_.limits;
    reserve_locals(names.next_local());
    return feel::compile_template(text, names, options, *diagnostics_);
}

LocalizedTemplate Compiler::templates(const model::Localized& texts, const Names& names) {
    LocalizedTemplate out;
    for (const auto& [language, text] : texts.texts) {
        if (auto compiled = text_template(text, names)) {
            out.texts.emplace_back(language.empty() ? program_.language : language, std::move(compiled));
        }
    }
    std::stable_partition(out.texts.begin(), out.texts.end(),
                          [&](const auto& entry) { return entry.first == program_.language; });
    return out;
}

Titles Compiler::titles(const model::Localized& texts) const {
    Titles out;
    for (const auto& [language, text] : texts.texts) {
        out.texts.emplace_back(language.empty() ? program_.language : language, text.text);
    }
    std::stable_partition(out.texts.begin(), out.texts.end(),
                          [&](const auto& entry) { return entry.first == program_.language; });
    return out;
}

std::optional<bool> Compiler::boolean(const Text& text, std::string_view what) {
    if (text.text == "true") return true;
    if (text.text == "false") return false;
    if (!text.empty())
        error("program.literal", text.span, fmt::format("'{}' is true or false, not '{}'", what, text.text));
    return std::nullopt;
}

std::optional<int64_t> Compiler::integer(const Text& text, std::string_view what, int64_t low, int64_t high) {
    auto number = Decimal::parse(text.text);
    auto whole = number ? number->to_int64() : std::nullopt;
    if (whole && *whole >= low && *whole <= high) return whole;
    error("program.literal", text.span,
          fmt::format("'{}' wants a whole number from {} to {}, not '{}'", what, low, high, text.text));
    return std::nullopt;
}

std::optional<EntityId> Compiler::entity_named(const Text& name, std::string_view what) {
    if (const Entity* entity = program_.find_entity(name.text)) return entity->id;
    std::vector<std::string> known;
    for (const Entity& entity : program_.entities) known.push_back(entity.name);
    if (name.empty()) {
        error("program.entity.unknown", name.span, fmt::format("{} must name an entity", what));
    } else {
        unknown("program.entity.unknown", name, "entity", known);
    }
    return std::nullopt;
}

std::optional<RoleId> Compiler::role_named(const Text& name) {
    RoleId id = 0;
    if (program_.find_role(name.text, &id)) return id;
    if (name.text == "guest") {
        not_built(name.span, "guest");
        return std::nullopt;
    }
    std::vector<std::string> known;
    for (const Role& role : program_.roles) known.push_back(role.name);
    std::string hint = did_you_mean(name.text, known);
    for (const Role& role : program_.roles) {
        for (const auto& [language, title] : role.title.texts) {
            if (title == name.text) hint = fmt::format("'{}' is the title of '{}'", title, role.name);
        }
    }
    error("program.role.unknown", name.span, fmt::format("there is no role '{}'", name.text), std::move(hint));
    return std::nullopt;
}

std::optional<FieldId> Compiler::field_named(EntityId entity, const Text& name) {
    const Entity& owner = program_.entities[entity];
    if (const Field* field = owner.find(name.text)) return field->id;
    std::vector<std::string> known;
    for (const Field& field : owner.fields) known.push_back(field.name);
    error("program.field.unknown", name.span, fmt::format("{} has no field '{}'", owner.name, name.text),
          did_you_mean(name.text, known));
    return std::nullopt;
}

void Compiler::reserve_locals(uint32_t count) {
    program_.locals_max = std::max(program_.locals_max, count);
}

namespace {

void fill_empty_reasons(Arena& arena, std::vector<Field>& fields) {
    for (Field& field : fields) {
        field.empty.code = "empty";
        field.empty.name = arena.copy(field.name);
        field.empty.text = arena.copy(fmt::format("field '{}' is empty", field.name));
    }
}

}  // namespace

// Rows and payloads point at their fields' reasons, so this comes when no vector of fields moves any more.
void Compiler::finish() {
    for (Entity& entity : program_.entities) fill_empty_reasons(program_.arena, entity.fields);
    for (Flow& flow : program_.flows) {
        for (Event& event : flow.events) fill_empty_reasons(program_.arena, event.payload);
    }
    for (Message& message : program_.messages) fill_empty_reasons(program_.arena, message.payload);
    for (Report& report : program_.reports) fill_empty_reasons(program_.arena, report.params);
    for (Notice& notice : program_.notices) fill_empty_reasons(program_.arena, notice.params);
    for (Operation& operation : program_.operations) fill_empty_reasons(program_.arena, operation.input);
    for (Decision& decision : program_.decisions) fill_empty_reasons(program_.arena, decision.inputs);
}

Text slice(const Text& text, size_t begin, size_t end) {
    Text out;
    out.text = text.text.substr(begin, end - begin);
    out.span = text.at(begin, end);
    out.quoted = text.quoted;
    for (uint32_t escape : text.escapes) {
        if (escape >= begin && escape < end) out.escapes.push_back(escape - static_cast<uint32_t>(begin));
    }
    if (text.line_starts.empty()) return out;
    out.line_starts.push_back(out.span.begin);
    for (size_t i = begin; i < end; ++i) {
        if (text.text[i] == '\n') out.line_starts.push_back(text.at(i + 1, i + 1).begin);
    }
    return out;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
    std::string found = base::nearest(name, candidates);
    return found.empty() ? std::string() : fmt::format("did you mean '{}'?", found);
}

namespace {

// Warnings of one compilation; under `strict` those of conditions that may be null become errors.
void report(Diagnostics& found, bool strict, Program& program, Diagnostics& out) {
    for (Diagnostic& diagnostic : found.take()) {
        bool is_error = diagnostic.severity == Severity::error || strict;
        Diagnostic& told = is_error
                               ? out.error(diagnostic.code, diagnostic.span, diagnostic.message, diagnostic.hint)
                               : out.warning(diagnostic.code, diagnostic.span, diagnostic.message, diagnostic.hint);
        told.notes = diagnostic.notes;
        // What a former version of a flow was warned of, it was when it was new.
        bool former = program.sources.name(diagnostic.span.source).starts_with(kFormerSource);
        if (!is_error && !former) program.warnings.push_back(std::move(diagnostic));
    }
}

}  // namespace

std::unique_ptr<Program> compile(const model::Model& model, base::Sources sources, const LoadOptions& options,
                                 Diagnostics& diagnostics, std::unique_ptr<decision::Graph> models) {
    auto program = std::make_unique<Program>();
    program->sources = std::move(sources);
    program->models = std::move(models);
    Diagnostics found;
    Compiler(model, *program, options, found).run();
    bool failed = found.has_errors() || (options.strict && !found.all().empty());
    report(found, options.strict, *program, diagnostics);
    return failed ? nullptr : std::move(program);
}

}  // namespace leat::program
