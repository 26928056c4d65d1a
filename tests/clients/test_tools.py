# SPDX-License-Identifier: MIT
"""redis-cli and redis-benchmark take the server for Redis."""

import subprocess
import unittest

from client_case import ClientCase
from support.resp import encode_command
from support.testing import TIMEOUT, read_line

BENCHMARKED = "ping_inline,ping_mbulk,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin,lrange_100,mset"


class RedisCli(ClientCase):
    def test_info_names_what_tools_read(self):
        text = self.cli("info").decode()
        for line in ("# Server", "# Clients", "# Memory", "# Stats", "# Replication", "# CPU", "# Keyspace"):
            self.assertIn(line, text)
        fields = {line.split(":")[0] for line in text.splitlines() if ":" in line}
        wanted = {"redis_version", "redis_mode", "tcp_port", "uptime_in_seconds", "connected_clients",
                  "used_memory", "used_memory_human", "total_commands_processed", "role", "process_id",
                  "expired_keys", "keyspace_hits", "keyspace_misses"}  # fmt: skip
        self.assertEqual(wanted - fields, set())

    def test_scan_lists_every_key(self):
        wanted = {b"key:%d" % number for number in range(1000)}
        self.client.mset({key: b"v" for key in wanted})
        self.client.set("other", "v")
        self.assertEqual(set(self.cli("--scan", "--pattern", "key:*").splitlines()), wanted)
        self.assertEqual(len(self.cli("--scan").splitlines()), 1001)

    def test_bigkeys_walks_the_keyspace(self):
        self.client.set("s", "x" * 100)
        self.client.rpush("l", *range(10))
        self.client.hset("h", "f", "v")
        self.client.sadd("t", "a", "b")
        self.client.zadd("z", {"m": 1})
        text = self.cli("--bigkeys").decode()
        self.assertIn("Sampled 5 keys in the keyspace", text)

    def test_stat_prints_lines(self):
        process = subprocess.Popen(self.cli_words("--stat", "-i", "0.01"), stdout=subprocess.PIPE, bufsize=0)
        try:
            lines = [read_line(process.stdout).decode() for _ in range(5)]
        finally:
            process.kill()
            process.communicate()
        self.assertIn("keys", lines[1])
        self.assertRegex(lines[2], r"^\d+ ")

    def test_pipe_takes_a_mass_of_commands(self):
        data = b"".join(encode_command((b"SET", b"k%d" % n, b"v")) for n in range(10000))
        self.assertIn(b"errors: 0, replies: 10000", self.cli("--pipe", stdin=data))
        self.assertEqual(self.client.dbsize(), 10000)

    def test_commands_from_a_file(self):
        output = self.cli(stdin=b'set k "a b"\nget k\nlpush k x\nmulti\nincr n\nexec\n').splitlines()
        self.assertEqual(output[:2], [b"OK", b"a b"])
        self.assertIn(b"WRONGTYPE", output[2])
        self.assertEqual(output[-1], b"1")

    def test_resp3(self):
        self.client.hset("h", "f", "v")
        self.assertEqual(self.cli("-3", "--no-raw", "HGETALL", "h"), b'1# "f" => "v"')
        self.assertEqual(self.cli("--json", "HGETALL", "h"), b'{"f":"v"}')

    def test_other_database_and_repetition(self):
        self.cli("-n", "2", "SET", "k", "v")
        self.assertEqual(self.cli("-n", "2", "DBSIZE"), b"1")
        self.assertEqual(self.cli("-r", "3", "INCR", "n"), b"1\n2\n3")
        self.assertEqual(self.cli("--csv", "MGET", "n", "missing"), b'"3",NULL')

    def test_a_wrong_command_is_an_error_with_a_status(self):
        self.assertIn(b"unknown command", self.cli("-e", "NOSUCH", check=False))

    def test_tcp_and_url(self):
        url = "redis://%s:%d/1" % (self.server.host, self.server.port)
        done = subprocess.run(["redis-cli", "-u", url, "SET", "k", "v"], stdout=subprocess.PIPE, timeout=TIMEOUT)
        self.assertEqual(done.stdout, b"OK\n")
        self.assertEqual(self.client.execute_command("SELECT", 1), True)


class RedisBenchmark(ClientCase):
    def benchmark(self, *words):
        done = subprocess.run(
            ["redis-benchmark", "-s", self.server.socket_path, "-q"] + list(words),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
        )  # fmt: skip
        text = done.stdout.decode()
        self.assertEqual(done.returncode, 0, text)
        self.assertNotIn("Error", text)
        self.assertNotIn("WARNING", text)
        return text

    def test_the_usual_tests_run_through(self):
        text = self.benchmark("-n", "2000", "-c", "20", "-t", BENCHMARKED)
        for name in ("SET", "GET", "LPUSH", "ZADD", "LRANGE_100", "MSET"):
            self.assertIn("%s" % name, text)
        self.assertGreaterEqual(text.count("requests per second"), 16)

    def test_pipelined(self):
        self.benchmark("-n", "20000", "-c", "50", "-P", "50", "-r", "10000", "-t", "set,get,incr,zadd")

    def test_resp3_and_scripts(self):
        self.benchmark("-3", "-n", "2000", "-c", "10", "-t", "get,set")
        self.benchmark("-n", "2000", "eval", "return redis.call('incr', KEYS[1])", "1", "counter")
        self.assertEqual(self.client.get("counter"), b"2000")


class RedisPy(ClientCase):
    def test_introspection_parses(self):
        self.assertEqual(self.client.info()["role"], "master")
        self.assertIn("redis_version", self.client.info("server"))
        self.assertEqual(self.client.config_get("databases"), {"databases": "16"})
        self.assertGreater(self.client.client_id(), 0)
        self.client.client_setname("tester")
        self.assertIn("tester", [client["name"] for client in self.client.client_list()])
        self.assertEqual(self.client.command_getkeys("MSET", "a", 1, "b", 2), ["a", "b"])
        self.assertGreater(self.client.command_count(), 50)
        self.assertIn("get", self.client.command())
        self.assertEqual(len(self.client.time()), 2)

    def test_collections_round_trip(self):
        self.client.hset("h", mapping={"a": 1, "b": 2})
        self.assertEqual(self.client.hgetall("h"), {b"a": b"1", b"b": b"2"})
        self.client.rpush("l", "a", "b")
        self.assertEqual(self.client.lrange("l", 0, -1), [b"a", b"b"])
        self.client.sadd("s", "a", "b")
        self.assertEqual(self.client.smembers("s"), {b"a", b"b"})
        self.client.zadd("z", {"a": 1.5, "b": 2})
        self.assertEqual(self.client.zrange("z", 0, -1, withscores=True), [(b"a", 1.5), (b"b", 2.0)])
        self.assertEqual(sorted(self.client.scan_iter()), [b"h", b"l", b"s", b"z"])
        self.assertEqual(self.client.type("z"), b"zset")

    def test_expiry_api(self):
        self.client.set("k", "v", ex=100)
        self.assertIn(self.client.ttl("k"), (99, 100))
        self.assertTrue(self.client.expire("k", 200, gt=True))
        self.assertTrue(self.client.persist("k"))
        self.assertEqual(self.client.ttl("k"), -1)

    def test_transactions_and_watch_errors(self):
        import redis

        with self.client.pipeline() as pipe:
            pipe.watch("k")
            self.new_client().set("k", "theirs")
            pipe.multi()
            pipe.set("k", "ours")
            with self.assertRaises(redis.WatchError):
                pipe.execute()
        self.assertEqual(self.client.get("k"), b"theirs")

    def test_dump_and_restore(self):
        self.client.set("a", b"\x00binary\xff" * 50)
        payload = self.client.dump("a")
        self.client.restore("b", 0, payload)
        self.assertEqual(self.client.get("b"), self.client.get("a"))


if __name__ == "__main__":
    unittest.main()
