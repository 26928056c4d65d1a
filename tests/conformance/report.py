# SPDX-License-Identifier: MIT
"""Prints a failing stream as the text of a .case file."""

from support.notation import format_reply
from support.quoting import join_words
from support.resp import parse

from .pair import MARKS, SMALL_LIMITS

CLIENTS = ("", "b")


def reply_lines(raw):
    return [raw.decode().strip()] if raw in MARKS else format_reply(parse(raw))


def command_line(args, client=0):
    return "%s> %s" % (CLIENTS[client], join_words(args))


def case_text(pair, steps, difference, protocol, small, title):
    """Runs the shrunk steps once more, for the oracle's replies."""
    lines = ["# " + title, "doors resp%d" % protocol]
    if small:
        limits = [word.decode() for word in SMALL_LIMITS]
        lines += ["config %s %s" % pair_ for pair_ in zip(limits[::2], limits[1::2])]
    lines.append("")
    pair.revive()
    pair.reset(protocol, small)
    commands = [command for step in steps for command in step.commands]
    ours, _ = pair.run(commands)
    for command, raw in zip(commands, ours):
        lines.append(command_line(command.args, command.client))
        lines += reply_lines(raw)
    if difference.is_state:
        lines += [command_line(difference.args)] + reply_lines(difference.ours)
    else:
        lines.append("# the difference: " + join_words(difference.args))
        lines.append("# the oracle:")
        lines += ["#   " + line for line in reply_lines(difference.ours)]
    lines.append("# %s:" % pair.theirs.server.binary)
    lines += ["#   " + line for line in reply_lines(difference.theirs)]
    return "\n".join(line if len(line) < 2000 else line[:2000] + "..." for line in lines)


def signature(difference):
    """Differences with the same signature are taken for one bug."""
    args = difference.args
    name = args[0].upper()
    if name in (b"EVAL", b"EVAL_RO") and len(args) > 1:
        name = args[3].upper() if b"unpack(ARGV)" in args[1] and len(args) > 3 else args[1][:60]
    return (name,) + tuple(shape(raw) for raw in (difference.ours, difference.theirs))


def shape(raw):
    text = raw[:48].decode("latin-1")
    if raw[:1] in b"-+":
        return "".join("0" if c.isdigit() else c for c in text)
    return "*" if raw[:1] in b"*%~" else text[:1]
