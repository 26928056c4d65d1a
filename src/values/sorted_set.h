/* SPDX-License-Identifier: MIT */
/*
 * Sorted set values: members ordered by score, then by their bytes. Packed in a listpack while few
 * and short; then a table from member to element, and a counted B+ tree over the elements.
 *
 *     struct value *zset = sorted_set_new();
 *     sorted_set_put(zset, member, 1.5, &limits);
 *     struct sorted_set_range range = sorted_set_range_open(zset, 0, false);
 *     struct sorted_set_element element;
 *     while (sorted_set_range_next(&range, &element)) ...
 *
 * Every range (by rank, score or member) comes down to a rank to start from and a number of
 * elements: sorted_set_count_below and sorted_set_count_before give the ranks. A text handed in
 * must not point into the set itself. A text handed out is valid until the set changes or, for a
 * number, until its scratch does.
 */
#ifndef UNDERSTUDY_VALUES_SORTED_SET_H
#define UNDERSTUDY_VALUES_SORTED_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/number.h"
#include "base/random.h"
#include "base/table.h"
#include "values/order_tree.h"
#include "values/value.h"

/* What a packed sorted set may hold; beyond either it becomes a tree. */
struct sorted_set_limits {
    size_t entries;
    size_t text;                    /* bytes of a member */
    uint64_t seed;                  /* of the table's hash */
    enum number_double_style style; /* how a pack writes scores */
};

/* What sorted_set_put did. */
enum sorted_set_change { SORTED_SET_KEPT, SORTED_SET_MOVED, SORTED_SET_ADDED };

struct sorted_set_index; /* table and tree */

struct sorted_set {
    struct value head;
    union {
        unsigned char *pack;            /* ENCODING_LISTPACK: member, score, ...; owned */
        struct sorted_set_index *index; /* ENCODING_SKIPLIST; owned */
    };
};

struct sorted_set_element {
    struct bytes member;
    double score;
    char digits[NUMBER_INTEGER_SIZE]; /* holds a member that is kept as a number */
};

/* Walks from a rank upwards or downwards. The set must not change meanwhile. */
struct sorted_set_range {
    const struct sorted_set *set;
    bool is_reverse;
    const unsigned char *entry; /* packed: the next member */
    struct order_position position;
};

/* Empty and packed. */
struct value *sorted_set_new(void);
/* Empty, in the encoding that suits `expected` members of up to `longest` bytes. */
struct value *sorted_set_new_for(size_t expected, size_t longest,
                                 const struct sorted_set_limits *limits);
/* Takes a pack of member/score pairs in order (RESTORE). */
struct value *sorted_set_from_pack(unsigned char *pack);
/* An empty table and tree with room for `expected` members. */
struct value *sorted_set_new_index(size_t expected, uint64_t seed);

size_t sorted_set_count(const struct value *value);

/* False when there is no such member. */
bool sorted_set_score(const struct value *value, struct bytes member, double *score);
/* How many come before it; false when there is no such member. */
bool sorted_set_rank(const struct value *value, struct bytes member, size_t *rank, double *score);

/* Adds the member or changes its score (not NaN). */
enum sorted_set_change sorted_set_put(struct value *value, struct bytes member, double score,
                                      const struct sorted_set_limits *limits);
/* Whether it was there. */
bool sorted_set_remove(struct value *value, struct bytes member);
/* Removes `count` elements from a rank on; all must be there. */
void sorted_set_remove_range(struct value *value, size_t rank, size_t count);

/* Makes the set a table and a tree, if it isn't, or packs it again if it fits the limits (the
 * results of ZUNIONSTORE and its kin are packed when they may be). */
void sorted_set_make_index(struct value *value, uint64_t seed);
void sorted_set_pack_if_fits(struct value *value, const struct sorted_set_limits *limits);

/* Elements whose score is less than `score` (or equal, when `inclusive`). */
size_t sorted_set_count_below(const struct value *value, double score, bool inclusive);
/* Elements whose member is less than `member` (or equal), for sets whose scores are all the same.
 */
size_t sorted_set_count_before(const struct value *value, struct bytes member, bool inclusive);

/* From the element with `rank` before it (counted from the front in both directions). */
struct sorted_set_range sorted_set_range_open(const struct value *value, size_t rank,
                                              bool is_reverse);
bool sorted_set_range_next(struct sorted_set_range *range, struct sorted_set_element *element);

/* The element at a rank below the count. */
void sorted_set_at(const struct value *value, size_t rank, struct sorted_set_element *element);

/* How a pack shows this score where it is not a reply (ZSCAN, DUMP): whole numbers by all their
 * digits. Terminated; returns the size. */
size_t sorted_set_format_packed(char out[NUMBER_DOUBLE_SIZE], double score,
                                enum number_double_style style);

/* A uniformly chosen element; the set must not be empty. */
void sorted_set_random(const struct value *value, struct random *random,
                       struct sorted_set_element *element);

/* Visits `count` different elements chosen by chance; `count` is at most theirs. */
void sorted_set_sample(const struct value *value, struct random *random, size_t count,
                       void (*visit)(const struct sorted_set_element *element, void *context),
                       void *context);

/* One step of a scan, as table_scan; a packed set is visited whole and the cursor is 0. */
uint64_t sorted_set_scan(const struct value *value, uint64_t cursor,
                         void (*visit)(const struct sorted_set_element *element, void *context),
                         void *context);

/* The table of one that is no pack: for DEBUG HTSTATS-KEY. */
const struct table *sorted_set_table(const struct value *value);

/* value_class members. */
void sorted_set_free(struct value *value);
struct value *sorted_set_clone(const struct value *value);
size_t sorted_set_memory(const struct value *value, size_t samples);

#endif
