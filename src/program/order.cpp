// The order of formulas: which are stored, in which rank, what must be recomputed when something changes, and cycles.
#include <algorithm>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

namespace {

struct FormulaNode {
    EntityId entity = 0;
    FieldId field = 0;
    FormulaReads reads;
    std::vector<uint32_t> needs;  // other nodes
    uint8_t mark = 0;             // 0 untouched, 1 on the path, 2 done
};

std::string path_of(const Program& program, const FormulaNode& node) {
    return program.entities[node.entity].name + "." + program.entities[node.entity].fields[node.field].name;
}

void add_dependent(std::vector<Dependent>& list, const Dependent& added) {
    for (const Dependent& one : list) {
        if (one.path == added.path && one.entity == added.entity && one.field == added.field && one.by == added.by)
            return;
    }
    list.push_back(added);
}

}  // namespace

class FormulaOrder {
 public:
    FormulaOrder(Compiler& compiler, Program& program) : compiler_(compiler), program_(program) {}

    void run() {
        collect();
        connect();
        for (uint32_t i = 0; i < nodes_.size(); ++i) visit(i);
        for (uint32_t index : order_) classify(nodes_[index]);
        std::stable_sort(order_.begin(), order_.end(), [&](uint32_t a, uint32_t b) { return rank(a) < rank(b); });
        for (Entity& entity : program_.entities) entity.dependents.resize(entity.fields.size());
        for (uint32_t index : order_) place(nodes_[index]);
    }

 private:
    uint32_t rank(uint32_t index) const {
        return program_.entities[nodes_[index].entity].fields[nodes_[index].field].rank;
    }

    void collect() {
        AskFunction ask = [this](uint32_t function) { return compiler_.function_reads(function); };
        numbers_.resize(program_.entities.size());
        for (const Entity& entity : program_.entities) {
            numbers_[entity.id].assign(entity.fields.size(), kNone);
            for (const Field& field : entity.fields) {
                if (!field.formula) continue;
                numbers_[entity.id][field.id] = static_cast<uint32_t>(nodes_.size());
                FormulaNode node;
                node.entity = entity.id;
                node.field = field.id;
                node.reads = formula_reads(program_, entity.id, *field.formula, ask);
                nodes_.push_back(std::move(node));
            }
        }
    }

    void need(FormulaNode& node, EntityId entity, FieldId field) {
        uint32_t other = numbers_[entity][field];
        if (other != kNone && std::find(node.needs.begin(), node.needs.end(), other) == node.needs.end())
            node.needs.push_back(other);
    }

    void connect() {
        for (FormulaNode& node : nodes_) {
            const feel::Reads& reads = program_.entities[node.entity].fields[node.field].formula->reads();
            for (const FormulaRead& read : node.reads.reads) need(node, read.entity, read.field);
            for (const feel::Read& read : reads.fields) need(node, read.entity, read.field);
            std::vector<uint32_t> functions = reads.functions;
            for (size_t next = 0; next < functions.size(); ++next) {
                const feel::Reads* called = compiler_.reads_of_function(functions[next]);
                if (!called) continue;
                for (const feel::Read& read : called->fields) need(node, read.entity, read.field);
                for (uint32_t inner : called->functions) {
                    if (std::find(functions.begin(), functions.end(), inner) == functions.end())
                        functions.push_back(inner);
                }
            }
        }
    }

    // Depth first without recursion: definitions can make long chains.
    void visit(uint32_t start) {
        if (nodes_[start].mark == 2) return;
        std::vector<std::pair<uint32_t, size_t>> path = {{start, 0}};
        nodes_[start].mark = 1;
        while (!path.empty()) {
            auto& [index, next] = path.back();
            FormulaNode& node = nodes_[index];
            if (next == node.needs.size()) {
                node.mark = 2;
                order_.push_back(index);
                path.pop_back();
                continue;
            }
            uint32_t needed = node.needs[next++];
            if (nodes_[needed].mark == 1) {
                report_cycle(path, needed);
            } else if (nodes_[needed].mark == 0) {
                nodes_[needed].mark = 1;
                path.emplace_back(needed, 0);
            }
        }
    }

    void report_cycle(const std::vector<std::pair<uint32_t, size_t>>& path, uint32_t first) {
        std::string text;
        bool in_cycle = false;
        for (const auto& [index, next] : path) {
            in_cycle = in_cycle || index == first;
            if (in_cycle) text += path_of(program_, nodes_[index]) + " → ";
        }
        text += path_of(program_, nodes_[first]);
        const FormulaNode& node = nodes_[first];
        const Field& field = program_.entities[node.entity].fields[node.field];
        compiler_.error("program.formula.cycle", field.formula->source().span, "formulas need each other: " + text,
                        "one of them must be a plain field");
    }

    // Everything that it needs is classified already.
    void classify(FormulaNode& node) {
        Entity& entity = program_.entities[node.entity];
        Field& field = entity.fields[node.field];
        std::string why = node.reads.foreign;
        uint32_t level = 0;
        for (uint32_t needed : node.needs) {
            const Field& other = program_.entities[nodes_[needed].entity].fields[nodes_[needed].field];
            if (nodes_[needed].mark != 2) continue;
            if (other.formula_kind == FormulaKind::computed && why.empty())
                why = fmt::format("it reads '{}', which is computed on reading", other.name);
            level = std::max(level, other.rank + 1);
        }
        field.rank = level;
        field.computed_because = why;
        if (!why.empty()) {
            field.formula_kind = FormulaKind::computed;
            field.stored = false;
        } else {
            bool rolls = !node.reads.lists.empty();
            field.formula_kind = rolls ? FormulaKind::roll_up : FormulaKind::row;
        }
    }

    void place(const FormulaNode& node) {
        Entity& entity = program_.entities[node.entity];
        Field& field = entity.fields[node.field];
        if (field.formula_kind == FormulaKind::computed) {
            entity.computed.push_back(field.id);
            return;
        }
        entity.formulas.push_back(field.id);
        for (const FormulaRead& read : node.reads.reads) place_read(node, read);
        for (FieldId list : node.reads.lists) {
            const Field& source = entity.fields[list];
            if (source.to == kNone || source.by == kNone) continue;
            Dependent dependent{Dependent::Path::referenced, entity.id, field.id, source.by};
            add_dependent(program_.entities[source.to].row_dependents, dependent);
        }
    }

    void place_read(const FormulaNode& node, const FormulaRead& read) {
        const Entity& entity = program_.entities[node.entity];
        Dependent dependent{Dependent::Path::self, node.entity, node.field, kNone};
        if (read.path == FormulaRead::Path::owner) {
            dependent.path = Dependent::Path::lines;
            dependent.by = entity.owner_field;
        } else if (read.path == FormulaRead::Path::items) {
            dependent.path = Dependent::Path::referenced;
            dependent.by = entity.fields[read.list].by;
            if (dependent.by == kNone) return;  // its list is broken and reported
        }
        add_dependent(program_.entities[read.entity].dependents[read.field], dependent);
    }

    Compiler& compiler_;
    Program& program_;
    std::vector<FormulaNode> nodes_;
    std::vector<std::vector<uint32_t>> numbers_;  // by entity and field
    std::vector<uint32_t> order_;
};

void Compiler::order_formulas() {
    FormulaOrder(*this, program_).run();
}

// nullptr: a host's, or one that did not compile.
const feel::Reads* Compiler::reads_of_function(uint32_t number) {
    const Function& function = program_.functions[number];
    if (function.kind == Function::Kind::decision) return &program_.decisions[function.number].reads;
    if (function.kind == Function::Kind::table) return &program_.embedded_tables[function.number].table->reads();
    return function.formula ? &function.formula->reads() : nullptr;
}

FunctionReads Compiler::function_reads(uint32_t number) {
    FunctionReads out;
    const Function& function = program_.functions[number];
    const feel::Reads* reads = reads_of_function(number);
    if (function.kind == Function::Kind::host) out.foreign = "asks the host";
    if (function.kind == Function::Kind::under) out.foreign = "follows references from record to record";
    if (function.kind == Function::Kind::model) out.foreign = "asks a DMN model, which may read the clock";
    if (function.kind == Function::Kind::decision) {
        const Decision& decision = program_.decisions[function.number];
        out.entity = decision.entity;
        if (decision.dated) out.foreign = "depends on the date";
    }
    if (!reads) return out;
    for (const feel::Read& read : reads->fields) {
        if (read.through_reference || read.entity != out.entity) {
            if (out.foreign.empty()) out.foreign = "reads other records";
        } else if (std::find(out.fields.begin(), out.fields.end(), read.field) == out.fields.end()) {
            out.fields.push_back(read.field);
        }
    }
    if (!reads->objects.empty() && out.foreign.empty()) out.foreign = "reads settings";
    if (!reads->collections.empty() && out.foreign.empty()) out.foreign = "reads other records";
    if (reads->clock && out.foreign.empty()) out.foreign = "reads the clock";
    if (!reads->functions.empty() && out.foreign.empty()) out.foreign = "calls another function";
    return out;
}

// Fields of the record itself that an expression reads, those of decisions it calls included.
std::vector<FieldId> Compiler::own_reads(const feel::Expression& expression, EntityId entity) {
    std::vector<FieldId> out;
    auto add = [&](FieldId field) {
        if (std::find(out.begin(), out.end(), field) == out.end()) out.push_back(field);
    };
    for (const feel::Read& read : expression.reads().fields) {
        if (read.entity == entity && !read.through_reference) add(read.field);
    }
    for (uint32_t function : expression.reads().functions) {
        FunctionReads reads = function_reads(function);
        if (reads.entity != entity) continue;
        for (FieldId field : reads.fields) add(field);
    }
    std::sort(out.begin(), out.end());
    return out;
}

void Compiler::forbid_computed(EntityId entity, FieldId id, const Span& span, std::string_view place) {
    const Field& field = program_.entities[entity].fields[id];
    if (field.formula_kind != FormulaKind::computed) return;
    error("program.formula.computed", span,
          fmt::format("'{}' is computed on reading and cannot stand in {}: {}", field.name, place,
                      field.computed_because),
          "only formulas over the record, its owner and its lists are stored");
}

void Compiler::forbid_computed(const feel::Expression& expression, EntityId entity, const Span& span,
                               std::string_view place) {
    for (FieldId field : own_reads(expression, entity)) forbid_computed(entity, field, span, place);
}

}  // namespace leat::program
