#!/bin/sh
# SPDX-License-Identifier: MIT
# cli_damage.sh GAN MAKE_FACES - bad pictures among good ones, and files of weights that are cut, damaged, or lie.
. "$(dirname "$0")/cli_lib.sh"

# --- pictures ---
cp -r faces mixed
head -c 200 faces/000000.png >mixed/cut.png
gives 0 train --out x $tiny --data mixed --dry-run
says "skipped mixed/cut.png: "
prints "38 images, 2 held out, 1 bad"
refused 1 "mixed/cut.png" train --out x $tiny --data mixed --dry-run --strict
printf 'no picture' >mixed/lie.jpg
gives 0 train --out x $tiny --data mixed --dry-run
: >mixed/empty.bmp
refused 1 "3 of 43" train --out x $tiny --data mixed --dry-run
gives 0 train --out x $tiny --data mixed --max-bad 0.1 --steps 1
[ "$(grep -c skipped err)" -eq 3 ] || fail "not three files skipped"
if [ -d "${GAN_TEST_DATA:-/none}/badimages" ]; then
    code=0
    "$gan" train --out y $tiny --data "$GAN_TEST_DATA/badimages" --dry-run >out 2>err </dev/null || code=$?
    [ $code -le 1 ] || fail "badimages ended with $code"
    gives 0 train --out y $tiny --batch 1 --norm-g none --norm-d none --data "$GAN_TEST_DATA/badimages" --max-bad 1 --dry-run
fi

# --- a generator ---
gives 0 train --out run $tiny --steps 2 --ema 0.9
model=run/generator.safetensors
size=$(wc -c <$model)

# refuses FILE: as a model; info may read it
refuses() {
    gives 1 sample --model "$1" --out x.png
    says "$1"
    code=0
    "$gan" info "$1" >out 2>err || code=$?
    [ $code -le 1 ] || fail "info $1 ended with $code"
}

for length in 0 1 7 8 9 100 $((size / 2)) $((size - 1)); do
    head -c "$length" $model >cut
    refuses cut
done
cp $model long
printf 'x' >>long
refuses long

# The same lengths, other words.
for change in '"nz":"8"/"nz":"9"' '"nz":"8"/"nz":"x"' '"features":"4"/"features":"8"' '"height":"32"/"height":"64"' \
    '"channels":"3"/"channels":"1"' '"kind":"generator"/"kind":"generatoR"' '"arch":"dcgan"/"arch":"dcgaN"' \
    '"norm":"auto"/"norm":"autO"' '"norm":"auto"/"norm":"none"' 'main.0.weight/main.0.weighT' '"F32"/"F16"' '"F32"/"F99"' \
    '"data_offsets":\[0,8\]/"data_offsets":[0,9]' '"data_offsets":\[0,8\]/"data_offsets":[8,0]' \
    '"shape":\[8,16,4,4\]/"shape":[16,8,4,4]' '"dropout":"0"/"dropout":"9"' '"arch"/"arcX"' '{/['; do
    sed "s/$change/" $model >lie
    cmp -s lie $model && fail "nothing was changed by $change"
    refuses lie
done

# A short file that describes a network of gigabytes.
words='"kind":"generator","norm":"none","dropout":"0","z":"normal","height":"28","width":"28","channels":"1"'
for arch in mlp dcgan; do
    safetensors '{"__metadata__":{'"$words"',"arch":"'$arch'","nz":"65536","features":"8192"},
        "main.0.weight":{"dtype":"F32","shape":[65536],"data_offsets":[0,262144]}}' 262144 >huge
    refuses huge
    refused 1 " weights, it holds 65536 numbers" sample --model huge --out x.png
done
safetensors '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}' \
    12 >overlap
refuses overlap
safetensors '{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}' 0 >overflow
refuses overflow
printf '\377\377\377\377\377\377\377\177{}' >head
refuses head
safetensors '{"__metadata__":{"say":"\u001b[31m"}}' 0 >escape
gives 0 info escape
grep -q "$(printf '\033')" out && fail "info sends a file's escapes to the terminal"

# --- a checkpoint: refused, and left as it is ---
refuses_checkpoint() {
    cp "$1" run/checkpoint.safetensors
    gives 1 train --out run --resume --steps 3
    says "run/checkpoint.safetensors"
    cmp "$1" run/checkpoint.safetensors || fail "a bad checkpoint was replaced"
}

cp run/checkpoint.safetensors good
size=$(wc -c <good)
for length in 0 8 1000 $((size / 2)) $((size - 1)); do
    head -c "$length" good >cut
    refuses_checkpoint cut
done
for change in '"kind":"checkpoint"/"kind":"checkpoinT"' 'trainer.g_steps/trainer.g_stepS' 'ema.main.0.weight/ema.main.0.weighT' \
    'optimizer_g.m.main.0.weight/optimizer_g.X.main.0.weight' '\\"nz\\": 8/\\"nz\\": 9' '\\"nz\\": 8/\\"nZ\\": 8' \
    'trainer.figures/trainer.figureS'; do
    sed "s/$change/" good >lie
    cmp -s lie good && fail "nothing was changed by $change"
    refuses_checkpoint lie
done
refuses_checkpoint $model
refuses_checkpoint faces/000000.png

# The counters are the first data after the head: one of them below 0, or beyond counting.
head_size=$(od -An -tu8 -N8 good | tr -d ' ')
for byte in '\200' '\177'; do
    cp good lie
    # shellcheck disable=SC2059
    printf "$byte" | dd of=lie bs=1 seek=$((head_size + 8 + 7)) conv=notrunc 2>/dev/null
    refuses_checkpoint lie
    says "a count from 0 to"
done
cp good run/checkpoint.safetensors
gives 0 train --out run --resume --steps 3
printf '{"batch": 8' >run/config.json
refused 1 "run/config.json: line 1" train --out run --resume
echo "cli_damage: ok"
