# SPDX-License-Identifier: MIT
# setup.sh - what the scripts share: packages and builds. Read by `.`, after $root has been set to the folder of the
# sources. POSIX sh; messages go to stderr.

# What every build needs, on Debian 12 and its like.
base_packages="gcc libc6-dev make cmake pkg-config libopenblas-dev libstb-dev librandom123-dev libjansson-dev zlib1g-dev"

say() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
    say "$*"
    exit 1
}

# A package is there when dpkg says so, or when a command of its name is (a cmake of one's own, say).
installed() {
    command -v "$1" >/dev/null 2>&1 && return 0
    dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

# As root: directly, or through sudo.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        die "this needs root, and sudo is not there. As root: $*"
    fi
}

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q "$@" </dev/null >&2
}

# Installs those of the packages that are missing. Package lists are fetched only when they do not know one, or
# are too old to get it.
need() {
    missing=
    for package in "$@"; do
        installed "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null 2>&1 || die "install what Debian calls:$missing (there is no apt-get here to do it)"
    say "installing with apt:$missing"
    # shellcheck disable=SC2086 # a list of words
    if ! apt-cache show --no-all-versions $missing >/dev/null 2>&1 ||
        ! apt_get install -y --no-install-recommends $missing; then
        apt_get update
        apt_get install -y --no-install-recommends $missing || die "apt-get could not install:$missing"
    fi
}

cores() {
    nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1
}

# build PRESET [TARGET ...]: configures when that is new or has changed, and builds with all cores, quietly unless it
# fails. Leaves the folder in $build.
build() {
    preset=$1
    build=$root/build/$preset
    shift
    mkdir -p "$build"
    if [ ! -f "$build/Makefile" ] || [ -n "$(find "$root/CMakePresets.json" -newer "$build/Makefile")" ]; then
        (cd "$root" && quietly "$build/configure.log" cmake --preset "$preset")
        touch "$build/Makefile"
    fi
    say "building in build/$preset"
    targets=
    for target in "$@"; do targets="$targets --target $target"; done
    # shellcheck disable=SC2086
    quietly "$build/build.log" cmake --build "$build" -j "$(cores)" $targets
}

# quietly LOG COMMAND...: shows what the command printed only when it fails.
quietly() {
    log=$1
    shift
    if ! "$@" >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        die "failed: $*"
    fi
}
