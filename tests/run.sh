#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh - installs what is missing, builds, tests.
#
#     sh tests/run.sh [quick | long | sanitize | valgrind | coverage] [-- options of ctest]
#
#   quick     a checked build and the quick tests: the default, under 5 minutes
#   long      the long ones, and damaged files against the readers under AddressSanitizer
#   sanitize  the quick ones under AddressSanitizer and UndefinedBehaviorSanitizer
#   valgrind  the quick ones that do not compute much, under valgrind
#   coverage  the quick ones, and which lines of src/ they reach; fails under 85 %
#
# Builds go to build/NAME (CMakePresets.json); a second run builds what has changed.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/cmake/setup.sh"

usage() {
    sed -n 's/^# \{0,1\}//; 3,12p' "$0"
}

# run LABEL [options of ctest]: the tests with that label of the last build.
run() {
    say "testing in ${build#"$root"/}"
    label=$1
    shift
    (cd "$build" && ctest -L "$label" -j "$(cores)" --output-on-failure "$@" </dev/null)
}

mode=quick
case ${1-} in
quick | long | sanitize | valgrind | coverage) mode=$1 && shift ;;
-h | --help) usage && exit 0 ;;
esac
[ "${1-}" = -- ] && shift
case ${1-} in
'' | -*) ;;
*) usage >&2 && exit 2 ;;
esac

# shellcheck disable=SC2086
need $base_packages libcmocka-dev
case $mode in
quick)
    build checked
    run quick "$@"
    ;;
long)
    need libopenblas0-pthread libopenblas0-openmp
    [ "$(uname -m)" != x86_64 ] || need gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
    failed=0
    for preset in checked sanitize; do
        build $preset
        run long "$@" || failed=1
    done
    exit $failed
    ;;
sanitize)
    build sanitize
    run quick "$@"
    ;;
valgrind)
    need valgrind
    build valgrind
    run quick -LE 'script|heavy' "$@"
    ;;
coverage)
    need gcovr
    build coverage
    find "$build" -name '*.gcda' -exec rm -f {} +
    failed=0
    run quick "$@" || failed=1
    gcovr --root "$root" --filter "$root/src/" --exclude '.*/stb\.c' --fail-under-line 85 --print-summary "$build"
    exit $failed
    ;;
esac
