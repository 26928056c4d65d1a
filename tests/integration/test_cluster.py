# SPDX-License-Identifier: MIT
"""A cluster of one node answers as redis-server does that has all slots; nodes send clients on."""

import os
import re
import shutil
import socket
import tempfile
import time
import unittest

from support.quoting import split_line
from support.resp import Connection
from support.servers import Server, free_port
from support.testing import TIMEOUT, ServerCase, understudy_only
from support.tls import Certificates, connect_tls

ENABLED = ("--cluster-enabled", "yes")

# "me" is the node's own name. A line that begins with ~ changes the state of the cluster: that of
# redis-server follows some time later.
KEYS = """
SET a 1
MSET a 1 b 2
MSET {x}a 1 {x}b 2
DEL a b
WATCH a b
RENAME a b
BITOP AND a b c
ZUNIONSTORE a 2 b c
XREAD STREAMS a b 0 0
XREAD COUNT x STREAMS a b 0 0
MIGRATE 127.0.0.1 1 "" 0 10 KEYS a b
SSUBSCRIBE a b
SPUBLISH a b
PUBSUB SHARDCHANNELS
PUBSUB SHARDNUMSUB a
MULTI
SET a 1
GET b
EXEC
MULTI
MGET a b
EXEC
MULTI
SET a 1
GET {a}x
EXEC
MULTI
EXEC
SELECT 0
SELECT 1
SELECT x
SWAPDB 0 1
SWAPDB 0 0
MOVE a 1
MOVE a 0
COPY a c
COPY a {a}c
COPY a {a}c DB 1
COPY a {a}c DB 99
COPY a {a}c DB 0
RPUSH list 3 1 2
SORT list BY w_* GET #
SORT list BY nosort GET x_*
SORT list BY {list}_*
SORT list BY nosort
SORT list GET #
SORT_RO list GET x_*
READONLY
READWRITE
ASKING
CLUSTER KEYSLOT a
CLUSTER KEYSLOT {}a
CLUSTER COUNTKEYSINSLOT x
CLUSTER COUNTKEYSINSLOT 16384
CLUSTER COUNTKEYSINSLOT -1
CLUSTER COUNTKEYSINSLOT 15495
CLUSTER GETKEYSINSLOT 1 x
CLUSTER GETKEYSINSLOT x 1
CLUSTER GETKEYSINSLOT 16384 1
CLUSTER GETKEYSINSLOT 1 -1
CLUSTER GETKEYSINSLOT 15495 0
SET {a}1 v
SET {a}2 v
RENAME {a}1 {a}3
APPEND {a}2 tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt
CLUSTER GETKEYSINSLOT 15495 10
CLUSTER GETKEYSINSLOT 15495 2
CLUSTER COUNTKEYSINSLOT 15495
RESTORE-ASKING {a}7 0 x
RESTORE-ASKING {a}7 0 "\\x00\\xc0\\x01\\n\\x00/\\xcc\\x1d\\xc8x\\x91\\x0fQ"
FLUSHALL
CLUSTER COUNTKEYSINSLOT 15495
"""

SCRIPTS = """
SET a 1
EVAL "return 1" 0
EVAL "return 1" 2 a b
EVAL "return redis.call('get','b')" 1 a
EVAL "redis.call('get','a') return redis.call('get','b')" 0
EVAL "return redis.pcall('mget','a','b')" 0
EVAL "return redis.call('mget','a','b')" 0
EVAL "#!lua\\nreturn redis.call('mget','a','b')" 0
EVAL "#!lua\\nreturn redis.call('get','b')" 0
EVAL "#!lua\\nreturn redis.call('get','b')" 1 a
EVAL "#!lua\\nredis.call('get','b') return redis.call('get','a')" 0
EVAL "#!lua\\nreturn redis.call('get','b')" 2 a b
EVAL "#!lua flags=allow-cross-slot-keys\\nreturn redis.call('get','b')" 2 a b
EVAL "#!lua flags=allow-cross-slot-keys\\nredis.call('get','a') return redis.call('get','b')" 0
EVAL "#!lua flags=allow-cross-slot-keys\\nreturn redis.call('mget','a','b')" 0
EVAL "#!lua flags=no-cluster\\nreturn 1" 0
EVAL "#!lua flags=no-cluster\\nreturn 1" 1 a
EVAL "return redis.call('select',1)" 0
EVAL "return redis.call('asking')" 0
EVAL "return redis.call('cluster','keyslot','a')" 0
EVAL "return redis.call('spublish','b','c')" 1 a
FUNCTION LOAD "#!lua name=l\\nredis.register_function{function_name='f',callback=function() return 1 end,flags={'no-cluster'}}\\nredis.register_function('g',function(k) redis.call('get','a') return redis.call('get','b') end)"
FCALL f 0
FCALL f 1 a
FCALL g 0
FCALL g 2 a b
"""  # noqa: E501

SLOTS = """
CLUSTER SLOTS
CLUSTER SHARDS
CLUSTER NODES
CLUSTER LINKS
CLUSTER MYID
CLUSTER REPLICAS x
CLUSTER REPLICAS me
CLUSTER SLAVES me
CLUSTER COUNT-FAILURE-REPORTS x
CLUSTER COUNT-FAILURE-REPORTS me
CLUSTER SET-CONFIG-EPOCH x
CLUSTER SET-CONFIG-EPOCH -1
CLUSTER SET-CONFIG-EPOCH 5
CLUSTER BUMPEPOCH
CLUSTER SET-CONFIG-EPOCH 7
CLUSTER SAVECONFIG
CLUSTER MEET
CLUSTER MEET a
CLUSTER MEET a b
CLUSTER MEET 127.0.0.1 99999
CLUSTER MEET 127.0.0.1 x
CLUSTER MEET foo 7000
CLUSTER MEET 127.0.0.1 7000 x
CLUSTER MEET 127.0.0.1 7000 7001 7002
CLUSTER FORGET x
CLUSTER FORGET me
CLUSTER REPLICATE x
CLUSTER REPLICATE me
CLUSTER FAILOVER
CLUSTER FAILOVER FORCE
CLUSTER FAILOVER x
CLUSTER FAILOVER TAKEOVER x
CLUSTER RESET x
CLUSTER RESET SOFT HARD
CLUSTER ADDSLOTS
CLUSTER ADDSLOTS 1
CLUSTER ADDSLOTS x
CLUSTER ADDSLOTS 16384
CLUSTER ADDSLOTS 1 1
CLUSTER ADDSLOTSRANGE 1
CLUSTER ADDSLOTSRANGE 1 x
CLUSTER ADDSLOTSRANGE 3 1
CLUSTER ADDSLOTSRANGE 1 2 3
CLUSTER ADDSLOTSRANGE 1 2 1 2
CLUSTER ADDSLOTSRANGE 1 99999
CLUSTER DELSLOTSRANGE 3 1
CLUSTER SETSLOT
CLUSTER SETSLOT 1
CLUSTER SETSLOT 1 NODE
CLUSTER SETSLOT x NODE y
CLUSTER SETSLOT 16384 NODE y
CLUSTER SETSLOT 1 NODE y
CLUSTER SETSLOT 1 NODE me
CLUSTER SETSLOT 1 STABLE
CLUSTER SETSLOT 1 STABLE x
CLUSTER SETSLOT 1 MIGRATING
CLUSTER SETSLOT 1 MIGRATING y
CLUSTER SETSLOT 1 IMPORTING y
CLUSTER SETSLOT 1 MIGRATING me
CLUSTER SETSLOT 1 foo
CLUSTER NODES
CLUSTER SETSLOT 1 STABLE
CLUSTER foo
CLUSTER
CLUSTER NODES x
CLUSTER GETKEYSINSLOT 1
SET a 1
CLUSTER SETSLOT 15495 MIGRATING me
GET {a}x
MGET a {a}x
CLUSTER SETSLOT 15495 STABLE
CLUSTER FLUSHSLOTS
CLUSTER RESET
CLUSTER INFO
~CLUSTER DELSLOTS 1 2
GET a
SET a 1
WATCH a
EVAL "return redis.call('get','a')" 0
EVAL "return redis.call('get','a')" 1 a
MULTI
GET a
EXEC
MULTI
EXEC
SPUBLISH a b
CONFIG SET cluster-allow-pubsubshard-when-down no
SPUBLISH a b
EVAL "return redis.call('spublish','a','b')" 0
CONFIG SET cluster-allow-pubsubshard-when-down yes
CONFIG SET cluster-allow-reads-when-down yes
GET a
SET a 1
EVAL_RO "return 1" 1 a
EVAL "return redis.call('get','a')" 1 a
EVAL "return redis.call('set','a','b')" 0
MULTI
GET a
SET a 1
EXEC
CONFIG SET cluster-allow-reads-when-down no
CLUSTER INFO
CLUSTER DELSLOTS 1
CLUSTER ADDSLOTS 1 1
CLUSTER SETSLOT 2 IMPORTING y
CLUSTER SETSLOT 2 MIGRATING y
CLUSTER SETSLOT 2 IMPORTING me
CLUSTER NODES
~CONFIG SET cluster-require-full-coverage no
GET a
CLUSTER INFO
CLUSTER SLOTS
CLUSTER SHARDS
CLUSTER DELSLOTS 15495
GET a
ASKING
GET a
SSUBSCRIBE a
EVAL "return redis.pcall('get','a')" 0
EVAL "return redis.pcall('get','a')" 1 b
EVAL "return redis.pcall('get','b')" 1 b
CLUSTER ADDSLOTS 15495
CLUSTER ADDSLOTSRANGE 1 2
CLUSTER DELSLOTSRANGE 0 10 20 30
CLUSTER DELSLOTSRANGE 5 10 6 7
CLUSTER NODES
CLUSTER SLOTS
FLUSHALL
CLUSTER FLUSHSLOTS
CLUSTER SLOTS
CLUSTER SHARDS
~CLUSTER RESET
CLUSTER INFO
"""

ADDRESSES = """
CONFIG SET cluster-announce-ip 1.2.3.4
CONFIG SET cluster-announce-hostname host.example
CLUSTER SLOTS
CLUSTER SHARDS
CLUSTER NODES
CONFIG SET cluster-preferred-endpoint-type hostname
CLUSTER SLOTS
CLUSTER SHARDS
CONFIG SET cluster-preferred-endpoint-type unknown-endpoint
CLUSTER SLOTS
CLUSTER SHARDS
CONFIG SET cluster-announce-hostname ""
CONFIG SET cluster-preferred-endpoint-type hostname
CLUSTER SLOTS
CLUSTER SHARDS
CONFIG SET cluster-announce-port 99
CONFIG SET cluster-announce-bus-port 98
CLUSTER SLOTS
CLUSTER NODES
"""

OFF = """
CLUSTER INFO
CLUSTER HELP
CLUSTER MYID
CLUSTER KEYSLOT a
CLUSTER MEET x
CLUSTER foo
CLUSTER
READONLY
READWRITE
ASKING
READONLY x
MSET a 1 b 2
EVAL "#!lua flags=no-cluster\\nreturn 1" 0
"""


class Pair(ServerCase):
    """The server under test and the oracle, each with one client."""

    enabled = ENABLED

    def setUp(self):
        self.server = Server(os.environ["TEST_BINARY"], self.enabled, tcp=True, emulate="7.0").start()
        self.addCleanup(self.stop_server, self.server)
        more = ()
        if self.enabled:  # a port above 55535 leaves no room for that of the bus
            more = ("--cluster-node-timeout", "1000", "--cluster-port", str(free_port()))
        self.oracle = Server(options=self.enabled + more, tcp=True).start()
        self.addCleanup(self.oracle.stop)

    def open(self, protocol):
        self.ours = self.connect(protocol)
        self.theirs = self.oracle.connect(protocol)
        self.addCleanup(self.theirs.close)
        self.names = [("", "")]
        if self.enabled:
            self.theirs.value("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
            self.await_state()
            self.names = [(c.value("CLUSTER", "MYID").decode(), s.port) for c, s in
                          ((self.ours, self.server), (self.theirs, self.oracle))]  # fmt: skip

    def state(self, connection):
        return re.search(rb"cluster_state:(\w+)", connection.raw_command("CLUSTER", "INFO")).group(1)

    def await_state(self):
        deadline = time.monotonic() + TIMEOUT
        while self.state(self.ours) != self.state(self.theirs):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def plain(self, raw, name, port):
        """Without what differs from server to server: names, ports, and so sizes; offsets."""
        text = raw.decode("latin-1").replace(name, "me")
        text = re.sub(r"@(?!98 )\d+", "@BUS", text)
        text = re.sub(r"\b%d\b" % port, "PORT", text)
        text = re.sub(r"[$=]\d+\r\n", "$", text)
        return re.sub(r"(replication-offset\r\n):\d+", r"\1:0", text)

    def assert_same(self, script, protocol=2):
        self.open(protocol)
        different = []
        for line in script.strip().splitlines():
            words = split_line(line.lstrip("~"))
            answers = []
            for connection, name in ((self.ours, self.names[0]), (self.theirs, self.names[-1])):
                sent = [name[0].encode() if word == b"me" else word for word in words]
                raw = connection.raw_command(*sent)
                answers.append(self.plain(raw, *name) if self.enabled else raw.decode("latin-1"))
            if answers[0] != answers[1]:
                different.append("%s\n  %r, expected\n  %r" % (line, answers[0], answers[1]))
            if line.startswith("~"):
                self.await_state()
        self.assertEqual(different, [], "\n".join(different))


class LikeRedis(Pair):
    def test_keys_of_a_request_share_a_slot(self):
        self.assert_same(KEYS)

    def test_scripts_keep_to_a_slot(self):
        self.assert_same(SCRIPTS)

    def test_slots_are_given_and_taken(self):
        self.assert_same(SLOTS)

    def test_slots_are_told_in_resp3(self):
        self.assert_same(SLOTS, protocol=3)

    def test_addresses_are_announced(self):
        self.assert_same(ADDRESSES, protocol=3)

    def test_clients_see_the_mode(self):
        self.open(2)
        for connection in (self.ours, self.theirs):
            self.assertIn(b"mode\r\n$7\r\ncluster", connection.raw_command("HELLO"))
            self.assertIn(b"cluster_enabled:1", connection.value("INFO", "cluster"))
            self.assertIn(b"redis_mode:cluster", connection.value("INFO", "server"))
            connection.value("READONLY")
            self.assertRegex(connection.value("CLIENT", "LIST"), rb"flags=U?r ")


    def test_help_has_the_same_subcommands_in_other_words(self):
        self.open(2)
        ours, theirs = ([line.value for line in connection.command("CLUSTER", "HELP").value]
                        for connection in (self.ours, self.theirs))  # fmt: skip
        self.assertEqual(*({line.split()[0] for line in lines if line[:1] != b" "} for lines in (ours, theirs)))
        taken = [line for line in ours if line in theirs and line.startswith(b" ")]
        self.assertEqual(taken, [b"    Prints this help."])


class WithoutCluster(Pair):
    enabled = ()

    def test_it_says_so(self):
        self.assert_same(OFF)


class Address(ServerCase):
    """What a node that is alone says of where it is."""

    options = ENABLED

    def told(self, client):
        slots = client.value("CLUSTER", "SLOTS")[0][2]
        nodes = re.match(rb"\w+ (.*):(\d+)@", client.value("CLUSTER", "NODES")).groups()
        shard = client.value("CLUSTER", "SHARDS")[0][3][0]
        shard = dict(zip(shard[::2], shard[1::2]))
        self.assertEqual((slots[0], b"%d" % slots[1]), nodes)
        self.assertEqual((slots[0], slots[0]), (shard[b"ip"], shard[b"endpoint"]))
        self.assertIn(slots[1], (shard.get(b"port"), shard.get(b"tls-port")))
        return (slots[0].decode(), slots[1])

    @understudy_only
    def test_a_client_is_told_the_address_by_which_it_has_come(self):
        self.assertEqual(self.told(self.connect(tcp=True)), ("127.0.0.1", self.server.port))

    @understudy_only
    def test_one_that_came_by_none_is_told_none(self):
        client = self.connect()
        self.assertEqual(self.told(client), ("", self.server.port))
        client.value("CONFIG", "SET", "cluster-announce-ip", "10.1.2.3")
        self.assertEqual(self.told(self.connect(tcp=True)), ("10.1.2.3", self.server.port))

    @understudy_only
    def test_ipv6(self):
        try:
            self.connect().value("CONFIG", "SET", "bind", "127.0.0.1 ::1")
            client = Connection(socket.create_connection(("::1", self.server.port)))
        except (OSError, RuntimeError):
            self.skipTest("no IPv6")
        self.addCleanup(client.close)
        self.assertEqual(client.value("CLUSTER", "SLOTS")[0][2][0], b"::1")


class AddressOverTLS(ServerCase):
    def start(self, *options):
        directory = tempfile.mkdtemp(prefix="understudy-tls-")
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        server = self.start_server("--cluster-enabled", "yes", "--tls-self-signed", directory, *options)
        admin = server.connect()
        self.addCleanup(admin.close)
        port = int(admin.value("CONFIG", "GET", "tls-port")[1])
        secure = connect_tls(port, Certificates(directory))
        self.addCleanup(secure.close)
        return server, port, secure

    def setUp(self):
        pass

    def shard(self, client):
        fields = client.value("CLUSTER", "SHARDS")[0][3][0]
        return {name: value for name, value in zip(fields[::2], fields[1::2]) if name in (b"port", b"tls-port")}

    @understudy_only
    def test_a_client_is_told_the_kind_of_port_by_which_it_has_come(self):
        server, port, secure = self.start()
        self.assertEqual(secure.value("CLUSTER", "SLOTS")[0][2][:2], [b"127.0.0.1", port])
        plain = server.connect_tcp()
        self.addCleanup(plain.close)
        self.assertEqual(plain.value("CLUSTER", "SLOTS")[0][2][:2], [b"127.0.0.1", server.port])
        self.assertEqual(self.shard(plain), {b"port": server.port, b"tls-port": port})

    @understudy_only
    def test_before_7_2_only_if_nodes_talk_over_tls(self):
        server, port, secure = self.start("--emulate", "7.0")
        self.assertEqual(secure.value("CLUSTER", "SLOTS")[0][2][1], server.port)
        self.assertEqual(self.shard(secure), {b"port": server.port})
        secure.value("CONFIG", "SET", "tls-cluster", "yes")
        self.assertEqual(secure.value("CLUSTER", "SLOTS")[0][2][1], port)


class Nodes(ServerCase):
    options = ENABLED

    @understudy_only
    def test_two_nodes_send_clients_to_each_other(self):
        one, two = self.server, self.start_server(*ENABLED)
        here, there = one.connect(), two.connect()
        for connection in (here, there):
            self.addCleanup(connection.close)
        slot = here.value("CLUSTER", "KEYSLOT", "k")
        here.value("SET", "k", "v")
        other = self.meet(here, two)
        self.meet(there, one)
        there.value("CLUSTER", "SETSLOT", slot, "NODE", self.met(there))
        here.value("CLUSTER", "SETSLOT", slot, "MIGRATING", other)
        there.value("CLUSTER", "SETSLOT", slot, "IMPORTING", self.met(there))
        self.assertEqual(here.value("MIGRATE", two.host, two.port, "k", 0, 30000), b"OK")
        self.assertEqual(here.command("GET", "k").value, b"ASK %d 127.0.0.1:%d" % (slot, two.port))
        there.value("ASKING")
        self.assertEqual(there.value("GET", "k"), b"v")
        here.value("CLUSTER", "SETSLOT", slot, "NODE", other)
        self.assertEqual(here.command("GET", "k").value, b"MOVED %d 127.0.0.1:%d" % (slot, two.port))
        there.value("CLUSTER", "SETSLOT", slot, "NODE", there.value("CLUSTER", "MYID"))
        self.assertEqual(there.value("GET", "k"), b"v")

    def met(self, connection):
        """The name of the other node."""
        lines = connection.value("CLUSTER", "NODES").decode().splitlines()
        return next(line.split()[0] for line in lines if "myself" not in line)

    def meet(self, connection, server):
        self.assertEqual(connection.value("CLUSTER", "MEET", server.host, server.port), b"OK")
        return self.met(connection)

    @understudy_only
    def test_the_shard_has_a_name_since_7_2(self):
        connection = self.connect()
        self.assertRegex(connection.value("CLUSTER", "MYSHARDID"), rb"^[0-9a-f]{40}$")


if __name__ == "__main__":
    unittest.main()
