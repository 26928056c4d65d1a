# SPDX-License-Identifier: MIT
"""libunderstudy-backend as it is installed and linked; and the examples of the documentation."""

import glob
import os
import shutil
import subprocess
import tempfile
import unittest

from support.servers import Server, is_understudy
from support.testing import TIMEOUT, binary

ROOT = os.path.join(os.path.dirname(__file__), "..", "..")
PROGRAM = """
#include <stdio.h>
#include <understudy_backend.h>

int main(int argc, char **argv)
{
    char error[BACKEND_ERROR_SIZE];
    struct backend *backend = backend_open(argv[argc - 1], NULL, error);
    enum backend_result result = backend_acquire_lock(backend, "job", 0);
    printf("%s\\n", backend_result_name(result));
    backend_close(backend);
    return 0;
}
"""


def run(*words, **options):
    return subprocess.run(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=True, **options
    ).stdout.decode()


def installed_files(directory):
    found = glob.glob(directory + "/**", recursive=True)
    return sorted(os.path.relpath(path, directory) for path in found if not os.path.isdir(path))


@unittest.skipUnless(shutil.which("make") and shutil.which("pkg-config"), "there is no make, or no pkg-config")
class Installation(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="understudy-install-")
        self.addCleanup(shutil.rmtree, self.directory)
        self.prefix = os.path.join(self.directory, "usr")
        self.compiler = ["ccache", "gcc"] if shutil.which("ccache") else ["gcc"]

    def make(self, target):
        """With objects of its own, and without what a make above asked for."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        build = os.path.join(self.directory, "build")
        words = ["make", "-s", "-j2", target, "PREFIX=" + self.prefix, "BUILD=" + build, "VARIANT=release"]
        run(*words, "CFLAGS=-O0", "CC=" + " ".join(self.compiler), cwd=ROOT, env=environment)

    def link(self, *options):
        """A program made with what pkg-config says, and what it says in the end."""
        environment = dict(os.environ, PKG_CONFIG_PATH=os.path.join(self.prefix, "lib", "pkgconfig"))
        flags = run("pkg-config", "--cflags", "--libs", *options, "understudy-backend", env=environment)
        source = os.path.join(self.directory, "program.c")
        with open(source, "w") as file:
            file.write(PROGRAM)
        program = os.path.join(self.directory, "program")
        run(*self.compiler, "-Wall", "-Wextra", "-Werror", source, "-o", program, *flags.split())
        with Server(binary()) as server:
            environment = dict(os.environ, LD_LIBRARY_PATH=os.path.join(self.prefix, "lib"))
            return run(program, "unix://" + server.socket_path, env=environment)

    def test_what_is_installed_can_be_linked_and_removed(self):
        self.make("install-backend")
        self.assertEqual(
            installed_files(self.prefix),
            [
                "include/understudy_backend.h",
                "lib/libunderstudy-backend.a",
                "lib/libunderstudy-backend.so",
                "lib/libunderstudy-backend.so.0",
                "lib/libunderstudy-backend.so.0.1.0",
                "lib/pkgconfig/understudy-backend.pc",
                "share/understudy/lock.lua",
                "share/understudy/state.lua",
            ],
        )
        names = run("nm", "-D", "--defined-only", self.prefix + "/lib/libunderstudy-backend.so")
        for line in names.splitlines():
            self.assertIn("backend_", line)
        self.assertEqual(self.link(), "ok\n")
        for path in glob.glob(self.prefix + "/lib/*.so*"):
            os.remove(path)
        self.assertEqual(self.link("--static"), "ok\n")
        self.make("uninstall-backend")
        self.assertEqual(installed_files(self.prefix), [])


class Examples(unittest.TestCase):
    def test_each_passes_its_own_test(self):
        if not is_understudy(binary()):
            self.skipTest("of understudy alone")
        names = [os.path.basename(path)[:-2] for path in glob.glob(ROOT + "/docs/examples/*.c")]
        self.assertTrue(names)
        for name in names:
            program = os.path.join(os.path.dirname(binary()), "docs", "examples", name)
            if not os.path.exists(program):
                self.skipTest("there is no " + program)
            done = subprocess.run([program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT)
            self.assertEqual(done.returncode, 0, done.stdout.decode())
            self.assertNotIn(b"FAILED", done.stdout)


if __name__ == "__main__":
    unittest.main()
