# SPDX-License-Identifier: MIT
"""The HyperLogLog family. Every value is read with GET in the end, so layouts are compared too."""

TABLE = """
8 PFADD <key> ( <fill> )9
4 PFADD <key> ( <fill> )90
2 PFADD <key> ( <bigfill> )90
3 PFADD <key> ( <value> )+
2 PFADD <key>
5 PFCOUNT <key>
3 PFCOUNT <key> ( <key> )+
4 PFMERGE <key> ( <key> )*
3 SET <key> <hyperloglog>
SET <key> <value>
2 SET <key:K> <hyperloglog> ; PFCOUNT <=K>
2 SET <key:K> <hyperloglog> ; PFADD <=K> ( <fill> )9
2 SET <key:K> <hyperloglog> ; PFMERGE <key> <=K>
2 SET <key:K> <hyperloglog> ; PFDEBUG { DECODE | ENCODING | TODENSE } <=K>
2 PFDEBUG { DECODE | ENCODING } <key>
PFDEBUG { TODENSE | FOO } <key>
1 PFDEBUG GETREG <key>
2 CONFIG SET hll-sparse-max-bytes { 0 | 18 | 20 | 30 | 100 } ; PFADD <key> ( <fill> )90 ; PFMERGE <key> <key> <key> ; CONFIG SET hll-sparse-max-bytes 3000
2 GET <key>
OBJECT ENCODING <key>
SETRANGE <key> { 4 | 8 | 14 | 15 } { 0 | x | a }
APPEND <key> { "" | 0 }
WATCH <key:K> ; b: PFADD <=K> <fill> ; MULTI ; PING ; EXEC
WATCH <key:K> ; b: PFCOUNT <=K> ; MULTI ; PING ; EXEC
WATCH <key:K> ; b: PFMERGE <=K> <key> ; MULTI ; PING ; EXEC
WATCH <key:K> ; b: PFDEBUG { TODENSE | ENCODING } <=K> ; MULTI ; PING ; EXEC
EXPIRE <key> 100
DEL <key>
"""
