#!/bin/sh
# SPDX-License-Identifier: MIT
# kill.sh GAN FACES OUT [ROUNDS] - a run that is killed again and again, at any moment, and resumed each time, ends as one
# that was left in peace; and at each moment its files are whole.
set -eu
gan=$1 faces=$2 out=$3 rounds=${4:-12}
rm -rf "$out"
mkdir -p "$out"

finish() { # NAME OPTION...
    run=$out/$1
    shift
    "$gan" train --out "$run" "$@" >"$out/log" 2>&1 </dev/null || { cat "$out/log" && exit 1; }
}

settings="--data $faces --size 32 --width 8 --nz 8 --batch 16 --sample-every 0 --checkpoint-every 1 --steps 400 --threads 1"
# shellcheck disable=SC2086
finish quiet $settings
round=0
options=$settings
while [ "$round" -lt "$rounds" ]; do
    # shellcheck disable=SC2086
    "$gan" train --out "$out/killed" $options >"$out/log" 2>&1 </dev/null &
    pid=$!
    sleep "0.$((round * 7 % 10))$((round * 3 % 10))" # from 0 to almost 1 second
    kill -KILL $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
    for file in generator discriminator checkpoint; do
        file=$out/killed/$file.safetensors
        [ ! -f "$file" ] || "$gan" info "$file" >"$out/log" 2>&1 || { cat "$out/log" && exit 1; }
    done
    if [ -f "$out/killed/checkpoint.safetensors" ]; then
        options=--resume
    else
        rm -rf "$out/killed" # killed before there was anything to go on from
    fi
    round=$((round + 1))
done
finish killed $options
for file in generator discriminator checkpoint; do
    cmp "$out/quiet/$file.safetensors" "$out/killed/$file.safetensors"
done
[ "$(grep -vc '"finding"' "$out/killed/log.jsonl")" -eq 400 ] || { echo "log.jsonl has not one line a step" && exit 1; }
for run in quiet killed; do grep '"finding"' "$out/$run/log.jsonl" >"$out/$run/found" || true; done
cmp "$out/quiet/found" "$out/killed/found" || { echo "the doctor said other things" && exit 1; }
echo "$rounds times killed; the same bytes"
