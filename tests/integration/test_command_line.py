# SPDX-License-Identifier: MIT
"""Starting and ending the program: options, the config file, listeners, signals."""

import os
import signal
import socket
import subprocess
import tempfile
import unittest

from support.resp import Connection, ConnectionClosed
from support.testing import (
    TIMEOUT,
    ServerCase,
    await_condition,
    binary,
    read_line,
    run_program,
    understudy_only,
)


class Started:
    """The program with options of the test's own, started with --ready-fd."""

    def __init__(self, test, *options):
        ready, ready_in_child = os.pipe()
        self.process = subprocess.Popen(
            [binary()] + list(options) + ["--ready-fd", str(ready_in_child)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(ready_in_child,),
        )
        os.close(ready_in_child)
        test.addCleanup(self.end)
        with os.fdopen(ready, "rb", buffering=0) as stream:
            self.ready_line = read_line(stream).decode()

    def address(self):
        host, port = self.ready_line.split()
        return host, int(port)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def finish(self, number=signal.SIGTERM):
        """Signals, and returns status, output and errors."""
        self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=TIMEOUT)
        return self.process.returncode, output.decode(), errors.decode()


def connect(address):
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    sock = socket.socket(family)
    sock.connect(address)
    return Connection(sock)


class CommandLineCase(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="understudy-test-")
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.socket_path = os.path.join(self.directory, "s.sock")

    def path(self, name, text=None):
        path = os.path.join(self.directory, name)
        if text is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return path

    def assert_fault(self, *options, mention=""):
        """redis-server's few lines on standard error, the last but one the line at fault; status 1."""
        done = run_program(*options)
        lines = done.stderr.decode().splitlines()
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("FATAL CONFIG FILE ERROR", lines[1])
        self.assertIn(mention, lines[3])

    def assert_refused(self, *options, mention=""):
        """One clear line on standard error, nothing else, status 1."""
        done = run_program(*options)
        lines = done.stderr.decode().splitlines()
        self.assertEqual(done.returncode, 1, done)
        self.assertEqual(len(lines), 1, lines)
        self.assertIn(mention, lines[0])

    def test_version_is_one_line(self):
        for option in ("--version", "-v"):
            done = run_program(option)
            self.assertEqual(done.returncode, 0)
            self.assertEqual(len(done.stdout.splitlines()), 1)
            self.assertRegex(done.stdout.decode(), r"\d+\.\d+\.\d+")
            self.assertEqual(done.stderr, b"")

    @understudy_only
    def test_help_names_the_options(self):
        done = run_program("--help")
        text = done.stdout.decode()
        self.assertEqual(done.returncode, 0)
        for word in ("--port", "--unixsocket", "--ready-fd", "--ready-file", "--emulate", "run"):
            self.assertIn(word, text)

    @understudy_only
    def test_port_zero_takes_a_free_port(self):
        started = Started(self, "--port", "0")
        host, port = started.address()
        self.assertEqual(host, "127.0.0.1")
        self.assertGreater(port, 0)
        with connect((host, port)) as connection:
            self.assertEqual(connection.value("PING"), b"PONG")
            self.assertEqual(connection.value("CONFIG", "GET", "port")[0], b"port")

    @understudy_only
    def test_it_ends_with_the_process_that_started_it(self):
        script = '"$0" --port 0 --exit-with-parent --ready-fd 1 --logfile /dev/null & read line'
        with subprocess.Popen(
            ["sh", "-c", script, binary()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        ) as parent:
            self.assertRegex(read_line(parent.stdout).decode(), r"^127\.0\.0\.1 \d+\n$")
            parent.kill()
            self.assertEqual(read_line(parent.stdout), b"")  # nobody holds the pipe any more

    @understudy_only
    def test_two_servers_take_two_ports(self):
        first, second = Started(self, "--port", "0"), Started(self, "--port", "0")
        self.assertNotEqual(first.address(), second.address())

    @understudy_only
    def test_ready_file_holds_host_and_port_once_it_accepts(self):
        path = self.path("ready")
        process = subprocess.Popen(
            [binary(), "--port", "0", "--ready-file", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)

        def is_written():
            return os.path.exists(path) and os.path.getsize(path) > 0

        self.assertTrue(await_condition(process, is_written))
        with open(path, encoding="utf-8") as file:
            host, port = file.read().split()
        with connect((host, int(port))) as connection:
            self.assertEqual(connection.value("PING"), b"PONG")

    @understudy_only
    def test_log_says_ready_to_accept_connections(self):
        started = Started(self, "--port", "0")
        status, output, errors = started.finish()
        self.assertEqual(status, 0)
        lines = [line for line in (output + errors).splitlines() if "Ready to accept connections" in line]
        self.assertEqual(len(lines), 1)
        self.assertTrue(lines[0].endswith("Ready to accept connections tcp"), lines[0])

    @understudy_only
    def test_unix_socket_with_port_zero_means_no_tcp(self):
        started = Started(self, "--port", "0", "--unixsocket", self.socket_path)
        with connect(self.socket_path) as connection:
            self.assertEqual(connection.value("PING"), b"PONG")
            self.assertEqual(connection.value("CONFIG", "GET", "port"), [b"port", b"0"])
        self.assertEqual(started.finish()[0], 0)
        self.assertFalse(os.path.exists(self.socket_path))

    @understudy_only
    def test_unix_socket_permissions_are_set(self):
        Started(self, "--port", "0", "--unixsocket", self.socket_path, "--unixsocketperm", "700")
        self.assertEqual(os.stat(self.socket_path).st_mode & 0o777, 0o700)

    @understudy_only
    def test_config_file_is_read(self):
        config = self.path(
            "redis.conf",
            "# a comment\n\nport 0\nunixsocket %s\ndatabases 3\n"
            'requirepass "se cret"\nmaxclients 100\nsave ""\nappendonly no\n' % self.socket_path,
        )
        Started(self, config)
        with connect(self.socket_path) as connection:
            self.assertEqual(connection.command("PING").kind, "error")
            self.assertEqual(connection.value("AUTH", "se cret"), b"OK")
            self.assertEqual(connection.value("CONFIG", "GET", "databases"), [b"databases", b"3"])
            self.assertEqual(connection.command("SELECT", "3").kind, "error")
            self.assertEqual(connection.value("CONFIG", "GET", "maxclients"), [b"maxclients", b"100"])

    @understudy_only
    def test_options_after_the_config_file_win(self):
        config = self.path("redis.conf", "port 0\nunixsocket %s\ndatabases 3\n" % self.socket_path)
        Started(self, config, "--maxclients", "50", "--databases", "5")
        with connect(self.socket_path) as connection:
            self.assertEqual(connection.value("CONFIG", "GET", "databases"), [b"databases", b"5"])
            self.assertEqual(connection.value("CONFIG", "GET", "maxclients"), [b"maxclients", b"50"])

    @understudy_only
    def test_options_come_in_any_order(self):
        Started(self, "--databases", "4", "--save", "", "--unixsocket", self.socket_path,
                "--loglevel", "warning", "--port", "0")  # fmt: skip
        with connect(self.socket_path) as connection:
            self.assertEqual(connection.value("CONFIG", "GET", "databases"), [b"databases", b"4"])

    @understudy_only
    def test_port_in_use_is_refused(self):
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            port = str(holder.getsockname()[1])
            self.assert_refused("--port", port, mention=port)

    @understudy_only
    def test_unknown_option_is_refused(self):
        self.assert_fault("--nosuch-option", "1", mention="nosuch-option")

    @understudy_only
    def test_bad_values_are_refused(self):
        for name, value in (("port", "abc"), ("port", "70000"), ("port", "-1"), ("databases", "0"),
                            ("databases", "x"), ("maxclients", "abc"), ("loglevel", "loud"),
                            ("emulate", "1.0")):  # fmt: skip
            with self.subTest(name=name, value=value):
                self.assert_fault("--port", "0", "--" + name, value, mention=name)

    @understudy_only
    def test_missing_value_is_refused(self):
        self.assert_fault("--port", mention="port")

    @understudy_only
    def test_missing_config_file_is_refused(self):
        self.assert_refused(self.path("absent.conf"), mention="absent.conf")

    @understudy_only
    def test_bad_line_in_config_file_is_refused(self):
        self.assert_fault(self.path("redis.conf", "port 0\nnosuch 1\n"), mention="nosuch")

    @understudy_only
    def test_signals_end_it_cleanly(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                started = Started(self, "--port", "0")
                connection = connect(started.address())
                self.assertEqual(connection.value("SET", "k", "v"), b"OK")
                self.assertEqual(started.finish(number)[0], 0)
                self.assertTrue(connection.is_closed_by_server())
                connection.close()

    @understudy_only
    def test_emulated_version_is_what_clients_see(self):
        for version in ("6.2", "7.0", "7.2", "7.4", "8.0"):
            with self.subTest(version=version):
                started = Started(self, "--port", "0", "--emulate", version)
                with connect(started.address()) as connection:
                    hello = connection.value("HELLO", "3")
                    info = connection.value("INFO", "server").decode()
                self.assertTrue(hello[b"version"].decode().startswith(version + "."), hello)
                self.assertIn("redis_version:" + hello[b"version"].decode(), info)

    @understudy_only
    def test_newer_commands_are_hidden_from_older_versions(self):
        started = Started(self, "--port", "0", "--emulate", "6.2")
        with connect(started.address()) as connection:
            self.assertIn(b"unknown command", connection.command("EXPIRETIME", "k").value)
            self.assertEqual(connection.value("SET", "k", "v"), b"OK")


class LimitsCase(ServerCase):
    def test_shutdown_command_ends_it(self):
        connection = self.connect()
        connection.send(b"*2\r\n$8\r\nSHUTDOWN\r\n$6\r\nNOSAVE\r\n")
        self.assertTrue(connection.is_closed_by_server())
        self.assertEqual(self.server.process.wait(timeout=TIMEOUT), 0)

    def test_shutdown_with_bad_argument_is_refused(self):
        self.assertEqual(self.connect().command("SHUTDOWN", "NOW", "X").kind, "error")


class MaxClientsCase(ServerCase):
    options = ("--maxclients", "5")

    def test_clients_past_the_limit_are_refused(self):
        connections = []
        refusal = None
        while refusal is None and len(connections) < 8:
            connection = self.connect()
            connections.append(connection)
            try:
                connection.send(b"PING\r\n")
            except ConnectionClosed:
                pass  # refused before it spoke; the reason is still there to read
            reply = connection.read()
            refusal = reply if reply.kind == "error" else None
        self.assertEqual(refusal.value, b"ERR max number of clients reached")
        self.assertTrue(connections[-1].is_closed_by_server())
        self.assertEqual(connections[0].value("PING"), b"PONG")


class PasswordCase(ServerCase):
    options = ("--requirepass", "secret")

    def test_nothing_works_before_the_password(self):
        connection = self.connect()
        self.assertEqual(connection.command("GET", "k").value, b"NOAUTH Authentication required.")
        self.assertEqual(connection.value("AUTH", "secret"), b"OK")
        self.assertIsNone(connection.value("GET", "k"))

    def test_unauthenticated_requests_are_small(self):
        connection = self.connect()
        connection.send(b"*11\r\n")
        self.assertEqual(connection.read().value, b"ERR Protocol error: unauthenticated multibulk length")
        self.assertTrue(connection.is_closed_by_server())
        connection = self.connect()
        connection.send(b"*2\r\n$4\r\nECHO\r\n$16385\r\n")
        self.assertEqual(connection.read().value, b"ERR Protocol error: unauthenticated bulk length")


if __name__ == "__main__":
    unittest.main()
