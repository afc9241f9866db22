"""Kill -9 at random moments: the log verifies, the run goes on, the answers are the same, no effect happens twice.

LEAT_KILLS says how often (60), LEAT_SEED which moments.
"""
from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
from contextlib import closing
from pathlib import Path

import leat
from company import EXAMPLE
from harness_run import command, read_answers, run
from reference import read

KILLS = int(os.environ.get("LEAT_KILLS", "60"))
SEED = int(os.environ.get("LEAT_SEED") or random.SystemRandom().randrange(1_000_000_000))


# Dies in the middle of the delivery of the AT-th order, before or after the ERP has entered it.
DYING = """
import os, sys
sys.path.insert(0, {example!r})
from harness import outside
take, calls = outside.Outside.take_order, [0]
def dying(self, delivery):
    calls[0] += 1
    if (calls[0], {when!r}) == ({at}, "before"):
        os._exit(9)
    receipt = take(self, delivery)
    if (calls[0], {when!r}) == ({at}, "after"):
        os._exit(9)
    return receipt
outside.Outside.take_order = dying
from harness.main import main
raise SystemExit(main(sys.argv[1:]))
"""


def many_deals(folder: Path, times: int) -> Path:
    """The bundled pipeline with each of its deals so many times: long enough to be killed in."""
    shutil.copytree(EXAMPLE / "data", folder)
    with open(folder / "sales_pipeline.csv", "a", encoding="utf-8") as file:
        for row in read(EXAMPLE / "data", "sales_pipeline.csv")[:48]:
            for copy in range(1, times):
                file.write(",".join([f"{row['opportunity_id']}-{copy}", *list(row.values())[1:]]) + "\n")
    return folder


class Kill(unittest.TestCase):
    def test_died_while_delivering(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            run("--db", folder / "whole.db", "--json", folder / "whole.json")
            for when in ("before", "after"):
                for at in (1, 7, 23):
                    with self.subTest(when=when, at=at):
                        db = folder / f"{when}{at}.db"
                        code = DYING.format(example=str(EXAMPLE), when=when, at=at)
                        died = subprocess.run([sys.executable, "-B", "-c", code, "--db", db], capture_output=True)
                        self.assertEqual(died.returncode, 9, died.stderr.decode())
                        run("--db", db, "--json", f"{db}.json", "--verify")
                        self.assertEqual(read_answers(Path(f"{db}.json")), read_answers(folder / "whole.json"))
                        self.assertEqual(self.effects(db), self.effects(folder / "whole.db"))

    def test_killed_and_resumed(self) -> None:
        print(f"LEAT_SEED={SEED}", flush=True)
        chance = random.Random(SEED)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            self.data = many_deals(folder / "data", 8)
            started = time.monotonic()
            run("--data", self.data, "--db", folder / "whole.db", "--json", folder / "whole.json")
            whole = time.monotonic() - started
            expected = read_answers(folder / "whole.json")
            effects = self.effects(folder / "whole.db")
            kills = rounds = 0
            while kills < KILLS:
                rounds += 1
                db = folder / f"{rounds}.db"
                # Each life does a part of the work; the next one goes on. A few deaths a run, then one that may finish.
                for _ in range(chance.randint(2, 8)):
                    kills += self.live_and_die(db, chance.uniform(0.1, 0.7) * whole)
                    if db.exists():
                        self.verify(db)
                run("--data", self.data, "--db", db, "--json", f"{db}.json", "--verify")
                self.assertEqual(read_answers(Path(f"{db}.json")), expected)
                self.assertEqual(self.effects(db), effects)
            print(f"{kills} kills in {rounds} runs", flush=True)

    data: Path

    def live_and_die(self, db: Path, seconds: float) -> int:
        """1 when it was killed, 0 when it was done before."""
        child = subprocess.Popen(command("--data", self.data, "--db", db), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            _, errors = child.communicate(timeout=seconds)
            self.assertEqual(child.returncode, 0, errors.decode())
            return 0
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.communicate()
            return 1

    def verify(self, db: Path) -> None:
        with closing(sqlite3.connect(db)) as connection:
            tables = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'leat_log'").fetchone()
            if not tables or not connection.execute("SELECT count(*) FROM leat_log").fetchone()[0]:
                return  # killed before the definitions were in it
        with leat.Engine(None, db) as engine:
            result = engine.verify()
            self.assertTrue(result.ok, result)

    def effects(self, db: Path) -> list[tuple]:
        """What happened, without the numbers that tell when: every order in the ledger once, every record once."""
        with closing(sqlite3.connect(db)) as connection, closing(sqlite3.connect(f"{db}.ledger")) as ledger:
            found = [tuple(ledger.execute("SELECT count(*), count(DISTINCT order_no), count(DISTINCT effect) FROM orders").fetchone()),
                     tuple(sorted(ledger.execute("SELECT customer, amount, ordered_on FROM orders").fetchall()))]
            for table in ("opportunity", "quotation", "contract", '"order"', "delivery", "invoice", "payment"):
                found.append((table, connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]))
            found.append(tuple(connection.execute("SELECT status, count(*) FROM leat_outbox GROUP BY status").fetchall()))
            found.append(tuple(connection.execute("SELECT topic, count(*) FROM leat_outbox WHERE topic = 'erp.create_order' GROUP BY topic").fetchall()))
            return found


if __name__ == "__main__":
    unittest.main()
