#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares what commands leave in the append-only file with what they leave in the oracle's.

    tests/conformance/journal.py --commands 50000 --binary build/understudy
    tests/conformance/journal.py --family streams --seed 7 --only-stream 12

The streams are those of run.py. After each step the commands that both servers have appended are compared, byte
for byte but for what depends on the clock: a point in time may be a little later.
"""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from conformance import run  # noqa: E402
from conformance.pair import Pair, Side  # noqa: E402
from support.append_only import Files  # noqa: E402
from support.quoting import join_words  # noqa: E402
from support.resp import ConnectionClosed, NotRESP, ReplyTimeout  # noqa: E402
from support.servers import ServerFailed  # noqa: E402

FAMILIES = "strings,generic,hashes,lists,sets,sorted_sets,bitmaps,hyperloglogs,geo,sorting,streams,transactions,scripting"
OPTIONS = ("--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0")
CLOSE_MS = 30000  # as far apart may the two servers' clocks have been
TIME = re.compile(rb"(\d{13})(-\d+)?")
# A choice by chance; what waits, and goes on later; a key that may be past its time as it is made, whose end
# the oracle tells of when it looks for it; and what writes files anew.
LEFT_OUT = {b"SPOP", b"PXAT", b"EXAT", b"DEBUG", b"CONFIG", b"BGREWRITEAOF", b"SHUTDOWN", b"MIGRATE", b"MONITOR"}


class JournalPair(Pair):
    def __init__(self, oracle, binary):
        self.ours, self.theirs = Side(oracle, OPTIONS), Side(binary, OPTIONS)
        self.sides = (self.ours, self.theirs)
        self.has_limits = True
        self.find_files()

    def find_files(self):
        self.files = [Files(side.server.directory) for side in self.sides]

    def revive(self):
        reports = super().revive()
        self.find_files()
        return reports

    def take(self):
        return [files.take() for files in self.files]


def is_same_word(ours, theirs):
    if ours == theirs:
        return True
    one, other = TIME.fullmatch(ours), TIME.fullmatch(theirs)
    if not one or not other:
        return False
    return abs(int(one.group(1)) - int(other.group(1))) < CLOSE_MS


def is_same(ours, theirs):
    """Whether both appended the same commands."""
    return len(ours) == len(theirs) and all(
        len(a) == len(b) and all(map(is_same_word, a, b)) for a, b in zip(ours, theirs)
    )


def may_compare(step):
    """MINID ~ is left out, too: the oracle writes the id of an entry that it has deleted."""
    words = {word.upper() for command in step.commands for arg in command.args for word in arg.split() + [arg]}
    if b"MINID" in words and b"~" in words:
        return False
    return not any(left_out in word for word in words for left_out in LEFT_OUT)


class Runner(run.Runner):
    def run_stream(self, number):
        family, protocol, small, steps = self.stream(number)
        done = []
        try:
            self.pair.reset(protocol, small)
            self.pair.take()
            for step in filter(may_compare, steps):
                done.append(step)
                self.commands += len(step.commands)
                self.pair.run(step.commands)
                ours, theirs = self.pair.take()
                if not is_same(ours, theirs):
                    self.report(number, family, done, ours, theirs)
                    break
            else:
                self.passed += 1
        except (ConnectionClosed, ReplyTimeout, NotRESP, OSError, ServerFailed) as problem:
            print("stream %d: %r\n%s" % (number, problem, "\n".join(map(str, self.pair.revive()))))
            self.failed += 1

    def report(self, number, family, steps, ours, theirs):
        mark = (family, steps[-1].commands[0].args[0].upper())
        self.failed += 1
        self.seen[mark] = self.seen.get(mark, 0) + 1
        if self.seen[mark] > 1:
            return
        print("-" * 78)
        print("seed %d, stream %d: %s" % (self.args.seed, number, family))
        for step in steps[-4:]:
            for command in step.commands:
                print("    %d: %s" % (command.client, join_words(command.args)))
        for name, commands in (("the oracle", ours), ("this program", theirs)):
            print("%s appended:" % name)
            for words in commands:
                print("    " + join_words(words))
        sys.stdout.flush()


def main():
    args = run.parse_arguments()
    if args.family == ",".join(run.FAMILIES):
        args.families = FAMILIES.split(",")
    return run.compare(args, JournalPair, Runner)


if __name__ == "__main__":
    sys.exit(main())
