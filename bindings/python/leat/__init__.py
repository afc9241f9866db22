"""Leat: an embeddable workflow and rule engine.

>>> import leat
>>> program = leat.load("app.yaml")
>>> with leat.Engine(program, "app.db") as engine, engine.session("li.lei") as session:
...     outcome = session.create("lead", company="ACME")
...     if not outcome:
...         print(outcome.message)
"""
from . import _core
from .clock import Clock
from .decision import Explained
from .engine import Delivery, DeliveryCounts, DueCounts, Engine, Verification
from .errors import (
    ConflictError,
    Diagnostic,
    HostError,
    InternalError,
    LeatError,
    LimitError,
    NotFoundError,
    ProgramError,
    StoreError,
    UsageError,
)
from .feel import Evaluation, Feel, NullReason, feel
from .outcome import Change, Outcome, Refusal
from .program import ImportPlan, ImportProblem, ImportRow, Program, form_errors, form_input, format_text, from_scxml, load
from .session import Exported, Groups, Imported, Loaded, Page, Rejection, Session
from .values import Record, Shapes

_number = _core.version_number()
__version__ = f"{_number // 10000}.{_number // 100 % 100}.{_number % 100}"

__all__ = [
    "Change",
    "Clock",
    "ConflictError",
    "Delivery",
    "DeliveryCounts",
    "Diagnostic",
    "DueCounts",
    "Engine",
    "Evaluation",
    "Explained",
    "Exported",
    "Feel",
    "HostError",
    "ImportPlan",
    "ImportProblem",
    "ImportRow",
    "Imported",
    "InternalError",
    "LeatError",
    "LimitError",
    "Loaded",
    "NotFoundError",
    "NullReason",
    "Outcome",
    "Groups",
    "Page",
    "Program",
    "ProgramError",
    "Record",
    "Refusal",
    "Rejection",
    "Session",
    "Shapes",
    "StoreError",
    "UsageError",
    "Verification",
    "feel",
    "form_errors",
    "form_input",
    "format_text",
    "from_scxml",
    "load",
]
