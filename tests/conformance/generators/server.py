# SPDX-License-Identifier: MIT
"""Databases, CONFIG, COMMAND and what the server says about itself."""

ALONE = True

TABLE = """
3 SET <key> <value>
2 GET <key>
3 DBSIZE
2 FLUSHDB [ { SYNC | ASYNC | FOO } ]
2 FLUSHALL [ { SYNC | ASYNC | FOO } ]
2 SELECT { 0 | 1 | <db> }
2 SWAPDB <db> <db>
2 TIME
TIME x
LASTSAVE
ROLE
2 CONFIG GET { hash-max-listpack-entries | hash-max-ziplist-entries | set-max-intset-entries | zset-max-listpack-value | databases | appendonly | maxmemory-policy | timeout | port | list-max-listpack-size | proto-max-bulk-len }
CONFIG GET { nosuch | hash-max-listpack-* | *-entries-nosuch }
CONFIG GET maxmemory timeout
CONFIG GET
3 CONFIG SET { hash-max-listpack-entries | set-max-intset-entries | zset-max-listpack-entries } { 4 | 128 | 512 | abc | -1 }
CONFIG SET { maxmemory | timeout } { 0 | abc | -1 | 1.5 }
CONFIG SET maxmemory-policy { noeviction | foo }
CONFIG SET { nosuch x | databases 4 | hash-max-listpack-entries }
CONFIG SET timeout 0 timeout 0
CONFIG SET timeout 0 nosuch 1
CONFIG RESETSTAT
CONFIG { FOO | SET | GET }
CONFIG
3 HSET <hkey> ( <fill> <fill> )9
2 OBJECT ENCODING <hkey>
COMMAND GETKEYS { GET a | MSET a 1 b 2 | SET a b EX 10 | ZUNION 2 a b | ZUNIONSTORE d 2 a b | EVAL x 2 a b c | PING | NOSUCH a | GET | SORT a STORE b | LMPOP 2 a b LEFT | XREAD STREAMS a b 0 0 }
COMMAND GETKEYS
COMMAND INFO { get | set | mget | eval | config | object | nosuch | zadd | lmpop | "" }
COMMAND COUNT x
COMMAND { FOO | GETKEYSANDFLAGS set a b }
OBJECT
DEBUG
DEBUG FOO
2 MULTI ; DBSIZE ; FLUSHALL ; DBSIZE ; EXEC
<unknown>
"""
