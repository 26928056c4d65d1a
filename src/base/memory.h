/* SPDX-License-Identifier: MIT */
/*
 * Heap memory that cannot fail: each function returns usable memory or aborts the process with one
 * line on standard error. So no caller checks for NULL.
 *
 *     struct thing *thing = memory_zeroed(sizeof *thing);
 *     ...
 *     memory_free(thing);
 */
#ifndef UNDERSTUDY_BASE_MEMORY_H
#define UNDERSTUDY_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Uninitialised memory of `size` bytes; a size of 0 gives a unique pointer. */
void *memory_allocate(size_t size);

/* Uninitialised memory at a multiple of `alignment` (a power of two); `size` is a multiple of it.
 */
void *memory_allocate_aligned(size_t alignment, size_t size);

/* Memory of `size` bytes, all zero. */
void *memory_zeroed(size_t size);

/* Like realloc: `memory` may be NULL; the old pointer is invalid afterwards. */
void *memory_resize(void *memory, size_t size);

/* Accepts NULL. */
void memory_free(void *memory);

/* A copy of `size` bytes at `data`, owned by the caller. */
void *memory_copy(const void *data, size_t size);

/* For a process that is ours: the allocator merges what is freed at once. Left to itself it puts
 * that off for small pieces, and the next large allocation stops for all of them: a second and more
 * after a key of millions of elements went. */
void memory_keep_merged(void);

/* Pages that the allocator has and nobody uses go back to the system. */
void memory_give_back(void);

/* The bytes the allocator really set aside for `memory`; 0 for NULL. */
size_t memory_usable_size(void *memory);

/* The same with what the allocator keeps beside it: what freeing it gives back. */
size_t memory_cost(void *memory);

/* Whether a sanitizer looks at each allocation, so that each should be one. */
bool memory_is_watched(void);

/* Bytes that the process has taken from the allocator and not given back. */
size_t memory_in_use(void);

/* Bytes of the process that are in physical memory. 0 when the system does not say. */
size_t memory_resident(void);

#endif
