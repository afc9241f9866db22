#!/bin/bash
# Does all set-up on a fresh Debian 12 and plays a sales pipeline from lead to cash. Without arguments the bundled one:
#   bash examples/lead_to_cash/run.sh
#   bash examples/lead_to_cash/run.sh --data FOLDER --db FILE --json FILE     (--help says more)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../tests/setup.sh"
leat_packages
leat_python
exec "$LEAT_VENV/bin/python" "$LEAT_ROOT/examples/lead_to_cash/run.py" "$@"
