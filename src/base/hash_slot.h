/* SPDX-License-Identifier: MIT */
/*
 * The hash slot of a cluster that a key, or a shard channel, belongs to.
 *
 *     hash_slot_of(BYTES_LITERAL("{user1000}.following")) ==
 * hash_slot_of(BYTES_LITERAL("user1000"))
 *
 * https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model
 */
#ifndef UNDERSTUDY_BASE_HASH_SLOT_H
#define UNDERSTUDY_BASE_HASH_SLOT_H

#include "base/bytes.h"

#define HASH_SLOTS 16384

/* Of what stands in the first braces, if that is anything; else of the whole key. */
int hash_slot_of(struct bytes key);

#endif
