# SPDX-License-Identifier: MIT
"""What the unittest-based suites share: the program under test, processes, and the closing line."""

import argparse
import collections
import os
import select
import socket
import subprocess
import sys
import time
import unittest

from .servers import ORACLE, Server, is_understudy, needs_oracle, resolve

TIMEOUT = 60.0  # seconds: a machine may be busy, or stand still for a while
BINARY_VARIABLE = "TEST_BINARY"


def binary():
    return os.environ[BINARY_VARIABLE]


def understudy_only(test):
    """For what redis-server does not have: skipped when it is the program under test."""

    def checked(self, *args):
        if not is_understudy(binary()):
            self.skipTest("of understudy alone")
        return test(self, *args)

    checked.__name__ = test.__name__
    checked.__doc__ = test.__doc__
    return checked


class ServerCase(unittest.TestCase):
    """A server for each test; its clean end is part of the test."""

    options = ()
    tcp = True

    def setUp(self):
        self.server = self.start_server(*self.options)

    def start_server(self, *options):
        server = Server(binary(), options, tcp=self.tcp)
        server.start()
        self.addCleanup(self.stop_server, server)
        return server

    def stop_server(self, server):
        server.stop()
        self.assertEqual(server.last_words, "")

    def connect(self, protocol=2, tcp=False, timeout=None):
        open_connection = self.server.connect_tcp if tcp else self.server.connect
        connection = open_connection(protocol, timeout)
        self.addCleanup(connection.close)
        return connection


@needs_oracle
class ExchangeCase(unittest.TestCase):
    """For a whole class a server of ours and redis-server, to hand data from one to the other."""

    oracle_options = ()

    @classmethod
    def setUpClass(cls):
        name = binary()
        emulate = "7.0" if is_understudy(name) else None
        cls.servers = [Server(name, emulate=emulate), Server(ORACLE, cls.oracle_options)]
        for server in cls.servers:
            server.start()
            cls.addClassCleanup(server.stop)
        cls.ours, cls.theirs = [server.connect() for server in cls.servers]
        cls.addClassCleanup(cls.ours.close)
        cls.addClassCleanup(cls.theirs.close)


def connections_received(client):
    return [line for line in client.value("INFO", "stats").splitlines() if b"connections_received" in line]


def assert_not_served(test, address, client):
    """That the server, which `client` talks with, is not at the address. Somebody else may be by now."""
    before = connections_received(client)
    try:
        socket.create_connection(address, TIMEOUT).close()
    except ConnectionRefusedError:
        return
    for _ in range(10):
        test.assertEqual(connections_received(client), before)


def run_program(*args, stdin=b"", env=None):
    """A whole run of the program under test: status, output, errors."""
    return subprocess.run(
        [binary()] + list(args), input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        timeout=TIMEOUT, env=env,
    )  # fmt: skip


def read_line(stream, timeout=TIMEOUT):
    """One line of an unbuffered binary stream, or what came before its end."""
    line = b""
    while not line.endswith(b"\n"):
        readable, _, _ = select.select([stream], [], [], timeout)
        data = os.read(stream.fileno(), 1) if readable else b""
        if not data:
            break
        line += data
    return line


def await_condition(process, condition):
    """Waits until condition() holds, or the process ends, or the time is up. The last answer."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        if condition():
            return True
        try:
            process.wait(timeout=0.002)
            return condition()
        except subprocess.TimeoutExpired:
            continue
    return False


def main(directory, description):
    """Runs the test_*.py files of a directory and prints the closing line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--binary", default="build/understudy")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("patterns", nargs="*", help="only tests whose name holds one of these")
    args = parser.parse_args()
    os.environ[BINARY_VARIABLE] = resolve(args.binary)
    loader = unittest.TestLoader()
    if args.patterns:
        loader.testNamePatterns = ["*%s*" % pattern for pattern in args.patterns]
    suite = loader.discover(directory, pattern="test_*.py", top_level_dir=directory)
    runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2 if args.verbose else 1)
    result = runner.run(suite)
    failed = len({str(test) for test, _ in result.failures + result.errors})
    skipped = len(result.skipped)
    passed = result.testsRun - failed - skipped
    for reason, count in sorted(collections.Counter(reason for _, reason in result.skipped).items()):
        print("%d skipped: %s" % (count, reason))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0
