"""The outside, simulated: an ERP that takes orders, an MES that makes them, a bank that tells of payments. It has a ledger of
its own in a file beside the database, as a real one would: after a crash the ledger can be asked what really arrived.

Every effect is entered under the number that the outbox gives it, so that a repeated delivery is recognised and entered
once. Messages back to the engine have ids made of the order's number: sending one twice is one message.
"""
from __future__ import annotations

import datetime as dt
import heapq
import sqlite3
from decimal import Decimal
from pathlib import Path

# Days after the order at which each thing happens, in order.
STEPS = (("confirm", 1), ("planned", 2), ("running", 4), ("done", 7), ("ship", 8), ("issue", 8), ("pay", 38))
RANK = {kind: rank for rank, (kind, _) in enumerate(STEPS)}


class Outside:
    def __init__(self, path: Path | str) -> None:
        # Autocommit: each order is in the ledger before the engine hears that it arrived.
        self.ledger = sqlite3.connect(path, isolation_level=None)
        self.ledger.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            "CREATE TABLE IF NOT EXISTS orders(effect INTEGER PRIMARY KEY, order_no TEXT NOT NULL UNIQUE, customer TEXT NOT NULL,"
            " amount TEXT NOT NULL, ordered_on TEXT NOT NULL) STRICT;"
            "CREATE TABLE IF NOT EXISTS notices(effect INTEGER PRIMARY KEY, topic TEXT NOT NULL, receivers INTEGER NOT NULL) STRICT;"
            "CREATE TABLE IF NOT EXISTS facts(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
        )
        self._due: list[tuple[dt.date, int, str]] = []
        self.repeats = 0

    def close(self) -> None:
        self.ledger.close()

    # --- what the engine asks ---

    def take_order(self, delivery) -> str:
        """Handler of erp.create_order: answers the receipt, the same one for a repeated delivery."""
        order = delivery.payload
        receipt = self.receipt(delivery.id)
        if receipt is None:
            self.ledger.execute("PRAGMA synchronous=FULL")  # an order that was confirmed survives also a power loss
            self.ledger.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?)",
                                (delivery.id, order["order_no"], order["customer"], str(order["amount"]), order["ordered_on"]))
            self.ledger.execute("PRAGMA synchronous=NORMAL")
            self.plan(order["order_no"], dt.date.fromisoformat(order["ordered_on"]), 0)
            receipt = self.receipt(delivery.id)
            assert receipt is not None
        else:
            self.repeats += 1
        return receipt

    def take_notice(self, delivery) -> str:
        """Handler of all notices: counts them."""
        changed = self.ledger.execute("INSERT OR IGNORE INTO notices VALUES (?, ?, ?)",
                                      (delivery.id, delivery.topic, len(delivery.payload["to"]))).rowcount
        self.repeats += 1 - changed
        return "sent"

    def receipt(self, effect: int) -> str | None:
        """What became of an effect: the receipt, or None when it never arrived."""
        if self.ledger.execute("SELECT 1 FROM orders WHERE effect = ?", (effect,)).fetchone():
            return f"ERP-{effect:07}"
        if self.ledger.execute("SELECT 1 FROM notices WHERE effect = ?", (effect,)).fetchone():
            return "sent"
        return None

    # --- what happens outside as the days go by ---

    def plan(self, order_no: str, ordered_on: dt.date, first: int) -> None:
        """Plans the steps of an order from the step of that rank on."""
        for rank in range(first, len(STEPS)):
            heapq.heappush(self._due, (ordered_on + dt.timedelta(days=STEPS[rank][1]), rank, order_no))

    def due(self, today: dt.date):
        """(kind, order_no) for everything that has happened by today, in order."""
        while self._due and self._due[0][0] <= today:
            _, rank, order_no = heapq.heappop(self._due)
            yield STEPS[rank][0], order_no

    def next_day(self) -> dt.date | None:
        return self._due[0][0] if self._due else None

    def orders(self) -> dict[str, tuple[dt.date, Decimal, int]]:
        """order_no: (ordered on, amount, effect)."""
        rows = self.ledger.execute("SELECT order_no, ordered_on, amount, effect FROM orders")
        return {order_no: (dt.date.fromisoformat(day), Decimal(amount), effect) for order_no, day, amount, effect in rows}

    def order(self, order_no: str) -> tuple[Decimal, int]:
        amount, effect = self.ledger.execute("SELECT amount, effect FROM orders WHERE order_no = ?", (order_no,)).fetchone()
        return Decimal(amount), effect

    def notices(self) -> int:
        return self.ledger.execute("SELECT count(*) FROM notices").fetchone()[0]

    # --- what the harness remembers between runs ---

    def fact(self, name: str) -> str | None:
        row = self.ledger.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def remember(self, name: str, value: str) -> None:
        self.ledger.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))
