#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs test suites against the build in a directory; one line a unit program or suite, the output
# of what failed, and a closing line `N passed, N failed`.
#
#     tests/support/run_tests.sh build unit cases integration clients conformance
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$1
shift

export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
python=${PYTHON:-python3}
passed=0
failed=0
output=$(mktemp)
failures=$(mktemp)
trap 'rm -f "$output" "$failures"' EXIT

now() { date +%s%N; }

# report NAME STATUS STARTED DETAIL: one line, and the output when the status is not 0. What failed
# is told once more at the end, where a reader of a long log looks first.
report() {
    local milliseconds=$((($(now) - $3) / 1000000)) word=ok
    [ "$2" -eq 0 ] || word=FAILED
    printf '%-44s %-6s %3d.%03d s%s\n' "$1" $word $((milliseconds / 1000)) \
        $((milliseconds % 1000)) "${4:+  $4}"
    [ "$2" -ne 0 ] || return 0
    sed 's/^/    /' "$output"
    printf 'FAILED: %s, status %s\n' "$1" "$2" >>"$failures"
    grep -vE '^\[ +(RUN|OK) ' "$output" | tail -n 25 | sed 's/^/    /' >>"$failures"
}

run_unit_tests() {
    local source program started status
    for source in tests/unit/test_*.c tests/unit/*/test_*.c; do
        program=$build/${source%.c}
        [ -f "$source" ] || continue
        started=$(now)
        timeout 600 "$program" >"$output" 2>&1 </dev/null
        status=$?
        report "${source%.c}" $status "$started" ""
        if [ $status -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    done
}

# A suite is a Python program that ends with its own closing line.
run_suite() {
    local name=$1 entry=tests/$1/run.py started status closing
    [ ! -f "tests/$1.py" ] || entry=tests/$1.py
    shift
    if [ ! -f "$entry" ]; then
        echo "$name: skipped, there is no $entry"
        return
    fi
    started=$(now)
    timeout 1800 "$python" "$entry" --binary "$build/understudy" "$@" >"$output" 2>&1 </dev/null
    status=$?
    if [ $status -eq 0 ] && grep -q '^skipped: ' "$output"; then
        report "$name" 0 "$started" "$(grep '^skipped: ' "$output" | head -n 1)"
        return
    fi
    closing=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$output" | tail -n 1)
    closing=${closing:-0 passed, 0 failed}
    set -- $closing
    passed=$((passed + $1))
    failed=$((failed + $3))
    # A suite that failed says so by its status, whatever it counted; one that counted nothing
    # did not get to its end.
    [ "$3" -eq 0 ] || status=1
    [ "$1" -gt 0 ] || [ "$3" -gt 0 ] || status=1
    [ $status -eq 0 ] || [ "$3" -gt 0 ] || failed=$((failed + 1))
    report "$name" $status "$started" "$closing"
}

for suite in "$@"; do
    case $suite in
    unit) run_unit_tests ;;
    cases) run_suite cases --inprocess "$build/tests/inprocess_door" ;;
    conformance)
        run_suite conformance --commands "${COMMANDS:-2000}"
        run_suite conformance/messages --commands "${COMMANDS:-2000}"
        run_suite conformance/crowd --commands "${COMMANDS:-2000}"
        run_suite conformance/journal --commands "${COMMANDS:-2000}"
        ;;
    *) run_suite "$suite" ;;
    esac
done

cat "$failures"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
