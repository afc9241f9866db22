// A scope of plain fields, and tables written as in definitions, for tests.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"
#include "decision/table.hpp"

namespace leat::decision {

class Fields : public feel::Scope {
 public:
    struct Field {
        std::string name;
        feel::TypeRef type;
    };
    std::vector<Field> fields;

    void add(std::string name, feel::TypeRef type) { fields.push_back({std::move(name), type}); }
    std::optional<feel::Binding> find(std::string_view name) const override {
        for (uint32_t i = 0; i < fields.size(); ++i) {
            if (fields[i].name != name) continue;
            feel::Binding binding;
            binding.kind = feel::Binding::Kind::field;
            binding.index = i;
            binding.type = fields[i].type;
            return binding;
        }
        return std::nullopt;
    }
    std::optional<feel::Member> member(feel::TypeRef, std::string_view) const override { return std::nullopt; }
    std::vector<std::string> names(feel::TypeRef type) const override {
        std::vector<std::string> all;
        for (const Field& field : fields) {
            if (!type) all.push_back(field.name);
        }
        return all;
    }
    std::optional<uint32_t> calendar(std::string_view) const override { return std::nullopt; }
    feel::Types& types() const override { return types_; }

 private:
    mutable feel::Types types_;
};

// A text with a place: line and column of its first character.
inline Text text_at(std::string text, uint32_t line, uint32_t column) {
    Text out;
    out.span = {1, {line, column}, {line, column + static_cast<uint32_t>(text.size())}};
    out.line_starts = {{line, column}};
    out.text = std::move(text);
    return out;
}

// "a | b | -> out" and rows below it, cells separated by '|'. Columns of the text are those of the definition.
TableSource table_of(const std::string& text, Hit hit, const std::vector<feel::TypeRef>& output_types);

// A compiled table and everything one decision needs.
struct Asked {
    Arena arena;
    feel::Frame frame;
    Match match;
    Asked() { frame.arena = &arena; }

    Value ask(const Table& table, std::vector<Value> row, bool explain = false) {
        row_ = std::move(row);
        frame.row = row_.data();
        return table.decide(frame, explain ? &match : nullptr);
    }
    std::string text(const Table& table, std::vector<Value> row) {
        std::string out;
        value::append_json(out, ask(table, std::move(row)));
        return out;
    }

 private:
    std::vector<Value> row_;
};

inline Value number(const char* text) {
    return Value::number(*Decimal::parse(text));
}

std::unique_ptr<Table> compiled(TableSource source, const Fields& fields);

}  // namespace leat::decision
