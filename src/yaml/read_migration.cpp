// migration, and what makes two versions of a flow the same.
#include "base/digest.hpp"
#include "yaml/sections.hpp"

namespace leat::yaml {

using namespace model;

namespace {

void read_renames(Reader& reader, const Node& node, Migration& migration) {
    if (!reader.is_map(node, "rename")) return;
    for (const auto& [old, now] : node.entries) {
        Text name = reader.text(now, old.text.text);
        if (!name.empty()) migration.rename.emplace_back(old.text, std::move(name));
    }
}

void read_maps(Reader& reader, const Node& node, Migration& migration) {
    if (!reader.is_map(node, "map")) return;
    for (const auto& [flow, value] : node.entries) {
        MigrationMap map;
        map.flow = flow.text;
        map.span = flow.span;
        // A bare `same`: every state goes to the one of its name.
        if (value.kind == Node::Kind::scalar) {
            if (reader.word(value, flow.text.text, {"same"}).empty()) continue;
        } else {
            if (!reader.is_map(value, flow.text.text)) continue;
            for (const auto& [old, now] : value.entries) {
                Text state = reader.text(now, old.text.text);
                if (!state.empty()) map.states.emplace_back(old.text, std::move(state));
            }
        }
        migration.map.push_back(std::move(map));
    }
}

void read_sets(Reader& reader, const Node& node, Migration& migration) {
    if (!reader.is_map(node, "set")) return;
    for (const auto& [entity, value] : node.entries) {
        if (!reader.is_map(value, entity.text.text)) continue;
        MigrationSet set;
        set.entity = entity.text;
        for (const auto& [field, formula] : value.entries)
            set.fields.emplace_back(field.text, reader.feel(formula, field.text.text));
        migration.set.push_back(std::move(set));
    }
}

// One text a meaning: each scalar with its length, so that none can pose as structure.
void append(std::string& out, const Node& node) {
    switch (node.kind) {
        case Node::Kind::empty:
            out += '-';
            return;
        case Node::Kind::scalar:
            out += std::to_string(node.text.text.size()) + ":" + node.text.text;
            return;
        case Node::Kind::list:
            out += '[';
            for (const Node& item : node.items) append(out, item);
            out += ']';
            return;
        case Node::Kind::map:
            break;
    }
    out += '{';
    for (const auto& [key, value] : node.entries) {
        append(out, key);
        append(out, value);
    }
    out += '}';
}

// A flow or a state: what people read of it does not count, nor what it was called; of a flow neither what it is
// called, and what its records are.
void append_part(std::string& out, const Node& part, bool flow) {
    if (part.kind != Node::Kind::map) return append(out, part);
    out += '{';
    for (const auto& [key, value] : part.entries) {
        const std::string& name = key.text.text;
        if (name == "title" || name == "description" || name == "was") continue;
        if (flow && (name == "flow" || name == "of")) continue;
        append(out, key);
        if (name != "states" || value.kind != Node::Kind::map) {
            append(out, value);
            continue;
        }
        out += '{';
        for (const auto& [state, content] : value.entries) {
            append(out, state);
            append_part(out, content, false);
        }
        out += '}';
    }
    out += '}';
}

}  // namespace

std::string flow_digest(const Node& document) {
    std::string text;
    append_part(text, document, true);
    return base::to_hex(base::sha256(text));
}

const Table<Migration>& migration_table() {
    using M = K<Migration>;
    static const Table<Migration> table(
        "a migration",
        section_keys<Migration>("migration", {M::required(M::names("from", &Migration::from)),
                                              M::custom("rename", schema::ref("text_map"), read_renames),
                                              M::custom("map", schema::map_of("state_map"), read_maps),
                                              M::custom("set", schema::map_of("feel_map"), read_sets),
                                              M::word("timers", &Migration::timers, {"keep", "restart", "rescale"})}));
    return table;
}

}  // namespace leat::yaml
