import datetime as dt
from array import array
from decimal import Decimal

import pytest

import leat


def test_from_open_to_done(session, order):
    shown = session.show("order", order)
    assert shown["total"] == Decimal("25") and isinstance(shown["total"], Decimal) and shown["status"] == "open"
    outcome = session.send("order", order, "confirm")
    assert outcome and outcome.state == {"order_flow": "confirmed"} and outcome.sequence == outcome.version > 0
    assert "confirmed" in [new for change in outcome.changed for _, new in change.changes.values()]
    outcome = session.send("order", order, "pay", amount=Decimal("25.00"), note="谢谢")
    assert outcome and session.show("order", order)["paid"] == Decimal(25)
    assert session.log("order", order)
    assert session.why("order", order, "confirm")["possible"] is False
    assert "class done active" in session.diagram("order", order)


def test_form(session, order):
    form = session.form("order", order)
    assert form["mode"] == "edit" and form["data"]["total"] == "25.00" and form["version"]
    changed = {**form["data"], "name": "new", "total": "1", "paid": Decimal("0.00")}
    assert leat.form_input(form, changed) == {"record": {"name": "new"}}
    payment = session.form("order", order, event="pay", language="zh")
    assert payment["schema"]["properties"]["event"]["required"] == ["amount"]
    assert leat.form_input(payment, {"event": {"amount": "1"}}) == {"record": {}, "event": {"amount": "1"}}
    outcome = session.create("order", name="n", lines=[{"product": "a", "quantity": 1}])
    assert outcome.refusals[0].pointers == ("/lines/0/price",)
    errors = leat.form_errors(outcome)
    assert errors["extraErrors"]["lines"]["0"]["price"]["__errors"] == [outcome.refusals[0].message]
    assert errors["additionalErrors"][0]["instancePath"] == "/lines/0/price"
    with pytest.raises(leat.UsageError) as failed:
        session.create("order", name="n", lines=[{"product": "a", "quantity": "x"}])
    assert list(leat.form_errors(failed.value)["extraErrors"]["lines"]) == ["0"]


def test_typed_values_in_and_out(session, order):
    call_at = dt.datetime(2026, 12, 1, 9, 30, tzinfo=dt.timezone.utc)
    values = {"due_on": dt.date(2026, 12, 24), "call_at": call_at, "grace": dt.timedelta(hours=36), "urgent": True, "size": "big", "ratio": Decimal("0.9500")}
    outcome = session.patch("order", order, values)
    assert outcome, outcome.message
    shown = session.show("order", order)
    for name, value in values.items():
        assert shown[name] == value and type(shown[name]) is type(value), name
    assert shown["lines"][0]["price"] == Decimal("12.5") and isinstance(shown["lines"][0]["amount"], Decimal)
    (change,) = outcome.changed
    assert change.entity == "order" and change.changes["due_on"] == (None, dt.date(2026, 12, 24))
    with pytest.raises(TypeError, match="float"):
        session.patch("order", order, ratio=0.95)


def test_a_refusal_is_an_answer(session):
    key = session.create("order", name="empty").key
    session.set_language("zh")
    outcome = session.send("order", key, "confirm")
    assert not outcome and outcome.refused and outcome.sequence == 0
    assert outcome.refusals == (leat.Refusal("criteria.exit", "order_flow.open.exit_criteria[1]", "订单没有明细", ("lines",), ("/lines",)),)
    assert outcome.message == "订单没有明细" and "refused" in repr(outcome)


def test_failures_have_classes(session, order):
    with pytest.raises(leat.NotFoundError) as failed:
        session.show("order", "SO-9999")
    assert failed.value.code == "record.not_found"
    with pytest.raises(leat.ConflictError) as failed:
        session.patch("order", order, version=999, name="x")
    assert failed.value.code == "record.version"
    with pytest.raises(leat.UsageError) as failed:
        session.list("order", where="nme = 1")
    assert failed.value.diagnostics
    with pytest.raises(leat.UsageError):
        session.patch("order", order, version=-1, name="x")


def test_unit_of_work(session, order):
    with session.unit_of_work():
        session.patch("order", order, name="one")
        session.patch("order", order, name="two")
    assert session.show("order", order)["name"] == "two"
    with pytest.raises(KeyError):
        with session.unit_of_work():
            session.patch("order", order, name="three")
            raise KeyError("stop")
    assert session.show("order", order)["name"] == "two"
    session.patch("order", order, name="four")  # the session works on


def test_pages(session):
    for number in range(7):
        assert session.create("order", {"name": f"n{number}"})
    page = session.list("order", limit=3)
    assert [record["name"] for record in page] == ["n0", "n1", "n2"] and page.next
    assert [r["name"] for r in session.records("order", page=3)] == [f"n{n}" for n in range(7)]
    assert [r["name"] for r in session.records("order", where='name > "n4"')] == ["n5", "n6"]
    rows = session.records("order", page=2)
    next(rows)
    session.close()
    with pytest.raises(leat.UsageError, match="closed"):
        list(rows)


def test_approvals_and_settings(session):
    session.create("user", key="bo", name="Bo", roles=["boss"])
    made = session.create("order", name="dear", lines=[{"product": "ship", "quantity": 1, "price": 5000}])
    assert session.send("order", made.key, "confirm").state["order_flow"] == "approval"
    task = session.tasks(everybody=True)[0]
    assert session.complete_task(task["task"], "approve", comment="fine").state["order_flow"] == "confirmed"
    assert session.change_setting("free_limit", Decimal("9000"), valid_from=dt.date(2026, 11, 1))
    assert Decimal(str(session.settings()[0]["value"])) == 9000


def test_reads(session, order):
    assert session.report("by_status")["rows"]
    session.send("order", order, "confirm")
    assert session.outbox(status="planned")["items"][0]["topic"] == "carrier.book"
    assert session.incidents() == [] and isinstance(session.slas(), list)
    assert session.sla_report(start=dt.date(2026, 1, 1), by="month") == []
    assert session.id_of("order", order) > 0
    assert session.delete("order", order)
    assert session.list("order") == []


def test_life(engine):
    session = engine.session()
    session.close()
    session.close()
    assert session.closed and "closed" in repr(session)
    with pytest.raises(leat.UsageError, match="closed"):
        session.show("order", "x")
    with pytest.raises(leat.NotFoundError):
        engine.session("nobody")


def test_tables_in_and_out(session, tmp_path):
    table = "order,product,quantity,price\n甲,bolt,2,1.50\n甲,nut,1,2\n乙,,1,1\n"
    mapping = {
        "columns": {"order": "name", "product": "lines.product", "quantity": "lines.quantity", "price": "lines.price"},
        "group": "order",
    }
    report = tmp_path / "report.csv"
    seen = []
    done = session.import_table("order", text=table, mapping=mapping, report=report, progress=seen.append)
    assert (done.created, done.rejected, done.kept, done.dry_run) == (1, 1, True, False)
    assert done.rejections[0].row == 3 and report.read_text(encoding="utf-8").count("\n") == 1 + len(done.rejections)
    assert seen[-1]["records"] == 2
    file = tmp_path / "again.csv"
    file.write_text(table, encoding="utf-8")
    assert session.import_table("order", file, mapping=mapping, dry_run=True).kept is False
    with pytest.raises(leat.HostError) as failed:
        session.import_table("order", file, mapping=mapping, job="x", chunk=1, progress=lambda counts: 1 // 0)
    assert isinstance(failed.value.__cause__, ZeroDivisionError)
    assert session.import_table("order", file, mapping=mapping, job="x", chunk=1).resumed_at == 1

    out = session.export("order", fields=["name", "lines.product"], where='name = "甲"', sort=["-key"])
    assert out.text == "name,lines.product\r\n" + "甲,bolt\r\n甲,nut\r\n" * 2
    assert (out.rows, out.withheld, out.bytes) == (2, 0, len(out.text.encode()))
    pieces = []
    assert session.export("order", json_lines=True, write=pieces.append).text == ""
    assert len("".join(pieces).splitlines()) == 2
    assert session.export("order", tmp_path / "out.jsonl").sha256
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == "".join(pieces)
    with pytest.raises(leat.LeatError) as failed:
        session.import_table("order", text="name\nx\n", mapping={"colums": {}})
    assert failed.value.code == "import.mapping"


def test_queries_and_rights(engine, session, order):
    session.create("order", name="nuts")
    first = session.query("order", sort=["-total", "name"], limit=1)
    assert [record["key"] for record in first] == [order] and first[0]["total"] == Decimal(25)
    assert session.query("order", sort=["-total", "name"], limit=1, after=first.next)[0]["name"] == "nuts"
    assert session.query("order", search="OLT", fields=["name", "owner.name"])[0]["name"] == "bolts"
    groups = session.groups("order", group=["status"], measures={"n": "count", "total": "sum(total)"})
    assert groups == [{"status": "open", "n": 2, "total": Decimal(25)}] and not groups.more
    assert session.view("order", order)["record"]["name"] == "bolts"
    assert session.explain_sql("total > 5", entity="order")["compiled"] is True
    with pytest.raises(leat.UsageError) as failure:
        session.query("order", sort=["nam"])
    assert failure.value.code == "query.field"

    for key, roles in [("bo", ["boss"]), ("cy", [])]:
        session.create("user", key=key, name=key.title(), roles=roles)
    assert session.may("read", "order", order, user="cy")["may"] is False
    assert session.share("order", order, "user:cy", "read")
    assert session.may("read", "order", order, "name", user="cy")["because"] == [{"share": "user:cy", "right": "read"}]
    assert {one["user"] for one in session.who_may("read", "order", order)} == {"bo", "cy"}
    with pytest.raises(leat.UsageError):
        engine.session_as("cy", "bo")
    with engine.session_as("bo", "cy") as other:
        assert other.actor == "cy" and [record["key"] for record in other.list("order")] == [order]


def test_loads_by_columns(engine, session):
    lamp = session.load("user", {"key": ["a", ""], "name": ["A", "B"]})
    assert lamp.one_by_one and (lamp.created, lamp.rejected) == (1, 1)  # people are made one by one
    assert lamp.rejections[0].row == 1 and lamp.rejections[0].code == "constraint"
    orders = {
        "name": ["甲", "乙", ""],
        "due_on": [dt.date(2026, 12, 24), None, None],
        "call_at": [dt.datetime(2026, 12, 1, 9, 30, tzinfo=dt.timezone.utc), None, None],
        "urgent": [True, None, False],
        "size": ["big", "small", "big"],
        "ratio": [Decimal("0.95"), Decimal(2), None],
        "risk_of": array("q", [1, 2, 3]),
        "grace": [dt.timedelta(hours=36), None, None],
    }
    done = session.load("order", orders)
    assert (done.created, done.rejected, done.kept) == (2, 1, True) and done.rejections[0].field == "name"
    shown = next(record for record in session.records("order") if record["name"] == "甲")
    assert (shown["due_on"], shown["urgent"], shown["ratio"], shown["risk_of"]) == (dt.date(2026, 12, 24), True, Decimal("0.9500"), 1)
    assert shown["grace"] == dt.timedelta(hours=36) and shown["call_at"] == orders["call_at"][0]
    assert session.load("order", {"name": ["x", ""]}, all_or_nothing=True).kept is False
    with pytest.raises(TypeError, match="float"):
        session.load("order", {"name": ["x"], "ratio": [0.5]})
    with pytest.raises(ValueError, match="lengths"):
        session.load("order", {"name": ["x"], "size": []})
    with pytest.raises(leat.LeatError) as failed:
        session.load("order", {"nme": ["x"]})
    assert failed.value.code == "load.field"
