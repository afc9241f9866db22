#!/usr/bin/env python3
"""The house rules as a test: floors, names, sizes, and which room may know what.

    tidy.py ROOT [--compile-commands FILE]

Prints one line a fault, `path:line: rule: what is wrong`, and exits with 1 when there is any. Each rule is a function
below that yields faults; canary.py plants one fault for each and expects it to be found.
"""
import argparse
import json
import os
import re
import sys
from pathlib import Path

CODE = {".cpp", ".hpp", ".h", ".c", ".py", ".cmake", ".sh", ".inc"}
TEXT = CODE | {".md", ".txt", ".yaml", ".json", ".toml", ".pyi", ".in"}
SKIPPED = {".git", "build", "__pycache__", ".venv", "node_modules", ".pytest_cache", "dist"}
LINES_MAX = 600

# Words that name no concept, as parts of file names and of types.
BANNED = ("util", "utils", "helper", "helpers", "common", "manager")
# Third parties that only one room may see (capi: the type of the joined connection; shell: a host, which reads answers).
ONLY_IN = {
    "sqlite3.h": {"store", "capi"},
    "yaml-cpp/": {"yaml"},
    "pugixml.hpp": {"dmn", "exchange"},
    "zlib.h": {"exchange"},
    "pcre2.h": {"feel"},
    "rapidjson/": {"base", "shell"},
    "openssl/": {"base"},
    "date/": {"value"},
    "bid_": {"value"},
}
SQL_ROOMS = {"query", "store", "journal", "task", "timer", "outbox", "inbox", "catalog", "exchange", "file"}
# These print entity SQL through query, but own a leat_* table or two: their texts may name those and nothing else.
SQL_OWN_TABLES = {"record"}
SQL = re.compile(
    r'"\s*(SELECT\s|INSERT\s+(OR\s|INTO\s)|UPDATE\s+\S+\s+SET\b|DELETE\s+FROM\b|REPLACE\s+INTO\b|'
    r"(CREATE|DROP|ALTER)\s+(TABLE|INDEX|VIEW|UNIQUE|TRIGGER)\b|PRAGMA\s|SAVEPOINT\b|RELEASE\b|BEGIN\s+(IMMEDIATE|DEFERRED)\b|COMMIT\b|ROLLBACK\b)"
)
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|root|home)/|/t""mp/b/")


class Tree:
    def __init__(self, root):
        self.root = Path(root)
        self.files = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(f for f in folders if f not in SKIPPED and not f.startswith("build") and not f.endswith(".egg-info"))
            for name in sorted(names):
                path = Path(folder) / name
                if path.suffix in TEXT or name == "CMakeLists.txt":
                    self.files.append(path.relative_to(self.root))
        self._texts = {}

    def text(self, path):
        if path not in self._texts:
            self._texts[path] = (self.root / path).read_text(encoding="utf-8", errors="replace")
        return self._texts[path]

    def lines(self, path):
        return enumerate(self.text(path).splitlines(), 1)

    def sources(self, *suffixes):
        return [f for f in self.files if f.parts[0] == "src" and len(f.parts) > 2 and f.suffix in (suffixes or (".cpp", ".hpp"))]


class Fault:
    def __init__(self, rule, path, line, text):
        self.rule, self.path, self.line, self.text = rule, str(path), line, text

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


class Floors:
    def __init__(self, text):
        self.floor, self.allow, self.deny, self.public = {}, set(), set(), set()
        for line in text.splitlines():
            words = line.split("#")[0].split()
            if not words:
                continue
            if words[0] in ("allow", "deny"):
                getattr(self, words[0]).add((words[1], words[2]))
            elif words[0] == "public":
                self.public.update(words[1:])
            else:
                for room in words[1:]:
                    self.floor[room] = int(words[0].rstrip(":"))

    def why_not(self, room, other):
        """Why `room` may not include `other`; None when it may."""
        if other == room or (room, other) in self.allow:
            return None
        if room in self.public:
            return f"{room} sees include/leat only, not {other}"
        if (room, other) in self.deny:
            return f"{room} must not know {other}"
        if self.floor[other] > self.floor[room]:
            return f"upward: {other} is on floor {self.floor[other]}, {room} on {self.floor[room]}"
        if self.floor[other] == self.floor[room]:
            return f"sideways: {other} and {room} are neighbours on floor {self.floor[room]}"
        return None


INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^">]+)[">]')


def check_floors(tree, floors):
    for path in tree.sources(".cpp", ".hpp", ".inc"):
        room = path.parts[1]
        if room not in floors.floor:
            yield Fault("floors", path, 1, f"room '{room}' has no floor in tests/tidy/floors.txt")
            continue
        for number, line in tree.lines(path):
            found = INCLUDE.match(line)
            if not found or found[1].split("/")[0] not in floors.floor:
                continue
            why = floors.why_not(room, found[1].split("/")[0])
            if why:
                yield Fault("floors", path, number, why)


def check_cycles(tree, floors):
    graph = {}
    for path in tree.sources(".hpp"):
        own = "/".join(path.parts[1:])
        graph[own] = [found[1] for _, line in tree.lines(path) if (found := INCLUDE.match(line))]
    state = {}

    def visit(header, trail):
        state[header] = "open"
        for other in graph[header]:
            if other not in graph:
                continue
            if state.get(other) == "open":
                yield Fault("cycles", "src/" + header, 1, " includes ".join(trail + [header, other]))
            elif other not in state:
                yield from visit(other, trail + [header])
        state[header] = "done"

    for header in graph:
        if header not in state:
            yield from visit(header, [])


def check_sizes(tree, floors):
    for path in tree.files:
        if path.suffix not in CODE or path.parts[0] not in ("src", "include", "tests", "bindings", "examples"):
            continue
        count = len(tree.text(path).splitlines())
        if count > LINES_MAX:
            yield Fault("size", path, count, f"{count} lines; {LINES_MAX} is the most that one file may have")


def check_names(tree, floors):
    declared = re.compile(r"\b(?:class|struct|namespace|union|enum(?:\s+class)?)\s+(\w+)")
    for path in tree.files:
        if path.parts[0] not in ("src", "include", "tests", "bindings", "examples"):
            continue
        for part in path.parts:
            if set(re.split(r"[^a-z]+", part.lower())) & set(BANNED):
                yield Fault("names", path, 1, f"'{part}' says nothing; name the concept")
        if path.suffix not in (".cpp", ".hpp", ".h"):
            continue
        for number, line in tree.lines(path):
            for name in declared.findall(line.split("//")[0]):
                words = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)
                if {w.lower() for w in words} & set(BANNED):
                    yield Fault("names", path, number, f"'{name}' says nothing; name the concept")


def check_owners(tree, floors):
    for path in tree.sources(".cpp", ".hpp", ".inc"):
        for number, line in tree.lines(path):
            found = INCLUDE.match(line)
            for library, rooms in ONLY_IN.items():
                if found and found[1].startswith(library) and path.parts[1] not in rooms:
                    yield Fault("owners", path, number, f"{found[1]} may be included in {', '.join(sorted(rooms))} only")


def check_sql(tree, floors):
    for path in tree.sources(".cpp", ".hpp"):
        if path.parts[1] in SQL_ROOMS:
            continue
        for number, line in tree.lines(path):
            own = path.parts[1] in SQL_OWN_TABLES and re.search(r"\bleat_|pragma_table_info", line)
            if SQL.search(line) and not own:
                yield Fault("sql", path, number, "SQL text; query prints it, or the room that owns the table has it")


def check_time(tree, floors):
    for path in tree.sources(".cpp", ".hpp", ".inc"):
        if str(path) == "src/base/clock.cpp":
            continue
        for number, line in tree.lines(path):
            code = line.split("//")[0]
            if "chrono::system_clock" in code or re.search(r"\b(gettimeofday|time)\s*\(\s*(NULL|nullptr|0)\s*\)", code):
                yield Fault("time", path, number, "the time comes from base::Clock; only base/clock.cpp asks the system")


def check_unfinished(tree, floors):
    for path in tree.files:
        for number, line in tree.lines(path):
            if UNFINISHED.search(line):
                yield Fault("unfinished", path, number, "finish it, or say in a refusal that it is not built")


def check_paths(tree, floors):
    for path in tree.files:
        for number, line in tree.lines(path):
            if MACHINE_PATH.search(line):
                yield Fault("paths", path, number, "a path of one machine")


def opening(tree, path):
    lines = []
    for _, line in tree.lines(path):
        if not line.startswith("//"):
            break
        lines.append(line)
    return "\n".join(lines)


def check_headers(tree, floors):
    rooms = {}
    for path in tree.sources(".hpp"):
        comment = opening(tree, path)
        if not comment:
            yield Fault("headers", path, 1, "a header opens with a comment that says what it is for")
        if "#pragma once" not in tree.text(path):
            yield Fault("headers", path, 1, "'#pragma once' is missing")
        room = path.parts[1]
        rooms.setdefault(room, False)
        if re.match(rf"// {room}\b", comment) or f"room {room}" in comment or "tart reading" in comment or f"of {room}" in comment:
            rooms[room] = True
    for room, introduced in rooms.items():
        if not introduced:
            yield Fault("headers", f"src/{room}", 1, "no header of the room opens with '// " + room + ": what it is for'")


RULES = [check_floors, check_cycles, check_sizes, check_names, check_owners, check_sql, check_time, check_unfinished, check_paths, check_headers]


def check_built(tree, compile_commands):
    built = {os.path.realpath(os.path.join(entry["directory"], entry["file"])) for entry in json.loads(Path(compile_commands).read_text())}
    for path in tree.sources(".cpp"):
        if os.path.realpath(tree.root / path) not in built:
            yield Fault("built", path, 1, "no target compiles this file")


def read_allowed(root):
    path = root / "tests/tidy/allowed.txt"
    allowed = []
    if path.exists():
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                rule, where, reason = (line.split(None, 2) + ["", ""])[:3]
                allowed.append([rule, where, reason, number, False])
    return allowed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root")
    parser.add_argument("--compile-commands")
    arguments = parser.parse_args()
    tree = Tree(arguments.root)
    floors = Floors((Path(__file__).parent / "floors.txt").read_text())
    faults = [fault for rule in RULES for fault in rule(tree, floors)]
    if arguments.compile_commands:
        faults += check_built(tree, arguments.compile_commands)
    allowed = read_allowed(tree.root)
    left = []
    for fault in faults:
        match = next((a for a in allowed if a[0] == fault.rule and a[1] == fault.path), None)
        if match:
            match[4] = True
        else:
            left.append(fault)
    for rule, where, reason, number, used in allowed:
        if not reason:
            left.append(Fault("allowed", "tests/tidy/allowed.txt", number, f"{where}: an exception needs a reason"))
        if not used:
            left.append(Fault("allowed", "tests/tidy/allowed.txt", number, f"{rule} {where}: nothing needs this exception"))
    for fault in left:
        print(fault)
    print(f"{len(tree.files)} files, {len(left)} faults")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
