#!/bin/bash
# SPDX-License-Identifier: MIT
# What a file of src shows, another one or a test uses; what is its own alone is static. The headers
# of the libraries are for others.
find "$1/src" -name '*.o' ! -name main.o -exec nm -g --defined-only {} + |
    awk '$3 && $3 !~ /^(understudy|backend)_/ { print $3 }' | sort -u |
    comm -23 - <(find "$1/src" -name '*.o' -exec nm -u {} + | awk '{ print $NF }' | sort -u) |
    grep -vxFf <(grep -rhow --include='*.[ch]' '[a-z][a-z0-9_]*' tests | sort -u) |
    while read -r symbol; do
        grep -lrw --include='*.c' "$symbol" src | sed "s/^/$symbol is used nowhere but in /"
    done
exit 0
