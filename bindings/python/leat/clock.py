"""Time under the host's control."""
from __future__ import annotations

import datetime as dt

from .values import UTC

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


def microseconds(moment: dt.datetime) -> int:
    """Microseconds since 1970 UTC."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone: which instant it means cannot be told")
    return (moment - _EPOCH) // _MICROSECOND


def moment(us: int) -> dt.datetime:
    return _EPOCH + us * _MICROSECOND


class Clock:
    """A clock that stands still until it is set: for tests, simulations and replays.

    >>> clock = Clock(dt.datetime(2026, 11, 21, 8, tzinfo=UTC))
    >>> clock.advance(dt.timedelta(hours=1))
    """

    def __init__(self, now: dt.datetime) -> None:
        self._us = microseconds(now)

    @property
    def now(self) -> dt.datetime:
        return moment(self._us)

    @now.setter
    def now(self, value: dt.datetime) -> None:
        self._us = microseconds(value)

    def advance(self, by: dt.timedelta) -> dt.datetime:
        self._us += by // _MICROSECOND
        return self.now

    def __call__(self) -> dt.datetime:
        return self.now

    def now_us(self) -> int:
        return self._us
