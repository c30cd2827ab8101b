#!/bin/sh
# SPDX-License-Identifier: MIT
# cli_tasks.sh GAN MAKE_FACES - images made of images: gan upscale, gan translate, and what is measured of them; digits
# on demand, and stacked ones.
set -eu
. "$(cd "$(dirname "$0")" && pwd)/cli_lib.sh"

# size_is FILE WIDTH HEIGHT: of a PNG
size_is() {
    seen=$(od -An -tu1 -j16 -N8 "$1" | awk '{ print $3 * 256 + $4, $7 * 256 + $8 }')
    [ "$seen" = "$2 $3" ] || fail "$1 is $seen, not $2 $3"
}
face=$(find faces -name '*.png' | sort | head -n 1)
few='--batch 2 --steps 2 --width 4 --threads 1 --sample-every 0'

# --- larger: any size of picture, in tiles or at once ---
# shellcheck disable=SC2086
{
    gives 0 train --data faces --task superres --scale 2 --arch-d patch --size 32 --depth 1 --holdout 0.2 $few --out larger
    gives 0 train --data faces --size 32 --nz 4 $few --out plain
}
gives 0 upscale --model larger --tile 16 --halo 12 --threads 1 "$face" tiles.png
gives 0 upscale --model larger/generator.safetensors --tile 0 "$face" whole.png
size_is whole.png 64 64
cmp tiles.png whole.png || fail "tiles leave seams"
awk 'BEGIN { print "P2 7 50 255"; for (i = 0; i < 350; i++) print i % 256 }' >narrow.pgm
gives 0 upscale --model larger narrow.pgm narrow.png
size_is narrow.png 14 100
refused 2 "two pictures are wanted: gan upscale" upscale --model larger "$face"
refused 2 "--model FILE|DIR is wanted" upscale "$face" out.png
refused 2 "--tile is '-1'" upscale --model larger --tile -1 "$face" out.png
refused 1 "makes images of latent vectors, not of images: see gan sample" upscale --model plain "$face" out.png
refused 1 "no-such.png" upscale --model larger no-such.png out.png
refused 1 "no/where/out.png" upscale --model larger "$face" no/where/out.png

# Of pictures that a cubic follows best, that is seen; the generator knows nothing yet.
gives 0 bench upscale --model larger --threads 1 --json
above() { awk -v a="$1" -v b="$2" -F'[:,]' 'index($1, a) { x = $2 } index($1, b) { y = $2 } END { exit !(x > y) }' out; }
for way in nearest bilinear bicubic model; do grep -q "\"$way\": [0-9]" out || fail "no PSNR of $way"; done
above bicubic nearest || fail "nearest is above bicubic"
above bicubic model || fail "a generator of two steps is above bicubic"
gives 0 bench upscale --model larger --data faces --threads 1
prints "bicubic"
refused 2 "--model DIR is wanted" bench upscale
refused 2 "superres" bench upscale --model plain

# --- into another: pairs side by side, and two ways without pairs ---
# shellcheck disable=SC2086
{
    gives 0 train --data faces --task translate --arch-g resnet9 --depth 1 --size 32 --add l1:1 $few --out there
    gives 0 train --data faces --task cycle --data-b faces --size 32 --depth 1 --add cycle:1 $few --out both
}
gives 0 translate --model there --threads 1 narrow.pgm out.png
size_is out.png 32 32 # that of the model
gives 0 translate --model both "$face" there.png
gives 0 translate --model both --back "$face" back.png
cmp -s there.png back.png && fail "there and back are one way"
refused 2 "two pictures are wanted: gan translate" translate --model there
refused 1 "--back: the model knows the way there alone" translate --model there --back "$face" out.png
refused 1 "see gan sample" translate --model plain "$face" out.png

# --- digits: ten patterns that a classifier tells apart within a second, as MNIST names its files ---
mkdir patterns
for d in 0 1 2 3 4 5 6 7 8 9; do
    head -c $((d * 78)) /dev/zero && head -c 78 /dev/zero | tr '\000' '\377' && head -c $((706 - d * 78)) /dev/zero
done >ten
for set in train t10k; do
    {
        printf '\000\000\010\003\000\000\007\320\000\000\000\034\000\000\000\034' # 2000 of 28 x 28
        for i in 1 2 3 4 5 6 7 8 9 10; do for k in 1 2 3 4 5 6 7 8 9 10; do cat ten ten; done; done
    } >patterns/$set-images-idx3-ubyte
    {
        printf '\000\000\010\001\000\000\007\320'
        for i in 1 2 3 4 5 6 7 8 9 10; do
            for k in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do printf '\000\001\002\003\004\005\006\007\010\011'; done
        done
    } >patterns/$set-labels-idx1-ubyte
done
# shellcheck disable=SC2086
gives 0 train --data patterns --size 28 --channels 1 --nz 4 --condition-g concat --condition-d projection $few --out drawn
gives 0 bench digits --model drawn --data patterns --count 3 --threads 1 --json
says "of the test set right"
grep -q '"right_and_sure": [0-9]' out || fail "no part that is right"
gives 0 bench digits --model drawn --data patterns --count 3 --threads 1 # the classifier is there already
prints "were read with a probability of 0.9 or more"
refused 2 "--model FILE|DIR and --data DIR are wanted" bench digits --model drawn
refused 1 "one of 28x28x1 in 10 is wanted" bench digits --model plain --data patterns
refused 1 "there is no train-images-idx3-ubyte in faces" bench digits --model drawn --data faces --classifier other

gives 0 bench modes stacked-mnist --data patterns --steps 2 --seeds 1 --batch 8 --jobs 1 --out stacked
prints "three digits as the channels of a picture"
[ -s stacked/samples-1.png ] || fail "stacked digits are not drawn"
echo "cli_tasks: ok"
