#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures understudy and redis-server side by side and prints ratios, each with its aim.

    tests/bench/run.py --binary build/understudy [--rounds 5] [--quick] [--only NAME]

Both servers are measured in turn within each round, so that what else the machine does hits both;
the table shows medians over the rounds. The last column compares the processor time that the servers
took for the same work, which suffers less from what else runs. Requests come from redis-benchmark;
where that is the bottleneck itself they come from load_driver: for deep pipelines, and for long
replies, since it makes an object of each element that it reads. Nothing here is a test: the exit
status is 0 whatever the ratios are.
"""

import argparse
import os
import shutil
import statistics
import sys

sys.dont_write_bytecode = True

import servers  # noqa: E402 (beside this file)

GET_SCRIPT = "return redis.call('get', KEYS[1])"
UNLOCK_SCRIPT = """if redis.call('get', KEYS[1]) == ARGV[1] then
  return redis.call('del', KEYS[1])
else
  return 0
end"""

# Fill one key, or keys, with ARGV[1] elements in batches.
FILLS = {
    "hashes": """for i = 1, ARGV[1] do
  redis.call('hset', 'hash:' .. string.format('%08d', i), 'field1', 'value1', 'field2', i,
             'field3', 'value3:' .. i, 'field4', 'v', 'field5', 'some more text')
end""",
    "hash": """for i = 1, ARGV[1] do redis.call('hset', KEYS[1], 'field:' .. i, 'value:' .. i) end""",
    "list": """for first = 1, ARGV[1], 1000 do
  local batch = {}
  for i = first, math.min(first + 999, ARGV[1]) do batch[#batch + 1] = 'element:' .. i end
  redis.call('rpush', KEYS[1], unpack(batch))
end""",
    "set": """for first = 1, ARGV[1], 1000 do
  local batch = {}
  for i = first, math.min(first + 999, ARGV[1]) do batch[#batch + 1] = ARGV[2] .. i end
  redis.call('sadd', KEYS[1], unpack(batch))
end""",
    "sorted set": """for first = 1, ARGV[1], 1000 do
  local batch = {}
  for i = first, math.min(first + 999, ARGV[1]) do
    batch[#batch + 1] = i
    batch[#batch + 1] = 'member:' .. i
  end
  redis.call('zadd', KEYS[1], unpack(batch))
end""",
}


def milliseconds(value):
    return "%.2f ms" % (value * 1000)


def megabytes(value):
    return "%.2f MB" % (value / 1e6)


def per_second(value):
    return "%.0f/s" % value


def bytes_each(value):
    return "%.1f B" % value


KEY = "key:__rand_int__"
ONE_KEY = ("redis.call('set', KEYS[1], ARGV[1])", KEY, "xxx")
TWENTY = [word for i in range(20) for word in ("field:%d" % i, "value:%d" % i)]
HASH_OF_20 = ("redis.call('hset', KEYS[1], unpack(ARGV))", "k", *TWENTY)
LIST = (FILLS["list"], "list")
SORTED_SET = (FILLS["sorted set"], "sorted", "1000000")
TWO_SETS = (FILLS["set"].replace("KEYS[1]", "'set:1'") + " " + FILLS["set"].replace("KEYS[1]", "'set:2'")
            .replace("ARGV[2] .. i", "ARGV[2] .. i * 2"), "set:1", "100000", "member:")
BITS = ("redis.call('setbit', KEYS[1], 100 * 1024 * 1024 * 8 - 1, 1)", "bits")
LONG_SCRIPT = "\n".join("local function f%d(x) return x + %d end" % (i % 150, i) if i < 150
                        else "if KEYS[%d] == 'x%d' then redis.call('get', 'x') end" % (i, i)
                        for i in range(1000))


def pushed(bench, *words):
    return bench.requests(1000000, 50, *words, keys=100000)


# Name, how to measure, how to print, the aim for understudy / redis-server, and whether more is better.
MEASUREMENTS = (
    ("start to first PONG", lambda b: b.start_time(), milliseconds, 0.25, False),
    ("idle memory", lambda b: b.idle_memory(), megabytes, 0.33, False),
    ("GET, 50 clients", lambda b: b.requests(200000, 1, "GET", KEY, fill=ONE_KEY),
     per_second, 1.0, True),
    ("SET, 50 clients", lambda b: b.requests(200000, 1, "SET", KEY, "xxx"), per_second, 1.0, True),
    ("GET, 50 clients, pipelines of 50",
     lambda b: b.requests(1000000, 50, "GET", KEY, fill=ONE_KEY), per_second, 1.3, True),
    ("SET, 50 clients, pipelines of 50", lambda b: b.requests(1000000, 50, "SET", KEY, "xxx"),
     per_second, 1.3, True),
    ("GET, the same, load_driver", lambda b: b.driven(2000000, 50, "GET", KEY, fill=ONE_KEY),
     per_second, 1.3, True),
    ("SET, the same, load_driver", lambda b: b.driven(2000000, 50, "SET", KEY, "xxx"),
     per_second, 1.3, True),
    ("LPUSH, pipelines of 50", lambda b: pushed(b, "LPUSH", "list", "xxx"), per_second, 1.2, True),
    ("HSET, pipelines of 50", lambda b: pushed(b, "HSET", "hash", "field:__rand_int__", "xxx"),
     per_second, 1.2, True),
    ("SADD, pipelines of 50", lambda b: pushed(b, "SADD", "set", "member:__rand_int__"),
     per_second, 1.2, True),
    ("ZADD, pipelines of 50",
     lambda b: pushed(b, "ZADD", "sorted", "__rand_int__", "member:__rand_int__"),
     per_second, 1.2, True),
    ("XADD, pipelines of 50", lambda b: pushed(b, "XADD", "stream", "*", "field", "value"),
     per_second, 1.2, True),
    ("LRANGE of 600, load_driver",
     lambda b: b.driven(100000, 1, "LRANGE", "list", "0", "599", fill=LIST + ("1000",)),
     per_second, 1.3, True),
    ("ZRANGEBYSCORE of 100 out of a million",
     lambda b: b.driven(200000, 1, "ZRANGEBYSCORE", "sorted", "500000", "500099", fill=SORTED_SET),
     per_second, 1.2, True),
    ("SINTERCARD of two sets of 100,000",
     lambda b: b.duration("SINTERCARD", "2", "set:1", "set:2", fill=TWO_SETS, times=20),
     milliseconds, 0.83, False),
    ("SINTERSTORE of the same",
     lambda b: b.duration("SINTERSTORE", "set:3", "set:1", "set:2", fill=TWO_SETS, times=5),
     milliseconds, 0.83, False),
    ("BITCOUNT of 100 MB", lambda b: b.duration("BITCOUNT", "bits", fill=BITS, times=5),
     milliseconds, 1.0, False),
    ("EVALSHA of one GET, pipelines of 50",
     lambda b: b.driven(500000, 50, "EVALSHA", ("SHA", GET_SCRIPT), "1", KEY, fill=ONE_KEY),
     per_second, 2.5, True),
    ("EVALSHA of the unlock script, the same",
     lambda b: b.driven(500000, 50, "EVALSHA", ("SHA", UNLOCK_SCRIPT), "1", KEY, "other",
                        fill=ONE_KEY), per_second, 2.5, True),
    ("redis.call('get') in one script",
     lambda b: b.script(1000000, "redis.call('get', KEYS[1])",
                        fill=("redis.call('set', KEYS[1], 'xxx')", "k")), per_second, 2.5, True),
    ("redis.call('incr') in one script",
     lambda b: b.script(1000000, "redis.call('incr', 'n')"), per_second, 2.5, True),
    ("redis.call('hgetall') of 20 fields",
     lambda b: b.script(100000, "redis.call('hgetall', KEYS[1])", fill=HASH_OF_20),
     per_second, 2.0, True),
    ("redis.call('lrange') of 1,000 elements",
     lambda b: b.script(3000, "redis.call('lrange', 'list', 0, -1)", fill=LIST + ("1000",)),
     per_second, 2.0, True),
    ("SCRIPT LOAD of 1,000 lines",
     lambda b: b.duration("SCRIPT", "LOAD", LONG_SCRIPT, times=20), milliseconds, 1.0, False),
    ("back to 100,000 keys, 100 changed", lambda b: b.restoring(100000, 100),
     milliseconds, 0.05, False),
    ("memory of an EVALed script",
     lambda b: b.many_scripts(10000, "return %d"), bytes_each, 1.0, False),
    ("memory of a small string key",
     lambda b: b.memory(1000000, """for i = 1, ARGV[1] do
  local number = string.format('%08d', i)
  redis.call('set', 'key:' .. number, 'value:' .. number)
end"""), bytes_each, 0.7, False),
    ("memory of a 5-field hash", lambda b: b.memory(1000000, FILLS["hashes"]),
     bytes_each, 0.8, False),
    ("memory of a field of a hash", lambda b: b.memory(1000000, FILLS["hash"]),
     bytes_each, 0.8, False),
    ("memory of a set's member", lambda b: b.memory(1000000, FILLS["set"], "member:"),
     bytes_each, 0.8, False),
    ("memory of a sorted set's member", lambda b: b.memory(1000000, FILLS["sorted set"]),
     bytes_each, 0.8, False),
    ("memory of a list's element", lambda b: b.memory(10000000, FILLS["list"]),
     bytes_each, 0.8, False),
)

# The same of one server without and with what a test may switch on: the aim is for with / without.
OWN_MEASUREMENTS = (
    ("GET, pipelines of 50, recording",
     lambda b: b.with_and_without(lambda c: c.driven(2000000, 50, "GET", KEY, fill=ONE_KEY),
                                  "--mock-calls-max", "10000"), per_second, 0.8, True),
    ("GET, pipelines of 50, report",
     lambda b: b.with_and_without(lambda c: c.driven(2000000, 50, "GET", KEY, fill=ONE_KEY),
                                  "--report", "/dev/null"), per_second, 0.5, True),
)


def shown_processor_ratio(bench):
    """How many times the work of the oracle ours does in the same processor time."""
    oracle, subject = (bench.processor_times[which] for which in bench.both)
    if not oracle or not subject or not statistics.median(subject):
        return ""
    return "%5.2f" % (statistics.median(oracle) / statistics.median(subject))


def report(bench, name, medians, show, aim, more_is_better):
    if medians is None:
        print("%-38s not measured" % name, flush=True)
        return
    oracle, subject = medians
    ratio = subject / oracle
    is_met = ratio >= aim if more_is_better else ratio <= aim
    print(
        "%-38s %12s %12s   %5.2f   %s %.2f  %-7s %s"
        % (name, show(oracle), show(subject), ratio, ">=" if more_is_better else "<=", aim,
           "ok" if is_met else "MISSED", shown_processor_ratio(bench) if more_is_better else ""),
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default="build/understudy")
    parser.add_argument("--oracle", default="redis-server")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a tenth of the requests")
    parser.add_argument("--only", default="", help="measurements whose name contains this")
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    for needed in (options.oracle, "redis-benchmark"):
        if not shutil.which(needed):
            sys.exit("bench: %s is not installed" % needed)
    driver = os.path.join(os.path.dirname(options.binary), "tests/bench/load_driver")
    options.driver = driver if os.path.exists(driver) else None
    bench = servers.Bench(options)
    for measurements, heads in ((MEASUREMENTS, (bench.oracle.name, bench.subject.name)),
                                (OWN_MEASUREMENTS, ("without", "with"))):  # fmt: skip
        wanted = [row for row in measurements if options.only in row[0]]
        if wanted:
            print("%-38s %12s %12s   ratio   aim              CPU" % ("", *heads))
        for name, measure, show, aim, more_is_better in wanted:
            report(bench, name, measure(bench), show, aim, more_is_better)


if __name__ == "__main__":
    main()
