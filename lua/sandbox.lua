-- SPDX-License-Identifier: MIT
-- The globals of a script. What is not named here does not exist for it: io, os, debug, package,
-- print, require, dofile, loadfile, setfenv, getfenv, newproxy.
--
-- `native` has what is written in C (src/script/sandbox.c); `version` is the emulated one: 0x702.
-- Returns the table behind _G. Tables go into it as views, which cannot be written to.
local native, version = ...

local base = {
    "_VERSION", "assert", "collectgarbage", "error", "gcinfo", "ipairs", "rawequal", "select",
    "tonumber", "tostring", "type", "unpack",
}
local replaced = {
    "getmetatable", "load", "loadstring", "next", "pairs", "pcall", "rawget", "rawset",
    "setmetatable", "xpcall",
}
local libraries = {"bit", "cjson", "cmsgpack", "coroutine", "math", "struct", "table"}

table.insert = native.insert
table.foreach = native.foreach
math.random = native.random
math.randomseed = native.randomseed

local globals = {}
for _, name in ipairs(base) do
    globals[name] = _G[name]
end
for _, name in ipairs(replaced) do
    globals[name] = native[name]
end
for _, name in ipairs(libraries) do
    globals[name] = native.view(_G[name])
end
globals.string = native.string_view -- the one that getmetatable("").__index gives
globals.redis = native.view(native.redis)
globals.__redis__err__handler = native.handle_error

if version < 0x700 then
    globals.pcall = pcall -- what is raised is a text, or it is the script's own table
end
if version >= 0x704 then
    globals.os = native.view({clock = os.clock})
end

return globals
