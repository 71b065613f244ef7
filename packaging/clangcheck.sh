#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The second compiler: clang reads every source. Two sources at a time; JOBS=N for more.
#   sh packaging/clangcheck.sh                 clang++ -fsyntax-only on all sources
#   sh packaging/clangcheck.sh tidy            clang-tidy on the sources that the last commit changed
#   ALL=1 sh packaging/clangcheck.sh tidy      clang-tidy on all sources
#   EXCEPT=build/asan sh packaging/clangcheck.sh            without the sources of that build folder
# The build folder build/clang is only configured, with the generated sources and the precompiled headers that the others
# read. Each source is read by itself, as in a build without RESTANTE_UNITY: this finds the one that lacks an #include.
set -eu
cd "$(dirname "$0")/.."
mode=${1:-syntax}
folder=build/clang

cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_COMPILER=clang++ \
    -DRESTANTE_WERROR=ON >/dev/null
# The generated sources, each by its own command: ninja would first build the libraries that their targets link.
find "$folder" -name AutogenInfo.json -exec cmake -E cmake_autogen {} RelWithDebInfo \; >/dev/null
ninja -C "$folder" -t targets all | sed -n 's/^\([A-Za-z0-9_./]*\.\(moc\|pch\)\): .*$/\1/p' | while read -r made; do
    ninja -C "$folder" -t commands "$made" | tail -n 1 | (cd "$folder" && sh)
done

exec python3 packaging/clangcheck.py "$mode" "$folder" "${JOBS:-2}" "${ALL:-}" "${EXCEPT:-}"
