# SPDX-License-Identifier: MIT
"""--script-coverage: the report at the end, for lcov; and the exit status of too little."""

import glob
import os
import shutil
import subprocess
import tempfile
import unittest

from support.testing import ServerCase, run_program, understudy_only

SCRIPT = """\
local function double(n)
    return n * 2
end
if ARGV[1] == 'twice' then
    return double(4)
end
return 1
"""

LIBRARY = """\
#!lua name=numbers
redis.register_function('one', function()
    return 1
end)
redis.register_function('two', function()
    return 2
end)
"""


def records(path):
    """The lines of a report by file: {path: {line: hits}}."""
    found, lines = {}, {}
    with open(path) as report:
        for word, _, rest in (line.strip().partition(":") for line in report):
            if word == "SF":
                lines = found.setdefault(rest, {})
            elif word == "DA":
                number, hits = rest.split(",")[:2]
                lines[int(number)] = lines.get(int(number), 0) + int(hits)
    return found


class ScriptCoverage(ServerCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.directory)
        self.report = os.path.join(self.directory, "lua.info")

    def serve(self, *evals, options=()):
        """A whole run of a server."""
        server = self.start_server("--script-coverage", self.report, *options)
        with server.connect() as client:
            for arguments in evals:
                client.value("EVAL", *arguments)
        server.stop()

    @understudy_only
    def test_a_script_is_written_beside_the_report(self):
        self.serve((SCRIPT, "0"))
        found = records(self.report)
        (path,) = found
        self.assertEqual(os.path.dirname(path), os.path.realpath(self.report + ".scripts"))
        with open(path) as copy:
            self.assertEqual(copy.read(), SCRIPT)
        self.assertEqual(found[path], {2: 0, 3: 1, 4: 1, 5: 0, 7: 1})

    @understudy_only
    def test_the_users_file_is_found_by_its_text(self):
        source = os.path.join(self.directory, "double.lua")
        with open(source, "w") as file:
            file.write(SCRIPT)
        self.serve(
            (SCRIPT.rstrip("\n"), "0", "twice"),
            options=("--script-sources", os.path.join(self.directory, "*.lua"), "/none/*"),
        )
        self.assertEqual(list(records(self.report)), [os.path.realpath(source)])
        self.assertFalse(os.path.exists(self.report + ".scripts"))

    @understudy_only
    def test_a_library_is_reported_as_one_file(self):
        source = os.path.join(self.directory, "library.lua")
        with open(source, "w") as file:
            file.write(LIBRARY)
        server = self.start_server("--script-coverage", self.report, "--script-sources", source)
        with server.connect() as client:
            client.value("FUNCTION", "LOAD", LIBRARY)
            client.value("FCALL", "one", "0")
            client.value("FCALL", "one", "0")
        server.stop()
        ((path, lines),) = records(self.report).items()
        self.assertEqual(path, os.path.realpath(source))
        self.assertEqual((lines[3], lines[6]), (2, 0))
        with open(self.report) as report:
            self.assertTrue({"FNDA:2,one\n", "FNDA:0,two\n"} <= set(report))

    @understudy_only
    def test_each_process_may_have_its_own_report(self):
        self.report = os.path.join(self.directory, "lua-%p.info")
        self.serve((SCRIPT, "0"))
        self.serve((SCRIPT, "0"))
        reports = glob.glob(os.path.join(self.directory, "lua-*[0-9].info"))
        self.assertEqual(len(reports), 2)
        self.assertEqual(len({path for report in reports for path in records(report)}), 1)

    @understudy_only
    @unittest.skipUnless(shutil.which("lcov"), "lcov is not installed")
    def test_reports_of_two_runs_merge(self):
        self.serve((SCRIPT, "0"))
        first = self.report + ".first"
        os.rename(self.report, first)
        self.serve((SCRIPT, "0", "twice"))
        merged = self.report + ".merged"
        subprocess.run(
            ["lcov", "-q", "-a", first, "-a", self.report, "-o", merged],
            check=True, capture_output=True,
        )  # fmt: skip
        (lines,) = records(merged).values()
        self.assertEqual(lines, {2: 1, 3: 2, 4: 2, 5: 1, 7: 1})

    @understudy_only
    def test_mock_writes_in_between(self):
        server = self.start_server("--script-coverage", self.report)
        other = self.report + ".other"
        with server.connect() as client:
            client.value("EVAL", SCRIPT, "0")
            self.assertEqual(client.value("MOCK", "COVERAGE", "WRITE", other), b"OK")
            self.assertEqual(client.value("MOCK", "COVERAGE", "WRITE"), b"OK")
        self.assertEqual(set(*records(other).values()), {2, 3, 4, 5, 7})
        self.assertEqual(set(*records(self.report).values()), {2, 3, 4, 5, 7})

    def run_with(self, script, *options, status=0):
        command = 'redis-cli -p "$REDIS_PORT" EVAL "$0" 0 >/dev/null; exit "$1"'
        return run_program(
            "run", *options, "--", "sh", "-c", command, script, str(status)
        )  # fmt: skip

    @understudy_only
    @unittest.skipUnless(shutil.which("redis-cli"), "redis-cli is not installed")
    def test_too_little_coverage_fails_the_run(self):
        done = self.run_with(SCRIPT, "--script-coverage-min", "61")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(
            done.stderr.decode(),
            "understudy: 60.0 % of the scripts' lines ran (3 of 5), "
            "script-coverage-min asks for 61 %\n",
        )
        self.assertEqual(self.run_with(SCRIPT, "--script-coverage-min", "60").returncode, 0)

    @understudy_only
    @unittest.skipUnless(shutil.which("redis-cli"), "redis-cli is not installed")
    def test_the_status_of_a_command_that_failed_comes_first(self):
        done = self.run_with(SCRIPT, "--script-coverage-min", "100", status=7)
        self.assertEqual(done.returncode, 7)

    @understudy_only
    def test_a_run_without_scripts_is_below_any_minimum(self):
        self.assertEqual(run_program("run", "--script-coverage-min", "1", "--", "true").returncode, 1)

    @understudy_only
    def test_a_report_that_cannot_be_written_fails_the_run(self):
        path = os.path.join(self.directory, "none", "lua.info")
        done = run_program("run", "--script-coverage", path, "--", "true")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot write %s" % path, done.stderr.decode())


if __name__ == "__main__":
    unittest.main()
