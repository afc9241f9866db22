"""One program over one store."""
from __future__ import annotations

import datetime as dt
import os
import weakref
from dataclasses import dataclass
from typing import Any, Callable, Iterable, Mapping, TypeVar

from . import _core
from .clock import Clock, microseconds, moment
from .outcome import Outcome
from .program import Program
from .session import Session
from .values import Shapes, from_json, to_json

_READ_ONLY, _FULL_DURABILITY, _NO_DEPLOY, _NO_CREATE = 1, 2, 4, 8
_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Delivery:
    """One item of the outbox: `id` is the stable number by which receivers recognise repeats."""

    id: int
    topic: str
    payload: Any
    attempt: int


@dataclass(frozen=True)
class DueCounts:
    """What run_due() did; `more` says that its bound was met."""

    fired: int
    stale: int
    incidents: int
    expired: int
    lateness: dt.timedelta
    more: bool


@dataclass(frozen=True)
class DeliveryCounts:
    """What deliver() did; `unknown` items were claimed earlier and never answered: somebody has to look at them."""

    done: int
    failed: int
    unknown: int
    more: bool


@dataclass(frozen=True)
class Verification:
    """Whether the log is what was written. `first_bad` is the first altered row's sequence, 0 when there is none."""

    ok: bool
    rows: int
    first_bad: int
    problem: str
    head: str
    sealed: int = 0
    missing: tuple[str, ...] = ()


class Engine:
    """One program over one SQLite file, to be used in a `with` statement.

    program: None takes the definitions that are stored in the file. clock: a `Clock`, or a function that answers an aware
    datetime. random: a function that answers so many bytes. joined: the address of the host's own sqlite3 handle, instead of
    a path. limits: eval_steps_max, records_max, memory_bytes_max … as in leat.h. files_folder: where the contents of files
    are, instead of in the store.
    """

    def __init__(
        self,
        program: Program | None,
        path: str | os.PathLike[str] = ":memory:",
        *,
        clock: Clock | Callable[[], dt.datetime] | None = None,
        random: Callable[[int], bytes] | None = None,
        read_only: bool = False,
        full_durability: bool = False,
        deploy: bool = True,
        create: bool = True,
        language: str = "",
        busy_timeout: dt.timedelta | None = None,
        joined: int = 0,
        limits: Mapping[str, int] | None = None,
        files_folder: str | os.PathLike[str] = "",
    ) -> None:
        # The native side holds closures over a weak reference only, so that an engine whose callbacks refer to it can be
        # collected like any other cycle.
        self._callbacks: dict[tuple[str, str], Callable[..., Any]] = {}
        self._clock, self._random = clock, random
        self._program = program
        flags = _READ_ONLY * read_only | _FULL_DURABILITY * full_durability | _NO_DEPLOY * (not deploy) | _NO_CREATE * (not create)
        numbers = dict(limits or {})
        if busy_timeout is not None:
            numbers["busy_timeout_ms"] = max(1, busy_timeout // dt.timedelta(milliseconds=1))
        self._core = _core.Engine(
            program._core if program else None,
            "" if joined else os.fspath(path),
            flags,
            language,
            joined,
            numbers,
            _clock_of(weakref.ref(self)) if clock is not None else None,
            _random_of(weakref.ref(self)) if random is not None else None,
            os.fspath(files_folder),
        )
        if program is None:
            self._program = Program(self._core.program())

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closing twice is fine. Open sessions go on; the file is closed with the last of them."""
        self._core.close()

    @property
    def closed(self) -> bool:
        return self._core.closed

    @property
    def program(self) -> Program:
        assert self._program is not None
        return self._program

    @property
    def _shapes(self) -> Shapes:
        return self.program.shapes

    def session(self, actor: str = "system") -> Session:
        """actor: the key of a record of `user`, or "system", which may do everything."""
        return Session(self, actor)

    def session_as(self, actor: str, user: str, /) -> Session:
        """`actor` works as another user, with that user's rights; he needs a role with `impersonate`. It is logged."""
        return Session(self, actor, as_user=user)

    def on_function(self, name: str, function: Callable[..., Any] | None = None) -> Any:
        """Answers a look-up declared under `functions:` without a formula; as a decorator or with the function given.

        The function gets the arguments as typed values and answers one. What it raises fails the command as HostError
        with the exception as `__cause__`.
        """
        return self._register("function", name, function)

    def on_delivery(self, topic: str, function: Callable[[Delivery], Any] | None = None) -> Any:
        """Delivers outbox items of a topic ("erp.create_order", "erp.*", "notice.*"); decorator or with the function given.

        What it answers is kept as the receipt; what it raises is kept with the item, which is tried again later.
        """
        return self._register("delivery", topic, function)

    def _register(self, kind: str, name: str, function: Callable[..., Any] | None) -> Any:
        if function is None:

            def decorate(decorated: _Function) -> _Function:
                self._register(kind, name, decorated)
                return decorated

            return decorate
        self._callbacks[kind, name] = function
        if kind == "function":
            self._core.on_function(name, _function_of(weakref.ref(self), name))
        else:
            self._core.on_delivery(name, _delivery_of(weakref.ref(self), name))
        return function

    def run_due(self, *, max: int = 1000) -> DueCounts:
        """Fires timers that are due, each as a command of its own."""
        fired, stale, incidents, expired, lateness_us, more = self._core.run_due(max)
        return DueCounts(fired, stale, incidents, expired, dt.timedelta(microseconds=lateness_us), more)

    def next_due(self) -> dt.datetime | None:
        """When the next timer falls due."""
        due = self._core.next_due()
        return None if due is None else moment(due)

    def deliver(self, *, max: int = 1000) -> DeliveryCounts:
        """Hands outbox items to the functions registered for them."""
        return DeliveryCounts(*self._core.deliver(max))

    def receive(self, name: str, id: str, payload: Any) -> Outcome:
        """A message from outside. The same (name, id) again is recognised and has no effect."""
        return Outcome(self._core.receive(name, id, to_json(payload)), self._shapes)

    def verify(self) -> Verification:
        """Recomputes the whole log."""
        answer = from_json(self._core.verify())
        return Verification(
            answer["ok"], answer["rows"], answer["first_bad"], answer["problem"], answer["head"], answer["sealed"], tuple(answer["missing"])
        )

    def drop_unused_files(self, older_than: dt.timedelta = dt.timedelta(days=1)) -> int:
        """Drops the files that no record names and that were put longer ago than this; how many."""
        return self._core.drop_unused_files(older_than // dt.timedelta(microseconds=1))

    def plan(self, program: Program, *, drop: Iterable[str] = (), move: Iterable[str] = ()) -> Any:
        """What deploy() would do: what is added, renamed, widened, narrowed, removed, moved, and what would block it."""
        return from_json(self._core.plan(program._core, _lines(drop), _lines(move)))

    def deploy(
        self,
        program: Program,
        *,
        actor: str = "system",
        drop: Iterable[str] = (),
        move: Iterable[str] = (),
        backup: str | os.PathLike[str] = "",
    ) -> Outcome:
        """Replaces the definitions in the file; refused where data would be lost that `drop` does not name.

        move: flows whose running records go on in the new version. backup: a new file for the database as it was.
        """
        path = os.fspath(backup) if backup else ""
        outcome = Outcome(self._core.deploy(program._core, actor, _lines(drop), _lines(move), path), program.shapes)
        if outcome:
            self._program = program
        return outcome

    def undo_deploy(
        self, *, actor: str = "system", drop: Iterable[str] = (), backup: str | os.PathLike[str] = ""
    ) -> Outcome:
        """Back to the definitions before the last deployment, with the states and values it took away."""
        path = os.fspath(backup) if backup else ""
        fields = self._core.undo_deploy(actor, _lines(drop), "", path)
        self._program = Program(self._core.program())
        return Outcome(fields, self._shapes)

    def backup(self, path: str | os.PathLike[str]) -> None:
        """A copy of the database in a new file, also while others read and write."""
        self._core.backup(os.fspath(path))

    def seal(self, before: dt.datetime, *, folder: str | os.PathLike[str] = "") -> Any:
        """Moves the log's rows from before this moment into an archive file. Answers "rows" and "archive"."""
        outcome = self._core.seal(microseconds(before), os.fspath(folder) if folder else "")
        return Outcome(outcome, self._shapes).story

    def retain(self, *, folder: str | os.PathLike[str] = "") -> Any:
        """Erases what is personal in records whose `retention` is over, and seals the log as `keep_log` says.

        Answers "erased", "records", "log_rows", "rows" and "archive".
        """
        outcome = self._core.retain(os.fspath(folder) if folder else "")
        return Outcome(outcome, self._shapes).story

    def archives(self) -> Any:
        """The archive files of the log: first and last row, path, time of the last row."""
        return from_json(self._core.archives())["archives"]

    def resolve_delivery(self, id: int, decision: str, *, receipt: str = "") -> None:
        """decision: "done", "retry" or "failed", for items whose delivery is unknown or failed."""
        self._core.resolve_delivery(id, decision, receipt)

    def close_incident(self, id: int, status: str) -> None:
        """status: "retried" or "dismissed"."""
        self._core.close_incident(id, status)


def _lines(given: Iterable[str]) -> str:
    return "\n".join([given] if isinstance(given, str) else given)


_Self = Callable[[], "Engine | None"]


def _alive(reference: _Self) -> Engine:
    engine = reference()
    if engine is None:
        raise RuntimeError("the engine has been collected")
    return engine


def _clock_of(reference: _Self) -> Callable[[], int]:
    def now() -> int:
        clock = _alive(reference)._clock
        assert clock is not None
        return clock.now_us() if isinstance(clock, Clock) else microseconds(clock())

    return now


def _random_of(reference: _Self) -> Callable[[int], bytes]:
    def fill(size: int) -> bytes:
        random = _alive(reference)._random
        assert random is not None
        return random(size)

    return fill


def _function_of(reference: _Self, name: str) -> Callable[[str, str, int, int], str]:
    def run(_name: str, arguments: str, _id: int, _attempt: int) -> str:
        return to_json(_alive(reference)._callbacks["function", name](*from_json(arguments)))

    return run


def _delivery_of(reference: _Self, topic: str) -> Callable[[str, str, int, int], str]:
    def run(name: str, payload: str, id: int, attempt: int) -> str:
        receipt = _alive(reference)._callbacks["delivery", topic](Delivery(id, name, from_json(payload), attempt))
        return "" if receipt is None else receipt if isinstance(receipt, str) else to_json(receipt)

    return run
