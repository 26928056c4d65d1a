# SPDX-License-Identifier: MIT
"""MULTI, EXEC, DISCARD, WATCH and UNWATCH, with a second client that interferes."""

TABLE = """
4 MULTI
4 EXEC
2 DISCARD
3 WATCH ( <key> )+
2 UNWATCH
6 SET <key> <value>
4 GET <key>
3 INCR <key>
2 RPUSH <key> <element>
2 LRANGE <key> 0 -1
2 HSET <key> <field> <value>
2 HGETALL <key>
SMEMBERS <key>
ZADD <key> <score> <member>
DEL <key>
2 EXPIRE <key> <lifetime>
<unknown> <key>
GET
SELECT { 0 | 1 | <db> }
EVAL { return-1 | 1 } 0
3 b: SET <key> <value>
b: DEL <key>
b: EXPIRE <key> <lifetime>
b: RENAME <key> <key>
3 WATCH <key:K> ; b: SET <=K> <value> ; MULTI ; GET <=K> ; EXEC
2 WATCH <key:K> ; b: GET <=K> ; MULTI ; GET <=K> ; EXEC
2 WATCH <key:K> ; b: DEL <=K> ; MULTI ; SET <key> 1 ; EXEC
WATCH <key:K> ; b: EXPIRE <=K> <lifetime> ; MULTI ; PING ; EXEC
WATCH <key:K> ; b: SADD <=K> <member> ; MULTI ; PING ; EXEC
WATCH <key:K> ; b: FLUSHALL ; MULTI ; PING ; EXEC
WATCH <key:K> ; b: SWAPDB 0 1 ; MULTI ; PING ; EXEC
WATCH <key:K> ; b: COPY <key> <=K> REPLACE ; MULTI ; PING ; EXEC
WATCH <key:K> ; SET <=K> <value> ; MULTI ; PING ; EXEC
WATCH <key:K> ; UNWATCH ; b: SET <=K> <value> ; MULTI ; PING ; EXEC
WATCH <key:K> ; MULTI ; DISCARD ; b: SET <=K> <value> ; MULTI ; PING ; EXEC
2 MULTI ; SET <key> <value> ; INCR <key> ; GET <key> ; LPUSH <key> a ; EXEC
MULTI ; <unknown> x ; SET <key> <value> ; EXEC
MULTI ; GET ; EXEC ; GET <key>
MULTI ; MULTI ; WATCH <key> ; EXEC
MULTI ; SELECT 1 ; SET <key> <value> ; SELECT 0 ; EXEC
MULTI ; FLUSHALL ; SET <key> <value> ; DBSIZE ; EXEC
MULTI ; HSET <hkey:H> a 1 ; HGETALL <=H> ; ZADD <zkey:Z> 1.5 m ; ZSCORE <=Z> m ; EXEC
MULTI ; { SUBSCRIBE | PSUBSCRIBE | UNSUBSCRIBE | PUNSUBSCRIBE } a ; PING ; EXEC ; PING
MULTI ; { WATCH <key> | MULTI | AUTH x | HELLO 3 | RESET | UNWATCH } ; PING ; EXEC
MULTI ; BLPOP <lkey> 0 ; BRPOPLPUSH <lkey> <key> 0 ; BZPOPMIN <zkey> 0 ; XREAD BLOCK 0 STREAMS <key> $ ; WAIT 1 0 ; EXEC
MULTI ; DISCARD x ; EXEC x ; EXEC
MULTI ; EXEC ; EXEC ; DISCARD
MULTI ; { FCALL | FCALL_RO } nosuch 0 ; EVALSHA abc 0 ; SCRIPT EXISTS abc ; EXEC
MULTI ; CONFIG SET nosuch x ; CLIENT NOSUCH ; OBJECT ; EXEC
MULTI ; SWAPDB 0 1 ; GET <key> ; SWAPDB 0 1 ; MOVE <key> 1 ; EXEC
MULTI ; RENAME <key> <key> ; COPY <key> <key> ; RENAMENX <key> <key> ; OBJECT ENCODING <key> ; EXEC
MULTI ; SET <key:K> <value> PXAT 1 ; GET <=K> ; EXISTS <=K> ; EXEC
MULTI ; SORT <lkey> BY nosort STORE <key:K> ; TYPE <=K> ; EXEC
MULTI ; EVAL error 0 ; EVAL "" 0 ; EVAL return-1 1 <key> ; EXEC
WATCH <key:K> ; b: SET <=K> <value> ; b: DEL <=K> ; MULTI ; PING ; EXEC ; MULTI ; PING ; EXEC
WATCH <key:K> ; b: MULTI ; b: SET <=K> 1 ; MULTI ; PING ; b: EXEC ; EXEC
WATCH <key:K> ; b: RENAME <key> <=K> ; MULTI ; PING ; EXEC
WATCH <key:K> ; b: MOVE <=K> 1 ; MULTI ; PING ; EXEC
WATCH <key:K> ; b: SELECT 1 ; b: SET <=K> 1 ; b: SELECT 0 ; MULTI ; PING ; EXEC
WATCH <key:K> ; SELECT 1 ; b: SET <=K> 1 ; MULTI ; GET <=K> ; EXEC ; SELECT 0
WATCH <key:K> <key> <=K> ; b: PERSIST <=K> ; b: GETEX <=K> PERSIST ; MULTI ; PING ; EXEC
WATCH <key:K> ; b: EVAL return 0 ; b: SETRANGE <=K> 0 "" ; MULTI ; PING ; EXEC
WATCH <hkey:K> ; b: HDEL <=K> nosuch ; b: HSET <=K> a 1 ; MULTI ; HGET <=K> a ; EXEC
WATCH <key:K> ; b: FLUSHDB ; MULTI ; PING ; EXEC
WATCH <key:K> ; b: SET <=K> 1 PXAT 1 ; MULTI ; PING ; EXEC
RESET
"""
