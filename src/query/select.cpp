#include "query/select.hpp"

#include <fmt/format.h>

#include <iterator>

namespace leat::query {

namespace {

class Printer {
 public:
    Printer(std::string& sql, std::vector<Parameter>& parameters) : sql_(sql), parameters_(parameters) {}

    void name(std::string_view text) {
        sql_ += '"';
        for (char c : text) {
            if (c == '"') sql_ += '"';
            sql_ += c;
        }
        sql_ += '"';
    }

    void column(std::string_view text) {
        sql_ += "t.";
        name(text);
    }

    void parameter(const Parameter& parameter) {
        parameters_.push_back(parameter);
        fmt::format_to(std::back_inserter(sql_), "?{}", parameters_.size());
    }

    void operand(const Operand& operand) {
        if (!operand.column) return parameter(operand.parameter);
        const Column& c = *operand.column;
        if (c.through.empty()) return column(c.name);
        sql_ += "(SELECT r.";
        name(c.name);
        sql_ += " FROM ";
        name(c.target_table);
        sql_ += " AS r WHERE r.\"id\" = ";
        column(c.through);
        sql_ += ')';
    }

    void predicate(const Predicate& p) {
        switch (p.op) {
            case Op::all:
                return list(p, " AND ", "1");
            case Op::any:
                return list(p, " OR ", "0");
            case Op::negate:
                sql_ += "NOT ";
                return predicate(p.children[0]);
            case Op::equal:
                return binary(p, " IS ");
            case Op::not_equal:
                return binary(p, " IS NOT ");
            case Op::less:
                return binary(p, " < ");
            case Op::less_equal:
                return binary(p, " <= ");
            case Op::greater:
                return binary(p, " > ");
            case Op::greater_equal:
                return binary(p, " >= ");
            case Op::truth:
                return operand(p.left);
            case Op::contains:
                return position(p, " > 0)");
            case Op::starts_with:
                return position(p, " = 1)");
            case Op::unknown:
                sql_ += "NULL";
                return;
        }
    }

 private:
    void list(const Predicate& p, const char* separator, const char* none) {
        if (p.children.empty()) {
            sql_ += none;
            return;
        }
        sql_ += '(';
        for (size_t i = 0; i < p.children.size(); ++i) {
            if (i) sql_ += separator;
            predicate(p.children[i]);
        }
        sql_ += ')';
    }

    void binary(const Predicate& p, const char* sign) {
        sql_ += '(';
        operand(p.left);
        sql_ += sign;
        operand(p.right);
        sql_ += ')';
    }

    void position(const Predicate& p, const char* test) {
        sql_ += "(instr(";
        operand(p.left);
        sql_ += ", ";
        operand(p.right);
        sql_ += ')';
        sql_ += test;
    }

    std::string& sql_;
    std::vector<Parameter>& parameters_;
};

bool is_true(const Predicate& p) {
    return p.op == Op::all && p.children.empty();
}

}  // namespace

void print(const Select& select, std::string& sql, std::vector<Parameter>& parameters) {
    Printer printer(sql, parameters);
    sql += "SELECT ";
    if (select.count) {
        sql += "count(*)";
    } else {
        for (size_t i = 0; i < select.columns.size(); ++i) {
            if (i) sql += ", ";
            printer.column(select.columns[i]);
        }
    }
    sql += " FROM ";
    printer.name(select.table);
    sql += " AS t";
    const char* word = " WHERE ";
    if (!is_true(select.where)) {
        sql += word;
        printer.predicate(select.where);
        word = " AND ";
    }
    if (select.after_id) {
        sql += word;
        sql += "t.\"id\" > ";
        printer.parameter(Parameter::of(*select.after_id));
    }
    if (!select.count) {
        sql += " ORDER BY ";
        for (const Order& order : select.order) {
            printer.column(order.column);
            sql += order.descending ? " DESC, " : ", ";
        }
        sql += "t.\"id\"";
    }
    if (select.limit) {
        sql += " LIMIT ";
        printer.parameter(Parameter::of(*select.limit));
    }
}

void bind(store::Statement& statement, const std::vector<Parameter>& parameters, int first) {
    for (const Parameter& parameter : parameters) {
        switch (parameter.kind) {
            case Parameter::Kind::null:
                statement.bind_null(first);
                break;
            case Parameter::Kind::integer:
                statement.bind(first, parameter.integer);
                break;
            case Parameter::Kind::text:
                statement.bind(first, parameter.text);
                break;
        }
        ++first;
    }
}

}  // namespace leat::query
