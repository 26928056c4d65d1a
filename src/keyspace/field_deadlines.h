/* SPDX-License-Identifier: MIT */
/*
 * Which hashes of a database have fields that expire, and when the first of each does. The keyspace
 * follows values that it is given by itself; whoever changes deadlines within a hash says so:
 *
 *     hash_deadline_set(database_own(db, entry), field, deadline_ms);
 *     field_deadlines_follow(db, entry);
 *
 * A hash is known here by its key, with a record of its own, so that others pay for nothing but a
 * bit in the entry.
 */
#ifndef UNDERSTUDY_KEYSPACE_FIELD_DEADLINES_H
#define UNDERSTUDY_KEYSPACE_FIELD_DEADLINES_H

#include "keyspace/keyspace.h"
#include "values/hash_deadline.h"

void field_deadlines_init(struct database *db, uint64_t seed);
/* All records go; the entries are not told. */
void field_deadlines_clear(struct database *db);

/* For field_deadlines_follow. */
void field_deadlines_update(struct database *db, struct entry *entry, int64_t deadline_ms);

/* The entry has another value, or its value has changed. */
static inline void field_deadlines_follow(struct database *db, struct entry *entry)
{
    int64_t deadline_ms = hash_deadline_next(entry_value(entry));
    if (deadline_ms != HASH_NO_DEADLINE || entry->flags & ENTRY_FIELDS_EXPIRE)
        field_deadlines_update(db, entry, deadline_ms);
}

/* The entry leaves the database. */
static inline void field_deadlines_forget(struct database *db, struct entry *entry)
{
    if (entry->flags & ENTRY_FIELDS_EXPIRE)
        field_deadlines_update(db, entry, HASH_NO_DEADLINE);
}

/* The earliest of all, and the key of its hash (valid until the record goes); or KEYSPACE_NEVER. */
int64_t field_deadlines_first(const struct database *db, struct bytes *key);

#endif
