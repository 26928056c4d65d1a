# SPDX-License-Identifier: MIT
"""INFO has the sections and fields of redis-server, in its order; a version has those that it had."""

import os

from support.servers import Server
from support.testing import ServerCase

OUR_SECTIONS = {"Scripts"}
OUR_FIELDS = {"understudy_version"}
# Sections whose lines depend on what was done.
COUNTED = ("Commandstats", "Errorstats", "Latencystats", "Keyspace", "Keysizes")
REQUESTS = (
    (), ("default",), ("all",), ("everything",), ("server", "clients"), ("CLIENTS", "SERVER", "Clients"),
    ("keyspace", "all"), ("commandstats", "latencystats"), ("nosuch",), ("nosuch", "cpu"), ("modules",), ("sentinel",),
)  # fmt: skip

# What came when, of the sections that no other test knows.
SINCE_7_0 = {
    "total_net_repl_input_bytes", "total_net_repl_output_bytes", "instantaneous_input_repl_kbps",
    "instantaneous_output_repl_kbps", "evicted_clients", "total_eviction_exceeded_time",
    "current_eviction_exceeded_time", "pubsubshard_channels", "total_active_defrag_time",
    "current_active_defrag_time", "reply_buffer_shrinks", "reply_buffer_expands",
}  # fmt: skip
SINCE_7_2 = {
    "listener1", "total_blocking_keys", "total_blocking_keys_on_nokey", "eventloop_cycles",
    "eventloop_duration_sum", "eventloop_duration_cmd_sum", "instantaneous_eventloop_cycles_per_sec",
    "instantaneous_eventloop_duration_usec", "acl_access_denied_auth", "acl_access_denied_cmd",
    "acl_access_denied_key", "acl_access_denied_channel",
}  # fmt: skip
SINCE_7_4 = {
    "pubsub_clients", "watching_clients", "total_watched_keys", "expired_subkeys", "evicted_scripts",
    "client_query_buffer_limit_disconnections", "client_output_buffer_limit_disconnections",
}  # fmt: skip


def sections(text):
    """Titles with their lines, as pairs of name and value, in order."""
    found = {}
    lines = None
    for line in text.decode().split("\r\n"):
        if line.startswith("# "):
            lines = found.setdefault(line[2:], [])
        elif line:
            lines.append(tuple(line.split(":", 1)))
    return found


def names(text):
    """Titles with the names of their fields, ours left out."""
    found = {}
    for title, lines in sections(text).items():
        if title not in OUR_SECTIONS:
            found[title] = [] if title in COUNTED else [name for name, _ in lines if name not in OUR_FIELDS]
    return found


class Info(ServerCase):
    def setUp(self):
        """Each test starts its own."""

    def serve(self, *options, emulate="7.0"):
        server = Server(os.environ["TEST_BINARY"], options, emulate=emulate).start()
        self.addCleanup(self.stop_server, server)
        self.server = server
        return self.connect(protocol=2)

    def info(self, client, *words):
        return client.command("INFO", *words).value

    def test_sections_and_fields_are_those_of_redis(self):
        ours = self.serve()
        oracle = Server().start()
        self.addCleanup(oracle.stop)
        theirs = oracle.connect(protocol=2)
        self.addCleanup(theirs.close)
        for client in ours, theirs:
            client.command("SET", "k", "v")
        for words in REQUESTS:
            with self.subTest(words=words):
                self.assertEqual(
                    list(names(self.info(ours, *words)).items()), list(names(self.info(theirs, *words)).items())
                )

    def test_lines_of_commands_have_the_form_of_redis(self):
        ours = self.serve()
        oracle = Server().start()
        self.addCleanup(oracle.stop)
        theirs = oracle.connect(protocol=2)
        self.addCleanup(theirs.close)
        found = []
        for client in ours, theirs:
            client.command("CONFIG", "RESETSTAT")
            for words in (("SET", "k", "v"), ("GET", "k"), ("NOSUCH",), ("INCR", "k"), ("CONFIG", "GET", "x")):
                client.command(*words)
            lines = sections(self.info(client, "commandstats", "latencystats", "errorstats", "keyspace"))
            forms = set()
            for title, fields in lines.items():
                for name, value in fields:
                    forms.add((title, name, tuple(part.split("=")[0] for part in value.split(","))))
            found.append(forms)
        self.assertEqual(found[0], found[1])

    def fields_of(self, version):
        client = self.serve(emulate=version)
        text = self.info(client, "server") + self.info(client, "clients") + self.info(client, "stats")
        return {name for lines in sections(text).values() for name, _ in lines}

    def test_a_version_has_the_fields_that_it_had(self):
        found = {version: self.fields_of(version) for version in ("6.2", "7.0", "7.2", "7.4", "8.0")}
        self.assertEqual(found["7.0"] - found["6.2"], SINCE_7_0)
        self.assertEqual(found["7.2"] - found["7.0"], SINCE_7_2)
        self.assertEqual(found["7.4"] - found["7.2"], SINCE_7_4)
        self.assertEqual(found["8.0"] - found["7.4"], set())

    def test_newer_sections_are_of_8_0(self):
        client = self.serve(emulate="8.0")
        client.command("SET", "empty", "")
        client.command("SET", "three", "abc")
        client.command("SET", "long", "x" * 1500)
        client.command("RPUSH", "list", "a", "b")
        client.command("SELECT", "2")
        client.command("ZADD", "z", "1", "a")
        self.assertEqual(
            sections(self.info(client, "keysizes"))["Keysizes"],
            [
                ("db0_distrib_strings_sizes", "0=1,2=1,1K=1"),
                ("db0_distrib_lists_items", "2=1"),
                ("db2_distrib_zsets_items", "1=1"),
            ],
        )
        (thread,) = sections(self.info(client, "threads"))["Threads"]
        self.assertRegex(":".join(thread), r"^io_thread_0:clients=1,reads=\d+,writes=\d+$")
        self.assertNotIn("Debug", sections(self.info(client, "everything")))
        self.assertIn("Debug", sections(self.info(client, "debug")))

    def test_before_7_0_it_takes_one_section(self):
        client = self.serve(emulate="6.2")
        self.assertEqual(client.command("INFO", "server", "clients").value, b"ERR syntax error")
        self.assertNotIn("Latencystats", sections(self.info(client, "all")))

    def test_resp3_has_a_verbatim_text(self):
        self.serve()
        self.assertEqual(self.connect(protocol=3).command("INFO", "cluster").kind, "verbatim")

    def test_rates_follow_the_clock_of_the_test(self):
        client = self.serve("--clock", "frozen", emulate="7.2")
        client.command("MOCK", "CLOCK", "ADVANCE", "5000")  # what was before is forgotten
        for _ in range(500):
            client.command("PING")
        client.command("MOCK", "CLOCK", "ADVANCE", "2000")
        stats = dict(sections(self.info(client, "stats"))["Stats"])
        self.assertEqual(stats["instantaneous_ops_per_sec"], "250")
        self.assertGreater(float(stats["instantaneous_input_kbps"]), 1)
        client.command("MOCK", "CLOCK", "ADVANCE", "5000")
        stats = dict(sections(self.info(client, "stats"))["Stats"])
        self.assertEqual(stats["instantaneous_ops_per_sec"], "0")
