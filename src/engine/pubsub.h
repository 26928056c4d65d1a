/* SPDX-License-Identifier: MIT */
/*
 * Who listens to which channels: sessions subscribe to channels, to patterns of channel names, and
 * to shard channels, which are a world of their own.
 *
 *     pubsub_subscribe(session, PUBSUB_CHANNEL, name);
 *     int64_t receivers = pubsub_publish(engine, PUBSUB_CHANNEL, name, message);
 *
 * A message reaches the subscribers of its channel first, in the order in which they came; then
 * those of each pattern that matches, the oldest pattern first.
 * https://redis.io/docs/latest/develop/pubsub/
 */
#ifndef UNDERSTUDY_ENGINE_PUBSUB_H
#define UNDERSTUDY_ENGINE_PUBSUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/list.h"
#include "base/table.h"
#include "resp/resp_writer.h"

struct engine;
struct session;

enum pubsub_kind { PUBSUB_CHANNEL, PUBSUB_PATTERN, PUBSUB_SHARD, PUBSUB_KINDS };

/* What somebody subscribes to; there is none without a subscriber. */
struct pubsub_topic {
    struct list_node order;
    struct list subscriptions; /* in the order in which they were made */
    size_t name_size;
    char name[];
};

/* Embedded in the engine. */
struct pubsub {
    struct table topics[PUBSUB_KINDS]; /* of struct pubsub_topic, by name */
    struct list order[PUBSUB_KINDS];   /* of the same, the oldest first */
    struct table subscriptions;        /* of struct subscription (pubsub.c) */
    struct resp_writer writer;         /* encodes into `message` what is being delivered */
    struct buffer message;
};

void pubsub_init(struct pubsub *pubsub, uint64_t seed);
/* Sessions must be gone. */
void pubsub_clear(struct pubsub *pubsub);

/* False when it was so already. */
bool pubsub_subscribe(struct session *session, enum pubsub_kind kind, struct bytes name);
bool pubsub_unsubscribe(struct session *session, enum pubsub_kind kind, struct bytes name);
/* From everything, telling nobody: the session goes, or is reset. */
void pubsub_unsubscribe_all(struct session *session);

/* The session's oldest subscription of that kind. False when it has none. The name is valid while
 * the subscription is. */
bool pubsub_oldest_subscription(const struct session *session, enum pubsub_kind kind,
                                struct bytes *name);
/* Calls `visit` for all that the session has subscribed to; it must not change that. */
void pubsub_visit_subscriptions(const struct session *session,
                                void (*visit)(enum pubsub_kind kind, struct bytes name,
                                              void *context),
                                void *context);

/* The session's subscriptions of that kind. */
size_t pubsub_count(const struct session *session, enum pubsub_kind kind);

/* Ends subscriptions to shard channels that do not stay here; their clients are told. */
void pubsub_end_shards(struct engine *engine,
                       bool (*stays)(const struct engine *engine, struct bytes channel));

/* How many receive the message: one that listens by a channel and a pattern counts twice. `kind` is
 * PUBSUB_CHANNEL or PUBSUB_SHARD. */
int64_t pubsub_publish(struct engine *engine, enum pubsub_kind kind, struct bytes channel,
                       struct bytes message);

/* The topic's subscribers. */
size_t pubsub_subscribers(const struct pubsub *pubsub, enum pubsub_kind kind, struct bytes name);

/* Topics that somebody has subscribed to. */
static inline size_t pubsub_topic_count(const struct pubsub *pubsub, enum pubsub_kind kind)
{
    return list_count(&pubsub->order[kind]);
}

static inline bool pubsub_has_listeners(const struct pubsub *pubsub)
{
    return pubsub_topic_count(pubsub, PUBSUB_CHANNEL) + pubsub_topic_count(pubsub, PUBSUB_PATTERN) >
           0;
}

#endif
