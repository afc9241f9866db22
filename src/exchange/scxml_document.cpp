#if LEAT_SCXML
#include "exchange/scxml_document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/utf8.hpp"

namespace leat::exchange {

std::string_view local(Xml node) {
    std::string_view name = node.name();
    size_t colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}
bool is_extra(Xml node) {
    return std::string_view(node.name()).rfind("leat:", 0) == 0;
}

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> out;
    std::string word;
    for (char c : text) {
        bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!blank) word += c;
        if (blank && !word.empty()) out.push_back(std::exchange(word, {}));
    }
    if (!word.empty()) out.push_back(word);
    return out;
}

bool ScxmlDocument::parse(const Limits& limits) {
    Span top{source_, {1, 1}, {1, 1}};
    if (text_.size() > limits.source_bytes_max || !base::valid_utf8(text_)) {
        diagnostics_.error("scxml.xml", top,
                           text_.size() > limits.source_bytes_max
                               ? fmt::format("the document has more than {} bytes", limits.source_bytes_max)
                               : "the document is not UTF-8");
        return false;
    }
    auto result = document_.load_buffer(text_.data(), text_.size(), pugi::parse_default, pugi::encoding_utf8);
    if (result) return true;
    auto place = place_of(static_cast<size_t>(std::max<ptrdiff_t>(result.offset, 0)));
    diagnostics_.error("scxml.xml", {source_, place, place},
                       fmt::format("this is not well-formed XML: {}", result.description()));
    return false;
}

base::Position ScxmlDocument::place_of(size_t offset) const {
    std::string_view before = text_.substr(0, std::min(offset, text_.size()));
    auto line = static_cast<uint32_t>(1 + std::count(before.begin(), before.end(), '\n'));
    size_t begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    auto column =
        static_cast<uint32_t>(1 + std::count_if(before.begin() + static_cast<ptrdiff_t>(begin), before.end(),
                                                [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
    return {line, column};
}

void ScxmlDocument::error(const char* code, Xml node, std::string message, std::string hint) {
    base::Position begin = place_of(static_cast<size_t>(std::max<ptrdiff_t>(node.offset_debug(), 0)));
    base::Position end = begin;
    end.column += static_cast<uint32_t>(std::string_view(node.name()).size());
    diagnostics_.error(code, {source_, begin, end}, std::move(message), std::move(hint));
}

bool ScxmlDocument::is_state(std::string_view name) {
    return name == "state" || name == "parallel" || name == "final" || name == "history";
}

std::string ScxmlDocument::identifier(std::string_view text) {
    std::string out;
    for (char c : text) {
        bool good =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80);
        out += good ? c : '_';
    }
    if (out.empty() || (out[0] >= '0' && out[0] <= '9')) out.insert(0, "s");
    return out;
}

std::string ScxmlDocument::unused(std::string name) {
    std::string tried = name;
    for (int i = 2; !taken_.insert(tried).second; ++i) tried = fmt::format("{}_{}", name, i);
    return tried;
}

void ScxmlDocument::name_states(Xml parent, uint32_t depth, uint32_t depth_max) {
    if (depth == 0) {
        std::string_view name = parent.attribute("name").value();
        flow_ = unused(identifier(name.empty() ? "machine" : name));
    }
    if (depth > depth_max) {
        error("scxml.element", parent, fmt::format("states are nested deeper than {}", depth_max));
        return;
    }
    for (Xml child : parent.children()) {
        if (!is_state(local(child)) || is_extra(child)) continue;
        std::string id = child.attribute("id").value();
        std::string name = unused(identifier(id.empty() ? "state" : id));
        state_of_node_[child.offset_debug()] = name;
        if (!id.empty() && !states_.emplace(id, name).second)
            error("scxml.target", child, fmt::format("there are two states called '{}'", id));
        name_states(child, depth + 1, depth_max);
    }
}

std::vector<std::string> ScxmlDocument::targets(Xml node, const char* attribute) {
    std::vector<std::string> out;
    for (const std::string& id : words(node.attribute(attribute).value())) {
        auto found = states_.find(id);
        if (found == states_.end())
            error("scxml.target", node, fmt::format("there is no state '{}'", id));
        else
            out.push_back(found->second);
    }
    return out;
}

std::string ScxmlDocument::delay(Xml node) {
    std::string text = node.attribute("delay").value();
    size_t end = text.find_first_not_of("0123456789.");
    std::string number = text.substr(0, end), unit = end == std::string::npos ? "" : text.substr(end);
    if (!number.empty() && number.front() == '.') number.insert(0, "0");
    bool good = !number.empty() && std::count(number.begin(), number.end(), '.') <= 1 && number.back() != '.';
    if (good && unit == "s") return "PT" + number + "S";
    if (good && unit == "m" && number.find('.') == std::string::npos) return "PT" + number + "M";
    if (good && unit == "h" && number.find('.') == std::string::npos) return "PT" + number + "H";
    if (good && unit == "ms" && number.find('.') == std::string::npos && number.size() < 16) {
        auto ms = std::stoull(number);
        return fmt::format("PT{}.{:03}S", ms / 1000, ms % 1000);
    }
    if (good && text == "0") return "PT0S";
    error("scxml.delay", node, fmt::format("'{}' is no delay such as 10s or 500ms", text));
    return "PT0S";
}

}  // namespace leat::exchange
#endif
