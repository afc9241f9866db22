#!/usr/bin/env python3
"""Plants one fault for each house rule in a small tree and expects tidy.py to name it; a tree without faults passes."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

TIDY = Path(__file__).parent / "tidy.py"
GOOD = "// base: a room for the canary. Start reading here.\n#pragma once\n"

# What is planted: path, content, the line that must be reported.
PLANTED = [
    ("src/base/up.hpp", '// Above.\n#pragma once\n#include "engine/engine.hpp"\n', "src/base/up.hpp:3: floors: upward"),
    ("src/task/side.cpp", '#include "timer/timer.hpp"\n', "src/task/side.cpp:1: floors: sideways"),
    ("src/program/store.cpp", '#include "store/store.hpp"\n', "src/program/store.cpp:1: floors: program must not know store"),
    ("src/shell/inside.cpp", '#include "engine/engine.hpp"\n', "src/shell/inside.cpp:1: floors: shell sees include/leat only"),
    ("src/attic/box.cpp", "int box;\n", "src/attic/box.cpp:1: floors: room 'attic' has no floor"),
    ("src/feel/a.hpp", '// A.\n#pragma once\n#include "feel/b.hpp"\n', None),
    ("src/feel/b.hpp", '// feel: B.\n#pragma once\n#include "feel/a.hpp"\n', "cycles: feel/a.hpp includes feel/b.hpp includes feel/a.hpp"),
    ("src/base/long.cpp", "int x;\n" * 601, "src/base/long.cpp:601: size: 601 lines"),
    ("src/base/string_utils.cpp", "int y;\n", "names: 'string_utils.cpp' says nothing"),
    ("src/base/type.cpp", "class LockManager {};\n", "names: 'LockManager' says nothing"),
    ("src/engine/direct.cpp", "#include <sqlite3.h>\n", "src/engine/direct.cpp:1: owners: sqlite3.h"),
    ("src/engine/sql.cpp", 'const char* s = "SELECT 1";\n', "src/engine/sql.cpp:1: sql:"),
    ("src/engine/now.cpp", "auto now = std::chrono::system_clock::now();\n", "src/engine/now.cpp:1: time:"),
    ("src/engine/later.cpp", "// TO" + "DO: all of it\n", "src/engine/later.cpp:1: unfinished:"),
    ("docs/where.md", "see /" + "work/main\n", "docs/where.md:1: paths:"),
    ("src/value/bare.hpp", "#pragma once\n", "src/value/bare.hpp:1: headers: a header opens with a comment"),
    ("src/value/twice.hpp", "// value: read twice.\n", "src/value/twice.hpp:1: headers: '#pragma once' is missing"),
    ("src/query/quiet.hpp", "// Says nothing of its room.\n#pragma once\n", "src/query:1: headers: no header of the room"),
    ("tests/tidy/allowed.txt", "size src/base/gone.cpp was long once\n", "allowed: size src/base/gone.cpp: nothing needs this exception"),
]


def run(root, *more):
    return subprocess.run([sys.executable, str(TIDY), str(root), *more], capture_output=True, text=True)


def write(root, path, content):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(content)


def main():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, "src/base/base.hpp", GOOD)
        write(root, "src/base/built.cpp", '#include "base/base.hpp"\n')
        commands = root / "compile_commands.json"
        commands.write_text(json.dumps([{"directory": str(root), "file": "src/base/built.cpp"}]))
        clean = run(root, "--compile-commands", str(commands))
        assert clean.returncode == 0, clean.stdout + clean.stderr
        for path, content, _ in PLANTED:
            write(root, path, content)
        planted = run(root, "--compile-commands", str(commands))
        print(planted.stdout, planted.stderr)
        assert planted.returncode == 1
        expected = [line for _, _, line in PLANTED if line] + ["src/engine/sql.cpp:1: built:"]
        missing = [line for line in expected if line not in planted.stdout]
        assert not missing, f"tidy.py overlooked: {missing}"


if __name__ == "__main__":
    main()
