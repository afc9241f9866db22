// Random expressions of wanted types over six locals, for tests that hold whatever is written.
#pragma once
#include <random>
#include <string>
#include <vector>

#include "feel/scope.hpp"

namespace random_expressions {

using namespace leat;
using feel::TypeKind;

// Locals: a, b numbers; s string; p boolean; xs numbers; cs contexts {v: number, w: string}. Any may be null.
class LocalScope final : public feel::Scope {
 public:
    std::optional<feel::Binding> find(std::string_view name) const override {
        static constexpr std::string_view kNames[] = {"a", "b", "s", "p", "xs", "cs"};
        for (uint32_t i = 0; i < 6; i++) {
            if (name != kNames[i]) continue;
            feel::Binding binding;
            binding.index = i;
            binding.type = type(i);
            return binding;
        }
        return std::nullopt;
    }
    std::optional<feel::Member> member(feel::TypeRef, std::string_view) const override { return std::nullopt; }
    std::vector<std::string> names(feel::TypeRef) const override { return {}; }
    std::optional<uint32_t> calendar(std::string_view) const override { return std::nullopt; }
    feel::Types& types() const override { return types_; }

 private:
    feel::TypeRef type(uint32_t index) const {
        feel::TypeRef number = types_.basic(TypeKind::number), text = types_.basic(TypeKind::string);
        switch (index) {
            case 2:
                return text;
            case 3:
                return types_.basic(TypeKind::boolean);
            case 4:
                return types_.list(number);
            case 5:
                return types_.list(types_.context({{"v", 0, number}, {"w", 1, text}}));
            default:
                return number;
        }
    }
    mutable feel::Types types_;
};

// Writes random expressions of a wanted type.
class Writer {
 public:
    explicit Writer(uint64_t seed) : random_(seed) {}

    std::string boolean(int depth) {
        if (depth <= 0) return pick({"true", "false", "p", "null", "a > 1", "s = \"x\"", "a = null"});
        int d = depth - 1;
        switch (below(14)) {
            case 0:
                return "(" + boolean(d) + " and " + boolean(d) + ")";
            case 1:
                return "(" + boolean(d) + " or " + boolean(d) + ")";
            case 2:
                return "not(" + boolean(d) + ")";
            case 3:
                return "(" + number(d) + pick({" < ", " <= ", " > ", " >= ", " = ", " != "}) + number(d) + ")";
            case 4:
                return "(" + text(d) + pick({" < ", " = ", " != "}) + text(d) + ")";
            case 5:
                return "(" + number(d) + " between " + number(d) + " and " + number(d) + ")";
            case 6:
                return "(" + number(d) + " in (" + number(d) + ", > " + number(d) + "))";
            case 7:
                return "(" + number(d) + " in " + pick({"[", "("}) + number(d) + ".." + number(d) + pick({"]", ")"}) +
                       ")";
            case 8:
                return "(" + number(d) + " in [" + number(d) + ", " + number(d) + "])";
            case 9:
                return quantified("some", d);
            case 10:
                return quantified("every", d);
            case 11:
                return "(" + number(d) + " in " + list(d) + ")";
            case 12:
                return "(if " + boolean(d) + " then " + boolean(d) + " else " + boolean(d) + ")";
            default:
                return "list contains(" + list(d) + ", " + number(d) + ")";
        }
    }
    std::string number(int depth) {
        if (depth <= 0)
            return variable_ > 0 && below(3) == 0 ? "x" + std::to_string(below(variable_))
                                                  : pick({"0", "1", "2", "3.5", "-1", "a", "b", "10"});
        int d = depth - 1;
        switch (below(10)) {
            case 0:
            case 1:
                return "(" + number(d) + pick({" + ", " - ", " * ", " / "}) + number(d) + ")";
            case 2:
                return "-" + number(0);
            case 3:
                return "(if " + boolean(d) + " then " + number(d) + " else " + number(d) + ")";
            case 4:
                return "count(" + list(d) + ")";
            case 5:
                return "sum(" + list(d) + ")";
            case 6:
                return "get or else(" + number(d) + ", " + number(d) + ")";
            case 7:
                return list(d) + "[" + pick({"1", "2", "-1"}) + "]";
            case 8:
                return pick({"min(", "max("}) + list(d) + ")";
            default:
                return "string length(" + text(d) + ")";
        }
    }
    std::string text(int depth) {
        if (depth <= 0) return pick({"\"x\"", "\"中文\"", "s", "\"\""});
        if (below(3) == 0) return "(" + text(depth - 1) + " + " + text(depth - 1) + ")";
        if (below(2) == 0) return "cs[" + number(0) + "].w";
        return "(if " + boolean(depth - 1) + " then " + text(depth - 1) + " else " + text(depth - 1) + ")";
    }
    std::string list(int depth) {
        if (depth <= 0) return pick({"xs", "[1, 2, 3]", "cs.v", "[a, b]"});
        int d = depth - 1;
        switch (below(5)) {
            case 0: {
                std::string name = "x" + std::to_string(variable_);
                std::string domain = below(2) == 0 ? list(d) : "1..3";
                variable_++;
                std::string body = number(d);
                variable_--;
                return "(for " + name + " in " + domain + " return " + body + ")";
            }
            case 1:
                return list(d) + "[item > " + number(d) + "]";
            case 2:
                return "cs[v " + pick({"<", ">=", "="}) + " " + number(0) + " or w = " + text(0) + "].v";
            case 3:
                return "[" + number(d) + ", " + number(d) + "]";
            default:
                return "concatenate(" + list(d) + ", " + list(d) + ")";
        }
    }

 private:
    std::string quantified(const std::string& word, int d) {
        std::string name = "x" + std::to_string(variable_);
        std::string domain = list(d);
        variable_++;
        std::string condition = boolean(d);
        variable_--;
        return "(" + word + " " + name + " in " + domain + " satisfies " + condition + ")";
    }
    uint32_t below(uint32_t count) { return static_cast<uint32_t>(random_() % count); }
    std::string pick(std::vector<std::string> choices) { return choices[below(static_cast<uint32_t>(choices.size()))]; }

    std::mt19937_64 random_;
    uint32_t variable_ = 0;
};

}  // namespace random_expressions
