#!/usr/bin/env python3
"""A test of run_docs.py: it must find the fault that is planted here, and leave what is true alone."""
import argparse
import sys
import tempfile
import unittest
from pathlib import Path

import run_docs

OPTIONS = argparse.Namespace(leat="/bin/true", libleat="", python=sys.executable)


class Planted(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        root = run_docs.ROOT
        run_docs.ROOT = Path(self.folder.name)
        self.addCleanup(setattr, run_docs, "ROOT", root)
        (run_docs.ROOT / "docs").mkdir()

    def write(self, text):
        (run_docs.ROOT / "README.md").write_text(text, encoding="utf-8")

    def play(self, text):
        self.write(text)
        work = run_docs.ROOT / "work"
        work.mkdir()
        return run_docs.Page("README.md", OPTIONS, work).run()

    def test_true_pages_pass(self):
        self.assertEqual(self.play("```csv a.csv\nx\ny\n```\n```diff a.csv\n-y\n+z\n```\n```sh\ncat a.csv\n```\n```text\nx\nz\n```\n"), 3)

    def test_other_output(self):
        with self.assertRaisesRegex(run_docs.Wrong, "the page says"):
            self.play("```sh\necho one\n```\n```text\ntwo\n```\n")

    def test_exit_code(self):
        with self.assertRaisesRegex(run_docs.Wrong, "exit code 3 instead of 0"):
            self.play("```sh\nexit 3\n```\n")

    def test_exit_code_as_said(self):
        self.assertEqual(self.play("```sh exit=3\nexit 3\n```\n"), 1)

    def test_python_that_raises(self):
        with self.assertRaisesRegex(run_docs.Wrong, "ZeroDivisionError"):
            self.play("```python\n1 / 0\n```\n")

    def test_python_goes_on(self):
        self.assertEqual(self.play("```python\na = 1\nprint(a)\n```\n```python more\nprint(a + 1)\n```\n```text\n2\n```\n"), 2)

    def test_c_that_does_not_compile(self):
        with self.assertRaisesRegex(run_docs.Wrong, "exit code 1 instead of 0"):
            self.play("```c\nint main(void) { return x; }\n```\n")

    def test_change_of_what_is_not_there(self):
        with self.assertRaisesRegex(run_docs.Wrong, "0 places"):
            self.play("```csv a.csv\nx\n```\n```diff a.csv\n-y\n+z\n```\n")

    def test_setup_names_what_exists(self):
        with self.assertRaisesRegex(run_docs.Wrong, "there is no tests/gone.sh"):
            self.play("```sh setup\nbash tests/gone.sh\n```\n")

    def test_open_block(self):
        with self.assertRaisesRegex(run_docs.Wrong, "no end"):
            self.play("```sh\necho\n")

    def test_pages(self):
        self.write("[a](docs/gone.md) [b](#no-heading)\n# A heading\n```text\nnothing prints this\n```\n```perl\n```\n```yaml\n```\n[c](#a-heading)\n")
        (run_docs.ROOT / "docs" / "new.md").write_text("new\n", encoding="utf-8")
        faults = "\n".join(run_docs.check_pages(["README.md"]))
        for part in ("docs/gone.md leads nowhere", "no heading #no-heading", "nothing prints this", "'perl' is not run", "does not say its file",
                     "docs/new.md: no test runs this page"):
            self.assertIn(part, faults)
        self.assertEqual(len(faults.splitlines()), 6)


class Wildcards(unittest.TestCase):
    def test_lines_and_parts(self):
        self.assertTrue(run_docs.agrees("a\n...\nd\n", "a\nb\nc\nd\n"))
        self.assertTrue(run_docs.agrees("a\n...\nd\n", "a\nd\n"))
        self.assertTrue(run_docs.agrees("at ... o'clock\n", "at 10 o'clock  \n"))
        self.assertFalse(run_docs.agrees("a ... c\n", "a\nb c\n"))
        self.assertFalse(run_docs.agrees("a.c\n", "abc\n"))
        self.assertFalse(run_docs.agrees("a\n", "a\nb\n"))


if __name__ == "__main__":
    unittest.main()
