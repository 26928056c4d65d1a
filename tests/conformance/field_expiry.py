#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares hashes whose fields expire with a model of them, which the oracle of 7.0 has not.

    tests/conformance/field_expiry.py --commands 20000 --emulate 8.0 --binary build/understudy

Time stands still but for MOCK CLOCK ADVANCE. After each command its reply and its events are compared, and
of both keys the fields in their order, values, deadlines and the encoding; DEBUG RELOAD and DEBUG LOADAOF
must change nothing of the data.
"""

import argparse
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from support.quoting import join_words  # noqa: E402
from support.resp import pythonic  # noqa: E402
from support.servers import Server  # noqa: E402

MOST_FIELDS, LONGEST_TEXT = 6, 10  # of a packed hash
START_MS = 1800000000000
STREAM_LENGTH = 40  # commands
KEYS = (b"j", b"k", b"k")
FIELDS = (b"a", b"b", b"c", b"d", b"e", b"f", b"g", b"1", b"long-field-name")
VALUES = (b"1", b"2", b"x", b"", b"3.5", b"longer-than-ten", b"-7")
SPANS_MS = (0, 1, 1000, 2000, 5000, 60000, 60001)
STEPS_MS = (1, 999, 1000, 1001, 5000, 60000)
CONDITIONS = (None, None, b"NX", b"XX", b"GT", b"LT")
EXPIRE_NAMES = {b"EX": b"HEXPIRE", b"PX": b"HPEXPIRE", b"EXAT": b"HEXPIREAT", b"PXAT": b"HPEXPIREAT"}
SINCE_7_4 = (
    "hset", "hset", "hsetnx", "hdel", "hexpire", "hexpire", "hexpire", "hpersist", "hincrby", "hincrbyfloat", "ttl", "tick",
    "tick", "copy", "rename", "restore", "reload", "load",
)  # fmt: skip
SINCE_8_0 = ("hgetex", "hgetex", "hsetex", "hsetex", "hgetdel")
ERROR = "error"


class Field:
    def __init__(self, name, value, deadline=None):
        self.name, self.value, self.deadline = name, value, deadline


class Hash:
    """Fields in the order of a pack: by deadline, those without one at the end."""

    def __init__(self, fields=(), encoding="listpack"):
        self.fields, self.encoding = list(fields), encoding

    def copy(self):
        return Hash((Field(f.name, f.value, f.deadline) for f in self.fields), self.encoding)

    def find(self, name):
        return next((field for field in self.fields if field.name == name), None)

    def expect(self, texts):
        """Before a command stores pairs."""
        if len(texts) // 2 > MOST_FIELDS or any(len(text) > LONGEST_TEXT for text in texts):
            self.encoding = "hashtable"

    def make_room(self):
        if self.encoding == "listpack":
            self.encoding = "listpackex"

    def place(self, field, deadline):
        if field in self.fields:
            self.fields.remove(field)
        field.deadline = deadline
        later = (i for i, other in enumerate(self.fields) if other.deadline is None or other.deadline > (deadline or 0))
        self.fields.insert(next(later, len(self.fields)) if deadline is not None else len(self.fields), field)

    def set(self, name, value, keeps_deadline=False):
        """How many fields more there are."""
        self.expect((name, value))
        field = self.find(name)
        if field:
            field.value = value
            if field.deadline is not None and not keeps_deadline:
                self.place(field, None)
            return 0
        self.fields.append(Field(name, value))
        if len(self.fields) > MOST_FIELDS:
            self.encoding = "hashtable"
        return 1

    def expire_at(self, name, deadline, now, condition=None):
        """What HEXPIRE answers for a field; deadline None: 1 if one was taken away."""
        field = self.find(name)
        if not field:
            return -2
        if deadline is None:
            if field.deadline is None:
                return -1
            self.place(field, None)
            return 1
        if field.deadline is None:
            holds = condition not in (b"XX", b"GT")
        else:
            holds = {b"NX": False, b"GT": deadline > field.deadline, b"LT": deadline < field.deadline}.get(condition, True)
        if not holds:
            return 0
        if deadline <= now:
            self.fields.remove(field)
            return 2
        self.place(field, deadline)
        return 1

    def fits_a_pack(self):
        texts = [text for field in self.fields for text in (field.name, field.value)]
        return len(self.fields) <= MOST_FIELDS and all(len(text) <= LONGEST_TEXT for text in texts)

    def repack(self):
        """As it comes out of an RDB file: a small table is packed, in the order of the table."""
        if self.encoding == "hashtable" and self.fits_a_pack():
            self.encoding = "listpackex" if any(f.deadline is not None for f in self.fields) else "listpack"
            return True
        return False


class Model:
    """Each method makes a command up and does it: (words, expected reply, events of the key)."""

    def __init__(self, source):
        self.source = source
        self.hashes = {}
        self.now = START_MS
        self.any_order = set()  # keys that have just come out of a table
        self.any_encoding = False

    def names(self):
        return [self.source.choice(FIELDS) for _ in range(self.source.randint(1, 4))]

    def pairs(self):
        count = self.source.choice((1, 1, 2, 3, MOST_FIELDS + 1))
        return [word for _ in range(count) for word in (self.source.choice(FIELDS), self.source.choice(VALUES))]

    def time(self):
        """A word, its argument, and the deadline that they mean."""
        word, span = self.source.choice(list(EXPIRE_NAMES)), self.source.choice(SPANS_MS)
        unit = 1000 if word.startswith(b"EX") else 1
        origin = self.now if word.endswith(b"AT") else 0
        number = (origin + span) // unit
        return word, number, number * unit + (0 if origin else self.now)

    def made(self, key):
        return self.hashes.setdefault(key, Hash())

    def hset(self, key, there):
        pairs, there = self.pairs(), self.made(key)
        there.expect(pairs)
        created = sum(there.set(*pair) for pair in zip(pairs[::2], pairs[1::2]))
        return [b"HSET", key] + pairs, created, ["hset"]

    def hsetnx(self, key, there):
        name, value = self.source.choice(FIELDS), self.source.choice(VALUES)
        words = [b"HSETNX", key, name, value]
        if there and there.find(name):
            return words, 0, []
        return words, self.made(key).set(name, value), ["hset"]

    def remove(self, there, names):
        """The values of the fields that were there, else None."""
        values = []
        for name in names:
            field = there and there.find(name)
            values.append(field.value if field else None)
            if field:
                there.fields.remove(field)
        return values

    def hdel(self, key, there):
        names = self.names()
        count = sum(value is not None for value in self.remove(there, names))
        return [b"HDEL", key] + names, count, ["hdel"] if count else []

    def hgetdel(self, key, there):
        names = self.names()
        values = self.remove(there, names)
        return [b"HGETDEL", key, b"FIELDS", len(names)] + names, values, ["hdel"] if any(v is not None for v in values) else []

    def hexpire(self, key, there):
        (word, number, deadline), condition, names = self.time(), self.source.choice(CONDITIONS), self.names()
        words = [EXPIRE_NAMES[word], key, number] + ([condition] if condition else []) + [b"FIELDS", len(names)] + names
        if not there:
            return words, [-2] * len(names), []
        there.make_room()
        codes = [there.expire_at(name, deadline, self.now, condition) for name in names]
        return words, codes, ["hdel"] if 2 in codes else ["hexpire"] if 1 in codes else []

    def hpersist(self, key, there):
        names = self.names()
        codes = [there.expire_at(name, None, self.now) if there else -2 for name in names]
        return [b"HPERSIST", key, b"FIELDS", len(names)] + names, codes, ["hpersist"] if 1 in codes else []

    def hgetex(self, key, there):
        (word, number, deadline), names = self.time(), self.names()
        option = self.source.choice(([], [b"PERSIST"], [word, number], [word, number]))
        words = [b"HGETEX", key] + option + [b"FIELDS", len(names)] + names
        if there and option:
            there.make_room()
        values, codes = [], []
        for name in names:
            field = there and there.find(name)
            values.append(field.value if field else None)
            if field and option:
                codes.append(there.expire_at(name, deadline if len(option) == 2 else None, self.now))
        changed = "hpersist" if len(option) == 1 else "hexpire"
        return words, values, [changed] if 1 in codes else ["hdel"] if 2 in codes else []

    def hsetex(self, key, there):
        (word, number, deadline), pairs = self.time(), self.pairs()
        condition = self.source.choice(([], [], [], [b"FNX"], [b"FXX"]))
        option = self.source.choice(([], [b"KEEPTTL"], [word, number], [word, number]))
        words = [b"HSETEX", key] + condition + option + [b"FIELDS", len(pairs) // 2] + pairs
        found = [bool(there and there.find(name)) for name in pairs[::2]]
        if condition == [b"FNX"] and any(found) or condition == [b"FXX"] and not all(found):
            return words, 0, []
        there = self.made(key)
        there.expect(pairs)
        codes = []
        if len(option) == 2:
            there.make_room()
        for name, value in zip(pairs[::2], pairs[1::2]):
            there.set(name, value, bool(option))
            if len(option) == 2:
                codes.append(there.expire_at(name, deadline, self.now))
        return words, 1, ["hset"] + (["hdel" if 2 in codes else "hexpire"] if codes else [])

    def add(self, key, there, words, parse, increment, form, event):
        name = words[2]
        field = there and there.find(name)
        try:
            number = parse(field.value if field else b"0") + increment
        except ValueError:
            return words, ERROR, []
        self.made(key).set(name, form(number), True)
        return words, number if parse is int else form(number), [event]

    def hincrby(self, key, there):
        words = [b"HINCRBY", key, self.source.choice(FIELDS), 3]
        return self.add(key, there, words, int, 3, lambda n: b"%d" % n, "hincrby")

    def hincrbyfloat(self, key, there):
        words = [b"HINCRBYFLOAT", key, self.source.choice(FIELDS), b"0.5"]
        return self.add(key, there, words, float, 0.5, lambda n: b"%g" % n, "hincrbyfloat")

    def ttl(self, key, there):
        names = self.names()
        fields = [there and there.find(name) for name in names]
        deadlines = [-2 if not field else -1 if field.deadline is None else field.deadline for field in fields]
        return [b"HPEXPIRETIME", key, b"FIELDS", len(names)] + names, deadlines, []

    def tick(self, key, there):
        step = self.source.choice(STEPS_MS)
        self.now += step
        for other in self.hashes.values():
            other.fields = [f for f in other.fields if f.deadline is None or f.deadline > self.now]
        return [b"MOCK", b"CLOCK", b"ADVANCE", step], self.now, None

    def copy(self, key, there):
        other = b"j" if key == b"k" else b"k"
        if there:
            self.hashes[other] = there.copy()
        return [b"COPY", key, other, b"REPLACE"], int(bool(there)), None

    def rename(self, key, there):
        other = b"j" if key == b"k" else b"k"
        if there:
            self.hashes[other] = self.hashes.pop(key)
        return [b"RENAME", key, other], b"OK" if there else ERROR, None

    def restore(self, key, there):
        """The caller asks for the payload."""
        other = b"j" if key == b"k" else b"k"
        if not there:
            return self.ttl(key, there)
        copy = self.hashes[other] = there.copy()
        if copy.repack():
            self.any_order.add(other)
        return [b"RESTORE", other, 0, None, b"REPLACE"], b"OK", None

    def reload(self, key, there):
        self.any_order |= {name for name, other in self.hashes.items() if other.repack()}
        return [b"DEBUG", b"RELOAD"], b"OK", None

    def load(self, key, there):
        """What commands have made is made again: data are the same, how they are kept need not be."""
        self.any_order |= set(self.hashes)
        self.any_encoding = True
        return [b"DEBUG", b"LOADAOF"], b"OK", None


class Comparison:
    def __init__(self, args):
        options = (
            "--enable-debug-command", "yes", "--appendonly", "yes", "--notify-keyspace-events", "AKE",
            "--hash-max-listpack-entries", MOST_FIELDS, "--hash-max-listpack-value", LONGEST_TEXT,
        )  # fmt: skip
        self.server = Server(args.binary, options, emulate=args.emulate, timeout=60).start()
        self.admin, self.listener = self.server.connect(), self.server.connect()
        self.listener.value("PSUBSCRIBE", "__keyspace*")
        self.listener.value("SUBSCRIBE", "mark")
        self.admin.value("MOCK", "CLOCK", "FREEZE", START_MS)
        self.kinds = SINCE_7_4 + (SINCE_8_0 if args.emulate >= "8.0" else ())

    def events(self, key):
        self.admin.value("PUBLISH", "mark", "x")
        found = []
        while True:
            message = self.listener.read().value
            if message[0].value == b"message":
                return found
            if message[2].value.split(b":", 1)[1] == key:
                found.append(message[3].value.decode())

    def run(self, source):
        """A stream; the command and what is wrong, or nothing, and all commands so far."""
        self.admin.value("FLUSHALL")
        self.admin.value("MOCK", "CLOCK", "SET", START_MS)
        model, done = Model(source), []
        with self.server.connect(source.choice((2, 3))) as client:
            for _ in range(STREAM_LENGTH):
                key = source.choice(KEYS)
                self.events(key)
                words, expected, events = getattr(model, source.choice(self.kinds))(key, model.hashes.get(key))
                words = [client.value("DUMP", key) if word is None else word for word in words]
                done.append([word if isinstance(word, bytes) else b"%d" % word for word in words])
                for name in [name for name, there in model.hashes.items() if not there.fields]:
                    del model.hashes[name]
                    events = events and events + ["del"]
                wrong = self.differs(client, model, done[-1], expected, key, events)
                if wrong:
                    return wrong, done
        return None, done

    def differs(self, client, model, words, expected, key, events):
        reply = client.command(*words)
        got = ERROR if reply.kind == "error" else pythonic(reply)
        if got != expected:
            return "answered %r, not %r" % (got, expected)
        told = self.events(key)
        if events is not None and told != events:
            return "told of %r, not %r" % (told, events)
        wrong = [self.state_differs(client, model, name) for name in sorted(set(KEYS))]
        model.any_order, model.any_encoding = set(), False
        return next(filter(None, wrong), None)

    def state_differs(self, client, model, key):
        there = model.hashes.get(key)
        encoding, names = client.value("OBJECT", "ENCODING", key), client.value("HKEYS", key)
        if not there:
            return "%r is there" % key if names or encoding else None
        if model.any_encoding:
            there.encoding = encoding.decode()
        if key in model.any_order and sorted(names) == sorted(field.name for field in there.fields):
            there.fields.sort(key=lambda field: names.index(field.name))
        if encoding.decode() != there.encoding:
            return "%r is kept as %r, not %r" % (key, encoding, there.encoding)
        got = zip(names, client.value("HMGET", key, *names), client.value("HPEXPIRETIME", key, "FIELDS", len(names), *names))
        got, want = list(got), [(f.name, f.value, -1 if f.deadline is None else f.deadline) for f in there.fields]
        if there.encoding == "hashtable":
            got, want = sorted(got), sorted(want)
        return None if got == want else "%r has %r, not %r" % (key, got, want)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default="build/understudy")
    parser.add_argument("--emulate", default="8.0", choices=("7.4", "8.0"))
    parser.add_argument("--commands", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--max-failures", type=int, default=10)
    args = parser.parse_args()
    comparison = Comparison(args)
    passed = failed = commands = 0
    while commands < args.commands and failed < args.max_failures:
        wrong, done = comparison.run(random.Random("%d/%d" % (args.seed, passed + failed)))
        commands += len(done)
        if wrong is None:
            passed += 1
            continue
        failed += 1
        print("-" * 78 + "\nstream %d: %s" % (passed + failed - 1, wrong))
        print("\n".join("    " + join_words(words) for words in done))
    comparison.server.stop()
    print("%d commands\n%d passed, %d failed" % (commands, passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
