# SPDX-License-Identifier: MIT
"""The two servers that are measured side by side, and the ways of measuring."""

import copy
import os
import socket
import statistics
import subprocess
import sys
import time

PATIENCE = 600.0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def encode(*words):
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        data = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)


class Subject:
    """One of two servers, started anew for each kind of measurement."""

    def __init__(self, name, binary, options=()):
        self.name = name
        self.binary = binary
        self.options = options
        self.process = None
        self.filled = None

    def start(self):
        """Starts it; returns the seconds until its first PONG."""
        self.port = free_port()
        command = [self.binary, "--port", str(self.port), "--save", "", "--bind", "127.0.0.1"]
        command += ["--lua-time-limit", "0", *self.options]
        started = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd="/"
        )
        while True:
            try:
                self.socket = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
                break
            except ConnectionRefusedError:
                if self.process.poll() is not None or time.perf_counter() - started > PATIENCE:
                    sys.exit("bench: %s does not start" % self.binary)
        self.socket.settimeout(PATIENCE)
        self.socket.sendall(b"PING\r\n")
        answer = self.socket.recv(64)
        elapsed = time.perf_counter() - started
        if answer != b"+PONG\r\n":
            sys.exit("bench: %s answers PING with %r" % (self.binary, answer))
        return elapsed

    def stop(self):
        if self.process:
            self.socket.close()
            self.process.kill()
            self.process.wait()
            self.process = None
            self.filled = None

    def line(self, *words):
        """Sends a command; returns its reply as far as it comes in one piece."""
        self.socket.sendall(encode(*words))
        answer = self.socket.recv(65536)
        if answer.startswith(b"-"):
            raise RuntimeError(answer.decode().strip())
        return answer

    def processor_time(self):
        """Seconds on a processor since its start, of user and system."""
        with open("/proc/%d/stat" % self.process.pid) as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident(self):
        """Bytes in physical memory."""
        with open("/proc/%d/statm" % self.process.pid) as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Bench:
    def __init__(self, options):
        self.rounds = options.rounds
        self.scale = 10 if options.quick else 1
        self.driver = options.driver
        self.oracle = Subject("redis-server", options.oracle)
        self.subject = Subject("understudy", options.binary)
        self.both = (self.oracle, self.subject)

    def with_and_without(self, measure, *options):
        """measure(self), with this server beside itself with more options."""
        bench = copy.copy(self)
        bench.oracle = Subject("without", self.subject.binary)
        bench.subject = Subject("with", self.subject.binary, options)
        bench.both = (bench.oracle, bench.subject)
        try:
            return measure(bench)
        finally:
            self.processor_times = dict(zip(self.both, map(bench.processor_times.get, bench.both)))

    def in_turn(self, measure, fresh=False):
        """The medians of measure(subject) for both; the servers live through all rounds unless
        fresh. None where a server cannot do it."""
        results = {subject: [] for subject in self.both}
        self.processor_times = {subject: [] for subject in self.both}
        try:
            for round_number in range(self.rounds):
                for subject in self.both:
                    if fresh or round_number == 0:
                        subject.stop()
                        subject.start()
                    before = subject.process.pid, subject.processor_time()
                    results[subject].append(measure(subject))
                    if before[0] == subject.process.pid:
                        spent = subject.processor_time() - before[1]
                        self.processor_times[subject].append(spent)
        except RuntimeError as problem:
            print("  (%s)" % problem)
            return None
        finally:
            for subject in self.both:
                subject.stop()
        return [statistics.median(results[subject]) for subject in self.both]

    # What is measured

    def start_time(self):
        def measure(subject):
            subject.stop()
            return subject.start()

        rounds, self.rounds = self.rounds, self.rounds * 5
        try:
            return self.in_turn(measure)
        finally:
            self.rounds = rounds

    def idle_memory(self):
        def measure(subject):
            time.sleep(0.2)
            return subject.resident()

        return self.in_turn(measure, fresh=True)

    def requests(self, count, pipeline, *words, fill=None, keys=None):
        """Requests a second by redis-benchmark. `fill` is (script, key, arguments ...), run once a
        server before; `keys` how many numbers __rand_int__ may be."""

        def measure(subject):
            self.fill_once(subject, fill)
            prepared = [self.prepare(subject, word) for word in words]
            command = ["redis-benchmark", "-p", str(subject.port), "-c", "50", "--csv"]
            command += ["-r", str(keys)] if keys else []
            command += ["-P", str(pipeline), "-n", str(count // self.scale)] + prepared
            run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            row = run.stdout.decode().strip().splitlines()[-1]
            return float(row.split('","')[1].strip('"'))

        return self.in_turn(measure)

    def driven(self, count, pipeline, *words, fill=None):
        """The same by load_driver, which is faster than redis-benchmark."""
        if not self.driver:
            return None

        def measure(subject):
            self.fill_once(subject, fill)
            prepared = [self.prepare(subject, word) for word in words]
            command = [self.driver, str(subject.port), "50", str(pipeline)]
            command += [str(count // self.scale)] + prepared
            run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            if run.returncode != 0:
                raise RuntimeError(run.stderr.decode().strip())
            return float(run.stdout)

        return self.in_turn(measure)

    def fill_once(self, subject, fill):
        if fill and subject.filled != fill:
            script, key, *arguments = fill
            subject.line("EVAL", script, "1", key, *arguments)
            subject.filled = fill

    @staticmethod
    def prepare(subject, word):
        """A word of a request; ("SHA", script) stands for the SHA of a script that is loaded."""
        if not isinstance(word, tuple):
            return word
        return subject.line("SCRIPT", "LOAD", word[1]).split(b"\r\n")[1].decode()

    def script(self, count, call, fill=None):
        """How many times a second one script runs the Lua statement `call`."""
        count //= self.scale
        script = "for i = 1, %d do %s end return 1" % (count, call)

        def measure(subject):
            self.fill_once(subject, fill)
            started = time.perf_counter()
            subject.line("EVAL", script, "1", "k")
            return count / (time.perf_counter() - started)

        return self.in_turn(measure)

    def duration(self, *words, fill=None, times=1):
        """Seconds that one command takes, sent `times` times in one go; its reply is one line."""

        def measure(subject):
            self.fill_once(subject, fill)
            started = time.perf_counter()
            for _ in range(times):
                subject.line(*words)
            return (time.perf_counter() - started) / times

        return self.in_turn(measure)

    def restoring(self, keys, changes):
        """Seconds until data is as it was after some keys changed: redis-server is emptied and
        filled again, ours goes back to a snapshot."""
        fill = "for i = 1, ARGV[1] do redis.call('set', 'key:' .. i, 'value:' .. i) end return 1"
        change = "for i = 1, ARGV[1] do redis.call('set', 'key:' .. i * 7, 'changed') end return 1"

        def measure(subject):
            has_snapshots = subject is self.subject
            if subject.filled != fill:
                subject.line("EVAL", fill, "0", keys)
                if has_snapshots:
                    subject.line("MOCK", "SNAPSHOT", "SAVE", "full")
                subject.filled = fill
            subject.line("EVAL", change, "0", changes)
            started = time.perf_counter()
            if has_snapshots:
                subject.line("MOCK", "SNAPSHOT", "RESTORE", "full")
            else:
                subject.line("FLUSHALL")
                subject.line("EVAL", fill, "0", keys)
            return time.perf_counter() - started

        return self.in_turn(measure)

    def many_scripts(self, count, template):
        """Bytes of memory a script takes when `count` different ones were EVALed."""
        count //= self.scale

        def measure(subject):
            before = subject.resident()
            for number in range(count):
                subject.line("EVAL", template % number, "0")
            return (subject.resident() - before) / count

        return self.in_turn(measure, fresh=True)

    def memory(self, count, script, *arguments):
        """Bytes of memory an element takes that `script` made, called with their count."""
        count //= self.scale

        def measure(subject):
            before = subject.resident()
            subject.line("EVAL", script, "1", "key", count, *arguments)
            subject.line("SCRIPT", "FLUSH")
            time.sleep(0.5)
            return (subject.resident() - before) / count

        rounds, self.rounds = self.rounds, 1
        try:
            return self.in_turn(measure, fresh=True)
        finally:
            self.rounds = rounds
