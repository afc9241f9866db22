#!/bin/bash
# Rewrites tests/diagnostics/*.expected from what the loader says now. Review the difference before committing it.
# Usage: tests/diagnostics/approve.sh [BUILD_DIR]   (default: build/dev)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${1:-$here/../../build/dev}
cmake --build "$build" --target leat_diagnostics
"$(find "$build" -type f -name leat_diagnostics -perm -u+x | head -n 1)" "$here" --approve
git -C "$here" --no-pager diff --stat -- .
