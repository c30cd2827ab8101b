#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the golden files again: needs a built double library (target gan_f64) and Python 3 with PyTorch and numpy.
# usage: tests/golden/make.sh BUILD_DIR [PYTHON]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cc -std=c11 -O2 -D_POSIX_C_SOURCE=200809L -DGAN_DOUBLE -I "$root/include" -I "$root/src" -o "$tmp/dump" "$here/dump.c" \
  "$1/libgan_f64.a" $(pkg-config --libs openblas jansson zlib) -fopenmp -pthread -lm
"$tmp/dump" "$tmp"
"${2:-python3}" -B "$here/make.py" "$tmp" "$here"
"${2:-python3}" -B "$here/ops.py" "$here"
"${2:-python3}" -B "$here/attention.py" "$here"
du -b -c "$here"/*.safetensors | tail -1
