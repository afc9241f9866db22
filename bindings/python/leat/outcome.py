"""What a command did, or why it was refused."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, List, Tuple

from .values import Shapes, from_json

CoreOutcome = Tuple[bool, int, str, str, int, int, str, List[Tuple[str, str, str, List[str], List[str]]]]


@dataclass(frozen=True)
class Refusal:
    """One reason: a stable code ("criteria.exit"), the place in the definitions, the message, the fields it is about.

    pointers: where those fields are in the record's document, JSON Pointers such as "/lines/2/quantity".
    """

    code: str
    at: str
    message: str
    fields: Tuple[str, ...] = ()
    pointers: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """One record that a command touched: `changes` has (old, new) for each field."""

    entity: str
    key: str
    operation: str
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)


class Outcome:
    """What a command did. True in a condition when it was not refused."""

    __slots__ = ("refused", "sequence", "entity", "key", "id", "version", "json", "refusals", "_shapes", "_story")

    def __init__(self, fields: CoreOutcome, shapes: Shapes) -> None:
        self.refused: bool
        self.sequence: int
        self.entity: str
        self.key: str
        self.id: int
        self.version: int
        self.json: str
        self.refused, self.sequence, self.entity, self.key, self.id, self.version, self.json, refusals = fields
        self.refusals: tuple[Refusal, ...] = tuple(
            Refusal(code, at, message, tuple(names), tuple(pointers)) for code, at, message, names, pointers in refusals
        )
        self._shapes = shapes
        self._story: dict[str, Any] | None = None

    def __bool__(self) -> bool:
        return not self.refused

    def __repr__(self) -> str:
        if self.refused:
            return f"<Outcome refused: {'; '.join(r.message or r.code for r in self.refusals)}>"
        return f"<Outcome {self.sequence} {self.entity} {self.key}>"

    @property
    def story(self) -> dict[str, Any]:
        """The whole answer, as leat.h describes it."""
        if self._story is None:
            self._story = from_json(self.json) or {}
        return self._story

    @property
    def message(self) -> str:
        """All messages of a refusal, one a line."""
        return "\n".join(refusal.message or refusal.code for refusal in self.refusals)

    @property
    def state(self) -> dict[str, Any]:
        """The states that the record is in now, by flow."""
        return self.story.get("state") or {}

    @property
    def changed(self) -> list[Change]:
        return [
            Change(c.get("entity", ""), c.get("key", ""), c.get("operation", ""), self._shapes.changes(c.get("entity", ""), c.get("changes") or {}))
            for c in self.story.get("changed") or []
        ]

    @property
    def raised(self) -> list[Any]:
        return self.story.get("raised") or []

    @property
    def tasks(self) -> list[Any]:
        return self.story.get("tasks") or []

    @property
    def calls(self) -> list[Any]:
        return self.story.get("calls") or []

    @property
    def notices(self) -> list[Any]:
        return self.story.get("notices") or []
