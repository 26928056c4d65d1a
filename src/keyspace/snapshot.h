/* SPDX-License-Identifier: MIT */
/*
 * The keyspace as it was at a moment: all databases, deadlines and access times. Taking one costs
 * microseconds whatever is stored; going back costs what changed.
 *
 *     struct snapshot *before = snapshot_take(keyspace);
 *     ...                             // anything at all
 *     snapshot_restore(before);       // as if it had never been; again as often as you like
 *     snapshot_free(before);
 *
 * There may be many at once, restored and freed in any order; all must be freed before the
 * keyspace. A snapshot does not copy: it holds that in which it differs. The keyspace tells the
 * nearest one before a key changes for the first time, and that one notes the key's former state
 * (its value is then shared, and database_own clones what is shared). Each other snapshot holds how
 * it differs from a neighbour, so that all of them form a tree whose root is the live keyspace. To
 * restore one is to walk from the root to it, each step turned round behind us.
 */
#ifndef UNDERSTUDY_KEYSPACE_SNAPSHOT_H
#define UNDERSTUDY_KEYSPACE_SNAPSHOT_H

#include "base/bytes.h"
#include "keyspace/keyspace.h"

/* Owned by the caller. */
struct snapshot *snapshot_take(struct keyspace *keyspace);

/* The keyspace is again what it was when the snapshot was taken; its listener is told which keys
 * that concerns (`restored`, `replaced`). What has passed its deadline in the meantime expires with
 * the next keyspace_set_time. Not while a command holds entries or values. */
void snapshot_restore(struct snapshot *snapshot);

/* Accepts NULL. */
void snapshot_free(struct snapshot *snapshot);

/* Bytes that it holds which the keyspace does not need, estimated. */
size_t snapshot_memory(const struct snapshot *snapshot);
/* The same for the nearest one and all that stand behind it. */
size_t snapshot_memory_of_all(const struct snapshot *nearest);

/* --- told by the keyspace, while it has a nearest_snapshot --- */

/* The entry is about to change, or to go. */
void snapshot_note(struct database *db, const struct entry *entry);
/* The key is about to be added. */
void snapshot_note_absent(struct database *db, struct bytes key);
/* All keys are about to go: may take them, so that the database is empty then. */
void snapshot_note_flush(struct database *db);
/* Databases are about to be exchanged. */
void snapshot_note_order(struct keyspace *keyspace);

#endif
