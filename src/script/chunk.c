/* SPDX-License-Identifier: MIT */
/*
 * lua_load takes bytecode when the first byte is ESC. Such a byte is handed on as another control
 * character, so that the parser refuses it at the right place, and named ESC in the message.
 */
#include "script/chunk.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include <lauxlib.h>

#include "script/interpreter_private.h"
#include "script/long_brackets.h"

#define STAND_IN "\x1c" /* shown as char(28); ESC is char(27) */

/* The lexer counts the equals signs of a long bracket in an int and doubles that (CVE-2025-46819).
 */
#define LONGEST_TEXT ((size_t)INT_MAX / 2 - 2) /* bytes */

struct source {
    struct bytes text; /* what is left */
    size_t size;       /* of what was read */
    bool has_started;
    bool is_bytecode;
};

static const char *start(struct source *source, struct bytes piece)
{
    if (source->has_started || piece.size == 0)
        return piece.data;
    source->has_started = true;
    if (piece.data[0] != LUA_SIGNATURE[0])
        return piece.data;
    source->is_bytecode = true;
    return STAND_IN;
}

static void add_size(lua_State *L, struct source *source, size_t size)
{
    if (size > LONGEST_TEXT - source->size)
        luaL_error(L, "chunk too long");
    source->size += size;
}

static const char *read_text(lua_State *L, void *context, size_t *size)
{
    struct source *source = context;
    add_size(L, source, source->text.size);
    struct bytes piece = source->text;
    source->text = bytes_of(NULL, 0);
    const char *data = start(source, piece);
    *size = source->is_bytecode ? sizeof STAND_IN - 1 : piece.size;
    return piece.size ? data : NULL;
}

/* The message on top names the stand-in: "...near 'char(28)'". */
static void name_escape(lua_State *L)
{
    luaL_gsub(L, lua_tostring(L, -1), "char(28)", "char(27)");
    lua_remove(L, -2);
}

/* The parser makes a string of the name and does not hold it (CVE-2025-49844): the one below what
 * was loaded is the same, and held. */
static int finish_load(lua_State *L, int status, const struct source *source)
{
    lua_remove(L, -2);
    if (status != 0 && source->is_bytecode && lua_isstring(L, -1))
        name_escape(L);
    return status;
}

/* The chunk's name is on top. */
static int load_text(lua_State *L, struct bytes text, const char *name)
{
    struct buffer unnested = {0};
    struct source source = {.text = text};
    if (text.size <= LONGEST_TEXT && long_brackets_unnest(text, &unnested))
        source.text = buffer_bytes(&unnested);
    int status = lua_load(L, read_text, &source, name);
    buffer_clear(&unnested);
    return finish_load(L, status, &source);
}

int chunk_load(lua_State *L, struct bytes text, const char *name)
{
    struct interpreter *interpreter = interpreter_of(L);
    lua_pushstring(L, name);
    interpreter_begin_memory(interpreter); /* only lua_load catches its errors */
    int status = load_text(L, text, name);
    lua_memory_end_run(&interpreter->memory);
    return status;
}

static int push_outcome(lua_State *L, int status)
{
    if (status == 0)
        return 1;
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
}

int chunk_lua_loadstring(lua_State *L)
{
    size_t size;
    const char *text = luaL_checklstring(L, 1, &size);
    const char *name = luaL_optstring(L, 2, text);
    lua_pushstring(L, name);
    return push_outcome(L, load_text(L, bytes_of(text, size), name));
}

/* Calls the function at index 1; the piece it returns is kept at index 3 while it is read. */
static const char *read_pieces(lua_State *L, void *context, size_t *size)
{
    struct source *source = context;
    luaL_checkstack(L, 2, "too many nested functions");
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1)) {
        *size = 0;
        return NULL;
    }
    if (!lua_isstring(L, -1))
        luaL_error(L, "reader function must return a string");
    lua_replace(L, 3);
    struct bytes piece;
    piece.data = lua_tolstring(L, 3, &piece.size);
    add_size(L, source, piece.size);
    bool had_started = source->has_started;
    const char *data = start(source, piece);
    *size = data == piece.data || had_started ? piece.size : sizeof STAND_IN - 1;
    return piece.size ? data : NULL;
}

int chunk_lua_load(lua_State *L)
{
    const char *name = luaL_optstring(L, 2, "=(load)");
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 3);
    struct source source = {0};
    lua_pushstring(L, name);
    int status = lua_load(L, read_pieces, &source, name);
    return push_outcome(L, finish_load(L, status, &source));
}
