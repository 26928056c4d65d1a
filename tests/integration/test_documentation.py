# SPDX-License-Identifier: MIT
"""docs/COMMANDS.md lists the commands that are there, and no others; rules of faults are taken."""

import os
import re
import shlex
import unittest

from support.testing import ServerCase, understudy_only

DOCS = os.path.join(os.path.dirname(__file__), "..", "..", "docs")
SOURCES = os.path.join(os.path.dirname(__file__), "..", "..", "src")
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


def directives():
    """Name -> (identifier, whether it is our own), of every directive."""
    with open(os.path.join(SOURCES, "engine", "config_directives.h")) as file:
        rows = re.findall(r'(?m)^DIRECTIVE\((\w+),\s*"([^"]+)",\s*(?:NULL|"[^"]+"),\s*\w+,\s*([^"]*?)"', file.read())
    return {name: (identifier, "OWN" in flags) for identifier, name, flags in rows}


def read_directives():
    """Identifiers that some source reads, besides those that keep the configuration."""
    found = {"ENABLE_PROTECTED_CONFIGS"}  # read by CONFIG SET itself
    for folder, _, names in os.walk(SOURCES):
        for name in names:
            if name.endswith((".c", ".h")) and not (folder.endswith("engine") and re.match(r"config(_\w+)?\.[ch]$", name)):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    found |= set(re.findall(r"\bCONFIG_([A-Z0-9_]+)\b", file.read()))
    return found


def listed_directives(title):
    with open(os.path.join(DOCS, "CONFIGURATION.md")) as page:
        section = page.read().split("\n## %s\n" % title)[1].split("\n## ")[0]
    return set(re.findall(r"`([a-z0-9-]+)`", section))


class Documentation(ServerCase):
    @understudy_only
    def test_the_page_says_which_directives_have_an_effect(self):
        known, read = directives(), read_directives()
        self.assertGreater(len(known), 200)
        theirs = {name: row[0] for name, row in known.items() if not row[1]}
        self.assertEqual(listed_directives("With an effect"), {n for n, i in theirs.items() if i in read})
        self.assertEqual(listed_directives("Kept only"), {n for n, i in theirs.items() if i not in read})
        ours = {name for name, row in known.items() if row[1]}
        self.assertEqual(listed_directives("Ours") - {"understudy"}, ours)

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
