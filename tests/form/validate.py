#!/usr/bin/env python3
"""Forms against a stock validator of JSON Schema 2020-12: what the engine takes passes, what it refuses for a reason
that a schema can say fails, and every record that there is passes as it stands. Random documents; prints its seed.

    validate.py --leat build/dev/bin/leat [--seed N]
"""
import argparse
import copy
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    from jsonschema import Draft202012Validator, FormatChecker
except ImportError:
    print("skipped: this Python has no jsonschema: install Debian's python3-jsonschema")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

HERE = Path(__file__).resolve().parent
GOOD = {
    "customer": "C001", "ordered_on": "2026-11-21", "priority": "normal", "deposit": "0.00",
    "lines": [{"product": "螺丝", "quantity": "10.000", "price": "0.07"}],
}
# (what is done to a good document, the place that must be wrong)
WRONG = [
    ({"customer": None}, "customer"),
    ({"customer": "C999"}, "customer"),
    ({"ordered_on": None}, "ordered_on"),
    ({"ordered_on": "2026-02-30"}, "ordered_on"),
    ({"ordered_on": "tomorrow"}, "ordered_on"),
    ({"priority": "soon"}, "priority"),
    ({"priority": "urgent"}, "reason"),
    ({"priority": "urgent", "reason": "x" * 41}, "reason"),
    ({"contact": "no address"}, "contact"),
    ({"phone": "1"}, "phone"),
    ({"phone": "call me"}, "phone"),
    ({"note": "x" * 201}, "note"),
    ({"deposit": "-0.01"}, "deposit"),
    ({"deposit": "99999.51"}, "deposit"),
    ({"deposit": "100000"}, "deposit"),
    ({"deposit": "much"}, "deposit"),
    ({"deposit": "1000.00", "lines/0/quantity": "99999"}, "received_by"),
    ({"lines": []}, "lines"),
    ({"lines": None}, "lines"),
    ({"lines": [GOOD["lines"][0]] * 6}, "lines"),
    ({"lines/0/product": None}, "lines/0/product"),
    ({"lines/0/product": "x" * 31}, "lines/0/product"),
    ({"lines/0/quantity": None}, "lines/0/quantity"),
    ({"lines/0/quantity": "0"}, "lines/0/quantity"),
    ({"lines/0/quantity": "0.000"}, "lines/0/quantity"),
    ({"lines/0/quantity": "-1"}, "lines/0/quantity"),
    ({"lines/0/quantity": "abc"}, "lines/0/quantity"),
    ({"lines/0/price": "-0.01"}, "lines/0/price"),
    ({"lines/0/gift": "perhaps"}, "lines/0/gift"),
]


def changed(document, changes):
    out = copy.deepcopy(document)
    for path, value in changes.items():
        *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
        place = out
        for step in way:
            place = place[step]
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    return out


class World:
    def __init__(self, leat, folder):
        self.leat, self.database = leat, str(Path(folder) / "orders.db")
        self.run("deploy", self.database, str(HERE / "orders.yaml"))
        self.run("create", self.database, "user", "key=li", "name=李雷", 'roles:=["clerk"]')
        for name in ("华东贸易", "北方机械"):
            self.run("create", self.database, "customer", f"name={name}")

    def run(self, *arguments, given=None):
        done = subprocess.run([self.leat, *arguments], input=given, capture_output=True, text=True)
        if given is None and done.returncode != 0:
            sys.exit(f"leat {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        return done.stdout

    def form(self, *more, entity="order"):
        return json.loads(self.run("form", entity, *more, "--in", self.database, "--as", "li"))

    def submit(self, document):
        answer = self.run("form", "order", "--in", self.database, "--as", "li", "--submit", "-", given=json.dumps(document))
        assert answer, document
        return json.loads(answer)


def problems(form, document):
    """The places that a stock validator finds wrong, as texts: "lines/0/price"; a missing member is its own place."""
    found = set()

    def note(error):
        place = list(error.absolute_path)
        if error.validator == "required":
            place += [name for name in error.validator_value if name not in error.instance][:1]
        found.add("/".join(map(str, place)))
        for inner in error.context or ():
            note(inner)

    for error in Draft202012Validator(form["schema"], format_checker=FormatChecker()).iter_errors(document):
        note(error)
    return found


def refused_at(answer):
    """The places that the engine refuses; None when it took the document."""
    if answer["outcome"] and not answer["outcome"]["refused"]:
        return None
    return {error["instancePath"].lstrip("/") for error in answer["errors"]["additionalErrors"]}


def check_each(world, form):
    assert problems(form, GOOD) == set(), problems(form, GOOD)
    assert refused_at(world.submit(GOOD)) is None
    for changes, place in WRONG:
        document = changed(GOOD, changes)
        by_schema = problems(form, document)
        assert place in by_schema, f"{changes}: the schema finds {by_schema}, not {place}"
        by_engine = refused_at(world.submit(document))
        assert by_engine and place in by_engine, f"{changes}: the engine refuses {by_engine}, not {place}"


def check_records(world):
    """Every record, as it is, passes its own form."""
    records = json.loads(world.run("list", world.database, "order", "--json"))["records"]
    assert records
    for record in records:
        form = world.form(record["key"])
        assert problems(form, form["data"]) == set(), (record["key"], problems(form, form["data"]))
    return len(records)


def check_random(world, form, draw):
    pools = {
        "customer": ["C001", "C002", "C003", None], "ordered_on": ["2026-01-01", "2026-13-01", None],
        "priority": ["normal", "urgent", None], "reason": [None, "停产", "y" * 50], "contact": [None, "a@b.cn", "a"],
        "phone": [None, "+86 (10) 1234-567", "1"], "deposit": ["0", "0.5", "999.99", "1000", "99999.5", "99999.6", None],
        "received_by": [None, "王"],
    }
    line = {"product": ["螺丝", None], "quantity": ["0.001", "0", "12345.678", None], "price": ["0", "1.5", "-1"], "gift": [True, False, None]}
    taken = 0
    for _ in range(120):
        document = {name: value for name, pool in pools.items() if (value := draw.choice(pool[:1] * 16 + pool)) is not None}
        document["lines"] = [
            {name: value for name, pool in line.items() if (value := draw.choice(pool[:1] * 16 + pool)) is not None}
            for _ in range(draw.choice([1, 1, 2, 3, 0]))
        ]
        by_schema, answer = problems(form, document), world.submit(document)
        by_engine = refused_at(answer)
        if by_engine is None:
            taken += 1
            assert not by_schema, f"the engine takes what the schema refuses at {by_schema}: {document}"
        elif not by_schema:
            codes = {(one["code"], one["at"]) for one in answer["outcome"]["refusals"]}
            # What a form does not show it does not judge.
            hidden = "order.reason" if document.get("priority") != "urgent" else ""
            assert all(at.startswith("order.constraints") or at == hidden for _, at in codes), f"{codes} is not in the schema: {document}"
    return taken


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--leat", required=True)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    given = parser.parse_args()
    print("seed", given.seed)
    with tempfile.TemporaryDirectory() as folder:
        world = World(given.leat, folder)
        form = world.form()
        Draft202012Validator.check_schema(form["schema"])
        assert "margin" not in json.dumps(form), "a field without a right is not in the form"
        check_each(world, form)
        numbers = world.form("--numbers")
        assert problems(numbers, changed(GOOD, {"deposit": 0.5, "lines/0/quantity": 10, "lines/0/price": 0.07})) == set()
        assert problems(numbers, changed(GOOD, {"deposit": -1, "lines/0/quantity": 0, "lines/0/price": 0.07})) == {"deposit", "lines/0/quantity"}
        taken = check_random(world, form, random.Random(given.seed))
        print(taken, "random documents were taken;", check_records(world), "records pass their forms")
        assert taken > 20


if __name__ == "__main__":
    main()
