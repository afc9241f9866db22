import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

import leat

APP = """leat: 1
app: decisions
---
functions:
  twice: {params: {x: number}, formula: x * 2}
---
decision: rate
inputs: {amount: {type: decimal, scale: 2}, region: {type: enum, enum: [east, west]}, day: date}
outputs: {rate: decimal, until: date}
hit: first
table:
  - {when: {amount: "> 1000", region: east}, then: {rate: 0.20, until: day + @"P30D"}, annotation: big}
  - {when: {amount: "> 100"}, then: {rate: 0.1, until: "null"}}
---
decision: total
requires: rate
logic: twice(rate.rate)
---
decision: season
inputs: {kind: string}
outputs: {rate: integer}
hit: first
table: |
  | valid_from | valid_to   | kind | -> rate |
  | -          | 2026-06-30 | -    | 1       |
  | 2026-07-01 | -          | -    | 2       |
---
scorecard: credit
inputs: {age: integer}
characteristics:
  age: {attributes: [{when: "> 30", points: 10}, {when: "-", points: 2.5, reason: 太年轻}]}
bands: {good: ">= 5", poor: "< 5"}
reasons: 1
---
entity: deal
fields: {amount: {type: money}, owner: {type: ref, to: user}}
access: {}
---
decision: who
of: deal
outputs: {who: string}
hit: first
table: |
  | amount | owner.name | -> who  |
  | > 10   | -          | "boss"  |
  | -      | null       | "desk"  |
"""


@pytest.fixture(scope="module")
def decisions():
    return leat.load(text=APP)


def test_values():
    assert leat.feel("合计 * (1 + tax rate)", {"合计": 100, "tax rate": Decimal("0.06")}) == Decimal("106.00")
    assert isinstance(leat.feel("1"), Decimal)
    day = dt.date(2026, 1, 31)
    assert leat.feel('due + @"P1D"', {"due": day}) == dt.date(2026, 2, 1)
    assert leat.feel("{a: [due, s, null], b: d}", {"due": day, "s": 'x"\n\\', "d": dt.timedelta(hours=5)}) == {
        "a": [day, 'x"\n\\', None],
        "b": dt.timedelta(hours=5),
    }
    at = dt.datetime(2026, 1, 1, 8, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert leat.feel("at", {"at": at}) == at
    assert leat.feel("t", {"t": dt.time(8, 30)}) == dt.time(8, 30)
    assert leat.feel('@"P1Y2M"') == "P1Y2M" and leat.feel("[1..5]") == "[1..5]"
    assert leat.feel('date("12345-01-01")') == "12345-01-01"
    assert leat.feel("today()", now=dt.datetime(2026, 1, 1, 20, tzinfo=dt.timezone.utc), timezone="Asia/Shanghai") == dt.date(2026, 1, 2)


def test_compiled_once(decisions):
    expression = leat.Feel("price * count", types={"price": "number", "count": "number"})
    assert expression(price=2, count=3) == 6 and expression({"price": Decimal("1.5")}, count=2) == 3
    assert expression(price=2) is None
    with pytest.raises(leat.UsageError, match="did you mean 'count'"):
        expression(price=2, cont=3)
    with pytest.raises(leat.ProgramError) as failed:
        leat.Feel("price + upper case(price)", types={"price": "number"})
    assert failed.value.diagnostics[0].line == 1
    with pytest.raises(leat.UsageError):
        leat.Feel("price", types={"price": "numbr"})
    assert leat.feel("twice(n) + 1", {"n": 2}, program=decisions) == 5
    with pytest.raises(leat.LimitError):
        leat.feel("count(for i in 1..100000 return i)", steps_max=1000)
    with pytest.raises(TypeError):
        leat.feel("x", {"x": 1.5})


def test_nulls_say_why():
    told = leat.Feel("{a: 1,\n b: x / y}").explain({"x": 1, "y": 0})
    assert told.value == {"a": 1, "b": None}
    (reason,) = told.null_reasons
    assert (reason.path, reason.code, reason.line, reason.column) == ("b", "feel.divide_by_zero", 2, 5)
    told = leat.Feel("if x > 1 then x * 2 else 0").explain(x=5)
    assert told.value == 10 and ("x * 2", 10) in told.parts and not told.null_reasons
    with pytest.raises(leat.ProgramError):
        leat.feel('"a" + 1')
    told = leat.Feel('"a" + 1', lenient=True).explain()
    assert told.value is None and told.null_reasons[0].code == "feel.type.mismatch"


def test_decide(decisions):
    day = dt.date(2026, 1, 1)
    assert decisions.decide("rate", {"amount": Decimal("2000"), "region": "east", "day": day}) == {
        "rate": Decimal("0.2"),
        "until": dt.date(2026, 1, 31),
    }
    assert decisions.decide("total", {"amount": 101}) == Decimal("0.2")
    assert decisions.decide("credit", {"age": 20}) == {"score": Decimal("2.5"), "band": "poor", "reasons": ["太年轻"]}
    assert decisions.decide("season", {"kind": "a"}, as_of=dt.date(2026, 6, 30)) == 1
    assert decisions.decide("season", {"kind": "a"}, as_of="2026-07-01") == 2
    assert decisions.decide("rate", {"amount": 1}) is None
    with pytest.raises(leat.NotFoundError, match="did you mean 'rate'"):
        decisions.decide("rat")
    with pytest.raises(leat.UsageError, match="did you mean 'east'"):
        decisions.decide("rate", {"region": "est"})
    with pytest.raises(leat.ProgramError, match="only an engine"):
        decisions.decide("who", {"amount": 5})


def test_explained(decisions):
    told = decisions.decide("rate", {"amount": 50, "region": "east"}, explain=True)
    assert isinstance(told, leat.Explained) and told.value is None and told.reason.code == "decision.none"
    assert [row["row"] for row in told.explanation["nearest"]] == [1, 2] and "nearest misses" in str(told)
    told = decisions.decide("total", {"amount": 500}, explain=True)
    assert told.value == Decimal("0.2") and told.explanation["requires"][0]["decision"] == "rate"
    told = decisions.decide("credit", {"age": 20}, explain=True)
    assert told.explanation["characteristics"] == [{"characteristic": "age", "input": 20, "attribute": 2, "points": Decimal("2.5"), "lost": Decimal("7.5")}]


def test_many(decisions):
    assert decisions.decide_many("total", [{"amount": 5000, "region": "east"}, {"amount": 101}, {}]) == [Decimal("0.4"), Decimal("0.2"), None]
    assert decisions.decide_many("total", {"amount": [5000, 101], "region": ["east", None]}) == [Decimal("0.4"), Decimal("0.2")]
    assert decisions.decide_many("total", []) == [] == decisions.decide_many("total", {})
    with pytest.raises(ValueError, match="one length"):
        decisions.decide_many("total", {"amount": [1], "region": []})


def test_of_a_record(decisions):
    with leat.Engine(decisions) as engine, engine.session() as session:
        session.create("user", key="li", name="李雷")
        key = session.create("deal", amount=50, owner="li").key
        assert session.decide("who", key) == "boss"
        assert session.decide("who", key, explain=True).explanation["used"] == [1]
        assert session.decide("total", {"amount": 101}) == Decimal("0.2")
        assert session.decide("season", {"kind": "a"}, as_of="2026-01-01") == 1
        with pytest.raises(leat.NotFoundError):
            session.decide("who", "gone")
        with pytest.raises(leat.UsageError):
            session.decide("who", {"amount": 1})
        with engine.session("li") as li, pytest.raises(leat.NotFoundError):
            li.decide("who", key)  # no right to read deals
