# SPDX-License-Identifier: MIT
"""RDB files as other versions of Redis write them, made here byte by byte: 6.2 (RDB 9) and 7.2 (RDB 11)."""

import os
import struct
import tempfile
import unittest

from support.servers import ORACLE, Server, needs_oracle
from support.testing import binary, run_program, understudy_only

DEADLINE = 4102444800000


def length(number):
    if number < 64:
        return bytes([number])
    if number < 1 << 14:
        return bytes([0x40 | number >> 8, number & 255])
    return b"\x80" + struct.pack(">I", number)


def text(data):
    return length(len(data)) + data


def double(value):
    return struct.pack("<d", value)


def ziplist(items):
    """Entries: how long the one before is, an encoding, the data. Numbers of 0 to 12 are in the encoding."""
    body, before, tail = b"", 0, 10
    for item in items:
        if isinstance(item, int) and 0 <= item <= 12:
            data = bytes([0xF1 + item])
        elif isinstance(item, int) and -128 <= item < 128:
            data = b"\xfe" + struct.pack("<b", item)
        elif isinstance(item, int) and -(1 << 15) <= item < 1 << 15:
            data = b"\xc0" + struct.pack("<h", item)
        elif isinstance(item, int):
            data = b"\xe0" + struct.pack("<q", item)
        elif len(item) < 64:
            data = bytes([len(item)]) + item
        else:
            data = bytes([0x40 | len(item) >> 8, len(item) & 255]) + item
        tail = 10 + len(body)
        prefix = bytes([before]) if before < 254 else b"\xfe" + struct.pack("<I", before)
        body += prefix + data
        before = len(prefix + data)
    return struct.pack("<IIH", 11 + len(body), tail, len(items)) + body + b"\xff"


def listpack(items):
    """Entries: an encoding, the data, and their length backwards."""
    body = b""
    for item in items:
        if isinstance(item, int) and 0 <= item < 128:
            data = bytes([item])
        elif isinstance(item, int) and -4096 <= item < 4096:
            data = bytes([0xC0 | (item & 0x1FFF) >> 8, item & 255])
        elif isinstance(item, int):
            data = b"\xf4" + struct.pack("<q", item)
        elif len(item) < 64:
            data = bytes([0x80 | len(item)]) + item
        else:
            data = bytes([0xE0 | len(item) >> 8, len(item) & 255]) + item
        size = len(data)
        body += data + (bytes([size]) if size < 128 else bytes([size >> 7, size & 127 | 128]))
    return struct.pack("<IH", 7 + len(body), len(items)) + body + b"\xff"


def intset(numbers):
    return struct.pack("<II", 8, len(numbers)) + b"".join(struct.pack("<q", n) for n in sorted(numbers))


def stream(version):
    """Two entries, 5-1 and 5-2, of the fields f and g; a group with one pending entry."""
    node = listpack([
        2, 0, 2, b"f", b"g", 0,
        2, 0, 0, b"v1", 1, 5,
        2, 0, 1, b"v2", b"w2", 5,
    ])  # fmt: skip
    data = length(1) + text(struct.pack(">QQ", 5, 1)) + text(node) + length(2) + length(5) + length(2)
    if version >= 2:
        data += length(5) + length(1) + length(0) + length(0) + length(2)  # first, deleted, ever added
    data += length(1) + text(b"group") + length(5) + length(1)
    if version >= 2:
        data += length(1)  # entries read
    data += length(1) + struct.pack(">QQ", 5, 1) + struct.pack("<Q", 1700000000000) + length(3)
    data += length(1) + text(b"bob") + struct.pack("<Q", 1700000000000)
    if version >= 3:
        data += struct.pack("<Q", 1700000000001)  # when it was active last
    return data + length(1) + struct.pack(">QQ", 5, 1)


def rdb(version, redis, keys):
    """A file with one database; its checksum is zero, which is none."""
    data = b"REDIS%04d" % version + b"\xfa" + text(b"redis-ver") + text(redis) + b"\xfa" + text(b"redis-bits") + b"\xc0\x40"
    data += b"\xfe" + length(3) + b"\xfb" + length(len(keys)) + length(1)
    for name, (kind, value, *deadline) in keys.items():
        if deadline:
            data += b"\xfc" + struct.pack("<Q", deadline[0])
        data += bytes([kind]) + text(name) + value
    return data + b"\xff" + bytes(8)


LONG = b"x" * 300
OLD = rdb(9, b"6.2.14", {
    b"plain": (0, text(b"hello")),
    b"number": (0, b"\xc1\x39\x30", DEADLINE),
    b"packed": (0, b"\xc3\x05\x40\x64\x00a\xe0\x5a\x00"),
    b"list": (14, length(2) + text(ziplist([b"a", 5, -3])) + text(ziplist([12345, LONG, 1 << 40, b"z"]))),
    b"older": (10, text(ziplist([b"one", b"two"]))),
    b"hash": (13, text(ziplist([b"f", b"v", b"n", 7]))),
    b"sorted": (12, text(ziplist([b"a", 1, b"b", b"2.5"]))),
    b"table": (4, length(1) + text(b"f") + text(LONG)),
    b"set": (2, length(2) + text(b"a") + text(b"b")),
    b"ints": (11, text(intset([3, -1, 1 << 40]))),
    b"index": (5, length(2) + text(b"m") + double(1.5) + text(b"n") + double(-2)),
    b"stream": (15, stream(1)),
})  # fmt: skip
NEW = rdb(11, b"7.2.4", {
    b"list": (18, length(2) + length(2) + text(listpack([b"a", 5, -3, 12345])) + length(1) + text(LONG)),
    b"hash": (16, text(listpack([b"f", b"v", b"n", 7]))),
    b"sorted": (17, text(listpack([b"a", 1, b"b", b"2.5"]))),
    b"set": (20, text(listpack([b"a", 77, b"c"]))),
    b"stream": (21, stream(3), DEADLINE),
})  # fmt: skip
VALUES = {
    OLD: {
        ("GET", "plain"): b"hello",
        ("GET", "number"): b"12345",
        ("PEXPIRETIME", "number"): DEADLINE,
        ("LRANGE", "list", "0", "-1"): [b"a", b"5", b"-3", b"12345", LONG, b"1099511627776", b"z"],
        ("LRANGE", "older", "0", "-1"): [b"one", b"two"],
        ("HGETALL", "hash"): [b"f", b"v", b"n", b"7"],
        ("OBJECT", "ENCODING", "hash"): b"listpack",
        ("ZRANGE", "sorted", "0", "-1", "WITHSCORES"): [b"a", b"1", b"b", b"2.5"],
        ("HGETALL", "table"): [b"f", LONG],
        ("SISMEMBER", "set", "b"): 1,
        ("SMEMBERS", "ints"): [b"-1", b"3", b"1099511627776"],
        ("ZRANGE", "index", "0", "-1", "WITHSCORES"): [b"n", b"-2", b"m", b"1.5"],
        ("XLEN", "stream"): 2,
        ("DBSIZE",): 12,
    },
    NEW: {
        ("LRANGE", "list", "0", "-1"): [b"a", b"5", b"-3", b"12345", LONG],
        ("HGETALL", "hash"): [b"f", b"v", b"n", b"7"],
        ("ZRANGE", "sorted", "0", "-1", "WITHSCORES"): [b"a", b"1", b"b", b"2.5"],
        ("SMISMEMBER", "set", "a", "77", "b"): [1, 1, 0],
        ("OBJECT", "ENCODING", "set"): b"listpack",
        ("PEXPIRETIME", "stream"): DEADLINE,
        ("DBSIZE",): 5,
    },
}
STREAM = {
    ("XRANGE", "stream", "-", "+"): [[b"5-1", [b"f", b"v1", b"g", b"1"]], [b"5-2", [b"f", b"v2", b"g", b"w2"]]],
    ("XPENDING", "stream", "group"): [1, b"5-1", b"5-1", [[b"bob", b"1"]]],
}


class RdbVersionsCase(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="understudy-test-")
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def write(self, data):
        with open(os.path.join(self.directory, "dump.rdb"), "wb") as file:
            file.write(data)

    def loaded(self, program, *options, emulate=None):
        server = Server(program, ("--dir", self.directory) + options, emulate=emulate).start()
        self.addCleanup(server.stop)
        connection = server.connect()
        self.addCleanup(connection.close)
        connection.value("SELECT", "3")
        return connection

    def check(self, connection, data):
        for command, expected in list(VALUES[data].items()) + list(STREAM.items()):
            with self.subTest(command=command):
                self.assertEqual(connection.value(*command), expected)

    @understudy_only
    def test_files_of_6_2_are_loaded(self):
        self.write(OLD)
        connection = self.loaded(binary())
        self.check(connection, OLD)
        self.assertEqual(connection.value("GET", "packed"), b"a" * 100)

    @understudy_only
    def test_files_of_7_2_are_loaded(self):
        self.write(NEW)
        connection = self.loaded(binary())
        self.check(connection, NEW)
        consumer = connection.value("XINFO", "CONSUMERS", "stream", "group")[0]
        self.assertGreater(consumer[consumer.index(b"inactive") + 1], 1000)

    @needs_oracle
    @understudy_only
    def test_redis_takes_the_same_file_of_6_2(self):
        self.write(OLD)
        digests = []
        for program in (ORACLE, binary()):
            connection = self.loaded(program, "--enable-debug-command", "yes", emulate="7.0")
            digests.append(connection.value("DEBUG", "DIGEST"))
        self.assertEqual(*digests)

    @understudy_only
    def test_damage_ends_the_start_with_one_line(self):
        for name, data in (("short", OLD[:-40]), ("type", OLD.replace(b"\x0d\x04hash", b"\x6d\x04hash")), ("text", b"hello"),
                           ("version", b"REDIS0099" + OLD[9:]), ("sum", NEW[:-8] + b"12345678")):  # fmt: skip
            with self.subTest(name=name):
                self.write(data)
                done = run_program("--port", "0", "--dir", self.directory)
                self.assertEqual(done.returncode, 1)
                lines = done.stderr.decode().splitlines()
                self.assertEqual(len(lines), 1, lines)
                self.assertIn("dump.rdb", lines[0])
