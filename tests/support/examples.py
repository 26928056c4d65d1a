# SPDX-License-Identifier: MIT
"""Runs the examples of a page of documentation.

A fenced block in the language `console` is a session at a terminal:

    $ understudy --script-checks error &
    $ redis-cli GET k
    (nil)

Lines after `$ ` are commands of one shell that lives as long as the page, `> ` continues the one
above, and all other lines are what it prints. `...` stands for any text within a line, and on a line
of its own for any lines. A line `understudy ... &` starts a server in the place of the one before;
redis-cli finds it, as a program does by REDIS_URL, REDIS_HOST and REDIS_PORT. There is one without
options from the start. The shell's directory has the checkout's `lua`.

A block in another language whose first line is a comment with a file's name alone (`-- limit.lua`,
`# test_limit.py`), or which has `<!-- file: limit.lua -->` above, is written to that file.
`<!-- needs: lcov -->` before a block leaves it out where
that program is absent, `<!-- not run -->` everywhere.
"""

import os
import re
import shlex
import shutil
import subprocess
import tempfile

from .servers import Server
from .testing import read_line

LUA = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", "lua"))
REDIS_CLI = """\
#!/bin/sh
# As at a terminal, and to the page's server.
case " $* " in
*" --raw "* | *" --csv "* | *" --json "*) exec {program} -p "$REDIS_PORT" "$@" ;;
*) exec {program} -p "$REDIS_PORT" --no-raw "$@" ;;
esac
"""


class Step:
    """One command and what it shall print."""

    def __init__(self, line, command):
        self.line = line  # of the page
        self.command = command
        self.expected = []

    @property
    def server_options(self):
        """The options of `understudy ... &`, or None for another command."""
        if not re.match(r"understudy( .*)?&$", self.command) or self.command.startswith(
            "understudy run "
        ):
            return None
        return shlex.split(self.command[len("understudy") : -1])


class Block:
    def __init__(self, line, language, comment):
        self.line = line
        self.language = language
        self.comment = comment  # the HTML comment above, or ""
        self.lines = []

    def steps(self):
        steps = []
        for number, text in enumerate(self.lines, self.line + 1):
            if text.startswith("$ "):
                steps.append(Step(number, text[2:]))
            elif text.startswith("> ") and steps and not steps[-1].expected:
                steps[-1].command += "\n" + text[2:]
            elif steps:
                steps[-1].expected.append(text)
        return steps

    def file_name(self):
        named = re.search(r"<!-- file: (\S+) -->", self.comment)
        first_line = self.lines[0] if self.lines else ""
        match = named or re.match(r"(?:--|#|//) ([\w./-]+\.\w+)$", first_line)
        return match and match.group(1)

    def is_left_out(self):
        if "not run" in self.comment:
            return True
        needs = re.search(r"needs: (.*?) *-->", self.comment)
        return bool(needs) and not all(shutil.which(word) for word in needs.group(1).split())


def read_blocks(text):
    blocks, open_block, comment = [], None, ""
    for number, line in enumerate(text.split("\n"), 1):
        fence = re.match(r"```(\w*)", line)
        if open_block is not None:
            if fence:
                blocks.append(open_block)
                open_block = None
            else:
                open_block.lines.append(line)
        elif fence:
            open_block = Block(number, fence.group(1), comment)
            comment = ""
        elif line.startswith("<!--"):
            comment = line
        elif line.strip():
            comment = ""
    return blocks


def matches(expected, printed):
    """Whether the lines are those of the page."""
    pattern = ""
    for line in expected:
        if line == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part) for part in line.split("...")) + "\n"
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed)) is not None


class Session:
    """A shell with a server, in a directory of their own."""

    MARK = "--- end of output ---"

    def __init__(self, binary):
        self.binary = binary
        self.server = None
        self.directory = tempfile.mkdtemp(prefix="understudy-examples-")
        programs = os.path.join(self.directory, ".programs")
        os.mkdir(programs)
        os.symlink(binary, os.path.join(programs, "understudy"))
        os.symlink(LUA, os.path.join(self.directory, "lua"))
        real = shutil.which("redis-cli")
        if real:
            path = os.path.join(programs, "redis-cli")
            with open(path, "w") as script:
                script.write(REDIS_CLI.format(program=real))
            os.chmod(path, 0o755)
        environment = dict(os.environ, PATH=programs + os.pathsep + os.environ["PATH"])
        self.shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, cwd=self.directory, env=environment, bufsize=0,
        )  # fmt: skip

    def close(self):
        self.shell.stdin.close()
        self.shell.wait()
        self.shell.stdout.close()
        self.stop_server()
        shutil.rmtree(self.directory)

    def write_file(self, name, lines):
        path = os.path.join(self.directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write("\n".join(lines) + "\n")

    def start_server(self, options):
        self.stop_server()
        # Later options win: paths are below the shell's directory.
        options = options + ["--dir", self.directory]
        self.server = Server(self.binary, self.in_place(options), tcp=True)
        self.server.start()
        port = self.server.port
        self.run(
            "export REDIS_HOST=127.0.0.1 REDIS_PORT=%d REDIS_URL=redis://127.0.0.1:%d"
            % (port, port)
        )

    def in_place(self, options):
        """The server runs in a directory of its own: what names a path becomes absolute."""
        changed = []
        for before, option in zip([""] + options, options):
            is_path = before in ("--script-coverage", "--script-sources", "--logfile", "--ready-file")
            if is_path or (option and "/" in option and not option.startswith("-")):
                option = os.path.join(self.directory, option)
            changed.append(option)
        return changed

    def stop_server(self):
        if self.server:
            self.server.stop()
        self.server = None

    def run(self, command):
        """The lines that the command prints."""
        script = "{ %s\n} </dev/null\n_status=$?\nprintf '\\n%s\\n'\n(exit $_status)\n" % (
            command,
            self.MARK,
        )
        self.shell.stdin.write(script.encode())
        lines = []
        while True:
            line = read_line(self.shell.stdout).decode()
            if not line.endswith("\n"):
                raise AssertionError("the shell ended or hangs in: " + command)
            if line == self.MARK + "\n":
                break
            lines.append(re.sub("\x1b\\[[0-9;]*m", "", line).rstrip("\r\n"))
        while lines and not lines[-1].strip():
            lines.pop()
        return lines


def run_page(path, binary):
    """A list of texts: what is not as the page says."""
    with open(path) as page:
        blocks = read_blocks(page.read())
    session = Session(binary)
    problems = []
    try:
        session.start_server([])
        for block in blocks:
            if block.is_left_out():
                continue
            if block.language != "console":
                if block.file_name():
                    session.write_file(block.file_name(), block.lines)
                continue
            problems += run_block(session, block, os.path.basename(path))
    finally:
        session.close()
    return problems


def run_block(session, block, page):
    problems = []
    for step in block.steps():
        if step.server_options is not None:
            session.start_server(step.server_options)
            printed = []
        else:
            printed = session.run(step.command)
        expected = list(step.expected)
        while expected and not expected[-1].strip():
            expected.pop()
        # redis-cli ends an error's line with an empty one.
        if not matches([line for line in expected if line], [line for line in printed if line]):
            problems.append(
                "%s:%d: $ %s\n  the page says:\n%s\n  it prints:\n%s"
                % (page, step.line, step.command, indent(expected), indent(printed))
            )
    return problems


def indent(lines):
    return "\n".join("    " + line for line in lines) or "    (nothing)"
