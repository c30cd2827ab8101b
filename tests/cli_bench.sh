#!/bin/sh
# SPDX-License-Identifier: MIT
# cli_bench.sh GAN MAKE_FACES - the kinds of `gan bench`, on networks so small that each takes a moment.
. "$(dirname "$0")/cli_lib.sh"

net='--size 32 --width 4 --nz 8 --threads 1'

# has KEY PATTERN...: the report has the key, at the beginning of a line, with a value that matches
has() {
    grep -qE "^  \"$1\": $2,?\$" out || fail "the report has no $1 like $2"
}
number='[0-9]+(\.[0-9]+)?(e[-+][0-9]+)?'
above_zero='([1-9][0-9]*(\.[0-9]+)?|0\.0*[1-9][0-9]*|[1-9](\.[0-9]+)?e[-+][0-9]+)(e[-+][0-9]+)?'

# is_object: braces and brackets balance, and no comma ends a list
is_object() {
    [ "$(sed -n '1p;$p' out | tr -d '\n')" = "{}" ] || fail "the report is not one object"
    tr -d '\n ' <out | grep -qE ',[]}]' && fail "a comma ends a list"
    [ "$(tr -cd '{[' <out | wc -c)" -eq "$(tr -cd ']}' <out | wc -c)" ] || fail "brackets do not balance"
}

about_the_machine() {
    has versions '\{"libgan": "[0-9.]+", "blas": ".+", "compiler": ".+"\}'
    has cpu '".+"'
    has machine '"(avx512|avx2|plain)"'
    has threads 1
}

# --- usage ---
refused 2 "gan bench wants a KIND" bench
says "step "
refused 2 "gan bench has no kind 'fly'" bench fly
for kind in step infer kernels; do
    gives 0 bench --help
    prints "  $kind"
    gives 0 bench $kind --help
    prints "usage: gan bench $kind"
    prints "  --threads N"
    refused 2 "--colour is not an option of gan bench $kind" bench $kind --colour
    refused 2 "'stray' is not an option; see gan bench $kind --help" bench $kind stray
done
gives 0 --man
prints '.SS bench step [options]'

# --- a step ---
refused 2 "--steps is '0'" bench step --steps 0
refused 2 "--warmup is 'x'" bench step --warmup x
refused 2 "--loss" bench step --loss
refused 2 "there is no loss 'hinges'" bench step --loss hinges
refused 2 "--norm-d batch" bench step $net --loss wgan-gp --norm batch
refused 2 "batch norm needs a batch of 2" bench step $net --batch 1
gives 0 bench step $net --batch 4 --steps 2 --warmup 2
prints "ms a step (median of 2"
prints "allocations a step"
for text in "D on real" "G step" "not charged" "conv2d_weight" "discriminator.main.0"; do prints "$text"; done
gives 0 bench step $net --batch 4 --steps 2 --warmup 3 --loss wgan-gp --n-critic 2 --norm none --json
is_object
for key in ms_per_step ms_per_step_min ms_per_step_max images_per_second gflops peak_rss_mib; do
    has $key "$above_zero"
done
has allocations_per_step 0.0
has steps 2
has settings '\{"size": "32", .*"norm-g": "none", "norm-d": "none", .*"n-critic": "2", .*\}'
about_the_machine
row="\"calls\": $number, \"ms\": $number, \"gflops\": $number, \"gbytes_per_second\": $number\\},?"
for part in data "D on real" "D on fake" "G forward" penalty "update D" "G step" "update G"; do
    grep -qE "^    \{\"part\": \"$part\", $row\$" out || fail "no part $part"
done
conv='"op": "conv2d", "scope": "discriminator.main.0", "shape": "\[4,16,16,4\]"'
grep -qE "^    \{\"part\": \"D on real\", $conv, \"calls\": 2.0, .*\\},?\$" out || fail "no row of the first convolution"
gives 0 bench step --arch mlp --size 8x6 --channels 1 --width 4 --nz 8 --batch 4 --threads 1 --steps 1 --warmup 0
prints "matmul"
for task in "cycle --add cycle:10 --norm-d instance" "translate --add l1:100" "superres --add charbonnier:1" \
    "generate --classes 3 --condition-g norm --condition-d projection --augment diffaugment"; do
    # shellcheck disable=SC2086
    gives 0 bench step $net --batch 2 --steps 1 --warmup 0 --depth 1 --task $task
    prints "ms a step"
done

# --- the generator alone ---
refused 2 "--runs is '0'" bench infer --runs 0
refused 2 "--batch is '-1'" bench infer --batch -1
gives 0 bench infer $net --runs 2
prints "images/s"
[ "$(lines out)" -eq 3 ] || fail "not a line for each of two batches"
gives 0 bench infer $net --runs 2 --batch 3 --json
is_object
has bench '"infer"'
about_the_machine
row="\"ms\": $number, \"ms_min\": $number, \"ms_max\": $number, \"images_per_second\": $number, \"gflops\": $number\\}"
grep -qE "^    \{\"batch\": 3, $row\$" out || fail "no figures for batch 3"

# --- kernels: every direction of every convolution is right ---
refused 2 "--threads is 'many'" bench kernels --threads many
gives 0 bench kernels --threads 1 --batch 1 --runs 1
for text in "D1, G5" conv2d_weight matmul "batch_norm backward" leaky_relu adam; do prints "$text"; done
gives 0 bench kernels --threads 1 --batch 2 --runs 1 --json
is_object
about_the_machine
for key in product_gflops peak_gflops copy_gbytes_per_second; do has $key "$above_zero"; done
row="\"ms\": $number, \"ms_min\": $number, \"ms_max\": $number, \"gflops\": $number"
ratios="\"of_product\": $number, \"of_peak\": $number, \"error\": [0-9.]+e-0?([6-9]|1[0-9])"
for direction in conv2d conv2d_input conv2d_weight; do
    found=$(grep -cE "^    \{\"layer\": .*, \"direction\": \"$direction\", $row, $ratios\},?\$" out || true)
    [ "$found" -eq 12 ] || fail "$found of 12 shapes of $direction are told, with an error below 1e-5"
done
for kernel in matmul leaky_relu batch_norm "attention backward" adam; do
    grep -qE "^    \{\"kernel\": \"$kernel\", .*$row, \"gbytes_per_second\": $number, \"of_copy\": $number\},?\$" out ||
        fail "no figures of $kernel"
done
# --- modes: toy problems, from data to a table ---
gives 0 bench --help
prints "  modes"
gives 0 bench modes --help
prints "usage: gan bench modes ring|grid|swiss-roll|stacked-mnist"
for text in "--networks NAME" "--lr-d X" "8 Gaussians on a circle" "beta1 0.8"; do prints "$text"; done
refused 2 "--colour is not an option of gan bench modes" bench modes ring --colour
refused 2 "wants a PROBLEM: ring, grid" bench modes
refused 2 "there is no problem 'spiral'; known: ring, grid, swiss-roll, stacked-mnist" bench modes spiral
refused 2 "one PROBLEM at a time" bench modes ring grid
refused 2 "no networks 'pacgan' for swiss-roll; known: wgan-gp" bench modes swiss-roll --networks pacgan
refused 2 "--ratio is '9'" bench modes stacked-mnist --ratio 9
refused 2 "--ratio is 'half'" bench modes stacked-mnist --ratio half
refused 2 "--budget is '-1'" bench modes ring --budget -1
refused 2 "--seeds is '0'" bench modes ring --seeds 0
refused 2 "--jobs is '-1'" bench modes ring --jobs -1
refused 2 "--steps is 'many'" bench modes ring --steps many
refused 2 "--eval-every is '-1'" bench modes ring --eval-every -1
refused 2 "--beta1 is '2'" bench modes ring --beta1 2
refused 2 "there is no loss 'least'" bench modes grid --loss least
refused 2 "stacked-mnist is made from files" bench modes stacked-mnist
refused 2 "--out is empty" bench modes ring --out ""
[ ! -e modes-ring ] || fail "a refused command has left a folder"
refused 1 "there is no train-images-idx3-ubyte in faces" bench modes stacked-mnist --data faces
mkdir few
{ printf '\000\000\010\003\000\000\000\012\000\000\000\034\000\000\000\034'; head -c 7840 /dev/zero; } >few/train-images-idx3-ubyte
printf '\000\000\010\001\000\000\000\012\000\001\002\003\004\005\006\007\010\011' >few/train-labels-idx1-ubyte
refused 1 "has 10 digits, fewer than 100" bench modes stacked-mnist --data few
refused 1 "cannot make the folder no/where" bench modes ring --out no/where
gives 0 bench modes ring --profile
for text in "ms a step" "D on fake" "maxout"; do prints "$text"; done

gives 0 bench modes ring --quick --seeds 1 --jobs 1
prints "200 steps of batch 100, 1 seeds"
[ -s modes-ring/samples-1.png ] || fail "the samples are not drawn"

# A run goes on where it ended, and is then as one that never did.
small='bench modes ring --batch 10 --seeds 2 --eval-every 5'
gives 0 $small --steps 20 --out whole --jobs 1
for text in "ring: 8 Gaussians" "a perfect sampler" "arXiv:1712.04086" "98.2" "2 seeds"; do prints "$text"; done
says "gan: seed 2: 20 steps"
[ "$(lines whole/curve-2.jsonl)" -eq 4 ] || fail "not a row of the curve for each look"
gives 0 $small --steps 10 --out parts --jobs 2
gives 0 $small --steps 20 --out parts --jobs 2
same whole parts checkpoint-1.safetensors checkpoint-2.safetensors generator-2.safetensors samples-1.png
for folder in whole parts; do sed 's/"seconds": [^,]*, //' $folder/curve-1.jsonl >curve.$folder; done
cmp curve.whole curve.parts || fail "the curve of a run that went on is another"
rm parts/checkpoint-1.safetensors
gives 0 $small --steps 20 --out parts --json
is_object
has problem '"ring"'
has steps 20
has mean "\\{\"modes\": $number, \"quality\": $number, \"kl\": $number\\}"
has floor "\\{\"modes\": 8.0, \"quality\": 9[89]\\..*"
has multiply_adds "[1-9].*"
about_the_machine
[ "$(lines parts/results.jsonl)" -eq 3 ] || fail "not a row for each finished command"
[ ! -e parts/checkpoint-1.safetensors ] || fail "a finished seed was trained again"
sed -i '/"diverged"/d' parts/result-1.json # what a result lacks did not happen
gives 0 $small --steps 20 --out parts --json
has diverged 0
refused 1 "result-1.json is the result under another --lr-g" $small --steps 20 --out parts --lr-g 1e-3 --jobs 1
refused 1 "result-1.json is the result under another --steps" $small --steps 10 --out parts --jobs 1

# A budget of multiply-adds ends a run; more of it lets it go on.
gives 0 bench modes ring --batch 10 --seeds 1 --budget 0.0026 --out spent --jobs 1
prints "55 steps of batch 10"
gives 0 bench modes ring --batch 10 --seeds 1 --budget 0.0028 --out spent --jobs 1
prints "60 steps of batch 10"
refused 1 "result-1.json is the result under another --budget" bench modes ring --batch 10 --seeds 1 --budget 0.0026 --out spent
gives 0 bench modes ring --batch 10 --seeds 1 --budget 0.0028 --steps 99 --out first --jobs 1 # the first limit ends it
prints "60 steps of batch 10"

# Settings of the paper give way to a preset, and that to what is given.
gives 0 bench modes ring --batch 10 --seeds 1 --steps 2 --preset ttur --beta1 0.5 --out preset --json
has settings '\{.*"lr-g": 0.0001, "lr-d": 0.0004, "beta1": 0.5, "beta2": 0.9, .*\}'
gives 0 bench modes ring --batch 10 --seeds 1 --steps 2 --pack 2 --stddev 5 --spectral-d --spectral-g --penalty r1:0.1 \
    --n-critic auto --mode-seeking 0.1 --noise 0.1 --loss relativistic --out all --jobs 1
prints "loss relativistic, 2 steps"

for problem in grid swiss-roll; do
    gives 0 bench modes $problem --networks wgan-gp --batch 8 --steps 2 --seeds 1 --out $problem --jobs 1
    prints "loss wgan-gp, 2 steps of batch 8, 1 seeds, 10 D updates"
    [ -s $problem/samples-1.png ] || fail "$problem is not drawn"
done
prints "sliced W1"
gives 0 bench modes grid --norm-g layer --batch 8 --steps 30 --seeds 1 --lr-d 1e3 --lr-g 1e3 --optimizer sgd --out lost --jobs 1
prints "maxout of 5; --norm-g layer"
prints "1 of 1 runs diverged"

# --- what generated images are worth ---
refused 2 "--data PATH and --test PATH are wanted" bench augment --data few
refused 2 "--per-class is '5,x'" bench augment --data few/train-images-idx3-ubyte --test few/train-images-idx3-ubyte --per-class 5,x
refused 1 "has no labels" bench augment --data faces --test faces
refused 1 "class 0 has 1 images, fewer than --per-class 2" bench augment --data few/train-images-idx3-ubyte \
    --test few/train-images-idx3-ubyte --per-class 2
mkdir -p kinds/cat kinds/dog others/cat others/eel
for folder in kinds/cat kinds/dog others/cat others/eel; do cp "$(find faces -type f | sort | head -n 1)" $folder/1.png; done
refused 1 "class 1 is 'eel' in others and 'dog' in --data" bench augment --data kinds --test others --class-folders
gives 0 bench augment --data few/train-images-idx3-ubyte --test few/train-images-idx3-ubyte --per-class 1 --seeds 1 --made 2 \
    --classifier-steps 2 --width 2 --nz 4 --batch 4 --steps 2 --threads 1 --out worth
prints "% right of 10 images"
[ -s worth/samples-1-seed-1.png ] || fail "no picture of what was generated"
# --- whether a generator repeats what it has seen ---
refused 2 "--model DIR is wanted" bench nearest
refused 2 "--count is '0'" bench nearest --model near --count 0
gives 0 train --data faces $net --batch 4 --steps 2 --holdout 0.2 --flip --sample-every 0 --out near
gives 0 bench nearest --model near --count 8 --threads 1 --draw near.png
prints "8 images made by a generator trained on"
prints "nearer than all of the held-out ones"
[ -s near.png ] || fail "the nearest are not drawn"
gives 0 bench nearest --model near --count 8 --threads 1 --json
has made 8
has too_near "$number"
mkdir alike
for i in 1 2 3 4 5 6 7 8 9 10; do cp "$(find faces -type f | sort | head -n 1)" alike/$i.png; done
gives 0 train --data alike $net --batch 4 --steps 1 --holdout 0.2 --flip --sample-every 0 --out same
gives 0 bench nearest --model same --count 8 --threads 1 --json
has nearest_held_out 0.0
has diversity_trained_on 0.0
has nearest_made "$above_zero"
mkdir mirrored # of a picture and its mirror image, one is held out: it is near the other where training mirrors
for way in i 31-i; do
    awk "BEGIN { print \"P2 32 32 255\"; for (k = 0; k < 1024; k++) { i = k % 32; print 7 * ($way) } }" >mirrored/$way.pgm
done
for flip in '' --flip; do
    gives 0 train --data mirrored $net --norm-g none --norm-d none --batch 1 --steps 1 --holdout 0.5 $flip --sample-every 0 \
        --out mirror$flip
    gives 0 bench nearest --model mirror$flip --count 8 --threads 1 --json
    [ -n "$flip" ] || has nearest_held_out "$above_zero"
done
has nearest_held_out 0.0
has too_near_expected 50.0
gives 0 train --data faces $net --batch 4 --steps 1 --holdout 0 --sample-every 0 --out all-seen
refused 1 "held no images out" bench nearest --model all-seen
gives 0 train --data faces --task superres --scale 2 --arch-g srresnet --arch-d patch --size 32 --width 4 --depth 1 --batch 2 --steps 1 \
    --threads 1 --sample-every 0 --out larger
refused 2 "is a run of --task superres, not generate" bench nearest --model larger
echo "cli_bench: ok"
