/* SPDX-License-Identifier: MIT */
/*
 * The name of a stream's entry: milliseconds and a sequence number, ordered by the first, then by
 * the second; "1700000000000-0" as text.
 *
 *     struct stream_id next = stream->last_id;
 *     if (!stream_id_increment(&next)) ...       // there is none
 *     char text[STREAM_ID_SIZE];
 *     reply_bulk(reply, bytes_of(text, stream_id_format(text, next)));
 */
#ifndef UNDERSTUDY_VALUES_STREAM_ID_H
#define UNDERSTUDY_VALUES_STREAM_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/number.h"

/* Room for any formatted id. */
#define STREAM_ID_SIZE (2 * NUMBER_INTEGER_SIZE + 1)

struct stream_id {
    uint64_t ms; /* since epoch, where the server made it */
    uint64_t sequence;
};

#define STREAM_ID_LOWEST  ((struct stream_id){0, 0})
#define STREAM_ID_HIGHEST ((struct stream_id){UINT64_MAX, UINT64_MAX})

/* Negative, 0 or positive. */
static inline int stream_id_compare(struct stream_id a, struct stream_id b)
{
    if (a.ms != b.ms)
        return a.ms < b.ms ? -1 : 1;
    if (a.sequence != b.sequence)
        return a.sequence < b.sequence ? -1 : 1;
    return 0;
}

static inline bool stream_id_is_zero(struct stream_id id)
{
    return id.ms == 0 && id.sequence == 0;
}

/* The next and the previous one. False: there is none, and the id is left as it is. */
static inline bool stream_id_increment(struct stream_id *id)
{
    if (id->sequence == UINT64_MAX && id->ms == UINT64_MAX)
        return false;
    id->sequence++;
    id->ms += id->sequence == 0;
    return true;
}

static inline bool stream_id_decrement(struct stream_id *id)
{
    if (stream_id_is_zero(*id))
        return false;
    id->ms -= id->sequence == 0;
    id->sequence--;
    return true;
}

/* The text, not terminated; returns its size. */
static inline size_t stream_id_format(char text[STREAM_ID_SIZE], struct stream_id id)
{
    size_t size = number_format_unsigned(text, id.ms);
    text[size++] = '-';
    return size + number_format_unsigned(text + size, id.sequence);
}

#endif
