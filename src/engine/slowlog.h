/* SPDX-License-Identifier: MIT */
/*
 * The commands that took long: a ring of the latest ones. Embedded by value; all zero is a valid
 * empty log.
 *
 *     if (duration_us >= threshold)
 *         slowlog_add(&engine->slowlog, &call, duration_us, length);
 *     for (size_t i = 0; i < slowlog_count(&engine->slowlog); i++)
 *         show(slowlog_entry(&engine->slowlog, i));            // latest first
 */
#ifndef UNDERSTUDY_ENGINE_SLOWLOG_H
#define UNDERSTUDY_ENGINE_SLOWLOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct call;

struct slowlog_entry {
    uint64_t id;
    int64_t time_s; /* seconds since epoch */
    int64_t duration_us;
    struct bytes
        *argv; /* owned: slices and bytes in one allocation; shortened as SLOWLOG shows it */
    int argc;
    char *address; /* owned: of the client */
    char *name;    /* owned: of the client, "" when it has none */
};

struct slowlog {
    struct slowlog_entry *entries; /* owned ring of capacity */
    size_t capacity;
    size_t count;
    size_t next; /* where the next entry goes */
    uint64_t next_id;
};

/* Logs the call, keeping the latest `limit` entries. */
void slowlog_add(struct slowlog *log, const struct call *call, int64_t duration_us, size_t limit);

static inline size_t slowlog_count(const struct slowlog *log)
{
    return log->count;
}

/* The latest is 0; `index` is less than the count. Valid until the log changes. */
const struct slowlog_entry *slowlog_entry(const struct slowlog *log, size_t index);

/* Forgets all entries; ids go on. */
void slowlog_clear(struct slowlog *log);

#endif
