# SPDX-License-Identifier: MIT
"""`understudy run -- COMMAND`: a server for as long as a command runs."""

import os
import select
import signal
import socket
import subprocess
import sys
import unittest

from support.testing import TIMEOUT, binary, read_line, run_program, understudy_only

PING = """
import os, socket
sock = socket.create_connection((os.environ["REDIS_HOST"], int(os.environ["REDIS_PORT"])))
sock.sendall(b"PING\\r\\n")
print(sock.recv(100).decode().strip(), os.environ["REDIS_URL"], os.environ["REDIS_HOST"], os.environ["REDIS_PORT"])
"""
# Starts a server that is to follow it, says the server's address and pid, then waits to be killed.
PARENT = """
import os, signal, subprocess, sys
server = subprocess.Popen([sys.argv[1], "--port", "0", "--exit-with-parent", "--ready-fd", "1", "--logfile", "/dev/null"])
os.write(1, b"pid %d\\n" % server.pid)
while True:
    signal.pause()
"""
# Says its port, then waits for a signal, which it answers in its own way.
WAITER = """
import os, signal, sys
def leave(number, frame):
    print("got", number, flush=True)
    sys.exit(40 + number)
signal.signal(signal.SIGTERM, leave)
signal.signal(signal.SIGINT, leave)
signal.signal(signal.SIGHUP, leave)
print(os.environ["REDIS_PORT"], os.getpid(), flush=True)
while True:
    signal.pause()
"""


def python(code, *args):
    return ["--", sys.executable, "-c", code] + list(args)


def accepts(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


class RunMode(unittest.TestCase):
    def expect_end(self, pid, process):
        """That the process of that number ends when `process` is killed."""
        watched = os.pidfd_open(int(pid))
        self.addCleanup(os.close, watched)
        process.kill()
        self.assertTrue(select.select([watched], [], [], TIMEOUT)[0])
        self.assertEqual(process.communicate(timeout=TIMEOUT)[0], b"")

    @understudy_only
    def test_command_finds_the_server_in_its_environment(self):
        done = run_program("run", *python(PING))
        self.assertEqual(done.returncode, 0, done)
        pong, url, host, port = done.stdout.decode().split()
        self.assertEqual(pong, "+PONG")
        self.assertEqual(url.rstrip("/"), "redis://%s:%s" % (host, port))
        self.assertFalse(accepts(port))

    @understudy_only
    def test_server_options_come_before_the_command(self):
        code = PING.replace("PING", "CONFIG GET databases")
        done = run_program("run", "--databases", "3", *python(code))
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("$1\r\n3", done.stdout.decode().replace("\n", "\r\n").replace("\r\r", "\r"))

    @understudy_only
    def test_exit_status_is_the_commands(self):
        for status in (0, 1, 7, 255):
            done = run_program("run", *python("import sys; sys.exit(%d)" % status))
            self.assertEqual(done.returncode, status)

    @understudy_only
    def test_death_by_a_signal_shows_in_the_status(self):
        done = run_program("run", *python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
        self.assertIn(done.returncode, (128 + signal.SIGKILL, -signal.SIGKILL))

    @understudy_only
    def test_streams_are_the_commands_alone(self):
        data = bytes(range(256)) * 50
        code = "import sys; d = sys.stdin.buffer.read(); sys.stdout.buffer.write(d); sys.stderr.write('complaint')"
        done = run_program("run", *python(code), stdin=data)
        self.assertEqual(done.stdout, data)
        self.assertEqual(done.stderr, b"complaint")

    @understudy_only
    def test_arguments_reach_the_command_untouched(self):
        words = ["--port", "1", "", "a b", "--", "*", "'"]
        done = run_program("run", *python("import sys; print(sys.argv[1:])", *words))
        self.assertEqual(done.stdout.decode().strip(), repr(words))

    @understudy_only
    def test_environment_is_passed_on(self):
        env = dict(os.environ, MARK="kept", REDIS_URL="redis://elsewhere:1")
        done = run_program("run", *python("import os; print(os.environ['MARK'], os.environ['REDIS_URL'])"), env=env)
        mark, url = done.stdout.decode().split()
        self.assertEqual(mark, "kept")
        self.assertNotIn("elsewhere", url)

    @understudy_only
    def test_signals_are_passed_on_and_nothing_is_left(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(signal=number):
                process = subprocess.Popen([binary(), "run"] + python(WAITER), stdout=subprocess.PIPE, bufsize=0)
                port, pid = read_line(process.stdout).split()
                self.assertTrue(accepts(port))
                process.send_signal(number)
                output, _ = process.communicate(timeout=TIMEOUT)
                self.assertEqual(output.decode().strip(), "got %d" % number)
                self.assertEqual(process.returncode, 40 + number)
                self.assertFalse(accepts(port))
                with self.assertRaises(ProcessLookupError):
                    os.kill(int(pid), 0)

    @understudy_only
    def test_killed_run_leaves_neither_server_nor_command(self):
        process = subprocess.Popen([binary(), "run"] + python(WAITER), stdout=subprocess.PIPE, bufsize=0)
        self.addCleanup(process.kill)
        port, pid = read_line(process.stdout).split()
        self.assertTrue(accepts(port))
        self.expect_end(pid, process)
        self.assertEqual(process.returncode, -signal.SIGKILL)
        self.assertFalse(accepts(port))

    @understudy_only
    def test_killed_parent_takes_its_server_along(self):
        parent = subprocess.Popen(
            [sys.executable, "-c", PARENT, binary()], stdout=subprocess.PIPE, bufsize=0
        )
        self.addCleanup(parent.kill)
        lines = dict(read_line(parent.stdout).split() for _ in range(2))
        port, pid = lines[b"127.0.0.1"], lines[b"pid"]
        self.assertTrue(accepts(port))
        self.expect_end(pid, parent)
        self.assertFalse(accepts(port))

    @understudy_only
    def test_missing_command_is_status_127(self):
        done = run_program("run", "--", "/nosuch/program")
        self.assertEqual(done.returncode, 127)
        self.assertEqual(len(done.stderr.splitlines()), 1)

    @understudy_only
    def test_no_command_is_refused(self):
        for words in (("run",), ("run", "--")):
            done = run_program(*words)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(len(done.stderr.splitlines()), 1)

    @understudy_only
    def test_shell_is_left_to_the_caller(self):
        done = run_program("run", "--", "sh", "-c", 'redis-cli -u "$REDIS_URL" set k v && redis-cli -u "$REDIS_URL" get k')
        self.assertEqual(done.stdout.decode().split(), ["OK", "v"])


if __name__ == "__main__":
    unittest.main()
