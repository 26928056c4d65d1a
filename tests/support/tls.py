# SPDX-License-Identifier: MIT
"""Clients that talk TLS with servers of tests, and certificates for those that need their own.

    certificates = Certificates(directory)            # what --tls-self-signed made there
    connection = connect_tls(port, certificates)      # a Connection, like any other
"""

import os
import shutil
import socket
import ssl
import subprocess
import tempfile

from .resp import Connection
from .testing import TIMEOUT, ServerCase, await_condition


class Certificates:
    """The files that --tls-self-signed makes in a directory."""

    def __init__(self, directory):
        self.directory = directory

    def path(self, name):
        return os.path.join(self.directory, name)

    def context(self, client=False, versions=None):
        context = ssl.create_default_context(cafile=self.path("ca.crt"))
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        if client:
            context.load_cert_chain(self.path("client.crt"), self.path("client.key"))
        if versions:
            context.minimum_version, context.maximum_version = versions
        return context


def make_certificates(test, binary):
    """Those of a server that is gone again, with an authority that no other server has."""
    directory = tempfile.mkdtemp(prefix="understudy-tls-")
    test.addCleanup(shutil.rmtree, directory)
    command = [binary, "run", "--tls-self-signed", directory, "--", "true"]
    subprocess.run(command, check=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL)
    return Certificates(directory)


def raw_connection(port, timeout=TIMEOUT):
    return socket.create_connection(("127.0.0.1", port), timeout)


def wrap(port, context, session=None):
    """The TLS socket; an end without farewell is an error."""
    sock = raw_connection(port)
    try:
        return context.wrap_socket(
            sock, server_hostname="localhost", suppress_ragged_eofs=False, session=session
        )
    except BaseException:
        sock.close()
        raise


def connect_tls(port, certificates, **options):
    return Connection(wrap(port, certificates.context(**options)), TIMEOUT)


class TLSCase(ServerCase):
    """A server on a Unix socket, a plain port and a port for TLS."""

    tls_options = ()

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="understudy-tls-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.options = ("--tls-self-signed", self.directory) + tuple(self.tls_options)
        super().setUp()
        self.certificates = Certificates(self.directory)
        self.test = self.connect()
        self.tls_port = int(self.config("tls-port"))

    def config(self, name):
        return self.test.value("CONFIG", "GET", name)[1].decode()

    def secure(self, certificates=None, port=None, **options):
        connection = connect_tls(port or self.tls_port, certificates or self.certificates, **options)
        self.addCleanup(connection.close)
        return connection

    def refused(self, *words):
        reply = self.test.command("CONFIG", "SET", *words)
        self.assertEqual(reply.kind, "error", reply)
        return reply.value.decode()

    def has_logged(self, text):
        return await_condition(self.server.process, lambda: text in self.server.output())
