/* SPDX-License-Identifier: MIT */
/*
 * Invariant: limits->above_soft counts the sessions whose above_soft_since is not 0.
 */
#include "engine/client_limits.h"

#include <stdio.h>

#include "engine/config.h"
#include "engine/engine.h"
#include "engine/session.h"

#define FIRST_BUFFER    16384 /* bytes of output that are part of a Redis client */
#define BLOCK           20480 /* what the allocator gives for a block of output */
#define BLOCK_OVERHEAD  24
#define LEAST_TOTAL     (128 * 1024)
#define STRANGERS_QUERY (1024 * 1024) /* limit of one who has not authenticated */

void client_limits_configure(struct client_limits *limits, const struct config *config)
{
    long long values[CLIENT_CLASSES][3] = {{0}};
    sscanf(config_string(config, CONFIG_CLIENT_OUTPUT_BUFFER_LIMIT),
           "normal %lld %lld %lld slave %lld %lld %lld pubsub %lld %lld %lld", &values[0][0],
           &values[0][1], &values[0][2], &values[1][0], &values[1][1], &values[1][2], &values[2][0],
           &values[2][1], &values[2][2]);
    for (int i = 0; i < CLIENT_CLASSES; i++)
        limits->output[i] = (struct output_limit){.hard = (size_t)values[i][0],
                                                  .soft = (size_t)values[i][1],
                                                  .soft_seconds = values[i][2]};
    limits->query = (size_t)config_integer(config, CONFIG_CLIENT_QUERY_BUFFER_LIMIT);
    int64_t total = config_integer(config, CONFIG_MAXMEMORY_CLIENTS);
    if (total < 0) /* a percentage of maxmemory */
        total = config_integer(config, CONFIG_MAXMEMORY) / 100 * -total;
    /* One that is too small would leave nobody to change it. */
    if (total && total < LEAST_TOTAL)
        total = LEAST_TOTAL;
    limits->total = (size_t)total;
}

static enum client_class class_of(const struct session *session)
{
    return session->subscriptions ? CLIENT_CLASS_PUBSUB : CLIENT_CLASS_NORMAL;
}

size_t client_limits_output_memory(size_t unsent, size_t *blocks)
{
    size_t count = 0;
    if (unsent > FIRST_BUFFER)
        count = (unsent - FIRST_BUFFER + BLOCK - 1) / BLOCK;
    if (blocks)
        *blocks = count;
    return count * (BLOCK + BLOCK_OVERHEAD);
}

static void close_over(struct session *session, const char *of_what)
{
    struct session_stream stream = {.address = "?:0"};
    if (session->transport && session->transport->describe)
        session->transport->describe(session, &stream);
    engine_log(session->engine, 3, "Client id=%llu addr=%s is closed as it is over the limit of %s",
               (unsigned long long)session->id, stream.address, of_what);
    session_close(session, false);
}

void client_limits_forget(struct session *session)
{
    if (session->above_soft_since)
        session->engine->limits.above_soft--;
    session->above_soft_since = 0;
}

/* Whether the session has been above its soft limit for long enough. */
static bool is_soft_over(struct session *session, const struct output_limit *limit, size_t used)
{
    struct engine *engine = session->engine;
    if (limit->soft == 0 || used <= limit->soft) {
        client_limits_forget(session);
        return false;
    }
    int64_t now_s = clock_now_us(engine->clock) / 1000000;
    if (session->above_soft_since)
        return now_s - session->above_soft_since > limit->soft_seconds;
    session->above_soft_since = now_s ? now_s : 1;
    engine->limits.above_soft++;
    return false;
}

bool client_limits_is_output_over(struct session *session, size_t unsent)
{
    struct engine *engine = session->engine;
    const struct output_limit *limit = &engine->limits.output[class_of(session)];
    if (limit->hard == 0 && limit->soft == 0 && !session->above_soft_since)
        return false;
    size_t used = client_limits_output_memory(unsent, NULL);
    bool is_over = limit->hard && used > limit->hard;
    if (!is_soft_over(session, limit, used) && !is_over)
        return false;
    engine->stats.output_limit_disconnections++;
    close_over(session, "its output buffer");
    return true;
}

bool client_limits_is_query_over(struct session *session, size_t pending)
{
    struct engine *engine = session->engine;
    size_t size = pending + session->queue_bytes;
    bool is_stranger = !(session->flags & SESSION_AUTHENTICATED);
    if (size <= engine->limits.query && !(is_stranger && size > STRANGERS_QUERY))
        return false;
    if (session->flags & SESSION_CLOSE_NOW) /* more of the same came in one turn */
        return true;
    engine->stats.query_limit_disconnections++;
    close_over(session, "its query buffer");
    return true;
}

size_t client_limits_patience(const struct session *session, size_t usual)
{
    const struct output_limit *limit = &session->engine->limits.output[class_of(session)];
    if (limit->hard)
        return SIZE_MAX;
    return usual + limit->soft;
}

void client_limits_close_overdue(struct engine *engine)
{
    struct list_node *node = engine->limits.above_soft ? list_first(&engine->sessions) : NULL;
    for (; node; node = list_next(node)) {
        struct session *session = LIST_ENTRY(node, struct session, node);
        if (session->above_soft_since && !(session->flags & SESSION_CLOSE_NOW))
            client_limits_is_output_over(session,
                                         session->output.size + session_measure(session).unsent);
    }
}

/* The largest that may go; NULL when there is none. `total` gets the bytes of all. */
static struct session *find_largest(const struct engine *engine, size_t *total)
{
    struct session *largest = NULL;
    size_t size = 0;
    *total = 0;
    for (struct list_node *node = list_first(&engine->sessions); node; node = list_next(node)) {
        struct session *session = LIST_ENTRY(node, struct session, node);
        if (session->flags & SESSION_CLOSE_NOW)
            continue;
        size_t memory = session_memory(session);
        *total += memory;
        if (memory > size && !(session->flags & SESSION_NO_EVICT)) {
            largest = session;
            size = memory;
        }
    }
    return largest;
}

void client_limits_evict(struct engine *engine)
{
    size_t total;
    struct session *largest;
    if (engine->limits.total == 0)
        return;
    while ((largest = find_largest(engine, &total)) != NULL && total > engine->limits.total) {
        engine->stats.evicted_clients++;
        close_over(largest, "maxmemory-clients");
    }
}
