#!/bin/bash
# Does all set-up on a fresh Debian 12, builds everything and runs every test; ctest's summary closes the run.
#   bash tests/run.sh                      everything
#   bash tests/run.sh -R engine            what follows goes to ctest
#   LEAT_RUN_ASAN=1 bash tests/run.sh      first the C++ tests once more, under AddressSanitizer and UndefinedBehaviorSanitizer
# In continuous integration (CI=true) the sanitizers run and warnings are errors. ccache is used when it is there.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
cd "$LEAT_ROOT"
jobs=$(nproc)
werror=OFF asan=${LEAT_RUN_ASAN:-0}
if [[ ${CI:-} == true ]]; then
    werror=ON asan=1
fi

LEAT_PACKAGES+=(python3-mypy python3-jsonschema chromium fonts-wqy-microhei) # only the tests need them
command -v npm >/dev/null || LEAT_PACKAGES+=(nodejs npm)                   # for the form in a browser
leat_packages
leat_venv

if [[ $asan == 1 ]]; then
    # The rooms and the C ABI. The shell and Python are hosts of a library of their own, and are tested below.
    leat_quietly "configuring with sanitizers" cmake --preset asan -DLEAT_SHELL=OFF -DLEAT_PYTHON=OFF -DLEAT_BENCH=OFF "-DLEAT_WERROR=$werror"
    leat_quietly "building with sanitizers" cmake --build --preset asan -j "$jobs"
    ctest --preset asan -j "$jobs" -E '^tidy' # which wants the shell's files compiled, too
fi

# One configuration for everything else, so that nothing is compiled twice.
leat_quietly "configuring" cmake -S . -B "$LEAT_RELEASE" -G Ninja -DCMAKE_BUILD_TYPE=Release -DLEAT_PYTHON=ON "-DLEAT_WERROR=$werror" \
    "-DPYTHON_EXECUTABLE=$LEAT_VENV/bin/python" "-DLEAT_TEST_PYTHON=$LEAT_VENV/bin/python"
leat_quietly "building" cmake --build "$LEAT_RELEASE" -j "$jobs"
leat_python
exec ctest --test-dir "$LEAT_RELEASE" --output-on-failure -j "$jobs" "$@"
