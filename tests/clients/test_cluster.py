# SPDX-License-Identifier: MIT
"""redis-py's RedisCluster and redis-cli -c with a cluster of one node, and of two."""

import logging
import subprocess
import unittest

import redis

from client_case import ClientCase
from support.testing import TIMEOUT, understudy_only

try:
    from redis.cluster import ClusterNode, RedisCluster
    from redis.exceptions import RedisClusterException
except ImportError:  # redis-py before 4.1
    RedisCluster = None


logging.getLogger("redis.cluster").disabled = True  # it tells of every redirection


class Cluster(ClientCase):
    options = ("--cluster-enabled", "yes")

    @understudy_only
    def setUp(self):
        if RedisCluster is None:
            self.skipTest("redis-py without RedisCluster")
        super().setUp()
        self.cluster = self.new_cluster()

    def new_cluster(self):
        cluster = RedisCluster(startup_nodes=[ClusterNode(self.server.host, self.server.port)])
        self.addCleanup(cluster.close)
        return cluster

    def test_the_node_is_found(self):
        nodes = self.cluster.get_nodes()
        self.assertEqual([(n.host, n.port, n.server_type) for n in nodes],
                         [("127.0.0.1", self.server.port, "primary")])  # fmt: skip
        self.assertEqual(self.cluster.cluster_info()["cluster_state"], "ok")
        self.assertEqual(self.client.info("cluster")["cluster_enabled"], 1)

    def test_keys_of_all_slots_are_here(self):
        wanted = {"k%d" % number: b"%d" % number for number in range(300)}
        self.cluster.mset_nonatomic(wanted)
        self.assertEqual(self.cluster.mget_nonatomic(list(wanted)), list(wanted.values()))
        self.assertEqual(set(self.cluster.scan_iter()), {key.encode() for key in wanted})
        slot = self.cluster.keyslot("k1")
        self.assertEqual(self.cluster.cluster_get_keys_in_slot(slot, 10), ["k1"])
        self.assertEqual(self.cluster.cluster_countkeysinslot(slot), 1)

    def test_pipelines_and_scripts(self):
        pipeline = self.cluster.pipeline()
        pipeline.set("x", 1).incr("y").incr("x")
        self.assertEqual(pipeline.execute(), [True, 1, 2])
        script = "return redis.call('incrby', KEYS[1], ARGV[1])"
        self.assertEqual(self.cluster.eval(script, 1, "x", 5), 7)
        with self.assertRaises(RedisClusterException):
            self.cluster.mget("a", "b")
        with self.assertRaisesRegex(redis.ResponseError, "CROSSSLOT|same slot"):
            self.client.mget("a", "b")

    def test_messages_come(self):
        pubsub = self.cluster.pubsub()
        self.addCleanup(pubsub.close)
        pubsub.subscribe("news")
        self.assertEqual(pubsub.get_message(timeout=TIMEOUT)["type"], "subscribe")
        self.cluster.publish("news", "hello")
        self.assertEqual(pubsub.get_message(timeout=TIMEOUT)["data"], b"hello")

    def test_a_client_follows_a_slot_to_another_node(self):
        other = self.start_server("--cluster-enabled", "yes")
        there = redis.Redis(host=other.host, port=other.port)
        self.addCleanup(there.connection_pool.disconnect)
        slot = self.cluster.keyslot("k")
        there.set("k", "there")
        self.client.execute_command("CLUSTER MEET", other.host, other.port)
        lines = self.client.execute_command("CLUSTER NODES")
        name = next(node["node_id"] for node in lines.values() if "myself" not in node["flags"])
        self.client.execute_command("CLUSTER SETSLOT", self.cluster.keyslot("j"), "NODE", name)
        cluster = self.new_cluster()
        self.assertEqual({node.port for node in cluster.get_nodes()}, {self.server.port, other.port})
        self.client.execute_command("CLUSTER SETSLOT", slot, "MIGRATING", name)
        self.assertEqual(cluster.get("k"), b"there")  # by ASK
        self.client.execute_command("CLUSTER SETSLOT", slot, "NODE", name)
        self.assertEqual(cluster.get("k"), b"there")  # by MOVED
        self.assertEqual(cluster.get_node_from_key("k").port, other.port)

    def test_redis_cli_checks_the_cluster(self):
        address = "127.0.0.1:%d" % self.server.port
        self.assertIn(b"All 16384 slots covered", self.cli("--cluster", "check", address))
        words = ["redis-cli", "-c", "-p", str(self.server.port), "set", "a", "b"]
        self.assertEqual(subprocess.run(words, stdout=subprocess.PIPE, timeout=TIMEOUT).stdout, b"OK\n")


if __name__ == "__main__":
    unittest.main()
