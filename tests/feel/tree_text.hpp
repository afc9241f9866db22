// A checked tree as FEEL text again, every operation in parentheses.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/utf8.hpp"
#include "feel/ast.hpp"
#include "value/value.hpp"

namespace tree_text {

using namespace leat;
using feel::ast::Node;
using feel::ast::NodeKind;

class Printer {
 public:
    std::string print(const Node* n) {
        switch (n->kind) {
            case NodeKind::literal:
                return literal(n->constant);
            case NodeKind::name:
                return std::string(n->text);
            case NodeKind::local:
                return slots_.at(n->index);
            case NodeKind::item:
                return "item";
            case NodeKind::input:
                return "?";
            case NodeKind::dash:
                return "-";
            case NodeKind::member:
                // A name that only the running filter can tell stays bare.
                return (n->children.size() > 1 ? std::string() : child(n, 0) + ".") + std::string(n->text);
            case NodeKind::negate:
                return "(-" + child(n, 0) + ")";
            case NodeKind::between:
                return "(" + child(n, 0) + " between " + child(n, 1) + " and " + child(n, 2) + ")";
            case NodeKind::in:
                return "(" + child(n, 0) + " in (" + list(n, 1) + "))";
            case NodeKind::if_else:
                return "(if " + child(n, 0) + " then " + child(n, 1) + " else " + child(n, 2) + ")";
            case NodeKind::for_each:
                return loop(n, "for", "return");
            case NodeKind::some:
                return loop(n, "some", "satisfies");
            case NodeKind::every:
                return loop(n, "every", "satisfies");
            case NodeKind::filter:
            case NodeKind::index:
                return child(n, 0) + "[" + child(n, 1) + "]";
            case NodeKind::call:
                if (!n->text.empty()) return std::string(n->text) + "(" + list(n, 0) + ")";
                return child(n, 0) + "(" + list(n, 1) + ")";
            case NodeKind::list:
                return "[" + list(n, 0) + "]";
            case NodeKind::context:
                return context(n);
            case NodeKind::range:
                return range(n);
            case NodeKind::unary_compare:
                return sign(n->op) + child(n, 0);
            case NodeKind::instance_of:
                return "(" + child(n, 0) + " instance of " + std::string(n->text) + ")";
            case NodeKind::function_definition:
                return function(n);
            case NodeKind::coerce:
            case NodeKind::embedded:
                return "not written in texts";
            default:
                return "(" + child(n, 0) + " " + sign(n->kind) + " " + child(n, 1) + ")";
        }
    }

    static std::string quoted(std::string_view text) {
        std::string out = "\"";
        for (char c : text) {
            if (c == '"' || c == '\\') out += '\\';
            if (c == '\n' || c == '\r' || c == '\t')
                out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
            else
                out += c;
        }
        return out + '"';
    }

 private:
    std::string child(const Node* n, size_t i) { return print(n->children[i]); }

    std::string list(const Node* n, size_t from) {
        std::string out;
        for (size_t i = from; i < n->children.size(); i++) out += (i == from ? "" : ", ") + child(n, i);
        return out;
    }

    static std::string literal(const Value& value) {
        switch (value.kind) {
            case Kind::null:
                return "null";
            case Kind::string:
                return quoted(value.as_string());
            case Kind::number:
            case Kind::boolean:
                return value::to_text(value);
            default:
                return "@\"" + value::to_text(value) + "\"";
        }
    }

    static std::string sign(NodeKind kind) {
        switch (kind) {
            case NodeKind::add:
                return "+";
            case NodeKind::subtract:
                return "-";
            case NodeKind::multiply:
                return "*";
            case NodeKind::divide:
                return "/";
            case NodeKind::power:
                return "**";
            case NodeKind::equal:
                return "=";
            case NodeKind::not_equal:
                return "!=";
            case NodeKind::less:
                return "<";
            case NodeKind::less_equal:
                return "<=";
            case NodeKind::greater:
                return ">";
            case NodeKind::greater_equal:
                return ">=";
            case NodeKind::logical_and:
                return "and";
            case NodeKind::logical_or:
                return "or";
            default:
                return "?";
        }
    }

    std::string loop(const Node* n, const std::string& word, const std::string& result) {
        std::string out = "(" + word + " ";
        for (size_t i = 0; i < n->names.size(); i++) {
            out += (i == 0 ? "" : ", ") + std::string(n->names[i]) + " in " + child(n, i);
            slots_[n->index + static_cast<uint32_t>(i)] = n->names[i];
        }
        slots_[n->index + static_cast<uint32_t>(n->names.size())] = "partial";
        return out + " " + result + " " + print(n->children.back()) + ")";
    }

    std::string context(const Node* n) {
        std::string out = "{";
        for (size_t i = 0; i < n->names.size(); i++) {
            out += (i == 0 ? "" : ", ") + quoted(n->names[i]) + ": " + child(n, i);
            slots_[n->index + static_cast<uint32_t>(i)] = n->names[i];
        }
        return out + "}";
    }

    std::string function(const Node* n) {
        std::string out = "(function(";
        for (size_t i = 0; i < n->names.size(); i++) {
            slots_[n->index + static_cast<uint32_t>(i)] = n->names[i];
            out += (i == 0 ? "" : ", ") + std::string(n->names[i]);
            if (!n->argument_names[i].empty()) out += ": " + std::string(n->argument_names[i]);
        }
        return out + ") " + child(n, 0) + ")";
    }

    std::string range(const Node* n) {
        const Node *low = n->children[0], *high = n->children[1];
        if (n->text == "..") return print(low) + ".." + print(high);
        if (n->text == "=") return "(= " + print(low) + ")";
        if (low->text == "unbounded") return "(" + std::string(n->high_closed ? "<= " : "< ") + print(high) + ")";
        if (high->text == "unbounded") return "(" + std::string(n->low_closed ? ">= " : "> ") + print(low) + ")";
        return (n->low_closed ? "[" : "(") + print(low) + ".." + print(high) + (n->high_closed ? "]" : ")");
    }

    std::map<uint32_t, std::string> slots_;
};

}  // namespace tree_text
