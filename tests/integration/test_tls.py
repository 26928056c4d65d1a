# SPDX-License-Identifier: MIT
"""TLS: who is let in, what goes through, and that nobody is kept waiting by others."""

import os
import shutil
import socket
import ssl
import sys
import tempfile
import unittest

from support.resp import Connection, ConnectionClosed, encode_command
from support.testing import assert_not_served, await_condition, binary, run_program, understudy_only
from support.tls import TLSCase, make_certificates, raw_connection, wrap

REFUSED = "ERR CONFIG SET failed (possibly related to argument '%s') - %s"
NOT_UPDATED = "Unable to update TLS configuration. Check server logs."
NOT_LISTENING = "Unable to listen on this port. Check server logs."


class Talk(TLSCase):
    @understudy_only
    def test_all_listeners_lead_to_the_same_data(self):
        self.assertEqual(self.secure().value("SET", "k", "v"), b"OK")
        self.assertEqual(self.connect(tcp=True).value("GET", "k"), b"v")
        self.assertEqual(self.connect().value("GET", "k"), b"v")

    @understudy_only
    def test_the_address_is_the_sockets(self):
        client = self.secure()
        line = client.value("CLIENT", "INFO").decode()
        fields = dict(word.split("=", 1) for word in line.split())
        self.assertEqual(fields["laddr"], "127.0.0.1:%d" % self.tls_port)
        self.assertEqual(fields["addr"], "%s:%d" % client.sock.getsockname())

    @understudy_only
    def test_protocol_three_and_transactions(self):
        client = self.secure()
        self.assertEqual(client.command("HELLO", "3").kind, "map")
        requests = [("MULTI",), ("INCR", "n"), ("HSET", "h", "f", "v"), ("HGETALL", "h"), ("EXEC",)]
        client.send(b"".join(encode_command(request) for request in requests))
        raw = [client.read_raw() for _ in requests]
        self.assertEqual(raw[-1], b"*3\r\n:1\r\n:1\r\n%1\r\n$1\r\nf\r\n$1\r\nv\r\n")

    @understudy_only
    def test_long_pipeline_is_answered_in_order(self):
        client = self.secure()
        count = 5000
        client.send(b"".join(encode_command(("ECHO", "%d" % i)) for i in range(count)))
        for i in range(count):
            self.assertEqual(client.read().value, b"%d" % i)

    @understudy_only
    def test_request_in_many_small_records(self):
        client = self.secure()
        for byte in encode_command(("SET", "k", "value")):
            client.send(bytes([byte]))
        self.assertEqual(client.read_raw(), b"+OK\r\n")

    @understudy_only
    def test_large_value_goes_in_and_out_whole(self):
        client = self.secure()
        value = os.urandom(1 << 20) * 20
        self.assertEqual(client.value("SET", "large", value), b"OK")
        self.assertEqual(client.value("GET", "large"), value)
        self.assertEqual(client.value("PING"), b"PONG")

    @understudy_only
    def test_large_reply_waits_for_a_slow_reader_and_others_do_not(self):
        self.test.value("SET", "large", "x" * (30 << 20))
        slow = self.secure()
        slow.send(encode_command(("GET", "large")) + encode_command(("PING",)))
        slow.sock.recv(100)
        self.assertEqual(self.secure().value("PING"), b"PONG")
        unsent = [
            int(word[len("omem=") :])
            for line in self.test.value("CLIENT", "LIST").decode().splitlines()
            for word in line.split()
            if word.startswith("omem=")
        ]
        self.assertGreater(max(unsent), 10 << 20)
        slow.close()
        self.assertEqual(self.secure().value("PING"), b"PONG")

    @understudy_only
    def test_output_buffer_limit_counts_what_is_not_encrypted_yet(self):
        self.test.value("SET", "large", "x" * (30 << 20))
        self.test.value("CONFIG", "SET", "client-output-buffer-limit", "normal 1mb 0 0")
        client = self.secure()
        client.send(encode_command(("GET", "large")))
        with self.assertRaises((ConnectionClosed, ssl.SSLError, ConnectionResetError)):
            client.read_raw()
        self.assertEqual(self.secure().value("PING"), b"PONG")

    @understudy_only
    def test_messages_come_to_a_subscriber(self):
        client = self.secure()
        self.assertEqual(client.value("SUBSCRIBE", "c")[2], 1)
        for i in range(3):
            self.test.value("PUBLISH", "c", "m%d" % i)
            self.assertEqual(client.read().value[2].value, b"m%d" % i)

    @understudy_only
    def test_debugger_talks_over_tls(self):
        client = self.secure()
        client.value("SCRIPT", "DEBUG", "YES")
        client.send(encode_command(("EVAL", "local a = 7\nreturn a", "0")))
        self.assertIn(b"local a = 7", client.read_raw())
        client.send(encode_command(("step",)))
        client.read_raw()
        client.send(encode_command(("print", "a")))
        self.assertIn(b"7", client.read_raw())
        client.send(encode_command(("continue",)))
        self.assertIn(b"endsession", client.read_raw())
        self.assertEqual(client.read_raw(), b":7\r\n")

    @understudy_only
    def test_others_are_let_in_while_a_script_runs(self):
        self.test.value("CONFIG", "SET", "lua-time-limit", "1")
        runner = self.secure()
        runner.send(encode_command(("EVAL", "while true do end", "0")))
        while True:
            other = self.secure()
            reply = other.command("SCRIPT", "KILL")
            if reply.kind == "simple":
                break
            self.assertEqual(reply.value.split()[0], b"NOTBUSY")
        self.assertIn(b"killed", runner.read().value)

    @understudy_only
    def test_session_is_resumed(self):
        context = self.certificates.context(versions=(ssl.TLSVersion.TLSv1_2,) * 2)
        first = wrap(self.tls_port, context)
        self.assertEqual(Connection(first).value("PING"), b"PONG")
        second = wrap(self.tls_port, context, session=first.session)
        self.assertEqual(Connection(second).value("PING"), b"PONG")
        self.assertTrue(second.session_reused)
        first.close()
        second.close()


class Ends(TLSCase):
    @understudy_only
    def test_server_says_farewell(self):
        client = self.secure()
        self.assertEqual(client.value("QUIT"), b"OK")
        self.assertEqual(client.sock.recv(1), b"")  # an end without it would raise

    @understudy_only
    def test_killed_client_is_told_of_the_end(self):
        client = self.secure()
        number = client.value("CLIENT", "ID")
        self.assertEqual(self.test.value("CLIENT", "KILL", "ID", number), 1)
        self.assertTrue(client.is_closed_by_server())

    @understudy_only
    def test_client_that_has_said_farewell_still_gets_its_replies(self):
        client = self.secure()
        client.send(b"".join(encode_command(("ECHO", "%d" % i)) for i in range(100)))
        sock = client.sock
        for i in range(100):
            self.assertEqual(client.read().value, b"%d" % i)
        sock.unwrap().close()
        self.assertEqual(self.secure().value("PING"), b"PONG")

    @understudy_only
    def test_end_of_the_stream_without_farewell(self):
        client = self.secure()
        number = client.value("CLIENT", "ID")
        socket.socket(fileno=client.sock.detach()).close()
        gone = lambda: not self.test.value("CLIENT", "LIST", "ID", number)  # noqa: E731
        self.assertTrue(await_condition(self.server.process, gone))

    @understudy_only
    def test_faults_strike_here_as_well(self):
        def fault(*words):
            self.assertEqual(self.test.value("MOCK", "FAULT", "ADD", "f", "COMMAND", "get", *words), b"OK")

        self.test.value("SET", "k", "0123456789")
        fault("CLOSE", "AFTER")
        with self.assertRaises(ConnectionClosed):
            self.secure().command("GET", "k")
        fault("TRUNCATE", "8")
        client = self.secure()
        client.send(encode_command(("GET", "k")))
        got = b""
        while True:
            data = client.sock.recv(100)
            if not data:
                break
            got += data
        self.assertEqual(got, b"$10\r\n012")
        fault("SLOW", "500")
        self.test.value("SET", "k", "x" * 94)
        client = self.secure()
        client.send(encode_command(("GET", "k")) + encode_command(("PING",)))
        first = client.sock.recv(1000)
        self.assertLess(len(first), 101)
        client.buffer += first
        self.assertEqual(client.read().value, b"x" * 94)
        self.assertEqual(client.read_raw(), b"+PONG\r\n")

    @understudy_only
    def test_gates_hold_here_as_well(self):
        self.test.value("MOCK", "GATE", "ADD", "g", "COMMAND", "incr")
        client = self.secure()
        client.send(encode_command(("INCR", "n")))
        self.test.value("MOCK", "GATE", "WAIT", "g", "60000")
        self.assertIsNone(self.test.value("GET", "n"))
        self.test.value("MOCK", "GATE", "OPEN", "g")
        self.assertEqual(client.read().value, 1)


class Handshakes(TLSCase):
    tls_options = ("--maxclients", "100")

    @understudy_only
    def test_plain_text_is_refused_and_logged(self):
        with raw_connection(self.tls_port) as sock:
            sock.sendall(b"PING\r\n")
            try:
                self.assertNotIn(b"PONG", sock.recv(100))
            except ConnectionResetError:
                pass
        self.assertTrue(self.has_logged("wrong version number"))
        self.assertEqual(self.secure().value("PING"), b"PONG")

    @understudy_only
    def test_rubbish_is_refused(self):
        for rubbish in (b"\x16\x03\x01\x00\x10" + b"x" * 16, b"\x16\x03\x01\xff\xff" + b"y" * 100000, b"GET / HTTP/1.1\r\n\r\n", b"\0" * 4096):
            with raw_connection(self.tls_port) as sock:
                try:
                    sock.sendall(rubbish)
                    while sock.recv(4096):
                        pass
                except (ConnectionResetError, BrokenPipeError):
                    pass
        self.assertEqual(self.secure().value("PING"), b"PONG")

    @understudy_only
    def test_handshake_may_come_byte_by_byte(self):
        context = self.certificates.context()
        received, to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = context.wrap_bio(received, to_send, server_hostname="localhost")
        with raw_connection(self.tls_port) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

            def pump(step):
                while True:
                    try:
                        return step()
                    except ssl.SSLWantReadError:
                        for byte in to_send.read():
                            sock.sendall(bytes([byte]))
                        received.write(sock.recv(65536))

            pump(client.do_handshake)
            client.write(encode_command(("PING",)))
            self.assertEqual(pump(lambda: client.read(100)), b"+PONG\r\n")

    @understudy_only
    def test_requests_may_come_right_behind_the_handshake(self):
        context = self.certificates.context()
        received, to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = context.wrap_bio(received, to_send, server_hostname="localhost")
        with raw_connection(self.tls_port) as sock:
            while True:
                try:
                    client.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    sock.sendall(to_send.read())
                    received.write(sock.recv(65536))
            client.write(encode_command(("ECHO", "x" * 50000)) + encode_command(("PING",)))
            sock.sendall(to_send.read())  # the client's last flight and its requests at once
            got = b""
            while len(got) < 50017:
                try:
                    got += client.read(65536)
                except ssl.SSLWantReadError:
                    received.write(sock.recv(65536))
            self.assertEqual(got, b"$50000\r\n" + b"x" * 50000 + b"\r\n+PONG\r\n")

    @understudy_only
    def test_handshakes_that_do_not_go_on_keep_nobody_waiting(self):
        stalled = [raw_connection(self.tls_port) for _ in range(40)]
        for sock in stalled:
            self.addCleanup(sock.close)
            sock.sendall(b"\x16\x03\x01")
        self.assertEqual(self.secure().value("PING"), b"PONG")
        self.assertEqual(self.test.value("PING"), b"PONG")

    @understudy_only
    def test_idle_handshake_ends_with_the_timeout(self):
        self.test.value("MOCK", "CLOCK", "FREEZE")
        self.test.value("CONFIG", "SET", "timeout", "10")
        with raw_connection(self.tls_port) as sock:
            listed = lambda: b"laddr=127.0.0.1:%d" % self.tls_port in self.test.value("CLIENT", "LIST")  # noqa: E731
            self.assertTrue(await_condition(self.server.process, listed))
            self.test.send(encode_command(("MOCK", "CLOCK", "ADVANCE", "11000")))
            self.assertEqual(sock.recv(100), b"")

    @understudy_only
    def test_one_client_too_many_sees_the_end(self):
        self.test.value("CONFIG", "SET", "maxclients", "1")
        with self.assertRaises((ssl.SSLError, OSError)):
            self.secure()
        self.test.value("CONFIG", "SET", "maxclients", "100")
        self.assertEqual(self.secure().value("PING"), b"PONG")

    @understudy_only
    def test_many_at_once(self):
        clients = [self.secure() for _ in range(30)]
        for client in clients:
            client.send(encode_command(("INCR", "n")))
        self.assertEqual(sorted(client.read().value for client in clients), list(range(1, 31)))


class Ports(TLSCase):
    @understudy_only
    def test_port_changes_at_run_time(self):
        client = self.secure()
        self.test.value("CONFIG", "SET", "tls-port", "free")
        port = int(self.config("tls-port"))
        self.assertNotIn(port, (0, self.tls_port))
        self.assertEqual(self.secure(port=port).value("PING"), b"PONG")
        self.assertEqual(client.value("PING"), b"PONG")
        self.test.value("CONFIG", "SET", "tls-port", "0")
        assert_not_served(self, ("127.0.0.1", port), self.test)
        self.assertEqual(self.connect(tcp=True).value("PING"), b"PONG")
        self.assertEqual(client.value("PING"), b"PONG")

    @understudy_only
    def test_port_that_is_taken_is_refused(self):
        plain = self.config("port")
        self.assertEqual(self.refused("tls-port", plain), REFUSED % ("tls-port", NOT_LISTENING))
        self.assertEqual(self.refused("port", str(self.tls_port)), REFUSED % ("port", NOT_LISTENING))
        self.assertEqual(self.config("port"), plain)
        self.assertEqual(self.secure().value("PING"), b"PONG")
        self.assertEqual(self.connect(tcp=True).value("PING"), b"PONG")

    @understudy_only
    def test_info_names_the_plain_port_if_there_is_one(self):
        def port():
            lines = self.test.value("INFO", "server").decode().splitlines()
            return int([line[len("tcp_port:") :] for line in lines if line.startswith("tcp_port:")][0])

        self.assertEqual(port(), int(self.config("port")))
        self.test.value("CONFIG", "SET", "port", "0")
        self.assertEqual(port(), self.tls_port)

    @understudy_only
    def test_info_lists_the_listeners(self):
        lines = self.test.value("INFO", "server").decode().splitlines()
        self.assertEqual(
            [line.split(":", 1)[1] for line in lines if line.startswith("listener")],
            [
                "name=tcp,bind=127.0.0.1,port=" + self.config("port"),
                "name=unix,bind=" + self.server.socket_path,
                "name=tls,bind=127.0.0.1,port=%d" % self.tls_port,
            ],
        )

    @understudy_only
    def test_files_are_not_looked_at_while_nothing_needs_them(self):
        self.test.value("CONFIG", "SET", "tls-port", "0")
        self.test.value("CONFIG", "SET", "tls-cert-file", "/nosuch")
        self.assertEqual(self.refused("tls-port", "free"), REFUSED % ("tls-port", NOT_UPDATED))
        self.assertEqual(self.refused("tls-replication", "yes"), REFUSED % ("tls-replication", NOT_UPDATED))
        self.assertEqual(self.config("tls-port"), "0")


class Start(unittest.TestCase):
    def run_options(self, *options, code="import os; print(dict(os.environ))"):
        return run_program("run", *options, "--", sys.executable, "-c", code)

    def environment(self, *options):
        done = self.run_options(*options)
        self.assertEqual(done.returncode, 0, done)
        return {name: value for name, value in eval(done.stdout).items() if name.startswith("REDIS_")}

    @understudy_only
    def test_command_is_told_of_tls_and_whom_to_trust(self):
        code = (
            "import os, socket, ssl, urllib.parse\n"
            "url = urllib.parse.urlparse(os.environ['REDIS_URL'])\n"
            "context = ssl.create_default_context(cafile=os.environ['REDIS_TLS_CA_FILE'])\n"
            "plain = socket.create_connection((os.environ['REDIS_HOST'], int(os.environ['REDIS_PORT'])))\n"
            "sock = context.wrap_socket(plain, server_hostname=url.hostname)\n"
            "sock.sendall(b'PING\\r\\n')\n"
            "print(url.scheme, sock.recv(100))"
        )
        done = self.run_options("--tls-self-signed", "yes", code=code)
        self.assertEqual(done.stdout, b"rediss b'+PONG\\r\\n'\n", done)

    @understudy_only
    def test_both_ports_are_told_of(self):
        found = self.environment("--tls-self-signed", "yes", "--port", "free")
        self.assertEqual(found["REDIS_URL"], "redis://127.0.0.1:" + found["REDIS_PORT"])
        self.assertRegex(found["REDIS_TLS_URL"], r"^rediss://127\.0\.0\.1:\d+$")
        self.assertNotEqual(found["REDIS_TLS_URL"].rsplit(":", 1)[1], found["REDIS_PORT"])

    @understudy_only
    def test_nothing_stays_behind(self):
        found = self.environment("--tls-self-signed", "yes")
        self.assertFalse(os.path.exists(found["REDIS_TLS_CA_FILE"]))

    @understudy_only
    def test_without_tls_openssl_is_not_loaded(self):
        code = "import os; print('libssl' in open('/proc/%d/maps' % os.getppid()).read())"
        self.assertEqual(self.run_options(code=code).stdout, b"False\n")
        self.assertEqual(self.run_options("--tls-self-signed", "yes", code=code).stdout, b"True\n")

    @understudy_only
    def test_what_is_missing_or_wrong_ends_the_start(self):
        certificates = make_certificates(self, binary())
        certificate = ("--tls-port", "free", "--tls-cert-file", certificates.path("server.crt"))
        whole = certificate + ("--tls-key-file", certificates.path("server.key"))
        for options, words in (
            (("--tls-port", "free"), b"No tls-cert-file configured!"),
            (certificate, b"No tls-key-file configured!"),
            (whole, b"Either tls-ca-cert-file or tls-ca-cert-dir must be specified"),
            (whole + ("--tls-ca-cert-file", "/nosuch"), b"Failed to configure CA certificate(s)"),
            (whole + ("--tls-self-signed", "yes"), b"leave them out"),
            (("--tls-self-signed", "/nosuch/directory"), b"cannot make /nosuch/directory: No such file"),
            (("--tls-port", "65536"), b"argument must be between 0 and 65535 inclusive"),
            (("--tls-port", "x"), b"argument couldn't be parsed into an integer"),
        ):
            done = self.run_options(*options)
            self.assertEqual((done.returncode, done.stdout), (1, b""), done)
            self.assertIn(words, done.stderr)
        done = self.run_options(*whole, "--tls-auth-clients", "no", code="print('ran')")
        self.assertEqual(done.stdout, b"ran\n", done)

    @understudy_only
    def test_ready_file_has_a_second_line(self):
        directory = tempfile.mkdtemp(prefix="understudy-tls-")
        self.addCleanup(shutil.rmtree, directory)
        ready = os.path.join(directory, "ready")
        code = "print(open(%r).read(), end='')" % ready
        done = self.run_options("--tls-self-signed", directory, "--port", "free", "--ready-file", ready, code=code)
        plain, secure = done.stdout.decode().splitlines()
        self.assertRegex(plain, r"^127\.0\.0\.1 \d+$")
        self.assertRegex(secure, r"^tls 127\.0\.0\.1 \d+ %s/ca\.crt$" % os.path.realpath(directory))

    @understudy_only
    def test_redis_cli_talks_tls(self):
        if not shutil.which("redis-cli"):
            self.skipTest("no redis-cli")
        code = (
            "import os, subprocess\n"
            "print(subprocess.run(['redis-cli', '-u', os.environ['REDIS_URL'], '--cacert',"
            " os.environ['REDIS_TLS_CA_FILE'], 'SET', 'k', 'v'], stdout=subprocess.PIPE).stdout)"
        )
        done = self.run_options("--tls-self-signed", "yes", code=code)
        self.assertEqual(done.stdout, b"b'OK\\n'\n", done)


if __name__ == "__main__":
    unittest.main()
