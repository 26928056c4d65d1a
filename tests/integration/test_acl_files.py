# SPDX-License-Identifier: MIT
"""Users in files, and what users are refused: the same words as redis-server's, wherever it is installed."""

import os
import re
import tempfile
import unittest

from support.servers import ORACLE, Server, needs_oracle
from support.testing import ServerCase, binary, run_program, understudy_only

OPEN = "user default on nopass ~* &* +@all\n"
FILES = (
    "user alice on nopass ~* +@all\n",
    "foo\n",
    "user\n",
    "user alice foo bar\nuser bob +nosuch\n",
    "user a on\nuser a off\n",
    "\n\n  user a   on  nopass  \n\t\n",
    "user a b\"c on\n",
    "USER a on\n",
    "user a >p w\n",
    "# comment\nuser a on\n",
    "user a on %Q~x\n",
    "user a #xx\n",
    "user a on ~* ~a\nuser b <x\n",
    "user a on\nuser b\nfoo\nuser c +x|y|z\nuser a off\n",
    "",
    "user a +config|get|x\n",
    "user a on allchannels &x\n",
    "user a on nopass +get|b|c",
    "user \"a b\" on\n",
    "user a\ton\n",
    "user a on\r\nuser b on\r\n",
    "user a (~x +get) (%R~y +set) reset on\n",
    "user a (foo)\n",
    "user a (~x))\n",
    "user a on #ff\nfoo bar\n",
    "user a \n",
    "user  a on\n",
    "  user a on nopass # x\n",
)  # fmt: skip

# (client, words): the administrator is a, whose rights end only where the list does.
REFUSALS = (
    ("a", "ACL", "SETUSER", "u", "on", ">pw", "~k:*", "%R~r:*", "%W~w:*", "&ch:*", "+@all", "-debug", "-config", "+config|get", "(+get ~sel:*)"),
    ("u", "AUTH", "u", "wrong"),
    ("u", "AUTH", "u", "pw"),
    ("u", "ACL", "WHOAMI"),
    ("u", "GET", "x"),
    ("u", "SET", "x", "1"),
    ("u", "GET", "r:1"),
    ("u", "SET", "r:1", "v"),
    ("u", "SET", "w:1", "v"),
    ("u", "GET", "w:1"),
    ("u", "GET", "sel:1"),
    ("u", "SET", "sel:1", "v"),
    ("u", "COPY", "r:1", "w:1"),
    ("u", "COPY", "w:1", "r:1"),
    ("u", "MGET", "k:1", "x"),
    ("u", "CONFIG", "SET", "hz", "1"),
    ("u", "CONFIG", "GET", "hz"),
    ("u", "CONFIG"),
    ("u", "CONFIG", "nosuch"),
    ("u", "DEBUG", "SLEEP", "0"),
    ("u", "PUBLISH", "ch:1", "m"),
    ("u", "PUBLISH", "other", "m"),
    ("u", "SUBSCRIBE", "other"),
    ("u", "PSUBSCRIBE", "ch:*"),
    ("u", "PUNSUBSCRIBE"),
    ("u", "PSUBSCRIBE", "c*"),
    ("u", "SPUBLISH", "other", "m"),
    ("u", "SSUBSCRIBE", "other"),
    ("u", "MULTI"),
    ("u", "SET", "k:1", "v"),
    ("u", "SET", "x", "v"),
    ("u", "EXEC"),
    ("u", "MULTI"),
    ("u", "SET", "k:1", "v"),
    ("u", "CONFIG", "SET", "hz", "5"),
    ("u", "EXEC"),
    ("u", "MULTI"),
    ("u", "SET", "k:1", "v"),
    ("u", "GET", "k:1"),
    ("u", "PUBLISH", "ch:1", "x"),
    ("a", "ACL", "SETUSER", "u", "-get", "resetchannels"),
    ("u", "EXEC"),
    ("a", "ACL", "SETUSER", "u", "+get"),
    ("u", "MULTI"),
    ("u", "SET", "k:1", "v2"),
    ("a", "ACL", "SETUSER", "u", "resetkeys", "~z:*"),
    ("u", "EXEC"),
    ("a", "ACL", "SETUSER", "u", "resetkeys", "~k:*", "&ch:*"),
    ("u", "EVAL", "return redis.call('get','x')", "0"),
    ("u", "EVAL", "return redis.pcall('get','x')", "0"),
    ("u", "EVAL", "return redis.call('config','set','hz','1')", "0"),
    ("u", "EVAL", "return redis.call('debug','sleep','0')", "0"),
    ("u", "EVAL", "return redis.pcall('publish','other','x')", "0"),
    ("u", "EVAL", "return redis.call('get',KEYS[1])", "1", "x"),
    ("u", "EVAL", "return redis.call('get',KEYS[1])", "1", "k:1"),
    ("u", "EVAL", "return {redis.acl_check_cmd('get','x'),redis.acl_check_cmd('get','k:1')}", "0"),
    ("a", "FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f',function(k,a) return redis.call('get',a[1]) end)"),
    ("u", "FCALL", "f", "0", "x"),
    ("u", "FCALL", "f", "0", "k:1"),
    ("u", "SORT", "k:l", "BY", "w_*"),
    ("u", "SORT", "k:l", "GET", "#"),
    ("u", "SORT", "k:l", "GET", "w_*"),
    ("u", "XREAD", "STREAMS", "x", "0"),
    ("u", "LMPOP", "2", "k:1", "x", "LEFT"),
    ("u", "BLPOP", "x", "0"),
    ("u", "MIGRATE", "h", "1", "x", "0", "1"),
    ("u", "OBJECT", "ENCODING", "x"),
    ("u", "MEMORY", "USAGE", "x"),
    ("u", "WATCH", "x"),
    ("u", "RENAME", "k:1", "x"),
    ("u", "GEORADIUS", "k:1", "0", "0", "1", "m", "STORE", "x"),
    ("u", "ZUNIONSTORE", "k:1", "1", "x"),
    ("u", "CLIENT", "TRACKING", "ON", "BCAST"),
    ("u", "NOSUCH"),
    ("u", "GET"),
    ("u", "RESET"),
    ("u", "ACL", "WHOAMI"),
    ("a", "ACL", "LOG"),
    ("a", "ACL", "LOG", "RESET"),
    ("a", "CONFIG", "SET", "acllog-max-len", "2"),
    ("u", "AUTH", "u", "pw"),
    ("u", "GET", "1"),
    ("u", "GET", "2"),
    ("u", "GET", "3"),
    ("u", "GET", "3"),
    ("a", "ACL", "LOG"),
    ("a", "CONFIG", "SET", "acllog-max-len", "0"),
    ("u", "GET", "4"),
    ("a", "ACL", "LOG"),
    ("a", "CONFIG", "SET", "acllog-max-len", "128"),
    ("u", "MULTI"),
    ("u", "GET", "x"),
    ("u", "DISCARD"),
    ("u", "EVAL", "return redis.call('get','x')", "0"),
    ("a", "ACL", "LOG", "1"),
    ("a", "ACL", "SETUSER", "v", "on", "nopass", "+@all", "~*"),
    ("u", "AUTH", "v", "z"),
    ("u", "PUBLISH", "c", "x"),
    ("a", "CONFIG", "SET", "acl-pubsub-default", "allchannels"),
    ("a", "ACL", "SETUSER", "v2", "on", "nopass", "+@all", "~*"),
    ("u", "AUTH", "v2", "z"),
    ("u", "PUBLISH", "c", "x"),
    ("a", "CONFIG", "SET", "acl-pubsub-default", "resetchannels"),
    ("a", "ACL", "GETUSER", "v2"),
    ("a", "ACL", "SETUSER", "v2", "reset"),
    ("a", "ACL", "GETUSER", "v2"),
    ("a", "ACL", "GENPASS", "0"),
    ("a", "ACL", "GENPASS", "4097"),
    ("a", "ACL", "GENPASS", "-1"),
    ("a", "ACL", "GENPASS", "x"),
    ("a", "CONFIG", "SET", "requirepass", "s"),
    ("b", "PING"),
    ("b", "AUTH", "s"),
    ("b", "AUTH", "default", "t"),
    ("a", "ACL", "GETUSER", "default"),
    ("a", "ACL", "SETUSER", "default", "nopass"),
    ("a", "CONFIG", "GET", "requirepass"),
    ("a", "CONFIG", "SET", "requirepass", ""),
    ("a", "ACL", "GETUSER", "default"),
    ("a", "ACL", "SETUSER", "default", ">q"),
    ("a", "CONFIG", "SET", "requirepass", "r"),
    ("a", "ACL", "GETUSER", "default"),
    ("c", "PING"),
    ("c", "HELLO", "3"),
    ("c", "HELLO", "3", "AUTH", "default", "r"),
    ("a", "ACL", "SETUSER", "default", "on", "nopass", "-@all", "+ping", "+acl"),
    ("d", "PING"),
    ("d", "GET", "x"),
    ("d", "QUIT"),
    ("e", "ACL", "SETUSER", "default", "off"),
    ("f", "PING"),
    ("f", "AUTH", "x"),
    ("f", "HELLO", "2"),
)  # fmt: skip


def without_client(raw):
    """A reply without what tells of connections and time."""
    raw = re.sub(rb"\$\d+\r\nid=\d+ addr=[^\r]*", b"(client)", raw)
    raw = re.sub(rb"(age-seconds\r\n)\$\d+\r\n[^\r]*", rb"\1(age)", raw)
    return re.sub(rb"(\$2\r\nid\r\n):\d+|\$6\r\n7\.0\.\d+", rb"\1", raw)


@needs_oracle
class OracleAclCase(unittest.TestCase):
    maxDiff = None

    def start(self, program, *options):
        server = Server(program, options, emulate="7.0").start()
        self.addCleanup(server.stop)
        return server

    def connect(self, server):
        connection = server.connect()
        self.addCleanup(connection.close)
        return connection

    @understudy_only
    def test_refusals_are_the_oracles(self):
        answers = []
        for program in (ORACLE, binary()):
            server = self.start(program)
            clients, seen = {}, []
            for name, *words in REFUSALS:
                if name not in clients:
                    clients[name] = self.connect(server)
                seen.append(without_client(clients[name].raw_command(*words)))
            answers.append(seen)
        for step, theirs, ours in zip(REFUSALS, *answers):
            with self.subTest(step=step):
                self.assertEqual(ours, theirs)

    def load(self, program):
        """What ACL LOAD answers to each of the files, and the users afterwards."""
        directory = tempfile.TemporaryDirectory(prefix="understudy-test-")
        self.addCleanup(directory.cleanup)
        path = os.path.join(directory.name, "users.acl")
        write(path, OPEN)
        server = self.start(program, "--dir", directory.name, "--aclfile", "users.acl")
        connection = self.connect(server)
        answers = []
        for text in FILES:
            write(path, text)
            answers.append((connection.raw_command("ACL", "LOAD"), connection.raw_command("ACL", "LIST")))
        write(path, "")
        connection.command("ACL", "LOAD")
        connection.command("ACL", "SETUSER", "zed", "on", ">pw", "~a", "(+get ~b)")
        answers.append((connection.raw_command("ACL", "SAVE"), read(path)))
        os.unlink(path)
        answers.append((connection.raw_command("ACL", "LOAD"), connection.raw_command("ACL", "USERS")))
        return answers

    @understudy_only
    def test_files_are_loaded_as_the_oracle_loads_them(self):
        theirs, ours = self.load(ORACLE), self.load(binary())
        for text, one, other in zip(FILES + ("(saved)", "(gone)"), theirs, ours):
            with self.subTest(text=text):
                self.assertEqual(other, one)


class AclFileCase(ServerCase):
    tcp = False

    @understudy_only
    def test_users_in_two_places_are_refused(self):
        path = os.path.join(self.server.directory, "users.acl")
        write(path, OPEN)
        done = run_program("--port", "0", "--aclfile", path, "--user", "bob", "on")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"not in both", done.stderr)

    @understudy_only
    def test_bad_file_ends_the_start(self):
        path = os.path.join(self.server.directory, "users.acl")
        write(path, "user bob on\nuser carl foo\n")
        done = run_program("--port", "0", "--aclfile", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"users.acl:2: Syntax error.", done.stderr)

    @understudy_only
    def test_quotes_of_a_line_keep_blanks_together(self):
        server = self.start_server("--user", "bob", "on", ">p w", "~*", "+@all", "+@connection")
        with server.connect() as connection:
            self.assertEqual(connection.value("AUTH", "bob", "p w"), b"OK")


def write(path, text):
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()
