#!/usr/bin/env python3
"""libleat exports leat.h and nothing else: header, version script and library agree.   symbols.py LIBRARY SOURCE_DIR

The linker accepts a listed name that does not exist, so the library is asked, too.
"""
import re
import subprocess
import sys
from pathlib import Path


def difference(what, left, right):
    return [f"{what}: {name}" for name in sorted(left - right)]


def main():
    library, source = sys.argv[1], Path(sys.argv[2])
    header = set(re.findall(r"^LEAT_API[^;]*?\b(leat_\w+)\s*\(", (source / "include/leat/leat.h").read_text(), re.M))
    script = (source / "src/capi/leat.map").read_text()
    listed = set(re.findall(r"^\s+(\w+);$", script, re.M))
    table = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    exported = set()
    for line in table.splitlines():
        name = line.split()[-1].split("@")[0]
        if not name.startswith("LEAT_"):  # the version itself
            exported.add(name)
    faults = (
        difference("in leat.h, not in leat.map", header, listed)
        + difference("in leat.map, not in leat.h", listed, header)
        + difference("in leat.map, not in the library", listed, exported)
        + difference("in the library, not in leat.map", exported, listed)
    )
    print("\n".join(faults) or f"{len(exported)} functions")
    soname = subprocess.run(["readelf", "-d", library], check=True, capture_output=True, text=True).stdout
    if "[libleat.so.0]" not in soname:
        faults.append("soname")
        print("the soname is not libleat.so.0")
    return 1 if faults or not header else 0


if __name__ == "__main__":
    sys.exit(main())
