#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares what a server tells of each command with what the oracle tells: keyspace events, invalidations,
and how many keys it remembers as read.

    tests/conformance/messages.py --commands 20000 --binary build/understudy
    tests/conformance/messages.py --family lists --classes KEA --binary build/understudy

One client subscribes to all events, another tracks all keys in broadcasting mode. After each command of a
random stream both say PING: what came before the answer belongs to the command. Events are compared in
their order, with their channels; invalidated keys as a set. The clients of the stream track keys as well,
and as they speak RESP2 are told nothing.
"""

import argparse
import importlib
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from conformance import normalisers  # noqa: E402
from conformance.grammar import Generator, parse_table  # noqa: E402
from conformance.pair import Pair  # noqa: E402
from conformance.pools import Pools  # noqa: E402
from conformance.run import FAMILIES, PAYLOAD_SETUP  # noqa: E402
from support.resp import encode_command, parse, pythonic  # noqa: E402
from support.servers import ORACLE, leave_without_oracle  # noqa: E402

STREAM_LENGTH = 100
# They change the settings that this needs, or wait.
# Whom eviction takes first is left to chance.
LEFT_OUT = ("connection", "server", "config", "scripting", "clients", "blocking", "memory")
SLOW = {b"WAIT", b"BLPOP", b"BRPOP", b"BLMOVE", b"BRPOPLPUSH", b"BLMPOP", b"BZPOPMIN", b"BZPOPMAX", b"BZMPOP"}
# What one of them chooses, or says of time and memory, is not the other's; the next state may differ.
UNLIKE = {b"SPOP", b"OBJECT", b"DUMP", b"SCAN", b"SSCAN", b"HSCAN", b"ZSCAN", b"KEYS", b"RANDOMKEY", b"DEBUG", b"XINFO"}

# They walk an unordered set.
UNORDERED = {b"SORT", b"SORT_RO"}


def is_no_miss(event):
    return event[1] != b"keymiss" and not event[0].endswith(b"__:keymiss")


class Listener:
    """A client that hears what one server tells."""

    def __init__(self, side, classes):
        side.ask([(b"CONFIG", b"SET", b"notify-keyspace-events", classes.encode())])
        self.subscriber = side.server.connect()
        self.subscriber.command("PSUBSCRIBE", "__key*__:*")
        self.tracker = side.server.connect(3)
        self.tracker.command("CLIENT", "TRACKING", "ON", "BCAST")
        for client in side.clients:
            client.command("CLIENT", "TRACKING", "ON")
        self.ended = []  # keys whose time was up
        self.ended_now = self.just_ended = set()

    def close(self):
        self.subscriber.close()
        self.tracker.close()

    def heard(self):
        """(events, invalidated keys) since the last time; the counts of remembered keys are among these."""
        before, self.ended_now = self.ended_now, set()
        keys = self.invalidated()
        events = []
        self.subscriber.send(encode_command((b"PING",)))
        while True:
            reply = pythonic(self.subscriber.read())
            if reply[0] == b"pong":
                break
            # Of the end of a key, the oracle tells when it finds it: by an event, and by an invalidation,
            # which may be heard one command later.
            if reply[2].endswith(b"__:expired"):
                self.ended_now.add(reply[3])
                self.ended.append(reply[3])
            elif reply[3] != b"expired":
                events.append((reply[2], reply[3]))
        self.just_ended = before | self.ended_now
        return events, keys

    def invalidated(self):
        keys = set()
        self.tracker.send(encode_command((b"PING",)) + encode_command((b"INFO", b"stats")))
        answers = []
        while len(answers) < 2:
            reply = self.tracker.read()
            if reply.kind == "push":
                told = pythonic(reply)[1]
                keys.update([None] if told is None else told)
            else:
                answers.append(pythonic(reply))
        keys.update(line for line in answers[1].split() if line.startswith(b"tracking_"))
        return keys


def without_ends(heard, listeners):
    """What both heard, without what comes of keys that ended, which is sooner for one than for the other."""
    ended = set().union(*(listener.just_ended for listener in listeners))
    heard = [(events, keys - ended) for events, keys in heard]
    if sorted(listeners[0].ended) != sorted(listeners[1].ended):
        heard = [(events, {key for key in keys if key and not key.startswith(b"tracking_")}) for events, keys in heard]
    return heard


class Runner:
    def __init__(self, args):
        self.args = args
        self.pair = Pair(args.oracle, args.binary)
        self.templates = {}
        self.commands = self.failed = 0
        self.seen = set()

    def load(self):
        for family in self.args.families:
            templates = parse_table(importlib.import_module("conformance.generators." + family).TABLE)
            names = sorted({name for template in templates for name in template.names()} - {""})
            absent = set(self.pair.lacks(names)) | {name.decode() for name in SLOW}
            self.templates[family] = [t for t in templates for _ in range(t.weight) if not t.names() & absent]
        self.pair.ours.ask(PAYLOAD_SETUP)
        dumps = self.pair.ours.ask([(b"DUMP", words[1]) for words in PAYLOAD_SETUP])
        self.payloads = tuple(parse(raw).value for raw in dumps)

    def run_stream(self, number):
        source = random.Random("%d/%d" % (self.args.seed, number))
        family = self.args.families[number % len(self.args.families)]
        pools = Pools(source, self.payloads)
        generator = Generator(source, pools)
        self.pair.reset(2, source.random() < 0.5)
        listeners = [Listener(side, self.args.classes) for side in self.pair.sides]
        history = []
        try:
            for _ in range(STREAM_LENGTH):
                pools.family = family
                rows = self.templates[family if source.random() < 0.85 else source.choice(self.args.families)]
                for command in generator.step(source.choice(rows)).commands:
                    history.append(command)
                    if not self.compare(command, listeners, history):
                        return
        finally:
            for listener in listeners:
                listener.close()

    def compare(self, command, listeners, history):
        """False when the stream cannot go on."""
        self.commands += 1
        ours, theirs = self.pair.exchange(command.client, encode_command(command.args), 1)
        heard = without_ends([listener.heard() for listener in listeners], listeners)
        if command.args[0].upper() in UNORDERED:
            heard = [(sorted(events), keys) for events, keys in heard]
        is_error = ours[0][:1] == theirs[0][:1] == b"-"
        if is_error and command.args[0].upper() == b"XREAD":
            return False  # the oracle finds no keys in what COMMAND GETKEYS finds some in
        if is_error:
            # Which is looked at first, the key or a wrong argument, shows in nothing but the miss.
            heard = [(list(filter(is_no_miss, events)), keys) for events, keys in heard]
        if heard[0] != heard[1]:
            self.report(command, heard, history, (ours[0], theirs[0]))
            return False
        same = normalisers.same(command.like, parse(ours[0]), parse(theirs[0]), self.pair)
        return same and command.args[0].upper() not in UNLIKE

    def report(self, command, heard, history, replies):
        mark = (command.args[0].upper(), tuple(e[0][:14] for e in heard[0][0]), tuple(e[0][:14] for e in heard[1][0]))
        if mark in self.seen:
            return
        self.seen.add(mark)
        self.failed += 1
        print("-" * 78)
        keys = {word for word in command.args[1:] if word}
        for earlier in history[:-1]:
            if keys & set(earlier.args[1:]):
                print("   before: %d> %s" % (earlier.client, b" ".join(earlier.args)[:150]))
        print("%d> %s" % (command.client, b" ".join(command.args)[:300]))
        for side, (events, invalidated), reply in zip(("oracle", "binary"), heard, replies):
            print("%s: %r" % (side, reply[:100]))
            for event in events:
                print("    %r %r" % event)
            print("    invalidates %r" % sorted(invalidated, key=repr))
        sys.stdout.flush()

    def run(self):
        number = 0
        while self.commands < self.args.commands and self.failed < self.args.max_failures:
            self.run_stream(number)
            number += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default="build/understudy")
    parser.add_argument("--oracle", default=ORACLE)
    parser.add_argument("--commands", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--family", default=",".join(name for name in FAMILIES if name not in LEFT_OUT))
    parser.add_argument("--classes", default="AKEnm")
    parser.add_argument("--max-failures", type=int, default=30)
    args = parser.parse_args()
    leave_without_oracle(args.oracle)
    args.families = args.family.split(",")
    runner = Runner(args)
    try:
        runner.load()
        runner.run()
    finally:
        last_words = runner.pair.stop()
    if last_words:
        print(last_words)
        runner.failed += 1
    print("%d commands" % runner.commands)
    print("%d passed, %d failed" % (0 if runner.failed else 1, runner.failed))
    return 1 if runner.failed else 0


if __name__ == "__main__":
    sys.exit(main())
