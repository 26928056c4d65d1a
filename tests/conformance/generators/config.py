# SPDX-License-Identifier: MIT
"""CONFIG GET and SET of every directive, with values of every kind, and several at once."""

ALONE = True  # not mixed into other families

TABLE = """
24 CONFIG SET <setting>
8 CONFIG SET <setting> <setting>
4 CONFIG SET <setting> <setting> <setting>
3 CONFIG SET <setting:S> <=S>
2 CONFIG SET <setting> <directive>
2 CONFIG SET <setting> nosuch 1
6 CONFIG GET <directive>
4 CONFIG GET <directive> <directive>
3 CONFIG GET <directive:D> <=D> <directive>
6 CONFIG GET <configpattern>
2 CONFIG GET { *-entries | *max* } { hash* | <directive> } [ nosuch ]
2 CONFIG GET *
CONFIG GET { watchdog-period | use-exit-on-panic | key-load-delay | rdb-key-save-delay | key-* | lua-enable-deprecated-api | *panic | loading-process-events-interval-bytes }
CONFIG SET { key-load-delay | rdb-key-save-delay | loading-process-events-interval-bytes | use-exit-on-panic | lua-enable-deprecated-api } { 0 | 1024 | yes | abc | 9999999999 }
CONFIG { GET | SET | SET maxmemory | RESETSTAT | RESETSTAT x | REWRITE | FOO | FOO x | "" }
2 MULTI ; CONFIG SET <setting> ; CONFIG GET <directive> ; EXEC
<unknown>
"""
