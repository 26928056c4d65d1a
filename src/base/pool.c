/* SPDX-License-Identifier: MIT */
/*
 * Invariant: a page lies at a multiple of its size, so that a piece's address tells its page. A
 * page with pieces in use and room for more is in its size's list `open`; one without room is in no
 * list; one without pieces is in `spares`, of no size. The mutex guards all but a page's `pool` and
 * `size`, which do not change while it has pieces.
 */
#include "base/pool.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "base/list.h"
#include "base/memory.h"

#define STEP      ((size_t)8)
#define SIZES     (POOL_LARGEST / STEP)
#define PAGE_SIZE ((size_t)16384)
/* Pages come from the allocator by so many; one by one, aligned, they would leave gaps there. */
#define BLOCK_PAGES 32

/* A piece that was released. */
struct hole {
    struct hole *next;
};

/* Pages with their allocation: a page's worth more than they take, so that they can be aligned. */
struct block {
    struct list_node node; /* in `blocks` */
    uint32_t taken;        /* pages that ever were in use: the first ones */
    uint32_t used;         /* pages with pieces */
};

struct page {
    struct pool *pool;     /* borrowed */
    struct block *block;   /* borrowed */
    struct list_node node; /* in a list `open`, or in `spares` */
    struct hole *holes;
    uint32_t fresh; /* offset of the bytes that were never in a piece */
    uint32_t size;  /* of its pieces */
    uint32_t used;  /* pieces */
};

struct pool {
    pthread_mutex_t mutex;
    struct list open[SIZES]; /* of pages, by size / STEP - 1 */
    struct list spares;      /* of pages */
    struct list blocks;      /* owned; all pages of all but the last have been in use */
    size_t used;             /* bytes in pieces */
};

#define BLOCK_SIZE  (sizeof(struct block) + (BLOCK_PAGES + 1) * PAGE_SIZE)
#define FIRST_PIECE ((sizeof(struct page) + STEP - 1) & ~(STEP - 1))

static inline struct page *page_of(const void *piece)
{
    return (struct page *)((uintptr_t)piece & ~(uintptr_t)(PAGE_SIZE - 1));
}

static inline size_t rounded(size_t size)
{
    return size ? (size + STEP - 1) & ~(STEP - 1) : STEP;
}

static inline struct list *list_for(struct pool *pool, size_t size)
{
    return &pool->open[size / STEP - 1];
}

static inline bool has_room(const struct page *page)
{
    return page->holes || page->fresh + page->size <= PAGE_SIZE;
}

struct pool *pool_new(void)
{
    struct pool *pool = memory_zeroed(sizeof *pool);
    CHECK(pthread_mutex_init(&pool->mutex, NULL) == 0);
    return pool;
}

static inline struct page *page_at(struct block *block, size_t index)
{
    uintptr_t first = ((uintptr_t)(block + 1) + PAGE_SIZE - 1) & ~(uintptr_t)(PAGE_SIZE - 1);
    return (struct page *)(first + index * PAGE_SIZE);
}

/* One without pieces. */
static void drop_block(struct pool *pool, struct block *block)
{
    CHECK(block->used == 0);
    for (size_t i = 0; i < block->taken; i++)
        list_remove(&pool->spares, &page_at(block, i)->node);
    list_remove(&pool->blocks, &block->node);
    memory_free(block);
}

void pool_free(struct pool *pool)
{
    if (!pool)
        return;
    while (!list_is_empty(&pool->blocks))
        drop_block(pool, LIST_ENTRY(list_first(&pool->blocks), struct block, node));
    pthread_mutex_destroy(&pool->mutex);
    memory_free(pool);
}

static struct block *last_block(struct pool *pool)
{
    return LIST_ENTRY(list_last(&pool->blocks), struct block, node);
}

/* A page that never was in use, of the last block or a new one. */
static struct page *fresh_page(struct pool *pool)
{
    if (list_is_empty(&pool->blocks) || last_block(pool)->taken == BLOCK_PAGES) {
        struct block *block = memory_allocate(BLOCK_SIZE);
        *block = (struct block){.taken = 0};
        list_append(&pool->blocks, &block->node);
    }
    struct block *block = last_block(pool);
    struct page *page = page_at(block, block->taken++);
    page->block = block;
    return page;
}

/* A page for pieces of this size, put into their list. */
static struct page *open_page(struct pool *pool, size_t size)
{
    struct page *page;
    if (list_is_empty(&pool->spares)) {
        page = fresh_page(pool);
    } else {
        page = LIST_ENTRY(list_last(&pool->spares), struct page, node);
        list_remove(&pool->spares, &page->node);
    }
    *page = (struct page){
        .pool = pool, .block = page->block, .fresh = FIRST_PIECE, .size = (uint32_t)size};
    page->block->used++;
    list_append(list_for(pool, size), &page->node);
    return page;
}

static void *take_piece(struct page *page)
{
    struct hole *hole = page->holes;
    page->used++;
    if (hole) {
        page->holes = hole->next;
        return hole;
    }
    void *piece = (char *)page + page->fresh;
    page->fresh += page->size;
    return piece;
}

void *pool_allocate(struct pool *pool, size_t size, bool *is_pooled)
{
    *is_pooled = pool && size <= POOL_LARGEST;
    if (!*is_pooled)
        return memory_allocate(size);
    size = rounded(size);
    pthread_mutex_lock(&pool->mutex);
    struct list *open = list_for(pool, size);
    struct page *page = list_is_empty(open) ? open_page(pool, size)
                                            : LIST_ENTRY(list_first(open), struct page, node);
    void *piece = take_piece(page);
    if (!has_room(page))
        list_remove(open, &page->node);
    pool->used += size;
    pthread_mutex_unlock(&pool->mutex);
    return piece;
}

static void give_piece(struct page *page, void *piece)
{
    struct pool *pool = page->pool;
    CHECK(page->used > 0);
    if (!has_room(page))
        list_append(list_for(pool, page->size), &page->node);
    struct hole *hole = piece;
    hole->next = page->holes;
    page->holes = hole;
    pool->used -= page->size;
    if (--page->used > 0)
        return;
    list_remove(list_for(pool, page->size), &page->node);
    list_append(&pool->spares, &page->node);
    struct block *block = page->block;
    if (--block->used == 0 && block != last_block(pool))
        drop_block(pool, block);
}

void pool_release(void *piece, bool is_pooled)
{
    if (!is_pooled) {
        memory_free(piece);
        return;
    }
    struct pool *pool = pool_of(piece);
    pthread_mutex_lock(&pool->mutex);
    give_piece(page_of(piece), piece);
    pthread_mutex_unlock(&pool->mutex);
}

void *pool_resize(void *piece, size_t size, bool *is_pooled)
{
    if (!*is_pooled)
        return memory_resize(piece, size);
    size_t old_size = page_of(piece)->size;
    if (rounded(size) == old_size)
        return piece;
    void *resized = pool_allocate(pool_of(piece), size, is_pooled);
    memcpy(resized, piece, size < old_size ? size : old_size);
    pool_release(piece, true);
    return resized;
}

size_t pool_usable_size(const void *piece, bool is_pooled)
{
    return is_pooled ? page_of(piece)->size : memory_usable_size((void *)(uintptr_t)piece);
}

struct pool *pool_of(const void *piece)
{
    return page_of(piece)->pool;
}

size_t pool_idle(struct pool *pool)
{
    if (!pool)
        return 0;
    pthread_mutex_lock(&pool->mutex);
    size_t idle = pool->blocks.count * BLOCK_SIZE - pool->used;
    pthread_mutex_unlock(&pool->mutex);
    return idle;
}
