#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs every fuzz target of a build for some seconds, as many at once as there are processors.
# Seeds come from tests/fuzz/corpus/NAME, words from tests/fuzz/NAME.dict; what is found new is
# kept in BUILD/corpus/NAME, and an input that fails in BUILD/failures.
#
#     tests/support/run_fuzzers.sh build/fuzz 60
set -u
cd "$(dirname "$0")/../.." || exit 1
export build=$1 seconds=$2
mkdir -p "$build/failures" "$build/logs"
rm -f "$build"/logs/*.failed

run_target() {
    local name=$1 corpus=$build/corpus/$1 log=$build/logs/$1 options=()
    mkdir -p "$corpus"
    [ -d "tests/fuzz/corpus/$name" ] && options+=("tests/fuzz/corpus/$name")
    [ -f "tests/fuzz/$name.dict" ] && options+=("-dict=tests/fuzz/$name.dict")
    if "$build/tests/fuzz/$name" "$corpus" "${options[@]}" -max_total_time="$seconds" -timeout=20 \
        -rss_limit_mb=4096 -artifact_prefix="$build/failures/$name-" >"$log" 2>&1 </dev/null; then
        echo "$name ok: $(grep '^Done' "$log")"
    else
        touch "$log.failed"
        echo "$name FAILED"
        tail -n 60 "$log" | sed 's/^/    /'
    fi
}
export -f run_target

names=$(for source in tests/fuzz/fuzz_*.c; do [ -f "$source" ] && basename "$source" .c; done)
[ -n "$names" ] || echo "fuzz: skipped, there is no tests/fuzz/fuzz_*.c"
echo "$names" | xargs -r -P "$(nproc)" -I NAME bash -c 'run_target NAME'

total=$(echo "$names" | grep -c .)
failed=$(find "$build/logs" -name '*.failed' | wc -l)
echo "$((total - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
