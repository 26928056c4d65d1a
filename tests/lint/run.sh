#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs every check of this folder; each prints what is wrong, and nothing when all is well.
#
#     tests/lint/run.sh build/objects
cd "$(dirname "$0")/../.." || exit 1
passed=0
failed=0
for check in tests/lint/check_*.sh; do
    name=$(basename "$check" .sh)
    if complaints=$("$check" "$1" 2>&1) && [ -z "$complaints" ]; then
        echo "${name#check_}: ok"
        passed=$((passed + 1))
    else
        echo "${name#check_}: FAILED"
        echo "$complaints" | sed 's/^/    /'
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
