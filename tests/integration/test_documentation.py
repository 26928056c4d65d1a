# SPDX-License-Identifier: MIT
"""What pages list is what is there, and nothing else: commands, options, directives, files, rules."""

import glob
import os
import re
import shlex
import unittest

from support.testing import ServerCase, run_program, understudy_only

ROOT = os.path.join(os.path.dirname(__file__), "..", "..")
SOURCES = os.path.join(ROOT, "src")


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as page:
        return page.read()


def pages():
    for pattern in ("*.md", "docs/*.md", "tests/*/*.md"):
        for path in glob.glob(os.path.join(ROOT, pattern)):
            yield os.path.relpath(path, ROOT)


def anchors(page):
    """What a link to a section of the page may name."""
    titles = re.findall(r"(?m)^#+ (.*)$", page)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def listed():
    """The commands, and the subcommands as "acl|cat"."""
    sections = read("docs", "COMMANDS.md").split("\n### ")[0].split("\n## ")[1:]
    # A section's list is its first paragraph, in the last one up to the colon; what follows are remarks.
    text = ",".join(section.split("\n", 1)[1].strip().split("\n\n")[0].split(":")[0] for section in sections)
    found = set()
    for name, inner in re.findall(r"([A-Z][A-Z_-]*)\s*(?:\(([^)]*)\))?", text):
        found.add(name.lower())
        found |= {name.lower() + "|" + word.strip().lower() for word in inner.split(",") if inner}
    return found


def files_of_map():
    """Folder -> the words that the map of ARCHITECTURE.md has for it, remarks left out."""
    page = read("docs", "ARCHITECTURE.md").split("\n## The map\n\n```\n")[1].split("\n```\n")[0]
    folders = re.findall(r"(?m)^(src/\w+|tests)/ +((?:.*\n?)(?:^ .*\n?)*)", page)
    return {folder: re.sub(r"\([^)]*\)", "", text) for folder, text in folders}


def rules():
    """The second column of the table of faults."""
    table = read("docs", "TESTING-WITH-UNDERSTUDY.md").split("| what happens | rule |")[1].split("\n\n")[0]
    return re.findall(r"(?m)^\| [^|`]+ \| `([^`]+)` \|", table)


def directives():
    """Name -> (identifier, whether it is our own), of every directive."""
    source = read("src", "engine", "config_directives.h")
    rows = re.findall(r'(?m)^DIRECTIVE\((\w+),\s*"([^"]+)",\s*(?:NULL|"[^"]+"),\s*\w+,\s*([^"]*?)"', source)
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
    section = read("docs", "CONFIGURATION.md").split("\n## %s\n" % title)[1].split("\n## ")[0]
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
        self.assertEqual({name for name in listed() if not name.startswith("mock")}, there)

    def test_the_map_names_the_files_that_there_are(self):
        folders = files_of_map()
        within = {entry.name for entry in os.scandir(SOURCES) if entry.is_dir()}
        self.assertEqual(set(folders) - {"tests"}, {"src/" + name for name in within})
        within = {entry.name for entry in os.scandir(os.path.join(ROOT, "tests")) if entry.is_dir()}
        within = {name for name in within if name[0] not in "._"}  # what tools leave behind
        self.assertEqual(set(re.findall(r"(\w+)/", folders.pop("tests"))), within)
        del folders["src/commands"]  # its families are those of the commands
        page = read("docs", "ARCHITECTURE.md")
        sources = [name.split(".")[0] for name in os.listdir(SOURCES) if name.endswith(".c")]
        self.assertEqual([name for name in sources if not re.search(r"\b%s\.(c|\{)" % name, page)], [])
        for folder, text in folders.items():
            there = os.listdir(os.path.join(ROOT, folder))
            stems = {name.split(".")[0] for name in there if name.endswith((".c", ".h"))}
            named = set(re.findall(r"\b[a-z][a-z0-9_]*\b", text)) & stems
            words = re.findall(r"(?:^|[,;:])\s*([a-z_0-9]+)(?=\s*[,;:\n]|\s*$)", text)
            self.assertEqual([word for word in words if word not in stems], [], folder)
            kin = tuple(name + "_" for name in named)
            self.assertEqual([stem for stem in stems if stem not in named and not stem.startswith(kin)], [], folder)

    @understudy_only
    def test_pages_name_every_subcommand_of_mock(self):
        lines = [line.decode() for line in self.connect().value("MOCK", "HELP")[1:]]
        names = {line.split()[0] for line in lines if not line.startswith(" ")}
        self.assertEqual({name for name in listed() if "mock|" in name}, {"mock|" + name.lower() for name in names})
        readme = read("README.md")
        self.assertEqual([name for name in sorted(names) if not re.search(r"`MOCK %s\b" % name, readme)], [])

    @understudy_only
    def test_manual_and_summary_name_every_option_of_ours(self):
        ours = {name for name, row in directives().items() if row[1]}
        texts = (read("docs", "understudy.1").replace("\\-", "-"), run_program("--help").stdout.decode())
        for text in texts:
            self.assertEqual([name for name in sorted(ours) if not re.search(r"--%s\b(?!-)" % name, text)], [])

    @understudy_only
    def test_rules_of_faults_on_the_page_are_taken(self):
        client = self.connect()
        self.assertGreater(len(rules()), 5)
        for rule in rules():
            self.assertEqual(client.value("MOCK", "FAULT", "ADD", "f", *shlex.split(rule)), b"OK", rule)

    def test_links_between_the_pages_lead_somewhere(self):
        for page in pages():
            for link, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", read(page)):
                path = os.path.join(os.path.dirname(page), link) if link else page
                self.assertTrue(os.path.exists(os.path.join(ROOT, path)), "%s: %s" % (page, link))
                if anchor:
                    self.assertIn(anchor, anchors(read(path)), "%s: %s" % (page, link))


if __name__ == "__main__":
    unittest.main()
