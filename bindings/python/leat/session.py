"""One actor at work."""
from __future__ import annotations

import datetime as dt
import json
from contextlib import contextmanager
from decimal import Decimal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Mapping, Sequence

from . import _core
from .columns import pack
from .decision import answer_of, explained_of, flags_of
from .outcome import CoreOutcome, Outcome
from .program import diagram_arguments
from .values import from_json, to_json

if TYPE_CHECKING:
    from .engine import Engine


class Groups(List[Dict[str, Any]]):
    """Groups of one answer; `more`: there are others than these."""

    more: bool = False


class Page(List[Dict[str, Any]]):
    """Records of one answer; `next` is what to pass as `after` for more, or None."""

    next: Any = None


@dataclass(frozen=True)
class Rejection:
    """A row that was not imported: its number among the rows of data, its line in the file, and why."""

    row: int
    line: int
    field: str
    code: str
    message: str


@dataclass(frozen=True)
class Imported:
    """What an import came to. `rejections` are the first thousand; a report file has all of them."""

    job: str
    source: str
    rows: int
    records: int
    created: int
    changed: int
    unchanged: int
    rejected: int
    rejections: list[Rejection]
    more_rejections: bool
    unused_columns: list[str]
    dry_run: bool
    kept: bool
    resumed_at: int
    already: bool


@dataclass(frozen=True)
class Loaded:
    """What a load came to. `rejections` are the first thousand; `one_by_one` says why each was a command, or is empty."""

    created: int
    rejected: int
    rejections: list[Rejection]
    more_rejections: bool
    kept: bool
    first_id: int
    last_id: int
    first_sequence: int
    last_sequence: int
    one_by_one: str


@dataclass(frozen=True)
class Exported:
    """What went out: rows, those withheld, bytes and their SHA-256, the log's sequence; `text` where no file was named."""

    rows: int
    withheld: int
    bytes: int
    sha256: str
    sequence: int
    text: str = ""


def _input(values: Mapping[str, Any] | None, fields: Mapping[str, Any]) -> str:
    if not values and not fields:
        return ""
    return to_json({**(values or {}), **fields})


class Session:
    """One actor; one thread at a time. Made by `Engine.session`, to be used in a `with` statement.

    Field values are given as a mapping, as keywords, or both. `version` is the version that the record must still have
    (ConflictError otherwise); 0 is any.
    """

    def __init__(self, engine: Engine, actor: str, *, as_user: str = "") -> None:
        self._engine = engine  # keeps the callbacks alive
        self._core = _core.Session(engine._core, actor, as_user) if as_user else _core.Session(engine._core, actor)
        self.actor = as_user or actor

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Session {self.actor}{' closed' if self.closed else ''}>"

    def close(self) -> None:
        """Ends the session; an open unit of work is rolled back. Closing twice is fine."""
        self._core.close()

    @property
    def closed(self) -> bool:
        return self._core.closed

    def interrupt(self) -> None:
        """From any thread: the running command or read ends with StoreError "store.interrupted"."""
        self._core.interrupt()

    def set_language(self, language: str) -> None:
        """Of messages and titles: "zh", "en"; empty: the application's."""
        self._core.set_language(language)

    # --- commands ---

    def _outcome(self, fields: CoreOutcome) -> Outcome:
        return Outcome(fields, self._engine._shapes)

    def create(self, entity: str, values: Mapping[str, Any] | None = None, /, **fields: Any) -> Outcome:
        return self._outcome(self._core.create(entity, _input(values, fields)))

    def patch(self, entity: str, key: str, values: Mapping[str, Any] | None = None, /, *, version: int = 0, **fields: Any) -> Outcome:
        return self._outcome(self._core.patch(entity, key, _input(values, fields), version))

    def delete(self, entity: str, key: str, /, *, version: int = 0) -> Outcome:
        return self._outcome(self._core.delete(entity, key, version))

    def send(self, entity: str, key: str, event: str, values: Mapping[str, Any] | None = None, /, *, version: int = 0, **fields: Any) -> Outcome:
        """Sends a declared event ("sign", or "sales_flow.sign") with its payload."""
        return self._outcome(self._core.send(entity, key, event, _input(values, fields), version))

    def complete_task(self, task: int, decision: str, values: Mapping[str, Any] | None = None, /, *, comment: str = "", **fields: Any) -> Outcome:
        """decision: "approve" or "reject" for approvals, "done" for to-dos."""
        return self._outcome(self._core.complete_task(task, decision, comment, _input(values, fields)))

    def merge(self, entity: str, key: str, other: str, /, *, take: Sequence[str] = (), version: int = 0) -> Outcome:
        """Makes one record of two: `other` goes, what referred to it refers to `key`.

        Fields of `key` stay; those that are empty there, and those in `take`, are the other's.
        """
        return self._outcome(self._core.merge(entity, key, other, to_json(list(take)), version))

    def duplicates(self, entity: str, record: str | Mapping[str, Any], /, *, limit: int = 0) -> List[Dict[str, Any]]:
        """Records that may be the same thing as this one, by its key, or as a record with these fields would be."""
        key, values = (record, "") if isinstance(record, str) else ("", to_json(dict(record)))
        found: List[Dict[str, Any]] = from_json(self._core.duplicates(entity, key, values, limit))
        return found

    def put_file(self, content: bytes, /, *, name: str = "") -> str:
        """Keeps the bytes and answers what a field of type file holds: their SHA-256, with the name behind it."""
        digest = self._core.put_file(content)
        return f"{digest}/{name}" if name else digest

    def get_file(self, entity: str, key: str, file: str, /) -> bytes:
        """The bytes of a file that this record names, by its SHA-256 or the field's whole value."""
        return self._core.get_file(entity, key, file)

    def suspend(self, entity: str, key: str, /, *, reason: str) -> Outcome:
        """The record refuses commands and its timers wait until resume(); for the system and administrators."""
        return self._outcome(self._core.suspend(entity, key, reason))

    def resume(self, entity: str, key: str, /, *, reason: str) -> Outcome:
        return self._outcome(self._core.resume(entity, key, reason))

    def jump(self, entity: str, key: str, flow: str, state: str, /, *, reason: str) -> Outcome:
        """Leaves all states of a flow and enters this one, whatever its guards and criteria say."""
        return self._outcome(self._core.jump(entity, key, flow, state, reason))

    def erase(self, entity: str, key: str, /, *, reason: str) -> Outcome:
        """Erases what fields call personal, of a record and of those that refer to it, everywhere in the file."""
        return self._outcome(self._core.erase(entity, key, reason))

    def share(self, entity: str, key: str, holder: str, right: str = "read", /) -> Outcome:
        """Opens one record to "user:KEY" or "role:NAME" for "read" or "write"; "none" revokes it."""
        return self._outcome(self._core.share(entity, key, holder, right))

    def change_setting(self, name: str, value: Any, /, *, valid_from: dt.date | str | None = None) -> Outcome:
        if isinstance(value, (bool, dt.date, dt.timedelta)):
            text = from_json(to_json(value)) if not isinstance(value, bool) else str(value).lower()
        elif isinstance(value, (str, int, Decimal)):
            text = str(value)
        else:
            raise TypeError(f"a {type(value).__name__} is no setting's value")
        since = "" if valid_from is None else valid_from if isinstance(valid_from, str) else valid_from.isoformat()
        return self._outcome(self._core.change_setting(name, since, text))

    @contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        """Several commands, one commit; rolled back when the block raises. A refused command is undone alone."""
        self._core.begin()
        try:
            yield self
        except BaseException:
            self._core.rollback()
            raise
        self._core.commit()

    # --- reads, cut to what the actor may see ---

    def show(self, entity: str, key: str, /) -> dict[str, Any]:
        """One record with typed values; NotFoundError when the actor may not read it."""
        return self._engine._shapes.record(entity, from_json(self._core.show(entity, key)))

    def decide(
        self,
        decision: str,
        record: str | Mapping[str, Any] | None = None,
        /,
        *,
        as_of: dt.date | str | None = None,
        explain: bool = False,
        nearest: int = 3,
    ) -> Any:
        """The answer of a decision: of a record, by its key, or with inputs; as Program.decide() otherwise.

        Records, settings and references may be read, as far as the actor may see them.
        """
        key, inputs = (record, "") if isinstance(record, str) else ("", to_json(dict(record or {})))
        day = "" if as_of is None else as_of if isinstance(as_of, str) else as_of.isoformat()[:10]
        answer = from_json(self._core.decide(decision, key, inputs, flags_of(explain), day, nearest))
        return explained_of(answer) if explain else answer_of(answer)

    def import_table(
        self,
        entity: str,
        path: object = None,
        /,
        *,
        text: str = "",
        mapping: Mapping[str, Any] | None = None,
        json_lines: bool | None = None,
        job: str = "",
        report: object = "",
        chunk: int = 0,
        dry_run: bool = False,
        all_or_nothing: bool = False,
        restart: bool = False,
        progress: Callable[[Any], object] | None = None,
    ) -> Imported:
        """Records of a CSV or JSON Lines file (plain or .gz), or of a text, with this actor's rights.

        mapping: docs/import.md has its keys. progress gets the counts, a dict, after each transaction; what it raises
        stops the import, and the same call later goes on from there.
        """
        name = "" if path is None else str(path)
        if json_lines is None:
            json_lines = name.removesuffix(".gz").endswith((".jsonl", ".ndjson"))

        def run(_name: str, counts: str, _id: int, _attempt: int) -> str:
            assert progress is not None
            progress(from_json(counts))
            return ""

        answer = from_json(
            self._core.import_table(
                entity,
                text,
                name,
                2 if json_lines else 1,
                to_json(mapping) if mapping else "",
                job,
                str(report),
                chunk,
                1 * dry_run | 2 * all_or_nothing | 4 * restart,
                run if progress else None,
            )
        )
        rejections = [Rejection(**one) for one in answer.pop("rejections")]
        return Imported(rejections=rejections, **answer)

    def load(
        self,
        entity: str,
        columns: Mapping[str, Sequence[Any]],
        /,
        *,
        all_or_nothing: bool = False,
        chunk: int = 0,
    ) -> Loaded:
        """Many new records from columns: field to its values, all of one length, None where there is none.

        Each is checked as by create(); rejected ones are left out, `row` counts from 0. References are keys. Buffers of
        64-bit integers (array('q'), NumPy's int64) are taken as they are.
        """
        lengths = {len(values) for values in columns.values()}
        if len(lengths) > 1:
            raise ValueError("the columns have different lengths")
        packed = [pack(name, values) for name, values in columns.items()]
        rows = lengths.pop() if lengths else 0
        answer = from_json(
            self._core.load(self._engine._core, entity, list(columns), packed, rows, 1 * all_or_nothing, chunk)
        )
        rejections = [Rejection(line=0, **one) for one in answer.pop("rejections")]
        return Loaded(rejections=rejections, **answer)

    def export(
        self,
        entity: str,
        path: object = "",
        /,
        *,
        json_lines: bool | None = None,
        fields: Sequence[str] = (),
        where: str = "",
        sort: Sequence[str] = (),
        byte_order_mark: bool = False,
        unguarded: bool = False,
        write: Callable[[str], object] | None = None,
    ) -> Exported:
        """Records that the actor may export, as CSV or JSON Lines: to a file, to `write` in pieces, or as `.text`.

        Logged with the count of rows and the SHA-256 of the bytes. sort: fields, "-" before one that descends.
        """
        name = str(path)
        if json_lines is None:
            json_lines = name.endswith((".jsonl", ".ndjson"))

        def run(_name: str, piece: str, _id: int, _attempt: int) -> str:
            assert write is not None
            write(piece)
            return ""

        answer = from_json(
            self._core.export_records(
                entity,
                2 if json_lines else 1,
                ",".join(fields),
                where,
                ",".join(sort),
                name,
                1 * byte_order_mark | 2 * unguarded,
                run if write else None,
            )
        )
        return Exported(**answer)

    def list(self, entity: str, /, *, where: str = "", after: int = 0, limit: int = 100) -> Page:
        """Records that meet a FEEL condition, in creation order, one page of them."""
        answer = from_json(self._core.list(entity, where, after, limit))
        page = Page(self._engine._shapes.record(entity, record) for record in answer["records"])
        page.next = answer.get("next")
        return page

    def records(self, entity: str, /, *, where: str = "", page: int = 100) -> Iterator[dict[str, Any]]:
        """All of them, read page by page. Each page is a view of its own moment."""
        after: int | None = 0
        while after is not None:
            answer = self.list(entity, where=where, after=after, limit=page)
            yield from answer
            after = answer.next

    def query(
        self,
        entity: str,
        /,
        *,
        where: str = "",
        search: str = "",
        sort: Sequence[str] = (),
        limit: int = 100,
        after: str | None = None,
        fields: Sequence[str] = (),
    ) -> Page:
        """Records that meet a condition and contain the words searched for, in this order, one page of them.

        sort: fields, "-amount" descends. fields: only these, also one reference away ("customer.name"), as they are in
        JSON; without them whole records with typed values. Go on with after=page.next.
        """
        asked = {"where": where, "search": search, "sort": list(sort), "limit": limit, "after": after, "fields": list(fields)}
        given = {name: value for name, value in asked.items() if value}
        answer = from_json(self._core.query(entity, to_json(given)))
        records = answer["records"] if fields else (self._engine._shapes.record(entity, one) for one in answer["records"])
        page = Page(records)
        page.next = answer["next"]
        return page

    def groups(
        self,
        entity: str,
        /,
        *,
        group: Sequence[str] = (),
        measures: Mapping[str, str] | None = None,
        where: str = "",
        search: str = "",
        sort: Sequence[str] = (),
        limit: int = 100,
    ) -> Groups:
        """Counts and sums by group: measures={"deals": "count", "total": "sum(amount)"}; also avg, min and max."""
        asked: dict[str, Any] = {"where": where, "search": search, "sort": list(sort), "limit": limit}
        given = {name: value for name, value in asked.items() if value}
        given["group"] = list(group)
        given["measures"] = dict(measures or {"count": "count"})
        answer = from_json(self._core.query(entity, to_json(given)))
        groups = Groups(answer["groups"])
        groups.more = answer["more"]
        return groups

    def view(self, entity: str, key: str, /, *, limit: int = 100) -> Any:
        """A record with all around it: references, what refers to it, tasks, messages, service levels, a timeline."""
        return from_json(self._core.view(entity, key, limit))

    def may(self, right: str, entity: str, key: str = "", field: str = "", /, *, user: str = "") -> Any:
        """Whether the actor (or a user) may "read", "write", "add" … or "send EVENT", and which rule says so."""
        return from_json(self._core.may(user, right, entity, key, field))

    def who_may(self, right: str, entity: str, key: str = "", field: str = "", /) -> Any:
        return from_json(self._core.who_may(right, entity, key, field))["users"]

    def explain_sql(self, expression: str, /, *, entity: str = "") -> Any:
        """What SQL the collections in an expression (and a condition over `entity`) become, and what the engine does."""
        return from_json(self._core.explain_sql(entity, expression))

    def tasks(self, *, everybody: bool = False, limit: int = 100) -> Any:
        """Open tasks of the actor, or of everybody for the system: `task` is the number for complete_task()."""
        return from_json(self._core.tasks(everybody, limit))["tasks"]

    def stuck(self, *, limit: int = 100) -> Any:
        """Records that stand still: suspended, with an incident or a failed delivery, or waiting for nothing."""
        return from_json(self._core.stuck(limit))["stuck"]

    def report(self, name: str, params: Mapping[str, Any] | None = None, /, **more: Any) -> Any:
        return from_json(self._core.report(name, _input(params, more)))

    def log(self, entity: str = "", key: str = "", /, *, start: int = 0, limit: int = 100) -> Any:
        """The log of one record, or (without an entity) of everything from sequence `start` on."""
        return from_json(self._core.log(entity, key, start, limit))["log"]

    def why(self, entity: str, key: str, event: str = "", /) -> Any:
        """Why an event can or cannot be sent now; without one, the same of each event that the record's states know."""
        return from_json(self._core.why(entity, key, event))

    def diagram(
        self,
        entity: str,
        key: str,
        flow: str = "",
        /,
        *,
        format: str = "mermaid",
        guards: bool = True,
        left_to_right: bool = False,
        language: str = "",
    ) -> str:
        """A record's flow with the states it is in highlighted; no flow: its only one. Formats as of Program.diagram."""
        return self._core.diagram(entity, key, flow, *diagram_arguments(format, guards, left_to_right), language)

    def form(
        self, entity: str, key: str = "", /, *, event: str = "", language: str = "", numbers: bool = False, choices: int = 0
    ) -> dict[str, Any]:
        """A form for the actor: of a record with its data, or (without a key) to create one. See Program.form.

        choices: references list their records up to so many; 0: 100, -1: never.
        """
        made: dict[str, Any] = json.loads(self._core.form(entity, key, event, language, 1 if numbers else 0, choices))
        return made

    def sla_report(self, *, start: dt.date | str = "", end: dt.date | str = "", by: str = "") -> Any:
        """Service levels kept and missed from `start` to before `end`, by year, month, week, day or (empty) in all."""
        return from_json(self._core.sla_report(str(start), str(end), by))["periods"]

    def slas(self) -> Any:
        return from_json(self._core.slas())["slas"]

    def outbox(self, *, status: str = "", limit: int = 100) -> Any:
        return from_json(self._core.outbox(status, limit))

    def incidents(self, *, open_only: bool = True, limit: int = 100) -> Any:
        return from_json(self._core.incidents(open_only, limit))["incidents"]

    def settings(self) -> Any:
        return from_json(self._core.settings())["settings"]

    def id_of(self, entity: str, key: str, /) -> int:
        return self._core.id_of(entity, key)
