#!/bin/sh
# Installs the library into a folder of its own, moves that folder, and builds a host against it: with CMake's package and
# with pkg-config.   installed.sh BUILD_DIR SOURCE_DIR
set -eu
build=$1 source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --component library --prefix "$work/first" >"$work/log"
mv "$work/first" "$work/prefix"
cmake -S "$source/tests/capi/consumer" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Debug >>"$work/log"
cmake --build "$work/build" >>"$work/log" || { cat "$work/log"; exit 1; }
"$work/build/consumer"
"$work/build/consumer_cpp"

PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name leat.pc)")
export PKG_CONFIG_PATH
# shellcheck disable=SC2046
cc -std=c99 -o "$work/plain" "$source/tests/capi/consumer/main.c" $(pkg-config --cflags --libs leat)
LD_LIBRARY_PATH=$(pkg-config --variable=libdir leat) "$work/plain"
