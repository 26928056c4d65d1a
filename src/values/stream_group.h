/* SPDX-License-Identifier: MIT */
/*
 * A consumer group of a stream: how far it has read, its consumers, and the entries that were
 * delivered and not acknowledged yet (pending), in order of id for the group as a whole and for
 * each consumer.
 *
 *     struct stream_group *group = stream_group_new(name, last_id, STREAM_GROUP_UNKNOWN);
 *     struct stream_consumer *consumer = stream_group_add_consumer(group, consumer_name, now_ms);
 *     struct stream_pending *pending = stream_group_add_pending(group, id, consumer, now_ms);
 *     struct order_position at = stream_group_seek(&consumer->pending, STREAM_ID_LOWEST);
 *     stream_group_free(group);
 */
#ifndef UNDERSTUDY_VALUES_STREAM_GROUP_H
#define UNDERSTUDY_VALUES_STREAM_GROUP_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "values/order_tree.h"
#include "values/stream_id.h"

#define STREAM_GROUP_UNKNOWN ((int64_t)-1) /* of entries_read */
#define STREAM_GROUP_NEVER   ((int64_t)-1) /* of active_at */

struct stream_consumer {
    int64_t seen_at;           /* last attempt to get entries, ms since epoch */
    int64_t active_at;         /* last time that it got some; STREAM_GROUP_NEVER */
    struct order_tree pending; /* of struct stream_pending, borrowed from the group */
    size_t name_size;
    char name[];
};

struct stream_pending {
    struct stream_id id;
    int64_t delivered_at; /* last time, ms since epoch */
    uint64_t deliveries;
    struct stream_consumer *consumer; /* borrowed; NULL only until somebody has it */
};

struct stream_group {
    struct stream_id last_id;  /* delivered last */
    int64_t entries_read;      /* by count of the stream's entries ever added, or unknown */
    struct order_tree pending; /* of struct stream_pending, owned */
    struct stream_consumer **consumers; /* owned, by name */
    size_t consumer_count;
    size_t consumer_capacity;
    size_t name_size;
    char name[];
};

struct stream_group *stream_group_new(struct bytes name, struct stream_id last_id,
                                      int64_t entries_read);
struct stream_group *stream_group_clone(const struct stream_group *group);
void stream_group_free(struct stream_group *group);
size_t stream_group_memory(const struct stream_group *group);

static inline struct bytes stream_group_name(const struct stream_group *group)
{
    return bytes_of(group->name, group->name_size);
}

/* --- consumers --- */

static inline struct bytes stream_group_consumer_name(const struct stream_consumer *consumer)
{
    return bytes_of(consumer->name, consumer->name_size);
}

/* NULL when there is none of that name. */
struct stream_consumer *stream_group_find_consumer(const struct stream_group *group,
                                                   struct bytes name);
/* Seen now and never active; NULL when there is one of that name. */
struct stream_consumer *stream_group_add_consumer(struct stream_group *group, struct bytes name,
                                                  int64_t now_ms);
/* With what it has pending. */
void stream_group_remove_consumer(struct stream_group *group, struct stream_consumer *consumer);

/* --- pending entries --- */

/* NULL when the entry is not pending. */
struct stream_pending *stream_group_find_pending(const struct stream_group *group,
                                                 struct stream_id id);
/* Delivered once, now; NULL when the entry is pending already. `consumer` may be NULL. */
struct stream_pending *stream_group_add_pending(struct stream_group *group, struct stream_id id,
                                                struct stream_consumer *consumer, int64_t now_ms);
/* Gives it to another consumer, or for the first time. */
void stream_group_assign(struct stream_pending *pending, struct stream_consumer *consumer);
/* Acknowledged: frees it. */
void stream_group_remove_pending(struct stream_group *group, struct stream_pending *pending);

/* The first one, of a group or a consumer, with this id or a higher one. */
struct order_position stream_group_seek(const struct order_tree *pending, struct stream_id id);

#endif
