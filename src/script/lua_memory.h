/* SPDX-License-Identifier: MIT */
/*
 * The memory of one Lua state. Lua tells the size of what it frees, so small blocks need no header:
 * they come from chunks, by size class, and go back to a list of their class.
 *
 *     struct lua_memory memory;
 *     lua_memory_init(&memory);
 *     lua_State *L = lua_newstate(lua_memory_allocate, &memory);
 *     ...
 *     lua_close(L);
 *     lua_memory_clear(&memory);
 *
 * Between lua_memory_begin_run and lua_memory_end_run a script may take no more than it was given,
 * or gets Lua's "not enough memory". Else, and while a command runs for it, nothing may fail (a Lua
 * error would jump over the command's frame): is_strict then lets the state grow beyond the limit,
 * and a system without memory ends the process.
 *
 * Lua 5.1 does not collect garbage when memory gets short, and after a large block it collects no
 * more than after a small one: so `grew` is told of large ones, to make the collector hurry.
 */
#ifndef UNDERSTUDY_SCRIPT_LUA_MEMORY_H
#define UNDERSTUDY_SCRIPT_LUA_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#define LUA_MEMORY_STEP    16      /* bytes between size classes */
#define LUA_MEMORY_CLASSES 32      /* blocks up to STEP * CLASSES come from chunks */
#define LUA_MEMORY_CHUNK   16384   /* bytes */
#define LUA_MEMORY_LARGE   65536   /* bytes: a block that `grew` is told of */
#define LUA_MEMORY_LEAST   1048576 /* bytes: no run gets less */

struct lua_memory_cell;
struct lua_memory_chunk;

struct lua_memory {
    size_t used;  /* bytes that the state holds */
    size_t limit; /* bytes; SIZE_MAX: none */
    bool is_strict;
    void (*grew)(struct lua_memory *memory); /* NULL, or told of each large block to come */
    struct lua_memory_cell *cells[LUA_MEMORY_CLASSES]; /* free ones, by class */
    char *fresh;                                       /* never used part of the newest chunk */
    size_t fresh_size;
    struct lua_memory_chunk *chunks; /* owned */
};

void lua_memory_init(struct lua_memory *memory);

/* Frees all chunks: the state must be closed. */
void lua_memory_clear(struct lua_memory *memory);

/* From here on the state may hold `allowed` bytes more than now; SIZE_MAX: as many as it likes. */
void lua_memory_begin_run(struct lua_memory *memory, size_t allowed);
void lua_memory_end_run(struct lua_memory *memory);

/* Bytes that the run may still take. */
static inline size_t lua_memory_left(const struct lua_memory *memory)
{
    return memory->used < memory->limit ? memory->limit - memory->used : 0;
}

/* A lua_Alloc; `context` is the struct lua_memory. */
void *lua_memory_allocate(void *context, void *block, size_t old_size, size_t new_size);

#endif
