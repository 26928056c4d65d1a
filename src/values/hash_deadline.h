/* SPDX-License-Identifier: MIT */
/*
 * Fields of hashes that expire: each at its own millisecond.
 *
 *     hash_deadline_set(hash, field, deadline_ms, seed);
 *     if (hash_deadline_next(hash) <= now_ms) hash_deadline_expire(hash, now_ms);
 *
 * A packed hash that gets a deadline becomes a pack of triples (ENCODING_LISTPACK_EX) and stays
 * one: field, value, deadline (0: none), in order of deadline with those without one at the end. A
 * table keeps a heap. Nothing here looks at a clock: the keyspace does.
 */
#ifndef UNDERSTUDY_VALUES_HASH_DEADLINE_H
#define UNDERSTUDY_VALUES_HASH_DEADLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "values/hash.h"

/* Whether the hash has the field; `deadline_ms` is then its deadline, or HASH_NO_DEADLINE. */
bool hash_deadline_get(const struct value *value, struct bytes field, int64_t *deadline_ms);

/* Makes room for deadlines without setting one: a pack becomes one of triples. */
void hash_deadline_prepare(struct value *value);

/* Gives a field that is there a deadline in place of the one it may have; HASH_NO_DEADLINE takes it
 * away. It may be long past: the field goes with the next hash_deadline_expire. In a pack the field
 * goes behind others of the same deadline, even if that was its own. `field` must not point into
 * the hash. */
void hash_deadline_set(struct value *value, struct bytes field, int64_t deadline_ms);

/* The earliest of all, or HASH_NO_DEADLINE; also for values of other types. Costs nothing when no
 * field ever had one. */
int64_t hash_deadline_next(const struct value *value);

/* Removes the fields whose deadline is at or before the given one; returns how many. */
size_t hash_deadline_expire(struct value *value, int64_t until_ms);

#endif
