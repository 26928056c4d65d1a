# SPDX-License-Identifier: MIT
"""MOCK: the clock that a test moves, the seed, and the way back to the start."""

import unittest

from support.resp import encode_command
from support.servers import is_understudy
from support.testing import ServerCase, binary, run_program, understudy_only

START = 1700000000000  # ms


class Clock(ServerCase):
    def setUp(self):
        super().setUp()
        self.client = self.connect()

    def mock(self, *words):
        return self.client.value("MOCK", *words)

    def time_ms(self):
        seconds, microseconds = self.client.value("TIME")
        return int(seconds) * 1000 + int(microseconds) // 1000

    @understudy_only
    def test_frozen_time_stands_still(self):
        self.mock("CLOCK", "FREEZE", START)
        self.assertEqual([self.time_ms() for _ in range(100)], [START] * 100)
        self.assertEqual(self.client.value("EVAL", "return redis.call('TIME')[1]", "0"), b"1700000000")

    @understudy_only
    def test_freeze_without_a_time_keeps_the_present(self):
        before = self.time_ms()
        self.mock("CLOCK", "FREEZE")
        frozen = self.time_ms()
        self.assertGreaterEqual(frozen, before)
        self.assertEqual(self.time_ms(), frozen)

    @understudy_only
    def test_advance_moves_by_exactly_so_much(self):
        self.mock("CLOCK", "FREEZE", START)
        self.mock("CLOCK", "ADVANCE", 1234)
        self.assertEqual(self.time_ms(), START + 1234)

    @understudy_only
    def test_set_moves_to_a_moment(self):
        self.mock("CLOCK", "FREEZE", START)
        self.mock("CLOCK", "SET", START + 5000)
        self.assertEqual(self.time_ms(), START + 5000)

    @understudy_only
    def test_resume_runs_again(self):
        before = self.time_ms()
        self.mock("CLOCK", "FREEZE")
        self.mock("CLOCK", "RESUME")
        for _ in range(100000):
            if self.time_ms() > before:
                return
        self.fail("the clock does not run")

    @understudy_only
    def test_keys_go_at_their_millisecond(self):
        self.mock("CLOCK", "FREEZE", START)
        for delay in range(1, 101):
            self.client.value("SET", "k%d" % delay, "v", "PX", delay)
        for gone in range(1, 101):
            self.mock("CLOCK", "ADVANCE", 1)
            self.assertEqual(self.client.value("DBSIZE"), 100 - gone)
        stats = self.client.value("INFO", "stats").decode()
        self.assertIn("expired_keys:100\r\n", stats)

    @understudy_only
    def test_all_that_fell_due_is_done_when_advance_answers(self):
        self.mock("CLOCK", "FREEZE", START)
        for number in range(1000):
            self.client.value("SET", "k%d" % number, "v", "EX", number + 1)
        self.mock("CLOCK", "ADVANCE", 1000 * 1000)
        other = self.connect()
        self.assertEqual(other.value("DBSIZE"), 0)
        self.assertEqual(other.value("KEYS", "*"), [])

    @understudy_only
    def test_ttls_follow_the_clock(self):
        self.mock("CLOCK", "FREEZE", START)
        self.client.value("SET", "k", "v", "PX", 10000)
        self.assertEqual(self.client.value("PTTL", "k"), 10000)
        self.mock("CLOCK", "ADVANCE", 2500)
        self.assertEqual(self.client.value("PTTL", "k"), 7500)
        self.assertEqual(self.client.value("PEXPIRETIME", "k"), START + 10000)

    @understudy_only
    def test_idle_times_follow_the_clock(self):
        self.mock("CLOCK", "FREEZE", START)
        self.client.value("SET", "k", "v")
        self.mock("CLOCK", "ADVANCE", 42000)
        self.assertEqual(self.client.value("OBJECT", "IDLETIME", "k"), 42)

    @understudy_only
    def test_bad_arguments_are_errors(self):
        for words in (
            ("CLOCK",), ("CLOCK", "NOSUCH"), ("CLOCK", "ADVANCE"), ("CLOCK", "ADVANCE", "abc"),
            ("CLOCK", "SET"), ("CLOCK", "SET", "abc"), ("CLOCK", "FREEZE", "abc"), ("CLOCK", "FREEZE", "1", "2"),
            ("NOSUCH",), ("SEED",), ("SEED", "abc"),
        ):  # fmt: skip
            with self.subTest(words=words):
                self.assertEqual(self.client.command("MOCK", *words).kind, "error")

    @understudy_only
    def test_get_tells_the_time(self):
        self.mock("CLOCK", "FREEZE", START)
        self.assertIn(str(START), str(self.mock("CLOCK", "GET")))

    @understudy_only
    def test_reset_brings_the_start_back(self):
        self.mock("CLOCK", "FREEZE", START)
        self.client.value("SET", "k", "v")
        self.client.value("SELECT", "3")
        self.client.value("SET", "k", "v")
        sha = self.client.value("SCRIPT", "LOAD", "return 1")
        self.client.value("CONFIG", "SET", "hash-max-listpack-entries", "3")
        self.mock("RESET")
        fresh = self.connect()
        self.assertEqual(fresh.value("DBSIZE"), 0)
        fresh.value("SELECT", "3")
        self.assertEqual(fresh.value("DBSIZE"), 0)
        self.assertEqual(fresh.value("SCRIPT", "EXISTS", sha), [0])
        self.assertEqual(fresh.value("CONFIG", "GET", "hash-max-listpack-entries")[1], b"512")
        self.assertNotEqual(self.time_ms(), START)

    @understudy_only
    def test_the_same_seed_gives_the_same_choices(self):
        members = [str(number) for number in range(1000)]
        self.client.value("SADD", "s", "x", *members)

        def choices():
            self.mock("SEED", 7)
            return [self.client.value("SRANDMEMBER", "s") for _ in range(20)]

        first = choices()
        self.assertEqual(first, choices())
        self.assertGreater(len(set(first)), 10)

    @understudy_only
    def test_fast_time_ends_waits_and_expires_keys(self):
        self.client.value("CONFIG", "SET", "notify-keyspace-events", "Ex")
        listener = self.connect()
        listener.value("SUBSCRIBE", "__keyevent@0__:expired")
        self.client.value("SET", "k", "v", "EX", 5000)
        self.mock("CLOCK", "RATE", 100000)
        self.assertIsNone(self.client.value("BLPOP", "list", 10000))
        self.assertEqual(listener.read().value[2].value, b"k")

    @understudy_only
    def test_rate_one_runs_on_from_where_it_stands(self):
        self.mock("CLOCK", "FREEZE", START)
        self.mock("CLOCK", "RATE", 1)
        for _ in range(100000):
            if self.time_ms() > START:
                self.assertLess(self.time_ms(), START + 60000)
                return
        self.fail("the clock does not run")

    @understudy_only
    def test_wait_that_began_before_the_clock_was_stopped_ends_by_advance(self):
        waiting = self.connect()
        waiting.send(encode_command(["BLPOP", "list", 3600]))
        self.mock("CLOCK", "FREEZE")
        while b"blocked_clients:1" not in self.client.value("INFO", "clients"):
            pass
        self.mock("CLOCK", "ADVANCE", 3600 * 1000)
        self.assertIsNone(waiting.read().value)

    @understudy_only
    def test_what_a_pause_held_runs_at_the_instant_of_its_end(self):
        self.mock("CLOCK", "FREEZE", START)
        self.client.value("CLIENT", "PAUSE", 100, "WRITE")
        writing = self.connect()
        writing.send(encode_command(["XADD", "s", "*", "f", "v"]))
        while b"blocked_clients:1" not in self.client.value("INFO", "clients"):
            pass
        self.mock("CLOCK", "ADVANCE", 1000)
        self.assertEqual(self.client.value("XLEN", "s"), 1)
        self.assertEqual(writing.read().value, b"%d-0" % (START + 100))

    @understudy_only
    def test_idle_clients_go_by_the_clock(self):
        self.mock("CLOCK", "FREEZE")
        self.client.value("CONFIG", "SET", "timeout", "60")
        idle = self.connect()
        self.mock("CLOCK", "ADVANCE", 60000)
        self.assertEqual(idle.value("PING"), b"PONG")
        self.mock("CLOCK", "ADVANCE", 60001)
        self.assertTrue(idle.is_closed_by_server())
        self.assertEqual(self.client.value("PING"), b"PONG")

    @understudy_only
    def test_snapshot_of_a_stopped_clock_brings_back_time_to_live(self):
        self.mock("CLOCK", "FREEZE", START)
        self.client.value("SET", "k", "v", "PX", 5000)
        self.mock("SNAPSHOT", "SAVE", "seeded")
        for _ in range(3):
            self.mock("CLOCK", "ADVANCE", 60000)
            self.client.value("FLUSHALL")
            self.mock("SNAPSHOT", "RESTORE", "seeded")
            self.assertEqual(self.client.value("PTTL", "k"), 5000)
            self.assertEqual(self.time_ms(), START)

    @understudy_only
    def test_snapshot_of_a_running_clock_leaves_it_running(self):
        self.mock("SNAPSHOT", "SAVE", "seeded")
        self.mock("CLOCK", "FREEZE", START)
        self.mock("SNAPSHOT", "RESTORE", "seeded")
        self.assertGreater(self.time_ms(), START + 60000)

    @understudy_only
    def test_help_is_a_list_of_lines(self):
        reply = self.client.command("MOCK", "HELP")
        self.assertEqual(reply.kind, "array")
        self.assertTrue(any(b"CLOCK" in item.value for item in reply.value))


class StoppedFromTheStart(ServerCase):
    options = ("--clock", str(START))

    def setUp(self):
        if is_understudy(binary()):
            super().setUp()

    @understudy_only
    def test_time_stands_where_the_command_line_says(self):
        client = self.connect()
        self.assertEqual(client.value("TIME"), [b"%d" % (START // 1000), b"0"])
        client.value("MOCK", "CLOCK", "RESUME")
        client.value("MOCK", "RESET")
        self.assertEqual(client.value("TIME"), [b"%d" % (START // 1000), b"0"])

    @understudy_only
    def test_bad_instant_is_told_before_the_start(self):
        done = run_program("--port", "0", "--clock", "soon")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(b"clock is", done.stderr)


if __name__ == "__main__":
    unittest.main()
