/* SPDX-License-Identifier: MIT */
/*
 * When and how often a key was used: the 24 bits in an entry that OBJECT IDLETIME and FREQ read and
 * that eviction will sort by. Either the second of the last use (LRU), or minutes of the last decay
 * in 16 bits and a logarithmic counter in 8 (LFU), as keyspace->uses_lfu says.
 */
#ifndef UNDERSTUDY_KEYSPACE_ACCESS_H
#define UNDERSTUDY_KEYSPACE_ACCESS_H

#include "keyspace/keyspace.h"

/* A new key: used now; frequency 5, so that it does not go at once. */
void access_start(struct keyspace *keyspace, struct entry *entry);
/* Looked up, or given a new value. */
void access_touch(struct keyspace *keyspace, struct entry *entry);

#endif
