#!/bin/sh
# SPDX-License-Identifier: MIT
# small_data.sh DATA OUT [BUILD] - few pictures, and what augmentation does to a discriminator that learns them by heart.
#
#     STEPS=5000 SEEDS='1 2' OPTIONS='--width 24' WAYS='none ada' sh tests/bench/small_data.sh pictures out
#
# Trains on nine tenths of the pictures without augmentation, with DiffAugment and with ADA, and prints for each way and
# seed, over the last tenth of the steps: how often D ranks a training picture above a generated one, and how often a
# held-out one (much less often: it knows its pictures by heart); then what `gan bench nearest` finds, in grey levels.
# Runs go on where they were interrupted; OUT/WAY-SEED.png has the generated pictures beside their nearest.
set -eu
data=$1 out=$2 here=$(cd "$(dirname "$0")" && pwd)
gan=${3:-$here/../../build/release}/gan
steps=${STEPS:-5000}
options=${OPTIONS:---size 64 --channels 1 --width 24 --batch 32 --ema 0.99 --beta1 0.5 --flip --threads 1}
mkdir -p "$out"

augmentation() {
    case $1 in
    none) echo "--augment none" ;;
    diffaugment) echo "--augment diffaugment" ;;
    ada) echo "--augment ada --augment-p auto --augment-images ${ADA_IMAGES:-50000}" ;;
    *) echo "there is no way '$1'; known: none, diffaugment, ada" >&2 && return 2 ;;
    esac
}

# late KEY RUN: mean over the last tenth of the steps.
late() {
    awk -v key="\"$1\": " -v from=$((steps - steps / 10)) -v step='"step": ' '
        function value(k) { return match($0, k "[-0-9]") ? substr($0, RSTART + length(k)) + 0 : "" }
        value(step) > from && value(key) != "" { sum += value(key); n++ }
        END { printf n ? "%.2f" : "-", n ? sum / n : 0 }' "$2/log.jsonl"
}

found() { sed -n "s/^  \"$1\": \([^,]*\),*\$/\1/p" "$2.json" | awk '{ printf "%.1f", $1 }'; }

echo "| augmentation | seed | auc | auc of held-out | nearest: made | held-out | % too near | diversity: made | trained on |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
for way in ${WAYS:-none diffaugment ada}; do
    how=$(augmentation "$way")
    for seed in ${SEEDS:-1 2}; do
        run=$out/$way-$seed resume=
        [ ! -f "$run/checkpoint.safetensors" ] || resume=--resume
        # shellcheck disable=SC2086
        "$gan" train --data "$data" --out "$run" $options $how --holdout 0.1 --steps "$steps" --seed "$seed" --sample-every 0 \
            $resume >"$run.txt" 2>&1 </dev/null
        "$gan" bench nearest --model "$run" --draw "$run.png" --json >"$run.json"
        echo "| $way | $seed | $(late auc "$run") | $(late auc_holdout "$run") | $(found nearest_made "$run") |" \
            "$(found nearest_held_out "$run") | $(found too_near "$run") | $(found diversity_made "$run") |" \
            "$(found diversity_trained_on "$run") |"
    done
done
