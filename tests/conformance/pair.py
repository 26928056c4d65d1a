# SPDX-License-Identifier: MIT
"""Two servers that get the same bytes: the oracle and the program under test."""

from support.resp import ConnectionClosed, NotRESP, ReplyTimeout, encode_command, parse
from support.servers import Server, ServerFailed

from . import normalisers

# Stand in a list of raw replies for what came instead of one.
CLOSED = b"(closed)\r\n"
SILENT = b"(no reply)\r\n"
GARBAGE = b"(not RESP)\r\n"
MARKS = (CLOSED, SILENT, GARBAGE)
REPLY_TIMEOUT = 30.0
SCRATCH_DB = b"9"

DEFAULT_LIMITS = (
    b"hash-max-listpack-entries", b"128", b"zset-max-listpack-entries", b"128",
    b"set-max-intset-entries", b"512", b"list-max-listpack-size", b"-2",
    b"stream-node-max-entries", b"100", b"stream-node-max-bytes", b"4096",
)  # fmt: skip
SMALL_LIMITS = (
    b"hash-max-listpack-entries", b"6", b"zset-max-listpack-entries", b"6",
    b"set-max-intset-entries", b"6", b"list-max-listpack-size", b"4",
    b"stream-node-max-entries", b"5", b"stream-node-max-bytes", b"200",
)  # fmt: skip
READERS = {
    b"string": (b"GET",),
    b"hash": (b"HGETALL",),
    b"list": (b"LRANGE", b"0", b"-1"),
    b"set": (b"SMEMBERS",),
    b"zset": (b"ZRANGE", b"0", b"-1", b"WITHSCORES"),
}


def reader(kind, key):
    """The command that reads a whole value."""
    if kind == b"stream":
        return (b"XINFO", b"STREAM", key, b"FULL", b"COUNT", b"0")
    words = READERS.get(kind, (b"TYPE",))
    return (words[0], key) + words[1:]


class Side:
    """One server, an administrator's connection, and the clients of a stream."""

    def __init__(self, binary, options=()):
        self.server = Server(binary, options, emulate="7.0", timeout=REPLY_TIMEOUT)
        self.server.start()
        self.admin = self.server.connect()
        self.settings = self.read_settings()
        self.clients = []

    def open_clients(self, protocol, count):
        self.close_clients()
        self.clients = [self.server.connect(protocol) for _ in range(count)]

    def close_clients(self):
        for client in self.clients:
            client.close()
        self.clients = []

    def ask(self, commands):
        """Raw replies to the administrator's commands."""
        return self.admin.exchange(b"".join(map(encode_command, commands)), len(commands))

    def read_settings(self):
        """What CONFIG GET * answers, as a dictionary."""
        words = [item.value for item in self.admin.command(b"CONFIG", b"GET", b"*").value]
        return dict(zip(words[::2], words[1::2]))

    def restore_settings(self):
        """Gives every directive that a stream has changed its first value back."""
        now = self.read_settings()
        changed = [name for name, value in self.settings.items() if now.get(name) != value]
        self.ask([(b"CONFIG", b"SET", name, self.settings[name]) for name in changed])

    def stop(self):
        self.close_clients()
        self.admin.close()
        self.server.stop()
        return self.server.last_words

    def revive(self):
        """Sees that the server serves. Returns what a dead or hung one left behind, or nothing."""
        self.close_clients()
        try:
            self.restore_settings()  # a password would keep a new administrator out
        except (OSError, ConnectionClosed, ReplyTimeout, AttributeError):
            pass  # late replies to earlier requests are no settings
        self.admin.close()
        report = ""
        try:
            self.admin = self.server.connect()
            self.admin.command("PING")
            return report
        except (OSError, ConnectionClosed):
            report = self.server.crash_report() if not self.server.is_alive() else "it refuses clients"
        except ReplyTimeout:
            report = "%s does not answer\n%s" % (self.server.binary, self.server.output()[-2000:])
            self.server.kill()
        self.restart()
        return report

    def restart(self):
        self.close_clients()
        self.admin.close()
        self.server.stop()
        self.server.start()
        self.admin = self.server.connect()


class Pair:
    def __init__(self, oracle, binary):
        self.ours = Side(oracle)
        self.theirs = Side(binary)
        self.sides = (self.ours, self.theirs)
        self.has_limits = self.theirs.ask([(b"CONFIG", b"SET") + SMALL_LIMITS])[0] == b"+OK\r\n"

    def stop(self):
        """What the program under test said if it did not end cleanly."""
        self.ours.stop()
        return self.theirs.stop()

    def reset(self, protocol, small):
        """Both servers as new, with fresh clients."""
        limits = SMALL_LIMITS if small else DEFAULT_LIMITS
        commands = [(b"FLUSHALL",), (b"SCRIPT", b"FLUSH"), (b"FUNCTION", b"FLUSH"), (b"SELECT", b"0")]
        commands += [
            (b"ACL", b"DELUSER", b"alice", b"bob", b"carol"), (b"ACL", b"LOG", b"RESET"),
            (b"ACL", b"SETUSER", b"default", b"reset", b"on", b"nopass", b"allkeys", b"allchannels", b"allcommands"),
        ]  # fmt: skip
        if self.has_limits:
            commands.append((b"CONFIG", b"SET") + limits)
        for side in self.sides:
            side.restore_settings()
            side.ask(commands)
            side.open_clients(protocol, 2)

    def revive(self):
        """Restarts both if one has died: what math.random gives depends on all that ran before. The
        reports of both sides, empty where all is well."""
        reports = [side.revive() for side in self.sides]
        for side, report in zip(self.sides, reports):
            if any(reports) and not report:
                side.restart()
        return reports

    def run(self, commands):
        """Sends the commands to both, in order whatever their client. Two lists of raw replies."""
        ours, theirs = [], []
        at = 0
        while at < len(commands):
            client = commands[at].client
            end = at
            while end < len(commands) and commands[end].client == client:
                end += 1
            data = b"".join(encode_command(command.args) for command in commands[at:end])
            one, other = self.exchange(client, data, end - at)
            ours += one
            theirs += other
            if one[-1] in MARKS or other[-1] in MARKS:
                break
            at = end
        return ours, theirs

    def exchange(self, client, data, count):
        connections = [side.clients[client] for side in self.sides]
        got = []
        if len(data) < 1 << 15:
            for connection in connections:
                try:
                    connection.send(data)
                except ConnectionClosed:
                    pass
            data = b""
        for connection in connections:
            replies = []
            mark = None
            try:
                replies = connection.exchange(data, count)
            except ConnectionClosed as problem:
                replies, mark = problem.replies, CLOSED
            except ReplyTimeout as problem:
                replies, mark = problem.replies, SILENT
            except NotRESP as problem:
                replies, mark = problem.replies, GARBAGE
            got.append(replies + [mark] * (count - len(replies)))
        return got

    def ask(self, commands):
        """The administrator's commands on both sides: two lists of raw replies."""
        return [side.ask(commands) for side in self.sides]

    def lacks(self, names):
        """Those of the command names that the program under test does not have."""
        commands = [(b"COMMAND", b"INFO", name.encode()) for name in names]
        replies = [parse(raw) for raw in self.theirs.ask(commands)]
        missing = []
        for name, reply in zip(names, replies):
            if reply.kind == "array" and reply.value and reply.value[0].kind in ("nil", "nil_array"):
                missing.append(name)
        return missing

    def restores_same(self, our_payload, their_payload):
        """Whether both payloads become the same value on both servers."""
        values = []
        for side in self.sides:
            for payload in (our_payload, their_payload):
                setup = [(b"SELECT", SCRATCH_DB), (b"RESTORE", b"x", b"0", payload, b"REPLACE"), (b"TYPE", b"x")]
                kind = parse(side.ask(setup)[2]).value
                value, _ = side.ask([reader(kind, b"x"), (b"DEL", b"x")])
                values.append((kind, parse(value)))
            side.ask([(b"SELECT", b"0")])
        first_kind, first = values[0]
        read = reader(first_kind, b"x")
        return all(kind == first_kind and normalisers.same(read, first, v, self) for kind, v in values)


__all__ = ["MARKS", "Pair", "ServerFailed", "reader"]
