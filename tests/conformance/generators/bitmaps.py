# SPDX-License-Identifier: MIT
"""The bitmap family. Offsets stay small where they would make strings grow."""

TABLE = """
6 SETBIT <key> <bit_offset> <bit>
5 GETBIT <key> <bit_offset>
4 BITCOUNT <key>
6 BITCOUNT <key> <bit_index> <bit_index> [ { BYTE | BIT | BIT | FOO } ]
BITCOUNT <key> <index> <index> [ { BYTE | BIT } ]
BITCOUNT <key> <bit_index>
3 BITPOS <key> <bit>
3 BITPOS <key> <bit> <bit_index>
6 BITPOS <key> <bit> <bit_index> <bit_index> [ { BYTE | BIT | BIT | FOO } ]
BITPOS <key> <bit> <index> <index> [ { BYTE | BIT } ]
6 BITOP { AND | OR | XOR } <key> ( <key> )+
2 BITOP NOT <key> <key>
BITOP { NOT | NAND | AND } <key> ( <key> )+
6 BITFIELD <key> ( { OVERFLOW { WRAP | SAT | FAIL } | GET <bit_type> <field_offset> | SET <bit_type> <field_offset> <bit_number> | INCRBY <bit_type> <field_offset> <bit_number> } )+
4 BITFIELD <key> OVERFLOW { WRAP | SAT | FAIL } ( { SET <bit_type> <field_offset> <bit_number> | INCRBY <bit_type> <field_offset> <bit_number> } )+
3 BITFIELD <key> ( { GET <bit_type> <field_offset> | OVERFLOW { WRAP | SAT | FAIL | FOO } } )+
BITFIELD <key>
4 BITFIELD_RO <key> ( GET <bit_type> <field_offset> )+
BITFIELD_RO <key> ( { GET <bit_type> <field_offset> | OVERFLOW SAT | SET <bit_type> <field_offset> 1 } )+
3 SET <key> <value>
2 SET <key> <bits>
APPEND <key> <bits>
SETRANGE <key> <offset> <text>
WATCH <key:K> ; b: SETBIT <=K> { 0 | 3 | 1000 } <bit> ; MULTI ; PING ; EXEC
WATCH <key:K> ; b: BITFIELD <=K> OVERFLOW { WRAP | SAT | FAIL } SET u2 { 0 | 8 } { 0 | 1 | 9 } ; MULTI ; PING ; EXEC
WATCH <key:K> ; b: BITOP AND <=K> <key> <key> ; MULTI ; PING ; EXEC
COMMAND GETKEYS BITFIELD <key> ?( GET u8 0 | SET u8 0 1 | OVERFLOW SAT )
EXPIRE <key> 100
OBJECT ENCODING <key>
STRLEN <key>
DEL <key>
"""
