/* SPDX-License-Identifier: MIT */
/* Invariant: the directive `replicaof` tells what `host` and `port` do. */
#include "engine/replication.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/blocking.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "reply/errors.h"

static void forget_former(struct replication *replication)
{
    memset(replication->former_id, '0', REPLICATION_ID_SIZE);
    replication->former_offset = -1;
}

/* The directive has a host, a blank and a port, or is empty. */
static void read_directive(struct engine *engine)
{
    struct replication *replication = &engine->replication;
    const char *text = config_string(engine->config, CONFIG_REPLICAOF);
    const char *blank = strrchr(text, ' ');
    memory_free(replication->host);
    replication->host = NULL;
    if (!blank || engine->cluster)
        return;
    replication->host = bytes_to_string(bytes_of(text, (size_t)(blank - text)));
    replication->port = atoi(blank);
}

void replication_init(struct engine *engine, uint64_t seed)
{
    struct random random;
    random_seed(&random, seed ^ UINT64_C(0x7265706c69636173)); /* the engine's own stays */
    random_hex(&random, engine->replication.id, REPLICATION_ID_SIZE);
    forget_former(&engine->replication);
    read_directive(engine);
}

void replication_clear(struct engine *engine)
{
    memory_free(engine->replication.host);
}

void replication_reset(struct engine *engine)
{
    forget_former(&engine->replication);
    read_directive(engine);
}

static void write_directive(struct engine *engine)
{
    const struct replication *replication = &engine->replication;
    struct buffer text = {0};
    if (replication->host)
        buffer_append_format(&text, "%s %d", replication->host, replication->port);
    buffer_append_byte(&text, '\0');
    config_set_string(engine->config, CONFIG_REPLICAOF, text.data);
    buffer_clear(&text);
}

static void end_waits(struct engine *engine)
{
    for (struct list_node *node = list_first(&engine->sessions); node; node = list_next(node)) {
        struct session *session = LIST_ENTRY(node, struct session, node);
        if (blocking_unblock(session, ERROR_UNBLOCKED_REPLICA))
            session_close(session, true);
    }
}

void replication_follow(struct engine *engine, struct bytes host, int port)
{
    struct replication *replication = &engine->replication;
    char *name = bytes_to_string(host);
    memory_free(replication->host);
    replication->host = name;
    replication->port = port;
    write_directive(engine);
    if (replication_ignores_memory(engine))
        engine->is_short_of_memory = false;
    end_waits(engine);
}

void replication_follow_no_one(struct engine *engine)
{
    struct replication *replication = &engine->replication;
    if (!replication->host)
        return;
    memory_free(replication->host);
    replication->host = NULL;
    write_directive(engine);
    memcpy(replication->former_id, replication->id, sizeof replication->id);
    replication->former_offset = 1;
    random_hex(&engine->random, replication->id, REPLICATION_ID_SIZE);
}

void replication_begin_history(struct engine *engine)
{
    random_hex(&engine->random, engine->replication.id, REPLICATION_ID_SIZE);
    forget_former(&engine->replication);
}

/* replica-read-only */
static bool refuses_writes(const struct engine *engine)
{
    return engine->replication.host && config_integer(engine->config, CONFIG_REPLICA_READ_ONLY);
}

bool replication_refuses_reads(const struct engine *engine)
{
    return engine->replication.host &&
           !config_integer(engine->config, CONFIG_REPLICA_SERVE_STALE_DATA);
}

/* min-replicas-to-write */
static bool lacks_replicas(const struct engine *engine)
{
    return !engine->replication.host &&
           config_integer(engine->config, CONFIG_MIN_REPLICAS_TO_WRITE) > 0 &&
           config_integer(engine->config, CONFIG_MIN_REPLICAS_MAX_LAG) > 0;
}

bool replication_ignores_memory(const struct engine *engine)
{
    return engine->replication.host &&
           config_integer(engine->config, CONFIG_REPLICA_IGNORE_MAXMEMORY);
}

const char *replication_find_obstacle(const struct engine *engine)
{
    if (lacks_replicas(engine))
        return ERROR_NOREPLICAS;
    return refuses_writes(engine) ? ERROR_READONLY : NULL;
}
