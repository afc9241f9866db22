"""FEEL, the expression language of DMN, by itself."""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Mapping

from . import _core
from .values import from_json, instant_text, to_feel, to_json, typed

if TYPE_CHECKING:
    from .program import Program

_LENIENT, _KINDS, _EXPLAIN = 1, 2, 4


@dataclass(frozen=True)
class NullReason:
    """Why a value, or the part of it at `path`, is null. Line and column are of the expression, from 1; 0: not known."""

    path: str
    code: str
    text: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0


@dataclass(frozen=True)
class Evaluation:
    """A value with the reasons of its nulls, and what the parts of the expression came to, in the order of writing."""

    value: Any
    null_reasons: list[NullReason]
    parts: list[tuple[str, Any]]


class Feel:
    """A FEEL expression, compiled: `Feel("a + b")({"a": 1, "b": 2})`. For one thread at a time.

    `types` declares the names of the context ("number", "list<string>", "context<due: date>"): the expression is then checked
    at once, and contexts are converted. Without it names and types are those of each context. `lenient` is DMN's untyped
    evaluation: what does not fit is None, with a reason. `program` lends its functions and decisions. `now` (aware) and
    `timezone` are what now() and today() answer. Raises ProgramError with diagnostics, LimitError beyond `steps_max`.
    """

    def __init__(
        self,
        expression: str,
        *,
        types: Mapping[str, str] | None = None,
        program: Program | None = None,
        lenient: bool = False,
        now: dt.datetime | None = None,
        timezone: str = "",
        steps_max: int = 0,
    ) -> None:
        self.expression = expression
        self._lenient = lenient
        self._program = program
        self._types = "" if types is None else to_json(dict(types))
        self._now = "" if now is None else instant_text(now)
        self._timezone, self._steps_max = timezone, steps_max
        self._core = self._compiled(_KINDS)
        self._explaining: _core.Feel | None = None

    def _compiled(self, flags: int) -> _core.Feel:
        program = None if self._program is None else self._program._core
        flags |= _LENIENT if self._lenient else 0
        return _core.Feel(program, self.expression, flags, self._types, self._now, self._timezone, self._steps_max)

    def __repr__(self) -> str:
        return f"Feel({self.expression!r})"

    def __call__(self, context: Mapping[str, Any] | None = None, /, **more: Any) -> Any:
        """The value: Decimal, str, bool, date, time, datetime, timedelta, list, dict or None."""
        answer = from_json(self._core.eval(to_feel({**(context or {}), **more})))
        return typed(answer["value"], answer["kinds"])

    def explain(self, context: Mapping[str, Any] | None = None, /, **more: Any) -> Evaluation:
        """The value, why it is None where it is, and what the parts of the expression came to."""
        if self._explaining is None:
            self._explaining = self._compiled(_KINDS | _EXPLAIN)
        answer = from_json(self._explaining.eval(to_feel({**(context or {}), **more})))
        return Evaluation(
            typed(answer["value"], answer["kinds"]),
            [NullReason(**reason) for reason in answer["null_reasons"]],
            [(part["text"], part["value"]) for part in answer["parts"]],
        )


def feel(
    expression: str,
    context: Mapping[str, Any] | None = None,
    /,
    *,
    types: Mapping[str, str] | None = None,
    program: Program | None = None,
    lenient: bool = False,
    now: dt.datetime | None = None,
    timezone: str = "",
    steps_max: int = 0,
) -> Any:
    """The value of an expression, once; see Feel."""
    made = Feel(expression, types=types, program=program, lenient=lenient, now=now, timezone=timezone, steps_max=steps_max)
    return made(context)
