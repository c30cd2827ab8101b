#!/bin/sh
# SPDX-License-Identifier: MIT
# make_data.sh MAKE_FACES DATA RUNS - a little data for the tests that train: DATA/faces, 64 faces of 32 x 32, and
# DATA/digits-idx3-ubyte, 64 noise pictures of 28 x 28, with
# labels in DATA/labelled. Empties RUNS, where their results go.
set -eu
make_faces=$1 data=$2 runs=$3

rm -rf "$runs"
mkdir -p "$data" "$runs"
[ -f "$data/faces/attributes.jsonl" ] ||
    "$make_faces" --out "$data/faces" --force --count 64 --size 32 --threads 2

# IDX: 0, 0, unsigned bytes, 3 dimensions; 64, 28, 28; then the bytes: those of the program will do.
{
    printf '\000\000\010\003\000\000\000\100\000\000\000\034\000\000\000\034'
    cat "$make_faces" "$make_faces" | head -c $((64 * 28 * 28))
} >"$data/digits-idx3-ubyte"

# The same as MNIST names them, with labels 0 to 9 in turn.
mkdir -p "$data/labelled"
cp "$data/digits-idx3-ubyte" "$data/labelled/train-images-idx3-ubyte"
{
    printf '\000\000\010\001\000\000\000\100'
    for i in 0 1 2 3 4 5 6; do printf '\000\001\002\003\004\005\006\007\010\011'; done | head -c 64
} >"$data/labelled/train-labels-idx1-ubyte"
