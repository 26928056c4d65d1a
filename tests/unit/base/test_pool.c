/* SPDX-License-Identifier: MIT */
#include "base/pool.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

#define PIECES 4000

struct piece {
    unsigned char *data;
    size_t size;
    bool is_pooled;
};

static int setup(void **state)
{
    *state = pool_new();
    return 0;
}

/* Also the check that every test gave everything back. */
static int teardown(void **state)
{
    pool_free(*state);
    return 0;
}

static void allocate(struct pool *pool, struct piece *piece, size_t size, unsigned char mark)
{
    piece->size = size;
    piece->data = pool_allocate(pool, size, &piece->is_pooled);
    memset(piece->data, mark, size);
}

static void assert_marked(const struct piece *piece, size_t size, unsigned char mark)
{
    for (size_t i = 0; i < size; i++)
        assert_int_equal(piece->data[i], mark);
}

static void release(struct piece *piece)
{
    pool_release(piece->data, piece->is_pooled);
    piece->data = NULL;
}

static void pieces_take_no_more_than_eight_bytes_rounding(void **state)
{
    struct piece piece;
    for (size_t size = 0; size <= POOL_LARGEST; size++) {
        allocate(*state, &piece, size, 1);
        assert_true(piece.is_pooled);
        assert_int_equal((uintptr_t)piece.data % 8, 0);
        size_t usable = pool_usable_size(piece.data, piece.is_pooled);
        assert_in_range(usable, size ? size : 1, size + 8);
        assert_ptr_equal(pool_of(piece.data), *state);
        release(&piece);
    }
}

static void large_pieces_and_those_of_no_pool_are_the_allocators(void **state)
{
    struct piece piece;
    allocate(*state, &piece, POOL_LARGEST + 1, 1);
    assert_false(piece.is_pooled);
    assert_in_range(pool_usable_size(piece.data, false), POOL_LARGEST + 1, SIZE_MAX);
    release(&piece);
    allocate(NULL, &piece, 1, 1);
    assert_false(piece.is_pooled);
    release(&piece);
    assert_int_equal(pool_idle(NULL), 0);
}

static void resized_piece_keeps_its_bytes_and_leaves_when_too_large(void **state)
{
    struct piece piece;
    allocate(*state, &piece, 20, 7);
    void *before = piece.data;
    piece.data = pool_resize(piece.data, 24, &piece.is_pooled);
    assert_ptr_equal(piece.data, before);
    piece.data = pool_resize(piece.data, 200, &piece.is_pooled);
    assert_true(piece.is_pooled);
    assert_marked(&piece, 20, 7);
    piece.data = pool_resize(piece.data, 10, &piece.is_pooled);
    assert_marked(&piece, 10, 7);
    piece.data = pool_resize(piece.data, 5000, &piece.is_pooled);
    assert_false(piece.is_pooled);
    assert_marked(&piece, 10, 7);
    piece.data = pool_resize(piece.data, 10, &piece.is_pooled);
    assert_false(piece.is_pooled);
    assert_marked(&piece, 10, 7);
    release(&piece);
}

static void pages_of_a_size_serve_another_once_they_are_empty(void **state)
{
    static struct piece pieces[PIECES];
    size_t most = 0;
    for (size_t size = 8; size <= POOL_LARGEST; size += 8) {
        for (size_t i = 0; i < PIECES; i++)
            allocate(*state, &pieces[i], size, 1);
        for (size_t i = 0; i < PIECES; i++)
            release(&pieces[i]);
        if (pool_idle(*state) > most)
            most = pool_idle(*state);
    }
    assert_in_range(most, 1, (size_t)2 << 20);
}

static void any_order_of_changes_leaves_the_other_pieces_alone(void **state)
{
    static struct piece pieces[PIECES];
    struct random random;
    random_seed(&random, 1);
    for (int round = 0; round < 50 * PIECES; round++) {
        size_t i = random_below(&random, PIECES);
        unsigned char mark = (unsigned char)i;
        size_t size = random_below(&random, POOL_LARGEST + 40);
        struct piece *piece = &pieces[i];
        if (!piece->data) {
            allocate(*state, piece, size, mark);
        } else if (random_below(&random, 2)) {
            assert_marked(piece, piece->size, mark);
            release(piece);
        } else {
            piece->data = pool_resize(piece->data, size, &piece->is_pooled);
            assert_marked(piece, size < piece->size ? size : piece->size, mark);
            piece->size = size;
            memset(piece->data, mark, size);
        }
    }
    for (size_t i = 0; i < PIECES; i++)
        if (pieces[i].data)
            release(&pieces[i]);
}

static void *release_all(void *context)
{
    struct piece *pieces = context;
    for (size_t i = 0; i < PIECES; i++)
        release(&pieces[i]);
    return NULL;
}

static void another_thread_may_release(void **state)
{
    static struct piece theirs[PIECES], own[PIECES];
    for (size_t i = 0; i < PIECES; i++)
        allocate(*state, &theirs[i], 40, 1);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, release_all, theirs), 0);
    for (size_t i = 0; i < PIECES; i++)
        allocate(*state, &own[i], 40, 2);
    assert_int_equal(pthread_join(thread, NULL), 0);
    for (size_t i = 0; i < PIECES; i++)
        assert_marked(&own[i], 40, 2);
    release_all(own);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(pieces_take_no_more_than_eight_bytes_rounding),
        CLAIM(large_pieces_and_those_of_no_pool_are_the_allocators),
        CLAIM(resized_piece_keeps_its_bytes_and_leaves_when_too_large),
        CLAIM(pages_of_a_size_serve_another_once_they_are_empty),
        CLAIM(any_order_of_changes_leaves_the_other_pieces_alone),
        CLAIM(another_thread_may_release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
