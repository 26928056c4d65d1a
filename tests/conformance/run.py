#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares a server with the oracle on random command streams.

    tests/conformance/run.py --commands 200000 --seed 1 --binary build/understudy
    tests/conformance/run.py --family strings,hashes --protocol 3 --via script --binary build/understudy
    tests/conformance/run.py --seed 1 --only-stream 17 --binary build/understudy

A stream is a few hundred commands from empty servers. Replies are compared byte for byte, then the
state of every key after each batch. A stream that fails is shrunk and printed as a .case file.
"""

import argparse
import importlib
import os
import random
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from conformance import report  # noqa: E402
from conformance.compare import Comparison, Difference  # noqa: E402
from conformance.generators import functions, scripting  # noqa: E402
from conformance.grammar import Command, Generator, Step, parse_table  # noqa: E402
from conformance.pair import Pair  # noqa: E402
from conformance.pools import Pools  # noqa: E402
from conformance.shrink import shrink  # noqa: E402
from support.resp import ConnectionClosed, NotRESP, ReplyTimeout, parse  # noqa: E402
from support.servers import ORACLE, ServerFailed, leave_without_oracle  # noqa: E402

FAMILIES = (
    "strings", "generic", "hashes", "lists", "sets", "sorted_sets", "bitmaps", "hyperloglogs", "geo", "sorting", "streams",
    "transactions", "scripting", "functions", "connection", "server", "acl", "config", "memory",
)  # fmt: skip
EXTRA = {"scripting": scripting, "functions": functions}  # families whose steps are more than a table
STREAM_LENGTH = 200  # commands
FOREIGN = 0.12  # share of steps from another family, so that types collide
OFTEN_PLAIN = 0.6
ONLY_PLAIN = ("transactions", "scripting", "functions", "connection", "server", "acl", "config", "memory")
PAYLOAD_SETUP = (
    (b"SET", b"p1", b"12345"), (b"SET", b"p2", b"short"), (b"SET", b"p3", b"compressible " * 40),
    (b"SET", b"p4", b"-129"), (b"SET", b"p5", b""), (b"SET", b"p6", b"9223372036854775807"),
    (b"RPUSH", b"p7", b"a", b"1", b"x" * 100), (b"HSET", b"p8", b"f", b"v", b"g", b"7"),
    (b"SADD", b"p9", b"1", b"2", b"3"), (b"SADD", b"p10", b"a", b"b"), (b"ZADD", b"p11", b"1.5", b"a", b"2", b"b"),
    (b"XADD", b"p12", b"1-1", b"f", b"v", b"g", b"7"),
)  # fmt: skip


class Runner:
    def __init__(self, args, pair):
        self.args = args
        self.pair = pair
        self.templates = {}
        self.alone = set()
        self.payloads = ()
        self.known = {}
        self.seen = {}  # signature -> times met
        self.started = time.monotonic()
        self.passed = self.failed = self.commands = 0
        self.crash = self.oracle_crash = ""  # what servers left behind that died in the last stream

    def load(self):
        """Reads the tables, and leaves out the commands that the program does not have."""
        missing = set()
        for family in FAMILIES:
            module = importlib.import_module("conformance.generators." + family)
            templates = parse_table(module.TABLE)
            if not self.args.strict:
                names = sorted({name for template in templates for name in template.names()} - {""})
                absent = set(self.pair.lacks(names))
                missing |= absent
                templates = [t for t in templates if not t.names() & absent]
            self.templates[family] = [t for t in templates for _ in range(t.weight)]
            if getattr(module, "ALONE", False):
                self.alone.add(family)
        if missing:
            print("not compared, since the program lacks them: " + ", ".join(sorted(missing)))
        if not self.pair.has_limits:
            print("not compared with small limits, since the program refuses CONFIG SET of them")
        self.pair.ours.ask(PAYLOAD_SETUP)
        dumps = self.pair.ours.ask([(b"DUMP", words[1]) for words in PAYLOAD_SETUP])
        self.payloads = tuple(parse(raw).value for raw in dumps)

    # Generation

    def stream(self, number):
        """(family, protocol, small limits, steps) of a numbered stream: the seed decides."""
        source = random.Random("%d/%d" % (self.args.seed, number))
        family = self.args.families[number % len(self.args.families)]
        protocol = self.args.protocols[(number // len(self.args.families)) % len(self.args.protocols)]
        via = source.choice(self.args.vias)
        if "plain" in self.args.vias and (source.random() < OFTEN_PLAIN or family in ONLY_PLAIN):
            via = "plain"
        pools = Pools(source, self.payloads)
        generator = Generator(source, pools)
        steps, count = [], 0
        while count < STREAM_LENGTH:
            step = self.step(generator, family, source)
            steps.append(step)
            count += len(step.commands)
        if via != "plain" and family not in ONLY_PLAIN:
            steps = (through_script if via == "script" else through_multi)(steps, source)
        return family, protocol, self.pair.has_limits and source.random() < 0.5, steps

    def step(self, generator, family, source):
        pools = generator.pools
        pools.family = family
        if family in EXTRA and source.random() < 0.75:
            others = {name: rows for name, rows in self.templates.items() if name not in self.alone and rows}
            return EXTRA[family].extra_step(generator, others)
        chosen = family
        if family not in self.alone and source.random() < FOREIGN:
            choices = [f for f in self.args.families if f not in self.alone and f != "transactions"]
            chosen = source.choice(choices or [family])
            if source.random() < 0.5:
                pools.family = chosen
        rows = self.templates[chosen] or self.templates[family]
        return generator.step(source.choice(rows))

    # Running

    def compare(self, steps, protocol, small):
        """The first Difference, or None; a dead server is one too."""
        comparison = Comparison(self.pair)
        try:
            self.pair.reset(protocol, small)
            difference = comparison.run(steps)
        except (ConnectionClosed, ReplyTimeout, NotRESP, OSError, ServerFailed) as problem:
            text = ("-%s\r\n" % repr(problem).replace("\r", " ").replace("\n", " ")).encode("utf-8", "replace")
            difference = Difference((b"(the administrator's connection)",), b"+alive\r\n", text, 0, True)
        for reason, count in comparison.known.items():
            self.known[reason] = self.known.get(reason, 0) + count
        if difference is not None:
            self.oracle_crash, self.crash = self.pair.revive()
        return difference

    def run_stream(self, number):
        family, protocol, small, steps = self.stream(number)
        self.commands += sum(len(step.commands) for step in steps)
        difference = self.compare(steps, protocol, small)
        if difference is None:
            self.passed += 1
            return
        if self.oracle_crash:
            print("stream %d ended the oracle, and so says nothing:\n%s" % (number, self.oracle_crash))
            return
        self.failed += 1
        crash = self.crash
        mark = report.signature(difference)
        self.seen[mark] = self.seen.get(mark, 0) + 1
        if self.seen[mark] > 1:
            return
        small = small and not self.fails_likewise(steps, protocol, False, mark)
        if difference.ran:
            steps = first_commands(steps, difference.ran)
        shrunk = shrink(steps, lambda s: self.fails_likewise(s, protocol, small, mark), self.args.shrink_seconds)
        again = self.compare(shrunk, protocol, small)
        title = "seed %d, stream %d: %s" % (self.args.seed, number, family)
        print("-" * 78)
        print(report.case_text(self.pair, shrunk, again or difference, protocol, small, title))
        if again is None:
            print("# it did not happen again when the stream was repeated")
        if crash:
            print(crash)
        sys.stdout.flush()

    def fails_likewise(self, steps, protocol, small, mark):
        difference = self.compare(steps, protocol, small)
        return difference is not None and report.signature(difference) == mark

    def run(self):
        number = 0
        if self.args.only_stream is not None:
            self.run_stream(self.args.only_stream)
        else:
            while self.commands < self.args.commands and len(self.seen) < self.args.max_failures:
                self.run_stream(number)
                number += 1

    def close(self):
        """Prints the sums and returns the exit status."""
        last_words = self.pair.stop()
        if last_words:
            print(last_words)
            self.failed += 1
        for reason, count in sorted(self.known.items()):
            print("known difference, %d times: %s" % (count, reason))
        for mark, count in sorted(self.seen.items(), key=lambda item: -item[1]):
            print("%4d times: %r" % (count, mark))
        print("%d commands in %.1f s" % (self.commands, time.monotonic() - self.started))
        print("%d passed, %d failed" % (self.passed, self.failed))
        return 1 if self.failed or not self.passed else 0


def first_commands(steps, count):
    """The steps that hold the first `count` commands."""
    kept = []
    for step in steps:
        if count <= 0:
            break
        kept.append(step)
        count -= len(step.commands)
    return kept


def through_script(steps, source):
    """Each command called by a script."""
    wrapped = []
    for step in steps:
        names = {command.args[0].upper() for command in step.commands}
        if names & {b"MULTI", b"EXEC", b"SELECT", b"MOVE", b"SWAPDB", b"WAIT"}:
            wrapped.append(step)
        else:
            wrapped.append(Step(tuple(scripting.wrap(c, source, scripting.WRAPPERS[:2]) for c in step.commands)))
    return wrapped


def counts_references(command):
    """A string that was set within a transaction is the queue's, too, in Redis, as long as that runs."""
    return [word.upper() for word in command.args[:2]] == [b"OBJECT", b"REFCOUNT"]


def through_multi(steps, source):
    """Groups of steps between MULTI and EXEC."""
    grouped = []
    at = 0
    multi, execute = (Command((word,), 0, (word,)) for word in (b"MULTI", b"EXEC"))
    while at < len(steps):
        size = source.randint(1, 6)
        group = [command for step in steps[at : at + size] for command in step.commands]
        if any(command.args[0].upper() in (b"MULTI", b"EXEC") or counts_references(command) for command in group):
            grouped += steps[at : at + size]
        else:
            grouped.append(Step((multi,) + tuple(group) + (execute,)))
        at += size
    return grouped


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default="build/understudy")
    parser.add_argument("--oracle", default=ORACLE)
    parser.add_argument("--commands", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--family", default=",".join(FAMILIES), help="comma-separated")
    parser.add_argument("--protocol", default="2,3")
    parser.add_argument("--via", default="plain,multi,script", help="of plain, multi, script")
    parser.add_argument("--only-stream", type=int, help="repeat one stream of the seed")
    parser.add_argument("--max-failures", type=int, default=10, help="stop after so many different ones")
    parser.add_argument("--shrink-seconds", type=float, default=20.0)
    parser.add_argument("--strict", action="store_true", help="compare commands that the program lacks too")
    args = parser.parse_args()
    args.families = args.family.split(",")
    args.protocols = [int(word) for word in args.protocol.split(",")]
    args.vias = args.via.split(",")
    unknown = set(args.families) - set(FAMILIES)
    if unknown or set(args.vias) - {"plain", "multi", "script"} or set(args.protocols) - {2, 3}:
        parser.error("unknown family, protocol or way: %s" % " ".join(sorted(unknown)))
    return args


def compare(args, new_pair, new_runner):
    """Runs the streams against both servers; the status to exit with."""
    leave_without_oracle(args.oracle)
    try:
        pair = new_pair(args.oracle, args.binary)
    except ServerFailed as problem:
        print(problem)
        print("0 passed, 1 failed")
        return 1
    runner = new_runner(args, pair)
    try:
        runner.load()
        runner.run()
    except BaseException:
        pair.stop()
        raise
    return runner.close()


if __name__ == "__main__":
    sys.exit(compare(parse_arguments(), Pair, Runner))
