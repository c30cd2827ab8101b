# SPDX-License-Identifier: MIT
# compare_lib.sh - for the scripts that time libgan's step and PyTorch's in turn; each is called with [DIR], sets
# `here` to its own folder, and documents PEER, ROUNDS, STEPS and ONLY. `program` is the file that the peer runs.
set -eu
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
    OMP_NUM_THREADS=$threads $peer - --threads "$threads" "$@" <"$program" >"$work/theirs"
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

# headline: what was measured where
headline() {
    echo "$("$gan" --version), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $rounds rounds, load $(cut -d ' ' -f 1 /proc/loadavg)"
    printf '| %-39s | %8s | %8s | %6s | %-12s |\n' "ms a step" ours PyTorch ratio bar
    echo "| --- | --- | --- | --- | --- |"
}
