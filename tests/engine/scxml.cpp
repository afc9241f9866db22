// Charts of `dialect: scxml`, each for one rule of the standard that is easily got wrong: they end in `pass`.
#include "engine/timed.hpp"

using namespace leat;
using namespace leat::test;

namespace {

const std::string kHead = "leat: 1\napp: charts\nlanguage: en\n---\n";

// Where the flow `main` ends within a virtual minute.
std::string end_of(const std::string& flows) {
    Timed s(kHead + flows);
    std::string key = s.make("main");
    for (int64_t second = 0; second < 60; ++second) {
        std::string at = s.field("main", key, "state");
        if (at == "pass" || at == "fail") return at;
        s.after(kSecond);
    }
    return s.field("main", key, "state");
}

void passes(const std::string& flows) {
    INFO(flows);
    CHECK(end_of(flows) == "pass");
}

const std::string kEnds = "  pass: {type: final}\n  fail: {type: final}\n";

}  // namespace

TEST_CASE("SCXML 6.4.3: what a cancelled child says on its way out is not heard") {
    passes(R"(flow: main
dialect: scxml
states:
  asking:
    entry: [{send: leave, after: 1s}]
    invoke: {src: child}
    on: {leave: waiting}
  waiting:
    entry: [{send: enough, after: 2s}]
    on: [{event: last_word done.invoke, target: fail}, {event: enough, target: pass}]
)" + kEnds +
           R"(---
flow: child
dialect: scxml
states:
  busy: {exit: [{send: last_word, to: "#_parent"}], on: {never: over}}
  over: {type: final}
)");
}

TEST_CASE("SCXML 6.4.4: autoforward gives a child an exact copy of every external event, its own too") {
    passes(R"(flow: main
dialect: scxml
states:
  asking:
    entry: [{send: late, after: 5s}]
    invoke: {src: child, autoforward: true}
    on: [{event: heard_back, target: pass}, {event: late, target: fail}]
)" + kEnds +
           R"(---
flow: child
dialect: scxml
states:
  busy: {entry: [{send: hello, to: "#_parent"}], on: [{event: hello, target: again}]}
  again: {entry: [{send: heard_back, to: "#_parent"}], on: {never: over}}
  over: {type: final}
)");
}

TEST_CASE("SCXML 6.5: finalize runs for its own child only, before transitions are chosen") {
    passes(R"(flow: main
dialect: scxml
data: {one: "0", two: "0"}
states:
  asking:
    invoke:
      - {src: child, id: first, finalize: [{set: {one: = event.data.value}}]}
      - {src: other, id: second, finalize: [{set: {two: = 1}}]}
    on:
      - {event: answer, guard: one = 7 and two = 0 and event.invokeid = "first", target: pass}
      - {event: "*", target: fail}
)" + kEnds +
           R"(---
flow: child
dialect: scxml
states: {busy: {entry: [{send: answer, to: "#_parent", with: {value: = 7}}], on: {never: over}}, over: {type: final}}
---
flow: other
dialect: scxml
states: {busy: {on: {never: over}}, over: {type: final}}
)");
}

TEST_CASE("SCXML 6.4.3: a state that is left within its macrostep invokes nothing") {
    passes(R"(flow: main
dialect: scxml
states:
  through: {invoke: {src: child}, always: resting}
  resting:
    entry: [{send: enough, after: 2s}]
    on: [{event: hello done.invoke, target: fail}, {event: enough, target: pass}]
)" + kEnds +
           R"(---
flow: child
dialect: scxml
states: {busy: {entry: [{send: hello, to: "#_parent"}], always: over}, over: {type: final}}
)");
}

TEST_CASE("SCXML 6.4.1: parameters bind the child's top-level data, others are passed over, and its end is told") {
    passes(R"(flow: main
dialect: scxml
data: {base: "4", where: "null"}
states:
  asking:
    invoke: {src: child, idlocation: where, input: {given: = base + 1, nobody: = 9}}
    on:
      - {event: done.invoke, guard: event.name = "done.invoke." + where and event.data.sum = 6, target: pass}
      - {event: "*", target: fail}
)" + kEnds +
           R"(---
flow: child
dialect: scxml
data: {given: "0", own: "1"}
states:
  busy: {data: {nobody: "3"}, always: [{guard: nobody = 3, target: over}]}
  over: {type: final, donedata: {sum: = given + own}}
)");
}

TEST_CASE("SCXML 6.2: errors of sending, and their sendid") {
    passes(R"(flow: main
dialect: scxml
states:
  a:
    entry: [{send: x, to: "#_scxml_nobody.1", id: one}]
    on: [{event: error.communication, guard: event.sendid = "one" and event.type = "platform", target: b}, {event: "*", target: fail}]
  b:
    entry: [{send: x, to: nowhere, id: two}, {raise: after}]
    on: [{event: error.execution, guard: event.sendid = "two", target: c}, {event: "*", target: fail}]
  c:
    entry: [{send: x, type: telegram}]
    on: [{event: error.execution, guard: event.sendid = null, target: d}, {event: "*", target: fail}]
  d:
    entry: [{send: x, after: soon}]
    on: [{event: error.execution, target: e}, {event: "*", target: fail}]
  e:
    entry: [{send: x, to: "#_parent"}]
    on: [{event: error.communication, target: f}, {event: "*", target: fail}]
  f:
    entry: [{send: x, with: {v: = unknown_name}}, {raise: never}]
    on: [{event: error.execution, target: g}, {event: "*", target: fail}]
  g:
    entry: [{send: late}, {send: inner, to: "#_internal"}, {raise: first}]
    on: [{event: first, target: fail}, {event: inner, guard: event.type = "internal", target: h}, {event: "*", target: fail}]
  h: {on: [{event: first, target: i}, {event: "*", target: fail}]}
  i: {on: [{event: late, guard: event.type = "external" and event.origintype != null, target: j}, {event: "*", target: fail}]}
  j:
    entry: [{send: back, to: = event.origin}]
    on: [{event: back, target: pass}, {event: "*", target: fail}]
)" + kEnds);
}

TEST_CASE("SCXML 6.2.4, 6.3: delayed events are due in order, can be taken back, and die with their session") {
    passes(R"(flow: main
dialect: scxml
data: {seen: '""', id: "null"}
states:
  a:
    entry:
      - {send: third, after: 3s}
      - {send: first, after: 1s}
      - {send: second, after: 1000ms}
      - {send: gone, after: 1.5s, id: taken}
      - {send: gone, after: 2s, idlocation: id}
      - {cancel_send: taken}
      - {cancel_send: = id}
      - {cancel_send: nobody}
    invoke: {src: child}
    on:
      - {event: first, guard: seen = "", do: [{set: {seen: = "1"}}]}
      - {event: second, guard: seen = "1", do: [{set: {seen: = "12"}}]}
      - {event: third, guard: seen = "12", target: pass}
      - {event: done.invoke}
      - {event: "*", target: fail}
)" + kEnds +
           R"(---
flow: child
dialect: scxml
states: {busy: {entry: [{send: gone, to: "#_parent", after: 500ms}], always: over}, over: {type: final}}
)");
}

TEST_CASE("SCXML 5: what cannot be assigned, iterated or decided is error.execution and ends its block only") {
    passes(R"(flow: main
dialect: scxml
data: {n: "0", bad: unknown_name, list: "[1, 2, 3]"}
states:
  start: {on: [{event: error.execution, guard: bad = null, target: a}, {event: "*", target: fail}]}
  a:
    entry:
      - {block: [{set: {nobody: = 1}}, {set: {n: = 100}}]}
      - {block: [{set: {n: = n + 1}}]}
    on: [{event: error.execution, guard: n = 1, target: b}, {event: "*", target: fail}]
  b:
    entry: [{foreach: n, as: item, do: [{set: {n: = 100}}]}, {set: {n: = 100}}]
    on: [{event: error.execution, guard: n = 1, target: c}, {event: "*", target: fail}]
  c:
    entry: [{foreach: list, as: "not a name", do: [{set: {n: = 100}}]}]
    on: [{event: error.execution, guard: n = 1, target: d}, {event: "*", target: fail}]
  d:
    entry: [{foreach: list, as: item, index: i, do: [{set: {list: '= append(list, item)', n: = n + i}}]}, {raise: on}]
    on: [{event: "on", guard: n = 4 and count(list) = 6 and item = 3 and i = 2, target: e}, {event: "*", target: fail}]
  e:
    entry: [{if: unknown_name, then: [{raise: wrong}], else: [{raise: right}]}]
    on: [{event: error.execution, target: f}, {event: "*", target: fail}]
  f: {on: [{event: right, target: g}, {event: "*", target: fail}]}
  g: {always: [{guard: unknown_name, target: fail}, {guard: '"text"', target: fail}, {guard: n = 4, target: h}]}
  h: {on: [{event: error.execution, target: k}, {event: "*", target: fail}]}
  k: {entry: [{set: {event: = 1}}, {raise: wrong}], on: [{event: error.execution, target: l}, {event: "*", target: fail}]}
  l: {on: [{event: error.execution, target: m}, {event: "*", target: fail}]}
  m: {entry: [{set: {sessionid: = "x"}}], on: [{event: error.execution, target: pass}, {event: "*", target: fail}]}
)" + kEnds);
}

TEST_CASE("SCXML 5.5, 5.7: data of what is done") {
    passes(R"(flow: main
dialect: scxml
states:
  one: {states: {a: {type: final, donedata: {x: = 1, y: = unknown_name}}}, on: [{event: error.execution}, {event: done.state.one, guard: event.data.x = 1 and event.data.y = null, target: two}, {event: "*", target: fail}]}
  two: {states: {b: {type: final, donedata: "= 21"}}, on: [{event: done.state.two, guard: event.data = 21, target: three}, {event: "*", target: fail}]}
  three: {states: {c: {type: final, donedata: "= unknown_name"}}, on: [{event: error.execution, target: four}, {event: "*", target: fail}]}
  four:
    type: parallel
    on:
      - {event: done.state.three, guard: event.data = null}
      - {event: done.state.l}
      - {event: done.state.r}
      - {event: done.state.four, guard: event.data = null, target: pass}
      - {event: "*", target: fail}
    states: {l: {states: {l1: {type: final}}}, r: {states: {r1: {always: r2}, r2: {type: final, donedata: {x: = 1}}}}}
)" + kEnds);
}

TEST_CASE("SCXML 3.10: history of regions, shallow and deep, with content on the way") {
    passes(R"(flow: main
dialect: scxml
data: {n: "0", order: '""'}
states:
  first: {always: shallow}
  p:
    type: parallel
    entry: [{set: {order: = order + "p"}}]
    states:
      deep: {type: history, history: deep, initial: {target: [l1, r1], do: [{set: {order: = order + "h"}}]}}
      l:
        states:
          l1: {entry: [{set: {order: = order + "1"}}], states: {x: {on: {go: y}}, y: {}}}
          l2: {}
          shallow: {type: history, initial: {target: l1, do: [{set: {n: = n + 1}}]}}
      r: {states: {r1: {on: {go: r2}}, r2: {}}}
    on: [{event: "out", target: away}]
    always:
      - {guard: n = 1 and not(in_state("y")), do: [{raise: go}, {set: {n: = 2}}]}
      - {guard: n = 2 and in_state("y") and in_state("r2"), do: [{raise: "out"}, {set: {n: = 3}}]}
      - {guard: n = 4 and in_state("x") and in_state("r1"), target: fail}
      - {guard: n = 4 and in_state("y") and in_state("r2") and order = "p1p1", target: gone}
      - {guard: n = 5 and in_state("x") and in_state("r1") and order = "p1p1p1", target: pass}
      - {guard: n > 3, target: fail}
  away: {always: {target: deep, do: [{set: {n: = 4}}]}}
  gone: {always: {target: shallow, do: [{set: {n: = 5}}]}}
)" + kEnds);
}

TEST_CASE("SCXML 3.13: order of leaving and entering, and In() in between") {
    passes(R"(flow: main
dialect: scxml
data: {log: '""'}
states:
  a:
    entry: [{if: 'in_state("a1") or not(in_state("a"))', then: [{raise: wrong}]}]
    exit: [{set: {log: = log + "a"}}, {if: in_state("a1"), then: [{raise: wrong}]}]
    states:
      a1: {exit: [{set: {log: = log + "1"}}, {if: not(in_state("a")), then: [{raise: wrong}]}], always: {target: b2, do: [{set: {log: = log + "t"}}, {if: in_state("a") or in_state("b"), then: [{raise: wrong}]}]}}
  b:
    initial: {target: b1, do: [{set: {log: = log + "i"}}]}
    entry: [{set: {log: = log + "b"}}, {if: in_state("b2"), then: [{raise: wrong}]}]
    states: {b1: {}, b2: {entry: [{set: {log: = log + "2"}}, {raise: right}]}}
    on: [{event: right, guard: log = "1atb2", target: c}, {event: "*", target: fail}]
  c:
    initial: {target: c1, do: [{set: {log: = log + "i"}}]}
    entry: [{set: {log: = log + "c"}}]
    states: {c1: {entry: [{set: {log: = log + "1"}}], always: [{guard: log = "1atb2ci1", target: pass}, {target: fail}]}}
)" + kEnds);
}

TEST_CASE("SCXML 3.12: descriptors, queues, and what preempts what") {
    passes(R"(flow: main
dialect: scxml
data: {n: "0"}
states:
  a:
    entry: [{send: outer}, {raise: fo}, {raise: foo.bar.baz}]
    on: [{event: foo.b, target: fail}, {event: outer, target: fail}, {event: "x foo.bar.*", target: b}]
  b: {on: [{event: outer, target: c}, {event: "*", target: fail}]}
  c:
    type: parallel
    entry: [{raise: e}]
    on: [{event: e, target: fail}]
    states:
      l: {states: {l1: {on: [{event: e, target: l2}]}, l2: {}}}
      r: {states: {r1: {on: [{event: e, target: d}]}, r2: {}}}
    always: [{guard: in_state("l2"), target: e0}]
  d: {always: fail}
  e0:
    type: parallel
    entry: [{raise: go}]
    states:
      m: {on: [{event: go, target: pass}], states: {m1: {on: [{event: go, do: [{set: {n: = 1}}]}]}}}
      o: {states: {o1: {on: [{event: go, do: [{set: {n: = n + 1}}]}]}}}
    always: [{guard: n = 2, target: pass}, {guard: n = 1, target: fail}]
)" + kEnds);
}

TEST_CASE("SCXML 6.4: a child that ends says all it has to say before it is done") {
    passes(R"(flow: main
dialect: scxml
data: {said: '""'}
states:
  a:
    invoke: {src: child, id: kid}
    on:
      - {event: word, do: [{set: {said: = said + event.data.w}}]}
      - {event: done.invoke.kid, guard: said = "123", target: pass}
      - {event: "*", target: fail}
)" + kEnds +
           R"(---
flow: child
dialect: scxml
states:
  outer:
    exit: [{send: word, to: "#_parent", with: {w: = "2"}}]
    states: {inner: {exit: [{send: word, to: "#_parent", with: {w: = "1"}}], always: over}}
  over: {type: final, entry: [{send: word, to: "#_parent", with: {w: = "3"}}]}
)");
}

TEST_CASE("SCXML: a parent talks to its child, and a child of a child") {
    passes(R"(flow: main
dialect: scxml
states:
  a:
    invoke: {src: child, id: kid}
    on: [{event: ready, do: [{send: ask, to: "#_kid"}]}, {event: answer, target: pass}, {event: "*", target: fail}]
)" + kEnds +
           R"(---
flow: child
dialect: scxml
states:
  busy:
    invoke: {src: grandchild, id: small}
    on: [{event: ready, do: [{send: ready, to: "#_parent"}]}, {event: ask, do: [{send: ask, to: "#_small"}]}, {event: answer, do: [{send: answer, to: "#_parent"}]}]
---
flow: grandchild
dialect: scxml
states: {busy: {entry: [{send: ready, to: "#_parent"}], on: [{event: ask, do: [{send: answer, to: = event.origin}]}]}}
)");
}

TEST_CASE("SCXML 5.3.3: late binding gives a state's data their values when it is first entered") {
    passes(R"(flow: main
dialect: scxml
binding: late
data: {n: "1"}
states:
  a: {always: [{guard: m = null, target: b}, {target: fail}]}
  b: {data: {m: n + 1}, entry: [{set: {m: = m + 10}}], always: [{guard: m = 12, target: c}, {guard: m = 22, target: pass}, {target: fail}]}
  c: {always: {target: b, do: [{set: {n: = 50}}]}}
)" + kEnds);
}
