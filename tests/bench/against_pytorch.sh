#!/bin/sh
# SPDX-License-Identifier: MIT
# against_pytorch.sh [DIR] - how long libgan and PyTorch take for the same step, on this machine, the programs in turn.
#
#     tests/bench/against_pytorch.sh [DIR]     DIR: a build folder with `gan`; default build/release
#     ROUNDS=5 ONLY='28x28|alone' PEER='chroot /srv/torch python3' tests/bench/against_pytorch.sh
#
# PEER    a command that runs Python 3 with PyTorch and reads the program from its standard input, given `-` and the
#         program's options as arguments; default python3. So PyTorch may live in a chroot or a container.
# ROUNDS  how often ours and the peer's are run, A B A B ...; default 3
# STEPS   steps that are timed each time; default 10. WGAN-GP, with its six updates a step, does a third of them.
# ONLY    an extended regular expression: only the rows whose name it matches
#
# A ratio is ours / the peer's of the same round; the median of the rounds is told, and whether it is within the bar.
# Run it on an idle machine: a second busy process makes both several times slower, and not alike.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=$here/dcgan_torch.py
. "$here/compare_lib.sh"

few=$(((steps + 2) / 3))
headline
compare "DCGAN 64x64x3, 2 threads" 0.60 2 "step --steps $steps" "--mode dcgan --steps $steps" 0.75
compare "DCGAN 64x64x3, 1 thread" 0.65 1 "step --steps $steps" "--mode dcgan --steps $steps"
compare "DCGAN 64x64x3, batch 16" 0.60 2 "step --batch 16 --steps $steps" "--mode dcgan --batch 16 --steps $steps"
compare "DCGAN 64x64x3, batch 128" 0.60 2 "step --batch 128 --steps $few" "--mode dcgan --batch 128 --steps $few"
compare "DCGAN 28x28x1" 0.80 2 "step --size 28 --channels 1 --steps $((3 * steps))" "--mode dcgan28 --steps $((3 * steps))"
compare "WGAN-GP 64x64x3, 5 critic + 1" 0.52 2 "step --loss wgan-gp --norm-d none --n-critic 5 --warmup 1 --steps $few" \
    "--mode wgangp --warmup 1 --steps $few"
compare "generator alone, batch 64" 0.65 2 "infer --batch 64 --runs $((2 * steps))" "--mode infer --batch 64 --steps $((2 * steps))"
compare "generator alone, batch 1" 0.90 2 "infer --batch 1 --runs $((10 * steps))" "--mode infer --batch 1 --steps $((10 * steps))"
