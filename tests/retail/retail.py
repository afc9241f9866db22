#!/usr/bin/env python3
"""541,909 lines of invoices, imported as invoices with lines, return the totals of reference.json to the cent.

    retail.py LEAT DATA     DATA has online_retail_uci/; without it the test is skipped (77)
"""
import json
import subprocess
import sys
import tempfile
import time
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(leat, data):
    folder = Path(data) / "online_retail_uci"
    table = folder / "online_retail.csv.gz"
    if not table.exists():
        print(f"{folder} is not here: LEAT_DATA_DIR says where the data are")
        return 77
    expected = json.loads((folder / "reference.json").read_text(), parse_float=Decimal)
    with tempfile.TemporaryDirectory() as work:
        database = str(Path(work) / "retail.db")

        def run(*words):
            done = subprocess.run([leat, *words], capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"leat {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
            return json.loads(done.stdout, parse_float=Decimal) if "--json" in words else done.stdout

        def report(name):
            return run("report", database, name, "--as", "li", "--json")["rows"]

        def cents(value):
            return Decimal(value).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)

        wrong = 0

        def same(what, ours, theirs):
            nonlocal wrong
            if ours != theirs:
                wrong += 1
                print(f"{what}: {ours}, but reference.json says {theirs}")

        run("deploy", database, str(HERE / "retail.yaml"))
        run("create", database, "user", "key=li", "name=Li", 'roles:=["clerk"]')
        begin = time.monotonic()
        answer = run("import", database, "invoice", str(table), "--map", f"@{HERE / 'map.json'}", "--as", "li", "--json")
        print(f"{answer['rows']} rows in {time.monotonic() - begin:.1f} s")
        same("rows", answer["rows"], expected["rows"])
        same("invoices", (answer["created"], answer["rejected"]), (expected["invoices"], 0))

        kinds = {row["kind"]: row for row in report("by_kind")}
        same("lines", sum(row["lines"] for row in kinds.values()), expected["rows"])
        same("all rows", cents(sum(row["total"] for row in kinds.values())), cents(expected["sum_quantity_times_price_all_rows"]))
        sale, cancel, adjusted = kinds["sale"], kinds["cancel"], kinds["adjustment"]
        same("sale lines", sale["sold_lines"], expected["sale_lines"])
        same("sales", cents(sale["revenue"]), cents(expected["sale_revenue"]))
        same("cancellations", (cancel["invoices"], cancel["lines"]), (expected["cancel_invoices"], expected["cancel_lines"]))
        same("cancelled", cents(cancel["total"]), cents(expected["cancel_value"]))
        rows = expected["adjustment_rows_A"]
        total = sum(int(row["Quantity"]) * Decimal(row["UnitPrice"]) for row in rows)
        same("adjustments", (adjusted["lines"], cents(adjusted["total"])), (len(rows), cents(total)))
        months = {f"{row['year']}-{row['month']:02}": cents(row["revenue"]) for row in report("by_month")}
        same("months", months, {month: cents(value) for month, value in expected["sale_revenue_by_month"].items()})
        countries = {row["country"]: cents(row["revenue"]) for row in report("by_country") if row["revenue"]}
        same("countries", countries, {name: cents(value) for name, value in expected["sale_revenue_by_country"].items()})

        verified = run("verify", database, "--json")
        same("the log", (verified["ok"], verified["rows"]), (True, expected["invoices"] + 3))
        return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
