#!/bin/sh
# SPDX-License-Identifier: MIT
# faces.sh - trains a DCGAN on faces, from a fresh clone to pictures in 10 minutes on 2 cores.
#
#     sh examples/faces.sh [IMAGE_DIR] [-- options of gan train]
#
# Installs what is missing through apt, builds, and trains a 64x64 DCGAN: on faces that it renders, or on the pictures in
# IMAGE_DIR (JPEG, PNG, BMP, PNM; searched recursively). Options behind -- win over the recipe below:
#
#     sh examples/faces.sh ~/pictures/cats -- --flip --max-minutes 60
#     sh examples/faces.sh -- --loss wgan-gp --width 32
#
# The run is in runs/faces-1, the next one in runs/faces-2, ... `gan train --help` lists the options.
set -eu

# --- the recipe ---
faces=12000      # pictures to render; a larger set is slower to make, and more varied
width=24         # channels next to the image; time goes with its square, pictures get better with it
batch=32         # small: many updates in little time
minutes=10       # for everything: what is left after setting up is for training
reserve=15       # seconds of it for the last pictures and the weights
# On small sets the discriminator learns faster than the generator: its real images have the target 0.9, and its rate is
# half of the generator's. The average over the last hundred steps takes out what each of them disturbs.
recipe="--size 64 --channels 3 --width $width --batch $batch --smooth 0.1 --lr-g 4e-4 --lr-d 2e-4 --ema 0.99
--sample-every 250 --checkpoint-every 500"

started=$(date +%s)
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/cmake/setup.sh"

# Threads that stay on their core, and wait for the next piece of work without sleeping.
export OMP_PROC_BIND="${OMP_PROC_BIND-close}"

usage() {
    sed -n 's/^# \{0,1\}//; 3,13p' "$0"
}

render() {
    data=$root/build/faces64
    [ -f "$data/attributes.jsonl" ] && return 0
    say "rendering $faces faces into ${data#"$root"/}"
    "$build/data/make_faces" --force --out "$data" --size 64 --count "$faces" >&2
}

# runs/faces-N, N the first that is free.
fresh() {
    mkdir -p "$root/runs"
    n=1
    until mkdir "$root/runs/faces-$n" 2>/dev/null; do
        [ -e "$root/runs/faces-$n" ] || die "cannot make the folder $root/runs/faces-$n"
        n=$((n + 1))
    done
    out=$root/runs/faces-$n
}

# Minutes for training, with two decimals; never under one.
left() {
    seconds=$((minutes * 60 - reserve - $(date +%s) + started))
    [ "$seconds" -ge 60 ] || seconds=60
    printf '%d.%02d' $((seconds / 60)) $((seconds % 60 * 100 / 60))
}

data=
case ${1-} in
-h | --help) usage && exit 0 ;;
'' | --) ;;
-*) usage >&2 && exit 2 ;;
*) data=$1 && shift ;;
esac
case ${1-} in
'') ;;
--) shift ;;
*) usage >&2 && exit 2 ;;
esac
[ -z "$data" ] || [ -e "$data" ] || die "there is no $data"
[ ! -d "$data" ] || data=$(cd "$data" && pwd) # so that the run can be gone on with from anywhere

# shellcheck disable=SC2086
need $base_packages
build release gan make_faces
[ -n "$data" ] || render
fresh
gan=$build/gan
time=$(left)
say "training for $time minutes; Ctrl-C saves and stops"

trap : INT # gan saves and stops by itself
status=0
# shellcheck disable=SC2086
"$gan" train --data "$data" --out "$out" $recipe --max-minutes "$time" "$@" || status=$?
case $status in
0 | 130) ;;
*) rmdir "$out" 2>/dev/null && exit $status ;;
esac

last=
for picture in "$out"/samples/*.png; do [ -f "$picture" ] && last=$picture; done
cat <<END

pictures  $out/samples  (the last: ${last##*/})
log       $out/log.jsonl
model     $out/generator.safetensors
new faces $gan sample --model $out --out new.png --seed 7
go on     $gan train --out $out --resume
all took  $(($(date +%s) - started)) seconds
END
exit $status
