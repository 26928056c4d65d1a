# SPDX-License-Identifier: MIT
"""Fills in the replies of a case from a server, usually the oracle.

A reply that the case holds already and that fits stays as it is, wildcards and all.
"""

from support.notation import fold_expected, format_reply, matches, parse_expected, through_script
from support.resp import Reply, ReplyTimeout, fold

from .case_file import BLOCKS, CONTROL, SAVE
from .doors import Closed, ScriptDoor, SocketDoor

ANY_ORDER = "(any order)"  # alone, it asks for a reply to be recorded as unordered


def fits(action, door, replies):
    lines, is_own = action.replies_for(door.name)
    if len(lines) != len(replies) or lines == [[ANY_ORDER]]:
        return False
    for block, reply in zip(lines, replies):
        if SAVE.match(block[0]):
            continue
        if not matches(door.expect(block, is_own), reply):
            return False
    return True


def written(replies):
    lines = []
    for number, reply in enumerate(replies):
        lines += (["and"] if number else []) + format_reply(reply)
    return lines


def as_lua(door, replies):
    """What the script door would be expected to show, were `replies` all that the case says."""
    expected = [fold_expected(parse_expected(format_reply(reply))) for reply in replies]
    return [through_script(e) for e in expected] if door.wrapped else expected


def with_nil_arrays(reply, seen_in_resp2):
    """RESP3 has one null; which of RESP2's two it stands for shows there alone."""
    if reply.kind == "null" and seen_in_resp2.kind == "nil_array":
        return seen_in_resp2
    if reply.kind == "array" and seen_in_resp2.kind == "array":
        return Reply("array", tuple(map(with_nil_arrays, reply.value, seen_in_resp2.value)))
    return reply


def choose(doors, got):
    """The reply lines for an action, from what each door answered."""
    if "resp3" not in got or "resp2" not in got:
        return written(next(iter(got.values())))
    resp2 = got["resp2"]
    replies = list(map(with_nil_arrays, got["resp3"], resp2))
    neutral = [fold_expected(parse_expected(format_reply(reply))) for reply in replies]
    if all(map(matches, neutral, resp2)):
        lines = written(replies)
        folded = [fold(reply) for reply in replies]
    else:
        lines = ["[resp2]"] + written(resp2) + ["[resp3]"] + written(got["resp3"])
        folded = resp2
    if "lua" in got:
        expected = as_lua(doors["lua"], folded)
        if len(expected) != len(got["lua"]) or not all(map(matches, expected, got["lua"])):
            lines = lines + ["[lua]"] + written(got["lua"])
    return lines


def record(case, binary):
    """Runs the case at every socket door at once and writes the file. Returns a line to print."""
    doors = {}
    changed = 0
    try:
        for name in case.doors():
            if name in ("resp2", "resp3"):
                doors[name] = SocketDoor(name, binary, case, int(name[4]))
            elif name == "lua":
                doors[name] = ScriptDoor(name, binary, case)
        for action in case.actions:
            last = action.reply_lines[-1] if action.reply_lines else ""
            if last in CONTROL:
                count = sum(line == "and" for line in action.reply_lines)
                for door in doors.values():
                    door.talk(action, count, blocks=last == BLOCKS)
                continue
            got = {}
            fitting = True
            for name, door in doors.items():
                count = max(1, len(action.replies_for(name)[0]))
                try:
                    replies = door.talk(action, count)
                except ReplyTimeout as problem:
                    raise EOFError("%s:%d: no reply" % (case.path, action.number)) from problem
                if Closed in replies:
                    raise EOFError("%s:%d: the connection closed" % (case.path, action.number))
                remember(action, door, replies)
                got[name] = replies
                fitting = fits(action, door, replies) and fitting
            if not fitting:
                if action.reply_lines[:1] == [ANY_ORDER]:
                    action.reply_lines = [ANY_ORDER] + written(got.get("resp3") or got["resp2"])
                else:
                    action.reply_lines = choose(doors, got)
                changed += 1
    finally:
        for door in doors.values():
            door.close()
    case.write()
    return "%s: %d replies written" % (case.path, changed)


def remember(action, door, replies):
    lines, _ = action.replies_for(door.name)
    for block, reply in zip(lines, replies):
        saved = SAVE.match(block[0]) if block else None
        if saved:
            value = reply.value
            door.saved[saved.group(1)] = str(value).encode() if reply.kind == "integer" else value
