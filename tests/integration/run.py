#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the integration tests: the program as a whole, from the outside.

    tests/integration/run.py --binary build/understudy
    tests/integration/run.py --binary build/understudy port_in_use
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from support.testing import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(HERE, __doc__.split("\n")[0]))
