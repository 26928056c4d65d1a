# SPDX-License-Identifier: MIT
"""The set family. What a random pop leaves is unpredictable, so the key goes right after it."""

TABLE = """
6 SADD <key> ( <member> )+
3 SADD <key> ( <int_member> )9
SADD <key> ( <fill> )90
3 SREM <key> ( <member> )+
2 SREM <key> ( <int_member> )+
3 SCARD <key>
4 SMEMBERS <key>
4 SISMEMBER <key> <member>
3 SMISMEMBER <key> ( <member> )+
4 SMOVE <key> <key> <member>
4 SINTER ( <key> )+
4 SUNION ( <key> )+
4 SDIFF ( <key> )+
3 SINTERSTORE <key> ( <key> )+
3 SUNIONSTORE <key> ( <key> )+
3 SDIFFSTORE <key> ( <key> )+
3 SINTERCARD <numkeys> ( <key> )+ [ LIMIT <few> ]
SINTERCARD 2 <key> <key> [ { LIMIT <count> | FOO } ]
2 SRANDMEMBER <key>
2 SRANDMEMBER <key> <few>
SRANDMEMBER <key> <count>
2 SPOP <key:K> ; SCARD <=K> ; DEL <=K>
2 SPOP <key:K> <few> ; SCARD <=K> ; DEL <=K>
! SPOP <key> { 0 | -1 | abc | 1000000 }
3 SSCAN <key> <cursor> ?( MATCH <pattern> | COUNT 1000000 )
SSCAN <key> <cursor> ?( MATCH <pattern> | COUNT <count> | FOO )
2 OBJECT ENCODING <key>
DEL <key>
"""
