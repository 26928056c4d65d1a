# SPDX-License-Identifier: MIT
"""Streams of bytes cut in every way: deep pipelines, partial frames, large values, many clients."""

import resource
import socket
import struct
import unittest

from support.resp import encode_command
from support.testing import ServerCase, understudy_only

MANY = 2000


class Pipelines(ServerCase):
    def check_deep(self, connection, depth):
        requests = b"".join(encode_command((b"ECHO", b"%d" % number)) for number in range(depth))
        replies = connection.exchange(requests, depth)
        wanted = [b"$%d\r\n%d\r\n" % (len(b"%d" % number), number) for number in range(depth)]
        self.assertEqual(replies, wanted)

    def test_a_hundred_thousand_commands_at_once(self):
        self.check_deep(self.connect(), 100000)

    def test_a_hundred_thousand_commands_at_once_over_tcp(self):
        self.check_deep(self.connect(tcp=True), 100000)

    def test_state_follows_the_order_of_the_pipeline(self):
        connection = self.connect()
        requests = encode_command((b"INCR", b"n")) * 50000
        replies = connection.exchange(requests, 50000)
        self.assertEqual(replies[0], b":1\r\n")
        self.assertEqual(replies[-1], b":50000\r\n")
        self.assertEqual(len(set(replies)), 50000)

    def test_inline_pipeline(self):
        replies = self.connect().exchange(b"PING\r\n" * 20000, 20000)
        self.assertEqual(set(replies), {b"+PONG\r\n"})

    def test_an_error_in_the_middle_does_not_shift_replies(self):
        connection = self.connect()
        requests = b"".join(encode_command(words) for words in ((b"SET", b"k", b"1"), (b"NOSUCH",), (b"GET", b"k")))
        replies = connection.exchange(requests, 3)
        self.assertEqual((replies[0], replies[2]), (b"+OK\r\n", b"$1\r\n1\r\n"))
        self.assertTrue(replies[1].startswith(b"-ERR unknown command"))

    def test_a_client_that_does_not_read_stops_nobody(self):
        other = self.connect()
        self.assertEqual(other.value("SET", "big", "x" * 10000), b"OK")
        lazy = self.connect()
        lazy.send(encode_command((b"GET", b"big")) * 2000)
        for _ in range(100):
            self.assertEqual(other.value("PING"), b"PONG")
        replies = lazy.exchange(b"", 2000)
        self.assertEqual({len(reply) for reply in replies}, {10000 + 10})

    def test_a_client_that_reads_nothing_may_leave(self):
        other = self.connect()
        other.value("SET", "big", "x" * 100000)
        for _ in range(20):
            lazy = self.connect()
            lazy.send(encode_command((b"GET", b"big")) * 200)
            lazy.close()
        self.assertEqual(other.value("STRLEN", "big"), 100000)


class TimeWithinAPipeline(ServerCase):
    """The clock isn't read for each of many small commands; nobody can tell."""

    options = ("--enable-debug-command", "yes")

    def replies(self, *commands):
        connection = self.connect()
        requests = b"".join(encode_command([word.encode() for word in words]) for words in commands)
        return connection.exchange(requests, len(commands))

    def micros(self, reply):
        lines = reply.split(b"\r\n")
        return int(lines[2]) * 1000000 + int(lines[4])

    def test_time_does_not_go_back(self):
        times = [self.micros(reply) for reply in self.replies(*[("TIME",)] * 5000)]
        self.assertEqual(times, sorted(times))
        self.assertGreater(len(set(times)), 1)

    def test_time_passes_while_a_command_takes_it(self):
        before, _, after = self.replies(("TIME",), ("DEBUG", "SLEEP", "0.03"), ("TIME",))
        self.assertGreaterEqual(self.micros(after) - self.micros(before), 30000)

    def test_key_goes_while_a_command_takes_its_time(self):
        replies = self.replies(("SET", "k", "v", "PX", "20"), ("DEBUG", "SLEEP", "0.03"), ("GET", "k"))
        self.assertEqual(replies[-1], b"$-1\r\n")

    @understudy_only
    def test_moved_clock_is_seen_by_the_next_command(self):
        replies = self.replies(
            ("MOCK", "CLOCK", "FREEZE", "1700000000000"), ("SET", "k", "v", "PX", "5000"),
            ("MOCK", "CLOCK", "ADVANCE", "5000"), ("GET", "k"), ("TIME",), ("MOCK", "CLOCK", "RESUME"), ("TIME",),
        )  # fmt: skip
        self.assertEqual(replies[3], b"$-1\r\n")
        self.assertEqual(self.micros(replies[4]), 1700000005000000)
        self.assertGreater(self.micros(replies[6]), 1700000005000000)

    def test_slow_command_does_not_make_its_neighbours_slow(self):
        admin = self.connect()
        admin.value("CONFIG", "SET", "slowlog-log-slower-than", "30000")
        self.replies(("GET", "before"), ("DEBUG", "SLEEP", "0.04"), *[("GET", "after")] * 50)
        logged = [entry[3][0] for entry in admin.value("SLOWLOG", "GET")]
        self.assertIn(b"DEBUG", logged)
        self.assertLess(logged.count(b"GET"), 5)  # one that a halted machine delays is slow indeed


class PartialFrames(ServerCase):
    DATA = b"*3\r\n$3\r\nSET\r\n$3\r\nk\r\n\r\n$4\r\nv\x00\r\n\r\n*2\r\n$3\r\nGET\r\n$3\r\nk\r\n\r\nPING\r\n*0\r\nECHO \"a b\"\n"
    WANTED = [b"+OK\r\n", b"$4\r\nv\x00\r\n\r\n", b"+PONG\r\n", b"$3\r\na b\r\n"]

    def test_byte_by_byte(self):
        for tcp in (False, True):
            connection = self.connect(tcp=tcp)
            for at in range(len(self.DATA)):
                connection.send(self.DATA[at : at + 1])
            self.assertEqual(connection.exchange(b"", 4), self.WANTED)

    def test_cut_at_every_place(self):
        connection = self.connect(tcp=True)
        marker = self.connect()
        for cut in range(1, len(self.DATA)):
            connection.send(self.DATA[:cut])
            self.assertEqual(marker.value("PING"), b"PONG")  # the server has had its turn
            self.assertEqual(connection.exchange(self.DATA[cut:], 4), self.WANTED, cut)

    def test_end_of_stream_within_a_request_is_the_end(self):
        for piece in (b"*2\r\n$3\r\nGET\r\n$10\r\nabc", b"*", b"PI", b"*3\r\n$3"):
            connection = self.connect()
            connection.send(piece)
            connection.finish_sending()
            self.assertTrue(connection.is_closed_by_server())
        self.assertEqual(self.connect().value("PING"), b"PONG")

    def test_requests_before_the_end_of_stream_are_answered(self):
        connection = self.connect()
        connection.send(b"PING\r\nPING\r\n*1\r\n$4\r\nPI")
        self.assertEqual(connection.exchange(b"", 2), [b"+PONG\r\n"] * 2)
        connection.finish_sending()
        self.assertTrue(connection.is_closed_by_server())

    def test_reset_connections_are_forgotten(self):
        for _ in range(50):
            connection = self.connect(tcp=True)
            connection.send(b"*2\r\n$3\r\nGET\r\n$100\r\nabc")
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        self.assertEqual(self.connect().value("PING"), b"PONG")

    def test_lines_without_an_end_are_refused(self):
        for data, wanted in (
            (b"a" * 70000, b"ERR Protocol error: too big inline request"),
            (b"*" + b"1" * 70000, b"ERR Protocol error: too big mbulk count string"),
            (b"*1\r\n$" + b"1" * 70000, b"ERR Protocol error: too big bulk count string"),
        ):
            connection = self.connect()
            connection.send(data)
            self.assertEqual(connection.read().value, wanted)


class LargeValues(ServerCase):
    SIZE = 64 << 20

    def test_sixty_four_megabytes_there_and_back(self):
        value = bytes(range(256)) * (self.SIZE // 256)
        connection = self.connect(timeout=60)
        self.assertEqual(connection.exchange(encode_command((b"SET", b"k", value)), 1), [b"+OK\r\n"])
        self.assertEqual(connection.value("STRLEN", "k"), self.SIZE)
        self.assertTrue(connection.value("GET", "k") == value)
        self.assertEqual(connection.value("GETRANGE", "k", "-3", "-1"), value[-3:])
        self.assertEqual(connection.value("APPEND", "k", "!"), self.SIZE + 1)

    def test_a_large_value_amid_a_pipeline(self):
        value = b"x" * (8 << 20)
        words = ((b"PING",), (b"SET", b"k", value), (b"STRLEN", b"k"), (b"PING",), (b"GET", b"k"), (b"PING",))
        replies = self.connect(tcp=True).exchange(b"".join(map(encode_command, words)), len(words))
        self.assertEqual(replies[2], b":%d\r\n" % len(value))
        self.assertTrue(replies[4] == b"$%d\r\n%b\r\n" % (len(value), value))
        self.assertEqual([replies[0], replies[3], replies[5]], [b"+PONG\r\n"] * 3)

    def test_a_large_value_through_a_script(self):
        value = b"y" * (4 << 20)
        connection = self.connect()
        script = "redis.call('set', KEYS[1], ARGV[1] .. ARGV[1]) return redis.call('get', KEYS[1])"
        self.assertTrue(connection.value("EVAL", script, "1", "k", value) == value * 2)

    def test_many_arguments(self):
        count = 200000
        connection = self.connect()
        words = [b"RPUSH", b"list"] + [b"%d" % number for number in range(count)]
        self.assertEqual(connection.exchange(encode_command(words), 1), [b":%d\r\n" % count])
        listed = connection.value("LRANGE", "list", "0", "-1")
        self.assertEqual((len(listed), listed[-1]), (count, b"%d" % (count - 1)))


class ManyConnections(ServerCase):
    def setUp(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and hard < 3 * MANY:
            self.skipTest("the limit of open files is %d" % hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 3 * MANY), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        super().setUp()

    def test_two_thousand_clients_are_all_served(self):
        for tcp in (False, True):
            connections = [self.connect(tcp=tcp) for _ in range(MANY)]
            for number, connection in enumerate(connections):
                connection.send(encode_command((b"SET", b"k%d" % number, b"%d" % number)))
            for connection in connections:
                self.assertEqual(connection.read_raw(), b"+OK\r\n")
            for connection in connections:
                connection.send(encode_command((b"DBSIZE",)))
            for connection in connections:
                self.assertEqual(connection.read_raw(), b":%d\r\n" % MANY)
            listed = connections[0].value("CLIENT", "LIST").decode().splitlines()
            self.assertGreaterEqual(len(listed), MANY)
            for connection in connections:
                connection.close()

    def test_connections_come_and_go(self):
        for _ in range(MANY):
            connection = self.server.connect()
            self.assertEqual(connection.raw_command("PING"), b"+PONG\r\n")
            connection.close()


if __name__ == "__main__":
    unittest.main()
