# SPDX-License-Identifier: MIT
"""The hash family."""

TABLE = """
8 HSET <key> ( <field> <value> )+
2 HSET <key> ( <fill> <fill> )9
HSET <key> ( <fill> <fill> )90
HSET <key> ( <fill> <bigfill> )3
3 HMSET <key> ( <field> <value> )+
HMSET <key> <field> <value> <field>
3 HSETNX <key> <field> <value>
5 HGET <key> <field>
3 HMGET <key> ( <field> )+
4 HGETALL <key>
2 HKEYS <key>
2 HVALS <key>
3 HLEN <key>
3 HEXISTS <key> <field>
3 HSTRLEN <key> <field>
5 HDEL <key> ( <field> )+
4 HINCRBY <key> <field> <int>
4 HINCRBYFLOAT <key> <field> <float>
2 HSET <key:K> <field:F> <float> ; HINCRBYFLOAT <=K> <=F> <float>
HSET <key:K> <field:F> <int> ; HINCRBY <=K> <=F> <int>
2 HRANDFIELD <key>
2 HRANDFIELD <key> <few>
HRANDFIELD <key> <count> [ { WITHVALUES | FOO } ]
3 HSCAN <key> <cursor> ?( MATCH <pattern> | COUNT 1000000 )
HSCAN <key> <cursor> ?( MATCH <pattern> | COUNT <count> | FOO )
2 OBJECT ENCODING <key>
DEL <key>
"""
