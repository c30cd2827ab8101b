#!/bin/sh
# SPDX-License-Identifier: MIT
# modes.sh - the runs behind the tables of docs/balance.md. Each goes on where it was interrupted, and one that is
# done is not made again; a row for each goes to results.jsonl in its folder.
#
#     sh tests/bench/modes.sh OUT [MNIST] [points | balance | digits | paper ...]
#
#   points    ring and grid: the papers' recipe, PacGAN's packs, the best recipe; 20,000 steps, 5 seeds
#   balance   ring and grid: policies at the cost of 20,000 steps, 5 seeds; a ring under WGAN-GP; with MNIST,
#             stacked, discriminators half and a quarter as wide as their generator
#   digits    stacked MNIST (MNIST: its folder): plain with 50,000 steps, the best three with 14,000 or 20,000; 3 seeds
#   paper     ring and grid: the papers' full 400,000 steps, plain and with PacGAN's packs, 2 seeds
#
# On two cores: about 2, 4, 4 and 9 hours.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
gan=${GAN:-$root/build/release/gan}
out=${1:?"usage: modes.sh OUT [MNIST] [points | balance | digits | paper ...]"}
shift
mnist=
[ ! -d "${1-}" ] || { mnist=$1 && shift; }
[ $# -gt 0 ] || set -- points balance digits paper
mkdir -p "$out"

# best LR_G LR_D WEIGHTS: the best recipe: relativistic with both zero-centred penalties, rates that fall to 0.
best() {
    printf '%s\n' --loss relativistic --penalty "r1:$3+r2:$3" --lr-g "$1" --lr-d "$2" --beta1 0 --beta2 0.99
}

# modes NAME PROBLEM OPTIONS...: one row
modes() {
    name=$1 && shift
    "$gan" bench modes "$@" --out "$out/$name"
    echo
}

# with_recipe NAME PROBLEM OPTIONS...: the same under the recipe that was just written.
with_recipe() {
    (IFS='
' && set -f && modes "$@" $(cat "$out/recipe"))
}

points() {
    for problem in ring grid; do
        modes $problem-paper $problem
        modes $problem-pack2 $problem --pack 2 --batch 200
    done
    rate='linear(1e-3->0,10000..20000)'
    best "$rate" "$rate" 0.005 >"$out/recipe"
    with_recipe ring-best ring
    best 'warmup(500)*cosine(3e-3->0,20000)' 'cosine(1e-3->0,20000)' 'exp(0.03->0.0003,20000)' >"$out/recipe"
    with_recipe grid-best grid --batch 200 --norm-g none --init he
}

# compare NAME PROBLEM OPTIONS...: a table of policies
compare() {
    name=$1 && shift
    "$gan" bench balance "$@" --out "$out/balance-$name"
    echo
}

balance() {
    compare ring ring
    compare grid grid
    compare ring-wgan-gp ring --networks wgan-gp --policies n1,n5,auto --seeds 1
    [ -n "$mnist" ] || return 0
    for ratio in 0.5 0.25; do
        compare digits-$ratio stacked-mnist --data "$mnist" --ratio $ratio --steps 10000 --policies n1,n5,auto
    done
    modes digits-two stacked-mnist --data "$mnist" --n-critic 2 --budget 4.712 --eval-every 430
    modes digits-quarter-two stacked-mnist --data "$mnist" --ratio 0.25 --n-critic 2 --budget 4.379 --eval-every 400
}

digits() {
    [ -n "$mnist" ] || { echo "modes.sh: digits wants MNIST's folder" >&2 && exit 2; }
    modes digits-paper stacked-mnist --data "$mnist" --seeds 3
    modes digits-seeking stacked-mnist --data "$mnist" --seeds 3 --steps 20000 --mode-seeking 1 --ema 0.999
    modes digits-pack2 stacked-mnist --data "$mnist" --seeds 3 --steps 20000 --pack 2 --ema 0.999
    modes digits-two-seeking stacked-mnist --data "$mnist" --seeds 3 --steps 14000 --n-critic 2 --mode-seeking 1 --ema 0.999
}

paper() {
    for problem in ring grid; do
        modes $problem-full $problem --steps 400000 --seeds 2
        modes $problem-full-pack2 $problem --steps 400000 --seeds 2 --pack 2 --batch 200
    done
}

for part; do
    case $part in
    points | balance | digits | paper) $part ;;
    *) echo "modes.sh: there is no part '$part'" >&2 && exit 2 ;;
    esac
done
