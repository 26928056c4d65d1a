/* SPDX-License-Identifier: MIT */
/*
 * Which key goes when memory is short: the one used longest ago, the least used, the one that
 * expires next, or any.
 *
 *     struct victims victims = {0};
 *     struct database *db;
 *     struct entry *entry = victims_choose(&victims, keyspace, &rule, &db);
 *     if (entry) database_evict(db, entry, false);
 *     victims_clear(&victims);
 *
 * By deadline the choice is exact, as there is a heap. By use it is Redis's method: some keys of
 * each database are looked at, and the best candidates of former looks are remembered. One that
 * was used since is a candidate no more; a database of few keys is looked at whole.
 */
#ifndef UNDERSTUDY_KEYSPACE_VICTIMS_H
#define UNDERSTUDY_KEYSPACE_VICTIMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "keyspace/keyspace.h"

enum victims_order {
    VICTIMS_BY_USE, /* LRU or LFU, as keyspace->uses_lfu says */
    VICTIMS_BY_DEADLINE,
    VICTIMS_AT_RANDOM,
};

struct victims_rule {
    enum victims_order order;
    bool only_expiring; /* keys without a deadline stay */
    int samples;        /* looked at in each database */
};

#define VICTIMS_CANDIDATES 16

struct victims_candidate {
    int db;
    uint32_t access; /* the entry's, when it was looked at */
    uint32_t merit;  /* the higher, the rather it goes */
    struct buffer key;
};

struct victims {
    struct victims_candidate candidates[VICTIMS_CANDIDATES]; /* by merit, the best one last */
    size_t count;
    int64_t looked_ms; /* when merits were last brought up to date, ms since epoch */
    int last_db;       /* at random: the databases take turns */
};

/* Frees what is remembered; the struct can be used again. Also for another rule. */
void victims_clear(struct victims *victims);

/* NULL when no key may go. */
struct entry *victims_choose(struct victims *victims, struct keyspace *keyspace,
                             const struct victims_rule *rule, struct database **db);

#endif
