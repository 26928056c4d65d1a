# SPDX-License-Identifier: MIT
"""TLS: who is let in, by which certificates, protocols and ciphers."""

import os
import shutil
import ssl
import subprocess
import unittest

from support.resp import ConnectionClosed, encode_command
from support.servers import ORACLE, Server, free_port, needs_oracle
from support.testing import TIMEOUT, binary, understudy_only
from support.tls import TLSCase, connect_tls, make_certificates

REFUSED = "ERR CONFIG SET failed (possibly related to argument '%s') - %s"
NOT_UPDATED = "Unable to update TLS configuration. Check server logs."


class Trust(TLSCase):
    def refuses(self, certificates=None, **options):
        """In TLS 1.3 a client learns with its first read that the server did not like it."""
        try:
            client = self.secure(certificates, **options)
            client.send(encode_command(("PING",)))
            return client.sock.recv(100) == b""
        except (ssl.SSLError, ConnectionResetError, BrokenPipeError, ConnectionClosed):
            return True

    def stranger(self):
        """Our authority to know the server by, another one's certificate to show."""
        other = make_certificates(self, binary())
        for name in ("ca.crt",):
            shutil.copy(self.certificates.path(name), other.path(name))
        return other

    @understudy_only
    def test_self_signed_takes_clients_with_a_certificate_or_without(self):
        self.assertEqual(self.config("tls-auth-clients"), "optional")
        self.assertFalse(self.refuses())
        self.assertFalse(self.refuses(client=True))
        self.assertTrue(self.refuses(self.stranger(), client=True))

    @understudy_only
    def test_who_must_show_a_certificate_follows_the_directive(self):
        self.test.value("CONFIG", "SET", "tls-auth-clients", "yes")
        self.assertTrue(self.refuses())
        self.assertTrue(self.refuses(versions=(ssl.TLSVersion.TLSv1_2,) * 2))
        self.assertTrue(self.has_logged("peer did not return a certificate"))
        self.assertFalse(self.refuses(client=True))
        self.test.value("CONFIG", "SET", "tls-auth-clients", "no")
        self.assertFalse(self.refuses())
        self.assertFalse(self.refuses(self.stranger(), client=True))

    @understudy_only
    def test_another_authority_does_not_know_the_server(self):
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.secure(make_certificates(self, binary()))

    @understudy_only
    def test_protocols_and_ciphers(self):
        old, new = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
        self.assertEqual(self.secure().sock.version(), "TLSv1.3")
        self.test.value("CONFIG", "SET", "tls-protocols", "TLSv1.2", "tls-ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256")
        client = self.secure(versions=(old, new))
        self.assertEqual((client.sock.version(), client.sock.cipher()[0]), ("TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256"))
        self.assertTrue(self.refuses(versions=(new, new)))
        self.test.value("CONFIG", "SET", "tls-protocols", "tlsv1.3", "tls-ciphersuites", "TLS_AES_128_GCM_SHA256")
        self.assertEqual(self.secure().sock.cipher()[0], "TLS_AES_128_GCM_SHA256")
        self.assertTrue(self.refuses(versions=(old, old)))

    @understudy_only
    def test_certificate_is_changed_for_those_who_come(self):
        other = make_certificates(self, binary())
        before = self.secure()
        self.test.value("CONFIG", "SET", "tls-cert-file", other.path("server.crt"),
                        "tls-key-file", other.path("server.key"))  # fmt: skip
        self.assertEqual(before.value("PING"), b"PONG")
        self.assertEqual(self.secure(other).value("PING"), b"PONG")
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.secure()

    @understudy_only
    def test_what_is_wrong_changes_nothing(self):
        other = make_certificates(self, binary())
        bad = os.path.join(self.directory, "bad")
        with open(bad, "w") as file:
            file.write("no certificate\n")
        wrong = [
            ("tls-cert-file", bad, "Failed to load certificate: %s: error:" % bad),
            ("tls-cert-file", bad + ".none", "No such file or directory"),
            ("tls-cert-file", other.path("server.crt"), "key values mismatch"),
            ("tls-key-file", bad, "Failed to load private key"),
            ("tls-key-file", "", "No tls-key-file configured!"),
            ("tls-cert-file", "", "No tls-cert-file configured!"),
            ("tls-ca-cert-file", bad, "Failed to configure CA certificate(s) file/directory"),
            ("tls-ca-cert-file", "", "Either tls-ca-cert-file or tls-ca-cert-dir must be specified"),
            ("tls-protocols", "SSLv3", "Invalid tls-protocols specified."),
            ("tls-ciphers", "nosuch", "Failed to configure ciphers: nosuch"),
            ("tls-ciphersuites", "nosuch", "Failed to configure ciphersuites: nosuch"),
            ("tls-dh-params-file", bad, "failed to read DH params."),
            ("tls-dh-params-file", bad + ".none", "Failed to load %s.none: No such file" % bad),
        ]
        for name, value, reason in wrong:
            before = self.config(name)
            self.assertEqual(self.refused(name, value), REFUSED % (name, NOT_UPDATED))
            self.assertEqual(self.config(name), before)
            self.assertTrue(self.has_logged(reason), reason)
            self.assertEqual(self.secure().value("PING"), b"PONG")

    @understudy_only
    def test_key_may_need_a_password(self):
        if not shutil.which("openssl"):
            self.skipTest("no openssl to encrypt a key with")
        locked = os.path.join(self.directory, "locked.key")
        subprocess.run(
            ["openssl", "pkey", "-aes128", "-passout", "pass:secret", "-in", self.certificates.path("server.key"), "-out", locked],
            check=True, timeout=TIMEOUT,
        )  # fmt: skip
        self.assertEqual(self.refused("tls-key-file", locked), REFUSED % ("tls-key-file", NOT_UPDATED))
        self.refused("tls-key-file", locked, "tls-key-file-pass", "wrong")
        self.test.value("CONFIG", "SET", "tls-key-file", locked, "tls-key-file-pass", "secret")
        self.assertEqual(self.secure().value("PING"), b"PONG")

    @understudy_only
    def test_what_a_reset_takes_back(self):
        self.test.value("CONFIG", "SET", "tls-protocols", "TLSv1.2", "tls-auth-clients", "yes")
        self.test.value("MOCK", "RESET")
        self.assertEqual(self.config("tls-port"), str(self.tls_port))
        self.assertEqual(self.secure().sock.version(), "TLSv1.3")


@needs_oracle
class BesideTheOracle(unittest.TestCase):
    """Ours with --emulate 7.0, and redis-server: the same files, the same clients."""

    def setUp(self):
        self.certificates = make_certificates(self, binary())
        self.stranger = make_certificates(self, binary())
        shutil.copy(self.certificates.path("ca.crt"), self.stranger.path("ca.crt"))
        self.servers = [self.start(binary(), "7.0"), self.start(ORACLE, None)]

    def start(self, program, emulate):
        path = self.certificates.path
        files = ("--tls-cert-file", path("server.crt"), "--tls-key-file", path("server.key"),
                 "--tls-ca-cert-file", path("ca.crt"))  # fmt: skip
        server = Server(program, files, tcp=True, emulate=emulate)
        server.start()
        self.addCleanup(server.stop)
        test = server.connect()
        self.addCleanup(test.close)
        port = free_port()
        while test.command("CONFIG", "SET", "tls-port", port).kind == "error":
            port = free_port()  # somebody was quicker
        return test, port

    def outcome(self, port, certificates, **options):
        """What was agreed on and answered, or that it came to nothing."""
        try:
            with connect_tls(port, certificates, **options) as client:
                client.send(encode_command(("PING",)))
                return client.sock.version(), client.sock.cipher(), client.read_raw()
        except (ssl.SSLError, OSError, ConnectionClosed):
            return "refused"

    def expect_same(self, ask):
        ours, theirs = [ask(*server) for server in self.servers]
        self.assertEqual(ours, theirs)
        return ours

    @understudy_only
    def test_the_same_clients_are_let_in(self):
        versions = [(version, version) for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)]
        refused = 0
        for auth in ("yes", "optional", "no"):
            self.expect_same(lambda test, port: test.command("CONFIG", "SET", "tls-auth-clients", auth))
            for certificates, client in ((self.certificates, False), (self.certificates, True), (self.stranger, True)):
                for version in versions:
                    refused += "refused" == self.expect_same(
                        lambda test, port: self.outcome(port, certificates, client=client, versions=version)
                    )
        self.assertEqual(refused, 6)

    @understudy_only
    def test_changes_get_the_same_answers_and_the_same_handshakes(self):
        none = self.certificates.path("none")
        for words in (
            ("tls-auth-clients", "no"),
            ("tls-protocols", "TLSv1.2"),
            ("tls-protocols", "TLSv1.2 tlsv1.3"),
            ("tls-protocols", "TLSv1.4"),
            ("tls-protocols", ""),
            ("tls-ciphers", "ECDHE-ECDSA-CHACHA20-POLY1305", "tls-protocols", "TLSv1.2"),
            ("tls-ciphers", "nosuch"),
            ("tls-prefer-server-ciphers", "yes", "tls-ciphers", "DEFAULT"),
            ("tls-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256", "tls-protocols", "TLSv1.3"),
            ("tls-ciphersuites", "nosuch"),
            ("tls-protocols", "", "tls-ciphers", "", "tls-ciphersuites", ""),
            ("tls-cert-file", none),
            ("tls-cert-file", self.stranger.path("server.crt")),
            ("tls-key-file", self.stranger.path("server.key")),
            ("tls-ca-cert-file", none),
            ("tls-ca-cert-file", ""),
            ("tls-auth-clients", "yes"),
            ("tls-ca-cert-file", self.certificates.path("ca.crt"), "tls-auth-clients", "optional"),
            ("tls-ca-cert-dir", none),
            ("tls-ca-cert-dir", self.certificates.directory),
            ("tls-dh-params-file", none),
            ("tls-client-cert-file", none),
            ("tls-client-key-file", none),
            ("tls-client-cert-file", ""),
            ("tls-session-caching", "no"),
            ("tls-session-cache-size", "10", "tls-session-cache-timeout", "1"),
            ("tls-session-cache-size", "-1"),
            ("tls-key-file-pass", "x"),
            ("tls-cluster", "yes"),
            ("tls-replication", "yes"),
            ("tls-port", "0"),
            ("tls-cert-file", none),
        ):
            self.expect_same(lambda test, port: test.command("CONFIG", "SET", *words))
            for name in words[::2]:
                self.expect_same(lambda test, port: test.command("CONFIG", "GET", name))
            self.expect_same(lambda test, port: self.outcome(port, self.certificates, client=True))


if __name__ == "__main__":
    unittest.main()
