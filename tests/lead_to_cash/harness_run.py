"""Runs the harness as a process of its own, as a user would."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from company import EXAMPLE


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-B", str(EXAMPLE / "run.py"), *map(str, arguments)]


def run(*arguments: object, expect: int = 0) -> str:
    """What it prints. Raises AssertionError when it ends otherwise than expected."""
    done = subprocess.run(command(*arguments), capture_output=True, text=True, env={**os.environ, "PYTHONUTF8": "1"})
    assert done.returncode == expect, f"exit code {done.returncode}, not {expect}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def read_answers(path: Path) -> dict[str, Any]:
    """Without the time that it took, which is never the same twice."""
    answers = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    assert answers.pop("seconds") >= 0
    return answers
