# SPDX-License-Identifier: MIT
"""What a client may take of the server's memory and time, and what becomes of one who takes more."""

import re
import unittest

from support.resp import ConnectionClosed, encode_command
from support.testing import ServerCase, understudy_only

MANY = 400


def field(text, name):
    """A number out of INFO."""
    return int(re.search(rb"^%s:(\d+)\r$" % name.encode(), text, re.M).group(1))


class Limits(ServerCase):
    options = ("--emulate", "8.0")
    tcp = False

    def setUp(self):
        super().setUp()
        self.admin = self.connect()

    def configure(self, name, value):
        self.assertEqual(self.admin.value("CONFIG", "SET", name, value), b"OK")

    def info(self, section, name):
        return field(self.admin.value("INFO", section), name)

    def ids(self):
        return [int(word) for word in re.findall(rb"(?:^|\n)id=(\d+)", self.admin.value("CLIENT", "LIST"))]

    def line(self, client_id):
        text = self.admin.value("CLIENT", "LIST", "ID", str(client_id)).decode()
        return dict(word.split("=", 1) for word in text.split())

    def publish_until_gone(self, client_id, size):
        """How many messages of a channel it took to have the subscriber closed; None when it was not."""
        for count in range(MANY):
            self.admin.value("PUBLISH", "news", "x" * size)
            if client_id not in self.ids():
                return count + 1
        return None


class OutputBuffers(Limits):
    def subscribe(self):
        subscriber = self.connect()
        client_id = subscriber.value("CLIENT", "ID")
        subscriber.command("SUBSCRIBE", "news")
        return subscriber, client_id

    @understudy_only
    def test_a_subscriber_over_its_hard_limit_is_closed(self):
        self.configure("client-output-buffer-limit", "pubsub 2mb 0 0")
        _, client_id = self.subscribe()
        count = self.publish_until_gone(client_id, 100000)
        self.assertIsNotNone(count)
        self.assertGreater(count, 20)
        self.assertEqual(self.info("stats", "client_output_buffer_limit_disconnections"), 1)

    @understudy_only
    def test_the_soft_limit_closes_only_with_time(self):
        self.configure("client-output-buffer-limit", "pubsub 0 1mb 10")
        _, client_id = self.subscribe()
        self.admin.value("MOCK", "CLOCK", "FREEZE")
        for _ in range(40):
            self.admin.value("PUBLISH", "news", "x" * 100000)
        self.assertIn(client_id, self.ids())
        self.assertGreater(int(self.line(client_id)["omem"]), 1 << 20)
        self.admin.value("MOCK", "CLOCK", "ADVANCE", "10000")
        self.assertIn(client_id, self.ids())
        self.admin.value("MOCK", "CLOCK", "ADVANCE", "1000")
        self.assertNotIn(client_id, self.ids())
        self.assertEqual(self.info("stats", "client_output_buffer_limit_disconnections"), 1)

    @understudy_only
    def test_a_subscriber_that_catches_up_is_forgiven(self):
        self.configure("client-output-buffer-limit", "pubsub 0 1mb 10")
        subscriber, client_id = self.subscribe()
        self.admin.value("MOCK", "CLOCK", "FREEZE")
        for _ in range(40):
            self.admin.value("PUBLISH", "news", "x" * 100000)
        for _ in range(40):
            subscriber.read_raw()
        self.admin.value("PUBLISH", "news", "short")
        subscriber.read_raw()
        self.admin.value("MOCK", "CLOCK", "ADVANCE", "60000")
        self.assertIn(client_id, self.ids())

    def test_limits_of_one_class_leave_the_others_alone(self):
        self.configure("client-output-buffer-limit", "pubsub 100kb 0 0 replica 1 1 1")
        self.admin.value("SET", "big", "x" * 3000000)
        client = self.connect()
        self.assertEqual(len(client.value("GET", "big")), 3000000)

    def test_a_client_that_asks_and_does_not_read_is_closed(self):
        self.configure("client-output-buffer-limit", "normal 3mb 0 0")
        self.admin.value("SET", "big", "x" * 100000)
        client = self.connect()
        client_id = client.value("CLIENT", "ID")
        client.send(encode_command((b"GET", b"big")) * 200)
        for _ in range(MANY):
            if client_id not in self.ids():
                break
        self.assertNotIn(client_id, self.ids())

    def test_a_reply_over_the_limit_closes_even_one_who_reads(self):
        self.admin.value("SET", "big", "x" * 3000000)
        client = self.connect()
        self.configure("client-output-buffer-limit", "normal 1mb 0 0")
        with self.assertRaises(ConnectionClosed):
            client.value("GET", "big")


class QueryBuffers(Limits):
    def test_a_query_over_the_limit_closes(self):
        self.configure("client-query-buffer-limit", "2mb")
        client = self.connect()
        client.send(b"*2\r\n$3\r\nGET\r\n$5000000\r\n")
        with self.assertRaises(ConnectionClosed):
            client.send(b"x" * 4500000)
            client.read()
        self.assertEqual(self.admin.value("PING"), b"PONG")
        self.assertEqual(self.info("stats", "client_query_buffer_limit_disconnections"), 1)

    def test_what_a_transaction_queues_counts(self):
        self.configure("client-query-buffer-limit", "2mb")
        client = self.connect()
        client.command("MULTI")
        with self.assertRaises(ConnectionClosed):
            for _ in range(100):
                client.command("SET", "k", "x" * 100000)

    def test_one_who_waits_may_not_send_without_end(self):
        self.configure("client-query-buffer-limit", "1mb")
        client = self.connect()
        client.send(encode_command((b"BLPOP", b"q", b"0")))
        with self.assertRaises(ConnectionClosed):
            client.send(encode_command((b"SET", b"k", b"x" * 1000)) * 3000)
            client.read()

    def test_strangers_have_less(self):
        self.configure("requirepass", "secret")
        stranger = self.connect()
        with self.assertRaises(ConnectionClosed):
            stranger.send(b"*10\r\n" + b"$16384\r\n" * 10)
            stranger.send(b"x" * 3000000)
            while stranger.read():
                pass
        self.admin.value("AUTH", "secret")

    def test_a_bulk_over_its_limit_is_an_error(self):
        self.configure("proto-max-bulk-len", "1mb")
        client = self.connect()
        client.send(b"PING\r\n*2\r\n$4\r\nECHO\r\n$1048577\r\n")
        self.assertEqual(client.read_raw(), b"+PONG\r\n")
        self.assertEqual(client.read_raw(), b"-ERR Protocol error: invalid bulk length\r\n")
        self.assertTrue(client.is_closed_by_server())


class AllTogether(Limits):
    def test_the_largest_client_makes_room(self):
        spared, large, small = self.connect(), self.connect(), self.connect()
        self.assertEqual(spared.value("CLIENT", "NO-EVICT", "ON"), b"OK")
        ids = [client.value("CLIENT", "ID") for client in (spared, large, small)]
        for client, size in ((spared, 900000), (large, 700000), (small, 50000)):
            client.command("MULTI")
            client.command("SET", "k", "x" * size)
        self.configure("maxmemory-clients", "1300kb")
        self.assertEqual(self.admin.value("PING"), b"PONG")
        present = self.ids()
        self.assertEqual([client_id in present for client_id in ids], [True, False, True])
        self.assertEqual(self.info("stats", "evicted_clients"), 1)

    def test_a_percentage_is_of_maxmemory(self):
        large = self.connect()
        large.command("MULTI")
        large.command("SET", "k", "x" * 3000000)
        client_id = self.admin.value("CLIENT", "ID")
        self.configure("maxmemory", "100mb")
        self.configure("maxmemory-clients", "2%")
        self.assertEqual(self.ids(), [client_id])
        self.assertEqual(self.admin.value("CONFIG", "GET", "maxmemory-clients")[1], b"2%")

    def test_memory_of_clients_is_told(self):
        before = self.info("memory", "mem_clients_normal")
        client = self.connect()
        client.command("MULTI")
        client.command("SET", "k", "x" * 1000000)
        self.assertGreaterEqual(self.info("memory", "mem_clients_normal"), before + 1000000)


class Time(Limits):
    @understudy_only
    def test_idle_clients_are_closed_by_the_clock_of_the_server(self):
        self.admin.value("MOCK", "CLOCK", "FREEZE")
        clients = {name: self.connect() for name in ("idle", "waits", "listens", "monitors")}
        ids = {name: client.value("CLIENT", "ID") for name, client in clients.items()}
        clients["waits"].send(encode_command((b"BLPOP", b"q", b"0")))
        clients["listens"].command("SUBSCRIBE", "news")
        clients["monitors"].command("MONITOR")
        self.configure("timeout", "30")
        self.admin.value("MOCK", "CLOCK", "ADVANCE", "30000")
        self.assertTrue(set(ids.values()) <= set(self.ids()))
        self.admin.value("MOCK", "CLOCK", "ADVANCE", "1000")
        self.assertEqual(set(ids.values()) - set(self.ids()), {ids["idle"]})

    def test_fields_of_a_client(self):
        client = self.connect(protocol=3)
        client.command("CLIENT", "SETNAME", "bob")
        client.command("CLIENT", "SETINFO", "LIB-NAME", "lib")
        client.command("CLIENT", "SETINFO", "LIB-VER", "1.2")
        client.command("WATCH", "a", "b")
        client.command("MULTI")
        client.command("GET", "k")
        found = [dict(word.split("=", 1) for word in text.split()) for text in
                 self.admin.value("CLIENT", "LIST").decode().splitlines() if "name=bob" in text]
        self.assertEqual(len(found), 1)
        line = found[0]
        wanted = {"flags": "xU", "multi": "1", "watch": "2", "resp": "3", "lib-name": "lib", "lib-ver": "1.2",
                  "io-thread": "0", "tot-cmds": "7", "cmd": "get", "qbuf": "0"}
        self.assertEqual({name: line[name] for name in wanted}, wanted)
        self.assertGreater(int(line["tot-net-in"]), 150)
        self.assertGreater(int(line["tot-net-out"]), 50)


if __name__ == "__main__":
    unittest.main()
