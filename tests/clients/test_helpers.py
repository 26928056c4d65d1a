# SPDX-License-Identifier: MIT
"""What docs/helpers/ has for test frameworks works, each in its language, where that is installed."""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from support.testing import binary, understudy_only

HELPERS = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "helpers")
JAVA_LIBRARIES = "/usr/share/java"
JAVA_PATTERNS = ("junit-jupiter-*", "junit-platform-*", "apiguardian*", "opentest4j*", "picocli")
TIMEOUT = 300

PYTHON_WITH_DATA = '''
import pytest

@pytest.fixture(scope="session")
def understudy_data():
    return lambda client: client.hset("user:1", mapping={"name": "Ann"})

@pytest.fixture(scope="session")
def understudy_options():
    return ["--emulate", "7.0"]

@pytest.mark.parametrize("turn", [1, 2])
def test_data_is_there_again(redis_client, faults, turn):
    assert redis_client.hgetall("user:1") == {"name": "Ann"}
    assert redis_client.info("server")["redis_version"].startswith("7.0.")
    redis_client.flushall()
    faults.add("broken", "COMMAND", "hgetall", "ERROR", "ERR broken")
'''


def has_modules(*names):
    code = "import " + ", ".join(names)
    return subprocess.run([sys.executable, "-c", code], stderr=subprocess.DEVNULL).returncode == 0


def java_libraries():
    """The jars that Debian's junit5 brings, without their second names and the bundle of all."""
    jars = [jar for name in JAVA_PATTERNS for jar in glob.glob("%s/%s.jar" % (JAVA_LIBRARIES, name))]
    return [jar for jar in jars if not re.search(r"-\d|standalone", jar)]


class Helpers(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="understudy-helpers-")
        self.addCleanup(shutil.rmtree, self.directory)

    def copy(self, language):
        """What a user would copy, as it stands: nothing is written beside the sources."""
        copy = os.path.join(self.directory, language)
        shutil.copytree(os.path.join(HELPERS, language), copy)
        return copy

    def require(self, *programs):
        for program in programs:
            if shutil.which(program) is None:
                self.skipTest("no " + program)

    def run_in(self, directory, *command, **variables):
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=directory, timeout=TIMEOUT, env=dict(os.environ, UNDERSTUDY=binary(), **variables),
        )  # fmt: skip
        text = done.stdout.decode("utf-8", "replace")
        self.assertEqual(done.returncode, 0, text)
        return text

    @understudy_only
    def test_pytest_fixtures(self):
        if not has_modules("pytest", "redis"):
            self.skipTest("no pytest")
        directory = self.copy("python")
        text = self.run_in(directory, sys.executable, "-m", "pytest", "-q")
        self.assertRegex(text, r"(?m)^\d+ passed")

    @understudy_only
    def test_pytest_fixtures_with_data_of_the_suite(self):
        if not has_modules("pytest", "redis"):
            self.skipTest("no pytest")
        directory = self.copy("python")
        path = os.path.join(directory, "test_with_data.py")
        with open(path, "w") as file:
            file.write(PYTHON_WITH_DATA)
        text = self.run_in(directory, sys.executable, "-m", "pytest", "-q", path)
        self.assertRegex(text, r"(?m)^2 passed")

    @understudy_only
    def test_javascript(self):
        self.require("node")
        version = self.run_in(self.directory, "node", "--version")
        if int(re.match(r"v(\d+)", version).group(1)) < 18:
            self.skipTest("no test runner in node " + version.strip())
        text = self.run_in(self.copy("javascript"), "node", "--test", "example.test.mjs")
        self.assertRegex(text, r"(?m)^\W+pass [1-9]")

    @understudy_only
    def test_go(self):
        self.require("go", "gofmt")
        directory = self.copy("go")
        self.assertEqual(self.run_in(directory, "gofmt", "-l", "."), "")
        text = self.run_in(
            directory, "go", "test", "-v", "./...", GOTOOLCHAIN="local", GOPROXY="off"
        )  # fmt: skip
        self.assertIn("--- PASS", text)

    @understudy_only
    def test_junit(self):
        self.require("java", "javac")
        jars = java_libraries()
        if not any("platform-console" in jar for jar in jars):
            self.skipTest("no junit5")
        directory = self.copy("java")
        path = os.pathsep.join([directory] + jars)
        self.run_in(directory, "javac", "-cp", path, *glob.glob(directory + "/*.java"))
        text = self.run_in(
            directory, "java", "-cp", path, "org.junit.platform.console.ConsoleLauncher",
            "--disable-banner", "--scan-classpath", directory,
        )  # fmt: skip
        self.assertRegex(text, r"[1-9]\d* tests successful")


if __name__ == "__main__":
    unittest.main()
