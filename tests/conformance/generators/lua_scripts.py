# SPDX-License-Identifier: MIT
"""Random Lua scripts: the libraries and the redis table called with right and wrong arguments, errors of
every kind caught and not, on lines that the messages name. What would show an address is left out."""

NUMBERS = (
    "0 1 -1 2 3 5 7 10 16 31 32 33 127 128 255 256 -128 -129 65535 65536 2147483647 2147483648 -2147483648"
    " 4294967295 4294967296 2^31 2^53 2^53+1 2^63 -2^63 2^64 1e15 1e16 1e100 1e308 -1e308 0.1 0.5 1.5 -2.5"
    " 3.14159 100000.5 1e-7 5e-324 (1/0) (-1/0) (0/0) -0 0x10"
).split()
STRINGS = (
    "''", "'a'", "'text'", "'10'", "'3.5'", "' 7 '", "'0x1f'", "'1e3'", "'nan'", "'-'", "'two words'",
    "'a,b,c'", "'k=v; x=y'", "'%d %s'", "'\\0\\1\\255'", "'line\\nbreak\\r'", "'caf\\195\\169'", "'\"quoted\"'",
    "'[1,2,{\"a\":null}]'", "'{\"a\":[1,2.5,\"x\"],\"b\":{}}'", "'[1e400, -0, 1.0]'", "'\"\\\\u00e9\\\\ud83d\\\\ude00\"'",
    "'[nan, Infinity]'", "'{\"a\":}'", "'\\146\\1\\161a'", "'\\129\\161k\\195'", "'\\203\\63\\248\\0\\0\\0\\0\\0\\0'",
    "('x'):rep(40)", "('ab'):rep(300)",
)  # fmt: skip
TABLES = (
    "{}", "{1, 2, 3}", "{'a', 'b'}", "{1, nil, 3}", "{a = 1}", "{a = {b = {1}}}", "{[1] = 1, [3] = 3}", "{[10] = 1}",
    "{1, 'x', true, {2}}", "{ok = 'FINE'}", "{err = 'MINE failed'}", "{err = 'word'}", "{double = 1.5}",
    "{map = {a = 1}}", "{set = {a = true}}", "{big_number = '123'}", "{verbatim_string = {format = 'txt', string = 's'}}",
    "{[0.5] = 1}", "{[-1] = 1}", "{1, 2, n = 2}", "{{}, {{}}}", "{cjson.null}", "setmetatable({}, {__index = {q = 1}})",
    "{double = -1e300}", "{double = 0/0}", "{big_number = 'a\\r\\nb'}", "{map = {1, 2}}", "{set = {1}}", "{verbatim_string = {string = 's'}}",
    "{verbatim_string = {format = 'long one', string = 's'}}", "{err = 'A b', source = '@zz', line = 99}", "{err = '-A b'}",
    "setmetatable({}, {__index = {err = 'INDEX e'}})", "setmetatable({}, {__index = {ok = 'INDEX'}})", "redis.pcall('get')",
    "{err = 'A b', ignore_error_stats_update = true}", "setmetatable({1}, {__len = function() return 9 end})", "{1, {err = 'I n'}, 2}",
    "{err = 5}", "{ok = {}}", "{err = 'A b', ok = 'C'}", "{true, false}", "{ARGV, KEYS}",
)  # fmt: skip
# {n} a number, {s} a string, {t} a table, {v} any value, {f} a pattern.
CALLS = """
string.sub({s}, {n}, {n})
string.byte({s}, {n}, {n})
string.rep({s}, ({n}) % 7)
string.rep({s}, ({v}) % 9)
string.len({v})
string.upper({v})
string.reverse({s})
string.find({s}, {f}, {n}, {b})
string.match({s}, {f}, {n})
string.gsub({s}, {f}, {s})
string.gsub({s}, {f}, {t}, {n})
string.gsub({s}, {f}, function(x) return {v} end)
string.format('%5.2f|%d|%s|%q|%x|%g', {n}, {v}, {s}, {s}, {n}, {n})
string.format({s}, {v}, {v})
string.format("%i %c %o %e %E %G %u %%", {n}, ({n}) % 256, {n}, {n}, {n}, {n}, {n})
string.char({n}, {n})
table.concat({t}, {s}, {n}, {n})
table.concat({t})
table.maxn({t})
table.getn({t})
table.remove({t}, {n})
table.insert({t}, {v})
table.insert({t}, ({n}) % 5, {v})
unpack({t}, 1, 3)
select({n}, {v}, {v}, {v})
select('#', {v}, {v})
tonumber({v}, {n})
tonumber({s}, ({n}) % 40)
tonumber({v})
tostring(0 + {n})
type({v})
next({t})
rawget({t}, {v})
rawequal({v}, {v})
#({v})
ipairs({v})
math.floor({v})
math.max({n}, {v})
math.fmod({n}, {n})
math.modf({n})
math.frexp({n})
math.ldexp({n}, ({n}) % 50)
math.random(({n}) % 1000)
math.random({n}, {n})
math.random()
math.pow({n}, {n})
math.sqrt({n})
cjson.encode({v})
cjson.encode({t})
cjson.decode({s})
cjson.decode({v})
cjson.decode(cjson.encode({v}))
cmsgpack.pack({v}, {v})
cmsgpack.pack({t})
cmsgpack.unpack(cmsgpack.pack({v}, {v}))
cmsgpack.unpack({s})
cmsgpack.unpack_one({s}, {n})
cmsgpack.unpack_limit({s}, {n}, {n})
struct.pack({p}, {n}, {v}, {n})
struct.pack({p}, {n}, {n}, {n}, {n})
struct.unpack({p}, {s}, {n})
struct.unpack({p}, {s})
struct.size({p})
bit.band({n}, {v})
bit.bor({n}, {n}, {n})
bit.bxor({n})
bit.bnot({v})
bit.lshift({n}, {n})
bit.arshift({n}, {n})
bit.rol({n}, {n})
bit.bswap({n})
bit.tobit({v})
bit.tohex({n}, ({n}) % 12 - 6)
redis.sha1hex({v})
redis.sha1hex({v}, {v})
redis.pcall('debug', 'protocol', 'map')
redis.pcall('debug', 'protocol', 'set')
redis.pcall('debug', 'protocol', 'double')
redis.pcall('debug', 'protocol', 'bignum')
redis.pcall('debug', 'protocol', 'verbatim')
redis.pcall('debug', 'protocol', 'attrib')
redis.pcall('debug', 'protocol', 'true')
redis.pcall('debug', 'protocol', 'null')
cjson.encode_sparse_array({v}, {n}, {n}), cjson.encode_sparse_array(false, 2, 10)
cjson.encode_max_depth({v}), cjson.encode_max_depth(1000)
cjson.decode_max_depth({n}), cjson.decode_max_depth(1000)
cjson.encode_number_precision({n}), cjson.encode_number_precision(14)
cjson.encode_keep_buffer({v}), cjson.encode_keep_buffer(true)
cjson.encode_invalid_numbers({v}), cjson.encode_invalid_numbers(false)
cjson.decode_invalid_numbers({v}), cjson.decode_invalid_numbers(true)
loadstring('\\n\\nreturn ... .. {}', '=named')({v})
loadstring('\\nerror(...)', '@file')(tostring({s}))
loadstring('\\nerror(...)', 'a chunk')(tostring({s}), {n})
xpcall(function() return {v} .. {v} end, __redis__err__handler)
coroutine.wrap(function() return redis.pcall('get', {v}) end)()
string.gsub({s}, '.', function() error(tostring({s})) end)
table.sort({{3, 2, 1}}, function() error(tostring({s})) end)
string.gmatch({s}, {f})()
string.format('%{n}d', {n})
string.format('%.{n}g|%-9s|%+d|% x', {n}, {s}, {n}, {n})
select(-1, {v}, {v})
table.foreach({t}, function(k, v) return v end)
tostring({n} / {n})
redis.error_reply({v})
redis.status_reply({v})
redis.setresp({v})
redis.log({v}, {s})
redis.log(redis.LOG_DEBUG, {v})
redis.set_repl({v})
redis.replicate_commands()
redis.breakpoint()
redis.debug({s})
redis.acl_check_cmd({s}, {v})
redis.acl_check_cmd('set', {v})
redis.pcall({v}, {v})
redis.call({v})
redis.call('set', KEYS[1] or 's1', {v})
redis.pcall('set', 's1', {n})
redis.call('get', KEYS[1] or 's1')
redis.pcall('incrby', 's1', {v})
redis.call('incrbyfloat', 's1', {n})
redis.pcall('lpush', 'l1', {v}, {v})
redis.pcall('lrange', 'l1', 0, {n})
redis.pcall('hset', 'h1', {v}, {v})
redis.pcall('hget', 'h1', {s})
redis.pcall('zadd', 'z1', {n}, {s})
redis.pcall('zscore', 'z1', {s})
redis.pcall('zrange', 'z1', 0, -1, 'withscores')
redis.pcall('sismember', 't1', {v})
redis.pcall('mget', {v}, {v})
redis.call('nosuch', {v})
redis.pcall('subscribe', {s})
redis.pcall('get')
redis.call('type', 's1')
loadstring({s})
loadstring('return ' .. {s})
loadstring('return ...')
load(function() return nil end)
getmetatable({v})
setmetatable({t}, {v})
setmetatable({t}, {{__index = {t}}}).a
assert({v}, {s})
assert({v})
pcall(error, {v})
pcall(redis.call, {s}, {v})
pcall({v})
pcall(string.rep)
xpcall(function() return {v} .. {v} end, function(e) return type(e) end)
coroutine.wrap(function(...) return {v} end)({v})
coroutine.resume(coroutine.create(function() return {v} + {v} end))
coroutine.status(coroutine.create(function() end))
coroutine.running()
type(collectgarbage('step'))
nosuch
nosuch.x
_G.nosuch
_G.redis == redis
""".strip().split("\n")
PATTERNS = ("'.'", "'%w+'", "'(%w+)=(%w+)'", "'[abc]'", "'^a'", "'x$'", "'()'", "''", "'a*'", "'%'", "'['", "'(.-),'", "'%d'", "'%s+'", "10")  # fmt: skip
FORMATS = (
    "'>I2'", "'<i4'", "'b'", "'BBB'", "'hHlL'", "'!4bi'", "'>d'", "'f'", "'s'", "'c3'", "'c0'", "'i1i8'", "'I16'",
    "'x<hxx'", "'T'", "'I3'", "'i33'", "'Z'", "'!3'", "''", "' > i2 '", "'bc0'", "'!i'", "'i99999999999'", 5,
)  # fmt: skip
# What the function result goes through, so that all of it can be seen without an address.
SHOW = """local function show(v, depth)
  if type(v) == 'table' then
    if depth > 4 then return '...' end
    local keys, out = {}, {}
    for k in pairs(v) do keys[#keys + 1] = type(k) .. ':' .. (type(k) == 'table' and '' or tostring(k)) end
    table.sort(keys)
    for i = 1, #keys do out[i] = keys[i] end
    for i = 1, #v do out[#out + 1] = show(v[i], depth + 1) end
    for _, name in ipairs({'err', 'ok', 'a', 'b', 'map', 'set', 'double', 'q', 'source', 'line'}) do
      local x = rawget(v, name)
      if x ~= nil then out[#out + 1] = name .. '=' .. show(x, depth + 1) end
    end
    return '{' .. table.concat(out, ',') .. '}'
  end
  if type(v) == 'function' or type(v) == 'thread' or type(v) == 'userdata' then return type(v) end
  return type(v) .. ' ' .. tostring(v)
end
local function all(...)
  local out = {}
  for i = 1, select('#', ...) do out[i] = show((select(i, ...)), 0) end
  return out
end
"""
# A table without a text in `err` ends the oracle when it is raised.
SAFE = """local function safe(x)
  if type(x) == 'table' and type(rawget(x, 'err')) ~= 'string' then return {err = 'SAFE error'} end
  if type(x) == 'function' or type(x) == 'userdata' or type(x) == 'thread' then return type(x) end
  return x
end
"""
FRAMES = (
    "return {0}",
    "return {0}",
    "return {{{0}, {1}}}",
    "return all({0})",
    "return all({0}, {1})",
    "return all(pcall(function() return {0} end))",
    "return all(pcall(function()\n  local x = {0}\n  return x, {1}\nend))",
    "local a = {0}\nlocal b = {1}\nreturn all(a, b)",
    "local a = {0}\n\nif a then\n  return {1}\nend\nreturn {0}",
    "local function inner(x)\n  return {0}\nend\nlocal r = inner({1})\nreturn r",
    "local function inner(x)\n  return {0}\nend\nreturn inner({1})",
    "for i = 1, 2 do\n  local x = {0}\nend\nreturn {1}",
    "error(safe({1}))",
    "local ok, e = pcall(function() error({0}) end)\nreturn all(ok, e)",
    "local ok, e = pcall(error, {0}, {1})\nreturn all(ok, e)",
    "error(safe({0}), 2)",
    "local c = coroutine.wrap(function(a)\n  local b = coroutine.yield({0})\n  return {1}\nend)\nlocal x = c(1)\nreturn all(x, c(2))",
    "redis.setresp(3)\nreturn {0}",
    "redis.setresp(3)\nreturn {{{0}, {1}}}",
    "redis.setresp(3)\nreturn all({0}, {1})",
    "return xpcall(function() return {0} end, function(e) return pcall(function() return {1} end) end)",
    "return {0} + {1}",
    "return {0} .. {1}",
    "return {0} < {1}",
    "return all({0} == {1})",
    "return ({0}).x.y",
    "return {0}\n\n  , {1}",
    "#!lua flags=no-writes\nreturn {0}",
    "#!lua\nlocal a = {0}\nreturn {1}",
    "local t = {0}\nt.x = {1}\nreturn t",
    "{0}",
    "x = {0}",
)


class Script:
    def __init__(self, random):
        self.random = random

    def value(self, depth=0):
        roll = self.random.random()
        if roll < 0.3:
            return self.random.choice(NUMBERS)
        if roll < 0.5:
            return self.random.choice(STRINGS)
        if roll < 0.65:
            return self.random.choice(TABLES)
        if roll < 0.8:
            return self.random.choice(("nil", "true", "false", "KEYS[1]", "ARGV[1]", "#ARGV", "cjson.null"))
        if depth < 2:
            return "(" + self.call(depth + 1) + ")"
        return self.random.choice(NUMBERS)

    def call(self, depth=0):
        text = self.random.choice(CALLS)
        out = []
        while True:
            head, brace, text = text.partition("{")
            out.append(head)
            if not brace:
                return "".join(out)
            if text.startswith("{"):
                out.append("{")
                text = text[1:]
                continue
            out.append(self.slot(text[0], depth))
            text = text[2:]

    def slot(self, kind, depth):
        choices = {"n": NUMBERS, "s": STRINGS, "t": TABLES, "f": PATTERNS, "p": FORMATS, "b": ("true", "false", "nil")}
        if kind in choices and self.random.random() < 0.95:
            return str(self.random.choice(choices[kind]))
        return self.value(depth)

    def frame(self):
        frame = self.random.choice(FRAMES)
        parts = [self.call() if self.random.random() < 0.75 else self.value() for _ in range(2)]
        return frame.replace("{{", "\1").replace("}}", "\2").replace("{0}", parts[0]).replace("{1}", parts[1]).replace("\1", "{").replace("\2", "}")  # fmt: skip


def generate(random):
    """The text of one script."""
    text = Script(random).frame()
    prefix = (SHOW if "all(" in text else "") + (SAFE if "safe(" in text else "")
    first, newline, rest = text.partition("\n")
    if first.startswith("#!"):
        return (first + newline + prefix + rest).encode("latin-1")
    return (prefix + text).encode("latin-1")
