# SPDX-License-Identifier: MIT
"""Users with random rules, what they may then do, and what is told of it."""

ALONE = True  # not mixed into other families

TABLE = """
14 ACL SETUSER <user> ( <aclrule> )9
6 ACL SETUSER <user> on nopass +@all <aclkeyrule> <aclkeyrule> <aclrule>
4 ACL SETUSER <user> on nopass <aclcommandrule> <aclcommandrule> <aclcommandrule> <aclkeyrule>
2 ACL SETUSER <user> reset on nopass ~* &* +@all
2 ACL SETUSER default { on | nopass | sanitize-payload | ~a | foo }
5 ACL GETUSER <user>
2 ACL LIST
ACL USERS
2 ACL WHOAMI
RESET ; ACL DELUSER <user>
ACL DELUSER { default | nobody | "" }
ACL CAT [ { read | WRITE | foo | dangerous | scripting | "" } ]
ACL GENPASS [ { 1 | 5 | 128 | 0 | -1 | 4096 | 4097 | abc } ]
ACL LOG [ { 0 | 1 | 5 | -1 | abc | RESET } ]
ACL { LOAD | SAVE | HELP | FOO }
12 ACL DRYRUN <user> <aclcommand>
6 ACL DRYRUN <user> { GET | SET | DEL | RENAME | SORT | MSET | COPY | EVAL | PUBLISH | SUBSCRIBE } <aclkey> <aclkey>
3 ACL DRYRUN <user> { MGET <aclkey> <aclkey> <aclkey> | EVAL x 2 <aclkey> <aclkey> | ZUNIONSTORE <aclkey> 2 <aclkey> <aclkey> | XREAD STREAMS <aclkey> <aclkey> 0 0 | GETEX <aclkey> EX 100 | SET <aclkey> v GET | BITFIELD <aclkey> GET u8 0 | BITFIELD <aclkey> SET u8 0 1 | MIGRATE h 1 <aclkey> 0 9 | MIGRATE h 1 "" 0 9 KEYS <aclkey> <aclkey> | SORT <aclkey> BY <aclkey> STORE <aclkey> | OBJECT ENCODING <aclkey> | CONFIG GET x | SELECT 1 | PSUBSCRIBE <aclkey> | GEORADIUS <aclkey> 0 0 1 m STORE <aclkey> | LMPOP 2 <aclkey> <aclkey> LEFT | MEMORY USAGE <aclkey> }
6 AUTH <user> { x | pw | "" }
2 AUTH default x
AUTH pw
HELLO { 2 | 3 } AUTH <user> pw
2 RESET
8 GET <aclkey>
8 SET <aclkey> <value>
2 SET <aclkey> <value> GET
2 MGET <aclkey> <aclkey>
2 DEL <aclkey>
2 RENAME <aclkey> <aclkey>
2 COPY <aclkey> <aclkey>
2 RPUSH <aclkey> 3 1 2
3 SORT <aclkey> [ BY { nosort | x_* } ] [ GET { "#" | x_* } ] [ STORE <aclkey> ]
PUBLISH <aclkey> v
CONFIG GET maxmemory
SELECT { 0 | 1 }
DEBUG SLEEP 0
MULTI ; GET <aclkey> ; SET <aclkey> <value> ; PUBLISH <aclkey> v ; EXEC
MULTI ; SET <aclkey> <value> ; b: ACL SETUSER <user> <aclrule> <aclrule> ; EXEC
2 EVAL <aclscript> 1 <aclkey> <aclkey>
b: ACL SETUSER <user> ( <aclrule> )9
CLIENT KILL USER nobody
"""
