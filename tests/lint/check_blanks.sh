#!/bin/sh
# SPDX-License-Identifier: MIT
# No tabs, no blanks at the end of a line, and a newline at the end of the file.
find src lua tests docs README.md -name '*.[ch]' -o -name '*.lua' -o -name '*.py' -o -name '*.sh' \
    -o -name '*.md' | while read -r file; do
    grep -Hn "$(printf '\t')\| $" "$file"
    [ ! -s "$file" ] || [ -z "$(tail -c 1 "$file")" ] || echo "$file: no newline at the end"
done
