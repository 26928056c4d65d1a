#!/bin/sh
# SPDX-License-Identifier: MIT
# Every source file says its licence in its first two lines.
find src lua tests .ci -name '*.[ch]' -o -name '*.lua' -o -name '*.py' -o -name '*.sh' -o -name run |
    while read -r file; do
        head -n 2 "$file" | grep -q 'SPDX-License-Identifier: MIT' ||
            { [ ! -s "$file" ] || echo "$file: no SPDX line"; }
    done
