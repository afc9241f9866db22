// Decision tables through the C ABI on prepared inputs against R: one decision a call, and whole columns in one call.
// The data is made by gen_data.py in LEAT_BENCH_DIR/rules (default ../shared/bench); answers are checked against its
// brute-force files.
#include <leat/leat.hpp>

#include <cstring>

#include "measure.hpp"
#include "tables.hpp"

namespace {

using leat::bench::Side;
using leat::bench::TableData;

std::string definitions(const TableData& data) {
    std::string yaml =
        "leat: 1\napp: bench\nlanguage: en\n---\ndecision: discount\n"
        "inputs: {region: {type: string}, tier: {type: string}, product: {type: string}, amount: {type: integer}, "
        "qty: {type: integer}}\noutputs: {row: integer}\nhit: first\ntable: |\n"
        "  | region | tier | product | amount | qty | -> row |\n";
    for (size_t i = 0; i < data.rows.size(); ++i) {
        yaml += "  |";
        for (const std::string& cell : leat::bench::cells_of(data.rows[i])) yaml += " " + cell + " |";
        yaml += " " + std::to_string(i) + " |\n";
    }
    return yaml;
}

leat::Program load(const TableData& data) {
    std::string yaml = definitions(data);
    leat_source source = {leat_str_of("bench.yaml"), {yaml.data(), yaml.size()}};
    leat_program_options options = {};
    options.struct_size = sizeof options;
    options.source_bytes_max = 64u << 20;
    leat_program* program = nullptr;
    leat::detail::check([&](leat_error** error) { return leat_program_load(&program, &source, 1, &options, error); });
    return leat::Program(leat::detail::Handle<leat_program>(program));
}

// The inputs as a host prepares them: values of each decision, and columns of all.
struct Prepared {
    std::vector<leat_value> values;  // five a decision
    std::vector<int64_t> numbers[2];
    std::string texts[3];
    std::vector<uint32_t> offsets[3];
    std::vector<leat_column> columns;

    explicit Prepared(const TableData& data) {
        for (auto& list : offsets) list.push_back(0);
        for (const auto& in : data.inputs) {
            const std::string* text[] = {&in.region, &in.tier, &in.product};
            for (int i = 0; i < 3; ++i) {
                values.push_back(leat_value_string({text[i]->data(), text[i]->size()}));
                texts[i] += *text[i];
                offsets[i].push_back(static_cast<uint32_t>(texts[i].size()));
            }
            values.push_back(leat_value_integer(in.amount));
            values.push_back(leat_value_integer(in.quantity));
            numbers[0].push_back(in.amount);
            numbers[1].push_back(in.quantity);
        }
        columns.resize(5);
        for (size_t i = 0; i < 5; ++i) {
            columns[i].kind = i < 3 ? LEAT_KIND_STRING : LEAT_KIND_NUMBER;
            columns[i].values = i < 3 ? static_cast<const void*>(texts[i].data()) : numbers[i - 3].data();
            columns[i].offsets = i < 3 ? offsets[i].data() : nullptr;
        }
    }
};

long row_of(const leat_value& value) {
    return value.kind == LEAT_KIND_NUMBER ? static_cast<long>(value.as.number.low) : -1;
}

// The time of one decision, by name.
std::vector<std::pair<std::string, double>> times;

// The JSON door, without and with the explanation in each answer.
long run_json(const TableData& data, const leat::Program& program, bool quick) {
    std::vector<std::string> texts;
    for (const auto& in : data.inputs) {
        texts.push_back("{\"region\":\"" + in.region + "\",\"tier\":\"" + in.tier + "\",\"product\":\"" + in.product +
                        "\",\"amount\":" + std::to_string(in.amount) + ",\"qty\":" + std::to_string(in.quantity) + "}");
    }
    const long rounds = quick ? 1 : 20;
    const char* const engines[] = {"leat-json", "leat-json-explained"};
    std::vector<Side> sides(2);
    volatile size_t sink = 0;
    for (size_t s = 0; s < 2; ++s) {
        sides[s].engine = engines[s];
        sides[s].run = [&, s] {
            leat_decide_options options = {};
            options.struct_size = sizeof options;
            options.flags = s == 1 ? +LEAT_DECIDE_EXPLAIN : 0;
            for (long r = 0; r < rounds; ++r)
                for (const std::string& text : texts) {
                    leat_text* out = nullptr;
                    if (leat_decide(&out, program.get(), leat_str_of("discount"), {text.data(), text.size()}, &options,
                                    nullptr) != LEAT_OK)
                        ++sides[s].wrong;
                    sink = sink + leat_text_str(out).size;
                    leat_text_free(out);
                }
        };
    }
    leat::bench::measure(data.name, rounds * static_cast<long>(texts.size()), quick ? 1 : 5, sides,
                         leat::bench::cpu_seconds);
    std::printf("%s: an answer with its explanation takes %.2f times a bare one, JSON in and out\n", data.name.c_str(),
                leat::bench::median(sides[0].rates) / leat::bench::median(sides[1].rates));
    return sides[0].wrong + sides[1].wrong;
}

// Over sixty lines: three sides over the same inputs, and their answers compared.
long run(const TableData& data, bool by_interval, bool quick) {
    if (data.rows.empty()) {
        std::printf("%s: no data in %s/rules/data\n", data.name.c_str(), leat::bench::bench_dir().c_str());
        return 0;
    }
    double begin = leat::bench::cpu_seconds();
    leat::Program program = load(data);
    std::printf("%s: definitions read, checked and compiled in %.0f ms\n", data.name.c_str(),
                (leat::bench::cpu_seconds() - begin) * 1000);
    leat::Decision decision(program, "discount");
    leat_scratch* scratch = nullptr;
    leat::detail::check([&](leat_error** error) { return leat_scratch_new(&scratch, error); });
    Prepared prepared(data);
    leat::bench::Limit limit(data, by_interval);
    const size_t count = data.inputs.size();
    const long rounds = quick ? 1 : 300;
    std::vector<Side> sides(3);
    volatile long sink = 0;
    leat_value out;
    std::vector<leat_value> outs(count);
    sides[0].engine = "leat";
    sides[0].run = [&] {
        for (long r = 0; r < rounds; ++r)
            for (size_t i = 0; i < count; ++i) {
                if (leat_decide_values(&out, decision.get(), scratch, &prepared.values[i * 5], 5, nullptr) != LEAT_OK)
                    ++sides[0].wrong;
                sink = sink + static_cast<long>(out.as.number.low);
            }
    };
    sides[1].engine = "leat-columns";
    sides[1].run = [&] {
        for (long r = 0; r < rounds; ++r) {
            if (leat_decide_columns(outs.data(), decision.get(), scratch, prepared.columns.data(), 5, count, nullptr) !=
                LEAT_OK)
                ++sides[1].wrong;
            sink = sink + static_cast<long>(outs[0].as.number.low);
        }
    };
    sides[2].engine = "R";
    sides[2].run = [&] {
        for (long r = 0; r < rounds; ++r)
            for (const auto& in : data.inputs) sink = sink + limit.decide(in);
    };
    leat::detail::check([&](leat_error** error) {
        return leat_decide_columns(outs.data(), decision.get(), scratch, prepared.columns.data(), 5, count, error);
    });
    for (size_t i = 0; i < count; ++i) {
        sides[1].wrong += row_of(outs[i]) != data.expected[i];
        sides[2].wrong += limit.decide(data.inputs[i]) != data.expected[i];
    }
    for (size_t i = 0; i < count; ++i) {
        leat_decide_values(&out, decision.get(), scratch, &prepared.values[i * 5], 5, nullptr);
        sides[0].wrong += row_of(out) != data.expected[i];
    }
    leat::bench::measure(data.name, rounds * static_cast<long>(count), quick ? 1 : 5, sides, leat::bench::cpu_seconds);
    auto rate = [](const Side& side) { return leat::bench::median(side.rates); };
    std::printf("%s: leat %.2f of R, by columns %.2f of R\n", data.name.c_str(), rate(sides[0]) / rate(sides[2]),
                rate(sides[1]) / rate(sides[2]));
    times.emplace_back(data.name, 1 / rate(sides[0]));
    leat_scratch_free(scratch);
    return sides[0].wrong + sides[1].wrong + sides[2].wrong + run_json(data, program, quick);
}

void print_growth(const char* kind) {
    auto time = [&](const std::string& name) {
        for (const auto& [known, seconds] : times)
            if (known == name) return seconds;
        return 0.0;
    };
    double small = time(std::string(kind) + "_1000"), large = time(std::string(kind) + "_100000");
    if (small > 0 && large > 0) std::printf("%s: time(100k) / time(1k) = %.2f\n", kind, large / small);
}

}  // namespace

int main(int argc, char** argv) {
    const bool quick = leat::bench::quick(argc, argv);
    if (argc == 3 && std::strcmp(argv[1], "--only") == 0)
        return run(leat::bench::read_table(argv[2]), std::strncmp(argv[2], "dtr", 3) == 0, false) ? 1 : 0;
    long wrong = run(leat::bench::made_table(), false, quick) + run(leat::bench::made_table(), true, quick);
    if (!quick) {
        for (const char* name : {"dt_20", "dt_1000", "dt_20000", "dt_100000"})
            wrong += run(leat::bench::read_table(name), false, quick);
        for (const char* name : {"dtr_1000", "dtr_20000", "dtr_100000"})
            wrong += run(leat::bench::read_table(name), true, quick);
        print_growth("dt");
        print_growth("dtr");
    }
    return wrong ? 1 : 0;
}
