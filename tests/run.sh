#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh - installs what is missing, builds, tests.
#
#     sh tests/run.sh [quick | long | sanitize | valgrind | coverage] [-- options of ctest]
#
#   quick     a checked build and the quick tests: the default, under 5 minutes
#   long      the long ones, and damaged files against the readers under AddressSanitizer
#   sanitize  the quick ones under AddressSanitizer and UndefinedBehaviorSanitizer
#   valgrind  the quick ones under valgrind
#   coverage  the quick ones, and which lines of src/ they reach; fails under 85 %
#
# Builds go to build/NAME (CMakePresets.json); a second run builds what has changed.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/cmake/setup.sh"

usage() {
    sed -n 's/^# \{0,1\}//; 3,12p' "$0"
}

# check PRESET LABEL [options of ctest]
check() {
    build "$1"
    label=$2
    shift 2
    say "testing in ${build#"$root"/}"
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
    check checked quick "$@"
    ;;
long)
    need libopenblas0-pthread libopenblas0-openmp
    check checked long "$@"
    check sanitize long "$@"
    ;;
sanitize)
    check sanitize quick "$@"
    ;;
valgrind)
    need valgrind
    check valgrind quick -LE script "$@"
    ;;
coverage)
    need gcovr
    build coverage
    find "$build" -name '*.gcda' -exec rm -f {} +
    check coverage quick "$@"
    gcovr --root "$root" --filter 'src/' --exclude 'src/data/stb\.c' --fail-under-line 85 --print-summary "$build"
    ;;
esac
