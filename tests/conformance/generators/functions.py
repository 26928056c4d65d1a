# SPDX-License-Identifier: MIT
"""FUNCTION and FCALL: libraries of a few names that load, clash and replace one another, and calls."""

from conformance.generators.scripting import LINES, SNIPPETS
from conformance.grammar import Command, Step

ALONE = True  # its functions call the commands of the other families

TABLE = """
2 SET <key> <value>
RPUSH <key> ( <element> )+
GET <key>
2 FUNCTION LIST [ LIBRARYNAME { * | l? | L1 | nosuch } ] [ WITHCODE ]
FUNCTION LIST { WITHCODE WITHCODE | LIBRARYNAME | FOO | WITHCODE LIBRARYNAME * }
FUNCTION DELETE { l1 | l2 | l3 | l4 | L1 | nosuch }
FUNCTION { FLUSH | FLUSH ASYNC | FLUSH SYNC | FLUSH FOO | FLUSH SYNC SYNC }
FUNCTION { STATS | KILL | FOO | LOAD | DELETE | RESTORE }
FUNCTION RESTORE <value> [ { FLUSH | APPEND | REPLACE | FOO } ]
FUNCTION LOAD [ { REPLACE | FOO } ] <value>
SCRIPT { FLUSH | KILL }
{ FCALL | FCALL_RO } { f1 | f2 | F3 | f6 | nosuch | "" } { 0 | -1 | abc | 5 | 1 } <key>
FCALL f1
COMMAND GETKEYS { FCALL | FCALL_RO } f1 { 0 | 1 | 2 | x } <key>
"""

LIBRARIES = ("l1", "l2", "l3", "l4")
FUNCTIONS = ("f1", "f2", "f3", "f4", "f5")
FLAGS = ("no-writes", "allow-oom", "allow-stale", "no-cluster", "allow-cross-slot-keys", "NO-WRITES", "nosuch")
# Left out: replies whose order is not defined, and settings of cjson, which the oracle keeps when all
# libraries have gone.
UNFIT = (b"hgetall", b"smembers", b"'keys'", b"cjson.encode_", b"#!")
BODIES = tuple(
    code for code in [line.encode() for line in SNIPPETS.strip().split("\n")] + list(LINES)
    if not any(word in code for word in UNFIT)
)  # fmt: skip
# Run while the library loads.
LOADING = (
    b"redis.call('ping')", b"nosuch()", b"x = 1", b"redis.x = 1", b"local t = _G", b"redis.log(redis.LOG_DEBUG, 'x')",
    b"redis.log()", b"local s = ('x'):rep(3)", b"local s = ('%d'):format('x')", b"error('x')", b"return 1",
    b"redis.register_function()", b"redis.register_function('f1')", b"redis.register_function('a b', function() end)",
    b"redis.register_function{function_name = 'f6'}", b"redis.register_function({}, {})", b"local a = nil; a.b = 1",
    b"redis.register_function('f1', 1)", b"redis.register_function('f1', redis.call)", b"redis.register_function(1, function() return 'one' end)",
    b"redis.register_function('f6', function() end, 1)", b"redis.register_function{function_name = 1, callback = function() end}",
    b"redis.register_function{function_name = 'f6', callback = function() end, flags = 'no-writes'}",
    b"redis.register_function{function_name = 'f6', callback = function() end, flags = {1}}",
    b"redis.register_function{function_name = 'f6', callback = function() end, other = 1}",
    b"redis.register_function{function_name = 'f6', callback = function() end, [1] = 1}", b"redis.register_function{'f6', function() end}",
    b"local ok, e = pcall(redis.register_function, 'a b', function() end) error(e)", b"error({err = 'E x'})", b"error()", b"assert(false)",
    b"local n = 0 redis.register_function('f6', function() n = n + 1 return n end)", b"redis.acl_check_cmd('get')", b"local v = KEYS",
    b"redis.register_function('f6', function() redis.register_function('f7', function() end) end)", b"redis.status_reply('x')",
    b"loadstring(\"redis.register_function('f6', function() return 4 end)\")()", b"getmetatable('').x = 1", b"local v = redis.nosuch",
    b"redis.register_function('f6', function(...) return select('#', ...) end)", b"rawset(_G, 'x', 1)", b"setmetatable(_G, nil)",
    b"redis.setresp(3)", b"local v = redis.REDIS_VERSION_NUM + 1", b"local function f() return f() + 1 end f()",
)  # fmt: skip
HEADERS = (
    b"#!lua name=%s", b"#!LUA name=%s", b"#!lua  NAME=%s ", b"#!lua name='%s'", b"#!js name=%s", b"#!lua", b"#!lua name=%s x",
    b"#!lua name=%s name=%s", b"#!lua name=", b"#!lua name=%s-", b"lua name=%s", b"#!lua engine=lua name=%s", b"#!lua name=%s\r",
    b"#!lua name=\"%s\"", b"#!lua name=\"%s", b"#!lua \"name=%s\"", b"#!lua\x00 name=%s", b"#!lua name=%s\x00", b"#!lua\tname=%s", b"#!",
    b"#!lua name=\"\\x6c1\"", b"#!lua flags=no-writes name=%s", b"#! lua name=%s", b"#!lua =", b"#!lua name =%s",
)  # fmt: skip


def registration(random, name):
    callback = b"function(KEYS, ARGV)\n%s\nend" % random.choice(BODIES)
    if random.random() < 0.5:
        return b"redis.register_function('%s', %s)" % (name, callback)
    parts = [b"function_name = '%s'" % name, b"callback = %s" % callback]
    if random.random() < 0.3:
        parts.append(b"description = %s" % random.choice((b"'what it does'", b"''", b"12", b"'a\\0b'")))
    if random.random() < 0.6:
        count = random.choice((0, 1, 1, 2))
        flags = [random.choice(FLAGS[:5] if random.random() < 0.9 else FLAGS).encode() for _ in range(count)]
        parts.append(b"flags = {%s}" % b", ".join(b"'%s'" % flag for flag in flags))
    return b"redis.register_function{%s}" % b", ".join(parts)


def library(random):
    name = random.choice(LIBRARIES).encode()
    header = HEADERS[0] if random.random() < 0.85 else random.choice(HEADERS)
    lines = [header.replace(b"%s", name)]
    for function in random.sample(FUNCTIONS, random.choice((0, 1, 1, 2, 3))):
        if random.random() < 0.2:
            function = function.upper()
        lines.append(registration(random, function.encode()))
    if random.random() < 0.2:
        lines.insert(random.randrange(1, len(lines) + 1), random.choice(LOADING))
    return b"\n".join(lines)


def crc64(data):
    crc = 0
    for byte in data:
        crc = CRC64_TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc


def crc64_entry(value):
    for _ in range(8):
        value = (value >> 1) ^ (0x95AC9329AC4BC9B5 if value & 1 else 0)
    return value


CRC64_TABLE = tuple(crc64_entry(value) for value in range(256))


def payload(random):
    """What FUNCTION DUMP would give for some libraries, now and then damaged."""
    data = b""
    for _ in range(random.choice((0, 1, 1, 1, 2))):
        code = library(random)
        opcode = b"\xf5" if random.random() < 0.97 else random.choice((b"\xf6", b"\xff", b"\x00", b"\xfa"))
        size = bytes([0x40 | len(code) >> 8, len(code) & 0xFF]) if len(code) < 1 << 14 else b"\x80" + len(code).to_bytes(4, "big")
        data += opcode + size + code
    if random.random() < 0.03:
        data = data[: random.randrange(len(data) + 1)]
    data += random.choice((10, 10, 10, 10, 10, 10, 9, 11)).to_bytes(2, "little")
    data += crc64(data).to_bytes(8, "little")
    if random.random() < 0.03:
        at = random.randrange(len(data))
        data = data[:at] + bytes([data[at] ^ random.choice((1, 128, 255))]) + data[at + 1 :]
    return data


def one(*args):
    return Command(tuple(args), 0, tuple(args))


def call(generator):
    random = generator.random
    keys = [generator.pools.pick("key") for _ in range(random.choice((0, 0, 1, 1, 2)))]
    args = [generator.pools.pick("value") for _ in range(random.choice((0, 1, 1, 2)))]
    name = random.choice(FUNCTIONS).encode()
    if random.random() < 0.2:
        name = name.upper()
    return one(random.choice((b"FCALL", b"FCALL", b"FCALL", b"FCALL_RO", b"fcall")), name, b"%d" % len(keys), *keys, *args)


def extra_step(generator, templates):
    """A library is loaded or restored, or some functions are called."""
    random = generator.random
    if random.random() < 0.35:
        replaces = (b"REPLACE",) if random.random() < 0.6 else ()
        return Step((one(b"FUNCTION", b"LOAD", *replaces, library(random)),))
    if random.random() < 0.15:
        policy = random.choice(((), (b"FLUSH",), (b"APPEND",), (b"REPLACE",), (b"REPLACE",), (b"replace",), (b"FOO",)))
        return Step((one(b"FUNCTION", b"RESTORE", payload(random), *policy), one(b"FUNCTION", b"LIST", b"WITHCODE")))
    return Step(tuple(call(generator) for _ in range(random.choice((1, 2, 3)))))
