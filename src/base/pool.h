/* SPDX-License-Identifier: MIT */
/*
 * Small pieces of memory without the allocator's overhead: it adds 8 bytes to each allocation and
 * rounds up to 16, a pool adds nothing and rounds up to 8. For what there are millions of.
 *
 *     struct pool *pool = pool_new();
 *     bool is_pooled;
 *     struct thing *thing = pool_allocate(pool, size, &is_pooled);
 *     thing->is_pooled = is_pooled;
 *     ...
 *     pool_release(thing, thing->is_pooled);
 *     pool_free(pool);
 *
 * Pieces of one size share pages. A page whose last piece is released serves any size next, and
 * goes back to the allocator with its neighbours, so that a change of sizes strands nothing. What
 * is too large for a page's share comes from the allocator after all; the piece's owner keeps the
 * bit that tells. Pieces may be released by another thread than the one that allocates.
 */
#ifndef UNDERSTUDY_BASE_POOL_H
#define UNDERSTUDY_BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>

#define POOL_LARGEST ((size_t)320) /* bytes; larger pieces come from the allocator */

struct pool;

struct pool *pool_new(void);

/* All pieces must have been released. Accepts NULL. */
void pool_free(struct pool *pool);

/* At least `size` bytes, aligned to 8; from the allocator when the pool is NULL. */
void *pool_allocate(struct pool *pool, size_t size, bool *is_pooled);

/* Like realloc; the piece stays with its pool, or with the allocator, except that one too large for
 * its pool leaves it. */
void *pool_resize(void *piece, size_t size, bool *is_pooled);

void pool_release(void *piece, bool is_pooled);

/* Bytes set aside for the piece. */
size_t pool_usable_size(const void *piece, bool is_pooled);

/* The pool that a pooled piece is from. */
struct pool *pool_of(const void *piece);

/* Bytes that the pool has taken from the allocator and are in no piece. 0 for NULL. */
size_t pool_idle(struct pool *pool);

#endif
