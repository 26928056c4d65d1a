/* SPDX-License-Identifier: MIT */
/*
 * What keyspace.c and snapshot.c know of a database and nobody else need know. None of these tells
 * a snapshot or a listener anything.
 */
#ifndef UNDERSTUDY_KEYSPACE_KEYSPACE_PRIVATE_H
#define UNDERSTUDY_KEYSPACE_KEYSPACE_PRIVATE_H

#include "keyspace/keyspace.h"

/* An empty database. */
void database_init(struct database *db, struct keyspace *keyspace, int index, uint64_t seed);

/* Takes the entry out of the database, deadline and all, and gives it to the caller; NULL when
 * absent. */
struct entry *database_detach(struct database *db, struct bytes key);

/* Takes an entry whose key is absent, with a deadline or KEYSPACE_NEVER. */
void database_attach(struct database *db, struct entry *entry, int64_t deadline_ms);

/* Exchanges all but the places: keys, deadlines, store. */
void database_exchange(struct database *a, struct database *b);

#endif
