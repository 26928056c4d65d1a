# SPDX-License-Identifier: MIT
"""The second seed job: a script loaded, run by its SHA1, calling back, returning, raising, cjson."""

import hashlib
import json
import os
import unittest

import redis

from client_case import ClientCase

ACCOUNT = """
-- Moves money between two accounts and returns a receipt.
local function balance(key) return tonumber(redis.call('hget', key, 'balance') or 0) end
local amount = tonumber(ARGV[1])
if not amount or amount <= 0 then return redis.error_reply('AMOUNT not a positive number: ' .. ARGV[1]) end
if balance(KEYS[1]) < amount then return redis.error_reply('FUNDS only ' .. balance(KEYS[1]) .. ' left') end
redis.call('hincrby', KEYS[1], 'balance', -amount)
redis.call('hincrby', KEYS[2], 'balance', amount)
redis.call('rpush', 'journal', cjson.encode({amount = amount}))
return {KEYS[1], balance(KEYS[1]), KEYS[2], balance(KEYS[2]), redis.call('llen', 'journal')}
"""
# What a script returns, and what redis-py makes of it.
RETURNS = (
    ("return 42", 42),
    ("return 3.99", 3),
    ("return -3.99", -3),
    ("return 'text'", b"text"),
    ("return 'a\\0b'", b"a\x00b"),
    ("return nil", None),
    ("return false", None),
    ("return true", 1),
    ("return {1, 'two', 3.9, {4}}", [1, b"two", 3, [4]]),
    ("return {1, nil, 3}", [1]),
    ("return {}", []),
    ("return {ok = 'FINE'}", b"FINE"),
    ("return redis.status_reply('FINE')", b"FINE"),
    ("return redis.call('set', 'k', 'v')", b"OK"),
    ("return redis.call('get', 'missing')", None),
    ("return redis.call('get', 'missing') == false", 1),
    ("return redis.call('incr', 'counter')", 1),
    ("return redis.call('mget', 'k', 'missing')", [b"v", None]),
    ("return {KEYS[1], ARGV[1], #KEYS, #ARGV}", [b"key", b"argument", 1, 1]),
    ("return redis.sha1hex('')", b"da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ("return cjson.encode({1, 'a', {b = true}})", b'[1,"a",{"b":true}]'),
    ("return cjson.decode('{\"a\": [10, 20]}').a[2]", 20),
)
# What a script raises: a part of the message.
RAISES = (
    ("return redis.call('nosuch')", "Unknown Redis command called from script"),
    ("return redis.call('get')", "Wrong number of args calling Redis command from script"),
    ("return redis.error_reply('MINE own')", "MINE own"),
    ("return {err = 'MINE own'}", "MINE own"),
    ("error('raised')", "user_script:1: raised"),
    ("error({err = 'CODE raised'})", "CODE raised"),
    ("return nosuch", "Script attempted to access nonexistent global variable 'nosuch'"),
    ("x = 1", "Attempt to modify a readonly table"),
    ("return 1 +", "Error compiling script"),
    ("local x = nil; return x.y", "attempt to index local 'x'"),
    ("return redis.call('lpush', KEYS[1])", "Wrong number of args"),
)


class Scripts(ClientCase):
    def test_loaded_and_run_by_its_sha(self):
        sha = self.client.script_load(ACCOUNT)
        self.assertEqual(sha, hashlib.sha1(ACCOUNT.encode()).hexdigest())
        self.assertEqual(self.client.script_exists(sha, "0" * 40), [True, False])
        self.client.hset("a", "balance", 100)
        receipt = self.client.evalsha(sha, 2, "a", "b", 30)
        self.assertEqual(receipt, [b"a", 70, b"b", 30, 1])
        self.assertEqual(json.loads(self.client.lindex("journal", 0)), {"amount": 30})
        with self.assertRaisesRegex(redis.ResponseError, "^FUNDS only 70 left"):
            self.client.evalsha(sha, 2, "a", "b", 71)
        with self.assertRaisesRegex(redis.ResponseError, "^AMOUNT"):
            self.client.evalsha(sha, 2, "a", "b", "much")
        self.assertEqual(self.client.hget("a", "balance"), b"70")

    def test_loaded_and_run_through_redis_cli(self):
        sha = self.cli("SCRIPT", "LOAD", ACCOUNT).decode()
        self.assertEqual(sha, hashlib.sha1(ACCOUNT.encode()).hexdigest())
        self.assertEqual(self.cli("HSET", "a", "balance", "100"), b"1")
        self.assertEqual(self.cli("EVALSHA", sha, "2", "a", "b", "30"), b"a\n70\nb\n30\n1")
        self.assertIn(b"FUNDS only 70 left", self.cli("EVALSHA", sha, "2", "a", "b", "71", check=False))

    def test_a_script_in_a_file(self):
        path = os.path.join(self.server.directory, "account.lua")
        with open(path, "w", encoding="ascii") as file:
            file.write(ACCOUNT)
        self.cli("HSET", "a", "balance", "100")
        self.assertEqual(self.cli("--eval", path, "a", "b", ",", "30"), b"a\n70\nb\n30\n1")

    def test_each_type_of_return(self):
        for script, wanted in RETURNS:
            with self.subTest(script=script):
                self.assertEqual(self.client.eval(script, 1, "key", "argument"), wanted)
                self.client.flushall()
                self.client.set("k", "v")

    def test_each_kind_of_error(self):
        for script, wanted in RAISES:
            with self.subTest(script=script):
                with self.assertRaises(redis.ResponseError) as caught:
                    self.client.eval(script, 1, "key")
                self.assertIn(wanted, str(caught.exception))

    def test_errors_name_the_script_and_the_line(self):
        script = "local a = 1\nlocal b = 2\nreturn redis.call('incr', KEYS[1])"
        self.client.set("k", "text")
        sha = hashlib.sha1(script.encode()).hexdigest()
        with self.assertRaises(redis.ResponseError) as caught:
            self.client.eval(script, 1, "k")
        self.assertIn("value is not an integer or out of range script: %s, on @user_script:3." % sha, str(caught.exception))

    def test_unknown_sha_is_loaded_by_the_client(self):
        script = self.client.register_script("return {KEYS[1], ARGV[1]}")
        with self.assertRaises(redis.exceptions.NoScriptError):
            self.client.evalsha(script.sha, 0)
        self.assertEqual(script(keys=["a"], args=["b"]), [b"a", b"b"])
        self.client.script_flush()
        self.assertEqual(script(keys=["a"], args=["b"]), [b"a", b"b"])

    def test_scripts_within_a_pipeline(self):
        script = self.client.register_script("return redis.call('incrby', KEYS[1], ARGV[1])")
        with self.client.pipeline() as pipe:
            for number in range(100):
                script(keys=["n"], args=[number], client=pipe)
            replies = pipe.execute()
        self.assertEqual(replies[-1], sum(range(100)))

    def test_a_script_that_calls_back_often(self):
        script = """
        local sum = 0
        for i = 1, 20000 do
            redis.call('set', KEYS[1] .. i % 100, i)
            sum = sum + redis.call('get', KEYS[1] .. i % 100)
        end
        return sum
        """
        self.assertEqual(self.client.eval(script, 1, "k"), sum(range(1, 20001)))

    def test_a_queue_in_lua(self):
        take = self.client.register_script(
            """
            local job = redis.call('lpop', KEYS[1])
            if not job then return false end
            local decoded = cjson.decode(job)
            redis.call('zadd', KEYS[2], decoded.deadline, job)
            redis.call('sadd', KEYS[3], decoded.id)
            return {decoded.id, tostring(decoded.deadline), redis.call('zcard', KEYS[2])}
            """
        )
        for number in (1, 2):
            self.client.rpush("queue", json.dumps({"id": "job%d" % number, "deadline": number * 1.5}))
        keys = ["queue", "running", "seen"]
        self.assertEqual(take(keys=keys), [b"job1", b"1.5", 1])
        self.assertEqual(take(keys=keys), [b"job2", b"3", 2])
        self.assertIsNone(take(keys=keys))
        self.assertEqual(self.client.smembers("seen"), {b"job1", b"job2"})
        self.assertEqual([score for _, score in self.client.zrange("running", 0, -1, withscores=True)], [1.5, 3.0])


if __name__ == "__main__":
    unittest.main()
