# SPDX-License-Identifier: MIT
"""SORT. Of sets and sorted sets the elements of equal weight come in the order of a hash table, so
that what a tie could decide is stored from lists alone, which are made in the same step. Numbers that
a double cannot hold stay away: redis-server leaves their errno to later commands."""

ALONE = True  # steps of other families have such numbers

TABLE = """
4 SET { w1 | w2 | w3 | w10 | wa | wb | w | w-1 } { <number> | <number> | <number> | <text> }
3 HSET { v1 | v2 | v3 | va | w2 | v } { f | g | "" } { <number> | <number> | <text> }
2 DEL { w1 | w2 | v2 | w | va } ( <key> )*
4 RPUSH <lkey> ( { 1 | 2 | 3 | 10 | -1 | a | b | <number> } )9
RPUSH <lkey> ( <element> )+
RPUSH <lkey> ( <fill> )90
3 SADD <tkey> ( { 1 | 2 | 3 | 10 | a | <number> } )9
SADD <tkey> ( <int_member> )9
3 ZADD <zkey> <number> { 1 | 2 | a } <number> { 3 | 10 } <number> <member>
4 SORT <key>
4 SORT { <lkey> | <tkey> | <zkey> } ?( ALPHA | { ASC | DESC } | LIMIT <index> <index> | GET # )
3 SORT { <lkey> | <tkey> | <zkey> } ?( ALPHA | { ASC | DESC } | LIMIT <few> <few> | STORE <key> )
4 SORT { <lkey> | <tkey> | <zkey> } ?( BY w* | { ASC | DESC } | LIMIT <few> <few> | GET # | GET w* | GET v*->f )
3 SORT { <lkey> | <tkey> | <zkey> } ?( BY v*->{ f | g } | { ASC | DESC } | LIMIT <few> <few> | GET v*->g | GET v*-> | GET x )
3 SORT { <lkey> | <zkey> } BY { nosort | x | # | "" | ->f } ?( { ASC | DESC } | LIMIT <index> <index> | GET # | STORE <key> )
2 SORT <tkey> BY nosort STORE <key>
SORT <tkey> BY nosort
2 SORT <tkey> BY w* ALPHA
4 DEL <lkey:L> ; RPUSH <=L> ( { 1 | 2 | 3 | 10 | a | b | c | <fill> } )9 ; SORT <=L> BY w* ALPHA ?( { ASC | DESC } | LIMIT <few> <few> | GET # ) STORE sorted ; LRANGE sorted 0 -1
3 DEL <lkey:L> ; RPUSH <=L> ( { 1 | 2 | 3 | a | <fill> | <member> } )90 ; SORT <=L> BY v*->f ALPHA ?( { ASC | DESC } | LIMIT { 0 | 1 | 5 | 20 } { 1 | 5 | 30 } ) STORE sorted ; LRANGE sorted 0 -1
2 DEL <lkey:L> ; RPUSH <=L> ( <member> )90 ; SORT <=L> ALPHA ?( { ASC | DESC } | LIMIT <few> <few> ) STORE sorted ; LRANGE sorted 0 -1
2 DEL <lkey:L> ; RPUSH <=L> ( { <number> | 1 | 2 | 3 | <number> } )90 ; SORT <=L> BY w* ?( { ASC | DESC } | LIMIT <few> { 1 | 5 | 30 } ) STORE sorted ; LRANGE sorted 0 -1
SORT <key> ?( BY w* | ALPHA | LIMIT <count> <count> | GET w* | FOO | LIMIT 1 )
2 SORT_RO { <lkey> | <tkey> | <zkey> } ?( BY w* | { ASC | DESC } | LIMIT <few> <few> | GET # | GET w* )
SORT_RO <key> ?( ALPHA | LIMIT <few> <few> | STORE x )
OBJECT ENCODING <key>
2 LRANGE <lkey> 0 -1
"""
