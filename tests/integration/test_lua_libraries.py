# SPDX-License-Identifier: MIT
"""lua/libraries as functions: FUNCTION LOAD and FCALL, on understudy and on redis-server."""

import os
import unittest

from support.servers import ORACLE, Server, is_understudy, needs_oracle
from support.testing import binary

LIBRARIES = os.path.join(os.path.dirname(__file__), "..", "..", "lua", "libraries")
RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"
LOCK = "lock:job"
STATE = ("state:job", "{state:job}:version")
A, B = "token-a", "host:4711"


def source(name):
    with open(os.path.join(LIBRARIES, name + ".lua")) as file:
        return file.read()


class LibraryCase:
    @classmethod
    def setUpClass(cls):
        cls.server = cls.new_server()
        cls.addClassCleanup(cls.server.stop)
        cls.client = cls.server.connect()
        cls.addClassCleanup(cls.client.close)

    def setUp(self):
        self.client.value("FLUSHALL")
        for name in ("lock", "state"):
            self.assertEqual(self.client.value("FUNCTION", "LOAD", "REPLACE", source(name)), name.encode())

    def lock(self, function, *args):
        return self.client.value("FCALL", "lock_" + function, 1, LOCK, *args)

    def state(self, function, *args):
        return self.client.value("FCALL", "state_" + function, 2, *STATE, *args)

    def error(self, *command):
        reply = self.client.command(*command)
        self.assertEqual(reply.kind, "error", reply)
        return reply.value.decode()

    def ttl(self, key):
        return self.client.value("PTTL", key)


class LockFunctions(LibraryCase):
    def test_one_owner_holds_it(self):
        self.assertIsNone(self.lock("owner"))
        self.assertEqual(self.lock("acquire", A, 60000), 1)
        self.assertEqual(self.lock("acquire", B, 60000), 0)
        self.assertEqual(self.lock("owner"), A.encode())
        self.assertEqual(self.client.value("FCALL_RO", "lock_owner", 1, LOCK), A.encode())
        self.assertEqual(self.lock("release", B), -1)
        self.assertEqual(self.lock("extend", B, 1000), 0)
        self.assertGreater(self.ttl(LOCK), 50000)
        self.assertEqual(self.lock("release", A), 0)
        self.assertEqual(self.lock("release", A), -1)
        self.assertEqual(self.client.value("EXISTS", LOCK), 0)

    def test_the_server_counts_how_deep_the_owner_is_in(self):
        for token in (A, B):
            for depth in (1, 2, 3):
                self.assertEqual(self.lock("acquire", token, 60000), depth)
                self.assertEqual(self.lock("owner"), token.encode())
            self.assertEqual(self.lock("acquire", "another", 60000), 0)
            for depth in (2, 1):
                self.client.value("PEXPIRE", LOCK, 30000)
                self.assertEqual(self.lock("release", token), depth)
                self.assertIn(self.ttl(LOCK), range(20000, 30001))
                self.assertEqual(self.lock("acquire", "another", 60000), 0)
            self.assertEqual(self.client.value("GET", LOCK), token.encode())
            self.assertEqual(self.lock("release", token), 0)

    def test_acquiring_again_and_extending_begin_a_lifetime(self):
        self.lock("acquire", A, 1000000)
        self.assertEqual(self.lock("acquire", A, 60000), 2)
        self.assertIn(self.ttl(LOCK), range(50000, 60001))
        self.assertEqual(self.lock("extend", A, 90000), 1)
        self.assertIn(self.ttl(LOCK), range(80000, 90001))
        self.assertEqual(self.lock("release", A), 1)

    def test_it_runs_out(self):
        self.lock("acquire", A, 60000)
        self.lock("acquire", A, 60000)
        self.client.value("PEXPIRE", LOCK, 0)
        self.assertEqual(self.lock("acquire", B, 60000), 1)
        self.assertEqual(self.lock("release", A), -1)
        self.assertEqual(self.lock("extend", A, 1000), 0)
        self.assertEqual(self.lock("owner"), B.encode())

    def test_set_nx_px_and_the_functions_keep_each_other_out(self):
        for token in (A, B, "a:2", "\u00e4 \x01"):
            self.client.value("SET", LOCK, token, "NX", "PX", 60000)
            self.assertEqual(self.lock("acquire", "a", 60000), 0)
            self.assertEqual(self.lock("owner"), token.encode())
            self.assertEqual(self.lock("extend", token, 90000), 1)
            self.assertEqual(self.lock("release", token), 0)
            self.assertEqual(self.lock("acquire", token, 60000), 1)
            self.assertIsNone(self.client.value("SET", LOCK, "other", "NX", "PX", 60000))
            self.assertEqual(self.client.value("EVAL", RELEASE, 1, LOCK, token), 1)

    def test_compare_and_delete_does_not_free_what_is_held_twice(self):
        self.client.value("SET", LOCK, A, "NX", "PX", 60000)
        self.assertEqual(self.lock("acquire", A, 60000), 2)
        self.assertEqual(self.client.value("EVAL", RELEASE, 1, LOCK, A), 0)
        self.assertEqual(self.lock("release", A), 1)
        self.assertEqual(self.client.value("EVAL", RELEASE, 1, LOCK, A), 1)

    def test_wrong_words(self):
        for words in ((), ("",), ("a;depth=2",)):
            for function in ("acquire", "release", "extend"):
                problem = self.error("FCALL", "lock_" + function, 1, LOCK, *words)
                self.assertIn("ERR a lock's token may be neither empty nor end with a depth", problem)
        for lifetime in ((), ("",), ("x",), (0,), (-1,), (1.5,), ("nan",), ("inf",), ("1e300",), (2**53 + 2,)):
            for function in ("acquire", "extend"):
                problem = self.error("FCALL", "lock_" + function, 1, LOCK, A, *lifetime)
                self.assertIn("ERR a lock's lifetime is a whole number of milliseconds, 1 or more", problem)
        self.assertEqual(self.client.value("DBSIZE"), 0)

    def test_another_type_is_refused(self):
        self.client.value("RPUSH", LOCK, "x")
        for words in (("acquire", A, 1000), ("release", A), ("extend", A, 1000), ("owner",)):
            self.assertIn("WRONGTYPE", self.error("FCALL", "lock_" + words[0], 1, LOCK, *words[1:]))

    def test_only_the_owners_name_is_read_only(self):
        self.assertIn("Can not execute a script with write flag", self.error("FCALL_RO", "lock_acquire", 1, LOCK, A, 1))


class StateFunctions(LibraryCase):
    def test_each_saving_has_a_version(self):
        self.assertIsNone(self.state("load"))
        for version in (1, 2, 3):
            self.assertEqual(self.state("save", "value %d" % version), version)
            self.assertEqual(self.state("load"), [b"value %d" % version, version])
        self.assertEqual(self.client.value("FCALL_RO", "state_load", 2, *STATE), [b"value 3", 3])

    def test_saving_on_condition(self):
        self.assertEqual(self.state("save_if_version", "x", 0, 1), [0, 0])
        self.assertEqual(self.state("save_if_version", "x", 0, 0), [1, 1])
        self.assertEqual(self.state("save_if_version", "y", 0, 0), [0, 1])
        self.assertEqual(self.state("save_if_version", "y", 0, 1), [1, 2])
        self.assertEqual(self.state("load"), [b"y", 2])

    def test_deleting(self):
        self.assertEqual(self.state("delete"), 0)
        self.state("save", "x")
        self.state("save", "x")
        self.assertEqual(self.state("delete"), 1)
        self.assertIsNone(self.state("load"))
        self.assertGreater(self.ttl(STATE[1]), 80000000)
        self.assertEqual(self.state("save_if_version", "y", 0, 2), [0, 0])
        self.assertEqual(self.state("save_if_version", "y", 0, 0), [1, 3])
        self.assertEqual(self.ttl(STATE[1]), -1)

    def test_lifetimes(self):
        self.state("save", "x", 60000)
        self.assertIn(self.ttl(STATE[0]), range(50000, 60001))
        self.assertIn(self.ttl(STATE[1]), range(86400000, 86460001))
        self.state("save_if_version", "x", 0, 1)
        self.assertEqual([self.ttl(key) for key in STATE], [-1, -1])

    def test_values_are_bytes(self):
        value = bytes(range(256)) * 100
        self.assertEqual(self.state("save", value), 1)
        self.assertEqual(self.state("load"), [value, 1])
        self.assertEqual(self.state("save", b""), 2)
        self.assertEqual(self.state("load"), [b"", 2])

    def test_a_plain_set_counts_as_version_1(self):
        self.client.value("SET", STATE[0], "x")
        self.assertEqual(self.state("load"), [b"x", 1])
        self.assertEqual(self.state("save_if_version", "y", 0, 1), [1, 2])

    def test_wrong_words(self):
        self.assertIn("ERR a state's value is missing", self.error("FCALL", "state_save", 2, *STATE))
        for lifetime in ("x", "-1", "0.5", "nan", "inf", "1e300"):
            problem = self.error("FCALL", "state_save", 2, *STATE, "x", lifetime)
            self.assertIn("ERR a state's lifetime is a whole number, 0 or more", problem)
        for version in ((), ("x",), ("-1",)):
            problem = self.error("FCALL", "state_save_if_version", 2, *STATE, "x", 0, *version)
            self.assertIn("ERR a state's version is a whole number, 0 or more", problem)
        self.assertEqual(self.client.value("DBSIZE"), 0)

    def test_another_type_is_refused(self):
        self.client.value("RPUSH", STATE[0], "x")
        for words in (("save", "v"), ("save_if_version", "v", 0, 1), ("load",), ("delete",)):
            self.assertIn("WRONGTYPE", self.error("FCALL", "state_" + words[0], 2, *STATE, *words[1:]))
        self.assertEqual(self.client.value("LLEN", STATE[0]), 1)


class OnUnderstudy(LockFunctions, StateFunctions, unittest.TestCase):
    """All of it with every check of scripts: declared keys, one slot, no globals."""

    @classmethod
    def new_server(cls):
        if not is_understudy(binary()):
            raise unittest.SkipTest("of understudy")
        return Server(binary(), ("--script-checks", "error")).start()

    def test_a_lock_runs_out_at_its_millisecond(self):
        self.client.value("MOCK", "CLOCK", "FREEZE")
        self.lock("acquire", A, 1000)
        self.lock("acquire", A, 2000)
        self.lock("release", A)
        self.client.value("MOCK", "CLOCK", "ADVANCE", 1999)
        self.assertEqual(self.lock("acquire", B, 1000), 0)
        self.client.value("MOCK", "CLOCK", "ADVANCE", 1)
        self.assertEqual(self.lock("acquire", B, 1000), 1)
        self.client.value("MOCK", "CLOCK", "RESUME")


@needs_oracle
class OnRedis(LockFunctions, StateFunctions, unittest.TestCase):
    @classmethod
    def new_server(cls):
        server = Server(ORACLE).start()
        with server.connect() as client:
            if client.command("FUNCTION", "LIST").kind == "error":
                server.stop()
                raise unittest.SkipTest("this redis-server has no functions")
        return server


if __name__ == "__main__":
    unittest.main()
