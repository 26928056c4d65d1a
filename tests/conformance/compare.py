# SPDX-License-Identifier: MIT
"""Finds the first difference between two servers that ran the same stream."""

from collections import namedtuple

from support.resp import parse

from . import known_differences, normalisers
from .pair import MARKS, reader

BATCH = 50
DATABASES = (b"0", b"1", b"2")

# The command that showed it (after the stream's own commands, when it is a question about state),
# both raw replies, and how many of the stream's commands had run.
Difference = namedtuple("Difference", "args ours theirs ran is_state")


class Comparison:
    """The comparison of one stream; counts the known differences that it meets."""

    def __init__(self, pair):
        self.pair = pair
        self.known = {}
        self.queues = {}  # client -> arguments of the commands queued since MULTI

    def run(self, steps):
        """Runs steps on both servers, comparing state after each batch. The first Difference or None."""
        ran = 0
        batch = []
        for index, step in enumerate(steps):
            batch += step.commands
            if len(batch) < BATCH and index + 1 < len(steps):
                continue
            difference = self.run_batch(batch, ran)
            if difference is not None:
                return difference
            ran += len(batch)
            batch = []
            difference = self.compare_state(ran)
            if difference is not None:
                return difference
        return None

    def run_batch(self, commands, ran):
        ours, theirs = self.pair.run(commands)
        if ours == theirs and ours[-1] not in MARKS:
            for command, raw in zip(commands, ours):
                self.note_queue(command, raw)
            return None
        for index, (command, one, other) in enumerate(zip(commands, ours, theirs)):
            if one != other and not self.is_same(command, one, other):
                return Difference(command.args, one, other, ran + index + 1, False)
            if one in MARKS:
                return Difference(command.args, one, other, ran + index + 1, False)
            self.note_queue(command, one)
        return None

    def is_same(self, command, one, other):
        if one in MARKS or other in MARKS:
            return False
        ours, theirs = parse(one), parse(other)
        name = command.args[0].lower()
        if name == b"exec":
            queued = self.queues.get(command.client, [])
            if normalisers.same_exec(queued, ours, theirs, self.pair):
                return True
        elif normalisers.same(command.like, ours, theirs, self.pair):
            return True
        reason = known_differences.explain(command.like, ours, theirs)
        if reason:
            self.known[reason] = self.known.get(reason, 0) + 1
        return reason is not None

    def note_queue(self, command, raw):
        name = command.args[0].lower()
        if name == b"multi" and raw == b"+OK\r\n":
            self.queues[command.client] = []
        elif raw == b"+QUEUED\r\n":
            self.queues.setdefault(command.client, []).append(command.like)

    # State

    def compare_state(self, ran):
        commands = [words for db in DATABASES for words in ((b"SELECT", db), (b"KEYS", b"*"))]
        ours, theirs = self.pair.ask(commands)
        lookups = []
        for at, db in enumerate(DATABASES):
            one, other = ours[2 * at + 1], theirs[2 * at + 1]
            if one != other and not normalisers.same((b"KEYS",), parse(one), parse(other), self.pair):
                return Difference((b"KEYS", b"*"), one, other, ran, db)
            lookups += [(db, item.value) for item in sorted(parse(one).value)]
        return self.compare_keys(lookups, ran) if lookups else None

    def compare_keys(self, lookups, ran):
        commands = []
        for db, key in lookups:
            commands += [(b"SELECT", db), (b"TYPE", key), (b"OBJECT", b"ENCODING", key), (b"PEXPIRETIME", key)]
        ours, theirs = self.pair.ask(commands)
        for command, one, other in zip(commands, ours, theirs):
            if one != other and not normalisers.same(command, parse(one), parse(other), self.pair):
                return Difference(command, one, other, ran, True)
        reads = []
        for at, (db, key) in enumerate(lookups):
            reads += [(b"SELECT", db), reader(parse(ours[4 * at + 1]).value, key)]
        encodings = [parse(raw).value for raw in ours[2::4]]
        ours, theirs = self.pair.ask(reads)
        for at, (command, one, other) in enumerate(zip(reads, ours, theirs)):
            if one != other:
                # A packed encoding has one order; a table has none. A stream tells times.
                may_differ = encodings[at // 2] in (b"hashtable", b"stream")
                if not may_differ or not normalisers.same(command, parse(one), parse(other), self.pair):
                    return Difference(command, one, other, ran, True)
        return None
