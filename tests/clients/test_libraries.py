# SPDX-License-Identifier: MIT
"""Libraries that come from their languages' registries: clients, caches, queues of jobs.

What package.json and requirements.txt name is installed below build/clients when it is not there yet;
where that cannot be done, for want of a language or a network, the tests are skipped.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
import unittest

from support.servers import is_understudy
from support.testing import ServerCase, binary, understudy_only

HERE = os.path.dirname(os.path.abspath(__file__))
INSTALLED = os.path.join(HERE, "..", "..", "build", "clients")
INSTALL_TIMEOUT = 120
TIMEOUT = 120


def installed(language, manifest, install):
    """The directory with what the manifest names, or None. `install` gets a command for another one."""
    with open(os.path.join(HERE, language, manifest), "rb") as file:
        digest = hashlib.sha1(file.read()).hexdigest()[:12]
    place = os.path.abspath(os.path.join(INSTALLED, "%s-%s" % (language, digest)))
    if os.path.isdir(place):
        return place
    os.makedirs(os.path.dirname(place), exist_ok=True)
    scratch = tempfile.mkdtemp(prefix=language, dir=os.path.dirname(place))
    try:
        shutil.copy(os.path.join(HERE, language, manifest), scratch)
        subprocess.run(
            install, cwd=scratch, check=True, timeout=INSTALL_TIMEOUT,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.rename(scratch, place)
    except (OSError, subprocess.SubprocessError):
        return place if os.path.isdir(place) else None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return place


class Libraries(ServerCase):
    def run_script(self, *command, **variables):
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=TIMEOUT, env=dict(os.environ, PORT=str(self.server.port), **variables),
        )  # fmt: skip
        text = done.stdout.decode("utf-8", "replace")
        self.assertEqual(done.returncode, 0, text)
        self.assertIn("all is well", text)


class JavaScript(Libraries):
    """ioredis, node-redis, BullMQ."""

    @classmethod
    def setUpClass(cls):
        if shutil.which("node") is None or shutil.which("npm") is None:
            raise unittest.SkipTest("no node, or no npm")
        cls.place = installed("javascript", "package.json", (
            "npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts",
            "--omit=optional", "--prefer-offline", "--fetch-retries=1",
        ))  # fmt: skip
        if cls.place is None:
            raise unittest.SkipTest("npm could not install the libraries")

    def run_node(self, name):
        # A module finds others beside itself alone.
        for file in (name, "until.mjs"):
            shutil.copy(os.path.join(HERE, "javascript", file), self.place)
        self.run_script("node", os.path.join(self.place, name))

    def test_clients(self):
        self.run_node("clients.mjs")

    def test_jobs(self):
        self.run_node("jobs.mjs")


class JavaScriptCluster(JavaScript):
    options = ("--cluster-enabled", "yes")
    test_clients = test_jobs = None

    @understudy_only
    def test_cluster(self):
        self.run_node("cluster.mjs")


class Python(Libraries):
    """A newer redis-py than the one that drives the other tests, and RQ."""

    options = ("--emulate", "8.0")

    @classmethod
    def setUpClass(cls):
        if not is_understudy(binary()):
            raise unittest.SkipTest("redis-py's cache asks for 7.4")
        cls.python = shutil.which("python3")
        has_pip = subprocess.run([cls.python, "-m", "pip", "--version"], capture_output=True).returncode == 0
        place = has_pip and installed("python", "requirements.txt", (
            cls.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile",
            "--retries", "1", "--target", ".", "--requirement", "requirements.txt",
        ))  # fmt: skip
        if not place:
            raise unittest.SkipTest("no pip, or it could not install the libraries")
        cls.place = place

    def run_python(self, name):
        self.run_script(self.python, os.path.join(HERE, "python", name), PYTHONPATH=self.place)

    def test_caching(self):
        self.run_python("caching.py")

    def test_jobs(self):
        self.run_python("jobs.py")


if __name__ == "__main__":
    unittest.main()
