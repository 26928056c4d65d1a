# SPDX-License-Identifier: MIT
"""What the server says of its memory, and how it keeps maxmemory."""

import os
import re
import unittest

from support.resp import encode_command
from support.testing import ServerCase, await_condition, understudy_only

MEBIBYTE = 1 << 20
BATCH = 500


class Memory(ServerCase):
    options = ("--emulate", "7.2", "--enable-debug-command", "yes")
    tcp = False

    def setUp(self):
        super().setUp()
        self.client = self.connect(timeout=60)

    def info(self, section="everything"):
        text = self.client.value("INFO", section).decode()
        return dict(re.findall(r"^(\w+):(.*)\r$", text, re.M))

    def number(self, name, section="everything"):
        return int(self.info(section)[name])

    def configure(self, name, value):
        self.assertEqual(self.client.value("CONFIG", "SET", name, value), b"OK")

    def store(self, count, size, first=0):
        for start in range(first, first + count, BATCH):
            data = b"".join(encode_command([b"SET", b"key:%d" % number, b"x" * size]) for number in range(start, start + BATCH))
            self.client.exchange(data, BATCH)


class Figures(Memory):
    def test_used_memory_grows_by_what_is_stored(self):
        before = self.number("used_memory")
        self.store(10000, 1000)
        grown = self.number("used_memory") - before
        self.assertGreater(grown, 10 * 10**6)
        self.assertLess(grown, 11.5 * 10**6)

    @unittest.skipUnless(os.path.exists("/proc/self/statm"), "the system does not tell of resident pages")
    def test_used_memory_is_near_what_the_system_sees(self):
        before = self.info("memory")
        self.store(40000, 1000)
        after = self.info("memory")
        used = int(after["used_memory"]) - int(before["used_memory"])
        resident = int(after["used_memory_rss"]) - int(before["used_memory_rss"])
        self.assertLess(abs(resident - used), used / 4)

    def test_the_parts_make_up_the_whole(self):
        self.store(1000, 1000)
        figures = self.info("memory")
        overhead, dataset = int(figures["used_memory_overhead"]), int(figures["used_memory_dataset"])
        self.assertEqual(overhead + dataset, int(figures["used_memory"]))
        self.assertGreater(dataset, 10**6)
        self.assertLess(int(figures["used_memory_startup"]), overhead)

    def test_a_peak_is_seen_that_nobody_asked_about(self):
        self.client.value("DEBUG", "POPULATE", "20000", "key", "1000")
        self.client.value("PING")
        peak = self.number("used_memory_peak")
        self.assertGreater(peak, 20 * 10**6)
        self.client.value("FLUSHALL")
        self.client.value("CONFIG", "RESETSTAT")
        self.assertEqual(self.number("used_memory_peak"), peak)
        self.assertLess(self.number("used_memory"), peak - 15 * 10**6)

    def test_what_is_freed_lazily_is_counted(self):
        self.client.value("CONFIG", "RESETSTAT")
        self.store(1000, 10)
        for number in range(0, 1000, 500):
            self.client.exchange(b"".join(encode_command([b"SADD", b"set", b"m%d" % n]) for n in range(number, number + 500)), 500)
        self.client.value("UNLINK", "set", "key:1")
        self.client.value("FLUSHALL", "ASYNC")
        server = self.server.process
        self.assertTrue(await_condition(server, lambda: self.number("lazyfree_pending_objects") == 0))
        self.assertEqual(self.number("lazyfreed_objects"), 1000)  # the set, and 999 keys


class Limit(Memory):
    def fill_over(self, policy, size):
        self.configure("maxmemory-policy", policy)
        self.configure("maxmemory", self.number("used_memory") + 4 * MEBIBYTE)
        self.store(20 * 1000, size)
        figures = self.info()  # evicts first, as any command does
        self.configure("maxmemory", "0")
        evicted = self.number("evicted_keys")
        self.assertGreater(evicted, 0)
        self.assertEqual(evicted + self.client.value("DBSIZE"), 20 * 1000)
        self.assertLess(int(figures["used_memory"]), int(figures["maxmemory"]) + MEBIBYTE)
        self.assertLess(int(figures["used_memory_peak"]), int(figures["maxmemory"]) + 2 * MEBIBYTE)

    def test_small_values_stay_within_the_limit(self):
        self.fill_over("allkeys-lru", 400)

    def test_values_of_their_own_stay_within_the_limit(self):
        self.fill_over("allkeys-lfu", 2000)

    def test_any_key_stays_within_the_limit(self):
        self.fill_over("allkeys-random", 1000)

    def test_a_lower_limit_evicts_without_a_command(self):
        self.store(5000, 1000)
        self.configure("maxmemory-policy", "allkeys-lru")
        self.configure("maxmemory-eviction-tenacity", "0")
        self.configure("notify-keyspace-events", "Ee")
        listener = self.connect(timeout=60)
        listener.command("SUBSCRIBE", "__keyevent@0__:evicted")
        self.configure("maxmemory", self.number("used_memory") - 2 * MEBIBYTE)
        for _ in range(1000):  # far more than one step takes
            self.assertEqual(listener.read().value[1].value, b"__keyevent@0__:evicted")
        self.configure("maxmemory", "0")


class Worlds(Memory):
    options = Memory.options + ("--worlds", "yes")

    @understudy_only
    def test_each_limit_is_for_itself(self):
        self.store(10000, 1000)
        world = self.connect(timeout=60)
        self.assertEqual(world.value("AUTH", "world:small", "x"), b"OK")
        self.assertEqual(world.value("CONFIG", "SET", "maxmemory", "2mb"), b"OK")
        self.assertEqual(world.value("SET", "k", "v"), b"OK")
        used = int(re.search(rb"used_memory:(\d+)", world.value("INFO", "memory")).group(1))
        self.assertLess(used, 2 * MEBIBYTE)
        self.assertGreater(self.number("used_memory"), 10 * 10**6)


if __name__ == "__main__":
    unittest.main()
