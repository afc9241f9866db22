"""The bundled pipeline: answers, import report, running twice, bad input."""
from __future__ import annotations

import csv
import datetime as dt
import shutil
import sqlite3
import tempfile
import unittest
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import leat
import reference
from company import EXAMPLE
from harness import tables
from harness_run import read_answers, run

BUNDLED = EXAMPLE / "data"
REJECTED = {50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65}


class Pipeline(unittest.TestCase):
    folder: tempfile.TemporaryDirectory

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        cls.db = Path(cls.folder.name) / "a.db"
        cls.output = run("--db", cls.db, "--json", f"{cls.db}.json", "--verify")
        cls.answers = read_answers(Path(f"{cls.db}.json"))

    @classmethod
    def tearDownClass(cls) -> None:
        cls.folder.cleanup()

    def test_known_answers(self) -> None:
        self.assertEqual(self.answers["funnel"], {"Prospecting": 7, "Engaging": 8, "Won": 23, "Lost": 10})
        self.assertEqual(self.answers["approvals"], {"director": 2, "manager": 10})
        self.assertEqual(self.answers["won_revenue"], Decimal("4067712.47"))
        self.assertEqual(self.answers["cash"], self.answers["won_revenue"])
        self.assertEqual([line["key"] for line in self.answers["regions"]], ["Central", "East", "West"])

    def test_answers_computed_from_the_files_alone(self) -> None:
        accepted = set(f"D{line - 1:03}" for line in range(2, 50))
        first: set[str] = set()

        def take(row: dict[str, str]) -> bool:
            number = row["opportunity_id"]
            fresh = number in accepted and number not in first
            first.add(number)
            return fresh

        expected = reference.answers(BUNDLED, take, Decimal(500000))
        for name, value in expected.items():
            with self.subTest(name):
                self.assertEqual(self.answers[name], value)

    def test_import_report_names_every_row(self) -> None:
        with open(f"{self.db}.import.csv", newline="", encoding="utf-8") as file:
            findings = list(csv.DictReader(file))
        pipeline = [one for one in findings if one["file"] == "sales_pipeline.csv"]
        self.assertEqual({int(one["row"]) for one in pipeline if one["kind"] == "rejected"}, REJECTED)
        self.assertEqual(len(self.answers["rejected_rows"]), len([one for one in findings if one["kind"] == "rejected"]))
        self.assertIn({"file": "sales_pipeline.csv", "row": 50, "reason": "opportunity 'D049': product 'CX 1' is not in products.csv"},
                      self.answers["rejected_rows"])
        mapped = [one["reason"] for one in findings if one["kind"] == "mapped"]
        self.assertIn("product 'AX200' is read as 'AX 200'", mapped)
        self.assertIn("sector 'technolgy' is read as 'technology'", mapped)
        self.assertEqual(len([one for one in pipeline if "has no account; its" in one["reason"]]), 7)

    def test_clocks(self) -> None:
        with leat.Engine(None, self.db, read_only=True) as engine, engine.session() as system:
            clocks = {one["sla"]: one for one in system.slas()}
        self.assertEqual((clocks["deal_first_step"]["kept"], clocks["deal_first_step"]["breached"]), (41, 7))
        # Of the 33 closed ones these took more than 90 days; one took exactly 90.
        late = {"D006", "D007", "D008", "D009", "D019", "D021", "D045"}
        rows = {row["opportunity_id"]: row for row in reference.read(BUNDLED, "sales_pipeline.csv")[:48]}
        days = {number: (dt.date.fromisoformat(row["close_date"]) - dt.date.fromisoformat(row["engage_date"])).days
                for number, row in rows.items() if row["deal_stage"] in ("Won", "Lost")}
        self.assertEqual({number for number, count in days.items() if count > 90}, late)
        still_open = len([row for row in rows.values() if row["deal_stage"] == "Engaging"])
        self.assertEqual(clocks["deal_closed"]["kept"], len(days) - len(late))
        self.assertEqual(clocks["deal_closed"]["breached"] + clocks["deal_closed"]["running"], len(late) + still_open)

    def test_everything_has_its_record(self) -> None:
        with closing(sqlite3.connect(self.db)) as db, closing(sqlite3.connect(f"{self.db}.ledger")) as ledger:
            for table, count in (("opportunity", 48), ("quotation", 23), ("contract", 23), ('"order"', 23), ("delivery", 23),
                                 ("invoice", 23), ("payment", 23)):
                self.assertEqual(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0], count, table)
            self.assertEqual(ledger.execute("SELECT count(*), count(DISTINCT order_no) FROM orders").fetchone(), (23, 23))

    def test_running_again_changes_nothing(self) -> None:
        with closing(sqlite3.connect(self.db)) as db:
            before = list(db.execute("SELECT count(*) FROM leat_log"))
        run("--db", self.db, "--json", f"{self.db}.json2")
        self.assertEqual(read_answers(Path(f"{self.db}.json2")), self.answers)
        with closing(sqlite3.connect(self.db)) as db:
            self.assertEqual(list(db.execute("SELECT count(*) FROM leat_log")), before)

    def test_log_is_verified(self) -> None:
        self.assertRegex(self.output, r"log: \d+ rows, unbroken")

    def test_english(self) -> None:
        self.assertIn("Leaderboard", run("--db", self.db, "--language", "en"))

    def test_tables_line_up(self) -> None:
        text = tables.table("", ["名称", "Name"], [["华东精密", 5], ["Acme", 12345]])
        self.assertEqual(len({tables.width(line) for line in text.splitlines()[1:]}), 1)


class BadInput(unittest.TestCase):
    def refused(self, folder: Path, *words: str) -> None:
        output = run("--data", folder, expect=2)
        for word in words:
            self.assertIn(word, output)
        self.assertNotIn("Traceback", output)

    def test_folders(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            self.refused(folder / "absent", "there is no such folder")
            self.refused(folder, "products.csv: there is no such file")
            for file in BUNDLED.iterdir():
                shutil.copy(file, folder)
            (folder / "products.csv").write_text("name,price\n", encoding="utf-8")
            self.refused(folder, "there is no column product, series, sales_price")
            (folder / "products.csv").write_bytes(b"product,series,sales_price\n\xff\xfe,AX,1\n")
            self.refused(folder, "byte 27 is not UTF-8")
            (folder / "products.csv").write_text('product,series,sales_price\n"AX,AX,1\n', encoding="utf-8")
            self.refused(folder, "products.csv:")

    def test_another_folder_for_the_same_database(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "data"
            shutil.copytree(BUNDLED, folder)
            rows = (folder / "sales_pipeline.csv").read_text(encoding="utf-8").splitlines(keepends=True)
            (folder / "sales_pipeline.csv").write_text("".join(rows[:3]), encoding="utf-8")
            run("--data", folder, "--db", Path(name) / "a.db")
            self.assertIn("another pipeline", run("--db", Path(name) / "a.db", expect=2))

    def test_a_ledger_without_its_database(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            db = Path(name) / "a.db"
            self.assertIn("nothing to resume", run("--db", db, "--resume", expect=2))
            run("--db", db)
            run("--db", db, "--resume")
            for file in Path(name).glob("a.db*"):
                if not file.name.startswith("a.db.ledger"):
                    file.unlink()
            self.assertIn("of a database that is gone", run("--db", db, expect=2))

    def test_a_file_that_is_no_database(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            db = Path(name) / "a.db"
            db.write_text("something else entirely" * 100)
            output = run("--db", db, expect=1)
            self.assertNotIn("Traceback", output)
            self.assertEqual(db.read_text(), "something else entirely" * 100)


if __name__ == "__main__":
    unittest.main()
