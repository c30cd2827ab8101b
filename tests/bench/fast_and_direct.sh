#!/bin/sh
# SPDX-License-Identifier: MIT
# fast_and_direct.sh DATA [DIR] - does training with fast convolutions end where it ends with direct ones?
#
#     tests/bench/fast_and_direct.sh train-images-idx3-ubyte.gz [build/checked]
#     SEEDS='1 2 3' STEPS=1500 OPTIONS='--size 32 --channels 1 --width 32' tests/bench/fast_and_direct.sh DATA DIR
#
# Trains with each seed in both ways and prints the sliced Wasserstein distance of the generator's pictures to the
# data, and the floor: that between two halves of the data. The ways differ in the last digits of every step, so runs
# drift apart; their distances must agree within what another seed alters.
set -eu
data=$1 here=$(cd "$(dirname "$0")" && pwd)
build=${2:-$here/../../build/checked}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

printf '| seed | auto | direct | floor |\n| --- | --- | --- | --- |\n'
for seed in ${SEEDS:-1 2 3}; do
    for conv in auto direct; do
        # shellcheck disable=SC2086
        "$build/gan" train --data "$data" --out "$work/$conv" --seed "$seed" --conv $conv --steps "${STEPS:-1500}" \
            --sample-every 0 --checkpoint-every 0 --holdout 0 ${OPTIONS:---size 32 --channels 1 --width 32} \
            >"$work/log" 2>&1 </dev/null || { cat "$work/log" >&2 && exit 1; }
        "$build/tests/swd" "$work/$conv" "$data" >"$work/$conv.swd"
        rm -rf "${work:?}/$conv"
    done
    printf '| %s | %s | %s | %s |\n' "$seed" "$(cut -d ' ' -f 1 "$work/auto.swd")" "$(cut -d ' ' -f 1 "$work/direct.swd")" \
        "$(cut -d ' ' -f 2 "$work/direct.swd")"
done
