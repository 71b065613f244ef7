# SPDX-License-Identifier: GPL-3.0-or-later
# Read by run.sh and the scripts for tests: which Debian packages a stage needs, and how to get those that are missing.

# Compiler and libraries. libqt6httpserver's CMake package asks for the WebSockets development files.
RESTANTE_BUILD_PACKAGES="g++ cmake ninja-build ccache pkg-config qt6-base-dev qt6-httpserver-dev qt6-websockets-dev
qt6-tools-dev qt6-l10n-tools libgl1-mesa-dev
libqt6sql6-sqlite libsodium-dev libboost-dev libcurl4-openssl-dev libssl-dev libc-ares-dev libyaml-dev libxcb1-dev
libqrencode-dev libzxing-dev ca-certificates"
# For the tests: the conformance kit is Python with PyNaCl; certificates come from openssl; the rest are checkers.
RESTANTE_TEST_PACKAGES="git iproute2 dbus-daemon python3 python3-nacl openssl clang libclang-rt-dev llvm clang-tidy clang-format desktop-file-utils appstream"
# For a package to be built, checked and tried in a clean system.
RESTANTE_DEB_PACKAGES="dpkg-dev fakeroot file lintian debootstrap xvfb xauth xdotool curl"
# For the pictures of the window.
RESTANTE_PICTURE_PACKAGES="iproute2 python3 python3-nacl xvfb openbox xdotool imagemagick pngquant optipng
x11-utils openssl fonts-cantarell fonts-dejavu-core"

# Runs a command as root, with sudo if we are not.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# need_packages NAME...: installs those that are not installed. Touches neither apt nor the network if none is missing.
need_packages() {
    missing=
    for wanted in "$@"; do
        case $(dpkg-query -W -f '${Status}' "$wanted" 2>/dev/null) in
        *' installed') ;;
        *) missing="$missing $wanted" ;;
        esac
    done
    [ -n "$missing" ] || return 0
    echo "installing:$missing"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q </dev/null || return 1
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing </dev/null
}

# Compiler cache shared between the build folders: paths inside the tree count as relative, so that a file compiled the
# same way in two of them is compiled once. Works without HOME.
use_compiler_cache() {
    : "${CCACHE_DIR:=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/ccache}"
    CCACHE_BASEDIR=$(pwd)
    CCACHE_NOHASHDIR=1
    export CCACHE_DIR CCACHE_BASEDIR CCACHE_NOHASHDIR
}
