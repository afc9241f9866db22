#include "yaml/parse.hpp"

#include <sstream>
#include <stdexcept>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/utf8.hpp"
#include "yaml/places.hpp"
#include "yaml/syntax.hpp"
#include "yaml/tidy.hpp"

namespace leat::yaml {

namespace {

constexpr uint32_t kDepthMax = 400;  // yaml-cpp itself gives up ("bad file") at 500

struct TooDeep {
    size_t offset;
};
struct TooMany {
    size_t offset;
};

// Builds a tree from yaml-cpp's events. The event interface, because YAML::Node forgets anchors, aliases and the places
// of keys, and because depth can be stopped on the way down.
class Builder : public YAML::EventHandler {
 public:
    Builder(const Places& places, size_t base, size_t end, const Limits& limits, Diagnostics& diagnostics)
        : places_(places),
          base_(base),
          end_(end),
          depth_max_(std::min(limits.depth_max, kDepthMax)),
          values_max_(limits.list_items_max),
          diagnostics_(diagnostics) {}

    void OnDocumentStart(const YAML::Mark& mark) override { document_ = offset_of(mark); }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        size_t offset = offset_of(mark);
        check_anchor(offset, anchor);
        Node node;
        locate_nothing(node, offset);
        // yaml-cpp takes the plain words null and ~ for nothing; here every scalar is text until its key's type reads
        // it.
        for (std::string_view word : {"null", "Null", "NULL", "~"}) {
            if (places_.text().substr(offset, word.size()) != word) continue;
            size_t after = places_.text().find_first_not_of(' ', offset + word.size());
            char next = after == std::string_view::npos ? '\n' : places_.text()[after];
            if (next == ':' && !at_key()) continue;
            node.kind = Node::Kind::scalar;
            node.text.text = word;
            node.begin = offset;
            node.end = places_.locate(node, offset, true);
        }
        add(std::move(node));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        size_t offset = offset_of(mark);
        report_alias(places_, offset, diagnostics_);
        Node node;
        node.reported = true;
        node.span = places_.span(offset, offset + 1);
        node.end = std::min(places_.text().find_first_of(" ,]}\n", offset), places_.text().size());
        add(std::move(node));
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        size_t offset = offset_of(mark);
        check_anchor(offset, anchor);
        check_tag(offset, tag);
        while (offset < places_.text().size() && (places_.text()[offset] == '&' || places_.text()[offset] == '!')) {
            offset = places_.text().find_first_of(" \n", offset);
            offset = std::min(places_.text().find_first_not_of(" \n", offset), places_.text().size());
        }
        bool plain = offset < places_.text().size() &&
                     std::string_view("\"'|>").find(places_.text()[offset]) == std::string_view::npos;
        Node node;
        node.kind = Node::Kind::scalar;
        node.text.text = value;
        node.begin = offset;
        node.end = places_.locate(node, offset, plain);
        if (plain) warn_cut_comment(node.end);
        if (!plain && (node.damaged || node.end > end_)) {  // yaml-cpp 0.7 takes the rest of the document for the text
            report_open_quote(places_, offset, diagnostics_);
            node.damaged = true;
            broken_ = true;
        }
        add(std::move(node));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override {
        open(mark, tag, anchor, style, Node::Kind::list);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override {
        open(mark, tag, anchor, style, Node::Kind::map);
    }
    void OnMapEnd() override { close(); }

    bool readable() const { return has_root_ && !broken_ && root_.kind != Node::Kind::empty; }
    size_t document() const { return document_; }  // where the last one began
    bool broken() const { return broken_; }
    Node& root() { return root_; }

 private:
    struct Open {
        Node node;
        Node key;
        bool has_key = false;
    };
    size_t offset_of(const YAML::Mark& mark) const { return base_ + static_cast<size_t>(mark.pos); }
    bool at_key() const {
        return !stack_.empty() && stack_.back().node.kind == Node::Kind::map && !stack_.back().has_key;
    }

    void check_anchor(size_t offset, YAML::anchor_t anchor) {
        if (anchor == 0) return;
        report_anchor(places_, offset, diagnostics_);
    }
    void check_tag(size_t offset, const std::string& tag) {
        if (tag.empty() || tag == "?" || tag == "!") return;
        diagnostics_.error("yaml.tag", places_.span(offset, offset + 1), "YAML tags are not part of the language",
                           "remove the '!…'; every scalar is text until its key's type reads it");
    }
    void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value style,
              Node::Kind kind) {
        size_t offset = offset_of(mark);
        if (stack_.size() >= depth_max_) throw TooDeep{offset};
        check_anchor(offset, anchor);
        check_tag(offset, tag);
        Open opened;
        opened.node.kind = kind;
        opened.node.flow = style == YAML::EmitterStyle::Flow;
        opened.node.span = places_.span(offset, offset + 1);
        opened.node.begin = offset;
        opened.node.end = offset + 1;
        stack_.push_back(std::move(opened));
    }
    void close() {
        Node node = std::move(stack_.back().node);
        stack_.pop_back();
        const Node* last = nullptr;
        if (!node.items.empty()) last = &node.items.back();
        if (!node.entries.empty()) last = &node.entries.back().value;
        if (last != nullptr) {
            node.span.end = last->span.end;
            node.end = last->end;
        }
        if (node.flow) {
            node.end = std::min(places_.text().find(node.kind == Node::Kind::map ? '}' : ']', node.end),
                                places_.text().size() - 1) +
                       1;
            node.span.end = places_.at(node.end);
        }
        add(std::move(node));
    }
    // yaml-cpp places nothing at what comes next; an author looks at the key, the dash or the comma.
    void locate_nothing(Node& node, size_t offset) {
        std::string_view text = places_.text();
        node.begin = node.end = std::min(offset, text.size());
        if (!stack_.empty() && stack_.back().has_key) {
            node.end = stack_.back().key.end;
            size_t next = text.find_first_not_of(' ', node.end);
            node.colon = next != std::string_view::npos && text[next] == ':';
            if (node.colon) node.end = next + 1;
            node.span = places_.span(node.end, node.end);
            return;
        }
        size_t mark = node.end == 0 ? 0 : text.find_last_of("-,[", node.end - 1);
        node.span = mark == std::string_view::npos ? places_.span(node.end, node.end) : places_.span(mark, mark + 1);
    }
    void add(Node node) {
        if (++values_ > values_max_) throw TooMany{node.begin};
        if (stack_.empty()) {
            root_ = std::move(node);
            has_root_ = true;
            return;
        }
        Open& top = stack_.back();
        if (top.node.kind == Node::Kind::list) {
            top.node.items.push_back(std::move(node));
        } else if (!top.has_key) {
            top.key = std::move(node);
            top.has_key = true;
        } else {
            top.node.entries.push_back({std::move(top.key), std::move(node)});
            top.key = Node{};
            top.has_key = false;
        }
    }
    // "title: Item #3" is the text "Item" and a comment; the author rarely means that.
    void warn_cut_comment(size_t end) {
        std::string_view rest = places_.text().substr(end, places_.line_end(end) - end);
        size_t hash = rest.find_first_not_of(' ');
        if (hash == 0 || hash == std::string_view::npos || rest[hash] != '#' || hash + 1 >= rest.size()) return;
        if (rest[hash + 1] == ' ' || rest[hash + 1] == '#') return;
        diagnostics_.warning("yaml.comment_cut", places_.span(end + hash, end + rest.size()),
                             "' #' begins a comment: the text ends before it", "quote the text if '#' belongs to it");
    }

    const Places& places_;
    size_t base_;
    size_t end_;  // of the document
    uint32_t depth_max_;
    size_t values_max_;
    size_t values_ = 0;
    Diagnostics& diagnostics_;
    std::vector<Open> stack_;
    Node root_;
    size_t document_ = 0;
    bool has_root_ = false;
    bool broken_ = false;  // what follows the fault was read as something else
};

// Documents begin at "---" in the first column, which no scalar may contain; each is parsed alone, so that one syntax
// error does not hide what is wrong in the next.
std::vector<std::pair<size_t, size_t>> split_documents(std::string_view text) {
    std::vector<std::pair<size_t, size_t>> parts;
    size_t begin = 0;
    for (size_t line = 0; line < text.size();) {
        size_t end = text.find('\n', line);
        end = end == std::string_view::npos ? text.size() : end + 1;
        bool marker = text.substr(line, 3) == "---" &&
                      (line + 3 >= text.size() || text.find_first_of(" \t\n", line + 3) == line + 3);
        bool ends = text.substr(line, 3) == "..." &&
                    (line + 3 >= text.size() || text.find_first_of(" \t\n", line + 3) == line + 3);
        if (marker && line > begin) {
            parts.emplace_back(begin, line);
            begin = line;
        }
        line = end;
        if (ends) {
            parts.emplace_back(begin, line);
            begin = line;
        }
    }
    parts.emplace_back(begin, text.size());
    return parts;
}

// The first byte that no text of definitions may contain, or npos: what is not UTF-8, and control characters.
size_t find_foreign_byte(std::string_view text) {
    for (size_t i = 0; i < text.size();) {
        auto byte = static_cast<unsigned char>(text[i]);
        if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f) return i;
        size_t next = i;
        if (base::next_code_point(text, next) == 0xFFFD && next == i + 1) return i;
        i = next;
    }
    return std::string_view::npos;
}

}  // namespace

std::string normalize(std::string_view text) {
    if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
    std::string out;
    out.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
        out += text[i];
    }
    return out;
}

std::vector<Node> parse(const Sources& sources, uint32_t source, const Limits& limits, Diagnostics& diagnostics) {
    std::vector<Node> documents;
    // Sources keeps its texts in place only until the next one is added; nothing is added while we parse.
    Places places(source, sources.text(source));
    std::string_view text = places.text();
    if (text.size() > limits.source_bytes_max) {
        diagnostics.error(
            "limit.size", {source, {}, {}},
            fmt::format("the file has {} bytes; a definition file may have {}", text.size(), limits.source_bytes_max),
            "split it and name the parts under 'include'");
        return documents;
    }
    if (size_t bad = find_foreign_byte(text); bad != std::string_view::npos) {
        diagnostics.error("yaml.encoding", places.span(bad, bad + 1),
                          fmt::format("byte 0x{:02x} is not text: definitions are UTF-8 without control characters",
                                      static_cast<unsigned char>(text[bad])),
                          "save the file as UTF-8");
        return documents;
    }
    std::vector<std::pair<size_t, size_t>> parts = split_documents(text);
    // Elsewhere the names of a document that cannot be read look unknown.
    auto lost = [&](Diagnostic& diagnostic, size_t begin) {
        size_t first = text.substr(begin, 3) == "---" ? places.line_end(begin) + 1 : begin;
        if (parts.size() > 1)
            diagnostic.notes.push_back({places.span(first, places.line_end(first)),
                                        "nothing of this document is known elsewhere until it can be read"});
    };
    for (auto [begin, end] : parts) {
        if (begin < text.size() && text[begin] == '%') {
            diagnostics.error("yaml.directive", places.span(begin, places.line_end(begin)),
                              "YAML directives are not part of the language", "remove the line");
            continue;
        }
        Builder builder(places, begin, end, limits, diagnostics);
        try {
            std::istringstream stream{std::string(text.substr(begin, end - begin))};
            YAML::Parser parser(stream);
            if (!parser.HandleNextDocument(builder) || !builder.readable()) continue;
            Node document = std::move(builder.root());
            // What is left over would be one more document to yaml-cpp, or for ever the same one.
            if (parser.HandleNextDocument(builder)) {
                lost(report_syntax(places, begin, end, builder.document(), "end of map not found", diagnostics), begin);
                continue;
            }
            clean(document, diagnostics);
            documents.push_back(std::move(document));
        } catch (const TooDeep& deep) {
            lost(diagnostics.error(
                     "yaml.depth", places.span(deep.offset, deep.offset + 1),
                     fmt::format("this is nested more than {} levels deep", std::min(limits.depth_max, kDepthMax)),
                     "give the inner parts a name of their own (a decision, a function, another flow)"),
                 begin);
        } catch (const TooMany& many) {
            lost(diagnostics.error("limit.size", places.span(many.offset, many.offset + 1),
                                   fmt::format("one document may hold {} values", limits.list_items_max),
                                   "put data into a CSV file or import it"),
                 begin);
        } catch (const YAML::ParserException& error) {
            if (builder.broken()) continue;  // told already
            size_t at = error.mark.is_null() ? begin : begin + static_cast<size_t>(error.mark.pos);
            lost(report_syntax(places, begin, end, at, error.msg, diagnostics), begin);
        } catch (const YAML::Exception& error) {
            lost(report_syntax(places, begin, end, begin, error.msg, diagnostics), begin);
        }
    }
    return documents;
}

}  // namespace leat::yaml
