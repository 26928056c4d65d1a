/* SPDX-License-Identifier: MIT */
/*
 * Which keys each hash slot of a cluster has. A database has an index only where there is a
 * cluster (database->slots); keyspace.c keeps it.
 *
 *     slot_index_count(db->slots, slot);
 *     slot_index_visit(db->slots, slot, 10, visit, context);      // the latest come first
 */
#ifndef UNDERSTUDY_KEYSPACE_SLOT_INDEX_H
#define UNDERSTUDY_KEYSPACE_SLOT_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct slot_index;

struct slot_index *slot_index_new(uint64_t seed);
/* Accepts NULL. */
void slot_index_free(struct slot_index *index);

/* A key that is not in it; it is copied. */
void slot_index_add(struct slot_index *index, struct bytes key);
/* A key that is in it. */
void slot_index_remove(struct slot_index *index, struct bytes key);
void slot_index_clear(struct slot_index *index);

size_t slot_index_count(const struct slot_index *index, int slot);
/* At most `limit` keys, borrowed during the call: those that were added last, last first. */
void slot_index_visit(const struct slot_index *index, int slot, size_t limit,
                      void (*visit)(struct bytes key, void *context), void *context);

#endif
