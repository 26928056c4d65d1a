/* SPDX-License-Identifier: MIT */
/*
 * Invariants: a subscription stands in two lists, its session's and its topic's, and in the table
 * of all, where (session, topic) finds it; a topic is in its table and list exactly while it has a
 * subscription; a session has lists exactly while it has one.
 */
#include "engine/pubsub.h"

#include "base/check.h"
#include "base/glob.h"
#include "base/memory.h"
#include "engine/engine.h"
#include "engine/session.h"

struct subscription_key {
    const struct session *session;
    const struct pubsub_topic *topic;
};

struct subscription {
    struct subscription_key key;
    struct list_node by_session;
    struct list_node by_topic;
    struct session *session;
    struct pubsub_topic *topic;
};

/* What session->subscriptions points to. */
struct session_subscriptions {
    struct list of[PUBSUB_KINDS]; /* of struct subscription, by_session */
};

static struct bytes name_of_topic(const void *entry)
{
    const struct pubsub_topic *topic = entry;
    return bytes_of(topic->name, topic->name_size);
}
static const struct table_class topic_class = {.key_of = name_of_topic};

static struct bytes bytes_of_key(const struct subscription_key *key)
{
    return bytes_of((const char *)key, sizeof *key);
}

static struct bytes key_of_subscription(const void *entry)
{
    const struct subscription *subscription = entry;
    return bytes_of_key(&subscription->key);
}
static const struct table_class subscription_class = {.key_of = key_of_subscription};

void pubsub_init(struct pubsub *pubsub, uint64_t seed)
{
    *pubsub = (struct pubsub){0};
    for (int kind = 0; kind < PUBSUB_KINDS; kind++)
        table_init(&pubsub->topics[kind], &topic_class, seed);
    table_init(&pubsub->subscriptions, &subscription_class, seed);
    resp_writer_init(&pubsub->writer, &pubsub->message, 3, NUMBER_DOUBLE_SHORTEST);
}

void pubsub_clear(struct pubsub *pubsub)
{
    CHECK(table_count(&pubsub->subscriptions) == 0);
    for (int kind = 0; kind < PUBSUB_KINDS; kind++)
        table_clear(&pubsub->topics[kind], NULL, NULL);
    table_clear(&pubsub->subscriptions, NULL, NULL);
    resp_writer_clear(&pubsub->writer);
    buffer_clear(&pubsub->message);
}

/* --- who listens --- */

static struct pubsub_topic *find_topic(const struct pubsub *pubsub, enum pubsub_kind kind,
                                       struct bytes name)
{
    return table_find((struct table *)&pubsub->topics[kind], name);
}

static struct subscription *find_subscription(const struct session *session, enum pubsub_kind kind,
                                              struct bytes name)
{
    struct pubsub *pubsub = &session->engine->pubsub;
    if (!session->subscriptions)
        return NULL;
    struct pubsub_topic *topic = find_topic(pubsub, kind, name);
    if (!topic)
        return NULL;
    struct subscription_key key = {session, topic};
    return table_find(&pubsub->subscriptions, bytes_of_key(&key));
}

static struct pubsub_topic *add_topic(struct pubsub *pubsub, enum pubsub_kind kind,
                                      struct bytes name)
{
    struct pubsub_topic *topic = memory_zeroed(sizeof *topic + name.size);
    topic->name_size = name.size;
    if (name.size)
        memcpy(topic->name, name.data, name.size);
    table_insert(&pubsub->topics[kind], topic);
    list_append(&pubsub->order[kind], &topic->order);
    return topic;
}

bool pubsub_subscribe(struct session *session, enum pubsub_kind kind, struct bytes name)
{
    struct pubsub *pubsub = &session->engine->pubsub;
    if (find_subscription(session, kind, name))
        return false;
    struct pubsub_topic *topic = find_topic(pubsub, kind, name);
    if (!topic)
        topic = add_topic(pubsub, kind, name);
    if (!session->subscriptions)
        session->subscriptions = memory_zeroed(sizeof *session->subscriptions);
    struct subscription *subscription = memory_zeroed(sizeof *subscription);
    subscription->key = (struct subscription_key){session, topic};
    subscription->session = session;
    subscription->topic = topic;
    list_append(&session->subscriptions->of[kind], &subscription->by_session);
    list_append(&topic->subscriptions, &subscription->by_topic);
    table_insert(&pubsub->subscriptions, subscription);
    return true;
}

static void end_subscription(struct subscription *subscription, enum pubsub_kind kind)
{
    struct session *session = subscription->session;
    struct pubsub *pubsub = &session->engine->pubsub;
    struct pubsub_topic *topic = subscription->topic;
    CHECK(table_remove(&pubsub->subscriptions, key_of_subscription(subscription)) == subscription);
    list_remove(&session->subscriptions->of[kind], &subscription->by_session);
    list_remove(&topic->subscriptions, &subscription->by_topic);
    memory_free(subscription);
    if (list_is_empty(&topic->subscriptions)) {
        CHECK(table_remove(&pubsub->topics[kind], name_of_topic(topic)) == topic);
        list_remove(&pubsub->order[kind], &topic->order);
        memory_free(topic);
    }
    for (int i = 0; i < PUBSUB_KINDS; i++)
        if (!list_is_empty(&session->subscriptions->of[i]))
            return;
    memory_free(session->subscriptions);
    session->subscriptions = NULL;
}

bool pubsub_unsubscribe(struct session *session, enum pubsub_kind kind, struct bytes name)
{
    struct subscription *subscription = find_subscription(session, kind, name);
    if (!subscription)
        return false;
    end_subscription(subscription, kind);
    return true;
}

static struct subscription *first_of(const struct session *session, enum pubsub_kind kind)
{
    if (!session->subscriptions || list_is_empty(&session->subscriptions->of[kind]))
        return NULL;
    return LIST_ENTRY(list_first(&session->subscriptions->of[kind]), struct subscription,
                      by_session);
}

void pubsub_unsubscribe_all(struct session *session)
{
    struct subscription *subscription;
    for (enum pubsub_kind kind = 0; kind < PUBSUB_KINDS; kind++)
        while ((subscription = first_of(session, kind)) != NULL)
            end_subscription(subscription, kind);
}

bool pubsub_oldest_subscription(const struct session *session, enum pubsub_kind kind,
                                struct bytes *name)
{
    const struct subscription *subscription = first_of(session, kind);
    if (subscription)
        *name = name_of_topic(subscription->topic);
    return subscription != NULL;
}

void pubsub_visit_subscriptions(const struct session *session,
                                void (*visit)(enum pubsub_kind kind, struct bytes name,
                                              void *context),
                                void *context)
{
    for (enum pubsub_kind kind = 0; session->subscriptions && kind < PUBSUB_KINDS; kind++) {
        struct list_node *node = list_first(&session->subscriptions->of[kind]);
        for (; node; node = list_next(node))
            visit(kind, name_of_topic(LIST_ENTRY(node, struct subscription, by_session)->topic),
                  context);
    }
}

size_t pubsub_count(const struct session *session, enum pubsub_kind kind)
{
    return session->subscriptions ? list_count(&session->subscriptions->of[kind]) : 0;
}

size_t pubsub_subscribers(const struct pubsub *pubsub, enum pubsub_kind kind, struct bytes name)
{
    const struct pubsub_topic *topic = find_topic(pubsub, kind, name);
    return topic ? list_count(&topic->subscriptions) : 0;
}

/* --- what they hear --- */

/* Encodes a push of these words. Valid until the next one. */
static struct bytes encode(struct pubsub *pubsub, const struct bytes *words, size_t count)
{
    struct reply *reply = &pubsub->writer.reply;
    pubsub->message.size = 0;
    reply_open(reply, REPLY_PUSH, count);
    for (size_t i = 0; i < count; i++)
        reply_bulk(reply, words[i]);
    reply_close(reply);
    return buffer_bytes(&pubsub->message);
}

static int64_t deliver(const struct pubsub_topic *topic, struct bytes encoded)
{
    for (struct list_node *node = list_first(&topic->subscriptions); node; node = list_next(node))
        session_push(LIST_ENTRY(node, struct subscription, by_topic)->session, encoded);
    return (int64_t)list_count(&topic->subscriptions);
}

static void end_topic(struct pubsub *pubsub, struct pubsub_topic *topic)
{
    struct reply *reply = &pubsub->writer.reply;
    for (size_t left = list_count(&topic->subscriptions); left > 0; left--) {
        struct subscription *subscription =
            LIST_ENTRY(list_first(&topic->subscriptions), struct subscription, by_topic);
        struct session *session = subscription->session;
        pubsub->message.size = 0;
        reply_open(reply, REPLY_PUSH, 3);
        reply_bulk_string(reply, "sunsubscribe");
        reply_bulk(reply, name_of_topic(topic));
        reply_integer(reply, (int64_t)pubsub_count(session, PUBSUB_SHARD) - 1);
        reply_close(reply);
        end_subscription(subscription, PUBSUB_SHARD);
        session_push(session, buffer_bytes(&pubsub->message));
    }
}

void pubsub_end_shards(struct engine *engine,
                       bool (*stays)(const struct engine *engine, struct bytes channel))
{
    struct pubsub *pubsub = &engine->pubsub;
    struct list_node *next;
    for (struct list_node *node = list_first(&pubsub->order[PUBSUB_SHARD]); node; node = next) {
        struct pubsub_topic *topic = LIST_ENTRY(node, struct pubsub_topic, order);
        next = list_next(node);
        if (!stays(engine, name_of_topic(topic)))
            end_topic(pubsub, topic);
    }
}

static int64_t publish_to_patterns(struct pubsub *pubsub, struct bytes channel,
                                   struct bytes message)
{
    int64_t receivers = 0;
    struct list_node *node = list_first(&pubsub->order[PUBSUB_PATTERN]);
    for (; node; node = list_next(node)) {
        const struct pubsub_topic *topic = LIST_ENTRY(node, struct pubsub_topic, order);
        struct bytes pattern = name_of_topic(topic);
        if (!glob_matches(pattern, channel))
            continue;
        const struct bytes words[] = {BYTES_LITERAL("pmessage"), pattern, channel, message};
        receivers += deliver(topic, encode(pubsub, words, 4));
    }
    return receivers;
}

int64_t pubsub_publish(struct engine *engine, enum pubsub_kind kind, struct bytes channel,
                       struct bytes message)
{
    struct pubsub *pubsub = &engine->pubsub;
    int64_t receivers = 0;
    const struct pubsub_topic *topic = find_topic(pubsub, kind, channel);
    if (topic) {
        const struct bytes words[] = {kind == PUBSUB_SHARD ? BYTES_LITERAL("smessage")
                                                           : BYTES_LITERAL("message"),
                                      channel, message};
        receivers += deliver(topic, encode(pubsub, words, 3));
    }
    if (kind != PUBSUB_SHARD)
        receivers += publish_to_patterns(pubsub, channel, message);
    return receivers;
}
