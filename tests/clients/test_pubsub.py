# SPDX-License-Identifier: MIT
"""redis-py's publishing and subscribing, keyspace events and MONITOR."""

import unittest

import redis

from client_case import ClientCase
from support.testing import TIMEOUT


class PubSub(ClientCase):
    def new_pubsub(self, **options):
        pubsub = self.new_client(**options).pubsub()
        self.addCleanup(pubsub.close)
        return pubsub

    def next_message(self, pubsub):
        message = pubsub.get_message(timeout=TIMEOUT)
        self.assertIsNotNone(message)
        return message["type"], message["pattern"], message["channel"], message["data"]

    def test_messages_reach_channels_and_patterns(self):
        pubsub = self.new_pubsub()
        pubsub.subscribe("news", "sport")
        pubsub.psubscribe("n*")
        self.assertEqual(self.next_message(pubsub), ("subscribe", None, b"news", 1))
        self.assertEqual(self.next_message(pubsub), ("subscribe", None, b"sport", 2))
        self.assertEqual(self.next_message(pubsub), ("psubscribe", None, b"n*", 3))
        self.assertEqual(self.client.publish("news", b"\x00hello"), 2)
        self.assertEqual(self.client.publish("nobody", "hello"), 1)
        self.assertEqual(self.next_message(pubsub), ("message", None, b"news", b"\x00hello"))
        self.assertEqual(self.next_message(pubsub), ("pmessage", b"n*", b"news", b"\x00hello"))
        self.assertEqual(self.next_message(pubsub), ("pmessage", b"n*", b"nobody", b"hello"))
        pubsub.unsubscribe()
        self.next_message(pubsub)
        self.assertEqual(self.next_message(pubsub)[0], "unsubscribe")
        self.assertEqual(self.client.publish("sport", "hello"), 0)

    def test_handlers_are_called_in_a_thread(self):
        seen = []
        pubsub = self.new_pubsub()
        pubsub.subscribe(**{"jobs": lambda message: seen.append(message["data"])})
        self.next_message(pubsub)
        for number in range(100):
            self.assertEqual(self.client.publish("jobs", number), 1)
        thread = pubsub.run_in_thread()
        try:
            while len(seen) < 100 and thread.is_alive():
                thread.join(0.001)
        finally:
            thread.stop()
            thread.join(TIMEOUT)
        self.assertEqual(seen, [b"%d" % number for number in range(100)])

    def test_channels_are_counted(self):
        pubsub = self.new_pubsub()
        pubsub.subscribe("one", "two")
        pubsub.psubscribe("o*")
        for _ in range(3):
            self.next_message(pubsub)
        self.assertEqual(sorted(self.client.pubsub_channels()), [b"one", b"two"])
        self.assertEqual(self.client.pubsub_channels("o*"), [b"one"])
        self.assertEqual(self.client.pubsub_numsub("one", "none"), [(b"one", 1), (b"none", 0)])
        self.assertEqual(self.client.pubsub_numpat(), 1)
        listed = self.client.client_list(_type="pubsub")
        self.assertEqual([(c["flags"], c["sub"], c["psub"]) for c in listed], [("P", "2", "1")])

    def test_a_ping_is_answered_among_messages(self):
        pubsub = self.new_pubsub()
        pubsub.subscribe("c")
        self.next_message(pubsub)
        pubsub.ping("still there")
        self.assertEqual(self.next_message(pubsub), ("pong", None, None, b"still there"))

    def test_other_commands_are_refused_while_subscribed(self):
        connection = self.client.connection_pool.get_connection("SUBSCRIBE")
        connection.send_command("SUBSCRIBE", "c")
        connection.read_response()
        connection.send_command("GET", "k")
        with self.assertRaisesRegex(redis.ResponseError, "Can't execute 'get'"):
            connection.read_response()
        self.client.connection_pool.release(connection)

    def test_keyspace_events_are_told(self):
        self.client.config_set("notify-keyspace-events", "KEA")
        self.freeze()
        pubsub = self.new_pubsub()
        pubsub.psubscribe("__key*__:*")
        self.next_message(pubsub)
        self.client.set("k", "v", px=1000)
        told = [self.next_message(pubsub)[2:] for _ in range(4)]
        self.assertEqual(
            told,
            [
                (b"__keyspace@0__:k", b"set"),
                (b"__keyevent@0__:set", b"k"),
                (b"__keyspace@0__:k", b"expire"),
                (b"__keyevent@0__:expire", b"k"),
            ],
        )
        if self.server.is_understudy:
            self.let_pass(1000, "k")
            self.assertEqual(self.next_message(pubsub)[2:], (b"__keyspace@0__:k", b"expired"))
            self.assertEqual(self.next_message(pubsub)[2:], (b"__keyevent@0__:expired", b"k"))

    def test_a_monitor_sees_commands(self):
        self.client.ping()  # a newer redis-py says its name when it connects
        with self.new_client().monitor() as monitor:
            self.client.set("k", 'a "quoted" value')
            self.client.eval("return redis.call('get', KEYS[1])", 1, "k")
            lines = [monitor.next_command() for _ in range(3)]
        self.assertEqual(lines[0]["command"], 'SET k a "quoted" value')
        self.assertEqual(lines[1]["command"], "EVAL return redis.call('get', KEYS[1]) 1 k")
        self.assertEqual((lines[2]["command"], lines[2]["client_type"]), ("get k", "lua"))

    def test_ten_thousand_messages_come_in_order(self):
        pubsub = self.new_pubsub()
        pubsub.subscribe("flood")
        self.next_message(pubsub)
        pipeline = self.client.pipeline(transaction=False)
        for number in range(10000):
            pipeline.publish("flood", number)
        self.assertEqual(set(pipeline.execute()), {1})
        for number in range(10000):
            self.assertEqual(self.next_message(pubsub)[3], b"%d" % number)


if __name__ == "__main__":
    unittest.main()
