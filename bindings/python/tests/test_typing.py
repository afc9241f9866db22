"""What type checkers see of the package: it is strict itself, and its stub says what the native module has."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mypy", reason="Debian's package mypy is not installed")

HOST = """
import leat

program = leat.load("app.yaml")
with leat.Engine(program, "app.db") as engine, engine.session("li") as session:
    outcome = session.create("lead", company="ACME")
    reveal_type(outcome)
    reveal_type(session.show("lead", outcome.key))
    reveal_type(engine.next_due())
    session.create(7)
"""


def run(tmp_path, *arguments):
    environment = dict(os.environ, MYPY_CACHE_DIR=str(tmp_path / "cache"))
    return subprocess.run([sys.executable, "-m", *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True)


def test_the_package_is_strict(tmp_path):
    checked = run(tmp_path, "mypy", "--strict", "-p", "leat")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_stub_is_true(tmp_path):
    allowed = Path(__file__).with_name("stubtest_allowlist.txt")
    checked = run(tmp_path, "mypy.stubtest", "leat._core", "--allowlist", str(allowed))
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_host_is_checked(tmp_path):
    (tmp_path / "host.py").write_text(HOST)
    checked = run(tmp_path, "mypy", "host.py")
    for expected in (
        'host.py:7: note: Revealed type is "leat.outcome.Outcome"',
        'Revealed type is "builtins.dict[builtins.str, Any]"',
        'Revealed type is "Union[datetime.datetime, None]"',
        'host.py:10: error: Argument 1 to "create" of "Session" has incompatible type "int"; expected "str"',
    ):
        assert expected in checked.stdout, checked.stdout + checked.stderr
