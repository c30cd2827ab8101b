#!/bin/sh
# SPDX-License-Identifier: MIT
# balance_images.sh DATA OUT - n_critic on pictures, at equal cost: 0.5, 1, 5 and auto.
#
#     STEPS=3000 SEED=1 POLICIES='1 auto' OPTIONS='--width 24' TRAIN='--flip' sh tests/bench/balance_images.sh pictures out [build/checked]
#
# OPTIONS are those that a step's cost depends on (gan bench step takes them), TRAIN the others.
#
# The budget is what STEPS steps cost with n_critic 1, in multiply-adds as `gan bench step` counts them. Prints for each
# the steps made, D steps a G step, and the sliced Wasserstein distance of the generator's pictures to the data, with
# its floor, that between two halves of the data. Runs go on where they were interrupted.
set -eu
data=$1 out=$2 here=$(cd "$(dirname "$0")" && pwd)
build=${3:-$here/../../build/checked}
gan=$build/gan
steps=${STEPS:-3000}
options=${OPTIONS:---width 24 --batch 32 --ema 0.99}
train=${TRAIN:---lr-g 4e-4 --smooth 0.1 --flip}
mkdir -p "$out"

# gflop N STEPS: what a step costs with that n_critic, the mean of so many.
gflop() {
    # shellcheck disable=SC2086
    "$gan" bench step $options --n-critic "$1" --steps "$2" --warmup 0 --json | sed -n 's/.*"gflop_per_step": \([^,]*\),*/\1/p'
}

# spent RUN: G steps, D steps and their cost so far.
spent() {
    awk -v d="$cost_d" -v g="$cost_g" -v rest="$cost_rest" -F '"n_critic": ' '
        NF > 1 { steps++; updates += $2 + 0; rests += $2 + 0 == 0 }
        END { printf "%d %d %.6f\n", steps, updates, updates * d + (steps - rests) * g + rests * rest }' "$1/log.jsonl"
}

one=$(gflop 1 1)
five=$(gflop 5 1)
half=$(gflop 0.5 2)
cost_d=$(awk "BEGIN { print ($five - $one) / 4 }")
cost_g=$(awk "BEGIN { print $one - $cost_d }")
cost_rest=$(awk "BEGIN { print 2 * $half - $one }") # G makes its own images where D rests
budget=$(awk "BEGIN { print $one * $steps }")

# Trains up to a step; once more is nothing.
train() {
    resume=
    [ ! -f "$out/$1/checkpoint.safetensors" ] || resume=--resume
    # shellcheck disable=SC2086
    "$gan" train --data "$data" --out "$out/$1" $options $train --seed "${SEED:-1}" --n-critic "$1" --steps "$2" \
        --sample-every 0 --checkpoint-every 500 $resume >"$out/$1.txt" 2>&1 </dev/null
}

printf '| n_critic | G steps | D steps a G step | distance | floor |\n| --- | --- | --- | --- | --- |\n'
for policy in ${POLICIES:-0.5 1 5 auto}; do
    done=0
    while :; do
        left=0
        [ ! -f "$out/$policy/log.jsonl" ] || {
            # shellcheck disable=SC2046
            set -- $(spent "$out/$policy")
            done=$1 updates=$2 left=$3
        }
        # As many steps as surely fit, at the dearest.
        more=$(awk "BEGIN { print int(($budget - $left) / $(case $policy in 0.* | 1) echo "$one" ;; *) echo "$five" ;; esac)) }")
        [ "$more" -gt 0 ] || break
        train "$policy" $((done + more))
    done
    # shellcheck disable=SC2046
    set -- $("$build/tests/swd" "$out/$policy" "$data")
    printf '| %s | %s | %s | %s | %s |\n' "$policy" "$done" "$(awk "BEGIN { printf \"%.2f\", $updates / $done }")" "$1" "$2"
done
