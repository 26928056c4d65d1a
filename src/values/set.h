/* SPDX-License-Identifier: MIT */
/*
 * Set values: integers in an intset, few short members in a listpack, else a table. A set grows
 * from one to the next and never goes back.
 *
 *     struct set_limits limits = {.integers = 512, .entries = 128, .text = 64};
 *     struct value *set = set_new(first_member, 1, &limits);
 *     set_add(set, first_member, &limits);
 *     struct set_iterator iterator;
 *     set_iterator_begin(&iterator, set);
 *     while (set_iterator_next(&iterator, &member)) ...
 *     set_iterator_end(&iterator);
 *
 * A text handed in must not point into the set itself. A text handed out is valid until the set
 * changes or, for a number, until its scratch does.
 */
#ifndef UNDERSTUDY_VALUES_SET_H
#define UNDERSTUDY_VALUES_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/number.h"
#include "base/random.h"
#include "base/table.h"
#include "values/value.h"

struct set_limits {
    size_t integers; /* members of an intset: set-max-intset-entries */
    size_t entries;  /* members of a listpack: set-max-listpack-entries; 0 before 7.2 */
    size_t text;     /* bytes of a listpack's member: set-max-listpack-value */
    uint64_t seed;   /* of the table's hash */
};

struct set {
    struct value head;
    union {
        unsigned char *integers; /* ENCODING_INTSET, owned */
        unsigned char *pack;     /* ENCODING_LISTPACK, owned */
        struct table *members;   /* ENCODING_HASHTABLE, owned; of struct set_member (set.c) */
    };
};

/* One member: either a number or a text. */
struct set_element {
    bool is_integer;
    int64_t integer;
    struct bytes text; /* always set; points into digits for a number */
    char digits[NUMBER_INTEGER_SIZE];
};

struct set_iterator {
    struct set *set;
    size_t index;               /* intset */
    const unsigned char *entry; /* listpack: the next one */
    struct table_iterator table;
};

/* Empty, in the encoding that suits `first` and `expected` members in all. */
struct value *set_new(struct bytes first, size_t expected, const struct set_limits *limits);
struct value *set_new_intset(void);
/* Takes `integers` or `pack` (RESTORE). */
struct value *set_from_intset(unsigned char *integers);
struct value *set_from_pack(unsigned char *pack);

size_t set_count(const struct value *value);

/* Whether the member is new. */
bool set_add(struct value *value, struct bytes member, const struct set_limits *limits);
/* Whether it was there. */
bool set_remove(struct value *value, struct bytes member);
bool set_has(const struct value *value, struct bytes member);

/* The same for a member of another set, whose text need not be read again. */
bool set_add_element(struct value *value, const struct set_element *element,
                     const struct set_limits *limits);
bool set_has_element(const struct value *value, const struct set_element *element);

/* Makes the set a table with room for `count` members, if it isn't one. */
void set_make_table(struct value *value, size_t count, uint64_t seed);

/* A uniformly chosen member; the set must not be empty. */
void set_random(const struct value *value, struct random *random, struct set_element *element);

/* Visits `count` different members chosen by chance; `count` is at most theirs. */
void set_sample(const struct value *value, struct random *random, size_t count,
                void (*visit)(const struct set_element *element, void *context), void *context);

/* All members: ascending in an intset, in order of insertion in a listpack. The set must not change
 * between begin and end; end is required. */
void set_iterator_begin(struct set_iterator *iterator, const struct value *value);
bool set_iterator_next(struct set_iterator *iterator, struct set_element *element);
void set_iterator_end(struct set_iterator *iterator);

/* One step of a scan, as table_scan; other encodings are visited whole and the cursor is 0. */
uint64_t set_scan(const struct value *value, uint64_t cursor,
                  void (*visit)(const struct set_element *element, void *context), void *context);

/* value_class members. */
void set_free(struct value *value);
struct value *set_clone(const struct value *value);
size_t set_memory(const struct value *value, size_t samples);

#endif
