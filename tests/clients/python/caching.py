# SPDX-License-Identifier: MIT
"""redis-py's cache, which the server keeps true, and messages of all kinds under RESP3."""

import os

import redis
from redis.cache import CacheConfig

port = int(os.environ["PORT"])
other = redis.Redis(port=port)


def until(value, ask):
    while ask() != value:
        pass


client = redis.Redis(port=port, protocol=3, cache_config=CacheConfig())
other.set("k", "1")
assert client.get("k") == client.get("k") == b"1"
assert client.get_cache().size == 1
other.set("k", "2")
until(b"2", lambda: client.get("k"))
client.hset("h", "f", "v")
assert client.hgetall("h") == {b"f": b"v"}
assert client.mget("a", "b") == [None, None]
other.mset({"a": 1, "b": 2})
until([b"1", b"2"], lambda: client.mget("a", "b"))
other.flushall()
until({}, lambda: client.hgetall("h"))

for protocol in (2, 3):
    client = redis.Redis(port=port, protocol=protocol)
    pubsub = client.pubsub()
    pubsub.ssubscribe("sharded")
    pubsub.subscribe("plain")
    pubsub.psubscribe("p*n")
    assert {pubsub.get_message(timeout=30)["type"] for _ in range(3)} == {"ssubscribe", "subscribe", "psubscribe"}
    client.spublish("sharded", "1")
    client.publish("plain", "2")
    client.publish("pin", "3")
    heard = [pubsub.get_message(timeout=30) for _ in range(4)]
    assert sorted((m["type"], m["data"]) for m in heard) == [
        ("message", b"2"), ("pmessage", b"2"), ("pmessage", b"3"), ("smessage", b"1"),
    ]  # fmt: skip
    pubsub.close()

script = other.register_script("return redis.call('incrby', KEYS[1], ARGV[1])")
assert script(keys=["n"], args=[2]) == 2
other.script_flush()
pipeline = other.pipeline()
script(keys=["n"], args=[1], client=pipeline)
pipeline.get("n")
assert pipeline.execute() == [3, b"3"]
print("all is well")
