# SPDX-License-Identifier: MIT
"""Many clients, slow clients, and clients that come and go: nobody starves, and nothing is left behind.

Sizes are those of a run of seconds. By hand:

    LOAD_CONNECTIONS=10000 LOAD_CONNECTS=1000000 tests/integration/run.py --verbose Load
"""

import os
import resource
import socket
import sys
import time
import unittest

from support.resp import Connection, encode_command
from support.testing import TIMEOUT, ServerCase

CONNECTIONS = int(os.environ.get("LOAD_CONNECTIONS", "1500"))
CONNECTS = int(os.environ.get("LOAD_CONNECTS", "20000"))
WAITERS = 1000
SPARE_FILES = 100
PING = encode_command((b"PING",))

# What clients leave behind that go: a state each, with the number of replies to read first.
STATES = (
    ([(b"PING",)], 1),
    ([(b"MULTI",), (b"SET", b"k", b"x" * 200)], 2),
    ([(b"WATCH", b"a", b"b")], 1),
    ([(b"SUBSCRIBE", b"news", b"sport")], 2),
    ([(b"PSUBSCRIBE", b"n*")], 1),
    ([(b"HELLO", b"3"), (b"CLIENT", b"TRACKING", b"ON"), (b"GET", b"k")], 3),
    ([(b"CLIENT", b"TRACKING", b"ON", b"BCAST", b"PREFIX", b"n")], 1),
    ([(b"PING",), (b"BLPOP", b"q", b"0")], 1),
    ([(b"PING",), (b"XREAD", b"BLOCK", b"100000", b"STREAMS", b"x", b"$")], 1),
    ([(b"MONITOR",)], 1),
    ([(b"CLIENT", b"SETNAME", b"bob"), (b"QUIT",)], 2),
)  # fmt: skip


class Load(ServerCase):
    options = ("--maxclients", CONNECTIONS + WAITERS)
    tcp = False

    def setUp(self):
        allowed = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed[1], allowed[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, allowed)
        self.most = sys.maxsize if allowed[1] == resource.RLIM_INFINITY else allowed[1] - SPARE_FILES
        super().setUp()
        self.admin = self.connect()
        self.admin.value("PING")  # it was accepted: its file counts from here on

    def info(self, name):
        for line in self.admin.value("INFO", "everything").split(b"\r\n"):
            if line.startswith(name.encode() + b":"):
                return int(line.split(b":")[1])
        raise KeyError(name)

    def files(self):
        return len(os.listdir("/proc/%d/fd" % self.server.process.pid))

    def await_clients(self, count, name="connected_clients"):
        deadline = time.monotonic() + TIMEOUT
        while self.info(name) != count:
            self.assertLess(time.monotonic(), deadline, "%s is %d" % (name, self.info(name)))

    def open(self, count):
        """Plain sockets: no more than is needed to be many."""
        found = []
        for _ in range(count):
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(self.server.socket_path)  # waits while the server's backlog is full
            sock.settimeout(TIMEOUT)
            found.append(sock)
        return found

    def test_many_connections_are_held_and_served(self):
        files, memory = self.files(), self.info("used_memory")
        count = min(CONNECTIONS, self.most)
        clients = self.open(count)
        for client in clients:
            client.sendall(PING)
        for client in clients:
            self.assertEqual(client.recv(100), b"+PONG\r\n")
        self.assertEqual(self.info("connected_clients"), count + 1)
        for client in clients:
            client.close()
        self.await_clients(1)
        self.assertEqual(self.files(), files)
        self.assertLess(self.info("used_memory"), memory + (1 << 20))

    def test_slow_clients_starve_nobody(self):
        self.admin.value("SET", "big", "x" * 100000)
        reader = self.connect()
        reader.send(encode_command((b"GET", b"big")) * 300)
        writer = self.connect()
        request = encode_command((b"SET", b"slow", b"y" * 50000))
        others = [self.connect() for _ in range(20)]
        for at in range(0, len(request), 100):
            writer.send(request[at : at + 100])
            others[at % len(others)].command("INCR", "n")
        self.assertEqual(writer.read_raw(), b"+OK\r\n")
        self.assertEqual(self.admin.value("STRLEN", "slow"), 50000)
        replies = reader.exchange(b"", 300)
        self.assertEqual({len(reply) for reply in replies}, {100000 + 11})

    def test_one_who_reads_nothing_does_not_keep_the_server_busy(self):
        self.admin.value("SET", "big", "x" * 100000)
        reader = self.connect()
        reader.send(encode_command((b"GET", b"big")) * 300)
        self.admin.value("PING")
        before = self.busy_ticks()
        waits = self.connect()
        waits.command("BLPOP", "nothing", "0.3")
        used = (self.busy_ticks() - before) / os.sysconf("SC_CLK_TCK")
        self.assertLess(used, 0.15)

    def busy_ticks(self):
        with open("/proc/%d/stat" % self.server.process.pid) as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    def test_those_who_wait_are_woken_in_order(self):
        clients = self.open(min(WAITERS, self.most))
        for index, client in enumerate(clients):
            client.sendall(encode_command((b"BLPOP", b"q", b"0")))
            if index % 10 == 9:
                self.await_clients(index + 1, "blocked_clients")
            else:
                self.admin.value("PING")
        numbers = [b"%d" % index for index in range(len(clients))]
        self.admin.value("RPUSH", "q", *numbers[: len(numbers) // 2])
        for number in numbers[len(numbers) // 2 :]:
            self.admin.value("RPUSH", "q", number)
        for number, client in zip(numbers, clients):
            reply = Connection(client, TIMEOUT).read_raw()
            self.assertEqual(reply, b"*2\r\n$1\r\nq\r\n$%d\r\n%b\r\n" % (len(number), number))
        self.assertEqual(self.info("blocked_clients"), 0)
        self.assertEqual(self.admin.value("EXISTS", "q"), 0)
        for client in clients:
            client.close()

    def test_nothing_is_left_of_clients_that_went(self):
        self.come_and_go(2000)
        files, memory, resident = self.files(), self.info("used_memory"), self.info("used_memory_rss")
        self.come_and_go(CONNECTS)
        self.assertEqual(self.files(), files)
        self.assertLess(self.info("used_memory"), memory + (256 << 10))
        self.assertLess(self.info("used_memory_rss"), resident + (4 << 20))
        for name in ("blocked_clients", "tracking_clients", "pubsub_channels", "pubsub_patterns", "total_blocking_keys",
                     "clients_in_timeout_table", "tracking_total_keys", "tracking_total_prefixes"):  # fmt: skip
            self.assertEqual(self.info(name), 0, name)

    def send_part(self, sock):
        """A request of which the rest never comes."""
        try:
            sock.sendall(b"*2\r\n$3\r\nGET\r\n$100\r\nabc")
        except BrokenPipeError:
            pass  # it has said QUIT

    def come_and_go(self, count):
        encoded = [(b"".join(map(encode_command, commands)), replies) for commands, replies in STATES]
        for index in range(count):
            data, replies = encoded[index % len(encoded)]
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(self.server.socket_path)
            sock.sendall(data)
            if index % 7 == 0:
                connection = Connection(sock, TIMEOUT)
                for _ in range(replies):
                    connection.read_raw()
            elif index % 7 == 1:
                self.send_part(sock)
            sock.close()
        self.await_clients(1)
        self.admin.value("FLUSHALL")  # a key remembers who has read it until it changes


if __name__ == "__main__":
    unittest.main()
