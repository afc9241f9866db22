import datetime as dt
import gc
import threading
import weakref

import pytest

import leat


def test_timers_follow_the_clock(engine, clock, session, order):
    due = engine.next_due()
    assert due == clock.now + dt.timedelta(days=7)
    assert engine.run_due().fired == 0
    clock.now = due + dt.timedelta(seconds=3)
    counts = engine.run_due()
    assert counts.fired == 1 and counts.lateness == dt.timedelta(seconds=3) and not counts.more


def test_a_clock_can_be_a_function(program):
    moment = dt.datetime(2030, 1, 1, tzinfo=dt.timezone.utc)
    with leat.Engine(program, clock=lambda: moment) as engine, engine.session() as session:
        session.create("order", name="x")
        assert session.log()[-1]["time"].startswith("2030-01-01T00:00:00")


def test_a_clock_that_raises(program):
    def clock():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        leat.Engine(program, clock=clock)


def test_functions(engine, session, order):
    @engine.on_function("risk")
    def risk(name):
        assert name == "bolts"
        return 7

    assert risk("bolts") == 7  # the decorator leaves it as it is
    assert session.send("order", order, "assess")
    assert session.show("order", order)["risk_of"] == 7


def test_a_function_that_raises(engine, session, order):
    def risk(name):
        raise LookupError("no such name: " + name)

    engine.on_function("risk", risk)
    with pytest.raises(leat.HostError, match="no such name: bolts") as failed:
        session.send("order", order, "assess")
    assert isinstance(failed.value.__cause__, LookupError)
    assert session.show("order", order)["risk_of"] == 0
    engine.on_function("risk", lambda name: object())
    with pytest.raises(leat.HostError) as failed:
        session.send("order", order, "assess")
    assert isinstance(failed.value.__cause__, TypeError)


def test_no_way_back_into_the_engine(engine, session, order):
    engine.on_function("risk", lambda name: session.show("order", order)["risk_of"])
    with pytest.raises(leat.HostError) as failed:
        session.send("order", order, "assess")
    assert isinstance(failed.value.__cause__, leat.UsageError) and failed.value.__cause__.code == "engine.in_callback"


def test_deliveries(engine, clock, session, order):
    seen = []

    @engine.on_delivery("carrier.book")
    def book(delivery):
        seen.append(delivery)
        if delivery.attempt == 1:
            raise ConnectionError("no lorry")
        return {"lorry": 7}

    session.send("order", order, "confirm")
    assert engine.deliver() == leat.DeliveryCounts(done=0, failed=1, unknown=0, more=False)
    assert "no lorry" in session.outbox()["items"][0]["receipt"]
    clock.advance(dt.timedelta(days=1))
    assert engine.deliver().done == 1
    assert [(d.topic, d.payload, d.attempt) for d in seen] == [("carrier.book", {"order": order}, n) for n in (1, 2)]
    assert seen[0].id == seen[1].id
    assert session.outbox(status="done")["items"][0]["receipt"] == '{"lorry":7}'


def test_messages(engine, session, order):
    session.send("order", order, "confirm")
    assert engine.receive("carrier.shipped", "m-1", {"order": order})
    rows = len(session.log())
    assert engine.receive("carrier.shipped", "m-1", {"order": order})
    assert len(session.log()) == rows
    with pytest.raises(leat.NotFoundError):
        engine.receive("carrier.shiped", "m-2", {})


def test_files(program, tmp_path):
    path = tmp_path / "shop.db"
    with pytest.raises(leat.LeatError):
        leat.Engine(program, path, create=False)
    with leat.Engine(program, path) as engine, engine.session() as session:
        key = session.create("order", name="kept").key
    with leat.Engine(None, path) as engine, engine.session() as session:
        assert engine.program.hash == program.hash
        assert session.show("order", key)["name"] == "kept"
        verified = engine.verify()
        assert verified.ok and verified.rows >= 1 and verified.first_bad == 0
    with leat.Engine(program, path, read_only=True) as engine, engine.session() as session:
        assert session.show("order", key)["name"] == "kept"
        with pytest.raises(leat.LeatError):
            session.create("order", name="no")


def test_deploy(program, tmp_path):
    from conftest import SHOP

    wider = leat.load(sources={"shop.yaml": SHOP.read_text(encoding="utf-8"), "more.yaml": "entity: shelf\nfields: {place: string}\n"})
    path = tmp_path / "shop.db"
    with leat.Engine(program, path):
        pass
    with pytest.raises(leat.ConflictError) as failed:
        leat.Engine(wider, path)
    assert failed.value.code == "engine.definitions_changed"
    with leat.Engine(None, path) as engine:
        assert "shelf" in str(engine.plan(wider))
        assert engine.deploy(wider)
        with engine.session() as session:
            assert session.create("shelf", place="A1")
        narrow = leat.load(sources={"shop.yaml": SHOP.read_text(encoding="utf-8"), "more.yaml": "entity: shelf\nfields: {spot: string}\n"})
        plan = engine.plan(narrow)
        assert plan["blocked"] and "field shelf.place" in [change["drop"] for change in plan["changes"]]
        assert not engine.deploy(narrow)
        assert engine.deploy(narrow, drop=["field shelf.place"], backup=tmp_path / "before.db")
        assert (tmp_path / "before.db").exists() and engine.program.hash == narrow.hash
        assert engine.undo_deploy(drop="*") and engine.program.hash == wider.hash
        engine.backup(tmp_path / "now.db")
        assert engine.seal(dt.datetime(3000, 1, 1, tzinfo=dt.timezone.utc))["rows"] > 0
        with pytest.raises(leat.LeatError) as failed:
            engine.retain()
        assert failed.value.code == "retention.none"
        assert engine.archives()[0]["first"] == 1 and engine.verify().sealed > 0
        with engine.session() as session:
            assert session.show("shelf", "1")["place"] == "A1"
            with pytest.raises(leat.LeatError) as failed:
                session.erase("shelf", "1", reason="asked")
            assert failed.value.code == "erase.nothing"


def test_random_is_the_hosts(program):
    def run():
        with leat.Engine(program, random=lambda size: b"\7" * size, clock=leat.Clock(dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc))) as engine:
            with engine.session() as session:
                session.create("order", name="same")
            return engine.verify().head

    assert run() == run()


def test_life(program):
    engine = leat.Engine(program)
    session = engine.session()
    engine.close()
    engine.close()
    assert engine.closed and session.create("order", name="still works")
    session.close()
    with pytest.raises(leat.UsageError, match="closed"):
        engine.run_due()


def test_limits(program):
    with leat.Engine(program, limits={"input_bytes_max": 20}) as engine, engine.session() as session:
        with pytest.raises(leat.LimitError):
            session.create("order", name="longer than twenty bytes")


def test_an_engine_that_its_callbacks_refer_to_is_collected(program):
    engine = leat.Engine(program)
    engine.on_function("risk", lambda name: engine)
    seen = weakref.ref(engine)
    del engine
    gc.collect()
    assert seen() is None


def test_threads_have_sessions_of_their_own(engine):
    failures = []

    def work(number):
        try:
            with engine.session() as session:
                for n in range(20):
                    assert session.create("order", name=f"{number}-{n}")
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with engine.session() as session:
        assert sum(1 for _ in session.records("order")) == 80
    assert engine.verify().ok


def test_a_session_is_no_meeting_place(engine, session, order):
    inside, leave = threading.Event(), threading.Event()

    def risk(name):
        inside.set()
        leave.wait()
        return 1

    engine.on_function("risk", risk)
    thread = threading.Thread(target=session.send, args=("order", order, "assess"))
    thread.start()
    inside.wait()
    try:
        with pytest.raises(leat.UsageError, match="another thread"):
            session.show("order", order)
    finally:
        leave.set()
        thread.join()
    assert session.show("order", order)["risk_of"] == 1
