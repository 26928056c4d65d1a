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
RESET
"""
