# SPDX-License-Identifier: MIT
"""Servers side by side do not see each other."""

import unittest

from support.testing import ServerCase


class TwoServers(ServerCase):
    def setUp(self):
        super().setUp()
        self.other = self.start_server("--databases", "3")

    def test_keys_scripts_and_configuration_are_each_servers_own(self):
        first, second = self.connect(), self.other.connect()
        self.addCleanup(second.close)
        self.assertEqual(first.value("SET", "k", "first"), b"OK")
        self.assertIsNone(second.value("GET", "k"))
        self.assertEqual(second.value("SET", "k", "second"), b"OK")
        self.assertEqual(first.value("GET", "k"), b"first")
        sha = first.value("SCRIPT", "LOAD", "return 1")
        self.assertEqual(second.value("SCRIPT", "EXISTS", sha), [0])
        self.assertEqual(first.value("CONFIG", "SET", "hash-max-listpack-entries", "3"), b"OK")
        self.assertNotEqual(
            second.value("CONFIG", "GET", "hash-max-listpack-entries"), [b"hash-max-listpack-entries", b"3"]
        )
        self.assertEqual(first.value("CONFIG", "GET", "databases"), [b"databases", b"16"])
        self.assertEqual(second.value("CONFIG", "GET", "databases"), [b"databases", b"3"])

    def test_the_end_of_one_is_nothing_to_the_other(self):
        second = self.other.connect()
        self.other.stop()
        self.assertTrue(second.is_closed_by_server())
        second.close()
        self.assertEqual(self.connect().value("PING"), b"PONG")

    def test_run_ids_differ(self):
        def run_id(connection):
            text = connection.value("INFO", "server").decode()
            return [line for line in text.splitlines() if line.startswith("run_id:")][0]

        with self.other.connect() as second:
            self.assertNotEqual(run_id(self.connect()), run_id(second))


if __name__ == "__main__":
    unittest.main()
