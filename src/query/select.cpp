#include "query/select.hpp"

#include "query/search.hpp"

#include <fmt/format.h>

#include <iterator>

namespace leat::query {

namespace {

class Printer {
 public:
    Printer(std::string_view table, std::string& sql, std::vector<Parameter>& parameters)
        : table_(table), sql_(sql), parameters_(parameters) {}

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
        reached(*operand.column);
    }

    void reached(const Column& c) {
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
            case Op::has_item:
                sql_ += "EXISTS (SELECT 1 FROM json_each(";
                operand(p.left);
                sql_ += ") AS j WHERE j.value = ";
                operand(p.right);
                sql_ += ')';
                return;
            case Op::unknown:
                sql_ += "NULL";
                return;
            case Op::among:
                operand(p.left);
                sql_ += " IN (SELECT value FROM json_each(";
                operand(p.right);
                sql_ += "))";
                return;
            case Op::shared:
                sql_ +=
                    "t.\"id\" IN (SELECT s.record FROM leat_share AS s WHERE s.holder IN (SELECT value FROM json_each(";
                operand(p.right);
                sql_ += ")) AND s.entity = ";
                operand(p.left);
                sql_ += ')';
                return;
            case Op::like:
                sql_ += '(';
                operand(p.left);
                sql_ += " LIKE ";
                operand(p.right);
                sql_ += " ESCAPE '\\')";
                return;
            case Op::below:
            case Op::above:
                return tree(p);
            case Op::found: {
                std::string text = search_table(table_);
                sql_ += "t.\"id\" IN (SELECT rowid FROM ";
                name(text);
                sql_ += " WHERE ";
                name(text);
                sql_ += " MATCH ";
                operand(p.right);
                sql_ += ')';
                return;
            }
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

    // UNION drops what was there before: a circle of references ends.
    void tree(const Predicate& p) {
        const Column& parent = *p.children[0].left.column;
        const bool down = p.op == Op::below;
        sql_ += '(';
        operand(p.left);
        sql_ += " IN (WITH RECURSIVE tree(id) AS (SELECT ";
        operand(p.right);
        sql_ += down ? " UNION SELECT n.\"id\" FROM " : " UNION SELECT n.";
        if (!down) {
            name(parent.name);
            sql_ += " FROM ";
        }
        name(parent.target_table);
        sql_ += down ? " AS n JOIN tree ON n." : " AS n JOIN tree ON n.\"id\" = tree.id WHERE n.";
        name(parent.name);
        sql_ += down ? " = tree.id) SELECT id FROM tree))" : " IS NOT NULL) SELECT id FROM tree))";
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

    std::string_view table_;
    std::string& sql_;
    std::vector<Parameter>& parameters_;
};

bool is_true(const Predicate& p) {
    return p.op == Op::all && p.children.empty();
}

void measures(const Select& select, Printer& printer, std::string& sql) {
    const char* separator = "";
    for (const Column& column : select.group) {
        sql += separator;
        printer.reached(column);
        separator = ", ";
    }
    for (const Measure& measure : select.measures) {
        static constexpr const char* kNames[] = {"count(*)", "count(", "sum(", "min(", "max("};
        sql += separator;
        sql += kNames[static_cast<int>(measure.aggregate)];
        separator = ", ";
        if (measure.aggregate == Aggregate::rows) continue;
        printer.reached(measure.column);
        sql += ')';
    }
}

}  // namespace

void print(const Select& select, std::string& sql, std::vector<Parameter>& parameters) {
    Printer printer(select.table, sql, parameters);
    sql += "SELECT ";
    const bool measured = !select.measures.empty();
    if (select.count) {
        sql += "count(*)";
    } else if (measured) {
        measures(select, printer, sql);
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
    if (measured) {
        const char* separator = " GROUP BY ";
        for (const char* part : {" GROUP BY ", " ORDER BY "}) {
            separator = part;
            for (const Column& column : select.group) {
                sql += separator;
                printer.reached(column);
                separator = ", ";
            }
        }
    } else if (!select.count) {
        sql += " ORDER BY ";
        for (const Order& order : select.order) {
            printer.reached(order.column);
            sql += order.descending ? " DESC, " : ", ";
        }
        sql += "t.\"id\"";
    }
    if (select.limit) {
        sql += " LIMIT ";
        printer.parameter(Parameter::of(*select.limit));
        if (select.offset) {
            sql += " OFFSET ";
            printer.parameter(Parameter::of(select.offset));
        }
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
