# What a fresh Debian 12 machine needs to build, run and test Leat. To be sourced:
#   . tests/setup.sh
#   leat_packages            installs the Debian packages that are missing
#   leat_venv                makes the virtual environment $LEAT_VENV
#   leat_python              builds libleat and the extension in $LEAT_RELEASE, installs the package into $LEAT_VENV
# Each is quiet, and quick when there is nothing to do; what they say is in $LEAT_SETUP_LOG, and printed when they fail.

LEAT_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
LEAT_RELEASE=${LEAT_RELEASE:-$LEAT_ROOT/build/release}
LEAT_VENV=${LEAT_VENV:-$LEAT_ROOT/build/venv}
LEAT_SETUP_LOG=$LEAT_ROOT/build/setup.log

# Debian's own: the extension is built against its headers.
LEAT_PYTHON3=/usr/bin/python3
LEAT_PACKAGES=(g++ cmake ninja-build pkg-config ca-certificates tzdata
    libsqlite3-dev libyaml-cpp-dev libfmt-dev libssl-dev libhowardhinnant-date-dev libintelrdfpmath-dev rapidjson-dev libcli11-dev
    libpcre2-dev libpugixml-dev zlib1g-dev
    catch2 sqlite3
    python3 python3-dev python3-venv python3-setuptools python3-wheel python3-pip pybind11-dev python3-pybind11 python3-pytest)

# leat_quietly WHAT COMMAND...: WHAT is said on a terminal, the command's output only when it fails.
leat_quietly() {
    local what=$1 from
    shift
    mkdir -p "$(dirname "$LEAT_SETUP_LOG")"
    from=$(wc -l 2>/dev/null <"$LEAT_SETUP_LOG" || echo 0)
    echo "setup: $what" >&2
    if ! "$@" >>"$LEAT_SETUP_LOG" 2>&1; then
        tail -n "+$((from + 1))" "$LEAT_SETUP_LOG" | tail -n 60 >&2
        echo "setup: $what failed; all of it is in $LEAT_SETUP_LOG" >&2
        return 1
    fi
}

leat_packages() {
    command -v dpkg-query >/dev/null || return 0 # not Debian: whoever builds here brings the libraries
    local package installed missing=() as_root=()
    installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${LEAT_PACKAGES[@]}" 2>/dev/null || true)
    for package in "${LEAT_PACKAGES[@]}"; do
        [[ $'\n'$installed$'\n' == *$'\n'"$package installed"$'\n'* ]] || missing+=("$package")
    done
    ((${#missing[@]} == 0)) && return 0
    if ((EUID != 0)); then
        command -v sudo >/dev/null || {
            echo "setup: as root, please: apt-get install ${missing[*]}" >&2
            return 1
        }
        as_root=(sudo)
    fi
    leat_quietly "package lists" "${as_root[@]}" apt-get update -q
    leat_quietly "installing ${missing[*]}" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "${missing[@]}"
}

leat_venv() {
    [[ -x $LEAT_VENV/bin/python ]] && return 0
    # Debian's setuptools and pybind11 are seen from inside: no network is needed to install the package.
    leat_quietly "virtual environment" "$LEAT_PYTHON3" -m venv --system-site-packages "$LEAT_VENV"
}

leat_python() {
    leat_venv
    if [[ ! -f $LEAT_RELEASE/build.ninja ]] || ! grep -q '^LEAT_PYTHON:BOOL=ON' "$LEAT_RELEASE/CMakeCache.txt"; then
        leat_quietly "configuring" cmake -S "$LEAT_ROOT" -B "$LEAT_RELEASE" -G Ninja -DCMAKE_BUILD_TYPE=Release -DLEAT_PYTHON=ON \
            "-DPYTHON_EXECUTABLE=$LEAT_VENV/bin/python"
    fi
    if ! cmake --build "$LEAT_RELEASE" --target leat_python -- -n 2>/dev/null | grep -q 'no work to do'; then
        leat_quietly "building libleat and its Python module (the first time: some minutes)" cmake --build "$LEAT_RELEASE" --target leat_python
    fi
    local stamp=$LEAT_VENV/leat.installed
    if [[ -f $stamp && -z $(find "$LEAT_ROOT/bindings/python/leat" "$LEAT_ROOT/bindings/python/setup.py" "$LEAT_RELEASE/bindings/python/core" \
        "$LEAT_RELEASE"/libleat.so* -newer "$stamp" -not -path '*/__pycache__*' -type f -print -quit) ]]; then
        return 0
    fi
    LEAT_BUILD_DIR=$LEAT_RELEASE leat_quietly "installing the Python package" \
        "$LEAT_VENV/bin/python" -m pip install -q --disable-pip-version-check --no-build-isolation --no-deps --force-reinstall "$LEAT_ROOT/bindings/python"
    touch "$stamp"
}
