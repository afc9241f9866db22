"""Python values to JSON and back. Decimals stay exact: a number never becomes a float unless somebody writes float()."""
from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from enum import Enum
from typing import Any, Callable, Iterable, Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

UTC = dt.timezone.utc
_quoted = json.JSONEncoder(ensure_ascii=False).encode


class Record:
    """A reference to a record by its key, for fields that refer to other records."""

    __slots__ = ("entity", "key")

    def __init__(self, entity: str, key: str) -> None:
        self.entity, self.key = entity, key

    def __repr__(self) -> str:
        return f"Record({self.entity!r}, {self.key!r})"


def duration_text(value: dt.timedelta) -> str:
    """ISO 8601: P1DT2H3M4.5S, with the sign before the P."""
    sign, value = ("-", -value) if value < dt.timedelta(0) else ("", value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    time += f"{seconds}{fraction}S" if seconds or fraction else ""
    date = f"{value.days}D" if value.days else ""
    return f"{sign}P{date}{'T' + time if time else ''}" if date or time else "PT0S"


def instant_text(value: dt.datetime) -> str:
    """The instant in UTC with six digits of fraction."""
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone: which instant it means cannot be told")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def _write(value: Any, out: list[str], depth: int) -> None:
    if depth > 64:
        raise ValueError("a value is nested more than 64 levels deep")
    if value is None:
        out.append("null")
    elif isinstance(value, Enum):
        _write(value.value, out, depth + 1)
    elif isinstance(value, bool):
        out.append("true" if value else "false")
    elif isinstance(value, str):
        out.append(_quoted(value))
    elif isinstance(value, int):
        out.append(str(value))
    elif isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is no number")
        out.append(str(value))
    elif isinstance(value, dt.datetime):
        out.append(_quoted(instant_text(value)))
    elif isinstance(value, (dt.date, dt.time)):
        out.append(_quoted(value.isoformat()))
    elif isinstance(value, dt.timedelta):
        out.append(_quoted(duration_text(value)))
    elif isinstance(value, Record):
        out.append(_quoted(value.key))
    elif isinstance(value, Mapping):
        _write_items(value.items(), out, depth)
    elif isinstance(value, (list, tuple)):
        out.append("[")
        for index, item in enumerate(value):
            if index:
                out.append(",")
            _write(item, out, depth + 1)
        out.append("]")
    elif isinstance(value, float):
        raise TypeError(f"{value!r} is a float, which is not exact; use Decimal or str")
    else:
        raise TypeError(f"a {type(value).__name__} has no meaning to Leat")


def _write_items(items: Iterable[tuple[Any, Any]], out: list[str], depth: int) -> None:
    out.append("{")
    for index, (name, item) in enumerate(items):
        if not isinstance(name, str):
            raise TypeError(f"names are str, not {type(name).__name__}")
        out.append(("," if index else "") + _quoted(name) + ":")
        _write(item, out, depth + 1)
    out.append("}")


def to_json(value: Any) -> str:
    """JSON text of a Python value. Raises TypeError for what has none, floats included."""
    out: list[str] = []
    _write(value, out, 0)
    return "".join(out)


def from_json(text: str) -> Any:
    """Python value of JSON text; numbers with a point or exponent are Decimal."""
    return json.loads(text, parse_float=Decimal) if text else None


_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)(?:\.(?P<fraction>\d{1,9}))?S)?)?"
)


def parse_instant(text: str) -> dt.datetime:
    plain = text.split("@")[0]
    value = dt.datetime.fromisoformat(plain[:-1] + "+00:00" if plain.endswith("Z") else plain)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def parse_duration(text: str) -> dt.timedelta | str:
    """A timedelta; text as it is where that says more: months, or a calendar's working time."""
    found = _DURATION.fullmatch(text)
    if not found or text.endswith(("P", "T")):
        return text
    parts = {name: int(found[name] or 0) for name in ("days", "hours", "minutes", "seconds")}
    value = dt.timedelta(**parts, microseconds=int((found["fraction"] or "0").ljust(6, "0")[:6]))
    return -value if found["sign"] else value


def _number(value: Any) -> Any:
    return Decimal(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else value


# What a field of each kind is in Python; kinds that are not here are what JSON gives.
_KINDS: dict[str, Callable[[Any], Any]] = {
    "decimal": _number,
    "money": _number,
    "date": lambda v: dt.date.fromisoformat(v) if isinstance(v, str) else v,
    "time": lambda v: dt.time.fromisoformat(v) if isinstance(v, str) and "@" not in v else v,
    "datetime": lambda v: parse_instant(v) if isinstance(v, str) else v,
    "duration": lambda v: parse_duration(v) if isinstance(v, str) else v,
}


class Shapes:
    """What the fields of a program's entities are, to turn JSON answers into typed values."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        self._entities = {
            entity["name"]: {field["name"]: field for field in entity["fields"]} for entity in description["entities"]
        }

    def value(self, field: Mapping[str, Any] | None, value: Any) -> Any:
        if value is None or field is None or value == "***":
            return value
        kind = field["kind"]
        if kind == "list" and isinstance(value, list):
            if "of" in field:
                return [self.value({"kind": field["of"]}, item) for item in value]
            return [self.record(field["to"], item) if isinstance(item, dict) else item for item in value] if "to" in field else value
        convert = _KINDS.get(kind)
        return convert(value) if convert else value

    def record(self, entity: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        known = self._entities.get(entity, {})
        return {name: self.value(known.get(name), value) for name, value in fields.items()}

    def changes(self, entity: str, changes: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
        known = self._entities.get(entity, {})
        return {name: (self.value(known.get(name), old), self.value(known.get(name), new)) for name, (old, new) in changes.items()}


def _date(text: str) -> dt.date | str:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:  # years beyond Python's
        return text


def _time(text: str) -> dt.time | str:
    try:
        return dt.time.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    except ValueError:  # a named zone, or nanoseconds
        return text


def _date_time(text: str) -> dt.datetime | str:
    plain, _, zone = text.partition("@")
    try:
        value = dt.datetime.fromisoformat(plain[:-1] + "+00:00" if plain.endswith("Z") else plain)
        return value.replace(tzinfo=ZoneInfo(zone)) if zone else value
    except (ValueError, ZoneInfoNotFoundError):
        return text


_FEEL_KINDS: dict[str, Callable[[Any], Any]] = {
    "number": lambda v: Decimal(v),
    "date": _date,
    "time": _time,
    "date and time": _date_time,
    "days and time duration": parse_duration,
}


def typed(value: Any, kinds: Any) -> Any:
    """JSON with the kinds that leat_feel_eval tells: Decimal, date, time, datetime, timedelta; text where Python has no type."""
    if isinstance(kinds, list):
        return [typed(item, kind) for item, kind in zip(value, kinds)]
    if isinstance(kinds, dict):
        return {name: typed(value[name], kind) for name, kind in kinds.items()}
    convert = _FEEL_KINDS.get(kinds)
    return convert(value) if convert and value is not None else value


def _feel_string(text: str) -> str:
    out = ['"']
    for c in text:
        if c in '"\\':
            out.append("\\" + c)
        elif ord(c) < 0x20:
            out.append(f"\\u{ord(c):04x}")
        else:
            out.append(c)
    return "".join(out) + '"'


def _feel_date_time(value: dt.datetime) -> str:
    zone = getattr(value.tzinfo, "key", None)  # of a ZoneInfo
    return f"{value.replace(tzinfo=None).isoformat()}@{zone}" if zone else value.isoformat()


def to_feel(value: Any, depth: int = 0) -> str:
    """FEEL text of a Python value; JSON, too, when no date or duration is in it. Raises TypeError for what has none."""
    if depth > 64:
        raise ValueError("a value is nested more than 64 levels deep")
    if isinstance(value, Enum):
        return to_feel(value.value, depth + 1)
    if isinstance(value, str):
        return _feel_string(value)
    if isinstance(value, dt.datetime):
        return f'@"{_feel_date_time(value)}"'
    if isinstance(value, (dt.date, dt.time)):
        return f'@"{value.isoformat()}"'
    if isinstance(value, dt.timedelta):
        return f'@"{duration_text(value)}"'
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str):
                raise TypeError(f"names are str, not {type(name).__name__}")
        return "{" + ",".join(f"{_feel_string(name)}:{to_feel(item, depth + 1)}" for name, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(to_feel(item, depth + 1) for item in value) + "]"
    return to_json(value)
