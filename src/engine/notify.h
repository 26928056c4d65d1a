/* SPDX-License-Identifier: MIT */
/*
 * Keyspace notifications: what happens to keys, told over pub/sub as notify-keyspace-events asks
 * for.
 *
 *     notify_event(engine, ANNOUNCE_EXPIRED, "expired", db->index, key);
 *
 * https://redis.io/docs/latest/develop/pubsub/keyspace-notifications/
 */
#ifndef UNDERSTUDY_ENGINE_NOTIFY_H
#define UNDERSTUDY_ENGINE_NOTIFY_H

#include "base/bytes.h"
#include "engine/call.h"
#include "engine/engine.h"

/* The directive has a value: the engine announces by it from now on. */
void notify_configure(struct engine *engine);

/* notify_event for a class that is asked for. */
void notify_publish(struct engine *engine, const char *event, int db, struct bytes key);

/* Costs one test when nobody asks for the class. */
static inline void notify_event(struct engine *engine, enum announce_class class, const char *event,
                                int db, struct bytes key)
{
    if (engine->announced & (uint32_t) class)
        notify_publish(engine, event, db, key);
}

#endif
