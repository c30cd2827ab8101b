#!/bin/sh
# SPDX-License-Identifier: MIT
# exports.sh ROOT LIBGAN.SO - what the shared library shows is what the headers declare, and each header compiles by
# itself as C11.
set -eu
root=$1 library=$2
failed=0

names() {
    LC_ALL=C sort -u >"$1"
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

nm -D --defined-only "$library" | awk '$2 != "w" { print $NF }' | names "$work/shown"
# A declaration begins with GAN_API; the name stands before the first bracket, on this line or the next.
cat "$root"/include/gan/*.h | awk '
    /^GAN_API/ { open = 1 }
    open && match($0, /gan_[a-z0-9_]+\(/) { print substr($0, RSTART, RLENGTH - 1); open = 0 }
' | names "$work/declared"

if ! diff "$work/declared" "$work/shown" >"$work/diff"; then
    sed -n 's/^</declared, but not exported:/p; s/^>/exported, but not declared:/p' "$work/diff"
    failed=1
fi
for header in "$root"/include/gan.h "$root"/include/gan/*.h; do
    "${CC:-cc}" -std=c11 -pedantic-errors -Wall -Wextra -Werror -fsyntax-only -I"$root/include" -x c "$header" || failed=1
done
exit $failed
