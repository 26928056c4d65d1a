# SPDX-License-Identifier: MIT
"""The embedding example of the documentation compiles against the libraries, and runs."""

import os
import subprocess
import tempfile
import unittest

from support.testing import TIMEOUT, binary, understudy_only

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
EXAMPLE = os.path.join(ROOT, "docs", "examples", "embedding.c")


def private_libraries(build):
    """What a static link needs besides, as the package file says."""
    with open(os.path.join(build, "understudy.pc"), encoding="utf-8") as file:
        for line in file:
            if line.startswith("Libs.private:"):
                return line.split(":", 1)[1].split()
    return []


class Embedding(unittest.TestCase):
    def compile_and_run(self, *libraries):
        with tempfile.TemporaryDirectory() as directory:
            program = os.path.join(directory, "embedding")
            compiled = subprocess.run(
                ["cc", "-Wall", "-Wextra", "-Werror", "-I", os.path.join(ROOT, "src"), EXAMPLE,
                 *libraries, "-lpthread", "-o", program],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
            self.assertEqual(compiled.returncode, 0, compiled.stdout)
            run = subprocess.run(
                [program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                timeout=TIMEOUT,
            )  # fmt: skip
        self.assertTrue(run.stdout.endswith("all is well\n"), run.stdout)
        self.assertEqual(run.returncode, 0)

    @understudy_only
    def test_the_example_runs_with_the_static_library(self):
        build = os.path.dirname(os.path.abspath(binary()))
        self.compile_and_run(os.path.join(build, "libunderstudy.a"), *private_libraries(build))

    @understudy_only
    def test_the_example_runs_with_the_shared_library(self):
        build = os.path.dirname(os.path.abspath(binary()))
        self.compile_and_run("-L" + build, "-Wl,-rpath," + build, "-lunderstudy")

    @understudy_only
    def test_the_shared_library_shows_nothing_but_its_own_names(self):
        build = os.path.dirname(os.path.abspath(binary()))
        listed = subprocess.run(
            ["nm", "-D", "--defined-only", os.path.join(build, "libunderstudy.so")],
            stdout=subprocess.PIPE, check=True, text=True,
        )  # fmt: skip
        names = {line.split()[2] for line in listed.stdout.splitlines()}
        with open(os.path.join(ROOT, "src", "understudy.h"), encoding="utf-8") as file:
            header = file.read()
        self.assertIn("understudy_new", names)
        self.assertEqual([name for name in names if name + "(" not in header], [])


if __name__ == "__main__":
    unittest.main()
