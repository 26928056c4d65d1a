/* SPDX-License-Identifier: MIT */
/*
 * A reply that builds Lua values: what redis.call returns is made by the command itself, with no
 * RESP in between.
 *
 *     lua_reply_begin(&lua_reply, L, protocol);
 *     dispatch_script_call(session, state, argv, argc, &lua_reply.reply, &options);
 *     if (lua_reply_end(&lua_reply)) ...       // the one value stands on top of L; it is an error
 *
 * With protocol 2 (what a script sees unless it calls redis.setresp(3)) null is false, maps are
 * flat arrays, doubles are strings, booleans are 1 and 0. With 3 they are nil, {map={}},
 * {double=1.5} and so on:
 * https://redis.io/docs/latest/develop/interact/programmability/lua-api/#resp3-to-lua
 *
 * Nothing here may raise a Lua error, since it would jump over the frame of the command: the
 * allocator is strict meanwhile, tables are written raw and no key is nil or NaN. The collector may
 * run at any push (LUA_STRESS makes it run at each), which is harmless: all that is being built
 * stands on the stack, and no script can make a finalizer that would call back (newproxy is not in
 * the sandbox).
 */
#ifndef UNDERSTUDY_SCRIPT_LUA_REPLY_H
#define UNDERSTUDY_SCRIPT_LUA_REPLY_H

#include <stdbool.h>

#include <lua.h>

#include "base/number.h"
#include "reply/reply.h"
#include "script/lua_memory.h"

#define LUA_REPLY_DEPTH 64 /* aggregates within one another; the deepest command needs a dozen */

struct lua_reply_frame {
    enum reply_kind kind;
    int table;    /* stack index of the table that gets the elements */
    int count;    /* array elements so far */
    bool has_key; /* a map's key stands on the stack and waits for its value */
};

struct lua_reply {
    struct reply reply; /* first: a struct reply * is a struct lua_reply * */
    lua_State *L;       /* borrowed: the calling coroutine */
    int protocol;       /* 2 or 3 */
    enum number_double_style double_style;
    int depth;
    int start;     /* the stack's height at begin */
    bool is_error; /* the outermost value is an error */
    bool is_short; /* there was no memory for all of it: what is on the stack is of no use */
    const struct lua_memory *memory; /* borrowed; NULL: there is no limit */
    struct lua_reply_frame frames[LUA_REPLY_DEPTH];
};

/* `memory` is the state's, whose limit is kept without raising an error: see is_short. NULL: none.
 */
void lua_reply_init(struct lua_reply *lua_reply, enum number_double_style double_style,
                    const struct lua_memory *memory);

/* L needs LUA_MINSTACK free slots, as every C function has. */
void lua_reply_begin(struct lua_reply *lua_reply, lua_State *L, int protocol);

/* CHECKs that one whole value was answered. True when it is an error: a table with `err`. */
bool lua_reply_end(struct lua_reply *lua_reply);

#endif
