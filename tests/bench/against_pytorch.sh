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
gan=${1:-$here/../../build/release}/gan
rounds=${ROUNDS:-3} steps=${STEPS:-10} only=${ONLY:-.} peer=${PEER:-python3}
export OMP_PROC_BIND=close LC_ALL=C
[ -x "$gan" ] || { echo "there is no $gan; build it first, or name the folder that has it" >&2 && exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

median() { sort -g | awk '{ v[NR] = $1 } END { printf "%.4g\n", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }

# value KEY FILE: of the first such key
value() { sed -n "s/^.*\"$1\": \([0-9.e+-]*\).*\$/\1/p" "$2" | head -n 1; }

# ours KIND OPTION...; theirs MODE OPTION...: run them, with the report in a file
ours() { "$gan" bench "$@" --threads "$threads" --json >"$work/ours"; }
theirs() {
    # shellcheck disable=SC2086
    OMP_NUM_THREADS=$threads $peer - --threads "$threads" --mode "$@" <"$here/dcgan_torch.py" >"$work/theirs"
}

# tell NAME BAR: a row of the table from $work/{a,b,ratio}
tell() {
    ratio=$(median <"$work/ratio")
    met=$(awk -v r="$ratio" -v bar="$2" 'BEGIN { print r <= bar ? "met" : "not met" }')
    printf '| %-39s | %8s | %8s | %6s | %4s %-7s |\n' "$1" "$(median <"$work/a")" "$(median <"$work/b")" "$ratio" "$2" "$met"
}

# keep KEY_OURS KEY_THEIRS PREFIX: notes the two figures and their ratio
keep() {
    a=$(value "$1" "$work/ours") b=$(value "$2" "$work/theirs")
    if [ -z "$a" ] || [ -z "$b" ]; then echo "a report lacks $1 or $2" >&2 && exit 1; fi
    echo "$a" >>"$work/a$3"
    echo "$b" >>"$work/b$3"
    awk -v a="$a" -v b="$b" 'BEGIN { print a / b }' >>"$work/ratio$3"
}

# compare NAME BAR THREADS OURS THEIRS [MEMORY_BAR]: options of the two; with the last, a row about their memory too
compare() {
    printf '%s\n' "$1" | grep -qE -e "$only" || return 0
    threads=$3
    rm -f "$work"/a* "$work"/b* "$work"/ratio*
    for _ in $(seq "$rounds"); do
        # shellcheck disable=SC2086
        ours $4
        # shellcheck disable=SC2086
        theirs $5
        case $4 in
        step*) keep ms_per_step ms "" ;;
        *) keep ms ms "" ;;
        esac
        keep peak_rss_mib peak_rss_mib .memory
    done
    tell "$1" "$2"
    [ $# -gt 5 ] || return 0
    for list in a b ratio; do mv "$work/$list.memory" "$work/$list"; done
    tell "$1, peak MiB" "$6"
}

few=$(((steps + 2) / 3))
echo "$("$gan" --version), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $rounds rounds, load $(cut -d ' ' -f 1 /proc/loadavg)"
printf '| %-39s | %8s | %8s | %6s | %-12s |\n' "ms a step" ours PyTorch ratio bar
echo "| --- | --- | --- | --- | --- |"
compare "DCGAN 64x64x3, 2 threads" 0.60 2 "step --steps $steps" "dcgan --steps $steps" 0.75
compare "DCGAN 64x64x3, 1 thread" 0.65 1 "step --steps $steps" "dcgan --steps $steps"
compare "DCGAN 64x64x3, batch 16" 0.60 2 "step --batch 16 --steps $steps" "dcgan --batch 16 --steps $steps"
compare "DCGAN 64x64x3, batch 128" 0.60 2 "step --batch 128 --steps $few" "dcgan --batch 128 --steps $few"
compare "DCGAN 28x28x1" 0.80 2 "step --size 28 --channels 1 --steps $((3 * steps))" "dcgan28 --steps $((3 * steps))"
compare "WGAN-GP 64x64x3, 5 critic + 1" 0.52 2 "step --loss wgan-gp --norm-d none --n-critic 5 --warmup 1 --steps $few" \
    "wgangp --warmup 1 --steps $few"
compare "generator alone, batch 64" 0.65 2 "infer --batch 64 --runs $((2 * steps))" "infer --batch 64 --steps $((2 * steps))"
compare "generator alone, batch 1" 0.90 2 "infer --batch 1 --runs $((10 * steps))" "infer --batch 1 --steps $((10 * steps))"
