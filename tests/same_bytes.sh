#!/bin/sh
# SPDX-License-Identifier: MIT
# same_bytes.sh GAN FACES OUT - a run gives the same files with 1, 2 and 3 threads, and with a stop in between.
set -eu
gan=$1 faces=$2 out=$3
rm -rf "$out"
mkdir -p "$out"

train() { # NAME STEPS OPTION...
    run=$out/$1 steps=$2
    shift 2
    "$gan" train --out "$run" --steps "$steps" --checkpoint-every 0 "$@" >"$out/log" 2>&1 </dev/null ||
        { cat "$out/log" && exit 1; }
}

same() { # NAME: as one
    for file in generator discriminator checkpoint; do
        cmp "$out/one/$file.safetensors" "$out/$1/$file.safetensors"
    done
}

for loss in standard wgan-gp; do
    settings="--data $faces --size 32 --width 16 --nz 16 --batch 20 --loss $loss --ema 0.9 --sample-every 4 --flip"
    # shellcheck disable=SC2086
    train one 8 $settings --threads 1
    for threads in 2 3; do
        # shellcheck disable=SC2086
        train "threads$threads" 8 $settings --threads $threads
        same "threads$threads"
    done
    # shellcheck disable=SC2086
    train stopped 5 $settings --threads 2
    train stopped 8 --resume
    same stopped
    cmp "$out/one/samples/000008.png" "$out/stopped/samples/000008.png"
    echo "$loss: $(cat "$out"/one/*.safetensors | cksum)"
    rm -rf "$out"/one "$out"/threads? "$out"/stopped
done
