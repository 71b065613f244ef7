#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds and tests this tree on Debian 13 (Qt 6.8), by hand before a release: packaging/test.sh in a Debian 13 of its own.
#   sh packaging/test-debian13.sh              the release build, warnings as errors, and all tests with the conformance kit
#   sh packaging/test-debian13.sh all          everything that packaging/test.sh does
#   sh packaging/test-debian13.sh -- COMMAND   that command instead, in the tree, for a closer look
# Ends as packaging/test.sh does: with "N passed, M failed" and its exit status. The system, what was compiled and the
# compiler's cache stay in ~/.cache/restante/debian13 (or $XDG_CACHE_HOME, or $RESTANTE_DEBIAN13) and are used again; the
# tree is only read. Packages come from the mirror that this machine's apt uses. Needs root (sudo).
set -eu
cd "$(dirname "$0")/.."
. packaging/packages.sh
. packaging/otherdebian.sh
suite=trixie
store=${RESTANTE_DEBIAN13:-${XDG_CACHE_HOME:-$HOME/.cache}/restante/debian13}

say() { echo "test-debian13: $*"; }
fail() {
    say "FAILED: $*"
    exit 1
}

if [ "$(id -u)" -ne 0 ]; then
    exec sudo RESTANTE_DEBIAN13="$store" sh packaging/test-debian13.sh "$@"
fi
# Mounts and processes of its own: whatever happens, neither stays behind.
if [ -z "${RESTANTE_APART:-}" ]; then
    need_packages debootstrap util-linux
    mkdir -p build # what is compiled is mounted there
    RESTANTE_APART=yes exec unshare --mount --pid --fork --kill-child sh packaging/test-debian13.sh "$@"
fi
trap 'exit 130' INT TERM HUP # the first process of such a namespace would ignore them
mkdir -p "$store/build" "$store/ccache"
exec 9>"$store/lock"
flock -n 9 || fail "another run uses $store"

system=$store/system
if [ ! -d "$system" ]; then
    say "making a $suite in $system"
    rm -rf --one-file-system "$system.new"
    make_debian "$suite" "$system.new"
    mv "$system.new" "$system"
fi
debian_sites "$suite" | sed 's/^\([^ ]*\) \(.*\)$/deb \1 \2 main/' >"$system/etc/apt/sources.list"
mkdir -p "$system/restante" "$system/ccache" "$system/dev/shm" "$system/dev/pts"
mount --bind "$system" "$system" # tests that mount something need a root that is a mount
mount -t proc proc "$system/proc"
mount -t tmpfs tmpfs "$system/dev/shm"
mount -t devpts devpts "$system/dev/pts" -o newinstance,ptmxmode=0666
mount --bind . "$system/restante"
mount -o remount,bind,ro "$system/restante"
mount --bind "$store/build" "$system/restante/build"
mount --bind "$store/ccache" "$system/ccache"

if [ "${1:-}" = -- ]; then
    shift
else
    set -- sh packaging/test.sh "${1:-quick}"
fi
say "in $suite: $*"
status=0
chroot "$system" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    TERM="${TERM:-dumb}" CCACHE_DIR=/ccache sh -c 'cd /restante && "$@"' sh "$@" || status=$?
exit "$status"
