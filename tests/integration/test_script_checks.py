# SPDX-License-Identifier: MIT
"""--script-checks from outside: the log, the switch at run time, the counts."""

import os
import tempfile
import unittest

from support.testing import ServerCase, understudy_only


class ScriptChecks(ServerCase):
    def lines_of_the_log(self, path):
        with open(path) as log:
            return [line.split("# ", 1)[1] for line in log if "script-checks" in line]

    @understudy_only
    def test_warnings_stand_in_the_log(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "log")
            server = self.start_server("--script-checks", "warn", "--logfile", path)
            with server.connect() as client:
                client.value("EVAL", "\nreturn redis.call('GET', 'a\\nb')", "0")
                client.value("EVAL", "return redis.call('GET', KEYS[1])", "1", "k")
            (line,) = self.lines_of_the_log(path)
            self.assertRegex(
                line,
                r'^script-checks: get touches the key "a\\nb", which is not in KEYS '
                r"script: [0-9a-f]{40}, on @user_script:2\.\n$",
            )

    @understudy_only
    def test_it_can_be_switched_at_run_time(self):
        client = self.connect()
        script = "return redis.call('PING', 'x') and redis.call('EXISTS', 'k')"
        self.assertEqual(client.value("EVAL", script, "0"), 0)
        client.value("CONFIG", "SET", "script-checks", "error")
        self.assertEqual(client.value("CONFIG", "GET", "script-checks")[1], b"error")
        self.assertEqual(client.command("EVAL", script, "0").kind, "error")
        client.value("CONFIG", "SET", "script-checks", "off")
        self.assertEqual(client.value("EVAL", script, "0"), 0)
        info = client.value("INFO", "scripts").decode()
        self.assertIn("script_checks_undeclared_keys:1\r\n", info)

    @understudy_only
    def test_a_script_in_a_transaction_fails_alone(self):
        client = self.connect()
        client.value("CONFIG", "SET", "script-checks", "error")
        client.value("MULTI")
        client.value("SET", "k", "v")
        client.value("EVAL", "return redis.call('GET', 'other')", "0")
        client.value("GET", "k")
        replies = client.command("EXEC")
        self.assertEqual([reply.kind for reply in replies.value], ["simple", "error", "bulk"])


if __name__ == "__main__":
    unittest.main()
