# SPDX-License-Identifier: MIT
"""Where a server listens and whom it lets in: addresses, ports and Unix sockets, beside the oracle."""

import os
import shutil
import socket
import stat
import subprocess
import tempfile
import unittest

from support.resp import Connection
from support.servers import ORACLE, Server, free_port, needs_oracle
from support.testing import (
    TIMEOUT,
    ServerCase,
    assert_not_served,
    await_condition,
    binary,
    run_program,
    understudy_only,
)

NOBODYS = "192.0.2.1"  # TEST-NET-1
UNKNOWN = "a" * 64 + ".invalid"  # a label that is too long for DNS: nobody is asked

# CONFIG SET on both servers: what they answer is the same, and what they then show.
CHANGES = (
    ("bind", "127.0.0.1 -" + NOBODYS),
    ("bind", NOBODYS),
    ("bind", "127.0.0.1 " + NOBODYS),
    ("bind", "-" + NOBODYS),
    ("bind", "127.0.0.1"),
    ("bind", "127.0.0.1 127.0.0.1"),
    ("bind", UNKNOWN),
    ("bind", "127.0.0.1 -" + UNKNOWN),
    ("bind", "localhost"),
    ("bind", ""),
    ("bind", " ".join(["127.0.0.1"] * 17)),
    ("bind", "*"),
    ("bind", "127.0.0.1", "bind", "127.0.0.1"),
    ("bind", "127.0.0.1"),
    ("port", "70000"),
    ("port", "-1"),
    ("port", "x"),
    ("port", "0"),
    ("tls-port", "70000"),
    ("tls-port", "6379"),
    ("tls-port", "0"),
    ("unixsocket", "/tmp/x"),
    ("unixsocketperm", "700"),
    ("unixsocketperm", "x"),
    ("tls-auth-clients", "maybe"),
    ("tls-session-caching", "1"),
    ("tls-protocols", "anything while nothing needs it"),
    ("tls-cluster", "yes"),
    ("tls-replication", "no", "tls-ciphers", "x", "tls-cert-file", "/nosuch"),
    ("protected-mode", "no"),
)


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
            return True
    except OSError:
        return False


def from_elsewhere(port):
    """A client whose address is not that one which Redis counts as this machine's."""
    sock = socket.socket()
    sock.settimeout(TIMEOUT)
    sock.bind(("127.0.0.2", 0))
    sock.connect(("127.0.0.1", port))
    return sock


def read_to_end(sock):
    data = b""
    while True:
        try:
            piece = sock.recv(65536)
        except ConnectionResetError:
            return data
        if not piece:
            return data
        data += piece


@needs_oracle
class BesideTheOracle(unittest.TestCase):
    """Ours with --emulate 7.0, and redis-server."""

    def setUp(self):
        self.ours = self.start(binary(), emulate="7.0")
        self.oracle = self.start(ORACLE)

    def start(self, program, emulate=None):
        server = Server(program, tcp=True, emulate=emulate)
        server.start()
        self.addCleanup(server.stop)
        return server

    @understudy_only
    def test_changes_at_run_time_get_the_same_answers(self):
        with self.ours.connect() as ours, self.oracle.connect() as oracle:
            for words in CHANGES:
                self.assertEqual(ours.command("CONFIG", "SET", *words), oracle.command("CONFIG", "SET", *words), words)
                for name in words[::2]:
                    if name == "port" or name.startswith("unixsocket"):
                        continue
                    self.assertEqual(ours.command("CONFIG", "GET", name), oracle.command("CONFIG", "GET", name), words)

    @understudy_only
    def test_port_of_another_gets_the_same_answer(self):
        with self.ours.connect() as ours, self.oracle.connect() as oracle:
            theirs = oracle.command("CONFIG", "SET", "port", str(self.ours.port))
            self.assertEqual(ours.command("CONFIG", "SET", "port", str(self.oracle.port)), theirs)
            self.assertEqual(theirs.kind, "error")

    @understudy_only
    def test_protected_mode_says_the_same(self):
        said = []
        for server in (self.ours, self.oracle):
            with from_elsewhere(server.port) as sock:
                said.append(read_to_end(sock))
        self.assertTrue(said[0].startswith(b"-DENIED "), said)
        self.assertEqual(said[0], said[1])

    @understudy_only
    def test_who_is_let_in_is_the_same(self):
        for words in (("requirepass", "secret"), ("requirepass", ""), ("protected-mode", "no")):
            said = []
            for server in (self.ours, self.oracle):
                with server.connect() as test:
                    test.command("AUTH", "secret")
                    reply = test.command("CONFIG", "SET", *words)
                with from_elsewhere(server.port) as sock:
                    sock.sendall(b"PING\r\nQUIT\r\n")
                    said.append((reply, read_to_end(sock)))
            self.assertEqual(said[0], said[1], words)


class Addresses(ServerCase):
    options = ("--bind", "127.0.0.1", "-" + NOBODYS, "127.0.0.2")

    @understudy_only
    def test_every_address_of_bind_has_the_port(self):
        for host in ("127.0.0.1", "127.0.0.2"):
            with Connection(socket.create_connection((host, self.server.port), TIMEOUT)) as client:
                self.assertEqual(client.value("PING"), b"PONG")
                self.assertIn(b"laddr=%s:%d " % (host.encode(), self.server.port), client.value("CLIENT", "INFO"))

    @understudy_only
    def test_all_of_this_machine_is_local_since_7_2(self):
        with from_elsewhere(self.server.port) as sock:
            sock.sendall(b"PING\r\n")
            self.assertEqual(sock.recv(100), b"+PONG\r\n")

    @understudy_only
    def test_ipv6(self):
        if not has_ipv6():
            self.skipTest("no IPv6 here")
        test = self.connect()
        self.assertEqual(test.value("CONFIG", "SET", "bind", "127.0.0.1 ::1"), b"OK")
        with Connection(socket.create_connection(("::1", self.server.port), TIMEOUT)) as client:
            line = client.value("CLIENT", "INFO")
            self.assertIn(b" addr=[::1]:", line)
            self.assertIn(b" laddr=[::1]:%d " % self.server.port, line)

    @understudy_only
    def test_connections_stay_when_the_address_goes(self):
        client = self.connect(tcp=True)
        test = self.connect()
        self.assertEqual(test.value("CONFIG", "SET", "bind", "127.0.0.2"), b"OK")
        self.assertEqual(client.value("PING"), b"PONG")
        assert_not_served(self, ("127.0.0.1", self.server.port), test)

    @understudy_only
    def test_port_changes_and_what_was_there_is_closed(self):
        test = self.connect()
        before = self.server.port
        self.assertEqual(test.value("CONFIG", "SET", "port", "free"), b"OK")
        self.server.port = int(test.value("CONFIG", "GET", "port")[1])
        self.assertNotEqual(self.server.port, before)
        self.assertEqual(self.connect(tcp=True).value("PING"), b"PONG")
        assert_not_served(self, ("127.0.0.1", before), test)

    @understudy_only
    def test_nowhere_to_listen_is_no_start(self):
        for bind in ("-" + NOBODYS, ""):
            done = run_program("--port", str(free_port()), "--bind", bind)
            self.assertEqual(done.returncode, 1, done)
            self.assertIn(b"no address in bind can be used", done.stderr)


class UnixSocket(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="understudy-test-")
        self.addCleanup(shutil.rmtree, self.directory)
        self.path = os.path.join(self.directory, "s.sock")

    def run_server(self, *options, command="true"):
        return run_program("run", "--unixsocket", self.path, *options, "--", "sh", "-c", command)

    @understudy_only
    def test_command_is_told_of_the_socket_alone(self):
        done = self.run_server(command="env | grep ^REDIS_ | sort")
        expected = "REDIS_SOCKET=%s\nREDIS_URL=unix://%s\n" % (self.path, self.path)
        self.assertEqual(done.stdout.decode(), expected, done)
        self.assertFalse(os.path.exists(self.path))

    @understudy_only
    def test_free_port_beside_it(self):
        done = self.run_server("--port", "free", command='echo "$REDIS_SOCKET $REDIS_URL $REDIS_HOST:$REDIS_PORT"')
        self.assertRegex(done.stdout.decode(), r"^%s redis://(127\.0\.0\.1:\d+) \1\n$" % self.path)

    @understudy_only
    def test_mode_is_that_of_the_directive(self):
        for mode in ("700", "0770", "777"):
            done = self.run_server("--unixsocketperm", mode, command='stat -c %a "$REDIS_SOCKET"')
            self.assertEqual(int(done.stdout, 8), int(mode, 8), done)
        done = self.run_server("--unixsocketperm", "1777")
        self.assertIn(b"argument must be between 0 and 777 inclusive", done.stderr)

    @understudy_only
    def test_socket_that_a_killed_server_left_is_replaced(self):
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(self.path)
        self.assertTrue(stat.S_ISSOCK(os.stat(self.path).st_mode))
        self.assertEqual(self.run_server().returncode, 0)

    @understudy_only
    def test_socket_of_a_living_server_and_other_files_are_left_alone(self):
        with socket.socket(socket.AF_UNIX) as living:
            living.bind(self.path)
            living.listen()
            done = self.run_server()
            self.assertIn(b"cannot listen on %s: address already in use" % self.path.encode(), done.stderr)
        os.unlink(self.path)
        with open(self.path, "w") as file:
            file.write("precious")
        self.assertEqual(self.run_server().returncode, 1)
        with open(self.path) as file:
            self.assertEqual(file.read(), "precious")

    @understudy_only
    def test_clients_have_the_path_for_an_address(self):
        process = subprocess.Popen(
            [binary(), "--port", "0", "--unixsocket", self.path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

        def connects():
            with socket.socket(socket.AF_UNIX) as probe:
                return probe.connect_ex(self.path) == 0

        self.assertTrue(await_condition(process, connects))
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(self.path)
        with Connection(sock) as client:
            line = client.value("CLIENT", "INFO").decode()
            self.assertIn(" addr=%s:0 laddr=%s:0 " % (self.path, self.path), line)
            self.assertIn(" flags=U ", line)
        process.terminate()
        self.assertEqual(process.wait(TIMEOUT), 0)
        self.assertFalse(os.path.exists(self.path))


if __name__ == "__main__":
    unittest.main()
