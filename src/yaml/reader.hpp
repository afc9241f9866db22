// Reader: the shapes that a value may have (a text, a FEEL expression, names, a text in languages …), each with its
// error.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/limits.hpp"
#include "model/model.hpp"
#include "yaml/node.hpp"
#include "yaml/yaml.hpp"

namespace leat::yaml {

class Reader {
 public:
    Reader(Sources& sources, const FileReader& files, const Limits& limits, Diagnostics& diagnostics)
        : sources_(sources), files_(files), limits_(limits), diagnostics_(diagnostics) {}

    // `key` is what the value belongs to, for messages. Each answers an empty part after reporting a wrong shape.
    Text text(const Node& node, std::string_view key);
    Text boolean(const Node& node, std::string_view key);
    Text integer(const Node& node, std::string_view key);
    Text word(const Node& node, std::string_view key, const std::vector<std::string>& words);
    Text feel(const Node& node, std::string_view key);  // a leading "=" is cut
    model::Operand operand(const Node& node, std::string_view key);
    model::Localized localized(const Node& node, std::string_view key);
    Text language(const Node& node);                                  // a code: "zh", "pt-BR"
    std::vector<Text> names(const Node& node, std::string_view key);  // one, or a list of them

    bool is_map(const Node& node, std::string_view key);
    bool is_list(const Node& node, std::string_view key);
    // Where a list is wanted, and one alone may stand for itself.
    static std::vector<const Node*> one_or_list(const Node& node);

    void wrong_shape(const Node& node, std::string_view key, std::string_view wanted, std::string hint = {});
    Diagnostic& error(std::string code, Span span, std::string message, std::string hint = {}) {
        return diagnostics_.error(std::move(code), span, std::move(message), std::move(hint));
    }
    // `name` is none of `known`: says so with the nearest, and with the ASCII sign where a full-width one stands.
    void unknown(const Text& name, std::string_view code, std::string_view what, const std::vector<std::string>& known);
    void not_built(Span span, std::string_view what);

    // The content of a file named in `from`, added to the sources; 0 after reporting that it is not there.
    uint32_t open_file(const Text& path);
    // `path` as it is named from the file `from`: "defs/app.yaml" and "holidays.csv" make "defs/holidays.csv".
    static std::string join_path(const std::string& from, const std::string& path);

    Sources& sources() { return sources_; }
    const FileReader& files() const { return files_; }
    const Limits& limits() const { return limits_; }
    Diagnostics& diagnostics() { return diagnostics_; }

 private:
    Sources& sources_;
    const FileReader& files_;
    const Limits& limits_;
    Diagnostics& diagnostics_;
};

// The part of `text` from byte `begin`, of `size` bytes, with its places.
Text cut(const Text& text, size_t begin, size_t size);

}  // namespace leat::yaml
