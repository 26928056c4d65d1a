# SPDX-License-Identifier: MIT
"""redis-cli at a terminal asks for COMMAND DOCS, and helps with what it says."""

import fcntl
import os
import pty
import select
import shutil
import struct
import termios
import time
import unittest

from support.testing import TIMEOUT, ServerCase


class Terminal:
    """redis-cli on a terminal of its own."""

    def __init__(self, socket_path):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm", HOME="/nonexistent")
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 200, 0, 0))  # else it asks for the size
            os.execvp("redis-cli", ["redis-cli", "-s", socket_path])
        self.shown = b""

    def type(self, text):
        os.write(self.fd, text)

    def await_text(self, text):
        """Reads until the text was shown since the last call."""
        deadline = time.monotonic() + TIMEOUT
        while text not in self.shown:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise AssertionError("%r is not in %r" % (text, self.shown))
            try:
                self.shown += os.read(self.fd, 65536)
            except OSError:
                raise AssertionError("redis-cli has ended: %r" % self.shown) from None
        self.shown = self.shown[self.shown.index(text) + len(text) :]

    def close(self):
        os.close(self.fd)  # it is told by a hangup
        os.waitpid(self.pid, 0)


def has_terminals():
    try:
        for fd in os.openpty():
            os.close(fd)
        return True
    except OSError:
        return False


@unittest.skipUnless(shutil.which("redis-cli"), "there is no redis-cli")
@unittest.skipUnless(has_terminals(), "the system gives no pseudo-terminals")
class CliHints(ServerCase):
    tcp = False

    def setUp(self):
        super().setUp()
        self.terminal = Terminal(self.server.socket_path)
        self.addCleanup(self.terminal.close)
        self.terminal.await_text(b"> ")

    def test_arguments_are_hinted_while_typing(self):
        self.terminal.type(b"latency histogram ")
        self.terminal.await_text(b"[command [command ...]]")
        self.terminal.type(b"\x15xadd s ")
        self.terminal.await_text(b"[NOMKSTREAM] [MAXLEN|MINID [=|~] threshold [LIMIT count]]")

    def test_help_shows_our_summary(self):
        self.terminal.type(b"help latency graph\r")
        self.terminal.await_text(b"Draws the samples of an event.")
        self.terminal.await_text(b"2.8.13")

    def test_completion_knows_the_commands(self):
        self.terminal.type(b"help xautoc\t\r")
        self.terminal.await_text(b"XAUTOCLAIM")
        self.terminal.await_text(b"6.2.0")
