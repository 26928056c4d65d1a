/* SPDX-License-Identifier: MIT */
/*
 * Whether a key holds exactly what a test says, and if not, what the difference is.
 *
 *     struct buffer difference = {0};
 *     if (!value_check(db, key, expected, count, &difference)) complain(buffer_bytes(&difference));
 */
#ifndef UNDERSTUDY_CONTROLS_VALUE_CHECK_H
#define UNDERSTUDY_CONTROLS_VALUE_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/bytes.h"

struct database;

/* The key's whole value, by its type: a string's text; a list's elements in order; a set's members
 * in any order; a hash's fields, each with its value, and a sorted set's members, each with its
 * score, in any order; a stream's entries, each an id followed by its fields and values. Nothing at
 * all stands for a key that is not there. False: the first differences are at the end of
 * `difference`, in one line. */
bool value_check(struct database *db, struct bytes key, const struct bytes *expected, size_t count,
                 struct buffer *difference);

#endif
