#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs .case files through the doors of a server, and of the oracle.

    tests/cases/run.py --binary build/understudy
    tests/cases/run.py --binary build/understudy --door resp3 tests/cases/strings.case
    tests/cases/run.py --record tests/cases/new.case     # fill in replies from the oracle
"""

import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from cases.case_file import BLOCKS, CLOSED, NO_REPLY, SAVE, BadCase, Case  # noqa: E402
from cases.doors import Closed, InProcessDoor, ScriptDoor, SocketDoor  # noqa: E402
from cases.record import record  # noqa: E402
from support.notation import format_reply, matches  # noqa: E402
from support.resp import NotRESP, ReplyTimeout  # noqa: E402
from support.servers import ORACLE, ServerFailed, is_understudy, oracle_problem  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(HERE))


class Mismatch(Exception):
    """What an action answered is not what its case says."""


def shown(reply):
    return [CLOSED] if reply is Closed else format_reply(reply)


def indent(lines):
    return "\n".join("    " + line for line in lines)


def check_reply(door, action, lines, is_own, reply):
    saved = SAVE.match(lines[0])
    if saved and reply is not Closed:
        door.saved[saved.group(1)] = str(reply.value).encode() if reply.kind == "integer" else reply.value
        return
    if reply is Closed or not matches(door.expect(lines, is_own), reply):
        raise Mismatch("expected\n%s\n  got\n%s" % (indent(lines), indent(shown(reply))))


def run_action(door, action):
    replies, is_own = action.replies_for(door.name)
    if not replies:
        raise Mismatch("the case says no reply for this door")
    last = replies[-1][0] if replies[-1] else ""
    if last == BLOCKS:
        door.talk(action, 0, blocks=True)
        return
    if last == NO_REPLY:
        door.talk(action, 0)
        return
    wanted = [lines for lines in replies if lines != [CLOSED]]
    got = door.talk(action, len(wanted))
    for lines, reply in zip(wanted, got):
        check_reply(door, action, lines, is_own, reply)
    if last == CLOSED and not door.is_closed(action):
        raise Mismatch("the connection stays open")


def run_case(case, door):
    """The text of what went wrong, or an empty one."""
    problem = ""
    for action in case.actions:
        try:
            run_action(door, action)
        except (Mismatch, ReplyTimeout, NotRESP, OSError, ServerFailed, IndexError) as failure:
            reason = str(failure) if isinstance(failure, Mismatch) else repr(failure)
            problem = "%s:%d [%s] %s\n  %s" % (case.path, action.number, door.label, action.line, reason)
            break
    crash = door.close()
    return "\n".join(part for part in (problem, crash) if part)


def door_makers(case, args):
    """Functions that open the doors this case is to go through."""
    makers = []
    names = [name for name in case.doors() if not args.door or name in args.door]
    programs = []
    if args.binary and (case.wants_oracle() or is_understudy(args.binary)):
        programs.append((args.binary, False))
    if case.wants_oracle() and not args.no_oracle:
        programs.append((args.oracle, True))
    for binary, is_oracle in programs:
        for name in names:
            if name in ("resp2", "resp3"):
                makers.append(lambda n=name, b=binary, o=is_oracle: SocketDoor(n, b, case, int(n[4]), o))
            elif name == "lua":
                makers.append(lambda b=binary, o=is_oracle: ScriptDoor("lua", b, case, o))
    if "inprocess" in names and os.path.exists(args.inprocess) and InProcessDoor.takes(case):
        makers.append(lambda: InProcessDoor(args.inprocess, case))
    return makers


def find_cases(paths):
    found = []
    for path in paths or [HERE]:
        if os.path.isdir(path):
            for directory, _, names in os.walk(path):
                found += [os.path.join(directory, name) for name in names if name.endswith(".case")]
        else:
            found.append(path)
    return sorted(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", help="the program to test; without it the oracle alone")
    parser.add_argument("--oracle", default=ORACLE)
    parser.add_argument("--no-oracle", action="store_true")
    parser.add_argument("--inprocess", default=os.path.join(ROOT, "build/tests/inprocess_door"))
    parser.add_argument("--door", action="append", help="resp2, resp3, lua or inprocess; repeatable")
    parser.add_argument("--record", action="store_true", help="write the oracle's replies into the files")
    parser.add_argument("paths", nargs="*", help=".case files or directories")
    args = parser.parse_args()
    if not args.no_oracle and oracle_problem(args.oracle):
        print("without the oracle: " + oracle_problem(args.oracle))
        args.no_oracle = True
    passed = failed = 0
    for path in find_cases(args.paths):
        try:
            case = Case(path)
        except BadCase as problem:
            print(problem)
            failed += 1
            continue
        if args.record:
            print(record(case, args.oracle))
            case = Case(path)
        for make in door_makers(case, args):
            try:
                problem = run_case(case, make())
            except ServerFailed as failure:
                problem = "%s: %s" % (path, failure)
            failed += bool(problem)
            passed += not problem
            if problem:
                print(problem)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
