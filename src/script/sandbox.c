/* SPDX-License-Identifier: MIT */
#include "script/sandbox.h"

#include <lauxlib.h>
#include <lua-bitop.h>
#include <lua-cjson.h>
#include <lualib.h>

#include "base/check.h"
#include "reply/errors.h"
#include "script/chunk.h"
#include "script/direct_globals.h"
#include "script/guards.h"
#include "script/interpreter_private.h"
#include "script/lib_cmsgpack.h"
#include "script/lib_struct.h"
#include "script/lua_sources.h"
#include "script/readonly.h"
#include "script/redis_api.h"
#include "script/script_errors.h"

/* __index behind _G. */
static int refuse_unknown_global(lua_State *L)
{
    if (lua_gettop(L) != 2)
        return luaL_error(L, ERROR_LUA_GLOBAL_ARGUMENTS);
    if (!lua_isstring(L, 2))
        return luaL_error(L, ERROR_LUA_GLOBAL_NAME);
    return luaL_error(L, ERROR_LUA_NO_SUCH_GLOBAL, lua_tostring(L, 2));
}

static int view(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    readonly_push_view(L, 1);
    return 1;
}

static void open_library(lua_State *L, lua_CFunction open, const char *name)
{
    lua_pushcfunction(L, open);
    lua_pushstring(L, name);
    lua_call(L, 1, 1);
    if (*name)
        lua_setglobal(L, name);
    else
        lua_pop(L, 1);
}

static void open_libraries(lua_State *L)
{
    open_library(L, luaopen_base, "");
    open_library(L, luaopen_table, LUA_TABLIBNAME);
    open_library(L, luaopen_string, LUA_STRLIBNAME);
    open_library(L, luaopen_math, LUA_MATHLIBNAME);
    open_library(L, luaopen_os, LUA_OSLIBNAME);
    open_library(L, luaopen_cjson, "cjson");
    open_library(L, luaopen_bit, "bit");
    open_library(L, lib_struct_open, "struct");
    open_library(L, lib_cmsgpack_open, "cmsgpack");
}

/* Pushes what getmetatable("") shows: a view of {__index = view of string}. The real metatable
 * reads from the real table, which is faster. Also pushes the view of string, below it. */
static void push_string_views(lua_State *L)
{
    lua_getglobal(L, LUA_STRLIBNAME);
    readonly_push_view(L, -1);
    lua_newtable(L);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "__index");
    readonly_push_view(L, -1);
    lua_remove(L, -2);
    lua_remove(L, -3);
}

static const luaL_Reg functions[] = {
    {"view", view},
    {"load", chunk_lua_load},
    {"loadstring", chunk_lua_loadstring},
    {"pcall", script_errors_pcall},
    {"xpcall", script_errors_xpcall},
    {"handle_error", script_errors_handle},
    {"random", redis_api_random},
    {"randomseed", redis_api_randomseed},
    {NULL, NULL},
};

/* Pushes the table that sandbox.lua knows as `native`. */
static void push_native(lua_State *L)
{
    push_string_views(L);
    readonly_push_functions(L, -1);
    lua_remove(L, -2);
    lua_insert(L, -2);
    lua_setfield(L, -2, "string_view");
    for (const luaL_Reg *function = functions; function->name; function++) {
        lua_pushcfunction(L, function->func);
        lua_setfield(L, -2, function->name);
    }
    redis_api_push(L);
    lua_setfield(L, -2, "redis");
}

/* Runs sandbox.lua: pushes the table of globals that scripts get. */
static void push_globals(lua_State *L)
{
    const struct engine *engine = interpreter_of(L)->engine;
    struct bytes source = bytes_of(lua_source_sandbox, lua_source_sandbox_size);
    int status = chunk_load(L, source, "@sandbox.lua");
    CHECK(status == 0);
    push_native(L);
    lua_pushnumber(L, (lua_Number)(engine->version >> 8)); /* 7.2 is 0x702 */
    lua_call(L, 2, 1);
}

void sandbox_push_strict_view(lua_State *L)
{
    lua_newtable(L);
    lua_pushcfunction(L, refuse_unknown_global);
    lua_setfield(L, -2, "__index");
    readonly_push_view(L, -1);
    readonly_push_view_with_metatable(L, -3, -1);
    lua_remove(L, -2);
    lua_insert(L, -2);
    lua_setmetatable(L, -3);
}

static void refer(lua_State *L, enum interpreter_reference reference)
{
    CHECK(luaL_ref(L, LUA_REGISTRYINDEX) == (int)reference);
}

void sandbox_open(lua_State *L)
{
    CHECK(lua_gettop(L) == 0);
    open_libraries(L);
    guards_install(L);
    push_globals(L);
    sandbox_push_strict_view(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, SLOT_GLOBALS, "_G");
    lua_replace(L, LUA_GLOBALSINDEX);
    direct_globals_push(L, SLOT_GLOBALS);
    refer(L, REFERENCE_DIRECT);
    lua_pushliteral(L, "KEYS");
    refer(L, REFERENCE_KEYS);
    lua_pushliteral(L, "ARGV");
    refer(L, REFERENCE_ARGV);
    lua_createtable(L, INTERPRETER_NAMES, 0);
    refer(L, REFERENCE_NAMES);
    lua_newtable(L);
    lua_newtable(L);
    lua_pushcfunction(L, script_errors_handle);
    CHECK(lua_gettop(L) == SLOT_COUNT);
}
