# SPDX-License-Identifier: MIT
"""Replies as readable lines, and expectations that replies are matched with.

The notation is described in tests/cases/README.md. `format_reply` writes it, `parse_expected` reads
it into an Expected, `matches` compares. An Expected has the kinds of a Reply, and these besides:
any; like (a glob over a bulk, verbatim or simple string); error_like; range (of integers);
unordered (an aggregate whose elements may come in any order).
"""

import re
from collections import namedtuple

from .quoting import quote, unquote_double
from .resp import AGGREGATES, Reply

Expected = namedtuple("Expected", "kind value")

MARKERS = {"array": ")", "set": "~", "push": ">", "map": "#", "attribute": "|"}
KIND_OF_MARKER = {mark: kind for kind, mark in MARKERS.items()}
ELEMENT = re.compile(r"^(\d+)([)~>#|]) ")
RANGE = re.compile(r"^(-?\d+)\.\.(-?\d+)$")
SPECIAL = re.compile(r'^(\(|"|\d+[)~>#|] |\[|and$|#|[a-z]\w*[<>!])')
CONSTANTS = {
    "(nil)": ("nil", None),
    "(nil array)": ("nil_array", None),
    "(true)": ("boolean", True),
    "(false)": ("boolean", False),
    "(any)": ("any", None),
    "(empty array)": ("array", ()),
    "(empty set)": ("set", ()),
    "(empty map)": ("map", ()),
    "(empty push)": ("push", ()),
}


class BadNotation(ValueError):
    """Lines that are no reply in the notation."""


# Writing


def format_text(value):
    """A simple string, error or number: bare where it reads back the same."""
    text = value.decode("latin-1")
    if text and all(" " <= c <= "~" for c in text) and text == text.strip() and text[0] != '"':
        return text
    return quote(value)


def format_scalar(reply):
    kind, value = reply
    if kind == "bulk":
        return quote(value)
    if kind == "simple":
        text = format_text(value)
        return "(simple) " + text if SPECIAL.match(text) else text
    if kind == "error":
        return "(error) " + format_text(value)
    if kind == "integer":
        return "(integer) %d" % value
    if kind in ("nil", "null"):
        return "(nil)"
    if kind == "nil_array":
        return "(nil array)"
    if kind == "boolean":
        return "(true)" if value else "(false)"
    if kind == "verbatim":
        return "(verbatim %s) %s" % (value[:3].decode("latin-1"), quote(value[4:]))
    return "(%s) %s" % (kind, format_text(value))


def format_reply(reply):
    """The lines of a reply."""
    kind, value = reply
    if kind == "attribute":
        return format_reply(Reply("map", value[0])) + format_reply(value[1])
    if kind not in AGGREGATES:
        return [format_scalar(reply)]
    if not value:
        return ["(empty %s)" % kind]
    lines = []
    for number, item in enumerate(value, 1):
        head = "%d%s " % (number, MARKERS[kind])
        if kind == "map":
            inner = format_reply(item[1])
            inner[0] = "%s => %s" % (format_scalar(item[0]), inner[0])
        else:
            inner = format_reply(item)
        lines.append(head + inner[0])
        lines += [" " * len(head) + line for line in inner[1:]]
    return lines


# Reading


def parse_text(text):
    if text.startswith('"'):
        value, end = unquote_double(text, 0)
        if end != len(text):
            raise BadNotation(text)
        return value
    return text.encode("latin-1")


def parse_parenthesised(text):
    name, _, rest = text[1:].partition(")")
    rest = rest.lstrip(" ")
    if name == "integer":
        found = RANGE.match(rest)
        if found:
            return Expected("range", (int(found.group(1)), int(found.group(2))))
        return Expected("range", None) if rest == "*" else Expected("integer", int(rest))
    if name in ("error", "simple", "double", "big", "like"):
        return Expected(name, parse_text(rest))
    if name == "error like":
        return Expected("error_like", parse_text(rest))
    if name.startswith("verbatim "):
        return Expected("verbatim", name[9:].encode() + b":" + parse_text(rest))
    raise BadNotation(text)


def parse_scalar(text):
    if text in CONSTANTS:
        return Expected(*CONSTANTS[text])
    if text.startswith('"'):
        return Expected("bulk", parse_text(text))
    if text.startswith("("):
        return parse_parenthesised(text)
    return Expected("simple", text.encode("latin-1"))


def split_pair(text):
    """The key of a map line, and what follows the arrow."""
    end = unquote_double(text, 0)[1] if text.startswith('"') else text.find(" => ")
    if end < 0 or not text.startswith(" => ", end):
        raise BadNotation(text)
    return parse_scalar(text[:end]), text[end + 4 :]


def parse_expected(lines):
    """The expectation that `lines` (at least one) spell."""
    if lines[0] == "(any order)":
        inner = parse_expected(lines[1:])
        return Expected("unordered", inner)
    found = ELEMENT.match(lines[0])
    if not found:
        if len(lines) > 1:
            raise BadNotation("more lines than one value has: %r" % (lines,))
        return parse_scalar(lines[0])
    kind = KIND_OF_MARKER[found.group(2)]
    items = []
    at = 0
    while at < len(lines):
        head = ELEMENT.match(lines[at])
        if not head or KIND_OF_MARKER[head.group(2)] != kind or int(head.group(1)) != len(items) + 1:
            raise BadNotation("element %d expected: %s" % (len(items) + 1, lines[at]))
        width = head.end()
        block = [lines[at][width:]]
        at += 1
        while at < len(lines) and lines[at].startswith(" " * width):
            block.append(lines[at][width:])
            at += 1
        if kind == "map":
            key, block[0] = split_pair(block[0])
            items.append((key, parse_expected(block)))
        else:
            items.append(parse_expected(block))
    return Expected(kind, tuple(items))


# Comparing


def fold_expected(expected):
    """What of the expectation a RESP2 client sees."""
    kind, value = expected
    if kind in ("array", "set", "push"):
        return Expected("array", tuple(fold_expected(item) for item in value))
    if kind == "map":
        return Expected("array", tuple(fold_expected(i) for pair in value for i in pair))
    if kind == "unordered":
        if value.kind == "map":
            pairs = tuple((fold_expected(k), fold_expected(v)) for k, v in value.value)
            return Expected("unordered_pairs", pairs)
        return Expected("unordered", fold_expected(value))
    if kind in ("double", "big"):
        return Expected("bulk", value)
    if kind == "verbatim":
        return Expected("bulk", value[4:])
    if kind == "boolean":
        return Expected("integer", int(value))
    return expected


def through_script(expected):
    """What comes back when a script returns what redis.pcall gave it (in RESP2)."""
    kind, value = fold_expected(expected)
    if kind == "array":
        return Expected(kind, tuple(through_script(item) for item in value))
    if kind == "unordered":
        return Expected(kind, through_script(value))
    if kind == "nil_array":
        return Expected("nil", None)
    if kind in ("error", "error_like"):
        if value.startswith((b"ERR unknown command", b"ERR unknown subcommand")):
            return Expected("error", b"ERR Unknown Redis command called from script")
        if value.startswith(b"ERR wrong number of arguments for"):
            return Expected("error", b"ERR Wrong number of args calling Redis command from script")
    return Expected(kind, value)


def glob_matches(pattern, value):
    expression = b".*".join(re.escape(part) for part in pattern.split(b"*"))
    return re.fullmatch(expression, value, re.DOTALL) is not None


def match_unordered(expected_items, items, match_one):
    """Each expectation takes an element of its own; greedy, which is enough for literals."""
    left = list(items)
    if len(expected_items) != len(left):
        return False
    for expectation in expected_items:
        for index, item in enumerate(left):
            if match_one(expectation, item):
                del left[index]
                break
        else:
            return False
    return True


def matches(expected, reply):
    kind, value = expected
    if reply.kind == "attribute":
        return matches(expected, reply.value[1])
    if kind == "any":
        return True
    if kind == "nil":
        return reply.kind in ("nil", "null")
    if kind == "nil_array":
        return reply.kind in ("nil_array", "null")
    if kind == "like":
        text = reply.value[4:] if reply.kind == "verbatim" else reply.value
        return reply.kind in ("bulk", "verbatim", "simple") and glob_matches(value, text)
    if kind == "error_like":
        return reply.kind == "error" and glob_matches(value, reply.value)
    if kind == "range":
        return reply.kind == "integer" and (value is None or value[0] <= reply.value <= value[1])
    if kind == "unordered_pairs":
        if reply.kind != "array" or len(reply.value) % 2:
            return False
        pairs = list(zip(reply.value[::2], reply.value[1::2]))
        return match_unordered(value, pairs, matches_pair)
    if kind == "unordered":
        if reply.kind != value.kind:
            return False
        one = matches_pair if value.kind == "map" else matches
        return match_unordered(value.value, reply.value, one)
    if kind != reply.kind:
        return False
    if kind == "map":
        return len(value) == len(reply.value) and all(map(matches_pair, value, reply.value))
    if kind in AGGREGATES:
        return len(value) == len(reply.value) and all(map(matches, value, reply.value))
    return value == reply.value


def matches_pair(expected, pair):
    return matches(expected[0], pair[0]) and matches(expected[1], pair[1])
