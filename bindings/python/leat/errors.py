"""Failures of calls. A refused command is not one of them: it is an `Outcome` that says so.

The class tells what to do about it, `code` is stable and for programs, the message is for people.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence, Tuple


@dataclass(frozen=True)
class Diagnostic:
    """One finding in definitions. Lines and columns count from 1, columns in characters; the end is one past the last."""

    severity: str
    code: str
    message: str
    hint: str
    source: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    """As compilers print it: file:line:column, source line, caret, hint."""

    def __str__(self) -> str:
        return self.text


class LeatError(Exception):
    """Any failure that Leat reports."""

    def __init__(self, message: str, *, code: str = "", text: str = "", diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(text or message)
        self.message = message
        self.code = code
        self.diagnostics = tuple(diagnostics)


class UsageError(LeatError, ValueError):
    """The call breaks a rule of its page, or an input has the wrong shape."""


class ProgramError(LeatError):
    """Definitions have errors; `diagnostics` has them all."""


class NotFoundError(LeatError, LookupError):
    """There is no such entity, record or report, or the actor may not know of it."""


class ConflictError(LeatError):
    """Somebody else was first: a stale version, a busy file, changed definitions."""


class StoreError(LeatError):
    """The file: full disk, damage, another application's database."""


class LimitError(LeatError):
    """A limit on steps, records, memory, depth or size was met."""


class HostError(LeatError):
    """A function of the host failed; what it raised is `__cause__`."""


class InternalError(LeatError):
    """A fault of Leat. Please report it with the message."""


_CLASSES: dict[int, type[LeatError]] = {
    -1: UsageError,
    -2: ProgramError,
    -3: NotFoundError,
    -4: ConflictError,
    -5: StoreError,
    -6: LimitError,
    -7: HostError,
}
_Fields = Tuple[int, str, str, str, str, int, int, int, int, str]
_SEVERITIES = ("error", "warning", "note")


def diagnostic_from_core(fields: _Fields) -> Diagnostic:
    return Diagnostic(_SEVERITIES[fields[0]], *fields[1:])


def from_core(status: int, code: str, message: str, text: str, diagnostics: Sequence[_Fields]) -> Exception:
    """The exception for a status of the library; called by the native module."""
    if status == -8:
        return MemoryError(message)
    made = [diagnostic_from_core(fields) for fields in diagnostics]
    return _CLASSES.get(status, InternalError)(message, code=code, text=text, diagnostics=made)
