# SPDX-License-Identifier: MIT
"""EVAL and its kin: conversions, errors and their positions, the sandbox, cjson, the script cache."""

import hashlib

from conformance.generators import lua_scripts
from conformance.grammar import Command, Step

ALONE = True  # its own steps call the commands of the other families

TABLE = """
3 SET <key> <value>
2 RPUSH <key> ( <element> )+
HSET <key> <field> <value>
SADD <key> <int_member>
ZADD <key> <score> <member>
2 GET <key>
DEL <key>
SCRIPT EXISTS { abc | e0e1f9fabfc9d4800c877a703b823ac0578ff8db | 5332031c6b470dc5a0dd9b4bf2030dea6d65de91 }
SCRIPT { FLUSH | FLUSH ASYNC | FLUSH SYNC | FLUSH FOO | FOO | LOAD | EXISTS | KILL }
EVALSHA { abc | e0e1f9fabfc9d4800c877a703b823ac0578ff8db | E0E1F9FABFC9D4800C877A703B823AC0578FF8DB } { 0 | 1 <key> | 2 <key> }
EVAL return { 0 | -1 | abc | 5 | 1 } <key>
EVAL
EVAL return
SCRIPT
"""

# Values, conversions and errors: each with any keys and arguments. Raising an empty table is left
# out, since it ends the oracle with a segmentation fault.
SNIPPETS = r"""
return 1
return 3.99
return -3.99
return 1e15
return 2^53
return 2^63
return -2^63
return 1/0
return 0/0
return 'text'
return ''
return 'a\0b\r\nc'
return nil
return false
return true
return {}
return {1,2,3}
return {1,2,nil,4}
return {1,{2,{3,{4,'x'}}},'y',false,true,2.7}
return {nil,1}
return {ok='fine'}
return {ok='with\r\nbreaks'}
return {err='ERR mine'}
return {err='no code'}
return {err='-DASH mine'}
return {err=''}
return {err='a\r\nb'}
return {ok=1}
return {err=1}
return {ok='a', err='b'}
return {1, 2, ok='a'}
return {double=3.5}
return {map={a=1}}
return {set={a=true}}
return {big_number='12345678901234567890'}
return {verbatim_string={format='txt', string='hello'}}
return {double='x'}
return {foo=1}
return {1,2,foo=3}
return function() end
return redis
return {{}, {{}}, {1}}
return KEYS
return ARGV
return {#KEYS, #ARGV}
return KEYS[1]
return ARGV[1]
return {KEYS[1], ARGV[1], KEYS[2], ARGV[2]}
return KEYS[100]
return #ARGV[1]
return tonumber(ARGV[1])
return tostring(tonumber(ARGV[1]))
return ARGV[1] + 1
return ARGV[1] .. 1
return 10 / 3
return tostring(10 / 3)
return tostring(1e15) .. tostring(1e16) .. tostring(1e100) .. tostring(-0.0)
return tostring(nil) .. tostring(true)
return type(redis) .. type(KEYS) .. type(cjson) .. type(bit) .. type(struct) .. type(cmsgpack)
return redis.error_reply('MY error')
return redis.error_reply('lower')
return redis.error_reply('')
return redis.error_reply('-MINUS x')
return redis.error_reply('two words here')
return redis.error_reply()
return redis.error_reply(1)
return redis.error_reply({})
return redis.error_reply('a', 'b')
return redis.status_reply('GOOD')
return redis.status_reply('')
return redis.status_reply()
return redis.status_reply({})
return {redis.status_reply('A'), redis.error_reply('B c')}
return redis.status_reply('A')['ok']
return redis.error_reply('A b')['err']
return redis.sha1hex('')
return redis.sha1hex(ARGV[1] or 'x')
return redis.sha1hex(1)
return redis.sha1hex()
return redis.sha1hex({})
return redis.sha1hex('a', 'b')
return redis.call()
return redis.call('nosuch')
return redis.call('get')
return redis.call('get', 'a', 'b')
return redis.call('set', KEYS[1] or 'k', 1.5)
return redis.call('set', KEYS[1] or 'k', 10)
return redis.call('set', KEYS[1] or 'k', 1e20)
return redis.call('set', KEYS[1] or 'k', 2^53)
return redis.call('set', KEYS[1] or 'k', nil)
return redis.call('set', KEYS[1] or 'k', true)
return redis.call('set', KEYS[1] or 'k', {})
return redis.call('set', 'k', 'v')['ok']
return redis.call({})
return redis.call(nil)
return redis.call(12)
return redis.call('get', KEYS[1])
return redis.call('incr', KEYS[1])
return redis.call('lpush', KEYS[1] or 'g', 'x')
return redis.pcall('incr', KEYS[1] or 's1')
return redis.pcall('get')
return redis.pcall('nosuch', 'x')
return redis.pcall()
return redis.pcall('get', {})
local r = redis.pcall('nosuch') return r.err
local r = redis.pcall('lpush', KEYS[1] or 's1', 'x') return type(r) == 'table' and r.err or r
local r = redis.pcall('get') return {type(r), r.err, r.source == nil, r.line == nil, r.ignore_error_stats_update == nil}
local r = redis.pcall('incr', KEYS[1] or 's1') return {type(r), tostring(type(r) == 'table' and r.err)}
return {pcall(redis.call, 'nosuch')}
local ok, e = pcall(redis.call, 'nosuch') return {ok, type(e), type(e) == 'table' and e.err or e}
local ok, e = pcall(error, 'plain') return {ok, e}
local ok, e = pcall(error, {err='TABLE error'}) return {ok, type(e), e.err}
local ok, e = pcall(function() local x = nil; return x.y end) return e
local ok, e = pcall(function() return nosuch end) return {ok, e}
local ok, e = pcall(function() nosuch = 1 end) return {ok, e}
error('raised')
error('raised', 0)
error('raised', 2)
error({err='ERR from a table'})
error({err='CODE from a table'})
error()
error(nil)
error(12)
error(redis.error_reply('REPLY raised'))
assert(false)
assert(false, 'message')
assert(nil, {err='X y'})
local x = nil return x.y
local x = nil return x()
local x = 5 return x.y
local x = {} return x.y.z
return {} + 1
return 'a' + 1
return #5
return {} < {}
return 1 < 'x'
return 'a' .. {}
return -{}
return nosuch
nosuch = 1
nosuch.x = 1
function nosuch() end
local t = {} ; setmetatable(t, {__index = function() return 7 end}) return t.q
return setmetatable({1,2}, {__index = function(t, i) return i end})
redis.x = 1
redis.call = nil
redis['y'] = 2
string.x = 1
table.insert = nil
KEYS.x = 1
KEYS[1] = 'changed' return KEYS[1]
_G.x = 1
return _G.nosuch
rawset(_G, 'x', 1)
return rawget(_G, 'nosuch')
setmetatable(_G, nil)
return getmetatable(_G) == nil
getmetatable(_G).__index = nil
return getmetatable('').__index == string
print('x')
return os.time()
return type(os.clock())
return type(os)
return os.getenv('HOME')
return io
return require
return require('x')
return loadfile
return dofile
return loadstring('return 1 + 1')()
return loadstring('return (')
return load(function() return nil end)
return collectgarbage('count') > 0
return debug
return package
return newproxy
return module
return getfenv
return setfenv
return type(coroutine) .. type(string.dump)
local c = coroutine.create(function(a) local b = coroutine.yield(a + 1) return b * 2 end) local _, x = coroutine.resume(c, 1) local _, y = coroutine.resume(c, 21) return {x, y}
local c = coroutine.wrap(function() return redis.call('get', 's1') end) return c()
local c = coroutine.create(function() return redis.call('nosuch') end) local ok, e = coroutine.resume(c) return {ok, type(e) == 'table' and e.err or e}
return xpcall(function() error('x') end, function(m) return 'handled ' .. m end)
return select('#', 1, nil, nil)
return {unpack({1, 2, 3})}
return {select(2, 'a', 'b', 'c')}
return {next({})}
local t = {} for i = 1, 300 do t[i] = i end return t
local t = {3, 1, 2} table.sort(t) return t
return table.concat({1, 2, 3}, ',')
return table.concat({1, {}, 3}, ',')
return {string.find('hello world', 'o w')}
return {string.match('key=value', '(%w+)=(%w+)')}
return {string.gsub('hello', 'l', 'L')}
return {string.byte('abc', 1, -1)}
return string.format('%d %5.2f %s %q %x', 42, 3.14159, 'str', 'quo"te\n', 255)
return string.format('%d', 'x')
return string.format('%y', 1)
return string.rep('ab', 3)
return ('x'):upper()
return {math.floor(-3.5), math.ceil(3.2), math.max(1, 5, 3), math.abs(-2), math.fmod(7, 3)}
return tostring(math.pi)
return tostring(math.huge)
return {math.random(1, 1000), math.random(1, 1000), math.random(1, 1000)}
math.randomseed(42) return {math.random(1, 1000000), math.random(1, 1000000)}
return tostring(math.random())
return math.random(0)
return math.random(5, 1)
return cjson.encode({1, 2, 3})
return cjson.encode({a = 1})
return cjson.encode({})
return cjson.encode({a = {b = {c = {1, 2}}}})
return cjson.encode('text "quoted" \n \1 / \\')
return cjson.encode({1.5, 1e20, 100000000000000, 0.1, -0.0})
return cjson.encode({true, false, cjson.null})
return cjson.encode(nil)
return cjson.encode(1/0)
return cjson.encode(0/0)
return cjson.encode({[1] = 1, [3] = 3})
return cjson.encode({[1000000] = 1})
return cjson.encode(function() end)
return cjson.encode({[{}] = 1})
return cjson.encode(ARGV)
return cjson.encode('\255\254')
return cjson.decode('[1, 2, 3, null, "x"]')
return cjson.decode('{"a": [1, 2]}').a
return cjson.decode('{"a": {"b": null}}').a.b == cjson.null
return tostring(cjson.decode('1.5'))
return tostring(cjson.decode('12345678901234567890'))
return cjson.decode('"\\u00e9\\n\\ud83d\\ude00"')
return cjson.decode('{')
return cjson.decode('[1,]')
return cjson.decode('')
return cjson.decode('{"a": nul}')
return cjson.decode('nan')
return cjson.decode('[' .. string.rep('[', 1001) .. ']')
return cjson.decode(ARGV[1])
return cjson.decode()
return cjson.decode(nil)
return type(cjson.new)
cjson.encode_sparse_array(true) return cjson.encode({[10] = 1})
return cjson.encode_max_depth()
return type(cjson.null)
return {bit.band(12, 10), bit.bor(12, 10), bit.bxor(12, 10), bit.lshift(1, 31), bit.rshift(-1, 28), bit.arshift(-16, 2), bit.bnot(0), bit.tobit(2^40 + 5)}
return bit.tohex(255) .. bit.tohex(-1, 4) .. bit.tohex(10, -8)
return bit.band('x', 1)
return bit.rol(1, 33) + bit.ror(1, 1) + bit.bswap(1)
return struct.pack('>I4', 1)
return struct.unpack('>I2', '\1\2')
return {struct.unpack('<i4s', struct.pack('<i4s', -5, 'abc'))}
return struct.size('>I4I2')
return struct.pack('Z', 1)
return cmsgpack.pack({1, 2, 3})
return cmsgpack.pack('text', 1.5, true)
return cmsgpack.unpack(cmsgpack.pack({1, 'b', {3}}))
return cmsgpack.unpack('\193')
return redis.log(redis.LOG_DEBUG, 'x')
return redis.log('x')
return redis.log(10, 'x')
return redis.log()
return {redis.LOG_DEBUG, redis.LOG_VERBOSE, redis.LOG_NOTICE, redis.LOG_WARNING}
return redis.setresp(3)
return redis.setresp(4)
return redis.setresp()
redis.setresp(3) return redis.call('hgetall', KEYS[1] or 'h1')
redis.setresp(3) local r = redis.call('hgetall', KEYS[1] or 'h1') return type(r.map)
redis.setresp(3) return redis.call('zscore', KEYS[1] or 'z1', 'f1')
redis.setresp(3) return redis.call('get', 'none') == nil
redis.setresp(3) return {redis.call('get', 'none'), 1}
redis.setresp(3) local r = redis.call('smembers', 't9') return type(r.set)
return redis.call('get', 'none') == false
return {redis.call('get', 'none'), redis.call('lpop', 'none'), 1}
return {redis.call('mget', 's1', 'none', 's2')}
return redis.call('lrange', KEYS[1] or 'l1', 0, -1)
return redis.replicate_commands()
return redis.set_repl(redis.REPL_ALL)
return redis.set_repl(redis.REPL_NONE)
return redis.set_repl(55)
return redis.set_repl()
return redis.breakpoint()
return redis.debug('x')
return type(redis.acl_check_cmd)
return redis.acl_check_cmd('get', 's1')
return redis.acl_check_cmd('nosuch')
return redis.acl_check_cmd()
return {redis.REDIS_VERSION ~= nil, redis.REDIS_VERSION_NUM ~= nil}
return redis.call('select', 1)
redis.call('select', 1) redis.call('set', 's1', 'in one') return redis.call('get', 's1')
redis.call('select', 16)
return redis.call('multi')
return redis.call('subscribe', 'x')
return redis.call('eval', 'return 1', 0)
return redis.call('auth', 'x')
return redis.call('ping')
return redis.call('ping', 'text')
return redis.call('echo', ARGV[1] or 'e')
return redis.call('config', 'get', 'nosuch')
return redis.call('client', 'getname')
return redis.call('type', KEYS[1] or 's1')
return redis.call('type', KEYS[1] or 's1')['ok']
return redis.call('exists', unpack(KEYS))
return redis.call('object', 'foo', 'x')
return redis.call('object')
return redis.call('TIME')[1] + 0 > 0
redis.call('set', 's1', 'partial') redis.call('incr', 's1') return 1
redis.call('set', 's1', 'partial') error('after a write')
for i = 1, 5 do redis.call('incr', 's9') end return redis.call('get', 's9')
local n = 0 for i = 1, 1000 do n = n + (redis.pcall('incr', 's9').err and 0 or 1) end return n
local t = {} for i = 1, 9000 do t[i] = 'x' end return redis.call('del', unpack(t))
local t = redis.call('keys', '*') return #t
return return
return (
local x =
return 'unfinished
)
@
return 1 --[[ comment ]]
-- only a comment
goto x
return 0x10
return "\065\n"
return [[long
string]]
#!lua name=x
#!lua
#!lua flags=no-writes
#!lua flags=nosuch
#!python
"""

LINES = (
    b"local a = 1\nlocal b = 2\nreturn a.b.c",
    b"\n\n\nreturn nosuch",
    b"-- first\nreturn redis.call('nosuch')",
    b"local function inner()\n  error('inside')\nend\ninner()",
    b"local function inner()\n  return redis.call('incr', 's1', 'extra')\nend\nreturn inner()",
    b"\nlocal x = 1\n\nx = x .. {}",
    b"return\n1 +",
    b"#!lua\nreturn 1",
    b"#!lua flags=no-writes\nreturn redis.call('get', 's1')",
    b"#!lua flags=no-writes\nreturn redis.call('set', 's1', 'x')",
    b"#!lua flags=allow-oom,no-writes\nreturn redis.call('del', 's1')",
    b"#!lua flags=allow-cross-slot-keys,allow-stale,no-cluster\nreturn 2",
    b"#!lua flags=nosuch\nreturn 1",
    b"#!lua name=x\nreturn 1",
    b"#!lua bad\nreturn 1",
    b"#!python\nreturn 1",
    b"#! lua\nreturn 1",
    b"#!lua \x00\nreturn 1",
    b"#!lua\x00 flags=no-writes\nreturn 1",
    b"#!lua \r\nreturn 1",
    b"#!LUA\nreturn 1",
    b"#!lua flags=\nreturn 1",
    b"#!lua flags=,\nreturn 1",
    b"#!lua flags=no-writes,\nreturn 1",
    b"#!lua flags=no-writes flags=allow-oom\nreturn redis.call('set', 's1', 'x')",
    b"#!lua FLAGS=no-writes\nreturn 1",
    b"#!lua flags='no-writes'\nreturn 1",
    b"#!lua \"flags=no-writes\"\nreturn redis.pcall('del', 's1')",
    b"#!lua \"flags\nreturn 1",
    b"#!lua flags=\"no-writes,allow-oom\"\nreturn 1",
    b"#!\nreturn 1",
    b"#!lua flags=no-writes\n\nreturn nosuch",
    b"return 1 \x00 and more",
    b"\xef\xbb\xbfreturn 1",
    b"\x1bLua",
    b"return '\\400'",
    b"return 'un\nfinished'",
    b"#!lua",
    b"",
    b" ",
    b"\x00",
    b"return '\x00\xff'",
)
ALL = tuple(line.encode() for line in SNIPPETS.strip().split("\n")) + LINES

WRAPPERS = (
    b"return redis.call(unpack(ARGV))",
    b"return redis.pcall(unpack(ARGV))",
    b"return {redis.pcall(unpack(ARGV))}",
    b"return {1, redis.pcall(unpack(ARGV)), 'end'}",
    b"redis.setresp(3) return redis.call(unpack(ARGV))",
    b"redis.setresp(3) return redis.pcall(unpack(ARGV))",
    b"redis.setresp(3) return {redis.pcall(unpack(ARGV))}",
    b"local ok, e = pcall(redis.call, unpack(ARGV)) if ok then return e end return {'caught', type(e) == 'table' and e.err or e}",
    b"local r = redis.pcall(unpack(ARGV)) if type(r) == 'table' then return {'table', r.ok or r.err or #r} end return {type(r), tostring(r)}",
)
# Replies that these wrappers leave comparable by the rules of the command within.
TRANSPARENT = WRAPPERS[:2] + WRAPPERS[4:6]
WRAPPED_FAMILIES = ("strings", "hashes", "lists", "sets", "sorted_sets", "generic")
# What is unpredictable stays outside: nested in a table it could not be compared.
PLAINLY = frozenset(
    b"smembers hgetall hkeys hvals sinter sunion sdiff scan sscan hscan zscan keys randomkey spop srandmember"
    b" hrandfield zrandmember dump ttl pttl object sort sort_ro expiretime pexpiretime select swapdb wait".split()
)


def tail(generator):
    random = generator.random
    keys = [generator.pools.pick("key") for _ in range(random.choice((0, 0, 1, 1, 2)))]
    args = [generator.pools.pick("value") for _ in range(random.choice((0, 1, 1, 2)))]
    return [b"%d" % len(keys)] + keys + args


def one(args, like=None):
    return Command(tuple(args), 0, tuple(like or args))


def wrap(command, random, wrappers=None):
    """A command inside a script; None when its reply could not be compared there."""
    name = command.like[0].lower()
    script = random.choice(wrappers or WRAPPERS)
    if name in PLAINLY:
        script = random.choice(TRANSPARENT[:2])
    return one([b"EVAL", script, b"0"] + list(command.args), command.like)


def extra_step(generator, templates):
    """A step of this family; `templates` are those of the other families, by name."""
    random = generator.random
    roll = random.random()
    if roll < 0.4:
        return Step((one([b"EVAL", lua_scripts.generate(random)] + tail(generator)),))
    if roll < 0.65:
        family = random.choice([name for name in WRAPPED_FAMILIES if name in templates] or ["scripting"])
        generator.pools.family = family
        inner = generator.step(random.choice(templates[family]))
        generator.pools.family = "scripting"
        if any(c.args[0].upper() in (b"MULTI", b"EXEC", b"SELECT") for c in inner.commands):
            return inner
        return Step(tuple(wrap(command, random) for command in inner.commands))
    script = random.choice(ALL)
    like = (b"HGETALL",) if b"'hgetall'" in script else None
    if roll < 0.88:
        return Step((one([random.choice((b"EVAL", b"EVAL", b"EVAL", b"EVAL_RO")), script] + tail(generator), like),))
    sha = hashlib.sha1(script).hexdigest().encode()
    run = random.choice((b"EVALSHA", b"EVALSHA_RO", b"evalsha"))
    sha_given = sha.upper() if random.random() < 0.2 else sha
    commands = [one([b"SCRIPT", b"LOAD", script]), one([run, sha_given] + tail(generator), like)]
    if random.random() < 0.3:
        commands.append(one([b"SCRIPT", b"EXISTS", sha, b"f" * 40, sha_given]))
    return Step(tuple(commands))
