# SPDX-License-Identifier: MIT
"""The first seed job, its first half: state saved and loaded, as JSON and as opaque bytes."""

import json
import os
import unittest
import zlib

import redis

from client_case import ClientCase

STATE = {
    "version": 3,
    "name": "Zoë \"quoted\" \\ \u2028 \U0001f600",
    "ratio": 0.1,
    "large": 2**53,
    "nothing": None,
    "flags": [True, False],
    "nested": {"list": [1, [2, [3]]], "empty": {}, "text": "a\r\nb\tc"},
}


class State(ClientCase):
    def test_json_comes_back_as_it_was(self):
        text = json.dumps(STATE, ensure_ascii=False)
        self.assertTrue(self.client.set("state", text))
        self.assertEqual(json.loads(self.client.get("state")), STATE)
        self.assertEqual(self.client.strlen("state"), len(text.encode()))

    def test_json_comes_back_through_redis_cli(self):
        text = json.dumps(STATE).encode()
        self.assertEqual(self.cli("-x", "SET", "state", stdin=text), b"OK")
        self.assertEqual(json.loads(self.cli("--raw", "GET", "state")), STATE)
        self.assertEqual(json.loads(self.client.get("state")), STATE)

    def test_opaque_bytes_come_back_as_they_were(self):
        for value in (bytes(range(256)), b"", b"\x00", b"\r\n", zlib.compress(b"x" * 10000), os.urandom(1 << 20)):
            self.client.set(b"state\x00\xff", value)
            self.assertEqual(self.client.get(b"state\x00\xff"), value)

    def test_bytes_from_a_stream_to_a_file(self):
        data = bytes(range(256)) * 4000
        self.assertEqual(self.cli("-x", "SET", "blob", stdin=data), b"OK")
        self.assertEqual(self.cli("--raw", "GET", "blob"), data)

    def test_a_hash_holds_the_fields_of_a_state(self):
        fields = {name: json.dumps(value) for name, value in STATE.items()}
        self.assertEqual(self.client.hset("state", mapping=fields), len(fields))
        loaded = {k.decode(): json.loads(v) for k, v in self.client.hgetall("state").items()}
        self.assertEqual(loaded, STATE)

    def test_an_update_survives_a_competitor(self):
        self.client.set("state", json.dumps({"n": 0}))
        rivals = [self.new_client() for _ in range(2)]
        meddled = []

        def add_one(pipe):
            state = json.loads(pipe.get("state"))
            if not meddled:
                meddled.append(rivals[0].set("state", json.dumps({"n": 10})))
            state["n"] += 1
            pipe.multi()
            pipe.set("state", json.dumps(state))

        self.client.transaction(add_one, "state")
        self.assertEqual(json.loads(rivals[1].get("state")), {"n": 11})

    def test_a_version_script_refuses_a_stale_save(self):
        save = self.client.register_script(
            """
            local current = redis.call('get', KEYS[1])
            if current and cjson.decode(current).version ~= tonumber(ARGV[1]) then
                return redis.error_reply('STALE the state has moved on')
            end
            local new = cjson.decode(ARGV[2])
            new.version = tonumber(ARGV[1]) + 1
            redis.call('set', KEYS[1], cjson.encode(new))
            return new.version
            """
        )
        self.assertEqual(save(keys=["state"], args=[0, json.dumps({"x": 1})]), 1)
        self.assertEqual(save(keys=["state"], args=[1, json.dumps({"x": 2})]), 2)
        with self.assertRaisesRegex(redis.ResponseError, "^STALE"):
            save(keys=["state"], args=[1, json.dumps({"x": 3})])
        self.assertEqual(json.loads(self.client.get("state")), {"x": 2, "version": 2})


if __name__ == "__main__":
    unittest.main()
