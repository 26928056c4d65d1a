# SPDX-License-Identifier: MIT
"""Delta debugging: the shortest stream that still fails."""

import time

from .grammar import Step


def shrink(steps, fails, seconds=20.0):
    """A sublist of `steps` for which fails(steps) is still true, as short as `seconds` allow."""
    deadline = time.monotonic() + seconds
    steps = drop_steps(steps, fails, deadline)
    steps = drop_commands(steps, fails, deadline)
    return shorten_arguments(steps, fails, deadline)


def drop_steps(steps, fails, deadline):
    size = max(1, len(steps) // 2)
    while True:
        at = 0
        dropped = False
        while at < len(steps) and time.monotonic() < deadline:
            candidate = steps[:at] + steps[at + size :]
            if candidate and fails(candidate):
                steps = candidate
                dropped = True
            else:
                at += size
        if size == 1 and not dropped or time.monotonic() >= deadline:
            return steps
        size = max(1, size // 2)


def variants_of_step(step):
    """The step with one command less; a step of random pops stays whole."""
    if any(command.args[0].upper() == b"SPOP" for command in step.commands):
        return
    for at in range(len(step.commands)):
        if len(step.commands) > 1:
            yield Step(step.commands[:at] + step.commands[at + 1 :])


def drop_commands(steps, fails, deadline):
    at = 0
    while at < len(steps):
        for candidate_step in variants_of_step(steps[at]):
            candidate = steps[:at] + [candidate_step] + steps[at + 1 :]
            if time.monotonic() < deadline and is_safe(candidate_step) and fails(candidate):
                steps = candidate
                break
        else:
            at += 1
    return steps


def is_safe(step):
    """A blocking command must keep the company that makes it return."""
    return not any(command.args[0].upper().startswith((b"BL", b"BR", b"BZ")) for command in step.commands)


def shorten_arguments(steps, fails, deadline):
    for at, step in enumerate(steps):
        for index, command in enumerate(step.commands):
            args = list(command.args)
            position = len(args) - 1
            while position > 0 and time.monotonic() < deadline:
                for candidate_args in simpler(args, position):
                    like = tuple(candidate_args) if command.like == command.args else command.like
                    changed = command._replace(args=tuple(candidate_args), like=like)
                    commands = steps[at].commands
                    candidate_step = Step(commands[:index] + (changed,) + commands[index + 1 :])
                    candidate = steps[:at] + [candidate_step] + steps[at + 1 :]
                    if is_safe(candidate_step) and fails(candidate):
                        steps = candidate
                        args = candidate_args
                        command = changed
                        break
                position -= 1
    return steps


def simpler(args, position):
    if len(args) > 4 and position < len(args):
        yield args[:position] + args[position + 1 :]
    if position < len(args) and len(args[position]) > 12:
        yield args[:position] + [b"v"] + args[position + 1 :]
