# SPDX-License-Identifier: MIT
"""Functions from outside: payloads exchanged with redis-server, and a function that does not end."""

import random

from support.resp import encode_command
from support.testing import ExchangeCase, ServerCase, understudy_only

ROUNDS = 20
BUSY = "BUSY Redis is busy running a script. You can only call %s KILL or SHUTDOWN NOSAVE."
KILLED = "ERR Script killed by user with SCRIPT KILL... script: %s, on @user_function:"


def library(name, *functions, comment=""):
    lines = ["#!lua name=" + name, "-- " + comment]
    lines += ["redis.register_function('%s', function(keys, args) %s end)" % pair for pair in functions]
    return "\n".join(lines)


class FunctionExchange(ExchangeCase):
    def setUp(self):
        self.rng = random.Random(self.id())
        for side in (self.ours, self.theirs):
            side.value("FUNCTION", "FLUSH")

    def random_libraries(self):
        """Codes of different sizes, some of which LZF makes smaller."""
        count = self.rng.choice((0, 1, 2, 5, 40))
        for i in range(count):
            comment = self.rng.choice(("", "a" * 300, "\xe9\x01" * 9, "word " * 5000, "%x" % self.rng.getrandbits(2000)))
            yield library("l%d" % i, ("f%d" % i, "return %d" % i), ("g%d" % i, "return args"), comment=comment)

    @staticmethod
    def codes(side):
        libraries = side.value("FUNCTION", "LIST", "WITHCODE")
        return sorted(dict(zip(one[::2], one[1::2]))[b"library_code"] for one in libraries)

    def test_payloads_go_both_ways(self):
        for source, target in ((self.ours, self.theirs), (self.theirs, self.ours)):
            for _ in range(ROUNDS):
                source.value("FUNCTION", "FLUSH")
                for code in self.random_libraries():
                    source.value("FUNCTION", "LOAD", code.encode("latin-1"))
                dumped = source.value("FUNCTION", "DUMP")
                self.assertEqual(target.value("FUNCTION", "RESTORE", dumped, "FLUSH"), b"OK")
                self.assertEqual(self.codes(target), self.codes(source))
                for i in range(len(self.codes(target))):
                    self.assertEqual(target.value("FCALL", "f%d" % i, 0), i)

    def test_one_library_has_the_same_payload(self):
        for comment in ("", "b" * 20, "c" * 100, "d" * 20000):
            code = library("l", ("f", "return 1"), comment=comment)
            payloads = []
            for side in (self.ours, self.theirs):
                side.value("FUNCTION", "LOAD", "REPLACE", code)
                payloads.append(side.value("FUNCTION", "DUMP"))
            self.assertEqual(*payloads)


class BusyFunction(ServerCase):
    options = ("--busy-reply-threshold", "20")

    def load(self, body):
        self.assertEqual(self.caller.value("FUNCTION", "LOAD", "REPLACE", library("l", ("f", body))), b"l")

    def setUp(self):
        super().setUp()
        self.caller = self.connect()
        self.other = self.connect()

    def error(self, *command):
        reply = self.other.command(*command)
        self.assertEqual(reply.kind, "error")
        return reply.value.decode()

    def await_busy(self, word):
        while self.other.command("PING").kind != "error":
            pass
        self.assertEqual(self.error("PING"), BUSY % word)

    def start(self, *command):
        self.caller.send(encode_command(command))

    def test_a_function_is_killed_whatever_it_catches(self):
        for body in (
            "while true do end",
            "while true do pcall(function() while true do end end) end",
            "coroutine.wrap(function() while true do end end)()",
            "while true do local c = coroutine.create(function() while true do end end) coroutine.resume(c) end",
        ):
            self.load(body)
            self.start("FCALL", "f", "1", "k", "a")
            self.await_busy("FUNCTION")
            self.assertEqual(self.error("SCRIPT", "KILL"), BUSY % "FUNCTION")
            running = self.other.value("FUNCTION", "STATS")[1]
            self.assertEqual(running[:5], [b"name", b"f", b"command", [b"FCALL", b"f", b"1", b"k", b"a"], b"duration_ms"])
            self.assertGreaterEqual(running[5], 20)
            self.assertEqual(self.other.value("FUNCTION", "KILL"), b"OK")
            self.assertIn(KILLED % "f", self.caller.read().value.decode())
        self.assertIn("NOTBUSY", self.error("FUNCTION", "KILL"))

    def test_a_script_is_killed_by_the_other_command(self):
        self.start("EVAL", "while true do end", "0")
        self.await_busy("SCRIPT")
        self.assertEqual(self.error("FUNCTION", "KILL"), BUSY % "SCRIPT")
        self.assertEqual(self.error("FUNCTION", "STATS"), BUSY % "SCRIPT")
        self.assertEqual(self.other.value("SCRIPT", "KILL"), b"OK")
        self.assertEqual(self.caller.read().kind, "error")

    def test_a_function_that_wrote_goes_on(self):
        self.load("redis.call('set', 'k', 'v') while true do end")
        self.start("FCALL", "f", "0")
        self.await_busy("FUNCTION")
        self.assertIn("UNKILLABLE", self.error("FUNCTION", "KILL"))
        self.assertIn("UNKILLABLE", self.error("SCRIPT", "KILL"))
        self.other.send(b"SHUTDOWN NOSAVE\r\n")


class KeptFunctions(ServerCase):
    options = ("--enable-debug-command", "yes")

    def info(self, connection):
        lines = connection.value("INFO", "memory").decode().splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def test_they_outlive_the_data(self):
        connection = self.connect()
        connection.value("FUNCTION", "LOAD", library("l", ("f", "return 1"), ("g", "return 2")))
        connection.value("FUNCTION", "LOAD", library("m", ("h", "return 3")))
        for command in ("FLUSHALL",), ("DEBUG", "RELOAD"), ("SCRIPT", "FLUSH"):
            self.assertEqual(connection.value(*command), b"OK")
            self.assertEqual(connection.value("FCALL", "f", 0), 1)
        info = self.info(connection)
        self.assertEqual((info["number_of_libraries"], info["number_of_functions"]), ("2", "3"))
        self.assertGreater(int(info["used_memory_vm_functions"]), 0)
        self.assertGreater(int(info["used_memory_functions"]), 0)

    @understudy_only
    def test_a_reset_removes_them(self):
        connection = self.connect()
        connection.value("FUNCTION", "LOAD", library("l", ("f", "return 1")))
        self.assertEqual(connection.value("MOCK", "RESET"), b"OK")
        self.assertEqual(connection.value("FUNCTION", "LIST"), [])
        self.assertEqual(self.info(connection)["number_of_functions"], "0")
