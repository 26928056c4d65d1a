/* SPDX-License-Identifier: MIT */
#include "engine/notify.h"

/* Bits of the directive beside those of enum announce_class: to which channels events go. */
#define ANNOUNCE_KEYSPACE (1U << 0) /* K: __keyspace@0__:key, the event as message */
#define ANNOUNCE_KEYEVENT (1U << 1) /* E: __keyevent@0__:event, the key as message */

static void key_added(void *context, struct database *db, struct bytes key)
{
    notify_event(context, ANNOUNCE_NEW, "new", db->index, key);
}

void notify_configure(struct engine *engine)
{
    uint32_t events = (uint32_t)config_integer(engine->config, CONFIG_NOTIFY_KEYSPACE_EVENTS);
    bool has_channel = events & (ANNOUNCE_KEYSPACE | ANNOUNCE_KEYEVENT);
    engine->announced = has_channel ? events : 0;
    engine->keyspace.listener.added = engine->announced & ANNOUNCE_NEW ? key_added : NULL;
}

static void publish(struct engine *engine, const char *prefix, int db, struct bytes name,
                    struct bytes message)
{
    struct buffer channel = {0};
    buffer_append_format(&channel, "__%s@%d__:", prefix, db);
    buffer_append_bytes(&channel, name);
    pubsub_publish(engine, PUBSUB_CHANNEL, buffer_bytes(&channel), message);
    buffer_clear(&channel);
}

void notify_publish(struct engine *engine, const char *event, int db, struct bytes key)
{
    if (!pubsub_has_listeners(&engine->pubsub))
        return;
    struct bytes name = bytes_of_string(event);
    if (engine->announced & ANNOUNCE_KEYSPACE)
        publish(engine, "keyspace", db, key, name);
    if (engine->announced & ANNOUNCE_KEYEVENT)
        publish(engine, "keyevent", db, name, key);
}
