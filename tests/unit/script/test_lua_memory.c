/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "script/lua_memory.h"

#define BLOCKS 500

struct block {
    unsigned char *data;
    size_t size;
    unsigned char mark;
};

static void expect_marked(const struct block *block)
{
    for (size_t i = 0; i < block->size; i++)
        assert_int_equal(block->data[i], block->mark);
}

static void resize(struct lua_memory *memory, struct block *block, size_t size)
{
    block->data = lua_memory_allocate(memory, block->data, block->size, size);
    size_t kept = block->size < size ? block->size : size;
    for (size_t i = 0; i < kept; i++)
        assert_int_equal(block->data[i], block->mark);
    if (size)
        memset(block->data, block->mark, size);
    block->size = size;
}

static void blocks_keep_their_bytes_and_never_overlap(void **state)
{
    struct lua_memory memory;
    struct block blocks[BLOCKS] = {0};
    struct random random;
    (void)state;
    lua_memory_init(&memory);
    random_seed(&random, 1);
    for (int i = 0; i < BLOCKS; i++)
        blocks[i].mark = (unsigned char)i;
    for (int step = 0; step < 50000; step++) {
        struct block *block = &blocks[random_below(&random, BLOCKS)];
        size_t limit = random_below(&random, 4) ? 200 : 2000;
        expect_marked(block);
        resize(&memory, block, random_below(&random, limit));
    }
    size_t used = 0;
    for (int i = 0; i < BLOCKS; i++) {
        expect_marked(&blocks[i]);
        used += blocks[i].size;
    }
    assert_int_equal(memory.used, used);
    for (int i = 0; i < BLOCKS; i++)
        resize(&memory, &blocks[i], 0);
    assert_int_equal(memory.used, 0);
    lua_memory_clear(&memory);
}

static void blocks_are_aligned_for_any_type(void **state)
{
    struct lua_memory memory;
    (void)state;
    lua_memory_init(&memory);
    for (size_t size = 1; size < 1000; size++) {
        void *block = lua_memory_allocate(&memory, NULL, 0, size);
        assert_int_equal((uintptr_t)block % _Alignof(max_align_t), 0);
        lua_memory_allocate(&memory, block, size, 0);
    }
    lua_memory_clear(&memory);
}

static void beyond_the_limit_there_is_none_unless_strict(void **state)
{
    struct lua_memory memory;
    (void)state;
    lua_memory_init(&memory);
    memory.limit = 1000;
    memory.is_strict = false;
    void *block = lua_memory_allocate(&memory, NULL, 0, 900);
    assert_non_null(block);
    assert_null(lua_memory_allocate(&memory, NULL, 0, 101));
    assert_null(lua_memory_allocate(&memory, block, 900, SIZE_MAX / 2));
    memory.is_strict = true;
    void *other = lua_memory_allocate(&memory, NULL, 0, 101);
    assert_non_null(other);
    memory.is_strict = false;
    block = lua_memory_allocate(&memory, block, 900, 800);
    assert_non_null(block);
    lua_memory_allocate(&memory, block, 800, 0);
    lua_memory_allocate(&memory, other, 101, 0);
    assert_int_equal(memory.used, 0);
    lua_memory_clear(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_keep_their_bytes_and_never_overlap),
        cmocka_unit_test(blocks_are_aligned_for_any_type),
        cmocka_unit_test(beyond_the_limit_there_is_none_unless_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
