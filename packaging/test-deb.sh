#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Tries the Debian package where it matters: in a clean Debian 12 that has nothing but its essential packages.
#   sh packaging/test-deb.sh              builds the package, then tries it
#   sh packaging/test-deb.sh FILE.deb     tries that package
# Installs it with apt and its dependencies, runs restanted until it answers, shows the window under Xvfb, removes the
# package and looks for what it left. Packages come from the mirror that this machine's apt uses. Needs root (sudo).
# KEEP=1 leaves the system's folder for a look.
set -eu
cd "$(dirname "$0")/.."
. packaging/packages.sh
. packaging/otherdebian.sh

if [ "$(id -u)" -ne 0 ]; then
    exec sudo KEEP="${KEEP:-}" sh packaging/test-deb.sh "$@"
fi
say() { echo "test-deb: $*"; }
fail() {
    say "FAILED: $*"
    exit 1
}

package=${1:-}
# shellcheck disable=SC2086
need_packages $RESTANTE_BUILD_PACKAGES $RESTANTE_DEB_PACKAGES
if [ -z "$package" ]; then
    use_compiler_cache
    cmake --preset release -B build/package -DBUILD_TESTING=OFF # cpack builds everything that is switched on
    cmake --build build/package
    (cd build/package && cpack -G DEB)
    package=$(ls -t build/package/restante_*.deb | head -n 1)
fi
[ -f "$package" ] || fail "there is no package"
say "package $package"
lintian --tag-display-limit 0 "$package" || true

suite=bookworm
system=$(mktemp -d /var/tmp/restante-deb.XXXXXX)
chmod 755 "$system"
display_pid=
service_pid=
window_pid=
cleanup() {
    status=$?
    trap - EXIT
    for pid in $window_pid $service_pid $display_pid; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    for place in tmp/.X11-unix dev/pts dev/shm proc; do
        if mountpoint -q "$system/$place"; then
            umount "$system/$place" || umount -l "$system/$place"
        fi
    done
    if [ -n "${KEEP:-}" ]; then
        say "left in $system"
    elif grep -q " $system/" /proc/mounts; then
        say "something is still mounted below $system; it stays"
    else
        rm -rf --one-file-system "$system"
    fi
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

say "making a clean $suite"
make_debian "$suite" "$system"
debian_sites "$suite" | sed 's/^\([^ ]*\) \(.*\)$/deb \1 \2 main/' >"$system/etc/apt/sources.list"
mkdir -p "$system/tmp/.X11-unix" "$system/dev/shm" "$system/dev/pts"
mount -t proc proc "$system/proc"
mount -t tmpfs tmpfs "$system/dev/shm"
mount -t devpts devpts "$system/dev/pts" -o newinstance,ptmxmode=0666
# The shell becomes the program, so that a background one's process id is its own.
become_in_system() {
    exec chroot "$system" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "$@"
}
in_system() (
    become_in_system "$@"
)

say "installing the package and its dependencies"
cp "$package" "$system/tmp/restante.deb"
in_system apt-get update -q >/dev/null
in_system apt-get install -q -y --no-install-recommends /tmp/restante.deb >"$system/tmp/install.log" 2>&1 || {
    tail -n 30 "$system/tmp/install.log"
    fail "apt cannot install it"
}
in_system dpkg -L restante | sort >"$system/tmp/files"
for file in usr/bin/restante usr/bin/restanted usr/bin/restantectl usr/share/bash-completion/completions/restantectl \
    usr/share/man/man1/restantectl.1.gz usr/share/applications/org.restante.Restante.desktop \
    usr/share/icons/hicolor/scalable/apps/org.restante.Restante.svg usr/share/man/man1/restante.1.gz \
    usr/share/metainfo/org.restante.Restante.metainfo.xml usr/share/doc/restante/copyright; do
    [ -s "$system/$file" ] || in_system grep -qx "/$file" /tmp/files || fail "/$file is not in the package"
done
in_system sh -c '! ldd /usr/bin/restante /usr/bin/restanted /usr/bin/restantectl | grep "not found"' || fail "a library is missing"

say "starting restanted"
become_in_system restanted --data-dir /root/service --listen 127.0.0.1:0 >"$system/tmp/ready" 2>"$system/tmp/service.log" &
service_pid=$!
tries=0
until grep -q '"event":"ready"' "$system/tmp/ready"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ] || ! kill -0 "$service_pid" 2>/dev/null; then
        cat "$system/tmp/service.log"
        fail "restanted did not become ready"
    fi
    sleep 0.2
done
address=$(sed -n 's/.*"listen":\["\([^"]*\)".*/\1/p' "$system/tmp/ready")
answer=$(curl --noproxy '*' -sS --max-time 10 "$address/_matrix/federation/v1/version")
echo "$answer" | grep -qi restante || fail "the version answer is: $answer"
say "it answers $answer"
in_system restantectl --data-dir /root/service status | grep -q '^State: *running$' || fail "restantectl gets no status"
kill -TERM "$service_pid"
status=0
wait "$service_pid" || status=$?
service_pid=
[ "$status" -eq 0 ] || fail "restanted ended with status $status"

say "showing the window"
mount --bind /tmp/.X11-unix "$system/tmp/.X11-unix" 2>/dev/null || {
    mkdir -p /tmp/.X11-unix
    chmod 1777 /tmp/.X11-unix
    mount --bind /tmp/.X11-unix "$system/tmp/.X11-unix"
}
exec 3>"$system/tmp/display"
Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp >/dev/null 2>&1 &
display_pid=$!
exec 3>&-
tries=0
until [ -s "$system/tmp/display" ]; do
    tries=$((tries + 1))
    [ "$tries" -le 100 ] || fail "Xvfb does not start"
    sleep 0.1
done
DISPLAY=:$(cat "$system/tmp/display")
export DISPLAY
become_in_system env DISPLAY="$DISPLAY" restante --data-dir /root/window --listen 127.0.0.1:0 >"$system/tmp/window.log" 2>&1 &
window_pid=$!
tries=0
until xdotool search --onlyvisible --name Restante >"$system/tmp/window" 2>/dev/null && [ -s "$system/tmp/window" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ] || ! kill -0 "$window_pid" 2>/dev/null; then
        cat "$system/tmp/window.log"
        fail "no window appeared"
    fi
    sleep 0.2
done
say "it is there: $(xdotool getwindowname "$(head -n 1 "$system/tmp/window")")"
if [ -n "${SCREENSHOT:-}" ] && command -v import >/dev/null; then
    sleep 2
    import -window root "$SCREENSHOT"
fi
kill -TERM "$window_pid"
wait "$window_pid" || true
window_pid=

say "removing the package"
in_system apt-get purge -q -y restante >/dev/null 2>&1 || fail "apt cannot remove it"
left=
while read -r file; do
    if [ -e "$system$file" ] && [ ! -d "$system$file" ]; then
        left="$left $file"
    fi
done <"$system/tmp/files"
for folder in usr/share/doc/restante var/lib/restanted; do
    [ ! -e "$system/$folder" ] || left="$left /$folder"
done
if in_system dpkg-query -W -f '${Status}' restante 2>/dev/null | grep -q installed; then
    left="$left (dpkg still knows it)"
fi
[ -z "$left" ] || fail "left behind:$left"
say "passed"
