# SPDX-License-Identifier: MIT
"""Reads and writes .case files; tests/cases/README.md describes the format."""

import re

from support.notation import parse_expected
from support.quoting import split_line

HEADERS = ("emulate", "oracle", "doors", "config")
TAGS = ("resp2", "resp3", "lua", "inprocess")
COMMAND = re.compile(r"^(?P<client>[a-z]\w*)?> (?P<rest>.*)$")
RAW = re.compile(r"^(?P<client>[a-z]\w*)?! (?P<rest>.*)$")
READ = re.compile(r"^(?P<client>[a-z]\w*)?<$")
SAVE = re.compile(r"^\(save (\w+)\)$")
CLOSED, NO_REPLY, BLOCKS = "(closed)", "(no reply)", "(blocks)"
CONTROL = (CLOSED, NO_REPLY, BLOCKS)


class BadCase(ValueError):
    """A case file that does not read."""


class Action:
    """One line that does something, and the lines of its replies."""

    def __init__(self, line, number, client, kind, words):
        self.line = line
        self.number = number
        self.client = client or ""
        self.kind = kind  # command, raw, read
        self.words = words  # of a command; of a raw action, one: the bytes
        self.reply_lines = []

    @property
    def name(self):
        return self.words[0].upper().decode("latin-1") if self.words else ""

    def variants(self):
        """{tag or "": [lines of a reply, ...]}"""
        found = {}
        tag = ""
        for line in self.reply_lines:
            if line[1:-1] in TAGS and line == "[%s]" % line[1:-1]:
                tag = line[1:-1]
                found[tag] = [[]]
            elif line == "and":
                found[tag].append([])
            else:
                found.setdefault(tag, [[]])[-1].append(line)
        return found

    def replies_for(self, door):
        """The replies expected at a door, each as lines; and whether a variant named the door."""
        found = self.variants()
        if door in found:
            return found[door], True
        if door in ("lua", "inprocess") and "resp2" in found:
            return found["resp2"], False
        return found.get("", []), False


class Case:
    def __init__(self, path):
        self.path = path
        self.headers = {"emulate": "7.0", "oracle": "yes"}
        self.items = []  # str: a line to keep as it is; Action
        with open(path, "rb") as file:
            self.read(file.read().decode("latin-1").split("\n"))

    @property
    def actions(self):
        return [item for item in self.items if isinstance(item, Action)]

    def options(self):
        """What a server for this case is started with, besides --emulate."""
        words = []
        for name, value in (pair.split(None, 1) for pair in self.headers.get("config", [])):
            words += ["--" + name, split_line(value)[0].decode("latin-1")]
        return words

    def doors(self):
        return self.headers["doors"].split() if "doors" in self.headers else list(TAGS)

    def has_one_client(self):
        return all(a.client == "" and a.kind == "command" for a in self.actions)

    def wants_oracle(self):
        return self.headers["oracle"] == "yes" and self.headers["emulate"] == "7.0"

    def read(self, lines):
        current = None  # the action whose reply the next line may be
        for number, line in enumerate(lines, 1):
            started = self.start_action(line, number)
            if started is not None:
                current = started
                self.items.append(current)
            elif not line.strip() or line.startswith("#"):
                current = None
                self.items.append(line)
            elif current is not None:
                current.reply_lines.append(line.rstrip())
            elif self.actions:
                raise BadCase("%s:%d: a reply without a command: %s" % (self.path, number, line))
            else:
                self.read_header(line, number)
                self.items.append(line)
        for action in self.actions:
            self.check(action)

    def read_header(self, line, number):
        name, _, value = line.partition(" ")
        if name not in HEADERS or not value.strip():
            raise BadCase("%s:%d: neither a header nor a command: %s" % (self.path, number, line))
        if name == "config":
            self.headers.setdefault("config", []).append(value.strip())
        else:
            self.headers[name] = value.strip()

    @staticmethod
    def start_action(line, number):
        for pattern, kind in ((COMMAND, "command"), (RAW, "raw"), (READ, "read")):
            found = pattern.match(line)
            if found:
                words = split_line(found.group("rest")) if kind != "read" else []
                return Action(line, number, found.group("client"), kind, words)
        return None

    def check(self, action):
        for replies in action.variants().values():
            for lines in replies:
                if lines and lines[0] not in CONTROL and lines != ["(any order)"] and not SAVE.match(lines[0]):
                    try:
                        parse_expected(lines)
                    except (ValueError, IndexError) as problem:
                        raise BadCase("%s:%d: %s" % (self.path, action.number, problem)) from problem

    def write(self):
        """Puts the file back, with the replies that the actions hold now."""
        lines = []
        for item in self.items:
            lines += [item.line] + item.reply_lines if isinstance(item, Action) else [item]
        with open(self.path, "wb") as file:
            file.write("\n".join(lines).encode("latin-1"))

