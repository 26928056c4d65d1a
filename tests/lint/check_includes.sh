#!/bin/sh
# SPDX-License-Identifier: MIT
# Includes point one way: each folder of src names below the folders that it may include.
allowed() {
    case $1 in
    base) echo base ;;
    reply) echo base reply ;;
    resp) echo base reply resp ;;
    values) echo base values ;;
    dump) echo base values dump ;;
    keyspace) echo base values keyspace ;;
    engine) echo base values dump keyspace reply resp engine ;;
    script) echo "$(allowed engine)" script ;;
    controls) echo "$(allowed engine)" controls ;;
    commands) echo "$(allowed engine)" script controls commands ;;
    backend) echo base backend ;;
    net) echo base reply resp engine net ;;
    understudy.* | understudy_* | worlds.*)
        echo "$(allowed commands)" net worlds.h understudy.h understudy_private.h ;;
    main.c | main_run.*) echo understudy.h main_run.h ;;
    esac
}

# "src/engine/engine.c reply/errors.h" a line: who includes what.
grep -rHo --include='*.[ch]' '^ *# *include *"[^"]*"' src | sed 's/:.*"\(.*\)"/ \1/' |
    while read -r file included; do
        from=${file#src/}
        case " $(allowed "${from%%/*}") " in
        *" ${included%%/*} "*) ;;
        *) echo "$file may not include \"$included\"" ;;
        esac
    done

# The event loop and OpenSSL are known to src/net alone.
grep -rn --include='*.[ch]' 'include *<\(uv\|openssl\)' src | grep -v '^src/net/'
exit 0
