# SPDX-License-Identifier: MIT
"""The append-only file: what is written, what is read at the start."""

import os
import shutil
import tempfile
import unittest

from support.append_only import Files
from support.resp import encode_command
from support.servers import Server, is_understudy
from support.testing import ServerCase, binary, run_program, understudy_only

LIBRARY = (
    b"#!lua name=%s\nredis.register_function('f_%s', function(keys) return redis.call('INCR', keys[1]) end)"
)
ON = ("--appendonly", "yes", "--enable-debug-command", "yes")


class Journal(ServerCase):
    tcp = False
    options = ON

    def setUp(self):
        super().setUp()
        self.client = self.connect()
        self.files = Files(self.server.directory)

    def start_frozen(self, *options):
        server = self.start_server(*(ON + ("--clock", "1000000000000") + options))
        self.client = server.connect()
        self.addCleanup(self.client.close)
        self.files = Files(server.directory)

    def again(self, *options):
        """Another server, on a copy of the files."""
        self.client.close()
        directory = tempfile.mkdtemp(prefix="understudy-test-")
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        shutil.copytree(self.files.folder, os.path.join(directory, "appendonlydir"))
        server = self.start_server("--dir", directory, *(ON + options))
        client = server.connect()
        self.addCleanup(client.close)
        self.files = Files(directory)
        return client

    def info(self, client=None):
        lines = (client or self.client).value("INFO", "persistence").decode().splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def test_nothing_is_written_unless_asked_for(self):
        server = self.start_server()
        with server.connect() as client:
            client.value("SET", "k", "v")
            self.assertFalse(os.path.exists(os.path.join(server.directory, "appendonlydir")))

    def test_what_was_answered_is_in_the_file(self):
        self.client.value("SET", "k", "v")
        self.assertEqual(self.files.take(), [[b"SELECT", b"0"], [b"SET", b"k", b"v"]])

    def test_a_server_that_was_killed_has_lost_nothing(self):
        for i in range(100):
            self.client.value("RPUSH", "l", i)
        self.server.process.kill()
        self.server.process.wait()
        self.server.process = None
        self.assertEqual(self.again().value("LLEN", "l"), 100)

    @understudy_only
    def test_expiry_is_written_and_time_is_the_servers(self):
        self.start_frozen()
        self.client.value("SET", "k", "v", "PX", 50)
        self.client.value("SET", "other", "v", "PX", 5000)
        self.client.value("MOCK", "CLOCK", "ADVANCE", 100)
        self.client.value("GET", "k")
        self.assertEqual(
            self.files.take()[1:],
            [[b"SET", b"k", b"v", b"PXAT", b"1000000000050"],
             [b"SET", b"other", b"v", b"PXAT", b"1000000005000"], [b"DEL", b"k"]],
        )  # fmt: skip
        early = self.again("--clock", "1000000004999")
        self.assertEqual(early.value("PTTL", "other"), 1)
        late = self.again("--clock", "1000000005000")
        self.assertEqual(late.value("EXISTS", "other"), 0)
        self.assertEqual(self.files.take()[-1], [b"DEL", b"other"])

    @understudy_only
    def test_the_disk_is_no_event_of_the_clock(self):
        self.start_frozen()
        self.client.value("SET", "k", "v", "PX", 50000)
        self.assertEqual(self.client.value("MOCK", "CLOCK", "NEXT"), 1000000050000)

    @understudy_only
    def test_keys_live_as_long_as_the_file_says(self):
        self.start_frozen()
        for command in (["SET", "n", 5, "PX", 50], ["INCR", "n"], ["PERSIST", "n"], ["RPUSH", "l", "a"],
                        ["PEXPIRE", "l", 50], ["RENAME", "l", "m"], ["PERSIST", "m"]):  # fmt: skip
            self.client.value(*command)
        later = self.again("--clock", "2000000000000")
        self.assertEqual(later.value("GET", "n"), b"6")
        self.assertEqual(later.value("LLEN", "m"), 1)

    @understudy_only
    def test_fields_of_hashes_expire_in_words(self):
        self.start_frozen("--emulate", "8.0")
        client = self.client
        client.value("HSET", "h", "a", 1, "b", 2, "c", 3)
        client.value("HEXPIRE", "h", 10, "FIELDS", 2, "a", "b")
        client.value("HGETEX", "h", "EX", 20, "FIELDS", 1, "c")
        client.value("HSETEX", "h", "PX", 5, "FIELDS", 1, "d", 4)
        client.value("HGETEX", "h", "PERSIST", "FIELDS", 1, "b")
        client.value("HEXPIRE", "h", 0, "FIELDS", 1, "b")
        client.value("MOCK", "CLOCK", "ADVANCE", 10000)
        lines = [b" ".join(words).decode() for words in self.files.take()]
        self.assertEqual(lines[2:], [
            "HPEXPIREAT h 1000000010000 FIELDS 2 a b", "HPEXPIREAT h 1000000020000 FIELDS 1 c",
            "HSETEX h PXAT 1000000000005 FIELDS 1 d 4", "HPERSIST h FIELDS 1 b", "HDEL h b",
            "HDEL h d", "HDEL h a",
        ])  # fmt: skip
        again = self.again("--emulate", "8.0", "--clock", "1000000015000")
        self.assertEqual(again.value("HGETALL", "h"), [b"c", b"3"])

    def assert_fields_come_back(self, emulate, words):
        """Conditions that did not hold, removals and sums of fields with deadlines."""
        self.start_frozen("--emulate", emulate)
        client = self.client
        client.value("HSET", "h", "a", 1, "b", 2, "c", 3)
        client.value("HEXPIRE", "h", 10, "NX", "FIELDS", 1, "a")
        client.value("HEXPIRE", "h", 20, "XX", "FIELDS", 3, "a", "b", "nosuch")
        client.value("HEXPIRE", "h", 0, "XX", "FIELDS", 1, "b")
        client.value("HINCRBYFLOAT", "h", "a", "0.5")
        client.value("HEXPIRE", "h", 5, "FIELDS", 1, "c")
        client.value("HEXPIRE", "h", 0, "XX", "FIELDS", 2, "b", "c")
        lines = [b" ".join(line).decode() for line in self.files.take()]
        self.assertEqual([line for line in lines[2:] if line not in ("MULTI", "EXEC")], [
            "HPEXPIREAT h 1000000010000 NX FIELDS 1 a", "HPEXPIREAT h 1000000020000 XX FIELDS 1 a", *words,
            "HPEXPIREAT h 1000000005000 FIELDS 1 c", "HDEL h c",
        ])  # fmt: skip
        again = self.again("--emulate", emulate, "--clock", "1000000010000")
        self.assertEqual(again.value("HMGET", "h", "a", "b", "c"), [b"1.5", b"2", None])
        self.assertEqual(again.value("HPEXPIRETIME", "h", "FIELDS", 2, "a", "b"), [1000000020000, -1])

    @understudy_only
    def test_fields_keep_what_a_condition_spared(self):
        self.assert_fields_come_back("7.4", ["HSET h a 1.5", "HPEXPIREAT h 1000000020000 FIELDS 1 a"])

    @understudy_only
    def test_sums_keep_the_deadline_by_one_command_since_8_0(self):
        self.assert_fields_come_back("8.0", ["HSETEX h KEEPTTL FIELDS 1 a 1.5"])

    @understudy_only
    def test_hgetdel_is_a_removal(self):
        self.start_frozen("--emulate", "8.0")
        self.client.value("HSET", "h", "a", 1, "b", 2)
        self.client.value("HGETDEL", "h", "FIELDS", 1, "nosuch")
        self.client.value("HGETDEL", "h", "FIELDS", 2, "a", "nosuch")
        self.assertEqual([b" ".join(line) for line in self.files.take()][2:], [b"HDEL h a nosuch"])

    def test_switching_on_begins_with_the_data(self):
        server = self.start_server()
        client = server.connect()
        self.addCleanup(client.close)
        client.value("SET", "k", "v")
        self.assertEqual(client.value("CONFIG", "SET", "appendonly", "yes"), b"OK")
        self.assertEqual(self.info(client)["aof_enabled"], "1")
        client.value("SET", "l", "w")
        self.assertEqual(client.value("CONFIG", "SET", "appendonly", "no"), b"OK")
        client.value("SET", "m", "x")
        self.client, self.files = client, Files(server.directory)
        again = self.again()
        self.assertEqual(again.value("MGET", "k", "l", "m"), [b"v", b"w", None])

    @understudy_only
    def test_switching_on_fails_where_there_is_no_room(self):
        with self.start_server("--enable-protected-configs", "yes").connect() as client:
            client.value("CONFIG", "SET", "dir", "/proc")
            reply = client.command("CONFIG", "SET", "appendonly", "yes")
            self.assertIn(b"Unable to turn on AOF", reply.value)
            self.assertEqual(client.value("CONFIG", "GET", "appendonly"), [b"appendonly", b"no"])
            self.assertIn(b"ERR Can't execute an AOF", client.command("BGREWRITEAOF").value)
            self.assertEqual(self.info(client)["aof_last_bgrewrite_status"], "err")

    @understudy_only
    def test_a_rewrite_takes_the_place_of_what_was_appended(self):
        for i in range(50):
            self.client.value("SET", "k", i)
        self.assertEqual(
            self.client.value("BGREWRITEAOF"), b"Background append only file rewriting started"
        )
        self.assertEqual(
            self.files.manifest(),
            [("appendonly.aof.2.base.rdb", 2, "b"), ("appendonly.aof.2.incr.aof", 2, "i")],
        )
        self.assertEqual(len(self.files.names()), 3)
        self.client.value("SET", "l", "v")
        info = self.info()
        sizes = [os.path.getsize(path) for path in self.files.of("b") + self.files.of("i")]
        self.assertEqual(info["aof_rewrites"], "1")
        self.assertEqual(int(info["aof_base_size"]), sizes[0])
        self.assertEqual(int(info["aof_current_size"]), sum(sizes))
        again = self.again()
        self.assertEqual(again.value("MGET", "k", "l"), [b"49", b"v"])

    @understudy_only
    def test_a_rewrite_in_a_transaction_waits_for_its_end(self):
        for command in (["MULTI"], ["INCR", "n"], ["BGREWRITEAOF"], ["INCR", "n"], ["EXEC"]):
            reply = self.client.value(*command)
        self.assertEqual(reply[1], b"Background append only file rewriting scheduled")
        self.client.value("INCR", "n")
        self.assertEqual(self.info()["aof_rewrites"], "1")
        self.assertEqual(self.again().value("GET", "n"), b"3")

    @understudy_only
    def test_the_history_is_kept_if_asked_for(self):
        self.client.value("CONFIG", "SET", "aof-disable-auto-gc", "yes")
        self.client.value("BGREWRITEAOF")
        self.assertEqual([part for _, _, part in self.files.manifest()], ["b", "h", "h", "i"])
        self.assertTrue(all(map(os.path.exists, self.files.of("h"))))
        again = self.again()
        self.assertEqual([part for _, _, part in self.files.manifest()], ["b", "i"])
        self.assertEqual(again.value("DBSIZE"), 0)

    @understudy_only
    def test_growth_calls_for_a_rewrite(self):
        self.client.value(
            "CONFIG", "SET", "auto-aof-rewrite-min-size", 2000, "auto-aof-rewrite-percentage", 100
        )
        for i in range(200):
            self.client.value("SET", "k", i)
        self.assertGreaterEqual(int(self.info()["aof_rewrites"]), 1)
        self.assertLess(int(self.info()["aof_current_size"]), 3000)

    @understudy_only
    def test_a_rewrite_of_a_server_without_file_makes_a_base(self):
        server = self.start_server()
        with server.connect() as client:
            client.value("SET", "k", "v")
            client.value("BGREWRITEAOF")
            self.assertEqual(
                Files(server.directory).manifest(), [("appendonly.aof.1.base.rdb", 1, "b")]
            )

    @understudy_only
    def test_other_data_gets_another_base(self):
        self.client.value("SET", "k", "v")
        self.client.value("MOCK", "SNAPSHOT", "SAVE", "s")
        self.client.value("SET", "k", "w")
        self.client.value("MOCK", "SNAPSHOT", "RESTORE", "s")
        self.client.value("APPEND", "k", "x")
        self.assertEqual(self.again().value("GET", "k"), b"vx")

    @understudy_only
    def test_reset_goes_back_to_what_was_loaded(self):
        self.client.value("SET", "k", "v")
        client = self.again()
        client.value("SET", "k", "w")
        client.value("MOCK", "RESET")
        self.assertEqual(client.value("GET", "k"), b"v")
        self.client = client
        self.assertEqual(self.again().value("GET", "k"), b"v")

    @understudy_only
    def test_worlds_have_none(self):
        server = self.start_server("--worlds", "yes", *ON)
        self.client, self.files = server.connect(), Files(server.directory)
        self.addCleanup(self.client.close)
        self.client.value("AUTH", "world:w", "x")
        self.assertEqual(self.client.value("CONFIG", "GET", "appendonly"), [b"appendonly", b"no"])
        self.assertEqual(self.client.command("CONFIG", "SET", "appendonly", "yes").kind, "error")
        self.assertEqual(self.client.command("BGREWRITEAOF").kind, "error")
        self.client.value("SET", "k", "v")
        self.assertEqual(self.files.take(), [])

    @understudy_only
    def test_the_data_can_be_loaded_again(self):
        self.client.value("SET", "k", "v")
        self.client.value("FUNCTION", "LOAD", LIBRARY % (b"l", b"a"))
        digest = self.client.value("DEBUG", "DIGEST")
        self.assertEqual(self.client.value("DEBUG", "LOADAOF"), b"OK")
        self.assertEqual(self.client.value("DEBUG", "DIGEST"), digest)
        self.assertEqual(self.client.value("FCALL", "f_a", 1, "n"), 1)
        self.assertEqual(self.again().value("GET", "n"), b"1")

    @understudy_only
    def test_waitaof_tells_what_the_disk_has(self):
        self.client.value("CONFIG", "SET", "appendfsync", "no")
        self.client.value("SET", "k", "v")
        self.assertEqual(self.client.value("WAITAOF", 0, 0, 0), [0, 0])
        self.assertEqual(self.client.value("WAITAOF", 1, 0, 0), [1, 0])
        self.assertEqual(self.client.value("WAITAOF", 0, 0, 0), [1, 0])
        self.client.value("CONFIG", "SET", "appendfsync", "always")
        self.client.value("SET", "k", "v")
        self.assertEqual(self.client.value("WAITAOF", 0, 0, 0), [1, 0])
        self.client.value("CONFIG", "SET", "appendonly", "no")
        self.assertEqual(self.client.command("WAITAOF", 1, 0, 0).kind, "error")

    @understudy_only
    def test_a_dump_is_loaded_by_reload_nosave(self):
        self.client.value("SET", "k", "v")
        self.client.value("SAVE")
        self.client.value("SET", "k", "w")
        self.client.value("SET", "l", "w")
        self.assertEqual(self.client.command("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH").kind, "error")
        self.assertEqual(self.client.value("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH", "MERGE"), b"OK")
        self.assertEqual(self.client.value("MGET", "k", "l"), [b"v", b"w"])
        self.assertEqual(self.client.value("DEBUG", "RELOAD", "NOSAVE"), b"OK")
        self.assertEqual(self.client.value("MGET", "k", "l"), [b"v", None])
        self.assertEqual(self.again().value("MGET", "k", "l"), [b"v", None])


class Damage(unittest.TestCase):
    def setUp(self):
        if not is_understudy(binary()):
            self.skipTest("of understudy alone")
        self.directory = tempfile.mkdtemp(prefix="understudy-test-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.folder = os.path.join(self.directory, "appendonlydir")

    def write(self, *files, manifest=None):
        os.makedirs(self.folder, exist_ok=True)
        lines = []
        for i, data in enumerate(files):
            with open(os.path.join(self.folder, "appendonly.aof.%d.incr.aof" % (i + 1)), "wb") as file:
                file.write(data)
            lines.append("file appendonly.aof.%d.incr.aof seq %d type i\n" % (i + 1, i + 1))
        with open(os.path.join(self.folder, "appendonly.aof.manifest"), "w", encoding="utf-8") as file:
            file.write("".join(lines) if manifest is None else manifest)

    def value(self, *command, options=()):
        options = ("--dir", self.directory, "--appendonly", "yes") + options
        with Server(binary(), options) as server, server.connect() as client:
            return client.value(*command)

    def refuse(self, pattern, *options):
        done = run_program("--port", "0", "--dir", self.directory, "--appendonly", "yes",
                           "--loglevel", "warning", *options)  # fmt: skip
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, rb"^understudy: [^\n]*" + pattern + rb"[^\n]*\n$")

    def test_an_end_that_is_cut_off_is_dropped(self):
        whole = encode_command((b"SET", b"k", b"v"))
        more = encode_command((b"MULTI",)) + encode_command((b"SET", b"k", b"w"))
        more += encode_command((b"SET", b"l", b"w")) + encode_command((b"EXEC",))
        for size in list(range(1, len(more), 5)) + [len(more) - 1]:
            self.write(whole + more[:size])
            self.refuse(rb"unexpected end of file after byte %d" % len(whole), "--aof-load-truncated", "no")
            self.assertEqual(self.value("MGET", "k", "l"), [b"v", None])
            path = os.path.join(self.folder, "appendonly.aof.1.incr.aof")
            with open(path, "rb") as file:
                self.assertEqual(file.read(), whole)
        self.write(whole + more)
        self.assertEqual(self.value("MGET", "k", "l"), [b"w", b"w"])

    def test_only_the_last_file_may_be_cut_off(self):
        whole = encode_command((b"SET", b"k", b"v"))
        self.write(whole[:-4], whole)
        self.refuse(rb"1\.incr\.aof: unexpected end of file")

    def test_a_damaged_file_stops_the_start(self):
        whole = encode_command((b"SET", b"k", b"v"))
        for data in (b"SET k v\r\n", b"*x\r\n", b"*1\r\n+SET\r\n", b"*-1\r\n", b"*0\r\n", b"*1\r\n$-1\r\n",
                     b"*99999999999999999999\r\n"):  # fmt: skip
            self.write(whole + data)
            self.refuse(rb"bad file format at or after byte %d" % len(whole))
        self.write(whole + encode_command((b"NOSUCH", b"k")))
        self.refuse(rb"unknown command 'NOSUCH'")
        self.write(whole + encode_command((b"SHUTDOWN",)))
        self.refuse(rb"'SHUTDOWN'")
        self.write(whole + encode_command((b"GET",)))
        self.refuse(rb"wrong number of arguments")

    def test_a_damaged_base_stops_the_start(self):
        self.write(manifest="file b.rdb seq 1 type b\n")
        with open(os.path.join(self.folder, "b.rdb"), "wb") as file:
            file.write(b"REDIS0010\xfe")
        self.refuse(rb"b\.rdb: the file is cut off")

    def test_a_file_that_is_missing_stops_the_start(self):
        self.write(manifest="file b.rdb seq 1 type b\n")
        self.refuse(rb"b\.rdb: No such file")

    def test_a_damaged_manifest_stops_the_start(self):
        line = "file a seq 1 type i\n"
        for text in ("", "file\n", "file a seq 1\n", "file a seq x type i\n", "file a seq 1 type z\n",
                     "file ../a seq 1 type i\n", line + line, "file a seq 1 type b\nfile b seq 2 type b\n",
                     'file "a seq 1 type i\n', "\n", line[:-1], "x" * 2000 + "\n"):  # fmt: skip
            self.write(manifest=text)
            self.refuse(rb"manifest: ")

    def test_names_may_need_quotes(self):
        name = ("--appendfilename", "my file.aof")
        self.value("SET", "k", "v", options=name)
        with open(os.path.join(self.folder, "my file.aof.manifest"), encoding="utf-8") as file:
            self.assertIn('file "my file.aof.1.incr.aof" seq 1 type i\n', file.read())
        self.assertEqual(self.value("GET", "k", options=name), b"v")

    def test_a_single_file_of_old_becomes_the_base(self):
        path = os.path.join(self.directory, "appendonly.aof")
        with open(path, "wb") as file:
            file.write(encode_command((b"SET", b"k", b"v")) + encode_command((b"EXPIRE", b"k", b"100")))
        self.assertEqual(self.value("GET", "k"), b"v")
        self.assertFalse(os.path.exists(path))
        files = Files(self.directory)
        self.assertEqual(
            files.manifest(), [("appendonly.aof", 1, "b"), ("appendonly.aof.1.incr.aof", 1, "i")]
        )
        self.assertEqual(self.value("GET", "k"), b"v")

    def test_scripts_of_old_files_run(self):
        self.write(encode_command((b"EVAL", b"return redis.call('SET', KEYS[1], 'v')", b"1", b"k")))
        self.assertEqual(self.value("GET", "k"), b"v")

    def test_a_file_with_stamps_is_read(self):
        self.write(b"#TS:1700000000\r\n" + encode_command((b"SET", b"k", b"v")) + b"#TS:1700000001\r\n")
        self.assertEqual(self.value("GET", "k"), b"v")


if __name__ == "__main__":
    unittest.main()
