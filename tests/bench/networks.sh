#!/bin/sh
# SPDX-License-Identifier: MIT
# networks.sh [DIR] - a step of each other network (residual, attention, transformer, conditional, of the tasks) by
# libgan and by PyTorch, the programs in turn. Use, PEER, ROUNDS, STEPS and ONLY are those of against_pytorch.sh.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/compare_lib.sh"

# The peer reads one program from its standard input: the modules that it imports stand in front of it.
program=$work/peer.py
{
    echo 'import sys, types'
    echo 'def module(name, text):'
    echo '    made = sys.modules[name] = types.ModuleType(name)'
    echo '    exec(compile(text, name, "exec"), made.__dict__)'
    for name in safetensors attention tutorial resnet transformer conditions image_nets; do
        printf "module('%s', r'''" $name
        cat "$here/../golden/$name.py"
        echo "''')"
    done
    cat "$here/networks_torch.py"
} >"$program"

# row NAME SHAPE NET OURS: SHAPE are options of both; NET, with options, is the peer's
row() {
    compare "$1" 1 2 "step --warmup 2 --steps $steps $2 $4" "--net $3 --warmup 2 --steps $steps $2" 1
}

headline
row "resnet 64x64" "--size 64 --width 32 --batch 16" resnet "--arch resnet --loss hinge --n-critic 1 --spectral-d"
row "resnet 64x64, R1" "--size 64 --width 32 --batch 16" "resnet --penalty 1" \
    "--arch resnet --loss hinge --n-critic 1 --penalty r1:1"
row "dcgan 64x64 with attention at 32" "--size 64 --width 32 --batch 16" attention \
    "--attention 32 --loss hinge --n-critic 1 --spectral-d"
row "dcgan 64x64, classes" "--size 64 --width 32 --batch 16" conditional \
    "--classes 10 --condition-g norm --condition-d projection"
row "transformer 32x32" "--size 32 --width 16 --batch 8" transformer "--arch transformer --loss hinge --n-critic 1"
row "transformer 64x64, a block a stage" "--size 64 --width 8 --depth 1 --batch 8" transformer \
    "--arch transformer --loss hinge --n-critic 1"
row "translate 128x128: unet, patch" "--size 128 --width 32 --batch 4" translate "--task translate --add l1:100"
row "cycle 64x64: resnet9, patch" "--size 64 --width 32 --batch 2" cycle \
    "--task cycle --add cycle:10 --loss lsgan --norm-d instance --image-pool 0"
row "superres x4 to 64x64: srresnet, srgan" "--size 64 --width 32 --batch 8" superres "--task superres --add charbonnier:1"
