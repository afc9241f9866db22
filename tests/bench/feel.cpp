// The six business expressions of bench/feel against feelin: parsed once and evaluated, and both each time.
//   bench_feel [--quick] [--feelin FOLDER]    FOLDER: where `npm install feelin` was run; without it, Leat's side alone
// Cases are read from LEAT_BENCH_DIR (by default ../shared/bench beside the repository); answers are checked against
// the file's and feelin's.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include <fmt/format.h>

#include "base/json.hpp"
#include "feel/checker.hpp"
#include "feel/expression.hpp"
#include "measure.hpp"

using namespace leat;
using namespace leat::feel;

namespace {

// node as a second process that is asked for one measurement at a time.
class Feelin {
 public:
    Feelin(const std::string& folder, const std::string& cases) {
        int to[2], from[2];
        if (pipe(to) != 0 || pipe(from) != 0) return;
        child_ = fork();
        if (child_ == 0) {
            dup2(to[0], 0);
            dup2(from[1], 1);
            close(to[1]);
            close(from[0]);
            execlp("node", "node", LEAT_FEELIN_SCRIPT, folder.c_str(), static_cast<char*>(nullptr));
            _exit(127);
        }
        close(to[0]);
        close(from[1]);
        in_ = fdopen(to[1], "w");
        out_ = fdopen(from[0], "r");
        ready_ = ask(cases) == "ready";
    }
    Feelin(const Feelin&) = delete;
    ~Feelin() {
        if (in_) fclose(in_);
        if (out_) fclose(out_);
        if (child_ > 0) waitpid(child_, nullptr, 0);
    }
    bool ready() const { return ready_; }
    std::string ask(const std::string& line) {
        fprintf(in_, "%s\n", line.c_str());
        fflush(in_);
        char buffer[4096];
        if (!fgets(buffer, sizeof buffer, out_)) return {};
        std::string answer(buffer);
        if (!answer.empty() && answer.back() == '\n') answer.pop_back();
        return answer;
    }

 private:
    pid_t child_ = -1;
    FILE* in_ = nullptr;
    FILE* out_ = nullptr;
    bool ready_ = false;
};

Value to_value(const Json& json, Arena& arena) {
    switch (json.kind) {
        case Json::Kind::boolean:
            return Value::boolean(json.boolean);
        case Json::Kind::number:
            return Value::number(*Decimal::parse(json.text));
        case Json::Kind::string:
            return Value::string(arena.copy(json.text));
        case Json::Kind::array: {
            auto* items = arena.array<Value>(json.items.size());
            for (size_t i = 0; i < json.items.size(); i++) items[i] = to_value(json.items[i], arena);
            return Value::list(items, json.items.size());
        }
        case Json::Kind::object: {
            auto* entries = arena.array<value::ContextEntry>(json.members.size());
            for (size_t i = 0; i < json.members.size(); i++)
                entries[i] = {arena.copy(json.members[i].first), to_value(json.members[i].second, arena)};
            return Value::context_of(arena.make<value::ContextData>(
                value::ContextData{entries, static_cast<uint32_t>(json.members.size())}));
        }
        default:
            return Value();
    }
}

// The context's entries as locals.
class Names final : public Scope {
 public:
    explicit Names(const value::ContextData& context) : context_(context) {
        for (uint32_t i = 0; i < context.count; i++) {
            if (is_phrase(context.entries[i].name)) phrases_.emplace_back(context.entries[i].name);
        }
    }
    std::optional<Binding> find(std::string_view name) const override {
        for (uint32_t i = 0; i < context_.count; i++) {
            if (context_.entries[i].name != name) continue;
            Binding binding;
            binding.index = i;
            binding.type = type_of(context_.entries[i].value, types_);  // as feelin: untyped inside
            return binding;
        }
        return std::nullopt;
    }
    std::optional<Member> member(TypeRef, std::string_view) const override { return std::nullopt; }
    std::vector<std::string> names(TypeRef) const override { return {}; }
    std::optional<uint32_t> calendar(std::string_view) const override { return std::nullopt; }
    Types& types() const override { return types_; }
    const std::vector<std::string>& phrases() const override { return phrases_; }

 private:
    const value::ContextData& context_;
    std::vector<std::string> phrases_;
    mutable Types types_;
};

class Nothing final : public Environment {
 public:
    Value member(const Value&, uint32_t, Frame&) override { return Value(); }
    bool query(const CollectionQuery&, std::span<const Value>, Frame&, Value&) override { return false; }
    Value call(uint32_t, std::span<const Value>, Frame&) override { return Value(); }
    int64_t now_us() override { return 0; }
    value::Zone time_zone() override { return {ZoneKind::offset, 0}; }
};

// One expression of the file, ready to be compiled and evaluated.
class Case {
 public:
    Case(std::string name, std::string text, bool unary, const Json& context)
        : id(std::move(name)), unary_(unary), context_(to_value(context, kept_)), names_(*context_.context) {
        source_.text = std::move(text);
        source_.span.begin = {1, 1};
        for (uint32_t i = 0; i < context_.context->count; i++) locals_.push_back(context_.context->entries[i].value);
        if (unary) input_ = *context_.context->find("?");
    }
    std::unique_ptr<Expression> compile() const {
        Diagnostics diagnostics;
        CompileOptions options;
        options.lenient = true;
        auto made =
            unary_ ? compile_unary_tests(source_, type_of(input_, names_.types()), names_, options, diagnostics)
                   : feel::compile(source_, names_, options, diagnostics);
        if (!made) fmt::print(stderr, "{}: {}\n", id, diagnostics.all()[0].message);
        return made;
    }
    Value evaluate(const Expression& expression) {
        working_.reset();
        Frame frame;
        frame.locals = locals_.data();
        frame.environment = &nothing_;
        frame.arena = &working_;
        return unary_ ? expression.evaluate(frame, input_) : expression.evaluate(frame);
    }

    std::string id;
    std::optional<Value> expected;
    Arena kept_;

 private:
    bool unary_;
    Text source_;
    Value context_, input_;
    Names names_;
    std::vector<Value> locals_;
    Nothing nothing_;
    Arena working_;
};

// Operations a second over about that long.
template <class Run>
double rate(int milliseconds, const Run& run) {
    double begin = bench::seconds_now(), now = begin;
    long count = 0;
    do {
        for (int i = 0; i < 64; i++) run();
        count += 64;
        now = bench::seconds_now();
    } while (now < begin + milliseconds / 1000.0);
    return static_cast<double>(count) / (now - begin);
}

// feelin computes with doubles: within a millionth.
bool same(const Value& ours, const Value& theirs) {
    if (ours.kind != Kind::number || theirs.kind != Kind::number) return value::identical(ours, theirs);
    auto apart = Decimal::subtract(ours.as_number(), theirs.as_number());
    return apart && Decimal::compare(apart->abs(), *Decimal::parse("0.000001")) < 0;
}

}  // namespace

// Over sixty lines: one case after the other, each side in turn.
int main(int argc, char** argv) {
    bool quick = bench::quick(argc, argv);
    std::string folder;
    for (int i = 1; i + 1 < argc; i++) {
        if (std::string_view(argv[i]) == "--feelin") folder = argv[i + 1];
    }
    const char* base = std::getenv("LEAT_BENCH_DIR");
    std::string path = std::string(base && *base ? base : LEAT_BENCH_DEFAULT) + "/feel/bench-cases.json";
    if (!std::filesystem::exists(path)) {
        fmt::print("{} is not there: set LEAT_BENCH_DIR\n", path);
        return 77;
    }
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    auto cases = parse_json(text.str());
    if (!cases) {
        fmt::print(stderr, "{}: {}\n", path, cases.error().message);
        return 1;
    }
    std::unique_ptr<Feelin> feelin;
    if (!folder.empty()) {
        feelin = std::make_unique<Feelin>(folder, path);
        if (!feelin->ready()) {
            fmt::print(stderr, "node with feelin does not answer in {}: npm install feelin there\n", folder);
            return 1;
        }
    }
    long wrong = 0;
    const int rounds = quick ? 1 : 5, milliseconds = quick ? 5 : 400;
    for (const Json& one : cases->items) {
        Case row(one.find("id")->text, one.find("expr")->text, one.find("kind")->text == "unary", *one.find("context"));
        auto compiled = row.compile();
        if (!compiled) return 1;
        Value answer = value::copy(row.evaluate(*compiled), row.kept_);
        const Json* expected = one.find("expected");
        if (!expected->is_null() && !same(answer, to_value(*expected, row.kept_))) wrong++;
        for (const char* mode : {"once", "whole"}) {
            bool once = std::string_view(mode) == "once";
            std::vector<double> ours, theirs;
            for (int round = 0; round < rounds; round++) {
                ours.push_back(once ? rate(milliseconds, [&] { row.evaluate(*compiled); })
                                    : rate(milliseconds, [&] { row.evaluate(*row.compile()); }));
                if (!feelin) continue;
                std::string said = feelin->ask(fmt::format("{} {} {}", row.id, mode, milliseconds));
                size_t blank = said.find(' ');
                theirs.push_back(std::strtod(said.c_str(), nullptr));
                auto value = parse_json(said.substr(std::min(blank, said.size())));
                if (!value || !same(answer, to_value(*value, row.kept_))) wrong++;
            }
            fmt::print("feel-{}-{},leat,{},{:.0f},wrong={}\n", row.id, mode, rounds, bench::median(ours), wrong);
            if (!feelin) continue;
            fmt::print("feel-{}-{},feelin,{},{:.0f},wrong=0\n", row.id, mode, rounds, bench::median(theirs));
            fmt::print("feel-{}-{}: leat is {:.1f} times as fast as feelin\n", row.id, mode,
                       bench::median(ours) / bench::median(theirs));
        }
    }
    return wrong ? 1 : 0;
}
