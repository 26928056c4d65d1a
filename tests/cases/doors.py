# SPDX-License-Identifier: MIT
"""The ways in which a case reaches a server.

A door holds one server and the clients of one case. `talk(action)` does what the action says and
returns the replies that came, as Reply; `expect(lines)` translates what the file says into what is
seen at this door.
"""

import os
import subprocess

from support.notation import fold_expected, parse_expected, through_script
from support.resp import Connection, ConnectionClosed, ReplyTimeout, encode_command, parse
from support.servers import Server

# Commands that a script may not call, or that are about the connection itself: they go plainly.
NOT_IN_SCRIPTS = frozenset(
    "MULTI EXEC DISCARD WATCH UNWATCH EVAL EVALSHA EVAL_RO EVALSHA_RO SCRIPT FUNCTION FCALL FCALL_RO"
    " AUTH HELLO RESET QUIT CLIENT SELECT SUBSCRIBE UNSUBSCRIBE PSUBSCRIBE PUNSUBSCRIBE SSUBSCRIBE"
    " SUNSUBSCRIBE MONITOR SHUTDOWN DEBUG CONFIG MOCK ACL MODULE SAVE BGSAVE BGREWRITEAOF REPLICAOF"
    " SLAVEOF SYNC PSYNC LATENCY COMMAND INFO WAIT SLOWLOG MEMORY FAILOVER CLUSTER".split()
)
WRAPPER = "return redis.pcall(unpack(ARGV))"
MOST_ARGUMENTS = 1000
BLOCKING_POLLS = 100000


class Closed:
    """Stands in a list of replies for the end of the stream."""

    kind = "closed"


class SocketDoor:
    """RESP2 or RESP3 over the server's socket, as any client would come."""

    def __init__(self, name, binary, case, protocol, oracle=False):
        self.name = name
        self.protocol = protocol
        self.server = Server(binary, case.options(), emulate=case.headers["emulate"], timeout=60)
        self.server.start()
        self.clients = {}
        self.saved = {}
        self.label = "%s, %s" % (name, "oracle" if oracle else "binary")

    def close(self):
        for connection in self.clients.values():
            connection.close()
        self.server.stop()
        return self.server.last_words

    def client(self, name):
        if name not in self.clients:
            self.clients[name] = self.server.connect(self.protocol)
        return self.clients[name]

    def words(self, action):
        words = []
        for word in action.words:
            for name, value in self.saved.items():
                word = word.replace(b"${%b}" % name.encode(), value)
            words.append(word)
        return words

    def talk(self, action, count, blocks=False):
        """Sends, and reads `count` replies (fewer when the stream ends: then a Closed is last)."""
        connection = self.client(action.client)
        waiting = self.blocked_clients() if blocks else 0
        replies = []
        try:
            if action.kind == "raw":
                connection.send(b"".join(self.words(action)))
            elif action.kind == "command":
                connection.send(self.encode(action))
            for _ in range(count):
                replies.append(parse(connection.read_raw()))
        except ConnectionClosed:
            replies.append(Closed)
        if blocks:
            self.await_blocked(waiting + 1)
        return replies

    def encode(self, action):
        return encode_command(self.words(action))

    def is_closed(self, action):
        return self.client(action.client).is_closed_by_server()

    def is_silent(self, action):
        """Whether nothing has come: what is sent now is answered first of all."""
        connection = self.client(action.client)
        return connection.start == len(connection.buffer)

    def blocked_clients(self):
        text = self.client(" observer").value("INFO", "clients")
        text = text[4:] if text.startswith(b"txt:") else text
        return int(text.split(b"blocked_clients:")[1].split(b"\r\n")[0])

    def await_blocked(self, wanted):
        for _ in range(BLOCKING_POLLS):
            if self.blocked_clients() >= wanted:
                return
        raise ReplyTimeout("the client does not block")

    def expect(self, lines, is_own):
        expected = parse_expected(lines)
        return fold_expected(expected) if self.protocol == 2 else expected


class ScriptDoor(SocketDoor):
    """Each command that a script may call goes through redis.pcall and back."""

    def __init__(self, name, binary, case, oracle=False):
        super().__init__(name, binary, case, 2, oracle)
        self.in_multi = set()
        self.wrapped = False
        self.goes_plain = False

    def encode(self, action):
        words = self.words(action)
        name = action.name
        plain = self.goes_plain or name in NOT_IN_SCRIPTS or action.client in self.in_multi
        self.wrapped = not plain and len(words) < MOST_ARGUMENTS
        if name == "MULTI" and len(words) == 1:
            self.in_multi.add(action.client)
        elif name in ("EXEC", "DISCARD", "RESET"):
            self.in_multi.discard(action.client)
        if self.wrapped:
            words = [b"EVAL", WRAPPER, b"0"] + words
        return encode_command(words)

    def talk(self, action, count, blocks=False):
        self.wrapped = False
        self.goes_plain = blocks
        return super().talk(action, count, blocks)

    def expect(self, lines, is_own):
        expected = fold_expected(parse_expected(lines))
        return through_script(expected) if self.wrapped and not is_own else expected


class PipeStream:
    """The standard streams of a program, with the methods of a socket that Connection uses."""

    def __init__(self, process):
        self.process = process

    def settimeout(self, _):
        pass

    def sendall(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def recv(self, size):
        return os.read(self.process.stdout.fileno(), size)

    def close(self):
        self.process.stdin.close()


class InProcessDoor(SocketDoor):
    """The engine without a network: a program that speaks RESP on its standard streams."""

    def __init__(self, program, case):
        self.name = "inprocess"
        self.label = "inprocess"
        self.protocol = 2
        self.saved = {}
        options = ["--emulate", case.headers["emulate"]] + case.options()
        self.process = subprocess.Popen(
            [program] + options, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.clients = {"": Connection(PipeStream(self.process))}

    def close(self):
        self.clients[""].close()
        status = self.process.wait(timeout=60)
        self.process.stdout.close()
        return "" if status == 0 else "%s ended with status %d" % (self.label, status)

    @staticmethod
    def takes(case):
        return case.has_one_client()
