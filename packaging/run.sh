#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what Restante needs, builds it and starts it: the window if there is a display, the service otherwise.
# restantectl is built, too; the programs lie in build/release/app/.
# Arguments go to the program: sh packaging/run.sh --data-dir ~/restante --listen 0.0.0.0:8449
set -eu
called_from=$(pwd)
cd "$(dirname "$0")/.."
root=$(pwd)
. packaging/packages.sh

packages=$RESTANTE_BUILD_PACKAGES
program=restanted
if [ -n "${DISPLAY:-}" ] || [ -n "${WAYLAND_DISPLAY:-}" ]; then
    program=restante
    if [ -n "${WAYLAND_DISPLAY:-}" ]; then
        packages="$packages qt6-wayland"
    fi
fi

# Standard output belongs to the program: restanted promises exactly one line there.
{
    # shellcheck disable=SC2086
    need_packages $packages
    use_compiler_cache
    mkdir -p build
    log=$root/build/run.log
    # A unit of compilation for each room: from scratch, the headers are read once for each instead of once for each file,
    # which takes half of the processor time (474 s instead of 906 s with GCC 12).
    if ! cmake --preset release -DRESTANTE_UNITY=ON >"$log" 2>&1; then
        cat "$log"
        exit 1
    fi
    [ -x "build/release/app/$program" ] || echo "building Restante; the first time takes some minutes"
    NINJA_STATUS='built %f of %t: ' cmake --build build/release --target "$program" restantectl
    echo "the programs are in $root/build/release/app"
} >&2

# Relative paths among the arguments mean the caller's folder.
cd "$called_from"
exec "$root/build/release/app/$program" "$@"
