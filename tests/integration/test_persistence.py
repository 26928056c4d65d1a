# SPDX-License-Identifier: MIT
"""RDB files: written and read at the start, exchanged with redis-server, damaged."""

import os
import random
import shutil
import subprocess
import tempfile
import unittest

from support.servers import ORACLE, Server, ServerFailed, is_understudy, needs_oracle
from support.testing import TIMEOUT, ServerCase, binary, run_program, understudy_only

LIBRARY = "#!lua name=%s\nredis.register_function('f_%s', function() return '%s' end)"
DEBUG = ["--enable-debug-command", "yes"]


def commands_of_all_types(rng):
    """Small and large of each type, in several databases."""
    yield ["FUNCTION", "LOAD", LIBRARY % ("first", "a", "x")]
    yield ["FUNCTION", "LOAD", LIBRARY % ("second", "b", "y" * 200)]
    for db in (0, 1, 9):
        yield ["SELECT", db]
        for size in (1, 20, 700):
            texts = [b"%d" % rng.randrange(-(1 << 40), 1 << 40) for _ in range(size)]
            texts += [bytes(rng.randrange(256) for _ in range(rng.randrange(90))) for _ in range(size)]
            yield ["SET", "text%d" % size, b"abc" * size]
            yield ["SET", "int%d" % size, rng.randrange(-(1 << 62), 1 << 62)]
            yield ["RPUSH", "list%d" % size] + texts
            yield ["SADD", "ints%d" % size] + [rng.randrange(1 << 33) for _ in range(size)]
            yield ["SADD", "set%d" % size] + texts
            yield ["HSET", "hash%d" % size] + texts
            pairs = [word for text in texts for word in (rng.uniform(-9, 9), text)]
            yield ["ZADD", "sorted%d" % size] + pairs
            yield ["PFADD", "count%d" % size] + texts
            for i in range(size):
                yield ["XADD", "stream%d" % size, "5-%d" % (i + 1), "f", texts[i]]
            yield ["XGROUP", "CREATE", "stream%d" % size, "g", "0"]
            yield ["XREADGROUP", "GROUP", "g", "c", "COUNT", 3, "STREAMS", "stream%d" % size, ">"]
        yield ["ZADD", "infinite", "inf", "a", "-inf", "b", "0", "c"]
        yield ["EXPIRE", "text1", 10000]
        yield ["EXPIRE", "hash700", 20000]


@needs_oracle
class Exchange(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="understudy-test-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def start(self, name, *options):
        emulate = "7.0" if is_understudy(name) else None
        server = Server(name, ["--dir", self.directory] + DEBUG + list(options), emulate=emulate)
        server.start()
        self.addCleanup(server.stop)
        client = server.connect()
        self.addCleanup(client.close)
        return server, client

    def facts(self, client):
        client.value("SELECT", 0)
        deadlines = [client.value("PEXPIRETIME", key) for key in ("text1", "hash700", "list1")]
        functions = client.value("FUNCTION", "LIST", "WITHCODE")
        return client.value("DEBUG", "DIGEST"), deadlines, sorted(map(str, functions))

    def exchange(self, source, target, *options):
        server, client = self.start(source, *options)
        for command in commands_of_all_types(random.Random(self.id())):
            client.value(*command)
        self.assertEqual(client.value("SAVE"), b"OK")
        before = self.facts(client)
        client.close()
        server.stop()
        server, client = self.start(target, *options)
        self.assertEqual(self.facts(client), before)
        self.assertEqual(client.value("FCALL", "f_a", 0), b"x")
        client.close()
        server.stop()

    def check_file(self):
        if shutil.which("redis-check-rdb"):
            path = os.path.join(self.directory, "dump.rdb")
            subprocess.run(["redis-check-rdb", path], check=True, stdout=subprocess.DEVNULL)

    def test_redis_reads_what_was_written(self):
        self.exchange(binary(), ORACLE)
        self.check_file()

    def test_what_redis_wrote_is_read(self):
        self.exchange(ORACLE, binary())

    def test_files_may_do_without_compression_and_checksum(self):
        options = ("--rdbcompression", "no", "--rdbchecksum", "no")
        self.exchange(binary(), ORACLE, *options)
        os.remove(os.path.join(self.directory, "dump.rdb"))
        self.exchange(ORACLE, binary(), *options)

    def test_access_goes_both_ways_where_it_matters(self):
        for policy, word in (("allkeys-lru", "IDLETIME"), ("allkeys-lfu", "FREQ")):
            for names in ((binary(), ORACLE), (ORACLE, binary())):
                for name in names:
                    server, client = self.start(name, "--maxmemory-policy", policy)
                    if name is names[0]:
                        client.value("FLUSHALL")
                        client.value("RESTORE", "k", 0, self.dump_of(client), word, 200)
                        client.value("SAVE")
                    self.assertIn(client.value("OBJECT", word, "k"), (199, 200, 201, 202, 203))
                    client.close()
                    server.stop()

    @staticmethod
    def dump_of(client):
        client.value("SET", "other", "v")
        return client.value("DUMP", "other")


class Damage(ServerCase):
    tcp = False

    @understudy_only
    def test_a_file_cut_off_anywhere_stops_the_start(self):
        client = self.connect()
        for command in (["SET", "k", "v"], ["RPUSH", "l", "a", "b"], ["XADD", "x", "1-1", "f", "v"]):
            client.value(*command)
        client.value("SAVE")
        path = os.path.join(self.server.directory, "dump.rdb")
        with open(path, "rb") as file:
            whole = file.read()
        for size in list(range(0, len(whole), 7)) + [len(whole) - 1]:
            with open(path, "wb") as file:
                file.write(whole[:size])
            done = run_program("--port", "0", "--dir", self.server.directory, "--loglevel", "warning")
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, rb"^understudy: cannot load [^\n]*dump.rdb: [^\n]*\n$")


class Files(ServerCase):
    tcp = False

    def path(self, name="dump.rdb"):
        return os.path.join(self.server.directory, name)

    def test_nothing_is_written_unless_asked_for(self):
        client = self.connect()
        client.value("SET", "k", "v")
        self.assertFalse(os.path.exists(self.path()))
        client.value("SAVE")
        self.assertTrue(os.path.exists(self.path()))
        self.assertEqual([name for name in os.listdir(self.server.directory) if "temp" in name], [])

    @understudy_only
    def test_termination_saves_where_there_are_save_points(self):
        client = self.connect()
        client.value("CONFIG", "SET", "save", "900 1")
        client.value("SET", "k", "v")
        self.server.process.terminate()
        self.assertEqual(self.server.process.wait(TIMEOUT), 0)
        self.assertTrue(os.path.exists(self.path()))

    @understudy_only
    def test_directives_say_what_signals_ask_for(self):
        for option, is_written in (("save", True), ("nosave", False), ("save force", True), ("default", False)):
            with self.subTest(option=option):
                server = self.start_server("--shutdown-on-sigterm", *option.split())
                with server.connect() as client:
                    client.value("SET", "k", "v")
                path = os.path.join(server.directory, "dump.rdb")
                server.process.terminate()
                self.assertEqual(server.process.wait(TIMEOUT), 0)
                self.assertEqual(os.path.exists(path), is_written)

    @understudy_only
    def test_reset_goes_back_to_what_was_loaded(self):
        client = self.connect()
        client.value("SET", "k", "v")
        client.value("FUNCTION", "LOAD", LIBRARY % ("l", "a", "x"))
        client.value("SAVE")
        other = self.start_server("--dir", self.server.directory).connect()
        self.addCleanup(other.close)
        other.value("FLUSHALL")
        other.value("FUNCTION", "FLUSH")
        self.assertEqual(other.value("MOCK", "RESET"), b"OK")
        self.assertEqual(other.value("GET", "k"), b"v")
        self.assertEqual(other.value("FCALL", "f_a", 0), b"x")

    @understudy_only
    def test_an_rdb_file_is_a_seed_file(self):
        client = self.connect()
        client.value("SET", "k", "v")
        client.value("SAVE")
        client.value("FLUSHALL")
        self.assertEqual(client.value("MOCK", "SEEDFILE", self.path()), 1)
        self.assertEqual(client.value("GET", "k"), b"v")
        os.rename(self.path(), self.path("seed.rdb"))
        other = self.start_server("--seed-file", self.path("seed.rdb")).connect()
        self.addCleanup(other.close)
        self.assertEqual(other.value("GET", "k"), b"v")

    @understudy_only
    def test_versions_are_those_of_the_emulated_redis(self):
        for version, digits in (("6.2", b"0009"), ("7.0", b"0010"), ("7.2", b"0011"), ("8.0", b"0012")):
            client = self.start_server("--emulate", version, "--dir", self.server.directory).connect()
            self.addCleanup(client.close)
            client.value("SET", "k", version)
            client.value("SAVE")
            with open(self.path(), "rb") as file:
                self.assertEqual(file.read(9), b"REDIS" + digits)
        with self.assertRaisesRegex(ServerFailed, "Can't handle RDB format version 12"):
            self.start_server("--dir", self.server.directory)

    @understudy_only
    def test_deadlines_of_fields_are_kept(self):
        options = ["--emulate", "7.4", "--dir", self.server.directory]
        client = self.start_server(*options).connect()
        self.addCleanup(client.close)
        client.value("HSET", "h", "f", "v", "g", "w")
        client.value("HPEXPIREAT", "h", 4102444800000, "FIELDS", 1, "f")
        client.value("SAVE")
        other = self.start_server(*options).connect()
        self.addCleanup(other.close)
        self.assertEqual(
            other.value("HPEXPIRETIME", "h", "FIELDS", 2, "f", "g"), [4102444800000, -1]
        )


if __name__ == "__main__":
    unittest.main()
