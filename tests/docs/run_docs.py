#!/usr/bin/env python3
"""Runs every code block of the documentation: what a page shows is what happens.

    run_docs.py --page docs/guide.md --leat build/dev/bin/leat [--library build/dev/libleat.so.0] [--python PYTHON]
    run_docs.py --pages            every page is known here, every link leads somewhere, every block says what it is, every code is listed

The blocks of a page run in order, in one new folder. A fence says what its block is:

    ```yaml NAME              a file, written to the folder (`append`: added to it)
    ```yaml with NAME         sections that hold beside the file NAME: the two together are checked with `leat check`
    ```csv NAME, ```xml NAME  likewise a file
    ```diff NAME              a change of the file NAME: the lines without '+' are replaced by those without '-'
    ```sh [exit=N]            run by bash; the last command's exit code is N, or 0
    ```sh setup               not run (it installs, or it runs the tests): its syntax is checked, and that the files that it names exist
    ```python [more]          run by Python with the package leat; `more`: after the page's earlier Python blocks
    ```c, ```cpp              compiled against leat.h and libleat, and run
    ```text                   what the block before it prints; "..." stands for any text, a line of it for any lines
    ```text figure            nothing is printed: a drawing
"""
import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# Its tables, SQL and program are compared with what the rooms write, in tests/catalog/file_format.cpp.
TESTED_ELSEWHERE = {"docs/file_format.md"}
LANGUAGES = {"yaml", "csv", "xml", "diff", "sh", "python", "c", "cpp", "text"}
FENCE = re.compile(r"^```(.*)$")


class Wrong(Exception):
    """A block that is not true."""


class Block:
    def __init__(self, page, line, info, text):
        self.page, self.line, self.text = page, line, text
        words = info.split()
        self.language = words[0] if words else ""
        self.words = words[1:]

    def where(self):
        return f"{self.page}:{self.line}"

    def exit_code(self):
        return next((int(word[5:]) for word in self.words if word.startswith("exit=")), 0)


def blocks_of(page):
    found, start, info, lines = [], 0, "", []
    for number, line in enumerate((ROOT / page).read_text(encoding="utf-8").splitlines(), 1):
        fence = FENCE.match(line)
        if not fence:
            lines.append(line)
        elif start:
            found.append(Block(page, start, info, "\n".join(lines) + "\n"))
            start = 0
        else:
            start, info, lines = number, fence[1], []
    if start:
        raise Wrong(f"{page}:{start}: the block has no end")
    return found


def pages():
    return ["README.md"] + sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))


def agrees(expected, printed):
    """Line by line; "..." stands for any text, as a line of its own for any lines."""
    pattern = ""
    for line in expected.rstrip("\n").split("\n"):
        if line.strip() == "...":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += r"[^\n]*".join(re.escape(part) for part in line.rstrip().split("...")) + r"[ \t]*\n"
    return re.fullmatch(pattern, printed.rstrip("\n") + "\n") is not None


class Page:
    def __init__(self, name, options, folder):
        self.name, self.options, self.folder = name, options, Path(folder)
        self.python_before = []
        self.skipped = 0
        self.environment = dict(os.environ, LANG="C.UTF-8", LC_ALL="C.UTF-8", TZ="UTC", PYTHONDONTWRITEBYTECODE="1")
        self.environment["PATH"] = f"{Path(options.leat).parent}:{self.environment['PATH']}"

    def run(self):
        printed, ran = None, 0
        for block in blocks_of(self.name):
            if block.language == "text":
                if "figure" in block.words or printed is None:
                    continue  # a drawing, or the output of a block that could not run here
                if not agrees(block.text, printed):
                    raise Wrong(f"{block.where()}: the page says\n\n{block.text}\nbut this is printed:\n\n{printed}")
                continue
            printed = getattr(self, "run_" + block.language)(block)
            ran += 1
        return ran

    def command(self, block, arguments, expected=0, text=None):
        done = subprocess.run(arguments, cwd=self.folder, env=self.environment, input=text, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=120, encoding="utf-8")
        if done.returncode != expected:
            raise Wrong(f"{block.where()}: exit code {done.returncode} instead of {expected}:\n\n{done.stdout}")
        return done.stdout

    def file(self, block, mode="w"):
        path = self.folder / block.words[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open(mode, encoding="utf-8") as out:
            out.write(block.text)

    def run_csv(self, block):
        self.file(block)

    def run_xml(self, block):
        self.file(block)

    def run_yaml(self, block):
        if block.words[0] == "with":
            base = (self.folder / block.words[1]).read_text(encoding="utf-8")
            (self.folder / "checked.yaml").write_text(f"{base}---\n{block.text}", encoding="utf-8")
            self.command(block, ["leat", "check", "checked.yaml"])
        else:
            self.file(block, "a" if "append" in block.words else "w")

    def run_diff(self, block):
        path = self.folder / block.words[0]
        before = path.read_text(encoding="utf-8")
        lines = block.text.splitlines()
        old = "".join(line[1:] + "\n" for line in lines if line[:1] in (" ", "-"))
        new = "".join(line[1:] + "\n" for line in lines if line[:1] in (" ", "+"))
        if before.count(old) != 1:
            raise Wrong(f"{block.where()}: {before.count(old)} places of {path.name} are\n\n{old}")
        path.write_text(before.replace(old, new), encoding="utf-8")

    def run_sh(self, block):
        if "setup" not in block.words:
            return self.command(block, ["bash", "-c", block.text], block.exit_code())
        self.command(block, ["bash", "-n"], text=block.text)
        for word in shlex.split(block.text, comments=True):
            if re.match(r"(tests|examples|bindings)/", word) and not (ROOT / word).exists():
                raise Wrong(f"{block.where()}: there is no {word}")
        return None

    def run_python(self, block):
        if not self.options.python:
            self.skipped += 1
            return None
        before = self.python_before if "more" in block.words else []
        program = "import contextlib, io, os\n"
        for text in before:
            program += f"with contextlib.redirect_stdout(io.StringIO()):\n    exec(compile({text!r}, 'earlier', 'exec'), globals())\n"
        program += f"exec(compile({block.text!r}, 'block', 'exec'), globals())\n"
        printed = self.command(block, [self.options.python, "-W", "error", "-c", program], block.exit_code())
        self.python_before = before + [block.text]
        return printed

    def compiled(self, block, compiler, suffix, standard):
        library = Path(self.options.libleat).resolve()
        source = self.folder / ("block" + suffix)
        source.write_text(block.text, encoding="utf-8")
        program = self.folder / "block"
        self.command(block, [compiler, standard, "-Wall", "-Wextra", "-Werror", "-I", str(ROOT / "include"), str(source), str(library),
                             f"-Wl,-rpath,{library.parent}", "-o", str(program)])
        return self.command(block, [str(program)], block.exit_code())

    def run_c(self, block):
        return self.compiled(block, os.environ.get("CC", "cc"), ".c", "-std=c99")

    def run_cpp(self, block):
        return self.compiled(block, os.environ.get("CXX", "c++"), ".cpp", "-std=c++17")


def check_pages(registered):
    """What can be said without running anything."""
    faults = []
    for page in pages():
        if page not in registered and page not in TESTED_ELSEWHERE:
            faults.append(f"{page}: no test runs this page; add it to tests/docs/CMakeLists.txt")
        text = (ROOT / page).read_text(encoding="utf-8")
        prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
        for target in re.findall(r"\]\(([^)\s]+)\)", prose):
            path, _, anchor = target.partition("#")
            if target.startswith(("http://", "https://", "mailto:")):
                continue
            linked = (ROOT / page).parent / path if path else ROOT / page
            if not linked.exists():
                faults.append(f"{page}: the link {target} leads nowhere")
            elif anchor and linked.suffix == ".md" and anchor not in anchors(linked):
                faults.append(f"{page}: {linked.name} has no heading #{anchor}")
        if page not in TESTED_ELSEWHERE:
            faults += block_faults(page)
    return faults + list(code_faults())


def code_faults():
    """docs/diagnostics.md has the codes of the sources, all of them and no others."""
    page = ROOT / "docs" / "diagnostics.md"
    if not page.exists():
        return
    told = set(re.findall(r"`([a-z]+(?:\.[a-z_]+)+)`", page.read_text(encoding="utf-8")))
    said = {}
    for path in sorted((ROOT / "src").rglob("*.[ch]pp")):
        for line in path.read_text(encoding="utf-8").splitlines():
            for code in re.findall(r'"([a-z]+(?:\.[a-z_]+)+)"', line.split("//")[0]):
                said.setdefault(code, path.relative_to(ROOT))
    areas = {code.split(".")[0] for code in told}
    for code in sorted(set(said) - told):
        if code.split(".")[0] in areas:
            yield f"docs/diagnostics.md: the code {code} of {said[code]} is not there"
    for code in sorted(told - set(said)):
        yield f"docs/diagnostics.md: nothing says {code} any more"


def anchors(path):
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}


def block_faults(page):
    before = None
    for block in blocks_of(page):
        if block.language not in LANGUAGES:
            yield f"{block.where()}: a block of kind '{block.language}' is not run; known: {', '.join(sorted(LANGUAGES))}"
        elif block.language in ("yaml", "csv", "xml", "diff") and not block.words:
            yield f"{block.where()}: the block does not say its file"
        elif block.language == "text" and "figure" not in block.words and (before is None or before.language in ("yaml", "csv", "xml", "diff")):
            yield f"{block.where()}: nothing prints this; a drawing is 'text figure'"
        before = block


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page", nargs="+", help="the pages to run, each in a folder of its own")
    parser.add_argument("--pages", nargs="*", help="checks all pages; the names are those that some test runs")
    parser.add_argument("--leat", help="the leat command")
    parser.add_argument("--library", dest="libleat", help="libleat, for C and C++")
    parser.add_argument("--python", default="", help="an interpreter that has the package leat; without one its blocks are left out")
    parser.add_argument("--keep", help="a folder to run in, kept afterwards")
    options = parser.parse_args()
    # Blocks run elsewhere. Not resolved: a virtual environment's interpreter is a link.
    options.leat, options.python = (path and os.path.abspath(path) for path in (options.leat, options.python))
    try:
        for name in options.page or []:
            with tempfile.TemporaryDirectory(prefix="leat_docs.") as temporary:
                if options.keep:
                    Path(options.keep).mkdir(parents=True, exist_ok=True)
                page = Page(name, options, options.keep or temporary)
                ran = page.run()
                print(f"{name}: {ran - page.skipped} blocks ran" + (f", {page.skipped} in Python left out (no interpreter given)" if page.skipped else ""))
        if options.page:
            return 0
        faults = check_pages(options.pages or [])
        print("\n".join(faults) if faults else f"{len(pages())} pages")
        return 1 if faults else 0
    except Wrong as wrong:
        print(wrong, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
