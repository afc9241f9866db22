// rule, sla, message, connector, assignment.
#include <fmt/format.h>

#include "yaml/sections.hpp"

namespace leat::yaml {

using namespace model;

namespace {

Key<Rule> when_text(const std::string& name, Rule::When when, bool feel) {
    return K<Rule>::custom(name, schema::ref(feel ? "feel" : "text"), [=](Reader& r, const Node& n, Rule& rule) {
        rule.when = when;
        rule.argument = feel ? r.feel(n, name) : r.text(n, name);
    });
}

void read_when(Reader& reader, const Node& node, Rule& rule) {
    if (node.kind == Node::Kind::map) {
        when_table().read(reader, node, rule);
        if (node.entries.size() != 1) {
            reader.error("yaml.when", node.span, "'when' names one occasion",
                         "write two rules, or put the condition under 'if'");
        }
        return;
    }
    Text word = reader.word(node, "when", {"created", "changed", "deleted"});
    if (word.text == "changed") rule.when = Rule::When::changed;
    if (word.text == "deleted") rule.when = Rule::When::deleted;
}

void read_operations(Reader& reader, const Node& node, Connector& connector) {
    if (!reader.is_map(node, "operations")) return;
    for (const auto& [name, value] : node.entries) {
        ConnectorOperation operation;
        operation.name = name.text;
        operation_table().read(reader, value, operation);
        connector.operations.push_back(std::move(operation));
    }
}

void read_pools(Reader& reader, const Node& node, AssignmentSection& assignment) {
    if (!reader.is_list(node, "pools")) return;
    for (const Node& item : node.items) {
        Pool pool;
        if (item.kind == Node::Kind::scalar) {
            pool.role = item.text;
        } else {
            pool_table().read(reader, item, pool);
        }
        assignment.pools.push_back(std::move(pool));
    }
}

Key<Sla> sla_steps(const std::string& name, Steps Sla::*member) {
    return K<Sla>::custom(name, schema::list_of("step"),
                          [=](Reader& r, const Node& n, Sla& s) { read_steps(r, n, name, s.*member); });
}

}  // namespace

const Table<Rule>& when_table() {
    using R = K<Rule>;
    static const Table<Rule> table(
        "'when'", {R::custom("changed", schema::ref("names"),
                             [](Reader& r, const Node& n, Rule& rule) {
                                 rule.when = Rule::When::changed;
                                 rule.changed_fields = r.names(n, "changed");
                             }),
                   when_text("entered", Rule::When::entered, false), when_text("left", Rule::When::left, false),
                   when_text("becomes", Rule::When::becomes, true), when_text("message", Rule::When::message, false),
                   when_text("every", Rule::When::every, false)});
    return table;
}

const Table<Rule>& rule_table() {
    using R = K<Rule>;
    static const Table<Rule> table(
        "a rule",
        section_keys<Rule>(
            "rule",
            {R::text("of", &Rule::of),
             R::required(R::custom(
                 "when", schema::any_of({schema::words({"created", "changed", "deleted"}), schema::ref("when")}),
                 read_when)),
             R::feel("if", &Rule::if_),
             R::required(R::custom("do", schema::list_of("step"),
                                   [](Reader& r, const Node& n, Rule& rule) { read_steps(r, n, "do", rule.do_); })),
             R::integer("order", &Rule::order)}));
    return table;
}

const Table<Sla>& sla_on_table() {
    static const Table<Sla> table("'on' of an sla",
                                  {sla_steps("warning", &Sla::on_warning), sla_steps("breach", &Sla::on_breach)});
    return table;
}

const Table<Sla>& sla_table() {
    using S = K<Sla>;
    static const Table<Sla> table(
        "an sla",
        section_keys<Sla>(
            "sla", {S::required(S::text("of", &Sla::of)), S::required(S::feel("start", &Sla::start)),
                    S::feel("cancel", &Sla::cancel), S::feel("pause", &Sla::pause), S::feel("resume", &Sla::resume),
                    S::feel("stop", &Sla::stop), S::feel("reset", &Sla::reset),
                    S::required(S::operand("within", &Sla::within)), S::names("warn", &Sla::warn),
                    S::custom("on", schema::ref("sla_on"),
                              [](Reader& r, const Node& n, Sla& s) { sla_on_table().read(r, n, s); })}));
    return table;
}

const Table<Message>& message_table() {
    using M = K<Message>;
    static const Table<Message> table(
        "a message",
        section_keys<Message>("message", {M::custom("payload", schema::ref("fields"),
                                                    [](Reader& r, const Node& n, Message& m) {
                                                        read_fields(r, n, "payload", m.payload);
                                                    }),
                                          M::operand("to", &Message::to), M::text("send", &Message::send),
                                          M::text("expires", &Message::expires), M::text("from", &Message::from)}));
    return table;
}

const Table<ConnectorOperation>& operation_table() {
    using O = K<ConnectorOperation>;
    static const Table<ConnectorOperation> table(
        "an operation",
        {O::custom("input", schema::ref("fields"),
                   [](Reader& r, const Node& n, ConnectorOperation& o) { read_fields(r, n, "input", o.input); }),
         O::custom("output", schema::ref("fields"),
                   [](Reader& r, const Node& n, ConnectorOperation& o) { read_fields(r, n, "output", o.output); }),
         O::text("retry", &ConnectorOperation::retry), O::text("unknown", &ConnectorOperation::unknown)});
    return table;
}

const Table<Connector>& connector_table() {
    using C = K<Connector>;
    static const Table<Connector> table(
        "a connector",
        section_keys<Connector>("connector",
                                {C::required(C::custom("operations", schema::map_of("operation"), read_operations))}));
    return table;
}

const Table<Pool>& pool_table() {
    using P = K<Pool>;
    static const Table<Pool> table("a pool", {P::required(P::text("role", &Pool::role)), P::feel("if", &Pool::if_)});
    return table;
}

const Table<AssignmentSection>& assignment_table() {
    using A = K<AssignmentSection>;
    static const Table<AssignmentSection> table(
        "an assignment",
        section_keys<AssignmentSection>(
            "assignment",
            {A::required(A::text("of", &AssignmentSection::of)), A::text("field", &AssignmentSection::field),
             A::required(A::custom("pools", schema::ref("pools"), read_pools)),
             A::text("pick", &AssignmentSection::pick), A::feel("load", &AssignmentSection::load),
             A::text("capacity", &AssignmentSection::capacity), A::text("available", &AssignmentSection::available),
             A::operand("otherwise", &AssignmentSection::otherwise)}));
    return table;
}

}  // namespace leat::yaml
