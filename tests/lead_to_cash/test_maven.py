"""A real pipeline of 8,800 opportunities, when it is there (LEAT_DATA_DIR, by default ../shared/data from the repository):
its answers are known."""
from __future__ import annotations

import datetime as dt
import json
import tempfile
import unittest
from decimal import Decimal
from pathlib import Path

import leat
import reference
from company import DATA
from harness_run import read_answers, run

FOLDER = DATA / "maven_crm"


@unittest.skipUnless((FOLDER / "reference.json").exists(), f"{FOLDER} is not here; LEAT_DATA_DIR says where it is")
class Maven(unittest.TestCase):
    def test_answers(self) -> None:
        known = json.loads((FOLDER / "reference.json").read_text(encoding="utf-8"), parse_float=Decimal)
        with tempfile.TemporaryDirectory() as name:
            db = Path(name) / "maven.db"
            print(run("--data", FOLDER, "--db", db, "--json", f"{db}.json", "--verify"))
            answers = read_answers(Path(f"{db}.json"))
            report = Path(f"{db}.import.csv").read_text(encoding="utf-8").splitlines()
            with leat.Engine(None, db, read_only=True) as engine, engine.session() as system:
                clocks = {one["sla"]: one for one in system.slas()}
                incidents = system.incidents()
        self.assertEqual(answers["funnel"], known["by_stage"])
        self.assertEqual(answers["won_revenue"], known["won_revenue_total"])
        self.assertEqual(answers["regions"], known["by_region"])
        self.assertEqual(answers["agents"], known["by_agent"])
        self.assertEqual(answers["approvals"], {"director": 92, "manager": 1249})
        self.assertEqual(answers["cash"], known["won_revenue_total"])
        self.assertEqual(answers["rejected_rows"], [])
        self.assertEqual(answers["approvals"], reference.answers(FOLDER, lambda row: True, Decimal(0))["approvals"])
        days = [(dt.date.fromisoformat(row["close_date"]) - dt.date.fromisoformat(row["engage_date"])).days
                for row in reference.read(FOLDER, "sales_pipeline.csv") if row["deal_stage"] in ("Won", "Lost")]
        self.assertEqual(clocks["deal_closed"]["kept"], len([count for count in days if count <= 90]))
        self.assertEqual((clocks["deal_first_step"]["kept"], clocks["deal_first_step"]["breached"]), (8300, 500))
        self.assertEqual(incidents, [])
        self.assertEqual(len([line for line in report if "'GTXPro' is read as 'GTX Pro'" in line]), 1480)
        self.assertEqual(len([line for line in report if "has no account" in line]), 1425)


if __name__ == "__main__":
    unittest.main()
