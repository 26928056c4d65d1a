# SPDX-License-Identifier: MIT
"""maxmemory: what is refused and what goes while memory is short, and how keys were used.

A limit of a byte is passed by any server, one of a gigabyte by none: replies do not depend on sizes.
Keys are few, so that they go in one step. Values are no numbers, which Redis shares.
"""

ALONE = True  # with keys that vanish at once, streams of other families come to nothing

TABLE = """
8 SET <memorykey> { text | other } [ EX 100000 ]
3 GET <memorykey>
3 APPEND <memorykey> more
2 RPUSH <memorykey> x y
LPOP <memorykey>
2 EXPIRE <memorykey> 100000
PERSIST <memorykey>
2 DEL <memorykey>
UNLINK <memorykey>
3 DBSIZE
2 EXISTS <memorykey> <memorykey>
6 CONFIG SET maxmemory { 0 | 0 | 1 | 1gb }
4 CONFIG SET maxmemory 1 ; DBSIZE ; SET <memorykey> text ; GET <memorykey> ; CONFIG SET maxmemory 0
4 CONFIG SET maxmemory-policy { noeviction | allkeys-lru | allkeys-lfu | allkeys-random | volatile-lru | volatile-lfu | volatile-random | volatile-ttl }
CONFIG SET lazyfree-lazy-eviction { yes | no }
CONFIG SET maxmemory-samples { 1 | 5 | 64 | 0 }
CONFIG SET maxmemory { 50% | 1.5mb | -1 | abc | 10g }
CONFIG SET maxmemory 1kb ; CONFIG GET maxmemory ; CONFIG SET maxmemory 0
CONFIG GET maxmemory
CONFIG GET maxmemory-policy
2 MULTI ; SET <memorykey> text ; GET <memorykey> ; EXEC
MULTI ; GET <memorykey> ; CONFIG SET maxmemory 1 ; SET <memorykey> text ; EXEC
MULTI ; SET <memorykey> text ; b: CONFIG SET maxmemory 1 ; EXEC ; DISCARD
MULTI ; DISCARD
2 b: WATCH <memorykey:W> ; CONFIG SET maxmemory 1 ; DBSIZE ; CONFIG SET maxmemory 0 ; b: MULTI ; b: PING ; b: EXEC
5 EVAL <memoryscript> 1 <memorykey>
2 EVAL_RO <memoryscript> 1 <memorykey>
3 DEL <memorykey:F> ; SET <=F> text ; OBJECT FREQ <=F>
2 DEL <memorykey:F> ; SET <=F> text ; SET <=F> other ; OBJECT FREQ <=F>
2 OBJECT IDLETIME <memorykey>
2 OBJECT FREQ nokey
OBJECT IDLETIME nokey
RESTORE <memorykey> 0 <payload> REPLACE { FREQ 7 | FREQ 255 | FREQ 256 | IDLETIME 0 | IDLETIME -1 | FREQ 1 IDLETIME 1 }
MEMORY USAGE nokey
MEMORY USAGE <memorykey> { SAMPLES | SAMPLES -1 | SAMPLES x | FOO 1 }
MEMORY { PURGE x | STATS x | DOCTOR x | FOO | USAGE }
MEMORY PURGE
FLUSHALL { SYNC | ASYNC }
"""
