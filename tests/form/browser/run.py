#!/usr/bin/env python3
"""A form of an order in a browser: rendered by stock renderers, filled in, submitted to the engine, refused at a field.

    run.py --leat build/dev/bin/leat --work build/dev/tests/form_browser

Installs the renderers of package.json into the work folder with npm, bundles the page, starts a small host and drives
Chromium. Ends with 77 (skipped) and says why where Chromium or npm's packages cannot be had; in continuous integration
(CI=true) that is a failure. Screenshots stay in the work folder.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SKIPPED = 77


def skip(why):
    print(f"skipped: {why}")
    sys.exit(1 if os.environ.get("CI") == "true" else SKIPPED)


def install(work):
    if not shutil.which("npm") or not shutil.which("node"):
        skip("there is no npm and node: install nodejs and npm")
    wanted = (HERE / "package.json").read_text(encoding="utf-8")
    manifest, stamp = work / "package.json", work / "installed.json"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    manifest.write_text(wanted, encoding="utf-8")
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error"]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True)
    if done.returncode != 0:
        skip("npm cannot install the renderers:\n" + done.stdout + done.stderr)
    stamp.write_text(wanted, encoding="utf-8")


def bundle(work):
    for name in ("page.jsx", "page.html", "drive.mjs"):
        shutil.copy(HERE / name, work / name)
    subprocess.run(
        [str(work / "node_modules/.bin/esbuild"), "page.jsx", "--bundle", "--format=esm", "--target=es2022", "--jsx=automatic",
         '--define:process.env.NODE_ENV="production"', "--log-level=error", "--outfile=page.js"],
        cwd=work, check=True)


class Leat:
    def __init__(self, leat, database):
        self.leat, self.database = leat, str(database)

    def __call__(self, *arguments):
        done = subprocess.run([self.leat, *arguments], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"leat {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        return done.stdout


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--leat", required=True)
    parser.add_argument("--work", required=True, type=Path)
    given = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        skip("there is no chromium: install Debian's package chromium")
    given.work = given.work.resolve()
    given.work.mkdir(parents=True, exist_ok=True)
    install(given.work)
    bundle(given.work)

    database = given.work / "orders.db"
    for left in given.work.glob("orders.db*"):
        left.unlink()
    leat = Leat(given.leat, database)
    leat("deploy", str(database), str(HERE.parent / "orders.yaml"))
    leat("create", str(database), "user", "key=li", "name=李雷", 'roles:=["clerk"]')
    leat("create", str(database), "customer", "name=华东贸易")
    leat("create", str(database), "customer", "name=北方机械")

    server = subprocess.Popen([sys.executable, str(HERE / "server.py"), given.leat, str(database), str(given.work)],
                              stdout=subprocess.PIPE, text=True)
    try:
        port = server.stdout.readline().strip()
        driven = subprocess.run(["node", "drive.mjs", f"http://127.0.0.1:{port}", chromium, str(given.work)], cwd=given.work,
                                capture_output=True, text=True)
    finally:
        server.terminate()
        server.wait()
    sys.stdout.write(driven.stdout + driven.stderr)
    if driven.returncode != 0:
        sys.exit("the browser did not come through")

    keys = driven.stdout.split()
    assert keys == ["SO-0001", "SO-0002", "SO-0003"], keys
    import json
    first = json.loads(leat("show", str(database), "order", keys[0], "--json"))
    assert str(first["total"]) == "31.45", first
    assert [line["product"] for line in first["lines"]] == ["螺丝", "螺母"], first
    assert [str(line["amount"]) for line in first["lines"]] == ["0.7", "30.75"], first
    assert first["reason"] == "客户停产" and first["owner"] == "li", first
    second = json.loads(leat("show", str(database), "order", keys[1], "--json"))
    assert [line["serial"] for line in second["lines"]] == ["B-1", "B-2"], second
    third = json.loads(leat("show", str(database), "order", keys[2], "--json"))
    assert third["spec"] == {"颜色": [1.5, None]} and third["reason"] == "展会", third
    assert [line["serial"] for line in third["lines"]] == ["C-1", "C-2"] and str(third["total"]) == "14.0", third
    print("screenshots are in", given.work)


if __name__ == "__main__":
    main()
