# SPDX-License-Identifier: MIT
"""Turns tables of command templates into random steps.

A table is text, one template a line, with an optional weight before it:

    3 SET <key> <value> ?( NX | XX | GET | EX <seconds> )
    LPOP <key> [ <count> ]
    RPUSH <key:K> <value> ; BLPOP <=K> 0

    WORD          as it stands (now and then in another case); "" is an empty argument
    <pool>        a value from a pool of that name; <pool:K> remembers it, <=K> repeats it
    [ ... ]       there or not
    { a | b }     one of these
    ( ... )+      once or a few times        ( ... )*   also not at all      ( ... )9  up to 9 times
    ?( a | b )    some of these, in any order, now and then one of them twice
    a ; b         commands that belong together: one step, never mutated
    b: CMD        sent by a second client
    ! at the start of a template: never mutated

A mutated command has a wrong number of arguments, arguments swapped or doubled, or an odd value.
"""

import re
from collections import namedtuple

# `like` names the command whose rules of comparison hold, where args are a wrapper around it.
Command = namedtuple("Command", "args client like")
Step = namedtuple("Step", "commands")

TOKEN = re.compile(r"<[^>]*>|\?\(|\)[+*\d]*|[\[\]{}(|]|;|[^\s\[\]{}()|;<]+")
MUTATED = 0.05
ODD_CASE = 0.08
ODD_VALUES = (
    b"", b"abc", b"-1", b"0", b"9223372036854775807", b"9223372036854775808", b"1.5", b" 1",
    b"-9223372036854775809", b"1e30", b"nan", b"(", b"[", b"WITHSCORES", b"LIMIT", b"COUNT", b"\x00\r\n",
)  # fmt: skip
# Deadlines so near that the two servers could fall on either side of one.
NEAR_MS = ("psetex", "pexpire", "set", "getex", "restore", "pexpireat")
NEAR_S = ("setex", "expire", "expireat")


class Parser:
    def __init__(self, text):
        self.tokens = TOKEN.findall(text)
        self.at = 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def sequence(self, stops):
        nodes = []
        while self.peek() is not None and not self.peek().startswith(stops):
            nodes.append(self.node())
        return ("sequence", nodes)

    def alternatives(self, close):
        choices = [self.sequence(("|", close))]
        while self.peek() == "|":
            self.at += 1
            choices.append(self.sequence(("|", close)))
        token = self.peek()
        if token is None or not token.startswith(close):
            raise ValueError("no %s in %s" % (close, self.tokens))
        self.at += 1
        return choices, token[1:]

    def node(self):
        token = self.peek()
        self.at += 1
        if token == "[":
            return ("optional", self.alternatives("]")[0])
        if token == "{":
            return ("choice", self.alternatives("}")[0])
        if token == "?(":
            return ("options", self.alternatives(")")[0])
        if token == "(":
            choices, suffix = self.alternatives(")")
            low, high = {"+": (1, 4), "*": (0, 3), "": (1, 1)}.get(suffix) or (1, int(suffix))
            return ("repeat", choices[0], low, high)
        if token.startswith("<"):
            name, _, binding = token[1:-1].partition(":")
            if name.startswith("="):
                return ("recall", name[1:])
            return ("pool", name, binding)
        return ("word", b"" if token == '""' else token.encode())


class Template:
    def __init__(self, line):
        found = re.match(r"^(\d+) (.*)$", line)
        self.weight = int(found.group(1)) if found else 2
        text = found.group(2) if found else line
        self.may_mutate = not text.startswith("!")
        self.commands = []
        for part in re.split(r"\s;\s", text.lstrip("! ")):
            client = 0
            if part.startswith("b: "):
                client, part = 1, part[3:]
            parser = Parser(part)
            self.commands.append((client, parser.sequence(())))
        self.may_mutate = self.may_mutate and len(self.commands) == 1

    def names(self):
        """The command names that the template uses, where they are literal."""
        return {
            node[1][0][1].decode().upper() for _, node in self.commands if node[1][0][0] == "word"
        }


class Generator:
    """One random source, the pools, and the names remembered within a step."""

    def __init__(self, random, pools):
        self.random = random
        self.pools = pools
        self.bound = {}

    def step(self, template):
        self.bound = {}
        commands = []
        for client, node in template.commands:
            args = []
            self.expand(node, args)
            args = self.vary_case(args)
            if template.may_mutate and self.random.random() < MUTATED:
                mutated = self.mutate(args)
                args = args if is_near(mutated) else mutated
            commands.append(Command(tuple(args), client, tuple(args)))
        return Step(tuple(commands))

    def expand(self, node, out):
        kind = node[0]
        random = self.random
        if kind == "word":
            out.append(node[1])
        elif kind == "pool":
            value = self.pools.pick(node[1])
            if node[2]:
                self.bound[node[2]] = value
            out += value if isinstance(value, tuple) else (value,)
        elif kind == "recall":
            value = self.bound[node[1]]
            out += value if isinstance(value, tuple) else (value,)
        elif kind == "sequence":
            for child in node[1]:
                self.expand(child, out)
        elif kind == "choice" or (kind == "optional" and random.random() < 0.5):
            self.expand(random.choice(node[1]), out)
        elif kind == "repeat":
            for _ in range(random.randint(node[2], node[3])):
                self.expand(node[1], out)
        elif kind == "options":
            chosen = [child for child in node[1] if random.random() < 1.2 / len(node[1])]
            if chosen and random.random() < 0.04:
                chosen.append(random.choice(chosen))
            random.shuffle(chosen)
            for child in chosen:
                self.expand(child, out)

    def vary_case(self, args):
        if self.random.random() >= ODD_CASE or not args:
            return args
        name = args[0].lower() if self.random.random() < 0.7 else args[0].swapcase().capitalize()
        return [name] + [arg.lower() if arg.isalpha() and arg.isupper() else arg for arg in args[1:]]

    def mutate(self, args):
        args = list(args)
        at = self.random.randrange(1, len(args)) if len(args) > 1 else 0
        which = self.random.randrange(5)
        if which == 0 and at:
            del args[at:]
        elif which == 1:
            args.append(self.random.choice(ODD_VALUES))
        elif which == 2 and at:
            args.insert(at, args[at])
        elif which == 3 and at:
            other = self.random.randrange(1, len(args))
            args[at], args[other] = args[other], args[at]
        elif at:
            args[at] = self.random.choice(ODD_VALUES)
        return args


def is_near(args):
    name = args[0].lower().decode("latin-1")
    limit = 60000 if name in NEAR_MS else 20 if name in NEAR_S else 0
    for arg in args[1:] if limit else ():
        if arg.isdigit() and 0 < int(arg) <= limit and len(arg) < 10:
            return True
    return False


def parse_table(text):
    lines = (line.strip() for line in text.splitlines())
    return [Template(line) for line in lines if line and not line.startswith("#")]
