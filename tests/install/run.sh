#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh BUILD DATA - installs BUILD into a folder of its own, moves that folder, and from there builds programs as
# a user would: by find_package and by pkg-config, shared and static; then trains and samples with each.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1 data=$2
work=$build/tests/install
tree=$work/moved
: "${CC:=cc}"

quietly() {
    "$@" >"$work/log" 2>&1 </dev/null || { cat "$work/log" && echo "failed: $*" && exit 1; }
}

rm -rf "$work"
mkdir -p "$work"
quietly cmake --install "$build" --prefix "$work/first"
mv "$work/first" "$tree"
libdir=$(dirname "$(find "$tree" -name libgan.a)")
examples=$(dirname "$(find "$tree" -name dcgan_faces.c)")

echo "--- installed files"
for file in include/gan.h include/gan/run.h bin/gan share/man/man1/gan.1; do
    [ -f "$tree/$file" ] || { echo "not installed: $file" && exit 1; }
done
[ "$(find "$libdir" -name 'libgan.so*' | wc -l)" -eq 3 ] || { echo "not installed: libgan.so, .so.0 and the file" && exit 1; }
quietly "$tree/bin/gan" --version
grep -q '^gan 0' "$work/log"

echo "--- find_package"
quietly cmake -S "$here/project" -B "$work/cmake" -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER="$CC" \
    -DCMAKE_PREFIX_PATH="$tree" -DEXAMPLES="$examples"
quietly cmake --build "$work/cmake"

echo "--- pkg-config"
export PKG_CONFIG_PATH="$libdir/pkgconfig"
mkdir -p "$work/pc" "$work/only_a"
cp "$libdir/libgan.a" "$work/only_a" # the linker takes libgan.so where it finds both
for name in dcgan_faces sample; do
    # shellcheck disable=SC2046
    quietly "$CC" $(pkg-config --cflags gan) "$examples/$name.c" -o "$work/pc/${name}_gan" \
        $(pkg-config --libs gan) -Wl,-rpath,"$libdir"
    # shellcheck disable=SC2046
    quietly "$CC" $(pkg-config --cflags gan) "$examples/$name.c" -o "$work/pc/${name}_static" \
        -L"$work/only_a" $(pkg-config --static --libs gan)
done

echo "--- they run"
try() { # FOLDER NAME-OF-FACES KIND
    out=$work/run_$2_$3
    quietly "$1/$2_$3" "$data/faces" "$out" size 32 width 4 nz 8 batch 16 steps 2 sample-count 4
    quietly "$1/sample_$3" "$out" "$out/more.png" 3
    [ -s "$out/more.png" ] || { echo "no picture in $out" && exit 1; }
    case $3 in
    gan) ldd "$1/$2_$3" | grep -q "$libdir/libgan.so.0" || { echo "$1/$2_$3 is not linked with $libdir/libgan.so.0" && exit 1; } ;;
    static) ldd "$1/$2_$3" | grep -q libgan && echo "$1/$2_$3 is linked with libgan.so" && exit 1 ;;
    esac
    return 0
}
for kind in gan static; do
    try "$work/cmake" faces $kind
    try "$work/pc" dcgan_faces $kind
done
cmp "$work/run_faces_gan/generator.safetensors" "$work/run_dcgan_faces_static/generator.safetensors"
