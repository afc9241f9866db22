"""Compiled definitions."""
from __future__ import annotations

import os
from typing import Any, Callable, Mapping

from . import _core
from .errors import Diagnostic, diagnostic_from_core
from .values import Shapes, from_json


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


def format_text(text: str, *, name: str = "definitions.yaml") -> str:
    """The same definitions in the house style; comments, order and meaning are kept."""
    return _core.format(text, name)
