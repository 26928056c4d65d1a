# SPDX-License-Identifier: MIT
"""Servers for tests: redis-server (the oracle) or understudy, each in a directory of its own.

    with Server("build/understudy", emulate="7.0") as server:
        connection = server.connect(protocol=3)
        connection.command("PING")

A server listens on a Unix socket in its directory, and with tcp=True on a free port of 127.0.0.1.
It is ready when start() returns, and gone when stop() returns.
"""

import functools
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from .resp import Connection

ORACLE = "redis-server"
ORACLE_VERSION = "7.0"  # of which it must be to be compared with, up to the second point
START_TIMEOUT = 60.0
STOP_TIMEOUT = 60.0


class ServerFailed(Exception):
    """The server did not start, or died; the text holds what it wrote."""


def is_understudy(binary):
    if "understudy" in os.path.basename(binary):
        return True
    try:
        answer = subprocess.run(
            [binary, "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return b"understudy" in answer.stdout.lower()


@functools.lru_cache(maxsize=None)
def oracle_problem(binary=ORACLE):
    """Why nothing can be compared with this redis-server, or None: it must be there, and of the
    version that the program emulates beside it."""
    path = shutil.which(binary)
    if path is None:
        return "there is no " + binary
    answer = subprocess.run([path, "--version"], stdout=subprocess.PIPE, timeout=60).stdout.decode()
    version = re.search(r"v=(\d+\.\d+)", answer)
    if "understudy" in answer or (version and version.group(1) == ORACLE_VERSION):
        return None
    return "%s is %s, comparisons need %s" % (
        binary, version.group(1) if version else "of no known version", ORACLE_VERSION)  # fmt: skip


needs_oracle = unittest.skipIf(oracle_problem(), oracle_problem())


def leave_without_oracle(binary=ORACLE):
    """Ends a program of comparisons, telling why, if there is nothing to compare with."""
    problem = oracle_problem(binary)
    if problem:
        print("skipped: " + problem)
        sys.exit(0)


def resolve(binary):
    """An absolute path, so that a server may run in another directory."""
    found = shutil.which(binary)
    if found is None:
        raise ServerFailed("no such program: %s" % binary)
    return os.path.abspath(found)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, binary=ORACLE, options=(), tcp=False, emulate=None, timeout=60.0):
        self.binary = resolve(binary)
        self.is_understudy = is_understudy(self.binary)
        self.options = [str(option) for option in options]
        self.tcp = tcp
        self.emulate = emulate
        self.timeout = timeout
        self.process = None
        self.directory = None
        self.last_words = ""
        self.port = 0
        self.host = "127.0.0.1"

    # Lifecycle

    def start(self):
        if not self.is_understudy and oracle_problem(self.binary):
            raise unittest.SkipTest(oracle_problem(self.binary))
        self.directory = tempfile.mkdtemp(prefix="understudy-test-")
        self.socket_path = os.path.join(self.directory, "s.sock")
        attempts = 5 if self.tcp else 1
        for attempt in range(attempts):
            try:
                self.start_once()
                return self
            except ServerFailed as problem:
                taken = "in use" in str(problem)
                self.kill()
                if attempt + 1 == attempts or not taken:
                    self.remove_directory()
                    raise
            except BaseException:
                self.kill()
                self.remove_directory()
                raise
        return self

    def start_once(self):
        self.port = free_port() if self.tcp else 0
        command = [self.binary, "--port", str(self.port), "--bind", self.host]
        command += ["--unixsocket", self.socket_path, "--save", "", "--dir", self.directory]
        ready, ready_in_child = os.pipe()
        passed = ()
        if self.is_understudy:
            command += ["--ready-fd", str(ready_in_child)]
            passed = (ready_in_child,)
            if self.emulate:
                command += ["--emulate", self.emulate]
        command += self.options
        try:
            with open(os.path.join(self.directory, "output"), "wb") as output:
                self.process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=self.directory,
                    pass_fds=passed,
                )
            os.close(ready_in_child)
            ready_in_child = -1
            if self.is_understudy:
                self.await_ready_line(ready)
            else:
                self.await_socket()
        finally:
            os.close(ready)
            if ready_in_child >= 0:
                os.close(ready_in_child)

    def await_ready_line(self, ready):
        line = b""
        while not line.endswith(b"\n"):
            readable, _, _ = select.select([ready], [], [], START_TIMEOUT)
            data = os.read(ready, 256) if readable else b""
            if not data:
                break
            line += data
        if not line:
            raise ServerFailed("%s did not become ready\n%s" % (self.binary, self.output()))

    def await_socket(self):
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            try:
                with self.connect() as connection:
                    if connection.command("PING").kind in ("simple", "error"):
                        return
            except OSError:
                pass
            try:
                self.process.wait(timeout=0.002)
                break
            except subprocess.TimeoutExpired:
                continue
        raise ServerFailed("%s did not become ready\n%s" % (self.binary, self.output()))

    def stop(self):
        """Ends the server and removes its directory. Returns the exit status, and keeps in
        `last_words` what understudy wrote when that is not 0 (a sanitizer's report, say)."""
        if self.process is None:
            return None
        self.last_words = ""
        if self.process.poll() is None and not self.is_understudy:
            self.kill()  # redis-server takes up to 100 ms to notice a signal
            status = 0
        else:
            if self.process.poll() is None:
                self.process.terminate()
            try:
                status = self.process.wait(timeout=STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                self.kill()
                status = -signal.SIGKILL
            if status:
                self.last_words = self.crash_report()
        self.process = None
        self.remove_directory()
        return status

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def remove_directory(self):
        if self.directory is not None:
            shutil.rmtree(self.directory, ignore_errors=True)
            self.directory = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def output(self):
        """What the server wrote to its standard streams so far."""
        try:
            with open(os.path.join(self.directory, "output"), "rb") as file:
                return file.read().decode("utf-8", "replace")
        except (OSError, TypeError):
            return ""

    def crash_report(self):
        """The exit status and the last lines of output of a server that died."""
        status = self.process.wait(timeout=STOP_TIMEOUT)
        lines = self.output().splitlines()[-60:]
        return "%s ended with status %d\n%s" % (self.binary, status, "\n".join(lines))

    # Clients

    def connect(self, protocol=2, timeout=None):
        sock = socket.socket(socket.AF_UNIX)
        return self.greet(sock, self.socket_path, protocol, timeout)

    def connect_tcp(self, protocol=2, timeout=None):
        sock = socket.socket(socket.AF_INET)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.greet(sock, (self.host, self.port), protocol, timeout)

    def greet(self, sock, address, protocol, timeout):
        try:
            sock.connect(address)
        except OSError:
            sock.close()
            raise
        connection = Connection(sock, timeout or self.timeout)
        if protocol == 3:
            reply = connection.command("HELLO", "3")
            if reply.kind != "map":
                connection.close()
                raise ServerFailed("HELLO 3 answered %r" % (reply,))
        return connection
