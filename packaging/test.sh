#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what the tests need, builds everything and runs all tests. The last line is "N passed, M failed"; the exit
# status is 0 only if nothing failed and something ran.
#   sh packaging/test.sh           everything
#   sh packaging/test.sh quick     the release build and its tests only
#   ALL=1 sh packaging/test.sh     clang-tidy on all sources instead of those of the last commit, and the guard's suite
#                                  under sanitizers although the guard has not changed in the last three days
cd "$(dirname "$0")/.." || exit 1
. packaging/packages.sh
mode=${1:-all}
jobs=$(nproc 2>/dev/null || echo 2)
# Tests wait for timers and disks: with 2 at once on 2 cores they took 450 s for 254 s of processor time.
testers=$((jobs + 1))
logs=build/test-logs
passed=0
failed=0
report=
scratch=

# Whatever happens, the closing line comes.
finish() {
    status=$?
    trap - EXIT
    [ -z "$scratch" ] || rm -rf "$scratch"
    if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
        failed=1
    fi
    printf '\n%s\n' "$report"
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

# stage NAME COMMAND...: runs a stage, shows its time. A stage that runs ctest counts its tests itself (see tests); any
# other counts 1.
stage() {
    stage_name=$1
    shift
    echo
    echo "== $stage_name"
    counted=
    began=$(date +%s)
    if "$@"; then
        outcome=ok
        [ -n "$counted" ] || passed=$((passed + 1))
    else
        outcome=FAILED
        [ -n "$counted" ] || failed=$((failed + 1))
    fi
    took=$(($(date +%s) - began))
    report=$(printf '%s\n%6d s  %-6s  %s' "$report" "$took" "$outcome" "$stage_name")
    echo "-- $stage_name: $outcome, $took s"
}

# build PRESET TARGETS [cache entries...]: configures and builds quietly; shows the log only if it went wrong.
build() {
    preset=$1
    targets=$2
    shift 2
    # shellcheck disable=SC2086
    if cmake --preset "$preset" -DRESTANTE_WERROR=ON "$@" >"$logs/build-$preset.log" 2>&1 &&
        cmake --build "build/$preset" -j "$jobs" --target $targets >>"$logs/build-$preset.log" 2>&1; then
        return 0
    fi
    tail -n 80 "$logs/build-$preset.log"
    return 1
}

# tests PRESET NAME ctest-options...: runs ctests of a build folder and adds up what they say.
tests() {
    preset=$1
    log=$logs/ctest-$preset-$2.log
    shift 2
    # Address space layout randomisation of newer kernels leaves the thread sanitizer no room.
    fixed=
    if [ "$preset" = tsan ] && setarch "$(uname -m)" -R true 2>/dev/null; then
        fixed="setarch $(uname -m) -R"
    fi
    # shellcheck disable=SC2086
    $fixed ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$testers" "$@" >"$log" 2>&1 </dev/null
    result=$?
    cat "$log"
    summary=$(sed -n 's/^[0-9]*% tests passed, \([0-9]*\) tests failed out of \([0-9]*\)$/\1 \2/p' "$log" | tail -n 1)
    if [ -z "$summary" ]; then
        echo "ctest gave no summary"
        return 1
    fi
    bad=${summary% *}
    total=${summary#* }
    counted=yes
    failed=$((failed + bad))
    passed=$((passed + total - bad))
    if [ "$result" -ne 0 ] && [ "$bad" -eq 0 ]; then
        failed=$((failed + 1))
    fi
    return "$result"
}

release_tests() {
    build ci all && tests ci all
}
# Without the window, and without Qt's widgets to be found at all: this is also the build of the core alone.
asan_tests() {
    build asan "$1" -DRESTANTE_GUI=OFF -DRESTANTE_BENCH=OFF -DCMAKE_DISABLE_FIND_PACKAGE_Qt6Widgets=ON \
        -DCMAKE_DISABLE_FIND_PACKAGE_Qt6Gui=ON || return 1
    shift
    tests asan "$@"
}
# The rooms that have more than one thread.
tsan_tests() {
    build tsan "$(grep -L RESTANTE_ONE_THREAD tests/core/*/CMakeLists.txt | sed 's|CMakeLists.txt|all|' | tr '\n' ' ')" &&
        tests tsan core -L '^core$' -LE one_thread
}
# changed PATH...: whether the commits of the last three days changed anything there, or that cannot be told.
changed() {
    [ -z "${ALL:-}" ] || return 0
    since=$(git rev-list -1 --before='3 days ago' HEAD 2>/dev/null)
    [ -n "$since" ] || return 0
    ! git diff --quiet "$since" HEAD -- "$@"
}
format_check() {
    git ls-files '*.cpp' '*.h' | xargs clang-format --dry-run -Werror
}
bench_smoke() {
    build/ci/tests/bench/restante_bench --smoke --json "$logs/bench-smoke.json" </dev/null
}
shell_syntax() {
    for script in $(git ls-files '*.sh'); do
        sh -n "$script" || return 1
    done
    bash -n .ci/run
}

mkdir -p "$logs"
# shellcheck disable=SC2086
if ! need_packages $RESTANTE_BUILD_PACKAGES $RESTANTE_TEST_PACKAGES; then
    echo "the packages could not be installed"
    exit 1
fi
use_compiler_cache
# Tests start programs that expect a session's runtime folder; a CI machine may have none.
if [ -z "${XDG_RUNTIME_DIR:-}" ] || [ ! -d "${XDG_RUNTIME_DIR:-}" ]; then
    scratch=$(mktemp -d)
    chmod 700 "$scratch"
    XDG_RUNTIME_DIR=$scratch
    export XDG_RUNTIME_DIR
fi
export QT_QPA_PLATFORM=offscreen
export UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1"
# The file names QtTest's watchdog only.
export TSAN_OPTIONS="second_deadlock_stack=1:suppressions=$(pwd)/tests/tsan.supp"

stage "release build, warnings as errors, all tests" release_tests
if [ "$mode" != quick ]; then
    stage "without the window, address and undefined behaviour sanitizers: tests/core" asan_tests all core -L '^(core|app)$'
    if changed core/http tests/e2e/guard; then
        stage "the same: the guard's suite, because the guard has changed lately" asan_tests all guard -R '^guard_'
    fi
    stage "thread sanitizer, tests/core, compiled by clang" tsan_tests
    stage "clang reads what the sanitizers' builds did not compile" env EXCEPT=build/asan sh packaging/clangcheck.sh
    stage "clang-tidy" sh packaging/clangcheck.sh tidy
    stage "clang-format" format_check
    stage "bench, smoke run" bench_smoke
    stage "desktop file" desktop-file-validate packaging/org.restante.Restante.desktop
    stage "metainfo" appstreamcli validate --no-net packaging/org.restante.Restante.metainfo.xml
    stage "shell syntax" shell_syntax
fi
exit 0
