# SPDX-License-Identifier: MIT
"""A server with clients of both kinds, and a way to let time pass on any server."""

import subprocess

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from support.testing import TIMEOUT, ServerCase

RELEASE = """
if redis.call('get', KEYS[1]) == ARGV[1] then
    return redis.call('del', KEYS[1])
end
return 0
"""


class ClientCase(ServerCase):
    def setUp(self):
        super().setUp()
        self.client = self.new_client()

    def new_client(self, **options):
        options.setdefault("retry", Retry(NoBackoff(), 0))  # newer versions try again by themselves
        client = redis.Redis(host=self.server.host, port=self.server.port, **options)
        self.addCleanup(client.connection_pool.disconnect)
        return client

    def cli_words(self, *words):
        return ["redis-cli", "-s", self.server.socket_path] + [str(word) for word in words]

    def cli(self, *words, stdin=None, check=True):
        """What redis-cli prints, without the last line's end."""
        done = subprocess.run(
            self.cli_words(*words),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT,
        )
        if check:
            self.assertEqual(done.returncode, 0, done.stdout)
        output = done.stdout
        return output[:-1] if output.endswith(b"\n") else output

    def freeze(self):
        """From here on time passes by let_pass alone."""
        if self.server.is_understudy:
            self.client.execute_command("MOCK", "CLOCK", "FREEZE")

    def let_pass(self, milliseconds, key):
        """Time goes by. A server without MOCK gets the key's deadline moved to the past instead."""
        if self.server.is_understudy:
            self.client.execute_command("MOCK", "CLOCK", "ADVANCE", milliseconds)
            return
        if 0 < self.client.pttl(key) <= milliseconds:
            self.client.pexpireat(key, 1)
