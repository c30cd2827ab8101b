#!/bin/sh
# SPDX-License-Identifier: MIT
# aarch64.sh ROOT - the library compiles for 64-bit ARM without a warning, for float and for double; and where there is
# an emulator, its kernels give there what they must. 77: there is no such compiler (Debian: gcc-aarch64-linux-gnu,
# libc6-dev-arm64-cross; qemu-user for the emulator).
#
# Of the libraries only headers are needed, which do not depend on the processor: this machine's stand in, behind those
# of the cross compiler.
set -eu
root=$(cd "$1" && pwd)
cc=${AARCH64_CC:-aarch64-linux-gnu-gcc} emulator=${AARCH64_EMULATOR:-qemu-aarch64}
command -v "$cc" >/dev/null || {
    echo "skipped: there is no $cc"
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$root"

headers="-idirafter /usr/include"
for flag in $(pkg-config --cflags-only-I openblas jansson zlib 2>/dev/null); do
    headers="$headers -idirafter ${flag#-I}"
done
multiarch=$("${CC:-cc}" -print-multiarch 2>/dev/null || true)
[ -z "$multiarch" ] || headers="$headers -idirafter /usr/include/$multiarch"
warnings="-Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wdouble-promotion -Wconversion"
# As cmake/warnings.cmake and CMakeLists.txt have it.
flags="-std=c11 -fopenmp -ffp-contract=fast -fno-math-errno -fno-trapping-math -D_POSIX_C_SOURCE=200809L"
flags="$flags -Iinclude -Isrc $headers"

# compile OBJECT SOURCE FLAG...
compile() {
    object=$1 source=$2
    shift 2
    case $source in
    */stb.c) set -- "$@" -O2 -w ;;
    */machine_plain.c) set -- "$@" -O3 $warnings -Werror ;;
    *) set -- "$@" -O2 $warnings -Werror ;;
    esac
    # shellcheck disable=SC2086
    "$cc" $flags "$@" -c -o "$object" "$source"
}

# all REAL FLAG...: every file of the library; those for wider x86 machines are left out, as CMake leaves them out
all() {
    real=$1
    shift
    mkdir "$work/$real"
    for source in $(find src -name '*.c' ! -path 'src/cli/*' ! -name 'machine_avx*' | LC_ALL=C sort); do
        compile "$work/$real/$(echo "$source" | tr / -).o" "$source" '-DGAN_VERSION="0"' "$@"
        count=$((count + 1))
    done
}

# run TEST REAL FLAG...: a test of kernels, with what it needs of the library, and without a BLAS or cmocka
run() {
    test=$1 real=$2
    shift 2
    [ -f "$work/$real/blas.o" ] || compile "$work/$real/blas.o" tests/aarch64/blas.c -Wno-missing-prototypes
    # The linker warns of what OpenMP could load: heard only when it fails.
    # shellcheck disable=SC2086
    { "$cc" $flags "$@" -O2 -static -Itests/aarch64 -Itests -o "$work/$test" "tests/$test.c" \
        "$work/$real"/src-base-*.o "$work/$real"/src-kernel-*.o "$work/$real/blas.o" -lm &&
        OMP_WAIT_POLICY=passive "$emulator" "$work/$test"; } >"$work/out" 2>&1 || {
        cat "$work/out"
        echo "FAILED: $test"
        exit 1
    }
    echo "$test: $(grep -c '^ok: ' "$work/out") tests pass under $emulator"
}

count=0
all float
all double -DGAN_DOUBLE
echo "$count files compile for aarch64"
command -v "$emulator" >/dev/null || {
    echo "their kernels are not run: there is no $emulator"
    exit 0
}
run test_machine float
run test_kernel float
run test_winograd_f64 double -DGAN_DOUBLE
