#!/usr/bin/env python3
"""Plays a real incident log through the definitions beside this file, and compares what the engine counted with what is known.

    python3 replay.py [--data FOLDER] [--db FILE] [--limit INCIDENTS]

The data is "Incident management process enriched event log" (UCI, CC BY 4.0): FOLDER holds incident_event_log.zip,
reference.json and log_state_changes.json. Without it the program says so and ends with 77.
"""
from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import json
import os
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Iterator

import leat

HERE = Path(__file__).resolve().parent
EVENTS = {
    "New": "new",
    "Active": "active",
    "Awaiting User Info": "ask_user",
    "Awaiting Vendor": "ask_vendor",
    "Awaiting Problem": "wait_problem",
    "Awaiting Evidence": "wait_evidence",
    "Resolved": "resolve",
    "Closed": "close",
    "-100": "lose_state",
}
LEVELS = {"1 - High": "high", "2 - Medium": "medium", "3 - Low": "low"}
PRIORITIES = {"1 - Critical": "critical", "2 - High": "high", "3 - Moderate": "moderate", "4 - Low": "low"}
BATCH = 500


def default_data() -> Path:
    base = os.environ.get("LEAT_DATA_DIR")
    return (Path(base) if base else HERE.parents[2] / "shared" / "data") / "incident_uci"


def rows_of(folder: Path) -> list[tuple[dt.datetime, dict[str, str]]]:
    """In time order over all incidents; within one incident in the file's order, whatever its clock says."""
    with zipfile.ZipFile(folder / "incident_event_log.zip") as archive:
        with archive.open(archive.namelist()[0]) as raw:
            rows = list(csv.DictReader(io.TextIOWrapper(raw, "utf-8")))
    latest: dict[str, dt.datetime] = {}
    timed = []
    for row in rows:
        moment = dt.datetime.strptime(row["sys_updated_at"], "%d/%m/%Y %H:%M").replace(tzinfo=dt.timezone.utc)
        moment = max(moment, latest.get(row["number"], moment))
        latest[row["number"]] = moment
        timed.append((moment, row))
    timed.sort(key=lambda one: one[0])  # stable
    return timed


def replay(engine: leat.Engine, clock: leat.Clock, timed: list[tuple[dt.datetime, dict[str, str]]]) -> Counter[str]:
    """Tickets are made, their impact and urgency set and their states moved as the log says; deadlines are pumped daily."""
    seen: dict[str, tuple[str, str, str]] = {}
    done: Counter[str] = Counter()
    with engine.session("system") as desk:
        for begin in range(0, len(timed), BATCH):
            chunk = timed[begin : begin + BATCH]
            with desk.unit_of_work():
                for moment, row in chunk:
                    clock.now = moment
                    done.update(one_row(desk, seen, row))
            while engine.run_due().more:
                pass
        clock.advance(dt.timedelta(days=30))
        while engine.run_due().more:
            pass
    return done


def one_row(desk: leat.Session, seen: dict[str, tuple[str, str, str]], row: dict[str, str]) -> Iterator[str]:
    number, state = row["number"], row["incident_state"]
    impact, urgency = LEVELS[row["impact"]], LEVELS[row["urgency"]]
    before = seen.get(number)
    if before is None:
        check(desk.create("ticket", number=number, impact=impact, urgency=urgency))
        yield "tickets"
    elif before[:2] != (impact, urgency):
        check(desk.patch("ticket", number, impact=impact, urgency=urgency))
        yield "patches"
    if before is None or before[2] != state:
        check(desk.send("ticket", number, EVENTS[state]))
        yield "events"
    seen[number] = (impact, urgency, state)


def check(outcome: leat.Outcome) -> None:
    if outcome.refused:
        raise SystemExit(f"refused: {outcome.refusals}")


def compare(desk: leat.Session, folder: Path) -> bool:
    reference = json.loads((folder / "reference.json").read_text(encoding="utf-8"))
    changes = json.loads((folder / "log_state_changes.json").read_text(encoding="utf-8"))
    ours = {
        "states": {row["state"]: row["visits"] for row in rows(desk.report("states"))},
        "what follows what": {(row["before"], row["state"]): row["times"] for row in rows(desk.report("follows"))},
        "priorities": {row["priority"]: row["tickets"] for row in rows(desk.report("priorities"))},
    }
    theirs = {
        "states": changes["activities"],
        "what follows what": {(before, after): times for before, after, times in changes["dfg"]},
        "priorities": {PRIORITIES[name]: count for name, count in reference["incidents_by_priority"].items()},
    }
    same = True
    for what, expected in theirs.items():
        got = {key: int(value) for key, value in ours[what].items()}
        print(f"{what}: {'as known' if got == expected else f'{got} instead of {expected}'} ({len(got)} kinds, {sum(got.values())} in all)")
        same = same and got == expected
    return same


def rows(report: object) -> list[dict[str, object]]:
    return report["rows"] if isinstance(report, dict) else list(report)  # type: ignore[arg-type]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=default_data(), help="folder of the log")
    parser.add_argument("--db", default=":memory:", help="the file to keep it in")
    parser.add_argument("--limit", type=int, default=0, help="only so many incidents, and no comparison")
    options = parser.parse_args()
    if not (options.data / "incident_event_log.zip").is_file():
        print(f"the incident log is not in {options.data}: nothing to replay")
        return 77
    timed = rows_of(options.data)
    if options.limit:
        chosen = set(sorted({row["number"] for _, row in timed})[: options.limit])
        timed = [one for one in timed if one[1]["number"] in chosen]
    program = leat.load(HERE / "definitions" / "incidents.yaml")
    clock = leat.Clock(timed[0][0])
    with leat.Engine(program, options.db, clock=clock) as engine:
        done = replay(engine, clock, timed)
        print(", ".join(f"{count} {what}" for what, count in sorted(done.items())))
        with engine.session("system") as desk:
            for sla in desk.slas():
                print(f"{sla['sla']}: {sla['kept']} kept, {sla['breached']} missed, {sla['running'] + sla['paused']} open")
            same = True if options.limit else compare(desk, options.data)
        verified = engine.verify()
        print(f"the log of {verified.rows} commands is {'whole' if verified.ok else 'broken'}")
    return 0 if same and verified.ok else 1


if __name__ == "__main__":
    sys.exit(main())
