# SPDX-License-Identifier: MIT
"""The append-only file beside redis-server: each reads what the other wrote, and writes the same."""

import os
import random
import shutil
import subprocess
import tempfile
import unittest

from support.append_only import Files
from support.quoting import split_line
from support.resp import encode_command
from support.servers import ORACLE, Server, is_understudy, needs_oracle
from support.testing import binary

LIBRARY = (
    b"#!lua name=%s\nredis.register_function('f_%s', function(keys) return redis.call('INCR', keys[1]) end)"
)
ON = ("--appendonly", "yes", "--enable-debug-command", "yes")

# What a client sends, and what is written: one command a line, * for a point in time. Nothing, if
# there is no arrow. The oracle is asked the same.
WRITTEN = r"""
SET a 1                                 -> SELECT 0 | SET a 1
set a 1 ex 100                          -> SET a 1 PXAT *
SET a 1 PX 100000 NX
SET b 1 PX 100000 NX GET                -> SET b 1 PXAT *
SET c 1 KEEPTTL GET                     -> SET c 1 KEEPTTL
SET c 1 XX GET                          -> SET c 1 XX
SET c 1 PXAT 33177117420000             -> SET c 1 PXAT 33177117420000
SETEX d 10 x                            -> SET d x PXAT *
PSETEX d 10000 x                        -> SET d x PXAT *
GETEX d                                 ->
GETEX d EX 100                          -> PEXPIREAT d *
GETEX d PERSIST                         -> PERSIST d
GETEX d EXAT 5                          -> DEL d
GETSET d 2                              -> SET d 2
GETDEL d                                -> DEL d
INCRBYFLOAT f 1.5                       -> SET f 1.5 KEEPTTL
HINCRBYFLOAT h f 1.5                    -> HSET h f 1.5
EXPIRE f 100 NX                         -> PEXPIREAT f * NX
EXPIREAT f 33177117420                  -> PEXPIREAT f 33177117420000
PEXPIREAT f 33177117420001              -> PEXPIREAT f 33177117420001
PEXPIRE f -1                            -> DEL f
DEL nothing                             ->
RPUSH l a b c d e f g h i               -> RPUSH l a b c d e f g h i
BLPOP no l 0                            -> LPOP l
BRPOP l 0                               -> RPOP l
BRPOPLPUSH l l2 0                       -> RPOPLPUSH l l2
BLMOVE l l2 LEFT RIGHT 0                -> LMOVE l l2 LEFT RIGHT
LMPOP 2 no l LEFT COUNT 2               -> LPOP l 2
BLMPOP 0 1 l RIGHT COUNT 9              -> RPOP l 3
LTRIM l2 0 -1                           ->
SADD s only                             -> SADD s only
SPOP s                                  -> SREM s only
SADD s a b c                            -> SADD s a b c
SPOP s 3                                -> DEL s
ZADD z 1 a 2 b 3 c 4 d                  -> ZADD z 1 a 2 b 3 c 4 d
BZPOPMIN no z 0                         -> ZPOPMIN z
ZMPOP 2 no z MAX COUNT 1                -> ZPOPMAX z 1
BZMPOP 0 1 z MIN COUNT 9                -> ZPOPMIN z 2
GEOADD g CH 13.361389 38.115556 here    -> zadd g CH 3479099956230698 here
PFADD p a                               -> PFADD p a
PFCOUNT p                               -> PFCOUNT p
PFCOUNT p                               ->
XADD x 5-* f v                          -> XADD x 5-0 f v
XADD x * f v                            -> XADD x * f v
XADD x MAXLEN ~ 1 33177117420000-1 f v  -> XADD x MAXLEN = 3 33177117420000-1 f v
XTRIM x MAXLEN ~ 1                      ->
XADD y 1-1 f v                          -> XADD y 1-1 f v
XADD y 1-2 f v                          -> XADD y 1-2 f v
XGROUP CREATE y g 0                     -> XGROUP CREATE y g 0
XREADGROUP GROUP g c STREAMS y >        -> MULTI | XCLAIM y g c 0 1-1 TIME * RETRYCOUNT 1 FORCE JUSTID LASTID 1-1 | XCLAIM y g c 0 1-2 TIME * RETRYCOUNT 1 FORCE JUSTID LASTID 1-2 | EXEC
XGROUP SETID y g 0                      -> XGROUP SETID y g 0
XREADGROUP GROUP g d NOACK STREAMS y >  -> MULTI | XGROUP CREATECONSUMER y g d | XGROUP SETID y g 1-2 ENTRIESREAD 2 | EXEC
XCLAIM y g d 0 1-1                      -> XCLAIM y g d 0 1-1 TIME * RETRYCOUNT 2 FORCE JUSTID LASTID 1-2
XCLAIM y g d 0 8-8 LASTID 1-5           -> XGROUP SETID y g 1-5 ENTRIESREAD 2
XAUTOCLAIM y g e 0 1-2 JUSTID           -> XCLAIM y g e 0 1-2 TIME * RETRYCOUNT 1 FORCE JUSTID LASTID 1-5
MULTI                                   ->
SET a 1                                 ->
EXEC                                    -> SET a 1
MULTI                                   ->
SELECT 3                                ->
SET a 1                                 ->
SELECT 4                                ->
GET a                                   ->
SET a 1 EX 100                          ->
PUBLISH c m                             ->
EXEC                                    -> SELECT 3 | MULTI | SET a 1 | SELECT 4 | SET a 1 PXAT * | EXEC
SELECT 0                                ->
EVAL "redis.call('INCR','n')" 0         -> SELECT 0 | INCR n
EVAL "redis.call('INCR','n') redis.call('SET','a',1,'EX',9)" 0 -> MULTI | INCR n | SET a 1 PXAT * | EXEC
EVAL "redis.set_repl(redis.REPL_REPLICA) redis.call('INCR','n') redis.set_repl(redis.REPL_AOF) redis.call('INCR','m')" 0 -> INCR m
EVAL "redis.call('INCR','n') error('x')" 0 -> INCR n
FLUSHDB                                 -> FLUSHDB
FLUSHALL ASYNC                          -> FLUSHALL ASYNC
SWAPDB 0 1                              -> SWAPDB 0 1
FUNCTION FLUSH                          -> FUNCTION FLUSH
SCRIPT FLUSH                            ->
CONFIG SET lazyfree-lazy-expire yes     ->
SET a 1                                 -> SET a 1
EXPIRE a -1                             -> UNLINK a
"""


def commands_of_all_kinds(rng):
    """Small and large of each type, and changes whose outcome is chance or a matter of time."""
    yield ["FUNCTION", "LOAD", LIBRARY % (b"first", b"a")]
    for db in (0, 9):
        yield ["SELECT", db]
        for size in (1, 20, 300):
            texts = [b"%d" % rng.randrange(-(1 << 40), 1 << 40) for _ in range(size)]
            texts += [bytes(rng.randrange(256) for _ in range(rng.randrange(90))) for _ in range(size)]
            yield ["SET", "text%d" % size, b"abc" * size]
            yield ["INCRBYFLOAT", "float%d" % size, "1.25"]
            yield ["RPUSH", "list%d" % size] + texts
            yield ["LMPOP", 1, "list%d" % size, "LEFT"]
            yield ["SADD", "ints%d" % size] + [rng.randrange(1 << 33) for _ in range(size)]
            yield ["SADD", "set%d" % size] + texts
            yield ["SPOP", "set%d" % size, size // 2]
            yield ["SPOP", "ints%d" % size]
            yield ["HSET", "hash%d" % size] + texts
            yield ["HINCRBYFLOAT", "hash%d" % size, "float", "0.1"]
            yield ["ZADD", "sorted%d" % size] + [w for text in texts for w in (rng.uniform(-9, 9), text)]
            yield ["ZMPOP", 1, "sorted%d" % size, "MAX"]
            yield ["PFADD", "count%d" % size] + texts
            for i in range(size):
                yield ["XADD", "stream%d" % size, "MAXLEN", "~", 100, "5-%d" % (i + 1), "f", texts[i]]
            yield ["XGROUP", "CREATE", "stream%d" % size, "g", "0"]
            yield ["XREADGROUP", "GROUP", "g", "c", "COUNT", 3, "STREAMS", "stream%d" % size, ">"]
            yield ["XAUTOCLAIM", "stream%d" % size, "g", "d", 0, "5-2"]
        yield ["ZADD", "infinite", "inf", "a", "-inf", "b", "0", "c"]
        yield ["EXPIRE", "text1", 10000]
        yield ["GETEX", "text20", "EX", 20000]
        yield ["SET", "gone", "v", "PXAT", "1"]
        yield ["FCALL", "f_a", 1, "number"]
        yield ["EVAL", "redis.call('INCR', 'a') redis.call('APPEND', 'b', 'x')", 0]


def facts_of(client):
    for db in (9, 0):
        client.value("SELECT", db)
        client.value("EXISTS", "gone")  # the oracle looks at deadlines when it comes to it
    deadlines = [client.value("PEXPIRETIME", key) for key in ("text1", "text20", "list20")]
    return client.value("DEBUG", "DIGEST"), deadlines, str(client.value("FUNCTION", "LIST", "WITHCODE"))


@needs_oracle
class WithTheOracle(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="understudy-test-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def start(self, name, *options):
        emulate = "7.0" if is_understudy(name) else None
        options = ("--dir", self.directory) + ON + ("--appendfsync", "always") + options
        server = Server(name, options, emulate=emulate)
        server.start()
        self.addCleanup(server.stop)
        client = server.connect()
        self.addCleanup(client.close)
        while client.command("PING").kind == "error":
            pass  # the oracle is loading
        return server, client

    def check_files(self):
        program = shutil.which("redis-check-aof")
        if program:
            manifest = os.path.join(self.directory, "appendonlydir", "appendonly.aof.manifest")
            done = subprocess.run([program, manifest], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(done.returncode, 0, done.stdout)

    def exchange(self, source, target, *options, rewrites=False):
        server, client = self.start(source, *options)
        for command in commands_of_all_kinds(random.Random(self.id())):
            self.assertNotEqual(client.command(*command).kind, "error", command)
        if rewrites:
            # Off and on again: the base is written then, and no fork has to be waited for.
            for value in ("no", "yes"):
                client.value("CONFIG", "SET", "appendonly", value)
            client.value("SET", "after", "the rewrite")
            self.await_rewrite(client)
        before = facts_of(client)
        client.close()
        server.stop()
        if is_understudy(source):
            self.check_files()
        server, client = self.start(target, *options)
        self.assertEqual(facts_of(client), before)
        client.value("SET", "more", "v")
        before = facts_of(client)
        client.close()
        server.stop()
        server, client = self.start(source, *options)
        self.assertEqual(facts_of(client), before)

    @staticmethod
    def await_rewrite(client):
        while b"aof_rewrite_in_progress:1" in client.value("INFO", "persistence"):
            client.value("DEBUG", "SLEEP", "0.01")

    def test_redis_reads_what_was_appended(self):
        self.exchange(binary(), ORACLE)

    def test_what_redis_appended_is_read(self):
        self.exchange(ORACLE, binary())

    def test_redis_reads_a_base_and_what_follows(self):
        self.exchange(binary(), ORACLE, rewrites=True)

    def test_a_base_of_redis_is_read_and_what_follows(self):
        self.exchange(ORACLE, binary(), rewrites=True)

    def test_redis_reads_a_base_of_commands(self):
        self.exchange(binary(), ORACLE, "--aof-use-rdb-preamble", "no", rewrites=True)

    def test_a_base_of_commands_of_redis_is_read(self):
        self.exchange(ORACLE, binary(), "--aof-use-rdb-preamble", "no", rewrites=True)

    def test_time_stamps_do_not_disturb(self):
        self.exchange(binary(), ORACLE, "--aof-timestamp-enabled", "yes")

    def written_by(self, name):
        """For each line what was appended, a point in time as *."""
        server, client = self.start(name)
        files = Files(self.directory)
        result = []
        for line, _ in expectations():
            client.command(*split_line(line))
            result.append([[masked(word) for word in words] for words in files.take()])
        client.close()
        server.stop()
        shutil.rmtree(files.folder)
        return result

    def test_commands_are_written_as_redis_writes_them(self):
        for name in (binary(), ORACLE):
            for (line, expected), found in zip(expectations(), self.written_by(name)):
                self.assertEqual(found, expected, "%s: %s" % (name, line))

    def test_waiting_clients_are_served_in_the_same_words(self):
        found = []
        for name in (binary(), ORACLE):
            server, client = self.start(name)
            files = Files(self.directory)
            waiting = [server.connect() for _ in range(3)]
            for i, command in enumerate((["BLPOP", "k", 0], ["BLMOVE", "k", "l", "LEFT", "LEFT", 0],
                                         ["BLMPOP", 0, 1, "k", "LEFT"])):  # fmt: skip
                waiting[i].send(encode_command([b"%s" % str(word).encode() for word in command]))
                while b"blocked_clients:%d\r" % (i + 1) not in client.value("INFO", "clients"):
                    pass
            client.value("RPUSH", "k", "a", "b", "c")
            for other in waiting:
                other.read()
                other.close()
            found.append(files.take())
            client.close()
            server.stop()
            shutil.rmtree(files.folder)
        self.assertEqual(found[0], found[1])


def masked(word):
    """A point in time that is about now is *."""
    digits = word.split(b"-")[0]
    return b"*" if len(digits) == 13 and digits.isdigit() else word


def expectations():
    result = []
    for line in WRITTEN.strip().splitlines():
        sent, _, written = line.partition("->")
        expected = [part.split() for part in written.encode().split(b" | ") if part.strip()]
        result.append((sent.strip(), expected))
    return result


if __name__ == "__main__":
    unittest.main()
