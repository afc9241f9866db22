"""What is reported at the end, all of it asked of the engine."""
from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import leat

from . import tables
from .pipeline import Pipeline
from .play import DEAL_STAGE

# Titles of what reports group by and no field of theirs names.
WORDS = {"region": "区域", "agent": "销售", "team": "团队", "sector": "行业", "year": "年", "month": "月"}
REPORTS = ("funnel", "regions", "agents", "best_customers", "approvals", "orders", "cash", "cash_by_month", "loss_reasons")


def collect(system: leat.Session, pipeline: Pipeline, seconds: float) -> dict[str, Any]:
    """The answers of --json; shapes as by_stage, by_region and by_agent of reference.json."""
    stages = {stage: 0 for stage in ("Prospecting", "Engaging", "Won", "Lost")}
    for row in system.report("funnel")["rows"]:
        stages[DEAL_STAGE[row["stage"]]] += row["deals"]
    regions = [_line(row, row["region"]) for row in system.report("regions")["rows"]]
    agents = [_line(row, row["agent"]) for row in system.report("agents")["rows"]]
    approvals = {row["approver"]: row["deals"] for row in system.report("approvals")["rows"]}
    return {
        "funnel": stages,
        "won_revenue": number(sum((Decimal(row["won_revenue"]) for row in system.report("regions")["rows"]), Decimal(0))),
        "regions": sorted(regions, key=lambda line: line["key"]),
        "agents": sorted(agents, key=lambda line: line["key"]),
        "approvals": {"director": approvals.get("sales_director", 0), "manager": approvals.get("sales_manager", 0)},
        "cash": number(Decimal(system.report("cash")["rows"][0]["amount"])),
        "rejected_rows": [{"file": one.file, "row": one.row, "reason": one.reason} for one in pipeline.rejected()],
        "seconds": round(seconds, 2),
    }


def _line(row: dict[str, Any], key: str) -> dict[str, Any]:
    closed = row["won"] + row["lost"]
    rate = (Decimal(row["won"]) / closed).quantize(Decimal("0.000001"), ROUND_HALF_EVEN) if closed else None
    return {"key": key, "opportunities": row["opportunities"], "won": row["won"], "lost": row["lost"],
            "open": row["opportunities"] - closed, "win_rate_of_closed": None if rate is None else float(rate),
            "won_revenue": number(Decimal(row["won_revenue"]))}


def number(value: Decimal) -> int | float:
    """JSON has one kind of number: whole amounts as integers, others with their two digits."""
    return int(value) if value == value.to_integral_value() else float(value)


def text(program: leat.Program, system: leat.Session, language: str) -> str:
    """The tables for people."""
    chinese = language != "en"
    titles = Titles(program, language)
    parts = []
    for name in REPORTS:
        report = system.report(name)
        if not report["rows"]:
            continue
        titles.put_in(report, name)
        if name in ("regions", "agents"):
            _add_rate(report, "赢率" if chinese else "Win rate")
        parts.append(tables.of_report(report))
        if name == "agents":
            parts.append(_service_levels(system, chinese))
    return "\n".join(parts)


class Titles:
    """Titles of fields, of enum values and of states, which reports answer by name."""

    def __init__(self, program: leat.Program, language: str) -> None:
        self.language = language
        self.entities = {entity["name"]: {field["name"]: field for field in entity["fields"]} for entity in program.description["entities"]}
        self.roles = {role["name"]: self.of(role) or role["name"] for role in program.description["roles"]}
        self.sources = {report["name"]: report["from"] for report in program.description["reports"]}

    def of(self, item: dict[str, Any]) -> str:
        titles = item.get("title") or {}
        return str(titles.get(self.language) or next(iter(titles.values()), ""))

    def put_in(self, report: dict[str, Any], name: str) -> None:
        fields = self.entities[self.sources[name]]
        for column in report["columns"]:
            field = fields.get(column["name"])
            if column["measure"]:
                continue
            if field is None:
                column["title"] = WORDS[column["name"]] if self.language == "zh" else column["name"].capitalize()
                continue
            column["title"] = self.of(field) or column["title"]
            values = {item["value"]: self.of(item) for item in field.get("enum", [])} if field["kind"] != "role" else self.roles
            for row in report["rows"]:
                row[column["name"]] = values.get(row[column["name"]]) or row[column["name"]]


def _add_rate(report: dict[str, Any], title: str) -> None:
    report["columns"].insert(-1, {"name": "rate", "title": title, "format": "percent"})
    for row in report["rows"]:
        closed = row["won"] + row["lost"]
        row["rate"] = str(Decimal(row["won"]) / closed) if closed else None


def _service_levels(system: leat.Session, chinese: bool) -> str:
    title, columns = ("服务时限", ["时限", "按时", "超时", "进行中", "取消"]) if chinese else (
        "Service levels", ["Clock", "Kept", "Missed", "Running", "Cancelled"])
    rows = [[one.get("title") or one["sla"], one["kept"], one["breached"], one["running"] + one["paused"], one["cancelled"]] for one in system.slas()]
    return tables.table(title, columns, rows)
