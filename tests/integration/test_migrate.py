# SPDX-License-Identifier: MIT
"""MIGRATE moves keys to another server, understudy or Redis."""

import socket
import unittest

from support.servers import ORACLE, Server, needs_oracle
from support.testing import ServerCase

PASSWORD = "secret"


class Migrate(ServerCase):
    def setUp(self):
        super().setUp()
        self.here = self.connect()

    def target(self, *options):
        server = self.start_server(*options)
        connection = server.connect()
        self.addCleanup(connection.close)
        return server, connection

    def migrate(self, server, *words):
        reply = self.here.command("MIGRATE", server.host, server.port, *words)
        return reply.value.decode()

    def fill(self):
        self.here.value("SET", "s", "text", "PX", "100000")
        self.here.value("RPUSH", "l", "a", "b", "c")
        self.here.value("HSET", "h", "f", "v")

    def test_a_key_goes_with_its_deadline(self):
        server, there = self.target()
        self.fill()
        self.assertEqual(self.migrate(server, "s", 0, 5000), "OK")
        self.assertEqual(self.here.value("EXISTS", "s"), 0)
        self.assertEqual(there.value("GET", "s"), b"text")
        self.assertGreater(there.value("PTTL", "s"), 0)

    def test_several_keys_go_to_another_database(self):
        server, there = self.target()
        self.fill()
        self.assertEqual(self.migrate(server, "", 3, 5000, "KEYS", "l", "none", "h"), "OK")
        self.assertEqual(self.here.value("DBSIZE"), 1)
        there.value("SELECT", 3)
        self.assertEqual(there.value("LRANGE", "l", 0, -1), [b"a", b"b", b"c"])
        self.assertEqual(there.value("HGETALL", "h"), [b"f", b"v"])

    @needs_oracle
    def test_redis_takes_what_is_sent(self):
        with Server(binary=ORACLE, tcp=True) as server:
            emulating = self.start_server("--emulate", "7.0").connect()
            self.addCleanup(emulating.close)
            emulating.value("ZADD", "z", 1.5, "m")
            reply = emulating.command("MIGRATE", server.host, server.port, "z", 0, 5000)
            self.assertEqual(reply.value, b"OK")
            with server.connect() as there:
                self.assertEqual(there.value("ZSCORE", "z", "m"), b"1.5")

    def test_a_copy_stays_and_does_not_replace_unless_told(self):
        server, there = self.target()
        self.fill()
        self.assertEqual(self.migrate(server, "l", 0, 5000, "COPY"), "OK")
        self.assertEqual(self.here.value("LLEN", "l"), 3)
        busy = "ERR Target instance replied with error: BUSYKEY Target key name already exists."
        self.assertEqual(self.migrate(server, "", 0, 5000, "KEYS", "l", "h"), busy)
        self.assertEqual(self.here.value("EXISTS", "l", "h"), 1)
        self.assertEqual(self.migrate(server, "l", 0, 5000, "REPLACE"), "OK")
        self.assertEqual(self.here.value("EXISTS", "l"), 0)
        self.assertEqual(there.value("DBSIZE"), 2)

    def test_a_password_is_given(self):
        server, there = self.target("--requirepass", PASSWORD)
        self.fill()
        refused = "ERR Target instance replied with error: NOAUTH Authentication required."
        self.assertEqual(self.migrate(server, "l", 0, 5000), refused)
        self.assertEqual(self.here.value("EXISTS", "l"), 1)
        self.assertEqual(self.migrate(server, "l", 0, 5000, "AUTH", PASSWORD), "OK")
        self.assertEqual(self.migrate(server, "h", 0, 5000, "AUTH2", "default", PASSWORD), "OK")
        there.value("AUTH", PASSWORD)
        self.assertEqual(there.value("DBSIZE"), 2)

    def test_nothing_is_lost_when_there_is_no_answer(self):
        self.fill()
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
            refused = self.here.command("MIGRATE", "127.0.0.1", port, "l", 0, 5000)
            self.assertIn(b"IOERR error or timeout", refused.value)
            listener.listen(1)
            silent = self.here.command("MIGRATE", "127.0.0.1", port, "l", 0, 20)
            self.assertEqual(silent.value, b"IOERR error or timeout reading to target instance")
        self.assertEqual(self.here.value("LLEN", "l"), 3)

    def test_a_key_that_is_absent_is_no_error(self):
        server, _ = self.target()
        self.assertEqual(self.migrate(server, "none", 0, 5000), "NOKEY")


if __name__ == "__main__":
    unittest.main()
