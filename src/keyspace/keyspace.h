/* SPDX-License-Identifier: MIT */
/*
 * The databases of one server: key to value, with exact expiry. Knows no clients and answers
 * nobody; what happens by itself (a key that expires) is told to a listener.
 *
 *     struct database *db = keyspace_database(keyspace, 0);
 *     struct entry *entry = database_find(db, key);
 *     if (!entry) database_add(db, key, hash_new());
 *
 * Expiry is exact: keyspace_set_time removes every key and every field of a hash whose deadline
 * has come, in order of deadline, so no lookup ever sees one past its time. The engine calls it
 * before each command.
 */
#ifndef UNDERSTUDY_KEYSPACE_KEYSPACE_H
#define UNDERSTUDY_KEYSPACE_KEYSPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/heap.h"
#include "base/pool.h"
#include "base/random.h"
#include "base/table.h"
#include "keyspace/entry.h"
#include "keyspace/reaper.h"

#define KEYSPACE_NEVER INT64_MAX /* a deadline that never comes */

struct keyspace;
struct slot_index;
struct snapshot;

struct database {
    struct keyspace *keyspace;    /* borrowed */
    int index;                    /* as SELECT takes it */
    int store;                    /* which contents these are: SWAPDB exchanges it with them */
    struct table keys;            /* of struct entry, owned */
    struct heap deadlines;        /* of struct entry, ms since epoch */
    struct table expiring_hashes; /* records of field_deadlines.c, by key; owned */
    struct heap field_deadlines;  /* of those records: when their first fields expire */
    struct slot_index *slots;     /* owned; NULL: there is no cluster whose slots could be asked */
};

struct keyspace_listener {
    void *context;
    /* The key has been removed from the database because its time had come. `key` is valid during
     * the call. May change the keyspace in no way. */
    void (*expired)(void *context, struct database *db, struct bytes key);
    /* The key has been removed to make room: database_evict. The same holds. */
    void (*evicted)(void *context, struct database *db, struct bytes key);
    /* Fields of the hash have been removed because their time had come, and with the last of them
     * the key. The same holds. */
    void (*fields_expired)(void *context, struct database *db, struct bytes key, bool is_emptied);
    /* A field of the hash is about to be removed for that reason; or NULL. The same holds. */
    void (*field_expires)(void *context, struct database *db, struct bytes key, struct bytes field);
    /* The key, absent before, has been added; or NULL. The same holds. */
    void (*added)(void *context, struct database *db, struct bytes key);
    /* snapshot_restore: the key is as it was again. */
    void (*restored)(void *context, struct database *db, struct bytes key);
    /* snapshot_restore: any key may have changed, from `former`'s to what `db` has now. */
    void (*replaced)(void *context, struct database *db, struct database *former);
};

struct keyspace {
    struct database *databases; /* owned array of count */
    int count;
    struct random *random; /* borrowed */
    struct pool *pool;     /* of entries and of what big hashes hold; owned; NULL: none is used */
    struct keyspace_listener listener;
    struct snapshot *nearest_snapshot; /* borrowed; it is told of every change: snapshot.h */
    int64_t now_ms;       /* ms since epoch: the instant that the running command sees */
    int64_t earliest;     /* nothing expires before it, ms since epoch; KEYSPACE_NEVER: none ever */
    struct reaper reaper; /* frees what is big, where laziness is asked for */
    bool is_lazy_on_expiry;    /* lazyfree-lazy-expire */
    bool is_lazy_on_overwrite; /* lazyfree-lazy-server-del */
    bool expiry_is_paused;     /* keys expire when they are looked up: DEBUG SET-ACTIVE-EXPIRE 0 */
    bool keeps_overdue;        /* nothing expires: whoever loads the data says itself what goes */
    bool has_slots;            /* database 0 keeps its keys by hash slot, too */
    bool uses_lfu; /* access holds frequencies rather than times: maxmemory-policy *-lfu */
    int lfu_log_factor;
    int lfu_decay_time;   /* minutes */
    bool counts_growth;   /* maxmemory is set: the next two are kept up */
    bool growth_is_vague; /* what it went down by nobody knows: a flush */
    int64_t
        growth;    /* bytes, about, by which keys that came, went or were replaced have changed what
                      is in use, since it was set to 0. What happens within a big value is left out */
    uint64_t hits; /* reads that found their key */
    uint64_t misses;
    uint64_t expired;        /* keys that expired since the start or CONFIG RESETSTAT */
    uint64_t expired_fields; /* the same of hashes' fields */
    uint64_t evicted;        /* keys that had to make room, likewise */
};

enum database_access {
    ACCESS_READ,  /* counts as hit or miss, refreshes the access time */
    ACCESS_WRITE, /* refreshes the access time */
    ACCESS_LOOK,  /* counts as hit or miss, leaves the access time: EXISTS, TTL, TYPE, OBJECT */
    ACCESS_PEEK,  /* leaves no trace: DEBUG and the like */
};

void keyspace_init(struct keyspace *keyspace, int databases, uint64_t seed, struct random *random);
/* Snapshots must be gone. */
void keyspace_clear(struct keyspace *keyspace);

/* From now on database 0, which has no keys yet, keeps an index of them by hash slot. */
void keyspace_index_slots(struct keyspace *keyspace);

/* Every key of `from` in the same database of `to`, which has none: values are shared,
 * so `from` must live longer than `to`. */
void keyspace_copy(struct keyspace *to, const struct keyspace *from);

/* Databases that are empty hash their keys, and the members of what will be in them, by this seed
 * from now on: equal commands then make equal tables. */
void keyspace_seed(struct keyspace *keyspace, uint64_t seed);

/* NULL when there is no such index. */
struct database *keyspace_database(struct keyspace *keyspace, int64_t index);

/* The moment has come: removes what expires at or before it. Cheap when nothing does. */
void keyspace_set_time(struct keyspace *keyspace, int64_t now_ms);

/* Nothing expires before this instant: the earliest deadline, or one that a removed key had; or
 * KEYSPACE_NEVER. keyspace_set_time at that instant makes it exact again. */
static inline int64_t keyspace_next_deadline(const struct keyspace *keyspace)
{
    return keyspace->expiry_is_paused ? KEYSPACE_NEVER : keyspace->earliest;
}

/* keyspace->earliest is the deadline of a key that there is. */
void keyspace_find_earliest(struct keyspace *keyspace);

/* Exchanges the contents of two databases (SWAPDB). */
void keyspace_swap(struct keyspace *keyspace, int a, int b);

/* --- one database --- */

static inline size_t database_count(const struct database *db)
{
    return table_count(&db->keys);
}

struct entry *database_find(struct database *db, struct bytes key, enum database_access access);

/* Adds a key that is absent; takes `value`. */
struct entry *database_add(struct database *db, struct bytes key, struct value *value);
struct entry *database_add_string(struct database *db, struct bytes key, struct bytes text);

/* Sets a key whether or not it exists, type included; takes `value`. Without `keeps_ttl` a deadline
 * is removed. */
struct entry *database_set(struct database *db, struct bytes key, struct value *value,
                           bool keeps_ttl);
struct entry *database_set_string(struct database *db, struct bytes key, struct bytes text,
                                  bool keeps_ttl);

/* Another value for an entry that is there, deadline kept; returns the entry's new address. */
struct entry *database_replace(struct database *db, struct entry *entry, struct value *value);
struct entry *database_replace_string(struct database *db, struct entry *entry, struct bytes text);
struct entry *database_replace_integer(struct database *db, struct entry *entry, int64_t integer);

/* The right to write: the entry's value if nobody else holds it, else a clone put in its place. For
 * types other than string. */
struct value *database_own(struct database *db, struct entry *entry);

/* Whoever has changed a hash that database_own gave says so: deadlines of its fields may be others
 * now, and a small one goes into the entry. The value is then elsewhere; returns the entry's new
 * address. */
struct entry *database_settle(struct database *db, struct entry *entry);

/* A small hash at the key: in `entry` in the place of one that is embedded there, or added if that
 * is NULL. Returns its entry. */
struct entry *database_put_small(struct database *db, struct bytes key, struct entry *entry,
                                 const struct dense_pack *small);

/* The right to write where the value is, for changes that need no other room: an embedded value
 * that is no string; NULL for all others. */
struct value *database_own_embedded(struct database *db, struct entry *entry);

/* A string's bytes for writing, resized to `size` (zeros after the old end); encoding raw. `*entry`
 * is updated when it moves. */
char *database_own_string(struct database *db, struct entry **entry, size_t size);

/* Whether the key was there. database_unlink has what is big freed by the reaper, so that it takes
 * no time; so does database_delete while the keyspace is lazy on overwriting. */
bool database_delete(struct database *db, struct bytes key);
bool database_unlink(struct database *db, struct bytes key);

/* The key goes to make room; the listener is told. Lazily: what is big is freed by the reaper. */
void database_evict(struct database *db, struct entry *entry, bool lazily);

/* Takes the key out and gives its value to the caller, with the deadline (KEYSPACE_NEVER if none);
 * NULL when absent. For RENAME and MOVE. */
struct value *database_take(struct database *db, struct bytes key, int64_t *deadline_ms);

/* Removes all keys; returns how many. Lazily: they are freed by the reaper. */
size_t database_flush(struct database *db, bool lazily);

/* Whether the key has outlived its deadline, as it may while expiry is paused: to be treated as
 * absent. */
bool database_is_overdue(const struct database *db, const struct entry *entry);

/* The key expires if it is overdue. True: it was. */
bool database_expire_overdue(struct database *db, struct bytes key);

/* ms since epoch, or KEYSPACE_NEVER. */
int64_t database_deadline(const struct database *db, const struct entry *entry);
/* `deadline_ms` may lie in the past: the key goes with the next keyspace_set_time. */
void database_set_deadline(struct database *db, struct entry *entry, int64_t deadline_ms);
/* Whether there was one. */
bool database_clear_deadline(struct database *db, struct entry *entry);

/* Keys that have a deadline. */
size_t database_deadline_count(const struct database *db);
/* Hashes with fields that have one. */
size_t database_expiring_hash_count(const struct database *db);

struct entry *database_random(struct database *db);

/* Access time in the keyspace's present mode. */
int64_t database_idle_seconds(const struct database *db, const struct entry *entry);
uint8_t database_frequency(const struct database *db, const struct entry *entry);
void database_set_idle_seconds(struct database *db, struct entry *entry, int64_t seconds);
void database_set_frequency(struct database *db, struct entry *entry, uint8_t frequency);

#endif
