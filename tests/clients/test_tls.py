# SPDX-License-Identifier: MIT
"""redis-py, redis-cli and redis-benchmark over TLS."""

import shutil
import subprocess
import unittest

import redis

from support.servers import free_port
from support.testing import TIMEOUT, ServerCase, binary, understudy_only
from support.tls import make_certificates


class TLS(ServerCase):
    """Certificates are ours, whichever server shows them: what a client must do is the same."""

    def setUp(self):
        self.certificates = make_certificates(self, binary())
        self.options = (
            "--tls-cert-file", self.certificates.path("server.crt"),
            "--tls-key-file", self.certificates.path("server.key"),
            "--tls-ca-cert-file", self.certificates.path("ca.crt"),
        )  # fmt: skip
        super().setUp()
        self.test = self.connect()
        self.port = free_port()
        while self.test.command("CONFIG", "SET", "tls-port", self.port).kind == "error":
            self.port = free_port()  # somebody was quicker

    def new_client(self, **options):
        client = redis.Redis(
            host="localhost",
            port=self.port,
            ssl=True,
            ssl_ca_certs=self.certificates.path("ca.crt"),
            ssl_check_hostname=True,
            **options,
        )
        self.addCleanup(client.connection_pool.disconnect)
        return client

    def identified(self):
        return self.new_client(
            ssl_certfile=self.certificates.path("client.crt"), ssl_keyfile=self.certificates.path("client.key")
        )

    @understudy_only
    def test_redis_py_works_as_ever(self):
        client = self.identified()
        self.assertTrue(client.set("k", "v"))
        with client.pipeline() as pipeline:
            for _ in range(1000):
                pipeline.incr("n")
            self.assertEqual(pipeline.execute()[-1], 1000)
        with client.pubsub() as pubsub:
            pubsub.subscribe("c")
            self.assertEqual(pubsub.get_message(timeout=TIMEOUT)["type"], "subscribe")
            self.assertEqual(client.publish("c", "hello"), 1)
            self.assertEqual(pubsub.get_message(timeout=TIMEOUT)["data"], b"hello")
        script = client.register_script("return redis.call('get', KEYS[1])")
        self.assertEqual(script(keys=["k"]), b"v")

    @understudy_only
    def test_redis_py_by_url(self):
        self.test.value("CONFIG", "SET", "tls-auth-clients", "optional")
        client = redis.Redis.from_url(
            "rediss://localhost:%d/3?ssl_ca_certs=%s" % (self.port, self.certificates.path("ca.crt"))
        )
        self.addCleanup(client.connection_pool.disconnect)
        self.assertTrue(client.set("k", "v"))
        self.assertEqual(self.test.value("SELECT", "3"), b"OK")
        self.assertEqual(self.test.value("GET", "k"), b"v")

    @understudy_only
    def test_client_without_a_certificate_is_refused(self):
        with self.assertRaises(redis.exceptions.ConnectionError):
            self.new_client().ping()
        self.assertTrue(self.identified().ping())

    def run_tool(self, *words):
        if not shutil.which(words[0]):
            self.skipTest("no " + words[0])
        path = self.certificates.path
        command = [words[0], "--tls", "-h", "localhost", "-p", str(self.port), "--cacert", path("ca.crt"),
                   "--cert", path("client.crt"), "--key", path("client.key")]  # fmt: skip
        done = subprocess.run(
            command + list(words[1:]), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=TIMEOUT
        )
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    @understudy_only
    def test_redis_cli(self):
        self.assertEqual(self.run_tool("redis-cli", "SET", "k", "v"), b"OK\n")
        self.assertEqual(self.run_tool("redis-cli", "-3", "GET", "k"), b"v\n")
        self.assertIn(b"laddr=127.0.0.1:%d" % self.port, self.run_tool("redis-cli", "CLIENT", "LIST"))

    @understudy_only
    def test_redis_benchmark(self):
        self.run_tool("redis-benchmark", "-q", "-n", "2000", "-c", "10", "-P", "4", "-t", "set,get,lpush")
        self.assertEqual(self.test.value("LLEN", "mylist"), 2000)


if __name__ == "__main__":
    unittest.main()
