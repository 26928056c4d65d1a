#!/bin/sh
# SPDX-License-Identifier: MIT
# C files are laid out as .clang-format says (`make format` does it). The first place of each file.
find src tests -name '*.[ch]' -exec "${CLANG_FORMAT:-clang-format}" --dry-run -Werror {} + 2>&1 |
    awk -F : '/ error: |not found/ && !seen[$1]++'
