# SPDX-License-Identifier: MIT
"""RESP2 and RESP3 as bytes and as values, and a client that hides nothing.

    connection = Connection(sock)
    connection.raw_command(b"GET", b"k")        # b"$1\\r\\nv\\r\\n"
    connection.command("GET", "k")              # Reply("bulk", b"v")
    connection.exchange(encoded, 100)           # send many, read the raw bytes of 100 replies
"""

import selectors
import socket
import time
from collections import namedtuple

# kind: simple, error, integer, bulk, nil ("$-1"), nil_array ("*-1"), null ("_"), double (its text),
# boolean, big, verbatim (with its "txt:"), array, set, push (tuples of Reply), map (a tuple of pairs),
# attribute ((pairs, the reply that follows)).
Reply = namedtuple("Reply", "kind value")

AGGREGATES = ("array", "set", "push", "map")
SEQUENCE_KINDS = {0x2A: "array", 0x7E: "set", 0x3E: "push"}
LINE_KINDS = {0x2B: "simple", 0x2D: "error", 0x2C: "double", 0x28: "big"}


class ConnectionClosed(Exception):
    """The server closed the connection before a whole reply had come."""


class ReplyTimeout(Exception):
    """No whole reply within the connection's timeout."""


class NotRESP(Exception):
    """Bytes that no RESP value starts with."""


def to_bytes(value):
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    return str(value).encode("utf-8")


def encode_command(args):
    """An array of bulk strings."""
    parts = [b"*%d\r\n" % len(args)]
    for arg in args:
        arg = to_bytes(arg)
        parts.append(b"$%d\r\n%b\r\n" % (len(arg), arg))
    return b"".join(parts)


def reply_end(data, start):
    """The index after the reply that starts at data[start], or -1 while it is incomplete."""
    end = data.find(b"\r\n", start)
    if end < 0:
        return -1
    first = data[start]
    after = end + 2
    if first in b"+-:,_#(":
        return after
    if first in b"$=!":
        size = int(data[start + 1 : end])
        if size < 0:
            return after
        after += size + 2
        return after if after <= len(data) else -1
    if first in b"*~>%|":
        count = int(data[start + 1 : end])
        if first in b"%|":
            count *= 2
        if first == 0x7C:  # an attribute belongs to the reply after it
            count += 1
        for _ in range(count):
            after = reply_end(data, after)
            if after < 0:
                return -1
        return after
    raise NotRESP(bytes(data[start : start + 40]))


def parse_at(data, start):
    end = data.index(b"\r\n", start)
    first = data[start]
    text = bytes(data[start + 1 : end])
    after = end + 2
    if first in LINE_KINDS:
        return Reply(LINE_KINDS[first], text), after
    if first == 0x3A:
        return Reply("integer", int(text)), after
    if first == 0x5F:
        return Reply("null", None), after
    if first == 0x23:
        return Reply("boolean", text == b"t"), after
    size = int(text)
    if first in b"$=!":
        if size < 0:
            return Reply("nil", None), after
        kind = {0x24: "bulk", 0x3D: "verbatim", 0x21: "error"}[first]
        return Reply(kind, bytes(data[after : after + size])), after + size + 2
    if size < 0:
        return Reply("nil_array", None), after
    if first in b"%|":
        pairs = []
        for _ in range(size):
            key, after = parse_at(data, after)
            value, after = parse_at(data, after)
            pairs.append((key, value))
        if first == 0x25:
            return Reply("map", tuple(pairs)), after
        reply, after = parse_at(data, after)
        return Reply("attribute", (tuple(pairs), reply)), after
    items = []
    for _ in range(size):
        item, after = parse_at(data, after)
        items.append(item)
    return Reply(SEQUENCE_KINDS[first], tuple(items)), after


def parse(raw):
    """The value of one whole reply."""
    return parse_at(raw, 0)[0]


def fold(reply):
    """What a RESP2 client would see of a RESP3 reply, by the rules that Redis folds by."""
    kind, value = reply
    if kind in ("array", "set", "push"):
        return Reply("array", tuple(fold(item) for item in value))
    if kind == "map":
        return Reply("array", tuple(fold(item) for pair in value for item in pair))
    if kind == "attribute":
        return fold(value[1])
    if kind in ("double", "big"):
        return Reply("bulk", value)
    if kind == "verbatim":
        return Reply("bulk", value[4:])
    if kind == "boolean":
        return Reply("integer", int(value))
    if kind == "null":
        return Reply("nil", None)
    return reply


def pythonic(reply):
    """Plain Python values: bytes, int, None, list, dict; for tests that don't care about kinds."""
    kind, value = reply
    if kind in ("array", "set", "push"):
        return [pythonic(item) for item in value]
    if kind == "map":
        return {pythonic(k): pythonic(v) for k, v in value}
    if kind == "attribute":
        return pythonic(value[1])
    if kind == "verbatim":
        return value[4:]
    return value


class Connection:
    """A stream to a server. Nothing is decoded, retried or reconnected."""

    def __init__(self, sock, timeout=60.0):
        self.sock = sock
        self.timeout = timeout
        self.buffer = bytearray()
        self.start = 0
        sock.settimeout(timeout)

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        try:
            self.sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as problem:
            raise ConnectionClosed(str(problem)) from problem

    def finish_sending(self):
        self.sock.shutdown(socket.SHUT_WR)

    def take(self):
        """The next whole reply in the buffer, or None."""
        if self.start == len(self.buffer):
            return None
        end = reply_end(self.buffer, self.start)
        if end < 0:
            return None
        raw = bytes(self.buffer[self.start : end])
        self.start = end
        if self.start == len(self.buffer) or self.start > 1 << 20:
            del self.buffer[: self.start]
            self.start = 0
        return raw

    def fill(self):
        try:
            data = self.sock.recv(1 << 20)
        except socket.timeout as problem:
            raise ReplyTimeout(bytes(self.buffer[self.start :][:80])) from problem
        except ConnectionResetError as problem:
            raise ConnectionClosed(str(problem)) from problem
        if not data:
            raise ConnectionClosed(bytes(self.buffer[self.start :][:80]))
        self.buffer += data

    def read_raw(self):
        """The bytes of exactly one reply."""
        while True:
            raw = self.take()
            if raw is not None:
                return raw
            self.fill()

    def read(self):
        return parse(self.read_raw())

    def raw_command(self, *args):
        self.send(encode_command(args))
        return self.read_raw()

    def command(self, *args):
        return parse(self.raw_command(*args))

    def value(self, *args):
        """The reply as plain Python values; an error raises."""
        reply = self.command(*args)
        if reply.kind == "error":
            raise RuntimeError(reply.value.decode("utf-8", "replace"))
        return pythonic(reply)

    def is_closed_by_server(self):
        """Waits for the end of the stream; False when bytes come first, or nothing in time."""
        if self.start < len(self.buffer):
            return False
        try:
            return self.sock.recv(1) == b""
        except ConnectionResetError:
            return True
        except socket.timeout:
            return False

    def exchange(self, data, count):
        """Sends `data` and reads `count` raw replies, reading while it writes. On the end of the
        stream or a timeout the replies that did come are in the exception's `replies`."""
        replies = []
        try:
            if len(data) <= 1 << 15:
                self.send(data)
            else:
                self.send_while_reading(data, replies, count)
            while len(replies) < count:
                raw = self.take()
                if raw is None:
                    self.fill()
                else:
                    replies.append(raw)
        except (ConnectionClosed, ReplyTimeout, NotRESP) as problem:
            while not isinstance(problem, NotRESP) and len(replies) < count:
                raw = self.take()
                if raw is None:
                    break
                replies.append(raw)
            problem.replies = replies
            raise
        return replies

    def send_while_reading(self, data, replies, count):
        view = memoryview(data)
        selector = selectors.DefaultSelector()
        selector.register(self.sock, selectors.EVENT_READ | selectors.EVENT_WRITE)
        self.sock.setblocking(False)
        try:
            deadline = time.monotonic() + self.timeout
            while view:
                events = selector.select(self.timeout)
                if not events or time.monotonic() > deadline:
                    raise ReplyTimeout(b"the server takes no more input")
                mask = events[0][1]
                if mask & selectors.EVENT_READ:
                    self.fill()
                    while len(replies) < count:
                        raw = self.take()
                        if raw is None:
                            break
                        replies.append(raw)
                    deadline = time.monotonic() + self.timeout
                if mask & selectors.EVENT_WRITE:
                    try:
                        view = view[self.sock.send(view[: 1 << 18]) :]
                    except (BrokenPipeError, ConnectionResetError) as problem:
                        raise ConnectionClosed(str(problem)) from problem
        finally:
            selector.close()
            self.sock.settimeout(self.timeout)
