"""The behaviour cases of tests/cases, told through the package."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import leat
import pytest

CASES = Path(__file__).resolve().parents[3] / "tests" / "cases"
FOLDERS = sorted(path.parent for path in CASES.glob("*/definitions.yaml"))


def plain(value):
    """What JSON would say of an answer's values."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value


def contains(actual, expected):
    if isinstance(expected, dict):
        return isinstance(actual, dict) and all(name in actual and contains(actual[name], one) for name, one in expected.items())
    if isinstance(expected, list):
        return isinstance(actual, list) and len(actual) == len(expected) and all(map(contains, actual, expected))
    if isinstance(actual, (int, Decimal)) and not isinstance(actual, bool) and isinstance(expected, str):
        return str(actual) == expected  # the C++ runner reads numbers as their text, so cases may write them so
    return actual == expected


def compact(answer):
    """As the engine writes it, for what an answer must lack."""
    return json.dumps(answer, default=str, ensure_ascii=False, separators=(",", ":"))


class Story:
    def __init__(self, folder, path):
        self.program = leat.load(folder / "definitions.yaml")
        self.clock = leat.Clock(dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc))
        self.path = path
        self.open()

    def open(self):
        self.engine = leat.Engine(self.program, self.path, clock=self.clock)
        self.sessions = {}

    def close(self):
        for session in self.sessions.values():
            session.close()
        self.engine.close()

    def run(self, step):
        actor = step.get("as", "system")
        if actor not in self.sessions:
            self.sessions[actor] = self.engine.session(actor)
        session, what, given = self.sessions[actor], step["do"], step.get("input", {})
        entity, key = step.get("entity", ""), step.get("key", "")
        if what == "create":
            return session.create(entity, given).story
        if what == "patch":
            return session.patch(entity, key, given, version=step.get("version", 0)).story
        if what == "send":
            return session.send(entity, key, step["event"], given, version=step.get("version", 0)).story
        if what == "task":
            return session.complete_task(step["task"], step["decision"], given, comment=step.get("comment", "")).story
        if what == "suspend":
            return session.suspend(entity, key, reason=step["reason"]).story
        if what == "resume":
            return session.resume(entity, key, reason=step["reason"]).story
        if what == "jump":
            return session.jump(entity, key, step["flow"], step["state"], reason=step["reason"]).story
        if what == "stuck":
            return {"stuck": session.stuck()}
        if what == "set":
            return session.change_setting(step["name"], step["value"], valid_from=step["from"] or None).story
        if what == "show":
            return session.show(entity, key)
        if what == "view":
            return session.view(entity, key)
        if what == "list":
            return {"records": list(session.records(entity, where=step.get("where", "")))}
        if what == "decide":
            return {"answer": session.decide(step["name"], key or given, as_of=step.get("as_of"))}
        if what == "tasks":
            return {"tasks": session.tasks()}
        if what == "why":
            return session.why(entity, key, step.get("event", ""))
        if what == "delete":
            return session.delete(entity, key, version=step.get("version", 0)).story
        if what == "receive":
            return self.engine.receive(step["name"], step["id"], given).story
        if what == "report":
            return session.report(step["name"], given)
        if what == "outbox":
            return session.outbox()
        if what == "incidents":
            return {"incidents": session.incidents()}
        if what == "incident":
            self.engine.close_incident(step["incident"], step["status"])
            return {}
        if what == "slas":
            return {"slas": session.slas()}
        if what == "advance":
            self.clock.advance(dt.timedelta(seconds=step["seconds"]))
            return {}
        if what == "run_due":
            counts = self.engine.run_due()
            return {"fired": counts.fired, "stale": counts.stale, "incidents": counts.incidents, "expired": counts.expired}
        if what == "deliver":
            done = self.engine.deliver()
            return {"done": done.done, "failed": done.failed, "unknown": done.unknown}
        if what == "verify":
            return {"ok": self.engine.verify().ok}
        if what == "reopen":
            self.close()
            self.open()
            return {}
        raise AssertionError(f"no step {what}")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_case(folder, tmp_path):
    story = Story(folder, tmp_path / "case.db")
    try:
        for number, line in enumerate((folder / "steps.jsonl").read_text().splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            step = json.loads(line, parse_float=Decimal)
            if "fails" in step:
                with pytest.raises(leat.LeatError) as failure:
                    story.run(step)
                assert failure.value.code == step["fails"], f"line {number}"
                continue
            answer = plain(story.run(step))
            assert step.get("lacks", "\0") not in compact(answer), f"line {number}: {answer}"
            if "expect" in step:
                assert contains(answer, step["expect"]), f"line {number}: {answer}"
            else:
                assert not answer.get("refused"), f"line {number}: {answer}"
    finally:
        story.close()


def test_there_are_cases():
    assert FOLDERS
