# SPDX-License-Identifier: MIT
"""libunderstudy-backend against understudy and against redis-server: the same outcomes."""

import os
import re
import subprocess
import unittest

from support.proxy import HOLD, LOSE_REPLY, LOSE_REQUEST, SWALLOW_REPLY, Proxy
from support.servers import ORACLE, Server, free_port, is_understudy, needs_oracle
from support.testing import binary, read_line
from support.tls import make_certificates

START = 1700000000000  # ms
# Contests: processes, threads of each, locks, acquisitions of each thread. 100,800 in all, for two
# servers.
CONTESTS = ((4, 1, 2, 3000), (1, 8, 3, 1800), (4, 4, 16, 1500))


def program(name):
    return os.path.join(os.path.dirname(binary()), "tests", "backend", name)


class Shell:
    """The library in a process of its own, line by line."""

    def __init__(self):
        self.process = subprocess.Popen(
            [program("backend_shell")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )

    def send(self, *words):
        self.process.stdin.write("\t".join(str(word) for word in words).encode() + b"\n")

    def read(self):
        """The fields of a line; one that is empty at the end is left out."""
        line = read_line(self.process.stdout)
        if not line.endswith(b"\n"):
            raise AssertionError("the backend's shell ended")
        fields = line[:-1].decode().split("\t")
        return fields if fields[-1] else fields[:-1]

    def ask(self, *words):
        self.send(*words)
        return self.read()

    def outcome(self, *words):
        return self.ask(*words)[0]

    def kill(self):
        self.process.kill()
        self.close()

    def close(self):
        """The exit status: not 0 where a sanitizer found something."""
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait()


class BackendCase:
    """What a class below says: which server."""

    @classmethod
    def new_server(cls, *options):
        raise NotImplementedError

    @classmethod
    def setUpClass(cls):
        if not os.path.exists(program("backend_shell")):
            raise unittest.SkipTest("there is no " + program("backend_shell"))
        cls.server = cls.new_server()
        cls.addClassCleanup(cls.server.stop)
        cls.client = cls.server.connect()
        cls.addClassCleanup(cls.client.close)

    def setUp(self):
        self.client.value("FLUSHALL")
        self.client.value("SCRIPT", "FLUSH")

    def start_server(self, *options):
        server = self.new_server(*options)
        self.addCleanup(server.stop)
        return server

    def start_proxy(self):
        proxy = Proxy(self.server)
        proxy.__enter__()
        self.addCleanup(proxy.__exit__)
        return proxy

    def url(self):
        return "unix://" + self.server.socket_path

    def open(self, url=None, **options):
        shell = Shell()
        self.addCleanup(lambda: self.assertIn(shell.close(), (0, -9)))
        words = ["%s=%s" % pair for pair in options.items()]
        self.assertEqual(shell.ask("open", url or self.url(), *words), ["ok"])
        return shell

    def open_through(self, proxy, **options):
        return self.open("redis://127.0.0.1:%d" % proxy.port, **options)

    def expire(self, key):
        """The key reaches the end of its time."""
        self.assertEqual(self.client.value("PEXPIRE", key, 0), 1)


class States(BackendCase):
    def test_each_serializer_brings_it_back(self):
        tree = '{"list":[1,-2.5,true,null],"text":"gr\u00fc\u00df \u4e2d \U0001f600","nul":"a\\u0000b"}'
        for serializer in ("json", "msgpack"):
            shell = self.open(serializer=serializer)
            self.assertEqual(shell.ask("save", serializer, tree), ["ok", "1"])
            self.assertEqual(shell.ask("load", serializer), ["ok", "1", tree])
        shell = self.open(serializer="raw")
        self.assertEqual(shell.ask("save", "raw", "as it is"), ["ok", "1"])
        self.assertEqual(shell.ask("load", "raw"), ["ok", "1", "as it is"])
        self.assertEqual(self.client.value("GET", "state:raw"), b"as it is")
        self.assertEqual(self.client.value("GET", "{state:raw}:version"), b"1")

    def test_raw_states_may_be_empty(self):
        self.client.value("SET", "state:job", "")
        self.assertEqual(self.open(serializer="raw").ask("load", "job"), ["ok", "1"])

    def test_prefixes_and_ids_are_any_text(self):
        shell = self.open(prefix="\u00e4 {p}:")
        self.assertEqual(shell.ask("save", "id {x} \u4e2d", "1"), ["ok", "1"])
        self.assertEqual(self.client.value("GET", "\u00e4 {p}:id {x} \u4e2d"), b"1")
        self.assertEqual(shell.ask("load", "id {x} \u4e2d"), ["ok", "1", "1"])

    def test_absent_undecodable_unencodable_refused_unreachable_differ(self):
        shell = self.open()
        self.assertEqual(shell.ask("load", "job"), ["absent", "0", "there is no such state"])
        self.assertEqual(shell.outcome("delete", "job"), "absent")
        self.client.value("SET", "state:job", "{broken")
        outcome = shell.ask("load", "job")
        self.assertEqual(outcome[0], "undecodable")
        self.assertIn("the state can't be decoded: ", outcome[2])
        self.assertEqual(shell.outcome("save", "job", "no json"), "unencodable")
        self.assertEqual(self.client.value("GET", "state:job"), b"{broken")
        self.client.value("RPUSH", "state:list", "x")
        self.assertEqual(shell.outcome("load", "list"), "refused")
        nobody = self.open("redis://127.0.0.1:%d" % free_port())
        for words in (("load", "job"), ("save", "job", "1"), ("delete", "job")):
            self.assertEqual(nobody.outcome(*words), "unreachable")

    def test_what_is_no_string_stays(self):
        shell = self.open()
        self.client.value("RPUSH", "state:list", "x")
        for words in (("save", "list", "1"), ("save", "list", "1", "version=0"), ("delete", "list")):
            outcome = shell.ask(*words)
            self.assertEqual(outcome[0], "refused")
            self.assertIn("WRONGTYPE", outcome[-1])
        self.assertEqual(self.client.value("LRANGE", "state:list", 0, -1), [b"x"])

    def test_versions_keep_writers_from_each_other(self):
        a, b = self.open(), self.open()
        self.assertEqual(a.ask("save", "job", "1", "version=0"), ["ok", "1"])
        self.assertEqual(b.ask("save", "job", "2", "version=0")[:2], ["conflict", "1"])
        self.assertEqual(b.ask("load", "job"), ["ok", "1", "1"])
        self.assertEqual(b.ask("save", "job", "2", "version=1"), ["ok", "2"])
        self.assertEqual(a.ask("save", "job", "3", "version=1")[:2], ["conflict", "2"])
        self.assertEqual(a.ask("load", "job"), ["ok", "2", "2"])
        self.assertEqual(a.ask("save", "job", "4"), ["ok", "3"])

    def test_a_state_that_went_has_no_old_version(self):
        shell = self.open()
        shell.ask("save", "job", "1")
        shell.ask("save", "job", "2")
        self.assertEqual(shell.outcome("delete", "job"), "ok")
        self.assertEqual(shell.ask("save", "job", "3", "version=2")[:2], ["conflict", "0"])
        self.assertEqual(shell.ask("save", "job", "3", "version=0"), ["ok", "3"])

    def test_a_plain_set_counts_as_version_1(self):
        shell = self.open()
        self.client.value("SET", "state:job", "5")
        self.assertEqual(shell.ask("load", "job"), ["ok", "1", "5"])
        self.assertEqual(shell.ask("save", "job", "6", "version=1"), ["ok", "2"])

    def test_states_may_have_a_lifetime(self):
        shell = self.open()
        self.assertEqual(shell.ask("save", "job", "1", "lifetime=60000"), ["ok", "1"])
        self.assertIn(self.client.value("PTTL", "state:job"), range(50000, 60001))
        self.assertGreater(self.client.value("PTTL", "{state:job}:version"), 80000000)
        self.expire("state:job")
        self.assertEqual(shell.outcome("load", "job"), "absent")
        self.assertEqual(shell.ask("save", "job", "1"), ["ok", "2"])
        self.assertEqual(self.client.value("PTTL", "state:job"), -1)
        self.assertEqual(self.client.value("PTTL", "{state:job}:version"), -1)
        self.assertEqual(shell.outcome("save", "job", "1", "lifetime=-1"), "refused")

    def test_a_lost_reply_leaves_a_write_unknown_and_a_read_repeated(self):
        proxy = self.start_proxy()
        shell = self.open_through(proxy)
        shell.ask("save", "job", "1")
        for action, version in ((LOSE_REQUEST, "2"), (LOSE_REPLY, "3")):
            self.assertEqual(shell.ask("save", "job", "1")[0], "ok")
            proxy.order("EVALSHA", action)
            self.assertEqual(shell.outcome("save", "job", "2"), "unreachable")
            proxy.order("EVAL", action)
            self.assertEqual(shell.ask("load", "job")[:2], ["ok", version if action == LOSE_REQUEST else "4"])
        self.assertTrue(proxy.is_done())
        shell.ask("delete", "another")
        proxy.order("EVALSHA", LOSE_REPLY)
        self.assertEqual(shell.outcome("delete", "job"), "unreachable")
        self.assertEqual(shell.outcome("delete", "job"), "absent")


class Connections(BackendCase):
    def test_urls_choose_a_database(self):
        shell = self.open(self.url() + "?db=3")
        self.assertEqual(shell.outcome("save", "job", "1"), "ok")
        self.assertIsNone(self.client.value("GET", "state:job"))
        self.client.value("SELECT", 3)
        self.assertEqual(self.client.value("GET", "state:job"), b"1")
        self.client.value("SELECT", 0)
        shell = self.open(self.url() + "?db=99")
        self.assertEqual(shell.ask("load", "job"), ["refused", "-1", "ERR DB index is out of range"])

    def test_passwords(self):
        server = self.start_server("--requirepass", "p@ss/word")
        address = "@" + server.socket_path
        right = self.open("unix://:p%40ss%2Fword" + address)
        self.assertEqual(right.outcome("save", "job", "1"), "ok")
        self.assertEqual(right.outcome("acquire", "job", 0), "ok")
        named = self.open("unix://default:p%40ss%2Fword" + address)
        self.assertEqual(named.outcome("load", "job"), "ok")
        wrong = self.open("unix://:no" + address)
        self.assertIn("WRONGPASS", wrong.ask("load", "job")[2])
        for words in (("load", "job"), ("save", "job", "1"), ("acquire", "job", 0)):
            self.assertEqual(wrong.outcome(*words), "refused")
        none = self.open("unix://" + server.socket_path)
        self.assertEqual(none.outcome("load", "job"), "refused")

    def test_wrong_urls(self):
        shell = Shell()
        self.addCleanup(shell.close)
        outcome = shell.ask("open", "http://h")
        self.assertEqual(outcome[0], "failed")
        self.assertIn("scheme", outcome[1])

    def test_tls_that_fails_says_so(self):
        server = self.new_tcp_server()
        self.addCleanup(server.stop)
        shell = self.open("rediss://127.0.0.1:%d" % server.port, connect=1000, answer=1000)
        outcome = shell.ask("load", "job")
        self.assertEqual(outcome[0], "unreachable")
        self.assertTrue(outcome[2].startswith("TLS: "), outcome)

    def test_tls(self):
        binary_with_tls = binary() if is_understudy(binary()) else None
        if not binary_with_tls:
            self.skipTest("of understudy alone")
        certificates = make_certificates(self, binary_with_tls)
        names = (("cert", "server.crt"), ("key", "server.key"), ("ca-cert", "ca.crt"))
        files = [word for name, file in names for word in ("--tls-%s-file" % name, certificates.path(file))]
        server = self.start_server("--tls-auth-clients", "no", *files)
        with server.connect() as client:
            port = free_port()
            while client.command("CONFIG", "SET", "tls-port", port).kind == "error":
                port = free_port()  # somebody was quicker
            url = "rediss://127.0.0.1:%d" % port
            shell = self.open(url, ca=certificates.path("ca.crt"))
            outcome = shell.ask("save", "job", '{"a":1}')
            if "a hiredis that has none" in outcome[-1]:
                self.skipTest("hiredis has no TLS here")
            self.assertEqual(outcome, ["ok", "1"])
            self.assertEqual(shell.ask("load", "job"), ["ok", "1", '{"a":1}'])
            for _ in range(10):
                self.assertEqual(shell.outcome("acquire", "lock", 0), "ok")
                self.assertEqual(shell.outcome("release", "lock"), "ok")
            clients = [line for line in client.value("CLIENT", "LIST").splitlines() if b" laddr=127.0.0.1:" in line]
            self.assertEqual(len(clients), 1, clients)
            client.value("CLIENT", "KILL", "ID", clients[0].split()[0][3:])
            self.assertEqual(shell.ask("load", "job"), ["ok", "1", '{"a":1}'])
            stranger = self.open(url)
            self.assertIn("certificate verify failed", stranger.ask("load", "job")[2])

    def test_scripts_that_were_flushed_are_sent_anew(self):
        shell = self.open()
        for _ in range(2):
            self.assertEqual(shell.outcome("save", "job", "1"), "ok")
            self.assertEqual(shell.outcome("acquire", "job", 0), "ok")
            self.assertEqual(shell.outcome("extend", "job"), "ok")
            self.assertEqual(shell.outcome("release", "job"), "ok")
            self.client.value("SCRIPT", "FLUSH")

    def test_a_server_that_was_restarted_is_reached_at_once(self):
        server = self.start_server()
        shell = self.open("unix://" + server.socket_path)
        for _ in range(3):
            self.assertEqual(shell.outcome("save", "job", "1"), "ok")
            server.kill()
            self.assertEqual(shell.outcome("load", "job"), "unreachable")
            server.start_once()
            self.assertEqual(shell.outcome("load", "job"), "absent")
            self.assertEqual(shell.outcome("save", "job", "1"), "ok")
            server.kill()
            server.start_once()
            self.assertEqual(shell.outcome("save", "job", "1"), "ok")

    def test_connections_that_the_server_closed_are_not_used(self):
        shell = self.open()
        for _ in range(20):
            self.assertEqual(shell.outcome("save", "job", "1"), "ok")
            self.client.value("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            while self.client.value("CLIENT", "LIST").count(b"\n") > 1:
                pass
            self.client.value("PING")

    def test_a_server_that_does_not_answer(self):
        proxy = self.start_proxy()
        shell = self.open_through(proxy, answer=250)
        proxy.order("EVALSHA", SWALLOW_REPLY)
        outcome = shell.ask("save", "job", "1")
        self.assertEqual(outcome[0], "unreachable")
        self.assertIn("no answer came in time", outcome[2])
        self.assertEqual(shell.outcome("save", "job", "1"), "ok")


class Locks(BackendCase):
    KEY = "state:lock:job"

    def test_one_holds_it(self):
        a, b = self.open(), self.open()
        self.assertEqual(a.outcome("acquire", "job", 0), "ok")
        self.assertEqual(b.ask("acquire", "job", 0), ["timeout", "somebody else holds the lock"])
        self.assertEqual(b.outcome("release", "job"), "not held")
        self.assertEqual(b.outcome("extend", "job"), "not held")
        self.assertEqual(a.outcome("release", "job"), "ok")
        self.assertEqual(a.outcome("release", "job"), "not held")
        self.assertEqual(b.outcome("acquire", "job", 0), "ok")
        self.assertIn(self.client.value("PTTL", self.KEY), range(25000, 30001))

    def test_who_waits_gets_it(self):
        a, b = self.open(), self.open()
        a.ask("acquire", "job", 0)
        for timeout in (20000, -1):
            b.send("acquire", "job", timeout)
            self.assertEqual(a.outcome("release", "job"), "ok")
            self.assertEqual(b.read(), ["ok"])
            b.ask("release", "job")
            self.assertEqual(a.outcome("acquire", "job", 20000), "ok")

    def test_the_owner_enters_again(self):
        a, b = self.open(), self.open()
        for depth in (1, 2, 3):
            self.client.command("PEXPIRE", self.KEY, 1000)
            self.assertEqual(a.outcome("acquire", "job", 0), "ok")
            self.assertGreater(self.client.value("PTTL", self.KEY), 20000)
            self.assertEqual(a.ask("depth", "job"), [str(depth)])
        for _ in range(2):
            self.assertEqual(a.outcome("release", "job"), "ok")
            self.assertEqual(b.outcome("acquire", "job", 0), "timeout")
        self.assertEqual(a.outcome("release", "job"), "ok")
        self.assertEqual(a.ask("depth", "job"), ["0"])
        self.assertEqual(b.outcome("acquire", "job", 0), "ok")

    def test_what_ran_out_is_lost(self):
        a, b = self.open(), self.open()
        a.ask("acquire", "job", 0)
        a.ask("acquire", "job", 0)
        self.expire(self.KEY)
        self.assertEqual(b.outcome("acquire", "job", 0), "ok")
        for words in (("extend", "job"), ("acquire", "job", 0), ("release", "job"), ("acquire", "job", 0)):
            self.assertEqual(a.outcome(*words), "lost")
        self.assertEqual(a.outcome("release", "job"), "lost")
        self.assertEqual(a.outcome("release", "job"), "not held")
        self.assertEqual(a.outcome("acquire", "job", 0), "timeout")
        self.assertEqual(b.outcome("release", "job"), "ok")

    def test_release_does_not_free_what_another_has(self):
        a, b = self.open(), self.open()
        for between in ([], [("extend", "job")]):
            a.ask("acquire", "job", 0)
            self.expire(self.KEY)
            self.assertEqual(b.outcome("acquire", "job", 0), "ok")
            for words in between:
                self.assertEqual(a.outcome(*words), "lost")
            self.assertEqual(a.outcome("release", "job"), "lost")
            self.assertEqual(b.outcome("extend", "job"), "ok")
            self.assertEqual(b.outcome("release", "job"), "ok")

    def test_locks_of_plain_clients_count(self):
        shell = self.open()
        for token in ("someone", "host:4711", "token;depth=2"):
            self.client.value("SET", self.KEY, token, "NX", "PX", 30000)
            self.assertEqual(shell.outcome("acquire", "job", 0), "timeout")
            self.client.value("DEL", self.KEY)
        self.assertEqual(shell.outcome("acquire", "job", 0), "ok")
        self.assertIsNone(self.client.value("SET", self.KEY, "me", "NX", "PX", 30000))

    def test_another_type_in_its_place(self):
        shell = self.open()
        shell.ask("acquire", "job", 0)
        self.client.value("DEL", self.KEY)
        self.client.value("RPUSH", self.KEY, "x")
        self.assertEqual(shell.outcome("extend", "job"), "refused")
        self.assertEqual(shell.outcome("release", "job"), "refused")
        self.client.value("DEL", self.KEY)
        self.assertEqual(shell.outcome("release", "job"), "lost")

    def test_a_lost_reply_to_an_acquisition(self):
        proxy = self.start_proxy()
        shell, other = self.open_through(proxy), self.open()
        for action in (LOSE_REQUEST, LOSE_REPLY):
            proxy.order("SET", action)
            self.assertEqual(shell.outcome("acquire", "job", 0), "ok")
            self.assertTrue(proxy.is_done())
            self.assertEqual(other.outcome("acquire", "job", 0), "timeout")
            self.assertEqual(shell.outcome("release", "job"), "ok")
            self.assertIsNone(self.client.value("GET", self.KEY))

    def test_lost_replies_to_both_attempts_leave_it_to_its_lifetime(self):
        proxy = self.start_proxy()
        shell = self.open_through(proxy, lifetime=60000)
        proxy.order("SET", LOSE_REPLY)
        proxy.order("SET", LOSE_REPLY)
        self.assertEqual(shell.outcome("acquire", "job", 0), "unreachable")
        self.assertEqual(shell.ask("depth", "job"), ["0"])
        self.assertGreater(self.client.value("PTTL", self.KEY), 0)
        self.expire(self.KEY)
        self.assertEqual(shell.outcome("acquire", "job", 0), "ok")

    def test_a_lost_reply_to_a_release(self):
        proxy = self.start_proxy()
        shell, other = self.open_through(proxy), self.open()
        for action in (LOSE_REQUEST, LOSE_REPLY):
            shell.ask("acquire", "job", 0)
            proxy.order("EVAL", action)
            self.assertEqual(shell.outcome("release", "job"), "unreachable")
            self.assertEqual(shell.ask("depth", "job"), ["0"])
            self.assertEqual(shell.outcome("extend", "job"), "not held")
            expected = "timeout" if action == LOSE_REQUEST else "ok"
            self.assertEqual(other.outcome("acquire", "job", 0), expected)
            self.assertEqual(shell.outcome("release", "job"), "ok")
            self.assertEqual(shell.outcome("release", "job"), "not held")
            other.ask("release", "job")

    def test_a_lost_reply_to_an_extension_is_asked_for_again(self):
        proxy = self.start_proxy()
        shell = self.open_through(proxy)
        shell.ask("acquire", "job", 0)
        for action in (LOSE_REQUEST, LOSE_REPLY):
            proxy.order("EVAL", action)
            self.assertEqual(shell.outcome("extend", "job"), "ok")
            proxy.order("EVAL", action)
            self.assertEqual(shell.outcome("acquire", "job", 0), "ok")
        self.assertTrue(proxy.is_done())

    def test_a_release_that_arrives_late_frees_nothing(self):
        proxy = self.start_proxy()
        shell, other = self.open_through(proxy, answer=250), self.open()
        shell.ask("acquire", "job", 0)
        shell.ask("extend", "job")
        proxy.order("EVAL", HOLD)
        self.assertEqual(shell.outcome("release", "job"), "unreachable")
        proxy.await_held()
        self.assertEqual(shell.outcome("acquire", "job", 0), "ok")
        proxy.deliver()
        self.assertEqual(other.outcome("acquire", "job", 0), "timeout")
        self.assertEqual(shell.outcome("release", "job"), "ok")

    def test_an_acquisition_that_arrives_late_is_recognised(self):
        proxy = self.start_proxy()
        shell, other = self.open_through(proxy, answer=250), self.open()
        proxy.order("SET", HOLD)
        self.assertEqual(shell.outcome("acquire", "job", 0), "ok")
        self.assertEqual(proxy.deliver(), [b"$-1\r\n"])
        self.assertEqual(shell.outcome("release", "job"), "ok")
        # While another holds it; then the late one takes the key in its place.
        other.ask("acquire", "job", 0)
        proxy.order("SET", HOLD)
        shell.send("acquire", "job", 20000)
        proxy.await_held()
        other.ask("release", "job")
        self.assertEqual(shell.read(), ["ok"])
        proxy.deliver()
        self.assertEqual(shell.outcome("release", "job"), "ok")
        self.assertIsNone(self.client.value("GET", self.KEY))

    def test_a_late_acquisition_that_took_the_key_is_found(self):
        proxy = self.start_proxy()
        shell, other = self.open_through(proxy, answer=250), self.open()
        other.ask("acquire", "job", 0)
        proxy.order("SET", HOLD)
        shell.send("acquire", "job", 20000)
        proxy.await_held()
        calls = self.scripts_run()
        while self.scripts_run() == calls:
            pass  # it has given the first up, and asks whose the key is
        self.client.value("DEL", self.KEY)
        token = proxy.deliver()
        self.assertEqual(shell.read(), ["ok"])
        self.assertIn(token, ([b"+OK\r\n"], [b"$-1\r\n"]))
        self.assertEqual(shell.outcome("extend", "job"), "ok")

    def test_a_process_that_dies_leaves_it_to_its_lifetime(self):
        a, b = self.open(), self.open()
        a.ask("acquire", "job", 0)
        a.process.kill()
        a.process.wait()
        self.assertEqual(b.outcome("acquire", "job", 0), "timeout")
        self.expire(self.KEY)
        self.assertEqual(b.outcome("acquire", "job", 0), "ok")

    def test_close_releases(self):
        shell = self.open()
        shell.ask("acquire", "job", 0)
        shell.ask("acquire", "job", 0)
        shell.ask("acquire", "task", 0)
        self.assertEqual(shell.outcome("close"), "ok")
        self.assertEqual(self.client.value("DBSIZE"), 0)

    def test_the_keeper_extends(self):
        for url in (self.url(), "redis://127.0.0.1:%d" % self.start_proxy().port):
            shell = self.open(url, lifetime=300, keeps=1)
            shell.ask("acquire", "job", 0)
            rises, last = 0, 0
            while rises < 4:  # more than a lifetime
                left = self.client.value("PTTL", self.KEY)
                self.assertGreater(left, 0)
                rises += left > last
                last = left
            self.assertEqual(shell.outcome("release", "job"), "ok")
            self.assertIsNone(self.client.value("GET", self.KEY))

    def test_the_keeper_notices_a_theft(self):
        shell = self.open(lifetime=60, keeps=1)
        shell.ask("acquire", "job", 0)
        self.client.value("SET", self.KEY, "thief")
        calls = self.scripts_run()
        while self.scripts_run() < calls + 2:
            pass
        self.client.value("DEL", self.KEY)
        self.assertEqual(shell.outcome("acquire", "job", 0), "lost")
        self.assertEqual(shell.outcome("release", "job"), "lost")

    def scripts_run(self):
        stats = self.client.value("INFO", "commandstats").decode()
        return sum(int(calls) for calls in re.findall(r"cmdstat_evals?h?a?:calls=(\d+)", stats))

    def test_no_two_hold_it(self):
        for contest in CONTESTS:
            words = [str(number) for number in contest]
            done = subprocess.run([program("contend"), self.url(), *words], stdout=subprocess.PIPE, timeout=120)
            total = contest[0] * contest[1] * contest[3]
            self.assertEqual(
                done.stdout.decode(), "acquisitions %d intruders 0 crashed 0 failed 0\n" % total
            )
            self.assertEqual(self.client.value("DBSIZE"), 0)


class OnUnderstudy(States, Connections, Locks, unittest.TestCase):
    @classmethod
    def new_server(cls, *options):
        if not is_understudy(binary()):
            raise unittest.SkipTest("of understudy")
        return Server(binary(), options).start()

    @classmethod
    def new_tcp_server(cls):
        return Server(binary(), tcp=True).start()

    def setUp(self):
        super().setUp()
        self.client.value("MOCK", "RESET")

    def test_locks_run_out_at_their_millisecond(self):
        self.client.value("MOCK", "CLOCK", "FREEZE", START)
        a, b = self.open(lifetime=5000), self.open()
        self.assertEqual(a.outcome("acquire", "job", 0), "ok")
        self.client.value("MOCK", "CLOCK", "ADVANCE", 4999)
        self.assertEqual(b.outcome("acquire", "job", 0), "timeout")
        self.assertEqual(a.outcome("extend", "job"), "ok")
        self.client.value("MOCK", "CLOCK", "ADVANCE", 4999)
        self.assertEqual(b.outcome("acquire", "job", 0), "timeout")
        self.client.value("MOCK", "CLOCK", "ADVANCE", 1)
        self.assertEqual(b.outcome("acquire", "job", 0), "ok")
        self.assertEqual(a.outcome("release", "job"), "lost")

    def test_states_run_out_at_their_millisecond(self):
        self.client.value("MOCK", "CLOCK", "FREEZE", START)
        shell = self.open()
        shell.ask("save", "job", "1", "lifetime=1000")
        self.client.value("MOCK", "CLOCK", "ADVANCE", 999)
        self.assertEqual(shell.outcome("load", "job"), "ok")
        self.client.value("MOCK", "CLOCK", "ADVANCE", 1)
        self.assertEqual(shell.outcome("load", "job"), "absent")
        # The count outlives it by a day.
        self.client.value("MOCK", "CLOCK", "ADVANCE", 24 * 60 * 60 * 1000 - 1)
        self.assertEqual(self.client.value("GET", "{state:job}:version"), b"1")
        self.client.value("MOCK", "CLOCK", "ADVANCE", 1)
        self.assertEqual(self.client.value("DBSIZE"), 0)

    def fault(self, *words):
        self.assertEqual(self.client.value("MOCK", "FAULT", "ADD", "f", *words), b"OK")

    def test_faults_before_and_after_the_effect(self):
        shell, other = self.open(answer=250), self.open()
        for action in ("CLOSE", "NOREPLY"):
            for when in ("BEFORE", "AFTER"):
                self.fault("COMMAND", "set", "KEY", self.KEY, "TIMES", 1, action, when)
                self.assertEqual(shell.outcome("acquire", "job", 0), "ok")
                self.assertEqual(other.outcome("acquire", "job", 0), "timeout")
                shell.ask("extend", "job")
                self.fault("COMMAND", "eval*", "KEY", self.KEY, "TIMES", 1, action, when)
                self.assertEqual(shell.outcome("extend", "job"), "ok")
                self.fault("COMMAND", "eval*", "KEY", self.KEY, "SKIP", 1, "TIMES", 1, action, when)
                shell.ask("extend", "job")
                self.assertEqual(shell.outcome("release", "job"), "unreachable")
                self.assertEqual(shell.outcome("release", "job"), "ok")
                self.assertIsNone(self.client.value("GET", self.KEY))

    def test_faults_of_what_a_script_calls(self):
        shell = self.open()
        shell.ask("save", "job", "1")
        self.fault("COMMAND", "set", "KEY", "state:job", "TIMES", 1, "OOM")
        outcome = shell.ask("save", "job", "2")
        self.assertEqual(outcome[0], "refused")
        self.assertIn("OOM", outcome[2])
        self.assertEqual(shell.ask("load", "job"), ["ok", "1", "1"])

    def test_cut_off_and_raw_replies(self):
        shell = self.open()
        shell.ask("save", "job", "1")
        self.fault("COMMAND", "eval*", "TIMES", 1, "TRUNCATE", 5)
        self.assertEqual(shell.ask("load", "job"), ["ok", "1", "1"])
        self.fault("COMMAND", "eval*", "TIMES", 1, "REPLY", "?what\r\n")
        self.assertEqual(shell.outcome("save", "job", "2"), "unreachable")
        self.fault("COMMAND", "eval*", "TIMES", 1, "REPLY", "+odd\r\n")
        self.assertEqual(shell.ask("load", "job")[::2], ["refused", "the server's answer has another shape"])
        self.assertEqual(shell.ask("load", "job"), ["ok", "1", "1"])

    def test_connections_that_are_refused(self):
        self.fault("REFUSE")
        shell = self.open(connect=500, answer=500)
        self.assertEqual(shell.outcome("acquire", "job", 0), "unreachable")
        self.client.value("MOCK", "FAULT", "CLEAR")
        self.assertEqual(shell.outcome("acquire", "job", 0), "ok")

    def test_a_theft_between_expiry_and_release(self):
        a, b = self.open(), self.open()
        self.client.value("MOCK", "CLOCK", "FREEZE", START)
        self.assertEqual(a.outcome("acquire", "job", 0), "ok")
        self.client.value("MOCK", "GATE", "ADD", "release", "COMMAND", "eval*", "KEY", self.KEY)
        a.send("release", "job")
        self.assertGreater(self.client.value("MOCK", "GATE", "WAIT", "release", 60000), 0)
        self.client.value("MOCK", "CLOCK", "ADVANCE", 30000)
        self.assertEqual(b.outcome("acquire", "job", 0), "ok")
        self.client.value("MOCK", "GATE", "OPEN", "release")
        self.assertEqual(a.read()[0], "lost")
        self.assertEqual(b.outcome("extend", "job"), "ok")

    def test_a_writer_that_comes_between_load_and_save(self):
        a, b = self.open(), self.open()
        a.ask("save", "job", "1")
        self.client.value("MOCK", "GATE", "ADD", "save", "COMMAND", "eval*", "KEY", "state:job")
        a.send("save", "job", "2", "version=1")
        self.assertGreater(self.client.value("MOCK", "GATE", "WAIT", "save", 60000), 0)
        self.client.value("SET", "{state:job}:version", 2)
        self.client.value("MOCK", "GATE", "OPEN", "save")
        self.assertEqual(a.read()[:2], ["conflict", "2"])
        self.assertEqual(b.outcome("load", "job"), "ok")

    def test_the_scripts_pass_all_checks(self):
        server = self.start_server("--script-checks", "error")
        shell = self.open("unix://" + server.socket_path)
        for words in (
            ("save", "job", "1"), ("save", "job", "2", "version=1", "lifetime=1000"), ("load", "job"),
            ("delete", "job"), ("acquire", "job", 0), ("extend", "job"), ("release", "job"),
        ):  # fmt: skip
            self.assertEqual(shell.outcome(*words), "ok")


@needs_oracle
class OnRedis(States, Connections, Locks, unittest.TestCase):
    @classmethod
    def new_server(cls, *options):
        return Server(ORACLE, options).start()

    @classmethod
    def new_tcp_server(cls):
        return Server(ORACLE, tcp=True).start()


if __name__ == "__main__":
    unittest.main()
