# SPDX-License-Identifier: MIT
"""--report: what happened in a run, as JSON, as a page, as a text."""

import html.parser
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from support.testing import ServerCase, run_program, understudy_only

BROWSERS = ("chromium", "chromium-headless-shell", "google-chrome", "chromium-browser")

SCRIPT = """\
local function never()
    return 1
end
if ARGV[1] then
    return redis.call('set', KEYS[1], '</script><b>', 'NX')
end
return 0
"""

# What a test suite does: it takes locks, orders faults, runs scripts, and forgets some of it.
COMMANDS = [
    ("CLIENT", "SETNAME", "worker"),
    ("SET", "plain", "1"),
    ("SET", "expiring", "1", "PX", "60000"),
    ("SET", "lock:1", "me", "NX", "PX", "60000"),
    ("SET", "lock:2", "me", "NX", "PX", "60000"),
    ("DEL", "lock:2"),
    ("MOCK", "FAULT", "ADD", "full", "COMMAND", "incr", "ERROR", "OOM none left"),
    ("MOCK", "FAULT", "ADD", "unused", "COMMAND", "decr", "CLOSE", "BEFORE"),
    ("MOCK", "GATE", "ADD", "door", "COMMAND", "decr"),
    ("MOCK", "EXPECT", "counted", "COMMAND", "decr"),
    ("INCR", "plain"),
    ("MOCK", "RESET"),
    ("SET", "plain", "1"),
    ("SET", "lock:1", "me", "NX", "PX", "60000"),
    ("NOSUCH", "<i>"),
    ("GET",),
    ("EVAL", SCRIPT, "1", "from-script"),
    ("MULTI",),
]

SENDER = """
import json, os, socket, sys
sock = socket.create_connection((os.environ["REDIS_HOST"], int(os.environ["REDIS_PORT"])))
for words in json.loads(sys.argv[1]):
    words = [word.encode() for word in words]
    sock.sendall(b"*%d\\r\\n" % len(words) + b"".join(b"$%d\\r\\n%s\\r\\n" % (len(w), w) for w in words))
    assert sock.recv(65536)
print("done")
sys.exit(int(sys.argv[2]))
"""


def find_browser():
    return next(filter(None, map(shutil.which, BROWSERS)), None)


class Page(html.parser.HTMLParser):
    """The report in the page, and whatever the page would fetch."""

    def __init__(self, text):
        super().__init__()
        self.is_within = False
        self.report = ""
        self.fetched = []
        self.open = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.is_within = attributes.get("id") == "report"
        self.fetched += [attributes[name] for name in ("src", "href") if name in attributes]
        self.open.append(tag)

    def handle_endtag(self, tag):
        self.is_within = False
        self.open.append("/" + tag)

    def handle_data(self, data):
        if self.is_within:
            self.report += data


class Report(ServerCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.directory)

    def path(self, name):
        return os.path.join(self.directory, name)

    def run_suite(self, report, commands=COMMANDS, status=0):
        return run_program(
            "run", "--dir", self.directory, "--save", "", "--report", report, "--",
            sys.executable, "-c", SENDER, json.dumps(commands), str(status),
        )  # fmt: skip

    def read(self, name="report.json"):
        with open(self.path(name)) as file:
            return json.load(file)

    def run_to_json(self, commands=COMMANDS):
        done = self.run_suite(self.path("report.json"), commands)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"done\n", b""))
        return self.read()

    @understudy_only
    def test_commands_are_counted_over_resets(self):
        report = self.run_to_json()
        commands = {row["name"]: row for row in report["commands"]}
        self.assertEqual(commands["set"]["calls"], 6)
        self.assertEqual((commands["incr"]["calls"], commands["incr"]["errors"]), (1, 1))
        self.assertNotIn("mock|reset", commands)
        for row in commands.values():
            self.assertLessEqual(row["p50_us"], row["p90_us"])
            self.assertLessEqual(row["p90_us"], row["p99_us"])
            self.assertLessEqual(row["p99_us"], row["max_us"])
            self.assertLessEqual(row["avg_us"], row["max_us"])
        self.assertEqual(report["totals"]["calls"], sum(row["calls"] for row in commands.values()))
        slowest = [row["duration_us"] for row in report["slowest"]]
        self.assertEqual(slowest, sorted(slowest, reverse=True))

    @understudy_only
    def test_errors_and_refusals_have_names(self):
        report = self.run_to_json()
        self.assertEqual(
            report["errors"], [{"command": "incr", "error": "OOM none left", "count": 1}]
        )
        refused = {row["command"]: row for row in report["refused"]}
        self.assertTrue(refused["NOSUCH"]["unknown"])
        self.assertIn("'<i>'", refused["NOSUCH"]["error"])
        self.assertFalse(refused["get"]["unknown"])

    @understudy_only
    def test_leaks_are_locks_lasting_keys_and_open_transactions(self):
        leaks = self.run_to_json()["leaks"]
        self.assertEqual(sorted(lock["key"] for lock in leaks["locks"]), ["lock:1"])
        self.assertEqual([key["key"] for key in leaks["keys"]], ["plain"])
        (client,) = leaks["clients"]
        self.assertEqual((client["name"], client["state"]), ("worker", "MULTI"))

    @understudy_only
    def test_lock_taken_by_a_script_is_a_leak(self):
        leaks = self.run_to_json([("EVAL", SCRIPT, "1", "k", "go")])["leaks"]
        self.assertEqual([(lock["key"], lock["ttl_ms"]) for lock in leaks["locks"]], [("k", None)])

    @understudy_only
    def test_what_was_never_reached_is_listed(self):
        unreached = self.run_to_json()["unreached"]
        self.assertEqual(unreached["faults"], ["unused"])
        self.assertEqual(unreached["gates"], ["door"])
        self.assertEqual(unreached["expectations"], ["counted"])
        self.assertEqual([one["name"] for one in unreached["functions"]], ["never"])
        self.assertEqual([one["lines"] for one in unreached["lines"]], [[2, 5]])

    @understudy_only
    def test_scripts_come_with_source_and_hits(self):
        (script,) = self.run_to_json()["scripts"]
        self.assertEqual(script["source"], SCRIPT)
        self.assertEqual(script["hits"][:7], [None, 0, 1, 1, 0, None, 1])
        self.assertEqual((script["lines"], script["hit"]), (5, 3))

    @understudy_only
    def test_timeline_has_all_calls(self):
        report = self.run_to_json()
        (client,) = [row for row in report["timeline"]["clients"] if row["name"] == "worker"]
        self.assertEqual(sum(bin[1] for bin in client["bins"]), report["totals"]["calls"])
        self.assertEqual(sum(bin[3] for bin in client["bins"]), report["totals"]["faults"])
        self.assertLess(client["bins"][-1][0], report["timeline"]["bins"])

    @understudy_only
    def test_exit_status_is_the_commands(self):
        self.assertEqual(self.run_suite(self.path("report.json"), status=7).returncode, 7)
        self.assertTrue(self.read()["commands"])

    @understudy_only
    def test_text_goes_to_standard_error_alone(self):
        done = self.run_suite("-")
        text = done.stderr.decode()
        self.assertEqual((done.returncode, done.stdout), (0, b"done\n"))
        self.assertTrue(text.startswith("understudy: "), text)
        for part in ("lock:1", "OOM none left", "never called: never", "NEVER REACHED", "NOT MET", "MULTI"):
            self.assertIn(part, text)

    @understudy_only
    def test_empty_run_has_a_report(self):
        report = self.run_to_json([])
        self.assertEqual((report["commands"], report["scripts"]), ([], []))
        self.assertEqual(self.run_suite(self.path("report.html"), []).returncode, 0)

    @understudy_only
    def test_report_that_cannot_be_written_fails_the_run(self):
        path = self.path("none/report.json")
        done = self.run_suite(path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot write the report %s" % path, done.stderr.decode())

    @understudy_only
    def test_server_by_itself_tells_who_waits_at_its_end(self):
        server = self.start_server("--report", self.path("report.json"))
        clients = [server.connect() for _ in range(3)]
        clients[0].value("SUBSCRIBE", "news")
        clients[1].send(b"BLPOP queue 0\r\n")
        while b"blocked_clients:1" not in clients[2].value("INFO", "clients"):
            pass
        server.process.send_signal(signal.SIGTERM)
        server.process.wait()
        leaks = self.read()["leaks"]
        states = sorted((one["state"], one["command"], one["connected"]) for one in leaks["clients"])
        self.assertEqual(states, [("blocked", "blpop", True), ("subscribed", "subscribe", True)])

    @understudy_only
    def test_seeded_keys_are_no_leaks(self):
        seed = self.path("seed")
        with open(seed, "w") as file:
            file.write("SET seeded 1\n")
        server = self.start_server("--seed-file", seed, "--report", self.path("report.json"))
        with server.connect() as client:
            client.value("SET", "own", "1")
        server.stop()
        self.assertEqual([key["key"] for key in self.read()["leaks"]["keys"]], ["own"])

    @understudy_only
    def test_page_is_whole_by_itself(self):
        self.assertEqual(self.run_suite(self.path("report.html")).returncode, 0)
        with open(self.path("report.html")) as file:
            page = Page(file.read())
        self.assertEqual(page.fetched, [])
        self.assertEqual(page.open[-2:], ["/body", "/html"])
        report = json.loads(page.report)
        self.assertEqual(report["scripts"][0]["source"], SCRIPT)

    @understudy_only
    @unittest.skipUnless(find_browser(), "no browser is installed: chromium or google-chrome")
    def test_browser_shows_the_page(self):
        self.assertEqual(self.run_suite(self.path("report.html")).returncode, 0)
        done = subprocess.run(
            [find_browser(), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
             "--user-data-dir=" + self.path("profile"), "file://" + self.path("report.html")],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip
        shown = done.stdout.decode().partition('<main id="main">')[2].partition("</main>")[0]
        for title in ("Timeline", "Left behind", "Never reached", "Commands", "Slowest calls",
                      "Errors", "Refused", "Faults", "Gates", "Expectations", "Scripts"):  # fmt: skip
            self.assertIn("<h2>%s</h2>" % title, shown)
        self.assertIn('class="missed"', shown)
        self.assertIn('class="hit"', shown)
        self.assertIn("&lt;/script&gt;&lt;b&gt;", shown)
        self.assertIn("<rect", shown)


if __name__ == "__main__":
    unittest.main()
