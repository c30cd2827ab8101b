#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh FUZZER DATA REAL_DATA - a fuzzer on the pictures that the tests make, and on the collection of bad ones in
# REAL_DATA/badimages where there is one. SEED, COUNT and SECONDS_EACH in the environment
# say which and how long.
set -eu
fuzzer=$1 data=$2 real=$3
seed=${SEED:-1}

case ${fuzzer##*/} in
fuzz_safetensors)
    exec "$fuzzer" "${COUNT:-200000}" "$seed"
    ;;
*)
    list=$(mktemp)
    trap 'rm -f "$list"' EXIT
    find "$data/faces" -name '00000*.png' >"$list"
    [ ! -d "$real/badimages" ] || find "$real/badimages" -type f -size -200k \( -name '*.png' -o -name '*.jp*g' \
        -o -name '*.bmp' -o -name '*.p?m' \) >>"$list"
    LC_ALL=C sort -o "$list" "$list"
    tr '\n' '\0' <"$list" | xargs -0 "$fuzzer" "${SECONDS_EACH:-120}s" "$seed"
    ;;
esac
