# SPDX-License-Identifier: MIT
# cli_lib.sh - for the cli*.sh scripts, each called with GAN MAKE_FACES: a scratch folder with 40 faces of 32x32 in
# `faces`, and what they check with.
set -eu
absolute() {
    case $1 in
    /*) printf '%s\n' "$1" ;;
    *) printf '%s/%s\n' "$PWD" "$1" ;;
    esac
}
gan=$(absolute "$1")
make_faces=$(absolute "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"
export LC_ALL=C OMP_WAIT_POLICY=passive
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}exitcode=99" UBSAN_OPTIONS="${UBSAN_OPTIONS:+$UBSAN_OPTIONS:}exitcode=99"

tiny='--data faces --size 32 --width 4 --nz 8 --batch 8 --threads 1 --sample-count 4'
networks='generator.safetensors discriminator.safetensors'
state="$networks checkpoint.safetensors"

fail() {
    echo "FAILED: $*" >&2
    for text in out err; do
        [ ! -s $text ] || { echo "--- $text" && cat $text; } >&2
    done
    exit 1
}

# gives CODE ARGUMENT...: gan ends with that code
gives() {
    want=$1 code=0
    shift
    "$gan" "$@" >out 2>err </dev/null || code=$?
    [ "$code" -eq "$want" ] || fail "gan $* ended with $code, not $want"
}

# refused CODE TEXT ARGUMENT...: with that code, and a message that has the text
refused() {
    what=$2
    want=$1
    shift 2
    gives "$want" "$@"
    says "$what"
}

says() { grep -qF -e "$1" err || fail "no error says '$1'"; }
prints() { grep -qF -e "$1" out || fail "nothing printed has '$1'"; }

# same A B FILE...: the two folders have the same files
same() {
    a=$1 b=$2
    shift 2
    for file; do
        cmp "$a/$file" "$b/$file" || fail "$a and $b differ"
    done
}

# The log of a run without the two timings.
untimed() { sed 's/, "images_per_second".*//' "$1/log.jsonl"; }

same_logs() {
    untimed "$1" >log1
    untimed "$2" >log2
    cmp log1 log2 || fail "the logs of $1 and $2 differ"
}

lines() { wc -l <"$1" | tr -d ' '; }

# safetensors HEAD BYTES: such a file, its data all zero
safetensors() {
    n=${#1}
    for _ in 1 2 3 4 5 6 7 8; do
        # shellcheck disable=SC2059
        printf "\\$(printf %03o $((n % 256)))"
        n=$((n / 256))
    done
    printf %s "$1"
    head -c "$2" /dev/zero
}

"$make_faces" --out faces --count 40 --size 32 --threads 1 >out 2>err || fail "make_faces"
