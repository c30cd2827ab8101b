#!/bin/sh
# SPDX-License-Identifier: MIT
# Compares the networks that make images of images, their discriminators, and wide ones of arch resnet with PyTorch: needs a
# built library (target gan_static) and Python 3 with PyTorch and numpy. small makes the golden files again; full compares the networks as wide as
# in the papers, which needs 4 GiB of memory and 1 GiB for files.
# usage: tests/golden/image_nets.sh BUILD_DIR small|full|CASE [PYTHON]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cc -std=c11 -O2 -D_POSIX_C_SOURCE=200809L -I "$root/include" -o "$tmp/image_nets" "$here/image_nets.c" \
  "$1/libgan.a" $(pkg-config --libs openblas jansson zlib) -fopenmp -pthread -lm
"$tmp/image_nets" "$tmp" "$2"
"${3:-python3}" -B "$here/image_nets.py" "$tmp" $([ "$2" != small ] || echo "$here")
