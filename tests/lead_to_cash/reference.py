"""The answers of a pipeline folder, computed from its files alone: no engine, no harness."""
from __future__ import annotations

import csv
from collections import Counter, defaultdict
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any, Callable, Iterable


def read(folder: Path, file: str) -> list[dict[str, str]]:
    with open(folder / file, newline="", encoding="utf-8-sig") as text:
        return list(csv.DictReader(text))


def answers(folder: Path, accepted: Callable[[dict[str, str]], bool], director_amount: Decimal) -> dict[str, Any]:
    """accepted: which rows of sales_pipeline.csv are not rejected."""
    prices = {row["product"].replace(" ", "").lower(): Decimal(row["sales_price"]) for row in read(folder, "products.csv")}
    regions = {row["sales_agent"]: row["regional_office"] for row in read(folder, "sales_teams.csv")}
    rows = [row for row in read(folder, "sales_pipeline.csv") if accepted(row)]
    won = [row for row in rows if row["deal_stage"] == "Won"]
    levels = Counter()
    for row in won:
        value, price = Decimal(row["close_value"]), prices[row["product"].replace(" ", "").lower()]
        if value < price * Decimal("0.95"):
            levels["director" if value < price * Decimal("0.8") and value > director_amount else "manager"] += 1
    revenue = sum((Decimal(row["close_value"]) for row in won), Decimal(0))
    stages = Counter(row["deal_stage"] for row in rows)
    return {
        "funnel": {stage: stages[stage] for stage in ("Prospecting", "Engaging", "Won", "Lost")},
        "won_revenue": revenue,
        "regions": lines(rows, lambda row: regions[row["sales_agent"]]),
        "agents": lines(rows, lambda row: row["sales_agent"]),
        "approvals": {"director": levels["director"], "manager": levels["manager"]},
        "cash": revenue,
    }


def lines(rows: Iterable[dict[str, str]], key: Callable[[dict[str, str]], str]) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    out = []
    for name, group in sorted(groups.items()):
        stages = Counter(row["deal_stage"] for row in group)
        closed = stages["Won"] + stages["Lost"]
        rate = (Decimal(stages["Won"]) / closed).quantize(Decimal("0.000001"), ROUND_HALF_EVEN) if closed else None
        out.append({"key": name, "opportunities": len(group), "won": stages["Won"], "lost": stages["Lost"], "open": len(group) - closed,
                    "win_rate_of_closed": rate,
                    "won_revenue": sum((Decimal(row["close_value"]) for row in group if row["deal_stage"] == "Won"), Decimal(0))})
    return out
