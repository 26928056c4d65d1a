# SPDX-License-Identifier: MIT
"""What INFO counts when scripts fail, and what redis.call makes of each type of reply, beside the
oracle's."""

import re
import unittest

from support.servers import ORACLE, Server
from support.testing import ServerCase

SHEBANG = "#!lua\n"
MISSING = "f" * 40

# Each with its setting: one that must leave no trace in the counts of another.
FAILURES = {
    "an unknown command": [("EVAL", "return redis.call('nosuch')", "0")],
    "an unknown command, caught": [("EVAL", "return redis.pcall('nosuch').err", "0")],
    "an unknown command, returned": [("EVAL", "return redis.pcall('nosuch')", "0")],
    "an unknown subcommand": [("EVAL", "return redis.call('object', 'nosuch', 'k')", "0")],
    "arity": [("EVAL", "return redis.call('get')", "0")],
    "arity, caught": [("EVAL", "redis.pcall('get') return 1", "0")],
    "arity, returned": [("EVAL", "return redis.pcall('get')", "0")],
    "arity of a subcommand": [("EVAL", "return redis.call('object', 'encoding')", "0")],
    "not allowed": [("EVAL", "return redis.call('subscribe', 'c')", "0")],
    "not allowed, caught": [("EVAL", "redis.pcall('subscribe', 'c') return 1", "0")],
    "no command": [("EVAL", "return redis.call()", "0")],
    "no command, caught": [("EVAL", "redis.pcall() return 1", "0")],
    "no command, returned": [("EVAL", "return redis.pcall()", "0")],
    "a table for an argument": [("EVAL", "return redis.call('get', {})", "0")],
    "a write of EVAL_RO": [("EVAL_RO", "return redis.call('set', 'k', 1)", "0")],
    "a write of EVAL_RO, caught": [("EVAL_RO", "redis.pcall('set', 'k', 1) return 1", "0")],
    "a write of EVALSHA_RO": [
        ("SCRIPT", "LOAD", "return redis.call('set', 'k', 1)"),
        ("EVALSHA_RO", "54100b1a82e8e6afe3e6a087f77ca8352368df62", "0"),
    ],
    "a write with no-writes": [("EVAL", "#!lua flags=no-writes\nreturn redis.call('set', 'k', 1)", "0")],
    "EVAL_RO of a script that writes": [("EVAL_RO", SHEBANG + "return 1", "0")],
    "a shebang that is wrong": [("EVAL", "#!lua flags=nosuch\nreturn 1", "0")],
    "another engine": [("EVAL", "#!perl\nreturn 1", "0")],
    "NOSCRIPT": [("EVALSHA", MISSING, "0")],
    "NOSCRIPT, of a script": [("EVAL", "return redis.call('evalsha', '%s', 0)" % MISSING, "0")],
    "a syntax error": [("EVAL", "return (", "0")],
    "a syntax error, loaded": [("SCRIPT", "LOAD", "return (")],
    "arity of EVAL": [("EVAL", "return 1")],
    "too many keys": [("EVAL", "return 1", "2", "k")],
    "no number of keys": [("EVAL", "return 1", "x")],
    "a runtime error": [("EVAL", "local x = nil return x.y", "0")],
    "a text that is raised": [("EVAL", "error('no')", "0")],
    "a table that is raised": [("EVAL", "error({err = 'CODE no'})", "0")],
    "a runtime error, caught": [("EVAL", "pcall(error, 'no') return 1", "0")],
    "error_reply, returned": [("EVAL", "return redis.error_reply('CODE no')", "0")],
    "error_reply of a word, returned": [("EVAL", "return redis.error_reply('no')", "0")],
    "error_reply, made": [("EVAL", "redis.error_reply('CODE no') return 1", "0")],
    "error_reply, raised": [("EVAL", "error(redis.error_reply('CODE no'))", "0")],
    "error_reply, nested": [("EVAL", "return {redis.error_reply('CODE no'), 1, {err = 'OTHER no'}}", "0")],
    "a table with err": [("EVAL", "return {err = 'CODE no'}", "0")],
    "a command's error": [("SET", "k", "v"), ("EVAL", "return redis.call('lpush', 'k', 1)", "0")],
    "a command's error, caught": [
        ("SET", "k", "v"),
        ("EVAL", "redis.pcall('lpush', 'k', 1) return 1", "0"),
    ],
    "a command's error, returned": [("SET", "k", "v"), ("EVAL", "return redis.pcall('lpush', 'k', 1)", "0")],
    "a command's error, caught by pcall": [
        ("SET", "k", "v"),
        ("EVAL", "local _, e = pcall(redis.call, 'lpush', 'k', 1) return e", "0"),
    ],
    "a command's error, raised again": [
        ("SET", "k", "v"),
        ("EVAL", "local e = redis.pcall('lpush', 'k', 1) error(e)", "0"),
    ],
    "a command's error, raised as text": [
        ("SET", "k", "v"),
        ("EVAL", "local e = redis.pcall('lpush', 'k', 1) error(e.err)", "0"),
    ],
    "two commands' errors": [
        ("SET", "k", "v"),
        ("EVAL", "redis.pcall('lpush', 'k', 1) return redis.call('incr', 'k')", "0"),
    ],
    "a function of the API": [("EVAL", "redis.setresp(9)", "0")],
    "a function of the API, caught": [("EVAL", "pcall(redis.setresp, 9) return 1", "0")],
    "SCRIPT KILL": [("SCRIPT", "KILL")],
    "in a transaction": [
        ("MULTI",),
        ("EVAL", "return redis.call('nosuch')", "0"),
        ("EVALSHA", MISSING, "0"),
        ("EXEC",),
    ],
    "FCALL of nothing": [("FCALL", "nosuch", "0")],
    "FCALL_RO of a function that writes": [
        ("FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() return 1 end)"),
        ("FCALL_RO", "f", "0"),
    ],
    "FCALL that fails": [
        ("FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() error('no') end)"),
        ("FCALL", "f", "0"),
    ],
    "FUNCTION LOAD that fails": [("FUNCTION", "LOAD", "#!lua name=l\nerror('no')")],
}

# While memory is short. What is caught and what is not are different paths.
SHORT_OF_MEMORY = {
    "a write": [("EVAL", "return redis.call('set', 'k', 1)", "0")],
    "a write, caught": [("EVAL", "redis.pcall('set', 'k', 1) return 1", "0")],
    "a write, returned": [("EVAL", "return redis.pcall('set', 'k', 1)", "0")],
    "a write behind another": [("EVAL", "redis.call('del', 'k') return redis.call('set', 'k', 1)", "0")],
    "a script that says nothing of memory": [("EVAL", SHEBANG + "return 1", "0")],
    "the same by its SHA-1": [
        ("SCRIPT", "LOAD", SHEBANG + "return 1"),
        ("EVALSHA", "cb70127618f0b0be70c53cf6bfcfa54a29d9b0c0", "0"),
    ],
    "one that may": [("EVAL", "#!lua flags=allow-oom\nreturn redis.call('set', 'k', 1)", "0")],
    "one that does not write": [("EVAL", "#!lua flags=no-writes\nreturn redis.call('get', 'k')", "0")],
    "a transaction": [("MULTI",), ("EVAL", SHEBANG + "return 1", "0"), ("EXEC",)],
    "a syntax error": [("EVAL", SHEBANG + "return (", "0")],
    "too many keys": [("EVAL", SHEBANG + "return 1", "2", "k")],
    "EVAL_RO": [("EVAL_RO", SHEBANG + "return 1", "0")],
    "a function": [("FCALL", "f", "0")],
    "a function, read only": [("FCALL_RO", "f", "0")],
    "a function that is not there": [("FCALL", "nosuch", "0")],
}
LIBRARY = "#!lua name=l\nredis.register_function('f', function() return redis.call('set', 'k', 1) end)"

TYPES = ("string", "integer", "double", "null", "array", "set", "map", "attrib", "push", "verbatim",
         "true", "false", "bignum")  # fmt: skip

# Every value as text, with the type that Lua gives it.
DESCRIBE = """
local function describe(value)
    if type(value) ~= 'table' then return type(value) .. ':' .. tostring(value) end
    local parts = {}
    for key, item in pairs(value) do parts[#parts + 1] = describe(key) .. '=' .. describe(item) end
    table.sort(parts)
    return '{' .. table.concat(parts, ' ') .. '}'
end
"""


class ScriptStatistics(ServerCase):
    options = ("--emulate", "7.0", "--enable-debug-command", "yes", "--maxmemory-policy", "noeviction")

    @classmethod
    def setUpClass(cls):
        cls.oracle = Server(ORACLE, cls.options[2:]).start()

    @classmethod
    def tearDownClass(cls):
        cls.oracle.stop()

    def setUp(self):
        super().setUp()
        theirs = self.oracle.connect(2)
        self.addCleanup(theirs.close)
        self.clients = {"here": self.connect(), "oracle": theirs}

    def counts(self, client):
        """The counts of INFO, without times."""
        stats = client.value("INFO", "commandstats", "errorstats", "stats").decode()
        found = re.findall(r"^(cmdstat_\S+|errorstat_\S+|total_error_replies):(.*)\r$", stats, re.M)
        return sorted(
            "%s %s" % (name, re.sub(r"usec=\d+,usec_per_call=[\d.]+,", "", value))
            for name, value in found
        )

    def seen(self, client, settings, commands):
        client.value("FLUSHALL")
        client.value("FUNCTION", "FLUSH")
        client.value("SCRIPT", "FLUSH")
        for command in settings:
            client.value(*command)
        client.value("CONFIG", "RESETSTAT")
        replies = [str(client.command(*command)) for command in commands]
        counts = self.counts(client)
        client.value("CONFIG", "SET", "maxmemory", "0")
        return replies, counts

    def compare(self, sequences, settings=()):
        for name, commands in sequences.items():
            with self.subTest(name):
                here, oracle = (
                    self.seen(self.clients[server], settings, commands)
                    for server in ("here", "oracle")
                )
                self.assertEqual(here[0], oracle[0])
                self.assertEqual(here[1], oracle[1])

    def test_failing_scripts_count_as_in_redis(self):
        self.compare(FAILURES)

    def test_scripts_that_lack_memory_count_as_in_redis(self):
        settings = (("FUNCTION", "LOAD", LIBRARY), ("CONFIG", "SET", "maxmemory", "1"))
        self.compare(SHORT_OF_MEMORY, settings)

    def test_each_type_of_reply_becomes_what_redis_makes_of_it(self):
        for protocol in ("2", "3"):
            for name in TYPES:
                with self.subTest(name, setresp=protocol):
                    call = "redis.setresp(%s) local value = redis.call('debug', 'protocol', '%s')"
                    call %= (protocol, name)
                    for script in (DESCRIBE + call + " return describe(value)", call + " return value"):
                        here, oracle = (
                            str(client.command("EVAL", script, "0")) for client in self.clients.values()
                        )
                        self.assertEqual(here, oracle)


if __name__ == "__main__":
    unittest.main()
