#!/bin/bash
# SPDX-License-Identifier: MIT
# A symbol tells its file: what src/x/y.c shows to other files starts with y_ (for a plural y, the
# singular will do). Exceptions stand in names.exceptions.
find "$1/src" -name '*.o' | sort | while read -r object; do
    file=${object#"$1"/}
    file=${file%.o}.c
    module=$(basename "$file" .c)
    [ "$module" != main ] || continue
    allowed="$module ${module}_* ${module%s}_* ${module%es}_*"
    allowed+=" $(awk -v file="$file" '$1 == file { print $2 }' tests/lint/names.exceptions)"
    nm -g --defined-only "$object" | while read -r _ _ symbol; do
        set -f
        for pattern in $allowed; do
            # shellcheck disable=SC2053
            [[ $symbol != $pattern ]] || continue 2
        done
        echo "$file shows $symbol, which does not start with ${module}_"
    done
done
