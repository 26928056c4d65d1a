# SPDX-License-Identifier: MIT
"""The geo family: clusters, places that coincide, and the edges of the map."""

TABLE = """
8 GEOADD <key> ( <point> <place> )9
3 GEOADD <key> ?( NX | XX | CH ) ( <point> <place> )+
GEOADD <key> ( <point> <fill> )90
GEOADD <key> <float> <float> <place>
2 ZADD <key> <score> <place>
2 GEOPOS <key> ( <place> )*
3 GEODIST <key> <place> <place> [ <unit> ]
GEODIST <key> <place> <place> <unit> <unit>
2 GEOHASH <key> ( <place> )*
10 GEOSEARCH <key> <center> <extent> ?( WITHCOORD | WITHDIST | WITHHASH | { ASC | DESC } | COUNT <geo_count> | COUNT <geo_count> ANY )
3 GEOSEARCH <key> <center> <extent> COUNT <geo_count> ?( WITHDIST | { ASC | DESC } | ANY )
2 GEOSEARCH <key> <extent> <center>
GEOSEARCH <key> ?( <center> | <center> | <extent> | <extent> | ASC | COUNT <few> | ANY | WITHDIST | STOREDIST | FOO )
5 GEOSEARCHSTORE <key> <key> <center> <near_extent> ?( STOREDIST | { ASC | DESC } | COUNT <geo_count> | COUNT <geo_count> ANY )
GEOSEARCHSTORE <key> <key> ?( <center> | <near_extent> | STOREDIST | WITHDIST | COUNT <few> | STORE <key> )
5 GEORADIUS <key> <point> <radius> <unit> ?( WITHCOORD | WITHDIST | WITHHASH | { ASC | DESC } | COUNT <geo_count> | ANY )
3 GEORADIUS <key> <point> <near_radius> <unit> { STORE | STOREDIST } <key> ?( { ASC | DESC } | COUNT <geo_count> | ANY )
GEORADIUS <key> <point> <near_radius> <unit> ?( STORE <key> | STOREDIST <key> | WITHDIST | WITHHASH | COUNT <few> | ANY )
2 GEORADIUS_RO <key> <point> <radius> <unit> ?( WITHCOORD | WITHDIST | WITHHASH | { ASC | DESC } | COUNT <geo_count> | STORE <key> )
5 GEORADIUSBYMEMBER <key> <place> <radius> <unit> ?( WITHCOORD | WITHDIST | WITHHASH | { ASC | DESC } | COUNT <geo_count> | ANY )
2 GEORADIUSBYMEMBER <key> <place> <near_radius> <unit> { STORE | STOREDIST } <key> ?( { ASC | DESC } | COUNT <geo_count> | ANY )
2 GEORADIUSBYMEMBER_RO <key> <place> <radius> <unit> ?( WITHCOORD | WITHDIST | { ASC | DESC } | COUNT <geo_count> | STOREDIST <key> )
WATCH <key:K> ; b: GEOADD <=K> ?( NX | XX | CH ) <point> <place> ; MULTI ; PING ; EXEC
WATCH <key:K> ; b: GEOSEARCHSTORE <=K> <key> <center> <near_extent> ; MULTI ; PING ; EXEC
COMMAND GETKEYS GEORADIUS <key> 1 2 3 m ?( STORE <key> | STOREDIST <key> | WITHDIST )
2 ZREM <key> ( <place> )+
ZRANGE <key> 0 -1 WITHSCORES
OBJECT ENCODING <key>
DEL <key>
"""
