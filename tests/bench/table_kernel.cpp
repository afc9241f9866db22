// What the kernel alone shows of decision tables: the time to build one, the bytes of its index beside the raw columns,
// what explaining costs; and the scoring of leads by thirty rules against the same rules written in C++.
#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "base/json.hpp"
#include "decision/explain.hpp"
#include "measure.hpp"
#include "tables.hpp"

namespace {

using namespace leat;
using decision::Hit;
using feel::TypeKind;

// Names in places of Frame::locals.
class Names final : public feel::Scope {
 public:
    void add(const std::string& name, TypeKind kind) {
        names_.push_back(name);
        kinds_.push_back(kind);
    }
    std::optional<feel::Binding> find(std::string_view name) const override {
        for (uint32_t i = 0; i < names_.size(); ++i) {
            if (names_[i] != name) continue;
            feel::Binding binding;
            binding.index = i;
            binding.type = types_.basic(kinds_[i]);
            return binding;
        }
        return std::nullopt;
    }
    std::optional<feel::Member> member(feel::TypeRef, std::string_view) const override { return std::nullopt; }
    std::vector<std::string> names(feel::TypeRef type) const override {
        return type ? std::vector<std::string>() : names_;
    }
    std::optional<uint32_t> calendar(std::string_view) const override { return std::nullopt; }
    feel::Types& types() const override { return types_; }

 private:
    std::vector<std::string> names_;
    std::vector<TypeKind> kinds_;
    mutable feel::Types types_;
};

Text text_of(std::string text) {
    Text out;
    out.span = {1, {1, 1}, {1, static_cast<uint32_t>(text.size()) + 1}};
    out.text = std::move(text);
    return out;
}

decision::TableSource source_of(const bench::TableData& data, const Names& names, Hit hit) {
    decision::TableSource source;
    source.name = data.name;
    source.hit = hit;
    for (const std::string& name : names.names(nullptr)) source.inputs.push_back({text_of(name)});
    source.outputs.push_back({"row", names.types().basic(TypeKind::number), {}});
    for (size_t i = 0; i < data.rows.size(); ++i) {
        decision::TableRow row;
        for (std::string& cell : bench::cells_of(data.rows[i])) row.inputs.push_back(text_of(std::move(cell)));
        row.outputs.push_back(text_of(std::to_string(i)));
        source.rows.push_back(std::move(row));
    }
    return source;
}

std::unique_ptr<decision::Table> built(decision::TableSource source, const Names& names) {
    Diagnostics diagnostics;
    return decision::compile(std::move(source), names, {}, diagnostics);
}

long run_table(const bench::TableData& data, bool quick) {
    if (data.rows.empty()) return 0;
    Names names;
    for (const char* text : {"region", "tier", "product"}) names.add(text, TypeKind::string);
    for (const char* number : {"amount", "qty"}) names.add(number, TypeKind::number);
    std::vector<double> seconds;
    std::unique_ptr<decision::Table> table;
    for (int round = 0; round < (quick ? 1 : 5); ++round) {
        decision::TableSource source = source_of(data, names, Hit::first);
        double begin = bench::cpu_seconds();
        table = built(std::move(source), names);
        seconds.push_back(bench::cpu_seconds() - begin);
    }
    double raw = static_cast<double>(bench::kRawBytesOfRow * data.rows.size());
    std::printf("%s: built in %.1f ms; %.2f times the raw columns for the index, %.2f for the cells themselves\n",
                data.name.c_str(), bench::median(seconds) * 1000, static_cast<double>(table->index_bytes()) / raw,
                static_cast<double>(table->cell_bytes()) / raw);
    Arena arena;
    feel::Frame frame;
    frame.arena = &arena;
    std::vector<Value> inputs;
    for (const auto& in : data.inputs) {
        for (const std::string* text : {&in.region, &in.tier, &in.product}) inputs.push_back(Value::string(*text));
        inputs.push_back(Value::number(in.amount));
        inputs.push_back(Value::number(in.quantity));
    }
    const size_t count = data.inputs.size();
    const long rounds = quick ? 1 : 200, whole_rounds = quick || data.rows.size() > 1000 ? 1 : 20;
    volatile long sink = 0;
    auto at = [&](size_t i) { return std::span<const Value>(inputs).subspan(i * 5, 5); };
    std::vector<bench::Side> sides(2), wholes(2);
    decision::Match match;
    sides[0].engine = "decide-with-trace";
    sides[0].run = [&] {
        for (long r = 0; r < rounds; ++r)
            for (size_t i = 0; i < count; ++i) {
                table->decide(frame, at(i), &match);
                sink = sink + static_cast<long>(match.rows.size());
            }
    };
    sides[1].engine = "decide";
    sides[1].run = [&] {
        for (long r = 0; r < rounds; ++r)
            for (size_t i = 0; i < count; ++i) sink = sink + table->decide(frame, at(i)).exponent;
    };
    for (int i = 0; i < 2; ++i) {
        wholes[static_cast<size_t>(i)].engine = i == 0 ? "explain-rows-and-cells" : "explain-with-nearest";
        wholes[static_cast<size_t>(i)].run = [&, nearest = i == 0 ? size_t{0} : size_t{3}] {
            for (long r = 0; r < whole_rounds; ++r)
                for (size_t k = 0; k < std::min<size_t>(count, 100); ++k) {
                    arena.reset();
                    sink = sink + static_cast<long>(decision::explain(*table, frame, at(k), nearest).matched.size());
                }
        };
    }
    for (size_t i = 0; i < count; ++i) {
        Value answer = table->decide(frame, at(i), &match);
        long row = answer.is_null() ? -1 : static_cast<long>(answer.bits.low);
        sides[0].wrong += row != data.expected[i];
        sides[1].wrong += row != (match.rows.empty() ? -1 : static_cast<long>(match.rows[0]));
    }
    bench::measure(data.name, rounds * static_cast<long>(count), quick ? 1 : 5, sides, bench::cpu_seconds);
    bench::print_ratio(data.name.c_str(), sides[0], sides[1]);
    bench::measure(data.name, whole_rounds * static_cast<long>(std::min<size_t>(count, 100)), quick ? 1 : 5, wholes,
                   bench::cpu_seconds);
    return sides[0].wrong + sides[1].wrong;
}

// --- scoring ---

struct Lead {
    std::string title, industry, source, country;
    double size = 0, budget = 0, interactions = 0, opens = 0, days = 0;
    bool demo = false;
    long expected = 0;
};

// The thirty rules of exprs_in.json, written by hand.
long score(const Lead& x) {
    long s = 0;
    if (x.title == "CEO") s += 25;
    if (x.title == "CTO") s += 20;
    if (x.title == "VP") s += 18;
    if (x.title == "Director") s += 15;
    if (x.title == "Manager") s += 10;
    if (x.title == "Engineer") s += 5;
    if (x.title == "Student") s -= 20;
    if (x.size >= 10) s += 2;
    if (x.size >= 50) s += 4;
    if (x.size >= 200) s += 6;
    if (x.size >= 1000) s += 8;
    if (x.size >= 5000) s += 5;
    if (x.budget >= 5000) s += 3;
    if (x.budget >= 20000) s += 5;
    if (x.budget >= 100000) s += 10;
    if (x.budget >= 500000) s += 12;
    if (x.industry == "software") s += 6;
    if (x.industry == "manufacturing") s += 8;
    if (x.industry == "finance") s += 7;
    if (x.industry == "education") s += 1;
    if (x.interactions >= 3) s += 3;
    if (x.interactions >= 10) s += 7;
    if (x.opens >= 5) s += 2;
    if (x.demo) s += 20;
    if (x.source == "referral" || x.source == "partner") s += 9;
    if (x.source == "cold") s -= 3;
    if (x.days > 30) s -= 5;
    if (x.days > 90) s -= 10;
    if ((x.country == "CN" || x.country == "US" || x.country == "DE" || x.country == "JP") && x.budget >= 50000) s += 6;
    if ((x.title == "CEO" || x.title == "CTO" || x.title == "VP") && x.size >= 500 && x.demo) s += 15;
    return s;
}

constexpr const char* kFields[] = {"title",       "company_size",   "budget", "industry",           "interactions",
                                   "email_opens", "demo_requested", "source", "days_since_contact", "country"};

std::string cell_of(const Json& condition) {
    const std::string& sign = condition.items[1].text;
    const Json& value = condition.items[2];
    auto literal = [](const Json& one) {
        if (one.kind == Json::Kind::boolean) return std::string(one.boolean ? "true" : "false");
        return one.kind == Json::Kind::string ? "\"" + one.text + "\"" : one.text;
    };
    if (sign == "ge") return ">= " + literal(value);
    if (sign == "gt") return "> " + literal(value);
    if (sign == "eq") return literal(value);
    std::string list;
    for (const Json& item : value.items) list += (list.empty() ? "" : ", ") + literal(item);
    return list;
}

decision::TableSource scoring(const Json& rules, const Names& names) {
    decision::TableSource source;
    source.name = "score";
    source.hit = Hit::collect_sum;
    for (const char* field : kFields) source.inputs.push_back({text_of(field)});
    source.outputs.push_back({"points", names.types().basic(TypeKind::number), {}});
    for (const Json& rule : rules.items) {
        decision::TableRow row;
        for (const char* field : kFields) {
            std::string cell = "-";
            for (const Json& condition : rule.items[0].items)
                if (condition.items[0].text == field) cell = cell_of(condition);
            row.inputs.push_back(text_of(cell));
        }
        row.outputs.push_back(text_of(rule.items[1].text));
        source.rows.push_back(std::move(row));
    }
    return source;
}

long run_scoring(bool quick) {
    std::ifstream file(bench::bench_dir() + "/rules/data/exprs_in.json");
    std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    auto json = parse_json(content);
    if (!json) return 0;
    const Json& data = *json->find("scoring");
    Names names;
    for (const char* field : kFields) {
        const Json& sample = *data.find("leads")->items[0].find(field);
        names.add(field, sample.kind == Json::Kind::string    ? TypeKind::string
                         : sample.kind == Json::Kind::boolean ? TypeKind::boolean
                                                              : TypeKind::number);
    }
    auto table = built(scoring(*data.find("rules"), names), names);
    std::vector<Lead> leads;
    for (size_t i = 0; i < data.find("leads")->items.size(); ++i) {
        const Json& one = data.find("leads")->items[i];
        auto number = [&](const char* field) { return std::strtod(one.find(field)->text.c_str(), nullptr); };
        leads.push_back({one.find("title")->text, one.find("industry")->text, one.find("source")->text,
                         one.find("country")->text, number("company_size"), number("budget"), number("interactions"),
                         number("email_opens"), number("days_since_contact"), one.find("demo_requested")->boolean,
                         std::strtol(data.find("expected")->items[i].text.c_str(), nullptr, 10)});
    }
    std::vector<Value> inputs;
    for (const Lead& lead : leads) {
        auto number = [](double value) { return Value::number(static_cast<int64_t>(value)); };
        inputs.insert(inputs.end(),
                      {Value::string(lead.title), number(lead.size), number(lead.budget), Value::string(lead.industry),
                       number(lead.interactions), number(lead.opens), Value::boolean(lead.demo),
                       Value::string(lead.source), number(lead.days), Value::string(lead.country)});
    }
    Arena arena;
    feel::Frame frame;
    frame.arena = &arena;
    const long rounds = quick ? 1 : 300;
    volatile long sink = 0;
    std::vector<bench::Side> sides(2);
    auto at = [&](size_t i) { return std::span<const Value>(inputs).subspan(i * 10, 10); };
    sides[0].engine = "leat";
    sides[0].run = [&] {
        for (long r = 0; r < rounds; ++r)
            for (size_t i = 0; i < leads.size(); ++i)
                sink = sink + static_cast<long>(table->decide(frame, at(i)).bits.low);
    };
    sides[1].engine = "R";
    sides[1].run = [&] {
        for (long r = 0; r < rounds; ++r)
            for (const Lead& lead : leads) sink = sink + score(lead);
    };
    for (size_t i = 0; i < leads.size(); ++i) {
        Value answer = table->decide(frame, at(i));
        long points = answer.is_null() ? 0 : static_cast<long>(*answer.as_number().to_int64());
        sides[0].wrong += points != leads[i].expected;
        sides[1].wrong += score(leads[i]) != leads[i].expected;
    }
    bench::measure("score30", rounds * static_cast<long>(leads.size()), quick ? 1 : 5, sides, bench::cpu_seconds);
    std::printf("score30: leat %.2f of R\n", bench::median(sides[0].rates) / bench::median(sides[1].rates));
    return sides[0].wrong + sides[1].wrong;
}

}  // namespace

int main(int argc, char** argv) {
    const bool quick = bench::quick(argc, argv);
    long wrong = run_table(bench::made_table(), quick) + run_scoring(quick);
    if (!quick) {
        for (const char* name : {"dt_20", "dt_1000", "dt_20000", "dt_100000", "dtr_1000", "dtr_20000", "dtr_100000"})
            wrong += run_table(bench::read_table(name), false);
    }
    return wrong ? 1 : 0;
}
