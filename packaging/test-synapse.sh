#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Two real Synapse servers that are never there at the same time, each behind a front door and a node, as README's "My
# homeserver behind a friend's relay" sets them up: tests/e2e/synapses.py, by hand before a release.
#   sh packaging/test-synapse.sh [ROUNDS]      programs of build/ci/app, or of $RESTANTE_PROGRAMS
# Synapse comes from Debian's unstable suite, in a system of its own in ~/.cache/restante/synapse (or $XDG_CACHE_HOME, or
# $RESTANTE_SYNAPSE), which is used again. Network, names and mounts are the test's own: nothing outside is changed. Needs
# root (sudo).
set -eu
cd "$(dirname "$0")/.."
. packaging/packages.sh
. packaging/otherdebian.sh
suite=sid
store=${RESTANTE_SYNAPSE:-${XDG_CACHE_HOME:-$HOME/.cache}/restante/synapse}
programs=${RESTANTE_PROGRAMS:-build/ci/app}

say() { echo "test-synapse: $*"; }
fail() {
    say "FAILED: $*"
    exit 1
}

if [ "$(id -u)" -ne 0 ]; then
    exec sudo RESTANTE_SYNAPSE="$store" RESTANTE_PROGRAMS="$programs" sh packaging/test-synapse.sh "$@"
fi
[ -x "$programs/restanted" ] || fail "there is no $programs/restanted: build it first"
if [ -z "${RESTANTE_APART:-}" ]; then
    need_packages debootstrap util-linux iproute2 python3 python3-nacl openssl
    mkdir -p "$store"
    if [ ! -d "$store/system" ]; then
        say "making a $suite with Synapse in $store/system"
        rm -rf --one-file-system "$store/new"
        make_debian "$suite" "$store/new"
        cp /etc/resolv.conf "$store/new/etc/resolv.conf"
        DEBIAN_FRONTEND=noninteractive chroot "$store/new" apt-get install -y --no-install-recommends matrix-synapse \
            >"$store/install.log" 2>&1 || {
            tail -n 20 "$store/install.log"
            fail "Synapse could not be installed"
        }
        mv "$store/new" "$store/system"
    fi
    RESTANTE_APART=yes exec unshare --mount --net --pid --fork --kill-child sh packaging/test-synapse.sh "$@"
fi
trap 'exit 130' INT TERM HUP # the first process of such a namespace would ignore them
exec 9>"$store/lock"
flock -n 9 || fail "another run uses $store"
ip link set lo up
system=$store/system
mount -t proc proc /proc
mount -t proc proc "$system/proc"
mount --bind /dev "$system/dev"
mkdir -p "$system/srv/restante"
mount -t tmpfs tmpfs "$system/srv/restante" # keys and databases of the run, gone with it
cp "$programs/restanted" "$programs/restantectl" "$store/"
{
    echo "127.0.0.1 localhost"
    echo "127.0.0.11 a.test"
    echo "127.0.0.12 b.test"
    echo "127.0.0.13 relay.test a.relay.test b.relay.test"
} >"$store/hosts"
mount --bind "$store/hosts" /etc/hosts
cp "$store/hosts" "$system/etc/hosts"
say "with $(chroot "$system" dpkg-query -W -f '${Package} ${Version}' matrix-synapse)"
exec /usr/bin/python3 -B tests/e2e/synapses.py "$system" "$store/restanted" "$store/restantectl" "$@"
