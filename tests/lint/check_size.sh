#!/bin/sh
# SPDX-License-Identifier: MIT
# No source file is longer than 1000 lines.
find src lua tests -name '*.[ch]' -o -name '*.lua' -o -name '*.py' -o -name '*.sh' |
    xargs -r wc -l | awk '$1 > 1000 && $2 != "total" { print $2 " has " $1 " lines" }'
