# SPDX-License-Identifier: MIT
"""Fixtures for pytest: one understudy for the tests of a process, every test with a fresh state.

Copy this file beside conftest.py, and say there

    pytest_plugins = ["understudy_fixtures"]

The program is the one that UNDERSTUDY names, or `understudy` on PATH. Needs redis-py.
"""

import os
import subprocess

import pytest
import redis


@pytest.fixture(scope="session")
def understudy_options():
    """Override it with more words for the server's command line: ["--emulate", "7.0"]."""
    return []


@pytest.fixture(scope="session")
def understudy_data():
    """Override it with a function of a client that makes what every test shall find."""
    return None


@pytest.fixture(scope="session")
def understudy_address(understudy_options, understudy_data):
    """(host, port) of a server that lives as long as the session, and never longer."""
    command = [os.environ.get("UNDERSTUDY", "understudy"), "--port", "0", "--exit-with-parent"]
    command += ["--ready-fd", "1", "--logfile", "/dev/null"]  # standard output: "host port"
    with subprocess.Popen(command + understudy_options, stdout=subprocess.PIPE, text=True) as server:
        try:
            host, port = server.stdout.readline().split()
            if understudy_data:
                with redis.Redis(host=host, port=int(port), decode_responses=True) as client:
                    understudy_data(client)
                    client.execute_command("MOCK SNAPSHOT", "SAVE", "data")
            yield host, int(port)
        finally:
            server.terminate()


@pytest.fixture
def redis_client(understudy_address, understudy_data):
    """A client of a server that no test has changed."""
    host, port = understudy_address
    with redis.Redis(host=host, port=port, decode_responses=True) as client:
        if understudy_data:
            client.execute_command("MOCK FAULT", "CLEAR")
            client.execute_command("MOCK GATE", "CLEAR")
            client.execute_command("MOCK VERIFY", "CLEAR")
            client.execute_command("MOCK SNAPSHOT", "RESTORE", "data")
        else:
            client.execute_command("MOCK", "RESET")
        yield client


class Clock:
    """The server's clock, in milliseconds since the epoch."""

    def __init__(self, client):
        self.client = client

    def __getattr__(self, name):
        """freeze([ms]), set(ms), advance(ms), next(), rate(factor), resume(), get()"""
        return lambda *words: self.client.execute_command("MOCK CLOCK", name.upper(), *words)


@pytest.fixture
def clock(redis_client):
    """Time stands still from here on, until the test moves it."""
    clock = Clock(redis_client)
    clock.freeze()
    return clock


class Faults:
    def __init__(self, client):
        self.client = client

    def add(self, name, *rule):
        """faults.add("lost", "COMMAND", "set", "TIMES", 1, "NOREPLY", "AFTER")"""
        self.client.execute_command("MOCK FAULT", "ADD", name, *rule)

    def hits(self, name):
        """How often it has struck."""
        for fault in self.client.execute_command("MOCK FAULT", "LIST"):
            fields = dict(zip(fault[::2], fault[1::2]))
            if fields["name"] == name:
                return fields["hits"]
        raise KeyError(name)

    def clear(self):
        self.client.execute_command("MOCK FAULT", "CLEAR")


@pytest.fixture
def faults(redis_client):
    return Faults(redis_client)
