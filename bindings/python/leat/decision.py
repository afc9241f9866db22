"""Answers of decisions."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable, Mapping, Sequence

from .feel import NullReason
from .values import typed

_EXPLAIN, _NEAREST, _KINDS, _TEXT = 1, 2, 4, 8


@dataclass(frozen=True)
class Explained:
    """An answer and why it came out: the rows and their cells, and the rows that missed by the fewest."""

    value: Any
    reason: NullReason | None  # of a value that is None
    explanation: dict[str, Any]
    text: str  # the same in English

    def __str__(self) -> str:
        return self.text


def flags_of(explain: bool) -> int:
    return _KINDS | (_EXPLAIN | _NEAREST | _TEXT if explain else 0)


def answer_of(answer: Mapping[str, Any]) -> Any:
    return typed(answer["answer"], answer["kinds"])


def explained_of(answer: Mapping[str, Any]) -> Explained:
    reason = answer.get("reason")
    return Explained(
        answer_of(answer),
        NullReason("", reason["code"], reason["text"]) if reason else None,
        answer["explanation"],
        answer["text"],
    )


def rows_of(inputs: Iterable[Mapping[str, Any]] | Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """A mapping for each decision, also from columns."""
    if not isinstance(inputs, Mapping):
        return [dict(row) for row in inputs]
    columns = {name: list(values) for name, values in inputs.items()}
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns are of one length, not {lengths}")
    count = next(iter(lengths.values()), 0)
    return [{name: values[row] for name, values in columns.items()} for row in range(count)]
