// Groups of records with counts, sums, averages and bounds: by SQLite where that is exact, else row by row.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "record/column.hpp"
#include "report/column_order.hpp"
#include "report/listing_parts.hpp"

namespace leat::report {

using program::Field;
using query::Parameter;
using record::Records;
using record::Row;

namespace {

struct Total {
    int64_t count = 0;
    std::optional<Decimal> sum = Decimal(0);
    Parameter least, most;
    Value least_number, most_number;  // of numbers, whose columns need not order as they do
};

struct Before {
    bool operator()(const std::vector<Parameter>& a, const std::vector<Parameter>& b) const {
        for (size_t i = 0; i < a.size(); ++i) {
            auto order = in_column_order(a[i], b[i]);
            if (order != 0) return order < 0;
        }
        return false;
    }
};

class Groups {
 public:
    Groups(Records& records, const Listing& listing, const query::AccessScope& scope)
        : records_(records), program_(records.program()), listing_(listing), scope_(scope) {}

    Result<void> collect(const record::ScanOptions& options) {
        LEAT_TRY(bool summed, through_sql(options));
        if (summed) return {};
        totals_.clear();
        return row_by_row(options);
    }

    Result<void> write(std::string& out) {
        if (totals_.empty() && listing_.group.empty())
            totals_.emplace(std::vector<Parameter>(), std::vector<Total>(listing_.measures.size()));
        std::vector<std::vector<Value>> rows;
        for (const auto& [key, totals] : totals_) {
            std::vector<Value> row;
            for (size_t i = 0; i < key.size(); ++i) {
                LEAT_TRY(Value value, value_of(listing_.group[i].path, key[i]));
                row.push_back(value);
            }
            for (size_t i = 0; i < totals.size(); ++i) {
                LEAT_TRY(Value value, measured(listing_.measures[i], totals[i]));
                row.push_back(value);
            }
            rows.push_back(std::move(row));
        }
        sort(rows);
        JsonWriter json(out);
        json.begin_object().key("groups").begin_array();
        for (size_t i = 0; i < rows.size() && static_cast<int64_t>(i) < listing_.limit; ++i) {
            json.begin_object();
            for (size_t column = 0; column < rows[i].size(); ++column) {
                std::string text;
                LEAT_CHECK(records_.append_shown(rows[i][column], text));
                json.key(name(column)).raw(text);
            }
            json.end_object();
        }
        json.end_array().key("more").boolean(static_cast<int64_t>(rows.size()) > listing_.limit).end_object();
        return {};
    }

 private:
    const std::string& name(size_t column) const {
        size_t groups = listing_.group.size();
        return column < groups ? listing_.group[column].name : listing_.measures[column - groups].name;
    }

    const Field& field(const record::Path& path) const { return field_of(program_, *listing_.entity, path); }

    // What a measure adds up in SQL: none where the engine must.
    Result<bool> through_sql(const record::ScanOptions& options) {
        const auto entity = listing_.entity->id;
        LEAT_TRY(record::Prepared prepared, records_.prepare(entity, options, scope_));
        if (prepared.nothing) return true;
        if (!prepared.exact()) return false;
        record::ScanOptions columns = options;
        for (const auto& group : listing_.group) columns.order.push_back({group.path, false});
        for (const auto& measure : listing_.measures)
            columns.order.push_back({measure.kind == MeasureKind::rows ? record::Path{} : measure.of.path, false});
        for (const auto& key : columns.order)
            if (!records_.sorts(entity, key.path, scope_)) return false;
        LEAT_TRY(prepared, records_.prepare(entity, columns, scope_));
        auto order = std::move(prepared.select.order);
        prepared.select.order.clear();
        const size_t groups = listing_.group.size();
        for (size_t i = 0; i < groups; ++i) prepared.select.group.push_back(order[i].column);
        for (size_t i = 0; i < listing_.measures.size(); ++i)
            for (query::Aggregate one : aggregates(listing_.measures[i].kind))
                prepared.select.measures.push_back({one, order[groups + i].column});
        return records_.measure(prepared, [&](const store::Statement& statement) { take(statement); });
    }

    static std::vector<query::Aggregate> aggregates(MeasureKind kind) {
        switch (kind) {
            case MeasureKind::rows:
                return {query::Aggregate::rows};
            case MeasureKind::count:
                return {query::Aggregate::count};
            case MeasureKind::sum:
            case MeasureKind::average:
                return {query::Aggregate::count, query::Aggregate::sum};
            case MeasureKind::min:
                return {query::Aggregate::min};
            case MeasureKind::max:
                return {query::Aggregate::max};
        }
        return {};
    }

    Parameter column(const store::Statement& statement, int at, const Field& of) {
        if (statement.is_null(at)) return {};
        return text_column(of) ? Parameter::of(records_.arena().copy(statement.text(at)))
                               : Parameter::of(statement.integer(at));
    }

    static bool text_column(const Field& of) {
        switch (of.kind) {
            case program::FieldKind::integer:
            case program::FieldKind::decimal:
            case program::FieldKind::money:
            case program::FieldKind::boolean:
            case program::FieldKind::ref:
                return false;
            default:
                return true;
        }
    }

    void take(const store::Statement& statement) {
        std::vector<Parameter> key;
        int at = 0;
        for (const auto& group : listing_.group) key.push_back(column(statement, at++, field(group.path)));
        std::vector<Total> totals(listing_.measures.size());
        for (size_t i = 0; i < totals.size(); ++i) {
            const ListingMeasure& measure = listing_.measures[i];
            switch (measure.kind) {
                case MeasureKind::rows:
                case MeasureKind::count:
                    totals[i].count = statement.integer(at++);
                    break;
                case MeasureKind::sum:
                case MeasureKind::average:
                    totals[i].count = statement.integer(at++);
                    totals[i].sum = Decimal::make(statement.integer(at++), -field(measure.of.path).scale);
                    break;
                case MeasureKind::min:
                    totals[i].least = column(statement, at++, field(measure.of.path));
                    break;
                case MeasureKind::max:
                    totals[i].most = column(statement, at++, field(measure.of.path));
                    break;
            }
        }
        totals_.emplace(std::move(key), std::move(totals));
    }

    Result<void> row_by_row(const record::ScanOptions& options) {
        Result<void> inner;
        auto done = records_.scan(listing_.entity->id, options, scope_, [&](Row& row) {
            inner = add(row);
            return static_cast<bool>(inner);
        });
        if (!inner) return inner;
        return done;
    }

    Result<void> add(Row& row) {
        std::vector<Parameter> key;
        for (const auto& group : listing_.group) {
            LEAT_TRY(Value value, records_.value_at(row, group.path, scope_));
            key.push_back(record::to_column(program_, field(group.path), value, records_.arena()));
        }
        auto& totals = totals_.try_emplace(std::move(key), std::vector<Total>(listing_.measures.size())).first->second;
        for (size_t i = 0; i < totals.size(); ++i) {
            const ListingMeasure& measure = listing_.measures[i];
            Total& total = totals[i];
            if (measure.kind == MeasureKind::rows) {
                ++total.count;
                continue;
            }
            LEAT_TRY(Value value, records_.value_at(row, measure.of.path, scope_));
            if (value.is_null()) continue;
            ++total.count;
            if (value.kind == Kind::number) {
                const Decimal number = value.as_number();
                if (total.sum) total.sum = Decimal::add(*total.sum, number);
                if (total.least_number.is_null() || number < total.least_number.as_number()) total.least_number = value;
                if (total.most_number.is_null() || number > total.most_number.as_number()) total.most_number = value;
                continue;
            }
            Parameter as_column = record::to_column(program_, field(measure.of.path), value, records_.arena());
            bool first = total.least.kind == Parameter::Kind::null;
            if (first || in_column_order(as_column, total.least) < 0) total.least = as_column;
            if (first || in_column_order(as_column, total.most) > 0) total.most = as_column;
        }
        return {};
    }

    Result<Value> value_of(const record::Path& path, const Parameter& as_column) {
        const Field& of = field(path);
        switch (as_column.kind) {
            case Parameter::Kind::null:
                return Value();
            case Parameter::Kind::integer:
                if (of.kind == program::FieldKind::boolean) return Value::boolean(as_column.integer != 0);
                return Value::number(Decimal::make(as_column.integer, -of.scale));
            case Parameter::Kind::text:
                break;
        }
        auto value = record::scalar_from_text(program_, of.kind, as_column.text, records_.arena());
        return value ? *value : Value::string(as_column.text);
    }

    Result<Value> measured(const ListingMeasure& measure, const Total& total) {
        switch (measure.kind) {
            case MeasureKind::rows:
            case MeasureKind::count:
                return Value::number(Decimal(total.count));
            case MeasureKind::sum:
            case MeasureKind::average: {
                if (!total.sum) return make_error(Status::limit, "limit.digits", "a sum has over 34 digits");
                if (total.count == 0) return Value();  // nothing, or nothing that the reader sees, is no zero
                if (measure.kind == MeasureKind::sum) {
                    auto sum = total.sum->rescale(field(measure.of.path).scale);
                    return Value::number(sum ? *sum : *total.sum);
                }
                auto mean = Decimal::divide(*total.sum, Decimal(total.count));
                return mean ? Value::number(*mean) : Value();
            }
            case MeasureKind::min:
                return total.least_number.is_null() ? value_of(measure.of.path, total.least) : total.least_number;
            case MeasureKind::max:
                return total.most_number.is_null() ? value_of(measure.of.path, total.most) : total.most_number;
        }
        return Value();
    }

    void sort(std::vector<std::vector<Value>>& rows) {
        std::vector<size_t> columns;
        for (const ListingSort& key : listing_.sort)
            for (size_t i = 0; i < listing_.group.size() + listing_.measures.size(); ++i)
                if (name(i) == key.by.name) {
                    columns.push_back(i);
                    break;
                }
        // -1, 0 or 1; nulls before everything.
        auto order = [](const Value& a, const Value& b) {
            if (a.is_null() || b.is_null()) return static_cast<int>(b.is_null()) - static_cast<int>(a.is_null());
            if (a.kind == Kind::boolean) return static_cast<int>(a.is_true()) - static_cast<int>(b.is_true());
            auto found = value::compare(a, b);
            return !found || *found == 0 ? 0 : *found < 0 ? -1 : 1;
        };
        std::stable_sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) {
            for (size_t i = 0; i < columns.size(); ++i) {
                int found = order(a[columns[i]], b[columns[i]]);
                if (found != 0) return listing_.sort[i].descending ? found > 0 : found < 0;
            }
            return false;
        });
    }

    Records& records_;
    const program::Program& program_;
    const Listing& listing_;
    const query::AccessScope& scope_;
    std::map<std::vector<Parameter>, std::vector<Total>, Before> totals_;
};

}  // namespace

Result<void> answer_groups(Records& records, const Listing& listing, const record::ScanOptions& options,
                           const query::AccessScope& scope, std::string& out) {
    Groups groups(records, listing, scope);
    LEAT_CHECK(groups.collect(options));
    return groups.write(out);
}

}  // namespace leat::report
