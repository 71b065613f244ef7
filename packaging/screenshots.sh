#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Takes the pictures of README and metainfo: starts the programs of a build with made-up mail, in a network and on a
# display of their own, and writes packaging/screenshots/*.png. Look at them before you commit them.
#   sh packaging/screenshots.sh build/release
set -eu
cd "$(dirname "$0")/.."
. packaging/packages.sh
[ $# -eq 1 ] || {
    echo "usage: sh packaging/screenshots.sh BUILD" >&2
    exit 2
}
build=$(cd "$1" && pwd)
# shellcheck disable=SC2086
need_packages $RESTANTE_PICTURE_PACKAGES
# The window shows addresses: they are those of a network without anybody else in it.
exec unshare --map-root-user --net sh -c 'ip link set lo up && ip addr add 203.0.113.7/32 dev lo &&
    ip addr add 198.51.100.20/32 dev lo && exec /usr/bin/python3 -B packaging/screenshots.py "$1"' sh "$build"
