# SPDX-License-Identifier: MIT
"""A script that takes too long: what others are told, how it ends, who may go meanwhile."""

import unittest

from support.testing import ServerCase, understudy_only

BUSY = b"BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."
ENDLESS = "while true do pcall(function() while true do end end) end"


class SlowScripts(ServerCase):
    options = ("--busy-reply-threshold", "1")

    def start_script(self, script=ENDLESS, *args):
        """A connection on which the script runs; another client was told so."""
        slow = self.connect()
        slow.send(b"*%d\r\n" % (3 + len(args)) + b"".join(
            b"$%d\r\n%s\r\n" % (len(word), word)
            for word in [b"EVAL", script.encode(), b"0"] + [arg.encode() for arg in args]
        ))  # fmt: skip
        other = self.connect()
        while other.command("GET", "k").value != BUSY:
            pass
        return slow, other

    def kill(self, client):
        self.assertEqual(client.value("SCRIPT", "KILL"), b"OK")

    def test_others_are_told_and_may_kill(self):
        slow, other = self.start_script()
        self.assertEqual(other.command("GET", "k").value, BUSY)
        self.kill(other)
        self.assertIn(b"Script killed by user with SCRIPT KILL", slow.read().value)
        self.assertEqual(other.value("PING"), b"PONG")
        self.assertEqual(other.command("SCRIPT", "KILL").value, b"NOTBUSY No scripts in execution right now.")

    def test_one_that_wrote_cannot_be_killed_but_the_server_can_stop(self):
        _, other = self.start_script("redis.call('set', 'k', 1) " + ENDLESS)
        self.assertIn(b"UNKILLABLE", other.command("SCRIPT", "KILL").value)
        self.assertEqual(other.command("SHUTDOWN", "SAVE").kind, "error")
        other.send(b"*2\r\n$8\r\nSHUTDOWN\r\n$6\r\nNOSAVE\r\n")
        self.assertTrue(other.is_closed_by_server())

    def test_its_own_client_may_leave(self):
        slow, other = self.start_script()
        slow.close()
        for _ in range(100):
            self.assertEqual(other.command("GET", "k").value, BUSY)
        self.kill(other)
        self.assertEqual(other.value("PING"), b"PONG")

    def test_others_may_leave_and_come(self):
        slow, other = self.start_script("local n = 0 while n < 1e12 do n = n + 1 end")
        for _ in range(20):
            guest = self.connect()
            guest.send(b"*1\r\n$4\r\nPI")
            guest.close()
            guest = self.connect()
            guest.send(b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n" * 100)
            guest.close()
        self.kill(other)
        self.assertIn(b"Script killed", slow.read().value)
        self.assertEqual(other.value("DBSIZE"), 0)

    def test_what_was_sent_behind_it_waits(self):
        slow, other = self.start_script()
        slow.send(b"*1\r\n$4\r\nPING\r\n")
        self.assertEqual(other.command("GET", "k").value, BUSY)
        self.kill(other)
        self.assertIn(b"Script killed", slow.read().value)
        self.assertEqual(slow.read().value, b"PONG")

    def test_arguments_outlive_the_turns_of_others(self):
        big = "x" * 300000
        slow, other = self.start_script(
            "for i = 1, 1e9 do if redis.call('exists', 'go') == 1 or #ARGV[1] ~= 300000 then break end end"
            " return #ARGV[1]", big)  # fmt: skip
        for _ in range(50):
            self.assertEqual(other.command("SET", "k", "y" * 100000).value, BUSY)
        self.kill(other)
        self.assertEqual(slow.read().kind, "error")

    @understudy_only
    def test_slow_library_calls_leave_room_for_a_kill(self):
        slow, other = self.start_script("while true do local s = ('x'):rep(2e7) end")
        self.kill(other)
        self.assertIn(b"Script killed", slow.read().value)


if __name__ == "__main__":
    unittest.main()
