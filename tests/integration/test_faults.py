# SPDX-License-Identifier: MIT
"""MOCK FAULT and MOCK GATE as clients on sockets see them."""

import time
import unittest

from support.resp import ConnectionClosed, encode_command
from support.testing import ServerCase, understudy_only

RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"


class Faults(ServerCase):
    def setUp(self):
        super().setUp()
        self.test = self.connect()
        self.client = self.connect()

    def fault(self, *words):
        self.assertEqual(self.test.value("MOCK", "FAULT", "ADD", *words), b"OK")

    @understudy_only
    def test_connection_ends_before_or_after_the_effect(self):
        self.fault("f", "COMMAND", "incr", "CLOSE", "BEFORE")
        with self.assertRaises(ConnectionClosed):
            self.client.command("INCR", "n")
        self.assertIsNone(self.test.value("GET", "n"))
        self.fault("f", "COMMAND", "incr", "CLOSE", "AFTER")
        with self.assertRaises(ConnectionClosed):
            self.connect().command("INCR", "n")
        self.assertEqual(self.test.value("GET", "n"), b"1")

    @understudy_only
    def test_replies_before_the_end_arrive(self):
        self.fault("f", "COMMAND", "incr", "CLOSE", "AFTER")
        self.client.send(encode_command(("PING",)) + encode_command(("INCR", "n")) + encode_command(("PING",)))
        self.assertEqual(self.client.read_raw(), b"+PONG\r\n")
        self.assertTrue(self.client.is_closed_by_server())

    @understudy_only
    def test_truncated_reply(self):
        self.test.value("SET", "k", "0123456789")
        self.fault("f", "COMMAND", "get", "TRUNCATE", "8")
        self.client.send(encode_command(("GET", "k")))
        got = b""
        while True:
            data = self.client.sock.recv(100)
            if not data:
                break
            got += data
        self.assertEqual(got, b"$10\r\n012")

    @understudy_only
    def test_reply_that_never_comes_leaves_the_connection_in_order(self):
        self.fault("f", "COMMAND", "incr", "TIMES", "1", "NOREPLY", "AFTER")
        self.client.send(encode_command(("INCR", "n")))
        self.assertEqual(self.client.value("INCR", "n"), 2)

    @understudy_only
    def test_slow_reply_trickles_and_what_follows_waits(self):
        self.test.value("SET", "k", "x" * 94)  # 101 bytes as a reply
        self.fault("f", "COMMAND", "get", "SLOW", "500")
        started = time.monotonic()
        self.client.send(encode_command(("GET", "k")) + encode_command(("PING",)))
        first = self.client.sock.recv(1000)
        self.assertLess(len(first), 101)
        self.client.buffer += first
        self.assertEqual(self.client.read().value, b"x" * 94)
        self.assertGreater(time.monotonic() - started, 0.15)
        self.assertEqual(self.client.read_raw(), b"+PONG\r\n")
        self.assertEqual(self.test.value("PING"), b"PONG")

    @understudy_only
    def test_client_that_leaves_in_the_middle_of_a_slow_reply(self):
        self.test.value("SET", "k", "x" * 10000)
        self.fault("f", "COMMAND", "get", "SLOW", "100")
        self.client.send(encode_command(("GET", "k")))
        self.client.sock.recv(1)
        self.client.close()
        self.assertEqual(self.test.value("PING"), b"PONG")

    @understudy_only
    def test_refused_connections(self):
        self.fault("f", "TIMES", "1", "REFUSE")
        with self.assertRaises(ConnectionClosed):
            self.connect().command("PING")
        self.assertEqual(self.connect().value("PING"), b"PONG")
        self.assertEqual(self.client.value("PING"), b"PONG")

    @understudy_only
    def test_delay_by_the_running_clock(self):
        self.fault("f", "COMMAND", "get", "DELAY", "100")
        started = time.monotonic()
        self.client.value("GET", "k")
        self.assertGreater(time.monotonic() - started, 0.09)

    @understudy_only
    def test_delay_by_a_frozen_clock(self):
        self.test.value("MOCK", "CLOCK", "FREEZE")
        self.fault("f", "COMMAND", "get", "DELAY", "100000")
        self.client.send(encode_command(("GET", "k")))
        while self.listed()[b"hits"] == 0:
            pass
        self.assertIn("flags=b", self.client_list())
        self.test.value("MOCK", "CLOCK", "ADVANCE", 100000)
        self.assertEqual(self.client.read().kind, "nil")

    def listed(self):
        flat = self.test.value("MOCK", "FAULT", "LIST")[0]
        return dict(zip(flat[::2], flat[1::2]))

    def client_list(self):
        return self.test.value("CLIENT", "LIST").decode()

    @understudy_only
    def test_everything_fails_until_the_error_is_cleared(self):
        self.test.value("MOCK", "SETERROR", "LOADING not yet")
        self.assertEqual(self.client.raw_command("PING"), b"-LOADING not yet\r\n")
        self.test.value("MOCK", "SETERROR", "")
        self.assertEqual(self.client.value("PING"), b"PONG")

    @understudy_only
    def test_maps_in_resp3(self):
        self.fault("f", "COMMAND", "get", "PROBABILITY", "0.25", "OOM")
        fault = self.connect(protocol=3).value("MOCK", "FAULT", "LIST")[0]
        self.assertEqual(fault[b"name"], b"f")
        self.assertEqual(fault[b"hits"], 0)


class Gates(ServerCase):
    def setUp(self):
        super().setUp()
        self.test = self.connect()

    def mock(self, *words):
        return self.test.value("MOCK", *words)

    @understudy_only
    def test_a_race_for_an_expired_lock_replays_every_time(self):
        for release, left in ((("EVAL", RELEASE, "1", "lock", "a"), b"b"), (("DEL", "lock"), None)):
            owner, thief = self.connect(), self.connect()
            self.mock("CLOCK", "FREEZE")
            self.assertEqual(owner.value("SET", "lock", "a", "NX", "PX", "1000"), b"OK")
            self.mock("GATE", "ADD", "release", "COMMAND", release[0], "KEY", "lock")
            owner.send(encode_command(release))
            self.assertGreater(self.mock("GATE", "WAIT", "release", 60000), 0)
            self.mock("CLOCK", "ADVANCE", 1000)
            self.assertEqual(thief.value("SET", "lock", "b", "NX", "PX", "1000"), b"OK")
            self.mock("GATE", "OPEN", "release")
            self.assertEqual(owner.read().value, 0 if left else 1)
            self.assertEqual(thief.value("GET", "lock"), left)
            self.mock("RESET")

    @understudy_only
    def test_wait_comes_back_when_the_client_comes_later(self):
        self.mock("GATE", "ADD", "g", "COMMAND", "set")
        waiter, client = self.connect(), self.connect()
        waiter.send(encode_command(("MOCK", "GATE", "WAIT", "g")))
        while "blocked_clients:1\r\n" not in self.test.value("INFO", "clients").decode():
            pass
        client.send(encode_command(("SET", "k", "v")) + encode_command(("GET", "k")))
        self.assertGreater(waiter.read().value, 0)
        self.assertIsNone(self.test.value("GET", "k"))
        self.mock("GATE", "OPEN", "g")
        self.assertEqual(client.read().value, b"OK")
        self.assertEqual(client.read().value, b"v")

    @understudy_only
    def test_wait_ends_in_real_time_though_the_clock_stands(self):
        self.mock("CLOCK", "FREEZE")
        self.mock("GATE", "ADD", "g", "COMMAND", "set")
        started = time.monotonic()
        reply = self.test.command("MOCK", "GATE", "WAIT", "g", "50")
        self.assertEqual(reply.value, b"ERR no client came to the gate in time")
        self.assertGreater(time.monotonic() - started, 0.04)

    @understudy_only
    def test_held_client_may_be_killed_or_leave(self):
        self.mock("GATE", "ADD", "g", "COMMAND", "set")
        killed, leaving = self.connect(), self.connect()
        for client in (killed, leaving):
            client.send(encode_command(("SET", "k", "v")))
        killed_id = self.mock("GATE", "WAIT", "g", 60000)
        self.assertEqual(self.test.value("CLIENT", "KILL", "ID", killed_id), 1)
        leaving.close()
        while len(self.test.value("CLIENT", "LIST").splitlines()) > 1:
            pass
        self.mock("GATE", "OPEN", "g")
        self.assertIsNone(self.test.value("GET", "k"))

    @understudy_only
    def test_unblock_does_not_open_a_gate(self):
        self.mock("GATE", "ADD", "g", "COMMAND", "set")
        client = self.connect()
        client.send(encode_command(("SET", "k", "v")))
        held = self.mock("GATE", "WAIT", "g", 60000)
        self.assertEqual(self.test.value("CLIENT", "UNBLOCK", held), 0)
        self.mock("GATE", "REMOVE", "g")
        self.assertEqual(client.read().value, b"OK")

    @understudy_only
    def test_the_server_may_stop_while_it_holds(self):
        self.mock("GATE", "ADD", "g", "COMMAND", "set")
        self.mock("FAULT", "ADD", "f", "COMMAND", "get", "DELAY", "100000")
        self.connect().send(encode_command(("SET", "k", "v")))
        self.connect().send(encode_command(("GET", "k")))
        self.mock("GATE", "WAIT", "g", 60000)


if __name__ == "__main__":
    unittest.main()
