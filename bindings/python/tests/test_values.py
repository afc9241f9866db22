import datetime as dt
from decimal import Decimal

import pytest

from leat.values import Record, duration_text, from_json, parse_duration, parse_instant, to_json


@pytest.mark.parametrize(
    "value, text",
    [
        (None, "null"),
        (True, "true"),
        (12, "12"),
        (Decimal("0.1000"), "0.1000"),
        (Decimal("1E+30"), "1E+30"),
        ('a"谢\n', '"a\\"谢\\n"'),
        (dt.date(2026, 11, 21), '"2026-11-21"'),
        (dt.time(8, 30), '"08:30:00"'),
        (dt.datetime(2026, 11, 21, 16, tzinfo=dt.timezone(dt.timedelta(hours=8))), '"2026-11-21T08:00:00.000000Z"'),
        (dt.timedelta(days=1, hours=2, microseconds=500000), '"P1DT2H0.5S"'),
        (Record("user", "li"), '"li"'),
        ([1, (2,)], "[1,[2]]"),
        ({"a": {"b": None}}, '{"a":{"b":null}}'),
    ],
)
def test_to_json(value, text):
    assert to_json(value) == text


@pytest.mark.parametrize("value", [0.1, object(), {1: 2}, b"x", {1, 2}])
def test_what_has_no_meaning(value):
    with pytest.raises(TypeError):
        to_json(value)


def test_what_is_ambiguous():
    with pytest.raises(ValueError, match="time zone"):
        to_json(dt.datetime(2026, 11, 21))
    with pytest.raises(ValueError):
        to_json(Decimal("NaN"))
    deep = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(ValueError, match="nested"):
        to_json(deep)


def test_numbers_stay_exact():
    assert from_json('{"a":0.1,"b":12345678901234567890.01}') == {"a": Decimal("0.1"), "b": Decimal("12345678901234567890.01")}


@pytest.mark.parametrize("value", [dt.timedelta(0), dt.timedelta(days=3), dt.timedelta(seconds=-1.5), dt.timedelta(hours=25, minutes=1)])
def test_durations_return(value):
    assert parse_duration(duration_text(value)) == value


def test_durations_that_are_no_timedelta():
    assert parse_duration("P1M") == "P1M"
    assert parse_duration("P7D office") == "P7D office"


def test_instants():
    assert parse_instant("2026-11-21T08:00:00.000000Z") == dt.datetime(2026, 11, 21, 8, tzinfo=dt.timezone.utc)
    assert parse_instant("2026-11-21T16:00:00+08:00@Asia/Shanghai") == dt.datetime(2026, 11, 21, 8, tzinfo=dt.timezone.utc)
