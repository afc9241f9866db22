"""The command line."""
from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import resource
import sqlite3
import sys
import tempfile
import time
from decimal import Decimal, InvalidOperation
from pathlib import Path

import leat

from . import answers, people, pipeline, tables
from .outside import Outside
from .play import Play

HERE = Path(__file__).resolve().parent.parent
BUNDLED = HERE / "data"


def arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="run.sh", description="Plays a sales pipeline from lead to cash and prints funnel, revenue, approvals, service levels and cash.",
        epilog="A run that was interrupted goes on where it stood: start it again with the same --db and --data. "
               "Exit codes: 0 done, 1 failed, 2 wrong arguments or unreadable data, 130 interrupted.")
    parser.add_argument("--data", type=Path, default=BUNDLED, metavar="DIR", help=f"folder with {', '.join(pipeline.FILES)} (default: the bundled one)")
    parser.add_argument("--db", type=Path, metavar="FILE", help="keep the database here, FILE.ledger and FILE.import.csv beside it; an existing one is resumed")
    parser.add_argument("--resume", action="store_true", help="insist on an existing --db; it is resumed in any case")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the answers here")
    parser.add_argument("--language", choices=("zh", "en"), default="zh", help="of titles and messages (default: zh)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE",
                        help="change a setting before the play. With --data, director_amount is 0 unless it is set here: the definitions' "
                             "500,000 means nothing to other people's prices")
    parser.add_argument("--verify", action="store_true", help="recompute the whole log at the end")
    return parser.parse_args(argv)


def settings_of(options: argparse.Namespace) -> dict[str, str]:
    chosen = {} if options.data.resolve() == BUNDLED else {"director_amount": "0"}
    for text in options.set:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise SystemExit(f"run.sh: --set wants NAME=VALUE, not '{text}'")
        chosen[name] = value
    return chosen


def main(argv: list[str] | None = None) -> int:
    options = arguments(argv)
    for path in (options.db, options.json):
        if path and not path.resolve().parent.is_dir():
            print(f"run.sh: {path}: there is no such folder", file=sys.stderr)
            return 2
    try:
        if options.db:
            return run(options, options.db)
        with tempfile.TemporaryDirectory(prefix="lead_to_cash.") as folder:
            return run(options, Path(folder) / "lead_to_cash.db")
    except pipeline.DataError as error:
        print(f"run.sh: {error}", file=sys.stderr)
        return 2
    except sqlite3.Error as error:  # the engine's own are LeatError
        print(f"run.sh: the ledger of the outside{f' {options.db}.ledger' if options.db else ''}: {error}", file=sys.stderr)
        return 1
    except (leat.LeatError, people.Refused, OSError) as error:
        print(f"run.sh: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("run.sh: interrupted" + (f"; the same command goes on where {options.db} stands" if options.db else ""), file=sys.stderr)
        return 130


def run(options: argparse.Namespace, db: Path) -> int:
    started = time.monotonic()
    program = leat.load(HERE / "definitions" / "app.yaml")
    data = pipeline.read(options.data, sectors(program))
    resumed = db.exists()
    if options.resume and not resumed:
        raise pipeline.DataError(f"{db}: there is nothing to resume")
    outside = Outside(Path(f"{db}.ledger"))
    if not resumed and outside.orders():
        raise pipeline.DataError(f"{db}.ledger is of a database that is gone; remove it, or choose another --db")
    if (outside.fact("data") or data.fingerprint) != data.fingerprint:
        raise pipeline.DataError(f"{db} was made from another pipeline than {options.data}; choose another --db")
    clock = leat.Clock(dt.datetime(2000, 1, 1, tzinfo=dt.timezone.utc))
    clock.now = dt.datetime.combine(min((row.opened for row in data.opportunities), default=dt.date(2017, 1, 1)), dt.time(0), dt.timezone.utc)
    with leat.Engine(program, db, clock=clock) as engine:
        outside.remember("data", data.fingerprint)
        people.import_all(engine, data)
        show_import(data, db if options.db else None)
        apply_settings(engine, settings_of(options))
        imported = time.monotonic()
        play = Play(engine, clock, outside, data)
        progress = Progress(resumed)
        play.run(progress)
        progress.end()
        played = time.monotonic()
        play.system.set_language(options.language)
        print(answers.text(program, play.system, options.language))
        found = answers.collect(play.system, data, time.monotonic() - started)
        show_timing(play, imported - started, played - imported, time.monotonic() - played, outside)
        play.close()
        ok = not options.verify or show_verification(engine)
    outside.close()
    if options.json:
        options.json.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0 if ok else 1


def sectors(program: leat.Program) -> list[str]:
    """The values of customer.sector, from the definitions."""
    customer = next(entity for entity in program.description["entities"] if entity["name"] == "customer")
    field = next(field for field in customer["fields"] if field["name"] == "sector")
    return [item["value"] for item in field["enum"]]


def apply_settings(engine: leat.Engine, chosen: dict[str, str]) -> None:
    with engine.session() as system:
        now = {one["setting"]: one["value"] for one in system.settings()}
        for name, value in chosen.items():
            if not same(now.get(name), value):
                people.made(system.change_setting(name, value))


def same(now: object, wanted: str) -> bool:
    try:
        return Decimal(str(now)) == Decimal(wanted)
    except InvalidOperation:
        return str(now) == wanted


def show_import(data: pipeline.Pipeline, db: Path | None) -> None:
    """The import report: a summary here, every row in FILE.import.csv."""
    print(f"{len(data.accounts)} accounts, {len(data.products)} products, {len(data.agents)} agents, {len(data.opportunities)} opportunities")
    groups: dict[tuple[str, str, str], list[int]] = {}
    for one in data.findings:
        reason = one.reason if one.kind != "reported" or "has no account" not in one.reason else "rows without account; their customer stays empty"
        groups.setdefault((one.kind, one.file, reason), []).append(one.row)
    rows: list[list[object]] = []
    for (kind, file, reason), lines in sorted(groups.items()):
        rows.append([kind, file, len(lines), ", ".join(map(str, lines[:5])) + (" …" if len(lines) > 5 else ""), reason])
    if rows:
        print("\n" + tables.table("Import report", ["", "File", "Rows", "Lines", "Reason"], rows))
    if db:
        with open(f"{db}.import.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["file", "row", "kind", "reason"])
            writer.writerows([one.file, one.row, one.kind, one.reason] for one in data.findings)


class Progress:
    """One line on a terminal, a line for each tenth elsewhere."""

    def __init__(self, resumed: bool) -> None:
        self.started, self.shown = time.monotonic(), -1
        self.terminal = sys.stderr.isatty()
        if resumed:
            print("resuming", file=sys.stderr)

    def __call__(self, day: dt.date, done: int, total: int) -> None:
        tenths = 10 * done // total if total else 10
        percent = 100 * done // total if total else 100
        seconds = time.monotonic() - self.started
        if self.terminal:
            print(f"\r{day}  {percent:3} %  {seconds:5.1f} s ", end="", file=sys.stderr, flush=True)
        elif tenths > self.shown:
            print(f"{day}  {percent:3} %  {seconds:5.1f} s", file=sys.stderr, flush=True)
        self.shown = tenths

    def end(self) -> None:
        if self.terminal:
            print(file=sys.stderr)


def show_timing(play: Play, load: float, run: float, report: float, outside: Outside) -> None:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows: list[list[object]] = [
        ["load and import", f"{load:.2f} s"], ["play", f"{run:.2f} s"], ["reports", f"{report:.2f} s"],
        ["timers fired", play.fired], ["messages received", play.messages], ["orders in the ERP's ledger", len(outside.orders())],
        ["notices sent", outside.notices()], ["memory", f"{memory:.0f} MB"]]
    print(tables.table("Timing", ["", ""], rows))


def show_verification(engine: leat.Engine) -> bool:
    result = engine.verify()
    print(f"log: {result.rows} rows, " + ("unbroken" if result.ok else f"first altered row {result.first_bad}: {result.problem}"))
    return result.ok
