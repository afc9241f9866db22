"""Python sequences as the columns of a load: one kind, packed values, a bit where there is one."""
from __future__ import annotations

import datetime as dt
from array import array
from decimal import Decimal
from enum import Enum
from typing import Any, Sequence

from .values import Record, instant_text

EPOCH = dt.date(1970, 1, 1)
INSTANT = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
MICROSECOND = dt.timedelta(microseconds=1)
BOOLEAN, NUMBER, STRING, DATE, TIME, DATE_TIME, DAYS = 1, 2, 3, 4, 5, 6, 7


def _kind(name: str, values: Sequence[Any]) -> int:
    kinds = {_kind_of(name, value) for value in values if value is not None}
    if len(kinds) > 1:
        raise TypeError(f"column '{name}' holds values of several types")
    return kinds.pop() if kinds else STRING


def _kind_of(name: str, value: Any) -> int:
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, (str, Record, Enum)):
        return STRING
    if isinstance(value, (int, Decimal)):
        return NUMBER
    if isinstance(value, dt.datetime):
        return DATE_TIME
    if isinstance(value, dt.date):
        return DATE
    if isinstance(value, dt.time):
        return TIME
    if isinstance(value, dt.timedelta):
        return DAYS
    raise TypeError(f"column '{name}' holds a {type(value).__name__}, which no field takes; write floats as Decimal")


def _text(value: Any) -> str:
    if isinstance(value, Record):
        return value.key
    return str(value.value if isinstance(value, Enum) else value)


def _integer(kind: int, value: Any, scale: int) -> int:
    if kind == NUMBER:
        return int(value) if scale == 0 else int(Decimal(value).scaleb(scale))
    if kind == DATE:
        return int((value - EPOCH).days)
    if kind == TIME:
        return int(((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond)
    if kind == DATE_TIME:
        instant_text(value)  # refuses one without a zone
        return int((value - INSTANT) // MICROSECOND)
    return int(value // MICROSECOND)


def pack(name: str, values: Sequence[Any]) -> tuple[int, int, Any, Any, bytes]:
    """One column: kind, scale, values, offsets of texts, valid bits (empty: all are there). Buffers of 64-bit integers (array('q'), NumPy's int64) are taken as they are."""
    try:
        view = memoryview(values)  # type: ignore[arg-type]
    except TypeError:
        view = None
    if view is not None and view.format in ("q", "l") and view.itemsize == 8 and view.ndim == 1 and view.contiguous:
        return NUMBER, 0, view, b"", b""
    kind = _kind(name, values)
    valid = b""
    if any(value is None for value in values):
        bits = bytearray((len(values) + 7) // 8)
        for i, value in enumerate(values):
            if value is not None:
                bits[i // 8] |= 1 << i % 8
        valid = bytes(bits)
    if kind == STRING:
        texts = [b"" if value is None else _text(value).encode() for value in values]
        offsets = array("I", [0])
        end = 0
        for text in texts:
            end += len(text)
            offsets.append(end)
        return kind, 0, b"".join(texts) or b"\0", offsets, valid
    if kind == BOOLEAN:
        return kind, 0, bytes(bool(value) for value in values), b"", valid
    scale = 0
    if kind == NUMBER:
        exponents = [value.as_tuple().exponent for value in values if isinstance(value, Decimal)]
        if any(not isinstance(exponent, int) for exponent in exponents):
            raise ValueError(f"column '{name}' holds a Decimal that is no number")
        scale = max([0, *(-int(exponent) for exponent in exponents)])
    return kind, scale, array("q", [0 if value is None else _integer(kind, value, scale) for value in values]), b"", valid
