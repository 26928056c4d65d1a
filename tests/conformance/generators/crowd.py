# SPDX-License-Identifier: MIT
"""What the members of a crowd do: one table of templates for each part that a client may play.

Keys are few, so that those who wait, watch, track and listen meet. Who plays a part also does, now and then,
what stands under another.
"""

# Those whose clients often wait.
WAITER = """
6 BLPOP ( <lkey> )+ <wait>
3 BRPOP ( <lkey> )+ <wait>
4 BLMOVE <lkey> <lkey> <end> <end> <wait>
2 BRPOPLPUSH <lkey> <lkey> <wait>
3 BLMPOP <wait> 1 <lkey> <end> [ COUNT <few> ]
2 BLMPOP <wait> 2 <lkey> <lkey> <end> [ COUNT <few> ]
3 BZPOPMIN ( <zkey> )+ <wait>
2 BZPOPMAX ( <zkey> )+ <wait>
2 BZMPOP <wait> 2 <zkey> <zkey> { MIN | MAX } [ COUNT <few> ]
3 XREAD BLOCK 0 STREAMS <xkey> <from>
2 XREAD BLOCK 0 STREAMS <xkey> <xkey> <from> <from>
3 XREADGROUP GROUP g <consumer> BLOCK 0 STREAMS <xkey> >
XREADGROUP GROUP g <consumer> BLOCK 0 NOACK STREAMS <xkey> <xkey> > >
2 BLPOP <anykey> <anykey> <wait>
XREAD BLOCK 0 COUNT 1 STREAMS <anykey> <from>
BLPOP <lkey> <badwait>
XREAD BLOCK <badwait> STREAMS <xkey> $
BLMPOP <wait> <few> <lkey> <end>
WAIT 1 0
MULTI ; BLPOP <lkey> 0 ; BZPOPMIN <zkey> 0 ; XREAD BLOCK 0 STREAMS <xkey> $ ; EXEC
MULTI ; BLMOVE <lkey> <lkey> <end> <end> 0 ; EXEC
BLPOP <lkey> <wait> ; LPUSH <lkey> own ; PING
BLPOP <lkey> <wait> ; SET <skey> <value> ; BLPOP <lkey> <wait>
"""

# Those who feed them.
WORKER = """
6 LPUSH <lkey> ( <value> )+
6 RPUSH <lkey> ( <value> )+
4 ZADD <zkey> <score> <value> [ <score> <value> ]
4 XADD <xkey> <newid> f <value>
2 XGROUP CREATE <xkey> g <groupfrom> [ MKSTREAM ]
XGROUP DESTROY <xkey> g
XGROUP SETID <xkey> g { 0 | $ }
XGROUP CREATECONSUMER <xkey> g <consumer>
XGROUP DELCONSUMER <xkey> g <consumer>
XACK <xkey> g 1-1
XDEL <xkey> <oldid>
XTRIM <xkey> MAXLEN <few>
XSETID <xkey> 99999999-0
XCLAIM <xkey> g <consumer> 0 <oldid> JUSTID
3 DEL ( <anykey> )+
UNLINK <anykey>
2 RENAME <anykey> <anykey>
RENAMENX <anykey> <anykey>
2 COPY <anykey> <anykey> [ REPLACE ]
MOVE <anykey> { 0 | 1 }
COPY <anykey> <anykey> DB { 0 | 1 }
SORT <lkey> ALPHA STORE <lkey>
ZUNIONSTORE <zkey> 2 <zkey> <zkey>
ZRANGESTORE <zkey> <zkey> 0 -1
LMOVE <lkey> <lkey> <end> <end>
RPOPLPUSH <lkey> <lkey>
LPOP <lkey> [ <few> ]
LPUSHX <lkey> x
LINSERT <lkey> BEFORE a b
LREM <lkey> 0 a
LSET <lkey> 0 z
LTRIM <lkey> 1 0
ZPOPMIN <zkey>
ZREM <zkey> a
ZINCRBY <zkey> 1 a
GEOADD <zkey> 1 1 place
3 SET <anykey> <value>
2 SET <skey> <value>
GET <skey>
INCR <skey>
APPEND <skey> x
SETRANGE <skey> 2 x
GETSET <skey> 1
GETDEL <skey>
GETEX <skey> PERSIST
MSET <skey> 1 <skey> 2
MSETNX <skey> 1 <skey> 2
SADD <anykey> a
HSET <anykey> f v
EXPIRE <anykey> 1000
EXPIRE <anykey> -1
PERSIST <anykey>
PEXPIREAT <anykey> 1
RESTORE <lkey> 0 <listdump> REPLACE
RESTORE <zkey> 0 <zsetdump> REPLACE
FLUSHALL
FLUSHDB
SWAPDB 0 1
SELECT { 0 | 0 | 1 }
2 MULTI ; LPUSH <lkey> a b ; LPOP <lkey> ; RPUSH <lkey> c ; EXEC
2 MULTI ; LPUSH <lkey> a ; DEL <lkey> ; SET <lkey> x ; EXEC
2 MULTI ; ZADD <zkey> 1 a 2 b ; LPUSH <lkey> z ; XADD <xkey> <newid> f v ; EXEC
MULTI ; SET <lkey> x ; DEL <lkey> ; LPUSH <lkey> y ; EXEC
MULTI ; LPUSH <lkey> a ; RENAME <lkey> <lkey> ; EXEC
MULTI ; SWAPDB 0 1 ; LPUSH <lkey> a ; EXEC
MULTI ; LPUSH <lkey> a ; SELECT 1 ; LPUSH <lkey> b ; SELECT 0 ; EXEC
2 EVAL return-redis.call('lpush',KEYS[1],'x','y') 1 <lkey>
EVAL redis.call('lpush',KEYS[1],'x');redis.call('del',KEYS[1]) 1 <lkey>
EVAL redis.call('lpush',KEYS[1],'x');return-redis.call('rename',KEYS[1],KEYS[2]) 2 <lkey> <lkey>
EVAL redis.call('zadd',KEYS[1],1,'x')redis.call('lpush',KEYS[2],'x')return-1 2 <zkey> <lkey>
EVAL return-redis.pcall('blpop',KEYS[1],0) 1 <lkey>
EVAL return-redis.call('publish',ARGV[1],'lua') 0 <channel>
LPUSH <lkey> a ; LPUSH <lkey> b ; LPUSH <lkey> c
LRANGE <lkey> 0 -1
ZRANGE <zkey> 0 -1 WITHSCORES
XLEN <xkey>
TYPE <anykey>
EXISTS <anykey> <anykey>
PING
"""

# Those with transactions.
WATCHER = """
6 WATCH ( <anykey> )+
3 UNWATCH
4 MULTI
5 EXEC
2 DISCARD
3 SET <skey> <value>
2 GET <skey>
2 LPUSH <lkey> a
LPOP <lkey>
INCR <skey>
NOSUCH x
GET
RESET
SUBSCRIBE <channel>
PING
ECHO x
EXEC x
MULTI x
QUIT x
MULTI ; SET <skey> 1 ; INCR <skey> ; GET <skey> ; EXEC
MULTI ; SUBSCRIBE <channel> ; PUBLISH <channel> inside ; UNSUBSCRIBE <channel> ; PING ; EXEC
MULTI ; PUBLISH <channel> one ; PUBLISH <channel> two ; EXEC
MULTI ; CLIENT TRACKING ON ; GET <skey> ; SET <skey> 1 ; CLIENT TRACKING OFF ; EXEC
MULTI ; CLIENT REPLY SKIP ; PING ; PING ; EXEC
MULTI ; HELLO { 2 | 3 } ; HGETALL h ; EXEC
MULTI ; DEBUG JMAP ; EXEC
MULTI ; CONFIG SET maxmemory 1 ; SET <skey> 1 ; CONFIG SET maxmemory 0 ; EXEC
MULTI ; CONFIG RESETSTAT ; EXEC
MULTI ; LPUSH <lkey> a ; LPUSH <skey> a ; SET <lkey> ; EXEC
MULTI ; LPUSH <lkey> a ; INCR <lkey> ; LPUSH <lkey> b ; EXEC
MULTI ; WATCH <skey> ; UNWATCH ; EXEC
WATCH <skey:K> ; MULTI ; SET <=K> 1 ; EXEC
WATCH <skey:K> ; SET <=K> 1 ; MULTI ; EXEC
WATCH <anykey:K> ; DEL <=K> ; MULTI ; EXEC
WATCH <anykey:K> ; EXPIRE <=K> 1000 ; MULTI ; EXEC
WATCH <anykey:K> ; PERSIST <=K> ; MULTI ; EXEC
WATCH <anykey> ; FLUSHALL ; MULTI ; EXEC
WATCH <anykey> ; FLUSHDB ; MULTI ; EXEC
WATCH <anykey> ; SWAPDB 0 1 ; MULTI ; EXEC
WATCH <anykey> ; SELECT 1 ; WATCH <anykey> ; SELECT 0
WATCH <lkey:K> ; LPUSH <=K> a ; LPOP <=K> ; MULTI ; EXEC
WATCH <anykey> ; SORT <lkey> ALPHA STORE <lkey> ; MULTI ; EXEC
WATCH <anykey> ; EVAL return-redis.call('set',KEYS[1],1) 1 <skey> ; MULTI ; PING ; EXEC
MULTI ; EVAL return-redis.call('blpop',KEYS[1],0) 1 <lkey> ; EVAL return-redis.call('nosuch') 0 ; EXEC
MULTI ; SELECT 1 ; SET <skey> 1 ; SELECT 0 ; EXEC
MULTI ; FLUSHALL ; SET <skey> 1 ; EXEC
MULTI ; CLIENT UNBLOCK <client> ; CLIENT KILL ID <client> ; PING ; EXEC
MULTI ; MONITOR ; EXEC
MULTI ; BLPOP <lkey> 0 ; EXEC
MULTI ; PSUBSCRIBE * ; RESET ; PING
MULTI ; SHUTDOWN ABORT ; EXEC
MULTI ; PING ; QUIT
"""

# Those who listen and those who speak.
LISTENER = """
5 SUBSCRIBE ( <channel> )+
3 PSUBSCRIBE ( <pattern> )+
2 SSUBSCRIBE ( <channel> )+
2 UNSUBSCRIBE <channel>
UNSUBSCRIBE <channel> <channel>
PUNSUBSCRIBE <pattern>
SUNSUBSCRIBE <channel>
UNSUBSCRIBE
PUNSUBSCRIBE
SUNSUBSCRIBE
4 PUBLISH <channel> <value>
2 SPUBLISH <channel> <value>
PUBSUB CHANNELS [ <pattern> ]
PUBSUB NUMSUB ( <channel> )*
PUBSUB NUMPAT
PUBSUB SHARDCHANNELS [ <pattern> ]
PUBSUB SHARDNUMSUB ( <channel> )*
2 PING
PING hello
GET <skey>
MULTI
EXEC
RESET
QUIT
SUBSCRIBE <channel> ; PUBLISH <channel> self ; PING
PSUBSCRIBE <pattern> ; UNSUBSCRIBE <channel> ; PING x
CLIENT REPLY OFF ; SUBSCRIBE <channel> ; PING ; CLIENT REPLY ON
CLIENT REPLY SKIP ; PING ; PING
CLIENT REPLY { ON | OFF | SKIP | x }
HELLO { 2 | 3 }
SELECT 1
BLPOP <lkey> <wait>
SUBSCRIBE
PSUBSCRIBE __key*__:*
"""

# Those who cache.
TRACKER = """
4 CLIENT TRACKING ON ?( NOLOOP | OPTIN | OPTOUT | REDIRECT <client> )
3 CLIENT TRACKING ON BCAST ?( NOLOOP | PREFIX <prefix> | PREFIX <prefix> | REDIRECT <client> )
2 CLIENT TRACKING ON ?( BCAST | PREFIX <prefix> | OPTIN | OPTOUT | NOLOOP | REDIRECT <client> )
2 CLIENT TRACKING OFF
2 CLIENT CACHING { YES | NO }
2 CLIENT CACHING YES ; GET <skey>
CLIENT CACHING NO ; GET <skey>
CLIENT CACHING YES ; MULTI ; GET <skey> ; GET <skey> ; EXEC
CLIENT TRACKINGINFO
CLIENT GETREDIR
CLIENT TRACKING ON REDIRECT 999999
CLIENT TRACKING { x | on } y
6 GET <skey>
3 MGET <skey> <skey>
2 LRANGE <lkey> 0 -1
ZRANGE <zkey> 0 -1
XRANGE <xkey> - +
TYPE <anykey>
EXISTS <skey> <lkey>
STRLEN <skey>
SORT_RO <lkey> ALPHA
3 SET <skey> <value>
INCR <skey>
DEL <skey> <lkey>
RENAME <skey> <skey>
LPUSH <lkey> a
MULTI ; GET <skey> ; SET <skey> 1 ; EXEC
MULTI ; SET <skey> 1 ; SET <skey> 2 ; GET <skey> ; EXEC
EVAL return-redis.call('get',KEYS[1]) 1 <skey>
EVAL redis.call('get',KEYS[1])return-redis.call('set',KEYS[1],'x') 1 <skey>
SUBSCRIBE __redis__:invalidate
UNSUBSCRIBE __redis__:invalidate
HELLO { 2 | 3 }
FLUSHALL
FLUSHDB
RESET
BLPOP <lkey> <wait>
PING
GETEX <skey> EX 1000
EXPIRE <skey> -1
CLIENT NO-TOUCH ON
"""

# Those who look after the others.
OPERATOR = """
5 CLIENT UNBLOCK <client> [ { TIMEOUT | ERROR | x } ]
2 CLIENT KILL ID <client> [ SKIPME { yes | no | x } ]
CLIENT KILL TYPE { pubsub | master | replica | x }
CLIENT KILL ID <client> TYPE { normal | pubsub }
CLIENT KILL USER { default | nobody } ID <client>
CLIENT KILL ADDR 1.2.3.4:5
CLIENT KILL LADDR 1.2.3.4:5 ID <client>
CLIENT KILL 1.2.3.4:5
CLIENT KILL ID { 0 | -1 | x }
CLIENT KILL ID
CLIENT PAUSE 100000 WRITE
CLIENT PAUSE { x | -1 } WRITE
2 CLIENT UNPAUSE
2 CLIENT LIST
CLIENT LIST TYPE { normal | pubsub | replica | master | x }
CLIENT LIST ID ( <client> )+
CLIENT LIST ID x
2 CLIENT INFO
CLIENT ID
CLIENT SETNAME <name>
CLIENT GETNAME
CLIENT NO-EVICT { on | off | x }
CLIENT NO-TOUCH on
CLIENT SETINFO lib-name x
CLIENT GETREDIR
MONITOR
QUIT
RESET
AUTH x
AUTH default x
AUTH nobody x
HELLO { 2 | 3 } [ SETNAME <name> ]
HELLO 3 AUTH default x
SWAPDB 0 1
!CONFIG SET notify-keyspace-events { KEA | KEA | KA | EA | "" }
!CONFIG SET maxmemory { 1 | 0 | 0 | 0 }
PUBSUB NUMPAT
SELECT { 0 | 1 | 99 }
"""

PARTS = {"waiter": WAITER, "worker": WORKER, "watcher": WATCHER, "listener": LISTENER, "tracker": TRACKER,
         "operator": OPERATOR}

# Protocol errors, with requests before and behind them.
RUDE = (
    b"*1\r\n$4\r\nPING\r\n*1\r\n:4\r\n", b"*x\r\n", b"*1\r\n$x\r\n", b"*1\r\n$-5\r\n", b"*2000000000000\r\n",
    b"*1\r\n$99999999999999\r\n", b"GET \"k\r\n", b"PING\r\nGET 'k\r\nPING\r\n", b"*-5\r\nPING\r\n", b"\r\n\r\nPING\r\n",
    b"*0\r\nPING\r\n", b"*1\r\nPING\r\n", b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", b"*3\r\n$3\r\nSET\r\n$2\r\ns1\r\n$1\r\nv\r\n$",
    b"*2\r\n$4\r\nECHO\r\n$3\r\nabcdeXX\r\nPING\r\n", b"*1\r\n\r\n", b"*1\r\n$0\r\n\r\n", b" \r\n", b"\"\"\r\n",
    b"*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nQUIT\r\n*1\r\n$4\r\nPING\r\n", b"*\r\n", b"*1\r\n$\r\n", b"SET s1 \"\\x41\\n\"\r\nGET s1\r\n",
    b"*9223372036854775808\r\n", b"*1\r\n$9223372036854775808\r\n", b"*2147483648\r\n", b"*1\r\n$536870913\r\n",
)  # fmt: skip
