# SPDX-License-Identifier: MIT
"""What COMMAND says of a command is what redis-server's says, for every command that both have."""

import difflib
import os
import random
import re
import unittest

from support.quoting import split_line
from support.servers import Server
from support.testing import ServerCase

HERE = os.path.dirname(os.path.abspath(__file__))

# The groups that are to be complete, and what is missing from them all the same.
COMPLETE_GROUPS = (
    b"string", b"hash", b"list", b"set", b"sorted-set", b"stream", b"bitmap", b"hyperloglog", b"geo", b"generic",
    b"scripting", b"cluster", b"pubsub", b"transactions", b"connection",
)  # fmt: skip
EXPECTED_MISSING = {}  # name: reason
LIST_OF_7_2 = os.path.join(HERE, "commands_7_2.txt")
# Words that are our own: compared for being there alone.
OWN_WORDS = (b"summary", b"complexity", b"replaced_by", b"notes")
LEFT_OUT = (b"module",)

SAMPLES = """
GET a
SET a b
SET a b GET
SET a b EX 10 NX GET
SETRANGE a 0 b
GETEX a PERSIST
GETDEL a
MGET a b c
MSET a 1 b 2
MSETNX a 1 b 2
LCS a b
APPEND a b
DEL a b c
UNLINK a b
EXISTS a a
TOUCH a b
RENAME a b
COPY a b
COPY a b DB 3 REPLACE
MOVE a 1
OBJECT ENCODING a
OBJECT FREQ a
OBJECT HELP
DUMP a
RESTORE a 0 b
RESTORE-ASKING a 0 b
CLUSTER KEYSLOT a
SPUBLISH a b
SSUBSCRIBE a b
SORT a
SORT a BY w_* GET # STORE b
SORT a STORE b STORE c
SORT a BY STORE LIMIT 0 STORE
SORT_RO a BY w_*
EXPIRE a 1
RANDOMKEY
KEYS *
SCAN 0
WAIT 0 0
MIGRATE host 1 a 0 10
MIGRATE host 1 "" 0 10 KEYS a b
MIGRATE host 1 "" 0 10 AUTH x KEYS a b
MIGRATE host 1 "" 0 10 COPY REPLACE AUTH2 KEYS y KEYS a b
MIGRATE host 1 x 0 10 KEYS a b
MIGRATE host 1 "" 0 10 AUTH keys
MIGRATE host 1 x 0 10 KEYS
HSET a f v
HRANDFIELD a 1
HSCAN a 0
LPUSH a b
LMOVE a b LEFT RIGHT
RPOPLPUSH a b
BLMOVE a b LEFT RIGHT 0
BRPOPLPUSH a b 0
BLPOP a b 0
LMPOP 2 a b LEFT
LMPOP 0 LEFT
LMPOP x a LEFT
LMPOP 9 a LEFT
BLMPOP 0 2 a b LEFT
SADD a b
SMOVE a b c
SINTER a b c
SINTERSTORE a b c
SINTERCARD 2 a b LIMIT 1
SINTERCARD 3 a b
SUNION a
SDIFFSTORE a b
ZADD a 1 b
ZRANGESTORE a b 0 1
ZUNION 2 a b
ZUNION 2 a b WEIGHTS 1 2
ZINTER 1 a
ZDIFF 2 a b
ZUNIONSTORE c 2 a b
ZINTERSTORE c 2 a b WEIGHTS 1 2
ZINTERSTORE c x a b
ZDIFFSTORE c 2 a b
ZINTERCARD 2 a b
ZMPOP 2 a b MIN
BZMPOP 0 2 a b MIN
BZPOPMIN a b 0
ZRANDMEMBER a
XADD a * f v
XREAD STREAMS a b 0 0
XREAD COUNT 1 BLOCK 0 STREAMS a b c 0 0 0
XREAD STREAMS a 0 0
XREAD a
XREADGROUP GROUP g c STREAMS a >
XREADGROUP GROUP STREAMS c STREAMS a >
XREADGROUP GROUP g c COUNT 1 NOACK STREAMS a b > >
XGROUP CREATE a g 0
XGROUP HELP
XINFO STREAM a
XINFO HELP
XACK a g 1-1
XCLAIM a g c 0 1-1
XAUTOCLAIM a g c 0 0
XTRIM a MAXLEN 1
BITOP AND a b c
BITFIELD a GET u8 0
BITFIELD a GET u8 0 GET u8 1
BITFIELD a SET u8 0 1
BITFIELD a INCRBY u8 0 1 GET u8 0
BITFIELD a
BITFIELD_RO a GET u8 0
BITCOUNT a
SETBIT a 0 1
PFADD a b
PFCOUNT a b
PFMERGE a b c
PFDEBUG GETREG a
GEOADD a 1 2 b
GEORADIUS a 1 2 3 m
GEORADIUS a 1 2 3 m STORE b
GEORADIUS a 1 2 3 m STORE b STOREDIST c
GEORADIUSBYMEMBER a b 3 m STOREDIST c
GEORADIUS_RO a 1 2 3 m
GEOSEARCH a FROMMEMBER b BYRADIUS 1 m
GEOSEARCHSTORE a b FROMMEMBER c BYRADIUS 1 m
EVAL "return 1" 0
EVAL "return 1" 2 a b c
EVALSHA x 1 a
EVAL_RO "return 1" 1 a
FCALL f 1 a
EVAL "return 1" x a
EVAL "return 1" 5 a
MEMORY USAGE a
MEMORY DOCTOR
WATCH a b
PING
MULTI
CONFIG GET x
PUBLISH a b
NOSUCH a
GET
GET a b
OBJECT NOSUCH a
CLIENT LIST
DEBUG OBJECT a
"""


# What arguments of generated calls are made of.
ARGUMENTS = (
    "a b 1 2 3 0 -1 5 x * STORE STREAMS LIMIT BY GET KEYS COUNT MATCH WITHSCORES GROUP WEIGHTS AGGREGATE AUTH "
    "STOREDIST REPLACE"
).split() + [""]
CALLS_EACH = 6  # of a command

PATTERNS = (
    "*", "g*", "G?T", "*|*", "client|*", "CLIENT|K*", "[a-c]*", "x*d", "", "**", "\\*", "config|[gs]et", "*e",
    "xinfo|", "get", "s[^e]*",
)  # fmt: skip
FILTERS = (
    ("MODULE", "x"), ("module", ""), ("ACLCAT",), ("PATTERN",), ("NOSUCH", "x"), ("MODULE", "x", "y"), (),
    ("PATTERN", "a", "FILTERBY", "MODULE", "b"),
)  # fmt: skip
SPELLINGS = (
    "get", "GET", "nosuch", "config|get", "CONFIG|GET", "config|nosuch", "config|", "|get", "get|x", "config|get|x",
    "", "client|list", "command", "COMMAND|INFO",
)  # fmt: skip


def plain(reply):
    """A reply as nested lists, sets of names sorted."""
    if reply.kind in ("array", "set", "push"):
        found = [plain(item) for item in reply.value]
        is_names = reply.kind == "set" and all(isinstance(item, bytes) for item in found)
        return sorted(found) if is_names else found
    if reply.kind == "map":
        return {plain(key): plain(value) for key, value in reply.value}
    return reply.value


def without_own_words(found):
    """The same with our own words taken for equal, and what is not compared left out."""
    if isinstance(found, list):
        return [without_own_words(item) for item in found]
    if not isinstance(found, dict):
        return found
    kept = {key: without_own_words(value) for key, value in found.items() if key not in LEFT_OUT}
    kept.update((key, b"...") for key in OWN_WORDS if key in kept)
    if b"history" in kept:
        kept[b"history"] = [[version, b"..."] for version, _ in kept[b"history"]]
    return kept


def words(text):
    """Those of a text, without what it quotes."""
    return re.findall(rb"[a-z0-9-]+", re.sub(rb"`[^`]*`", b"", text.lower()))


def likeness(a, b):
    """0 for texts that have no words in common in the same order, 1 for equal ones."""
    return difflib.SequenceMatcher(None, words(a), words(b)).ratio()


def by_name(rows):
    return {row[0]: row for row in rows}


def differences(ours, theirs, where):
    """Lines that tell where two nested values differ."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        lines = []
        for key in sorted(set(ours) | set(theirs), key=repr):
            place = "%s %s" % (where, key.decode("utf-8", "replace"))
            if key not in ours:
                lines.append("%s: absent, expected %r" % (place, theirs[key]))
            elif key not in theirs:
                lines.append("%s: %r, expected to be absent" % (place, ours[key]))
            else:
                lines += differences(ours[key], theirs[key], place)
        return lines
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        lines = []
        for index, (our_item, their_item) in enumerate(zip(ours, theirs)):
            lines += differences(our_item, their_item, "%s[%d]" % (where, index))
        return lines
    return [] if ours == theirs else ["%s: %r, expected %r" % (where, ours, theirs)]


class CommandTables(ServerCase):
    tcp = False
    options = ("--enable-debug-command", "yes")

    def setUp(self):
        self.server = Server(os.environ["TEST_BINARY"], self.options, emulate="7.0").start()
        self.addCleanup(self.stop_server, self.server)
        oracle = Server(options=self.options).start()
        self.addCleanup(oracle.stop)
        self.ours = self.connect(protocol=3)
        self.theirs = oracle.connect(protocol=3)
        self.addCleanup(self.theirs.close)

    def both(self, *words):
        return plain(self.ours.command(*words)), plain(self.theirs.command(*words))

    def assert_same(self, lines):
        if lines:
            self.fail("%d differences\n%s" % (len(lines), "\n".join(lines)))

    def names(self):
        """The names of commands that both have."""
        ours, theirs = self.both("COMMAND", "LIST")
        return sorted({n for n in ours if b"|" not in n} & {n for n in theirs if b"|" not in n})

    def test_no_command_of_the_data_types_is_missing(self):
        ours, theirs = self.both("COMMAND", "DOCS")
        missing = {}
        for name, docs in theirs.items():
            if docs[b"group"] not in COMPLETE_GROUPS:
                continue
            if name not in ours:
                missing[name] = docs[b"group"]
            for subcommand in set(docs.get(b"subcommands", {})) - set(ours.get(name, {}).get(b"subcommands", {})):
                missing[subcommand] = docs[b"group"]
        for name in sorted(missing):
            print("missing: %s (%s)" % (name.decode(), missing[name].decode()))
        self.assertEqual(sorted(missing), sorted(EXPECTED_MISSING))

    def test_the_list_is_the_same(self):
        ours, theirs = self.both("COMMAND", "LIST")
        self.assertEqual(sorted(set(ours) - set(theirs)), [])
        self.assertEqual(sorted(set(theirs) - set(ours)), [])

    def test_subcommands_are_the_same(self):
        rows = self.both("COMMAND", "INFO", *self.names())
        ours, theirs = ({sub[0] for row in side for sub in row[9]} for side in rows)
        self.assertEqual(sorted(ours - theirs), [])
        self.assertEqual(sorted(theirs - ours), [])

    def test_the_list_of_7_2_is_complete(self):
        with open(LIST_OF_7_2) as lines:
            wanted = {name for line in lines if line[0] != "#" for name in line.split()}
        server = Server(os.environ["TEST_BINARY"], emulate="7.2").start()
        self.addCleanup(self.stop_server, server)
        client = server.connect(protocol=3)
        self.addCleanup(client.close)
        there = {name.decode() for name in plain(client.command("COMMAND", "LIST"))}
        self.assertEqual(sorted(there - wanted), [])
        self.assertEqual(sorted(wanted - there), [])
        count = len([name for name in there if "|" not in name])
        self.assertEqual(client.value("COMMAND", "COUNT"), count)

    def helps(self):
        """Names of containers with the lines of both HELPs; CLUSTER's is an error without a cluster."""
        for container in sorted({name.split(b"|")[0] for name in self.both("COMMAND", "LIST")[0] if b"|" in name}):
            ours, theirs = self.both(container, "HELP")
            if isinstance(theirs, list):
                yield container, ours, theirs

    def test_help_names_the_same_subcommands(self):
        lines = []
        for container, ours, theirs in self.helps():
            lines += differences(self.topics(ours), self.topics(theirs), container.decode())
        self.assert_same(lines)

    @staticmethod
    def topics(lines):
        """What stands first on the lines that are not indented, but for the title."""
        return [lines[0]] + sorted({line.split()[0] for line in lines[1:] if not line.startswith(b" ")})

    def test_help_is_in_our_own_words(self):
        for container, ours, theirs in self.helps():
            # Lines that begin with an option, or go on with options, are syntax.
            said = {line for line in ours if re.match(rb" +[A-Z]?[a-z]", line)}
            self.assertLessEqual(said & set(theirs), {b"    Prints this help."}, container)

    def test_info_is_the_same(self):
        lines = []
        ours, theirs = (by_name(rows) for rows in self.both("COMMAND", "INFO", *self.names()))
        parts = (b"name", b"arity", b"flags", b"first", b"last", b"step", b"categories", b"tips", b"keys")
        for name in sorted(theirs):
            for our_row, their_row in self.rows(ours[name], theirs[name]):
                our_info, their_info = (dict(zip(parts, without_own_words(row))) for row in (our_row, their_row))
                lines += differences(our_info, their_info, their_row[0].decode())
        self.assert_same(lines)

    def rows(self, ours, theirs):
        """Pairs of the rows of a command and of the subcommands that both have."""
        yield ours, theirs
        our_subcommands, their_subcommands = by_name(ours[9]), by_name(theirs[9])
        for name in sorted(set(our_subcommands) & set(their_subcommands)):
            yield our_subcommands[name], their_subcommands[name]

    def test_documentation_has_the_same_structure(self):
        lines = []
        ours, theirs = self.both("COMMAND", "DOCS", *self.names())
        for name in sorted(theirs):
            lines += self.compare_docs(ours[name], theirs[name], name.decode())
        self.assert_same(lines)

    def compare_docs(self, ours, theirs, where):
        our_subcommands, their_subcommands = ours.pop(b"subcommands", {}), theirs.pop(b"subcommands", {})
        lines = differences(without_own_words(ours), without_own_words(theirs), where)
        for name in sorted(set(our_subcommands) & set(their_subcommands)):
            lines += self.compare_docs(our_subcommands[name], their_subcommands[name], name.decode())
        return lines

    def test_texts_are_our_own(self):
        lines = []
        ours, theirs = (self.texts(docs) for docs in self.both("COMMAND", "DOCS"))
        for name in sorted(set(ours) & set(theirs)):
            for text in ours[name]:
                closest = max(theirs[name], key=lambda other: likeness(text, other))
                if len(words(text)) > 4 and likeness(text, closest) > 0.75:
                    lines.append("%s: %r is too near to %r" % (name.decode(), text, closest))
        self.assert_same(lines)

    def texts(self, docs):
        """Names with all that is said of them in words."""
        found = {}
        for name, about in docs.items():
            found[name] = [about[key] for key in (b"summary", b"replaced_by") if key in about]
            found[name] += [what for _, what in about.get(b"history", ())]
            found.update(self.texts(about.get(b"subcommands", {})))
        return found

    def test_keys_of_calls_are_the_same(self):
        lines = []
        known = {name.upper() for name in self.names()}
        for sample in SAMPLES.strip().splitlines():
            words = split_line(sample)
            if words[0] not in known and words[0] != b"NOSUCH":
                continue
            for subcommand in ("GETKEYS", "GETKEYSANDFLAGS"):
                ours, theirs = self.both("COMMAND", subcommand, *words)
                if ours != theirs:
                    lines.append("%s %s: %r, expected %r" % (subcommand, sample, ours, theirs))
        self.assert_same(lines)


    def same_list(self, *condition):
        """Lines that tell how COMMAND LIST differs, but for commands that one of both lacks."""
        ours, theirs = self.both("COMMAND", "LIST", *condition)
        if isinstance(ours, list) and isinstance(theirs, list):
            ours, theirs = (sorted(name for name in names if name in self.known) for names in (ours, theirs))
        return [] if ours == theirs else ["LIST %r: %r, expected %r" % (condition, ours, theirs)]

    def test_filters_find_the_same(self):
        ours, theirs = self.both("COMMAND", "LIST")
        self.known = set(ours) & set(theirs)
        categories = [name.decode() for name in plain(self.theirs.command("ACL", "CAT"))]
        lines = []
        for category in categories + ["nosuch", "@read", "", "READ"]:
            lines += self.same_list("FILTERBY", "ACLCAT", category)
        for pattern in PATTERNS:
            lines += self.same_list("FILTERBY", "PATTERN", pattern)
        for condition in FILTERS:
            lines += self.same_list("FILTERBY", *condition)
        for words in (("x",), ("filterby",), ("nosuch", "module", "x")):
            lines += self.same_list(*words)
        self.assert_same(lines)

    def test_names_are_spelled_the_same(self):
        ours, theirs = self.both("COMMAND", "INFO", *SPELLINGS)
        self.assertEqual([row and row[0] for row in ours], [row and row[0] for row in theirs])
        ours, theirs = self.both("COMMAND", "DOCS", *SPELLINGS)
        self.assertEqual(list(ours), list(theirs))

    def test_keys_of_generated_calls_are_the_same(self):
        chance = random.Random(1)
        ours, theirs = self.both("COMMAND", "LIST")
        lines = []
        for name in sorted(set(ours) & set(theirs)):
            words = name.decode().split("|")
            arity = plain(self.theirs.command("COMMAND", "INFO", name))[0][1]
            for _ in range(CALLS_EACH):
                count = abs(arity) - len(words) + (chance.randint(0, 4) if arity < 0 else 0)
                call = words + [chance.choice(ARGUMENTS) for _ in range(count - (chance.random() < 0.1))]
                for subcommand in ("GETKEYS", "GETKEYSANDFLAGS"):
                    our_keys, their_keys = self.both("COMMAND", subcommand, *call)
                    if our_keys != their_keys:
                        lines.append("%s %r: %r, expected %r" % (subcommand, call, our_keys, their_keys))
        self.assert_same(lines)


if __name__ == "__main__":
    unittest.main()
