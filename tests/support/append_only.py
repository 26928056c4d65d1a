# SPDX-License-Identifier: MIT
"""Append-only files: what is in a server's directory, and in its files.

    files = Files(server.directory)
    files.manifest()                # [("appendonly.aof.1.base.rdb", 1, "b"), ...]
    files.take()                    # commands appended since the last call: [[b"SET", b"k", b"v"], ...]
"""

import os


def parse(data):
    """The commands in the bytes of a file; a time stamp is a list of one word that begins with #."""
    commands, at = [], 0
    while at < len(data):
        end = data.index(b"\n", at)
        line, at = data[at:end].rstrip(b"\r"), end + 1
        if line.startswith(b"#"):
            commands.append([line])
            continue
        if not line.startswith(b"*"):
            raise ValueError("no command at %r" % data[at - 1 - len(line) : at + 60])
        words = []
        for _ in range(int(line[1:])):
            end = data.index(b"\n", at)
            size, at = int(data[at + 1 : end]), end + 1
            words.append(data[at : at + size])
            at += size + 2
        commands.append(words)
    return commands


class Files:
    def __init__(self, directory, folder="appendonlydir", prefix="appendonly.aof"):
        self.folder = os.path.join(directory, folder)
        self.prefix = prefix
        self.path, self.read = None, 0

    def names(self):
        return sorted(os.listdir(self.folder)) if os.path.isdir(self.folder) else []

    def manifest(self):
        with open(os.path.join(self.folder, self.prefix + ".manifest"), encoding="utf-8") as file:
            lines = [line.split() for line in file]
        return [(words[1], int(words[3]), words[5]) for words in lines]

    def of(self, kind):
        """Paths of base ("b"), increments ("i") or history ("h")."""
        return [os.path.join(self.folder, name) for name, _, part in self.manifest() if part == kind]

    def take_bytes(self):
        """What the last increment has got since the last call."""
        path = self.of("i")[-1]
        if path != self.path:
            self.path, self.read = path, 0
        with open(path, "rb") as file:
            file.seek(self.read)
            data = file.read()
        self.read += len(data)
        return data

    def take(self):
        return parse(self.take_bytes())
