# SPDX-License-Identifier: MIT
"""A proxy before a server, which loses what a network loses: the same faults for every server.

    with Proxy(server) as proxy:
        proxy.order("SET", LOSE_REPLY)
        client.connect("127.0.0.1", proxy.port)
        ...
        proxy.order("EVALSHA", HOLD); proxy.await_held(); proxy.deliver()

An order is for the next request that holds its word, and for one only.
"""

import select
import socket
import threading

from .testing import TIMEOUT

LOSE_REQUEST = "lose request"  # the connection ends before the server has it
LOSE_REPLY = "lose reply"  # the server carries it out, the connection ends without a reply
SWALLOW_REPLY = "swallow reply"  # the same, but the connection stays
HOLD = "hold"  # the server gets it when told (deliver), even if the client is gone by then


class Proxy:
    def __init__(self, server):
        self.server = server
        self.orders = []
        self.held = []
        self.changed = threading.Condition()
        self.wake, self.woken = socket.socketpair()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.pairs = {}  # of sockets, both ways
        self.clients = set()
        self.losing = {}  # the server's side of a connection whose reply is lost: the order
        self.is_ending = False
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_ending = True
        self.wake.send(b"x")
        self.thread.join()
        for sock in [self.listener, self.wake, self.woken, *self.pairs, *(target for target, _ in self.held)]:
            sock.close()

    def order(self, word, action):
        with self.changed:
            self.orders.append((word.encode(), action))

    def is_done(self):
        """Whether all orders have been carried out."""
        with self.changed:
            return not self.orders

    def await_held(self):
        with self.changed:
            assert self.changed.wait_for(lambda: self.held, TIMEOUT), "no such request came"

    def deliver(self):
        """Sends the requests that are held, and returns the server's answers."""
        answers = []
        for target, data in self.held:
            target.settimeout(TIMEOUT)
            target.sendall(data)
            answers.append(target.recv(65536))
            target.close()
        self.held = []
        return answers

    # The thread

    def run(self):
        while True:
            readable, _, _ = select.select([self.listener, self.woken, *self.pairs], [], [])
            if self.is_ending:
                return
            for sock in readable:
                if sock is self.listener:
                    self.accept()
                elif sock in self.pairs:
                    self.pass_on(sock)

    def accept(self):
        client = self.listener.accept()[0]
        target = socket.socket(socket.AF_UNIX)
        try:
            target.connect(self.server.socket_path)
        except OSError:
            client.close()
            return
        self.pairs[client], self.pairs[target] = target, client
        self.clients.add(client)

    def end(self, sock):
        other = self.pairs.pop(sock)
        del self.pairs[other]
        for one in (sock, other):
            self.clients.discard(one)
            self.losing.pop(one, None)
            one.close()

    def pass_on(self, sock):
        other = self.pairs[sock]
        try:
            data = sock.recv(65536)
        except OSError:
            data = b""
        if not data:
            self.end(sock)
        elif sock in self.clients:
            self.pass_request(sock, other, data)
        elif self.losing.get(sock) == LOSE_REPLY:
            self.end(sock)
        elif sock not in self.losing:
            other.sendall(data)

    def pass_request(self, client, target, data):
        action = None
        with self.changed:
            for order in self.orders:
                if order[0] in data:
                    self.orders.remove(order)
                    action = order[1]
                    break
        if action == LOSE_REQUEST:
            self.end(client)
            return
        if action == HOLD:
            self.hold(client, target, data)
            return
        if action:
            self.losing[target] = action
        target.sendall(data)

    def hold(self, client, target, data):
        """The client's connection stays open, to a server that never answers."""
        silent, ours = socket.socketpair()
        del self.pairs[target]
        self.pairs[client], self.pairs[ours] = ours, client
        self.clients.add(client)
        with self.changed:
            self.held.append((target, data))
            self.changed.notify_all()
        self.silent = silent
