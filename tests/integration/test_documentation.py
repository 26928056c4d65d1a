# SPDX-License-Identifier: MIT
"""docs/COMMANDS.md lists the commands that are there, and no others."""

import os
import re
import unittest

from support.testing import ServerCase, understudy_only

PAGE = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "COMMANDS.md")


def listed():
    with open(PAGE) as page:
        sections = page.read().split("\n## Ours")[0].split("\n## ")[1:]
    # A section's list is its first paragraph; what follows are remarks.
    text = ",".join(section.split("\n", 1)[1].strip().split("\n\n")[0] for section in sections)
    return {word.strip().lower() for word in re.sub(r"\([^)]*\)", "", text).split(",")}


class Documentation(ServerCase):
    @understudy_only
    def test_the_page_lists_what_is_there(self):
        server = self.start_server("--emulate", "7.2")
        client = server.connect()
        self.addCleanup(client.close)
        there = {name.decode() for name in client.value("COMMAND", "LIST")}
        self.assertEqual(listed(), {name for name in there if "|" not in name})


if __name__ == "__main__":
    unittest.main()
