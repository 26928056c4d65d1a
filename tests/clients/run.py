#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Drives a server with real clients: redis-cli, redis-benchmark, redis-py, and what test_libraries.py installs.

    tests/clients/run.py --binary build/understudy
    tests/clients/run.py --binary build/understudy lock
"""

import importlib.util
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from support.testing import main  # noqa: E402

SYSTEM_PYTHON = "/usr/bin/python3"  # where Debian's python3-redis is


def change_to_a_python_with_redis():
    if importlib.util.find_spec("redis") is not None or sys.executable == SYSTEM_PYTHON:
        return
    if subprocess.run([SYSTEM_PYTHON, "-c", "import redis"], stderr=subprocess.DEVNULL).returncode == 0:
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON] + sys.argv)


if __name__ == "__main__":
    change_to_a_python_with_redis()
    sys.exit(main(HERE, __doc__.split("\n")[0]))
