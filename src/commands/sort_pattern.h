/* SPDX-License-Identifier: MIT */
/*
 * The patterns of SORT's BY and GET: "weight_*" names a string for each element, "data_*->field" a
 * field of a hash, "#" the element itself.
 *
 *     struct sort_pattern pattern = sort_pattern_parse(call->argv[i + 1]);
 *     struct sort_lookup lookup = {0};
 *     struct bytes found;
 *     if (sort_pattern_find(call, &pattern, element, &lookup, &found)) ...
 *     buffer_clear(&lookup.key);
 */
#ifndef UNDERSTUDY_COMMANDS_SORT_PATTERN_H
#define UNDERSTUDY_COMMANDS_SORT_PATTERN_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/number.h"
#include "engine/call.h"

struct sort_pattern {
    bool is_element; /* "#" */
    bool has_star;   /* without one it names nothing */
    bool has_field;
    struct bytes before; /* the star, in the key; of argv as the others */
    struct bytes behind;
    struct bytes field;
};

/* What looking up needs for itself. */
struct sort_lookup {
    struct buffer key;                /* owned */
    char digits[NUMBER_INTEGER_SIZE]; /* of a text that is kept as a number */
};

struct sort_pattern sort_pattern_parse(struct bytes text);

/* The hash slot of all keys that the pattern can make. False: they may be of several. */
bool sort_pattern_slot(struct bytes text, int *slot);

/* The text that the pattern names for an element: valid until the lookup is used again or the
 * keyspace changes. False: there is none. */
bool sort_pattern_find(struct call *call, const struct sort_pattern *pattern, struct bytes element,
                       struct sort_lookup *lookup, struct bytes *found);

#endif
