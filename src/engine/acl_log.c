/* SPDX-License-Identifier: MIT */
#include "engine/acl_log.h"

#include "base/memory.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "engine/session_lines.h"

#define GROUPING_MS 60000
#define LOOKED_AT   10 /* of the latest entries, for one that the event repeats */

static void remove_entry(struct acl_log *log, struct acl_log_entry *entry)
{
    list_remove(&log->entries, &entry->node);
    memory_free(entry->object);
    memory_free(entry->user);
    memory_free(entry->client);
    memory_free(entry);
}

static char *line_of(const struct session *session)
{
    struct buffer line = {0};
    session_line_append(session, &line);
    buffer_append_byte(&line, '\0');
    return line.data;
}

static struct acl_log_entry *find_same(const struct acl_log *log, const struct acl_log_event *event,
                                       int64_t now_ms)
{
    struct list_node *node = list_first(&log->entries);
    for (int left = LOOKED_AT; node && left > 0; node = list_next(node), left--) {
        struct acl_log_entry *entry = LIST_ENTRY(node, struct acl_log_entry, node);
        int64_t age = now_ms - entry->updated_ms;
        if (entry->reason == event->reason && entry->context == event->context &&
            age <= GROUPING_MS && age >= -GROUPING_MS &&
            bytes_equal(bytes_of(entry->object, entry->object_size), event->object) &&
            bytes_equal(bytes_of(entry->user, entry->user_size), event->user))
            return entry;
    }
    return NULL;
}

void acl_log_add(struct acl_log *log, const struct acl_log_event *event)
{
    const struct engine *engine = event->client->engine;
    int64_t now_ms = engine->now_us / 1000;
    int64_t limit = config_integer(engine->config, CONFIG_ACLLOG_MAX_LEN);
    struct acl_log_entry *entry = find_same(log, event, now_ms);
    log->denied[event->reason]++;
    if (entry) {
        list_remove(&log->entries, &entry->node);
        memory_free(entry->client);
    } else {
        entry = memory_zeroed(sizeof *entry);
        entry->id = log->next_id++;
        entry->reason = event->reason;
        entry->context = event->context;
        entry->created_ms = now_ms;
        entry->object = memory_copy(event->object.data, event->object.size);
        entry->object_size = event->object.size;
        entry->user = bytes_to_string(event->user);
        entry->user_size = event->user.size;
    }
    entry->client = line_of(event->client);
    entry->updated_ms = now_ms;
    entry->count++;
    list_prepend(&log->entries, &entry->node);
    while ((int64_t)list_count(&log->entries) > limit)
        remove_entry(log, LIST_ENTRY(list_last(&log->entries), struct acl_log_entry, node));
}

void acl_log_clear(struct acl_log *log)
{
    while (!list_is_empty(&log->entries))
        remove_entry(log, LIST_ENTRY(list_first(&log->entries), struct acl_log_entry, node));
}
