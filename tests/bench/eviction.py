#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How good each policy's choice is: the share of reads that find their key, beside redis-server's.

    tests/bench/eviction.py --binary build/understudy [--seconds 4] [--keys 5000]

A cache is in front of five times as many keys as it can hold; what is not found is stored. Both
servers hold the same number of keys: each one's limit is what it uses with so many. Loads:

    zipf    few keys are read often, many seldom
    scan    the same, and every second read walks through keys that nobody reads twice

Information, not a test: access times are seconds, so that a longer run tells more.
"""

import argparse
import bisect
import itertools
import os
import random
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.resp import encode_command, parse  # noqa: E402
from support.servers import ORACLE, Server  # noqa: E402

POLICIES = ("allkeys-lru", "allkeys-lfu", "allkeys-random")
LOADS = ("zipf", "scan")
BATCH = 200
VALUE = b"x" * 400


def figure(connection, section, name):
    text = connection.value("INFO", section)
    return int(re.search(rb"^%s:(\d+)" % name.encode(), text, re.M).group(1))


class Zipf:
    """Keys by rank: the second is read half as often as the first, the third a third as often."""

    def __init__(self, count, source):
        self.sums = list(itertools.accumulate(1 / rank for rank in range(1, count + 1)))
        self.source = source

    def pick(self):
        return bisect.bisect(self.sums, self.source.random() * self.sums[-1])


def keys_of(load, zipf, numbers):
    for at in range(BATCH):
        if load == "scan" and at % 2:
            yield b"cold:%d" % next(numbers)
        else:
            yield b"key:%d" % zipf.pick()


def prepare(connection, policy, keys):
    """An empty cache that has room for so many keys."""
    for words in (("CONFIG", "SET", "maxmemory", "0"), ("FLUSHALL",), ("CONFIG", "SET", "maxmemory-policy", policy)):
        connection.value(*words)
    for first in range(0, keys, BATCH):
        data = b"".join(encode_command([b"SET", b"key:%d" % (10**6 + n), VALUE]) for n in range(first, first + BATCH))
        connection.exchange(data, BATCH)
    connection.value("CONFIG", "SET", "maxmemory", figure(connection, "memory", "used_memory"))


def run(connection, load, keys, seconds):
    """(reads of hot keys that found them) / (all of them), in the second half."""
    zipf, numbers = Zipf(5 * keys, random.Random(load)), itertools.count()
    hits = reads = 0
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        wanted = list(keys_of(load, zipf, numbers))
        replies = connection.exchange(b"".join(encode_command([b"GET", key]) for key in wanted), BATCH)
        missed = [key for key, raw in zip(wanted, replies) if parse(raw).value is None]
        if missed:
            connection.exchange(b"".join(encode_command([b"SET", key, VALUE]) for key in missed), len(missed))
        if time.monotonic() - began > seconds / 2:
            hot = [key for key in wanted if key.startswith(b"key")]
            reads += len(hot)
            hits += len(hot) - sum(key.startswith(b"key") for key in missed)
    return hits / reads if reads else 0.0


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--binary", default="build/understudy")
    arguments.add_argument("--seconds", type=float, default=6)
    arguments.add_argument("--keys", type=int, default=5000)
    args = arguments.parse_args()
    print("%-16s %-6s %12s %12s %8s   keys held" % ("policy", "load", "understudy", "redis", "ratio"))
    with Server(args.binary, emulate="7.0") as ours, Server(ORACLE, options=("--save", "")) as theirs:
        connections = [server.connect(timeout=60) for server in (ours, theirs)]
        for policy, load in itertools.product(POLICIES, LOADS):
            rates, held = [], []
            for connection in connections:
                prepare(connection, policy, args.keys)
                rates.append(run(connection, load, args.keys, args.seconds))
                held.append(connection.value("DBSIZE"))
            ratio = rates[0] / rates[1] if rates[1] else 0
            print("%-16s %-6s %11.1f%% %11.1f%% %8.2f   %d, %d" % (policy, load, 100 * rates[0], 100 * rates[1], ratio, *held))


if __name__ == "__main__":
    main()
