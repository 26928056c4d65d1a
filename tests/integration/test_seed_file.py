# SPDX-License-Identifier: MIT
"""--seed-file, MOCK SEEDFILE and MOCK DUMP; recording from the command line."""

import os
import tempfile
import unittest

from support.testing import ServerCase, run_program, understudy_only

SEED = b"# who works here\nSET user:1 'Ada L.'\nHSET user:2 name Grace age 85\nSELECT 1\nRPUSH jobs a b\n"


class SeedFiles(ServerCase):
    def setUp(self):
        handle, self.path = tempfile.mkstemp()
        os.write(handle, SEED)
        os.close(handle)
        self.addCleanup(os.unlink, self.path)
        super().setUp()

    @understudy_only
    def test_a_server_starts_with_it_and_reset_brings_it_back(self):
        server = self.start_server("--seed-file", self.path)
        client = server.connect()
        self.addCleanup(client.close)
        self.assertEqual(client.value("GET", "user:1"), b"Ada L.")
        dump = client.value("MOCK", "DUMP")
        client.value("FLUSHALL")
        client.value("MOCK", "RESET")
        self.assertEqual(client.value("MOCK", "DUMP"), dump)
        self.assertEqual(
            dump,
            b'SET user:1 "Ada L."\nHSET user:2 name Grace age 85\nSELECT 1\nRPUSH jobs a b\n',
        )

    @understudy_only
    def test_a_replica_and_a_cluster_take_it_as_their_data(self):
        with open(self.path, "wb") as seed:
            seed.write(b"MSET a 1 b 2\nEVAL \"return redis.call('SET', 'c', 3)\" 0\n")
        for options in (("--replicaof", "127.0.0.1", "1"), ("--cluster-enabled", "yes")):
            server = self.start_server("--seed-file", self.path, *options)
            client = server.connect()
            self.addCleanup(client.close)
            self.assertEqual([client.value("GET", key) for key in "abc"], [b"1", b"2", b"3"])

    @understudy_only
    def test_a_bad_line_ends_the_start(self):
        with open(self.path, "ab") as seed:
            seed.write(b"HSET jobs x y\n")
        done = run_program("--port", "0", "--seed-file", self.path)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"%s, line 6: WRONGTYPE" % self.path.encode(), done.stderr)

    @understudy_only
    def test_even_a_shutdown_in_it_is_harmless(self):
        with open(self.path, "ab") as seed:
            seed.write(b"MOCK CLOCK FREEZE 5000\nEVAL 'return 1' 0\nSHUTDOWN NOSAVE\n")
        done = run_program("--port", "0", "--seed-file", self.path)
        self.assertEqual(done.returncode, 0)

    @understudy_only
    def test_an_rdb_file_that_is_cut_off_stops_the_start(self):
        with open(self.path, "wb") as seed:
            seed.write(b"REDIS0011")
        done = run_program("--port", "0", "--seed-file", self.path)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"the file is cut off after 9 bytes", done.stderr)

    @understudy_only
    def test_dump_goes_from_one_server_to_another(self):
        first, second = self.connect(), self.start_server().connect()
        self.addCleanup(second.close)
        for words in (("ZADD", "z", "1.5", "m"), ("XADD", "x", "1-1", "f", "\r\n"), ("SADD", "s", "a", "b")):
            first.value(*words)
        with open(self.path, "wb") as seed:
            seed.write(first.value("MOCK", "DUMP"))
        self.assertGreater(second.value("MOCK", "SEEDFILE", self.path), 2)
        self.assertEqual(first.value("MOCK", "DUMP"), second.value("MOCK", "DUMP"))


class Recording(ServerCase):
    options = ("--mock-calls-max", "3")

    @understudy_only
    def test_it_may_be_on_from_the_start(self):
        client = self.connect(protocol=3)
        for number in range(5):
            client.value("ECHO", number)
        calls = client.value("MOCK", "CALLS")
        self.assertEqual([call[b"arguments"] for call in calls], [[b"ECHO", b"%d" % n] for n in (2, 3, 4)])
        client.value("CONFIG", "SET", "mock-calls-max", "1")
        self.assertEqual(client.value("MOCK", "COUNT"), 1)
        client.value("MOCK", "RESET")
        for number in range(5):
            client.value("ECHO", number)
        self.assertEqual(client.value("MOCK", "COUNT"), 3)


if __name__ == "__main__":
    unittest.main()
