# SPDX-License-Identifier: MIT
"""Values sent both ways between the program and redis-server, through DUMP and RESTORE."""

import random
import struct

from support.testing import ExchangeCase

RDB_VERSION = 10
SANITIZE = ["--sanitize-dump-payload", "yes"]
ROUNDS = 25


def crc64_of_byte(crc):
    for _ in range(8):
        crc = crc >> 1 ^ (0x95AC9329AC4BC9B5 if crc & 1 else 0)
    return crc


CRC64_OF_BYTES = [crc64_of_byte(byte) for byte in range(256)]


def crc64(data):
    """CRC-64 of Jones, reflected."""
    crc = 0
    for byte in data:
        crc = crc >> 8 ^ CRC64_OF_BYTES[(crc ^ byte) & 0xFF]
    return crc


def payload(body, version=RDB_VERSION):
    data = body + struct.pack("<H", version)
    return data + struct.pack("<Q", crc64(data))


def length(value):
    if value < 64:
        return bytes([value])
    if value < 16384:
        return struct.pack(">H", 0x4000 | value)
    return b"\x80" + struct.pack(">I", value)


def string(text):
    return length(len(text)) + text


def ziplist(texts):
    """What a server before 7.0 packed its small collections in."""
    entries = b""
    previous = b""
    offset = 10
    for text in texts:
        offset += len(previous)
        size = len(previous)
        entry = bytes([size]) if size < 254 else b"\xfe" + struct.pack("<I", size)
        entry += ziplist_text(text)
        entries += entry
        previous = entry
    count = len(texts) if len(texts) < 65535 else 65535
    return struct.pack("<IIH", 11 + len(entries), offset, count) + entries + b"\xff"


def ziplist_text(text):
    try:
        number = int(text)
    except ValueError:
        number = None
    if number is not None and str(number).encode() == text:
        return ziplist_number(number)
    if len(text) < 64:
        return bytes([len(text)]) + text
    if len(text) < 16384:
        return struct.pack(">H", 0x4000 | len(text)) + text
    return b"\x80" + struct.pack(">I", len(text)) + text


def ziplist_number(number):
    if 0 <= number <= 12:
        return bytes([0xF1 + number])
    if -128 <= number <= 127:
        return b"\xfe" + struct.pack("<b", number)
    if -32768 <= number <= 32767:
        return b"\xc0" + struct.pack("<h", number)
    if -8388608 <= number <= 8388607:
        return b"\xf0" + struct.pack("<i", number)[:3]
    if -(1 << 31) <= number < 1 << 31:
        return b"\xd0" + struct.pack("<i", number)
    return b"\xe0" + struct.pack("<q", number)


def random_text(rng):
    kind = rng.randrange(10)
    if kind < 4:
        return str(rng.randrange(-(1 << rng.randrange(1, 63)), 1 << rng.randrange(1, 63))).encode()
    if kind == 4:
        return b""
    if kind == 5:
        return b"abc" * rng.randrange(rng.choice([20, 20, 20, 3000]))
    return bytes(rng.randrange(256) for _ in range(rng.randrange(70)))


def random_texts(rng):
    count = rng.choice([1, 2, 5, 20, 200, 600])
    return [random_text(rng) for _ in range(count)]


class DumpExchange(ExchangeCase):
    oracle_options = SANITIZE

    def setUp(self):
        self.rng = random.Random(self.id())
        for side in (self.ours, self.theirs):
            side.value("FLUSHALL")

    def content(self, side, key):
        kind = side.value("TYPE", key)
        if kind == b"list":
            return side.value("LRANGE", key, 0, -1)
        if kind == b"hash":
            return sorted(zip(*[iter(side.value("HGETALL", key))] * 2))
        return side.value("GET", key)

    def assert_same(self, key):
        self.assertEqual(self.content(self.ours, key), self.content(self.theirs, key))
        encodings = [side.value("OBJECT", "ENCODING", key) for side in (self.ours, self.theirs)]
        self.assertEqual(encodings[0], encodings[1])

    def exchange(self, make):
        """A value made by each side is restored by the other."""
        for source, target in ((self.ours, self.theirs), (self.theirs, self.ours)):
            for _ in range(ROUNDS):
                self.ours.value("DEL", "key")
                self.theirs.value("DEL", "key")
                for command in make():
                    source.value(*command)
                dumped = source.value("DUMP", "key")
                self.assertEqual(target.value("RESTORE", "key", 0, dumped), b"OK")
                self.assert_same("key")

    def restore_on_both(self, body, expected=None):
        data = payload(body)
        answers = [
            side.value("RESTORE", "key", 0, data, "REPLACE") for side in (self.ours, self.theirs)
        ]
        self.assertEqual(answers, [b"OK", b"OK"])
        self.assert_same("key")
        if expected is not None:
            self.assertEqual(self.content(self.ours, "key"), expected)

    def test_lists_go_both_ways(self):
        def make():
            yield ["RPUSH", "key"] + random_texts(self.rng)

        self.exchange(make)

    def test_hashes_go_both_ways(self):
        def make():
            texts = random_texts(self.rng)
            yield ["HSET", "key"] + texts + texts[: len(texts) % 2] + [b"a", b"1"]

        self.exchange(make)

    def test_small_values_have_the_same_dump(self):
        for _ in range(ROUNDS):
            texts = [random_text(self.rng)[:60] for _ in range(20)]
            dumps = []
            for side in (self.ours, self.theirs):
                side.value("DEL", "list", "hash")
                side.value("RPUSH", "list", *texts)
                side.value("HSET", "hash", *texts)
                dumps.append([side.value("DUMP", "list"), side.value("DUMP", "hash")])
            self.assertEqual(dumps[0], dumps[1])

    def test_lists_of_older_servers_are_restored(self):
        for _ in range(ROUNDS):
            texts = random_texts(self.rng)
            halves = [half for half in (texts[: len(texts) // 2], texts[len(texts) // 2 :]) if half]
            plain = length(len(texts)) + b"".join(string(text) for text in texts)
            nodes = length(len(halves)) + b"".join(string(ziplist(half)) for half in halves)
            self.restore_on_both(b"\x01" + plain, texts)
            self.restore_on_both(b"\x0a" + string(ziplist(texts)), texts)
            self.restore_on_both(b"\x0e" + nodes, texts)

    def test_hashes_of_older_servers_are_restored(self):
        for _ in range(ROUNDS):
            pairs = {text: random_text(self.rng) for text in random_texts(self.rng)}
            texts = [text for pair in pairs.items() for text in pair]
            plain = length(len(pairs)) + b"".join(string(text) for text in texts)
            self.restore_on_both(b"\x04" + plain, sorted(pairs.items()))
            self.restore_on_both(b"\x0d" + string(ziplist(texts)), sorted(pairs.items()))

    def test_plain_nodes_are_restored(self):
        texts = [b"x" * 100000, b"y" * 10]
        nodes = b"".join(b"\x01" + string(text) for text in texts)
        self.restore_on_both(b"\x12" + length(len(texts)) + nodes, texts)

    def test_corrupt_values_are_refused(self):
        pair = string(b"f") + string(b"v")
        good = ziplist([b"f", b"v"])
        for body in (
            b"\x01" + length(0),
            b"\x01" + length(2) + string(b"a"),
            b"\x04" + length(0),
            b"\x04" + length(2) + pair,
            b"\x0a" + string(ziplist([])),
            b"\x0d" + string(good[:-1]),
            b"\x0d" + string(good[:8] + b"\x05\x00" + good[10:]),
            b"\x0d" + string(b"\x00" * 20),
            b"\x10" + string(b"\x07\x00\x00\x00\x00\x00\xff"),
            b"\x10" + string(b"\x08\x00\x00\x00\x00\x00\xff"),
            b"\x12" + length(1) + b"\x03" + string(b"x"),
            b"\x12" + length(1) + b"\x02" + string(b"x"),
        ):
            for side in (self.ours, self.theirs):
                with self.assertRaisesRegex(RuntimeError, "^ERR Bad data format$"):
                    side.value("RESTORE", "key", 0, payload(body))
