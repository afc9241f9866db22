// An SCXML document on its way to a flow in YAML. Inside this room only, and only in builds with pugixml.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "exchange/scxml_document.hpp"

namespace leat::exchange {

class ScxmlReader : private ScxmlDocument {
 public:
    using ScxmlDocument::ScxmlDocument;

    std::optional<std::string> run(const Limits& limits);

 private:
    struct Event {
        std::set<std::string> payload;             // what is read of it
        std::map<std::string, std::string> kinds;  // of its payload, as written by us
        std::set<std::string> required;
        bool sent_inside = false, heard = false;
        std::string allow;  // as written by us
        bool declared = false;
        std::vector<std::pair<std::string, std::string>> titles;
    };
    struct Invoke {
        Xml node;
        std::string id;  // as an identifier; "" without one
        std::vector<Xml> done, error;
    };
    using Grouped = std::vector<std::pair<std::string, std::vector<Xml>>>;

    // scxml_read.cpp: the document, states, transitions, timers.
    void line(int depth, const std::string& text);
    void write(Xml root);
    void declared(Xml root);
    void left_out(Xml node);
    void unknown(Xml node);
    void titles(Xml node, int depth);
    void data(Xml holder, int depth);
    void initial(Xml node, int depth);
    void beginning(Xml transition, int depth);
    void state(Xml node, int depth);
    void history(Xml node, int depth);
    void children(Xml node, int depth);
    void content(Xml node, std::string_view element, const char* key, int depth);
    std::string timer(Xml node, const std::string& event);
    std::string timer_delay(Xml send, const std::string& name, bool& plain);
    void transitions(Xml node, const std::string& name, int depth, std::vector<Invoke>& invokes);
    bool done_event(Xml one, const std::string& event, const std::string& name, std::vector<Xml>& done,
                    std::vector<Invoke>& invokes, std::vector<Xml>& errors);
    void single(const char* key, const std::vector<Xml>& all, int depth);
    void ordered(const std::vector<std::pair<std::string, Xml>>& heard, int depth);
    void group(const char* key, const Grouped& all, int depth);
    void transition(Xml one, const std::string& event, int depth);
    void body(Xml one, const std::string& event, int depth, bool alone = true);
    bool is_inside(const std::string& target, Xml source);
    std::string declared_events();
    std::string finished(Xml root);

    // scxml_read_steps.cpp: expressions and executable content. `event` is the one whose payload may be read.
    std::string expression(Xml node, const char* attribute, const std::string& event = "");
    std::optional<std::string> translated(Xml node, const std::string& text, const std::string& event);
    void payload(const std::string& feel, const std::string& event);
    Event& event_at(const std::string& name);
    std::string event_name(std::string_view descriptor);
    void steps(Xml node, int depth, const std::string& event);
    void one_step(Xml node, int depth, const std::string& event);
    void send(Xml node, int depth, const std::string& event);
    void raise_inside(Xml node, int depth);
    void choice(Xml node, int depth, const std::string& event);
    void loop(Xml node, int depth, const std::string& event);
    void script(Xml node, int depth, const std::string& event);
    bool params(Xml node, const char* key, int depth, const std::string& event, std::set<std::string>* names);

    // scxml_read_invoke.cpp
    void collect_invokes(Xml node);
    std::vector<Invoke> invokes_of(Xml node);
    void invokes(const std::vector<Invoke>& all, int depth);
    bool invoke_source(Xml node, int depth);
    void finalize(Xml node, int depth);
    void told_by_parent(Xml holder, const std::string& target, ScxmlReader& child);
    std::string donedata_text(Xml node);
    void donedata(Xml node, int depth);

    bool feel_ = false;
    std::string out_;
    std::set<std::string> roles_, languages_;
    std::map<std::string, Event> events_;
    std::vector<std::string> event_order_;  // as they are first named
    std::map<std::string, std::string> delays_;
    std::set<std::string> data_;                       // names in the data model
    std::optional<std::set<std::string>> child_data_;  // of the chart inside the <invoke> at hand
    std::map<std::string, std::string> invoked_;       // by SCXML's ids of invokes: the flow's
    std::vector<std::string> left_out_;                // places of what the document has no words for
    Xml chart_;                                        // the <scxml> that is read
    ScxmlReader* parent_ = nullptr;                    // of a chart inside of another one's <invoke>
    std::string flows_;                                // those inside of this one, as they stand behind it
    Limits limits_;
    uint32_t depth_ = 0;
};

// An attribute of a step that a flow has no word for; nothing where it is not there.
bool has_any(Xml node, std::initializer_list<const char*> attributes);
// The first element inside with that name, none of our own namespace.
Xml child_named(Xml node, std::string_view name);
bool has_steps(Xml node);
// A mark of ours: something of the flow that is not in the document.
bool is_left_out(Xml node);
std::string quoted(std::string_view text);
std::string flow_list(const std::vector<std::string>& items);

}  // namespace leat::exchange
