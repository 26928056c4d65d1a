#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures understudy and redis-server side by side and prints ratios, each with its aim.

    tests/bench/run.py --binary build/understudy [--rounds 5] [--quick] [--only NAME]

Both servers are measured in turn within each round, so that what else the machine does hits both;
the table shows medians over the rounds. The last column compares the processor time that the servers
took for the same work, which suffers less from what else runs. Requests come from redis-benchmark, and for deep pipelines,
where that is the bottleneck itself, also from load_driver. Nothing here is a test: the exit status
is 0 whatever the ratios are.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time

PATIENCE = 60.0
GET_SCRIPT = "return redis.call('get', KEYS[1])"
LOOP_SCRIPT = "for i = 1, %d do redis.call('get', KEYS[1]) end return 1"


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
    """One of the two servers, started anew for each kind of measurement."""

    def __init__(self, name, binary):
        self.name = name
        self.binary = binary
        self.process = None

    def start(self):
        """Starts it; returns the seconds until its first PONG."""
        self.port = free_port()
        command = [self.binary, "--port", str(self.port), "--save", "", "--bind", "127.0.0.1"]
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

    def requests(self, count, pipeline, *words):
        def measure(subject):
            subject.line("SET", "key:__rand_int__", "xxx")
            prepared = [self.prepare(subject, word) for word in words]
            command = ["redis-benchmark", "-p", str(subject.port), "-c", "50", "--csv"]
            command += ["-P", str(pipeline), "-n", str(count // self.scale)] + prepared
            run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            row = run.stdout.decode().strip().splitlines()[-1]
            return float(row.split('","')[1].strip('"'))

        return self.in_turn(measure)

    def driven(self, count, pipeline, *words):
        if not self.driver:
            return None

        def measure(subject):
            subject.line("SET", "key:__rand_int__", "xxx")
            prepared = [self.prepare(subject, word) for word in words]
            command = [self.driver, str(subject.port), "50", str(pipeline)]
            command += [str(count // self.scale)] + prepared
            run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            if run.returncode != 0:
                raise RuntimeError(run.stderr.decode().strip())
            return float(run.stdout)

        return self.in_turn(measure)

    @staticmethod
    def prepare(subject, word):
        if word != "SHA":
            return word
        return subject.line("SCRIPT", "LOAD", GET_SCRIPT).split(b"\r\n")[1].decode()

    def script_loop(self, count):
        script = LOOP_SCRIPT % (count // self.scale)

        def measure(subject):
            subject.line("CONFIG", "SET", "lua-time-limit", "0")
            subject.line("SET", "k", "xxx")
            started = time.perf_counter()
            subject.line("EVAL", script, "1", "k")
            return count / self.scale / (time.perf_counter() - started)

        return self.in_turn(measure)

    def key_memory(self, count):
        count //= self.scale

        def measure(subject):
            before = subject.resident()
            for first in range(0, count, 1000):
                batch = [
                    encode("SET", "key:%08d" % i, "value:%08d" % i)
                    for i in range(first, min(first + 1000, count))
                ]
                subject.socket.sendall(b"".join(batch))
                expected = len(b"+OK\r\n") * len(batch)
                while expected > 0:
                    expected -= len(subject.socket.recv(expected))
            time.sleep(0.5)
            return (subject.resident() - before) / count

        rounds, self.rounds = self.rounds, 1
        try:
            return self.in_turn(measure, fresh=True)
        finally:
            self.rounds = rounds


def milliseconds(value):
    return "%.2f ms" % (value * 1000)


def megabytes(value):
    return "%.2f MB" % (value / 1e6)


def per_second(value):
    return "%.0f/s" % value


def bytes_each(value):
    return "%.1f B" % value


KEY = "key:__rand_int__"

# Name, how to measure, how to print, the aim for understudy / redis-server, and whether more is better.
MEASUREMENTS = (
    ("start to first PONG", lambda b: b.start_time(), milliseconds, 0.25, False),
    ("idle memory", lambda b: b.idle_memory(), megabytes, 0.33, False),
    ("GET, 50 clients", lambda b: b.requests(200000, 1, "GET", KEY), per_second, 1.0, True),
    ("SET, 50 clients", lambda b: b.requests(200000, 1, "SET", KEY, "xxx"), per_second, 1.0, True),
    ("GET, 50 clients, pipelines of 50", lambda b: b.requests(1000000, 50, "GET", KEY),
     per_second, 1.3, True),
    ("SET, 50 clients, pipelines of 50", lambda b: b.requests(1000000, 50, "SET", KEY, "xxx"),
     per_second, 1.3, True),
    ("GET, the same, load_driver", lambda b: b.driven(2000000, 50, "GET", KEY),
     per_second, 1.3, True),
    ("SET, the same, load_driver", lambda b: b.driven(2000000, 50, "SET", KEY, "xxx"),
     per_second, 1.3, True),
    ("EVALSHA of one GET, pipelines of 50",
     lambda b: b.driven(500000, 50, "EVALSHA", "SHA", "1", KEY), per_second, 2.0, True),
    ("redis.call('get') in one script", lambda b: b.script_loop(1000000), per_second, 2.0, True),
    ("memory of a small string key", lambda b: b.key_memory(1000000), bytes_each, 0.7, False),
)


def shown_processor_ratio(bench):
    """How many times the work of the oracle ours does in the same processor time."""
    oracle, subject = (bench.processor_times[which] for which in bench.both)
    if not oracle or not subject or not statistics.median(subject):
        return ""
    return "%5.2f" % (statistics.median(oracle) / statistics.median(subject))


def report(bench, name, medians, show, aim, more_is_better):
    if medians is None:
        print("%-38s not measured" % name, flush=True)
        return
    oracle, subject = medians
    ratio = subject / oracle
    is_met = ratio >= aim if more_is_better else ratio <= aim
    print(
        "%-38s %12s %12s   %5.2f   %s %.2f  %-7s %s"
        % (name, show(oracle), show(subject), ratio, ">=" if more_is_better else "<=", aim,
           "ok" if is_met else "MISSED", shown_processor_ratio(bench) if more_is_better else ""),
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default="build/understudy")
    parser.add_argument("--oracle", default="redis-server")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a tenth of the requests")
    parser.add_argument("--only", default="", help="measurements whose name contains this")
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    for needed in (options.oracle, "redis-benchmark"):
        if not shutil.which(needed):
            sys.exit("bench: %s is not installed" % needed)
    driver = os.path.join(os.path.dirname(options.binary), "tests/bench/load_driver")
    options.driver = driver if os.path.exists(driver) else None
    bench = Bench(options)
    print("%-38s %12s %12s   ratio   aim              CPU" % ("", bench.oracle.name, bench.subject.name))
    for name, measure, show, aim, more_is_better in MEASUREMENTS:
        if options.only in name:
            report(bench, name, measure(bench), show, aim, more_is_better)


if __name__ == "__main__":
    main()
