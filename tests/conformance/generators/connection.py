# SPDX-License-Identifier: MIT
"""What a connection is told about itself. CLIENT REPLY is in tests/cases: it swallows replies."""

ALONE = True  # not mixed into other families

TABLE = """
4 PING [ <value> ]
3 ECHO <value>
3 SELECT <db>
3 HELLO [ { 2 | 3 | 4 | 1 | abc } ]
2 HELLO { 2 | 3 } SETNAME { conn | "a" | <value> }
HELLO { 2 | 3 } ?( AUTH default { x | "" } | SETNAME me | FOO )
HELLO 3 SETNAME
AUTH { x | <value> }
AUTH default <value>
AUTH nobody <value>
AUTH a b c
2 RESET
3 CLIENT GETNAME
3 CLIENT SETNAME { me | a-b | <value> }
CLIENT ID
CLIENT INFO
CLIENT LIST
CLIENT LIST { TYPE { normal | pubsub | master | replica | foo } | ID 0 | ID abc | FOO bar | ID }
CLIENT KILL { 127.0.0.1:1 | ID 0 | ID abc | TYPE foo | LADDR 1.1.1.1:1 | FOO bar | ADDR 1.1.1.1:1 SKIPME maybe | USER nobody }
CLIENT NO-EVICT { on | off | maybe }
CLIENT REPLY { ON | maybe }
CLIENT UNBLOCK { 0 | abc | 99999999 } [ { TIMEOUT | ERROR | FOO } ]
CLIENT UNPAUSE
CLIENT PAUSE { abc | -1 }
CLIENT GETREDIR
CLIENT TRACKINGINFO
CLIENT { FOO | SETINFO a b | NO-TOUCH on }
CLIENT
2 SET <key> <value>
2 GET <key>
2 HGETALL <hkey>
HSET <hkey> a 1
MULTI ; PING ; RESET ; EXEC
MULTI ; HELLO 3 ; EXEC
SELECT 1 ; SET <key> <value> ; RESET ; GET <key>
<unknown>
<unknown> <value> <value>
"""
