#!/bin/bash
# SPDX-License-Identifier: MIT
# No mutable data outlives a call: nothing stands in .data, .bss, their thread-local kin, or common
# storage. Constant tables of pointers (.data.rel.ro) may.
find "$1/src" -name '*.o' | sort | while read -r object; do
    objdump -t "$object" | awk -v file="$object" -F '\t' '{
        section = $1; sub(/.* /, "", section)
        name = $2; sub(/.* /, "", name)
        if (section ~ /^\.t?(data|bss)|^\*COM/ && section !~ /^\.data\.rel\.ro/ && name != section)
            print file ": " name " is in " section
    }'
done
