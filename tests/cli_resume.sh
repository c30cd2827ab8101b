#!/bin/sh
# SPDX-License-Identifier: MIT
# cli_resume.sh GAN MAKE_FACES - stopped in any way and resumed, a run is the run that was never stopped.
. "$(dirname "$0")/cli_lib.sh"

# begun DIR: waits for its first step
begun() {
    tries=0
    while [ ! -s "$1/log.jsonl" ]; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || fail "$1 has not begun after a minute"
        sleep 0.1
    done
}

# ended CODE TEXT: the command in the background ended so
ended() {
    code=0
    wait "$pid" || code=$?
    [ "$code" -eq "$1" ] || fail "it ended with $code, not $1"
    says "$2"
}

# --- 10 steps, and 5 and 5: within an epoch of 4 batches, with state of every kind ---
for options in "--ema 0.9 --flip --holdout 0.1 --holdout-every 3 --dropout 0.1" "--loss wgan-gp --n-critic 2@0,1@6" \
    "--loss wgan --arch mlp --accumulate 2 --z uniform" "--size 28 --channels 1 --optimizer sgd --norm-g instance"; do
    rm -rf whole half
    # shellcheck disable=SC2086
    gives 0 train --out whole $tiny $options --steps 10 --sample-every 5
    # shellcheck disable=SC2086
    gives 0 train --out half $tiny $options --steps 5 --sample-every 5
    cp half/generator.safetensors five
    gives 0 train --out half --resume --steps 10
    same whole half $state config.json samples/000005.png samples/000010.png
    same_logs whole half
    cmp -s five half/generator.safetensors && fail "nothing was learned ($options)"
done

# --- threads ---
for threads in 2 3; do
    rm -rf half
    gives 0 train --config whole/config.json --out half --threads $threads
    same whole half $state samples/000010.png
    same_logs whole half
done

# --- what a resumed run may change, and what not; nothing is lost by asking ---
cp -r whole kept
for change in '--lr-g 0.5' '--batch 4' '--seed 2' '--width 5' '--n-critic 7' '--holdout 0.2' '--size 32' '--flip'; do
    # shellcheck disable=SC2086
    gives 1 train --out whole --resume --steps 12 $change
    says "${change%% *} " # as --lr-g, and its two values
    # shellcheck disable=SC2086
    gives 1 train --out whole --resume --dry-run $change
done
cp -r faces others
rm others/000007.png
refused 1 "the run was made with other images than those in others" train --out whole --resume --data others
same whole kept $state config.json log.jsonl
mv faces moved
gives 0 train --out whole --resume --data moved --steps 11 --sample-every 1 --threads 2 --checkpoint-every 1
mv moved faces
[ "$(lines whole/log.jsonl)" -eq 11 ] || fail "eleven steps have $(lines whole/log.jsonl) lines"
gives 0 train --out whole --resume --data faces # all is done
prints "done: 11 steps"
gives 0 train --out whole --resume --dry-run --steps 20
[ "$(lines whole/log.jsonl)" -eq 11 ] || fail "a dry run has trained"

# --- a log that is ahead of its checkpoint is cut back; a start without its checkpoint begins again ---
printf '{"step": 12, "d_loss": 1}\n{"step": 13' >>whole/log.jsonl
gives 0 train --out whole --resume --steps 12
[ "$(lines whole/log.jsonl)" -eq 12 ] && grep -q '^{"step": 12, .*"seconds"' whole/log.jsonl || fail "the log was not cut"
mkdir -p cut/samples
cp whole/config.json cut
: >cut/log.jsonl
gives 0 train --out cut $tiny --steps 1
rm cut/checkpoint.safetensors
refused 1 "cut holds a run already" train --out cut $tiny --steps 1
refused 1 "cut/checkpoint.safetensors" train --out cut --resume

# --- interrupted ---
quiet="$tiny --sample-every 0 --checkpoint-every 0 --steps 400"
# shellcheck disable=SC2086
gives 0 train --out whole2 $quiet
for signal in INT TERM; do
    rm -rf stopped
    # shellcheck disable=SC2086
    "$gan" train --out stopped $quiet >out 2>err </dev/null &
    pid=$!
    begun stopped
    kill -s $signal $pid
    ended 130 "go on with: gan train --out stopped --resume"
    [ "$(lines stopped/log.jsonl)" -lt 400 ] || fail "it was not interrupted"
    gives 0 train --out stopped --resume
    same whole2 stopped $state samples/000400.png
    same_logs whole2 stopped
done

# The second one does not wait for the step to end.
"$gan" train --out big --data faces --size 64 --width 32 --batch 32 --accumulate 1000 --threads 1 >out 2>err </dev/null &
pid=$!
tries=0
while [ ! -s big/checkpoint.safetensors ] && [ $tries -lt 300 ]; do tries=$((tries + 1)) && sleep 0.1; done
sleep 0.2
kill -s INT $pid
sleep 0.2
kill -s INT $pid
ended 130 "once more quits at once"
gives 0 info big/checkpoint.safetensors

# --- no room for the checkpoint: the old one stays, and is gone on with ---
cp -r half room
# shellcheck disable=SC3047
( trap '' XFSZ && ulimit -f 16 && exec "$gan" train --out room --resume --steps 13 ) >out 2>err </dev/null && fail "no room, no failure"
says "cannot write room/checkpoint.safetensors: File too large"
same half room $state
gives 0 train --out room --resume --steps 13
gives 0 train --out half --resume --steps 13
same half room $state
same_logs half room

# --- a run that diverges keeps its last good checkpoint ---
# shellcheck disable=SC2086
gives 0 train --out wild $tiny --loss wgan-gp --steps 2
cp -r wild good
gives 1 train --out worse $tiny --loss wgan-gp --optimizer sgd --lr-d 1000 --lr-g 1000 --steps 200 --checkpoint-every 1
grep -qE 'not finite' err || fail "it has not diverged by name"
grep -qE 'main\.[0-9]' err || fail "no layer is named"
for file in $state; do gives 0 info worse/$file; done
gives 0 sample --model worse --out worse.png --count 4
cp worse/checkpoint.safetensors last
gives 1 train --out worse --resume
cmp last worse/checkpoint.safetensors || fail "a diverged run has replaced its checkpoint"
echo "cli_resume: ok"
