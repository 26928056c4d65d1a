/* SPDX-License-Identifier: MIT */
/*
 * A borrowed run of bytes: a pointer and a size, binary safe, no terminator, never freed.
 *
 *     struct bytes key = call->argv[1];
 *     if (bytes_equal_ignoring_case(key, "EX")) ...
 *
 * Whoever hands one out says how long it stays valid.
 */
#ifndef UNDERSTUDY_BASE_BYTES_H
#define UNDERSTUDY_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct bytes {
    const char *data; /* borrowed; may be NULL only when size is 0 */
    size_t size;
};

/* For printf's "%.*s". */
#define BYTES_PRINT(bytes) (int)(bytes).size, (bytes).data

/* A literal, without its terminator. */
#define BYTES_LITERAL(literal) ((struct bytes){(literal), sizeof(literal) - 1})

static inline struct bytes bytes_of(const char *data, size_t size)
{
    return (struct bytes){data, size};
}

static inline struct bytes bytes_of_string(const char *string)
{
    return (struct bytes){string, strlen(string)};
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool bytes_equal_string(struct bytes a, const char *string)
{
    return bytes_equal(a, bytes_of_string(string));
}

/* ASCII case is ignored; locale plays no part. */
bool bytes_equal_ignoring_case(struct bytes a, const char *string);

/* memcmp order, a shorter run before a longer one that it begins. Negative, 0 or positive. */
int bytes_compare(struct bytes a, struct bytes b);

/* Copies of all, in one allocation that the caller frees with memory_free: the runs, then their
 * bytes.
 * `*size`, if not NULL, is set to the allocation's size. */
struct bytes *bytes_copy_all(const struct bytes *all, int count, size_t *size);

/* A terminated copy, owned by the caller (memory_free). Bytes after a NUL are kept but unseen. */
char *bytes_to_string(struct bytes bytes);

#endif
