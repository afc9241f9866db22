// What begins with a word: keywords' expressions, names, and calls of functions whose names have several words.
#include <fmt/format.h>

#include <utility>

#include "feel/external.hpp"
#include "feel/functions.hpp"
#include "feel/parser.hpp"

namespace leat::feel {

using ast::Node;
using ast::NodeKind;

namespace {

// The words that end what stands before them.
bool is_keyword(const Token& token) {
    for (Lexeme keyword : {Lexeme("then"), Lexeme("else"), Lexeme("return"), Lexeme("in"), Lexeme("satisfies"),
                           Lexeme("and"), Lexeme("or"), Lexeme("between")}) {
        if (token.lexeme == keyword.number) return true;
    }
    return false;
}

// Properties of temporal values and ranges whose names have a space.
constexpr std::string_view kProperties[] = {"time offset", "start included", "end included"};

}  // namespace

// How many words from here form a built-in's name before a '('; the longest wins.
size_t Parser::builtin_words(std::string_view& name) const {
    size_t words = 1;
    while (words < kBuiltinWordsMax && peek(words).kind == TokenKind::word) words++;
    if (!is("(", words)) return 0;
    std::string joined;
    size_t longest = 0;
    for (size_t count = 1; count <= kBuiltinWordsMax; count++) {
        const Token& token = peek(count - 1);
        if (token.kind != TokenKind::word) break;
        if (count > 1) joined += ' ';
        joined += token.text;
        if (!is("(", count)) continue;
        if (int found = find_builtin(joined); found >= 0) {
            longest = count;
            name = builtins()[static_cast<size_t>(found)].name;
        }
    }
    return longest;
}

// The source between two places with its blanks made single.
std::string_view Parser::spelled(uint32_t begin, uint32_t end) {
    std::string_view text = std::string_view(source_.text).substr(begin, end - begin);
    char* out = tree_.memory.array<char>(text.size());
    size_t size = 0;
    for (char c : text) {
        bool blank = c == ' ' || (c >= '\t' && c <= '\r');
        if (!blank)
            out[size++] = c;
        else if (size > 0 && out[size - 1] != ' ')
            out[size++] = ' ';
    }
    return {out, size};
}

// How many bytes of the source spell the name from the current token on; 0: they do not.
size_t Parser::spells(std::string_view name) const {
    std::string_view text = source_.text;
    size_t at = peek().begin;
    for (size_t i = 0; i < name.size(); i++) {
        if (name[i] != ' ') {
            if (at >= text.size() || text[at] != name[i]) return 0;
            at++;
            continue;
        }
        size_t before = at;
        while (at < text.size() && (text[at] == ' ' || (text[at] >= '\t' && text[at] <= '\r'))) at++;
        if (at == before) return 0;
    }
    return at - peek().begin;
}

// How many tokens from here spell a name of several words or with operators in it; the longest wins.
size_t Parser::phrase(std::string_view& name) const {
    size_t longest = 0;
    for (const Phrase& candidate : phrases_) {
        if (candidate.first != peek().text) continue;
        size_t bytes = candidate.name.size() > name.size() || longest == 0 ? spells(candidate.name) : 0;
        if (bytes == 0) continue;
        size_t end = peek().begin + bytes, count = 0;
        while (peek(count).kind != TokenKind::end && peek(count).end <= end) count++;
        // The name must end where a token does.
        if (count <= longest || peek(count - 1).end != end) continue;
        longest = count;
        name = candidate.name;
    }
    return longest;
}

// Words, and numbers behind them, as one name: "Monthly Salary 2".
std::string_view Parser::words_of_name() {
    uint32_t begin = peek().begin, end = peek().end;
    at_++;
    while ((peek().kind == TokenKind::word && !is_keyword(peek()) && !(is("instance") && is("of", 1))) ||
           peek().kind == TokenKind::number) {
        end = peek().end;
        at_++;
    }
    return spelled(begin, end);
}

// The key of a context's entry: a string, or a name up to the colon.
std::string_view Parser::key() {
    if (peek().kind == TokenKind::string) return tree_.keep(lexer_.tokens()[at_++].text);
    if (peek().kind != TokenKind::word) return {};
    uint32_t begin = peek().begin, end = begin;
    constexpr std::string_view kNameSymbols = "+-*/.'";
    auto part = [&] {
        const Token& token = peek();
        return token.kind == TokenKind::word || token.kind == TokenKind::number || token.kind == TokenKind::bad ||
               (token.kind == TokenKind::symbol && kNameSymbols.find(token.text) != std::string_view::npos);
    };
    while (part()) {
        end = peek().end;
        at_++;
    }
    return spelled(begin, end);
}

size_t Parser::property_words(std::string_view& name) const {
    if (peek(1).kind == TokenKind::word) {
        for (std::string_view property : kProperties) {
            size_t blank = property.find(' ');
            if (peek().text != property.substr(0, blank) || peek(1).text != property.substr(blank + 1)) continue;
            name = property;
            return 2;
        }
    }
    name = peek().text;
    return 1;
}

bool Parser::starts_expression(size_t ahead) const {
    const Token& token = peek(ahead);
    if (token.kind == TokenKind::end) return false;
    if (token.kind == TokenKind::symbol)
        return is("(", ahead) || is("[", ahead) || is("{", ahead) || is("-", ahead) || is("?", ahead);
    return token.kind != TokenKind::word || !is_keyword(token);
}

Node* Parser::word() {
    const Token& token = peek();
    std::string_view text = token.text;
    if (std::string_view known; size_t tokens = phrase(known)) {
        Node* node = tree_.make(NodeKind::name, token.begin, token.end);
        node->text = tree_.keep(known);
        at_ += tokens;
        return finish(node);
    }
    if (is("if")) return if_else();
    if (is("not") && !is("(", 1)) return fail(token.begin, token.end, "'not' is a function", "write not(…)");
    if (is("for")) return for_each();
    if ((is("some") || is("every")) && peek(1).kind == TokenKind::word)
        return quantified(is("some") ? NodeKind::some : NodeKind::every);
    if (is("function") && is("(", 1)) return function_definition();
    std::string_view name;
    if (size_t words = builtin_words(name)) return builtin_call(words, name);
    if (is_keyword(token)) return unexpected("a value");
    bool truth = is("true") || is("false"), null = is("null");
    if (lenient_ && !truth && !null) {
        Node* node = tree_.make(NodeKind::name, token.begin, token.end);
        node->text = words_of_name();
        return finish(node);
    }
    at_++;
    if (truth) return tree_.literal(Value::boolean(text == "true"), token.begin, token.end);
    if (null) return tree_.literal(Value(), token.begin, token.end);
    Node* node = tree_.make(NodeKind::name, token.begin, token.end);
    node->text = tree_.keep(text);
    return node;
}

Node* Parser::builtin_call(size_t words, std::string_view name) {
    Node* call = make(NodeKind::call, peek().begin);
    call->text = name;  // the table's
    at_ += words;
    arguments(call);
    return finish(call);
}

// From '(' to ')': positional arguments, or all of them named.
void Parser::arguments(Node* call) {
    at_++;
    uint32_t outer = std::exchange(range_ends_, 0);
    while (!failed_ && !is(")")) {
        size_t words = 0;
        while (peek(words).kind == TokenKind::word) words++;
        if (words > 0 && is(":", words)) {
            std::string name;
            for (size_t i = 0; i < words; i++) {
                if (i > 0) name += ' ';
                name += peek(i).text;
            }
            call->argument_names.push_back(tree_.keep(name));
            at_ += words + 1;
        } else if (!call->argument_names.empty()) {
            unexpected("a named argument, since the one before has a name");
            break;
        }
        call->children.push_back(test());
        if (!accept(",")) break;
    }
    range_ends_ = outer;
    size_t positional = call->children.size() - (call->text.empty() ? 1 : 0);
    if (!failed_ && !call->argument_names.empty() && call->argument_names.size() != positional) {
        fail(call->begin, peek().end, "either all arguments have names or none");
        return;
    }
    expect(")", " to close the arguments");
}

Node* Parser::if_else() {
    Node* node = make(NodeKind::if_else, peek().begin);
    at_++;
    Node* condition = expression();
    if (!expect("then", " after the condition of 'if'")) return node;
    Node* yes = expression();
    if (!expect("else", " after 'then': FEEL's 'if' has both")) return node;
    node->children = {condition, yes, expression()};
    return finish(node);
}

// "x in domain, y in domain": false after an error.
bool Parser::iterators(Node* node) {
    do {
        if (peek().kind != TokenKind::word) return unexpected("a variable's name"), false;
        node->names.push_back(words_of_name());
        declare(node->names.back());
        if (!expect("in", " after the variable")) return false;
        node->children.push_back(domain());
    } while (!failed_ && accept(","));
    return !failed_;
}

// What a variable runs over: an expression, or a..b.
Node* Parser::domain() {
    Node* domain = expression();
    if (failed_ || !accept("..")) return domain;
    Node* range = tree_.make(NodeKind::range, domain->begin, domain->end);
    range->text = "..";
    range->low_closed = range->high_closed = true;
    range->children = {domain, sum()};
    return finish(range);
}

Node* Parser::for_each() {
    Node* node = make(NodeKind::for_each, peek().begin);
    at_++;
    if (!iterators(node) || !expect("return", " in 'for'")) return node;
    node->children.push_back(expression());
    return finish(node);
}

Node* Parser::quantified(NodeKind kind) {
    Node* node = make(kind, peek().begin);
    at_++;
    if (!iterators(node) || !expect("satisfies", kind == NodeKind::some ? " in 'some'" : " in 'every'")) return node;
    node->children.push_back(expression());
    return finish(node);
}

Node* Parser::function_definition() {
    Node* node = make(NodeKind::function_definition, peek().begin);
    at_ += 2;
    while (!failed_ && !is(")")) {
        if (peek().kind != TokenKind::word) return unexpected("a parameter's name");
        node->names.push_back(words_of_name());
        declare(node->names.back());
        node->argument_names.push_back(accept(":") ? tree_.keep(type_name()) : std::string_view());
        if (!accept(",")) break;
    }
    if (!expect(")", " to close the parameters")) return node;
    if (is("external") && lenient_) {
        at_++;
        node->children.push_back(external_call(node, expression()));
        return finish(node);
    }
    if (is("external"))
        return fail(peek().begin, peek().end, "'external' functions are not built", "declare it under 'functions:'");
    node->children.push_back(expression());
    return finish(node);
}

// The body of a function in another language: a call of what is named by the mapping, with all parameters.
Node* Parser::external_call(const Node* function, Node* mapping) {
    Node* call = tree_.make(NodeKind::call, mapping->begin, mapping->end);
    call->text = kExternal;
    Node* arguments = tree_.make(NodeKind::list, mapping->begin, mapping->end);
    for (std::string_view name : function->names) {
        Node* argument = tree_.make(NodeKind::name, mapping->begin, mapping->end);
        argument->text = name;
        arguments->children.push_back(argument);
    }
    call->children = {mapping, finish(arguments)};
    return finish(call);
}

// The text of a type: words, perhaps with <…>.
std::string Parser::type_name() {
    std::string name;
    while (peek().kind == TokenKind::word &&
           !(is_keyword(peek()) && !(peek().text == "and" && (name == "date" || name == "years" || name == "days")))) {
        if (!name.empty()) name += ' ';
        name += peek().text;
        at_++;
    }
    if (name.empty()) {
        unexpected("a type");
        return name;
    }
    // A type of an imported model.
    if (peek().kind == TokenKind::symbol && is(".") && peek(1).kind == TokenKind::word) {
        at_++;
        return name + "." + type_name();
    }
    if (is("<")) {
        uint32_t begin = peek().begin;
        int open = 0;
        do {
            if (is("<")) open++;
            if (is(">")) open--;
            at_++;
        } while (open > 0 && peek().kind != TokenKind::end);
        if (open > 0)
            fail(begin, peek().end, "'>' is missing in this type");
        else
            name += source_.text.substr(begin, lexer_.tokens()[at_ - 1].end - begin);
    }
    if (name.starts_with("function") && accept("->")) name += "->" + type_name();
    return name;
}

}  // namespace leat::feel
