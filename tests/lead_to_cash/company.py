"""A small company on an in-memory engine, for tests of the example's definitions; and where things are."""
from __future__ import annotations

import datetime as dt
import os
import sys
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import leat

REPOSITORY = Path(__file__).resolve().parent.parent.parent
EXAMPLE = REPOSITORY / "examples" / "lead_to_cash"
DEFINITIONS = EXAMPLE / "definitions" / "app.yaml"
DATA = Path(os.environ.get("LEAT_DATA_DIR") or REPOSITORY / ".." / "shared" / "data")
sys.path.insert(0, str(EXAMPLE))

OFFICE = ZoneInfo("Asia/Shanghai")
_program: leat.Program | None = None


def program() -> leat.Program:
    global _program
    if _program is None:
        _program = leat.load(DEFINITIONS)
    return _program


class Company:
    """li.na and wang.wei sell in the east, manager and director decide; the clock stands at a Monday, 10 o'clock."""

    def __init__(self, language: str = "zh") -> None:
        self.clock = leat.Clock(dt.datetime(2026, 3, 2, 10, tzinfo=OFFICE))
        self.engine = leat.Engine(program(), clock=self.clock)
        self.language = language
        self._sessions: dict[str, leat.Session] = {}
        self.orders: list[dict] = []
        self.notices: list[dict] = []
        self.engine.on_delivery("erp.create_order", lambda delivery: self.orders.append(delivery.payload))
        self.engine.on_delivery("notice.*", lambda delivery: self.notices.append(delivery.payload))
        system = self["system"]
        self.make("department", key="company", name="公司")
        self.make("department", key="east", name="东区", parent="company")
        self.make("department", key="team", name="一组", parent="east")
        for key, role, place, manager in (
            ("director", "sales_director", "company", None), ("manager", "sales_manager", "team", "director"),
            ("li.na", "east_sales", "team", "manager"), ("wang.wei", "east_sales", "team", "manager"),
            ("expert", "product_expert", "company", "manager"), ("west", "west_sales", "company", "manager"),
            ("legal", "legal", "company", None), ("finance", "finance", "company", None),
            ("warehouse", "warehouse", "company", None), ("market", "marketing", "company", None)):
            self.make("user", key=key, name=key, department=place, manager=manager, roles=[role])
        for place, head in (("company", "director"), ("team", "manager")):
            assert system.patch("department", place, head=head)
        self.make("customer", name="华东精密", sector="technology")
        self.make("product", name="AX 100", series="AX", list_price=Decimal(1000))
        self.make("product", name="GTK 900", series="GTK", list_price=Decimal(800000))

    def __enter__(self) -> Company:
        return self

    def __exit__(self, *_: object) -> None:
        for session in self._sessions.values():
            session.close()
        self.engine.close()

    def __getitem__(self, actor: str) -> leat.Session:
        if actor not in self._sessions:
            self._sessions[actor] = self.engine.session(actor)
            self._sessions[actor].set_language(self.language)
        return self._sessions[actor]

    def make(self, entity: str, by: str = "system", **fields) -> leat.Outcome:
        outcome = self[by].create(entity, **fields)
        assert outcome, outcome.message
        return outcome

    def deal(self, number: str, stage: str = "prospecting", price: Decimal | str | None = None, list_price: Decimal | str = "1000",
             quantity: int = 1, **more) -> str:
        """An opportunity of li.na, brought to a stage."""
        seller = self["li.na"]
        facts = dict(customer="华东精密", contacted_on=dt.date(2026, 3, 1), need="自动化产线", fits=True, budget=100000,
                     decision_maker="总经理", purchase_by=dt.date(2026, 6, 1), demo_on=dt.date(2026, 3, 2), feedback="positive",
                     quote_asked_on=dt.date(2026, 3, 2))
        facts.update(more)
        self.make("opportunity", "li.na", number=number, owner="li.na",
                  lines=[{"product": "AX 100", "quantity": quantity, "list_price": list_price}], **facts)
        for event, reached in (("engage", "engaging"), ("quote", "quotation")):
            if stage == "prospecting":
                return number
            ok(seller.send("opportunity", number, event))
            if stage == reached:
                return number
        if price is not None:
            ok(seller.send("opportunity", number, "offer", product="AX 100", price=price))
        if stage == "priced":
            return number
        ok(seller.send("opportunity", number, "submit"))
        if stage == "offered":
            return number
        ok(seller.patch("opportunity", number, accepted_on=dt.date(2026, 3, 2), delivery_terms="EXW", payment_terms="30 天"))
        outcome = ok(seller.send("opportunity", number, "accept"))
        contract = next(change.key for change in outcome.changed if change.entity == "contract")
        if stage == "contract":
            return contract
        ok(seller.send("contract", contract, "sign", signed_on=dt.date(2026, 3, 2)))
        assert stage == "signed", stage
        return number

    def stage(self, number: str) -> str:
        return self["system"].show("opportunity", number)["stage"]


def ok(outcome: leat.Outcome) -> leat.Outcome:
    assert outcome, outcome.message
    return outcome
