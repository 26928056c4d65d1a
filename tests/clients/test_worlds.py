# SPDX-License-Identifier: MIT
"""Worlds: each client that logs in as world:NAME has a server of its own."""

import tempfile
import threading
import unittest

import redis
from client_case import ClientCase

from support.servers import is_understudy
from support.testing import TIMEOUT, binary, understudy_only

# Debian 12's redis-py does not; nor has it an error of its own for a login that is refused.
SPEAKS_RESP3 = int(redis.__version__.split(".")[0]) >= 5


class Worlds(ClientCase):
    options = ("--worlds", "yes")

    def setUp(self):
        if is_understudy(binary()):
            super().setUp()

    def world(self, name, protocol=2):
        url = "redis://world%%3A%s:x@%s:%d/0" % (name, self.server.host, self.server.port)
        if SPEAKS_RESP3:
            url += "?protocol=%d" % protocol
        client = redis.Redis.from_url(url)
        self.addCleanup(client.connection_pool.disconnect)
        return client

    @understudy_only
    def test_workers_with_the_same_keys_do_not_meet(self):
        failures, done = [], []

        def work(number):
            client = self.world("worker%d" % number, 2 + number % 2)
            script = client.register_script("return redis.call('INCR', KEYS[1])")
            for turn in range(50):
                if client.incr("counter") != 2 * turn + 1 or script(["counter"]) != 2 * turn + 2:
                    failures.append(number)
            if client.dbsize() != 1:
                failures.append(number)
            done.append(number)

        workers = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.assertEqual(failures, [])
        self.assertEqual(len(done), 8)
        self.assertEqual(self.client.dbsize(), 0)

    @understudy_only
    def test_all_connections_of_a_pool_are_in_one_world(self):
        first, second = self.world("a"), self.world("a", 3)
        first.set("k", "v")
        self.assertEqual(second.get("k"), b"v")
        listener = second.pubsub()
        listener.subscribe("c")
        listener.get_message(timeout=TIMEOUT)
        self.assertEqual(first.publish("c", "m"), 1)
        self.assertEqual(self.client.publish("c", "m"), 0)
        self.assertEqual(listener.get_message(timeout=TIMEOUT)["data"], b"m")
        listener.close()
        with first.pipeline() as pipe:
            pipe.incr("n").incr("n")
            self.assertEqual(pipe.execute(), [1, 2])

    @understudy_only
    def test_time_stands_in_one_world_alone(self):
        still, running = self.world("still"), self.world("running")
        still.execute_command("MOCK", "CLOCK", "FREEZE", 5000)
        self.assertEqual(still.time(), (5, 0))
        self.assertGreater(running.time()[0], 5)

    @understudy_only
    def test_world_picks_a_database_of_its_own(self):
        client = self.world("a")
        client.set("k", "zero")
        third = redis.Redis(
            host=self.server.host, port=self.server.port, username="world:a", password="", db=3
        )
        self.assertIsNone(third.get("k"))
        third.set("k", "three")
        self.assertEqual(client.get("k"), b"zero")
        third.close()

    @understudy_only
    def test_world_begins_with_the_data_of_the_seed_file(self):
        with tempfile.NamedTemporaryFile("w", suffix=".redis") as seed:
            seed.write("SET greeting hello\nRPUSH list a b\n")
            seed.flush()
            self.server = self.start_server("--worlds", "yes", "--seed-file", seed.name)
            first, second = self.world("a"), self.world("b")
            first.flushall()
            self.assertEqual(second.get("greeting"), b"hello")
            self.assertEqual(second.rpush("list", "c"), 3)
            self.assertEqual(self.world("c").llen("list"), 2)
            first.execute_command("MOCK", "RESET")
            self.assertEqual(first.llen("list"), 2)

    @understudy_only
    def test_other_users_are_refused_as_ever(self):
        refused = (redis.exceptions.AuthenticationError, redis.exceptions.ResponseError)
        with self.assertRaises(refused):
            self.new_client(username="worker", password="x").ping()


if __name__ == "__main__":
    unittest.main()
