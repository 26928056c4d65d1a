# SPDX-License-Identifier: MIT
"""The Lua debugger: its wire protocol beside the oracle's, what others see, and how sessions end."""

import re
import select
import shutil
import signal
import subprocess
import unittest

from support.resp import ConnectionClosed, encode_command
from support.servers import ORACLE, Server, needs_oracle
from support.testing import TIMEOUT, ServerCase, binary, understudy_only

SCRIPT = """local a = {KEYS[1], ARGV[1]}
redis.call('set', KEYS[1], ARGV[1])
redis.debug(a, 'x', 1.5)
return redis.call('get', KEYS[1])"""

SET = "redis.call('set', 'k', 'new')\nlocal a = 1\nreturn redis.call('get', 'k')"
END = b"*1\r\n+<endsession>\r\n"


def words(line):
    return line.split(" ")


class Session:
    """A client in a debugging session. `said` is what the server sent, as lists of lines."""

    def __init__(self, connection, script, *args, mode="YES"):
        self.connection = connection
        connection.value("SCRIPT", "DEBUG", mode)
        connection.send(encode_command(("EVAL", script) + (args or (0,))))
        self.said = [self.listen()]

    def listen(self):
        raw = self.connection.read_raw()
        self.is_ended = b"\r\n+<endsession>\r\n" in raw
        return raw

    def do(self, *command):
        self.connection.send(encode_command(command))
        return self.listen()

    def end(self):
        """The script's own reply, behind which the stream ends."""
        reply = self.connection.read_raw()
        if not self.connection.is_closed_by_server():
            raise AssertionError("the connection was not closed")
        return reply


# Each: a script, its arguments, and the commands sent one after the other; the rest are steps.
TRANSCRIPTS = {
    "all commands": (
        SCRIPT, ("1", "k", "v"),
        "p;s;print;P A;p a;p KEYS;p zz;n;list;l 2;l 2 1;l 1 0;l -3 x;w;t;b;b 4 9 x 4 01;b;b -4;b -4;b 4;b 0;b 4;b;"
        "e 1 + 1;e {1,{2},a=nil};e x =;e return 5;e y = 1;e redis.call('get','k');e local q = 2;e;r get k;"
        "r incr k;r nosuch;r get;r lrange l 0 -1;r mget a k;r;redis set k2 v2;m;m 5;m 70abc;m -5;m 0;m x y;"
        "foo;STEP;trace;c",
    ),
    "values": (
        "local a\nlocal b = true\nlocal c = 1.5\nlocal d = 1e100\nlocal e = {}\nlocal f = {[1]=1, [3]=2}\n"
        "local g = {{{{{{{{{{{1}}}}}}}}}}}\nlocal h = {}\nh.h = h\nlocal i = cjson.null\nlocal j = 123456789\n"
        "local l = {[1.5]=2, [true]=false}\nlocal m = '\"\\\\\\a\\255\\r\\n'\nlocal n = redis.pcall('nosuch')\n"
        "local o = {{}, {1, {2}}, 'x'}\nreturn 1",
        ("0",), "b 16;c;p;p m;p h;c",
    ),
    "trimming": (
        "local a = string.rep('x', 300)\nlocal t = {a, a}\nreturn a", ("0",),
        "s;s;p a;p t;p;r echo " + "y" * 400 + ";m 100;p t;m 0;p a;c",
    ),
    "functions": (
        "local function f(x)\n  local y = x + 1\n  return y\nend\nlocal function g(x)\n  return f(x) + f(x)\nend\n"
        "local z = g(3)\nreturn z",
        ("0",), "b 2 6;c;t;p;p z;c;t;p x;p f;b -2;s;s;s;t",
    ),
    "coroutines": (
        "local c = coroutine.create(function(a)\nlocal b = a + 1\ncoroutine.yield(b)\nreturn 5 end)\n"
        "local ok, v = coroutine.resume(c, 4)\nreturn v",
        ("0",), "s;s;t;p a;s;t;s;p;t",
    ),
    "errors of the API": (
        "local e = pcall(redis.log, 1)\ne = redis.status_reply(1)\ne = redis.error_reply('-X y')\n"
        "e = redis.error_reply('oops')\ne = pcall(redis.setresp, 9)\ne = redis.pcall('get')\n"
        "e = redis.pcall('subscribe', 'x')\ne = pcall(redis.call)\ne = redis.pcall({})\ne = redis.pcall('incr', 'l')\n"
        "return {e, redis.error_reply('-X y')}",
        ("0",), "r lpush l 1",
    ),
    "breakpoints in the code": (
        "redis.breakpoint()\nlocal a = redis.breakpoint()\nreturn tostring(a)", ("0",), "c;p;c;c",
    ),
    "many words": (
        "return redis.call('rpush', 'l', 1, 2, 3, 4, 5, 6, 7, 8, 9)", ("0",),
        "r mget a b c d e f g h i j;r mget a b c d e f g h i;r mget a b c d e f g h",
    ),
    "RESP3": (
        "redis.setresp(3)\nredis.call('hset', 'h', 'a', 1)\nredis.call('hgetall', 'h')\nredis.call('sadd', 's', 'x')\n"
        "redis.call('smembers', 's')\nredis.call('zadd', 'z', 1.5, 'x')\nredis.call('zscore', 'z', 'x')\n"
        "redis.call('zrange', 'z', 0, -1, 'withscores')\nredis.call('get', 'no')\nreturn 1",
        ("0",), "",
    ),
    "an error": ("local a = 1\nredis.debug('x')\nerror('boom')", ("0",), ""),
    "an error of a command": ("redis.call('set', 'x', 'a')\nredis.call('incr', 'x')\nreturn 1", ("0",), ""),
    "abort": ("local a = 1\nreturn a", ("0",), "s;abort"),
    "no Lua": ("local a = (\n", ("0",), ""),
    "no number of keys": ("return 1", ("x",), ""),
    "empty": ("", ("0",), ""),
    "ends of lines": ("local a = 1\r\n\r\nreturn a\r\n\n\r\n", ("0",), "w;l 2;l 99"),
    "a shebang": ("#!lua flags=no-writes\nlocal a = 1\nredis.call('set', 'a', 1)\n", ("0",), "w;t"),
    "an argument without bytes": ("return 1", ("0",), "e "),
    "other protocols": ("return 1", ("0",), [b"PING\r\n"]),
    "rubbish": ("return 1", ("0",), [b"xx*1\r\n$1\r\np\r\n", b"*1\r\n$1x\r\np\r\n", b"*1\r\n:1\r\n"]),
    "too long": ("return 1", ("0",), [b"*2\r\n$1\r\ne\r\n$1025\r\n"]),
    "parts": ("return 1", ("0",), ["p", b"*2\r\n$1\r\n"]),
}  # fmt: skip


def record(server, script, args, commands, mode):
    """All that the server says, up to the end of the stream."""
    connection = server.connect()
    session = Session(connection, script, *args, mode=mode)
    said = session.said
    if isinstance(commands, str):
        commands = [words(line) for line in commands.split(";") if line]
    for command in list(commands) + [["s"]] * 20:
        if session.is_ended:
            said.append(session.end())
            break
        connection.send(command if isinstance(command, bytes) else encode_command(command))
        if command == b"*2\r\n$1\r\n":  # the rest in its own packet
            connection.send(b"p\r\n$1\r\na\r\n")
        said.append(session.listen())
    connection.close()
    return [re.sub(rb"@0x[0-9a-f]+", b"@0x", raw) for raw in said]


@needs_oracle
class Transcripts(unittest.TestCase):
    """The same words to both servers, the same bytes from both."""

    @classmethod
    def setUpClass(cls):
        cls.oracle = Server(ORACLE, tcp=True).start()
        cls.server = Server(binary(), emulate="7.0", tcp=True).start()

    @classmethod
    def tearDownClass(cls):
        cls.oracle.stop()
        cls.server.stop()

    def test_transcripts(self):
        self.maxDiff = None
        for name, (script, args, commands) in TRANSCRIPTS.items():
            for mode in ("YES", "SYNC"):
                with self.subTest(name, mode=mode):
                    for server in (self.oracle, self.server):
                        server.connect().value("FLUSHALL")
                    wanted = record(self.oracle, script, args, commands, mode)
                    self.assertEqual(record(self.server, script, args, commands, mode), wanted)

    def test_who_may_switch_it_on(self):
        ping = encode_command(["PING"])
        for sent in (
            ["maybe"], [], ["yes", "x"], ["NO"], ["yes"], ["Sync"],
        ):  # fmt: skip
            command = encode_command(["SCRIPT", "DEBUG"] + sent)
            for data, count in ((command, 1), (ping + command, 2), (command + command, 2)):
                replies = [server.connect().exchange(data, count) for server in (self.oracle, self.server)]
                self.assertEqual(replies[0], replies[1])

    def test_around_it(self):
        """Commands of a client that has switched it on, but for EVAL itself."""
        sha = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"
        commands = [
            ["SCRIPT", "LOAD", "return 1"], ["SCRIPT", "DEBUG", "YES"], ["EVALSHA", sha, 0],
            ["EVALSHA", "x", 0], ["EVALSHA_RO", sha, 0], ["SET", "a", "b"], ["MULTI"],
            ["SCRIPT", "DEBUG", "YES"], ["EXEC"], ["SCRIPT", "DEBUG", "NO"], ["EVALSHA", sha, 0],
            ["EVAL", "return redis.breakpoint()", 0], ["EVAL", "return redis.debug(1)", 0],
        ]  # fmt: skip
        answers = []
        for server in (self.oracle, self.server):
            connection = server.connect()
            answers.append([connection.raw_command(*command) for command in commands])
        self.assertEqual(answers[0], answers[1])

    def test_redis_cli(self):
        if not shutil.which("redis-cli"):
            self.skipTest("no redis-cli")
        typed = "s\nn\nprint\np a\nl\nw\nt\nb 4\nb\nr get foo\neval 1 +  2\ne \"x y\"\nm 0\nfoo\n\nc\nget foo\n"
        again = "s\nrestart\nb 3\nc\np\nc\nget foo\nping\nquit\n"
        for mode in ("--ldb", "--ldb-sync-mode"):
            for stdin in (typed, again, "s\nabort\n", "s\nquit\n", "s\ns"):
                outputs = []
                for server in (self.oracle, self.server):
                    server.connect().value("FLUSHALL")
                    outputs.append(self.drive(server, mode, stdin))
                    outputs[-1] += repr(server.connect().value("GET", "foo")).encode()
                self.assertEqual(outputs[0], outputs[1], (mode, stdin))

    def test_redis_cli_over_a_unix_socket(self):
        if not shutil.which("redis-cli"):
            self.skipTest("no redis-cli")
        for _ in range(5):
            shown = self.drive(self.server, "--ldb", "s\nc\nping\n", "-s", self.server.socket_path)
            self.assertIn(b"(Lua debugging session ended", shown)
            self.assertTrue(shown.endswith(b" 0"), shown)

    def drive(self, server, mode, stdin, *address):
        path = server.directory + "/script.lua"
        with open(path, "w", encoding="utf-8") as file:
            file.write(SCRIPT)
        command = ["redis-cli", *(address or ("-p", str(server.port))), mode, "--eval", path, "foo", ",", "bar"]
        run = subprocess.run(
            command, input=stdin.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT
        )
        return run.stdout.replace(b":%d" % server.port, b"") + b" %d" % run.returncode


class Sessions(ServerCase):
    """What is ours: no child process, and yet others see nothing."""

    def debug(self, script=SET, *args, mode="YES"):
        return Session(self.connect(), script, *args, mode=mode)

    @understudy_only
    def test_changes_are_undone(self):
        self.connect().value("SET", "k", "old")
        self.connect().value("RPUSH", "l", "1", "2")
        self.connect().value("SET", "gone", "1")
        script = SET + ", redis.call('del', 'gone'), redis.call('lpop', 'l'), redis.call('expire', 'l', 1)"
        session = self.debug(script)
        while not session.is_ended:
            session.do("s")
        self.assertEqual(session.end(), b"$3\r\nnew\r\n")
        other = self.connect()
        self.assertEqual(other.value("GET", "k"), b"old")
        self.assertEqual(other.value("LRANGE", "l", 0, -1), [b"1", b"2"])
        self.assertEqual(other.value("TTL", "l"), -1)
        self.assertEqual(other.value("GET", "gone"), b"1")

    @understudy_only
    def test_nothing_is_left_but_the_data_is_usable(self):
        for _ in range(3):
            session = self.debug("redis.call('flushall')\nredis.call('swapdb', 0, 1)\nreturn redis.call('dbsize')")
            session.do("c")
            self.assertEqual(session.end(), b":0\r\n")
            self.connect().value("INCR", "n")
        self.assertEqual(self.connect().value("GET", "n"), b"3")

    @understudy_only
    def test_a_script_that_was_debugged_is_not_cached(self):
        session = self.debug("return 1")
        session.do("c")
        session.end()
        sha = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"
        self.assertEqual(self.connect().value("SCRIPT", "EXISTS", sha), [0])

    def test_changes_stay_in_sync_mode(self):
        session = self.debug(mode="SYNC")
        session.do("c")
        session.end()
        self.assertEqual(self.connect().value("GET", "k"), b"new")

    @understudy_only
    def test_nobody_is_told_of_what_is_undone(self):
        self.connect().value("CONFIG", "SET", "notify-keyspace-events", "KEA")
        listener, watcher, waiter, monitor = (self.connect() for _ in range(4))
        tracker = self.connect(protocol=3)
        listener.value("PSUBSCRIBE", "*")
        watcher.value("WATCH", "k", "l")
        tracker.value("CLIENT", "TRACKING", "on", "BCAST")
        waiter.send(encode_command(["BLPOP", "l", 0]))
        other = self.connect()
        while other.value("INFO", "clients").count(b"blocked_clients:1") == 0:
            pass
        monitor.value("MONITOR")
        session = self.debug(SET + ", redis.call('rpush', 'l', 1), redis.call('publish', 'c', 'm')")
        session.do("c")
        session.end()
        self.assertEqual(watcher.value("MULTI"), b"OK")
        self.assertEqual(watcher.value("EXEC"), [])
        self.assertEqual(tracker.value("PING"), b"PONG")
        lines = [monitor.read_raw()]
        while b'"PING"' not in lines[-1]:
            lines.append(monitor.read_raw())
        self.assertNotIn(b"lua] ", b"".join(lines))
        other.value("RPUSH", "l", "real")
        self.assertEqual(waiter.read().value[1].value, b"real")
        self.assertEqual(listener.read().value[3].value, b"rpush")

    @understudy_only
    def test_others_wait_until_it_ends(self):
        for mode in ("YES", "SYNC"):
            session = self.debug(mode=mode)
            others = [self.connect() for _ in range(5)]
            for number, other in enumerate(others):
                other.send(encode_command(["RPUSH", mode, number]) + encode_command(["PING"]))
            fresh = self.connect(protocol=3)
            fresh.send(encode_command(["GET", "k"]))
            session.do("n")
            session.do("c")
            session.end()
            for number, other in enumerate(others):
                self.assertEqual(other.read().value, number + 1)
                self.assertEqual(other.read().value, b"PONG")
            self.assertEqual(fresh.read().value, b"new" if mode == "SYNC" else None)

    @understudy_only
    def test_a_second_session_waits_for_the_first(self):
        first, second = self.debug("local a = 1\nreturn 1"), self.connect()
        second.value("HELLO", "2")
        second.send(encode_command(["SCRIPT", "DEBUG", "YES"]))
        first.do("c")
        first.end()
        self.assertEqual(second.read().value, b"OK")
        first = Session(second, "return 1")
        third = self.connect()
        third.send(encode_command(["SCRIPT", "DEBUG", "YES"]))
        first.do("c")
        self.assertEqual(first.end(), b":1\r\n")
        self.assertEqual(third.read().value, b"OK")
        second, fourth = Session(third, "return 2"), self.connect()
        fourth.send(encode_command(["INCR", "n"]))
        second.do("c")
        self.assertEqual(second.end(), b":2\r\n")
        self.assertEqual(fourth.read().value, 1)

    @understudy_only
    def test_two_sessions_at_once_are_held_in_turn(self):
        first, second = self.connect(), self.connect()
        for connection in (first, second):
            connection.value("SCRIPT", "DEBUG", "YES")
        for connection in (first, second):
            connection.send(encode_command(["EVAL", "return 7", 0]))
        ready, _, _ = select.select([first.sock, second.sock], [], [], TIMEOUT)
        if ready == [second.sock]:
            first, second = second, first
        for connection in (first, second):
            connection.read_raw()
            connection.send(encode_command(["c"]))
            self.assertEqual((connection.read_raw(), connection.read_raw()), (END, b":7\r\n"))
            self.assertTrue(connection.is_closed_by_server())

    def test_it_ends_with_its_client(self):
        self.connect().value("SET", "k", "old")
        session = self.debug()
        session.do("s")
        session.connection.close()
        self.assertEqual(self.connect().value("GET", "k"), b"old")

    @understudy_only
    def test_it_ends_with_a_client_that_catches_errors(self):
        session = self.debug("redis.call('set', 'k', 1)\nwhile true do\npcall(redis.call, 'incr', 'k')\nend")
        for _ in range(5):
            session.do("s")
        session.connection.close()
        self.assertIsNone(self.connect().value("GET", "k"))

    def test_a_script_runs_on_without_its_client_in_sync_mode(self):
        session = self.debug("local a = 1\nredis.breakpoint()\nredis.call('incr', 'n')\nreturn 1", mode="SYNC")
        session.do("b", "3")
        session.connection.close()
        other = self.connect()
        while other.value("GET", "n") != b"1":
            pass

    @understudy_only
    def test_a_client_may_stop_sending(self):
        session = self.debug("redis.call('incr', 'n')\nreturn 1")
        session.connection.send(encode_command(["p"]) + encode_command(["s"]))
        session.connection.finish_sending()
        self.assertEqual(session.listen(), b"*1\r\n+No local variables in the current context.\r\n")
        self.assertIn(b"+<reply> 1\r\n", session.listen())
        self.assertTrue(session.connection.is_closed_by_server())
        self.assertIsNone(self.connect().value("GET", "n"))

    @understudy_only
    def test_commands_may_come_together(self):
        session = self.debug("local a = 1\nlocal b = 2\nreturn a + b")
        data = b"".join(encode_command([word]) for word in ("s", "p", "s", "p", "c"))
        replies = session.connection.exchange(data, 6)
        self.assertEqual(replies[1], b"*1\r\n+<value> a = 1\r\n")
        self.assertEqual(replies[3], b"*2\r\n+<value> a = 1\r\n+<value> b = 2\r\n")
        self.assertEqual(replies[5], b":3\r\n")

    @understudy_only
    def test_script_kill_ends_it(self):
        session = self.debug("redis.call('set', 'k', 1)\nlocal a = 1\nreturn 1")
        session.do("s")
        self.assertEqual(self.connect().value("SCRIPT", "KILL"), b"OK")
        self.assertEqual(session.listen(), END)
        self.assertIn(b"-ERR Script killed by user", session.end())
        self.assertIsNone(self.connect().value("GET", "k"))

    @understudy_only
    def test_the_server_can_be_stopped(self):
        for stop in (lambda: self.server.process.send_signal(signal.SIGTERM), self.shut_down):
            session = self.debug()
            session.do("s")
            stop()
            self.assertEqual(self.server.process.wait(timeout=TIMEOUT), 0)
            with self.assertRaises(ConnectionClosed):
                session.listen()
                session.listen()
                session.listen()
            self.server.stop()
            self.server.start()

    def shut_down(self):
        self.connect().send(encode_command(["SHUTDOWN", "NOSAVE"]))

    @understudy_only
    def test_a_loop_without_a_stop_is_noticed(self):
        self.connect().value("CONFIG", "SET", "busy-reply-threshold", 30)
        session = self.debug("local a = 1\nwhile true do\na = a + 1\nend")
        self.assertIn(b"stop reason = timeout reached, infinite loop?\r\n", session.do("c"))
        self.assertIn(b"<value> a = ", session.do("p"))
        self.assertIn(b"stop reason = timeout reached, infinite loop?\r\n", session.do("c"))
        self.assertEqual(session.do("a"), END)
        self.assertIn(b"-ERR script aborted for user request", session.end())

    @understudy_only
    def test_code_that_never_ends_does(self):
        self.connect().value("CONFIG", "SET", "busy-reply-threshold", 30)
        session = self.debug("return 1")
        for code in (
            "while true do end",
            "while true do pcall(function() while true do end end) end",
            "(function() while true do pcall(redis.call, 'ping') end end)()",
        ):
            self.assertIn(b"+<error> ", session.do("eval", code))
        self.assertEqual(session.do("eval", "1"), b"*1\r\n+<retval> 1\r\n")

    @understudy_only
    def test_errors_of_all_kinds_are_shown(self):
        session = self.debug("return 1")
        for code, shown in (
            ("redis.call('incr')", "ERR Wrong number of args calling Redis command from script"),
            ("error({})", "an error that is a table value"),
            ("error()", "an error that is a nil value"),
            ("error(redis.error_reply('X y'))", "X y"),
            ("error('a\\nb')", "ldb_eval:1: a b"),
            ("coroutine.yield(1)", "attempt to yield across metamethod/C-call boundary"),
        ):
            self.assertEqual(session.do("e", code), b"*1\r\n+<error> %s\r\n" % shown.encode())

    @understudy_only
    def test_large_values_are_cut_without_being_made(self):
        script = "local t = {}\nfor i = 1, 50 do t[i] = t end\nlocal s = string.rep('x', 1e7)\nreturn 1"
        session = self.debug(script)
        session.do("b", "4")
        session.do("c")
        self.assertLess(len(session.do("p", "t")), 400)
        self.assertLess(len(session.do("p", "s")), 400)
        self.assertLess(len(session.do("p")), 700)
        session.do("m", "0")
        self.assertGreater(len(session.do("p", "s")), 10000000)
        self.assertGreater(len(session.do("p", "t")), 10000000)

    @understudy_only
    def test_a_full_stack_can_be_looked_at(self):
        script = "local t = {}\nfor i = 1, 7900 do t[i] = i end\nlocal function f(...)\nreturn select('#', ...)\nend\nreturn f(unpack(t))"
        session = self.debug(script)
        session.do("b", "4")
        session.do("c")
        for command in ("p t", "p", "t", "e 1", "r ping", "r mget" + " a" * 900):
            self.assertTrue(session.do(*words(command)).startswith(b"*"))
        session.do("c")
        self.assertEqual(session.end(), b":7900\r\n")

    @understudy_only
    def test_a_client_that_does_not_read_is_waited_for(self):
        session = self.debug("local s = string.rep('x', 1e6)\nreturn 1")
        session.do("s")
        session.do("m", "0")
        data = encode_command(["p"]) * 50 + encode_command(["c"])
        replies = session.connection.exchange(data, 52)
        self.assertEqual({len(reply) for reply in replies[:50]}, {len(replies[0])})
        self.assertEqual(replies[50:], [END, b":1\r\n"])

    @understudy_only
    def test_functions_are_debugged_as_scripts_are(self):
        code = (
            "#!lua name=lib\nlocal function twice(x)\n  return x * 2\nend\n"
            "redis.register_function('f', function(keys, args)\n"
            "  local n = twice(tonumber(args[1]))\n  redis.call('set', keys[1], n)\n  return n\nend)\n"
        )
        self.connect().value("FUNCTION", "LOAD", code)
        connection = self.connect()
        connection.value("SCRIPT", "DEBUG", "YES")
        self.assertEqual(connection.command("FCALL", "no", 0).value, b"ERR Function not found")
        connection.send(encode_command(["FCALL", "f", 1, "k", 21]))
        session = Session.__new__(Session)
        session.connection = connection
        self.assertIn(b"+-> 6     local n = twice(tonumber(args[1]))\r\n", session.listen())
        self.assertEqual(session.do("p", "args"), b'*1\r\n+<value> {"21"}\r\n')
        self.assertEqual(session.do("p", "KEYS"), b"*1\r\n+No such variable.\r\n")
        self.assertIn(b"+-> 3     return x * 2\r\n", session.do("s"))
        self.assertEqual(
            session.do("t"),
            b"*4\r\n+In twice:\r\n+-> 3     return x * 2\r\n+From top level:\r\n"
            b"+   6     local n = twice(tonumber(args[1]))\r\n",
        )
        session.do("s")
        self.assertIn(b'<redis> set k 42\r\n+<reply> "+OK"', session.do("s"))
        self.assertEqual(session.do("e", "redis.call('get', 'k')"), b'*1\r\n+<retval> "42"\r\n')
        self.assertEqual(session.do("c"), END)
        self.assertEqual(session.end(), b":42\r\n")
        self.assertIsNone(self.connect().value("GET", "k"))
        self.assertEqual(self.connect().value("FCALL", "f", 1, "k", 4), 8)
        self.assertEqual(self.connect().value("EVAL", "return 1", 0), 1)

    @understudy_only
    def test_within_a_transaction(self):
        connection = self.connect()
        connection.value("SCRIPT", "DEBUG", "YES")
        for command in (["MULTI"], ["SET", "a", 1], ["EVAL", SET, 0], ["SET", "b", 2]):
            connection.value(*command)
        connection.send(encode_command(["EXEC"]))
        connection.read_raw()
        connection.send(encode_command(["c"]))
        self.assertEqual(connection.read_raw(), END)
        self.assertEqual(connection.read_raw(), b"*3\r\n+OK\r\n$3\r\nnew\r\n+OK\r\n")
        other = self.connect()
        self.assertEqual(other.value("MGET", "a", "b", "k"), [b"1", b"2", None])

    @understudy_only
    def test_randomness_goes_on_as_if_nothing_had_been(self):
        script = "return {math.random(1000000), redis.call('srandmember', 's')}"
        self.connect().value("SADD", "s", *range(1000))
        session = self.debug(script)
        session.do("c")
        wanted = session.end()
        self.assertEqual(self.connect().raw_command("EVAL", script, 0), wanted)
        self.assertNotEqual(self.connect().raw_command("EVAL", script, 0), wanted)


if __name__ == "__main__":
    unittest.main()
