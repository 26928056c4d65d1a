# SPDX-License-Identifier: MIT
"""Locks under fire, by redis-py: what a client library makes of faults and gates."""

import threading
import unittest

import redis
from client_case import RELEASE, ClientCase

from support.testing import understudy_only


def answers(client):
    try:
        return client.ping()
    except redis.TimeoutError:
        return False


class LocksUnderFire(ClientCase):
    def mock(self, *words):
        return self.client.execute_command("MOCK", *words)

    @understudy_only
    def test_a_lock_whose_answer_is_lost_is_held_all_the_same(self):
        self.mock("FAULT", "ADD", "lost", "COMMAND", "set", "KEY", "lock", "CLOSE", "AFTER")
        other = self.new_client()
        with self.assertRaises(redis.ConnectionError):
            other.set("lock", "token", nx=True, px=1000)
        self.mock("FAULT", "CLEAR")
        self.assertIsNone(other.set("lock", "token", nx=True, px=1000))
        self.assertEqual(self.client.get("lock"), b"token")

    @understudy_only
    def test_a_reply_that_never_comes_is_a_timeout(self):
        self.mock("FAULT", "ADD", "lost", "COMMAND", "incr*", "TIMES", "1", "NOREPLY", "AFTER")
        other = self.new_client(socket_timeout=0.1)
        while not answers(other):
            pass  # on a busy machine even that may take longer
        with self.assertRaises(redis.TimeoutError):
            other.incr("n")
        while self.client.get("n") is None:
            pass
        self.assertEqual(self.client.get("n"), b"1")

    @understudy_only
    def test_a_forgotten_script_is_loaded_again(self):
        script = self.client.register_script(RELEASE)
        self.client.set("lock", "token")
        self.mock("CALLS", "ON")
        self.mock("FAULT", "ADD", "gone", "COMMAND", "evalsha", "TIMES", "1", "NOSCRIPT")
        self.assertEqual(script(keys=["lock"], args=["token"]), 1)
        self.assertEqual(self.mock("COUNT", "COMMAND", "evalsha"), 2)
        self.assertEqual(self.mock("COUNT", "COMMAND", "script|load"), 1)

    @understudy_only
    def test_errors_have_the_classes_of_redis(self):
        for action, error in (
            ("READONLY", redis.exceptions.ReadOnlyError),
            ("LOADING", redis.exceptions.BusyLoadingError),
            ("OOM", redis.exceptions.ResponseError),
        ):
            self.mock("FAULT", "ADD", "f", "COMMAND", "set", action)
            with self.assertRaises(error):
                self.new_client(retry=None).set("k", "v")

    @understudy_only
    def test_an_expired_lock_is_not_released_by_its_old_owner(self):
        for _ in range(20):
            self.mock("CLOCK", "FREEZE")
            lock = self.new_client().lock("lock", timeout=10, thread_local=False)
            self.assertTrue(lock.acquire(blocking=False))
            self.mock("GATE", "ADD", "release", "COMMAND", "eval*", "KEY", "lock")
            problems = []

            def release():
                try:
                    lock.release()
                except redis.exceptions.LockNotOwnedError as problem:
                    problems.append(problem)

            thread = threading.Thread(target=release)
            thread.start()
            self.mock("GATE", "WAIT", "release", 60000)
            self.mock("CLOCK", "ADVANCE", 10000)
            self.assertTrue(self.client.set("lock", "other", nx=True, px=10000))
            self.mock("GATE", "OPEN", "release")
            thread.join()
            self.assertEqual(len(problems), 1)
            self.assertEqual(self.mock("CHECK", "lock", "other"), b"OK")
            self.mock("RESET")


if __name__ == "__main__":
    unittest.main()
