// One machine step in memory: a flow of ten states, its guards in FEEL over a bound row; events in a cycle with the
// expected state after each. Against the same machine as a hand-written switch.
#include "measure.hpp"
#include "program/load.hpp"

namespace {

constexpr const char* kDefinitions = R"(
leat: 1
app: bench
language: en
---
entity: deal
fields: {score: {type: integer}, amount: {type: money}, paid: {type: money}}
---
flow: cash
of: deal
field: stage
events: {qualify: [], open: [], quote: [], negotiate: [], order: [], fulfil: [], invoice: [], pay: [], close: [], reopen: []}
states:
  lead:        {on: {qualify: {target: qualified, guard: score >= 50}}}
  qualified:   {on: {open: opportunity}}
  opportunity: {on: {quote: {target: quoted, guard: amount > 0}}}
  quoted:      {on: {negotiate: negotiation}}
  negotiation: {on: {order: ordered}}
  ordered:     {on: {fulfil: fulfilled}}
  fulfilled:   {on: {invoice: invoiced}}
  invoiced:    {on: {pay: {target: paid_up, guard: paid >= amount}}}
  paid_up:     {on: {close: closed}}
  closed:      {on: {reopen: lead}}
)";

enum Event { kQualify, kOpen, kQuote, kNegotiate, kOrder, kFulfil, kInvoice, kPay, kClose, kReopen };

// The hand-written machine.
int plain(int state, int event, double score, double amount, double paid) {
    switch (state) {
        case 1:
            return event == kQualify && score >= 50 ? 2 : 1;
        case 2:
            return event == kOpen ? 3 : 2;
        case 3:
            return event == kQuote && amount > 0 ? 4 : 3;
        case 4:
            return event == kNegotiate ? 5 : 4;
        case 5:
            return event == kOrder ? 6 : 5;
        case 6:
            return event == kFulfil ? 7 : 6;
        case 7:
            return event == kInvoice ? 8 : 7;
        case 8:
            return event == kPay && paid >= amount ? 9 : 8;
        case 9:
            return event == kClose ? 10 : 9;
        default:
            return event == kReopen ? 1 : 10;
    }
}

}  // namespace

int main(int argc, char** argv) {
    const bool quick = leat::bench::quick(argc, argv);
    leat::Diagnostics diagnostics;
    leat::base::Sources sources;
    auto program = leat::program::load({{"bench.yaml", kDefinitions}}, {}, {}, diagnostics, sources);
    if (!program) {
        for (const auto& one : diagnostics.all()) std::fputs(leat::base::format(one, sources).c_str(), stderr);
        return 1;
    }
    const auto& flow = program->flows.front();
    const auto& deal = *program->find_entity("deal");
    std::vector<leat::Value> row(deal.fields.size());
    row[deal.find("score")->id] = leat::Value::number(80);
    row[deal.find("amount")->id] = leat::Value::number(*leat::Decimal::parse("5000.00"));
    row[deal.find("paid")->id] = leat::Value::number(*leat::Decimal::parse("5000.00"));
    leat::Arena arena;
    std::vector<leat::Value> locals(program->locals_max);
    leat::feel::Frame frame;
    frame.row = row.data();
    frame.locals = locals.data();
    frame.arena = &arena;
    const leat::flow::AskGuard ask = [&](uint32_t number) {
        const auto& guard = flow.transitions[number].guard;
        if (!guard) return leat::flow::Truth::yes;
        leat::Value answer = guard->evaluate(frame);
        return answer.is_true()   ? leat::flow::Truth::yes
               : answer.is_null() ? leat::flow::Truth::null
                                  : leat::flow::Truth::no;
    };
    // Two events that nothing takes are in the cycle, as in life.
    const std::vector<std::pair<const char*, int>> cycle = {
        {"open", kOpen},           {"qualify", kQualify}, {"open", kOpen},     {"quote", kQuote},
        {"negotiate", kNegotiate}, {"order", kOrder},     {"fulfil", kFulfil}, {"close", kClose},
        {"invoice", kInvoice},     {"pay", kPay},         {"close", kClose},   {"reopen", kReopen}};
    std::vector<leat::flow::EventId> events;
    for (const auto& [name, number] : cycle) events.push_back(flow.find_event(name));
    leat::flow::Configuration configuration = leat::flow::start(flow.chart).configuration;
    leat::flow::Selection selection;
    leat::flow::Microstep step;
    int state = 1;
    const long rounds = quick ? 10 : 100'000;
    volatile long sink = 0;
    std::vector<leat::bench::Side> sides(2);
    sides[0].engine = "leat";
    sides[0].run = [&] {
        for (long r = 0; r < rounds; ++r)
            for (auto event : events) {
                leat::flow::select(flow.chart, configuration, event, ask, selection);
                if (selection.transitions.empty()) continue;
                leat::flow::take(flow.chart, configuration, selection.transitions, step);
                configuration.swap(step.configuration);
                sink = sink + configuration.back();
            }
    };
    sides[1].engine = "switch";
    sides[1].run = [&] {
        for (long r = 0; r < rounds; ++r)
            for (const auto& [name, number] : cycle) {
                state = plain(state, number, 80, 5000, 5000);
                sink = sink + state;
            }
    };
    // Both machines agree after every event of one cycle.
    int expected = 1;
    for (size_t i = 0; i < events.size(); ++i) {
        leat::flow::select(flow.chart, configuration, events[i], ask, selection);
        if (!selection.transitions.empty()) {
            leat::flow::take(flow.chart, configuration, selection.transitions, step);
            configuration.swap(step.configuration);
        }
        expected = plain(expected, cycle[i].second, 80, 5000, 5000);
        if (static_cast<int>(configuration.back()) != expected) ++sides[0].wrong;
    }
    leat::bench::measure("machine_step_flat", rounds * static_cast<long>(cycle.size()), quick ? 1 : 5, sides);
    leat::bench::print_ratio("machine_step_flat", sides[0], sides[1]);
    return sides[0].wrong ? 1 : 0;
}
