// Tables of keys: what a section or a part of one may say. One table gives the reader, the errors for unknown keys and
// the JSON Schema, so that the three cannot differ.
#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "yaml/reader.hpp"

namespace leat::yaml {

struct KeyInfo {
    std::string name;
    std::string schema;  // JSON Schema of the value
    bool required = false;
    bool built = true;
};

// Fragments of JSON Schema.
namespace schema {
std::string ref(std::string_view definition);
std::string map_of(std::string_view definition);
std::string list_of(std::string_view definition);
std::string one_or_list_of(std::string_view definition);
std::string any_of(const std::vector<std::string>& schemas);
std::string words(const std::vector<std::string>& words);
}  // namespace schema

// Reports the keys of `node` that `keys` lacks or that are not built, and the required ones that are missing. Answers,
// for each entry, its index in `keys`, or -1. `what` names the part in messages ("a field").
std::vector<int> match_keys(Reader& reader, const Node& node, std::string_view what,
                            const std::vector<const KeyInfo*>& keys);

void not_a_map(Reader& reader, const Node& node, std::string_view what);

template <class T>
struct Key : KeyInfo {
    std::function<void(Reader&, const Node&, T&)> read;
};

template <class T>
class Table {
 public:
    Table(std::string what, std::vector<Key<T>> keys) : what_(std::move(what)), keys_(std::move(keys)) {
        for (const Key<T>& key : keys_) infos_.push_back(&key);
    }
    Table(const Table&) = delete;
    // Reads a mapping into `out`; reports anything else.
    void read(Reader& reader, const Node& node, T& out) const {
        if (node.kind != Node::Kind::map) {
            not_a_map(reader, node, what_);
            return;
        }
        std::vector<int> matches = match_keys(reader, node, what_, infos_);
        for (size_t i = 0; i < matches.size(); ++i) {
            if (matches[i] >= 0) keys_[static_cast<size_t>(matches[i])].read(reader, node.entries[i].value, out);
        }
    }
    const std::string& what() const { return what_; }
    const std::vector<const KeyInfo*>& keys() const { return infos_; }

 private:
    std::string what_;
    std::vector<Key<T>> keys_;
    std::vector<const KeyInfo*> infos_;
};

// The rows of a table: K<Flow>::text("of", &Flow::of).
template <class T>
struct K {
    using Read = std::function<void(Reader&, const Node&, T&)>;
    static Key<T> custom(std::string name, std::string schema, Read read) {
        return {{std::move(name), std::move(schema), false, true}, std::move(read)};
    }
    static Key<T> text(const std::string& name, Text T::*member) {
        return custom(name, schema::ref("text"), [=](Reader& r, const Node& n, T& t) { t.*member = r.text(n, name); });
    }
    static Key<T> boolean(const std::string& name, Text T::*member) {
        return custom(name, schema::ref("boolean"),
                      [=](Reader& r, const Node& n, T& t) { t.*member = r.boolean(n, name); });
    }
    static Key<T> integer(const std::string& name, Text T::*member) {
        return custom(name, schema::ref("integer"),
                      [=](Reader& r, const Node& n, T& t) { t.*member = r.integer(n, name); });
    }
    static Key<T> word(const std::string& name, Text T::*member, const std::vector<std::string>& words) {
        return custom(name, schema::words(words),
                      [=](Reader& r, const Node& n, T& t) { t.*member = r.word(n, name, words); });
    }
    static Key<T> feel(const std::string& name, Text T::*member) {
        return custom(name, schema::ref("feel"), [=](Reader& r, const Node& n, T& t) { t.*member = r.feel(n, name); });
    }
    static Key<T> operand(const std::string& name, model::Operand T::*member) {
        return custom(name, schema::ref("value"),
                      [=](Reader& r, const Node& n, T& t) { t.*member = r.operand(n, name); });
    }
    static Key<T> localized(const std::string& name, model::Localized T::*member) {
        return custom(name, schema::ref("localized"),
                      [=](Reader& r, const Node& n, T& t) { t.*member = r.localized(n, name); });
    }
    static Key<T> names(const std::string& name, std::vector<Text> T::*member) {
        return custom(name, schema::ref("names"),
                      [=](Reader& r, const Node& n, T& t) { t.*member = r.names(n, name); });
    }
    static Key<T> not_built(std::string name) {
        Key<T> key = custom(std::move(name), "true", nullptr);
        key.built = false;
        return key;
    }
    static Key<T> required(Key<T> key) {
        key.required = true;
        return key;
    }
};

}  // namespace leat::yaml
