/* SPDX-License-Identifier: MIT */
/*
 * Stream values: entries of fields and values in the order of their ids, and the consumer groups
 * that read them.
 *
 *     struct value *value = stream_new();
 *     struct stream_limits limits = {.bytes = 4096, .entries = 100};
 *     stream_append(value, id, pairs, 2, &limits);
 *     struct stream_iterator iterator;
 *     stream_iterator_begin(&iterator, value, STREAM_ID_LOWEST, STREAM_ID_HIGHEST, false);
 *     while (stream_iterator_next(&iterator))
 *         while (stream_block_field(&iterator.entry, &field)) ...
 *
 * Entries are packed in blocks (stream_block.h). A text handed in must not point into the stream.
 */
#ifndef UNDERSTUDY_VALUES_STREAM_H
#define UNDERSTUDY_VALUES_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "values/stream_block.h"
#include "values/stream_group.h"
#include "values/stream_id.h"
#include "values/value.h"

/* Texts of one entry may have so many bytes in all. */
#define STREAM_ENTRY_LIMIT ((size_t)1 << 30)

struct stream {
    struct value head;
    struct stream_block *blocks; /* owned; those in use begin at block_start, by id */
    size_t block_start;
    size_t block_count;
    size_t block_capacity;
    uint64_t length;                 /* entries, those deleted not counted */
    struct stream_id first_id;       /* the lowest not deleted; zero or highest when empty */
    struct stream_id last_id;        /* the highest ever */
    struct stream_id max_deleted_id; /* the highest that XDEL took; zero = none */
    uint64_t entries_added;          /* ever */
    struct stream_group **groups;    /* owned, by name */
    size_t group_count;
    size_t group_capacity;
};

/* When a new block begins. */
struct stream_limits {
    size_t bytes;   /* of a block; 0 = no limit of its own */
    size_t entries; /* deleted ones counted; 0 = any number */
};

enum stream_trim_strategy { STREAM_TRIM_NONE, STREAM_TRIM_LENGTH, STREAM_TRIM_ID };

struct stream_trim {
    enum stream_trim_strategy strategy;
    uint64_t length;         /* how many may stay */
    struct stream_id lowest; /* that may stay */
    bool is_approximate;     /* only whole blocks go */
    uint64_t limit;          /* entries that may go; 0 = any number */
};

struct stream_iterator {
    const struct stream *stream;
    struct stream_id start, end; /* both inclusive */
    bool is_reverse;
    bool has_block;                   /* entry stands in a block */
    size_t block;                     /* its index, from block_start on */
    struct stream_block_cursor entry; /* after stream_iterator_next said true */
};

static inline struct stream *stream_of(struct value *value)
{
    return (struct stream *)(void *)value;
}

static inline const struct stream *stream_const(const struct value *value)
{
    return (const struct stream *)(const void *)value;
}

struct value *stream_new(void);

/* --- entries --- */

/* `id` must be higher than last_id. `pairs` are `count` names, each with its value behind it, of no
 * more than STREAM_ENTRY_LIMIT bytes. */
void stream_append(struct value *value, struct stream_id id, const struct bytes *pairs,
                   size_t count, const struct stream_limits *limits);

/* Whether the entry was there. */
bool stream_delete(struct value *value, struct stream_id id);

/* How many entries went. */
uint64_t stream_trim(struct value *value, const struct stream_trim *trim);

bool stream_has(const struct value *value, struct stream_id id);

/* The highest id of an entry that is not deleted; last_id when there is none. */
struct stream_id stream_top(const struct value *value);

/* From start to end, or from end to start. The stream's entries must not change meanwhile. */
void stream_iterator_begin(struct stream_iterator *iterator, const struct value *value,
                           struct stream_id start, struct stream_id end, bool is_reverse);
bool stream_iterator_next(struct stream_iterator *iterator);

/* --- groups --- */

/* NULL when there is none of that name. */
struct stream_group *stream_find_group(const struct value *value, struct bytes name);
/* NULL when there is one of that name. */
struct stream_group *stream_add_group(struct value *value, struct bytes name,
                                      struct stream_id last_id, int64_t entries_read);
void stream_remove_group(struct value *value, struct stream_group *group);

/* --- for RESTORE and XINFO --- */

/* Adds a block behind the others: ids above theirs. Takes it. */
void stream_add_block(struct value *value, struct stream_block block);

/* The lowest id of an entry that is not deleted; zero when there is none. */
struct stream_id stream_find_first(const struct value *value);

/* Nodes of the radix tree that Redis would keep the blocks in. */
size_t stream_radix_nodes(const struct value *value);

/* value_class members. */
void stream_free(struct value *value);
struct value *stream_clone(const struct value *value);
size_t stream_memory(const struct value *value, size_t samples);

#endif
