# SPDX-License-Identifier: GPL-3.0-or-later
# Read by the scripts that try things in a Debian of their own. They define `fail`.

# debian_sites SUITE: the sites and suites of this machine's own Debian as those of SUITE, a line each: "URL SUITE".
debian_sites() {
    own=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    apt-get indextargets --format "\$(REPO_URI) \$(RELEASE)" "Created-By: Packages" |
        awk -v own="$own" '$2 == own || index($2, own "-") == 1' | sed "s/ $own/ $1/" | sort -u
}

# make_debian SUITE FOLDER: the essential packages of SUITE in FOLDER, where nothing that a package brings is started.
make_debian() {
    mirror=$(debian_sites "$1" | awk -v suite="$1" '$2 == suite { print $1; exit }')
    [ -n "$mirror" ] || fail "this machine's apt has no source of a Debian"
    debootstrap --variant=minbase "$1" "$2" "$mirror" >"$2.log" 2>&1 || {
        tail -n 20 "$2.log"
        rm -f "$2.log"
        fail "debootstrap"
    }
    rm -f "$2.log"
    printf '#!/bin/sh\nexit 101\n' >"$2/usr/sbin/policy-rc.d"
    chmod 755 "$2/usr/sbin/policy-rc.d"
}
