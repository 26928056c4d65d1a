/* SPDX-License-Identifier: MIT */
#include "script/lua_memory.h"

#include <stdint.h>
#include <string.h>

#include "base/memory.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LUA_MEMORY_IS_WATCHED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define LUA_MEMORY_IS_WATCHED 1
#endif

struct lua_memory_cell {
    struct lua_memory_cell *next;
};

struct lua_memory_chunk {
    struct lua_memory_chunk *next;
    void *padding; /* keeps the cells at multiples of 16 */
    char cells[];
};

void lua_memory_init(struct lua_memory *memory)
{
    *memory = (struct lua_memory){.limit = SIZE_MAX, .is_strict = true};
}

void lua_memory_clear(struct lua_memory *memory)
{
    struct lua_memory_chunk *chunk = memory->chunks;
    while (chunk) {
        struct lua_memory_chunk *next = chunk->next;
        memory_free(chunk);
        chunk = next;
    }
    lua_memory_init(memory);
}

void lua_memory_begin_run(struct lua_memory *memory, size_t allowed)
{
    if (allowed < LUA_MEMORY_LEAST)
        allowed = LUA_MEMORY_LEAST;
    memory->limit = allowed < SIZE_MAX - memory->used ? memory->used + allowed : SIZE_MAX;
    memory->is_strict = false;
}

void lua_memory_end_run(struct lua_memory *memory)
{
    memory->limit = SIZE_MAX;
    memory->is_strict = true;
}

static bool is_small(size_t size)
{
#ifdef LUA_MEMORY_IS_WATCHED
    (void)size;
    return false; /* the sanitizer sees each block */
#else
    return size <= (size_t)LUA_MEMORY_STEP * LUA_MEMORY_CLASSES;
#endif
}

/* `size` is above 0. */
static size_t class_of(size_t size)
{
    return (size - 1) / LUA_MEMORY_STEP;
}

static void *take_fresh_cell(struct lua_memory *memory, size_t size)
{
    if (memory->fresh_size < size) {
        struct lua_memory_chunk *chunk = memory_allocate(LUA_MEMORY_CHUNK);
        chunk->next = memory->chunks;
        memory->chunks = chunk;
        memory->fresh = chunk->cells;
        memory->fresh_size = LUA_MEMORY_CHUNK - sizeof *chunk;
    }
    void *cell = memory->fresh;
    memory->fresh += size;
    memory->fresh_size -= size;
    return cell;
}

static void *take(struct lua_memory *memory, size_t size)
{
    if (!is_small(size))
        return memory_allocate(size);
    size_t class = class_of(size);
    struct lua_memory_cell *cell = memory->cells[class];
    if (!cell)
        return take_fresh_cell(memory, (class + 1) * LUA_MEMORY_STEP);
    memory->cells[class] = cell->next;
    return cell;
}

static void give_back(struct lua_memory *memory, void *block, size_t size)
{
    if (!is_small(size)) {
        memory_free(block);
        return;
    }
    size_t class = class_of(size);
    struct lua_memory_cell *cell = block;
    cell->next = memory->cells[class];
    memory->cells[class] = cell;
}

/* NULL: the run may not have so much. `size` is small. */
static inline void *take_new(struct lua_memory *memory, size_t size)
{
    if (!memory->is_strict && size > lua_memory_left(memory))
        return NULL;
    memory->used += size;
    size_t class = class_of(size);
    struct lua_memory_cell *cell = memory->cells[class];
    if (!cell)
        return take_fresh_cell(memory, (class + 1) * LUA_MEMORY_STEP);
    memory->cells[class] = cell->next;
    return cell;
}

void *lua_memory_allocate(void *context, void *block, size_t old_size, size_t new_size)
{
    struct lua_memory *memory = context;
    if (!block && is_small(new_size) && new_size > 0) /* by far most calls are this and the next */
        return take_new(memory, new_size);
    if (new_size == 0) {
        if (block)
            give_back(memory, block, old_size);
        memory->used -= old_size;
        return NULL;
    }
    if (new_size > old_size && !memory->is_strict && new_size - old_size > lua_memory_left(memory))
        return NULL;
    if (new_size >= LUA_MEMORY_LARGE && new_size > old_size && memory->grew)
        memory->grew(memory);
    memory->used += new_size - old_size;
    if (!block)
        return take(memory, new_size);
    if (!is_small(old_size) && !is_small(new_size))
        return memory_resize(block, new_size);
    if (is_small(old_size) && is_small(new_size) && class_of(old_size) == class_of(new_size))
        return block;
    void *moved = take(memory, new_size);
    memcpy(moved, block, old_size < new_size ? old_size : new_size);
    give_back(memory, block, old_size);
    return moved;
}
