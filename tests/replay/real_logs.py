#!/usr/bin/env python3
"""Two public event logs through flows made of their own edges: the conforming counts are known from the files alone.

    real_logs.py LEAT DATA_DIR

An edge is allowed when at least a share of the cases (the threshold) has it; a flow of one state an activity, with a
transition for each allowed edge, must find exactly the cases that use allowed edges only. Exits with 77 when the data
are not there.
"""
import csv
import gzip
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path


def flow_of(log, level):
    """A flow that accepts exactly the allowed starts, edges and ends."""
    activities = sorted(log["activities"])
    name = {activity: f"a{i}" for i, activity in enumerate(activities)}
    edges = [(a, b) for a, b, count in log["dfg"] if count >= level["threshold"] * log["cases"]]
    assert len(edges) == level["allowed_edges"], (len(edges), level)
    lines = ["leat: 1", "app: log", "language: en", "---", "entity: thing", "---", "flow: log", "of: thing", "events:"]
    for activity in activities:
        lines.append(f"  {name[activity]}: {{title: {json.dumps(activity)}, allow: []}}")
    lines += ["  over: []", "states:", "  begin:", "    on:"]
    lines += [f"      {name[a]}: s_{name[a]}" for a in level["allowed_starts"]]
    for activity in activities:
        targets = [b for a, b in edges if a == activity]
        ends = activity in level["allowed_ends"]
        if not targets and not ends:
            lines.append(f"  s_{name[activity]}: {{title: {json.dumps(activity)}}}")
            continue
        lines += [f"  s_{name[activity]}:", f"    title: {json.dumps(activity)}", "    on:"]
        lines += [f"      {name[b]}: s_{name[b]}" for b in targets]
        if ends:
            lines.append("      over: closed")
    lines.append("  closed: {type: final}")
    return "\n".join(lines) + "\n"


def replay(leat, folder, log, yaml, mapping):
    (folder / "log.yaml").write_text(yaml, encoding="utf-8")
    (folder / "map.yaml").write_text(mapping, encoding="utf-8")
    answer = subprocess.run(
        [leat, "replay", str(log), "--flow", "log", "--in", str(folder / "log.yaml"), "--map", str(folder / "map.yaml"), "--json"],
        capture_output=True, text=True,
    )
    assert answer.returncode in (0, 1) and answer.stdout, answer.stderr
    return json.loads(answer.stdout)


def check(what, leat, folder, log, facts, mapping):
    wrong = 0
    for level in facts["conformance_by_edge_threshold"]:
        report = replay(leat, folder, log, flow_of(facts, level), mapping)
        expected = (facts["cases"], level["conforming_cases"], level["non_conforming_cases"])
        found = (report["cases"], report["conforming"], report["deviating"])
        print(f"{what} {level['threshold']}: {found[1]} of {found[0]} cases conform")
        if found != expected:
            print(f"  expected {expected}")
            wrong += 1
        visits = {state["title"]: state["visits"] for state in report["states"]}
        if level["threshold"] == 0 and any(visits[a] != n for a, n in facts["activities"].items()):
            print(f"  visits {visits}")
            wrong += 1
    return wrong


def main():
    leat, data = sys.argv[1], Path(sys.argv[2])
    declarations, incidents = data / "bpic2020", data / "incident_uci"
    if not declarations.is_dir() or not incidents.is_dir():
        print(f"no data in {data}: skipped")
        return 77
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        facts = json.loads((declarations / "DomesticDeclarations.json").read_text(encoding="utf-8"))
        log = declarations / "DomesticDeclarations.xes.gz"
        wrong = check("declarations", leat, folder, log, facts, "end: over\ncomplete: true\n")

        # A CSV whose rows are states of incidents; the same state again is no change. Compressed here, as logs come.
        facts = json.loads((incidents / "log_state_changes.json").read_text(encoding="utf-8"))
        log = folder / "incidents.csv.gz"
        with zipfile.ZipFile(incidents / "incident_event_log.zip") as archive:
            member = next(name for name in archive.namelist() if name.endswith(".csv"))
            with archive.open(member) as source, gzip.open(log, "wt", encoding="utf-8", newline="") as target:
                rows = csv.reader(io.TextIOWrapper(source, encoding="utf-8", newline=""))
                writer = csv.writer(target)
                for row in rows:
                    writer.writerow(row)
        mapping = (
            "case: number\nactivity: incident_state\ntime: sys_updated_at\ntime_format: '%d/%m/%Y %H:%M'\n"
            "repeats: collapse\nend: over\n"
        )
        wrong += check("incidents", leat, folder, log, facts, mapping)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
