// XES logs, trace by trace: the stream is cut at <trace> and </trace>, outside of comments, CDATA and quotes, and each
// piece is parsed by itself. So an XML parser does the parsing, and only one trace is ever in memory.
#include <string>

#include "base/utf8.hpp"
#include "exchange/event_log_parts.hpp"

#if LEAT_SCXML
#include <pugixml.hpp>
#endif

namespace leat::exchange {

#if LEAT_SCXML

namespace {

class Pieces {
 public:
    explicit Pieces(ByteStream& bytes) : bytes_(bytes) {}

    // The next trace with its tags; false at the end of the log.
    Result<bool> next(std::string& trace) {
        trace.clear();
        bool inside = false, log = false;
        for (;;) {
            int c = bytes_.get();
            if (c < 0) break;
            if (c != '<') {
                if (inside) trace += static_cast<char>(c);
                continue;
            }
            LEAT_CHECK(tag());
            if (name_ == "log") log = true;
            if (name_ == "trace") inside = true;
            if (inside) {
                trace += tag_;
                if (trace.size() > kPieceBytesMax)
                    return make_error(Status::limit, "log.limit",
                                      fmt::format("a trace has more than {} bytes", kPieceBytesMax));
                if (name_ == "/trace" || (name_ == "trace" && tag_[tag_.size() - 2] == '/')) return true;
            }
            opened_ = opened_ || log;
            if (!opened_ && name_ != "?" && name_ != "!")
                return log_error("log.syntax", fmt::format("this is no XES log: it begins with <{}>", name_));
            if (name_ == "/log") closed_ = true;
        }
        if (inside || !closed_) return log_error("log.syntax", "the log ends before </log>");
        return false;
    }

 private:
    // One tag, comment, CDATA section or processing instruction, after its '<'. `name_`: the element's local name, with
    // a slash in front where it ends; "!" and "?" for the others.
    Result<void> tag() {
        tag_ = "<";
        name_.clear();
        char quote = 0;
        for (;;) {
            int c = bytes_.get();
            if (c < 0) return log_error("log.syntax", "the log ends inside of a tag");
            tag_ += static_cast<char>(c);
            if (tag_.size() > kPieceBytesMax)
                return make_error(Status::limit, "log.limit",
                                  fmt::format("a tag has more than {} bytes", kPieceBytesMax));
            if (special(static_cast<char>(c))) {
                if (name_ == "?" && tag_.find("encoding") != std::string::npos) return encoding();
                return {};
            }
            if (!name_.empty()) continue;
            if (quote) {
                if (c == quote) quote = 0;
            } else if (c == '"' || c == '\'') {
                quote = static_cast<char>(c);
            } else if (c == '>') {
                break;
            }
        }
        name_ = local_name();
        return {};
    }

    // Comments and the like end otherwise than tags. True at their end.
    bool special(char last) {
        if (tag_.size() == 2 && (tag_[1] == '?' || tag_[1] == '!')) name_ = tag_.substr(1);
        if (name_.empty() || last != '>') return false;
        auto between = [&](std::string_view begin, std::string_view end) {
            return tag_.rfind(begin, 0) == 0 && tag_.size() >= begin.size() + end.size() &&
                   tag_.compare(tag_.size() - end.size(), end.size(), end) == 0;
        };
        if (tag_[1] == '?') return between("<?", "?>");
        if (tag_.rfind("<!--", 0) == 0) return between("<!--", "-->");
        if (tag_.rfind("<![CDATA[", 0) == 0) return between("<![CDATA[", "]]>");
        return true;  // a document type: what it declares is not asked for
    }

    std::string local_name() const {
        size_t begin = tag_[1] == '/' ? 2 : 1;
        size_t end = tag_.find_first_of(" \t\r\n/>", begin);
        std::string name = tag_.substr(begin, end - begin);
        if (size_t colon = name.find(':'); colon != std::string::npos) name.erase(0, colon + 1);
        return begin == 2 ? "/" + name : name;
    }

    Result<void> encoding() const {
        size_t begin = tag_.find_first_of("\"'", tag_.find("encoding"));
        size_t end = begin == std::string::npos ? begin : tag_.find(tag_[begin], begin + 1);
        std::string name = end == std::string::npos ? "" : tag_.substr(begin + 1, end - begin - 1);
        if (same_word(name, "UTF-8") || same_word(name, "US-ASCII")) return {};
        return log_error("log.encoding", fmt::format("the log is written in {}: save it as UTF-8", name));
    }

    ByteStream& bytes_;
    std::string tag_, name_;
    bool opened_ = false, closed_ = false;
};

std::string_view local(pugi::xml_node node) {
    std::string_view name = node.name();
    size_t colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// The value of an attribute element (<string key="concept:name" value="…"/>) among the children.
const char* attribute(pugi::xml_node node, const std::string& key) {
    for (pugi::xml_node child : node.children()) {
        if (key == child.attribute("key").value()) return child.attribute("value").value();
    }
    return nullptr;
}

struct Keys {
    std::string case_id, activity, time;
};

Result<void> read_trace(const std::string& text, const Keys& keys, const LogColumns& columns, LogReader& reader,
                        uint64_t number) {
    if (!base::valid_utf8(text))
        return log_error("log.encoding", fmt::format("trace {} is not UTF-8: save the log as UTF-8", number));
    pugi::xml_document document;
    auto parsed = document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
    if (!parsed)
        return log_error("log.syntax",
                         fmt::format("trace {} is not well-formed XML: {}", number, parsed.description()));
    pugi::xml_node trace = document.document_element();
    const char* named = attribute(trace, keys.case_id);
    if (!named && !columns.case_id.empty())
        return log_error("log.column", fmt::format("trace {} has no '{}'", number, keys.case_id));
    const std::string case_id = named ? named : std::to_string(number);
    for (pugi::xml_node node : trace.children()) {
        if (local(node) != "event") continue;
        const char* lifecycle = attribute(node, "lifecycle:transition");
        if (!columns.lifecycle.empty() && lifecycle && !same_word(lifecycle, columns.lifecycle)) continue;
        const char* activity = attribute(node, keys.activity);
        if (!activity)
            return log_error("log.column", fmt::format("an event of case '{}' has no '{}'", case_id, keys.activity));
        LogEvent event;
        event.activity = activity;
        if (const char* time = attribute(node, keys.time)) {
            LEAT_TRY(event.time_us, log_time(time, columns, fmt::format("case '{}'", case_id)));
        } else if (!columns.time.empty()) {
            return log_error("log.column", fmt::format("an event of case '{}' has no '{}'", case_id, keys.time));
        }
        for (const std::string& name : columns.attributes) {
            const char* value = attribute(node, name);
            if (!value) value = attribute(trace, name);
            event.attributes.emplace_back(value ? value : "");
        }
        LEAT_CHECK(reader.event(case_id, std::move(event)));
    }
    return reader.trace_end(case_id);
}

}  // namespace

Result<void> read_xes_log(ByteStream& bytes, const LogColumns& columns, LogReader& reader) {
    auto or_else = [](const std::string& name, const char* usual) { return name.empty() ? std::string(usual) : name; };
    Keys keys{or_else(columns.case_id, "concept:name"), or_else(columns.activity, "concept:name"),
              or_else(columns.time, "time:timestamp")};
    Pieces pieces(bytes);
    std::string trace;
    for (uint64_t number = 1;; ++number) {
        LEAT_TRY(bool more, pieces.next(trace));
        if (!more) return {};
        LEAT_CHECK(read_trace(trace, keys, columns, reader, number));
    }
}

#else

Result<void> read_xes_log(ByteStream&, const LogColumns&, LogReader&) {
    return log_error("log.not_built", "this build reads no XES (LEAT_SCXML needs pugixml): export the log as CSV");
}

#endif

}  // namespace leat::exchange
