# SPDX-License-Identifier: MIT
"""Keys of any type: existence, expiry, renaming, copying, scanning, DUMP and RESTORE."""

TABLE = """
3 SET <key> <value>
2 RPUSH <key> ( <element> )+
2 HSET <key> <field> <value>
2 SADD <key> ( <member> )+
2 ZADD <key> <score> <member>
3 DEL ( <key> )+
2 UNLINK ( <key> )+
3 EXISTS ( <key> )+
2 TOUCH ( <key> )+
3 TYPE <key>
4 EXPIRE <key> <lifetime> [ { NX | XX | GT | LT } ]
3 EXPIRE <key> <lifetime> ?( NX | XX | GT | LT )
3 PEXPIRE <key> <lifetime_ms> [ { NX | XX | GT | LT } ]
3 EXPIREAT <key> <at> [ { NX | XX | GT | LT } ]
3 PEXPIREAT <key> <at_ms> [ { NX | XX | GT | LT } ]
PEXPIREAT <key> <at_ms> FOO
3 EXPIRETIME <key>
3 PEXPIRETIME <key>
3 TTL <key>
3 PTTL <key>
3 PERSIST <key>
4 RENAME <key> <key>
3 RENAMENX <key> <key>
4 COPY <key> <key> ?( REPLACE | DB <db> )
COPY <key> <key> DB <db> REPLACE
3 MOVE <key> <db>
2 SELECT { 0 | 1 }
SELECT <db>
SWAPDB { 0 | 1 | <db> } { 0 | 1 | <db> }
2 KEYS <pattern>
RANDOMKEY
2 DBSIZE
3 SCAN <cursor> ?( MATCH <pattern> | COUNT 1000000 | TYPE { string | list | set | zset | hash | stream | foo } )
SCAN <cursor> ?( MATCH <pattern> | COUNT <count> | TYPE string )
3 OBJECT ENCODING <key>
OBJECT REFCOUNT <key>
OBJECT IDLETIME <key>
OBJECT FREQ <key>
OBJECT { FOO | ENCODINGS | HELP } <key>
OBJECT ENCODING
OBJECT
4 DUMP <key>
4 RESTORE <key> { 0 | <ms> } <payload> ?( REPLACE | IDLETIME <count> | FREQ <few> )
2 RESTORE <key> <at_ms> <payload> ABSTTL [ REPLACE ]
RESTORE <key> 0 <payload> REPLACE ABSTTL
WAIT 0 0
<unknown> <key>
"""
