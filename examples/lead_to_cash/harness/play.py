"""Plays a pipeline, day by day on the engine's clock.

A day has these hours: at 9 the outside reports, goods leave and invoices go out; at 10 deals are closed that were opened on
earlier days; at 15 new deals are opened; at 17 those are closed that were opened today, and the outbox is delivered. Timers
that fall due on the way fire at their own time.

Everything is found again by its natural key (the number of the opportunity, of the order, of the message) and asked for its
state before the next event is sent. So a run that was killed is simply run again: what is done is left alone, and on the day
that was cut off each deal and each order goes on where it stood.
"""
from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any, Callable, Iterable
from zoneinfo import ZoneInfo

import leat

from . import people
from .outside import RANK, Outside
from .people import Refused, made
from .pipeline import Opportunity, Pipeline

# Which state of sales_flow stands for which deal stage of the file.
DEAL_STAGE = {"prospecting": "Prospecting", "engaging": "Engaging", "quotation": "Engaging", "pricing": "Engaging", "offered": "Engaging",
              "contract": "Engaging", "on_hold": "Engaging", "signed": "Won", "won": "Won", "lost": "Lost", "disqualified": "Lost"}
OFFICE = ZoneInfo("Asia/Shanghai")
# How far the outside's steps have come, by the status of the order.
DONE_BY_STATUS = {"placed": "confirm", "planned": "planned", "producing": "running", "ready": "done",
                  "shipped": "ship", "invoiced": "issue", "paid": "pay"}


class Deal:
    """One opportunity of the file and how far it has come."""

    __slots__ = ("row", "agent", "stage", "contract", "tasks")

    def __init__(self, row: Opportunity, agent: leat.Session) -> None:
        self.row, self.agent = row, agent
        self.stage: str | None = None
        self.contract = ""
        self.tasks: list[tuple[int, str]] = []  # open approvals: number, who decides

    @property
    def is_open(self) -> bool:
        return self.stage is not None and (self.stage != "prospecting" or self.row.stage == "Prospecting")

    @property
    def is_closed(self) -> bool:
        return self.stage in ("signed", "won", "lost")


class Play:
    def __init__(self, engine: leat.Engine, clock: leat.Clock, outside: Outside, pipeline: Pipeline) -> None:
        self.engine, self.clock, self.outside, self.pipeline = engine, clock, outside, pipeline
        self.system = engine.session()
        keys = people.user_keys(pipeline)
        self.sessions = {key: engine.session(key) for key in
                         {*keys.values(), people.DIRECTOR, people.LEGAL, people.FINANCE, people.WAREHOUSE}}
        self.deals = {row.number: Deal(row, self.sessions[keys[row.agent]]) for row in pipeline.opportunities}
        self.fired = self.messages = 0
        self.today = dt.date.min
        engine.on_delivery("erp.create_order", outside.take_order)
        engine.on_delivery("notice.*", outside.take_notice)

    def close(self) -> None:
        for session in (self.system, *self.sessions.values()):
            session.close()

    # --- the days ---

    def run(self, progress: Callable[[dt.date, int, int], None]) -> None:
        """To the end: all deals at their recorded outcome, all won ones paid."""
        self.restore()
        opening, closing = defaultdict(list), defaultdict(list)
        for deal in self.deals.values():
            if not deal.is_open:
                opening[max(deal.row.opened, self.today)].append(deal)
            if deal.row.closed and not deal.is_closed:
                closing[max(deal.row.closed, self.today)].append(deal)
        days = sorted({*opening, *closing})
        total = len(self.deals) + sum(1 for deal in self.deals.values() if deal.row.closed)
        done = total - sum(len(opening[day]) + len(closing[day]) for day in days)
        while True:
            next_days = [day for day in (*days[:1], self.outside.next_day()) if day]
            if not next_days:
                break
            self.today = max(self.today, min(next_days))  # never back: what is late after a crash happens today
            self.day(opening[self.today], closing[self.today])
            if days and days[0] == self.today:
                days.pop(0)
                done += len(opening[self.today]) + len(closing[self.today])
            self.outside.remember("day", self.today.isoformat())
            progress(self.today, done, total)
        self.settle()

    def day(self, opening: list[Deal], closing: list[Deal]) -> None:
        self.hour(9)
        for kind, order_no in self.outside.due(self.today):
            self.outside_event(kind, order_no)
        if closing:
            self.hour(10)
            self.close_deals([deal for deal in closing if deal.is_open])
        if opening:
            self.hour(15)
            for deal in opening:
                self.open_deal(deal)
        if any(not deal.is_closed for deal in closing):
            self.hour(17)
            self.close_deals([deal for deal in closing if not deal.is_closed])
        self.deliver()

    def hour(self, hour: int) -> None:
        """The clock goes on; what fell due in between happens, at its own time."""
        now = dt.datetime.combine(self.today, dt.time(hour), OFFICE)
        while (due := self.engine.next_due()) is not None and due < now:
            self.clock.now = max(due, self.clock.now)
            self.fired += self.engine.run_due(max=10_000).fired
        self.clock.now = now

    # --- deals ---

    def open_deal(self, deal: Deal) -> None:
        """Enters an opportunity. What the file does not say (budget, needs) is entered as an agent would."""
        row = deal.row
        if deal.stage is None:
            facts: dict[str, Any] = {}
            if row.stage != "Prospecting":
                facts = {"contacted_on": row.opened, "need": row.product, "fits": True, "decision_maker": "采购负责人",
                         "budget": self.pipeline.products[row.product].list_price, "purchase_by": row.opened + dt.timedelta(days=90)}
            made(deal.agent.create("opportunity", number=row.number, owner=deal.agent.actor, customer=row.account,
                                   lines=[{"product": row.product}], **facts))
            deal.stage = "prospecting"
        if deal.stage == "prospecting" and row.stage != "Prospecting":
            self.send(deal, "engage", "engaging")

    def close_deals(self, deals: Iterable[Deal]) -> None:
        for deal in deals:
            if deal.row.stage == "Lost":
                if deal.stage == "engaging":
                    self.send(deal, "lose", "lost", reason="other")
            else:
                self.win(deal)

    def win(self, deal: Deal) -> None:
        """From the stage where the deal stands to the signed contract."""
        row, number = deal.row, deal.row.number
        if deal.stage == "engaging":
            made(deal.agent.patch("opportunity", number, demo_on=self.today, feedback="positive", quote_asked_on=self.today))
            self.send(deal, "quote", "quotation")
        if deal.stage == "quotation":
            made(deal.agent.send("opportunity", number, "offer", product=row.product, price=row.value))
            outcome = self.send(deal, "submit")
            deal.stage, deal.tasks = outcome.state["sales_flow"], approvals(outcome.tasks)
        if deal.stage == "pricing":
            self.approve(deal)
            deal.stage = "offered"
        if deal.stage == "offered":
            made(deal.agent.patch("opportunity", number, accepted_on=self.today, delivery_terms="EXW", payment_terms="30 天"))
            outcome = self.send(deal, "accept", "contract")
            deal.contract = next(change["key"] for change in outcome.story["changed"] if change["entity"] == "contract")
            deal.tasks = approvals(outcome.tasks)
        if deal.stage == "contract":
            self.approve(deal)
            made(deal.agent.send("contract", deal.contract, "sign", signed_on=self.today))
            deal.stage = "signed"

    def approve(self, deal: Deal) -> None:
        for task, user in deal.tasks:
            made(self.sessions[user].complete_task(task, "approve", comment="同意"))
        deal.tasks = []

    def send(self, deal: Deal, event: str, stage: str | None = None, **values: Any) -> leat.Outcome:
        outcome = deal.agent.send("opportunity", deal.row.number, event, **values)
        if outcome.refused:
            raise Refused(f"opportunity {deal.row.number}: event '{event}': {outcome.message}")
        deal.stage = stage or deal.stage
        return outcome

    # --- orders ---

    def outside_event(self, kind: str, order_no: str) -> None:
        """One step of an order: a message from ERP, MES or bank, or what warehouse and finance do."""
        if kind == "ship":
            made(self.sessions[people.WAREHOUSE].send("delivery", f"{order_no}/D1", "ship", tracking=f"SF{order_no}"))
        elif kind == "issue":
            made(self.sessions[people.FINANCE].send("invoice", f"{order_no}/I1", "issue"))
        elif kind == "confirm":
            self.receive("erp.order_confirmed", order_no, kind, erp_number=f"ERP-{self.outside.order(order_no)[1]:07}")
        elif kind == "pay":
            self.receive("erp.payment", order_no, kind, number=f"PAY-{order_no}", amount=self.outside.order(order_no)[0], paid_on=self.today)
        else:
            self.receive("mes.progress", order_no, kind, state=kind)

    def receive(self, message: str, order_no: str, kind: str, **payload: Any) -> None:
        outcome = made(self.engine.receive(message, f"{order_no}-{kind}", {"order_no": order_no, **payload}))
        if outcome.story.get("message") == "waiting":
            raise Refused(f"order {order_no}: message {message} '{kind}' is not expected: {outcome.story.get('why')}")
        self.messages += 1

    def deliver(self) -> None:
        """Hands over what waits in the outbox. Where a run was killed during a delivery, the receiver is asked."""
        while True:
            counts = self.engine.deliver(max=5000)
            if counts.unknown:
                self.resolve_unknown()
            elif not counts.more:
                return

    def resolve_unknown(self) -> None:
        for item in self.system.outbox(status="unknown", limit=10_000)["items"]:
            receipt = self.outside.receipt(item["id"])
            self.engine.resolve_delivery(item["id"], "done" if receipt else "retry", receipt=receipt or "")

    def settle(self) -> None:
        """Until nothing is left in the outbox and no order on its way."""
        for _ in range(3):
            self.clock.advance(dt.timedelta(days=1))  # beyond the leases that a killed run left behind
            self.deliver()
            while (day := self.outside.next_day()) is not None:
                self.today = max(day, self.today)
                self.hour(9)
                for kind, order_no in self.outside.due(self.today):
                    self.outside_event(kind, order_no)
                self.deliver()
            counts = self.system.outbox(limit=1)["counts"]
            if not counts["planned"] and not counts["claimed"] and not counts["unknown"]:
                return
        raise Refused(f"the outbox does not run empty: {counts}")

    # --- after a crash ---

    def restore(self) -> None:
        """Where everything stands, from the file; the clock goes on at the day that was cut off."""
        finished = self.outside.fact("day")
        self.today = dt.date.fromisoformat(finished) + dt.timedelta(days=1) if finished else min(
            (deal.row.opened for deal in self.deals.values()), default=dt.date(2017, 1, 1))
        for record in self.system.records("opportunity", page=10_000):
            self.today = max(self.today, record["stage_since"].astimezone(OFFICE).date())
            if record["key"] in self.deals:
                self.deals[record["key"]].stage = record["stage"]
        open_deals = {number for number, deal in self.deals.items() if deal.stage in ("pricing", "contract")}
        contracts = {}
        if open_deals:
            for record in self.system.records("contract", where='status != "effective"', page=10_000):
                contracts[record["key"]] = number = record["opportunity"]
                if number in open_deals:
                    self.deals[number].contract = record["key"]
            for task in self.system.tasks(everybody=True, limit=100_000):
                if (number := contracts.get(task["key"], task["key"])) in open_deals:
                    self.deals[number].tasks += approvals([task])
        known = self.outside.orders()
        if known:
            for record in self.system.records("order", where='status != "paid"', page=10_000):
                self.today = max(self.today, record["status_since"].astimezone(OFFICE).date())
                if record["key"] in known:
                    self.outside.plan(record["key"], known[record["key"]][0], self.steps_done(record))
        self.clock.now = dt.datetime.combine(self.today, dt.time(0), OFFICE)

    def steps_done(self, order: dict[str, Any]) -> int:
        if order["status"] == "placed" and not order["erp_number"]:
            return 0
        return RANK[DONE_BY_STATUS[order["status"]]] + 1


def approvals(tasks: Iterable[dict[str, Any]]) -> list[tuple[int, str]]:
    """The approvals among tasks, each with the user who decides: here each of the roles asked has one, of the role's name."""
    return [(task["task"], task["user"] or task["role"]) for task in tasks if task["kind"] == "approval"]

