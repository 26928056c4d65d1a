# SPDX-License-Identifier: MIT
"""What the pages of docs/ show at a terminal happens as shown (see tests/support/examples.py)."""

import glob
import os
import shutil
import unittest

from support.examples import matches, read_blocks, run_page
from support.testing import binary, understudy_only

ROOT = os.path.join(os.path.dirname(__file__), "..", "..")


def pages():
    for path in [os.path.join(ROOT, "README.md")] + sorted(glob.glob(ROOT + "/docs/*.md")):
        with open(path) as page:
            if any(block.language == "console" for block in read_blocks(page.read())):
                yield path


@unittest.skipUnless(shutil.which("redis-cli"), "redis-cli is not installed")
class Examples(unittest.TestCase):
    @understudy_only
    def test_examples_of_the_pages_run_as_shown(self):
        for path in pages():
            with self.subTest(page=os.path.basename(path)):
                problems = run_page(path, binary())
                self.assertEqual(problems, [], "\n".join(problems))


class Runner(unittest.TestCase):
    def test_commands_and_what_they_print_are_told_apart(self):
        (block,) = read_blocks("text\n```console\n$ a\n> b\n1\n\n$ c\n```\n")
        steps = block.steps()
        self.assertEqual([step.command for step in steps], ["a\nb", "c"])
        self.assertEqual(steps[0].expected, ["1", ""])
        self.assertEqual(steps[1].line, 7)

    def test_a_line_that_starts_a_server_is_known(self):
        (block,) = read_blocks("```console\n$ understudy --seed '1' &\n$ understudy run -- x\n```\n")
        self.assertEqual([step.server_options for step in block.steps()], [["--seed", "1"], None])

    def test_a_block_with_a_name_is_a_file(self):
        named, unnamed, other = read_blocks(
            "```lua\n-- a/b.lua\nx\n```\n```lua\n-- a remark\n```\n"
            "<!-- file: c.lua -->\n```lua\n#!lua\n```\n"
        )
        self.assertEqual(named.file_name(), "a/b.lua")
        self.assertIsNone(unnamed.file_name())
        self.assertEqual(other.file_name(), "c.lua")

    def test_a_comment_leaves_the_next_block_out(self):
        first, second, third = read_blocks(
            "<!-- not run -->\n```sh\n```\n```sh\n```\n<!-- needs: no-such-program -->\n```sh\n```\n"
        )
        self.assertTrue(first.is_left_out())
        self.assertFalse(second.is_left_out())
        self.assertTrue(third.is_left_out())

    def test_dots_stand_for_any_text(self):
        self.assertTrue(matches(["a...d", "e"], ["abcd", "e"]))
        self.assertTrue(matches(["a", "...", "z"], ["a", "b", "c", "z"]))
        self.assertTrue(matches(["a", "...", "z"], ["a", "z"]))
        self.assertFalse(matches(["a...d"], ["abc"]))
        self.assertFalse(matches(["a"], ["a", "b"]))
        self.assertFalse(matches(["a.c"], ["abc"]))


if __name__ == "__main__":
    unittest.main()
