/* SPDX-License-Identifier: MIT */
#include "base/memory.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The sanitizer has an allocator of its own. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEMORY_IS_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define MEMORY_IS_SANITIZED
#endif
#ifdef MEMORY_IS_SANITIZED
size_t __sanitizer_get_current_allocated_bytes(void); /* its header may be absent */
#endif

static _Noreturn void memory_exhausted(size_t size)
{
    fprintf(stderr, "understudy: out of memory allocating %zu bytes\n", size);
    abort();
}

void memory_keep_merged(void)
{
#ifdef M_MXFAST
    mallopt(M_MXFAST, 0);
#endif
}

void memory_give_back(void)
{
    malloc_trim(0);
}

void *memory_allocate(size_t size)
{
    void *memory = malloc(size ? size : 1);
    if (!memory)
        memory_exhausted(size);
    return memory;
}

void *memory_allocate_aligned(size_t alignment, size_t size)
{
    void *memory = aligned_alloc(alignment, size ? size : alignment);
    if (!memory)
        memory_exhausted(size);
    return memory;
}

void *memory_zeroed(size_t size)
{
    void *memory = calloc(1, size ? size : 1);
    if (!memory)
        memory_exhausted(size);
    return memory;
}

void *memory_resize(void *memory, size_t size)
{
    void *resized = realloc(memory, size ? size : 1);
    if (!resized)
        memory_exhausted(size);
    return resized;
}

void memory_free(void *memory)
{
    free(memory);
}

void *memory_copy(const void *data, size_t size)
{
    void *copy = memory_allocate(size);
    if (size)
        memcpy(copy, data, size);
    return copy;
}

size_t memory_usable_size(void *memory)
{
    return memory ? malloc_usable_size(memory) : 0;
}

#define CHUNK_HEAD sizeof(size_t) /* of glibc's allocator */

size_t memory_cost(void *memory)
{
    return memory ? malloc_usable_size(memory) + CHUNK_HEAD : 0;
}

#ifdef MEMORY_IS_SANITIZED

bool memory_is_watched(void)
{
    return true;
}

size_t memory_in_use(void)
{
    return __sanitizer_get_current_allocated_bytes();
}

#else

bool memory_is_watched(void)
{
    return false;
}

size_t memory_in_use(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

#endif

size_t memory_resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file)
        return 0;
    unsigned long total = 0;
    unsigned long resident = 0;
    int fields = fscanf(file, "%lu %lu", &total, &resident);
    fclose(file);
    return fields == 2 ? (size_t)resident * (size_t)sysconf(_SC_PAGESIZE) : 0;
}
