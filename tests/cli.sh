#!/bin/sh
# SPDX-License-Identifier: MIT
# cli.sh GAN MAKE_FACES - the command as its users call it: options, errors and their codes, help, samples, info.
. "$(dirname "$0")/cli_lib.sh"

# --- usage: code 2, and the message names what is wrong ---
refused 2 "usage: gan COMMAND"
refused 2 "there is no command 'fly'" fly
refused 2 "--colour is not an option of gan train" train --colour
refused 2 "-x is not an option of gan train" train -xyz
refused 2 "--s is not an option of gan train, or short for several" train --s 3
refused 2 "--flip is 'yes'; it must be true or false" train --data faces --out x --flip=yes
refused 2 "--bogus is not an option" train stray --bogus
refused 2 "--steps wants a value" train --steps
refused 2 "'stray' is not an option" train --out x stray
refused 2 "--out DIR is wanted" train --data faces
refused 2 "--out DIR is wanted" train --data faces --out ''
refused 2 "--data PATH is wanted" train --out x
refused 2 "--batch is '0'" train --out x --batch 0
refused 2 "--lr-g: schedule 'fast': a number is wanted" train --out x --lr-g fast
refused 2 "there is no loss 'hinges'; known: standard, lsgan, hinge, relativistic, wgan, wgan-gp" train --out x --loss hinges
refused 2 "architecture 'vit'; known: dcgan, mlp" train --out x --data faces --arch vit
refused 2 "28, 32, 64, 128 or 256 squared, not 50x50" train --out x --data faces --size 50
refused 2 "--size is '0'" train --out x --data faces --size 0
refused 2 "--channels is 2; it must be 1 (grey) or 3" train --out x --data faces --channels 2
refused 2 "--norm-d batch" train --out x --data faces --loss wgan-gp --norm-d batch
refused 2 "schedule '5@'" train --out x --data faces --n-critic 5@
refused 2 "batch norm needs a batch of 2" train --out x --data faces --size 32 --batch 1
refused 2 "--model FILE|DIR is wanted" sample --out x.png
refused 2 "--out FILE.png|DIR (or --raw FILE) is wanted" sample --model x
refused 2 "--count is '0'" sample --model x --out x.png --count 0
refused 2 "one FILE is wanted" info
printf 'caf\351' >name
refused 2 "--data is no UTF-8" train --out x --data "$(cat name)"

# --- things that are not there: code 1 ---
mkdir empty
refused 1 "cannot open the data set nowhere" train --out x --data nowhere
refused 1 "no images in empty: looked for JPEG, PNG, BMP and PNM" train --out x --data empty
refused 1 "neither a folder nor an IDX file" train --out x --data faces/000000.png
refused 1 "a batch of 64 is larger than the set: 38" train --out x --data faces --size 32
refused 1 "there is no run in x to resume" train --out x --resume
refused 1 "cannot open nothing.json" train --out x --data faces --config nothing.json
refused 1 "cannot open nothing" train --out x $tiny --init-from nothing --dry-run
refused 1 "cannot open nothing" sample --model nothing --out x.png
refused 1 "faces is not a regular file" info faces
refused 1 "cannot write in faces/000000.png/run: Not a directory" train --out faces/000000.png/run $tiny --steps 1
if [ "$(id -u)" -ne 0 ]; then
    mkdir closed
    chmod 0 closed
    refused 1 "closed" train --out x --data closed
    refused 1 "closed/run" train --out closed/run $tiny --steps 1
    chmod 700 closed
fi
printf '{"batch": 8, "colour": 3}' >bad.json
refused 2 "bad.json: there is no setting 'colour'" train --out x --data faces --config bad.json
printf '{"batch": 8,}' >bad.json
refused 1 "bad.json: line 1" train --out x --data faces --config bad.json

# --- a rehearsal ---
gives 0 train --out x $tiny --steps 3 --dry-run
prints "faces: 38 images, 2 held out, 0 bad"
prints "steps          3"
[ ! -e x ] || fail "a dry run has written something"

# --- a run, and what it leaves ---
gives 0 train --out run $tiny --steps 6 --sample-every 3 --holdout-every 2
prints "done: 6 steps"
prints "samples in run/samples/000003.png"
[ "$(cd run && echo *)" = "checkpoint.safetensors config.json discriminator.safetensors generator.safetensors log.jsonl samples" ] ||
    fail "run holds other things"
[ "$(cd run/samples && echo *)" = "000003.png 000006.png" ] || fail "run/samples holds other things"
refused 1 "run holds a run already; --resume goes on with it" train --out run $tiny --steps 6
number='(-?[0-9]+(\.[0-9]+)?(e[-+][0-9]+)?|null)'
pattern='^{"step": [0-9]+'
for key in d_loss g_loss score_real score_fake score_holdout lr_d lr_g n_critic balance augment_p auc auc_holdout grad_norm_d grad_norm_g images_per_second \
    seconds; do
    pattern="$pattern, \"$key\": $number"
done
[ "$(grep -cE "$pattern}\$" run/log.jsonl)" -eq 6 ] || fail "log.jsonl: $(cat run/log.jsonl)"
sed -n 1p run/log.jsonl | grep -q '"score_holdout": null' || fail "a score before it was looked at"
sed -n 2p run/log.jsonl | grep -q '"score_holdout": null' && fail "no held-out score at step 2"
gives 0 train --config run/config.json --out again
same run again $state config.json samples/000003.png samples/000006.png
same_logs run again
gives 0 train --config run/config.json --out longer --steps 7
[ "$(lines longer/log.jsonl)" -eq 7 ] || fail "an option has not won over --config"

# --- what the doctor says: on stderr and in the log ---
gives 0 train --out few $tiny --batch 12 --steps 2
says "gan: step 1: the data set is tiny: 38 images to train on, batches of 12"
grep -q '^{"step": 1, "finding": "tiny-data", "text": "the data set is tiny: .*"}$' few/log.jsonl || fail "no line of it"
gives 0 train --out silent $tiny --batch 12 --steps 2 --doctor-every 0
[ ! -s err ] && [ "$(lines silent/log.jsonl)" -eq 2 ] || fail "a doctor that is off has spoken"

# --- limits ---
gives 0 train --out epochs $tiny --epochs 2 --holdout 0
[ "$(lines epochs/log.jsonl)" -eq 10 ] || fail "2 epochs of 5 batches made $(lines epochs/log.jsonl) steps"
gives 0 train --out minutes $tiny --max-minutes 0.005
[ -s minutes/log.jsonl ] && [ -s minutes/checkpoint.safetensors ] || fail "nothing saved after --max-minutes"

# --- with a thread for each processor it starts again, with them pinned: the same process, the same run ---
unset OMP_NUM_THREADS OMP_PROC_BIND OMP_PLACES GOMP_CPU_AFFINITY KMP_AFFINITY
# pinned YES|NO ARGUMENT...: OpenMP says, each time it is loaded, whether it pins
pinned() {
    pinned=$1
    shift
    (export OMP_DISPLAY_ENV=true && gives 0 "$@")
    if grep -q "OMP_PROC_BIND = 'CLOSE'" err; then found=yes; else found=no; fi
    [ $found = "$pinned" ] || fail "gan $*: pinned: $found"
}
processors=$(nproc 2>/dev/null || echo 1)
if [ "$processors" -gt 1 ] && OMP_DISPLAY_ENV=true "$gan" --version 2>&1 | grep -q "OMP_PROC_BIND = 'FALSE'"; then
    bench='bench infer --size 32 --width 4 --nz 8 --batch 1 --runs 1'
    pinned yes $bench
    pinned yes $bench --threads "$processors"
    pinned no $bench --threads 1
    pinned no $bench --threads $((processors + 1))
    (export OMP_PROC_BIND=false && pinned no $bench)
    (export OMP_PROC_BIND=spread && pinned no $bench)
    (export GOMP_CPU_AFFINITY=0 && pinned no $bench)
    pinned no train --out x $tiny --steps 1 --threads 0 --dry-run
    pinned yes train --out='two words' $tiny --steps 6 --sample-every 3 --holdout-every 2 --threads 0
    same run 'two words' $state samples/000003.png
    "$gan" train --out stopped $tiny --steps 100000 --threads 0 >out 2>err </dev/null &
    pid=$!
    tries=0
    while [ ! -s stopped/log.jsonl ] && [ $tries -lt 600 ]; do tries=$((tries + 1)) && sleep 0.1; done
    kill -s TERM $pid
    code=0
    wait $pid || code=$?
    [ "$code" -eq 130 ] || fail "a pinned run ended with $code, not 130"
fi

# --- weights from elsewhere ---
gives 0 train --out from $tiny --steps 1 --lr-g 0 --lr-d 0 --init-from run
gives 0 info from/generator.safetensors
prints "main.0.weight"
refused 1 "the network needs" train --out x $tiny --width 8 --init-from run --dry-run
refused 1 "the generator alone fits, as run/generator.safetensors: run/discriminator.safetensors" train --out x $tiny --norm-d none --init-from run --dry-run
refused 1 "it fits neither network" train --out x $tiny --width 8 --init-from run/discriminator.safetensors --dry-run
gives 0 train --out from2 $tiny --steps 1 --init-from run/discriminator.safetensors

# --- samples: an image depends on seed and number alone ---
gives 0 sample --model run --out five --count 5 --threads 1
gives 0 sample --model run/generator.safetensors --out three/ --count 3 --threads 2
same five three 000000.png 000001.png 000002.png
[ "$(cd five && echo *)" = "000000.png 000001.png 000002.png 000003.png 000004.png" ] || fail "not five images"
gives 0 sample --model run --out other --count 1 --seed 2
cmp -s five/000000.png other/000000.png && fail "another seed gave the same image"
gives 0 sample --model run --out grid.png --count 5 --raw raw.safetensors
head -c 8 grid.png | grep -q PNG || fail "grid.png is no PNG"
gives 0 info raw.safetensors
prints "F32  [5,3,32,32]  images"
refused 1 "cannot" sample --model run --out nowhere/at/all.png
refused 1 "faces/000000.png" sample --model run --out faces/000000.png/x
safetensors '{"z":{"dtype":"F32","shape":[2,8],"data_offsets":[0,64]}}' 64 >z
gives 0 sample --model run --out zeros --z z
[ "$(cd zeros && echo *)" = "000000.png 000001.png" ] || fail "two latent vectors gave not two images"
cmp zeros/000000.png zeros/000001.png || fail "the same latent vector gave two images"
safetensors '{"z":{"dtype":"F32","shape":[2,9],"data_offsets":[0,72]}}' 72 >z
refused 1 "tensor 'z' of z must be [N,8]" sample --model run --out x.png --z z
safetensors '{"y":{"dtype":"F32","shape":[2,8],"data_offsets":[0,64]}}' 64 >z
refused 1 "z has no tensor 'z'" sample --model run --out x.png --z z
refused 1 "it does not hold a generator (its kind is 'discriminator')" sample --model run/discriminator.safetensors --out x.png

# --- help, version, manual page ---
gives 0 --version
grep -qE '^gan [0-9]+\.[0-9]+\.[0-9]+$' out || fail "--version"
gives 0 --help
for command in train sample info; do
    prints "$command"
    "$gan" "$command" --help >"help.$command" 2>err || fail "gan $command --help"
    [ "$(awk 'length > 130' "help.$command" | wc -l)" -eq 0 ] || fail "gan $command --help has too long lines"
done
for option in $(sed -n 's/^  "\([a-z0-9-]*\)":.*/\1/p' run/config.json); do
    grep -q -e "^  --$option " help.train || fail "gan train --help lacks --$option"
done
gives 0 --man
cp out page
if command -v groff >/dev/null; then
    groff -man -Tutf8 -ww -z page >out 2>err || fail "groff"
    [ ! -s err ] || fail "groff warns about the manual page"
fi
if [ -w /dev/full ]; then
    code=0
    "$gan" info run/generator.safetensors >/dev/full 2>err || code=$?
    [ "$code" -eq 1 ] || fail "a full standard output gave $code"
    says "cannot write to the standard output"
fi
echo "cli: ok"
