# SPDX-License-Identifier: MIT
"""docs/COMMANDS.md lists the commands that are there, and no others; rules of faults are taken."""

import os
import re
import shlex
import unittest

from support.testing import ServerCase, understudy_only

DOCS = os.path.join(os.path.dirname(__file__), "..", "..", "docs")
PAGE = os.path.join(DOCS, "COMMANDS.md")
TESTING_PAGE = os.path.join(DOCS, "TESTING-WITH-UNDERSTUDY.md")


def listed():
    with open(PAGE) as page:
        sections = page.read().split("\n## Ours")[0].split("\n## ")[1:]
    # A section's list is its first paragraph; what follows are remarks.
    text = ",".join(section.split("\n", 1)[1].strip().split("\n\n")[0] for section in sections)
    return {word.strip().lower() for word in re.sub(r"\([^)]*\)", "", text).split(",")}


def rules():
    """The second column of the table of faults."""
    with open(TESTING_PAGE) as page:
        table = page.read().split("| what happens | rule |")[1].split("\n\n")[0]
    return re.findall(r"(?m)^\| [^|`]+ \| `([^`]+)` \|", table)


class Documentation(ServerCase):
    @understudy_only
    def test_the_page_lists_what_is_there(self):
        server = self.start_server("--emulate", "7.2")
        client = server.connect()
        self.addCleanup(client.close)
        there = {name.decode() for name in client.value("COMMAND", "LIST")}
        self.assertEqual(listed(), {name for name in there if "|" not in name})

    @understudy_only
    def test_rules_of_faults_on_the_page_are_taken(self):
        client = self.connect()
        self.assertGreater(len(rules()), 5)
        for rule in rules():
            self.assertEqual(client.value("MOCK", "FAULT", "ADD", "f", *shlex.split(rule)), b"OK", rule)

    def test_links_between_the_pages_lead_somewhere(self):
        root = os.path.join(DOCS, "..")
        pages = [os.path.join(root, "README.md")]
        pages += [os.path.join(DOCS, name) for name in sorted(os.listdir(DOCS)) if name.endswith(".md")]
        for path in pages:
            with open(path) as page:
                links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read())
            for link in links:
                there = os.path.exists(os.path.join(os.path.dirname(path), link))
                self.assertTrue(there, "%s: %s" % (os.path.basename(path), link))


if __name__ == "__main__":
    unittest.main()
