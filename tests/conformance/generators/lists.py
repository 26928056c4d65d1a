# SPDX-License-Identifier: MIT
"""The list family. Blocking commands come only where they do not wait."""

TABLE = """
5 RPUSH <key> ( <element> )+
5 LPUSH <key> ( <element> )+
RPUSH <key> ( <fill> )90
RPUSH <key> ( <bigfill> )9
2 LPUSHX <key> ( <element> )+
2 RPUSHX <key> ( <element> )+
4 LPOP <key> [ <count> ]
4 RPOP <key> [ <count> ]
3 LLEN <key>
5 LRANGE <key> <index> <index>
4 LINDEX <key> <index>
4 LSET <key> <index> <element>
4 LINSERT <key> { BEFORE | AFTER | AMID } <element> <element>
4 LREM <key> <index> <element>
3 LTRIM <key> <index> <index>
4 LPOS <key> <element> ?( RANK <rank> | COUNT <few> | MAXLEN <few> )
3 LMOVE <key> <key> { LEFT | RIGHT | UP } { LEFT | RIGHT }
2 RPOPLPUSH <key> <key>
3 LMPOP <numkeys> ( <key> )+ { LEFT | RIGHT | UP } [ COUNT <count> ]
2 LMPOP 2 <key> <key> { LEFT | RIGHT } [ COUNT <few> ]
2 RPUSH <key:K> <element> ; BLPOP <key> <=K> 0
2 RPUSH <key:K> <element> ; BRPOP <=K> <key> { 0 | 0.5 }
RPUSH <key:K> <element> ; BLMOVE <=K> <key> { LEFT | RIGHT } { LEFT | RIGHT } 0
RPUSH <key:K> <element> ; BRPOPLPUSH <=K> <key> 0
RPUSH <key:K> <element> ; BLMPOP 0 2 <key> <=K> { LEFT | RIGHT } [ COUNT <few> ]
MULTI ; BLPOP <key> <key> 0 ; BRPOP <key> 0 ; BLMOVE <key> <key> LEFT RIGHT 0 ; BRPOPLPUSH <key> <key> 0 ; BLMPOP 0 1 <key> LEFT ; EXEC
! BLPOP <key> { -1 | abc | 1e400 | nan }
! BRPOP <key> { -1 | abc | inf }
! BLMOVE <key> <key> LEFT UP 0
! BLMPOP { -1 | abc } 1 <key> LEFT
! BRPOPLPUSH <key> <key> { -1 | abc }
2 OBJECT ENCODING <key>
DEL <key>
"""
