# SPDX-License-Identifier: MIT
"""The string family."""

TABLE = """
6 SET <key> <value>
6 SET <key> <value> ?( NX | XX | GET | KEEPTTL | EX <seconds> | PX <ms> | EXAT <at> | PXAT <at_ms> )
SET <key> <value> { NX | XX | GET | NX GET | GET XX | KEEPTTL | EX <seconds> | PXAT <at_ms> }
SET <key> <value> <value>
5 GET <key>
3 GETSET <key> <value>
2 GETDEL <key>
4 GETEX <key> ?( PERSIST | EX <seconds> | PX <ms> | EXAT <at> | PXAT <at_ms> )
4 APPEND <key> <value>
3 STRLEN <key>
4 GETRANGE <key> <index> <index>
SUBSTR <key> <index> <index>
4 SETRANGE <key> <offset> <value>
3 SETNX <key> <value>
2 SETEX <key> <seconds> <value>
2 PSETEX <key> <ms> <value>
3 MGET ( <key> )+
3 MSET ( <key> <value> )+
2 MSETNX ( <key> <value> )+
3 INCR <key>
3 DECR <key>
3 INCRBY <key> <int>
3 DECRBY <key> <int>
5 INCRBYFLOAT <key> <float>
2 SET <key:K> <float> ; INCRBYFLOAT <=K> <float>
2 SET <key:K> <int> ; INCRBY <=K> <int> ; OBJECT ENCODING <=K>
4 LCS <skey> <skey> ?( LEN | IDX | MINMATCHLEN <few> | WITHMATCHLEN )
LCS <key> <key> IDX WITHMATCHLEN
MSET <skey> <text> <skey> <text>
SET <skey:A> ohmytext ; SET <skey:B> mynewtext ; LCS <=A> <=B> ?( LEN | IDX | MINMATCHLEN <few> | WITHMATCHLEN )
OBJECT ENCODING <key>
EXPIRETIME <key>
<unknown> <key>
<unknown> <value> <value> <value>
"""
