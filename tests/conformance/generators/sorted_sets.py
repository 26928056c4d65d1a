# SPDX-License-Identifier: MIT
"""The sorted set family. Ranges by name are asked only of sets that hold one score."""

TABLE = """
8 ZADD <key> ( <score> <member> )+
4 ZADD <key> ?( NX | XX | GT | LT | CH | INCR ) <score> <member>
2 ZADD <key> ?( NX | XX | GT | LT | CH ) ( <score> <member> )+
ZADD <key> ( 1 <fill> )90
ZADD <key> ( 2 <bigfill> )3
4 ZREM <key> ( <member> )+
3 ZCARD <key>
4 ZSCORE <key> <member>
3 ZMSCORE <key> ( <member> )+
4 ZINCRBY <key> <score> <member>
3 ZRANK <key> <member>
3 ZREVRANK <key> <member>
3 ZCOUNT <key> <edge> <edge>
5 ZRANGE <key> <index> <index> ?( WITHSCORES | REV )
4 ZRANGE <key> <edge> <edge> BYSCORE ?( WITHSCORES | REV | LIMIT <few> <few> )
2 ZRANGE <key> <index> <index> ?( BYSCORE | REV | LIMIT <few> <few> | WITHSCORES )
3 ZREVRANGE <key> <index> <index> [ WITHSCORES ]
3 ZRANGEBYSCORE <key> <edge> <edge> ?( WITHSCORES | LIMIT <few> <few> )
3 ZREVRANGEBYSCORE <key> <edge> <edge> ?( WITHSCORES | LIMIT <few> <few> )
2 ZREMRANGEBYSCORE <key> <edge> <edge>
2 ZREMRANGEBYRANK <key> <index> <index>
3 ZRANGESTORE <key> <key> <index> <index> ?( REV )
2 ZRANGESTORE <key> <key> <edge> <edge> BYSCORE ?( REV | LIMIT <few> <few> )
ZRANGESTORE <key> <key> <index> <index> WITHSCORES
3 ZPOPMIN <key> [ <count> ]
3 ZPOPMAX <key> [ <count> ]
3 ZMPOP <numkeys> ( <key> )+ { MIN | MAX | MID } [ COUNT <count> ]
2 ZMPOP 2 <key> <key> { MIN | MAX } [ COUNT <few> ]
3 ZUNION <numkeys> ( <key> )+ ?( WITHSCORES )
3 ZUNION 2 <key> <key> ?( WEIGHTS <weight> <weight> | AGGREGATE { SUM | MIN | MAX | AVG } | WITHSCORES )
3 ZINTER 2 <key> <key> ?( WEIGHTS <weight> <weight> | AGGREGATE { SUM | MIN | MAX } | WITHSCORES )
2 ZINTER 2 <tkey> <key> ?( WEIGHTS <weight> <weight> | WITHSCORES )
3 ZDIFF 2 <key> <key> ?( WITHSCORES )
2 ZDIFF <numkeys> ( <key> )+ ?( WITHSCORES )
3 ZUNIONSTORE <key> 2 <key> <key> ?( WEIGHTS <weight> <weight> | AGGREGATE { SUM | MIN | MAX } )
2 ZUNIONSTORE <key> <numkeys> ( <key> )+
3 ZINTERSTORE <key> 2 <key> <key> ?( WEIGHTS <weight> <weight> | AGGREGATE { SUM | MIN | MAX } )
2 ZDIFFSTORE <key> <numkeys> ( <key> )+
2 ZINTERCARD <numkeys> ( <key> )+ [ LIMIT <few> ]
ZINTERCARD 2 <key> <key> [ LIMIT <few> ]
2 ZRANDMEMBER <key>
2 ZRANDMEMBER <key> <few> [ WITHSCORES ]
ZRANDMEMBER <key> <count> [ { WITHSCORES | FOO } ]
3 ZSCAN <key> <cursor> ?( MATCH <pattern> | COUNT 1000000 )
ZSCAN <key> <cursor> ?( MATCH <pattern> | COUNT <count> | FOO )
3 ! ZADD <lexkey> ?( NX | CH ) ( 0 <member> )9
! ZADD <lexkey> ( 0 <fill> )90
2 ! ZREM <lexkey> <member>
3 ! ZRANGEBYLEX <lexkey> <lex> <lex> [ LIMIT <few> <few> ]
2 ! ZREVRANGEBYLEX <lexkey> <lex> <lex> [ LIMIT <few> <few> ]
2 ! ZRANGE <lexkey> <lex> <lex> BYLEX ?( REV | LIMIT <few> <few> | WITHSCORES )
2 ! ZLEXCOUNT <lexkey> <lex> <lex>
! ZREMRANGEBYLEX <lexkey> <lex> <lex>
! ZRANGESTORE <lexkey> <lexkey> <lex> <lex> BYLEX ?( REV | LIMIT <few> <few> )
ZADD <key:K> 1 m ; BZPOPMIN <key> <=K> 0
ZADD <key:K> 1 m ; BZPOPMAX <=K> <key> 0
ZADD <key:K> 1 m ; BZMPOP 0 2 <key> <=K> { MIN | MAX } [ COUNT <few> ]
MULTI ; BZPOPMIN <key> 0 ; BZPOPMAX <key> <key> 0 ; BZMPOP 0 1 <key> MIN ; EXEC
! BZPOPMIN <key> { -1 | abc }
2 OBJECT ENCODING <key>
2 SADD <tkey> ( <member> )+
DEL <key>
"""
