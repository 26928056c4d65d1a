# SPDX-License-Identifier: MIT
"""The first seed job, its second half: a lock that several processes take by SET NX PX."""

import multiprocessing
import os
import subprocess
import unittest

import redis

from client_case import RELEASE, ClientCase
from support.testing import TIMEOUT

PROCESSES = 4
ROUNDS = 50
LEASE_MS = 60000

# A process in sh: it takes the lock, adds one to a counter in two steps, and gives the lock back.
SHELL_WORKER = """
sock=$1; token=$2; rounds=$3; release=$4
while [ "$rounds" -gt 0 ]; do
    until [ "$(redis-cli -s "$sock" SET lock "$token" NX PX 60000)" = OK ]; do :; done
    n=$(redis-cli -s "$sock" GET counter)
    redis-cli -s "$sock" SET counter $((n + 1)) >/dev/null
    [ "$(redis-cli -s "$sock" --eval "$release" lock , "$token")" = 1 ] || exit 1
    rounds=$((rounds - 1))
done
"""


def worker(host, port, rounds):
    """The same in Python. Retries at once: no process waits for another by the clock."""
    client = redis.Redis(host=host, port=port)
    release = client.register_script(RELEASE)
    token = os.urandom(16)
    for _ in range(rounds):
        while not client.set("lock", token, nx=True, px=LEASE_MS):
            pass
        count = int(client.get("counter") or 0)
        client.set("counter", count + 1)
        if release(keys=["lock"], args=[token]) != 1:
            os._exit(1)


class Locks(ClientCase):
    def test_processes_exclude_each_other(self):
        context = multiprocessing.get_context("fork")
        arguments = (self.server.host, self.server.port, ROUNDS)
        workers = [context.Process(target=worker, args=arguments) for _ in range(PROCESSES)]
        for process in workers:
            process.start()
        for process in workers:
            process.join(TIMEOUT * 2)
            self.assertEqual(process.exitcode, 0)
        self.assertEqual(int(self.client.get("counter")), PROCESSES * ROUNDS)
        self.assertEqual(self.client.exists("lock"), 0)

    def test_shell_processes_exclude_each_other(self):
        script = os.path.join(self.server.directory, "release.lua")
        with open(script, "w", encoding="ascii") as file:
            file.write(RELEASE)
        words = ["sh", "-c", SHELL_WORKER, "sh", self.server.socket_path]
        workers = [subprocess.Popen(words + ["token%d" % number, "5", script]) for number in range(3)]
        for process in workers:
            self.assertEqual(process.wait(timeout=TIMEOUT * 2), 0)
        self.assertEqual(int(self.client.get("counter")), 15)

    def test_a_lock_is_taken_once_and_released_by_its_owner(self):
        release = self.client.register_script(RELEASE)
        self.assertTrue(self.client.set("lock", "first", nx=True, px=LEASE_MS))
        self.assertIsNone(self.client.set("lock", "second", nx=True, px=LEASE_MS))
        self.assertEqual(release(keys=["lock"], args=["second"]), 0)
        self.assertEqual(self.client.get("lock"), b"first")
        self.assertEqual(release(keys=["lock"], args=["first"]), 1)
        self.assertTrue(self.client.set("lock", "second", nx=True, px=LEASE_MS))

    def test_a_lock_lost_by_expiry_is_not_released_by_its_old_owner(self):
        self.freeze()
        release = self.client.register_script(RELEASE)
        self.assertTrue(self.client.set("lock", "old", nx=True, px=1000))
        self.let_pass(1000, "lock")
        self.assertIsNone(self.client.get("lock"))
        self.assertTrue(self.client.set("lock", "new", nx=True, px=1000))
        self.assertEqual(release(keys=["lock"], args=["old"]), 0)
        self.assertEqual(self.client.get("lock"), b"new")

    def test_the_same_through_redis_cli(self):
        self.freeze()
        script = os.path.join(self.server.directory, "release.lua")
        with open(script, "w", encoding="ascii") as file:
            file.write(RELEASE)
        self.assertEqual(self.cli("SET", "lock", "old", "NX", "PX", "1000"), b"OK")
        self.assertEqual(self.cli("SET", "lock", "new", "NX", "PX", "1000"), b"")
        self.let_pass(1000, "lock")
        self.assertEqual(self.cli("SET", "lock", "new", "NX", "PX", "1000"), b"OK")
        self.assertEqual(self.cli("--eval", script, "lock", ",", "old"), b"0")
        self.assertEqual(self.cli("GET", "lock"), b"new")
        self.assertEqual(self.cli("--eval", script, "lock", ",", "new"), b"1")

    def test_a_lease_renewed_in_time_is_kept(self):
        self.freeze()
        self.client.set("lock", "me", nx=True, px=1000)
        self.let_pass(999, "none")
        self.assertTrue(self.client.set("lock", "me", xx=True, px=1000))
        self.let_pass(999, "none")
        self.assertEqual(self.client.get("lock"), b"me")

    def test_the_lock_of_redis_py(self):
        lock = self.client.lock("named", timeout=60, blocking=False)
        other = self.new_client().lock("named", timeout=60, blocking=False)
        self.assertTrue(lock.acquire())
        self.assertFalse(other.acquire())
        self.assertTrue(lock.owned())
        self.assertTrue(lock.extend(10))
        self.assertTrue(lock.reacquire())
        lock.release()
        self.assertTrue(other.acquire())
        with self.assertRaises(redis.exceptions.LockError):
            lock.release()


if __name__ == "__main__":
    unittest.main()
