"""Compiled definitions."""
from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import dataclass
from typing import Any, Callable, Iterable, Literal, Mapping, Sequence, overload

from . import _core
from .decision import Explained, answer_of, explained_of, flags_of, rows_of
from .errors import Diagnostic, diagnostic_from_core
from .outcome import Outcome
from .values import Shapes, from_json, to_json


@dataclass(frozen=True)
class ImportRow:
    """One row that can be imported: its line in the text, the key it names if any, and its fields."""

    line: int
    key: str
    values: dict[str, Any]


@dataclass(frozen=True)
class ImportProblem:
    """Why a row cannot be imported."""

    line: int
    field: str
    message: str


@dataclass(frozen=True)
class ImportPlan:
    """What a table holds. Rows with problems are not in `rows`; columns that nothing uses are named."""

    rows: list[ImportRow]
    problems: list[ImportProblem]
    unused_columns: list[str]


DIAGRAM_FORMATS = {"mermaid": 1, "dot": 2, "svg": 3}


def diagram_arguments(format: str, guards: bool, left_to_right: bool) -> tuple[int, int]:
    if format not in DIAGRAM_FORMATS:
        raise ValueError(f"a diagram's format is mermaid, dot or svg, not {format!r}")
    return DIAGRAM_FORMATS[format], (1 if left_to_right else 0) | (0 if guards else 2)


def _day(day: dt.date | str | None) -> str:
    return "" if day is None else day if isinstance(day, str) else day.isoformat()[:10]


class Program:
    """Definitions, compiled: immutable, to be shared between engines and threads. Made by `leat.load`."""

    def __init__(self, core: _core.Program) -> None:
        self._core = core
        self._description: dict[str, Any] | None = None
        self._shapes: Shapes | None = None

    def __repr__(self) -> str:
        return f"<Program {self.name} {self.version}>"

    @property
    def name(self) -> str:
        return self._core.name

    @property
    def version(self) -> str:
        return self._core.version

    @property
    def hash(self) -> str:
        """SHA-256 over all sources, in hex: what a file says that it runs."""
        return self._core.hash

    @property
    def warnings(self) -> list[Diagnostic]:
        return [diagnostic_from_core(fields) for fields in self._core.warnings]

    @property
    def description(self) -> dict[str, Any]:
        """What the definitions contain: entities with their fields, flows, reports, messages, settings …"""
        if self._description is None:
            self._description = from_json(self._core.describe())
        return self._description

    def import_plan(
        self,
        entity: str,
        table: str,
        *,
        json_lines: bool = False,
        columns: Mapping[str, str] | None = None,
        replace: Iterable[tuple[str, str, str]] = (),
        constants: Mapping[str, str] | None = None,
    ) -> ImportPlan:
        """Reads a CSV text (or JSON Lines) as records of an entity, to be created or patched row by row. Writes nothing.

        columns: column to field, to "key", or to "" to leave it out; others are matched by name or title. replace: (field,
        from, to). constants: field to text, for every row without it.
        """
        mapping = {
            "columns": dict(columns or {}),
            "replace": [{"field": field, "from": old, "to": new} for field, old, new in replace],
            "constants": dict(constants or {}),
        }
        answer = from_json(self._core.import_plan(entity, table, 2 if json_lines else 1, to_json(mapping)))
        rows = [ImportRow(row["line"], row.get("key", ""), row["input"]) for row in answer["rows"]]
        problems = [ImportProblem(p["line"], p["field"], p["message"]) for p in answer["problems"]]
        return ImportPlan(rows, problems, answer["unused_columns"])

    def diagram(
        self, flow: str, *, format: str = "mermaid", guards: bool = True, left_to_right: bool = False, language: str = ""
    ) -> str:
        """A flow as a picture's text: "mermaid", "dot", or "svg" (which needs Graphviz's program dot)."""
        return self._core.diagram(flow, *diagram_arguments(format, guards, left_to_right), language)

    def form(
        self, entity: str, *, role: str = "", state: str = "", event: str = "", language: str = "", numbers: bool = False
    ) -> dict[str, Any]:
        """A form of an entity from the definitions alone, for holders of a role, in a state; without one, to create it.

        "schema", "uiSchema", "layout" and "data" are for renderers of JSON Schema: json.dumps() takes all of it.
        """
        made: dict[str, Any] = json.loads(self._core.form(entity, role, state, event, language, 1 if numbers else 0))
        return made

    @overload
    def decide(
        self, decision: str, inputs: Mapping[str, Any] | None = ..., /, *, as_of: dt.date | str | None = ..., explain: Literal[False] = ...
    ) -> Any: ...
    @overload
    def decide(
        self, decision: str, inputs: Mapping[str, Any] | None = ..., /, *, as_of: dt.date | str | None = ..., explain: Literal[True], nearest: int = ...
    ) -> Explained: ...
    def decide(
        self,
        decision: str,
        inputs: Mapping[str, Any] | None = None,
        /,
        *,
        as_of: dt.date | str | None = None,
        explain: bool = False,
        nearest: int = 3,
    ) -> Any:
        """The answer of a decision, scorecard or service, which needs no engine: numbers are Decimal, several outputs a dict.

        What is missing among the inputs is None; of a decision `of` an entity the inputs are the fields that it reads. `as_of`
        is the day that today() is. With `explain` the answer is an Explained, which says why. Raises NotFoundError for an
        unknown decision, ProgramError for one that only an engine can answer.
        """
        text = self._core.decide(decision, to_json(dict(inputs or {})), flags_of(explain), _day(as_of), nearest)
        return explained_of(from_json(text)) if explain else answer_of(from_json(text))

    def decide_many(
        self,
        decision: str,
        inputs: Iterable[Mapping[str, Any]] | Mapping[str, Sequence[Any]],
        /,
        *,
        as_of: dt.date | str | None = None,
    ) -> list[Any]:
        """One answer for each of many inputs: a list of mappings, or a mapping from each input to a list of its values."""
        text = self._core.decide(decision, to_json(rows_of(inputs)), flags_of(False), _day(as_of), 0)
        return [answer_of(one) for one in from_json(text)]

    def to_scxml(self, flow: str) -> str:
        """A flow as an SCXML document, with FEEL as its data model."""
        return self._core.to_scxml(flow)

    def replay(self, flow: str, log: str | os.PathLike[str], mapping: Mapping[str, Any] | None = None) -> Any:
        """Plays an event log (CSV or XES, also gzipped) through a flow: a dict with the cases that conform, the first
        deviation of the others and the time in each state. mapping: which columns and activities are what."""
        return from_json(self._core.replay(flow, os.fspath(log), to_json(dict(mapping or {}))))

    @property
    def shapes(self) -> Shapes:
        if self._shapes is None:
            self._shapes = Shapes(self.description)
        return self._shapes


def load(
    path: str | os.PathLike[str] | None = None,
    *,
    text: str | None = None,
    sources: Mapping[str, str] | None = None,
    name: str = "definitions.yaml",
    strict: bool = False,
    read_file: Callable[[str, str], str | None] | None = None,
) -> Program:
    """Compiles definitions from one of: a file or folder, a text, several texts by name.

    A str with a line end in it is taken as the text itself. `read_file(path, source)` answers the content of a file that the
    texts name, or None; without it texts know no files. `strict` makes warnings errors. Raises ProgramError with every
    diagnostic.
    """
    if isinstance(path, str) and "\n" in path:
        path, text = None, path
    if (path is not None) + (text is not None) + (sources is not None) != 1:
        raise TypeError("load() takes exactly one of: a path, text=, sources=")
    if path is not None:
        if read_file is not None:
            raise TypeError("read_file goes with text= or sources=; a path is read from its own folder")
        return Program(_core.load_file(os.fspath(path), strict))
    given = [(name, text)] if text is not None else list((sources or {}).items())
    reader = None
    if read_file is not None:
        asked = read_file

        def reader(named: str, source: str, _id: int, _attempt: int) -> str | None:
            return asked(named, source)

    return Program(_core.load(given, strict, reader))


def from_scxml(text: str, *, name: str = "document.scxml") -> str:
    """The definitions, in YAML, of an SCXML document's flow. Raises ProgramError with every diagnostic."""
    return _core.from_scxml(text, name)


def form_input(form: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """What of a submitted document a command takes: {"record": …}, and "event" of a form for an event.

    Without what is read-only or no part of the form; of a present record only what was changed.
    """
    taken: dict[str, Any] = json.loads(_core.form_input(json.dumps(form), json.dumps(data, default=str)))
    return taken


def form_errors(refused: Outcome | Exception) -> dict[str, Any]:
    """Where a renderer shows why a command was refused, or failed because of its input: "extraErrors" for
    react-jsonschema-form, "additionalErrors" for JSON Forms, "messages" that belong to no field.
    """
    said = refused.json if isinstance(refused, Outcome) else json.dumps({"message": getattr(refused, "message", str(refused))})
    errors: dict[str, Any] = json.loads(_core.form_errors(said))
    return errors


def format_text(text: str, *, name: str = "definitions.yaml") -> str:
    """The same definitions in the house style; comments, order and meaning are kept."""
    return _core.format(text, name)
