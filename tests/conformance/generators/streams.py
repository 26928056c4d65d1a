# SPDX-License-Identifier: MIT
"""The stream family. Ids are given, so that both servers have the same; idle times are far from those
that commands ask for, so that no millisecond decides."""

TABLE = """
12 XADD <key> <newid> ( <field> <value> )+
6 XADD <xkey> <newid> f <value>
3 XADD <key> <newid> f <int> g <text>
3 XADD <key> ?( NOMKSTREAM | { MAXLEN | MINID } <threshold> ) <newid> f v
3 XADD <key> { MAXLEN | MINID } { = | ~ } <threshold> [ LIMIT <limit> ] <newid> f v
XADD <key> ?( NOMKSTREAM | MAXLEN <few> | MINID <id> | LIMIT <few> | MAXLEN ~ <few> ) <newid> ( <field> <value> )+
2 XADD <key> <id> f v
XADD <key> <newid> f
XADD <key> <bigid> f v
2 ! XADD <xkey:K> <newid> f v ; XADD <=K> <newid> f v ; XADD <=K> <newid> g v h w ; XADD <=K> <newid> f <bigfill>
! XADD xfar 99999999999999-1 f v ; XADD xfar * f v ; XADD xfar NOMKSTREAM * f w ; XRANGE xfar - + ; DEL xfar
! DEL xlast ; XADD xlast 5-18446744073709551615 f v ; XADD xlast 5-* f v ; XADD xlast 6-* f v
! DEL xlast ; XADD xlast 18446744073709551615-18446744073709551615 f v ; XADD xlast * f v ; XADD xlast 1-* f v
3 XLEN <key>
6 XRANGE <key> <start> <end> [ COUNT <count> ]
4 XREVRANGE <key> <end> <start> [ COUNT <count> ]
2 XRANGE <key> - + [ COUNT <few> ]
XRANGE <key> <start> <end> ?( COUNT <few> | FOO )
5 XDEL <key> ( <id> )+
4 XDEL <xkey> ( <id> )9
4 XTRIM <key> { MAXLEN | MINID } [ { = | ~ } ] <threshold>
2 XTRIM <key> { MAXLEN | MINID } ~ <threshold> LIMIT <limit>
XTRIM <key> ?( MAXLEN <few> | MINID <id> | LIMIT <few> | FOO )
5 XREAD [ COUNT <few> ] STREAMS <key> <id>
3 XREAD [ COUNT <few> ] STREAMS <key> <xkey> { <id> | 0 | $ } <id>
2 XREAD ?( COUNT <count> | NOACK | GROUP <group> <consumer> ) STREAMS <key> { <id> | $ | > | + }
XREAD COUNT 2 STREAMS <key> <key> <id>
2 ! XREAD [ COUNT <few> ] BLOCK { 1 | -1 | abc | 9223372036854775808 } STREAMS <key> { <id> | $ }
! MULTI ; XREAD BLOCK 0 STREAMS <key> $ ; XREADGROUP GROUP <group> c1 BLOCK 0 STREAMS <xkey> > ; EXEC
8 XGROUP CREATE <key> <group> { 0 | $ | <id> } ?( MKSTREAM | ENTRIESREAD <few> )
2 XGROUP CREATE <xkey> <group> 0 MKSTREAM
XGROUP CREATE <key> <group> <id> ?( MKSTREAM | ENTRIESREAD <int> | FOO )
3 XGROUP SETID <key> <group> { 0 | $ | - | + | <id> } ?( ENTRIESREAD <few> )
XGROUP DESTROY <key> <group>
3 XGROUP CREATECONSUMER <key> <group> <consumer>
3 XGROUP DELCONSUMER <key> <group> <consumer>
XGROUP { HELP | FOO | CREATE | SETID } [ <key> ] [ <group> ]
9 XREADGROUP GROUP <group> <consumer> [ COUNT <few> ] STREAMS <key> >
4 XREADGROUP GROUP <group> <consumer> [ COUNT <few> ] STREAMS <key> <id>
3 XREADGROUP GROUP <group> <consumer> ?( COUNT <few> | NOACK ) STREAMS <key> <xkey> { > | <id> } { > | <id> }
2 XREADGROUP GROUP <group> <consumer> NOACK STREAMS <xkey> >
XREADGROUP ?( GROUP <group> <consumer> | COUNT <few> | NOACK ) STREAMS <key> { > | $ | <id> }
2 ! XREADGROUP GROUP <group> <consumer> COUNT 1 BLOCK 1 STREAMS <xkey> >
5 XACK <key> <group> ( <id> )+
2 XACK <xkey> <group> ( <id> )9
4 XPENDING <key> <group>
5 XPENDING <key> <group> <start> <end> <count> [ <consumer> ]
3 XPENDING <key> <group> IDLE <idle> <start> <end> <few> [ <consumer> ]
XPENDING <key> <group> ?( IDLE <idle> | - + 5 | <consumer> )
5 XCLAIM <key> <group> <consumer> <idle> ( <id> )+ ?( JUSTID | FORCE | RETRYCOUNT <few> | LASTID <id> )
4 XCLAIM <xkey> <group> <consumer> 0 ( <id> )9 ?( IDLE <idle> | FORCE | JUSTID )
2 XCLAIM <key> <group> <consumer> <idle> ( <id> )+ ?( IDLE <idle> | TIME <time> | RETRYCOUNT <int> | FORCE | FOO )
5 XAUTOCLAIM <key> <group> <consumer> <idle> <start> ?( COUNT <few> | JUSTID )
XAUTOCLAIM <key> <group> <consumer> <idle> <start> ?( COUNT <count> | JUSTID | FOO )
4 XINFO STREAM <key> [ FULL [ COUNT <few> ] ]
3 XINFO GROUPS <key>
3 XINFO CONSUMERS <key> <group>
XINFO { HELP | FOO | STREAM | GROUPS | CONSUMERS } [ <key> ] [ <group> ]
XINFO STREAM <key> { FULL COUNT | FULL COUNT <int> | FOO | FULL FOO 1 }
2 XSETID <key> <id>
2 XSETID <key> <newid> ?( ENTRIESADDED <few> | MAXDELETEDID <id> )
XSETID <key> <id> ?( ENTRIESADDED <int> | MAXDELETEDID <id> | FOO )
2 COPY <key> <key> [ REPLACE ]
DUMP <key>
TYPE <key>
OBJECT ENCODING <key>
DEL <key>
12 ! XADD <xkey:K> <newid> f v ; XADD <=K> <newid> g v ; XREADGROUP GROUP <group:G> <consumer> COUNT <few> STREAMS <=K> > ; XACK <=K> <=G> <id>
4 ! XADD <xkey:K> <newid> f v ; XREADGROUP GROUP <group:G> <consumer> STREAMS <=K> > ; XCLAIM <=K> <=G> <consumer> 0 ( <id> )+ ?( IDLE <idle> | FORCE )
3 ! XADD <xkey:K> <newid> f v ; XREADGROUP GROUP <group:G> <consumer> STREAMS <=K> > ; XDEL <=K> ( <id> )+ ; XAUTOCLAIM <=K> <=G> <consumer> <idle> - COUNT <few> ; XINFO GROUPS <=K>
4 ! XGROUP CREATE x1 g1 0 MKSTREAM ; XREADGROUP GROUP g1 <consumer> STREAMS x1 { > | <id> } ; XPENDING x1 g1 - + 10 ; XINFO CONSUMERS x1 g1
3 ! XDEL <xkey:K> ( <id> )9 ; XTRIM <=K> { MAXLEN <few> | MINID <id> } ; XINFO STREAM <=K> ; XLEN <=K>
"""
