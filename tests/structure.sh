#!/bin/sh
# SPDX-License-Identifier: MIT
# structure.sh - the rules of docs/architecture.md that a program can check. Prints each breach; 0: there is none.
#
#     sh tests/structure.sh [ROOT]
set -eu
cd "${1:-$(dirname "$0")/..}"

# --- 1. floors: FLOOR: those whose headers its files may include ---
sees="
base:   base
kernel: base kernel
tensor: base kernel tensor
op:     base kernel tensor op
nn:     base kernel tensor op nn
data:   base tensor data
train:  base kernel tensor op nn data train
cli:    base kernel tensor op nn data train cli
"
# The floor of each public header, gan/NAME.h. gan.h itself, which lists them all, is the command's.
public="
base:   rng status types
kernel: machine
tensor: profile safetensors tape tensor
nn:     augment discriminator diversity generator layer loss module network optim penalty sampler schedule term
op:     attention conv2d matmul norm pointwise resample shape softmax
data:   dataset image loader
train:  balance checkpoint classifier config doctor run trainer
"

# --- 2. what the library's code may not use: a regular expression, and the files that may ---
only="
(malloc|calloc|realloc|aligned_alloc|posix_memalign|strdup|strndup) *[(]: src/base/memory.c
free *[(]: src/base/memory.c src/train/config_json.c
(printf|vprintf|dprintf|puts|putchar|perror) *[(]:
stdout|stderr:
(exit|_exit|_Exit|quick_exit|abort|assert|raise|signal|sigaction) *[(]:
(getenv|secure_getenv|setenv|putenv) *[(]:
(rand|srand|random|time|clock) *[(]:
(cblas|openblas)_[a-z_]+: src/kernel/gemm.c
"

# --- 3. length and licence ---
longest=400

c_files() {
    find "$@" -name '*.[ch]' | LC_ALL=C sort
}

breaches=$(
    # shellcheck disable=SC2046
    awk -v sees="$sees" -v public="$public" -v only="$only" -v longest="$longest" '
    # Lines "key: a b c" into table[key, a], table[key, b], ...; keys[key].
    function read_table(text, table, keys,    line, n, i, k, part, word) {
        n = split(text, line, "\n")
        for (i = 1; i <= n; i++) {
            if (!match(line[i], /:/)) continue
            keys[part = substr(line[i], 1, RSTART - 1)] = 1
            k = split(substr(line[i], RSTART + 1), word, " ")
            while (k) table[part, word[k--]] = 1
        }
    }
    function floor_of(file,    at) {
        if (file == "gan.h" || file == "include/gan.h") return "cli"
        if (sub(/^(include\/)?gan\//, "", file)) {
            sub(/\.h$/, "", file)
            for (at in floors) if ((at, file) in headers) return at
            return ""
        }
        sub(/^src\//, "", file)
        sub(/\/.*/, "", file)
        return file
    }
    function breach(text) { print FILENAME ":" FNR ": " text }
    # The line without comments and the insides of strings.
    function code(line,    out, c, i, n) {
        out = ""
        n = length(line)
        for (i = 1; i <= n; i++) {
            c = substr(line, i, 1)
            if (comment) {
                if (substr(line, i, 2) == "*/") { comment = 0; i++ }
            } else if (substr(line, i, 2) == "/*") { comment = 1; i++
            } else if (c == "\"" || c == "\047") {
                for (i++; i <= n && substr(line, i, 1) != c; i++) if (substr(line, i, 1) == "\\") i++
                out = out c c
            } else out = out c
        }
        return out
    }
    BEGIN {
        read_table(sees, sight, floors)
        read_table(public, headers, unused)
        read_table(only, allowed, words)
    }
    FNR == 1 {
        if (lines > longest) print previous ": " lines " lines; at most " longest
        comment = 0
        here = floor_of(FILENAME)
        library = here != "cli" || FILENAME == "include/gan.h"
        if (here == "") breach("is in no row of the table of public headers in tests/structure.sh")
        else if (!(here in floors)) breach("\"" here "\" is no floor")
    }
    { lines = FNR; previous = FILENAME; text = code($0) }
    /^[ \t]*#[ \t]*include[ \t]*"/ {
        split($0, quoted, "\"")
        if (quoted[2] != "gan.h" && quoted[2] !~ /\//) breach("includes \"" quoted[2] "\" without its floor")
        else {
            there = floor_of(quoted[2])
            if (!((here, there) in sight)) breach("a file of floor " here " includes " quoted[2] " of floor " there)
        }
        next
    }
    library {
        for (word in words)
            if (text ~ ("(^|[^A-Za-z0-9_.>])(" word ")") && !((word, FILENAME) in allowed)) {
                hit = text
                sub(/^ +/, "", hit)
                breach("the library may not use this here: " hit)
            }
    }
    END { if (lines > longest) print previous ": " lines " lines; at most " longest }
    ' $(c_files src include)

    # gan.h lists every public header.
    for header in include/gan/*.h; do
        grep -q "^#include \"gan/${header##*/}\"" include/gan.h || echo "include/gan.h: does not include gan/${header##*/}"
    done

    # The licence, in the first line, or the second behind #!.
    find src include tests examples data cmake docs .ci CMakeLists.txt -type f \( -name '*.[ch]' -o -name '*.sh' \
        -o -name '*.py' -o -name '*.cmake' -o -name '*.sed' -o -name 'CMakeLists.txt' -o -path .ci/run \) |
        LC_ALL=C sort | while read -r file; do
        head -n 2 "$file" | grep -q 'SPDX-License-Identifier: MIT' || echo "$file: has no SPDX-License-Identifier line"
    done
)

[ -z "$breaches" ] || {
    printf '%s\n' "$breaches"
    exit 1
}
