import json

import pytest

import leat

HEAD = "leat: 1\napp: tiny\nlanguage: en\ntimezone: UTC\ncurrency: EUR\n---\n"


def test_load_a_file(program):
    assert (program.name, program.version, len(program.hash)) == ("shop", "1.0.0", 64)
    order = next(e for e in program.description["entities"] if e["name"] == "order")
    assert order["title"] == {"en": "Order", "zh": "订单"}
    assert {f["name"]: f["kind"] for f in order["fields"]}["due_on"] == "date"
    assert repr(program) == "<Program shop 1.0.0>"


def test_load_texts():
    program = leat.load(text=HEAD + "entity: thing\nfields: {a: integer}\n", name="a.yaml")
    assert program.description["sources"] == ["a.yaml"]
    assert leat.load(HEAD + "entity: thing\nfields: {a: integer}\n").name == "tiny"
    both = leat.load(sources={"a.yaml": HEAD, "b.yaml": "entity: thing\nfields: {a: integer}\n"})
    assert both.description["sources"] == ["a.yaml", "b.yaml"]


def test_files_that_a_text_names():
    asked = []

    def read_file(path, source):
        asked.append((path, source))
        return "entity: part\nfields: {a: integer}\n" if path == "part.yaml" else None

    program = leat.load(text=HEAD + "include: [part.yaml]\n", name="a.yaml", read_file=read_file)
    assert ("part.yaml", "a.yaml") in asked and any(e["name"] == "part" for e in program.description["entities"])
    with pytest.raises(leat.ProgramError):
        leat.load(text=HEAD + "include: [gone.yaml]\n", read_file=read_file)

    def broken(path, source):
        raise OSError("the disk is on fire")

    with pytest.raises(leat.HostError, match="on fire") as failed:
        leat.load(text=HEAD + "include: [part.yaml]\n", read_file=broken)
    assert isinstance(failed.value.__cause__, OSError)


def test_mistakes_have_places():
    with pytest.raises(leat.ProgramError) as failed:
        leat.load(text=HEAD + "entity: thing\nfields: {a: {type: integr}}\n", name="t.yaml")
    (first,) = failed.value.diagnostics
    assert (first.severity, first.source, first.line) == ("error", "t.yaml", 8)
    assert first.column > 1 and first.end_column > first.column and first.code and "^" in str(first)
    assert failed.value.code == "program.invalid" and "t.yaml:8:" in str(failed.value)


def test_wrong_calls(tmp_path):
    with pytest.raises(TypeError):
        leat.load()
    with pytest.raises(TypeError):
        leat.load("a.yaml", text="b")
    with pytest.raises(leat.NotFoundError) as failed:
        leat.load(tmp_path / "gone.yaml")
    assert isinstance(failed.value, LookupError)


def test_format():
    assert leat.format_text("a: {b: 1,c: 2}  # why\n") == "a: {b: 1, c: 2}  # why\n"
    with pytest.raises(leat.UsageError):
        leat.format_text("a: [1\n")


def test_import_plan(program):
    plan = program.import_plan("order", "Name,colour\nbolts,red\n", columns={"Name": "name"}, constants={"size": "small"})
    assert plan.rows == [leat.ImportRow(2, "", {"name": "bolts", "size": "small"})]
    assert (plan.problems, plan.unused_columns) == ([], ["colour"])
    assert program.import_plan("order", "name,due_on\na,yesterday\n").problems[0].field == "due_on"


def test_form(program):
    form = program.form("order", role="clerk", state="open", language="zh")
    assert form["schema"]["title"] == "订单" and form["schema"]["properties"]["total"]["readOnly"]
    assert json.dumps(form)
    assert program.form("order", numbers=True)["schema"]["properties"]["paid"]["type"] == "number"
    assert list(program.form("order", event="pay")["schema"]["properties"]) == ["event"]
    with pytest.raises(leat.NotFoundError, match="role"):
        program.form("order", role="clrk")


def test_diagram(program):
    assert "stateDiagram-v2" in program.diagram("order_flow")
    assert "rankdir=LR" in program.diagram("order_flow", format="dot", guards=False, left_to_right=True, language="zh")
    with pytest.raises(ValueError):
        program.diagram("order_flow", format="png")
    with pytest.raises(leat.NotFoundError):
        program.diagram("order_flw")


def test_replay(program, tmp_path):
    log = tmp_path / "log.csv"
    log.write_text("case,activity,time\n1,confirm,2026-01-01\n1,paid,2026-01-02\n2,pay,2026-01-02\n", encoding="utf-8")
    report = program.replay("order_flow", log, {"events": {"paid": "pay"}, "complete": True})
    assert (report["cases"], report["conforming"]) == (2, 1)
    assert report["deviations"][0]["expected"][0] == "confirm"


LIGHT = """
entity: lamp
fields: {note: {type: string}}
---
flow: light
of: lamp
field: state
events: {go: {allow: []}}
states:
  red: {on: {go: green}}
  green: {on: {go: red}}
"""


def test_scxml(program):
    light = leat.load(HEAD + LIGHT)
    text = light.to_scxml("light")
    assert "<scxml " in text and leat.from_scxml(text).startswith("flow: light\n")
    # What the standard has no word for goes out under Leat's own name and is refused on the way back.
    with pytest.raises(leat.ProgramError) as failed:
        leat.from_scxml(program.to_scxml("order_flow"))
    assert failed.value.diagnostics[0].code == "scxml.element"
    with pytest.raises(leat.ProgramError) as failed:
        leat.from_scxml("<scxml><invoke/></scxml>")
    assert failed.value.diagnostics[0].code == "scxml.element"
