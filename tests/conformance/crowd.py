#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares what a crowd of clients hears, each by itself, with what the oracle tells them.

    tests/conformance/crowd.py --commands 100000 --binary build/understudy
    tests/conformance/crowd.py --seed 7 --only-stream 12

Some clients wait for keys, some watch, track, subscribe or monitor, and some do the work. A step is what one
of them sends. After each step an administrator asks three times how things stand: by then whatever the step
led to has been sent, to whomever. So nobody has to be waited for, and a client that waits is told from a
client that was answered. All that each client received is compared, bytes first.
"""

import argparse
import os
import random
import re
import sys
import time
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from conformance.compare import Comparison  # noqa: E402
from conformance.generators import crowd  # noqa: E402
from conformance.grammar import Generator, parse_table  # noqa: E402
from conformance.pair import DEFAULT_LIMITS, Pair, ServerFailed  # noqa: E402
from conformance.shrink import drop_steps  # noqa: E402
from support.quoting import join_words  # noqa: E402
from support.resp import ConnectionClosed, NotRESP, ReplyTimeout, encode_command, parse_at, reply_end  # noqa: E402
from support.servers import ORACLE, leave_without_oracle  # noqa: E402

CLIENTS = 8
STREAM_LENGTH = 80
ELSE = 0.15  # share of steps that belong to another part
LEAVES = 0.02  # share of steps in which a client leaves, and another comes
RUDE = 0.01
# kind is "send" (commands, or raw bytes) or "leave"
Step = namedtuple("Step", "kind client commands")
ROUND = encode_command((b"ECHO", b"administrator"))
FACTS = (
    "connected_clients", "blocked_clients", "tracking_clients", "pubsub_channels", "pubsub_patterns",
    "pubsubshard_channels", "tracking_total_keys", "tracking_total_items", "tracking_total_prefixes",
    "clients_in_timeout_table", "total_error_replies", "rejected_connections",
)  # fmt: skip
# Of a line of CLIENT LIST: what must be the same on both sides.
FIELDS = (b"id", b"name", b"flags", b"db", b"sub", b"psub", b"ssub", b"multi", b"cmd", b"user", b"redir", b"resp",
          b"events", b"qbuf", b"argv-mem")  # fmt: skip
OWN_LINES = re.compile(rb'\+[^\r\n]* "(?:ECHO" "administrator|INFO" "everything)"\r\n')
FLUSHED = re.compile(rb"invalidate\r\n(?:_|[*$]-1)\r\n")
MONITORED = re.compile(rb"\+\d+\.\d{6} \[(\d+) [^\]]*\]")


class Who(bytes):
    """Stands for the id of a client of the crowd."""

    @classmethod
    def of(cls, index):
        who = cls(b"<id of %d>" % index)
        who.index = index
        return who


class CrowdPools:
    """What a <name> in a template stands for."""

    def __init__(self, source, dumps):
        self.random = source
        self.dumps = dumps
        self.next_id = 1

    def pick(self, name):
        return getattr(self, "pick_" + name)()

    def one(self, *choices):
        return self.random.choice(choices)

    def pick_lkey(self):
        return self.one(b"l1", b"l1", b"l2", b"l3")

    def pick_zkey(self):
        return self.one(b"z1", b"z1", b"z2")

    def pick_xkey(self):
        return self.one(b"x1", b"x1", b"x2")

    def pick_skey(self):
        return self.one(b"s1", b"s1", b"s2", b"s3")

    def pick_anykey(self):
        return self.one(b"l1", b"l2", b"z1", b"x1", b"s1", b"s2")

    def pick_wait(self):
        return self.one(b"0", b"0", b"0", b"0.0", b"1000", b"1234.5", b"1e6")

    def pick_badwait(self):
        return self.one(b"-1", b"x", b"", b"-0.5", b"1e300", b"nan", b"inf", b"9223372036854775807", b"0x10", b"1,5")

    def pick_end(self):
        return self.one(b"LEFT", b"RIGHT")

    def pick_few(self):
        return self.one(b"1", b"2", b"10", b"0", b"-1")

    def pick_value(self):
        return self.one(b"a", b"b", b"c", b"1", b"2", b"", b"x" * 70)

    def pick_score(self):
        return self.one(b"1", b"2", b"3", b"-1.5", b"inf")

    def pick_newid(self):
        self.next_id += 1
        return b"%d-1" % self.next_id

    def pick_oldid(self):
        return b"%d-1" % self.random.randint(1, self.next_id)

    def pick_from(self):
        return self.one(b"$", b"$", b"$", b"0", b"5-1")

    def pick_groupfrom(self):
        return self.one(b"$", b"0", b"$")

    def pick_consumer(self):
        return self.one(b"c1", b"c2")

    def pick_channel(self):
        return self.one(b"news", b"sport", b"n2", b"__redis__:invalidate")

    def pick_pattern(self):
        return self.one(b"*", b"n*", b"news", b"s?ort", b"__redis__*")

    def pick_prefix(self):
        return self.one(b"s", b"l", b"s1", b"s2", b"", b"z", b"x1")

    def pick_client(self):
        return Who.of(self.random.randrange(CLIENTS))

    def pick_name(self):
        return self.one(b"bob", b"eve", b"", b"a b", b"new\nline", b"~x~")

    def pick_listdump(self):
        return self.dumps[0]

    def pick_zsetdump(self):
        return self.dumps[1]


class Client:
    """One connection of one side."""

    def __init__(self, server, protocol):
        self.connection = server.connect(protocol)
        self.id = self.connection.value("CLIENT", "ID")
        self.sock = self.connection.sock
        self.sock.setblocking(False)
        self.is_closed = False
        self.has_left = False

    def send(self, data):
        try:
            self.sock.setblocking(True)
            self.sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            self.sock.setblocking(False)

    def heard(self):
        """The bytes since the last time; is_closed afterwards tells of the end."""
        data = b""
        while not self.is_closed and not self.has_left:
            try:
                more = self.sock.recv(1 << 20)
            except BlockingIOError:
                break
            except ConnectionResetError:
                more = b""
            data += more
            self.is_closed = more == b""
        return MONITORED.sub(rb"+time [\1]", OWN_LINES.sub(b"", data))


def split(data):
    """The replies in the bytes, or None when they are not whole replies."""
    replies, at = [], 0
    while at < len(data):
        end = reply_end(data, at)
        if end < 0:
            return None
        replies.append(data[at:end])
        at = end
    return replies


class Undetermined(Exception):
    """What the oracle did depends on the order of a table: nothing more can be said of the stream."""


class Difference(Exception):
    def __init__(self, step, mark, lines):
        super().__init__(mark)
        self.step = step
        self.mark = mark
        self.lines = lines


class Side:
    def __init__(self, side, protocols):
        self.side = side
        self.server = side.server
        self.clients = [Client(self.server, protocol) for protocol in protocols]

    def fill(self, args):
        return [b"%d" % self.clients[arg.index].id if isinstance(arg, Who) else arg for arg in args]

    def perform(self, step):
        client = self.clients[step.client]
        if step.kind == "leave":
            client.connection.close()
            client.has_left = True
        elif step.kind == "raw":
            client.send(step.commands)
        else:
            client.send(b"".join(encode_command(self.fill(args)) for args in step.commands))
        self.side.admin.send(ROUND)

    def settle(self):
        admin = self.side.admin
        admin.read_raw()
        admin.raw_command(b"ECHO", b"administrator")
        text = admin.value("INFO", "everything")
        return text.decode()

    def heard(self):
        return [client.heard() for client in self.clients]

    def replace_closed(self, protocols):
        """Who has left, or was thrown out, is followed by another."""
        for index, client in enumerate(self.clients):
            if client.is_closed or client.has_left:
                client.connection.close()
                self.clients[index] = Client(self.server, protocols[index])

    def close(self):
        for client in self.clients:
            client.connection.close()


class Runner:
    def __init__(self, args):
        self.args = args
        self.pair = Pair(args.oracle, args.binary)
        self.parts = {}
        for name, table in crowd.PARTS.items():
            self.parts[name] = [t for t in parse_table(table) for _ in range(t.weight)]
        self.seen = {}
        self.commands = self.passed = self.failed = 0
        self.oracle_ends = 0
        self.pair.ours.ask([(b"RPUSH", b"l", b"r1", b"r2"), (b"ZADD", b"z", b"1", b"r")])
        self.dumps = [parse_at(raw, 0)[0].value for raw in self.pair.ours.ask([(b"DUMP", b"l"), (b"DUMP", b"z")])]

    # Generation

    def stream(self, number):
        """(protocols, steps) of a numbered stream."""
        source = random.Random("%d/%d" % (self.args.seed, number))
        protocols = [source.choice((2, 3)) for _ in range(CLIENTS)]
        names = list(crowd.PARTS)
        cast = ["waiter", "waiter", "worker"] + [source.choice(names) for _ in range(CLIENTS - 3)]
        pools = CrowdPools(source, self.dumps)
        generator = Generator(source, pools)
        steps = []
        # The oracle ends when a client that is paused is unblocked.
        pauses = source.random() < 0.5
        left_out = {b"UNBLOCK", b"KILL"} if pauses else {b"PAUSE"}
        while len(steps) < STREAM_LENGTH:
            index = source.randrange(CLIENTS)
            roll = source.random()
            if roll < LEAVES:
                steps.append(Step("leave", index, ()))
            elif roll < LEAVES + RUDE:
                steps.append(Step("raw", index, source.choice(crowd.RUDE)))
            else:
                # An operator does nothing else: whom one kills that has just waited, or was paused, the oracle has
                # not sent anything yet.
                is_operator = cast[index] == "operator"
                part = cast[index] if is_operator or source.random() > ELSE else source.choice(names)
                made = generator.step(source.choice(self.parts[part]))
                commands = tuple(tuple(words(command.args)) for command in made.commands)
                words_used = {word.upper() for args in commands for word in args}
                if not words_used & (left_out if is_operator else left_out | {b"KILL"}):
                    steps.append(Step("send", index, commands))
        return protocols, steps

    # Running

    def align(self, protocols):
        """Both servers give the next client the same id."""
        ids = [side.admin.value("CLIENT", "ID") for side in self.pair.sides]
        probes = []
        for side in self.pair.sides:
            with side.server.connect() as probe:
                probes.append(probe.value("CLIENT", "ID"))
        for side, probe in zip(self.pair.sides, probes):
            for _ in range(max(probes) - probe):
                side.server.connect().close()
        return ids

    def compare(self, protocols, steps):
        """The Difference, or None. `behind` decides for each waiting client, by the step, if it sends."""
        setup = [
            (b"CLIENT", b"UNPAUSE"), (b"CLIENT", b"SETNAME", b"administrator"), (b"CONFIG", b"SET", b"notify-keyspace-events", b"", b"maxmemory", b"0"),
            (b"CONFIG", b"SET", b"tracking-table-max-keys", b"1000000"), (b"SELECT", b"0"), (b"FLUSHALL",),
            (b"CONFIG", b"SET") + DEFAULT_LIMITS, (b"SCRIPT", b"FLUSH"), (b"CONFIG", b"RESETSTAT"),
        ]  # fmt: skip
        for side in self.pair.sides:
            side.ask(setup)
        self.align(protocols)
        sides = [Side(side, protocols) for side in self.pair.sides]
        self.is_silent = [False] * CLIENTS
        try:
            for number, step in enumerate(steps):
                self.commands += max(1, len(step.commands)) if step.kind == "send" else 1
                self.take(sides, protocols, number, step)
            for side in self.pair.sides:
                side.ask([(b"CLIENT", b"UNPAUSE"), (b"CONFIG", b"SET", b"maxmemory", b"0")])
            self.compare_state(steps)
        except Undetermined:
            return None
        except Difference as difference:
            return difference
        except (ConnectionClosed, ReplyTimeout, NotRESP, OSError, ServerFailed) as problem:
            oracle_report, report = self.pair.revive()
            if oracle_report:
                self.oracle_ends += 1
                return None
            return Difference(steps[-1], "dead", [repr(problem), report])
        finally:
            for side in sides:
                side.close()
        return None

    def take(self, sides, protocols, number, step):
        for side in sides:
            side.perform(step)
        if step.kind == "send" and any(b"REPLY" in map(bytes.upper, args) for args in step.commands):
            self.is_silent[step.client] = True
        facts = [side.settle() for side in sides]
        heard = [side.heard() for side in sides]
        for index, (one, other) in enumerate(zip(*heard)):
            if one != other and not self.is_same(step, index, one, other):
                if b"overlaps with another provided prefix" in one:
                    raise Undetermined()  # if it is not the first, the oracle says OK as well, and tracks
                if step.kind == "send" and any(args[0].upper() == b"SWAPDB" for args in step.commands):
                    raise Undetermined()  # the order in which clients that wait for several keys are served
                mark = "%s > %s" % (name_of(step), "self" if index == step.client else "other")
                mark += " %s %s" % (shape(one), shape(other))
                raise Difference(step, mark, ["client %d, at step %d, heard" % (index, number), *both(one, other)])
        ends = [[client.is_closed for client in side.clients] for side in sides]
        for index, (one, other) in enumerate(zip(*ends)):
            # Before it closes after a reply, the oracle waits until that is sent, be it that CLIENT REPLY OFF
            # keeps it from being sent at all.
            if other and not one and self.is_silent[index]:
                ends[0][index] = sides[0].clients[index].has_left = True
        if ends[0] != ends[1]:
            raise Difference(step, "%s closes" % name_of(step), ["closed: %r" % ends[0], "        %r" % ends[1]])
        for name in () if any(self.is_silent) else FACTS:
            one, other = [re.search("^%s:(.*)\r$" % name, text, re.M) for text in facts]
            if one.group(1) != other.group(1):
                text = "%s at step %d: %s, %s" % (name, number, one.group(1), other.group(1))
                raise Difference(step, "%s: %s" % (name_of(step), name), [text])
        if any(ends[0]) or step.kind == "leave":
            self.is_silent = [silent and not end for silent, end in zip(self.is_silent, ends[0])]
            for side in sides:
                side.replace_closed(protocols)

    def is_same(self, step, index, one, other):
        # Before 7.2 a message that a command causes may come in the middle of its own reply.
        # EXPIRE, say, answers before it tells of the change.
        is_told = b"@0__:" in one or index == step.client and b"\r\ninvalidate\r\n" in one
        # Patterns, of which the messages come in the order of a table, among the replies of EXEC.
        is_told |= b"+QUEUED" in one and b"\r\npmessage\r\n" in one
        if is_told and sorted(one.split(b"\r\n")) == sorted(other.split(b"\r\n")):
            return True
        replies = [split(one), split(other)]
        if None in replies or len(replies[0]) != len(replies[1]):
            return False
        # The channels that are left all together come in the order of a table.
        if all(b"unsubscribe\r\n" in data for data in (one, other)):
            lines = [sorted(line for line in data.split(b"\r\n") if line[:1] != b":") for data in (one, other)]
            if lines[0] == lines[1]:
                return True
        if any(b"\r\npmessage\r\n" in reply for reply in replies[0]):
            replies = [sorted(side) for side in replies]  # patterns come in the order of a table, too
        # Of a flush, clients are told in the order of a list that the oracle turns round now and then: it shows
        # where two of them redirect to a third.
        if any(map(FLUSHED.search, (one, other))):
            replies = [sorted(side) for side in replies]
        return all(a == b or alike(a, b) for a, b in zip(*replies))

    def compare_state(self, steps):
        difference = Comparison(self.pair).compare_state(0)
        for side in self.pair.sides:
            side.ask([(b"SELECT", b"0")])
        if difference is not None:
            raise Difference(steps[-1], "state %s" % difference.args[0].decode(),
                             ["after all, %s" % join_words(difference.args), *both(difference.ours, difference.theirs)])

    def run_stream(self, number):
        protocols, steps = self.stream(number)
        difference = self.compare(protocols, steps)
        if difference is None:
            self.passed += 1
            return
        self.failed += 1
        self.seen[difference.mark] = self.seen.get(difference.mark, 0) + 1
        if self.seen[difference.mark] > 1:
            return
        if difference.step in steps:
            steps = steps[: steps.index(difference.step) + 1] if difference.mark[:5] != "state" else steps

        def fails(candidate):
            found = self.compare(protocols, candidate)
            return found is not None and found.mark == difference.mark

        counted = self.commands
        steps = drop_steps(steps, fails, time.monotonic() + self.args.shrink_seconds)
        again = self.compare(protocols, steps)
        self.commands = counted
        print("-" * 78)
        print("seed %d, stream %d: %s" % (self.args.seed, number, difference.mark))
        print("protocols %s" % "".join(map(str, protocols)))
        for step in steps:
            for line in show(step):
                print("   " + line)
        for line in (again or difference).lines:
            print(line)
        if again is None:
            print("# it did not happen again when the stream was repeated")
        sys.stdout.flush()

    def run(self):
        if self.args.only_stream is not None:
            self.run_stream(self.args.only_stream)
            return
        number = 0
        while self.commands < self.args.commands and len(self.seen) < self.args.max_failures:
            self.run_stream(number)
            number += 1


def words(args):
    """A template's blanks part words: a script has a dash for one."""
    return [arg.replace(b"return-", b"return ") if arg[:1] == b"r" else arg for arg in args]


def alike(one, other):
    """Whether two replies are as good as each other."""
    try:
        return alike_values(*(parse_at(raw, 0)[0] for raw in (one, other)))
    except ValueError:  # it begins in the middle: the length of a map of attributes, say
        return False


def alike_values(one, other):
    if one.kind != other.kind:
        return False
    if one == other:
        return True
    if one.kind in ("bulk", "verbatim") and b" addr=" in one.value:
        return client_lines(one.value) == client_lines(other.value)
    if one.kind == "map":  # HELLO: the version may be another
        return [pair for pair in one.value if pair[0].value != b"version"] == [
            pair for pair in other.value if pair[0].value != b"version"
        ]
    if one.kind == "array" and one.value and one.value[0].value == b"server":
        return one.value[:3] + one.value[4:] == other.value[:3] + other.value[4:]
    if one.kind == "array" and len(one.value) == len(other.value):
        if all(map(alike_values, one.value, other.value)):
            return True
        return all(item.kind == "bulk" for item in one.value) and sorted(one.value) == sorted(other.value)
    return False


def client_lines(text):
    found = []
    for line in (text[4:] if text[:4] == b"txt:" else text).splitlines():
        fields = dict(word.split(b"=", 1) for word in line.split(b" ") if b"=" in word)
        if fields.get(b"name") != b"administrator":
            found.append(([(name, fields.get(name)) for name in FIELDS], sorted(fields)))
    return sorted(found, key=repr)  # the oracle turns its list round now and then


def name_of(step):
    if step.kind != "send":
        return step.kind
    first = step.commands[-1] if step.commands[0][0].upper() == b"MULTI" else step.commands[0]
    name = b" ".join(first[: 2 if first[0].upper() == b"CLIENT" else 1])
    return name.upper().decode("latin-1")


def shape(data):
    if data[:1] in (b"*", b"$", b"=", b"%"):
        return data[:1].decode()
    text = data[:24].decode("latin-1")
    return "".join("0" if c.isdigit() else c for c in text if c >= " ") or "nothing"


def both(one, other):
    if b" addr=" in one and b" addr=" in other:
        lines = [client_lines(b"\n".join(x for x in text.split(b"\n") if b" addr=" in x)) for text in (one, other)]
        return [repr([f for f in zip(a[0], b[0]) if f[0] != f[1]]) for a, b in zip(*lines)]
    return ["oracle: %r" % one[:1500], "binary: %r" % other[:1500]]


def show(step):
    if step.kind == "send":
        for args in step.commands:
            yield "%d> %s" % (step.client, join_words(args))
    else:
        yield "%d: %s %r" % (step.client, step.kind, step.commands)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default="build/understudy")
    parser.add_argument("--oracle", default=ORACLE)
    parser.add_argument("--commands", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only-stream", type=int, help="repeat one stream of the seed")
    parser.add_argument("--max-failures", type=int, default=20)
    parser.add_argument("--shrink-seconds", type=float, default=10.0)
    args = parser.parse_args()
    leave_without_oracle(args.oracle)
    runner = Runner(args)
    started = time.monotonic()
    try:
        runner.run()
    finally:
        last_words = runner.pair.stop()
    if last_words:
        print(last_words)
        runner.failed += 1
    for mark, count in sorted(runner.seen.items(), key=lambda item: -item[1]):
        print("%4d times: %s" % (count, mark))
    if runner.oracle_ends:
        print("the oracle ended %d times" % runner.oracle_ends)
    print("%d commands in %.1f s" % (runner.commands, time.monotonic() - started))
    print("%d passed, %d failed" % (runner.passed, runner.failed))
    return 1 if runner.failed or not runner.passed else 0


if __name__ == "__main__":
    sys.exit(main())
